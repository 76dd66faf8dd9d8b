"""The journal of calls: what it lists, what it shows of each, and how it explains answers."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from simulator.control.making import describe
from simulator.core.errors import CATALOGUE
from simulator.gateway.app import make_app
from simulator.worlds import Worlds
from tests.conftest import START, MakeClient
from tests.control.problems import check_problem
from tests.http import BillClient

NOW = "2026-06-03T16:00:00.000+00:00"
REDACTED = "[redacted]"


async def requests(client: BillClient, query: str = "") -> list[dict[str, Any]]:
    """The calls that fit, newest first."""
    answer = await client.control("GET", f"/requests{query}")
    assert answer.status == 200, answer.body
    return list(answer.body["results"])


async def last(client: BillClient) -> dict[str, Any]:
    """All that is told of the last call."""
    [brief] = await requests(client, "?max=1")
    answer = await client.control("GET", f"/requests/{brief['id']}")
    assert answer.status == 200, answer.body
    assert brief.items() <= answer.body.items()
    return dict(answer.body)


def evidence(key: str) -> dict[str, str]:
    known = CATALOGUE[key].evidence
    return {"basis": known.basis, "source": known.source}


async def test_a_success_tells_what_was_written_and_told(client: BillClient) -> None:
    vendor = await client.new_vendor()
    entry = await last(client)
    write = {"resource": "vendors", "id": vendor["id"], "kind": "created"}
    assert {
        name: entry[name] for name in ("time", "method", "path", "query", "status", "codes")
    } == {
        "time": NOW,
        "method": "POST",
        "path": "/connect/v3/vendors",
        "query": {},
        "status": 201,
        "codes": [],
    }
    assert (entry["operation"], entry["parameters"]) == ("POST /connect/v3/vendors", {})
    assert entry["organizationId"] == client.world["organizationId"]
    assert entry["userId"] == client.world["users"][0]["userId"]
    assert entry["writes"] == [write]
    explain = entry["explain"]
    assert (explain["kind"], explain["decidedBy"]) == ("success", "run_operation")
    assert explain["operation"]["evidence"]["basis"] == "documented"
    assert explain["events"] == [{"type": "vendor.created", "id": vendor["id"]}]
    assert explain["writes"] == [write]
    assert f"created {vendor['id']} of vendors" in explain["text"]


async def test_an_entry_shows_bodies_headers_query_and_path(client: BillClient) -> None:
    vendor = await client.new_vendor()
    sent = (await last(client))["request"]
    account = sent["body"]["paymentInformation"]["bankAccount"]
    assert account == {
        "nameOnAccount": "Bill Vendorson",
        "accountNumber": REDACTED,
        "routingNumber": "074000010",
    }
    assert sent["mediaType"] == "application/json"
    assert sent["whole"] is True
    assert {sent["headers"][name] for name in ("devKey", "sessionId")} == {REDACTED}
    await client.get(f"/v3/vendors/{vendor['id']}?a=%20b&token=abc&a=c")
    entry = await last(client)
    assert entry["path"] == f"/connect/v3/vendors/{vendor['id']}"
    assert entry["query"] == {"a": " b,c", "token": REDACTED}
    assert entry["parameters"] == {"vendorId": vendor["id"]}
    assert entry["response"]["body"]["name"] == vendor["name"]
    assert entry["request"]["size"] == 0


async def test_an_untrusted_payment_names_check_rule_and_evidence(client: BillClient) -> None:
    bill = await client.new_bill((await client.new_vendor())["id"])
    assert (await client.pay(bill, 10)).status == 403
    entry = await last(client)
    explain = entry["explain"]
    assert entry["codes"] == ["BDC_1361"]
    assert (explain["kind"], explain["decidedBy"]) == ("refusal", "check_trust")
    assert explain["refusals"] == [
        {
            "key": "BDC_1361",
            "code": "BDC_1361",
            "message": "Untrusted session.",
            "status": 403,
            "evidence": evidence("BDC_1361"),
            "because": {
                "text": "The session has not passed an MFA challenge, nor signed in from a"
                " remembered device."
            },
        }
    ]
    assert [rule["evidence"]["basis"] for rule in explain["rules"]] == ["observed"]
    assert explain["function"] == "simulator.resources.sessions.require_trust"
    assert entry["writes"] == []


async def test_a_wrong_role_names_the_user_s_and_the_roles_allowed(make_client: MakeClient) -> None:
    client = await make_client("AUDITOR")
    assert (await client.post("/v3/vendors", {})).status == 403
    explain = (await last(client))["explain"]
    assert explain["decidedBy"] == "check_role"
    because = explain["refusals"][0]["because"]
    assert because["role"] == "AUDITOR"
    assert because["allowed"] == ["ACCOUNTANT", "ADMINISTRATOR", "CLERK"]


async def test_an_unknown_key_goes_to_the_default_world_s_journal(client: BillClient) -> None:
    await client.get("/v3/bills", headers={"devKey": "01NOBODYSKEY"})
    client.world = {**client.world, "world": "default"}
    entry = await last(client)
    assert (entry["status"], entry["codes"]) == (401, ["BDC_1102"])
    assert entry["explain"]["decidedBy"] == "find_world"
    assert "No world of this server has the key." in entry["explain"]["text"]
    assert "01NOBODYSKEY" not in json.dumps(entry)


async def test_an_expired_session_names_the_instant_it_ended(client: BillClient) -> None:
    await client.get("/v3/bills")
    await client.advance(seconds=35 * 60, sign_in=False)
    assert (await client.get("/v3/bills")).status == 401
    explain = (await last(client))["explain"]
    assert explain["decidedBy"] == "authenticate"
    because = explain["refusals"][0]["because"]
    assert because["ended"] == "2026-06-03T16:35:00.000+00:00"
    assert because["lastCall"] == NOW
    assert "35 minutes" in because["text"]
    await client.get("/v3/bills")
    [refusal] = (await last(client))["explain"]["refusals"]
    assert refusal["because"]["text"].startswith(
        f"World {client.world['world']} has no such session"
    )


async def test_a_limit_names_itself_and_when_it_ends(client: BillClient) -> None:
    await client.control("PATCH", "/limits", {"requestsPerHour": 2})
    assert (await client.get("/v3/bills")).status == 200
    assert (await client.get("/v3/bills")).status == 429
    explain = (await last(client))["explain"]
    assert (explain["kind"], explain["decidedBy"]) == ("limit", "count_call")
    because = explain["refusals"][0]["because"]
    assert (because["limit"], because["allowed"]) == ("requestsPerHour", 2)
    assert because["until"] == "2026-06-03T17:00:00.000+00:00"


async def inject(client: BillClient, **fault: Any) -> str:
    answer = await client.control("POST", "/faults", fault)
    return str(answer.body["id"])


async def test_a_fault_s_refusal_names_the_fault(client: BillClient) -> None:
    fault = await inject(client, effect={"code": "BDC_1107", "status": 503})
    await client.get("/v3/bills")
    entry = await last(client)
    explain = entry["explain"]
    assert (entry["status"], explain["kind"], explain["decidedBy"]) == (503, "fault", "strike")
    assert explain["fault"] == {
        "id": fault,
        "match": {},
        "effect": {"code": "BDC_1107", "status": 503},
    }


async def test_a_delay_is_told_beside_the_answer(client: BillClient) -> None:
    fault = await inject(client, effect={"latencyMs": 1})
    await client.get("/v3/bills")
    explain = (await last(client))["explain"]
    assert explain["kind"] == "success"
    assert f"{fault} delayed the call by 1 ms" in explain["text"]


@pytest.mark.parametrize(("when", "written"), [("before", 0), ("after", 1)])
async def test_a_cut_connection_has_no_status_but_an_explanation(
    client: BillClient, when: str, written: int
) -> None:
    fault = await inject(client, match={"path": "/v3/vendors"}, effect={"drop": when})
    with pytest.raises(aiohttp.ClientError):
        await client.new_vendor()
    entry = await last(client)
    assert (entry["status"], entry["response"]) == (None, {"size": 0})
    assert (entry["explain"]["kind"], entry["explain"]["fault"]["id"]) == ("cut", fault)
    assert f"{fault} cut the connection {when} the work was done" in entry["explain"]["text"]
    assert len(entry["writes"]) == written
    assert [brief["id"] for brief in await requests(client, "?status=cut")] == [entry["id"]]


async def test_each_faulty_field_is_told_with_its_key(client: BillClient) -> None:
    await client.post("/v3/vendors", {"name": ""})
    entry = await last(client)
    explain = entry["explain"]
    assert (entry["status"], entry["codes"]) == (400, [])
    assert explain["decidedBy"] == "validate_body"
    assert {refusal["key"] for refusal in explain["refusals"]} == {"field.blank", "field.null"}
    assert all(refusal["evidence"]["basis"] == "observed" for refusal in explain["refusals"])


async def test_a_refusal_of_the_operation_names_its_function_and_rules(payer: BillClient) -> None:
    bill = await payer.new_bill((await payer.new_vendor())["id"], amount=10)
    refused = await payer.pay(bill, 11)
    assert refused.status == 422
    entry = await last(payer)
    explain = entry["explain"]
    assert (explain["kind"], explain["decidedBy"]) == ("refusal", "run_operation")
    assert entry["codes"] == ["BDC_1159"]
    # Not where it is told twice, but where it was found out.
    assert explain["function"] == "simulator.resources.payment_checks.check_amount"
    assert "told twice" in explain["rules"][0]["text"]
    assert explain["events"] == [{"type": "payment.failed", "id": explain["events"][0]["id"]}]


async def test_an_unknown_id_is_named_with_its_kind_of_record(client: BillClient) -> None:
    await client.get("/v3/bills/00n02NOSUCHBILLaaaaa")
    [refusal] = (await last(client))["explain"]["refusals"]
    assert refusal["because"] == {
        "text": "There is no record 00n02NOSUCHBILLaaaaa of bills in the organization.",
        "resource": "bills",
        "id": "00n02NOSUCHBILLaaaaa",
    }


async def test_a_wrong_password_tells_what_it_wrote_and_no_password(client: BillClient) -> None:
    answer = await client.login(password="not-the-password")
    assert answer.status == 401
    entry = await last(client)
    assert entry["writes"] == [
        {"resource": "failed_logins", "id": client.world["username"], "kind": "created"}
    ]
    assert entry["explain"]["function"] == "simulator.resources.login.login"
    assert "not-the-password" not in json.dumps(entry)


@pytest.mark.parametrize(
    ("method", "path", "status", "key"),
    [
        ("GET", "/connect/v3/spend/reimbursements", 501, "gap"),
        ("GET", "/connect/v3/no-such-thing", 404, "BDC_1121"),
        ("PUT", "/connect/v3/login", 405, "method.unsupported"),
        ("PROPFIND", "/connect/v3/bills", 405, "method.unsupported"),
        ("GET", "/elsewhere", 404, "BDC_1121"),
    ],
)
async def test_paths_without_an_operation_are_told_too(
    client: BillClient, method: str, path: str, status: int, key: str
) -> None:
    assert (await client.call(method, path)).status == status
    entry = await last(client)
    assert (entry["method"], entry["path"], entry["status"]) == (method, path, status)
    explain = entry["explain"]
    assert explain["decidedBy"] == "find_operation"
    assert explain["kind"] == ("gap" if key == "gap" else "refusal")
    assert [refusal["key"] for refusal in explain["refusals"]] == [key]
    assert entry["operation"] == (f"{method} {path}" if key == "gap" else None)


async def test_broken_json_is_shown_up_to_its_fault(client: BillClient) -> None:
    raw = b'{"name": "A", "password": "sesame-street", "taxId": 12-3456789}'
    assert (await client.post("/v3/vendors", raw=raw)).status == 400
    entry = await last(client)
    assert entry["explain"]["decidedBy"] == "validate_body"
    assert entry["explain"]["refusals"][0]["key"] == "json.malformed"
    assert entry["request"]["whole"] is False
    assert entry["request"]["body"] == {"name": "A", "password": REDACTED, "taxId": REDACTED}
    assert "3456789" not in json.dumps(entry)


async def test_what_is_no_json_shows_its_size_alone(client: BillClient) -> None:
    await client.post("/v3/vendors", raw=b"password=sesame-street")
    entry = await last(client)
    assert entry["request"]["size"] == 22
    assert "body" not in entry["request"]
    headers = {"Content-Type": "text/plain"}
    await client.post("/v3/vendors", raw=b"password=sesame-street", headers=headers)
    entry = await last(client)
    assert (entry["status"], entry["explain"]["decidedBy"]) == (415, "read_request")


async def test_files_are_told_by_size_and_type(client: BillClient) -> None:
    bill = await client.new_bill((await client.new_vendor())["id"])
    pdf = b"%PDF-1.4 very private"
    headers = {"Content-Type": "application/octet-stream"}
    path = f"/connect/v3/documents/bills/{bill['id']}?name=a.pdf"
    answer = await client.call("POST", path, raw=pdf, headers=headers)
    assert answer.status == 200, answer.body
    sent = (await last(client))["request"]
    assert {name: sent[name] for name in sent if name != "headers"} == {
        "size": len(pdf),
        "mediaType": "application/octet-stream",
    }


async def test_a_defect_of_the_simulator_is_told_as_one(
    client: BillClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("with a secret: sesame-street")

    monkeypatch.setattr("simulator.core.resource.read_page", fail)
    assert (await client.get("/v3/bills")).status == 500
    explain = (await last(client))["explain"]
    assert (explain["kind"], explain["failure"]) == ("failure", "ZeroDivisionError")
    assert explain["function"].startswith("simulator.core.resource.")
    assert "sesame" not in json.dumps(explain)


async def test_timers_that_ran_before_the_call_are_told(http: aiohttp.ClientSession) -> None:
    worlds = Worlds()
    # A server of its own runs timers that nobody's call runs; here only calls do.
    async with TestServer(make_app(worlds)) as server:
        origin = f"http://127.0.0.1:{server.port}"
        client = BillClient(http, origin, describe(worlds.default, origin))
        await client.login()
        await client.trust()
        bill = await client.new_bill((await client.new_vendor())["id"])
        assert (await client.pay(bill, 10)).status == 201
        clock = worlds.default.clock
        clock.move_to(clock.now() + timedelta(days=2))
        await client.login()
        explain = (await last(client))["explain"]
    assert explain["timersRun"]
    assert {"at", "kind", "args"} == explain["timersRun"][0].keys()
    assert explain["timersRun"][0]["kind"] in explain["text"]


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("operation=POST%20/connect/v3/vendors", ["POST vendors 201", "POST vendors 400"]),
        ("operation=POST%20/v3/vendors", ["POST vendors 201", "POST vendors 400"]),
        ("operation=/v3/bills/{billId}", ["GET bills/x 404"]),
        ("operation=GET%20/v3/spend/budgets", []),
        ("status=404", ["GET bills/x 404", "GET nowhere 404"]),
        ("status=4xx", ["GET bills/x 404", "POST vendors 400", "GET nowhere 404"]),
        ("status=5XX", []),
        ("status=cut", []),
        ("code=BDC_1121", ["GET nowhere 404"]),
        ("code=field.null", ["POST vendors 400"]),
        ("method=get", ["GET bills 200", "GET bills/x 404", "GET nowhere 404"]),
        ("path=/v3/bills*", ["GET bills 200", "GET bills/x 404"]),
        ("path=/connect/v3/bills", ["GET bills 200"]),
        ("since=request-5", ["GET nowhere 404"]),
        ("max=2", ["POST vendors 400", "GET nowhere 404"]),
        ("method=GET&status=4xx&max=1", ["GET nowhere 404"]),
    ],
)
async def test_filters(client: BillClient, query: str, fits: list[str]) -> None:
    await client.new_vendor()
    await client.get("/v3/bills")
    await client.get("/v3/bills/x")
    await client.post("/v3/vendors", {})
    await client.get("/v3/nowhere")
    found = await requests(client, f"?{query}")
    told = [f"{one['method']} {one['path'][12:]} {one['status']}" for one in found]
    assert told == list(reversed(fits))


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        (
            "operation=nothing",
            "operation: 'nothing' is none of BILL's; /_sim/operations lists them.",
        ),
        ("status=600", "status: '600' is none like 422, 4xx or cut."),
        ("status=42", "status: '42' is none like 422, 4xx or cut."),
        ("code=BDC_0", "code: 'BDC_0' is no refusal of BILL's that is known here."),
        ("since=12", "since: '12' is no id like request-12."),
        ("since=request-0", "since: 'request-0' is no id like request-12."),
        ("max=0", "max: '0' is not a number from 1 up."),
        ("max=x", "max: 'x' is not a number from 1 up."),
        ("status=200&status=400", "status: is given more than once."),
        (
            "colour=red",
            "colour: is no filter of requests; there are operation, status, code, method, path,"
            " since, max.",
        ),
    ],
)
async def test_unknown_filters_are_refused(client: BillClient, query: str, detail: str) -> None:
    check_problem(await client.control("GET", f"/requests?{query}"), 400, detail)


async def test_an_unknown_method_is_no_filter(client: BillClient) -> None:
    answer = await client.control("GET", "/requests?method=BREW")
    assert answer.status == 400
    assert answer.body["detail"].startswith("method: 'BREW' is none of ")


@pytest.mark.parametrize("unknown", ["request-99", "request-0", "nothing"])
async def test_an_unknown_request_is_refused(client: BillClient, unknown: str) -> None:
    detail = f"{unknown!r} is no request of {client.world['world']} that is still kept."
    check_problem(await client.control("GET", f"/requests/{unknown}"), 404, detail)


async def test_worlds_have_journals_of_their_own(make_client: MakeClient) -> None:
    one, other = await make_client(), await make_client()
    await one.get("/v3/bills")
    assert [len(await requests(client)) for client in (one, other)] == [2, 1]


async def test_calls_of_the_control_plane_are_not_told(client: BillClient) -> None:
    before = await requests(client)
    await client.control("GET", "/clock")
    await client.control("POST", "/reset", {"nonsense": True})
    assert await requests(client) in (before, [])


async def test_reset_restore_and_fork(client: BillClient) -> None:
    await client.get("/v3/bills")
    await client.control("POST", "/snapshots", {"name": "kept"})
    kept = await requests(client)
    await client.get("/v3/vendors")
    fork = (await client.control("POST", "/fork")).body
    twin = BillClient(client.http, client.origin, fork)
    assert await requests(twin) == []
    await client.control("POST", "/snapshots/kept/restore")
    assert await requests(client) == kept
    await client.control("POST", "/reset")
    assert await requests(client) == []
    await client.login()
    assert [one["id"] for one in await requests(client)] == ["request-1"]


async def test_the_same_seed_and_calls_give_the_same_journal(make_client: MakeClient) -> None:
    told = []
    for _ in range(2):
        client = await make_client(seed=5, start=START)
        await client.new_vendor()
        await client.get("/v3/bills/x")
        everything = [await requests(client), await last(client)]
        text = json.dumps(everything).replace(client.world["world"], "a world")
        told.append(text)
    assert told[0] == told[1]


async def test_every_secret_of_a_course_stays_out_of_the_journal(client: BillClient) -> None:
    """Passwords, sessions, keys, MFA codes, rememberMeIds, account numbers, webhook keys."""
    await client.trust()
    await client.login(**client.remembered)
    codes = (await client.control("GET", "/outbox")).body["results"]
    await client.new_vendor()
    me = client.headers
    body = {
        "name": "mine",
        "status": {"enabled": True},
        "events": [{"type": "bill.created", "version": "1"}],
        "notificationUrl": "https://receiver.example/hook",
    }
    path = "/connect-events/v3/subscriptions"
    made = await client.call("POST", path, body, headers={"X-Idempotent-Key": str(uuid4())})
    assert made.status == 200, made.body
    await client.get("/v3/bills", headers={"sessionId": "a-session-of-nobody"})
    secrets = {
        client.world["devKey"],
        client.world["users"][0]["password"],
        *me.values(),
        client.remembered["rememberMeId"],
        *(code["code"] for code in codes if code.get("code")),
        "111222333",
        made.body["securityKey"],
        "a-session-of-nobody",
    }
    told = json.dumps(await requests(client))
    for one in await requests(client):
        told += json.dumps((await client.control("GET", f"/requests/{one['id']}")).body)
    assert [secret for secret in secrets if secret in told] == []
    assert len(secrets) >= 9


async def test_five_faults_are_told_in_words_and_all_as_data(client: BillClient) -> None:
    assert (await client.post("/v3/vendors/bulk", [{}] * 4)).status == 400
    explain = (await last(client))["explain"]
    assert len(explain["refusals"]) == 8
    assert explain["text"].count("Without a code: ") == 5
    assert " And 3 more." in explain["text"]
