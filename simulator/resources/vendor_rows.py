"""The shape of a vendor and of the bodies that make it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from simulator.core.body import Amount, Body, Country, Currency, NotBlank, Text
from simulator.core.context import Ctx
from simulator.core.joins import Join
from simulator.core.money import Money
from simulator.core.resource import Resource
from simulator.core.rows import Hidden, Instant, Row, Shape, changed, shape
from simulator.resources.addresses import Address, AddressBody, AddressPatch
from simulator.resources.bank_accounts import BankStatus
from simulator.resources.vendor_balances import VendorBalance, vendor_balances


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
    routing_number: Text | None = None
    type: BankAccountType | None = None
    owner_type: OwnerType | None = None
    regulatory_fields: list[RegulatoryFieldBody] | None = None
    payment_currency: Currency | None = None


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


class PaymentInformationPatch(Body):
    """How to pay a vendor; its bank account has calls of its own (BILL changelog 2024-09-03)."""

    payee_name: Annotated[Text, Field(max_length=100)] | None = None
    email: Text | None = None
    bank_country: Country | None = None
    payment_currency: Currency | None = None
    payment_purpose: PurposeBody | None = None


class VendorPatch(Body):
    """The members of a vendor that change."""

    name: Annotated[NotBlank, Field(max_length=100)] | None = None
    short_name: Annotated[Text, Field(max_length=40)] | None = None
    account_number: Text | None = None
    account_type: AccountType | None = None
    email: Text | None = None
    phone: Text | None = None
    address: AddressPatch | None = None
    payment_information: PaymentInformationPatch | None = None
    additional_info: AdditionalInfoBody | None = None
    bill_currency: Currency | None = None
    auto_pay: AutoPayBody | None = None


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
    status: BankStatus | None = None
    created: Annotated[datetime, Hidden]
    # How far BILL's check is, whether the status is answered or not.
    standing: Annotated[BankStatus, Hidden] = BankStatus.VERIFIED
    # The vendor's own account, known through the BILL network.
    linked: Annotated[bool, Hidden] = False


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
    # Webhooks tell it unmasked.
    whole_tax_id: Annotated[str | None, Hidden] = None
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
    # The id in the BILL network; webhooks tell it, the shape of the API has no such member.
    payment_network_id: Annotated[str | None, Hidden] = None

    @property
    def domestic(self) -> bool:
        """A vendor in the United States whose bills are in dollars."""
        return self.address.country == "US" and self.bill_currency == "USD"


def _balance(ctx: Ctx, vendor: Vendor) -> VendorBalance | None:
    return ctx.find(vendor_balances, vendor.id)


def with_balance(ctx: Ctx, vendor: Vendor) -> Vendor:
    """`vendor` with what is open to it now."""
    balance = _balance(ctx, vendor)
    return changed(
        vendor,
        balance=Balance(
            amount=balance.amount if balance else Decimal(0),
            last_updated_date=balance.updated if balance else vendor.created_time,
        ),
    )


vendors = Resource(
    "vendors", "/v3/vendors", Vendor, prefix="009", join=Join(_balance, with_balance)
)
