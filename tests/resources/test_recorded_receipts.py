"""Money received outside BILL over HTTP: shares, rests, refusals."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http import BillClient
from tests.resources.payables import A_MINUTE_LATER, NO_DATA, NOW, told
from tests.resources.receivables import (
    CUSTOMERS,
    INVOICES,
    NO_ID,
    RECEIVED,
    RECORD,
    TODAY,
    UNKNOWN_CUSTOMER,
    UNKNOWN_INVOICE,
    balance,
    new_customer,
    new_invoice,
    parts,
    read_invoice,
    record,
)

TYPES = ["CASH", "CHECK", "CREDIT_CARD", "ACH", "PAYPAL", "OTHER"]


async def world(client: BillClient) -> dict[str, Any]:
    """All that a refused record must leave alone."""
    lists = (CUSTOMERS, INVOICES, RECEIVED)
    return {path: (await client.get(path)).body for path in lists}


async def test_the_sample_of_bill_with_texts_for_numbers_is_taken(client: BillClient) -> None:
    customer = await new_customer(client)
    invoice = await new_invoice(client, customer["id"], 79.98)
    await client.advance(seconds=60, sign_in=False)
    body = {
        "amount": "100",
        "customerId": customer["id"],
        "invoices": [{"amount": "50", "id": invoice["id"]}],
        "paymentDate": "2025-12-20",
        "paymentType": "CREDIT_CARD",
        "description": "Accepted credit card payment in store",
    }
    answer = await client.post(RECORD, body)
    assert answer.status == 200
    entry = answer.body["invoices"][0]["payments"][0]
    assert (answer.body["id"][:5], entry["id"][:5]) == ("0rp02", "0ip02")
    assert entry == {"id": entry["id"], "amount": 50.0, "status": "PAID", "date": "2025-12-20"}
    assert answer.body == {
        "id": answer.body["id"],
        "customerId": customer["id"],
        "paymentType": "CREDIT_CARD",
        "paymentDate": "2025-12-20",
        "amount": 100.0,
        "unappliedAmount": 50.0,
        "status": "PAID",
        "description": "Accepted credit card payment in store",
        "invoices": [{"id": invoice["id"], "payments": [entry]}],
    }
    assert await read_invoice(client, invoice) == {
        **invoice,
        "status": "PARTIAL_PAYMENT",
        "dueAmount": 29.98,
        "payments": [entry],
        "updatedTime": A_MINUTE_LATER,
    }
    assert await balance(client, customer["id"]) == -20.02


@pytest.mark.parametrize("kind", TYPES)
async def test_recorded_money_is_a_received_payment_from_nowhere(
    client: BillClient, kind: str
) -> None:
    customer = await new_customer(client)
    invoice = await new_invoice(client, customer["id"])
    answer = await record(client, 100, (invoice, 100), paymentType=kind, paymentDate="2026-05-01")
    read = await client.get(f"{RECEIVED}/{answer.body['id']}")
    assert read.status == 200
    assert read.body == {
        "amount": 100.0,
        "id": answer.body["id"],
        "customerId": customer["id"],
        "invoicePayments": [
            {"invoiceId": invoice["id"], "amount": 100.0, "paymentDate": "2026-05-01"}
        ],
        "paymentDate": "2026-05-01",
        "fundingAccount": {},
        "receivablesAccount": {"id": NO_ID},
        "unappliedAmount": 0.0,
        "receivablesType": kind,
        "status": "PAID",
        "onlinePayment": False,
        "createdTime": NOW,
        "updatedTime": NOW,
    }
    assert parts(await read_invoice(client, invoice)) == ("PAID_IN_FULL", 100.0, 0.0, 0.0, 0.0)


async def test_several_invoices_of_a_customer_share_one_payment(client: BillClient) -> None:
    customer = await new_customer(client)
    first, second, third = [await new_invoice(client, customer["id"]) for _ in range(3)]
    answer = await record(client, 150.5, (first, 100), (second, 50.25))
    assert answer.status == 200
    assert (answer.body["amount"], answer.body["unappliedAmount"]) == (150.5, 0.25)
    shares = [(one["id"], one["payments"][0]["amount"]) for one in answer.body["invoices"]]
    assert shares == [(first["id"], 100.0), (second["id"], 50.25)]
    assert [(await read_invoice(client, one))["dueAmount"] for one in (first, second, third)] == [
        0.0,
        49.75,
        100.0,
    ]
    assert await balance(client, customer["id"]) == 149.5


async def test_an_invoice_may_stand_in_one_payment_twice(client: BillClient) -> None:
    customer = await new_customer(client)
    invoice = await new_invoice(client, customer["id"])
    too_much = await record(client, 101, (invoice, 60), (invoice, 41))
    text = f"Invoice {invoice['id']}: 41.00 is more than is due (40.00)."
    assert (too_much.status, told(too_much)) == (422, [(None, text)])
    answer = await record(client, 100, (invoice, 60), (invoice, 40))
    assert answer.status == 200
    entries = (await read_invoice(client, invoice))["payments"]
    assert [one["payments"][0] for one in answer.body["invoices"]] == entries
    assert [entry["amount"] for entry in entries] == [60.0, 40.0]


async def test_payments_of_an_invoice_add_up_in_their_order(client: BillClient) -> None:
    customer = await new_customer(client)
    invoice = await new_invoice(client, customer["id"])
    for amount, status, due in (
        (0.01, "PARTIAL_PAYMENT", 99.99),
        (99.98, "PARTIAL_PAYMENT", 0.01),
        (0.01, "PAID_IN_FULL", 0.0),
    ):
        assert (await record(client, amount, (invoice, amount))).status == 200
        assert parts(await read_invoice(client, invoice)) == (status, 100.0, 0.0, 0.0, due)
    entries = (await read_invoice(client, invoice))["payments"]
    assert [entry["amount"] for entry in entries] == [0.01, 99.98, 0.01]
    assert len({entry["id"] for entry in entries}) == 3


async def test_amounts_are_rounded_to_cents(client: BillClient) -> None:
    customer = await new_customer(client)
    invoice = await new_invoice(client, customer["id"])
    answer = await record(client, 10.015, (invoice, 10.005))
    assert (answer.body["amount"], answer.body["unappliedAmount"]) == (10.02, 0.01)
    assert answer.body["invoices"][0]["payments"][0]["amount"] == 10.01


async def test_invoices_of_two_customers_are_refused(client: BillClient) -> None:
    customer, other = await new_customer(client), await new_customer(client)
    invoice = await new_invoice(client, customer["id"])
    foreign = await new_invoice(client, other["id"])
    before = await world(client)
    text = f"Invoice {foreign['id']} is not an invoice of customer {customer['id']}."
    for answer in (
        await record(client, 200, (invoice, 100), (foreign, 100)),
        await record(client, 100, (foreign, 100), customerId=customer["id"]),
    ):
        assert (answer.status, told(answer)) == (422, [(None, text)])
    assert await world(client) == before


@pytest.mark.parametrize(
    ("amount", "share", "text"),
    [
        (99.99, 100, "The invoices' amounts (100.00) are more than the payment (99.99)."),
        (100, 100.01, "The invoices' amounts (100.01) are more than the payment (100.00)."),
        (100.01, 100.01, "Invoice {id}: 100.01 is more than is due (100.00)."),
        (1000, 500, "Invoice {id}: 500.00 is more than is due (100.00)."),
    ],
)
async def test_more_than_came_or_is_due_is_refused(
    client: BillClient, amount: float, share: float, text: str
) -> None:
    customer = await new_customer(client)
    invoice = await new_invoice(client, customer["id"])
    before = await world(client)
    answer = await record(client, amount, (invoice, share))
    assert (answer.status, told(answer)) == (422, [(None, text.format(id=invoice["id"]))])
    assert await world(client) == before


async def test_a_fault_of_the_last_invoice_takes_all_back(client: BillClient) -> None:
    customer = await new_customer(client)
    good, paid = [await new_invoice(client, customer["id"]) for _ in range(2)]
    assert (await record(client, 100, (paid, 100))).status == 200
    before = await world(client)
    answer = await record(client, 101, (good, 100), (paid, 1))
    text = f"Invoice {paid['id']}: 1.00 is more than is due (0.00)."
    assert (answer.status, told(answer)) == (422, [(None, text)])
    assert await world(client) == before


async def test_an_archived_invoice_takes_no_money(client: BillClient) -> None:
    customer = await new_customer(client)
    invoice = await new_invoice(client, customer["id"])
    await client.post(f"{INVOICES}/{invoice['id']}/archive")
    answer = await record(client, 100, (invoice, 100))
    text = f"Invoice {invoice['id']} is archived."
    assert (answer.status, told(answer)) == (422, [(None, text)])
    await client.post(f"{INVOICES}/{invoice['id']}/restore")
    assert (await record(client, 100, (invoice, 100))).status == 200


async def test_an_archived_customer_may_still_pay(client: BillClient) -> None:
    customer = await new_customer(client)
    invoice = await new_invoice(client, customer["id"])
    await client.post(f"{CUSTOMERS}/{customer['id']}/archive")
    assert (await record(client, 120, (invoice, 100))).status == 200
    assert await balance(client, customer["id"]) == -20.0


async def test_unknown_records_are_404(client: BillClient) -> None:
    customer = await new_customer(client)
    invoice = await new_invoice(client, customer["id"])
    for answer in (
        await record(client, 1, ({"id": UNKNOWN_INVOICE}, 1)),
        await record(client, 1, (invoice, 1), customerId=UNKNOWN_CUSTOMER),
    ):
        assert (answer.status, told(answer)) == (404, [NO_DATA])


@pytest.mark.parametrize(
    ("change", "messages"),
    [
        (
            dict.fromkeys(("amount", "paymentDate", "paymentType", "invoices")),
            [f"{name}: must not be null"
             for name in ("amount", "paymentDate", "paymentType", "invoices")],
        ),
        ({"invoices": []}, ["invoices: must not be empty"]),
        ({"amount": 0}, ["amount: must be greater than 0"]),
        ({"invoices": [{"id": "00e1", "amount": -5}]},
         ["invoices[0].amount: must be greater than 0"]),
        ({"invoices": [{}]},
         ["invoices[0].id: must not be blank", "invoices[0].amount: must not be null"]),
        ({"description": "x" * 4001}, ["description: size must be between 0 and 4000"]),
        ({"paymentType": "WIRE"},
         ["JSON parse error: Cannot deserialize value of type `PaymentType` from String"
          ' "WIRE": not one of the values accepted for Enum class:'
          " [ACH, CASH, CHECK, CREDIT_CARD, OTHER, PAYPAL]"]),
    ],
)  # fmt: skip
async def test_a_record_with_wrong_members_is_refused(
    client: BillClient, change: dict[str, Any], messages: list[str]
) -> None:
    body = {
        "amount": 100,
        "paymentDate": TODAY,
        "paymentType": "CASH",
        "invoices": [{"id": UNKNOWN_INVOICE, "amount": 100}],
        **change,
    }
    answer = await client.post(RECORD, body)
    assert (answer.status, told(answer)) == (400, [(None, message) for message in messages])
