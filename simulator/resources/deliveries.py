"""Deliveries of notifications: what is still to be tried, and every attempt made.

The pure half of sending: what is due when, and what an attempt leads to. Whoever
sends listens for `DUE` events and reports with `tried`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from simulator.core.context import Ctx
from simulator.core.evidence import assumed, documented
from simulator.core.resource import Resource, Store
from simulator.core.rows import Instant, Row, changed, shape
from simulator.core.world import World
from simulator.resources.notification_rows import Notification, notifications
from simulator.resources.subscription_rows import Subscription, subscriptions
from simulator.resources.subscriptions import disable

# The event that tells a sender of a delivery that is due.
DUE = "delivery.due"

# The counter of what was never sent.
DROPPED = "deliveries dropped"

# Deliveries waiting for one subscription; what comes on top is dropped and told.
MOST_WAITING = 10_000
# Attempts kept; the oldest go first.
MOST_ATTEMPTS = 10_000

# BILL docs, Webhook API notification rules of 2026-06-09.
WAITS = tuple(timedelta(seconds=wait) for wait in (2, 4, 8, 16))


@shape
class Delivery(Row):
    """A notification still to be sent to a subscription, as attempt `attempt` from 1.

    Without `retried` a failure is the end of it: test notifications, resends, replays.
    """

    id: str
    notification_id: str
    event_type: str
    subscription_id: str
    payload: str
    attempt: int
    retried: bool


@shape
class Attempt(Row):
    """A delivery as it was tried. `status` is the receiver's, None if none came."""

    id: str
    event_id: str
    event_type: str
    subscription_id: str
    url: str
    attempt: int
    time: Instant
    status: int | None = None
    error: str | None = None
    next_attempt: Instant | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: the receiver's HTTP status, or why there is none."""

    status: int | None
    error: str | None = None

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it: 200 and nothing else (documented)."""
        return self.status == 200


deliveries = Resource("deliveries", "/v3/events", Attempt, shared=True)
waiting = Store("deliveries_waiting", Delivery, shared=True)


def new_delivery(ctx: Ctx, notification: Notification, *, retried: bool) -> Delivery:
    """A first attempt at telling a subscription of a notification; still to be `deliver`ed."""
    return Delivery(
        id=f"delivery-{ctx.number('delivery')}",
        notification_id=notification.id,
        event_type=notification.type,
        subscription_id=notification.subscription_id,
        payload=notification.payload,
        attempt=1,
        retried=retried,
    )


def deliver(ctx: Ctx, delivery: Delivery, after: timedelta | None = None) -> Delivery:
    """Have a delivery tried at once, or `after` a while by the world's clock."""
    ctx.put(waiting, delivery)
    if len(waiting_for(ctx, delivery.subscription_id)) > MOST_WAITING:
        drop(ctx, delivery, f"{MOST_WAITING} deliveries wait for this subscription")
    elif after is not None:
        ctx.schedule(ctx.now + after, "delivery", delivery.id)
    else:
        ctx.emit(DUE, delivery)
    return delivery


def waiting_for(ctx: Ctx, subscription_id: str) -> Sequence[int]:
    """The places of the deliveries that wait for a subscription."""
    by = attrgetter("subscription_id")
    places: Sequence[int] = ctx.table(waiting).bucket("subscriptionId", by, subscription_id)
    return places


@deliveries.timer("delivery")
def fall_due(ctx: Ctx, delivery_id: str) -> None:
    """Have a delivery tried that waited, unless the world went another way."""
    delivery = ctx.find(waiting, delivery_id)
    if delivery:
        ctx.emit(DUE, delivery)


def target(ctx: Ctx, delivery: Delivery) -> Subscription | str:
    """The subscription to send a delivery to, or why it is not sent."""
    subscription = ctx.find(subscriptions, delivery.subscription_id)
    if subscription is None:
        return "the subscription was deleted"
    # Test notifications and resends are asked for, so they are sent all the same.
    if delivery.retried and not subscription.status.enabled:
        return "the subscription is disabled"
    return subscription


@deliveries.rule(
    "Any answer but 200 within 10 seconds is a failure; a failed notification is tried again"
    " after 2, 4, 8 and 16 seconds, and then the subscription is disabled.",
    documented(
        "BILL docs, Webhook API notification rules of 2026-06-09; an older page tells of a queue"
        " for dead letters instead, see the setting exhausted_webhooks"
    ),
)
@deliveries.rule(
    "Test notifications and resends are sent once, before the call is answered, also to a"
    " disabled subscription.",
    assumed("statusCode stands in their answers; whether they are retried is not told"),
)
def tried(ctx: Ctx, delivery: Delivery, outcome: Outcome) -> Attempt | None:
    """Keep what came of a delivery; None if the world knows nothing of it any more."""
    if ctx.find(waiting, delivery.id) is not delivery:
        return None
    subscription = ctx.find(subscriptions, delivery.subscription_id)
    next_attempt = None
    if subscription and delivery.retried and not outcome.delivered:
        next_attempt = _retry(ctx, delivery, subscription)
    notification = ctx.find(notifications, delivery.notification_id)
    if notification and outcome.status is not None:
        ctx.put(notifications, changed(notification, status_code=outcome.status))
    return end(ctx, delivery, outcome.error, outcome.status, next_attempt)


def _retry(ctx: Ctx, delivery: Delivery, subscription: Subscription) -> datetime | None:
    """When a failed delivery is tried again, or None if that was the last time."""
    if not subscription.status.enabled:
        return None
    if delivery.attempt > len(WAITS):
        if ctx.behaviour.exhausted_webhooks == "disabled":
            disable(ctx, subscription)
        return None
    wait = WAITS[delivery.attempt - 1]
    first, _, _ = delivery.id.partition(".")
    attempt = delivery.attempt + 1
    deliver(ctx, changed(delivery, id=f"{first}.{attempt}", attempt=attempt), wait)
    return ctx.now + wait


def end(
    ctx: Ctx,
    delivery: Delivery,
    error: str | None,
    status: int | None = None,
    next_attempt: datetime | None = None,
) -> Attempt:
    """A delivery waits no more; keep how it ended."""
    ctx.drop(waiting, delivery.id)
    subscription = ctx.find(subscriptions, delivery.subscription_id)
    attempt = Attempt(
        id=delivery.id,
        event_id=delivery.notification_id,
        event_type=delivery.event_type,
        subscription_id=delivery.subscription_id,
        url=subscription.notification_url if subscription else "",
        attempt=delivery.attempt,
        time=ctx.now,
        status=status,
        error=error,
        next_attempt=next_attempt,
    )
    ctx.put(deliveries, attempt)
    kept = ctx.table(deliveries)
    if len(kept) > MOST_ATTEMPTS:
        ctx.drop(deliveries, next(iter(kept)).id)
    return attempt


def drop(ctx: Ctx, delivery: Delivery, why: str) -> Attempt:
    """Never send a delivery that waits; it is told with the reason, and counted."""
    ctx.number(DROPPED)
    return end(ctx, delivery, f"dropped: {why}")


def replay(ctx: Ctx, attempt: Attempt, notification: Notification) -> Delivery:
    """A delivery of a notification once more, to be sent at once."""
    again = new_delivery(ctx, notification, retried=False)
    return ctx.put(waiting, changed(again, attempt=attempt.attempt))


def forget(world: World) -> None:
    """Send nothing of what waits: it is another world's to send."""
    world.tables.pop((waiting.name, ""), None)
