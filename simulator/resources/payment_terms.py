"""Payment terms of an organization. /v3/organizations/{organizationId}/payment-terms"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from simulator.core.body import Body, NotBlank
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import documented
from simulator.core.listing import INSTANT, TEXT, Grammar, ListQuery, filter_field
from simulator.core.resource import Listed, Resource
from simulator.core.roles import MANAGE_LISTS
from simulator.core.rows import Instant, Row, changed, shape

DaysDue = Annotated[int, Field(ge=0, le=999)]


class TermCreate(Body):
    """A new term; its days are its own within the organization."""

    name: NotBlank
    days_due: DaysDue


class TermPatch(Body):
    """The members of a term that change."""

    name: NotBlank | None = None
    days_due: DaysDue | None = None


@shape
class PaymentTerm(Row):
    """How many days a debtor has."""

    id: str
    name: str
    days_due: int
    created_time: Instant
    updated_time: Instant


payment_terms = Resource(
    "payment_terms",
    "/v3/organizations/{organizationId}/payment-terms",
    PaymentTerm,
    prefix="00p",
)
_SOURCE = documented("BILL reference: payment terms (2026)")
_GRAMMAR = Grammar.of(
    filters=(filter_field("id", TEXT, "eq ne in"), filter_field("name", TEXT, "eq sw")),
    sorts=(
        filter_field("name", TEXT),
        filter_field("createdTime", INSTANT),
        filter_field("updatedTime", INSTANT),
    ),
)


def _check(
    ctx: Ctx, organization_id: str, days: int | None = None, own_id: str | None = None
) -> None:
    if organization_id != ctx.organization_id:
        raise refuse("BDC_1205")
    for other in ctx.table(payment_terms):
        if other.days_due == days and other.id != own_id:
            raise refuse("term.duplicate", days=days)


@payment_terms.operation("GET", "", listing=_GRAMMAR, evidence=_SOURCE)
def list_terms(ctx: Ctx, organization_id: str, listing: ListQuery) -> Listed:
    """List the payment terms."""
    _check(ctx, organization_id)
    return payment_terms.page(ctx, _GRAMMAR, listing)


@payment_terms.rule(
    "Two terms of an organization cannot have the same daysDue.",
    documented("BILL reference: payment terms (2026); code unknown"),
)
@payment_terms.operation(
    "POST", "", status=201, body=TermCreate, roles=MANAGE_LISTS, evidence=_SOURCE
)
def create(ctx: Ctx, organization_id: str, body: TermCreate) -> PaymentTerm:
    """Create a payment term."""
    _check(ctx, organization_id, body.days_due)
    now = ctx.record_time
    return ctx.put(
        payment_terms,
        PaymentTerm(
            id=ctx.new_id(payment_terms.prefix),
            name=body.name,
            days_due=body.days_due,
            created_time=now,
            updated_time=now,
        ),
    )


@payment_terms.operation("GET", "/{paymentTermId}", evidence=_SOURCE)
def get_term(ctx: Ctx, organization_id: str, term_id: str) -> PaymentTerm:
    """Get a payment term."""
    _check(ctx, organization_id)
    return ctx.get(payment_terms, term_id)


@payment_terms.operation(
    "PATCH", "/{paymentTermId}", body=TermPatch, roles=MANAGE_LISTS, evidence=_SOURCE
)
def update(ctx: Ctx, organization_id: str, term_id: str, body: TermPatch) -> PaymentTerm:
    """Change some members of a payment term."""
    _check(ctx, organization_id)
    old = ctx.get(payment_terms, term_id)
    _check(ctx, organization_id, body.days_due, term_id)
    given: dict[str, Any] = {name: getattr(body, name) for name in body.given}
    return ctx.put(payment_terms, changed(old, **given, updated_time=ctx.record_time))
