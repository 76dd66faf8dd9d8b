"""The counters for Prometheus, read by Prometheus' own parser."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from simulator.core.counts import Count, Counts
from tests.conftest import MakeClient
from tests.http import BillClient

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]
BILLS = "/connect/v3/bills"


async def scraped(client: BillClient) -> str:
    """What a scrape gets, which must be of the type that Prometheus asks for."""
    async with client.http.get(f"{client.origin}/_sim/metrics") as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return await response.text()


async def samples(client: BillClient) -> Samples:
    families = text_string_to_metric_families(await scraped(client))
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def key(name: str, **labels: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    return (f"bill_simulator_{name}", tuple(sorted(labels.items())))


def calls(method: str, operation: str, status: int | str, code: str = "") -> Any:
    told = {"method": method, "operation": operation, "status": str(status), "code": code}
    return key("requests_total", **told)


async def test_calls_are_counted_by_operation_status_and_code(client: BillClient) -> None:
    for _ in range(3):
        await client.get("/v3/bills")
    await client.get("/v3/bills/x")
    await client.get("/v3/bills/y")
    await client.post("/v3/vendors", {})
    await client.get("/v3/nowhere")
    await client.call("PROPFIND", "/elsewhere")
    await client.get("/v3/spend/reimbursements")
    found = await samples(client)
    counted = {name: value for name, value in found.items() if name[0].endswith("requests_total")}
    assert counted == {
        calls("POST", "/connect/v3/login", 200): 1,
        calls("GET", BILLS, 200): 3,
        calls("GET", BILLS + "/{billId}", 404, "BDC_1205"): 2,
        calls("POST", "/connect/v3/vendors", 400): 1,
        calls("GET", "", 404, "BDC_1121"): 1,
        calls("other", "", 404, "BDC_1121"): 1,
        calls("GET", "/connect/v3/spend/reimbursements", 501): 1,
    }


async def test_cuts_faults_and_limits_are_counted(client: BillClient) -> None:
    for effect in ({"drop": "before"}, {"code": "BDC_1107"}):
        await client.control("POST", "/faults", {"effect": effect, "times": 1})
    # A GET would be sent once more by the client itself.
    with pytest.raises(aiohttp.ClientError):
        await client.post("/v3/bills", {})
    await client.get("/v3/bills")
    await client.control("PATCH", "/limits", {"requestsPerHour": 0})
    await client.get("/v3/bills")
    found = await samples(client)
    assert found[calls("POST", BILLS, "")] == 1
    assert found[calls("GET", BILLS, 423, "BDC_1107")] == 1
    assert found[calls("GET", BILLS, 429, "BDC_1144")] == 1
    assert found[key("faults_struck_total", effect="drop")] == 1
    assert found[key("faults_struck_total", effect="code")] == 1
    assert found[key("limits_refused_total", limit="requestsPerHour")] == 1


async def test_sizes_are_those_of_all_worlds(make_client: MakeClient) -> None:
    client = await make_client()
    before = await samples(client)
    other = await make_client(role=None)
    await client.new_vendor()
    after = await samples(client)
    assert after[key("worlds")] == before[key("worlds")] + 1
    assert after[key("rows", resource="vendors")] == before[key("rows", resource="vendors")] + 1
    assert after[key("rows", resource="users")] == before[key("rows", resource="users")] + 6
    assert after[key("sessions")] == before[key("sessions")] == 1
    await other.login()
    assert (await samples(client))[key("sessions")] == 2


async def test_timers_are_counted_when_they_fire(payer: BillClient) -> None:
    bill = await payer.new_bill((await payer.new_vendor())["id"])
    assert (await payer.pay(bill, 10)).status == 201
    assert (await samples(payer))[key("timers_waiting")] > 0
    fired = (await payer.advance(businessDays=9)).body["fired"]
    found = await samples(payer)
    counted = {name: value for name, value in found.items() if "timers_fired" in name[0]}
    kinds = [timer["kind"] for timer in fired]
    assert counted == {
        key("timers_fired_total", kind=kind): kinds.count(kind) for kind in dict.fromkeys(kinds)
    }
    assert counted


async def test_counts_never_fall(client: BillClient) -> None:
    await client.get("/v3/bills")
    before = await samples(client)
    await client.control("POST", "/reset")
    await client.control("DELETE", "")
    after = await samples(client)
    totals = [name for name in before if name[0].endswith("_total")]
    assert totals
    assert all(after[name] >= before[name] for name in totals)


async def test_every_metric_has_a_type_and_a_text(client: BillClient) -> None:
    families = list(text_string_to_metric_families(await scraped(client)))
    assert len({family.name for family in families}) == len(families)
    assert all(family.documentation for family in families)
    assert {family.type for family in families} == {"counter", "gauge"}
    # The parser leaves the ending of counters out.
    assert {count.name.removesuffix("_total") for count in Counts()} <= {
        family.name for family in families
    }


@pytest.mark.parametrize("value", ['a "quoted" one', "back\\slash", "two\nlines", "é€", ""])
async def test_label_values_are_escaped(
    client: BillClient, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = Count("odd_total", "An odd one.", "value")
    odd[(value,)] += 2
    monkeypatch.setattr(Counts, "__iter__", lambda self: iter([odd]))
    assert (await samples(client))[("odd_total", (("value", value),))] == 2


async def test_a_client_cannot_add_labels_at_will(client: BillClient) -> None:
    before = len(await samples(client))
    for number in range(20):
        await client.get(f"/v3/nowhere-{number}")
        await client.get(f"/v3/bills/{number}")
        await client.get("/v3/bills", headers={"devKey": f"key-{number}"})
    assert len(await samples(client)) <= before + 3
