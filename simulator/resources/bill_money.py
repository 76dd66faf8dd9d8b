"""The parts that the money of a bill lies in, and what follows from them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from simulator.core.context import Ctx
from simulator.core.evidence import assumed, documented
from simulator.core.money import ZERO
from simulator.core.rows import changed
from simulator.resources import vendor_balances
from simulator.resources.bill_rows import Bill, Bucket, PaymentStatus, bills


@bills.rule(
    "dueAmount = amount - creditAmount - scheduledAmount - paidAmount, after every change.",
    documented("BILL reference: bills, descriptions of the amounts"),
)
@bills.rule(
    "paymentStatus follows the amounts: PAID, IN_PROCESS, SCHEDULED, PARTIALLY_PAID, UNPAID, the"
    " first that fits.",
    assumed("the values are documented; which of two fitting ones wins is not"),
)
def reckon(bill: Bill) -> Bill:
    """`bill` with due amount and status as its parts have it."""
    open_amount = bill.amount - bill.credit_amount
    if bill.amount > 0 and bill.paid_amount >= open_amount:
        status = PaymentStatus.PAID
    elif bill.in_process_amount > 0:
        status = PaymentStatus.IN_PROCESS
    elif bill.scheduled_amount > 0:
        status = PaymentStatus.SCHEDULED
    elif bill.paid_amount > 0:
        status = PaymentStatus.PARTIALLY_PAID
    else:
        status = PaymentStatus.UNPAID
    due = open_amount - bill.scheduled_amount - bill.paid_amount
    return changed(bill, due_amount=due, payment_status=status)


def store(ctx: Ctx, bill: Bill, old: Bill | None) -> Bill:
    """Keep a new or changed bill, and what is open to its vendor."""
    if old is not None:
        vendor_balances.add(ctx, old.vendor_id, -_counted(old))
    vendor_balances.add(ctx, bill.vendor_id, _counted(bill))
    return ctx.put(bills, bill)


def _counted(bill: Bill) -> Decimal:
    return ZERO if bill.archived else bill.due_amount


def move_money(
    ctx: Ctx, bill_id: str, amount: Decimal, source: Bucket | None, target: Bucket | None
) -> Bill:
    """Move a payment's `amount` of a bill between its parts; None is what is due."""
    old = ctx.get(bills, bill_id)
    parts: dict[str, Any] = {
        "scheduled_amount": old.scheduled_amount,
        "in_process_amount": old.in_process_amount,
        "paid_amount": old.paid_amount,
    }
    for bucket, sign in ((source, -amount), (target, amount)):
        if bucket is Bucket.PAID:
            parts["paid_amount"] += sign
        elif bucket is not None:
            parts["scheduled_amount"] += sign
            if bucket is Bucket.IN_PROCESS:
                parts["in_process_amount"] += sign
    bill = reckon(changed(old, **parts, updated_time=ctx.record_time))
    return store(ctx, bill, old)
