"""Approval policies: which bills need whose approval. /v3/bill-approvals/policies"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from operator import ge, gt, le, lt
from typing import Annotated, Any, Protocol

from pydantic import Field

from simulator.core.body import Body, NotBlank
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented
from simulator.core.ids import ALPHANUMERICS
from simulator.core.joins import Join
from simulator.core.resource import Resource
from simulator.core.roles import ADMINISTRATORS, APPROVE
from simulator.core.rows import Answer, Row, Shape, changed, shape
from simulator.resources import classifications
from simulator.resources.customers import customers
from simulator.resources.users import users
from simulator.resources.vendor_rows import vendors


class RuleKey(StrEnum):
    """What of a bill a rule looks at."""

    BILL_AMOUNT = "BILL_AMOUNT"
    VENDOR_ID = "VENDOR_ID"
    CHART_OF_ACCOUNT_ID = "CHART_OF_ACCOUNT_ID"
    LOCATION_ID = "LOCATION_ID"
    JOB_ID = "JOB_ID"
    DEPARTMENT_ID = "DEPARTMENT_ID"
    ACCOUNTING_CLASS_ID = "ACCOUNTING_CLASS_ID"
    ITEM_ID = "ITEM_ID"
    CUSTOMER_ID = "CUSTOMER_ID"
    EMPLOYEE_ID = "EMPLOYEE_ID"


class RuleOp(StrEnum):
    """How a rule compares; lower case on the wire, unlike other enumerations."""

    GTE = "gte"
    GT = "gt"
    LTE = "lte"
    LT = "lt"
    EQ = "eq"
    NE = "ne"
    IN = "in"
    NIN = "nin"


class PolicyStatus(StrEnum):
    """A policy is in force as long as it exists."""

    ACTIVE = "ACTIVE"


class RuleBody(Body):
    """A rule; the values are texts, amounts too."""

    key: RuleKey
    op: RuleOp
    values: Annotated[list[NotBlank], Field(min_length=1)]


class PolicyBody(Body):
    """A policy, new or in PUT: name, rules and approvers in their order."""

    policy_name: Annotated[NotBlank, Field(max_length=255)]
    rules: Annotated[list[RuleBody], Field(min_length=1)]
    approvers: Annotated[list[NotBlank], Field(min_length=1)]


@shape
class RuleValue(Shape):
    """A value and how people read it: the name of the record, if one is meant."""

    value: str
    display_name: str = ""


@shape
class PolicyRule(Shape):
    """A rule as BILL answers it."""

    key: RuleKey
    op: RuleOp
    values: tuple[RuleValue, ...]


@shape
class PolicyUser(Shape):
    """An approver."""

    user_id: str
    full_name: str = ""


@shape
class PolicyApprovers(Shape):
    """The approvers; groups can be made in BILL's web app only."""

    users: tuple[PolicyUser, ...]
    groups: tuple[str, ...] = ()


@shape
class Policy(Row):
    """Bills that fulfil all rules need the approvers, in their order."""

    id: str
    policy_name: str
    status: PolicyStatus
    rules: tuple[PolicyRule, ...]
    approvers: PolicyApprovers


@shape
class Deleted(Answer):
    """The policy is gone for good."""

    status: str


class Judged(Protocol):
    """What of a bill the rules look at."""

    @property
    def amount(self) -> Decimal:
        """The bill's amount."""

    @property
    def vendor_id(self) -> str:
        """The bill's vendor."""

    @property
    def classifications(self) -> Any:
        """The bill's accounting ids."""

    @property
    def bill_line_items(self) -> Iterable[Any]:
        """The bill's lines with theirs."""


_NAMED: Mapping[RuleKey, Resource[Any]] = {
    RuleKey.VENDOR_ID: vendors,
    RuleKey.CHART_OF_ACCOUNT_ID: classifications.chart_of_accounts,
    RuleKey.LOCATION_ID: classifications.locations,
    RuleKey.JOB_ID: classifications.jobs,
    RuleKey.DEPARTMENT_ID: classifications.departments,
    RuleKey.ACCOUNTING_CLASS_ID: classifications.accounting_classes,
    RuleKey.ITEM_ID: classifications.items,
    RuleKey.CUSTOMER_ID: customers,
    RuleKey.EMPLOYEE_ID: classifications.employees,
}


def _name(ctx: Ctx, kept: Resource[Any] | None, row_id: str) -> str:
    found = ctx.find(kept, row_id) if kept else None
    if found is None:
        return row_id
    if hasattr(found, "name"):
        return str(found.name)
    return " ".join(filter(None, (found.first_name, found.last_name)))


def _names(ctx: Ctx, policy: Policy) -> tuple[str, ...]:
    """The names of all rules' values, then those of the approvers."""
    values = ((rule.key, value.value) for rule in policy.rules for value in rule.values)
    people = (_name(ctx, users, user.user_id) for user in policy.approvers.users)
    return (*(_name(ctx, _NAMED.get(key), value) for key, value in values), *people)


def _told(ctx: Ctx, policy: Policy) -> Policy:
    """The policy with the names filled in."""
    names = iter(_names(ctx, policy))
    rules = tuple(
        changed(
            rule, values=tuple(changed(value, display_name=next(names)) for value in rule.values)
        )
        for rule in policy.rules
    )
    people = tuple(changed(user, full_name=next(names)) for user in policy.approvers.users)
    return changed(policy, rules=rules, approvers=changed(policy.approvers, users=people))


policies = Resource(
    "approval_policies", "/v3/bill-approvals/policies", Policy, join=Join(_names, _told)
)

# Twelve digits as in all amounts.
_AMOUNT = re.compile(r"-?\d{1,12}(\.\d{1,6})?", re.ASCII)
_AMOUNT_OPS: dict[RuleOp, Callable[[Decimal, Decimal], bool]] = {
    RuleOp.GTE: ge,
    RuleOp.GT: gt,
    RuleOp.LTE: le,
    RuleOp.LT: lt,
}


@policies.rule(
    "Approvers are active users with the role Administrator, Accountant or Approver.",
    documented("BILL guide: Bill approvals; the refusal's code is unknown"),
)
@policies.rule(
    "Amounts are plain numbers and take no in or nin, ids take no order; a vendor's id must be"
    " known, other ids are taken as they are.",
    assumed("gte and lt were seen with amounts; bills take accounting ids as they are, too"),
)
def _checked(ctx: Ctx, policy_id: str, body: PolicyBody) -> Policy:
    rules = tuple(_rule(ctx, f"rules[{index}]", rule) for index, rule in enumerate(body.rules))
    people = tuple(dict.fromkeys(body.approvers))
    for user_id in people:
        user = ctx.get(users, user_id)
        if user.archived or user.role.type not in APPROVE:
            raise refuse("policy.approver", id=user_id)
    return Policy(
        id=policy_id,
        policy_name=body.policy_name,
        status=PolicyStatus.ACTIVE,
        rules=rules,
        approvers=PolicyApprovers(users=tuple(PolicyUser(user_id=one) for one in people)),
    )


def _rule(ctx: Ctx, path: str, body: RuleBody) -> PolicyRule:
    amounts = body.key is RuleKey.BILL_AMOUNT
    if body.op in ((RuleOp.IN, RuleOp.NIN) if amounts else _AMOUNT_OPS):
        raise refuse("field.invalid", field=f"{path}.op")
    for index, value in enumerate(body.values):
        if amounts and not _AMOUNT.fullmatch(value):
            raise refuse("field.invalid", field=f"{path}.values[{index}]")
        if body.key is RuleKey.VENDOR_ID:
            ctx.get(vendors, value)
    values = tuple(RuleValue(value=value) for value in body.values)
    return PolicyRule(key=body.key, op=body.op, values=values)


_SOURCE = documented("BILL guide: Bill approvals; reference: bill approval policies")


@policies.operation("GET", "", evidence=_SOURCE)
def list_policies(ctx: Ctx) -> list[Policy]:
    """List all approval policies (a bare array)."""
    return list(ctx.table(policies))


@policies.operation("POST", "", status=201, body=PolicyBody, roles=ADMINISTRATORS, evidence=_SOURCE)
def create(ctx: Ctx, body: PolicyBody) -> Policy:
    """Create an approval policy."""
    unique = ctx.word("policy", 12, ALPHANUMERICS)
    return ctx.put(policies, _checked(ctx, f"{ctx.organization_id}-{unique}", body))


@policies.operation("PUT", "/{policyId}", body=PolicyBody, roles=ADMINISTRATORS, evidence=_SOURCE)
def replace(ctx: Ctx, policy_id: str, body: PolicyBody) -> Policy:
    """Replace an approval policy."""
    ctx.get(policies, policy_id)
    return ctx.put(policies, _checked(ctx, policy_id, body))


@policies.operation("DELETE", "/{policyId}", roles=ADMINISTRATORS, evidence=_SOURCE)
def delete(ctx: Ctx, policy_id: str) -> Deleted:
    """Delete an approval policy for good."""
    ctx.get(policies, policy_id)
    ctx.drop(policies, policy_id)
    return Deleted(status="SUCCESS")


@policies.rule(
    "A bill needs the approvers of every policy whose rules it all fulfils, in the policies' order"
    " and each approver once; an id rule looks at the bill and its lines. Of several values eq and"
    " in want one, ne and nin none, an order all.",
    assumed("that rules and approvers have an order is documented; how policies add up is not"),
)
def approvers_for(ctx: Ctx, bill: Judged) -> tuple[str, ...]:
    """The user ids whose approval a bill needs, in order; empty if none."""
    found: dict[str, None] = {}
    for policy in ctx.table(policies):
        if all(_fulfils(bill, rule) for rule in policy.rules):
            found.update((user.user_id, None) for user in policy.approvers.users)
    return tuple(found)


def _fulfils(bill: Judged, rule: PolicyRule) -> bool:
    values = [value.value for value in rule.values]
    if rule.key is RuleKey.BILL_AMOUNT:
        amounts = [Decimal(value) for value in values]
        compare = _AMOUNT_OPS.get(rule.op)
        if compare:
            return all(compare(bill.amount, amount) for amount in amounts)
        return (bill.amount in amounts) is (rule.op is RuleOp.EQ)
    met = bool(_ids(bill, rule.key) & set(values))
    return met is (rule.op in (RuleOp.EQ, RuleOp.IN))


def _ids(bill: Judged, key: RuleKey) -> set[str]:
    if key is RuleKey.VENDOR_ID:
        return {bill.vendor_id}
    member = key.value.lower()
    holders = [bill.classifications, *(line.classifications for line in bill.bill_line_items)]
    return {found for holder in holders if (found := getattr(holder, member, None)) is not None}
