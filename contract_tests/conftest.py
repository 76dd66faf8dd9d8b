"""Options, fixtures and the report of a contract run."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from contract_tests.accounts import (
    Account,
    UnusableAccount,
    sandbox_from,
)
from contract_tests.budget import Budget
from contract_tests.client import Answer, Bill, Recorder
from contract_tests.records import BANKS, Records
from contract_tests.redaction import Redaction
from contract_tests.reporting import SUITE, Contract, ReportPlugin
from contract_tests.webhooks import Receiver, receiving

CALLS_PER_HOUR = 1500
PATIENCE = 300.0
HERE = Path(__file__).parent
_session = pytest_asyncio.fixture(scope="session", loop_scope="session")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract", "contract tests against BILL's API")
    group.addoption(
        "--target",
        choices=("simulator", "sandbox"),
        default="simulator",
        help="what the contract tests run against (default: simulator)",
    )
    group.addoption(
        "--allow-payments",
        action="store_true",
        help="on a sandbox, also run checks that schedule payments, charges and test deposits",
    )
    group.addoption(
        "--allow-concurrency",
        action="store_true",
        help="on a sandbox, also run the check that sends more than three calls at once",
    )
    group.addoption(
        "--calls-per-hour",
        type=int,
        default=CALLS_PER_HOUR,
        metavar="N",
        help=f"most calls in an hour (default: {CALLS_PER_HOUR})",
    )
    group.addoption(
        "--patience",
        type=float,
        default=PATIENCE,
        metavar="SECONDS",
        help=f"how long to wait for BILL to process an upload (default: {PATIENCE:g})",
    )
    group.addoption(
        "--webhook-port",
        type=int,
        default=0,
        metavar="PORT",
        help="port of this machine that BILL_WEBHOOK_URL leads to (default: any)",
    )
    group.addoption(
        "--report-dir",
        type=Path,
        metavar="DIR",
        help="where report.json and report.html go (default: build/contract/TARGET)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "behaviour(*ids): the operations and refusals of BILL that a check is about"
    )
    target = config.getoption("target", "simulator")
    contract = Contract(
        target=target,
        base_url="" if target == "simulator" else os.environ.get("BILL_BASE_URL", ""),
        run=secrets.token_hex(4),
        payments=target == "simulator" or config.getoption("allow_payments", False),
        concurrency=target == "simulator" or config.getoption("allow_concurrency", False),
        calls_per_hour=config.getoption("calls_per_hour", CALLS_PER_HOUR),
        patience=config.getoption("patience", PATIENCE),
        webhook_port=config.getoption("webhook_port", 0),
        directory=config.getoption("report_dir", None)
        or config.rootpath / "build" / "contract" / target,
        recorder=Recorder(Redaction()),
    )
    config.stash[SUITE] = contract
    if target == "sandbox":
        if getattr(config.option, "numprocesses", None):
            raise pytest.UsageError("--target sandbox runs one call at a time; leave out -n")
        if contract.calls_per_hour < 1:
            raise pytest.UsageError("--calls-per-hour must be at least 1")
        try:
            contract.account = sandbox_from(os.environ, Terminal(config))
        except UnusableAccount as told:
            raise pytest.UsageError(str(told)) from None
        contract.base_url = contract.account.credentials.base_url
        contract.recorder.redaction = Redaction(contract.account.credentials.secrets)
    config.pluginmanager.register(ReportPlugin(contract, HERE), "contract-report")


class Terminal:
    """Asks the person who started the run; pytest has taken the terminal otherwise."""

    def __init__(self, config: pytest.Config) -> None:
        self._capture = config.pluginmanager.getplugin("capturemanager")

    @contextmanager
    def _given_back(self) -> Iterator[None]:
        self._capture.suspend(in_=True)
        try:
            yield
        finally:
            self._capture.resume()

    def is_there(self) -> bool:
        with self._given_back():
            return sys.stdin.isatty()

    async def tell(self, question: str) -> str:
        with self._given_back():
            return (await asyncio.to_thread(input, f"\n{question}")).strip()


@_session
async def contract(request: pytest.FixtureRequest) -> Contract:
    """What this run may do."""
    return request.config.stash[SUITE]


@_session
async def account(contract: Contract) -> AsyncIterator[Account]:
    """The account that the checks run against."""
    if contract.account is not None:
        yield contract.account
        return
    # Only here: the sandbox target does without the simulator.
    from contract_tests.simulated import simulated_account

    async with simulated_account() as account:
        contract.recorder.redaction = Redaction(account.credentials.secrets)
        yield account


@_session
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        yield session


@_session
async def visitor(contract: Contract, account: Account, http: aiohttp.ClientSession) -> Bill:
    """Nobody yet: no session."""
    contract.budget = Budget(contract.calls_per_hour)
    return Bill(http, account.credentials, contract.budget, contract.recorder)


@_session
async def bill(visitor: Bill) -> Bill:
    """An administrator's session that has not passed MFA."""
    session = visitor.another()
    answer = await session.login()
    if answer.status != 200:
        pytest.exit(f"BILL refuses the sign-in: {answer.status} {answer.body}", returncode=4)
    return session


@_session
async def challenge(bill: Bill, account: Account) -> tuple[Bill, list[Answer]]:
    """A session that passed MFA by a code, and BILL's answers on the way."""
    credentials = account.credentials
    if credentials.remember_me_id and not account.challenge_id:
        pytest.skip("BILL_REMEMBER_ME_ID is set, so no code is asked for")
    if not account.can_tell_code():
        pytest.skip("no MFA code: neither BILL_MFA_CODE nor a terminal to ask on")
    session = bill.another()
    await session.login()
    answers = []
    challenge_id = account.challenge_id
    if not challenge_id:
        answers.append(await session.post("/v3/mfa/challenge", {}))
        if answers[0].status != 200:
            pytest.skip(f"no MFA challenge: {answers[0].status} {answers[0].codes}")
        challenge_id = answers[0].body["challengeId"]
    code = await account.code()
    body = {
        "challengeId": challenge_id,
        "token": code,
        "device": "contract-tests",
        "rememberMe": True,
    }
    answers.append(await session.post("/v3/mfa/challenge/validate", body))
    if answers[-1].status != 200:
        pytest.skip(f"the MFA code was refused: {answers[-1].status} {answers[-1].codes}")
    return session, answers


@_session
async def remembered(bill: Bill, account: Account) -> Bill:
    """A session that passed MFA by the device that BILL_REMEMBER_ME_ID names."""
    credentials = account.credentials
    session = bill.another()
    device = {"rememberMeId": credentials.remember_me_id, "device": credentials.device}
    answer = await session.login(**device)
    if answer.status == 200 and answer.body.get("trusted") is not True:
        answer = await session.post("/v3/mfa/step-up", device)
    if answer.status != 200 or answer.body.get("trusted") is not True:
        pytest.skip("BILL does not trust BILL_REMEMBER_ME_ID with BILL_DEVICE")
    return session


@pytest.fixture(scope="session")
def payer(account: Account, request: pytest.FixtureRequest) -> Bill:
    """A session that may pay."""
    if account.credentials.remember_me_id:
        session: Bill = request.getfixturevalue("remembered")
        return session
    passed: Bill = request.getfixturevalue("challenge")[0]
    return passed


@_session
async def records(contract: Contract, bill: Bill) -> AsyncIterator[Records]:
    """Makes records; when the run ends, they are archived, whatever happened."""
    kept = Records(bill, contract.run)
    contract.own = kept.own
    yield kept
    contract.left = await kept.take_back()
    contract.stays = [str(one) for one in kept.made if one.id in kept.stays]
    if contract.left:
        pytest.fail("not taken back:\n" + "\n".join(contract.left), pytrace=False)


@_session
async def bank_account_id(bill: Bill) -> str:
    """The account to pay from."""
    answer = await bill.get(f"{BANKS}?max=100")
    ready = [
        one["id"]
        for one in answer.body["results"]
        if one["status"] == "VERIFIED" and not one["archived"]
    ]
    if not ready:
        pytest.skip("the organization has no verified bank account to pay from")
    return str(ready[0])


@_session
async def mfa_required(bill: Bill) -> None:
    """Skips where the developer key spares all users MFA."""
    if (await bill.get("/v3/login/session")).body.get("mfaBypass"):
        pytest.skip("the developer key is set to bypass MFA")


@_session
async def receiver(contract: Contract) -> AsyncIterator[Receiver]:
    """Where the target sends webhooks to."""
    url = os.environ.get("BILL_WEBHOOK_URL", "") if contract.target == "sandbox" else ""
    if contract.target == "sandbox" and not url:
        pytest.skip("no BILL_WEBHOOK_URL that leads from BILL to this machine")
    async with receiving(url, contract.webhook_port) as found:
        yield found


@pytest.fixture
def money(contract: Contract) -> None:
    """For checks that let money move, if only in a sandbox."""
    if not contract.payments:
        pytest.skip("schedules a payment: runs with --allow-payments only")


@pytest.fixture
def crowd(contract: Contract) -> None:
    """For the check that sends many calls at once."""
    if not contract.concurrency:
        pytest.skip("sends many calls at once: runs with --allow-concurrency only")
