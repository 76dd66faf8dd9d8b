"""The money of invoices under any sequence of calls, events and days, against a small model."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from simulator import Behaviour
from simulator.resources.catalogue import simulations
from simulator.resources.customers import customers
from simulator.resources.invoice_rows import Invoice, invoices
from simulator.resources.received_payments import received_payments
from tests.properties.machine import MachineOfOneWorld
from tests.properties.money_model import in_cents, money
from tests.properties.receivables_model import (
    LINES,
    NUMBERS,
    PERCENT,
    SELDOM,
    TAX,
    Lines,
    Model,
    OwnCustomer,
    OwnInvoice,
    OwnLine,
    OwnPayment,
    status_of,
    total_of,
)
from tests.resources.payables import ADDRESS
from tests.resources.receivables import CUSTOMER_ACCOUNT, SMALLEST_CUSTOMER

OUTCOMES = {"settled": "PAID", "failed": "VOID", "canceled": "CANCELED", "returned": "VOID"}


class ReceivablesMachine(MachineOfOneWorld):
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
        self.set_up_world(self.behaviour)
        self.model = Model(numbers == "reusable")
        item = {"type": "SALES_TAX", "name": "State Sales Tax", "percentage": TAX}
        self.tax_item = self.call(True, "POST /connect/v3/classifications/items", body=item).id

    # A few customers, so that much happens to each.
    @precondition(lambda self: len(self.model.customers) < 3)
    @rule(target=customer_ids)
    def create_customer(self) -> str:
        body = {**SMALLEST_CUSTOMER, "billingAddress": ADDRESS}
        customer = self.call(True, "POST /connect/v3/customers", body=body)
        self.add_chargeable(customer.id)
        return str(customer.id)

    def add_chargeable(self, customer_id: str) -> None:
        key = "POST /connect/v3/customers/{customerId}/bank-accounts"
        account = self.call(True, key, customer_id, body=CUSTOMER_ACCOUNT)
        self.model.customers[customer_id] = OwnCustomer(account.id)
        self.authorize_charges(customer_id, True)

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

    def some_credit(self, customer_id: str, room: int, percent: int | None) -> int | None:
        """A part of what the customer has paid too much, or of the `room` for it."""
        if percent is None:
            return None
        most = max(0, min(room, self.model.unapplied(customer_id)))
        return most + 1 if percent > 100 else most * percent // 100

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
        credit = self.some_credit(customer_id, total, percent)
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

    @precondition(lambda self: len(self.model.customers) < 4)
    @rule(target=invoice_ids, lines=LINES, taxed=st.booleans(), chargeable=st.booleans())
    def create_invoice_of_a_new_customer(
        self, lines: Lines, taxed: bool, chargeable: bool
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
        if chargeable:
            address = {"billingAddress": ADDRESS}
            key = "PATCH /connect/v3/customers/{customerId}"
            self.call(True, key, row.customer_id, body=address)
            self.add_chargeable(row.customer_id)
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
        keeps=st.booleans(),
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
        total = total_of([line for _, line in lines], taxed)
        credit = self.some_credit(customer_id, total - self.model.taken(invoice_id), percent)
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
        body: dict[str, Any] = {"invoiceNumber": number}
        new = dict(old.lines)
        if cents is not None:
            line_id = data.draw(st.sampled_from(sorted(new)))
            change = {"id": line_id, "price": money(cents), "quantity": 1}
            body["invoiceLineItems"] = [change]
            new[line_id] = OwnLine(cents, new[line_id].taxable)
        total = total_of(list(new.values()), old.taxed)
        credit = self.some_credit(old.customer, total - self.model.taken(invoice_id), percent)
        wanted = old.credit if credit is None else credit
        body["creditAmount"] = None if credit is None else money(credit)
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
        rest=st.sampled_from([-1, 0]) | st.integers(1, 90_000),
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
        paid = OwnPayment(customer_id, amount, shares, day, "PAID", online=False)
        self.model.payments[receipt.id] = paid
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

    def happens(self, allowed: bool, event: str, row_id: str, **details: Any) -> bool:
        """Let an event happen, which must be refused unless `allowed`; tells whether it did."""
        found = simulations()[event]
        before = self.everything()
        try:
            given = found.details.model_validate(details)
            self.world.perform(self.context(), found.happen, row_id, given)
        except ValueError:
            assert not allowed
            self.unchanged_since(before)
            return False
        assert allowed
        return True

    @rule(payment_id=payment_ids, event=st.sampled_from(sorted(OUTCOMES)))
    def end(self, payment_id: str, event: str) -> None:
        payment = self.model.payments[payment_id]
        came_back = event == "returned"
        allowed = payment.status == ("PAID" if came_back else "SCHEDULED")
        allowed = allowed and (payment.online or not came_back)
        if self.happens(allowed, f"received_payment.{event}", payment_id):
            payment.status = OUTCOMES[event]

    @rule(target=payment_ids, invoice_id=invoice_ids, percent=PERCENT)
    def customer_pays(self, invoice_id: str, percent: int) -> str | MultipleResults[str]:
        invoice, due = self.model.invoices[invoice_id], self.model.due(invoice_id)
        cents = due * percent // 100 + (percent > 100)
        if cents <= 0:
            return multiple()
        allowed = not invoice.archived and cents <= due
        known = {row.id for row in self.context().table(received_payments)}
        if not self.happens(allowed, "invoice.paid", invoice_id, amount=money(cents)):
            return multiple()
        (new,) = [r.id for r in self.context().table(received_payments) if r.id not in known]
        day = self.context().today
        shares = [(invoice_id, cents)]
        self.model.payments[new] = OwnPayment(invoice.customer, cents, shares, day, "SCHEDULED")
        return str(new)

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


TestReceivables = ReceivablesMachine.TestCase
TestReceivables.settings = settings(max_examples=3 * settings.default.max_examples)
