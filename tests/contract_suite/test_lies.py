"""The contract suite catches a server that lies about BILL, and passes an honest one.

All runs are runs of the sandbox target: the suite knows an address and credentials, and
not that a simulator stands behind them.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from contract_tests.conftest import CALLS_PER_HOUR
from simulator.core.errors import CATALOGUE
from simulator.drift import drift
from simulator.reports import read_report
from simulator.resources.catalogue import operations
from tests.conftest import MakeClient
from tests.contract_suite.liar import LIES, Call, Liar, Lie, Reply, lying, no_lie
from tests.contract_suite.running import (
    Run,
    challenge,
    credentials,
    device,
    finish,
    free_port,
    run,
    start,
    webhooks,
)
from tests.http import BillClient
from tests.mission import NAMES

SANDBOX = ("contract_tests", "--target", "sandbox", "--calls-per-hour", "100000")

# Each lie, and a check that catches it.
CAUGHT_BY = {
    "a_cent_off": "test_a_bill_costs_the_sum_of_its_lines",
    "a_wrong_status": "test_a_new_vendor_has_the_members_that_were_sent",
    "a_lost_cursor": "test_all_pages_together_hold_every_record_once",
    "a_wrong_code": "test_an_unknown_vendor_is_refused",
    "an_untrusted_session_that_pays": "test_a_session_that_is_not_trusted_may_not_pay",
    "an_archive_that_forgets": "test_an_archived_vendor_stays_archived",
    "a_dead_session_that_is_forbidden": "test_a_session_that_signed_out_is_dead",
    "a_page_that_repeats_a_record": "test_all_pages_together_hold_every_record_once",
    "a_null_that_bill_leaves_out": "test_a_new_vendor_has_bills_shape_and_no_null",
    "a_wrong_signature": "test_a_test_event_is_delivered_with_the_keys_signature",
}
# For the setup of the phone, and for the challenge.
TEXTS_OF_THE_OWNER = 2
# What an honest run cannot check: that takes minutes of BILL's time, or a flag.
NOT_RUN = {
    "test_a_challenge_has_an_id",
    "test_a_document_has_bills_shape_and_the_name_it_was_sent_with",
    "test_a_document_is_downloaded_as_it_was_sent",
    "test_more_than_three_calls_at_once_are_refused",
}


@pytest.fixture
async def owner(make_client: MakeClient) -> BillClient:
    """The owner of the account that is tested; the clock runs, as BILL's does."""
    client = await make_client(trusted=True, start=None)
    # The owner's calls and those of the run are not to be too many texts a minute.
    await client.control("PATCH", "/limits", {"textsPerMinute": None})
    return client


@dataclass(frozen=True)
class Told:
    """A run against a liar, and the liar."""

    run: Run
    liar: Liar


async def tell(owner: BillClient, lie: Lie, directory: Path, *arguments: str) -> Told:
    port = free_port()
    async with lying(owner.origin, lie, owner.headers["sessionId"]) as liar:
        environment = {**credentials(owner, liar.url), **device(owner), **webhooks(port)}
        more = ("--patience", "5", "--webhook-port", str(port))
        return Told(
            await run(directory, *SANDBOX, *more, *arguments, environment=environment), liar
        )


async def test_an_honest_server_passes(owner: BillClient, tmp_path: Path) -> None:
    """A whole run, which is signed in by a code; what it left is looked at afterwards."""
    port = free_port()
    async with lying(owner.origin, no_lie) as honest:
        environment = {
            **credentials(owner, honest.url),
            **await challenge(owner),
            **webhooks(port),
        }
        more = ("--allow-payments", "--patience", "1", "--webhook-port", str(port))
        done = await run(tmp_path, *SANDBOX, *more, environment=environment)
    assert done.code == 0, done.printed
    outcomes = done.outcomes
    assert {name.split("::")[1] for name, told in outcomes.items() if told != "passed"} == NOT_RUN
    assert len(outcomes) >= 120
    assert done.report["calls"] < CALLS_PER_HOUR
    check_behaviours(done)
    await check_left(owner, done)
    # Another account, another server, another way in: the snapshots tell of none of these.
    simulated = await run(tmp_path / "simulator", "contract_tests")
    assert simulated.code == 0, simulated.printed
    both = [read_report(one.directory / "report.json") for one in (done, simulated)]
    assert drift(*both).differences == ()


def check_behaviours(done: Run) -> None:
    """Checks are about what the simulator declares, and about the whole mission."""
    about = {one for check in done.report["checks"] for one in check["behaviours"]}
    assert about - operations().keys() - CATALOGUE.keys() == set()
    mission = {name.replace(" ", " /connect", 1) for name in NAMES}
    assert mission - about == set()
    assert [check["id"] for check in done.report["checks"] if not check["behaviours"]] == []


async def check_left(owner: BillClient, done: Run) -> None:
    """Nothing is left but what BILL cannot take back, and the report tells of that."""
    assert done.report["left"] == []
    stays = {told.rsplit("/", 1)[1] for told in done.report["stays"]}
    assert len(stays) == 2
    for path in ("vendors", "bills", "customers", "invoices"):
        listed = (await owner.get(f"/v3/{path}?filters=archived:eq:false&max=100")).body
        assert {one["id"] for one in listed["results"]} <= stays, path
    payments = (await owner.get("/v3/payments?max=100")).body["results"]
    assert payments
    assert {one["singleStatus"] for one in payments} == {"CANCELED"}
    assert (await owner.get("/v3/bill-approvals/policies")).body == []
    events = await owner.call("GET", "/connect-events/v3/subscriptions")
    assert events.body == {"results": []}


@pytest.mark.parametrize("name", LIES)
async def test_a_lie_is_caught(owner: BillClient, tmp_path: Path, name: str) -> None:
    told = await tell(owner, LIES[name], tmp_path, "-k", CAUGHT_BY[name])
    assert told.run.code == 1, told.run.printed
    assert CAUGHT_BY[name] in told.run.failed


def test_every_lie_names_the_check_that_catches_it() -> None:
    assert list(CAUGHT_BY) == list(LIES)


async def test_a_run_that_fails_takes_its_records_back(owner: BillClient, tmp_path: Path) -> None:
    told = await tell(owner, LIES["a_cent_off"], tmp_path, "-k", CAUGHT_BY["a_cent_off"])
    assert told.run.failed
    assert told.run.report["left"] == []
    for path in ("vendors", "bills"):
        listed = (await owner.get(f"/v3/{path}?max=100")).body["results"]
        assert listed
        assert {one["archived"] for one in listed} == {True}, path


async def never_archives(liar: Liar, call: Call) -> Reply:
    """Nothing that is to be archived can be found."""
    if call.path.endswith("/archive"):
        call = replace(call, target="/connect/v3/vendors/00902AAAAAAAAAAzzzzz/archive")
    return await liar.honest(call)


async def test_records_that_cannot_be_taken_back_are_told(
    owner: BillClient, tmp_path: Path
) -> None:
    check = "test_a_new_vendor_is_not_archived"
    told = await tell(owner, never_archives, tmp_path, "-k", check)
    assert told.run.code == 1
    assert set(told.run.outcomes.values()) == {"passed"}
    assert "not taken back" in told.run.printed
    assert [one.split("/")[2] for one in told.run.report["left"]] == ["vendors"]


async def adds_nonsense(liar: Liar, call: Call) -> Reply:
    """Whatever has a shape has a null too many."""
    reply = await liar.honest(call)
    if reply.status < 300 and reply.body.startswith(b"{"):
        return reply.saying({**reply.json, "nonsense": None})
    return reply


async def test_no_secret_gets_into_reports_and_failures(owner: BillClient, tmp_path: Path) -> None:
    """The checks that fail know passwords, keys, sessions and account numbers."""
    checks = "test_sessions or test_mfa or bank_account"
    told = await tell(owner, adds_nonsense, tmp_path, "-k", checks, "-l", "-vvvv")
    assert told.run.failed
    secrets = {
        value
        for name, value in {**credentials(owner, ""), **device(owner)}.items()
        if name.endswith(("PASSWORD", "KEY", "ME_ID"))
    }
    secrets |= {one for one in told.liar.met if len(one) > 10} | {"111222333"}
    assert len(secrets) > 6
    texts = [told.run.printed, told.run.read("report.json"), told.run.read("report.html")]
    assert [secret for secret in secrets for text in texts if secret in text] == []


async def test_missing_credentials_are_told_before_any_call(tmp_path: Path) -> None:
    # Nothing listens there: a call would fail in another way.
    environment = {"BILL_USERNAME": "x", "BILL_BASE_URL": "http://127.0.0.1:9/connect"}
    done = await run(tmp_path, *SANDBOX, environment=environment)
    assert done.code == pytest.ExitCode.USAGE_ERROR
    for missing in ("BILL_PASSWORD", "BILL_ORGANIZATION_ID", "BILL_DEV_KEY"):
        assert f"  {missing}: " in done.printed
    assert "BILL_USERNAME" not in done.printed
    assert "Traceback" not in done.printed


async def test_a_sandbox_is_not_called_by_several_processes(tmp_path: Path) -> None:
    done = await run(tmp_path, *SANDBOX, "-n", "2")
    assert done.code == pytest.ExitCode.USAGE_ERROR
    assert "one call at a time" in done.printed


async def test_a_refused_sign_in_ends_the_run(owner: BillClient, tmp_path: Path) -> None:
    environment = {**credentials(owner, owner.origin), "BILL_PASSWORD": "wrong-password"}
    done = await run(tmp_path, *SANDBOX, "-k", "vendor", environment=environment)
    assert done.code == pytest.ExitCode.USAGE_ERROR
    assert "BILL refuses the sign-in: 401" in done.printed
    assert "wrong-password" not in done.printed


async def test_without_a_way_through_mfa_checks_that_need_it_are_skipped(
    owner: BillClient, tmp_path: Path
) -> None:
    environment = credentials(owner, owner.origin)
    done = await run(tmp_path, *SANDBOX, "-k", "test_payments", environment=environment)
    assert done.code == 0, done.printed
    skipped = [one for one in done.report["checks"] if one["outcome"] == "skipped"]
    assert len(skipped) > 10
    assert {one["reason"] for one in skipped} <= {
        "no MFA code: neither BILL_MFA_CODE nor a terminal to ask on",
        "schedules a payment: runs with --allow-payments only",
    }
    # No text message was spent on it.
    texts = (await owner.control("GET", "/outbox?kind=sms")).body["results"]
    assert len(texts) == TEXTS_OF_THE_OWNER


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
async def test_a_person_at_a_terminal_is_asked_for_the_code(
    owner: BillClient, tmp_path: Path
) -> None:
    terminal, end = os.openpty()
    check = "test_a_session_that_passed_mfa_says_complete"
    environment = credentials(owner, owner.origin)
    process = await start(tmp_path, *SANDBOX, "-k", check, environment=environment, stdin=end)
    os.close(end)
    assert process.stdout is not None
    await process.stdout.readuntil(b"MFA code that BILL has just sent: ")
    os.write(terminal, (await owner.code()).encode() + b"\n")
    done = await finish(process, tmp_path)
    os.close(terminal)
    assert done.code == 0, done.printed
    assert set(done.outcomes.values()) == {"passed"}


async def test_a_run_without_payments_schedules_none(owner: BillClient, tmp_path: Path) -> None:
    environment = {**credentials(owner, owner.origin), **device(owner)}
    checks = "test_payments or test_customers or test_bank_accounts"
    done = await run(tmp_path, *SANDBOX, "-k", checks, environment=environment)
    assert done.code == 0, done.printed
    for path in ("payments", "receivable-payments"):
        assert (await owner.get(f"/v3/{path}")).body == {"results": []}
    banks = (await owner.get("/v3/funding-accounts/banks")).body["results"]
    assert len(banks) == 1
