"""The money of bills under any sequence of calls, events and days, against a small model."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
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
from simulator.core.listing import Grammar
from simulator.core.simulations import NoDetails
from simulator.resources.bill_rows import Bill, bills
from simulator.resources.catalogue import operations, simulations
from simulator.resources.payment_rows import payments
from simulator.resources.vendor_rows import vendors
from tests.properties.machine import MachineOfOneWorld
from tests.properties.money_model import (
    LINES,
    REISSUE,
    STATES,
    VOIDABLE,
    VOIDS,
    Model,
    OwnBill,
    OwnPayment,
    OwnVendor,
    after,
    in_cents,
    money,
    reachable,
    status_of,
)

START = datetime(2026, 6, 3, 16, tzinfo=UTC)


@cache
def _bill_grammar() -> Grammar:
    listing = operations()["GET /connect/v3/bills"].listing
    assert listing is not None
    return listing


EVENTS = sorted(event for event in simulations() if event.startswith("payment."))
# How much of what is due; more than 100 overpays by a cent.
PERCENT = st.integers(1, 101) | st.just(100)


class MoneyMachine(MachineOfOneWorld):
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
        self.set_up_world(self.behaviour)
        self.model = Model()
        # A rule that draws several ids can only be tried once there is one.
        self.has_bills = False
        return multiple(self.create_vendor("ACH", True), self.create_vendor("CHECK", False))

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
        target = after(event, payment)
        before = self.everything()
        try:
            happen = simulations()[event].happen
            row = self.world.perform(self.context(), happen, payment_id, NoDetails())
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
            manual = self.behaviour.settlement == "manual"
            uncashed = self.behaviour.checks == "uncashed"
            assert now in reachable(payment, manual=manual, uncashed=uncashed), payment
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


TestMoney = MoneyMachine.TestCase
TestMoney.settings = settings(max_examples=2 * settings.default.max_examples)
