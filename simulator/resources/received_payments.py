"""Money received from customers: charging them, and what has come. /v3/receivable-payments"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from simulator.core.bankdays import add_bank_days, pacific_instant
from simulator.core.body import Body, Day, NotBlank, Paid, Text
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented, observed
from simulator.core.listing import BOOLEAN, INSTANT, NUMBER, TEXT, enumeration, filter_field
from simulator.core.money import ZERO, Money
from simulator.core.resource import Resource
from simulator.core.roles import MANAGE_RECEIVABLES
from simulator.core.rows import Hidden, Instant, Row, Shape, changed, shape
from simulator.core.simulations import NoDetails, when
from simulator.resources import customer_bank_accounts, customers, invoices
from simulator.resources.bank_accounts import BankStatus, bank_accounts
from simulator.resources.invoice_rows import (
    Invoice,
    InvoicePayment,
    InvoicePaymentStatus,
)
from simulator.resources.invoice_rows import invoices as invoice_rows
from simulator.resources.risk_verifications import check_money_moves

# An empty reference of the service: twenty zeros (observed).
_NO_ACCOUNT = "0" * 20
# An ACH debit of a customer settles like one of a payer: a day to debit, one to arrive.
_SETTLED_AFTER = 2


class ReceivedStatus(StrEnum):
    """How a received payment stands."""

    PAID = "PAID"
    SCHEDULED = "SCHEDULED"
    VOID = "VOID"
    CANCELED = "CANCELED"
    ESCHEATED = "ESCHEATED"
    UNDEFINED = "UNDEFINED"


class ReceivablesType(StrEnum):
    """How the money came."""

    CASH = "CASH"
    CHECK = "CHECK"
    CREDIT_CARD = "CREDIT_CARD"
    ACH = "ACH"
    PAYPAL = "PAYPAL"
    OTHER = "OTHER"
    WALLET = "WALLET"
    VIRTUAL_CARD = "VIRTUAL_CARD"
    UNDEFINED = "UNDEFINED"


class AccountType(StrEnum):
    """What money comes from or goes to."""

    BANK_ACCOUNT = "BANK_ACCOUNT"
    CARD_ACCOUNT = "CARD_ACCOUNT"


class AccountBody(Body):
    """The customer's bank account."""

    type: AccountType
    id: NotBlank


class ShareBody(Body):
    """What to charge for an invoice."""

    invoice_id: NotBlank
    amount: Paid


class ChargeBody(Body):
    """A charge of a customer's bank account for its invoices."""

    customer_id: NotBlank
    funding_account: AccountBody
    invoice_payments: Annotated[list[ShareBody], Field(min_length=1)]
    description: Annotated[Text, Field(max_length=4000)] | None = None
    payment_date: Day | None = None


@shape
class InvoiceShare(Shape):
    """What stands on an invoice, in the customer's currency."""

    invoice_id: str
    amount: Money
    payment_date: date


@shape
class Account(Shape):
    """What money comes from or goes to; empty for money received outside BILL."""

    id: str | None = None
    type: AccountType | None = None


@shape
class ReceivedPayment(Row):
    """Money that came, or will come, from a customer. Amounts in its currency."""

    amount: Money
    id: str
    customer_id: str
    invoice_payments: tuple[InvoiceShare, ...]
    description: str | None = None
    payment_date: date
    funding_account: Account
    receivables_account: Account
    unapplied_amount: Money
    convenience_fee_amount: Money | None = None
    receivables_type: ReceivablesType
    status: ReceivedStatus
    reference_number: str | None = None
    online_payment: bool
    created_time: Instant
    updated_time: Instant
    # The ids of its entries in the invoices' payments, in the order of invoice_payments.
    entry_ids: Annotated[tuple[str, ...], Hidden]


received_payments = Resource(
    "received_payments", "/v3/receivable-payments", ReceivedPayment, prefix="0rp"
)
_TIME_OPS = "gt gte lt lte"
received_payments.listed(
    filters=(
        filter_field("id", TEXT, "eq ne in"),
        filter_field("customerId", TEXT, "eq in"),
        filter_field("status", enumeration(ReceivedStatus), "eq ne in"),
        filter_field("receivablesType", enumeration(ReceivablesType), "eq ne in"),
        filter_field("onlinePayment", BOOLEAN, "eq ne"),
        filter_field("createdTime", INSTANT, _TIME_OPS),
        filter_field("updatedTime", INSTANT, _TIME_OPS),
    ),
    sorts=(
        filter_field("amount", NUMBER),
        filter_field("createdTime", INSTANT),
        filter_field("updatedTime", INSTANT),
    ),
    evidence=documented("BILL guide: Sortable fields; the filterable ones are assumed"),
)
received_payments.retrieve(
    "receivedPaymentId", evidence=documented("BILL reference: Get received payment details")
)


def check_invoice(ctx: Ctx, invoice_id: str, customer_id: str | None, amount: Decimal) -> Invoice:
    """An invoice that can take `amount` of a payment. Raises `Refusal`."""
    invoice = ctx.get(invoice_rows, invoice_id)
    if customer_id is not None and invoice.customer_id != customer_id:
        raise refuse("received.customer_mismatch", invoice=invoice_id, customer=customer_id)
    if invoice.archived:
        raise refuse("received.archived_invoice", id=invoice_id)
    if amount > invoice.due_amount:
        raise refuse("received.overpaid", id=invoice_id, amount=amount, due=invoice.due_amount)
    return invoice


def put_on_invoice(
    ctx: Ctx, invoice: Invoice, amount: Decimal, day: date, status: InvoicePaymentStatus
) -> InvoicePayment:
    """Add a payment of `amount`, received or scheduled, to an invoice."""
    entry = InvoicePayment(id=ctx.new_id("0ip"), amount=amount, status=status, date=day)
    scheduled = status is InvoicePaymentStatus.SCHEDULED
    new = changed(
        invoice,
        payments=(*(invoice.payments or ()), entry),
        scheduled_amount=invoice.scheduled_amount + (amount if scheduled else ZERO),
        received_amount=invoice.received_amount + (ZERO if scheduled else amount),
        updated_time=ctx.record_time,
    )
    new = invoices.store(ctx, invoices.reckon(new), invoice)
    ctx.emit("invoice.updated", new)
    return entry


def keep(
    ctx: Ctx,
    *,
    shares: Iterable[InvoiceShare],
    entries: Iterable[InvoicePayment],
    amount: Decimal,
    **members: Any,
) -> ReceivedPayment:
    """Store a received payment. `members` are the rest of its shape."""
    now = ctx.record_time
    listed = tuple(shares)
    return ctx.put(
        received_payments,
        ReceivedPayment(
            id=ctx.new_id(received_payments.prefix),
            amount=amount,
            invoice_payments=listed,
            unapplied_amount=amount - sum((share.amount for share in listed), ZERO),
            created_time=now,
            updated_time=now,
            entry_ids=tuple(entry.id for entry in entries),
            **members,
        ),
    )


@received_payments.rule(
    "A charge needs the customer's authorization, its VERIFIED bank account that is not archived,"
    " and amounts within what is due; each is refused with 422 otherwise.",
    documented("BILL guide: Charge a customer, for the preconditions; codes and texts unknown"),
)
def _check_charge(ctx: Ctx, body: ChargeBody) -> None:
    check_money_moves(ctx)
    customer = ctx.get(customers.customers, body.customer_id)
    if customer.archived:
        raise refuse("received.archived_customer", id=customer.id)
    if not customer.may_be_charged:
        raise refuse("received.unauthorized", id=customer.id)
    if body.funding_account.type is not AccountType.BANK_ACCOUNT:
        raise refuse("received.account_type", type=body.funding_account.type)
    account_id = body.funding_account.id
    account = customer_bank_accounts.of_customer(ctx, customer.id, account_id)
    if account.archived or account.status is not BankStatus.VERIFIED:
        state = "archived" if account.archived else account.status
        raise refuse("received.account_unready", id=account.id, state=state)


def receiving_account(ctx: Ctx) -> Account:
    """The bank account that money from customers goes to. Raises `Refusal`."""
    for account in ctx.table(bank_accounts):
        if account.default.receivables and not account.archived:
            return Account(id=account.id, type=AccountType.BANK_ACCOUNT)
    raise refuse("received.no_receivables_account")


@received_payments.rule(
    "A charge is SCHEDULED and becomes PAID two bank days after its payment date; without one it"
    " is today's. The money must go to a bank account that is the default for receivables.",
    assumed("BILL names SCHEDULED and PAID as results; the days are those of an ACH debit"),
)
@received_payments.operation(
    "POST",
    "",
    status=201,
    body=ChargeBody,
    roles=MANAGE_RECEIVABLES,
    evidence=documented("BILL reference: Charge a customer (2025-12); the 201 is by analogy"),
)
def charge(ctx: Ctx, body: ChargeBody) -> ReceivedPayment:
    """Charge a customer's bank account for its invoices."""
    _check_charge(ctx, body)
    receiving = receiving_account(ctx)
    day = body.payment_date or ctx.today
    if day < ctx.today:
        raise refuse("received.past_date", date=day)
    shares, entries = [], []
    for item in body.invoice_payments:
        invoice = check_invoice(ctx, item.invoice_id, body.customer_id, item.amount)
        scheduled = InvoicePaymentStatus.SCHEDULED
        entries.append(put_on_invoice(ctx, invoice, item.amount, day, scheduled))
        shares.append(InvoiceShare(invoice_id=invoice.id, amount=item.amount, payment_date=day))
    payment = keep(
        ctx,
        shares=shares,
        entries=entries,
        amount=sum((share.amount for share in shares), ZERO),
        customer_id=body.customer_id,
        description=body.description,
        payment_date=day,
        funding_account=Account(id=body.funding_account.id, type=body.funding_account.type),
        receivables_account=receiving,
        receivables_type=ReceivablesType.ACH,
        status=ReceivedStatus.SCHEDULED,
        online_payment=True,
    )
    settle_later(ctx, payment)
    return payment


def settle_later(ctx: Ctx, payment: ReceivedPayment) -> None:
    """Let the money of a scheduled payment come by itself, unless settlement is manual."""
    if ctx.behaviour.settlement == "automatic":
        settled_on = add_bank_days(payment.payment_date, _SETTLED_AFTER)
        ctx.schedule(pacific_instant(settled_on, 6), "received_payment.settled", payment.id)


def _end(ctx: Ctx, payment: ReceivedPayment, status: ReceivedStatus) -> ReceivedPayment:
    """A payment ends: it has come (PAID), will not come, or is taken back (VOID, CANCELED)."""
    came, had_come = ((one is ReceivedStatus.PAID) for one in (status, payment.status))
    entry_status = InvoicePaymentStatus(status.value)
    for share, entry_id in zip(payment.invoice_payments, payment.entry_ids, strict=True):
        invoice = ctx.get(invoice_rows, share.invoice_id)
        entries = tuple(
            changed(entry, status=entry_status) if entry.id == entry_id else entry
            for entry in invoice.payments or ()
        )
        scheduled, received = invoice.scheduled_amount, invoice.received_amount
        new = changed(
            invoice,
            payments=entries,
            scheduled_amount=scheduled - (ZERO if had_come else share.amount),
            received_amount=received + (came - had_come) * share.amount,
            updated_time=ctx.record_time,
        )
        new = invoices.store(ctx, invoices.reckon(new), invoice)
        ctx.emit("invoice.updated", new)
    return ctx.put(received_payments, changed(payment, status=status, updated_time=ctx.record_time))


@received_payments.timer("received_payment.settled")
def when_settled(ctx: Ctx, payment_id: str) -> None:
    """The money of a charge has come, unless it failed meanwhile."""
    payment = ctx.get(received_payments, payment_id)
    if payment.status is ReceivedStatus.SCHEDULED:
        _end(ctx, payment, ReceivedStatus.PAID)


_CONTROL = assumed("a control of the simulator; BILL's sandbox has no such call")


_SCHEDULED = when("status", {ReceivedStatus.SCHEDULED})


@received_payments.simulation(
    "received_payment.settled",
    states=_SCHEDULED,
    course="two bank days after the payment date, unless the setting `settlement` is `manual`",
    evidence=_CONTROL,
)
def settled(ctx: Ctx, payment_id: str, details: NoDetails) -> ReceivedPayment:
    """The money of a charge comes now."""
    return _end(ctx, ctx.get(received_payments, payment_id), ReceivedStatus.PAID)


@received_payments.simulation("received_payment.failed", states=_SCHEDULED, evidence=_CONTROL)
def failed(ctx: Ctx, payment_id: str, details: NoDetails) -> ReceivedPayment:
    """The customer's bank refuses the debit: the charge is void, the invoices are due again."""
    return _end(ctx, ctx.get(received_payments, payment_id), ReceivedStatus.VOID)


@received_payments.simulation(
    "received_payment.canceled",
    states=_SCHEDULED,
    evidence=assumed("CANCELED is a status of received payments; no call leads to it"),
)
def canceled(ctx: Ctx, payment_id: str, details: NoDetails) -> ReceivedPayment:
    """The customer takes back a payment that has not come yet."""
    return _end(ctx, ctx.get(received_payments, payment_id), ReceivedStatus.CANCELED)


@received_payments.simulation(
    "received_payment.returned",
    states=when("status", {ReceivedStatus.PAID}),
    evidence=assumed("VOID is a status of received payments; an ACH debit may come back late"),
)
def returned(ctx: Ctx, payment_id: str, details: NoDetails) -> ReceivedPayment:
    """The customer's bank takes back money that had come: the invoices are due again."""
    payment = ctx.get(received_payments, payment_id)
    if not payment.online_payment:
        raise ValueError(f"received payment {payment_id} did not come through BILL")
    return _end(ctx, payment, ReceivedStatus.VOID)


received_payments.rule(
    "Money recorded outside BILL shows an empty fundingAccount and twenty zeros as the id of"
    " receivablesAccount.",
    observed("sandbox"),
)
OUTSIDE = Account(id=_NO_ACCOUNT)
NOWHERE = Account()
