"""A customer pays an invoice from its own side."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.resources.receivables import (
    INVOICES,
    RECEIVED,
    balance,
    new_customer,
    new_invoice,
    parts,
    read_invoice,
)

PAID = "invoice.paid"


@pytest.fixture
async def invoice(client: BillClient) -> dict[str, Any]:
    """An invoice of 100 dollars."""
    return await new_invoice(client, (await new_customer(client))["id"])


async def received(client: BillClient) -> list[dict[str, Any]]:
    return list((await client.get(RECEIVED)).body["results"])


async def test_what_a_customer_pays_comes_two_bank_days_later(
    client: BillClient, invoice: dict[str, Any]
) -> None:
    answer = await client.simulate(PAID, invoice["id"])
    assert answer.body == {"event": PAID, "record": await read_invoice(client, invoice)}
    assert parts(answer.body["record"]) == ("SCHEDULED", 100.0, 0.0, 100.0, 0.0)
    (payment,) = await received(client)
    assert payment == {
        "amount": 100.0,
        "id": payment["id"],
        "customerId": invoice["customerId"],
        "invoicePayments": [
            {"invoiceId": invoice["id"], "amount": 100.0, "paymentDate": "2026-06-03"}
        ],
        "paymentDate": "2026-06-03",
        "fundingAccount": {"type": "BANK_ACCOUNT"},
        "receivablesAccount": {"id": await client.bank_account(), "type": "BANK_ACCOUNT"},
        "unappliedAmount": 0.0,
        "receivablesType": "ACH",
        "status": "SCHEDULED",
        "onlinePayment": True,
        "createdTime": "2026-06-03T16:00:00.000+00:00",
        "updatedTime": "2026-06-03T16:00:00.000+00:00",
    }
    await client.advance(to="2026-06-05T05:59:59-07:00")
    assert (await received(client))[0]["status"] == "SCHEDULED"
    await client.advance(to="2026-06-05T06:00:00-07:00")
    assert (await received(client))[0]["status"] == "PAID"
    paid = await read_invoice(client, invoice)
    assert parts(paid) == ("PAID_IN_FULL", 100.0, 0.0, 0.0, 0.0)
    assert [one["status"] for one in paid["payments"]] == ["PAID"]
    assert await balance(client, invoice["customerId"]) == 0


async def test_manual_settlement_leaves_it_scheduled(make_client: MakeClient) -> None:
    client = await make_client(settlement="manual")
    invoice = await new_invoice(client, (await new_customer(client))["id"])
    await client.simulate(PAID, invoice["id"])
    await client.advance(days=30)
    (payment,) = await received(client)
    assert payment["status"] == "SCHEDULED"
    await client.simulate("received_payment.settled", payment["id"])
    assert parts(await read_invoice(client, invoice))[0] == "PAID_IN_FULL"


async def test_a_part_may_be_paid_and_the_rest_later(
    client: BillClient, invoice: dict[str, Any]
) -> None:
    await client.simulate(PAID, invoice["id"], amount=40)
    assert parts(await read_invoice(client, invoice)) == ("PARTIAL_PAYMENT", 100.0, 0.0, 40.0, 60.0)
    too_much = await client.simulate(PAID, invoice["id"], amount=60.01)
    assert too_much.status == 409
    assert too_much.body["detail"] == "amount: 60.01 is more than is due (60.00)."
    assert len(await received(client)) == 1
    await client.simulate(PAID, invoice["id"], receivablesType="WALLET")
    assert parts(await read_invoice(client, invoice)) == ("SCHEDULED", 100.0, 0.0, 100.0, 0.0)
    assert [one["fundingAccount"] for one in await received(client)] == [
        {"type": "BANK_ACCOUNT"},
        {},
    ]


async def test_a_card_pays_the_convenience_fee_on_top(client: BillClient) -> None:
    fee = {"enableCardPayment": True, "convenienceFee": {"percentage": 2.9}}
    invoice = await new_invoice(client, (await new_customer(client))["id"], 99.99, **fee)
    await client.simulate(PAID, invoice["id"], receivablesType="CREDIT_CARD")
    (payment,) = await received(client)
    assert (payment["amount"], payment["convenienceFeeAmount"]) == (99.99, 2.9)
    assert payment["fundingAccount"] == {"type": "CARD_ACCOUNT"}


@pytest.mark.parametrize(
    ("events", "status", "entry", "invoice_parts"),
    [
        (["failed"], "VOID", "VOID", ("OPEN", 100.0, 0.0, 0.0, 100.0)),
        (["canceled"], "CANCELED", "CANCELED", ("OPEN", 100.0, 0.0, 0.0, 100.0)),
        (["settled", "returned"], "VOID", "VOID", ("OPEN", 100.0, 0.0, 0.0, 100.0)),
    ],
)
async def test_what_does_not_come_or_comes_back_is_due_again(
    client: BillClient,
    invoice: dict[str, Any],
    events: list[str],
    status: str,
    entry: str,
    invoice_parts: tuple[Any, ...],
) -> None:
    await client.simulate(PAID, invoice["id"])
    (payment,) = await received(client)
    for event in events:
        answer = await client.simulate(f"received_payment.{event}", payment["id"])
        assert answer.status == 200, answer.body
    now = await read_invoice(client, invoice)
    assert parts(now) == invoice_parts
    assert [one["status"] for one in now["payments"]] == [entry]
    assert (await received(client))[0]["status"] == status
    assert await balance(client, invoice["customerId"]) == 100
    await client.advance(days=30)
    assert (await received(client))[0]["status"] == status


async def test_an_archived_invoice_is_not_paid(client: BillClient, invoice: dict[str, Any]) -> None:
    await client.post(f"{INVOICES}/{invoice['id']}/archive")
    refused = await client.simulate(PAID, invoice["id"])
    assert (refused.status, refused.body["detail"]) == (
        409,
        f"invoice {invoice['id']} is archived.",
    )


async def test_a_setting_lets_customers_pay_on_the_due_date_what_is_due_then(
    make_client: MakeClient,
) -> None:
    client = await make_client(customers_pay="on_due_date")
    customer = (await new_customer(client))["id"]
    one = await new_invoice(client, customer, dueDate="2026-06-10")
    await client.simulate(PAID, one["id"], amount=40)
    await client.advance(to="2026-06-10T08:59:59-07:00")
    assert [payment["amount"] for payment in await received(client)] == [40.0]
    await client.advance(to="2026-06-10T09:00:00-07:00")
    assert [payment["amount"] for payment in await received(client)] == [40.0, 60.0]
    await client.advance(businessDays=2)
    assert (await read_invoice(client, one))["status"] == "PAID_IN_FULL"


@pytest.mark.parametrize("change", ["moved", "archived", "paid"])
async def test_a_customer_pays_by_itself_neither_early_nor_what_is_not_due(
    make_client: MakeClient, change: str
) -> None:
    client = await make_client(customers_pay="on_due_date", session_expiry="never")
    invoice = await new_invoice(client, (await new_customer(client))["id"], dueDate="2026-06-10")
    place = f"{INVOICES}/{invoice['id']}"
    if change == "moved":
        await client.patch(place, {"dueDate": "2026-06-12"})
    elif change == "archived":
        await client.post(f"{place}/archive")
    else:
        await client.simulate(PAID, invoice["id"])
    before = await received(client)
    await client.advance(to="2026-06-11T12:00:00-07:00")
    assert len(await received(client)) == len(before)
    await client.advance(to="2026-06-12T09:00:00-07:00")
    assert len(await received(client)) == len(before) + (change == "moved")


async def test_an_invoice_that_is_due_already_is_paid_at_once(make_client: MakeClient) -> None:
    client = await make_client(customers_pay="on_due_date")
    customer = (await new_customer(client))["id"]
    await new_invoice(client, customer, invoiceDate="2026-05-01", dueDate="2026-06-01")
    assert len(await received(client)) == 1
