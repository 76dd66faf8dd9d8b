"""What BILL tells of Spend & Expense by webhook: by test notifications alone here

BILL's sandbox, too, tells these by test notifications only.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from simulator.core.evidence import documented
from simulator.core.money import ZERO, Money
from simulator.core.notices import Notice, Payload
from simulator.core.rows import Instant, Shape, changed, shape
from simulator.resources.notice_samples import SAMPLE_TIME, sample_uuid


class TransactionType(StrEnum):
    """What a transaction of a card is."""

    AUTHORIZATION = "AUTHORIZATION"
    CLEAR = "CLEAR"
    DECLINE = "DECLINE"
    OTHER = "OTHER"


class ReimbursementStatus(StrEnum):
    """How far a reimbursement is."""

    CREATED = "CREATED"
    AWAITING_APPROVAL = "AWAITING_APPROVAL"
    AWAITING_TIER2_APPROVAL = "AWAITING_TIER2_APPROVAL"
    TIER2_APPROVAL_UNDONE = "TIER2_APPROVAL_UNDONE"
    APPROVAL_UNDONE = "APPROVAL_UNDONE"
    DENIAL_UNDONE = "DENIAL_UNDONE"
    APPROVED = "APPROVED"
    CANCEL_PAYMENT = "CANCEL_PAYMENT"
    PAID = "PAID"
    PAYMENT_FAILED = "PAYMENT_FAILED"
    DENIED = "DENIED"
    DELETED = "DELETED"
    ARCHIVED = "ARCHIVED"
    BUDGET_APPROVAL = "BUDGET_APPROVAL"
    ADMIN_APPROVAL = "ADMIN_APPROVAL"
    READY_TO_PAY = "READY_TO_PAY"
    PAYMENT_PENDING = "PAYMENT_PENDING"


class FulfillmentType(StrEnum):
    """How a reimbursement is paid."""

    ACH = "ACH"
    PAYROLL = "PAYROLL"


@shape
class ToldTransaction(Shape):
    """A transaction of a card; amounts in dollars. `fees` include the one for foreign exchange."""

    uuid: str
    fees: Money
    foreign_exchange_fee: Money
    transaction_type: TransactionType
    parent_transaction_uuid: str | None = None
    user_uuid: str
    raw_merchant_name: str
    merchant_name: str
    budget_uuid: str
    original_auth_transaction_uuid: str | None = None
    occurred_time: Instant
    updated_time: Instant
    authorized_time: Instant | None = None
    complete: bool
    decline_reason: str | None = None


@shape
class TransactionPayload(Payload):
    """The payload of spend.transaction.updated."""

    transaction: ToldTransaction


@shape
class ToldReimbursement(Shape):
    """A reimbursement; `amount` in dollars."""

    uuid: str
    note: str
    merchant_name: str
    amount: Money
    status: ReimbursementStatus
    fulfillment_type: FulfillmentType
    budget_uuid: str
    company_uuid: str


@shape
class ReimbursementPayload(Payload):
    """The payload of an event of a reimbursement."""

    reimbursement: ToldReimbursement


@shape
class ToldChallenge(Shape):
    """A question to a card's owner whether a purchase is theirs; `amount` in dollars."""

    merchant_name: str
    merchant_category_code: str
    acs_transaction_id: str
    user_uuid: str
    occurred_time: Instant
    amount: Money
    card_uuid: str
    company_uuid: str


@shape
class ChallengePayload(Payload):
    """The payload of spend.three-ds-challenge.created."""

    three_ds_challenge: Annotated[ToldChallenge, Field(alias="threeDsChallenge")]


_TRANSACTION = ToldTransaction(
    uuid=sample_uuid("trx"),
    fees=ZERO,
    foreign_exchange_fee=ZERO,
    transaction_type=TransactionType.DECLINE,
    parent_transaction_uuid=sample_uuid("trx", 1),
    user_uuid=sample_uuid("usr"),
    raw_merchant_name="TEST MERCHANT 0042",
    merchant_name="Test Merchant",
    budget_uuid=sample_uuid("bgt"),
    original_auth_transaction_uuid=sample_uuid("trx", 2),
    occurred_time=SAMPLE_TIME,
    updated_time=SAMPLE_TIME,
    authorized_time=SAMPLE_TIME,
    complete=False,
    decline_reason="INSUFFICIENT_FUNDS",
)
_REIMBURSEMENT = ToldReimbursement(
    uuid=sample_uuid("rmb"),
    note="Test reimbursement",
    merchant_name="Test Merchant",
    amount=Decimal("42.50"),
    status=ReimbursementStatus.CREATED,
    fulfillment_type=FulfillmentType.ACH,
    budget_uuid=sample_uuid("bgt"),
    company_uuid=sample_uuid("cmp"),
)
_CHALLENGE = ToldChallenge(
    merchant_name="Test Merchant",
    merchant_category_code="5734",
    acs_transaction_id="7f3c1a52-9d40-4e8b-8a61-2b5d0c94e7f0",
    user_uuid=sample_uuid("usr"),
    occurred_time=SAMPLE_TIME,
    amount=Decimal("42.50"),
    card_uuid=sample_uuid("crd"),
    company_uuid=sample_uuid("cmp"),
)


def _reimbursement(event: str, status: ReimbursementStatus) -> Notice:
    return Notice(
        f"spend.reimbursement.{event}",
        ReimbursementPayload(reimbursement=changed(_REIMBURSEMENT, status=status)),
        documented(
            "BILL guide: Spend & Expense reimbursement payload; its members are known in part"
        ),
    )


NOTICES = (
    Notice(
        "spend.transaction.updated",
        TransactionPayload(transaction=_TRANSACTION),
        documented(
            "BILL guide: Spend & Expense transaction payload; its members are known in part"
        ),
    ),
    _reimbursement("created", ReimbursementStatus.CREATED),
    _reimbursement("updated", ReimbursementStatus.APPROVED),
    _reimbursement("deleted", ReimbursementStatus.DELETED),
    Notice(
        "spend.three-ds-challenge.created",
        ChallengePayload(three_ds_challenge=_CHALLENGE),
        documented(
            "BILL guide: Spend & Expense 3DS challenge payload; its members are known in part, its"
            " key is assumed"
        ),
    ),
)
