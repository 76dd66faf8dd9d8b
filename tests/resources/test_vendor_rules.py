"""Vendors over HTTP: roles, trusted sessions, bulk, balance."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.resources.payables import (
    A_MINUTE_LATER,
    NO_PERMISSION,
    NOW,
    ROLLED_BACK,
    SMALLEST_VENDOR,
    told,
)

UNTRUSTED = ("BDC_1361", "Untrusted session.")
WITH_AUTO_PAY = {**SMALLEST_VENDOR, "autoPay": {"enabled": True, "maxAmount": 100}}


WRITES: tuple[tuple[str, str, Any], ...] = (
    ("POST", "", SMALLEST_VENDOR),
    ("POST", "/bulk", [SMALLEST_VENDOR]),
    ("PATCH", "/{id}", {"name": "Renamed"}),
    ("POST", "/{id}/archive", None),
    ("POST", "/{id}/restore", None),
    ("POST", "/{id}/bank-account", {"accountNumber": "111222333"}),
    ("DELETE", "/{id}/bank-account", None),
)


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
@pytest.mark.parametrize("role", ["APPROVER", "PAYER", "AUDITOR"])
async def test_a_role_that_enters_no_bills_cannot_write_vendors(
    client: BillClient, role: str, method: str, path: str, body: Any
) -> None:
    vendor = await client.new_vendor()
    await client.login(role)
    url = f"/v3/vendors{path.format(id=vendor['id'])}"
    answer = await client.call(method, f"/connect{url}", body)
    assert answer.status == 403
    assert told(answer) == [NO_PERMISSION]
    listed = (await client.get("/v3/vendors")).body["results"]
    assert listed == [vendor]


@pytest.mark.parametrize("role", ["ADMINISTRATOR", "ACCOUNTANT", "CLERK"])
async def test_a_role_that_enters_bills_may_write_vendors(client: BillClient, role: str) -> None:
    await client.login(role)
    vendor = await client.new_vendor()
    path = f"/v3/vendors/{vendor['id']}"
    assert (await client.patch(path, {"name": "Renamed"})).status == 200
    assert (await client.post(f"{path}/archive")).status == 200
    assert (await client.post(f"{path}/restore")).status == 200
    assert (await client.delete(f"{path}/bank-account")).status == 204


async def test_every_role_reads_vendors(client: BillClient) -> None:
    vendor = await client.new_vendor()
    for user in client.world["users"]:
        await client.login(user["role"])
        assert (await client.get(f"/v3/vendors/{vendor['id']}")).body == vendor
        assert (await client.get("/v3/vendors")).body == {"results": [vendor]}


async def test_auto_pay_asks_for_a_trusted_session(client: BillClient) -> None:
    created = await client.post("/v3/vendors", WITH_AUTO_PAY)
    assert (created.status, told(created)) == (403, [UNTRUSTED])
    vendor = (await client.post("/v3/vendors", SMALLEST_VENDOR)).body
    change = {"name": "Renamed", "autoPay": {"enabled": True}}
    patched = await client.patch(f"/v3/vendors/{vendor['id']}", change)
    assert (patched.status, told(patched)) == (403, [UNTRUSTED])
    assert (await client.get("/v3/vendors")).body == {"results": [vendor]}


async def test_a_trusted_session_turns_auto_pay_on_and_is_noted(payer: BillClient) -> None:
    session = (await payer.get("/v3/login/session")).body
    created = await payer.post("/v3/vendors", WITH_AUTO_PAY)
    assert created.status == 201
    on = {"enabled": True, "createdBy": session["userId"], "maxAmount": 100.0}
    assert created.body["autoPay"] == on
    vendor = (await payer.post("/v3/vendors", SMALLEST_VENDOR)).body
    change = {"autoPay": {"enabled": True, "maxAmount": 100}}
    patched = await payer.patch(f"/v3/vendors/{vendor['id']}", change)
    assert (patched.status, patched.body["autoPay"]) == (200, on)


async def test_auto_pay_needs_no_trust_where_mfa_is_bypassed(make_client: MakeClient) -> None:
    client = await make_client(mfa="bypassed")
    created = await client.post("/v3/vendors", WITH_AUTO_PAY)
    assert (created.status, created.body["autoPay"]["enabled"]) == (201, True)


def named(count: int) -> list[dict[str, Any]]:
    return [{**SMALLEST_VENDOR, "name": f"Vendor {number:02}"} for number in range(count)]


@pytest.mark.parametrize("count", [1, 20])
async def test_bulk_makes_up_to_20_vendors_in_order(client: BillClient, count: int) -> None:
    answer = await client.post("/v3/vendors/bulk", named(count))
    assert (answer.status, list(answer.body)) == (201, ["vendors"])
    made = answer.body["vendors"]
    assert [vendor["name"] for vendor in made] == [body["name"] for body in named(count)]
    assert len({vendor["id"] for vendor in made}) == count
    assert (await client.get("/v3/vendors")).body == {"results": made}


@pytest.mark.parametrize("count", [0, 21])
async def test_bulk_of_none_or_more_than_20_vendors_is_refused(
    client: BillClient, count: int
) -> None:
    answer = await client.post("/v3/vendors/bulk", named(count))
    assert (answer.status, told(answer)) == (400, [(None, "size must be between 1 and 20")])
    assert (await client.get("/v3/vendors")).body == {"results": []}


async def test_bulk_names_the_faulty_items_of_a_malformed_list(client: BillClient) -> None:
    body = [SMALLEST_VENDOR, {"name": "No address"}, {**SMALLEST_VENDOR, "name": ""}]
    answer = await client.post("/v3/vendors/bulk", body)
    assert answer.status == 400
    assert told(answer) == [
        (None, "[1].address: must not be null"),
        (None, "[2].name: must not be blank"),
    ]
    assert (await client.get("/v3/vendors")).body == {"results": []}


async def test_bulk_makes_no_vendor_when_one_is_refused(client: BillClient) -> None:
    body = [SMALLEST_VENDOR, WITH_AUTO_PAY, SMALLEST_VENDOR]
    answer = await client.post("/v3/vendors/bulk", body)
    assert (answer.status, told(answer)) == (403, [ROLLED_BACK, UNTRUSTED, ROLLED_BACK])
    assert (await client.get("/v3/vendors")).body == {"results": []}


async def balance(client: BillClient, vendor: dict[str, Any]) -> tuple[float, str]:
    shown = (await client.get(f"/v3/vendors/{vendor['id']}")).body["balance"]
    return shown["amount"], shown["lastUpdatedDate"]


async def test_the_balance_is_what_is_due_on_the_bills(client: BillClient) -> None:
    vendor, other = await client.new_vendor(), await client.new_vendor()
    await client.advance(seconds=60, sign_in=False)
    first = await client.new_bill(vendor["id"], 100.10)
    await client.new_bill(vendor["id"], 50.05)
    assert await balance(client, vendor) == (150.15, A_MINUTE_LATER)
    assert await balance(client, other) == (0.0, NOW)
    line = {"id": first["billLineItems"][0]["id"], "amount": 80}
    await client.patch(f"/v3/bills/{first['id']}", {"billLineItems": [line]})
    assert await balance(client, vendor) == (130.05, A_MINUTE_LATER)
    await client.post(f"/v3/bills/{first['id']}/archive")
    assert await balance(client, vendor) == (50.05, A_MINUTE_LATER)
    await client.post(f"/v3/bills/{first['id']}/restore")
    assert await balance(client, vendor) == (130.05, A_MINUTE_LATER)
    await client.patch(f"/v3/bills/{first['id']}", {"vendorId": other["id"]})
    assert await balance(client, vendor) == (50.05, A_MINUTE_LATER)
    assert await balance(client, other) == (80.0, A_MINUTE_LATER)


async def test_a_payment_lowers_the_balance_and_its_cancel_restores_it(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    bill = await payer.new_bill(vendor["id"], 100)
    payment = (await payer.pay(bill, 30)).body
    assert (await balance(payer, vendor))[0] == 70.0
    await payer.post(f"/v3/payments/{payment['id']}/cancel")
    assert (await balance(payer, vendor))[0] == 100.0


async def test_the_list_shows_the_same_balance(client: BillClient) -> None:
    vendor = await client.new_vendor()
    await client.new_bill(vendor["id"], 12.34)
    listed = (await client.get("/v3/vendors")).body["results"][0]
    assert listed["balance"] == {"amount": 12.34, "lastUpdatedDate": NOW}
    assert listed == (await client.get(f"/v3/vendors/{vendor['id']}")).body


async def test_auto_pay_that_is_on_stays_the_one_who_turned_it_ons(payer: BillClient) -> None:
    vendor = (await payer.post("/v3/vendors", WITH_AUTO_PAY)).body
    path = f"/v3/vendors/{vendor['id']}"
    await payer.login("CLERK")
    change = {"autoPay": {"enabled": True, "maxAmount": 200}}
    again = await payer.patch(path, change)
    assert (again.status, again.body["autoPay"]) == (200, {**vendor["autoPay"], "maxAmount": 200.0})
