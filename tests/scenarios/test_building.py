"""Worlds of scenarios: made through BILL's operations, by name, inline, and at the start."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from simulator import Behaviour, Simulator
from simulator.scenarios.places import ScenarioError
from simulator.scenarios.shipped import names, shipped
from tests.control.problems import check_problem, check_told
from tests.http import Answer, BillClient
from tests.scenarios.stories import SMALL, payment, small


@pytest.fixture
async def control(http: aiohttp.ClientSession) -> AsyncIterator[BillClient]:
    """A client of a server's control plane, in no world of its own."""
    async with Simulator() as server:
        yield BillClient(http, server.url, {"world": "default"})


async def make(control: BillClient, scenario: Any, **more: Any) -> Answer:
    return await control.call("POST", "/_sim/worlds", {"scenario": scenario, **more})


async def enter(control: BillClient, scenario: Any, **more: Any) -> BillClient:
    answer = await make(control, scenario, **more)
    assert answer.status == 201, answer.body
    client = BillClient(control.http, control.origin, answer.body)
    await client.login()
    return client


async def test_a_world_of_a_shipped_scenario_tells_its_task(control: BillClient) -> None:
    answer = await make(control, "month-end-pay-run", name="june")
    assert answer.status == 201
    scenario = shipped("month-end-pay-run")
    told = {name: answer.body[name] for name in ("world", "scenario", "task")}
    assert told == {"world": "june", "scenario": scenario.name, "task": scenario.task}
    again = await control.call("GET", "/_sim/worlds/june")
    assert again.body["task"] == scenario.task


async def test_a_scenario_can_be_brought_whole(control: BillClient) -> None:
    client = await enter(control, small())
    bills = (await client.get("/v3/bills?sort=createdTime:asc")).body["results"]
    assert [(one["invoice"]["invoiceNumber"], one["amount"]) for one in bills] == [
        ("RENT-07", 4150.0),
        ("PARK-07", 80.0),
    ]
    assert {one["vendorName"] for one in bills} == {"Orchard Office Park"}
    assert (await client.control("GET", "/clock")).body == {
        "now": "2026-06-10T16:00:00.000+00:00",
        "mode": "frozen",
    }


async def test_the_same_scenario_gives_the_same_records(control: BillClient) -> None:
    one, two = await enter(control, small()), await enter(control, small())
    assert (await one.get("/v3/bills")).body == (await two.get("/v3/bills")).body
    other = await enter(control, small(), seed=77)
    assert (await one.get("/v3/bills")).body != (await other.get("/v3/bills")).body


async def test_sections_and_history_make_every_kind_of_record(control: BillClient) -> None:
    address = {
        "line1": "1 A", "city": "B", "stateOrProvince": "OR", "zipOrPostalCode": "97209",
        "country": "US",
    }  # fmt: skip
    data = small()
    data["world"] |= {
        "founded": "2026-06-01T16:00:00Z",
        "organization": {"name": "Another House"},
        "users": {
            "dana": {
                "firstName": "Dana", "lastName": "Ito", "email": "d@x.example",
                "role": "APPROVER",
            }
        },
        "bankAccounts": {
            "reserve": {
                "nameOnAccount": "House", "routingNumber": "021000021",
                "accountNumber": "700111222", "type": "SAVINGS", "ownerType": "BUSINESS",
                "bankName": "Reserve",
            },
            "fresh": {
                "nameOnAccount": "House", "routingNumber": "021000021",
                "accountNumber": "700111333", "type": "SAVINGS", "ownerType": "BUSINESS",
                "bankName": "Fresh", "status": "PENDING",
            },
        },
        "approvalPolicies": {
            "large": {
                "policyName": "Large",
                "rules": [{"key": "BILL_AMOUNT", "op": "gte", "values": [4000]}],
                "approvers": ["${dana}"],
            }
        },
        "customers": {
            "meadow": {
                "name": "Meadow", "email": "m@x.example", "billingAddress": address,
                "authorizedToCharge": True,
            },
            "gone": {"name": "Gone", "email": "g@x.example", "archived": True},
        },
        "customerBankAccounts": {
            "meadowBank": {
                "customer": "meadow", "nameOnAccount": "Meadow", "routingNumber": "074000010",
                "accountNumber": "600100200", "type": "CHECKING", "ownerType": "BUSINESS",
            }
        },
        "invoices": {
            "beans": {
                "customer": {"id": "${meadow}"}, "invoiceNumber": "1001",
                "invoiceDate": "2026-06-01", "dueDate": "2026-06-30",
                "invoiceLineItems": [{"description": "Beans", "quantity": 2, "price": 40}],
            }
        },
        "history": [
            {
                "at": "2026-06-02T16:00:00Z",
                "call": {
                    "operation": "POST /v3/bill-approvals/actions", "by": "dana",
                    "body": [{"bill": "rent", "action": "APPROVE"}],
                },
            },
            {
                "at": "2026-06-03T16:00:00Z",
                "call": {
                    "operation": "POST /v3/payments", "as": "paid",
                    "body": payment(amount="${rent.amount}", processDate="2026-06-04"),
                },
            },
        ],
    }  # fmt: skip
    client = await enter(control, data)

    async def listed(path: str) -> list[dict[str, Any]]:
        return list((await client.get(path)).body["results"])

    assert (await client.get(f"/v3/organizations/{client.world['organizationId']}")).body[
        "name"
    ] == "Another House"
    assert "Dana" in {one["firstName"] for one in await listed("/v3/users")}
    accounts = {
        one["bankName"]: one["status"] for one in await listed("/v3/funding-accounts/banks")
    }
    assert accounts == {"First Cedar Bank": "VERIFIED", "Reserve": "VERIFIED", "Fresh": "PENDING"}
    [rent] = await listed("/v3/bills?filters=invoice.invoiceNumber:eq:RENT-07")
    assert (rent["approvalStatus"], rent["createdTime"]) == (
        "APPROVED",
        "2026-06-01T16:00:00.000+00:00",
    )
    # The check of 3 June is on its way when the client comes on 10 June.
    [paid] = await listed("/v3/payments")
    assert (paid["amount"], paid["singleStatus"]) == (4150.0, "SENT")
    archived = {one["name"]: one["archived"] for one in await listed("/v3/customers")}
    assert archived == {"Meadow": False, "Gone": True}
    [beans] = await listed("/v3/invoices")
    assert beans["dueAmount"] == 80.0


async def test_a_payer_of_a_scenario_may_pay_from_its_accounts(control: BillClient) -> None:
    data = small()
    data["world"]["users"] = {
        "pia": {"firstName": "Pia", "lastName": "Sol", "email": "p@x.example", "role": "PAYER"}
    }
    answer = await make(control, data)
    pia = next(user for user in answer.body["users"] if user["username"] == "p@x.example")
    world = {**answer.body, "users": [pia]}
    client = BillClient(control.http, control.origin, world)
    assert (await client.login("PAYER")).status == 200
    [bill] = (await client.get("/v3/bills?filters=invoice.invoiceNumber:eq:RENT-07")).body[
        "results"
    ]
    assert (await client.pay(bill, 4150.00)).status == 201


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (
            {"bills": {"more": {"vendor": "orchard"}}},
            "scenario.world.bills.more.dueDate: Field required;",
        ),
        (
            {"history": [{"at": "2026-06-10T16:00:00Z", "call": {
                "operation": "POST /v3/payments", "body": payment(amount=5000)}}]},
            "scenario.world.history[0]: ",
        ),
        (
            {"history": [{"at": "2026-06-10T16:00:00Z", "call": {
                "operation": "POST /v3/payments", "by": "auditor", "body": payment()}}]},
            "scenario.world.history[0]: ",
        ),
        (
            {"bankAccounts": {
                name: {
                    "nameOnAccount": "House", "routingNumber": "021000021",
                    "accountNumber": "700111222", "type": "SAVINGS", "ownerType": "BUSINESS",
                    "bankName": "Reserve", "status": "PENDING",
                }
                for name in ("one", "same")
            }},
            "scenario.world.bankAccounts.same: ",
        ),
    ],
    ids=["format", "more than due", "an auditor pays", "twice the same account"],
)  # fmt: skip
async def test_a_world_that_bill_would_refuse_is_not_made(
    control: BillClient, change: dict[str, Any], detail: str
) -> None:
    data = small()
    data["world"] |= change
    before = (await control.call("GET", "/_sim/worlds")).body
    check_told(await make(control, data, name="refused"), 400, detail)
    assert (await control.call("GET", "/_sim/worlds")).body == before


async def test_an_unknown_scenario_is_refused_with_the_known_ones(control: BillClient) -> None:
    answer = await make(control, "month-end")
    check_told(answer, 404, "There is no scenario 'month-end'; there are approval-chain, ")
    listed = await control.call("GET", "/_sim/scenarios/../../etc")
    assert listed.status == 404


async def test_a_scenario_has_its_own_start(control: BillClient) -> None:
    answer = await make(control, small(), start="2026-01-01T00:00:00Z")
    check_problem(answer, 400, "start: a scenario has a start of its own.")


async def test_settings_of_the_request_go_before_those_of_the_scenario(
    control: BillClient,
) -> None:
    client = await enter(control, small(), behaviour={"mfa": "required"})
    [bill, *_] = (await client.get("/v3/bills")).body["results"]
    refused = await client.pay(bill, bill["amount"])
    assert (refused.status, refused.body[0]["code"]) == (403, "BDC_1361")


async def test_scenarios_are_listed_and_shown(control: BillClient) -> None:
    listed = (await control.call("GET", "/_sim/scenarios")).body["results"]
    assert [one["name"] for one in listed] == list(names())
    assert all(one.keys() == {"name", "title", "story", "task"} for one in listed)
    shown = (await control.call("GET", f"/_sim/scenarios/{names()[0]}")).body
    assert {**listed[0]}.items() <= shown.items()
    # What is shown can be played.
    assert (await make(control, shown)).status == 201


async def test_the_default_world_of_a_server_can_be_a_scenario(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    file = tmp_path / "story.yaml"
    file.write_text(SMALL)
    for scenario in (str(file), "mfa-wall"):
        async with Simulator(scenario=scenario, behaviour=Behaviour(checks="uncashed")) as server:
            async with http.get(f"{server.url}/_sim/worlds/default") as response:
                world = await response.json()
            assert world["counts"]["vendors"] == 1
            assert world["task"]
            expected = "required" if scenario == "mfa-wall" else "bypassed"
            assert server.worlds.default.behaviour.mfa == expected
            # What the scenario leaves open is the server's.
            assert server.worlds.default.behaviour.checks == "uncashed"


def test_a_server_does_not_start_with_a_faulty_file(tmp_path: Path) -> None:
    file = tmp_path / "story.yaml"
    file.write_text(SMALL.replace("title", "tilte"))
    with pytest.raises(ScenarioError, match=r"story.yaml:2:1: tilte: "):
        Simulator(scenario=str(file))


async def test_a_live_scenario_runs_on_from_its_start(control: BillClient) -> None:
    data = small()
    data["world"]["clock"] = "live"
    client = await enter(control, data)
    clock = (await client.control("GET", "/clock")).body
    assert clock["mode"] == "live"
    assert clock["now"].startswith("2026-06-10T16:0")


async def test_a_state_document_brings_the_scenario_along(control: BillClient) -> None:
    client = await enter(control, small())
    async with control.http.get(
        f"{control.origin}/_sim/worlds/{client.world['world']}/state"
    ) as response:
        document = await response.read()
    other = await make(control, "mfa-wall")
    taker = BillClient(control.http, control.origin, other.body)
    path = f"/_sim/worlds/{other.body['world']}/state"
    assert (await taker.call("PUT", path, raw=document)).status == 200
    assert (await taker.control("GET", "")).body["task"] == "Pay the rent."
    assert json.loads(document)["scenario"]["name"] == "small"
