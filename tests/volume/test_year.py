"""What a generated world must hold, whatever its seed and sizes."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from simulator.core.bankdays import pacific_date
from simulator.core.export import image
from simulator.core.world import World
from simulator.documents import exporter
from simulator.resources.bill_rows import Bill, PaymentStatus
from simulator.resources.invoice_rows import Invoice
from simulator.resources.payment_rows import Payment
from simulator.volume import LAST_DAY, Sizes, generate

SMALL = Sizes(vendors=8, bills=60, customers=5, invoices=40, payments=50)


def rows(world: World, table: str) -> list[Any]:
    assert world.credentials is not None
    return list(world.table(table, world.credentials.organization_id))


def document(world: World) -> bytes:
    return b"".join(exporter().write(image(world)))


def paid_by_bill(world: World) -> dict[str, Decimal]:
    """What payments that are not taken back give each bill."""
    given: dict[str, Decimal] = defaultdict(Decimal)
    payment: Payment
    for payment in rows(world, "payments"):
        assert payment.single_status not in ("CANCELED", "FAILED", "VOID")
        for share in payment.bill_payments:
            given[share.bill_id] += share.amount
    return given


@pytest.fixture(scope="module")
def world() -> World:
    return generate(SMALL, seed=3)


def test_there_is_as_much_as_was_asked_for(world: World) -> None:
    found = {name: len(rows(world, name)) for name in vars(SMALL)}
    assert found == vars(SMALL)


def test_the_amounts_of_bills_are_those_of_their_lines_and_payments(world: World) -> None:
    given = paid_by_bill(world)
    bill: Bill
    for bill in rows(world, "bills"):
        assert bill.amount == sum(line.amount for line in bill.bill_line_items) > 0
        assert bill.paid_amount + bill.scheduled_amount == given.get(bill.id, 0)
        parts = bill.paid_amount + bill.scheduled_amount + bill.credit_amount + bill.due_amount
        assert parts == bill.amount
        assert (bill.payment_status is PaymentStatus.PAID) == (bill.paid_amount == bill.amount)


def test_states_of_all_kinds_occur(world: World) -> None:
    states = Counter(bill.payment_status for bill in rows(world, "bills"))
    assert {PaymentStatus.PAID, PaymentStatus.UNPAID, PaymentStatus.PARTIALLY_PAID} <= states.keys()
    assert {"CLEARED", "SCHEDULED"} <= {one.single_status for one in rows(world, "payments")}
    assert len({one.status for one in rows(world, "invoices")}) > 1
    by_check = Counter(
        vendor.payment_information.bank_account is None for vendor in rows(world, "vendors")
    )
    assert by_check[True]
    assert by_check[False]


def test_the_balances_of_customers_are_what_their_invoices_leave(world: World) -> None:
    due: dict[str, Decimal] = defaultdict(Decimal)
    invoice: Invoice
    for invoice in rows(world, "invoices"):
        assert invoice.due_amount <= invoice.total_amount
        due[invoice.customer_id] += invoice.due_amount
    found = {one.id: one.balance.amount for one in rows(world, "customers")}
    assert found == {customer_id: due[customer_id] for customer_id in found}


def test_records_are_spread_over_the_year_and_no_later(world: World) -> None:
    assert pacific_date(world.clock.now()) == LAST_DAY
    for name in ("bills", "invoices"):
        days = {pacific_date(one.created_time) for one in rows(world, name)}
        assert len(days) > len(rows(world, name)) / 2
        assert LAST_DAY - timedelta(days=365) <= min(days) <= max(days) < LAST_DAY
        assert len({one.due_date for one in rows(world, name)}) > len(days) / 2


def test_names_and_invoice_numbers_are_given_once(world: World) -> None:
    for name in ("vendors", "customers"):
        assert len({one.name for one in rows(world, name)}) == len(rows(world, name))
    numbers = Counter((one.vendor_id, one.invoice.invoice_number) for one in rows(world, "bills"))
    assert set(numbers.values()) == {1}


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    few = Sizes(vendors=3, bills=9, customers=2, invoices=4, payments=7)
    first, again, other = (document(generate(few, seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


@how(max_examples=15)
@given(
    st.integers(0, 4), st.integers(0, 12), st.integers(0, 3), st.integers(0, 6),
    st.integers(0, 36), st.integers(0, 10**6), st.dates(date(2023, 1, 1), date(2030, 1, 1)),
)  # fmt: skip
def test_any_sizes_seed_and_day_are_made_or_refused(
    vendors: int, bills: int, customers: int, invoices: int, payments: int, seed: int, day: date
) -> None:
    try:
        sizes = Sizes(
            vendors=vendors, bills=bills, customers=customers, invoices=invoices, payments=payments
        )
    except ValueError:
        assert (bills and not vendors) or (invoices and not customers) or payments > 3 * bills
        return
    made = generate(sizes, seed, day)
    assert {name: len(rows(made, name)) for name in vars(sizes)} == vars(sizes)
    given_to = paid_by_bill(made)
    assert all(bill.paid_amount <= given_to.get(bill.id, 0) for bill in rows(made, "bills"))


def test_progress_ends_with_all() -> None:
    told: list[tuple[int, int]] = []
    generate(SMALL, 1, progress=lambda made, of: told.append((made, of)))
    assert told == sorted(told)
    assert told[-1] == (SMALL.total, SMALL.total)
