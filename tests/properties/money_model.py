"""A model of the money of bills that knows nothing of the simulator.

It counts in integer cents and knows of a payment only its status, its kind and
what it pays of which bill.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

REISSUE = "VOID_AND_REISSUE"
VOIDS = ("VOID_ONLY", "VOID_AND_CREDIT", REISSUE, "VOID_AND_REISSUE_VCARD")

REJECTED = "DISBURSEMENT_FAILED_VENDOR_BANK_REJECTED"
RETURNED = "DISBURSEMENT_FAILED_ACTION_NEEDED"
UNFUNDED = "FUNDING_FAILED_ACTION_NEEDED"
HELD = "DISBURSEMENT_ON_HOLD"
ESCHEATED = "FUNDS_ESCHEATED"
ROAD = {
    "ACH": ["SCHEDULED", "FUNDING_STARTED", "PROCESSED", "SENT", "CLEARED"],
    "CHECK": ["SCHEDULED", "FUNDING_STARTED", "PROCESSED", "SENT", "DELIVERED", "CLEARED"],
    "OFFLINE": ["CLEARED"],
}
ENDED = ("CANCELED", "VOIDED", "FUNDING_FAILED_VOIDED")
STATES = {
    "SCHEDULED": "SCHEDULED",
    "FUNDING_STARTED": "SCHEDULED",
    UNFUNDED: "SCHEDULED",
    "CANCELED": "CANCELLED",
    "VOIDED": "VOID",
    "FUNDING_FAILED_VOIDED": "VOID",
}
VOIDABLE = {
    "FUNDING_STARTED",
    "PROCESSED",
    HELD,
    "SENT",
    "DELIVERED",
    "EXPIRING",
    REJECTED,
    RETURNED,
}


@dataclass
class OwnVendor:
    """A vendor as the model knows it."""

    kind: str
    combines: bool
    archived: bool = False


@dataclass
class OwnBill:
    """A bill as the model knows it: the cents of its lines by their ids."""

    vendor: str
    lines: dict[str, int]
    archived: bool = False

    @property
    def amount(self) -> int:
        return sum(self.lines.values())


@dataclass
class OwnPayment:
    """A payment as the model knows it. `shares` are bill ids and cents."""

    vendor: str
    shares: list[tuple[str, int]]
    kind: str
    single: str
    wanted: str = ""


@dataclass
class Parts:
    """Where the cents of a bill lie; `in_process` is within `scheduled`."""

    scheduled: int = 0
    in_process: int = 0
    paid: int = 0


@dataclass
class Model:
    """All that ought to be there."""

    vendors: dict[str, OwnVendor] = field(default_factory=dict)
    bills: dict[str, OwnBill] = field(default_factory=dict)
    payments: dict[str, OwnPayment] = field(default_factory=dict)

    def parts(self) -> dict[str, Parts]:
        """The parts of every bill, as the statuses of the payments have it."""
        found = {bill_id: Parts() for bill_id in self.bills}
        for payment in self.payments.values():
            for bill_id, amount in payment.shares:
                if payment.single in ("CLEARED", ESCHEATED):
                    found[bill_id].paid += amount
                elif payment.single not in ENDED:
                    found[bill_id].scheduled += amount
                    found[bill_id].in_process += amount * (payment.single != "SCHEDULED")
        return found

    def due(self, bill_id: str) -> int:
        """The cents of a bill that no payment has taken."""
        parts = self.parts()[bill_id]
        return self.bills[bill_id].amount - parts.scheduled - parts.paid

    def committed(self, bill_id: str) -> int:
        """The cents of a bill that payments have taken."""
        parts = self.parts()[bill_id]
        return parts.scheduled + parts.paid

    def fits(self, shares: list[tuple[str, int]]) -> bool:
        """Whether nothing is overpaid and no bill is archived."""
        wanted: Counter[str] = Counter()
        for bill_id, amount in shares:
            wanted[bill_id] += amount
        return all(
            amount <= self.due(bill_id) and not self.bills[bill_id].archived
            for bill_id, amount in wanted.items()
        )


def status_of(amount: int, parts: Parts) -> str:
    """The paymentStatus that goes with the parts of a bill."""
    if amount > 0 and parts.paid >= amount:
        return "PAID"
    if parts.in_process:
        return "IN_PROCESS"
    if parts.scheduled:
        return "SCHEDULED"
    return "PARTIALLY_PAID" if parts.paid else "UNPAID"


def money(cents: int) -> str:
    """Cents as dollars."""
    sign, cents = ("-", -cents) if cents < 0 else ("", cents)
    return f"{sign}{cents // 100}.{cents % 100:02d}"


def in_cents(amount: Decimal) -> int:
    """Dollars as cents; they must be whole."""
    whole = amount * 100
    assert whole == int(whole)
    return int(whole)


def _amount_line(cents: int) -> tuple[dict[str, Any], int]:
    return {"amount": money(cents)}, cents


def _product_line(hundredths: int, mills: int) -> tuple[dict[str, Any], int]:
    line = {"quantity": str(Decimal(hundredths) / 100), "price": str(Decimal(mills) / 1000)}
    # Half up: the product stands in hundred-thousandths of a dollar.
    return line, (hundredths * mills + 500) // 1000


LINES = st.lists(
    st.integers(-2_000, 50_000).map(_amount_line)
    | st.builds(_product_line, st.integers(0, 1_500), st.integers(0, 99_999)),
    min_size=1,
    max_size=4,
)


# Events whose outcome is the same wherever they can happen, and where that is.
_PLAIN = {
    "payment.check_expired": (("DELIVERED", "EXPIRING"), "VOIDED"),
    "payment.held": (("SCHEDULED", "FUNDING_STARTED", "PROCESSED"), HELD),
    "payment.released": ((HELD,), "PROCESSED"),
    "payment.escheated": (("DELIVERED", "EXPIRING", REJECTED, RETURNED), ESCHEATED),
    "payment.funding_voided": ((UNFUNDED,), "FUNDING_FAILED_VOIDED"),
}


def after(event: str, payment: OwnPayment) -> str | None:
    """The status after an event of BILL's side, or None where it cannot happen."""
    single, road = payment.single, ROAD[payment.kind]
    if event in _PLAIN:
        sources, target = _PLAIN[event]
        return target if single in sources else None
    if event == "payment.advanced" and single == "VOID_PENDING":
        return "PROCESSED" if payment.wanted == REISSUE else "VOIDED"
    waits = single in road[:-1]
    uncleared = waits or single == "EXPIRING"
    check = payment.kind == "CHECK"
    comes_back = single in road and payment.kind != "OFFLINE"
    outcomes = {
        "payment.settled": (uncleared, "CLEARED"),
        "payment.check_cashed": (uncleared and check, "CLEARED"),
        "payment.check_expiring": (waits and check, "EXPIRING"),
        "payment.advanced": (uncleared, road[road.index(single) + 1] if waits else "CLEARED"),
        "payment.funding_failed": (waits, UNFUNDED),
        "payment.returned": (comes_back, RETURNED),
        "payment.vendor_bank_rejected": (comes_back, REJECTED),
    }
    possible, target = outcomes[event]
    return target if possible else None


def reachable(payment: OwnPayment, *, manual: bool, uncashed: bool) -> set[str]:
    """The statuses to which time alone may bring a payment."""
    single, road = payment.single, ROAD[payment.kind]
    if manual or payment.kind == "OFFLINE":
        return {single}
    if uncashed and payment.kind == "CHECK":
        road = [*road[:-1], "EXPIRING", "VOIDED"]
    if single == UNFUNDED:
        return {single, "FUNDING_FAILED_VOIDED"}
    if single == "EXPIRING":
        return {single, "VOIDED"}
    if single == "VOID_PENDING":
        again = payment.wanted == REISSUE
        return {single, *road[road.index("PROCESSED") :]} if again else {single, "VOIDED"}
    return set(road[road.index(single) :]) if single in road else {single}
