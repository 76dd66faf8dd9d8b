"""BILL's limits on the world's clock, at their edges, over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest

from tests.conftest import MakeClient
from tests.http import Answer, BillClient
from tests.refusals import check_refused


async def allow(client: BillClient, **limits: Any) -> None:
    answer = await client.control("PATCH", "/limits", limits)
    assert answer.status == 200, answer.body


async def test_bills_limits_are_in_force_from_the_start(client: BillClient) -> None:
    limits = (await client.control("GET", "/limits")).body
    assert limits.pop("used")["loginsPerHour"] == 1
    assert limits == {
        "requestsPerHour": 20000,
        "loginsPerHour": 200,
        "concurrent": 3,
        "textsPerMinute": 5,
        "spendPerMinute": 60,
        "status": 429,
    }


# Half a minute before a minute ends, and a minute and a half before an hour does.
BEFORE = "2026-06-03T16:58:30+00:00"
PER_HOUR, PER_MINUTE = "2026-06-03T17:00:00+00:00", "2026-06-03T16:59:00+00:00"
HOURLY = "Max number of allowed requests per hour reached: {}."

Call = Callable[[BillClient], Awaitable[Answer]]


def by_token(client: BillClient, path: str = "/connect/v3/spend/budgets") -> Awaitable[Answer]:
    """A call with the apiToken alone."""
    plain = replace(client, headers={"apiToken": client.world["apiToken"]})
    return plain.call("GET", path)


# For each limit: a call that is counted, its status, the refusal and the end of the window.
WINDOWS = {
    "requestsPerHour": (lambda client: client.get("/v3/bills"), 200, "BDC_1144", HOURLY, PER_HOUR),
    "loginsPerHour": (lambda client: client.login(), 200, "BDC_1144", HOURLY, PER_HOUR),
    "textsPerMinute": (
        lambda client: client.post("/v3/mfa/challenge", {}),
        200,
        None,
        "Max number of text messages per minute reached: {}.",
        PER_MINUTE,
    ),
    "spendPerMinute": (
        by_token,
        501,
        None,
        "Max number of allowed requests per minute reached: {}.",
        PER_MINUTE,
    ),
}
EVERY_WINDOW = pytest.mark.parametrize(
    ("limit", "call", "passed", "code", "message", "end"),
    [pytest.param(name, *case, id=name) for name, case in WINDOWS.items()],
)


async def used(client: BillClient, limit: str) -> int:
    return int((await client.control("GET", "/limits")).body["used"][limit])


async def state(client: BillClient) -> list[Any]:
    """All that a refused call must leave alone, asked of the control plane, which is not counted.

    How many records there are, what differs since the beginning, and what was sent.
    """
    counts = (await client.control("GET", "")).body["counts"]
    told = [(await client.control("GET", path)).body for path in ("/diff", "/outbox")]
    # A table that was only looked at counts nothing.
    return [{name: count for name, count in counts.items() if count}, *told]


@EVERY_WINDOW
async def test_a_limit_at_its_edge(
    make_client: MakeClient,
    limit: str,
    call: Call,
    passed: int,
    code: str | None,
    message: str,
    end: str,
) -> None:
    client = await make_client(trusted=True, start=BEFORE)
    most = await used(client, limit) + 2
    await allow(client, **{limit: most})
    for _ in range(2):
        assert (await call(client)).status == passed
    assert await used(client, limit) == most

    before = await state(client)
    refused = await call(client)
    check_refused(refused, 429, (code, message.format(most)))
    assert await state(client) == before
    assert await used(client, limit) == most

    last = (datetime.fromisoformat(end) - timedelta(seconds=1)).isoformat()
    await client.advance(to=last, sign_in=False)
    assert (await call(client)).status == 429
    await client.advance(to=end, sign_in=False)
    assert await used(client, limit) == 0
    assert (await call(client)).status == passed
    assert await used(client, limit) == 1


@EVERY_WINDOW
async def test_a_limit_can_be_switched_off_and_answer_with_another_status(
    make_client: MakeClient,
    limit: str,
    call: Call,
    passed: int,
    code: str | None,
    message: str,
    end: str,
) -> None:
    client = await make_client(trusted=True)
    await allow(client, **{limit: 0, "status": 422})
    check_refused(await call(client), 422, (code, message.format(0)))
    await allow(client, **{limit: None})
    assert (await call(client)).status == passed


async def test_sign_ins_have_a_limit_of_their_own(client: BillClient) -> None:
    await allow(client, loginsPerHour=1)
    assert (await client.login()).status == 429
    assert (await client.get("/v3/bills")).status == 200


async def test_the_sixty_first_call_of_an_api_token_in_a_minute_is_refused(
    client: BillClient,
) -> None:
    # Both services that take the token count together.
    for _ in range(30):
        assert (await by_token(client)).status == 501
        events = await by_token(client, "/connect-events/v3/subscriptions")
        assert events.status == 200, events.body
    for path in ("/connect/v3/spend/budgets", "/connect-events/v3/subscriptions"):
        refused = await by_token(client, path)
        check_refused(
            refused, 429, (None, "Max number of allowed requests per minute reached: 60.")
        )
        assert "X-Sim-Gap" not in refused.headers
    # The developer key has its own.
    assert (await client.get("/v3/bills")).status == 200
    assert await used(client, "requestsPerHour") == 2


async def test_only_a_known_api_token_is_counted_and_only_for_what_takes_it(
    client: BillClient,
) -> None:
    await allow(client, spendPerMinute=0)
    strange = replace(client, headers={"apiToken": "nonsense"})
    assert (await strange.call("GET", "/connect/v3/spend/budgets")).status == 501
    assert (await by_token(client, "/connect/v3/vendor-credits")).status == 501
    assert await used(client, "spendPerMinute") == 0


async def test_going_back_forgets_the_calls_since(client: BillClient) -> None:
    await client.control("POST", "/snapshots", {"name": "here"})
    before = (await client.control("GET", "/limits")).body["used"]
    await client.get("/v3/bills")
    await client.login()
    assert (await client.control("GET", "/limits")).body["used"] != before
    await client.control("POST", "/snapshots/here/restore")
    assert (await client.control("GET", "/limits")).body["used"] == before
    await client.control("POST", "/reset")
    told = (await client.control("GET", "/limits")).body["used"]
    assert set(told.values()) == {0}


async def test_a_copy_of_a_world_starts_to_count_anew(client: BillClient) -> None:
    fork = (await client.control("POST", "/fork")).body
    twin = replace(client, world=fork)
    assert set((await twin.control("GET", "/limits")).body["used"].values()) == {0}


AT_ONCE = (
    "BDC_1322",
    "Max number of concurrent requests per organization reached.",
)


@pytest.mark.parametrize("status", [429, 422])
async def test_three_calls_may_be_under_way_and_a_fourth_may_not(
    make_client: MakeClient, status: int
) -> None:
    client, other = await make_client(), await make_client()
    await allow(client, status=status)
    slow = {"match": {"path": "/v3/vendors"}, "effect": {"latencyMs": 1000}}
    await client.control("POST", "/faults", slow)
    under_way = [asyncio.create_task(client.get("/v3/vendors")) for _ in range(3)]
    async with asyncio.timeout(10):
        while await used(client, "concurrent") < 3:
            pass
    before = await state(client)
    refused = await client.post("/v3/customers", {"name": "A", "email": "a@b.co"})
    check_refused(refused, status, AT_ONCE)
    assert (await other.get("/v3/bills")).status == 200
    assert await state(client) == before
    assert [answer.status for answer in await asyncio.gather(*under_way)] == [200] * 3
    assert (await client.get("/v3/bills")).status == 200
    assert await used(client, "concurrent") == 0


@pytest.mark.parametrize("calls", [10, 20])
async def test_a_burst_trips_the_limit_of_three_at_once(client: BillClient, calls: int) -> None:
    answers = await asyncio.gather(*(client.get("/v3/bills") for _ in range(calls)))
    refused = [answer for answer in answers if answer.status != 200]
    assert refused
    for answer in refused:
        check_refused(answer, 429, AT_ONCE)
    assert sum(answer.status == 200 for answer in answers) >= 3


async def test_a_burst_passes_where_the_limit_is_switched_off(client: BillClient) -> None:
    await allow(client, concurrent=None)
    answers = await asyncio.gather(*(client.get("/v3/bills") for _ in range(10)))
    assert {answer.status for answer in answers} == {200}


async def test_a_client_that_waits_for_each_answer_never_trips(client: BillClient) -> None:
    async with AsyncExitStack() as stack:
        # Each session has a connection of its own.
        several = [
            replace(client, http=await stack.enter_async_context(aiohttp.ClientSession()))
            for _ in range(5)
        ]
        for number in range(300):
            assert (await several[number % 5].get("/v3/bills")).status == 200


async def test_what_was_under_way_is_free_again_after_a_burst(client: BillClient) -> None:
    await asyncio.gather(*(client.post("/v3/vendors", {}) for _ in range(12)))
    assert (await client.get("/v3/bills")).status == 200
    assert (await client.control("GET", "/limits")).body["used"]["concurrent"] == 0


async def test_bursts_of_two_worlds_do_not_trip_each_other(make_client: MakeClient) -> None:
    clients = [await make_client() for _ in range(4)]
    answers = await asyncio.gather(*(client.get("/v3/bills") for client in clients))
    assert [answer.status for answer in answers] == [200] * 4


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"requestsPerHour": -1}, "requestsPerHour: "),
        ({"status": 500}, "status: "),
        ({"perDay": 1}, "perDay: "),
        ([], "body: Input should be an object"),
    ],
)
async def test_a_faulty_limit_is_a_problem(client: BillClient, body: Any, told: str) -> None:
    refused = await client.control("PATCH", "/limits", body)
    assert refused.status == 400
    assert refused.headers["Content-Type"].startswith("application/problem+json")
    assert refused.body["detail"].startswith(told)
