"""What a bill's parts say of its status and of what is due, whatever they are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from simulator.core.money import ZERO
from simulator.resources.bill_money import reckon
from simulator.resources.bill_rows import ApprovalStatus, Bill, Invoice, PaymentStatus

START = datetime(2026, 6, 3, 16, tzinfo=UTC)
AMOUNTS = st.decimals(-(10**12), 10**12, places=2)


@given(amount=AMOUNTS, credit=AMOUNTS, scheduled=AMOUNTS, in_process=AMOUNTS, paid=AMOUNTS)
def test_every_bill_has_a_documented_status_and_what_is_left_is_due(
    amount: Decimal, credit: Decimal, scheduled: Decimal, in_process: Decimal, paid: Decimal
) -> None:
    bill = reckon(
        Bill(
            archived=False,
            id="00n",
            vendor_id="009",
            funding_amount=amount,
            amount=amount,
            paid_amount=paid,
            due_amount=ZERO,
            scheduled_amount=scheduled,
            credit_amount=credit,
            exchange_rate=Decimal(1),
            due_date=date(2026, 12, 31),
            invoice=Invoice(invoice_date=date(2026, 6, 1), invoice_number="1"),
            bill_line_items=(),
            payment_status=PaymentStatus.UNDEFINED,
            approval_status=ApprovalStatus.UNASSIGNED,
            created_time=START,
            updated_time=START,
            in_process_amount=in_process,
        )
    )
    assert bill.payment_status in {"UNPAID", "PARTIALLY_PAID", "SCHEDULED", "IN_PROCESS", "PAID"}
    assert bill.due_amount == amount - credit - scheduled - paid
    assert (bill.amount, bill.paid_amount) == (amount, paid)
