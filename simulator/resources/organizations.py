"""Organizations: the companies of a world. /v3/organizations"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from simulator.core.body import Body, Day, NotBlank, Text, invalid
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented
from simulator.core.money import Money
from simulator.core.resource import Resource
from simulator.core.roles import ADMINISTRATORS
from simulator.core.rows import Answer, Hidden, Instant, Row, Shape, changed, shape
from simulator.resources.addresses import Address, AddressBody, AddressPatch, address


class TaxIdType(StrEnum):
    """The kind of a tax id."""

    EIN = "EIN"
    SSN = "SSN"
    UNDEFINED = "UNDEFINED"


class BusinessCategory(StrEnum):
    """The legal form; BILL's collection shows four, more exist."""

    LLC = "LLC"
    INDIVIDUAL = "INDIVIDUAL"
    CORPORATION = "CORPORATION"
    PARTNERSHIP = "PARTNERSHIP"
    NON_PROFIT = "NON_PROFIT"
    UNKNOWN = "UNKNOWN"
    UNDEFINED = "UNDEFINED"


class OrganizationType(StrEnum):
    """Whether a company or a person."""

    BUSINESS = "BUSINESS"
    EMPLOYEE_OR_INDIVIDUAL = "EMPLOYEE_OR_INDIVIDUAL"
    UNDEFINED = "UNDEFINED"


class PlanType(StrEnum):
    """The names of a partner's price plans."""

    PRICE_PLAN_1 = "PricePlan1"
    PRICE_PLAN_2 = "PricePlan2"
    PRICE_PLAN_3 = "PricePlan3"
    PRICE_PLAN_4 = "PricePlan4"
    PRICE_PLAN_5 = "PricePlan5"


@cache
def industries() -> tuple[str, ...]:
    """The values of `industry`; BILL's own list is longer."""
    text = files("simulator").joinpath("data", "industries.txt").read_text("utf-8")
    return tuple(text.splitlines())


def _industry(value: str) -> str:
    if value not in industries():
        raise invalid()
    return value


Industry = Annotated[Text, Field(max_length=500), AfterValidator(_industry)]


class OwnerBody(Body):
    """Who owns the company."""

    name: Text | None = None
    date_of_birth: Day | None = None


class ProcessingBody(Body):
    """How addresses and transfers are used."""

    mailing_address_same_as_physical: bool | None = None
    individual_transfer_out: bool | None = None
    individual_transfer_in: bool | None = None


class _OrganizationBody(Body):
    phone: Text | None = None
    company_owner: OwnerBody | None = None
    tax_id: Text | None = None
    tax_id_type: TaxIdType | None = None
    industry: Industry | None = None
    business_category: BusinessCategory | None = None
    account_type: OrganizationType | None = None
    processing_options: ProcessingBody | None = None


class OrganizationPatch(_OrganizationBody):
    """The members of an organization that change."""

    name: Annotated[NotBlank, Field(max_length=100)] | None = None
    address: AddressPatch | None = None
    mailing_address: AddressPatch | None = None


class OrganizationCreate(_OrganizationBody):
    """A new organization of a partner: name and address are required."""

    name: Annotated[NotBlank, Field(max_length=100)]
    address: AddressBody
    mailing_address: AddressBody | None = None


@shape
class CompanyOwner(Shape):
    """Who owns the company."""

    name: str | None = None
    date_of_birth: date | None = None


@shape
class ProcessingOptions(Shape):
    """How addresses and transfers are used."""

    mailing_address_same_as_physical: bool | None = None
    individual_transfer_out: bool | None = None
    individual_transfer_in: bool | None = None


@shape
class Organization(Row):
    """A company that signs in to BILL."""

    id: str
    archived: bool
    name: str
    address: Address | None = None
    mailing_address: Address | None = None
    phone: str | None = None
    company_owner: CompanyOwner | None = None
    tax_id: str | None = None
    tax_id_type: TaxIdType | None = None
    industry: str | None = None
    business_category: BusinessCategory | None = None
    account_type: OrganizationType | None = None
    processing_options: ProcessingOptions | None = None
    partner_name: str | None = None
    created_time: Instant
    updated_time: Instant
    plan: Annotated[PlanType, Hidden] = PlanType.PRICE_PLAN_1


@shape
class IndustriesAnswer(Answer):
    """The values of `industry`."""

    results: tuple[str, ...]


@shape
class PlanTerm(Shape):
    """A charge of a price plan. `price` in dollars."""

    type: str
    name: str
    tier: int | None = None
    quantity: int | None = None
    price: Money


@shape
class PricePlan(Answer):
    """What BILL charges. `monthly_price` in dollars."""

    id: str
    name: str
    monthly_price: Money
    allow_trial: bool
    price_varies_per_user: bool
    plan_terms: tuple[PlanTerm, ...]


organizations = Resource(
    "organizations", "/v3/organizations", Organization, prefix="008", shared=True
)


def found(ctx: Ctx, body: OrganizationCreate, partner_name: str | None = None) -> Organization:
    """Make an organization."""
    now = ctx.record_time
    empty = Organization(
        id=ctx.new_id(organizations.prefix),
        archived=False,
        name=body.name,
        created_time=now,
        updated_time=now,
    )
    return ctx.put(organizations, changed(_edited(empty, body), partner_name=partner_name))


def _edited(old: Organization, body: OrganizationPatch | OrganizationCreate) -> Organization:
    nested = {"address", "mailing_address", "company_owner", "processing_options", "tax_id"}
    new: dict[str, Any] = {name: getattr(body, name) for name in body.given - nested}
    if body.address:
        new["address"] = address(body.address, old.address)
    if body.mailing_address:
        new["mailing_address"] = address(body.mailing_address, old.mailing_address)
    if body.company_owner:
        owner = {name: getattr(body.company_owner, name) for name in body.company_owner.given}
        new["company_owner"] = changed(old.company_owner or CompanyOwner(), **owner)
    if body.processing_options:
        given = body.processing_options.given
        options = {name: getattr(body.processing_options, name) for name in given}
        kept = old.processing_options or ProcessingOptions()
        new["processing_options"] = changed(kept, **options)
    if body.tax_id:
        # Assumed: BILL answers tax ids masked, as it does account numbers.
        new["tax_id"] = "*" * max(len(body.tax_id) - 4, 0) + body.tax_id[-4:]
    return changed(old, **new)


def _own(ctx: Ctx, organization_id: str) -> Organization:
    if organization_id != ctx.organization_id:
        raise refuse("BDC_1205")
    return ctx.get(organizations, organization_id)


@organizations.operation(
    "GET",
    "/industries",
    evidence=documented("BILL reference: Get list of industries"),
)
def list_industries(ctx: Ctx) -> IndustriesAnswer:
    """List the values of `industry`."""
    return IndustriesAnswer(results=industries())


@organizations.rule(
    "An organization sees no other one: its id is BDC_1205.",
    assumed("as for every other record of another organization"),
)
@organizations.operation(
    "GET",
    "/{organizationId}",
    roles=ADMINISTRATORS,
    evidence=documented("BILL reference: Get organization details (Administrator only)"),
)
def get_organization(ctx: Ctx, organization_id: str) -> Organization:
    """Get the signed-in user's organization."""
    return _own(ctx, organization_id)


@organizations.operation(
    "PATCH",
    "/{organizationId}",
    body=OrganizationPatch,
    roles=ADMINISTRATORS,
    evidence=documented("BILL reference: Update an organization (Administrator only)"),
)
def update(ctx: Ctx, organization_id: str, body: OrganizationPatch) -> Organization:
    """Change some members of the signed-in user's organization."""
    old = _own(ctx, organization_id)
    return ctx.put(organizations, changed(_edited(old, body), updated_time=ctx.record_time))


organizations.rule(
    "Price plans differ in their names alone; an organization has PricePlan1 unless its partner"
    " changed it.",
    assumed("the shape and the names are BILL's, the contents of a plan are not published"),
)
_PLAN = PricePlan(
    id="00000000000000000001",
    name=PlanType.PRICE_PLAN_1,
    monthly_price=Decimal("45.00"),
    allow_trial=True,
    price_varies_per_user=True,
    plan_terms=(
        PlanTerm(type="USER", name="First users", tier=1, quantity=5, price=Decimal("10.00")),
        PlanTerm(type="USER", name="Further users", price=Decimal("8.00")),
    ),
)


@organizations.operation(
    "GET",
    "/{organizationId}/price-plan",
    roles=ADMINISTRATORS,
    evidence=documented("BILL reference: Get organization price plan (Administrator only)"),
)
def price_plan(ctx: Ctx, organization_id: str) -> PricePlan:
    """Get what BILL charges the signed-in user's organization."""
    return changed(_PLAN, name=_own(ctx, organization_id).plan)
