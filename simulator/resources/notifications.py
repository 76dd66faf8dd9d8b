"""Notifications: the catalog of events, what subscriptions were told, tests and resends.

/connect-events/v3/events
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from simulator.core.body import Body, Text
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.events import Event
from simulator.core.evidence import documented
from simulator.core.faults import Effect, Handling
from simulator.core.ids import uuid4
from simulator.core.listing import (
    INSTANT,
    TEXT,
    Grammar,
    ListQuery,
    Op,
    Order,
    Predicate,
    filter_field,
)
from simulator.core.notices import VERSION, Payload
from simulator.core.resource import Access, Listed
from simulator.core.rows import Answer, changed, shape
from simulator.core.world import World
from simulator.resources.deliveries import Delivery, deliver, drop, new_delivery, waiting
from simulator.resources.notification_rows import Notification, notifications
from simulator.resources.organizations import organizations
from simulator.resources.subscription_rows import Subscription, subscriptions
from simulator.resources.subscriptions import get_own, interested

# BILL changelog 2025-09-07.
RETENTION = timedelta(days=180)
# Kept per world, whatever their age; the oldest go first.
MOST_NOTIFICATIONS = 20_000

# A notification that shall come out of order waits for up to this long, in milliseconds.
_LONGEST_HOLD = 5_000

_SUBSCRIPTION = filter_field("subscriptionId", TEXT, "eq")
_ENTITY = filter_field("entityId", TEXT, "eq")
_CREATED = filter_field("createdTime", INSTANT, "gte lte")
_PAGES = Grammar()
_NEWEST_FIRST = Grammar.of((), (_CREATED,))
_CATALOG = documented("BILL reference: Get events catalog")


def _instant(text: str) -> datetime:
    try:
        return cast(datetime, INSTANT.parse(text))
    except (ValueError, OverflowError):
        raise PydanticCustomError("instant", "not an instant") from None


_Instant = Annotated[datetime, BeforeValidator(_instant)]
_Object = dict[str, Any] | None


class EventsQuery(Body):
    """Which notifications; `createdTimeTo` is now unless given."""

    entity_id: Text | None = None
    created_time_from: _Instant | None = None
    created_time_to: _Instant | None = None


class TestBody(Body):
    """What a test notification shall tell; the rest are test values."""

    __test__ = False

    event_type: Text | None = None
    version: Text | None = None
    vendor: _Object = None
    bill: _Object = None
    bank_account: _Object = Field(None, alias="bank-account")
    card_account: _Object = Field(None, alias="card-account")
    payment: _Object = None
    autopay: _Object = None
    risk_verification: _Object = Field(None, alias="risk-verification")
    invoice: _Object = None
    transaction: _Object = None
    three_ds_challenge: _Object = None
    reimbursement: _Object = None


@shape
class CatalogEntry(Answer):
    """An event that can be subscribed to."""

    type: str
    versions: tuple[str, ...]


@notifications.rule(
    "payment.created is told of every new payment, beside its first payment.updated.",
    documented("the mission guide for payment.created, BILL's catalog for payment.updated"),
)
@notifications.operation("GET", "/catalog", access=Access.EVENTS, evidence=_CATALOG)
def get_catalog(ctx: Ctx) -> list[CatalogEntry]:
    """List the events that can be subscribed to."""
    return [CatalogEntry(type=one, versions=(VERSION,)) for one in ctx.world.notices]


def notify(world: World, event: Event) -> None:
    """Tell the subscriptions of an event; for `World.subscribers`."""
    notice = world.notices.get(event.type)
    if notice is None or notice.tell is None or (subscriptions.name, "") not in world.tables:
        return
    ctx = Ctx(world, event.time, event.organization_id)
    found = interested(ctx, event.type)
    if found:
        world.perform(ctx, _notify, event, notice.tell, found)


def _notify(
    ctx: Ctx, event: Event, tell: Callable[[Ctx, Any], Payload], found: list[Subscription]
) -> None:
    payload = tell(ctx, event.row).wire().decode()
    for subscription in found:
        notification = _keep(ctx, subscription, event.type, payload, event.row.id)
        delivery = new_delivery(ctx, notification, retried=True)
        fault = ctx.world.faults.strike_event(event.type)
        _deliver(ctx, delivery, fault)


def _deliver(ctx: Ctx, delivery: Delivery, effect: Effect | None) -> None:
    handling = effect and effect.delivery
    after = None
    if effect and effect.delay_ms is not None:
        after = timedelta(milliseconds=effect.delay_ms)
    if handling is Handling.REORDER:
        after = timedelta(milliseconds=ctx.world.faults.draw() * _LONGEST_HOLD)
    if handling is Handling.DROP:
        ctx.put(waiting, delivery)
        drop(ctx, delivery, "a fault asked for it")
        return
    deliver(ctx, delivery, after)
    if handling is Handling.DUPLICATE:
        deliver(ctx, changed(delivery, id=f"{delivery.id}.twin", retried=False))


def _is_past(ctx: Ctx, notification: Notification) -> bool:
    return notification.created_time <= ctx.now - RETENTION


def _keep(
    ctx: Ctx, subscription: Subscription, event_type: str, payload: str, entity_id: str
) -> Notification:
    notification_id = ctx.new_uuid("event")
    metadata = {
        "eventId": notification_id,
        "subscriptionId": subscription.id,
        **_whose(ctx, event_type),
        "eventType": event_type,
        "version": VERSION,
    }
    kept = ctx.table(notifications)
    while len(kept) and (
        _is_past(ctx, oldest := next(iter(kept))) or len(kept) >= MOST_NOTIFICATIONS
    ):
        ctx.drop(notifications, oldest.id)
    return ctx.put(
        notifications,
        Notification(
            id=notification_id,
            type=event_type,
            version=VERSION,
            subscription_id=subscription.id,
            payload=f'{{"metadata":{minified(metadata)},{payload[1:]}',
            created_time=ctx.now,
            entity_id=entity_id,
        ),
    )


@notifications.rule(
    "What Spend & Expense tells names a spendCompanyUuid instead of an organizationId.",
    documented("BILL docs, Spend & Expense notification payloads"),
)
def _whose(ctx: Ctx, event_type: str) -> dict[str, str]:
    if event_type.startswith("spend."):
        return {"spendCompanyUuid": uuid4(ctx.world.seed, "spend company", 0)}
    # A test for a partner is of no organization; a first one stands in, as test values do.
    return {"organizationId": ctx.organization_id or next(iter(ctx.table(organizations))).id}


def minified(data: Any) -> str:
    """JSON without a space, as BILL signs and sends it. Raises ValueError for infinity."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


@notifications.rule(
    "Notifications are kept for 180 days and listed newest first.",
    documented(
        "BILL changelog 2025-09-07; BILL's list is unsorted unless createdTimeFrom is given,"
        " then descending"
    ),
)
@notifications.operation(
    "GET",
    "/subscription/{subscriptionId}",
    query=EventsQuery,
    listing=_PAGES,
    access=Access.EVENTS,
    evidence=documented("BILL reference: Get list of event notifications"),
)
def list_events(ctx: Ctx, subscription_id: str, query: EventsQuery, pages: ListQuery) -> Listed:
    """List what a subscription was told, in one direction."""
    subscription = get_own(ctx, subscription_id)
    wanted = [
        _SUBSCRIPTION.equals(subscription.id),
        Predicate(_CREATED, Op.GT, ctx.now - RETENTION),
        Predicate(_CREATED, Op.LTE, query.created_time_to or ctx.now),
    ]
    if query.created_time_from is not None:
        wanted.append(Predicate(_CREATED, Op.GTE, query.created_time_from))
    if query.entity_id is not None:
        wanted.append(_ENTITY.equals(query.entity_id))
    asked = replace(pages, sort="createdTime:desc", orders=(Order(_CREATED, descending=True),))
    page = notifications.page(ctx, _NEWEST_FIRST, asked, tuple(wanted))
    return Listed(page.rows, page.next_page, None)


@notifications.operation(
    "POST",
    "/subscription/{subscriptionId}/event/{eventId}",
    access=Access.EVENTS,
    delivers=True,
    answers=Notification,
    evidence=documented("BILL reference: Resend an event; that the id stays is inferred"),
)
def resend(ctx: Ctx, subscription_id: str, event_id: str) -> Delivery:
    """Send a notification again, with the id it had."""
    subscription = get_own(ctx, subscription_id)
    found = ctx.find(notifications, event_id)
    if found is None or found.subscription_id != subscription.id or _is_past(ctx, found):
        raise refuse("notification.unknown")
    return ctx.put(waiting, new_delivery(ctx, found, retried=False))


@subscriptions.operation(
    "POST",
    "/{subscriptionId}/test",
    body=TestBody,
    access=Access.EVENTS,
    delivers=True,
    answers=Notification,
    evidence=documented("BILL reference: Generate a test event notification"),
)
def test(ctx: Ctx, subscription_id: str, body: TestBody) -> Delivery:
    """Send a notification of test values."""
    subscription = get_own(ctx, subscription_id)
    event_type = body.event_type or subscription.events[0].type
    notice = ctx.world.notices.get(event_type)
    if notice is None:
        raise refuse("field.invalid", field="eventType")
    if body.version not in (None, VERSION):
        raise refuse("field.invalid", field="version")
    told = json.loads(notice.sample.wire())
    given = body.model_dump(by_alias=True, exclude_none=True)
    for entity in told.keys() & given.keys():
        told[entity] = _overlaid(told[entity], given[entity])
        _check_writable(entity, told[entity])
    entity_id = next((one.get("id") for one in told.values() if isinstance(one, dict)), None)
    notification = _keep(ctx, subscription, event_type, minified(told), str(entity_id or ""))
    return ctx.put(waiting, new_delivery(ctx, notification, retried=False))


def _check_writable(entity: str, told: Any) -> None:
    try:
        minified(told)
    except ValueError:
        # 1e400 was read as infinity, which JSON has no word for.
        raise refuse("field.invalid", field=entity) from None


def _overlaid(sample: Any, given: Any) -> Any:
    """A sample with the values given in their places."""
    if not isinstance(sample, dict) or not isinstance(given, dict):
        return given
    return {**sample, **{key: _overlaid(sample.get(key), value) for key, value in given.items()}}
