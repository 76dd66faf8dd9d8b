"""What BILL tells of payments by webhook: payment.created, .updated and .failed"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from simulator.core.context import Ctx
from simulator.core.evidence import assumed, documented
from simulator.core.money import Money
from simulator.core.notices import Payload
from simulator.core.rows import Instant, Row, Shape, shape
from simulator.resources.bank_account_notices import told_number
from simulator.resources.bank_accounts import bank_accounts
from simulator.resources.notice_samples import SAMPLE_DAY, SAMPLE_TIME, sample_id
from simulator.resources.payment_life import arrives_by
from simulator.resources.payment_rows import (
    DisbursementType,
    FundingType,
    Payment,
    SingleStatus,
    payments,
)
from simulator.resources.vendor_rows import Vendor, vendors

_CATALOG = documented("BILL guide: Webhook event catalog and payment payloads")


class Failure(StrEnum):
    """Why a payment failed, by the code of the error."""

    BANK_ACCOUNT = "1"
    CARD_ACCOUNT = "2"
    BILL = "3"
    VENDOR = "4"
    OVERPAID = "5"
    PROCESS_DATE = "6"


payments.rule(
    "The errors of payment.failed have the codes 1 to 6, in the order of BILL's list of reasons.",
    assumed("the reasons are documented, their codes are not; autopay.failed numbers its own so"),
)
# With a full stop or without: as BILL writes them.
FAILURES: Mapping[Failure, str] = MappingProxyType(
    {
        Failure.BANK_ACCOUNT: "Bank account is inactive.",
        Failure.CARD_ACCOUNT: "Card account is inactive",
        Failure.BILL: "Bill ID not found.",
        Failure.VENDOR: "Vendor ID not found",
        Failure.OVERPAID: "Cannot overpay a bill",
        Failure.PROCESS_DATE: "Invalid process date.",
    }
)


@shape
class ToldVendor(Shape):
    """Who is paid."""

    id: str
    name: str | None = None


@shape
class ToldFundingAccount(Shape):
    """What is paid from: a bank account with its number masked, a card with its last four."""

    id: str | None = None
    type: FundingType
    name: str | None = None
    account_number: str | None = None
    last4: str | None = None


@shape
class ToldFunding(Shape):
    """What a payment costs the payer, in dollars."""

    amount: Money
    currency: str = "USD"
    funding_account: ToldFundingAccount | None = None


@shape
class ToldDisbursementAccount(Shape):
    """Where the money goes; empty until it is sent."""

    type: DisbursementType | None = None
    account_number: str | None = None


@shape
class ToldDisbursement(Shape):
    """What the vendor gets, in the currency of its bills."""

    amount: Money | None = None
    currency: str | None = None
    arrives_by_date: date | None = None
    disbursement_account: ToldDisbursementAccount


@shape
class ToldPayment(Shape):
    """A payment as webhooks tell it; `status` is the API's `singleStatus`."""

    id: str
    bill_ids: tuple[str, ...]
    transaction_number: str | None = None
    status: SingleStatus
    created_by: str | None = None
    created_time: Instant
    updated_time: Instant
    process_date: date
    funding: ToldFunding
    disbursement: ToldDisbursement
    vendor: ToldVendor
    billing_type: str = "BDC"


@shape
class PaymentPayload(Payload):
    """The payload of payment.created and payment.updated."""

    payment: ToldPayment


@shape
class PaidBill(Shape):
    """A bill and what was to be paid of it, in its currency."""

    id: str
    amount: Money


@shape
class PaidFrom(Shape):
    """The account that was to be paid from."""

    id: str | None = None
    type: FundingType


@shape
class ToldError(Shape):
    """Why something failed."""

    code: str
    message: str
    timestamp: Instant


@shape
class FailedPayment(Row):
    """A payment that was refused; told, but never stored, so its `id` is empty."""

    id: str = ""
    bills: tuple[PaidBill, ...]
    transaction_number: str | None
    created_by: str | None
    time: Instant
    funding_account: PaidFrom
    vendor_id: str | None
    failures: tuple[Failure, ...]


@shape
class ToldFailedPayment(Shape):
    """A refused payment as webhooks tell it: without an id."""

    bills: tuple[PaidBill, ...]
    transaction_number: str | None = None
    created_by: str | None = None
    created_time: Instant
    updated_time: Instant
    funding_account: PaidFrom
    vendor: ToldVendor | None = None


@shape
class FailedPaymentPayload(Payload):
    """The payload of payment.failed."""

    payment: ToldFailedPayment
    errors: tuple[ToldError, ...]


_SAMPLE = PaymentPayload(
    payment=ToldPayment(
        id=sample_id("stp"),
        bill_ids=(sample_id("00n"),),
        transaction_number="TESTTRANSACTIONTEST1",
        status=SingleStatus.SCHEDULED,
        created_by=sample_id("006"),
        created_time=SAMPLE_TIME,
        updated_time=SAMPLE_TIME,
        process_date=SAMPLE_DAY,
        funding=ToldFunding(
            amount=Decimal("149.00"),
            funding_account=ToldFundingAccount(
                id=sample_id("bac"),
                type=FundingType.BANK_ACCOUNT,
                name="Test Bank",
                account_number=told_number("123452333"),
            ),
        ),
        disbursement=ToldDisbursement(
            arrives_by_date=date(2026, 12, 18), disbursement_account=ToldDisbursementAccount()
        ),
        vendor=ToldVendor(id=sample_id("009"), name="Test Vendor"),
    )
)
_FAILED_SAMPLE = FailedPaymentPayload(
    payment=ToldFailedPayment(
        bills=(PaidBill(id=sample_id("00n"), amount=Decimal("149.00")),),
        transaction_number="TESTTRANSACTIONTEST1",
        created_by=sample_id("006"),
        created_time=SAMPLE_TIME,
        updated_time=SAMPLE_TIME,
        funding_account=PaidFrom(id=sample_id("bac"), type=FundingType.BANK_ACCOUNT),
        vendor=ToldVendor(id=sample_id("009"), name="Test Vendor"),
    ),
    errors=(
        ToldError(
            code=Failure.BANK_ACCOUNT,
            message=FAILURES[Failure.BANK_ACCOUNT],
            timestamp=SAMPLE_TIME,
        ),
    ),
)

_SENT = (SingleStatus.SENT, SingleStatus.DELIVERED, SingleStatus.CLEARED)


@payments.notifies(
    "payment.created",
    sample=_SAMPLE,
    evidence=documented("the mission guide for the name; BILL calls it payment.updated"),
)
@payments.rule(
    "Webhooks tell a payment's singleStatus as its status, and BDC as its billingType.",
    documented("BILL guide: Webhook payment payload; the other types have no operation here"),
)
def told(ctx: Ctx, payment: Payment) -> PaymentPayload:
    """The payload of an event of a payment."""
    vendor = ctx.get(vendors, payment.vendor_id)
    return PaymentPayload(
        payment=ToldPayment(
            id=payment.id,
            bill_ids=tuple(part.bill_id for part in payment.bill_payments),
            transaction_number=payment.transaction_number,
            status=payment.single_status,
            created_by=payment.created_by,
            created_time=payment.created_time,
            updated_time=payment.updated_time,
            process_date=payment.process_date,
            funding=ToldFunding(
                amount=payment.funding_amount, funding_account=_funding_account(ctx, payment)
            ),
            disbursement=_disbursement(payment, vendor),
            vendor=ToldVendor(id=vendor.id, name=vendor.name),
        )
    )


payments.notifies("payment.updated", sample=_SAMPLE, evidence=_CATALOG)(told)


def _funding_account(ctx: Ctx, payment: Payment) -> ToldFundingAccount | None:
    funding = payment.funding_account
    if funding is None or funding.id is None:
        return None
    account = ctx.get(bank_accounts, funding.id)
    return ToldFundingAccount(
        id=funding.id,
        type=funding.type,
        name=account.bank_name,
        account_number=told_number(account.whole_number),
    )


def _is_sent(payment: Payment) -> bool:
    info = payment.disbursement_info
    if info is None:
        return False
    if info.wallet_disbursement:
        # It has no day of sending.
        return payment.single_status in _SENT
    ways = (
        info.check_disbursement,
        info.ach_disbursement,
        info.rpps_disbursement,
        info.international_disbursement,
    )
    return any(way is not None and way.sent_date is not None for way in ways)


@payments.rule(
    "Webhooks tell the amount and the account of a disbursement once it is sent, before that the"
    " day of its arrival alone.",
    documented("BILL guide: Webhook payment payload; that sending is the moment is assumed"),
)
def _disbursement(payment: Payment, vendor: Vendor) -> ToldDisbursement:
    arrives = arrives_by(payment) if payment.online_payment else None
    if payment.online_payment and not _is_sent(payment):
        return ToldDisbursement(
            arrives_by_date=arrives, disbursement_account=ToldDisbursementAccount()
        )
    account = vendor.payment_information.bank_account
    to_account = payment.disbursement_type not in (DisbursementType.CHECK, DisbursementType.OFFLINE)
    return ToldDisbursement(
        amount=payment.amount,
        currency=vendor.bill_currency,
        arrives_by_date=arrives,
        disbursement_account=ToldDisbursementAccount(
            type=payment.disbursement_type,
            # BILL's sample masks here otherwise than elsewhere.
            account_number="*" * 6 + account.account_number[-3:]
            if account and to_account
            else None,
        ),
    )


@payments.notifies("payment.failed", sample=_FAILED_SAMPLE, evidence=_CATALOG)
@payments.rule(
    "payment.failed has no transactionNumber unless the caller gave one.",
    assumed("nothing is kept of the attempt that a number could be of"),
)
def told_failure(ctx: Ctx, attempt: FailedPayment) -> FailedPaymentPayload:
    """The payload of payment.failed."""
    vendor = ctx.find(vendors, attempt.vendor_id) if attempt.vendor_id else None
    return FailedPaymentPayload(
        payment=ToldFailedPayment(
            bills=attempt.bills,
            transaction_number=attempt.transaction_number,
            created_by=attempt.created_by,
            created_time=attempt.time,
            updated_time=attempt.time,
            funding_account=attempt.funding_account,
            vendor=ToldVendor(id=attempt.vendor_id, name=vendor.name if vendor else None)
            if attempt.vendor_id
            else None,
        ),
        errors=tuple(
            ToldError(code=failure, message=FAILURES[failure], timestamp=attempt.time)
            for failure in attempt.failures
        ),
    )
