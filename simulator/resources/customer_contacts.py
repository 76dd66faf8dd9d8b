"""People at a customer who may see and pay invoices. /v3/customers/{customerId}/contacts"""

from __future__ import annotations

from typing import Any

from simulator.core.body import Body, NotBlank, Text
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented
from simulator.core.ids import ALPHANUMERICS
from simulator.core.listing import BOOLEAN, INSTANT, TEXT, Grammar, ListQuery, filter_field
from simulator.core.resource import Listed, Resource
from simulator.core.roles import MANAGE_RECEIVABLES
from simulator.core.rows import Instant, Row, changed, shape
from simulator.resources.customers import customers


class CustomerContactCreate(Body):
    """A new contact; the email is its own within the customer."""

    first_name: NotBlank
    last_name: Text | None = None
    email: NotBlank
    phone: Text | None = None
    alt_phone: Text | None = None
    alternate_email: Text | None = None


class CustomerContactPatch(Body):
    """The members of a contact that change."""

    first_name: NotBlank | None = None
    last_name: Text | None = None
    email: NotBlank | None = None
    phone: Text | None = None
    alt_phone: Text | None = None
    alternate_email: Text | None = None


@shape
class CustomerContact(Row):
    """A person at a customer."""

    id: str
    archived: bool
    customer_id: str
    first_name: str
    last_name: str | None = None
    email: str
    phone: str | None = None
    alt_phone: str | None = None
    alternate_email: str | None = None
    created_time: Instant
    updated_time: Instant


customer_contacts = Resource(
    "customer_contacts", "/v3/customers/{customerId}/contacts", CustomerContact, prefix="cpu"
)
_SOURCE = documented("BILL reference: customer contacts (2026)")
_OF_CUSTOMER = filter_field("customerId", TEXT, "eq")
_GRAMMAR = Grammar.of(
    filters=(
        filter_field("id", TEXT, "eq ne in"),
        filter_field("archived", BOOLEAN, "eq ne"),
        filter_field("email", TEXT, "eq"),
    ),
    sorts=(
        filter_field("archived", BOOLEAN),
        filter_field("firstName", TEXT),
        filter_field("lastName", TEXT),
        filter_field("createdTime", INSTANT),
        filter_field("updatedTime", INSTANT),
    ),
)


def _of_customer(ctx: Ctx, customer_id: str, contact_id: str) -> CustomerContact:
    ctx.get(customers, customer_id)
    contact = ctx.get(customer_contacts, contact_id)
    if contact.customer_id != customer_id:
        raise refuse("BDC_1205")
    return contact


@customer_contacts.rule(
    "A contact's email is unique within its customer.",
    documented("BILL reference: customer contacts; code and text of the refusal are unknown"),
)
def _check_email(ctx: Ctx, customer_id: str, email: str, own_id: str | None = None) -> None:
    key = _OF_CUSTOMER
    for other in ctx.table(customer_contacts).rows_with(key.name, key.get, customer_id):
        if other.id != own_id and other.email.lower() == email.lower():
            raise refuse("contact.duplicate_email", email=email)


@customer_contacts.operation("GET", "", listing=_GRAMMAR, evidence=_SOURCE)
def list_contacts(ctx: Ctx, customer_id: str, listing: ListQuery) -> Listed:
    """List the contacts of a customer."""
    ctx.get(customers, customer_id)
    own = (_OF_CUSTOMER.equals(customer_id),)
    return customer_contacts.page(ctx, _GRAMMAR, listing, own)


@customer_contacts.operation("GET", "/{contactId}", evidence=_SOURCE)
def get_contact(ctx: Ctx, customer_id: str, contact_id: str) -> CustomerContact:
    """Get a contact of a customer."""
    return _of_customer(ctx, customer_id, contact_id)


@customer_contacts.rule(
    "A new contact gets a web login with its email and a random password.",
    documented("BILL reference: customer contacts"),
)
@customer_contacts.operation(
    "POST",
    "",
    status=201,
    body=CustomerContactCreate,
    roles=MANAGE_RECEIVABLES,
    evidence=_SOURCE,
)
def create(ctx: Ctx, customer_id: str, body: CustomerContactCreate) -> CustomerContact:
    """Add a contact to a customer."""
    ctx.get(customers, customer_id)
    _check_email(ctx, customer_id, body.email)
    now = ctx.record_time
    contact = CustomerContact(
        id=ctx.new_id(customer_contacts.prefix),
        archived=False,
        customer_id=customer_id,
        first_name=body.first_name,
        last_name=body.last_name,
        email=body.email,
        phone=body.phone,
        alt_phone=body.alt_phone,
        alternate_email=body.alternate_email,
        created_time=now,
        updated_time=now,
    )
    password = ctx.word("contact-password", 12, ALPHANUMERICS)
    ctx.send("email", body.email, f"Your BILL sign-in is ready. Password: {password}")
    return ctx.put(customer_contacts, contact)


@customer_contacts.operation(
    "PATCH",
    "/{contactId}",
    body=CustomerContactPatch,
    roles=MANAGE_RECEIVABLES,
    evidence=_SOURCE,
)
def update(
    ctx: Ctx, customer_id: str, contact_id: str, body: CustomerContactPatch
) -> CustomerContact:
    """Change some members of a contact."""
    contact = _of_customer(ctx, customer_id, contact_id)
    if body.email is not None:
        _check_email(ctx, customer_id, body.email, contact_id)
    given: dict[str, Any] = {name: getattr(body, name) for name in body.given}
    return ctx.put(customer_contacts, changed(contact, **given, updated_time=ctx.record_time))


def _switch(ctx: Ctx, customer_id: str, contact_id: str, archived: bool) -> CustomerContact:
    contact = _of_customer(ctx, customer_id, contact_id)
    if contact.archived is archived:
        return contact
    return ctx.put(
        customer_contacts, changed(contact, archived=archived, updated_time=ctx.record_time)
    )


@customer_contacts.rule(
    "Archiving and restoring again changes nothing.", assumed("as everywhere else in BILL")
)
@customer_contacts.operation(
    "POST", "/{contactId}/archive", roles=MANAGE_RECEIVABLES, evidence=_SOURCE
)
def archive(ctx: Ctx, customer_id: str, contact_id: str) -> CustomerContact:
    """Archive a contact."""
    return _switch(ctx, customer_id, contact_id, True)


@customer_contacts.operation(
    "POST", "/{contactId}/restore", roles=MANAGE_RECEIVABLES, evidence=_SOURCE
)
def restore(ctx: Ctx, customer_id: str, contact_id: str) -> CustomerContact:
    """Restore an archived contact."""
    return _switch(ctx, customer_id, contact_id, False)
