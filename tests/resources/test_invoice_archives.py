"""Archiving and restoring invoices over HTTP, with and without money on them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.resources.payables import A_MINUTE_LATER, told
from tests.resources.receivables import (
    INVOICES,
    RECEIVED,
    balance,
    chargeable,
    new_customer,
    new_invoice,
    parts,
    read_invoice,
    record,
)

KINDS = ("received", "scheduled", "credited")


async def invoice_with(client: BillClient, kind: str) -> dict[str, Any]:
    """An invoice of 100 of which 60 is received, scheduled or credited."""
    if kind == "scheduled":
        body = await chargeable(client)
        assert (await client.post(RECEIVED, body)).status == 201
        return await read_invoice(client, {"id": body["invoicePayments"][0]["invoiceId"]})
    customer = await new_customer(client)
    first = await new_invoice(client, customer["id"])
    if kind == "received":
        assert (await record(client, 60, (first, 60))).status == 200
        return await read_invoice(client, first)
    assert (await record(client, 160, (first, 100))).status == 200
    return await new_invoice(client, customer["id"], creditAmount=60)


async def test_archiving_leaves_the_status_and_makes_the_record_inactive(
    client: BillClient,
) -> None:
    customer = await new_customer(client)
    invoice = await new_invoice(client, customer["id"])
    path = f"{INVOICES}/{invoice['id']}"
    await client.advance(seconds=60, sign_in=False)
    archived = {
        **invoice,
        "archived": True,
        "recordStatus": "INACTIVE",
        "updatedTime": A_MINUTE_LATER,
    }
    assert archived["status"] == "OPEN"
    answer = await client.post(f"{path}/archive")
    assert (answer.status, answer.body) == (200, archived)
    assert await balance(client, customer["id"]) == 0.0
    await client.advance(seconds=60, sign_in=False)
    again = await client.post(f"{path}/archive")
    assert (again.status, again.body) == (200, archived)
    restored = await client.post(f"{path}/restore")
    expected = {**invoice, "updatedTime": "2026-06-03T16:02:00.000+00:00"}
    assert (restored.status, restored.body) == (200, expected)
    assert (await client.post(f"{path}/restore")).body == expected
    assert await balance(client, customer["id"]) == 100.0


async def test_an_archived_invoice_may_be_edited_and_owes_nothing(client: BillClient) -> None:
    customer = await new_customer(client)
    invoice = await new_invoice(client, customer["id"])
    path = f"{INVOICES}/{invoice['id']}"
    await client.post(f"{path}/archive")
    line = {"id": invoice["invoiceLineItems"][0]["id"], "price": 70}
    edited = await client.patch(path, {"invoiceLineItems": [line]})
    assert (edited.status, edited.body["archived"], edited.body["dueAmount"]) == (200, True, 70.0)
    assert await balance(client, customer["id"]) == 0.0
    await client.post(f"{path}/restore")
    assert await balance(client, customer["id"]) == 70.0


@pytest.mark.parametrize("kind", KINDS)
async def test_an_invoice_with_money_on_it_is_not_archived(client: BillClient, kind: str) -> None:
    invoice = await invoice_with(client, kind)
    answer = await client.post(f"{INVOICES}/{invoice['id']}/archive")
    text = f"Invoice {invoice['id']} has payments and cannot be archived."
    assert (answer.status, told(answer)) == (422, [(None, text)])
    assert await read_invoice(client, invoice) == invoice


@pytest.mark.parametrize("kind", KINDS)
async def test_an_invoice_with_money_on_it_is_archived_by_setting(
    make_client: MakeClient, kind: str
) -> None:
    client = await make_client(archive_invoices_with_payments="allowed")
    invoice = await invoice_with(client, kind)
    path = f"{INVOICES}/{invoice['id']}"
    archived = await client.post(f"{path}/archive")
    expected = {**invoice, "archived": True, "recordStatus": "INACTIVE"}
    assert (archived.status, archived.body) == (200, expected)
    assert archived.body["status"] == "PARTIAL_PAYMENT"
    assert await balance(client, invoice["customerId"]) == 0.0
    restored = await client.post(f"{path}/restore")
    assert (restored.status, restored.body) == (200, invoice)
    assert await balance(client, invoice["customerId"]) == 40.0


@pytest.mark.parametrize(("event", "received"), [("settled", 60.0), ("failed", 0.0)])
async def test_a_charge_of_an_archived_invoice_ends_as_any_other(
    make_client: MakeClient, event: str, received: float
) -> None:
    client = await make_client(archive_invoices_with_payments="allowed")
    invoice = await invoice_with(client, "scheduled")
    await client.post(f"{INVOICES}/{invoice['id']}/archive")
    (payment,) = (await client.get(RECEIVED)).body["results"]
    done = await client.simulate(f"received_payment.{event}", payment["id"])
    assert done.status == 200
    assert await balance(client, invoice["customerId"]) == 0.0
    await client.post(f"{INVOICES}/{invoice['id']}/restore")
    status = "PARTIAL_PAYMENT" if received else "OPEN"
    left = 100.0 - received
    assert parts(await read_invoice(client, invoice)) == (status, 100.0, 0.0, 0.0, left)
    assert await balance(client, invoice["customerId"]) == left
