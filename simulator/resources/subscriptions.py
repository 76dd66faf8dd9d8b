"""Subscriptions to webhooks. /connect-events/v3/subscriptions

The webhook service stands apart from BILL's other calls: UUIDs for ids, 200 for
every success, refusals without codes of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from operator import attrgetter
from typing import Any
from urllib.parse import urlsplit

from simulator.core.addresses import is_near
from simulator.core.context import Ctx
from simulator.core.errors import Refusal, refuse
from simulator.core.evidence import assumed, documented
from simulator.core.listing import TEXT, Grammar, ListQuery, filter_field
from simulator.core.notices import VERSION
from simulator.core.resource import Access, Listed
from simulator.core.rows import Answer, changed, encoded
from simulator.resources.organizations import organizations
from simulator.resources.sessions import SessionKind, current
from simulator.resources.subscription_rows import (
    EventBody,
    KeyedCall,
    NewSubscription,
    Owner,
    SecurityKey,
    SubscribedEvent,
    Subscription,
    SubscriptionCreate,
    SubscriptionPatch,
    SubscriptionStatus,
    keyed_calls,
    subscriptions,
)

# BILL changelog 2026-04-30.
MOST_SUBSCRIPTIONS = 10

# How long BILL keeps an idempotent key is not told; a day is usual.
KEY_LIFE = timedelta(hours=24)
# A client that rotates keys without end must not grow memory for ever.
_MOST_KEYS = 10_000

# What may stand in a URL; `urlsplit` leaves out line breaks and tabs without a word.
_URL = re.compile("[!-~]+")

_GRAMMAR = Grammar()
_OWNER = filter_field("owner", TEXT, "eq")
_REFERENCE = documented("BILL reference: webhook subscriptions")


def owner_of(ctx: Ctx) -> str:
    """Whose subscriptions the caller sees: the session's organization or an `Owner`."""
    if ctx.session is None:
        return Owner.SPEND
    session = current(ctx)
    return Owner.PARTNER if session.kind is SessionKind.PARTNER else session.organization_id


def get_own(ctx: Ctx, subscription_id: str) -> Subscription:
    """A subscription of the caller. Refuses any other id with 404."""
    found = ctx.find(subscriptions, subscription_id)
    if found is None or found.owner != owner_of(ctx):
        raise refuse("subscription.unknown")
    return found


@subscriptions.rule(
    "An organization's subscriptions tell its own events; a partner's those of every"
    " organization made under its appKey; those made with an apiToken Spend & Expense's alone.",
    documented("BILL docs, Webhook API general rules"),
)
def interested(ctx: Ctx, event_type: str) -> list[Subscription]:
    """The enabled subscriptions to an event of the organization of `ctx`."""
    table = ctx.table(subscriptions)
    if not len(table):
        return []
    # Spend & Expense has no records here, of which something could be told.
    organization = ctx.find(organizations, ctx.organization_id)
    owners = [ctx.organization_id]
    if organization and organization.partner_name is not None:
        owners.append(Owner.PARTNER)
    found = (one for owner in owners for one in _owned(ctx, owner))
    return [one for one in found if one.status.enabled and event_type in one.types]


def _owned(ctx: Ctx, owner: str) -> list[Subscription]:
    return ctx.table(subscriptions).rows_with("owner", attrgetter("owner"), owner)


@subscriptions.rule(
    "A repeated X-Idempotent-Key gets the first answer again for 24 hours, whatever the body.",
    documented("BILL docs, Webhook API general rules; the time to live is assumed"),
)
def _once(ctx: Ctx, key: str, purpose: str, answer: Callable[[], Answer]) -> Answer:
    calls = ctx.table(keyed_calls)
    while len(calls) and (
        (oldest := next(iter(calls))).time + KEY_LIFE <= ctx.now or len(calls) >= _MOST_KEYS
    ):
        ctx.drop(keyed_calls, oldest.id)
    call_id = f"{owner_of(ctx)}|{purpose}|{key.lower()}"
    known = calls.find(call_id)
    if known:
        return encoded(known.answer.encode())
    new = answer()
    ctx.put(keyed_calls, KeyedCall(id=call_id, time=ctx.now, answer=new.wire().decode()))
    return new


@subscriptions.operation("GET", "", listing=_GRAMMAR, access=Access.EVENTS, evidence=_REFERENCE)
def list_subscriptions(ctx: Ctx, query: ListQuery) -> Listed:
    """List subscriptions, in one direction."""
    page = subscriptions.page(ctx, _GRAMMAR, query, (_OWNER.equals(owner_of(ctx)),))
    return Listed(page.rows, page.next_page, None)


@subscriptions.operation(
    "POST",
    "",
    body=SubscriptionCreate,
    access=Access.EVENTS,
    idempotent=True,
    answers=NewSubscription,
    evidence=documented("BILL reference: Create a subscription; the answer is 200"),
)
def create(ctx: Ctx, key: str, body: SubscriptionCreate) -> Answer:
    """Subscribe; the answer shows the securityKey, this once."""
    return _once(ctx, key, "create", lambda: _create(ctx, body))


def _create(ctx: Ctx, body: SubscriptionCreate) -> Answer:
    owner = owner_of(ctx)
    if len(_owned(ctx, owner)) >= MOST_SUBSCRIPTIONS:
        raise refuse("subscription.too_many", limit=MOST_SUBSCRIPTIONS)
    made = _checked(
        ctx,
        Subscription(
            id=ctx.new_uuid("subscription"),
            name=body.name,
            organization_id=ctx.organization_id or None,
            status=SubscriptionStatus(enabled=body.status.enabled),
            events=_events(body.events),
            notification_url=body.notification_url,
            created_time=ctx.record_time,
            updated_time=ctx.record_time,
            owner=owner,
            security_key=_new_key(ctx),
        ),
    )
    ctx.put(subscriptions, made)
    return NewSubscription(
        id=made.id,
        name=made.name,
        organization_id=made.organization_id,
        status=made.status,
        events=made.events,
        notification_url=made.notification_url,
        created_time=made.created_time,
        updated_time=made.updated_time,
        security_key=made.security_key,
    )


def _new_key(ctx: Ctx) -> str:
    return ctx.word("security key", 40)


def _events(given: list[EventBody]) -> tuple[SubscribedEvent, ...]:
    named = dict.fromkeys((event.type, event.version) for event in given)
    return tuple(SubscribedEvent(type=kind, version=version) for kind, version in named)


@subscriptions.rule(
    "Events stand in the catalog, in version 1; the URL is HTTPS but for receivers on this"
    " machine or in a private network; no two subscriptions have the same events and URL.",
    documented("BILL docs, Webhook API general rules; changelog 2026-04-30; the exception is ours"),
)
def _checked(ctx: Ctx, wanted: Subscription) -> Subscription:
    for index, event in enumerate(wanted.events):
        if event.type not in ctx.world.notices:
            raise refuse("field.invalid", field=f"events[{index}].type")
        if event.version != VERSION:
            raise refuse("field.invalid", field=f"events[{index}].version")
    _check_url(wanted.notification_url)
    for other in _owned(ctx, wanted.owner):
        if other.id != wanted.id and (other.types, other.notification_url) == (
            wanted.types,
            wanted.notification_url,
        ):
            raise refuse("subscription.duplicate")
    return wanted


def _check_url(text: str) -> None:
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError:
        raise _invalid_url() from None
    plain = url.scheme == "http" and host is not None and _is_near(host)
    if not (host and (url.scheme == "https" or plain) and _URL.fullmatch(text)):
        raise _invalid_url()


def _invalid_url() -> Refusal:
    return refuse("field.invalid", field="notificationUrl")


def _is_near(host: str) -> bool:
    """Whether a host is named as one of this machine or of a private network."""
    try:
        return is_near(host)
    except ValueError:
        # A name of one word is a service beside this one, as in Docker Compose.
        return "." not in host or host.endswith((".localhost", ".internal", ".local", ".test"))


_PLACE = "/{subscriptionId}"


@subscriptions.operation("GET", _PLACE, access=Access.EVENTS, evidence=_REFERENCE)
def retrieve(ctx: Ctx, subscription_id: str) -> Subscription:
    """Get one subscription; the securityKey is not told again."""
    return get_own(ctx, subscription_id)


@subscriptions.operation(
    "PUT", _PLACE, body=SubscriptionCreate, access=Access.EVENTS, evidence=_REFERENCE
)
def replace(ctx: Ctx, subscription_id: str, body: SubscriptionCreate) -> Subscription:
    """Replace name, status, events and URL."""
    return _edit(ctx, subscription_id, body)


@subscriptions.operation(
    "PATCH", _PLACE, body=SubscriptionPatch, access=Access.EVENTS, evidence=_REFERENCE
)
def patch(ctx: Ctx, subscription_id: str, body: SubscriptionPatch) -> Subscription:
    """Change the members given."""
    return _edit(ctx, subscription_id, body)


def _edit(
    ctx: Ctx, subscription_id: str, body: SubscriptionCreate | SubscriptionPatch
) -> Subscription:
    old = get_own(ctx, subscription_id)
    edits: dict[str, Any] = {
        name: getattr(body, name) for name in body.given & {"name", "notification_url"}
    }
    if body.status is not None:
        edits["status"] = SubscriptionStatus(enabled=body.status.enabled)
    if body.events is not None:
        edits["events"] = _events(body.events)
    new = _checked(ctx, changed(old, **edits))
    if new == old:
        return old
    return ctx.put(subscriptions, changed(new, updated_time=ctx.record_time))


@subscriptions.operation("DELETE", _PLACE, access=Access.EVENTS, evidence=_REFERENCE)
def delete(ctx: Ctx, subscription_id: str) -> None:
    """Delete a subscription for good."""
    ctx.drop(subscriptions, get_own(ctx, subscription_id).id)


@subscriptions.rule(
    "A new securityKey replaces the old one at once.",
    assumed("BILL tells of no time in which both hold"),
)
def _rotate(ctx: Ctx, subscription_id: str, key: str) -> Answer:
    """Make a new securityKey."""

    def renew() -> Answer:
        fresh = _new_key(ctx)
        ctx.put(subscriptions, changed(subscription, security_key=fresh))
        return SecurityKey(security_key=fresh)

    subscription = get_own(ctx, subscription_id)
    return _once(ctx, key, f"rotate {subscription_id}", renew)


# BILL's reference and its guide spell the path differently.
for _spelling in ("security_key", "security-key"):
    subscriptions.operation(
        "POST",
        f"{_PLACE}/{_spelling}",
        access=Access.EVENTS,
        idempotent=True,
        answers=SecurityKey,
        evidence=documented("BILL reference: Create a security key"),
    )(_rotate)


def disable(ctx: Ctx, subscription: Subscription) -> None:
    """Send nothing more until somebody enables the subscription again."""
    off = changed(subscription, status=SubscriptionStatus(enabled=False))
    ctx.put(subscriptions, changed(off, updated_time=ctx.record_time))
