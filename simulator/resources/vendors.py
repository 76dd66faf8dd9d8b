"""Vendors: whom an organization pays, and how. /v3/vendors"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from simulator.core.body import (
    Amount,
    Body,
    Country,
    Currency,
    NotBlank,
    RoutingNumber,
    Text,
    countries,
    masked,
)
from simulator.core.bulk import all_or_nothing
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented, observed
from simulator.core.listing import BOOLEAN, INSTANT, TEXT, enumeration, filter_field
from simulator.core.money import Money
from simulator.core.resource import Join, Resource
from simulator.core.roles import ENTER_BILLS
from simulator.core.rows import Hidden, Instant, Row, Shape, changed, shape
from simulator.resources import vendor_balances
from simulator.resources.sessions import require_trust
from simulator.resources.vendor_balances import VendorBalance

_GUIDE = documented("BILL guide: Vendors; reference: vendors")
BULK_LIMIT = 20


class AccountType(StrEnum):
    """What a vendor is."""

    BUSINESS = "BUSINESS"
    PERSON = "PERSON"
    NONE = "NONE"
    UNDEFINED = "UNDEFINED"


class TaxIdType(StrEnum):
    """The kind of a tax id."""

    EIN = "EIN"
    SSN = "SSN"
    UNDEFINED = "UNDEFINED"


class PayByType(StrEnum):
    """How BILL would pay a vendor."""

    ACH = "ACH"
    CHECK = "CHECK"
    INTERNATIONAL_E_PAYMENT = "INTERNATIONAL_E_PAYMENT"
    OFFLINE = "OFFLINE"
    RPPS = "RPPS"
    UNDEFINED = "UNDEFINED"
    VIRTUAL_CARD = "VIRTUAL_CARD"
    WALLET = "WALLET"


class PayBySubType(StrEnum):
    """The way of an ACH or international payment."""

    ACH = "ACH"
    IACH = "IACH"
    LOCAL = "LOCAL"
    MULTIPLE = "MULTIPLE"
    NONE = "NONE"
    UNDEFINED = "UNDEFINED"
    WIRE = "WIRE"


class BankAccountStatus(StrEnum):
    """Whether a vendor has a bank account, and from where."""

    NO_ACCOUNT = "NO_ACCOUNT"
    NO_NET_LINKED_ACCOUNT = "NO_NET_LINKED_ACCOUNT"
    NET_LINKED_ACCOUNT = "NET_LINKED_ACCOUNT"
    UNDEFINED = "UNDEFINED"


class NetworkStatus(StrEnum):
    """Where a vendor stands in the BILL network."""

    CONNECTED = "CONNECTED"
    CONNECTED_RPPS = "CONNECTED_RPPS"
    NOT_CONNECTED = "NOT_CONNECTED"
    PENDING = "PENDING"


class BankAccountType(StrEnum):
    """The kind of a bank account."""

    CHECKING = "CHECKING"
    SAVINGS = "SAVINGS"


class OwnerType(StrEnum):
    """Who owns a vendor's account; BILL's pages spell it both ways."""

    BUSINESS = "BUSINESS"
    PERSON = "PERSON"
    PERSONAL = "PERSONAL"


class RegulatoryFieldBody(Body):
    """A field that a country's payment rules ask for."""

    name: NotBlank
    value: NotBlank


class BankAccountBody(Body):
    """A vendor's bank account; only the number is required by the schema."""

    name_on_account: Text | None = None
    account_number: Annotated[Text, Field(min_length=1, max_length=40)]
    routing_number: RoutingNumber | None = None
    type: BankAccountType | None = None
    owner_type: OwnerType | None = None
    regulatory_fields: list[RegulatoryFieldBody] | None = None
    payment_currency: Currency | None = None


class AddressBody(Body):
    """A postal address with an ISO 3166 alpha-2 country."""

    line1: Annotated[NotBlank, Field(max_length=1000)]
    line2: Annotated[Text, Field(max_length=100)] | None = None
    city: Annotated[NotBlank, Field(max_length=100)]
    state_or_province: Annotated[Text, Field(max_length=100)] | None = None
    zip_or_postal_code: Annotated[NotBlank, Field(max_length=30)]
    country: Country


class AddressPatch(Body):
    """The members of an address that change."""

    line1: Annotated[NotBlank, Field(max_length=1000)] | None = None
    line2: Annotated[Text, Field(max_length=100)] | None = None
    city: Annotated[NotBlank, Field(max_length=100)] | None = None
    state_or_province: Annotated[Text, Field(max_length=100)] | None = None
    zip_or_postal_code: Annotated[NotBlank, Field(max_length=30)] | None = None
    country: Country | None = None


class PurposeCodeBody(Body):
    """A coded purpose of payment."""

    name: Text | None = None
    value: Text | None = None


class PurposeBody(Body):
    """Why an international vendor is paid: a text or a code."""

    text: Text | None = None
    code: PurposeCodeBody | None = None


class PaymentInformationBody(Body):
    """How to pay a vendor."""

    payee_name: Annotated[Text, Field(max_length=100)] | None = None
    email: Text | None = None
    bank_country: Country | None = None
    payment_currency: Currency | None = None
    bank_account: BankAccountBody | None = None
    payment_purpose: PurposeBody | None = None


class AdditionalInfoBody(Body):
    """Tax and terms."""

    tax_id: Text | None = None
    tax_id_type: TaxIdType | None = None
    track1099: bool | None = None
    lead_time_in_days: int | None = None
    combine_payments: bool | None = None
    payment_term_id: Text | None = None
    company_name: Text | None = None


class AutoPayBody(Body):
    """Automatic payment of a vendor's bills."""

    enabled: bool | None = None
    bank_account_id: Text | None = None
    created_by: Text | None = None
    max_amount: Amount | None = None
    days_before_due_date: int | None = None


class VendorCreate(Body):
    """A new vendor: name and address are required."""

    name: Annotated[NotBlank, Field(max_length=100)]
    short_name: Annotated[Text, Field(max_length=40)] | None = None
    account_number: Text | None = None
    account_type: AccountType | None = None
    email: Text | None = None
    phone: Text | None = None
    address: AddressBody
    payment_information: PaymentInformationBody | None = None
    additional_info: AdditionalInfoBody | None = None
    bill_currency: Currency | None = None
    auto_pay: AutoPayBody | None = None


class VendorPatch(Body):
    """The members of a vendor that change."""

    name: Annotated[NotBlank, Field(max_length=100)] | None = None
    short_name: Annotated[Text, Field(max_length=40)] | None = None
    account_number: Text | None = None
    account_type: AccountType | None = None
    email: Text | None = None
    phone: Text | None = None
    address: AddressPatch | None = None
    payment_information: PaymentInformationBody | None = None
    additional_info: AdditionalInfoBody | None = None
    bill_currency: Currency | None = None
    auto_pay: AutoPayBody | None = None


@shape
class Address(Shape):
    """A postal address."""

    line1: str
    line2: str | None = None
    city: str
    state_or_province: str | None = None
    zip_or_postal_code: str
    country: str
    country_name: str


@shape
class VendorBankAccount(Row):
    """A vendor's bank account: the number masked, no id of its own (BILL's shape)."""

    id: Annotated[str, Hidden]
    name_on_account: str | None = None
    account_number: str
    routing_number: str | None = None
    type: BankAccountType | None = None
    owner_type: OwnerType | None = None
    payment_currency: str | None = None
    created: Annotated[datetime, Hidden]


@shape
class PurposeCode(Shape):
    """A coded purpose of payment."""

    name: str | None = None
    value: str | None = None


@shape
class PaymentPurpose(Shape):
    """Why an international vendor is paid."""

    text: str | None = None
    code: PurposeCode | None = None


@shape
class PaymentInformation(Shape):
    """How BILL pays a vendor."""

    payee_name: str | None = None
    email: str | None = None
    last_payment_date: str | None = None
    pay_by_type: PayByType = PayByType.CHECK
    pay_by_sub_type: PayBySubType = PayBySubType.NONE
    bank_account: VendorBankAccount | None = None
    payment_purpose: PaymentPurpose | None = None
    bank_country: Annotated[str | None, Hidden] = None
    payment_currency: Annotated[str | None, Hidden] = None


@shape
class AdditionalInfo(Shape):
    """Tax and terms."""

    tax_id: str | None = None
    tax_id_type: TaxIdType | None = None
    track1099: bool = False
    lead_time_in_days: int | None = None
    combine_payments: bool | None = None
    payment_term_id: str | None = None
    company_name: str | None = None


@shape
class AutoPay(Shape):
    """Automatic payment of a vendor's bills. `max_amount` is in dollars."""

    enabled: bool = False
    bank_account_id: str | None = None
    created_by: str | None = None
    max_amount: Money | None = None
    days_before_due_date: int | None = None


@shape
class Balance(Shape):
    """What is open to a vendor, in its bill currency."""

    amount: Money
    last_updated_date: Instant


@shape
class Vendor(Row):
    """Someone an organization pays."""

    archived: bool
    id: str
    name: str
    short_name: str | None = None
    account_number: str | None = None
    account_type: AccountType
    email: str | None = None
    phone: str | None = None
    address: Address
    payment_information: PaymentInformation
    additional_info: AdditionalInfo
    rpps_id: str | None = None
    bank_account_status: BankAccountStatus
    recurring_payments: bool = False
    bill_currency: str
    created_time: Instant
    updated_time: Instant
    balance: Balance | None = None
    auto_pay: AutoPay
    network_status: NetworkStatus = NetworkStatus.NOT_CONNECTED

    @property
    def domestic(self) -> bool:
        """A vendor in the United States whose bills are in dollars."""
        return self.address.country == "US" and self.bill_currency == "USD"


def _balance(ctx: Ctx, vendor: Vendor) -> VendorBalance | None:
    return ctx.find(vendor_balances.vendor_balances, vendor.id)


def _with_balance(ctx: Ctx, vendor: Vendor) -> Vendor:
    balance = _balance(ctx, vendor)
    return changed(
        vendor,
        balance=Balance(
            amount=balance.amount if balance else Decimal(0),
            last_updated_date=balance.updated if balance else vendor.created_time,
        ),
    )


vendors = Resource(
    "vendors", "/v3/vendors", Vendor, prefix="009", join=Join(_balance, _with_balance)
)

vendors.rule(
    "A vendor's balance is what is due on its bills that are not archived.",
    assumed("the member is in BILL's shape, its rule is not documented"),
)

_TIME_OPS = "gt gte lt lte"
vendors.listed(
    filters=(
        filter_field("id", TEXT, "eq ne in"),
        filter_field("archived", BOOLEAN, "eq ne"),
        filter_field("name", TEXT, "eq sw"),
        filter_field("accountType", enumeration(AccountType), "eq ne in nin"),
        filter_field("address.country", TEXT, "eq ne"),
        filter_field("billCurrency", TEXT, "eq ne in nin"),
        # BILL's page lists the field for vendors, whose shape has none: no row matches.
        filter_field("paymentStatus", TEXT, "eq ne in nin", lambda vendor: None),
        filter_field("createdTime", INSTANT, _TIME_OPS),
        filter_field("updatedTime", INSTANT, _TIME_OPS),
    ),
    sorts=(
        filter_field("archived", BOOLEAN),
        filter_field("name", TEXT),
        filter_field("shortName", TEXT),
        filter_field("email", TEXT),
        filter_field("phone", TEXT),
        filter_field("billCurrency", TEXT),
        filter_field("createdTime", INSTANT),
        filter_field("updatedTime", INSTANT),
    ),
    evidence=documented("BILL guide: Filterable fields, Sortable fields"),
)
vendors.retrieve("vendorId", evidence=documented("BILL reference: Get vendor details"))
vendors.archive_restore("vendorId", emits="vendor", roles=ENTER_BILLS)


def _masked_tax_id(tax_id: str | None) -> str | None:
    # Assumed: BILL answers tax ids masked, as it does account numbers.
    return "*" * max(len(tax_id) - 4, 0) + tax_id[-4:] if tax_id else tax_id


def _address(address: dict[str, Any]) -> Address:
    return Address(**address, country_name=countries()[address["country"]])


def _purpose(body: PurposeBody | None) -> PaymentPurpose | None:
    if body is None:
        return None
    code = PurposeCode(name=body.code.name, value=body.code.value) if body.code else None
    return PaymentPurpose(text=body.text, code=code)


def _bank_account(ctx: Ctx, vendor_id: str, body: BankAccountBody) -> VendorBankAccount:
    return VendorBankAccount(
        id=vendor_id,
        name_on_account=body.name_on_account,
        account_number=masked(body.account_number),
        routing_number=body.routing_number,
        type=body.type,
        owner_type=body.owner_type,
        payment_currency=body.payment_currency,
        created=ctx.now,
    )


@vendors.rule(
    "A vendor without bank account is paid by CHECK; with one by ACH, or by"
    " INTERNATIONAL_E_PAYMENT where the country is not US or the bill currency not USD.",
    observed("a fresh vendor on the service shows CHECK; ACH and international are BILL's guide"),
)
def with_bank_account(vendor: Vendor, account: VendorBankAccount | None) -> Vendor:
    """`vendor` with that bank account, or without one, and paid accordingly."""
    if account is None:
        pay_by, sub, status = PayByType.CHECK, PayBySubType.NONE, BankAccountStatus.NO_ACCOUNT
    elif vendor.domestic:
        pay_by, sub = PayByType.ACH, PayBySubType.ACH
        status = BankAccountStatus.NO_NET_LINKED_ACCOUNT
    else:
        pay_by, sub = PayByType.INTERNATIONAL_E_PAYMENT, PayBySubType.LOCAL
        status = BankAccountStatus.NO_NET_LINKED_ACCOUNT
    information = changed(
        vendor.payment_information, pay_by_type=pay_by, pay_by_sub_type=sub, bank_account=account
    )
    return changed(vendor, payment_information=information, bank_account_status=status)


@vendors.operation("POST", "", status=201, body=VendorCreate, roles=ENTER_BILLS, evidence=_GUIDE)
def create(ctx: Ctx, body: VendorCreate) -> Vendor:
    """Create a vendor."""
    if body.auto_pay and body.auto_pay.enabled:
        require_trust(ctx)
    information = body.payment_information or PaymentInformationBody()
    extra = body.additional_info or AdditionalInfoBody()
    now = ctx.record_time
    vendor = Vendor(
        archived=False,
        id=ctx.new_id("009"),
        name=body.name,
        short_name=body.short_name,
        account_number=body.account_number,
        account_type=body.account_type or AccountType.NONE,
        email=body.email,
        phone=body.phone,
        address=_address(body.address.model_dump()),
        payment_information=PaymentInformation(
            payee_name=information.payee_name,
            email=information.email,
            payment_purpose=_purpose(information.payment_purpose),
            bank_country=information.bank_country,
            payment_currency=information.payment_currency,
        ),
        additional_info=AdditionalInfo(
            tax_id=_masked_tax_id(extra.tax_id),
            tax_id_type=extra.tax_id_type,
            track1099=bool(extra.track1099),
            lead_time_in_days=extra.lead_time_in_days,
            combine_payments=extra.combine_payments,
            payment_term_id=extra.payment_term_id,
            company_name=extra.company_name,
        ),
        bank_account_status=BankAccountStatus.NO_ACCOUNT,
        bill_currency=body.bill_currency or "USD",
        created_time=now,
        updated_time=now,
        auto_pay=_auto_pay(ctx, AutoPay(), body.auto_pay),
    )
    if information.bank_account:
        vendor = with_bank_account(vendor, _bank_account(ctx, vendor.id, information.bank_account))
    ctx.put(vendors, vendor)
    ctx.emit("vendor.created", vendor)
    return vendor


def _auto_pay(ctx: Ctx, old: AutoPay, body: AutoPayBody | None) -> AutoPay:
    if body is None:
        return old
    given = {name: getattr(body, name) for name in body.given}
    if body.enabled and not old.enabled:
        given.setdefault("created_by", ctx.user_id)
    return changed(old, **given)


@vendors.operation(
    "POST",
    "/bulk",
    status=201,
    body=list[VendorCreate],
    roles=ENTER_BILLS,
    wrap="vendors",
    evidence=documented("BILL reference: Create multiple vendors (up to 20, all or nothing)"),
)
def create_bulk(ctx: Ctx, body: list[VendorCreate]) -> list[Vendor]:
    """Create up to 20 vendors, all or none."""
    return all_or_nothing(body, BULK_LIMIT, lambda item: create(ctx, item))


@vendors.rule(
    "PATCH merges objects member by member and does not touch the bank account.",
    documented("BILL changelog 2024-09-03 for the bank account; the deep merge is assumed"),
)
@vendors.operation(
    "PATCH",
    "/{vendorId}",
    body=VendorPatch,
    roles=ENTER_BILLS,
    evidence=documented("BILL reference: Update a vendor"),
)
def update(ctx: Ctx, vendor_id: str, body: VendorPatch) -> Vendor:
    """Change some members of a vendor."""
    vendor = ctx.get(vendors, vendor_id)
    if body.auto_pay and body.auto_pay.enabled and not vendor.auto_pay.enabled:
        require_trust(ctx)
    nested = {"address", "payment_information", "additional_info", "auto_pay"}
    new: dict[str, Any] = {name: getattr(body, name) for name in body.given - nested}
    if body.address:
        old = vendor.address
        merged = {
            name: getattr(body.address, name) or getattr(old, name)
            for name in type(body.address).model_fields
        }
        new["address"] = _address(merged)
    if body.payment_information:
        given = body.payment_information.given - {"bank_account"}
        members = {name: getattr(body.payment_information, name) for name in given}
        if "payment_purpose" in members:
            members["payment_purpose"] = _purpose(body.payment_information.payment_purpose)
        new["payment_information"] = changed(vendor.payment_information, **members)
    if body.additional_info:
        members = {name: getattr(body.additional_info, name) for name in body.additional_info.given}
        if "tax_id" in members:
            members["tax_id"] = _masked_tax_id(members["tax_id"])
        new["additional_info"] = changed(vendor.additional_info, **members)
    new["auto_pay"] = _auto_pay(ctx, vendor.auto_pay, body.auto_pay)
    vendor = changed(vendor, **new, updated_time=ctx.record_time)
    vendor = with_bank_account(vendor, vendor.payment_information.bank_account)
    ctx.put(vendors, vendor)
    ctx.emit("vendor.updated", vendor)
    return vendor


@vendors.operation(
    "GET",
    "/{vendorId}/bank-account",
    evidence=documented("BILL reference: Get vendor bank account details"),
)
def get_bank_account(ctx: Ctx, vendor_id: str) -> VendorBankAccount:
    """Get the bank account of a vendor."""
    account = ctx.get(vendors, vendor_id).payment_information.bank_account
    if account is None:
        raise refuse("BDC_1205")
    return account


@vendors.rule(
    "A second bank account for a vendor, or one for a vendor connected or invited in the network,"
    " is BDC_1233.",
    observed(
        "a client met code and text; the text also names international vendors, whom the"
        " reference allows, so they are allowed here"
    ),
)
@vendors.operation(
    "POST",
    "/{vendorId}/bank-account",
    body=BankAccountBody,
    roles=ENTER_BILLS,
    evidence=documented("BILL reference: Create a vendor bank account (answers 200)"),
)
def create_bank_account(ctx: Ctx, vendor_id: str, body: BankAccountBody) -> VendorBankAccount:
    """Give a vendor a bank account."""
    vendor = ctx.get(vendors, vendor_id)
    if (
        vendor.payment_information.bank_account
        or vendor.network_status is not NetworkStatus.NOT_CONNECTED
    ):
        raise refuse("BDC_1233")
    account = _bank_account(ctx, vendor_id, body)
    _store_bank_account(ctx, vendor, account)
    return account


@vendors.rule(
    "Deleting a bank account while a payment to it runs is allowed; the payment goes on.",
    documented("BILL FAQ"),
)
@vendors.operation(
    "DELETE",
    "/{vendorId}/bank-account",
    status=204,
    roles=ENTER_BILLS,
    evidence=documented("BILL reference: Delete a vendor bank account (answers 204)"),
)
def delete_bank_account(ctx: Ctx, vendor_id: str) -> None:
    """Take a vendor's bank account away."""
    vendor = ctx.get(vendors, vendor_id)
    if vendor.payment_information.bank_account is None:
        raise refuse("BDC_1205")
    _store_bank_account(ctx, vendor, None)


def _store_bank_account(ctx: Ctx, vendor: Vendor, account: VendorBankAccount | None) -> None:
    vendor = with_bank_account(changed(vendor, updated_time=ctx.record_time), account)
    ctx.put(vendors, vendor)
    ctx.emit("vendor.updated", vendor)
