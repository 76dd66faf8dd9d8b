"""What BILL tells of vendors by webhook: vendor.created, .updated, .archived and .restored"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from simulator.core.context import Ctx
from simulator.core.evidence import assumed, documented
from simulator.core.notices import Payload
from simulator.core.rows import Instant, Shape, shape
from simulator.resources.addresses import Address
from simulator.resources.notice_samples import SAMPLE_TIME, sample_id
from simulator.resources.vendor_rows import (
    AdditionalInfo,
    Balance,
    NetworkStatus,
    PayByType,
    PaymentInformation,
    TaxIdType,
    Vendor,
    vendors,
    with_balance,
)


@shape
class ToldAddress(Shape):
    """Where a vendor is; the country as a code alone."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state_or_province: str | None = None
    zip_or_postal_code: str | None = None
    country: str | None = None


@shape
class ToldVirtualCard(Shape):
    """Whether a vendor takes virtual cards."""

    status: str


@shape
class ToldPaymentInformation(Shape):
    """How a vendor is paid."""

    payee_name: str | None = None
    email: str | None = None
    pay_by_type: PayByType
    virtual_card: ToldVirtualCard | None = None
    last_payment_date: str | None = None


@shape
class ToldAdditionalInfo(Shape):
    """Tax and terms; the tax id as it was given."""

    tax_id: str | None = None
    tax_id_type: TaxIdType | None = None
    track1099: bool
    lead_time_in_days: int | None = None
    combine_payments: bool | None = None
    company_name: str | None = None


@shape
class ToldAutoPay(Shape):
    """Whether bills of a vendor are paid by themselves."""

    enabled: bool


@shape
class ToldVendor(Shape):
    """A vendor as webhooks tell it. A vendor in the network has one of two further ids."""

    id: str
    name: str
    short_name: str | None = None
    archived: bool
    email: str | None = None
    phone: str | None = None
    network_status: NetworkStatus
    payment_network_id: str | None = None
    rpps_id: str | None = None
    account_number: str | None = None
    address: ToldAddress
    payment_information: ToldPaymentInformation
    additional_info: ToldAdditionalInfo
    recurring_payments: bool
    bill_currency: str
    balance: Balance | None
    auto_pay: ToldAutoPay
    created_time: Instant
    updated_time: Instant


@shape
class VendorPayload(Payload):
    """The payload of an event of a vendor."""

    vendor: ToldVendor


def _sample(archived: bool) -> VendorPayload:
    return VendorPayload(
        vendor=ToldVendor(
            id=sample_id("009"),
            name="Test Vendor",
            short_name="Test",
            archived=archived,
            email="vendor@test.example",
            phone="5555550100",
            network_status=NetworkStatus.CONNECTED,
            payment_network_id="0123456789012345",
            account_number="12345",
            address=ToldAddress(
                line1="123 Test Street",
                line2="Suite 4",
                city="San Jose",
                state_or_province="CA",
                zip_or_postal_code="95002",
                country="US",
            ),
            payment_information=ToldPaymentInformation(
                payee_name="Test Vendor",
                email="payee@test.example",
                pay_by_type=PayByType.ACH,
                virtual_card=ToldVirtualCard(status="OPEN"),
                last_payment_date=date(2026, 12, 1).isoformat(),
            ),
            additional_info=ToldAdditionalInfo(
                tax_id="000000000",
                tax_id_type=TaxIdType.EIN,
                track1099=True,
                lead_time_in_days=3,
                combine_payments=True,
                company_name="Test Vendor, Inc.",
            ),
            recurring_payments=False,
            bill_currency="USD",
            balance=Balance(amount=Decimal("149.00"), last_updated_date=SAMPLE_TIME),
            auto_pay=ToldAutoPay(enabled=False),
            created_time=SAMPLE_TIME,
            updated_time=SAMPLE_TIME,
        )
    )


def _address(address: Address) -> ToldAddress:
    return ToldAddress(
        line1=address.line1,
        line2=address.line2,
        city=address.city,
        state_or_province=address.state_or_province,
        zip_or_postal_code=address.zip_or_postal_code,
        country=address.country,
    )


def _payment_information(information: PaymentInformation) -> ToldPaymentInformation:
    return ToldPaymentInformation(
        payee_name=information.payee_name,
        email=information.email,
        pay_by_type=information.pay_by_type,
        last_payment_date=information.last_payment_date,
    )


def _additional_info(info: AdditionalInfo) -> ToldAdditionalInfo:
    return ToldAdditionalInfo(
        tax_id=info.whole_tax_id,
        tax_id_type=info.tax_id_type,
        track1099=info.track1099,
        lead_time_in_days=info.lead_time_in_days,
        combine_payments=info.combine_payments,
        company_name=info.company_name,
    )


@vendors.rule(
    "Webhooks tell a vendor's tax id as it was given, and its accountNumber as a string.",
    documented("BILL guide: Webhook vendor payloads; there accountNumber is a number, which would"
               " lose leading zeros: the string is assumed"),
)  # fmt: skip
@vendors.rule(
    "Webhooks tell no virtualCard of a vendor but in test notifications.",
    assumed("no vendor here is paid by virtual card"),
)
def told(ctx: Ctx, vendor: Vendor) -> VendorPayload:
    """The payload of an event of a vendor."""
    return VendorPayload(
        vendor=ToldVendor(
            id=vendor.id,
            name=vendor.name,
            short_name=vendor.short_name,
            archived=vendor.archived,
            email=vendor.email,
            phone=vendor.phone,
            network_status=vendor.network_status,
            payment_network_id=vendor.payment_network_id,
            rpps_id=vendor.rpps_id,
            account_number=vendor.account_number,
            address=_address(vendor.address),
            payment_information=_payment_information(vendor.payment_information),
            additional_info=_additional_info(vendor.additional_info),
            recurring_payments=vendor.recurring_payments,
            bill_currency=vendor.bill_currency,
            balance=with_balance(ctx, vendor).balance,
            auto_pay=ToldAutoPay(enabled=vendor.auto_pay.enabled),
            created_time=vendor.created_time,
            updated_time=vendor.updated_time,
        )
    )


for _event in ("vendor.created", "vendor.updated", "vendor.archived", "vendor.restored"):
    vendors.notifies(
        _event,
        sample=_sample(archived=_event == "vendor.archived"),
        evidence=documented("BILL guide: Webhook event catalog and vendor payloads"),
    )(told)
