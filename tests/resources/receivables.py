"""Bodies and small steps that the tests of customers, invoices and charges share."""

from __future__ import annotations

from typing import Any

from tests.http import Answer, BillClient
from tests.resources.payables import ADDRESS

CUSTOMERS = "/v3/customers"
INVOICES = "/v3/invoices"
RECEIVED = "/v3/receivable-payments"
RECORD = f"{INVOICES}/record-payment"
ITEMS = "/v3/classifications/items"

TODAY = "2026-06-03"
UNKNOWN_CUSTOMER = "0cu02AAAAAAAAAAzzzzz"
UNKNOWN_INVOICE = "00e02AAAAAAAAAAzzzzz"
NO_ID = "0" * 20

SMALLEST_CUSTOMER = {"name": "Paperless Band", "email": "contact@paperlessband.example"}
CUSTOMER_ACCOUNT = {
    "nameOnAccount": "Paperless Band",
    "routingNumber": "074000010",
    "accountNumber": "987654321",
    "type": "CHECKING",
    "ownerType": "BUSINESS",
}


async def new_customer(client: BillClient, **more: Any) -> dict[str, Any]:
    """A customer with a billing address."""
    body = {**SMALLEST_CUSTOMER, "billingAddress": ADDRESS, **more}
    answer = await client.post(CUSTOMERS, body)
    assert answer.status == 201, answer.body
    return dict(answer.body)


def invoice_body(customer_id: str, price: float = 100, **more: Any) -> dict[str, Any]:
    """The smallest body of an invoice: one line of `price`."""
    line = {"quantity": 1, "price": price}
    return {"customer": {"id": customer_id}, "invoiceLineItems": [line], **more}


async def new_invoice(
    client: BillClient, customer_id: str, price: float = 100, **more: Any
) -> dict[str, Any]:
    answer = await client.post(INVOICES, invoice_body(customer_id, price, **more))
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def read_invoice(client: BillClient, invoice: dict[str, Any]) -> dict[str, Any]:
    """The invoice as it is now."""
    return dict((await client.get(f"{INVOICES}/{invoice['id']}")).body)


async def balance(client: BillClient, customer_id: str) -> float:
    return float((await client.get(f"{CUSTOMERS}/{customer_id}")).body["balance"]["amount"])


async def record(
    client: BillClient, amount: float, *shares: tuple[dict[str, Any], float], **more: Any
) -> Answer:
    """Record money received in cash: how much of it stands on which invoices."""
    body = {
        "amount": amount,
        "paymentDate": TODAY,
        "paymentType": "CASH",
        "invoices": [{"id": invoice["id"], "amount": share} for invoice, share in shares],
        **more,
    }
    return await client.post(RECORD, body)


async def new_account(client: BillClient, customer_id: str, **more: Any) -> dict[str, Any]:
    """A bank account of a customer."""
    path = f"{CUSTOMERS}/{customer_id}/bank-accounts"
    answer = await client.post(path, {**CUSTOMER_ACCOUNT, **more})
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def authorize(client: BillClient, customer_id: str, yes: bool = True) -> Answer:
    path = f"{CUSTOMERS}/{customer_id}/charge-authorization"
    return await client.post(path, {"authorizedToCharge": yes})


async def chargeable(client: BillClient) -> dict[str, Any]:
    """What a charge of 60 dollars of an invoice of 100 takes; its body is complete."""
    customer = await new_customer(client)
    account = await new_account(client, customer["id"])
    await authorize(client, customer["id"])
    invoice = await new_invoice(client, customer["id"])
    return charge_body(customer, account, (invoice, 60))


def charge_body(
    customer: dict[str, Any],
    account: dict[str, Any],
    *shares: tuple[dict[str, Any], float],
    **more: Any,
) -> dict[str, Any]:
    return {
        "customerId": customer["id"],
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": account["id"]},
        "invoicePayments": [
            {"invoiceId": invoice["id"], "amount": amount} for invoice, amount in shares
        ],
        **more,
    }


def parts(invoice: dict[str, Any]) -> tuple[str, float, float, float, float]:
    """Status, total, credited, scheduled and due amount of an invoice."""
    return (
        invoice["status"],
        invoice["totalAmount"],
        invoice["creditAmount"],
        invoice["scheduledAmount"],
        invoice["dueAmount"],
    )
