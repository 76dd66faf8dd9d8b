"""Changing invoices over HTTP: PUT and PATCH, their lines, money already there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http import Answer, BillClient
from tests.resources.payables import A_MINUTE_LATER, NO_DATA, told
from tests.resources.receivables import (
    CUSTOMERS,
    INVOICES,
    ITEMS,
    SMALLEST_CUSTOMER,
    UNKNOWN_CUSTOMER,
    balance,
    chargeable,
    invoice_body,
    new_customer,
    new_invoice,
    parts,
    read_invoice,
    record,
)

UNKNOWN_LINE = "00f02AAAAAAAAAAzzzzz"
CLASSIFICATIONS = {
    "accountingClassId": "cls1",
    "departmentId": "0de1",
    "jobId": "job1",
    "locationId": "loc1",
}
LINE_CLASSIFICATIONS = {**CLASSIFICATIONS, "chartOfAccountId": "0ca1", "itemId": "0ii1"}


async def full_invoice(client: BillClient) -> dict[str, Any]:
    """An invoice of 159.98 + 69.02 and a tax of 15.998 with all members that can be set."""
    customer = await new_customer(client)
    item = await client.post(ITEMS, {"type": "SALES_TAX", "name": "Tax", "percentage": 10})
    lines = [
        {
            "quantity": 2,
            "price": 79.99,
            "description": "Drum foot pedal",
            "taxable": True,
            "classifications": LINE_CLASSIFICATIONS,
        },
        {"quantity": 1, "price": 69.02, "description": "Cymbal stand"},
    ]
    invoice = await new_invoice(
        client,
        customer["id"],
        invoiceLineItems=lines,
        invoiceNumber="N-1",
        invoiceDate="2026-06-01",
        dueDate="2026-07-01",
        payToChartOfAccountId="0ca2",
        classifications=CLASSIFICATIONS,
        salesTaxItemId=item.body["id"],
        enableCardPayment=True,
        convenienceFee={"percentage": 2.5},
    )
    assert invoice["totalAmount"] == 245.0
    return invoice


async def patch(client: BillClient, invoice: dict[str, Any], change: dict[str, Any]) -> Answer:
    return await client.patch(f"{INVOICES}/{invoice['id']}", change)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"invoiceNumber": "N-2"}, {"invoiceNumber": "N-2"}),
        ({"invoiceNumber": "N-1"}, {}),
        ({"dueDate": "2026-08-01"}, {"dueDate": "2026-08-01"}),
        ({"invoiceDate": "2026-05-01"}, {"invoiceDate": "2026-05-01"}),
        ({"payToChartOfAccountId": "0ca3"}, {"payToChartOfAccountId": "0ca3"}),
        ({"classifications": {"jobId": "job2"}}, {"classifications": {"jobId": "job2"}}),
        ({"enableCardPayment": False}, {"enableCardPayment": False}),
        ({"convenienceFee": {"percentage": 1}}, {"convenienceFee": {"percentage": 1.0}}),
        ({"invoiceLineItems": []}, {}),
        ({"invoiceLineItems": None, "customer": None, "salesTaxItemId": None}, {}),
        ({"archived": True, "status": "PAID_IN_FULL", "totalAmount": 1, "id": "x"}, {}),
        ({}, {}),
    ],
)
async def test_patch_changes_what_it_names_and_keeps_the_rest(
    client: BillClient, change: dict[str, Any], expected: dict[str, Any]
) -> None:
    invoice = await full_invoice(client)
    await client.advance(seconds=60, sign_in=False)
    answer = await patch(client, invoice, change)
    assert answer.status == 200, answer.body
    assert answer.body == {**invoice, **expected, "updatedTime": A_MINUTE_LATER}
    assert await read_invoice(client, invoice) == answer.body


@pytest.mark.parametrize(
    ("change", "line", "total"),
    [
        ({"quantity": 3}, {"quantity": 3.0}, 332.99),
        ({"price": 10.005}, {"price": 10.005}, 91.03),
        ({"amount": 20}, {"price": 10.0}, 91.02),
        ({"amount": 20, "quantity": 4}, {"price": 5.0, "quantity": 4.0}, 91.02),
        ({"description": "Pedal"}, {"description": "Pedal"}, 245.0),
        ({"taxable": False}, {}, 229.0),
        ({"classifications": {"jobId": "x"}}, {"classifications": {"jobId": "x"}}, 245.0),
    ],
)
async def test_a_patched_line_keeps_its_id_its_place_and_what_is_not_named(
    client: BillClient, change: dict[str, Any], line: dict[str, Any], total: float
) -> None:
    invoice = await full_invoice(client)
    first, second = invoice["invoiceLineItems"]
    answer = await patch(client, invoice, {"invoiceLineItems": [{"id": first["id"], **change}]})
    assert answer.status == 200, answer.body
    assert answer.body["invoiceLineItems"] == [{**first, **line}, second]
    assert (answer.body["totalAmount"], answer.body["dueAmount"]) == (total, total)
    assert await balance(client, invoice["customerId"]) == total


async def test_a_line_without_id_in_a_patch_is_added(client: BillClient) -> None:
    invoice = await full_invoice(client)
    answer = await patch(client, invoice, {"invoiceLineItems": [{"price": 5}]})
    *kept, added = answer.body["invoiceLineItems"]
    assert kept == invoice["invoiceLineItems"]
    assert added == {"id": added["id"], "price": 5.0, "quantity": 1.0}
    assert answer.body["totalAmount"] == 250.0


async def test_put_keeps_replaces_adds_and_removes_lines(client: BillClient) -> None:
    invoice = await full_invoice(client)
    first, second = invoice["invoiceLineItems"]
    await client.advance(seconds=60, sign_in=False)
    # As in BILL's sample: a new line with an amount, and neither number nor dates.
    lines = [
        {"description": "Premium drummer gloves", "amount": 29.99, "quantity": 1},
        {"id": second["id"], "price": 50, "quantity": 2},
    ]
    body = invoice_body(invoice["customerId"], invoiceLineItems=lines)
    answer = await client.put(f"{INVOICES}/{invoice['id']}", body)
    assert answer.status == 200, answer.body
    new = answer.body["invoiceLineItems"][0]["id"]
    assert new not in (first["id"], second["id"])
    unset = ("payToChartOfAccountId", "classifications", "salesTaxItemId", "convenienceFee",
             "salesTaxPercentage", "enableCardPayment")  # fmt: skip
    assert answer.body == {
        **{name: value for name, value in invoice.items() if name not in unset},
        "invoiceLineItems": [
            {"id": new, "description": "Premium drummer gloves", "price": 29.99, "quantity": 1.0},
            {"id": second["id"], "price": 50.0, "quantity": 2.0},
        ],
        "totalAmount": 129.99,
        "dueAmount": 129.99,
        "salesTaxTotal": 0.0,
        "updatedTime": A_MINUTE_LATER,
    }
    assert await read_invoice(client, invoice) == answer.body


async def test_put_sets_every_member_it_gives(client: BillClient) -> None:
    invoice = await new_invoice(client, (await new_customer(client))["id"])
    given = {
        "invoiceNumber": "N-9",
        "invoiceDate": "2026-05-01",
        "dueDate": "2026-05-31",
        "payToChartOfAccountId": "0ca2",
        "classifications": CLASSIFICATIONS,
        "enableCardPayment": True,
        "convenienceFee": {"percentage": 2.5},
    }
    body = invoice_body(invoice["customerId"], **given)
    answer = await client.put(f"{INVOICES}/{invoice['id']}", body)
    assert answer.status == 200
    assert {name: answer.body[name] for name in given} == given


@pytest.mark.parametrize(
    ("method", "ids"),
    [("PUT", [UNKNOWN_LINE]), ("PUT", ["own", "own"]), ("PUT", [""]), ("PATCH", [UNKNOWN_LINE])],
)
async def test_a_line_id_that_is_unknown_or_put_twice_is_refused(
    client: BillClient, method: str, ids: list[str]
) -> None:
    invoice = await full_invoice(client)
    own = invoice["invoiceLineItems"][0]["id"]
    lines = [{"id": own if one == "own" else one, "price": 1} for one in ids]
    body = invoice_body(invoice["customerId"], invoiceLineItems=lines)
    answer = await client.call(method, f"/connect{INVOICES}/{invoice['id']}", body)
    text = f"invoiceLineItems: no line item {lines[-1]['id']} in invoice {invoice['id']}."
    assert (answer.status, told(answer)) == (422, [(None, text)])
    assert await read_invoice(client, invoice) == invoice


async def test_put_names_all_that_is_missing(client: BillClient) -> None:
    invoice = await full_invoice(client)
    answer = await client.put(f"{INVOICES}/{invoice['id']}", {"archived": True})
    assert (answer.status, told(answer)) == (400, [
        (None, "customer: must not be null"),
        (None, "invoiceLineItems: must not be null"),
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"invoiceNumber": "N-2"}, 422, "Duplicate invoice number for {other}."),
        ({"customer": {"id": UNKNOWN_CUSTOMER}}, 404, NO_DATA[1]),
        ({"customer": {}}, 400, "customer.name: must not be blank"),
        ({"invoiceLineItems": [{"price": -1000}]}, 400,
         "totalAmount: must be greater than or equal to 0"),
        ({"creditAmount": 0.01}, 422,
         "creditAmount 0.01 is more than the customer's credit or the invoice's total."),
        ({"paymentTermId": "00p02AAAAAAAAAAzzzzz"}, 404, NO_DATA[1]),
    ],
)  # fmt: skip
async def test_an_edit_is_checked_like_a_new_invoice(
    client: BillClient, change: dict[str, Any], status: int, message: str
) -> None:
    invoice = await full_invoice(client)
    other = await new_invoice(client, invoice["customerId"], invoiceNumber="N-2")
    answer = await patch(client, invoice, change)
    first = told(answer)[0][1]
    assert (answer.status, first) == (status, message.format(other=other["id"]))
    assert await read_invoice(client, invoice) == invoice


async def test_card_payment_cannot_be_enabled_without_a_fee(client: BillClient) -> None:
    invoice = await new_invoice(client, (await new_customer(client))["id"])
    answer = await patch(client, invoice, {"enableCardPayment": True})
    assert (answer.status, told(answer)) == (400, [(None, "convenienceFee: must not be null")])
    both = {"enableCardPayment": True, "convenienceFee": {"percentage": 0}}
    assert (await patch(client, invoice, both)).status == 200


async def test_an_unpaid_invoice_may_move_to_another_customer(client: BillClient) -> None:
    invoice = await full_invoice(client)
    old, other = invoice["customerId"], (await new_customer(client))["id"]
    moved = await patch(client, invoice, {"customer": {"id": other}})
    assert (moved.status, moved.body["customerId"]) == (200, other)
    assert (await balance(client, old), await balance(client, other)) == (0.0, 245.0)
    made = await patch(client, invoice, {"customer": SMALLEST_CUSTOMER})
    newest = (await client.get(CUSTOMERS)).body["results"][-1]
    assert made.body["customerId"] == newest["id"]
    assert (await balance(client, other), newest["balance"]["amount"]) == (0.0, 245.0)


async def test_an_invoice_of_an_archived_customer_stays_editable_and_takes_no_other(
    client: BillClient,
) -> None:
    invoice = await full_invoice(client)
    other = await new_customer(client)
    for customer_id in (invoice["customerId"], other["id"]):
        await client.post(f"{CUSTOMERS}/{customer_id}/archive")
    own = await client.put(f"{INVOICES}/{invoice['id']}", invoice_body(invoice["customerId"], 7))
    assert (own.status, own.body["totalAmount"]) == (200, 7.0)
    refused = await client.put(f"{INVOICES}/{invoice['id']}", invoice_body(other["id"]))
    text = f"Customer {other['id']} is archived."
    assert (refused.status, told(refused)) == (422, [(None, text)])


async def committed_invoice(client: BillClient, kind: str) -> dict[str, Any]:
    """An invoice of 100 of which 60 is received, scheduled or credited."""
    if kind == "scheduled":
        body = await chargeable(client)
        assert (await client.post("/v3/receivable-payments", body)).status == 201
        return await read_invoice(client, {"id": body["invoicePayments"][0]["invoiceId"]})
    customer = await new_customer(client)
    if kind == "received":
        invoice = await new_invoice(client, customer["id"])
        assert (await record(client, 60, (invoice, 60))).status == 200
        return await read_invoice(client, invoice)
    first = await new_invoice(client, customer["id"], 1)
    assert (await record(client, 61, (first, 1))).status == 200
    return await new_invoice(client, customer["id"], creditAmount=60)


KINDS = ("received", "scheduled", "credited")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_total_cannot_fall_below_the_money_on_an_invoice(
    client: BillClient, method: str, kind: str
) -> None:
    invoice = await committed_invoice(client, kind)
    line = invoice["invoiceLineItems"][0]["id"]

    async def send(price: float) -> Answer:
        lines = [{"id": line, "price": price}]
        body = invoice_body(invoice["customerId"], invoiceLineItems=lines)
        change = body if method == "PUT" else {"invoiceLineItems": lines}
        return await client.call(method, f"/connect{INVOICES}/{invoice['id']}", change)

    below = await send(59.99)
    text = (
        f"Invoice {invoice['id']}: the total 59.99 is less than what is received or"
        " scheduled (60.00)."
    )
    assert (below.status, told(below)) == (422, [(None, text)])
    assert await read_invoice(client, invoice) == invoice
    scheduled, credited = (60.0 if kind == one else 0.0 for one in ("scheduled", "credited"))
    exact = await send(60)
    done = "SCHEDULED" if kind == "scheduled" else "PAID_IN_FULL"
    assert parts(exact.body) == (done, 60.0, credited, scheduled, 0.0)
    assert await balance(client, invoice["customerId"]) == 0.0
    more = await send(75.5)
    assert parts(more.body) == ("PARTIAL_PAYMENT", 75.5, credited, scheduled, 15.5)
    assert await balance(client, invoice["customerId"]) == 15.5


@pytest.mark.parametrize("kind", KINDS)
async def test_an_invoice_with_money_on_it_keeps_its_customer(
    client: BillClient, kind: str
) -> None:
    invoice = await committed_invoice(client, kind)
    other = await new_customer(client)
    text = f"Invoice {invoice['id']} has payments; its customer cannot change."
    for customer in ({"id": other["id"]}, SMALLEST_CUSTOMER):
        answer = await patch(client, invoice, {"customer": customer})
        assert (answer.status, told(answer)) == (422, [(None, text)])
    same = {"customer": {"id": invoice["customerId"]}, "dueDate": "2026-09-01"}
    kept = await patch(client, invoice, same)
    assert (kept.status, kept.body) == (200, {**invoice, "dueDate": "2026-09-01"})


async def test_a_credit_can_be_raised_lowered_and_given_back(client: BillClient) -> None:
    invoice = await committed_invoice(client, "credited")
    for credit, due in ((10, 90.0), (60, 40.0), (0, 100.0)):
        answer = await patch(client, invoice, {"creditAmount": credit})
        assert (answer.status, answer.body["dueAmount"]) == (200, due)
        # Whatever is not on the invoice stays with the customer.
        assert await balance(client, invoice["customerId"]) == 40.0
    for credit in (60.01, 100):
        refused = await patch(client, invoice, {"creditAmount": credit})
        text = (
            f"creditAmount {credit:.2f} is more than the customer's credit or the invoice's total."
        )
        assert (refused.status, told(refused)) == (422, [(None, text)])


async def test_a_credit_finds_room_beside_received_money(client: BillClient) -> None:
    customer = await new_customer(client)
    invoice = await new_invoice(client, customer["id"])
    assert (await record(client, 140, (invoice, 60))).status == 200
    refused = await patch(client, invoice, {"creditAmount": 40.01})
    assert refused.status == 422
    full = await patch(client, invoice, {"creditAmount": 40})
    assert parts(full.body) == ("PAID_IN_FULL", 100.0, 40.0, 0.0, 0.0)
    assert await balance(client, customer["id"]) == -40.0
