"""No sequence of calls pays a bill whose approvers have not all approved it.

The model knows of a bill whom its last assignment asked, and what they answered
since; the states of bills follow from these two lists alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from simulator import Behaviour
from simulator.resources.bills import bills
from simulator.resources.payment_rows import payments
from simulator.resources.sessions import SessionKind
from simulator.resources.users import users
from tests.properties.machine import Administrator, MachineOfOneWorld
from tests.resources.payables import SMALLEST_VENDOR, bill_body

POLICIES = "/connect/v3/bill-approvals/policies"
ACTIONS = "POST /connect/v3/bill-approvals/actions"
PENDING = "GET /connect/v3/bill-approvals/pending-user-approvals"
RENT, POWER = "0ca02AAAAAAAAAA00001", "0ca02AAAAAAAAAA00002"

APPROVERS = ["ADMINISTRATOR", "ACCOUNTANT", "APPROVER"]
# Few values, so that rules and bills meet.
AMOUNTS = st.integers(0, 4)
ACCOUNTS = st.sampled_from([None, RENT, POWER])
PEOPLE = st.lists(st.sampled_from(APPROVERS), min_size=1, max_size=3)
VENDOR = st.integers(0, 1)


@dataclass(frozen=True)
class Person(Administrator):
    """A signed-in caller of any role, trusted."""

    kind: SessionKind = SessionKind.USER


@dataclass
class OwnPolicy:
    """A policy as the model knows it: its rules as (key, op, values)."""

    rules: list[tuple[str, str, list[Any]]]
    approvers: list[str]

    def means(self, bill: OwnBill) -> bool:
        return all(_holds(bill, *one) for one in self.rules)


@dataclass
class OwnBill:
    """A bill as the model knows it."""

    vendor: int
    amount: int
    account: str | None
    archived: bool = False
    paid: int = 0
    asked: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    @property
    def turn(self) -> str | None:
        """Who is to answer."""
        if self.archived or "DENY" in self.answers or len(self.answers) == len(self.asked):
            return None
        return self.asked[len(self.answers)]

    @property
    def state(self) -> str:
        if not self.asked:
            return "UNASSIGNED"
        if "DENY" in self.answers:
            return "DENIED"
        if len(self.answers) == len(self.asked):
            return "APPROVED"
        return "APPROVING" if self.answers else "ASSIGNED"

    @property
    def payable(self) -> bool:
        """Whether everybody who was asked has said yes."""
        return not self.archived and self.answers == ["APPROVE"] * len(self.asked)


def _holds(bill: OwnBill, key: str, op: str, values: list[Any]) -> bool:
    if key == "BILL_AMOUNT":
        (value,) = values
        return {
            "gte": bill.amount >= value,
            "gt": bill.amount > value,
            "lte": bill.amount <= value,
            "lt": bill.amount < value,
            "eq": bill.amount == value,
            "ne": bill.amount != value,
        }[op]
    found = bill.vendor if key == "VENDOR_ID" else bill.account
    return (found in values) is (op in ("eq", "in"))


RULES = st.lists(
    st.tuples(
        st.just("BILL_AMOUNT"),
        st.sampled_from(["gte", "gt", "lte", "lt", "eq", "ne"]),
        AMOUNTS.map(lambda amount: [amount]),
    )
    | st.tuples(
        st.just("VENDOR_ID"),
        st.sampled_from(["eq", "ne", "in", "nin"]),
        st.lists(VENDOR, min_size=1, max_size=2, unique=True),
    )
    | st.tuples(
        st.just("CHART_OF_ACCOUNT_ID"),
        st.sampled_from(["eq", "ne", "in", "nin"]),
        st.lists(st.sampled_from([RENT, POWER]), min_size=1, max_size=2, unique=True),
    ),
    min_size=1,
    max_size=2,
)


class ApprovalMachine(MachineOfOneWorld):
    """Policies, bills, edits, decisions and payments, by users of all roles."""

    policy_ids = Bundle("policy_ids")
    bill_ids = Bundle("bill_ids")

    @initialize(
        target=policy_ids,
        approvers=PEOPLE,
        policies=st.sampled_from(["always", "always", "when_asked"]),
        edits=st.sampled_from(["approved_again", "approved_again", "keep_approval"]),
    )
    def found(self, approvers: list[str], policies: Any, edits: Any) -> str:
        self.always, self.again = policies == "always", edits == "approved_again"
        self.set_up_world(Behaviour(approval_policies=policies, edited_bills=edits))
        self.people = {
            str(user.role.type): Person(user.id, role=user.role.type)
            for user in self.context().table(users)
        }
        self.own_policies: dict[str, OwnPolicy] = {}
        self.own_bills: dict[str, OwnBill] = {}
        self.payments_made = 0
        key = "POST /connect/v3/vendors"
        self.vendors = [self.by("CLERK", True, key, body=SMALLEST_VENDOR).id for _ in range(2)]
        # Without a policy from the start, few bills would ever wait.
        return self.create_policy([("BILL_AMOUNT", "gte", [2])], approvers)

    def by(self, role: str, allowed: bool, key: str, *path: str, body: Any = None) -> Any:
        """Perform an operation as the user of that role."""
        self.caller = self.people[role]
        return self.call(allowed, key, *path, body=body)

    def ids(self, roles: list[str]) -> list[str]:
        return [self.people[role].user_id for role in roles]

    def policy_body(self, policy: OwnPolicy) -> dict[str, Any]:
        def text(key: str, value: Any) -> str:
            return str(self.vendors[value]) if key == "VENDOR_ID" else str(value)

        return {
            "policyName": "Policy",
            "rules": [
                {"key": key, "op": op, "values": [text(key, value) for value in values]}
                for key, op, values in policy.rules
            ],
            "approvers": self.ids(policy.approvers),
        }

    @precondition(lambda self: len(self.own_policies) < 4)
    @rule(target=policy_ids, rules=RULES, approvers=PEOPLE)
    def create_policy(self, rules: list[Any], approvers: list[str]) -> str:
        policy = OwnPolicy(rules, list(dict.fromkeys(approvers)))
        made = self.by("ADMINISTRATOR", True, f"POST {POLICIES}", body=self.policy_body(policy))
        self.own_policies[made.id] = policy
        return str(made.id)

    @rule(policy_id=policy_ids, rules=RULES, approvers=PEOPLE)
    def replace_policy(self, policy_id: str, rules: list[Any], approvers: list[str]) -> None:
        policy = OwnPolicy(rules, list(dict.fromkeys(approvers)))
        body = self.policy_body(policy)
        self.by("ADMINISTRATOR", True, f"PUT {POLICIES}/{{policyId}}", policy_id, body=body)
        self.own_policies[policy_id] = policy

    @rule(policy_id=consumes(policy_ids))
    def delete_policy(self, policy_id: str) -> None:
        self.by("ADMINISTRATOR", True, f"DELETE {POLICIES}/{{policyId}}", policy_id)
        del self.own_policies[policy_id]

    def assign(self, bill: OwnBill) -> None:
        """Ask the approvers of every policy that means the bill, each once."""
        meant = [policy for policy in self.own_policies.values() if policy.means(bill)]
        everybody = [role for policy in meant for role in policy.approvers]
        bill.asked, bill.answers = list(dict.fromkeys(everybody)), []

    def body_of(self, bill: OwnBill, asks: bool) -> dict[str, Any]:
        ids = {"chartOfAccountId": bill.account} if bill.account else {}
        line = {"amount": bill.amount, "classifications": ids}
        more = {"billApprovals": True} if asks else {}
        return bill_body(self.vendors[bill.vendor], billLineItems=[line], **more)

    def keep(self, bill_id: str, bill: OwnBill, asks: bool) -> str:
        if self.always or asks:
            self.assign(bill)
        self.own_bills[bill_id] = bill
        return bill_id

    @precondition(lambda self: len(self.own_bills) < 6)
    @rule(target=bill_ids, vendor=VENDOR, amount=AMOUNTS, account=ACCOUNTS, asks=st.booleans())
    def create_bill(self, vendor: int, amount: int, account: str | None, asks: bool) -> str:
        bill = OwnBill(vendor, amount, account)
        body = self.body_of(bill, asks)
        made = self.by("CLERK", True, "POST /connect/v3/bills", body=body)
        return self.keep(made.id, bill, asks)

    @precondition(lambda self: len(self.own_bills) < 6)
    @rule(target=bill_ids, amounts=st.lists(AMOUNTS, min_size=2, max_size=3), asks=st.booleans())
    def create_bills(self, amounts: list[int], asks: bool) -> MultipleResults[str]:
        new = [OwnBill(0, amount, None) for amount in amounts]
        bodies = [self.body_of(bill, asks) for bill in new]
        made = self.by("ACCOUNTANT", True, "POST /connect/v3/bills/bulk", body=bodies)
        kept = [self.keep(row.id, bill, asks) for row, bill in zip(made, new, strict=True)]
        return multiple(*kept)

    @rule(
        bill_id=bill_ids,
        vendor=VENDOR,
        amount=AMOUNTS,
        account=ACCOUNTS,
        asks=st.booleans(),
        method=st.sampled_from(["PATCH", "PUT"]),
    )
    def edit_bill(
        self, bill_id: str, vendor: int, amount: int, account: str | None, asks: bool, method: str
    ) -> None:
        bill = self.own_bills[bill_id]
        body = self.body_of(OwnBill(vendor, amount, account), asks)
        (line,) = self.context().get(bills, bill_id).bill_line_items
        body["billLineItems"][0]["id"] = line.id
        allowed = amount >= bill.paid and (vendor == bill.vendor or not bill.paid)
        edited = self.by(
            "CLERK", allowed, f"{method} /connect/v3/bills/{{billId}}", bill_id, body=body
        )
        if edited is None:
            return
        material = (vendor, amount) != (bill.vendor, bill.amount)
        bill.vendor, bill.amount, bill.account = vendor, amount, account
        if material and self.again and (self.always or asks or bill.asked):
            self.assign(bill)

    @rule(bill_id=bill_ids, verb=st.sampled_from(["archive", "restore", "restore"]))
    def archive_or_restore(self, bill_id: str, verb: str) -> None:
        bill = self.own_bills[bill_id]
        allowed = verb == "restore" or bill.archived or not bill.paid
        key = f"POST /connect/v3/bills/{{billId}}/{verb}"
        if self.by("ACCOUNTANT", allowed, key, bill_id):
            bill.archived = verb == "archive"

    def decisions_hold(self, role: str, decisions: list[tuple[str, str]]) -> bool:
        """Try the decisions on the model; it is left as it was unless all of them hold."""
        before = {bill_id: list(bill.answers) for bill_id, bill in self.own_bills.items()}
        for bill_id, action in decisions:
            bill = self.own_bills[bill_id]
            if bill.turn != role:
                for each, answers in before.items():
                    self.own_bills[each].answers = answers
                return False
            bill.answers.append(action)
        return True

    def decide_all(self, role: str, decisions: list[tuple[str, str]]) -> None:
        allowed = self.decisions_hold(role, decisions)
        body = [{"billId": bill_id, "action": action} for bill_id, action in decisions]
        self.by(role, allowed, ACTIONS, body=body)

    @rule(
        role=st.sampled_from(APPROVERS),
        bill_ids=st.lists(bill_ids, min_size=1, max_size=3),
        action=st.sampled_from(["APPROVE", "APPROVE", "APPROVE", "DENY"]),
    )
    def decide(self, role: str, bill_ids: list[str], action: str) -> None:
        self.decide_all(role, [(bill_id, action) for bill_id in bill_ids])

    def waiting(self) -> list[str]:
        return [bill_id for bill_id, bill in self.own_bills.items() if bill.turn]

    @precondition(lambda self: self.waiting())
    @rule(number=st.integers(0, 9), action=st.sampled_from(["APPROVE", "APPROVE", "DENY"]))
    def decide_in_turn(self, number: int, action: str) -> None:
        bill_id = self.waiting()[number % len(self.waiting())]
        self.decide_all(str(self.own_bills[bill_id].turn), [(bill_id, action)])

    @precondition(lambda self: self.waiting())
    @rule(number=st.integers(0, 9))
    def approve_to_the_end(self, number: int) -> None:
        bill_id = self.waiting()[number % len(self.waiting())]
        while turn := self.own_bills[bill_id].turn:
            self.decide_all(turn, [(bill_id, "APPROVE")])

    def funding(self) -> dict[str, Any]:
        return {"fundingAccount": self.account, "processingOptions": {}}

    @rule(
        bill_id=bill_ids, amount=st.integers(1, 4), role=st.sampled_from(["ADMINISTRATOR", "PAYER"])
    )
    def pay(self, bill_id: str, amount: int, role: str) -> None:
        bill = self.own_bills[bill_id]
        allowed = bill.payable and amount <= bill.amount - bill.paid
        body = {**self.funding(), "billId": bill_id, "amount": amount}
        if self.by(role, allowed, "POST /connect/v3/payments", body=body):
            self.payments_made += 1
            bill.paid += amount

    def approved(self) -> list[str]:
        """The bills of which something is due after everybody said yes."""
        return [
            bill_id
            for bill_id, bill in self.own_bills.items()
            if bill.asked and bill.payable and bill.paid < bill.amount
        ]

    @precondition(lambda self: self.approved())
    @rule(number=st.integers(0, 9))
    def pay_some_of_what_was_approved(self, number: int) -> None:
        self.pay(self.approved()[number % len(self.approved())], 1, "PAYER")

    @rule(shares=st.lists(st.tuples(bill_ids, st.integers(0, 3)), min_size=1, max_size=3))
    def pay_in_bulk(self, shares: list[tuple[str, int]]) -> None:
        wanted: dict[str, int] = {}
        for bill_id, amount in shares:
            wanted[bill_id] = wanted.get(bill_id, 0) + amount
        allowed = sum(wanted.values()) > 0 and all(
            self.own_bills[bill_id].payable
            and amount <= self.own_bills[bill_id].amount - self.own_bills[bill_id].paid
            for bill_id, amount in wanted.items()
        )
        items = [{"billId": bill_id, "amount": amount} for bill_id, amount in shares]
        body = {**self.funding(), "payments": items}
        made = self.by("PAYER", allowed, "POST /connect/v3/payments/bulk", body=body)
        if made:
            self.payments_made += len(made)
            for bill_id, amount in wanted.items():
                self.own_bills[bill_id].paid += amount

    @precondition(lambda self: len(self.own_bills) < 8)
    @rule(target=bill_ids, vendor=VENDOR, amount=st.integers(1, 4))
    def pay_with_a_new_bill(self, vendor: int, amount: int) -> MultipleResults[str]:
        bill = OwnBill(vendor, amount, None)
        if self.always:
            self.assign(bill)
        body = {
            **self.funding(),
            "vendorId": self.vendors[vendor],
            "amount": amount,
            "processingOptions": {"createBill": True},
        }
        made = self.by("PAYER", bill.payable, "POST /connect/v3/payments", body=body)
        if made is None:
            return multiple()
        self.payments_made += 1
        bill.paid = amount
        self.own_bills[made.bill_id] = bill
        return multiple(made.bill_id)

    @invariant()
    def every_bill_is_as_far_as_its_answers_say(self) -> None:
        ctx = self.context()
        for bill_id, bill in self.own_bills.items():
            row = ctx.get(bills, bill_id)
            assert row.approval_status == bill.state
            assert [one.user_id for one in row.approval] == self.ids(bill.asked)
            assert [one.approver_order for one in row.approval] == list(range(len(bill.asked)))
            told = {"APPROVE": "APPROVED", "DENY": "DENIED"}
            answered = [told[answer] for answer in bill.answers]
            waiting = ["WAITING"] * (len(bill.asked) - len(answered))
            assert [one.status for one in row.approval] == answered + waiting

    @invariant()
    def money_left_for_approved_bills_alone(self) -> None:
        ctx = self.context()
        assert len(ctx.table(payments)) == self.payments_made
        for bill_id, bill in self.own_bills.items():
            assert ctx.get(bills, bill_id).scheduled_amount == bill.paid

    @invariant()
    def everybody_sees_what_waits_for_them(self) -> None:
        for role in APPROVERS:
            told = self.by(role, True, PENDING)
            waiting = [bill_id for bill_id, bill in self.own_bills.items() if bill.turn == role]
            assert [bill.bill_id for bill in told.bills] == waiting


TestApprovals = ApprovalMachine.TestCase
TestApprovals.settings = settings(max_examples=2 * settings.default.max_examples)
