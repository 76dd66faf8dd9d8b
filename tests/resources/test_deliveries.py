"""The pure half of deliveries: what is kept is bounded, and what is dropped is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from simulator import founding
from simulator.core.clock import Clock
from simulator.core.context import Ctx
from simulator.core.rows import changed
from simulator.core.world import World
from simulator.resources import deliveries, notifications
from simulator.resources.catalogue import notices, timer_handlers
from simulator.resources.deliveries import DROPPED, Delivery, Outcome
from simulator.resources.subscription_rows import (
    SubscribedEvent,
    Subscription,
    SubscriptionStatus,
    subscriptions,
)
from simulator.resources.vendors import VendorCreate, create
from tests.resources.payables import SMALLEST_VENDOR

START = datetime(2026, 6, 3, 16, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    """A world with one subscription to new vendors, and nobody who sends."""
    found = World("w", 1, Clock(lambda: START, START), timer_handlers(), notices=notices())
    founding.found(found, *founding.keys(1, 0))
    found.subscribers.append(lambda event: notifications.notify(found, event))
    ctx = context(found)
    ctx.put(
        subscriptions,
        Subscription(
            id="subscription",
            name="New vendors",
            status=SubscriptionStatus(enabled=True),
            events=(SubscribedEvent(type="vendor.created", version="1"),),
            notification_url="http://127.0.0.1:9/",
            created_time=START,
            updated_time=START,
            owner=ctx.organization_id,
            security_key="key",
        ),
    )
    return found


def context(world: World) -> Ctx:
    assert world.credentials is not None
    return Ctx(world, world.clock.now(), world.credentials.organization_id)


def make_vendors(world: World, count: int) -> None:
    body = VendorCreate.model_validate(SMALLEST_VENDOR)
    for _ in range(count):
        world.perform(context(world), create, body)


def waiting(world: World) -> list[Delivery]:
    return list(context(world).table(deliveries.waiting))


def test_what_waits_for_one_subscription_is_bounded_and_the_rest_told_as_dropped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "MOST_WAITING", 3)
    make_vendors(world, 5)
    assert [one.id for one in waiting(world)] == ["delivery-0", "delivery-1", "delivery-2"]
    told = list(context(world).table(deliveries.deliveries))
    assert [one.id for one in told] == ["delivery-3", "delivery-4"]
    assert {one.error for one in told} == {"dropped: 3 deliveries wait for this subscription"}
    assert world.counters[DROPPED] == 2
    assert len(context(world).table(notifications.notifications)) == 5


def test_the_oldest_notifications_and_attempts_go_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "MOST_NOTIFICATIONS", 3)
    monkeypatch.setattr(deliveries, "MOST_ATTEMPTS", 2)
    make_vendors(world, 5)
    for delivery in waiting(world):
        world.perform(context(world), deliveries.tried, delivery, Outcome(200))
    ctx = context(world)
    assert [one.id for one in ctx.table(deliveries.deliveries)] == ["delivery-3", "delivery-4"]
    kept = [one.status_code for one in ctx.table(notifications.notifications)]
    assert kept == [200, 200, 200]


def test_notifications_of_more_than_180_days_ago_go_with_the_next_one(world: World) -> None:
    make_vendors(world, 2)
    world.advance_to(START + timedelta(days=180))
    make_vendors(world, 1)
    assert len(context(world).table(notifications.notifications)) == 1


def test_an_attempt_that_the_world_does_not_know_is_not_kept(world: World) -> None:
    make_vendors(world, 1)
    (delivery,) = waiting(world)
    deliveries.forget(world)
    assert world.perform(context(world), deliveries.tried, delivery, Outcome(200)) is None
    assert not len(context(world).table(deliveries.deliveries))


def test_a_retry_whose_delivery_is_forgotten_falls_due_for_nothing(world: World) -> None:
    make_vendors(world, 1)
    (delivery,) = waiting(world)
    world.perform(context(world), deliveries.tried, delivery, Outcome(500))
    assert [one.id for one in waiting(world)] == ["delivery-0.2"]
    deliveries.forget(world)
    fired = world.advance_to(START + timedelta(seconds=2))
    assert [timer.kind for timer in fired] == ["delivery"]
    assert waiting(world) == []


def test_a_failure_is_not_tried_again_once_the_subscription_is_disabled(world: World) -> None:
    make_vendors(world, 1)
    (delivery,) = waiting(world)
    ctx = context(world)
    subscription = ctx.get(subscriptions, "subscription")
    ctx.put(subscriptions, changed(subscription, status=SubscriptionStatus(enabled=False)))
    world.perform(context(world), deliveries.tried, delivery, Outcome(500))
    assert waiting(world) == []
    (told,) = context(world).table(deliveries.deliveries)
    assert (told.status, told.next_attempt) == (500, None)
