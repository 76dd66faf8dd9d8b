"""The shape of a payment and the table of its life."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from simulator.core.evidence import assumed, documented
from simulator.core.joins import borrowed
from simulator.core.money import Money
from simulator.core.resource import Resource
from simulator.core.rows import Instant, Row, Shape, shape
from simulator.core.states import Machine, move
from simulator.resources.bill_rows import Bucket
from simulator.resources.vendor_rows import PaymentPurpose, vendors


class FundingType(StrEnum):
    """What a payment is taken from."""

    BANK_ACCOUNT = "BANK_ACCOUNT"
    CARD_ACCOUNT = "CARD_ACCOUNT"
    WALLET = "WALLET"
    AP_CARD = "AP_CARD"


class CheckDelivery(StrEnum):
    """How a check travels."""

    STANDARD = "STANDARD"
    UPS_1DAY = "UPS_1DAY"
    UPS_2DAY = "UPS_2DAY"
    UPS_3DAY = "UPS_3DAY"
    RTP_DELIVERY = "RTP_DELIVERY"


class PaymentState(StrEnum):
    """`status`: the older, coarser word; CANCELLED with two L."""

    APPROVING = "APPROVING"
    SCHEDULED = "SCHEDULED"
    PAID = "PAID"
    CANCELLED = "CANCELLED"
    VOID = "VOID"
    UNDEFINED = "UNDEFINED"


class SingleStatus(StrEnum):
    """`singleStatus`: the whole life; CANCELED with one L."""

    SCHEDULED = "SCHEDULED"
    CANCELLATION_IN_PROGRESS = "CANCELLATION_IN_PROGRESS"
    CANCELED = "CANCELED"
    READY_TO_FUND = "READY_TO_FUND"
    FUNDING_STARTED = "FUNDING_STARTED"
    PROCESSED = "PROCESSED"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    PARTIALLY_CLAIMED = "PARTIALLY_CLAIMED"
    CLEARED = "CLEARED"
    DISBURSEMENT_ON_HOLD = "DISBURSEMENT_ON_HOLD"
    DISBURSEMENT_FAILED_ACTION_NEEDED = "DISBURSEMENT_FAILED_ACTION_NEEDED"
    DISBURSEMENT_FAILED_VENDOR_BANK_REJECTED = "DISBURSEMENT_FAILED_VENDOR_BANK_REJECTED"
    FUNDING_FAILED_ACTION_NEEDED = "FUNDING_FAILED_ACTION_NEEDED"
    FUNDING_FAILED_VOIDED = "FUNDING_FAILED_VOIDED"
    VOID_PENDING = "VOID_PENDING"
    VOIDED = "VOIDED"
    EXPIRING = "EXPIRING"
    FUNDS_ESCHEATED = "FUNDS_ESCHEATED"
    UNDEFINED = "UNDEFINED"


class DisbursementType(StrEnum):
    """How the vendor gets the money."""

    ACH = "ACH"
    CHECK = "CHECK"
    RPPS = "RPPS"
    VIRTUAL_CARD = "VIRTUAL_CARD"
    WALLET = "WALLET"
    OFFLINE = "OFFLINE"
    AMEX = "AMEX"
    CREDIT_CARD = "CREDIT_CARD"
    PAYPAL = "PAYPAL"
    INTERNATIONAL_E_PAYMENT = "INTERNATIONAL_E_PAYMENT"
    UNDEFINED = "UNDEFINED"


class DisbursementStatus(StrEnum):
    """How the disbursement went; absent until it is under way."""

    DONE = "DONE"
    FAILED = "FAILED"
    HOLD = "HOLD"


class VoidType(StrEnum):
    """What shall become of the money of a voided payment."""

    VOID_ONLY = "VOID_ONLY"
    VOID_AND_CREDIT = "VOID_AND_CREDIT"
    VOID_AND_REISSUE = "VOID_AND_REISSUE"
    VOID_AND_REISSUE_VCARD = "VOID_AND_REISSUE_VCARD"


class VoidStatus(StrEnum):
    """How far a void is."""

    TO_BE_PROCESSED = "TO_BE_PROCESSED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    NO_OP = "NO_OP"
    ARCHIVED = "ARCHIVED"


@shape
class BillPayment(Shape):
    """The share of one bill in a payment, in the bill's currency."""

    id: str
    bill_id: str
    amount: Money


@shape
class FundingAccount(Shape):
    """What the payment is taken from."""

    type: FundingType
    id: str | None = None


@shape
class ProcessingOptions(Shape):
    """How the payer wants it done."""

    request_pay_faster: bool = False
    create_bill: bool = False
    request_check_delivery_type: CheckDelivery = CheckDelivery.STANDARD


@shape
class VoidInfo(Shape):
    """One request to void."""

    id: str
    requested_by: str | None
    type: VoidType
    status: VoidStatus
    reason: str
    created_time: Instant
    updated_time: Instant


@shape
class CheckDisbursement(Shape):
    """A check on its way."""

    sent_date: date | None = None
    arrives_by_date: date | None = None
    check_number: int | None = None


@shape
class AchDisbursement(Shape):
    """An ACH transfer on its way."""

    sent_date: date | None = None
    arrives_by_date: date | None = None


@shape
class RppsDisbursement(Shape):
    """A transfer to a verified national vendor on its way."""

    sent_date: date | None = None
    arrives_by_date: date | None = None
    trace_number: int | None = None
    batch_number: int | None = None


@shape
class WalletDisbursement(Shape):
    """Money that a vendor of the network gets into its BILL balance."""

    arrives_by_date: date | None = None


@shape
class InternationalDisbursement(Shape):
    """An international payment on its way."""

    sent_date: date | None = None
    arrives_by_date: date | None = None
    amount: Money | None = None
    disbursement_sub_type: str | None = None


@shape
class DisbursementInfo(Shape):
    """How the money travels; one of the members beside `is_voidable`."""

    is_voidable: bool
    check_disbursement: CheckDisbursement | None = None
    ach_disbursement: AchDisbursement | None = None
    rpps_disbursement: RppsDisbursement | None = None
    wallet_disbursement: WalletDisbursement | None = None
    international_disbursement: InternationalDisbursement | None = None


@shape
class Payment(Row):
    """A payment to a vendor. `amount` in its bill currency, `funding_amount` in dollars."""

    amount: Money
    id: str
    vendor_id: str
    vendor_name: str | None = None
    bill_id: str | None = None
    bill_payments: tuple[BillPayment, ...]
    description: str | None = None
    process_date: date
    funding_account: FundingAccount | None = None
    processing_options: ProcessingOptions | None = None
    transaction_number: str | None = None
    confirmation_number: str | None = None
    status: PaymentState
    exchange_rate: Money
    funding_amount: Money
    online_payment: bool
    disbursement_type: DisbursementType
    remittance_email: str | None = None
    created_time: Instant
    updated_time: Instant
    created_by: str | None
    void_info: tuple[VoidInfo, ...] = ()
    disbursement_status: DisbursementStatus | None = None
    disbursement_info: DisbursementInfo | None = None
    payment_purpose: PaymentPurpose | None = None
    card_funding_purpose: str | None = None
    cancel_request_submitted: bool = False
    single_status: SingleStatus


payments = Resource(
    "payments",
    "/v3/payments",
    Payment,
    prefix="stp",
    join=borrowed("vendor_name", vendors, "vendor_id", "name"),
)

S = SingleStatus
_STATUSES = documented("BILL guide: Single status payment values")
_SANDBOX = documented("BILL v2 reference: in the sandbox it is done at once")
_ON_THE_WAY = {S.PROCESSED, S.SENT, S.DELIVERED, S.DISBURSEMENT_ON_HOLD, S.EXPIRING}
_FAILED = {
    S.DISBURSEMENT_FAILED_ACTION_NEEDED,
    S.DISBURSEMENT_FAILED_VENDOR_BANK_REJECTED,
}
# What was not debited yet cannot be sent again.
REISSUABLE = frozenset({*_ON_THE_WAY, *_FAILED})
VOIDABLE = frozenset({S.READY_TO_FUND, S.FUNDING_STARTED, *_ON_THE_WAY, *_FAILED})

machine = payments.machine(
    Machine(
        "payment singleStatus",
        (
            move("start funding", {S.SCHEDULED, S.READY_TO_FUND}, S.FUNDING_STARTED, _STATUSES),
            move("debit funds", {S.FUNDING_STARTED}, S.PROCESSED, _STATUSES),
            move("send", {S.PROCESSED}, S.SENT, _STATUSES),
            move("deliver", {S.SENT}, S.DELIVERED, _STATUSES),
            move("clear", {S.SENT, S.DELIVERED, S.EXPIRING}, S.CLEARED, _STATUSES),
            move("cancel", {S.SCHEDULED}, S.CANCELED, _SANDBOX),
            move("fail funding", {S.FUNDING_STARTED, S.PROCESSED, S.SENT, S.DELIVERED},
                 S.FUNDING_FAILED_ACTION_NEEDED, _STATUSES),
            move("void after failed funding", {S.FUNDING_FAILED_ACTION_NEEDED},
                 S.FUNDING_FAILED_VOIDED, _STATUSES),
            move("return", {S.SENT, S.DELIVERED, S.CLEARED},
                 S.DISBURSEMENT_FAILED_ACTION_NEEDED, _STATUSES),
            move("reject by vendor bank", {S.SENT, S.DELIVERED, S.CLEARED},
                 S.DISBURSEMENT_FAILED_VENDOR_BANK_REJECTED, _STATUSES),
            move("ask to void", VOIDABLE, S.VOID_PENDING,
                 documented("BILL Help Center: a void is pending up to two business days")),
            move("void", {*VOIDABLE, S.VOID_PENDING}, S.VOIDED, _SANDBOX),
            move("void recorded", {S.CLEARED}, S.VOIDED,
                 documented("BILL Help Center: a payment made outside BILL is voided at once")),
            move("reissue", {*REISSUABLE, S.VOID_PENDING}, S.PROCESSED,
                 documented("BILL guide: the same payment object is used again")),
            move("near expiry", {S.SENT, S.DELIVERED}, S.EXPIRING,
                 assumed("the value is documented, ten days before the end are ours")),
            move("hold", {S.PROCESSED}, S.DISBURSEMENT_ON_HOLD,
                 assumed("the value is documented; held before it is sent, as the name says")),
            move("release", {S.DISBURSEMENT_ON_HOLD}, S.PROCESSED,
                 assumed("what was held goes on where it stood")),
            move("escheat", {S.DELIVERED, S.EXPIRING, *_FAILED}, S.FUNDS_ESCHEATED,
                 documented("BILL guide: Single status payment values (handed to the state);"
                            " the statuses before it are assumed")),
        ),
    )
)  # fmt: skip

payments.rule(
    "`status` follows `singleStatus`: PAID from PROCESSED on, VOID and CANCELLED at the ends.",
    assumed("v2 turns Paid once processing starts; consistent with BILL's samples"),
)
_STATES = {
    S.SCHEDULED: PaymentState.SCHEDULED,
    S.CANCELLATION_IN_PROGRESS: PaymentState.SCHEDULED,
    S.READY_TO_FUND: PaymentState.SCHEDULED,
    S.FUNDING_STARTED: PaymentState.SCHEDULED,
    S.FUNDING_FAILED_ACTION_NEEDED: PaymentState.SCHEDULED,
    S.CANCELED: PaymentState.CANCELLED,
    S.VOIDED: PaymentState.VOID,
    S.FUNDING_FAILED_VOIDED: PaymentState.VOID,
}
_ENDED = {S.CANCELED, S.VOIDED, S.FUNDING_FAILED_VOIDED}


def state_of(status: SingleStatus) -> PaymentState:
    """The `status` that goes with a `singleStatus`."""
    return _STATES.get(status, PaymentState.PAID)


def bucket_of(status: SingleStatus) -> Bucket | None:
    """The part of a bill in which a payment's share lies; None once it has ended."""
    if status in _ENDED:
        return None
    if status in (S.SCHEDULED, S.CANCELLATION_IN_PROGRESS):
        return Bucket.SCHEDULED
    return Bucket.PAID if status in (S.CLEARED, S.FUNDS_ESCHEATED) else Bucket.IN_PROCESS


def voidable(payment: Payment) -> bool:
    """Whether a request to void would be taken."""
    if payment.online_payment:
        return payment.single_status in VOIDABLE
    return payment.status is PaymentState.PAID
