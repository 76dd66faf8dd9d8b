"""A customer pays an invoice from its own side: by a payment link, or in BILL."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from simulator.core.body import Paid
from simulator.core.context import Ctx
from simulator.core.evidence import assumed, documented
from simulator.core.money import cents
from simulator.core.simulations import Details, when
from simulator.resources.invoice_rows import (
    Invoice,
    InvoicePaymentStatus,
    InvoiceStatus,
    invoices,
    payday,
)
from simulator.resources.received_payments import (
    NOWHERE,
    Account,
    AccountType,
    InvoiceShare,
    ReceivablesType,
    ReceivedStatus,
    keep,
    put_on_invoice,
    receiving_account,
    settle_later,
)


class PaidBy(StrEnum):
    """How a customer pays online."""

    ACH = "ACH"
    CREDIT_CARD = "CREDIT_CARD"
    PAYPAL = "PAYPAL"
    VIRTUAL_CARD = "VIRTUAL_CARD"
    WALLET = "WALLET"


_FROM = {
    PaidBy.ACH: Account(type=AccountType.BANK_ACCOUNT),
    PaidBy.CREDIT_CARD: Account(type=AccountType.CARD_ACCOUNT),
    PaidBy.VIRTUAL_CARD: Account(type=AccountType.CARD_ACCOUNT),
}


_PAYABLE = {InvoiceStatus.OPEN, InvoiceStatus.PARTIAL_PAYMENT}


class PayingDetails(Details):
    """How much the customer pays, all that is due if left out, and by what."""

    amount: Paid | None = None
    receivables_type: PaidBy = PaidBy.ACH


@invoices.rule(
    "What a customer pays online is SCHEDULED on the invoice and PAID two bank days later; the"
    " webhooks tell it as invoice.updated alone.",
    documented("BILL's event catalog has no event of received payments; the days are assumed"),
)
@invoices.simulation(
    "invoice.paid",
    details=PayingDetails,
    states=when("status", _PAYABLE),
    course="on the due date, if the setting `customers_pay` is `on_due_date`",
    evidence=assumed("the customer's side; an invoice payment link leads to BILL's web app"),
)
def paid(ctx: Ctx, invoice_id: str, details: PayingDetails) -> Invoice:
    """The customer pays the invoice online; the money comes two bank days later."""
    invoice = ctx.get(invoices, invoice_id)
    if invoice.archived:
        raise ValueError(f"invoice {invoice_id} is archived")
    amount = details.amount or invoice.due_amount
    if amount > invoice.due_amount:
        raise ValueError(f"amount: {amount} is more than is due ({invoice.due_amount})")
    receiving = receiving_account(ctx)
    day = ctx.today
    entry = put_on_invoice(ctx, invoice, amount, day, InvoicePaymentStatus.SCHEDULED)
    payment = keep(
        ctx,
        shares=[InvoiceShare(invoice_id=invoice_id, amount=amount, payment_date=day)],
        entries=[entry],
        amount=amount,
        customer_id=invoice.customer_id,
        payment_date=day,
        funding_account=_FROM.get(details.receivables_type, NOWHERE),
        receivables_account=receiving,
        convenience_fee_amount=_fee(invoice, amount, details.receivables_type),
        receivables_type=ReceivablesType(details.receivables_type.value),
        status=ReceivedStatus.SCHEDULED,
        online_payment=True,
    )
    settle_later(ctx, payment)
    return ctx.get(invoices, invoice_id)


@invoices.timer("invoice.paid")
def pay_when_due(ctx: Ctx, invoice_id: str) -> None:
    """On its due date the customer pays what is due on an invoice, if it pays by itself."""
    invoice = ctx.get(invoices, invoice_id)
    if ctx.today < invoice.due_date:
        # The due date was moved.
        ctx.schedule(payday(ctx, invoice), "invoice.paid", invoice_id)
    elif invoice.status in _PAYABLE and not invoice.archived and invoice.due_amount > 0:
        paid(ctx, invoice_id, PayingDetails())


invoices.rule(
    "invoice.updated tells every edit of an invoice, a PDF of its own, and each payment that is put"
    " on it, comes or does not come.",
    assumed("BILL has the event; the list of changes that it tells is not known"),
)


@invoices.rule(
    "A customer that pays by card pays the invoice's convenienceFee on top.",
    documented("BILL guide: Invoices, card payment; the amount's rounding is assumed"),
)
def _fee(invoice: Invoice, amount: Decimal, by: PaidBy) -> Decimal | None:
    if by is not PaidBy.CREDIT_CARD or invoice.convenience_fee is None:
        return None
    return cents(amount * invoice.convenience_fee.percentage / 100)
