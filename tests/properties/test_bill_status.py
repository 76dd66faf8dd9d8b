"""What a bill's parts say of its status and of what is due, whatever they are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.money import ZERO
from simulator.resources.bill_money import reckon
from simulator.resources.bill_rows import ApprovalStatus, Bill, Invoice, PaymentStatus

START = datetime(2026, 6, 3, 16, tzinfo=UTC)
AMOUNTS = st.decimals(-(10**12), 10**12, places=2)


def reckoned(
    amount: Decimal,
    credit: Decimal = ZERO,
    scheduled: Decimal = ZERO,
    in_process: Decimal = ZERO,
    paid: Decimal = ZERO,
) -> Bill:
    return reckon(
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


@given(amount=AMOUNTS, credit=AMOUNTS, scheduled=AMOUNTS, in_process=AMOUNTS, paid=AMOUNTS)
def test_every_bill_has_a_documented_status_and_what_is_left_is_due(
    amount: Decimal, credit: Decimal, scheduled: Decimal, in_process: Decimal, paid: Decimal
) -> None:
    bill = reckoned(amount, credit, scheduled, in_process, paid)
    assert bill.payment_status in {"UNPAID", "PARTIALLY_PAID", "SCHEDULED", "IN_PROCESS", "PAID"}
    assert bill.due_amount == amount - credit - scheduled - paid
    assert (bill.amount, bill.paid_amount) == (amount, paid)


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ("0 0 0 0 0", "UNPAID"),
        ("10 0 0 0 0", "UNPAID"),
        ("10 4 0 0 0", "UNPAID"),
        ("10 0 0 0 0.01", "PARTIALLY_PAID"),
        ("10 0 0 0 9.99", "PARTIALLY_PAID"),
        ("10 4 0 0 5.99", "PARTIALLY_PAID"),
        ("10 0 0.01 0 9.99", "SCHEDULED"),
        ("10 0 10 0 0", "SCHEDULED"),
        ("10 0 10 0.01 0", "IN_PROCESS"),
        ("10 0 5 5 5", "IN_PROCESS"),
        ("10 4 0 0 6", "PAID"),
        ("10 0 0 0 10", "PAID"),
    ],
)
def test_the_first_status_that_fits_is_the_bills(parts: str, status: str) -> None:
    """The parts are amount, credit, scheduled, in process of that, and paid."""
    assert reckoned(*map(Decimal, parts.split())).payment_status == status
