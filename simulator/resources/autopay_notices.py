"""What BILL tells by webhook when it could not pay a vendor's bill by itself: autopay.failed"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from simulator.core.context import Ctx
from simulator.core.evidence import documented
from simulator.core.notices import Notice, Payload
from simulator.core.rows import Instant, Row, Shape, shape
from simulator.resources.bank_accounts import bank_accounts
from simulator.resources.notice_samples import SAMPLE_TIME, sample_id
from simulator.resources.payment_notices import PaidFrom, ToldError
from simulator.resources.payment_rows import FundingType
from simulator.resources.vendor_rows import Vendor, vendors


class AutopayFailure(StrEnum):
    """Why an automatic payment failed, by BILL's code of the error."""

    USER_INACTIVE = "1"
    USER_UNAUTHORIZED = "2"
    BANK_ACCOUNT_INACTIVE = "3"
    BILL_NOT_READY = "4"
    BILL_HAS_PAYMENT = "5"
    OFFLINE_VENDOR = "6"


AUTOPAY_FAILURES: Mapping[AutopayFailure, str] = MappingProxyType(
    {
        AutopayFailure.USER_INACTIVE: "User is inactive.",
        AutopayFailure.USER_UNAUTHORIZED: "User is unauthorized.",
        AutopayFailure.BANK_ACCOUNT_INACTIVE: "Bank account is inactive.",
        AutopayFailure.BILL_NOT_READY: "Bill not ready to be paid.",
        AutopayFailure.BILL_HAS_PAYMENT: "Bill has existing payment.",
        AutopayFailure.OFFLINE_VENDOR: "Cannot pay offline vendor.",
    }
)


@shape
class FailedAutopay(Row):
    """An automatic payment that failed; told, but never stored. `id` is the vendor's."""

    id: str
    code: AutopayFailure
    time: Instant

    @property
    def vendor_id(self) -> str:
        """Whose bill was to be paid."""
        return self.id


@shape
class ToldVendor(Shape):
    """Whose bill was to be paid."""

    name: str
    id: str


@shape
class ToldAutopay(Shape):
    """An automatic payment as webhooks tell it; `created_by` is who set it up."""

    vendor: ToldVendor
    created_by: str | None = None
    updated_time: Instant
    funding_account: PaidFrom | None = None


@shape
class AutopayPayload(Payload):
    """The payload of autopay.failed."""

    autopay: ToldAutopay
    errors: tuple[ToldError, ...]


_SAMPLE = AutopayPayload(
    autopay=ToldAutopay(
        vendor=ToldVendor(name="Test Vendor", id=sample_id("009")),
        created_by=sample_id("006"),
        updated_time=SAMPLE_TIME,
        funding_account=PaidFrom(id=sample_id("bac"), type=FundingType.BANK_ACCOUNT),
    ),
    errors=(
        ToldError(
            code=AutopayFailure.BANK_ACCOUNT_INACTIVE,
            message=AUTOPAY_FAILURES[AutopayFailure.BANK_ACCOUNT_INACTIVE],
            timestamp=SAMPLE_TIME,
        ),
    ),
)


def failed(ctx: Ctx, vendor: Vendor, code: AutopayFailure) -> FailedAutopay:
    """What to emit when an automatic payment of a vendor fails now."""
    return FailedAutopay(id=vendor.id, code=code, time=ctx.now)


@vendors.rule(
    "autopay.failed tells the bank account that autoPay of the vendor names, else the default one"
    " for payables.",
    documented("BILL guide: Webhook autopay payload; that the default stands in is assumed"),
)
def _funding_account(ctx: Ctx, vendor: Vendor) -> PaidFrom | None:
    defaults = (account.id for account in ctx.table(bank_accounts) if account.default.payables)
    account_id = vendor.auto_pay.bank_account_id or next(defaults, None)
    return PaidFrom(id=account_id, type=FundingType.BANK_ACCOUNT) if account_id else None


def told(ctx: Ctx, failure: FailedAutopay) -> AutopayPayload:
    """The payload of autopay.failed."""
    vendor = ctx.get(vendors, failure.vendor_id)
    return AutopayPayload(
        autopay=ToldAutopay(
            vendor=ToldVendor(name=vendor.name, id=vendor.id),
            created_by=vendor.auto_pay.created_by,
            updated_time=failure.time,
            funding_account=_funding_account(ctx, vendor),
        ),
        errors=(
            ToldError(
                code=failure.code,
                message=AUTOPAY_FAILURES[failure.code],
                timestamp=failure.time,
            ),
        ),
    )


NOTICES = (
    Notice(
        "autopay.failed",
        _SAMPLE,
        documented("BILL guide: Webhook event catalog and autopay payload"),
        told,
    ),
)
