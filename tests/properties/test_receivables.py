"""The money of invoices under any sequence of calls, events and days, against a small model.

The model counts in integer cents. It knows the lines and the credit of an invoice and the
shares and the status of a received payment; it uses none of the simulator's arithmetic.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import settings
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
from simulator.core.world import World
from simulator.resources.catalogue import operations, simulations, timer_handlers
from simulator.resources.customers import customers
from simulator.resources.invoice_rows import Invoice, invoices
from simulator.resources.received_payments import received_payments
from simulator.resources.users import users
from tests.properties.machine import Administrator
from tests.properties.money_model import in_cents, money
from tests.resources.payables import ADDRESS
from tests.resources.receivables import CUSTOMER_ACCOUNT, SMALLEST_CUSTOMER

START = datetime(2026, 6, 3, 16, tzinfo=UTC)
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


@cache
def _adapter(body: Any) -> TypeAdapter[Any]:
    return TypeAdapter(body)


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
NUMBERS = st.sampled_from([None, None, "1001", "1002", "A"])
# How much of what there is; more than 100 is a cent too much.
PERCENT = st.integers(1, 101) | st.just(100)
SELDOM = st.sampled_from([False, False, False, True])


class ReceivablesMachine(RuleBasedStateMachine):
    """Calls of an administrator, events of BILL's side and the passing of time."""

    customer_ids = Bundle("customer_ids")
    invoice_ids = Bundle("invoice_ids")
    payment_ids = Bundle("payment_ids")

    @initialize(
        settlement=st.sampled_from(["automatic", "automatic", "manual"]),
        archive=st.sampled_from(["refused", "allowed"]),
        numbers=st.sampled_from(["taken", "reusable"]),
    )
    def found(self, settlement: Any, archive: Any, numbers: Any) -> None:
        self.behaviour = Behaviour(
            settlement=settlement,
            archive_invoices_with_payments=archive,
            archived_invoice_numbers=numbers,
        )
        clock = Clock(lambda: START, START)
        self.world = World("receivables", 1, clock, timer_handlers(), self.behaviour)
        founding.found(self.world, *founding.keys(1, 0))
        assert self.world.credentials is not None
        self.organization_id = self.world.credentials.organization_id
        ids = [user.id for user in self.context().table(users) if user.role.type == "ADMINISTRATOR"]
        self.caller = Administrator(ids[0])
        self.model = Model(numbers == "reusable")
        self.events: list[Event] = []
        self.world.subscribers.append(self.events.append)
        item = {"type": "SALES_TAX", "name": "State Sales Tax", "percentage": TAX}
        self.tax_item = self.call(True, "POST /connect/v3/classifications/items", body=item).id

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

    @rule(target=customer_ids)
    def create_customer(self) -> str:
        body = {**SMALLEST_CUSTOMER, "billingAddress": ADDRESS}
        customer = self.call(True, "POST /connect/v3/customers", body=body)
        key = "POST /connect/v3/customers/{customerId}/bank-accounts"
        account = self.call(True, key, customer.id, body=CUSTOMER_ACCOUNT)
        self.model.customers[customer.id] = OwnCustomer(account.id)
        self.authorize_charges(customer.id, True)
        return str(customer.id)

    @rule(customer_id=customer_ids, yes=st.sampled_from([True, True, True, False]))
    def authorize_charges(self, customer_id: str, yes: bool) -> None:
        key = "POST /connect/v3/customers/{customerId}/charge-authorization"
        self.call(True, key, customer_id, body={"authorizedToCharge": yes})
        self.model.customers[customer_id].authorized = yes

    @rule(customer_id=customer_ids, verb=st.sampled_from(["restore", "restore", "archive"]))
    def archive_or_restore_customer(self, customer_id: str, verb: str) -> None:
        self.call(True, f"POST /connect/v3/customers/{{customerId}}/{verb}", customer_id)
        self.model.customers[customer_id].archived = verb == "archive"

    def invoice_body(
        self, customer_id: str, lines: Lines, taxed: bool, credit: int | None, number: str | None
    ) -> dict[str, Any]:
        return {
            "customer": {"id": customer_id},
            "invoiceLineItems": [line for line, _ in lines],
            "salesTaxItemId": self.tax_item if taxed else None,
            "creditAmount": None if credit is None else money(credit),
            "invoiceNumber": number,
        }

    def some_credit(self, customer_id: str, percent: int | None) -> int | None:
        """A part of what the customer has paid too much."""
        if percent is None:
            return None
        unapplied = self.model.unapplied(customer_id)
        return unapplied + 1 if percent > 100 else unapplied * percent // 100

    def keep(self, row: Invoice, lines: Lines, taxed: bool) -> str:
        """Note a new or replaced invoice as it ought to be."""
        ids = [line.id for line in row.invoice_line_items]
        own = dict(zip(ids, [line for _, line in lines], strict=True))
        known = self.model.invoices.get(row.id)
        self.model.invoices[row.id] = OwnInvoice(
            row.customer_id, row.invoice_number, own, taxed, in_cents(row.credit_amount),
            known.archived if known else False,
        )  # fmt: skip
        return row.id

    @rule(
        target=invoice_ids,
        customer_id=customer_ids,
        lines=LINES,
        taxed=st.booleans(),
        percent=st.none() | PERCENT,
        number=NUMBERS,
    )
    def create_invoice(
        self, customer_id: str, lines: Lines, taxed: bool, percent: int | None, number: str | None
    ) -> str | MultipleResults[str]:
        total = total_of([line for _, line in lines], taxed)
        credit = self.some_credit(customer_id, percent)
        allowed = (
            not self.model.customers[customer_id].archived
            and total >= 0
            and (credit or 0) <= min(total, self.model.unapplied(customer_id))
            and self.model.free(number)
        )
        body = self.invoice_body(customer_id, lines, taxed, credit, number)
        row = self.call(allowed, "POST /connect/v3/invoices", body=body)
        if row is None:
            return multiple()
        assert (row.customer_id, in_cents(row.credit_amount)) == (customer_id, credit or 0)
        assert number in (None, row.invoice_number)
        assert self.model.free(row.invoice_number)
        return self.keep(row, lines, taxed)

    @rule(target=invoice_ids, lines=LINES, taxed=st.booleans())
    def create_invoice_of_a_new_customer(
        self, lines: Lines, taxed: bool
    ) -> str | MultipleResults[str]:
        body = {
            **self.invoice_body("", lines, taxed, None, None),
            "customer": SMALLEST_CUSTOMER,
        }
        allowed = total_of([line for _, line in lines], taxed) >= 0
        row = self.call(allowed, "POST /connect/v3/invoices", body=body)
        if row is None:
            return multiple()
        assert row.customer_id not in self.model.customers
        self.model.customers[row.customer_id] = OwnCustomer("")
        return self.keep(row, lines, taxed)

    def may_become(
        self, invoice_id: str, customer_id: str, total: int, credit: int, number: str | None
    ) -> bool:
        """Whether an edit may give an invoice that customer, total, credit and number."""
        old = self.model.invoices[invoice_id]
        taken = self.model.taken(invoice_id)
        if customer_id != old.customer and (
            taken or old.credit or self.model.customers[customer_id].archived
        ):
            return False
        room = self.model.unapplied(customer_id)
        room += old.credit if customer_id == old.customer else 0
        free = number == old.number or self.model.free(number, invoice_id)
        return 0 <= total >= taken + credit and credit <= room and free

    @rule(
        invoice_id=invoice_ids,
        customer_id=customer_ids,
        lines=LINES,
        taxed=st.booleans(),
        percent=st.none() | PERCENT,
        number=NUMBERS,
        keeps=st.sampled_from([True, True, False]),
    )
    def put_invoice(
        self,
        invoice_id: str,
        customer_id: str,
        lines: Lines,
        taxed: bool,
        percent: int | None,
        number: str | None,
        keeps: bool,
    ) -> None:
        old = self.model.invoices[invoice_id]
        customer_id = old.customer if keeps else customer_id
        credit = self.some_credit(customer_id, percent)
        total = total_of([line for _, line in lines], taxed)
        wanted = old.credit if credit is None else credit
        allowed = self.may_become(invoice_id, customer_id, total, wanted, number)
        body = self.invoice_body(customer_id, lines, taxed, credit, number)
        if keeps:
            sent = body["invoiceLineItems"]
            sent[0] = {**sent[0], "id": next(iter(old.lines))}
        row = self.call(allowed, "PUT /connect/v3/invoices/{invoiceId}", invoice_id, body=body)
        if row:
            assert (row.customer_id, in_cents(row.credit_amount)) == (customer_id, wanted)
            assert row.invoice_number == (number or old.number)
            kept = row.invoice_line_items[0].id in old.lines
            assert kept is keeps
            self.keep(row, lines, taxed)

    @rule(
        invoice_id=invoice_ids,
        cents=st.none() | st.integers(-3_000, 60_000),
        percent=st.none() | PERCENT,
        number=NUMBERS,
        data=st.data(),
    )
    def patch_invoice(
        self,
        invoice_id: str,
        cents: int | None,
        percent: int | None,
        number: str | None,
        data: st.DataObject,
    ) -> None:
        old = self.model.invoices[invoice_id]
        credit = self.some_credit(old.customer, percent)
        wanted = old.credit if credit is None else credit
        body: dict[str, Any] = {"invoiceNumber": number}
        body["creditAmount"] = None if credit is None else money(credit)
        new = dict(old.lines)
        if cents is not None:
            line_id = data.draw(st.sampled_from(sorted(new)))
            change = {"id": line_id, "price": money(cents), "quantity": 1}
            body["invoiceLineItems"] = [change]
            new[line_id] = OwnLine(cents, new[line_id].taxable)
        total = total_of(list(new.values()), old.taxed)
        allowed = self.may_become(invoice_id, old.customer, total, wanted, number)
        row = self.call(allowed, "PATCH /connect/v3/invoices/{invoiceId}", invoice_id, body=body)
        if row:
            assert row.invoice_number == (number or old.number)
            old.lines, old.credit, old.number = new, wanted, row.invoice_number

    @rule(invoice_id=invoice_ids, verb=st.sampled_from(["restore", "archive"]))
    def archive_or_restore_invoice(self, invoice_id: str, verb: str) -> None:
        invoice = self.model.invoices[invoice_id]
        if invoice.archived is (verb == "archive"):
            allowed = True
        elif verb == "archive":
            free = not (invoice.credit or self.model.taken(invoice_id))
            allowed = free or self.behaviour.archive_invoices_with_payments == "allowed"
        else:
            allowed = self.model.free(invoice.number, invoice_id)
        if self.call(allowed, f"POST /connect/v3/invoices/{{invoiceId}}/{verb}", invoice_id):
            invoice.archived = verb == "archive"

    def some_shares(self, wanted: list[tuple[str, int]], mixes: bool) -> list[tuple[str, int]]:
        """Parts of what is due; of different invoices of one customer unless it `mixes`."""
        customer_id = self.model.invoices[wanted[0][0]].customer
        if not mixes:
            wanted = [
                (one, percent)
                for one, percent in dict(wanted).items()
                if self.model.invoices[one].customer == customer_id
            ]
        shares = []
        for invoice_id, percent in wanted:
            due = self.model.due(invoice_id)
            shares.append((invoice_id, due + 1 if percent > 100 else max(1, due * percent // 100)))
        return shares

    @precondition(lambda self: self.model.invoices)
    @rule(
        target=payment_ids,
        wanted=st.lists(st.tuples(invoice_ids, PERCENT), min_size=1, max_size=3),
        mixes=SELDOM,
        rest=st.integers(-1, 30_000) | st.just(0),
        named=st.booleans(),
    )
    def record_payment(
        self, wanted: list[tuple[str, int]], mixes: bool, rest: int, named: bool
    ) -> str | MultipleResults[str]:
        shares = self.some_shares(wanted, mixes)
        amount = max(1, sum(cents for _, cents in shares) + rest)
        customer_id = self.model.invoices[shares[0][0]].customer
        applied = sum(cents for _, cents in shares)
        allowed = applied <= amount and self.model.fits(customer_id, shares)
        body = {
            "amount": money(amount),
            "paymentDate": "2026-06-01",
            "paymentType": "CHECK",
            "customerId": customer_id if named else None,
            "invoices": [{"id": one, "amount": money(cents)} for one, cents in shares],
        }
        receipt = self.call(allowed, "POST /connect/v3/invoices/record-payment", body=body)
        if receipt is None:
            return multiple()
        assert in_cents(receipt.unapplied_amount) == amount - applied
        assert receipt.id not in self.model.payments
        day = date(2026, 6, 1)
        self.model.payments[receipt.id] = OwnPayment(customer_id, amount, shares, day, "PAID")
        return str(receipt.id)

    @precondition(lambda self: self.model.invoices)
    @rule(
        target=payment_ids,
        wanted=st.lists(st.tuples(invoice_ids, PERCENT), min_size=1, max_size=3),
        mixes=SELDOM,
        days=st.sampled_from([0, 0, 0, 1, 20, -1]),
    )
    def charge(
        self, wanted: list[tuple[str, int]], mixes: bool, days: int
    ) -> str | MultipleResults[str]:
        shares = self.some_shares(wanted, mixes)
        customer_id = self.model.invoices[shares[0][0]].customer
        customer = self.model.customers[customer_id]
        allowed = (
            customer.authorized
            and bool(customer.account)
            and not customer.archived
            and days >= 0
            and self.model.fits(customer_id, shares)
        )
        day = self.context().today + timedelta(days=days)
        body = {
            "customerId": customer_id,
            "fundingAccount": {"type": "BANK_ACCOUNT", "id": customer.account or "none"},
            "invoicePayments": [
                {"invoiceId": one, "amount": money(cents)} for one, cents in shares
            ],
            "paymentDate": day.isoformat(),
        }
        row = self.call(allowed, "POST /connect/v3/receivable-payments", body=body)
        if row is None:
            return multiple()
        assert row.id not in self.model.payments
        amount = sum(cents for _, cents in shares)
        self.model.payments[row.id] = OwnPayment(customer_id, amount, shares, day, "SCHEDULED")
        return str(row.id)

    @rule(payment_id=payment_ids, event=st.sampled_from(["settled", "failed"]))
    def settle_or_fail(self, payment_id: str, event: str) -> None:
        payment = self.model.payments[payment_id]
        before = self.everything()
        try:
            run = simulations()[f"received_payment.{event}"].run
            self.world.perform(self.context(), run, payment_id, {})
        except ValueError:
            assert payment.status != "SCHEDULED"
            self.unchanged_since(before)
            return
        assert payment.status == "SCHEDULED"
        payment.status = "PAID" if event == "settled" else "VOID"

    @rule(hours=st.sampled_from([1, 8, 24, 24, 48, 24 * 9, 24 * 30]))
    def time_passes(self, hours: int) -> None:
        self.world.advance_to(self.world.clock.now() + timedelta(hours=hours))
        table = self.context().table(received_payments)
        for payment_id, payment in self.model.payments.items():
            row = table.find(payment_id)
            assert row is not None
            if payment.status == "SCHEDULED" and self.behaviour.settlement == "automatic":
                waited = (self.context().today - payment.day).days
                # Two bank days later: weekends and holidays stretch them to six days at most.
                if waited < 2:
                    assert row.status == "SCHEDULED"
                elif waited > 6:
                    assert row.status == "PAID"
                assert row.status in ("SCHEDULED", "PAID")
                payment.status = row.status.value

    @invariant()
    def every_invoice_has_its_money_where_the_payments_have_it(self) -> None:
        rows = {row.id: row for row in self.context().table(invoices)}
        assert rows.keys() == self.model.invoices.keys()
        for invoice_id, invoice in self.model.invoices.items():
            row = rows[invoice_id]
            amounts = (
                row.credit_amount,
                row.scheduled_amount,
                row.received_amount,
                row.due_amount,
            )
            credit, scheduled, received, due = map(in_cents, amounts)
            assert in_cents(row.total_amount) == credit + scheduled + received + due
            assert min(credit, scheduled, received, due) >= 0
            assert in_cents(row.total_amount) == invoice.total
            assert credit == invoice.credit
            assert scheduled == self.model.shares(invoice_id, "SCHEDULED")
            assert received == self.model.shares(invoice_id, "PAID")
            taken = credit + scheduled + received
            assert row.status == status_of(due, scheduled, taken)
            assert (row.customer_id, row.invoice_number) == (invoice.customer, invoice.number)
            assert row.archived is invoice.archived
            assert (row.record_status == "INACTIVE") is invoice.archived

    @invariant()
    def every_entry_of_an_invoice_is_a_share_of_a_received_payment(self) -> None:
        rows = {row.id: row for row in self.context().table(received_payments)}
        assert rows.keys() == self.model.payments.keys()
        wanted: dict[str, list[tuple[str, int, str, date]]] = {}
        for payment_id, payment in self.model.payments.items():
            row = rows[payment_id]
            shares = [(one.invoice_id, in_cents(one.amount)) for one in row.invoice_payments]
            assert shares == payment.shares
            assert (row.customer_id, row.status) == (payment.customer, payment.status)
            assert in_cents(row.amount) == payment.amount
            rest = payment.amount - sum(cents for _, cents in shares)
            assert in_cents(row.unapplied_amount) == rest >= 0
            for (invoice_id, cents), entry_id in zip(shares, row.entry_ids, strict=True):
                entry = (entry_id, cents, payment.status, payment.day)
                wanted.setdefault(invoice_id, []).append(entry)
        for invoice in self.context().table(invoices):
            found = [
                (entry.id, in_cents(entry.amount), entry.status.value, entry.date)
                for entry in invoice.payments or ()
            ]
            assert found == wanted.get(invoice.id, [])

    @invariant()
    def customers_owe_what_is_due_on_unarchived_invoices_less_what_they_paid_too_much(self) -> None:
        rows = {row.id: row for row in self.context().table(customers)}
        assert rows.keys() == self.model.customers.keys()
        owed = dict.fromkeys(rows, 0)
        for invoice_id, invoice in self.model.invoices.items():
            if not invoice.archived:
                owed[invoice.customer] += self.model.due(invoice_id)
        for customer_id, row in rows.items():
            unapplied = self.model.unapplied(customer_id)
            assert in_cents(row.unapplied) == unapplied >= 0
            assert in_cents(row.balance.amount) == owed[customer_id] - unapplied

    @invariant()
    def a_number_is_used_once(self) -> None:
        numbers = Counter(
            row.invoice_number
            for row in self.context().table(invoices)
            if not (row.archived and self.model.reusable)
        )
        assert set(numbers.values()) <= {1}


def status_of(due: int, scheduled: int, taken: int) -> str:
    """The status that goes with the parts of an invoice."""
    if not taken:
        return "OPEN"
    if due:
        return "PARTIAL_PAYMENT"
    return "SCHEDULED" if scheduled else "PAID_IN_FULL"


TestReceivables = ReceivablesMachine.TestCase
TestReceivables.settings = settings(max_examples=3 * settings.default.max_examples)
