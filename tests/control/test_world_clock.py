"""The clock of a world: told, set, run, frozen, and moved on with all that falls due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from pytest_aiohttp.plugin import AiohttpServer

from simulator.gateway.app import make_app
from simulator.worlds import Worlds
from tests.conftest import MakeClient
from tests.control.problems import check_problem, check_told
from tests.http import Answer, BillClient

NOW = "2026-06-03T16:00:00.000+00:00"
BACKWARD = f"the clock does not run backward; it is {NOW}."


async def clock(client: BillClient) -> dict[str, str]:
    answer = await client.control("GET", "/clock")
    assert answer.status == 200
    return dict(answer.body)


async def set_clock(client: BillClient, **body: Any) -> Answer:
    return await client.control("PATCH", "/clock", body)


async def advance(client: BillClient, **body: Any) -> Answer:
    return await client.control("POST", "/clock/advance", body)


async def scheduled(payer: BillClient, process_date: str = "2026-06-04") -> str:
    """The id of a payment that waits for that day."""
    bill = await payer.new_bill((await payer.new_vendor())["id"])
    payment = await payer.pay(bill, 10.00, processDate=process_date)
    assert payment.status == 201, payment.body
    return str(payment.body["id"])


async def state(payer: BillClient, payment_id: str) -> str:
    await payer.login()
    return str((await payer.get(f"/v3/payments/{payment_id}")).body["singleStatus"])


@pytest.mark.parametrize(
    ("start", "now"),
    [
        ("2026-06-03T16:00:00+00:00", NOW),
        ("2026-06-03T09:00:00-07:00", NOW),
        ("2026-06-03T16:00:00Z", NOW),
        ("2026-06-03T16:00:00.123456+00:00", "2026-06-03T16:00:00.123+00:00"),
        ("1900-01-01T00:00:00+00:00", "1900-01-01T00:00:00.000+00:00"),
        ("9000-12-31T23:59:59+00:00", "9000-12-31T23:59:59.000+00:00"),
    ],
)
async def test_a_start_freezes_the_clock_there(
    make_client: MakeClient, start: str, now: str
) -> None:
    client = await make_client(start=start)
    assert await clock(client) == {"now": now, "mode": "frozen"}
    vendor = await client.new_vendor()
    assert vendor["createdTime"] == now[:19] + ".000+00:00"
    assert await clock(client) == {"now": now, "mode": "frozen"}


async def test_without_a_start_the_clock_is_live(make_client: MakeClient) -> None:
    before = datetime.now(UTC)
    client = await make_client(start=None)
    told = await clock(client)
    assert told["mode"] == "live"
    milliseconds = timedelta(milliseconds=1)
    now = datetime.fromisoformat(told["now"])
    assert before - milliseconds <= now <= datetime.now(UTC)


@dataclass
class Wall:
    """A real time that only the test moves."""

    now: datetime = datetime(2026, 6, 3, 16, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)


async def test_a_live_clock_runs_and_a_frozen_one_stands(
    aiohttp_server: AiohttpServer, http: aiohttp.ClientSession
) -> None:
    wall = Wall()
    server = await aiohttp_server(make_app(Worlds(clock_wall=wall)))
    client = BillClient(http, str(server.make_url("")).rstrip("/"), {"world": "default"})

    assert await clock(client) == {"now": NOW, "mode": "live"}
    wall.passes(60)
    assert (await clock(client))["now"] == "2026-06-03T16:01:00.000+00:00"

    frozen = {"now": "2026-06-03T16:01:00.000+00:00", "mode": "frozen"}
    assert (await set_clock(client, mode="frozen")).body == frozen
    wall.passes(3600)
    assert await clock(client) == frozen

    live = {**frozen, "mode": "live"}
    assert (await set_clock(client, mode="live")).body == live
    wall.passes(60)
    assert (await clock(client))["now"] == "2026-06-03T16:02:00.000+00:00"

    moved = {"now": "2026-06-04T16:02:00.000+00:00", "mode": "live", "fired": []}
    assert (await advance(client, days=1)).body == moved
    wall.passes(60)
    assert (await clock(client))["now"] == "2026-06-04T16:03:00.000+00:00"

    both = await set_clock(client, mode="frozen", now="2026-07-01T00:00:00+00:00")
    assert both.body == {"now": "2026-07-01T00:00:00.000+00:00", "mode": "frozen"}
    wall.passes(60)
    assert await clock(client) == both.body


async def test_what_falls_due_on_a_live_clock_happens_with_the_next_call(
    aiohttp_server: AiohttpServer, http: aiohttp.ClientSession
) -> None:
    wall = Wall()
    server = await aiohttp_server(make_app(Worlds(clock_wall=wall)))
    payer = BillClient(http, str(server.make_url("")).rstrip("/"), {"world": "default"})
    payer.world = (await payer.control("GET", "")).body
    await payer.login()
    await payer.trust()
    payment = await scheduled(payer)
    wall.passes(24 * 3600)
    assert await state(payer, payment) == "FUNDING_STARTED"


@pytest.mark.parametrize(
    ("how", "now"),
    [
        ({"seconds": 0}, NOW),
        ({"seconds": 1}, "2026-06-03T16:00:01.000+00:00"),
        ({"seconds": 0.25}, "2026-06-03T16:00:00.250+00:00"),
        ({"days": 1}, "2026-06-04T16:00:00.000+00:00"),
        ({"days": 0.5}, "2026-06-04T04:00:00.000+00:00"),
        ({"days": 365}, "2027-06-03T16:00:00.000+00:00"),
        ({"businessDays": 0}, NOW),
        ({"businessDays": 1}, "2026-06-04T16:00:00.000+00:00"),
        # Over a weekend.
        ({"businessDays": 3}, "2026-06-08T16:00:00.000+00:00"),
        # Over two weekends and Juneteenth, a Friday.
        ({"businessDays": 12}, "2026-06-22T16:00:00.000+00:00"),
        ({"to": "2026-06-03T16:00:00+00:00"}, NOW),
        ({"to": "2026-06-03T18:30:00+02:00"}, "2026-06-03T16:30:00.000+00:00"),
    ],
)
async def test_the_clock_is_moved_by_what_is_asked_for(
    client: BillClient, how: dict[str, Any], now: str
) -> None:
    answer = await advance(client, **how)
    assert (answer.status, answer.body) == (200, {"now": now, "mode": "frozen", "fired": []})
    assert await clock(client) == {"now": now, "mode": "frozen"}
    await client.login()
    assert (await client.new_vendor())["createdTime"] == now[:19] + ".000+00:00"


async def test_no_business_day_on_a_saturday_is_the_next_monday(make_client: MakeClient) -> None:
    client = await make_client(start="2026-06-06T16:00:00+00:00")
    assert (await advance(client, businessDays=0)).body["now"] == "2026-06-08T16:00:00.000+00:00"


async def test_all_that_falls_due_fires_in_order_before_the_answer(payer: BillClient) -> None:
    later, sooner = await scheduled(payer, "2026-06-05"), await scheduled(payer)
    fired = (await advance(payer, days=2)).body["fired"]
    assert [(timer["at"], timer["kind"], timer["args"][0]) for timer in fired] == [
        ("2026-06-04T13:00:00.000+00:00", "payment.step", sooner),
        ("2026-06-05T13:00:00.000+00:00", "payment.step", later),
        ("2026-06-05T13:00:00.000+00:00", "payment.step", sooner),
    ]
    for timer in fired:
        assert set(timer) == {"at", "kind", "args"}
    assert await state(payer, later) == "FUNDING_STARTED"
    assert await state(payer, sooner) == "PROCESSED"
    assert (await advance(payer, seconds=0)).body["fired"] == []


async def test_what_is_due_fires_at_its_instant_and_not_before(payer: BillClient) -> None:
    payment = await scheduled(payer)
    assert (await advance(payer, to="2026-06-04T12:59:59+00:00")).body["fired"] == []
    assert await state(payer, payment) == "SCHEDULED"
    assert len((await advance(payer, seconds=1)).body["fired"]) == 1
    assert await state(payer, payment) == "FUNDING_STARTED"


async def test_setting_the_instant_fires_what_falls_due_on_the_way(payer: BillClient) -> None:
    payment = await scheduled(payer)
    answer = await set_clock(payer, now="2026-06-30T00:00:00+00:00")
    assert answer.body == {"now": "2026-06-30T00:00:00.000+00:00", "mode": "frozen"}
    assert await state(payer, payment) == "CLEARED"


async def test_a_session_of_before_is_dead_after_a_long_way(client: BillClient) -> None:
    await advance(client, days=1)
    answer = await client.get("/v3/vendors")
    assert (answer.status, answer.body[0]["code"]) == (401, "BDC_1109")


async def test_an_empty_wish_leaves_the_clock(client: BillClient) -> None:
    assert (await set_clock(client)).body == {"now": NOW, "mode": "frozen"}


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({}, 400, "Give exactly one of seconds, days, businessDays, to."),
        ({"seconds": None}, 400, "Give exactly one of seconds, days, businessDays, to."),
        ({"seconds": 1, "days": 1}, 400, "Give exactly one of seconds, days, businessDays, to."),
        ({"businessDays": -1}, 400, "businessDays: -1 is negative."),
        ({"seconds": 1e300}, 400, "seconds: 1e+300 is too far."),
        ({"days": 3e6}, 400, "days: 3000000.0 is too far."),
        ({"days": 2.9e6}, 400, "days: the year 9966 is not between 1900 and 9000."),
        ({"seconds": -1}, 409, f"seconds: {BACKWARD}"),
        ({"days": -0.5}, 409, f"days: {BACKWARD}"),
        ({"to": "2026-06-03T15:59:59.999+00:00"}, 409, f"to: {BACKWARD}"),
        (
            {"to": "2026-06-04T16:00:00"},
            400,
            "to: an offset is missing; write 2026-01-05T09:00:00+00:00.",
        ),
        (
            {"to": "9999-12-31T23:59:59-14:00"},
            400,
            "to: the year 9999 is not between 1900 and 9000.",
        ),
    ],
)
async def test_a_wrong_way_to_go_is_refused_and_nothing_fires(
    payer: BillClient, body: dict[str, Any], status: int, detail: str
) -> None:
    payment = await scheduled(payer)
    check_problem(await payer.control("POST", "/clock/advance", body), status, detail)
    assert await clock(payer) == {"now": NOW, "mode": "frozen"}
    assert await state(payer, payment) == "SCHEDULED"


async def test_a_number_without_end_of_business_days_is_refused(client: BillClient) -> None:
    answer = await advance(client, businessDays=10**9)
    check_problem(answer, 400, "businessDays: 1000000000 is too far.")
    assert (await clock(client))["now"] == NOW


@pytest.mark.parametrize(
    ("raw", "start"),
    [
        (b'{"seconds":"soon"}', "seconds: "),
        (b'{"businessDays":1.5}', "businessDays: "),
        (b'{"hours":1}', "hours: "),
        (b'{"to":"soon"}', "to: "),
        (b"[]", "body: "),
        (b"{", "body: "),
    ],
)
async def test_a_malformed_way_to_go_is_400(client: BillClient, raw: bytes, start: str) -> None:
    path = f"/_sim/worlds/{client.world['world']}/clock/advance"
    check_told(await client.call("POST", path, raw=raw), 400, start)
    assert (await clock(client))["now"] == NOW


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400"])
async def test_no_number_is_no_way_to_go(client: BillClient, number: str) -> None:
    path = f"/_sim/worlds/{client.world['world']}/clock/advance"
    answer = await client.call("POST", path, raw=f'{{"seconds":{number}}}'.encode())
    check_told(answer, 400, "seconds: ")
    assert (await clock(client))["now"] == NOW


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"now": "2026-06-03T15:59:59+00:00"}, 409, f"now: {BACKWARD}"),
        ({"now": "2026-06-03T15:00:00+00:00", "mode": "live"}, 409, f"now: {BACKWARD}"),
        ({"now": "2027-01-01"}, 400, "now: an offset is missing; write 2026-01-05T09:00:00+00:00."),
        (
            {"now": "9001-01-01T00:00:00+00:00"},
            400,
            "now: the year 9001 is not between 1900 and 9000.",
        ),
    ],
)
async def test_a_wrong_instant_is_refused_and_the_mode_stays(
    client: BillClient, body: dict[str, Any], status: int, detail: str
) -> None:
    check_problem(await set_clock(client, **body), status, detail)
    assert await clock(client) == {"now": NOW, "mode": "frozen"}


@pytest.mark.parametrize(
    ("body", "start"),
    [({"mode": "fast"}, "mode: "), ({"now": "soon"}, "now: "), ({"speed": 2}, "speed: ")],
)
async def test_a_malformed_setting_of_the_clock_is_400(
    client: BillClient, body: dict[str, Any], start: str
) -> None:
    check_told(await set_clock(client, **body), 400, start)
    assert await clock(client) == {"now": NOW, "mode": "frozen"}
