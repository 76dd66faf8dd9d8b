"""Payments made outside BILL: POST /v3/bills/record-payment"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from simulator.core import ids
from simulator.core.body import Body, Day, NotBlank, Paid, Text
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented
from simulator.core.money import ZERO, Money, cents
from simulator.core.resource import Resource
from simulator.core.roles import RECORD_PAYMENTS
from simulator.core.rows import Answer, Instant, Shape, shape
from simulator.resources import bill_money, bill_rows, payment_life
from simulator.resources.bill_rows import CreditBody
from simulator.resources.exchange_rates import in_dollars, rate_of
from simulator.resources.payment_rows import (
    BillPayment,
    DisbursementType,
    Payment,
    PaymentState,
    SingleStatus,
    payments,
)
from simulator.resources.payments import confirmation_number
from simulator.resources.vendor_rows import vendors


class RecordedItem(Body):
    """What was paid of a bill."""

    bill_id: NotBlank
    amount: Paid
    vendor_credits: list[CreditBody] | None = None


class AccountBody(Body):
    """The account in the books that the money came from."""

    chart_of_account_id: Text | None = None


class RecordPayment(Body):
    """A payment of bills of one vendor; any process date."""

    vendor_id: NotBlank
    process_date: Day
    to_print_check: bool
    payments: Annotated[list[RecordedItem], Field(min_length=1)]
    description: Text | None = None
    classifications: AccountBody | None = None
    sync_reference: Text | None = None
    allow_export: bool | None = None


@shape
class BooksAccount(Shape):
    """The account in the books that the money came from."""

    chart_of_account_id: str | None = None


@shape
class RecordedPayment(Answer):
    """A recorded payment as its creation answers it."""

    id: str
    vendor_id: str
    bill_id: str
    bill_payments: tuple[BillPayment, ...]
    description: str | None = None
    process_date: date
    amount: Money
    transaction_number: str
    confirmation_number: str
    status: PaymentState
    exchange_rate: Money
    funding_amount: Money
    online_payment: bool
    disbursement_type: DisbursementType
    created_time: Instant
    updated_time: Instant
    created_by: str | None
    single_status: SingleStatus
    to_print_check: bool
    classifications: BooksAccount | None = None
    sync_reference: str | None = None
    allow_export: bool | None = None


recorded_payments = Resource("recorded_payments", "/v3/bills/record-payment", Payment)


@recorded_payments.rule(
    "A recorded payment is PAID and CLEARED at once, OFFLINE, without MFA; more than is due is"
    " BDC_1159.",
    documented("BILL guide: Record AP payments; singleStatus and the refusal are assumed"),
)
@recorded_payments.rule(
    "A bill that waits for approval, or was denied, takes a recorded payment all the same.",
    assumed("the money has moved outside BILL; no page tells"),
)
@recorded_payments.operation(
    "POST",
    "",
    body=RecordPayment,
    roles=RECORD_PAYMENTS,
    evidence=documented("BILL reference: Record a payment (answers 200)"),
)
def record(ctx: Ctx, body: RecordPayment) -> RecordedPayment:
    """Record a payment made outside BILL."""
    vendor = ctx.get(vendors, body.vendor_id)
    parts: list[BillPayment] = []
    for item in body.payments:
        bill = ctx.get(bill_rows.bills, item.bill_id)
        if item.vendor_credits:
            raise refuse("BDC_1205")
        if bill.vendor_id != vendor.id:
            raise refuse("payment.vendor_mismatch", vendor=vendor.id, bill=bill.id)
        if bill.archived:
            raise refuse("bill.archived", id=bill.id)
        amount: Decimal = cents(item.amount)
        if amount > bill.due_amount:
            raise refuse("BDC_1159")
        bill_money.move_money(ctx, bill.id, amount, None, bill_rows.Bucket.PAID)
        parts.append(BillPayment(id=ctx.new_id("blp"), bill_id=bill.id, amount=amount))
    total = sum((part.amount for part in parts), ZERO)
    rate = rate_of(vendor.bill_currency)
    now = ctx.record_time
    payment = Payment(
        amount=total,
        id=ctx.new_id(payments.prefix),
        vendor_id=vendor.id,
        bill_id=parts[0].bill_id,
        bill_payments=tuple(parts),
        description=body.description,
        process_date=body.process_date,
        transaction_number=ctx.word("transaction", 20, ids.CAPITALS),
        confirmation_number=confirmation_number(ctx),
        status=PaymentState.PAID,
        exchange_rate=rate,
        funding_amount=in_dollars(total, rate),
        online_payment=False,
        disbursement_type=DisbursementType.OFFLINE,
        created_time=now,
        updated_time=now,
        created_by=ctx.user_id,
        single_status=SingleStatus.CLEARED,
    )
    payment_life.keep_new(ctx, payment)
    account = body.classifications.chart_of_account_id if body.classifications else None
    return RecordedPayment(
        id=payment.id,
        vendor_id=vendor.id,
        bill_id=parts[0].bill_id,
        bill_payments=payment.bill_payments,
        description=payment.description,
        process_date=payment.process_date,
        amount=total,
        transaction_number=str(payment.transaction_number),
        confirmation_number=str(payment.confirmation_number),
        status=payment.status,
        exchange_rate=rate,
        funding_amount=in_dollars(total, rate),
        online_payment=False,
        disbursement_type=payment.disbursement_type,
        created_time=now,
        updated_time=now,
        created_by=payment.created_by,
        single_status=payment.single_status,
        to_print_check=body.to_print_check,
        classifications=BooksAccount(chart_of_account_id=account) if account else None,
        sync_reference=body.sync_reference,
        allow_export=body.allow_export,
    )
