"""Faults on request: refusals, delays, cuts, by count and by seeded chance."""

from __future__ import annotations

from time import monotonic
from typing import Any

import aiohttp
import pytest

from tests.conftest import MakeClient
from tests.http import BillClient


async def inject(client: BillClient, **fault: Any) -> dict[str, Any]:
    answer = await client.control("POST", "/faults", fault)
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def test_a_code_is_answered_as_often_as_asked(client: BillClient) -> None:
    await inject(client, match={"path": "/v3/bills"}, effect={"code": "BDC_1001"}, times=2)
    for _ in range(2):
        refused = await client.get("/v3/bills")
        assert refused.status == 500
        assert refused.body[0] == {
            "timestamp": refused.body[0]["timestamp"],
            "code": "BDC_1001",
            "severity": "ERROR",
            "category": "SERVER",
            "message": "System error occurred.",
        }
    assert (await client.get("/v3/bills")).status == 200
    [fault] = (await client.control("GET", "/faults")).body["results"]
    assert (fault["struck"], fault["times"]) == (2, 2)


async def test_a_status_of_its_own(client: BillClient) -> None:
    await inject(client, effect={"code": "BDC_1107", "status": 503})
    refused = await client.get("/v3/vendors")
    assert (refused.status, refused.body[0]["code"]) == (503, "BDC_1107")


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({}, True),
        ({"method": "get"}, True),
        ({"method": "POST"}, False),
        ({"path": "/v3/vendors/{vendorId}"}, True),
        ({"path": "/connect/v3/vendors/{vendorId}"}, True),
        ({"path": "/v3/vendors/*"}, True),
        ({"path": "/v3/vendors"}, False),
        ({"method": "GET", "path": "*"}, True),
    ],
)
async def test_what_a_fault_matches(client: BillClient, match: dict[str, str], hit: bool) -> None:
    vendor = await client.new_vendor()
    await inject(client, match=match, effect={"code": "BDC_1002"})
    answer = await client.get(f"/v3/vendors/{vendor['id']}")
    assert (answer.status == 422) is hit


async def test_a_refusal_happens_before_the_work(client: BillClient) -> None:
    await inject(client, match={"method": "POST"}, effect={"code": "BDC_1001"}, times=1)
    assert (await client.post("/v3/customers", {"name": "A", "email": "a@b.c"})).status == 500
    assert (await client.get("/v3/customers")).body == {"results": []}


@pytest.mark.parametrize(("drop", "made"), [("before", 0), ("after", 1)])
async def test_a_cut_connection_leaves_the_work_done_or_not(
    client: BillClient, drop: str, made: int
) -> None:
    await inject(client, match={"method": "POST"}, effect={"drop": drop}, times=1)
    with pytest.raises(aiohttp.ClientError):
        await client.post("/v3/customers", {"name": "A", "email": "a@b.c"})
    assert len((await client.get("/v3/customers")).body["results"]) == made


async def test_latency_delays_the_answer_and_nothing_else(client: BillClient) -> None:
    await inject(client, effect={"latencyMs": 150}, times=1)
    began = monotonic()
    assert (await client.get("/v3/bills")).status == 200
    assert monotonic() - began >= 0.15


async def test_chance_comes_from_the_seed(make_client: MakeClient) -> None:
    async def course() -> list[int]:
        client = await make_client(seed=7)
        await inject(client, effect={"code": "BDC_1001"}, probability=0.5)
        return [(await client.get("/v3/bills")).status for _ in range(20)]

    first, second = await course(), await course()
    assert first == second
    assert {200, 500} == set(first)


async def test_faults_can_be_taken_back(client: BillClient) -> None:
    await inject(client, effect={"code": "BDC_1001"})
    assert (await client.control("DELETE", "/faults")).status == 204
    assert (await client.control("GET", "/faults")).body == {"results": []}
    assert (await client.get("/v3/bills")).status == 200


async def test_a_fault_of_one_world_does_not_touch_another(make_client: MakeClient) -> None:
    one, other = await make_client(), await make_client()
    await inject(one, effect={"code": "BDC_1001"})
    assert (await other.get("/v3/bills")).status == 200


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({}, "effect: "),
        ({"effect": {}}, "effect: give exactly one of code, latencyMs, drop"),
        ({"effect": {"code": "BDC_9999"}}, "effect.code: is no code of BILL"),
        ({"effect": {"code": "BDC_1001", "drop": "after"}}, "effect: give exactly one of"),
        ({"effect": {"latencyMs": -1}}, "effect.latencyMs: "),
        ({"effect": {"drop": "never"}}, "effect.drop: "),
        ({"effect": {"latencyMs": 1}, "probability": 2}, "probability: "),
        ({"effect": {"latencyMs": 1}, "times": 0}, "times: "),
    ],
)
async def test_a_faulty_fault_is_a_problem(
    client: BillClient, fault: dict[str, Any], told: str
) -> None:
    refused = await client.control("POST", "/faults", fault)
    assert refused.status == 400
    assert refused.body["detail"].startswith(told), refused.body
