"""What BILL tells of card accounts by webhook: by test notifications alone here"""

from __future__ import annotations

from enum import StrEnum

from simulator.core.evidence import documented
from simulator.core.notices import Notice, Payload
from simulator.core.rows import Instant, Shape, changed, shape
from simulator.resources.bank_accounts import BankStatus
from simulator.resources.notice_samples import SAMPLE_TIME, sample_id


class CardType(StrEnum):
    """The kind of a card."""

    CREDIT_CARD = "CREDIT_CARD"
    DEBIT_CARD = "DEBIT_CARD"
    PREPAID_CARD = "PREPAID_CARD"
    UNKNOWN = "UNKNOWN"


@shape
class Expiration(Shape):
    """The last month in which a card is good."""

    year: str
    month: str


@shape
class CardDefault(Shape):
    """Whether a card is the one used by default."""

    payables: bool = False
    receivables: bool = False
    funding: bool = False
    disbursement: bool = False


@shape
class ToldCardAccount(Shape):
    """A card account as webhooks tell it."""

    id: str
    archived: bool
    created_time: Instant
    updated_time: Instant
    created_by: str
    name_on_account: str
    brand: str
    type: CardType
    status: BankStatus
    last4: str
    expiration: Expiration
    default: CardDefault


@shape
class CardAccountPayload(Payload):
    """The payload of an event of a card account."""

    card_account: ToldCardAccount


_NEW = ToldCardAccount(
    id=sample_id("cat"),
    archived=True,
    created_time=SAMPLE_TIME,
    updated_time=SAMPLE_TIME,
    created_by=sample_id("006"),
    name_on_account="Test Organization",
    brand="VISA",
    type=CardType.CREDIT_CARD,
    status=BankStatus.PENDING,
    last4="1111",
    expiration=Expiration(year="2028", month="12"),
    default=CardDefault(),
)
_VERIFIED = changed(_NEW, archived=False, status=BankStatus.VERIFIED)
_CATALOG = documented("BILL guide: Webhook event catalog and card account payloads")

NOTICES = (
    Notice("card-account.created", CardAccountPayload(card_account=_NEW), _CATALOG),
    Notice("card-account.updated", CardAccountPayload(card_account=_VERIFIED), _CATALOG),
)
