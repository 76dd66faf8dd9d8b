"""Money received outside BILL: POST /v3/invoices/record-payment"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from simulator.core.body import Body, Day, NotBlank, Paid, Text
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import documented
from simulator.core.money import ZERO, Money
from simulator.core.resource import Resource
from simulator.core.roles import MANAGE_RECEIVABLES
from simulator.core.rows import Answer, Shape, shape
from simulator.resources import customers
from simulator.resources.invoice_rows import Invoice, InvoicePayment, InvoicePaymentStatus
from simulator.resources.received_payments import (
    NOWHERE,
    OUTSIDE,
    InvoiceShare,
    ReceivablesType,
    ReceivedStatus,
    check_invoice,
    keep,
    put_on_invoice,
)


class PaymentType(StrEnum):
    """How the money came."""

    CASH = "CASH"
    CHECK = "CHECK"
    CREDIT_CARD = "CREDIT_CARD"
    ACH = "ACH"
    PAYPAL = "PAYPAL"
    OTHER = "OTHER"


class ReceiptShareBody(Body):
    """What stands on an invoice."""

    id: NotBlank
    amount: Paid


class RecordReceipt(Body):
    """Money received for invoices of one customer."""

    amount: Paid
    payment_date: Day
    payment_type: PaymentType
    invoices: Annotated[list[ReceiptShareBody], Field(min_length=1)]
    customer_id: Text | None = None
    description: Annotated[Text, Field(max_length=4000)] | None = None


@shape
class ReceiptShare(Shape):
    """The entry that an invoice got."""

    id: str
    payments: tuple[InvoicePayment, ...]


@shape
class Receipt(Answer):
    """Money recorded, and the entries it made."""

    id: str
    customer_id: str
    payment_type: PaymentType
    payment_date: date
    amount: Money
    unapplied_amount: Money
    status: ReceivedStatus
    description: str | None = None
    invoices: tuple[ReceiptShare, ...]


recorded_receipts = Resource("recorded_receipts", "/v3/invoices/record-payment", Invoice)


@recorded_receipts.rule(
    "What is recorded beyond the invoices' shares stays as unappliedAmount with the customer; more"
    " on an invoice than is due, more on invoices than was received, or invoices of two customers"
    " are refused.",
    documented("BILL guide: Recording an AR payment; the refusals' codes are unknown"),
)
@recorded_receipts.operation(
    "POST",
    "",
    body=RecordReceipt,
    roles=MANAGE_RECEIVABLES,
    evidence=documented("BILL reference: Record an invoice payment (answers 200)"),
)
def record(ctx: Ctx, body: RecordReceipt) -> Receipt:
    """Record money received outside BILL."""
    if body.customer_id is not None:
        ctx.get(customers.customers, body.customer_id)
    applied = sum((item.amount for item in body.invoices), ZERO)
    if applied > body.amount:
        raise refuse("received.over_applied", amount=body.amount, applied=applied)
    customer_id = body.customer_id
    shares, entries = [], []
    for item in body.invoices:
        invoice = check_invoice(ctx, item.id, customer_id, item.amount)
        customer_id = invoice.customer_id
        paid = InvoicePaymentStatus.PAID
        entries.append(put_on_invoice(ctx, invoice, item.amount, body.payment_date, paid))
        shares.append(
            InvoiceShare(invoice_id=invoice.id, amount=item.amount, payment_date=body.payment_date)
        )
    assert customer_id is not None
    payment = keep(
        ctx,
        shares=shares,
        entries=entries,
        amount=body.amount,
        customer_id=customer_id,
        description=body.description,
        payment_date=body.payment_date,
        funding_account=NOWHERE,
        receivables_account=OUTSIDE,
        receivables_type=ReceivablesType(body.payment_type.value),
        status=ReceivedStatus.PAID,
        online_payment=False,
    )
    customers.add_to_balance(ctx, customer_id, unapplied=payment.unapplied_amount)
    return Receipt(
        id=payment.id,
        customer_id=customer_id,
        payment_type=body.payment_type,
        payment_date=body.payment_date,
        amount=payment.amount,
        unapplied_amount=payment.unapplied_amount,
        status=payment.status,
        description=payment.description,
        invoices=tuple(
            ReceiptShare(id=share.invoice_id, payments=(entry,))
            for share, entry in zip(shares, entries, strict=True)
        ),
    )
