"""Approving and denying bills. /v3/bill-approvals"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from simulator.core.body import Body, NotBlank, Text
from simulator.core.bulk import all_or_nothing
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented, observed
from simulator.core.money import Money
from simulator.core.resource import Resource
from simulator.core.roles import APPROVE
from simulator.core.rows import Answer, Shape, changed, shape
from simulator.resources import bill_money, bill_rows, bills
from simulator.resources.bill_rows import ApprovalStatus, Approver, ApproverStatus, Bill
from simulator.resources.sessions import SessionKind
from simulator.resources.sessions import current as current_session

# BILL names no limit; that of bulk bills.
_MOST_ACTIONS = bills.BULK_LIMIT


class Action(StrEnum):
    """What an approver decides."""

    APPROVE = "APPROVE"
    DENY = "DENY"


class ActionBody(Body):
    """A decision on one bill."""

    bill_id: NotBlank
    action: Action
    comment: Annotated[Text, Field(max_length=4000)] | None = None


@shape
class ActionAnswer(Answer):
    """All decisions were taken."""

    status: str


@shape
class PendingBill(Shape):
    """A bill that waits for the signed-in user."""

    bill_id: str
    vendor_id: str
    amount: Money
    due_date: date


@shape
class PendingAnswer(Answer):
    """The bills that wait for the signed-in user."""

    bills: tuple[PendingBill, ...]


bill_approvals = Resource("bill_approvals", "/v3/bill-approvals", Bill)


def _current(bill: Bill) -> Approver | None:
    """Whose turn it is, or None."""
    if bill.approval_status not in (ApprovalStatus.ASSIGNED, ApprovalStatus.APPROVING):
        return None
    waiting = (one for one in bill.approval if one.status is ApproverStatus.WAITING)
    return next(waiting, None)


def _waits_for(bill: Bill) -> str | None:
    """The id of the user whose turn it is, or None: the key of an index."""
    current = _current(bill)
    return None if current is None or bill.archived else current.user_id


@bill_approvals.rule(
    "Approvers act in their order, each on their turn only; some approvals make a bill APPROVING,"
    " all make it APPROVED, one denial DENIED.",
    documented("BILL guide: Bill approvals; the middle state follows the enumeration"),
)
@bill_approvals.rule(
    "Several actions happen all or not at all, 100 at most; an archived bill takes none.",
    assumed("as BILL's bulk calls do; nobody has said"),
)
@bill_approvals.operation(
    "POST",
    "/actions",
    body=list[ActionBody],
    roles=APPROVE,
    evidence=documented("BILL reference: Approve or deny a bill (an array)"),
)
def act(ctx: Ctx, body: list[ActionBody]) -> ActionAnswer:
    """Approve or deny bills as the signed-in user."""
    all_or_nothing(body, _MOST_ACTIONS, lambda one: _decide(ctx, one))
    return ActionAnswer(status="SUCCESS")


@bill_approvals.rule(
    "An approver who is archived or gets another role stays asked: the bill waits until an edit"
    " asks again.",
    assumed("no page of BILL tells"),
)
def _decide(ctx: Ctx, body: ActionBody) -> Bill:
    bill = ctx.get(bill_rows.bills, body.bill_id)
    if bill.archived:
        raise refuse("bill.archived", id=bill.id)
    current = _current(bill)
    if current is None or current.user_id != ctx.user_id:
        raise refuse("approval.not_your_turn", id=bill.id, state=bill.approval_status)
    approved = body.action is Action.APPROVE
    decided = changed(
        current,
        status=ApproverStatus.APPROVED if approved else ApproverStatus.DENIED,
        status_changed_time=ctx.record_time,
    )
    approval = tuple(decided if one is current else one for one in bill.approval)
    waits = any(one.status is ApproverStatus.WAITING for one in approval)
    if not approved:
        status = ApprovalStatus.DENIED
    else:
        status = ApprovalStatus.APPROVING if waits else ApprovalStatus.APPROVED
    new = changed(bill, approval=approval, approval_status=status, updated_time=ctx.record_time)
    return bill_money.store(ctx, new, bill)


@bill_approvals.rule(
    "A sync token has no pending approvals: BDC_1302.",
    observed("one client in production"),
)
@bill_approvals.operation(
    "GET",
    "/pending-user-approvals",
    evidence=documented("BILL reference: Get list of bills pending approvals (no paging)"),
)
def pending(ctx: Ctx) -> PendingAnswer:
    """List the bills that wait for the signed-in user."""
    session = current_session(ctx)
    if session.kind is SessionKind.SYNC_TOKEN:
        raise refuse("BDC_1302", id=session.user_id, type="User")
    waiting = ctx.table(bill_rows.bills).rows_with("waitsFor", _waits_for, session.user_id)
    return PendingAnswer(
        bills=tuple(
            PendingBill(
                bill_id=bill.id,
                vendor_id=bill.vendor_id,
                amount=bill.amount,
                due_date=bill.due_date,
            )
            for bill in waiting
        )
    )
