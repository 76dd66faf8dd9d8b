"""A run calls BILL no more often than it may, and comes back when BILL is busy."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from contract_tests.accounts import Credentials
from contract_tests.budget import HOUR, Budget, pauses
from contract_tests.client import Bill, Recorder
from contract_tests.redaction import Redaction


@dataclass
class Day:
    """A clock that moves only when somebody sleeps."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def budget(day: Day, per_hour: int) -> Budget:
    return Budget(per_hour, now=lambda: day.now, sleep=day.sleep)


async def test_calls_beyond_the_budget_wait_for_the_hour_to_pass() -> None:
    day = Day()
    calls = budget(day, 3)
    begun = []
    for _ in range(7):
        async with calls.call():
            begun.append(day.now)
            day.now += 10
    assert begun == [0, 10, 20, HOUR, HOUR + 10, HOUR + 20, 2 * HOUR]
    assert calls.calls == 7


async def test_calls_run_one_at_a_time() -> None:
    calls = budget(Day(), 100)
    running, most = 0, 0

    async def one() -> None:
        nonlocal running, most
        async with calls.call():
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(one() for _ in range(5)))
    assert most == 1


def test_pauses_double_and_end() -> None:
    assert list(pauses(jitter=lambda: 0.5)) == [1.5, 2.5, 4.5, 8.5, 16.5]


def test_pauses_differ_from_run_to_run() -> None:
    assert list(pauses()) != list(pauses())


Answers = list[tuple[int, Any]]


def refusal(code: str) -> list[dict[str, str]]:
    return [{"code": code, "message": "", "severity": "ERROR", "category": "DOWNSTREAM"}]


async def ask(answers: Answers, method: str, path: str) -> tuple[int, int, list[float]]:
    """The status in the end, how many calls it took, and what was waited between them."""
    left = list(answers)

    async def answer(request: web.Request) -> web.Response:
        status, body = left.pop(0)
        return web.json_response(body, status=status)

    app = web.Application()
    app.router.add_route("*", "/{way:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    day = Day()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/connect"
    async with aiohttp.ClientSession() as http:
        credentials = Credentials(url, "008", "somebody", "password", "key")
        bill = Bill(http, credentials, budget(day, 100), Recorder(Redaction()))
        found = await bill.call(method, path, {})
        await runner.cleanup()
        return found.status, bill.budget.calls, day.slept


@pytest.mark.parametrize(
    "busy",
    [
        (429, refusal("BDC_1144")),
        (429, refusal("BDC_1322")),
        (422, refusal("BDC_1144")),
        (422, refusal("BDC_1322")),
        (429, {"message": "Too many requests"}),
    ],
)
async def test_a_call_that_bill_is_too_busy_for_is_sent_again(busy: tuple[int, Any]) -> None:
    status, calls, slept = await ask([busy, busy, (201, {})], "POST", "/v3/vendors")
    assert (status, calls) == (201, 3)
    assert 1 <= slept[0] < 2 <= slept[1] < 3


async def test_a_call_that_bill_stays_too_busy_for_is_given_up() -> None:
    busy = (429, refusal("BDC_1322"))
    status, calls, _ = await ask([busy] * 10, "GET", "/v3/vendors")
    assert (status, calls) == (429, 6)


@pytest.mark.parametrize(
    ("method", "path", "calls"),
    [
        ("GET", "/v3/vendors", 2),
        ("PUT", "/v3/bills/x", 2),
        ("POST", "/v3/bills/x/archive", 2),
        ("POST", "/v3/login", 2),
        # It may have been carried out: a second one would make a second record.
        ("POST", "/v3/bills", 1),
        ("POST", "/v3/payments", 1),
        ("POST", "/v3/payments/x/cancel", 1),
        ("PATCH", "/v3/bills/x", 1),
    ],
)
async def test_after_a_failure_only_what_may_be_repeated_is(
    method: str, path: str, calls: int
) -> None:
    assert (await ask([(502, {}), (200, {})], method, path))[1] == calls


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 422, 501])
async def test_any_other_answer_is_taken_as_it_is(status: int) -> None:
    found, calls, slept = await ask([(status, [])], "GET", "/v3/vendors")
    assert (found, calls, slept) == (status, 1, [])
