"""Each shipped scenario: a client that does what is asked passes, one in a hurry does not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from importlib import import_module
from typing import Any

import aiohttp
import pytest

from simulator import Simulator
from simulator.scenarios.shipped import from_file, names
from tests.http import BillClient
from tests.readme import ROOT

Client = Callable[[BillClient], Awaitable[None]]
# Where the client in a hurry goes wrong: the keys of records that findings name.
WRONG = {
    "approval-chain": {"roof"},
    "archived-vendors": {"northwind"},
    "changed-bank-details": {"rent", "orchard"},
    "duplicate-invoice": {"repeated"},
    "failed-payments": {"power", "sentBack"},
    "invoice-collection": {"june", "mats"},
    "mfa-wall": {"rent"},
    "month-end-pay-run": {"cleaning", "freightInJune"},
    "partial-payments": {"deposit", "goods"},
    "rate-limit-storm": set[str](),
    "session-expiry": {"sound"},
    "webhook-outage": {"justThen"},
}


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator() as server:
        yield server


async def begin(simulator: Simulator, http: aiohttp.ClientSession, name: str) -> BillClient:
    async with http.post(f"{simulator.url}/_sim/worlds", json={"scenario": name}) as response:
        assert response.status == 201, await response.text()
        return BillClient(http, simulator.url, await response.json())


async def grade(client: BillClient) -> dict[str, Any]:
    answer = await client.control("POST", "/evaluate")
    assert answer.status == 200, answer.body
    return dict(answer.body)


def client_of(name: str, kind: str) -> Client:
    module = import_module(f"tests.scenarios.clients.{name.replace('-', '_')}")
    found: Client = getattr(module, kind)
    return found


def failures(verdict: dict[str, Any]) -> list[dict[str, Any]]:
    return [finding for finding in verdict["findings"] if not finding["passed"]]


@pytest.mark.parametrize("name", names())
async def test_the_reference_client_passes(
    simulator: Simulator, http: aiohttp.ClientSession, name: str
) -> None:
    client = await begin(simulator, http, name)
    await client_of(name, "reference")(client)
    verdict = await grade(client)
    assert failures(verdict) == []
    assert (verdict["passed"], verdict["score"]) == (True, 1.0)


@pytest.mark.parametrize("name", names())
async def test_the_naive_client_fails_and_findings_name_what_went_wrong(
    simulator: Simulator, http: aiohttp.ClientSession, name: str
) -> None:
    client = await begin(simulator, http, name)
    await client_of(name, "naive")(client)
    verdict = await grade(client)
    assert not verdict["passed"]
    assert verdict["score"] < 1
    named = {
        record["key"]
        for finding in failures(verdict)
        for record in finding["records"]
        if "key" in record
    }
    assert named >= WRONG[name]
    assert any(finding["records"] for finding in failures(verdict))


@pytest.mark.parametrize("name", names())
async def test_who_does_nothing_gets_nothing(
    simulator: Simulator, http: aiohttp.ClientSession, name: str
) -> None:
    client = await begin(simulator, http, name)
    verdict = await grade(client)
    assert (verdict["passed"], verdict["score"]) == (False, 0.0)


@pytest.mark.parametrize("name", names())
def test_each_is_a_file_that_checks(name: str) -> None:
    scenario = from_file(ROOT / "scenarios" / f"{name}.yaml")
    assert scenario.name == name
    assert len(scenario.story.split()) >= 30


def test_at_least_twelve_are_shipped_and_each_has_a_row_here() -> None:
    assert len(names()) >= 12
    assert set(names()) == WRONG.keys()
