"""Bringing invoices to customers: e-mail and payment links. /v3/invoices/{invoiceId}/…"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulator.core.body import Body, NotBlank, Text
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented
from simulator.core.ids import ALPHANUMERICS
from simulator.core.roles import MANAGE_RECEIVABLES
from simulator.core.rows import Answer, shape
from simulator.resources.customers import customers
from simulator.resources.invoice_rows import invoices
from simulator.resources.invoices import send
from simulator.resources.network_rows import is_connected
from simulator.resources.users import users


class Recipient(Body):
    """To whom; without addresses, to the customer."""

    to: list[NotBlank] | None = None


class ReplyTo(Body):
    """The user who gets the answers."""

    user_id: Text | None = None


class EmailBody(Body):
    """How to send an invoice. BILL's schema asks for both; a client in use sends neither."""

    recipient: Recipient | None = None
    reply_to: ReplyTo | None = None


class LinkBody(Body):
    """For whom the link is, and where it leads afterwards."""

    customer_id: NotBlank
    email: NotBlank
    return_url: Annotated[Text, Field(max_length=2000)] | None = None


@shape
class PaymentLink(Answer):
    """Where the invoice can be paid."""

    payment_link: str


@invoices.rule(
    "The e-mail goes to each recipient with the invoice's PDF and all its attachments; without"
    " recipients to the customer's address. The invoice does not change.",
    documented("BILL guide: Invoice PDF email attachments; the default is one client's use"),
)
@invoices.operation(
    "POST",
    "/{invoiceId}/email",
    body=EmailBody,
    roles=MANAGE_RECEIVABLES,
    evidence=documented("BILL reference: Send an invoice (answers 200 without a body)"),
)
def email(ctx: Ctx, invoice_id: str, body: EmailBody) -> None:
    """Send an invoice."""
    invoice = ctx.get(invoices, invoice_id)
    reply_to = None
    if body.reply_to and body.reply_to.user_id:
        reply_to = ctx.get(users, body.reply_to.user_id).email
    recipients = (body.recipient.to if body.recipient else None) or [
        ctx.get(customers, invoice.customer_id).email
    ]
    send(ctx, invoice, recipients, reply_to)


@invoices.rule(
    "A payment link is for the invoice's own customer, and not for one in the BILL network.",
    documented("BILL reference: Get an invoice payment link; the first half is assumed"),
)
@invoices.operation(
    "POST",
    "/{invoiceId}/payment-link",
    body=LinkBody,
    roles=MANAGE_RECEIVABLES,
    evidence=documented("BILL reference: Get an invoice payment link"),
)
def payment_link(ctx: Ctx, invoice_id: str, body: LinkBody) -> PaymentLink:
    """Make a link with which a customer can pay without an account."""
    invoice = ctx.get(invoices, invoice_id)
    customer = ctx.get(customers, body.customer_id)
    if invoice.customer_id != customer.id:
        raise refuse("received.customer_mismatch", invoice=invoice_id, customer=customer.id)
    if is_connected(ctx, customer.id):
        raise refuse("invoice.network_customer", id=customer.id)
    token = ctx.word("payment-link", 32, ALPHANUMERICS)
    return PaymentLink(payment_link=f"{ctx.origin}/pay/{token}")


invoices.rule(
    "The page behind a payment link does not exist here.",
    assumed("paying is the customer's side; the simulator's control plane stands in for it"),
)
