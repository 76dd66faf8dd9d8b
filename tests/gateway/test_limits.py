"""BILL's limits on the world's clock, at their edges, over a real socket."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient


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


async def test_the_last_allowed_call_passes_and_the_next_is_bdc_1144(client: BillClient) -> None:
    used = (await client.control("GET", "/limits")).body["used"]["requestsPerHour"]
    await allow(client, requestsPerHour=used + 2)
    for _ in range(2):
        assert (await client.get("/v3/bills")).status == 200
    refused = await client.get("/v3/bills")
    assert refused.status == 429
    assert refused.body[0]["code"] == "BDC_1144"
    assert refused.body[0]["message"] == (
        f"Max number of allowed requests per hour reached: {used + 2}."
    )


async def test_the_hourly_window_starts_with_the_clock_hour(make_client: MakeClient) -> None:
    client = await make_client(start="2026-06-03T16:58:00+00:00")
    used = (await client.control("GET", "/limits")).body["used"]["requestsPerHour"]
    await allow(client, requestsPerHour=used)
    assert (await client.get("/v3/bills")).status == 429
    await client.advance(to="2026-06-03T16:59:59+00:00", sign_in=False)
    assert (await client.get("/v3/bills")).status == 429
    await client.advance(to="2026-06-03T17:00:00+00:00", sign_in=False)
    assert (await client.get("/v3/bills")).status == 200


async def test_sign_ins_have_a_limit_of_their_own(client: BillClient) -> None:
    await allow(client, loginsPerHour=2)
    assert (await client.login()).status == 200
    refused = await client.login()
    assert refused.status == 429
    assert refused.body[0]["message"] == "Max number of allowed requests per hour reached: 2."
    assert (await client.get("/v3/bills")).status == 200


@pytest.mark.parametrize("status", [429, 422])
async def test_the_status_of_a_limit_can_be_set(client: BillClient, status: int) -> None:
    await allow(client, requestsPerHour=0, status=status)
    refused = await client.get("/v3/bills")
    assert (refused.status, refused.body[0]["code"]) == (status, "BDC_1144")


async def test_null_switches_a_limit_off(client: BillClient) -> None:
    await allow(client, requestsPerHour=0)
    assert (await client.get("/v3/bills")).status == 429
    await allow(client, requestsPerHour=None)
    assert (await client.get("/v3/bills")).status == 200


async def test_a_refused_call_changes_nothing(client: BillClient) -> None:
    vendor = await client.new_vendor()
    await allow(client, requestsPerHour=0)
    refused = await client.post(f"/v3/vendors/{vendor['id']}/archive")
    assert refused.status == 429
    await allow(client, requestsPerHour=20000)
    assert (await client.get(f"/v3/vendors/{vendor['id']}")).body == vendor


async def test_a_burst_trips_the_limit_of_three_at_once(client: BillClient) -> None:
    answers = await asyncio.gather(*(client.get("/v3/bills") for _ in range(20)))
    refused = [answer for answer in answers if answer.status != 200]
    assert refused
    for answer in refused:
        assert (answer.status, answer.body[0]["code"]) == (429, "BDC_1322")
        assert answer.body[0]["message"] == (
            "Max number of concurrent requests per organization reached."
        )
    assert sum(answer.status == 200 for answer in answers) >= 3


async def test_a_client_that_waits_for_each_answer_never_trips(client: BillClient) -> None:
    for _ in range(50):
        assert (await client.get("/v3/bills")).status == 200


async def test_what_was_under_way_is_free_again_after_a_burst(client: BillClient) -> None:
    await asyncio.gather(*(client.post("/v3/vendors", {}) for _ in range(12)))
    assert (await client.get("/v3/bills")).status == 200
    assert (await client.control("GET", "/limits")).body["used"]["concurrent"] == 0


async def test_bursts_of_two_worlds_do_not_trip_each_other(make_client: MakeClient) -> None:
    clients = [await make_client() for _ in range(4)]
    answers = await asyncio.gather(*(client.get("/v3/bills") for client in clients))
    assert [answer.status for answer in answers] == [200] * 4


async def test_the_sixth_text_message_of_a_minute_is_refused(payer: BillClient) -> None:
    await payer.advance(seconds=60, sign_in=False)
    for _ in range(5):
        assert (await payer.post("/v3/mfa/challenge", {})).status == 200
    refused = await payer.post("/v3/mfa/challenge", {})
    assert refused.status == 429
    assert refused.body[0]["message"] == "Max number of text messages per minute reached: 5."
    await payer.advance(seconds=60, sign_in=False)
    assert (await payer.post("/v3/mfa/challenge", {})).status == 200


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
