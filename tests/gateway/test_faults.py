"""Faults on request: refusals, delays, cuts, by count and by seeded chance."""

from __future__ import annotations

from time import monotonic
from typing import Any

import aiohttp
import pytest

from simulator import Simulator
from tests.conftest import MakeClient
from tests.http import Answer, BillClient
from tests.refusals import check_items


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


async def test_chance_goes_back_with_the_world(client: BillClient) -> None:
    await inject(client, effect={"code": "BDC_1001"}, probability=0.5)
    await client.control("POST", "/snapshots", {"name": "here"})
    courses = []
    for _ in range(2):
        await client.control("POST", "/snapshots/here/restore")
        courses.append([(await client.get("/v3/bills")).status for _ in range(20)])
    assert courses[0] == courses[1]
    assert {200, 500} == set(courses[0])


@pytest.mark.parametrize(("probability", "status"), [(0, 200), (1, 500)])
async def test_no_chance_never_strikes_and_certainty_always_does(
    client: BillClient, probability: int, status: int
) -> None:
    await inject(client, effect={"code": "BDC_1001"}, probability=probability)
    assert {(await client.get("/v3/bills")).status for _ in range(5)} == {status}


async def test_the_first_fault_that_fits_strikes_and_the_next_when_it_is_used_up(
    client: BillClient,
) -> None:
    await inject(client, match={"path": "/v3/vendors"}, effect={"code": "BDC_1002"})
    await inject(client, effect={"code": "BDC_1001"}, times=1)
    await inject(client, effect={"code": "BDC_1107"})
    codes = [(await client.get("/v3/bills")).body[0]["code"] for _ in range(3)]
    assert codes == ["BDC_1001", "BDC_1107", "BDC_1107"]
    assert (await client.get("/v3/vendors")).body[0]["code"] == "BDC_1002"
    struck = {
        fault["effect"]["code"]: fault["struck"]
        for fault in (await client.control("GET", "/faults")).body["results"]
    }
    assert struck == {"BDC_1002": 1, "BDC_1001": 1, "BDC_1107": 2}


CUSTOMER = {"name": "A", "email": "a@b.co"}


async def ask(
    client: BillClient, effect: str, method: str = "POST", path: str = "/v3/customers"
) -> Answer:
    """A call that asks for a fault of its own."""
    client.checked = False
    body = CUSTOMER if method == "POST" else None
    return await client.call(method, f"/connect{path}", body, headers={"X-Sim-Fault": effect})


@pytest.fixture
async def asking(make_client: MakeClient) -> BillClient:
    """A client of a world in which calls may ask for faults."""
    return await make_client(fault_header=True)


@pytest.mark.parametrize(
    ("effect", "status", "code"),
    [
        ('{"code": "BDC_1322"}', 429, "BDC_1322"),
        ('{"code": "BDC_1001"}', 500, "BDC_1001"),
        ('{"code": "BDC_1107", "status": 503}', 503, "BDC_1107"),
    ],
)
async def test_a_header_asks_for_a_refusal_of_its_call_alone(
    asking: BillClient, effect: str, status: int, code: str
) -> None:
    refused = await ask(asking, effect)
    assert (refused.status, refused.body[0]["code"]) == (status, code)
    assert (await asking.get("/v3/customers")).body == {"results": []}
    assert (await asking.post("/v3/customers", CUSTOMER)).status == 201
    assert (await asking.control("GET", "/faults")).body == {"results": []}


@pytest.mark.parametrize(("drop", "made"), [("before", 0), ("after", 1)])
async def test_a_header_asks_for_a_cut(asking: BillClient, drop: str, made: int) -> None:
    with pytest.raises(aiohttp.ClientError):
        await ask(asking, f'{{"drop": "{drop}"}}')
    assert len((await asking.get("/v3/customers")).body["results"]) == made


async def test_a_header_asks_for_latency(asking: BillClient) -> None:
    began = monotonic()
    assert (await ask(asking, '{"latencyMs": 150}')).status == 201
    assert monotonic() - began >= 0.15


async def test_a_header_wins_over_the_faults_of_the_world_and_leaves_them(
    asking: BillClient,
) -> None:
    await inject(asking, effect={"code": "BDC_1001"}, times=1)
    assert (await ask(asking, '{"code": "BDC_1002"}')).body[0]["code"] == "BDC_1002"
    assert (await asking.get("/v3/bills")).body[0]["code"] == "BDC_1001"


async def test_a_header_works_at_sign_in(asking: BillClient) -> None:
    asking.checked = False
    headers = {"X-Sim-Fault": '{"code": "BDC_1110"}'}
    body = {"devKey": asking.world["devKey"], "username": "a", "password": "b",
            "organizationId": asking.world["organizationId"]}  # fmt: skip
    refused = await asking.post("/v3/login", body, headers=headers)
    assert (refused.status, refused.body[0]["code"]) == (423, "BDC_1110")


@pytest.mark.parametrize(
    ("effect", "told"),
    [
        ("", "Invalid JSON: EOF"),
        ("BDC_1322", "Invalid JSON: expected value"),
        ("[]", "Input should be an object"),
        ("{}", "give exactly one of code, latencyMs, drop"),
        ('{"code": "BDC_9999"}', "code: is no code of BILL that is known here"),
        ('{"code": "field.null"}', "code: is no code of BILL that is known here"),
        ('{"code": "BDC_1001", "drop": "after"}', "give exactly one of code, latencyMs, drop"),
        ('{"drop": "never"}', "drop: Input should be 'before' or 'after'"),
        ('{"latencyMs": 60001}', "latencyMs: Input should be less than or equal to 60000"),
        ('{"code": "BDC_1001", "status": 200}', "status: Input should be greater than or equal"),
        ('{"nonsense": 1}', "nonsense: Extra inputs are not permitted"),
        ('{"delayMs": 5}', "give one of code, latencyMs, drop"),
        ('{"delivery": "drop"}', "give one of code, latencyMs, drop"),
    ],
)
async def test_a_malformed_header_is_400_and_nothing_happens(
    asking: BillClient, effect: str, told: str
) -> None:
    refused = await ask(asking, effect)
    assert refused.status == 400
    check_items(refused.body)
    [item] = refused.body
    assert item["message"].startswith(f"X-Sim-Fault: {told}"), item
    assert "code" not in item
    assert (await asking.get("/v3/customers")).body == {"results": []}


@pytest.mark.parametrize("effect", ['{"code": "BDC_1322"}', '{"drop": "before"}', "nonsense"])
async def test_a_header_means_nothing_unless_the_setting_says_so(
    client: BillClient, effect: str
) -> None:
    plain = await client.get("/v3/customers")
    asked = await ask(client, effect, "GET")
    assert (asked.status, asked.raw) == (plain.status, plain.raw)
    assert set(asked.headers) == set(plain.headers)
    assert (await ask(client, effect)).status == 201


async def test_one_world_may_be_asked_for_faults_and_another_not(
    http: aiohttp.ClientSession,
) -> None:
    async with Simulator() as server:
        statuses = []
        for behaviour in ({"fault_header": True}, {}):
            body = {"behaviour": behaviour}
            async with http.post(f"{server.url}/_sim/worlds", json=body) as made:
                client = BillClient(http, server.url, await made.json())
            await client.login()
            statuses.append((await ask(client, '{"code": "BDC_1322"}')).status)
    assert statuses == [429, 201]


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
