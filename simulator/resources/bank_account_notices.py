"""What BILL tells of bank accounts by webhook: bank-account.created and .updated"""

from __future__ import annotations

from simulator.core.context import Ctx
from simulator.core.evidence import documented
from simulator.core.notices import Payload
from simulator.core.rows import Instant, Shape, changed, shape
from simulator.resources.bank_accounts import (
    BankAccount,
    BankOwner,
    BankStatus,
    BankType,
    Default,
    bank_accounts,
)
from simulator.resources.notice_samples import SAMPLE_TIME, sample_id


@shape
class ToldBankAccount(Shape):
    """A bank account as webhooks tell it."""

    id: str
    archived: bool
    account_number: str
    name_on_account: str
    routing_number: str
    bank_name: str
    status: BankStatus
    created_by: str
    type: BankType
    owner_type: BankOwner
    created_time: Instant
    updated_time: Instant
    default: Default


@shape
class BankAccountPayload(Payload):
    """The payload of an event of a bank account."""

    bank_account: ToldBankAccount


def told_number(number: str) -> str:
    """An account number as webhooks tell it: five asterisks and its last four."""
    return "*" * 5 + number[-4:]


_NEW = ToldBankAccount(
    id=sample_id("bac"),
    archived=True,
    account_number=told_number("123452333"),
    name_on_account="Test Organization",
    routing_number="074000010",
    bank_name="Test Bank",
    status=BankStatus.PENDING,
    created_by=sample_id("006"),
    type=BankType.CHECKING,
    owner_type=BankOwner.BUSINESS,
    created_time=SAMPLE_TIME,
    updated_time=SAMPLE_TIME,
    default=Default(),
)
_VERIFIED = changed(_NEW, archived=False, status=BankStatus.VERIFIED)
_CATALOG = documented("BILL guide: Webhook event catalog and bank account payloads")


@bank_accounts.rule(
    "Webhooks tell a bank account's number as five asterisks and its last four digits, unlike the"
    " API.",
    documented("BILL guide: Webhook bank account payload"),
)
def told(ctx: Ctx, account: BankAccount) -> BankAccountPayload:
    """The payload of an event of a bank account."""
    return BankAccountPayload(
        bank_account=ToldBankAccount(
            id=account.id,
            archived=account.archived,
            account_number=told_number(account.whole_number),
            name_on_account=account.name_on_account,
            routing_number=account.routing_number,
            bank_name=account.bank_name,
            status=account.status,
            created_by=account.created_by,
            type=account.type,
            owner_type=account.owner_type,
            created_time=account.created_time,
            updated_time=account.updated_time,
            default=account.default,
        )
    )


for _event, _account in (("bank-account.created", _NEW), ("bank-account.updated", _VERIFIED)):
    _sample = BankAccountPayload(bank_account=_account)
    bank_accounts.notifies(_event, sample=_sample, evidence=_CATALOG)(told)
