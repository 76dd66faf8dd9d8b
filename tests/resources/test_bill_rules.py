"""Bills over HTTP: duplicate numbers, bulk, archived vendors, payments, roles."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.resources.payables import (
    NO_DATA,
    NO_PERMISSION,
    ROLLED_BACK,
    UNKNOWN_VENDOR,
    bill_body,
    told,
)

STRICT = {"allowDuplicateInvoiceNumber": False}


def duplicate_of(bill: dict[str, Any]) -> tuple[str, str]:
    return ("BDC_1171", f"Duplicate invoice number for {bill['id']}.")


@pytest.mark.parametrize("more", [{}, {"allowDuplicateInvoiceNumber": True}])
async def test_a_vendor_may_have_two_bills_of_one_number(
    client: BillClient, more: dict[str, Any]
) -> None:
    vendor = await client.new_vendor()
    await client.new_bill(vendor["id"])
    answer = await client.post("/v3/bills", bill_body(vendor["id"], **more))
    assert answer.status == 201


async def test_a_duplicate_number_is_bdc_1171_where_the_request_forbids_it(
    client: BillClient,
) -> None:
    vendor = await client.new_vendor()
    first = await client.new_bill(vendor["id"])
    await client.new_bill(vendor["id"])
    answer = await client.post("/v3/bills", bill_body(vendor["id"], **STRICT))
    assert (answer.status, told(answer)) == (422, [duplicate_of(first)])


async def test_numbers_of_other_vendors_and_archived_bills_are_free(client: BillClient) -> None:
    vendor, other = await client.new_vendor(), await client.new_vendor()
    first = await client.new_bill(vendor["id"])
    assert (await client.post("/v3/bills", bill_body(other["id"], **STRICT))).status == 201
    await client.post(f"/v3/bills/{first['id']}/archive")
    assert (await client.post("/v3/bills", bill_body(vendor["id"], **STRICT))).status == 201


async def test_edits_may_forbid_duplicates_too(client: BillClient) -> None:
    vendor = await client.new_vendor()
    first = await client.new_bill(vendor["id"])
    second = (await client.post("/v3/bills", bill_body(vendor["id"], "other"))).body
    path = f"/v3/bills/{second['id']}"
    change = {"invoice": {"invoiceNumber": "202501"}, **STRICT}
    for answer in (
        await client.patch(path, change),
        await client.put(path, bill_body(vendor["id"], **STRICT)),
    ):
        assert (answer.status, told(answer)) == (422, [duplicate_of(first)])
    own = await client.put(path, bill_body(vendor["id"], "other", **STRICT))
    assert own.status == 200


async def test_the_setting_refuses_duplicates_unless_the_request_allows_them(
    make_client: MakeClient,
) -> None:
    client = await make_client(duplicate_bill_numbers="refused")
    vendor = await client.new_vendor()
    first = await client.new_bill(vendor["id"])
    refused = await client.post("/v3/bills", bill_body(vendor["id"]))
    assert (refused.status, told(refused)) == (422, [duplicate_of(first)])
    allowed = bill_body(vendor["id"], allowDuplicateInvoiceNumber=True)
    assert (await client.post("/v3/bills", allowed)).status == 201


@pytest.mark.parametrize("count", [1, 100])
async def test_bulk_makes_up_to_100_bills_in_order(client: BillClient, count: int) -> None:
    vendors = [await client.new_vendor(), await client.new_vendor()]
    bodies = [
        bill_body(vendors[number % 2]["id"], f"B-{number}", billLineItems=[{"amount": number}])
        for number in range(count)
    ]
    answer = await client.post("/v3/bills/bulk", bodies)
    assert answer.status == 201
    assert [bill["vendorId"] for bill in answer.body] == [body["vendorId"] for body in bodies]
    assert [bill["amount"] for bill in answer.body] == list(map(float, range(count)))
    assert "vendorName" not in answer.body[0]
    listed = (await client.get("/v3/bills?max=100")).body["results"]
    assert [bill["id"] for bill in listed] == [bill["id"] for bill in answer.body]


@pytest.mark.parametrize("count", [0, 101])
async def test_bulk_of_none_or_more_than_100_bills_is_refused(
    client: BillClient, count: int
) -> None:
    vendor = await client.new_vendor()
    answer = await client.post("/v3/bills/bulk", [bill_body(vendor["id"])] * count)
    assert (answer.status, told(answer)) == (400, [(None, "size must be between 1 and 100")])
    assert (await client.get("/v3/bills")).body == {"results": []}


async def test_bulk_tells_the_healthy_items_that_they_were_rolled_back(
    client: BillClient,
) -> None:
    vendor = await client.new_vendor()
    healthy = bill_body(vendor["id"])
    bodies = [healthy, bill_body(UNKNOWN_VENDOR), healthy]
    answer = await client.post("/v3/bills/bulk", bodies)
    assert (answer.status, told(answer)) == (404, [ROLLED_BACK, NO_DATA, ROLLED_BACK])
    assert (await client.get("/v3/bills")).body == {"results": []}
    assert (await client.get(f"/v3/vendors/{vendor['id']}")).body == vendor


async def test_the_first_fault_of_a_bulk_call_decides_the_status(client: BillClient) -> None:
    vendor = await client.new_vendor()
    first = bill_body(vendor["id"], "once")
    again = bill_body(vendor["id"], "once", **STRICT)
    answer = await client.post("/v3/bills/bulk", [first, again, bill_body(UNKNOWN_VENDOR)])
    codes = [code for code, _ in told(answer)]
    assert (answer.status, codes) == (422, ["BDC_1246", "BDC_1171", "BDC_1205"])


async def test_bulk_names_the_faulty_items_of_a_malformed_list(client: BillClient) -> None:
    vendor = await client.new_vendor()
    bodies = [bill_body(vendor["id"]), {"vendorId": vendor["id"]}]
    answer = await client.post("/v3/bills/bulk", bodies)
    assert answer.status == 400
    assert told(answer) == [
        (None, "[1].dueDate: must not be null"),
        (None, "[1].billLineItems: must not be null"),
        (None, "[1].invoice: must not be null"),
    ]


async def test_an_archived_vendor_gets_no_new_bill(client: BillClient) -> None:
    vendor, other = await client.new_vendor(), await client.new_vendor()
    kept = await client.new_bill(vendor["id"])
    movable = await client.new_bill(other["id"])
    await client.post(f"/v3/vendors/{vendor['id']}/archive")
    archived = [(None, f"Vendor {vendor['id']} is archived.")]
    created = await client.post("/v3/bills", bill_body(vendor["id"]))
    assert (created.status, told(created)) == (422, archived)
    moved = await client.patch(f"/v3/bills/{movable['id']}", {"vendorId": vendor["id"]})
    assert (moved.status, told(moved)) == (422, archived)
    bulk = await client.post("/v3/bills/bulk", [bill_body(other["id"]), bill_body(vendor["id"])])
    assert (bulk.status, told(bulk)) == (422, [ROLLED_BACK, *archived])
    edited = await client.patch(f"/v3/bills/{kept['id']}", {"description": "still editable"})
    assert edited.status == 200
    await client.post(f"/v3/vendors/{vendor['id']}/restore")
    assert (await client.post("/v3/bills", bill_body(vendor["id"]))).status == 201


async def test_the_setting_allows_bills_for_archived_vendors(make_client: MakeClient) -> None:
    client = await make_client(bills_for_archived_vendors="allowed")
    vendor = await client.new_vendor()
    await client.post(f"/v3/vendors/{vendor['id']}/archive")
    assert (await client.post("/v3/bills", bill_body(vendor["id"]))).status == 201


async def paid_partly(client: BillClient) -> dict[str, Any]:
    """A bill of 100 of which 40 is scheduled."""
    vendor = await client.new_vendor()
    bill = await client.new_bill(vendor["id"], 100)
    assert (await client.pay(bill, 40)).status == 201
    return bill


async def test_a_bill_with_money_scheduled_or_paid_is_not_archived(payer: BillClient) -> None:
    bill = await paid_partly(payer)
    refused = [(None, f"Bill {bill['id']} has payments and cannot be archived.")]
    path = f"/v3/bills/{bill['id']}"
    answer = await payer.post(f"{path}/archive")
    assert (answer.status, told(answer)) == (422, refused)
    payment = (await payer.get("/v3/payments")).body["results"][0]
    await payer.simulate("payment.settled", payment["id"])
    assert (await payer.get(path)).body["paidAmount"] == 40.0
    answer = await payer.post(f"{path}/archive")
    assert (answer.status, told(answer)) == (422, refused)
    assert (await payer.get(path)).body["archived"] is False


async def test_a_bill_whose_payment_was_canceled_may_be_archived(payer: BillClient) -> None:
    bill = await paid_partly(payer)
    payment = (await payer.get("/v3/payments")).body["results"][0]
    await payer.post(f"/v3/payments/{payment['id']}/cancel")
    answer = await payer.post(f"/v3/bills/{bill['id']}/archive")
    assert (answer.status, answer.body["archived"]) == (200, True)


async def test_the_setting_allows_to_archive_a_bill_with_payments(
    make_client: MakeClient,
) -> None:
    client = await make_client(trusted=True, archive_bills_with_payments="allowed")
    bill = await paid_partly(client)
    answer = await client.post(f"/v3/bills/{bill['id']}/archive")
    assert (answer.status, answer.body["archived"]) == (200, True)


WRITES = (
    ("POST", ""),
    ("POST", "/bulk"),
    ("PUT", "/{id}"),
    ("PATCH", "/{id}"),
    ("POST", "/{id}/archive"),
    ("POST", "/{id}/restore"),
)


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("role", ["APPROVER", "PAYER", "AUDITOR"])
async def test_a_role_that_enters_no_bills_cannot_write_bills(
    client: BillClient, role: str, method: str, path: str
) -> None:
    vendor = await client.new_vendor()
    bill = await client.new_bill(vendor["id"])
    await client.login(role)
    body: Any = bill_body(vendor["id"])
    if path == "/bulk":
        body = [body]
    answer = await client.call(method, f"/connect/v3/bills{path.format(id=bill['id'])}", body)
    assert (answer.status, told(answer)) == (403, [NO_PERMISSION])
    named = {**bill, "vendorName": vendor["name"]}
    assert (await client.get("/v3/bills")).body == {"results": [named]}
    assert (await client.get(f"/v3/bills/{bill['id']}")).body == named


@pytest.mark.parametrize("role", ["ADMINISTRATOR", "ACCOUNTANT", "CLERK"])
async def test_a_role_that_enters_bills_may_write_bills(client: BillClient, role: str) -> None:
    vendor = await client.new_vendor()
    await client.login(role)
    bill = await client.new_bill(vendor["id"])
    path = f"/v3/bills/{bill['id']}"
    assert (await client.post("/v3/bills/bulk", [bill_body(vendor["id"])])).status == 201
    assert (await client.patch(path, {"description": "x"})).status == 200
    assert (await client.put(path, bill_body(vendor["id"]))).status == 200
    assert (await client.post(f"{path}/archive")).status == 200
    assert (await client.post(f"{path}/restore")).status == 200
