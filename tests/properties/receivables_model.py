"""What the money of invoices ought to be, in integer cents.

The model knows the lines and the credit of an invoice and the shares and the status of a
received payment; it uses none of the simulator's arithmetic.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hypothesis import strategies as st

from tests.properties.money_model import money

TAX = "8.25"


@dataclass
class OwnCustomer:
    """A customer as the model knows it."""

    account: str
    authorized: bool = False
    archived: bool = False


@dataclass(frozen=True)
class OwnLine:
    """What a line costs, in cents."""

    cents: int
    taxable: bool


@dataclass
class OwnInvoice:
    """An invoice as the model knows it: its lines by their ids, its credit in cents."""

    customer: str
    number: str
    lines: dict[str, OwnLine]
    taxed: bool
    credit: int
    archived: bool = False

    @property
    def total(self) -> int:
        return total_of(list(self.lines.values()), self.taxed)


@dataclass
class OwnPayment:
    """Received money as the model knows it. `shares` are invoice ids and cents."""

    customer: str
    amount: int
    shares: list[tuple[str, int]]
    day: date
    status: str
    online: bool = True


def total_of(lines: list[OwnLine], taxed: bool) -> int:
    """The cents of lines and of 8.25 % on the taxable ones, half a cent away from zero."""
    taxable = sum(line.cents for line in lines if line.taxable)
    tax = (abs(taxable) * 825 + 5_000) // 10_000 if taxed else 0
    return sum(line.cents for line in lines) + (tax if taxable >= 0 else -tax)


@dataclass
class Model:
    """All that ought to be there."""

    reusable: bool
    customers: dict[str, OwnCustomer] = field(default_factory=dict)
    invoices: dict[str, OwnInvoice] = field(default_factory=dict)
    payments: dict[str, OwnPayment] = field(default_factory=dict)

    def shares(self, invoice_id: str, status: str) -> int:
        """The cents that payments of a status have on an invoice."""
        return sum(
            cents
            for payment in self.payments.values()
            for one, cents in payment.shares
            if one == invoice_id and payment.status == status
        )

    def taken(self, invoice_id: str) -> int:
        """The cents that were received, or will be."""
        return self.shares(invoice_id, "PAID") + self.shares(invoice_id, "SCHEDULED")

    def due(self, invoice_id: str) -> int:
        """The cents that neither money nor credit has taken."""
        invoice = self.invoices[invoice_id]
        return invoice.total - invoice.credit - self.taken(invoice_id)

    def unapplied(self, customer_id: str) -> int:
        """The cents that a customer has paid too much and that no invoice has as credit."""
        rests = [
            payment.amount - sum(cents for _, cents in payment.shares)
            for payment in self.payments.values()
            if payment.customer == customer_id
        ]
        credits = [one.credit for one in self.invoices.values() if one.customer == customer_id]
        return sum(rests) - sum(credits)

    def fits(self, customer_id: str, shares: list[tuple[str, int]]) -> bool:
        """Whether an invoice of that customer that is not archived is due for every share."""
        wanted: Counter[str] = Counter()
        for invoice_id, cents in shares:
            wanted[invoice_id] += cents
        return all(
            self.invoices[one].customer == customer_id
            and not self.invoices[one].archived
            and cents <= self.due(one)
            for one, cents in wanted.items()
        )

    def free(self, number: str | None, own_id: str = "") -> bool:
        """Whether no other invoice has the number."""
        return number is None or not any(
            one.number == number and invoice_id != own_id and not (one.archived and self.reusable)
            for invoice_id, one in self.invoices.items()
        )


def status_of(due: int, scheduled: int, taken: int) -> str:
    """The status that goes with the parts of an invoice."""
    if not taken:
        return "OPEN"
    if due:
        return "PARTIAL_PAYMENT"
    return "SCHEDULED" if scheduled else "PAID_IN_FULL"


def _priced(cents: int, taxable: bool) -> tuple[dict[str, Any], OwnLine]:
    return {"price": money(cents), "taxable": taxable}, OwnLine(cents, taxable)


def _multiplied(quantity: int, mills: int, taxable: bool) -> tuple[dict[str, Any], OwnLine]:
    # Half up: the product stands in thousandths of a dollar.
    cents = (quantity * mills + 5) // 10
    price = f"{mills // 1000}.{mills % 1000:03d}"
    return {"quantity": quantity, "price": price, "taxable": taxable}, OwnLine(cents, taxable)


Lines = list[tuple[dict[str, Any], OwnLine]]
LINES = st.lists(
    st.builds(_priced, st.integers(-2_000, 50_000), st.booleans())
    | st.builds(_multiplied, st.integers(0, 15), st.integers(0, 99_999), st.booleans()),
    min_size=1,
    max_size=3,
)
NUMBERS = st.sampled_from([None, "1001", "1002", "A"])
# How much of what there is; more than 100 is a cent too much.
PERCENT = st.integers(1, 100) | st.sampled_from([100, 101])
SELDOM = st.sampled_from([False, False, False, True])
