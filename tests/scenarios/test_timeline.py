"""Timelines: steps happen on the world's clock, or when the client calls, and go back with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest

from simulator.core.errors import CATALOGUE
from tests.http import BillClient
from tests.scenarios.conftest import Play
from tests.scenarios.stories import payment

RENAME = {
    "operation": "PATCH /v3/vendors/{vendorId}",
    "path": {"vendor": "orchard"},
    "body": {"name": "Orchard & Sons"},
    "by": "clerk",
}


async def vendor_name(client: BillClient) -> str:
    [vendor] = (await client.get("/v3/vendors")).body["results"]
    return str(vendor["name"])


async def steps(client: BillClient) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = (await client.control("GET", "")).body["timeline"]
    return told


@pytest.mark.parametrize(
    ("step", "due"),
    [
        ({"at": "2026-06-10T16:10:00Z"}, "2026-06-10T16:10:00+00:00"),
        ({"after": {"minutes": 10, "seconds": 30}}, "2026-06-10T16:10:30+00:00"),
        # Thursday, Friday, Monday.
        ({"after": {"businessDays": 3, "hours": 1}}, "2026-06-15T17:00:00+00:00"),
    ],
)
async def test_a_timed_step_happens_at_its_instant_and_not_before(
    play: Play, step: dict[str, Any], due: str
) -> None:
    client = await play(timeline=[{**step, "call": RENAME, "note": "It is sold."}])
    instant = datetime.fromisoformat(due)
    waiting = [{"step": 0, "note": "It is sold."}]
    await client.advance(to=(instant - timedelta(milliseconds=1)).isoformat())
    assert await vendor_name(client) == "Orchard Office Park"
    assert await steps(client) == waiting
    await client.advance(seconds=0.001)
    assert await vendor_name(client) == "Orchard & Sons"
    assert await steps(client) == [
        {**waiting[0], "played": instant.isoformat(timespec="milliseconds")}
    ]
    await client.control("POST", "/reset")
    await client.login()
    assert await vendor_name(client) == "Orchard Office Park"
    assert await steps(client) == waiting


async def test_a_step_waits_for_the_call_that_it_is_for(play: Play) -> None:
    client = await play(
        timeline=[
            {
                "when": {"operation": "GET /v3/bills/{billId}", "record": "parking", "times": 2},
                "call": RENAME,
            }
        ]
    )
    bills = (await client.get("/v3/bills")).body["results"]
    ids = {one["invoice"]["invoiceNumber"]: one["id"] for one in bills}
    for number in ("RENT-07", "PARK-07", "RENT-07"):
        await client.get(f"/v3/bills/{ids[number]}")
        assert await vendor_name(client) == "Orchard Office Park"
    # A refused call is not one that was made.
    await client.get(f"/v3/bills/{ids['PARK-07']}", headers={"sessionId": "none"})
    assert await vendor_name(client) == "Orchard Office Park"
    await client.get(f"/v3/bills/{ids['PARK-07']}")
    assert await vendor_name(client) == "Orchard & Sons"


async def test_a_record_in_the_query_is_one_that_the_call_is_about(play: Play) -> None:
    client = await play(
        timeline=[{"when": {"operation": "GET /v3/bills", "record": "rent"}, "call": RENAME}]
    )
    bills = (await client.get("/v3/bills")).body["results"]
    ids = {one["invoice"]["invoiceNumber"]: one["id"] for one in bills}
    await client.get(f"/v3/bills?filters=id:eq:{ids['PARK-07']}")
    assert await vendor_name(client) == "Orchard Office Park"
    await client.get(f"/v3/bills?filters=id:in:{ids['PARK-07']},id:eq:{ids['RENT-07']}")
    assert await vendor_name(client) == "Orchard & Sons"


async def test_a_step_may_come_a_while_after_the_call(play: Play) -> None:
    client = await play(
        timeline=[{"when": {"operation": "GET /v3/bills"}, "after": {"minutes": 5}, "call": RENAME}]
    )
    await client.get("/v3/bills")
    await client.advance(seconds=299)
    assert await vendor_name(client) == "Orchard Office Park"
    await client.advance(seconds=1)
    assert await vendor_name(client) == "Orchard & Sons"


async def test_the_clock_jumps_when_the_client_calls(play: Play) -> None:
    client = await play(
        timeline=[{"when": {"operation": "GET /v3/vendors"}, "clock": {"minutes": 36}}]
    )
    assert (await client.get("/v3/vendors")).status == 200
    assert (await client.control("GET", "/clock")).body["now"] == "2026-06-10T16:36:00.000+00:00"
    ended = await client.get("/v3/vendors")
    assert (ended.status, ended.body[0]["code"]) == (401, "BDC_1109")


async def test_bills_side_acts_on_a_record_of_the_client(play: Play) -> None:
    """A payment that somebody else makes fails when the client looks at it."""
    client = await play(
        timeline=[
            {
                "when": {"operation": "GET /v3/bills"},
                "call": {"operation": "POST /v3/payments", "as": "paid", "body": payment()},
            },
            {
                "when": {"operation": "GET /v3/payments"},
                "simulate": {"event": "payment.funding_failed", "record": "paid"},
            },
        ]
    )
    await client.get("/v3/bills")
    seen = [(await client.get("/v3/payments")).body["results"][0]["singleStatus"] for _ in range(2)]
    assert seen == ["SCHEDULED", "FUNDING_FAILED_ACTION_NEEDED"]


async def test_faults_and_limits_come_and_go(play: Play) -> None:
    fault = {"match": {"path": "/v3/vendors"}, "effect": {"code": "BDC_1322", "status": 429}}
    client = await play(
        faults=[{**fault, "times": 1}],
        world={"limits": {"concurrent": 2}},
        timeline=[
            {
                "when": {"operation": "GET /v3/bills"},
                "faults": [fault],
                "limits": {"concurrent": 1},
            },
            {
                "when": {"operation": "GET /v3/users"},
                "clearFaults": True,
                "limits": {"concurrent": None},
            },
        ],
    )

    async def vendors() -> int:
        return (await client.get("/v3/vendors")).status

    async def concurrent() -> Any:
        return (await client.control("GET", "/limits")).body["concurrent"]

    assert [await vendors(), await vendors(), await concurrent()] == [429, 200, 2]
    await client.get("/v3/bills")
    assert [await vendors(), await vendors(), await concurrent()] == [429, 429, 1]
    # Back at the beginning, the trouble of the beginning is there again, and no other.
    await client.control("POST", "/reset")
    await client.login()
    assert [await vendors(), await vendors(), await concurrent()] == [429, 200, 2]
    await client.get("/v3/bills")
    await client.get("/v3/users")
    assert [await vendors(), await concurrent()] == [200, None]


async def test_what_bill_refuses_somebody_else_is_told_and_nothing_happens(play: Play) -> None:
    client = await play(timeline=[{"after": {"minutes": 1}, "call": {**RENAME, "by": "auditor"}}])
    await client.advance(seconds=60)
    assert await vendor_name(client) == "Orchard Office Park"
    [step] = await steps(client)
    assert step["refused"] == CATALOGUE["BDC_1145"].message


async def test_the_play_itself_is_no_change_of_records(play: Play) -> None:
    client = await play(timeline=[{"when": {"operation": "GET /v3/bills"}, "call": RENAME}])
    await client.get("/v3/bills")
    diff = (await client.control("GET", "/diff")).body
    assert [one["resource"] for kind in diff.values() for one in kind] == ["vendors"]


async def test_a_snapshot_keeps_how_far_the_play_is(play: Play) -> None:
    client = await play(
        timeline=[{"when": {"operation": "GET /v3/bills", "times": 2}, "call": RENAME}]
    )
    await client.get("/v3/bills")
    await client.control("POST", "/snapshots", {"name": "once"})
    for _ in range(2):
        await client.get("/v3/bills")
        assert await vendor_name(client) == "Orchard & Sons"
        await client.control("POST", "/snapshots/once/restore")
        assert await vendor_name(client) == "Orchard Office Park"


async def test_a_fork_plays_on_by_itself(play: Play, http: aiohttp.ClientSession) -> None:
    client = await play(
        faults=[{"match": {"path": "/v3/users"}, "effect": {"code": "BDC_1322"}, "times": 1}],
        timeline=[
            {"when": {"operation": "GET /v3/bills"}, "call": RENAME},
            {"after": {"minutes": 1}, "limits": {"concurrent": 9}},
        ],
    )
    forked = await client.control("POST", "/fork")
    twin = BillClient(http, client.origin, forked.body)
    await twin.login()
    await twin.get("/v3/bills")
    await twin.advance(seconds=60)
    assert await vendor_name(twin) == "Orchard & Sons"
    assert (await twin.control("GET", "/limits")).body["concurrent"] == 9
    assert (await twin.get("/v3/users")).status >= 400
    assert await vendor_name(client) == "Orchard Office Park"
    assert (await client.control("GET", "/limits")).body["concurrent"] == 3
    assert (await client.get("/v3/users")).status >= 400
