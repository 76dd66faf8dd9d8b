"""What BILL tells of its check of an organization by webhook: risk-verification.updated"""

from __future__ import annotations

from simulator.core.context import Ctx
from simulator.core.evidence import documented
from simulator.core.notices import Notice, Payload
from simulator.core.rows import Shape, shape
from simulator.resources.risk_verifications import RiskDecision, RiskVerification


@shape
class ToldRiskVerification(Shape):
    """The check as webhooks tell it; `metadata` names the organization."""

    decision: RiskDecision


@shape
class RiskVerificationPayload(Payload):
    """The payload of risk-verification.updated."""

    risk_verification: ToldRiskVerification


def told(ctx: Ctx, verification: RiskVerification) -> RiskVerificationPayload:
    """The payload of risk-verification.updated."""
    return RiskVerificationPayload(
        risk_verification=ToldRiskVerification(decision=verification.decision)
    )


NOTICES = (
    Notice(
        "risk-verification.updated",
        RiskVerificationPayload(
            risk_verification=ToldRiskVerification(decision=RiskDecision.APPROVE)
        ),
        documented("BILL guide: Webhook event catalog and risk verification payload"),
        told,
    ),
)
