"""Bringing invoices to customers over HTTP: e-mail and payment links."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.http import BillClient
from tests.resources.payables import NO_DATA, told
from tests.resources.receivables import (
    INVOICES,
    SMALLEST_CUSTOMER,
    UNKNOWN_CUSTOMER,
    invoice_body,
    new_customer,
    new_invoice,
    read_invoice,
)

EMAIL = SMALLEST_CUSTOMER["email"]
SENT = "Invoice 202502, due 2026-12-31: 100.00. Attached: {}"
UNKNOWN_USER = "00602AAAAAAAAAAzzzzz"


async def some_invoice(client: BillClient) -> dict[str, Any]:
    customer = await new_customer(client)
    more = {"invoiceNumber": "202502", "dueDate": "2026-12-31"}
    return await new_invoice(client, customer["id"], **more)


async def outbox(client: BillClient) -> list[tuple[str, str]]:
    """To whom, and what, oldest first."""
    messages = (await client.control("GET", "/outbox?kind=email")).body["results"]
    return [(one["to"], one["text"]) for one in reversed(messages)]


async def attach(client: BillClient, invoice: dict[str, Any], query: str, content: bytes) -> str:
    answer = await client.post(
        f"/v3/attachments/invoices/{invoice['id']}?{query}",
        raw=content,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert answer.status == 200, answer.body
    return str(answer.body["id"])


async def test_an_email_goes_to_each_recipient_and_changes_nothing(client: BillClient) -> None:
    invoice = await some_invoice(client)
    await client.advance(seconds=60, sign_in=False)
    body = {
        "recipient": {"to": ["a@band.example", "b@band.example"]},
        "replyTo": {"userId": client.world["users"][1]["userId"]},
    }
    answer = await client.post(f"{INVOICES}/{invoice['id']}/email", body)
    assert (answer.status, answer.raw) == (200, b"")
    assert "Content-Type" not in answer.headers
    reply_to = client.world["users"][1]["username"]
    text = (
        f"Invoice 202502, due 2026-12-31: 100.00. Reply to {reply_to}. Attached: Invoice_202502.pdf"
    )
    assert await outbox(client) == [("a@band.example", text), ("b@band.example", text)]
    assert await read_invoice(client, invoice) == invoice


@pytest.mark.parametrize(
    "body", [{}, {"recipient": {}, "replyTo": {}}, {"recipient": {"to": []}}, {"recipient": None}]
)
async def test_without_recipients_an_email_goes_to_the_customer(
    client: BillClient, body: dict[str, Any]
) -> None:
    invoice = await some_invoice(client)
    answer = await client.post(f"{INVOICES}/{invoice['id']}/email", body)
    assert answer.status == 200
    assert await outbox(client) == [(EMAIL, SENT.format("Invoice_202502.pdf"))]


async def test_an_email_may_be_repeated(client: BillClient) -> None:
    invoice = await some_invoice(client)
    for _ in range(3):
        assert (await client.post(f"{INVOICES}/{invoice['id']}/email", {})).status == 200
    assert await outbox(client) == [(EMAIL, SENT.format("Invoice_202502.pdf"))] * 3


async def test_an_email_carries_all_attachments_of_the_invoice(client: BillClient) -> None:
    invoice, other = await some_invoice(client), await new_customer(client)
    await attach(client, invoice, "name=hours.csv", b"1,2")
    await attach(client, await new_invoice(client, other["id"]), "name=other.csv", b"3")
    gone = await attach(client, invoice, "name=draft.csv", b"1")
    await attach(client, invoice, "name=terms.pdf", b"%PDF-1.7")
    assert (await client.delete(f"/v3/attachments/{gone}")).status == 200
    await client.post(f"{INVOICES}/{invoice['id']}/email", {})
    names = "Invoice_202502.pdf, hours.csv, terms.pdf"
    assert await outbox(client) == [(EMAIL, SENT.format(names))]


async def test_a_pdf_of_ones_own_goes_in_place_of_bills(client: BillClient) -> None:
    invoice = await some_invoice(client)
    await attach(client, invoice, "name=hours.csv", b"1,2")
    own = await attach(client, invoice, "name=own.pdf&replaceInvoicePdf=true", b"%PDF-1.7")
    await client.post(f"{INVOICES}/{invoice['id']}/email", {})
    await client.delete(f"/v3/attachments/{own}")
    await client.post(f"{INVOICES}/{invoice['id']}/email", {})
    assert await outbox(client) == [
        (EMAIL, SENT.format("own.pdf, hours.csv")),
        (EMAIL, SENT.format("Invoice_202502.pdf, hours.csv")),
    ]


async def test_the_answers_to_an_email_go_to_a_known_user(client: BillClient) -> None:
    invoice = await some_invoice(client)
    body = {"recipient": {"to": ["a@band.example"]}, "replyTo": {"userId": UNKNOWN_USER}}
    answer = await client.post(f"{INVOICES}/{invoice['id']}/email", body)
    assert (answer.status, told(answer)) == (404, [NO_DATA])
    assert await outbox(client) == []


async def test_a_blank_recipient_is_refused(client: BillClient) -> None:
    invoice = await some_invoice(client)
    body = {"recipient": {"to": ["a@band.example", " "]}}
    answer = await client.post(f"{INVOICES}/{invoice['id']}/email", body)
    assert (answer.status, told(answer)) == (400, [(None, "recipient.to[1]: must not be blank")])
    assert await outbox(client) == []


@pytest.mark.parametrize("options", [None, {}, {"sendEmail": False}, {"sendEmail": True}])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
async def test_send_email_sends_what_was_made_or_changed(
    client: BillClient, method: str, options: dict[str, bool] | None
) -> None:
    customer = await new_customer(client)
    path = INVOICES
    if method != "POST":
        path = f"{INVOICES}/{(await new_invoice(client, customer['id'], 1))['id']}"
    more = {"invoiceNumber": "202502", "dueDate": "2026-12-31", "processingOptions": options}
    body = invoice_body(customer["id"], 99 if method == "PATCH" else 100, **more)
    answer = await client.call(method, f"/connect{path}", body)
    assert answer.status in (200, 201), answer.body
    sent = bool(options and options.get("sendEmail"))
    assert await outbox(client) == [(EMAIL, SENT.format("Invoice_202502.pdf"))] * sent


async def test_a_refused_invoice_is_not_sent(client: BillClient) -> None:
    invoice = await some_invoice(client)
    more = {"invoiceNumber": "202502", "processingOptions": {"sendEmail": True}}
    answer = await client.post(INVOICES, invoice_body(invoice["customerId"], **more))
    assert answer.status == 422
    assert await outbox(client) == []


async def test_each_payment_link_is_new_and_leads_to_the_server(client: BillClient) -> None:
    invoice = await some_invoice(client)
    body = {
        "customerId": invoice["customerId"],
        "email": "payer@band.example",
        "returnUrl": "https://band.example/thanks",
    }
    path = f"{INVOICES}/{invoice['id']}/payment-link"
    first, second = await client.post(path, body), await client.post(path, body)
    for answer in (first, second):
        assert (answer.status, list(answer.body)) == (200, ["paymentLink"])
        link = answer.body["paymentLink"]
        assert re.fullmatch(re.escape(client.origin) + "/pay/[a-z0-9]{32}", link)
    assert first.body != second.body
    assert await read_invoice(client, invoice) == invoice


async def test_a_payment_link_is_for_the_customer_of_the_invoice(client: BillClient) -> None:
    invoice, other = await some_invoice(client), await new_customer(client)
    path = f"{INVOICES}/{invoice['id']}/payment-link"
    answer = await client.post(path, {"customerId": other["id"], "email": "a@b.example"})
    text = f"Invoice {invoice['id']} is not an invoice of customer {other['id']}."
    assert (answer.status, told(answer)) == (422, [(None, text)])
    unknown = await client.post(path, {"customerId": UNKNOWN_CUSTOMER, "email": "a@b.example"})
    assert (unknown.status, told(unknown)) == (404, [NO_DATA])


async def test_a_payment_link_needs_a_customer_and_an_email(client: BillClient) -> None:
    invoice = await some_invoice(client)
    answer = await client.post(f"{INVOICES}/{invoice['id']}/payment-link", {})
    messages = ["customerId: must not be blank", "email: must not be blank"]
    assert (answer.status, told(answer)) == (400, [(None, message) for message in messages])
