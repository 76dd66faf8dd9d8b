"""Customers: who owes an organization, and how to reach them. /v3/customers"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from simulator.core.body import Body, Currency, NotBlank, Text
from simulator.core.context import Ctx
from simulator.core.evidence import assumed, documented
from simulator.core.listing import BOOLEAN, INSTANT, TEXT, enumeration, filter_field
from simulator.core.money import ZERO, Money
from simulator.core.resource import Resource
from simulator.core.roles import MANAGE_RECEIVABLES
from simulator.core.rows import Answer, Hidden, Instant, Row, Shape, changed, shape
from simulator.resources.addresses import Address, AddressBody, AddressPatch, address, merged


class CustomerType(StrEnum):
    """What a customer is."""

    BUSINESS = "BUSINESS"
    PERSON = "PERSON"
    NONE = "NONE"


class ContactBody(Body):
    """The person to talk to."""

    first_name: Text | None = None
    last_name: Text | None = None


Name = Annotated[NotBlank, Field(max_length=100)]


class CustomerCreate(Body):
    """A new customer: name and email are required."""

    name: Name
    email: NotBlank
    company_name: Text | None = None
    contact: ContactBody | None = None
    phone: Text | None = None
    fax: Text | None = None
    description: Text | None = None
    invoice_currency: Currency | None = None
    account_type: CustomerType | None = None
    payment_term_id: Text | None = None
    account_number: Text | None = None
    billing_address: AddressBody | None = None
    shipping_address: AddressBody | None = None


class CustomerPatch(Body):
    """The members of a customer that change."""

    name: Name | None = None
    email: NotBlank | None = None
    company_name: Text | None = None
    contact: ContactBody | None = None
    phone: Text | None = None
    fax: Text | None = None
    description: Text | None = None
    invoice_currency: Currency | None = None
    account_type: CustomerType | None = None
    payment_term_id: Text | None = None
    account_number: Text | None = None
    billing_address: AddressPatch | None = None
    shipping_address: AddressPatch | None = None


class AuthorizationBody(Body):
    """Whether the biller holds the customer's authorization to charge."""

    authorized_to_charge: bool


@shape
class Contact(Shape):
    """The person to talk to."""

    first_name: str | None = None
    last_name: str | None = None


@shape
class CustomerBalance(Shape):
    """What a customer owes, less what it has paid too much, in its currency."""

    amount: Money


@shape
class Customer(Row):
    """Someone who owes an organization."""

    email: str
    name: str
    id: str
    archived: bool
    company_name: str | None = None
    contact: Contact | None = None
    phone: str | None = None
    fax: str | None = None
    description: str | None = None
    invoice_currency: str
    account_type: CustomerType
    payment_term_id: str | None = None
    account_number: str | None = None
    billing_address: Address | None = None
    shipping_address: Address | None = None
    balance: CustomerBalance
    authorized_to_charge: bool | None = None
    created_time: Instant
    updated_time: Instant
    may_be_charged: Annotated[bool, Hidden] = False
    # Money received that stands on no invoice yet.
    unapplied: Annotated[Decimal, Hidden] = ZERO


@shape
class AuthorizationAnswer(Answer):
    """The authorization as it stands now."""

    authorized_to_charge: bool


customers = Resource("customers", "/v3/customers", Customer, prefix="0cu")

_TIME_OPS = "gt gte lt lte"
customers.listed(
    filters=(
        filter_field("id", TEXT, "eq ne in"),
        filter_field("archived", BOOLEAN, "eq ne"),
        filter_field("name", TEXT, "eq sw"),
        filter_field("accountType", enumeration(CustomerType), "eq ne in nin"),
        filter_field(
            "address.country",
            TEXT,
            "eq ne",
            lambda customer: getattr(customer.billing_address, "country", None),
        ),
        filter_field("invoiceCurrency", TEXT, "eq ne in nin"),
        # BILL's page lists the field, but customers have none: no row matches.
        filter_field("paymentStatus", TEXT, "eq ne in nin", lambda customer: None),
        filter_field("createdTime", INSTANT, _TIME_OPS),
        filter_field("updatedTime", INSTANT, _TIME_OPS),
    ),
    sorts=(
        filter_field("archived", BOOLEAN),
        filter_field("name", TEXT),
        filter_field("companyName", TEXT),
        filter_field("email", TEXT),
        filter_field("phone", TEXT),
        filter_field("fax", TEXT),
        filter_field("description", TEXT),
        filter_field("invoiceCurrency", TEXT),
        filter_field("createdTime", INSTANT),
        filter_field("updatedTime", INSTANT),
    ),
    evidence=documented("BILL guide: Filterable fields, Sortable fields"),
)
customers.retrieve("customerId", evidence=documented("BILL reference: Get customer details"))
customers.archive_restore("customerId", roles=MANAGE_RECEIVABLES)


@customers.operation(
    "POST",
    "",
    status=201,
    body=CustomerCreate,
    roles=MANAGE_RECEIVABLES,
    evidence=documented("BILL guide: Customers; email is required by observation as well"),
)
def create(ctx: Ctx, body: CustomerCreate) -> Customer:
    """Create a customer."""
    now = ctx.record_time
    return ctx.put(
        customers,
        Customer(
            email=body.email,
            name=body.name,
            id=ctx.new_id(customers.prefix),
            archived=False,
            company_name=body.company_name,
            contact=_contact(body.contact, None),
            phone=body.phone,
            fax=body.fax,
            description=body.description,
            invoice_currency=body.invoice_currency or "USD",
            account_type=body.account_type or CustomerType.NONE,
            payment_term_id=body.payment_term_id,
            account_number=body.account_number,
            billing_address=address(body.billing_address) if body.billing_address else None,
            shipping_address=address(body.shipping_address) if body.shipping_address else None,
            balance=CustomerBalance(amount=ZERO),
            authorized_to_charge=False if ctx.behaviour.newer_fields else None,
            created_time=now,
            updated_time=now,
        ),
    )


def _contact(body: ContactBody | None, old: Contact | None) -> Contact | None:
    if body is None or not body.given:
        return old
    return changed(old or Contact(), **{name: getattr(body, name) for name in body.given})


@customers.rule(
    "PATCH merges objects member by member; an address that was not there must be whole.",
    assumed("BILL's sample for organizations patches one member of an address"),
)
@customers.operation(
    "PATCH",
    "/{customerId}",
    body=CustomerPatch,
    roles=MANAGE_RECEIVABLES,
    evidence=documented("BILL reference: Update a customer"),
)
def update(ctx: Ctx, customer_id: str, body: CustomerPatch) -> Customer:
    """Change some members of a customer."""
    customer = ctx.get(customers, customer_id)
    nested = {"contact", "billing_address", "shipping_address"}
    new: dict[str, Any] = {name: getattr(body, name) for name in body.given - nested}
    new["contact"] = _contact(body.contact, customer.contact)
    if body.billing_address:
        old = customer.billing_address
        new["billing_address"] = merged(body.billing_address, old, "billingAddress")
    if body.shipping_address:
        old = customer.shipping_address
        new["shipping_address"] = merged(body.shipping_address, old, "shippingAddress")
    return ctx.put(customers, changed(customer, **new, updated_time=ctx.record_time))


@customers.rule(
    "A customer may be charged once the biller attests its authorization; false revokes it.",
    documented("BILL guide: Charge a customer; revoking and the answer's shape are assumed"),
)
@customers.operation(
    "POST",
    "/{customerId}/charge-authorization",
    body=AuthorizationBody,
    roles=MANAGE_RECEIVABLES,
    evidence=documented("BILL reference: Authorize to charge a customer (2025-12)"),
)
def authorize_charge(ctx: Ctx, customer_id: str, body: AuthorizationBody) -> AuthorizationAnswer:
    """Attest, or revoke, the authorization to charge a customer."""
    customer = ctx.get(customers, customer_id)
    shown = body.authorized_to_charge if ctx.behaviour.newer_fields else None
    ctx.put(
        customers,
        changed(
            customer,
            may_be_charged=body.authorized_to_charge,
            authorized_to_charge=shown,
            updated_time=ctx.record_time,
        ),
    )
    return AuthorizationAnswer(authorized_to_charge=body.authorized_to_charge)


@customers.rule(
    "A customer's balance is what is due on its invoices that are not archived, less what it has"
    " paid too much.",
    assumed("BILL's guides call an overpayment a customer balance; the sign is not told"),
)
def add_to_balance(
    ctx: Ctx, customer_id: str, due: Decimal = ZERO, unapplied: Decimal = ZERO
) -> None:
    """Add to what a customer owes and to what it has paid too much; both may be negative."""
    if not due and not unapplied:
        return
    customer = ctx.get(customers, customer_id)
    amount = customer.balance.amount + due - unapplied
    ctx.put(
        customers,
        changed(
            customer,
            balance=CustomerBalance(amount=amount),
            unapplied=customer.unapplied + unapplied,
        ),
    )
