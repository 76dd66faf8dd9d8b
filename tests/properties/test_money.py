"""The money of bills under any sequence of calls, events and days, against a small model.

The model counts in integer cents and knows of a payment only its status, its kind
and what it pays of which bill; it uses none of the simulator's arithmetic.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)
from pydantic import TypeAdapter

from simulator import Behaviour, founding
from simulator.core.clock import Clock
from simulator.core.context import Ctx
from simulator.core.errors import Refusal
from simulator.core.events import Event
from simulator.core.listing import Grammar
from simulator.core.money import ZERO
from simulator.core.roles import Role
from simulator.core.world import World
from simulator.resources import bills as bill_module
from simulator.resources.bank_accounts import bank_accounts
from simulator.resources.bill_rows import Bill, bills
from simulator.resources.catalogue import operations, simulations, timer_handlers
from simulator.resources.payment_rows import payments
from simulator.resources.users import users
from simulator.resources.vendor_rows import vendors

START = datetime(2026, 6, 3, 16, tzinfo=UTC)
REISSUE = "VOID_AND_REISSUE"
VOIDS = ("VOID_ONLY", "VOID_AND_CREDIT", REISSUE, "VOID_AND_REISSUE_VCARD")

REJECTED = "DISBURSEMENT_FAILED_VENDOR_BANK_REJECTED"
RETURNED = "DISBURSEMENT_FAILED_ACTION_NEEDED"
UNFUNDED = "FUNDING_FAILED_ACTION_NEEDED"
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
VOIDABLE = {"FUNDING_STARTED", "PROCESSED", "SENT", "DELIVERED", "EXPIRING", REJECTED, RETURNED}


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
                if payment.single == "CLEARED":
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


@dataclass(frozen=True)
class Administrator:
    """A signed-in caller with MFA trust."""

    user_id: str
    id: str = "session"
    role: Role = Role.ADMINISTRATOR
    trusted: bool = True


@cache
def _adapter(body: Any) -> TypeAdapter[Any]:
    return TypeAdapter(body)


@cache
def _bill_grammar() -> Grammar:
    listing = operations()["GET /connect/v3/bills"].listing
    assert listing is not None
    return listing


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
EVENTS = sorted(event for event in simulations() if event.startswith("payment."))
# How much of what is due; more than 100 overpays by a cent.
PERCENT = st.integers(1, 101) | st.just(100)


class MoneyMachine(RuleBasedStateMachine):
    """Calls of an administrator, events of BILL's side and the passing of time."""

    vendor_ids = Bundle("vendor_ids")
    bill_ids = Bundle("bill_ids")
    payment_ids = Bundle("payment_ids")

    @initialize(
        target=vendor_ids,
        checks=st.sampled_from(["cashed", "uncashed"]),
        voids=st.sampled_from(["immediate", "next_bank_day"]),
        settlement=st.sampled_from(["automatic", "automatic", "manual"]),
    )
    def found(self, checks: Any, voids: Any, settlement: Any) -> MultipleResults[str]:
        self.behaviour = Behaviour(checks=checks, voids=voids, settlement=settlement)
        clock = Clock(lambda: START, START)
        self.world = World("money", 1, clock, timer_handlers(), self.behaviour)
        founding.found(self.world, *founding.keys(1, 0))
        assert self.world.credentials is not None
        self.organization_id = self.world.credentials.organization_id
        ctx = self.context()
        self.caller = Administrator(
            next(user.id for user in ctx.table(users) if user.role.type is Role.ADMINISTRATOR)
        )
        account = next(iter(ctx.table(bank_accounts)))
        self.account = {"type": "BANK_ACCOUNT", "id": account.id}
        self.model = Model()
        # A rule that draws several ids can only be tried once there is one.
        self.has_bills = False
        self.events: list[Event] = []
        self.world.subscribers.append(self.events.append)
        return multiple(self.create_vendor("ACH", True), self.create_vendor("CHECK", False))

    def context(self, caller: Administrator | None = None) -> Ctx:
        return Ctx(self.world, self.world.clock.now(), self.organization_id, caller)

    def everything(self) -> tuple[Any, ...]:
        """All that a refused call must leave as it is; the rows by identity."""
        tables = {key: list(table) for key, table in self.world.tables.items() if len(table)}
        counters = +Counter(self.world.counters)
        return tables, counters, self.world.next_due(), len(self.events)

    def unchanged_since(self, before: tuple[Any, ...]) -> None:
        tables, *others = self.everything()
        assert others == list(before[1:])
        assert tables.keys() == before[0].keys()
        for key, rows in tables.items():
            assert [id(row) for row in rows] == [id(row) for row in before[0][key]], key

    def call(self, allowed: bool, key: str, *path: str, body: Any = None) -> Any:
        """Perform an operation. None if it is refused, which it must be unless `allowed`."""
        operation = operations()[key]
        arguments: list[Any] = list(path)
        if operation.query is not None:
            arguments.append(operation.query())
        if operation.body is not None:
            arguments.append(_adapter(operation.body).validate_python(body))
        before = self.everything()
        try:
            answer = self.world.perform(self.context(self.caller), operation.run, *arguments)
        except Refusal:
            if allowed:
                raise
            self.unchanged_since(before)
            return None
        assert allowed, answer
        return answer

    @precondition(lambda self: len(self.model.vendors) < 5)
    @rule(target=vendor_ids, kind=st.sampled_from(["ACH", "CHECK"]), combines=st.booleans())
    def create_vendor(self, kind: str, combines: bool) -> str:
        account = {"accountNumber": "111222333", "routingNumber": "074000010"}
        body = {
            "name": "Happy Music Supplies",
            "address": {
                "line1": "123 Main Street",
                "city": "San Jose",
                "zipOrPostalCode": "95002",
                "country": "US",
            },
            "paymentInformation": {"bankAccount": account if kind == "ACH" else None},
            "additionalInfo": {"combinePayments": combines},
        }
        vendor = self.call(True, "POST /connect/v3/vendors", body=body)
        self.model.vendors[vendor.id] = OwnVendor(kind, combines)
        return str(vendor.id)

    @rule(vendor_id=vendor_ids, verb=st.sampled_from(["archive", "restore", "restore"]))
    def archive_or_restore_vendor(self, vendor_id: str, verb: str) -> None:
        self.call(True, f"POST /connect/v3/vendors/{{vendorId}}/{verb}", vendor_id)
        self.model.vendors[vendor_id].archived = verb == "archive"

    def bill_body(self, vendor_id: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "vendorId": vendor_id,
            "dueDate": "2026-12-31",
            "billLineItems": lines,
            "invoice": {"invoiceNumber": "202501", "invoiceDate": "2026-06-01"},
        }

    @rule(target=bill_ids, vendor_id=vendor_ids, lines=LINES)
    def create_bill(
        self, vendor_id: str, lines: list[tuple[dict[str, Any], int]]
    ) -> str | MultipleResults[str]:
        amounts = [amount for _, amount in lines]
        body = self.bill_body(vendor_id, [line for line, _ in lines])
        allowed = sum(amounts) >= 0 and not self.model.vendors[vendor_id].archived
        bill = self.call(allowed, "POST /connect/v3/bills", body=body)
        if bill is None:
            return multiple()
        self.has_bills = True
        return self.new_bill(bill, vendor_id, amounts)

    @rule(target=bill_ids, wanted=st.lists(st.tuples(vendor_ids, LINES), min_size=1, max_size=3))
    def create_bills(self, wanted: list[tuple[str, Any]]) -> MultipleResults[str]:
        amounts = [[amount for _, amount in lines] for _, lines in wanted]
        body = [self.bill_body(vendor, [line for line, _ in lines]) for vendor, lines in wanted]
        allowed = all(sum(one) >= 0 for one in amounts) and not any(
            self.model.vendors[vendor].archived for vendor, _ in wanted
        )
        made = self.call(allowed, "POST /connect/v3/bills/bulk", body=body) or []
        self.has_bills |= bool(made)
        together = zip(made, wanted, amounts, strict=bool(made))
        return multiple(*[self.new_bill(bill, want[0], one) for bill, want, one in together])

    def new_bill(self, bill: Bill, vendor_id: str, amounts: list[int]) -> str:
        assert bill.id not in self.model.bills
        ids = [line.id for line in bill.bill_line_items]
        self.model.bills[bill.id] = OwnBill(vendor_id, dict(zip(ids, amounts, strict=True)))
        return bill.id

    @rule(bill_id=bill_ids, cents=st.integers(-3_000, 60_000), data=st.data())
    def patch_a_line(self, bill_id: str, cents: int, data: st.DataObject) -> None:
        bill = self.model.bills[bill_id]
        line_id = data.draw(st.sampled_from(sorted(bill.lines)))
        new = {**bill.lines, line_id: cents}
        allowed = sum(new.values()) >= max(0, self.model.committed(bill_id))
        body = {"billLineItems": [{"id": line_id, "amount": money(cents)}]}
        if self.call(allowed, "PATCH /connect/v3/bills/{billId}", bill_id, body=body):
            bill.lines = new

    @rule(bill_id=bill_ids, vendor_id=vendor_ids, lines=LINES, keeps=st.booleans())
    def put_bill(
        self,
        bill_id: str,
        vendor_id: str,
        lines: list[tuple[dict[str, Any], int]],
        keeps: bool,
    ) -> None:
        bill = self.model.bills[bill_id]
        vendor_id = bill.vendor if keeps else vendor_id
        committed = self.model.committed(bill_id)
        moves = vendor_id != bill.vendor
        amounts = [amount for _, amount in lines]
        allowed = sum(amounts) >= committed
        if moves:
            allowed = allowed and not committed and not self.model.vendors[vendor_id].archived
        sent = [line for line, _ in lines]
        if keeps:
            sent[0] = {**sent[0], "id": next(iter(bill.lines))}
        body = self.bill_body(vendor_id, sent)
        new = self.call(allowed, "PUT /connect/v3/bills/{billId}", bill_id, body=body)
        if new:
            ids = [line.id for line in new.bill_line_items]
            bill.lines = dict(zip(ids, amounts, strict=True))
            bill.vendor = vendor_id

    @rule(bill_id=bill_ids, verb=st.sampled_from(["archive", "restore"]))
    def archive_or_restore_bill(self, bill_id: str, verb: str) -> None:
        bill = self.model.bills[bill_id]
        allowed = verb == "restore" or bill.archived or not self.model.committed(bill_id)
        if self.call(allowed, f"POST /connect/v3/bills/{{billId}}/{verb}", bill_id):
            bill.archived = verb == "archive"

    def some_of(self, bill_id: str, percent: int) -> int:
        due = self.model.due(bill_id)
        if percent == 0:
            return 0
        return due + 1 if percent > 100 else max(1, due * percent // 100)

    def new_payment(self, row: Any, vendor_id: str, shares: list[tuple[str, int]]) -> str:
        assert row.id not in self.model.payments
        kind = self.model.vendors[vendor_id].kind
        self.model.payments[row.id] = OwnPayment(vendor_id, shares, kind, "SCHEDULED")
        return str(row.id)

    @rule(target=payment_ids, bill_id=bill_ids, percent=PERCENT)
    def pay(self, bill_id: str, percent: int) -> str | MultipleResults[str]:
        shares = [(bill_id, self.some_of(bill_id, percent))]
        vendor_id = self.model.bills[bill_id].vendor
        allowed = self.model.fits(shares) and not self.model.vendors[vendor_id].archived
        body = {
            "billId": bill_id,
            "amount": money(shares[0][1]),
            "fundingAccount": self.account,
            "processingOptions": {},
        }
        row = self.call(allowed, "POST /connect/v3/payments", body=body)
        return self.new_payment(row, vendor_id, shares) if row else multiple()

    @precondition(lambda self: self.has_bills)
    @rule(
        target=payment_ids,
        wanted=st.lists(st.tuples(bill_ids, PERCENT | st.just(0)), min_size=1, max_size=5),
    )
    def pay_many(self, wanted: list[tuple[str, int]]) -> MultipleResults[str]:
        shares = [(bill_id, self.some_of(bill_id, percent)) for bill_id, percent in wanted]
        groups: list[tuple[str, list[tuple[str, int]]]] = []
        for share in shares:
            if not share[1]:
                continue
            vendor_id = self.model.bills[share[0]].vendor
            known = [group for vendor, group in groups if vendor == vendor_id]
            if known and self.model.vendors[vendor_id].combines:
                known[0].append(share)
            else:
                groups.append((vendor_id, [share]))
        allowed = (
            bool(groups)
            and self.model.fits(shares)
            and not any(
                self.model.vendors[self.model.bills[bill_id].vendor].archived
                for bill_id, _ in shares
            )
        )
        body = {
            "fundingAccount": self.account,
            "payments": [{"billId": bill, "amount": money(amount)} for bill, amount in shares],
        }
        rows = self.call(allowed, "POST /connect/v3/payments/bulk", body=body) or []
        made = zip(rows, groups, strict=bool(rows))
        return multiple(*[self.new_payment(row, vendor, group) for row, (vendor, group) in made])

    @rule(target=payment_ids, vendor_id=vendor_ids, cents=st.integers(1, 90_000))
    def pay_with_a_new_bill(self, vendor_id: str, cents: int) -> str | MultipleResults[str]:
        body = {
            "vendorId": vendor_id,
            "amount": money(cents),
            "fundingAccount": self.account,
            "processingOptions": {"createBill": True},
        }
        allowed = not self.model.vendors[vendor_id].archived
        row = self.call(allowed, "POST /connect/v3/payments", body=body)
        if row is None:
            return multiple()
        bill = self.context().get(bills, row.bill_id)
        self.new_bill(bill, vendor_id, [cents])
        return self.new_payment(row, vendor_id, [(bill.id, cents)])

    @precondition(lambda self: self.has_bills)
    @rule(
        target=payment_ids,
        wanted=st.lists(st.tuples(bill_ids, PERCENT), min_size=1, max_size=3),
    )
    def record_payment(self, wanted: list[tuple[str, int]]) -> str | MultipleResults[str]:
        shares = [(bill_id, self.some_of(bill_id, percent)) for bill_id, percent in wanted]
        vendor_id = self.model.bills[shares[0][0]].vendor
        allowed = self.model.fits(shares) and all(
            self.model.bills[bill_id].vendor == vendor_id for bill_id, _ in shares
        )
        body = {
            "vendorId": vendor_id,
            "processDate": "2026-06-01",
            "toPrintCheck": False,
            "payments": [{"billId": bill, "amount": money(amount)} for bill, amount in shares],
        }
        row = self.call(allowed, "POST /connect/v3/bills/record-payment", body=body)
        if row is None:
            return multiple()
        self.model.payments[row.id] = OwnPayment(vendor_id, shares, "OFFLINE", "CLEARED")
        return str(row.id)

    @rule(payment_id=payment_ids)
    def cancel(self, payment_id: str) -> None:
        payment = self.model.payments[payment_id]
        allowed = payment.single == "SCHEDULED"
        if self.call(allowed, "POST /connect/v3/payments/{paymentId}/cancel", payment_id):
            payment.single = "CANCELED"

    @rule(payment_id=payment_ids, wanted=st.sampled_from(VOIDS))
    def void(self, payment_id: str, wanted: str) -> None:
        payment = self.model.payments[payment_id]
        offline = payment.kind == "OFFLINE"
        allowed = payment.single == "CLEARED" if offline else payment.single in VOIDABLE
        # What was not debited cannot be sent again, and nobody here has a card.
        if wanted == "VOID_AND_REISSUE_VCARD":
            allowed = False
        if wanted == REISSUE and payment.single == "FUNDING_STARTED":
            allowed = False
        body = {"type": wanted, "reason": "wrong"}
        path = "POST /connect/v3/payments/{paymentId}/void"
        if self.call(allowed, path, payment_id, body=body):
            if not offline and self.behaviour.voids == "next_bank_day":
                payment.single, payment.wanted = "VOID_PENDING", wanted
            else:
                again = wanted == REISSUE and not offline
                payment.single = "PROCESSED" if again else "VOIDED"

    @rule(payment_id=payment_ids, event=st.just("payment.advanced") | st.sampled_from(EVENTS))
    def simulate(self, payment_id: str, event: str) -> None:
        payment = self.model.payments[payment_id]
        target = _after(event, payment)
        before = self.everything()
        try:
            run = simulations()[event].run
            row = self.world.perform(self.context(), run, payment_id, {})
        except ValueError:
            assert target is None, (event, payment)
            self.unchanged_since(before)
            return
        assert row.single_status == target, (event, payment)
        payment.single = row.single_status.value

    @rule(hours=st.sampled_from([3, 8, 20, 20, 24, 30, 72, 24 * 9, 24 * 81]))
    def time_passes(self, hours: int) -> None:
        self.world.advance_to(self.world.clock.now() + timedelta(hours=hours))
        table = self.context().table(payments)
        for payment_id, payment in self.model.payments.items():
            row = table.find(payment_id)
            assert row is not None
            now = row.single_status.value
            assert now in _reachable(payment, self.behaviour), payment
            payment.single = now

    @invariant()
    def every_payment_is_there_once_and_pays_what_it_says(self) -> None:
        rows = {row.id: row for row in self.context().table(payments)}
        assert rows.keys() == self.model.payments.keys()
        told = Counter(one.row.id for one in self.events if one.type == "payment.created")
        assert told == Counter(list(rows))
        for payment_id, payment in self.model.payments.items():
            row = rows[payment_id]
            paid = [(part.bill_id, in_cents(part.amount)) for part in row.bill_payments]
            assert paid == payment.shares
            assert in_cents(row.amount) == sum(amount for _, amount in payment.shares)
            assert row.funding_amount == row.amount
            assert row.vendor_id == payment.vendor
            assert row.disbursement_type == payment.kind
            assert row.single_status == payment.single
            assert row.status == STATES.get(payment.single, "PAID")

    @invariant()
    def every_bill_has_its_money_where_the_payments_have_it(self) -> None:
        rows = {row.id: row for row in self.context().table(bills)}
        assert rows.keys() == self.model.bills.keys()
        for bill_id, parts in self.model.parts().items():
            row, bill = rows[bill_id], self.model.bills[bill_id]
            lines = {line.id: in_cents(line.amount) for line in row.bill_line_items}
            assert lines == bill.lines
            assert (row.vendor_id, row.archived) == (bill.vendor, bill.archived)
            in_rest = row.credit_amount + row.scheduled_amount + row.paid_amount + row.due_amount
            assert row.amount == in_rest
            assert in_cents(row.amount) == in_cents(row.funding_amount) == bill.amount
            assert in_cents(row.scheduled_amount) == parts.scheduled
            assert in_cents(row.in_process_amount) == parts.in_process
            assert in_cents(row.paid_amount) == parts.paid
            assert row.credit_amount == 0
            assert 0 <= row.in_process_amount <= row.scheduled_amount
            assert min(row.scheduled_amount, row.paid_amount, row.due_amount) >= 0
            assert row.payment_status == status_of(bill.amount, parts)

    @invariant()
    def vendors_are_owed_what_is_due_on_their_unarchived_bills(self) -> None:
        owed = dict.fromkeys(self.model.vendors, 0)
        parts = self.model.parts()
        for bill_id, bill in self.model.bills.items():
            if not bill.archived:
                taken = parts[bill_id].scheduled + parts[bill_id].paid
                owed[bill.vendor] += bill.amount - taken
        ctx = self.context()
        assert vendors.join is not None
        for vendor in ctx.table(vendors):
            balance = vendors.join.apply(ctx, vendor).balance
            assert balance is not None
            assert in_cents(balance.amount) == owed[vendor.id]

    @invariant()
    def lists_find_what_the_table_holds(self) -> None:
        ctx = self.context()
        for status in ("PAID", "IN_PROCESS", "SCHEDULED", "UNPAID"):
            query = _bill_grammar().read("100", None, f"paymentStatus:eq:{status}", None)
            found = [row.id for row in bills.page(ctx, _bill_grammar(), query).rows]
            assert (
                found == [row.id for row in ctx.table(bills) if row.payment_status == status][:100]
            )


def _after(event: str, payment: OwnPayment) -> str | None:
    """The status after an event of BILL's side, or None where it cannot happen."""
    single, road = payment.single, ROAD[payment.kind]
    on_road = single in road or single == "EXPIRING"
    waits = single in road[:-1]
    match event:
        case "payment.settled":
            return "CLEARED" if on_road else None
        case "payment.check_cashed":
            return "CLEARED" if on_road and payment.kind == "CHECK" else None
        case "payment.advanced" if single == "VOID_PENDING":
            return "PROCESSED" if payment.wanted == REISSUE else "VOIDED"
        case "payment.advanced" if single == "EXPIRING":
            return "CLEARED"
        case "payment.advanced":
            return road[road.index(single) + 1] if waits else None
        case "payment.funding_failed":
            return UNFUNDED if waits else None
        case "payment.funding_voided":
            return "FUNDING_FAILED_VOIDED" if single == UNFUNDED else None
        case "payment.returned" | "payment.vendor_bank_rejected":
            if single not in road or payment.kind == "OFFLINE":
                return None
            return RETURNED if event == "payment.returned" else REJECTED
    raise AssertionError(event)


def _reachable(payment: OwnPayment, behaviour: Behaviour) -> set[str]:
    """The statuses to which time alone may bring a payment."""
    single, road = payment.single, ROAD[payment.kind]
    if behaviour.settlement == "manual" or payment.kind == "OFFLINE":
        return {single}
    uncashed = payment.kind == "CHECK" and behaviour.checks == "uncashed"
    if uncashed:
        road = [*road[:-1], "EXPIRING", "VOIDED"]
    if single == UNFUNDED:
        return {single, "FUNDING_FAILED_VOIDED"}
    if single == "VOID_PENDING":
        again = payment.wanted == REISSUE
        return {single, *road[road.index("PROCESSED") :]} if again else {single, "VOIDED"}
    return set(road[road.index(single) :]) if single in road else {single}


TestMoney = MoneyMachine.TestCase
TestMoney.settings = settings(max_examples=2 * settings.default.max_examples)


AMOUNTS = st.decimals(-(10**12), 10**12, places=2)


@given(amount=AMOUNTS, credit=AMOUNTS, scheduled=AMOUNTS, in_process=AMOUNTS, paid=AMOUNTS)
def test_every_bill_has_a_documented_status_and_what_is_left_is_due(
    amount: Decimal, credit: Decimal, scheduled: Decimal, in_process: Decimal, paid: Decimal
) -> None:
    bill = bill_module.reckon(
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
            invoice=bill_module.Invoice(invoice_date=date(2026, 6, 1), invoice_number="1"),
            bill_line_items=(),
            payment_status=bill_module.PaymentStatus.UNDEFINED,
            approval_status=bill_module.ApprovalStatus.UNASSIGNED,
            created_time=START,
            updated_time=START,
            in_process_amount=in_process,
        )
    )
    assert bill.payment_status in {"UNPAID", "PARTIALLY_PAID", "SCHEDULED", "IN_PROCESS", "PAID"}
    assert bill.due_amount == amount - credit - scheduled - paid
    assert (bill.amount, bill.paid_amount) == (amount, paid)
