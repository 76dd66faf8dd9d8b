"""What a country's payment rules ask for. /v3/vendors/…/configuration

BILL publishes the shape and one sample; the rules of each country are its own
compliance data. Here a few countries have rules as banks publish them, the
others have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from simulator.core.body import Body, Country, Currency
from simulator.core.context import Ctx
from simulator.core.evidence import assumed, documented
from simulator.core.resource import Resource
from simulator.core.rows import Answer, Shape, shape
from simulator.resources.vendor_rows import Vendor, vendors


class ConfiguredType(StrEnum):
    """The account types that BILL's collection lists for the query: not UNDEFINED."""

    BUSINESS = "BUSINESS"
    PERSON = "PERSON"
    NONE = "NONE"


class ConfigurationQuery(Body):
    """For what kind of vendor."""

    country: Country
    bill_currency: Currency
    account_type: ConfiguredType


@shape
class CodeShape(Shape):
    """A purpose of payment and its code."""

    name: str
    value: str


@shape
class PurposeRule(Shape):
    """Whether a purpose of payment is asked for."""

    required: bool
    type: str | None = None
    codes: tuple[CodeShape, ...] = ()


@shape
class FieldRule(Shape):
    """A regulatory field and the form of its value."""

    name: str
    description: str
    regular_expression: str
    required: bool


@shape
class Validations(Shape):
    """The regulatory fields of a country."""

    fields: tuple[FieldRule, ...]


@shape
class Configuration(Answer):
    """What a vendor's country and currency ask for."""

    payment_purpose: PurposeRule
    validations: Validations


@shape
class VendorConfiguration(Answer):
    """The same for an existing vendor."""

    international_payments: Configuration


international_payments = Resource("international_payments", "/v3/vendors", Vendor)

_SERVICES = CodeShape(name="Payment for services", value="SERVICES")
_GOODS = CodeShape(name="Payment for goods", value="GOODS")
_CODED = PurposeRule(required=True, type="CODE", codes=(_GOODS, _SERVICES))
_NO_PURPOSE = PurposeRule(required=False)

_FIELDS: Mapping[str, FieldRule] = MappingProxyType(
    {
        "IN": FieldRule(
            name="ifsc",
            description="Indian Financial System Code of the branch",
            regular_expression="^[A-Z]{4}0[A-Z0-9]{6}$",
            required=True,
        ),
        "MX": FieldRule(
            name="clabe",
            description="Standardized bank code of 18 digits",
            regular_expression="^[0-9]{18}$",
            required=True,
        ),
        "AU": FieldRule(
            name="bsb",
            description="Bank-State-Branch number",
            regular_expression="^[0-9]{6}$",
            required=True,
        ),
        "GB": FieldRule(
            name="sortCode",
            description="Sort code of the branch",
            regular_expression="^[0-9]{6}$",
            required=True,
        ),
    }
)
_PURPOSE_COUNTRIES = frozenset({"AE", "BH", "CN", "IN", "JO", "MY", "PH"})


@international_payments.rule(
    "India, Mexico, Australia and the United Kingdom have one regulatory field; seven countries ask"
    " for a purpose of payment; all others ask for nothing.",
    assumed("BILL's rules per country are not published; these are common banking rules"),
)
def _configuration(country: str) -> Configuration:
    field = _FIELDS.get(country)
    return Configuration(
        payment_purpose=_CODED if country in _PURPOSE_COUNTRIES else _NO_PURPOSE,
        validations=Validations(fields=(field,) if field else ()),
    )


@international_payments.operation(
    "GET",
    "/configuration/international-payments",
    query=ConfigurationQuery,
    evidence=documented("BILL reference: Get international payments configuration"),
)
def before_creation(ctx: Ctx, query: ConfigurationQuery) -> Configuration:
    """Get what a kind of international vendor must give."""
    return _configuration(query.country)


@international_payments.operation(
    "GET",
    "/{vendorId}/configuration",
    evidence=documented("BILL reference: Get vendor configuration"),
)
def of_vendor(ctx: Ctx, vendor_id: str) -> VendorConfiguration:
    """Get what an existing international vendor must give."""
    country = ctx.get(vendors, vendor_id).address.country or "US"
    return VendorConfiguration(international_payments=_configuration(country))
