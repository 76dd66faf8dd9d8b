"""BILL's check of an organization before it may move money. /v3/risk-verifications"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator

from simulator.core.bankdays import add_bank_days, pacific_instant
from simulator.core.body import Body, NotBlank, invalid
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented
from simulator.core.resource import Access, Resource, Store
from simulator.core.roles import ADMINISTRATORS
from simulator.core.rows import Answer, Hidden, Row, changed, shape
from simulator.core.simulations import Details
from simulator.resources.partners import in_named, partners
from simulator.resources.users import users


class RiskDecision(StrEnum):
    """What BILL thinks of an organization."""

    REVIEW = "REVIEW"
    IN_PROGRESS = "IN_PROGRESS"
    HOLD = "HOLD"
    APPROVE = "APPROVE"
    DECLINE = "DECLINE"


class ProcessingStatus(StrEnum):
    """How far a check is; BILL's collection shows the first alone."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"


class PhoneType(StrEnum):
    """The kind of a phone; BILL's collection shows one."""

    MOBILE = "MOBILE"


_TEN_DIGITS = re.compile(r"\d{10}$", re.ASCII)


def _phone_number(value: str) -> str:
    if not _TEN_DIGITS.search(value):
        raise invalid()
    return value


class RiskPhoneBody(Body):
    """The phone of whoever answers for the organization; its number ends in ten digits."""

    phone_number: Annotated[NotBlank, AfterValidator(_phone_number)]
    phone_type: PhoneType


@shape
class RiskVerification(Row):
    """The check of an organization, whose id it has."""

    id: Annotated[str, Hidden]
    processing_status: ProcessingStatus
    decision: RiskDecision
    reference_id: str


@shape
class RiskPhone(Row):
    """The phone of a user; its id is the user's."""

    id: str
    number: str
    type: PhoneType


@shape
class HasPhone(Answer):
    """Whether the signed-in user has a phone."""

    has_phone: bool


risk_verifications = Resource("risk_verifications", "/v3/risk-verifications", RiskVerification)
risk_phones = Store("risk_phones", RiskPhone)


def add(ctx: Ctx, decision: RiskDecision) -> RiskVerification:
    """Give the organization a check with that decision."""
    return ctx.put(
        risk_verifications,
        RiskVerification(
            id=ctx.organization_id,
            processing_status=_processing(decision),
            decision=decision,
            reference_id=ctx.word("risk-verification", 20),
        ),
    )


def _processing(decision: RiskDecision) -> ProcessingStatus:
    if decision is RiskDecision.IN_PROGRESS:
        return ProcessingStatus.IN_PROGRESS
    return ProcessingStatus.COMPLETED


def _decide(ctx: Ctx, decision: RiskDecision) -> RiskVerification:
    old = ctx.get(risk_verifications, ctx.organization_id)
    new = changed(old, decision=decision, processing_status=_processing(decision))
    ctx.emit("risk-verification.updated", new)
    return ctx.put(risk_verifications, new)


@risk_verifications.rule(
    "While the decision is HOLD or DECLINE, payments are refused and customers are not charged.",
    documented("BILL guide: Risk verification, for HOLD and DECLINE; code and text unknown"),
)
@risk_verifications.rule(
    "An organization whose check was not begun, is IN_PROGRESS or in REVIEW may pay.",
    assumed("BILL opens AP and AR with APPROVE; no refusal before it is known"),
)
def check_money_moves(ctx: Ctx) -> None:
    """Refuse to move money of an organization that BILL holds or declined."""
    found = ctx.find(risk_verifications, ctx.organization_id)
    if found and found.decision in (RiskDecision.HOLD, RiskDecision.DECLINE):
        raise refuse("risk.no_money", decision=found.decision)


@risk_verifications.rule(
    "An organization whose check was not begun has none: BDC_1205.",
    assumed("as for every other record that is not there"),
)
@risk_verifications.operation(
    "GET", "", evidence=documented("BILL reference: Get risk verification details")
)
def get_verification(ctx: Ctx) -> RiskVerification:
    """Tell how BILL's check of the organization stands."""
    return ctx.get(risk_verifications, ctx.organization_id)


@risk_verifications.rule(
    "A check is begun by an administrator with a phone; begun again it stays as it is.",
    documented("BILL reference: Initiate risk verification; the second half and the code of the"
               " refusal are assumed"),
)  # fmt: skip
@risk_verifications.rule(
    "A check that was begun ends with APPROVE the bank day after, at 6 am in California.",
    assumed("BILL tells no duration; setting risk_checks leaves the decision to the control plane"),
)
@risk_verifications.operation(
    "POST",
    "",
    roles=ADMINISTRATORS,
    evidence=documented("BILL reference: Initiate risk verification (Administrator only)"),
)
def initiate(ctx: Ctx) -> RiskVerification:
    """Begin BILL's check of the organization."""
    found = ctx.find(risk_verifications, ctx.organization_id)
    if found:
        return found
    user = ctx.get(users, ctx.user_id or "")
    if ctx.find(risk_phones, user.id) is None:
        raise refuse("risk.no_phone")
    begun = add(ctx, RiskDecision.IN_PROGRESS)
    ctx.emit("risk-verification.updated", begun)
    ctx.send("email", user.email, "BILL is verifying your organization.")
    if ctx.behaviour.risk_checks == "approved":
        decided_at = pacific_instant(add_bank_days(ctx.today, 1), 6)
        ctx.schedule(decided_at, "risk_verification.decided")
    return begun


@risk_verifications.timer("risk_verification.decided")
def when_decided(ctx: Ctx) -> None:
    """The bank day after it was begun a check ends with APPROVE."""
    if ctx.get(risk_verifications, ctx.organization_id).decision is RiskDecision.IN_PROGRESS:
        _decide(ctx, RiskDecision.APPROVE)


class DecisionDetails(Details):
    """What BILL decides."""

    decision: RiskDecision


@risk_verifications.simulation(
    "risk_verification.decided",
    details=DecisionDetails,
    course="with APPROVE the bank day after it was begun, unless `risk_checks` is `undecided`",
    evidence=documented("BILL guide: Risk verification webhook payload, for the decisions"),
)
def decided(ctx: Ctx, organization_id: str, details: DecisionDetails) -> RiskVerification:
    """BILL comes to a decision about an organization, whose id is the record's."""
    present = ctx.get(risk_verifications, organization_id).decision
    if present is details.decision:
        raise ValueError(f"the decision about {organization_id} is {present} already")
    return _decide(ctx, details.decision)


@risk_verifications.operation(
    "GET", "/phone", evidence=documented("BILL reference: Get phone status for risk verification")
)
def phone_status(ctx: Ctx) -> HasPhone:
    """Tell whether the signed-in user has a phone."""
    return HasPhone(has_phone=ctx.find(risk_phones, ctx.user_id or "") is not None)


def _keep_phone(ctx: Ctx, user_id: str, body: RiskPhoneBody) -> None:
    ctx.put(risk_phones, RiskPhone(id=user_id, number=body.phone_number, type=body.phone_type))


@risk_verifications.operation(
    "POST",
    "/phone",
    body=RiskPhoneBody,
    evidence=documented("BILL reference: Add phone for risk verification (no body)"),
)
def add_phone(ctx: Ctx, body: RiskPhoneBody) -> None:
    """Give the signed-in user a phone, in place of an earlier one."""
    _keep_phone(ctx, ctx.user_id or "", body)


def _add_phone_of(ctx: Ctx, user_id: str, body: RiskPhoneBody) -> None:
    """Give a user of an organization a phone."""
    _keep_phone(ctx, ctx.get(users, user_id).id, body)


partners.operation(
    "POST",
    "/risk-verifications/{userId}/phone",
    body=RiskPhoneBody,
    access=Access.PARTNER,
    headers=("organizationId",),
    evidence=documented("BILL reference: Add phone for risk verification (partner)"),
)(in_named(_add_phone_of))
