"""No sequence of events, answers and clock moves loses a notification or sends one too often.

The model knows, for each subscription, whether it is enabled, and of each
notification which attempt comes when; the waits are BILL's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, initialize, invariant, precondition, rule

from simulator import Behaviour
from simulator.core.events import Event
from simulator.resources.catalogue import notices
from simulator.resources.deliveries import DUE, Delivery, Outcome, deliveries, target, tried
from simulator.resources.deliveries import drop as drop_delivery
from simulator.resources.notification_rows import notifications
from simulator.resources.notifications import notify
from simulator.resources.sessions import SessionKind
from simulator.resources.subscription_rows import subscriptions
from tests.properties.machine import Administrator, MachineOfOneWorld
from tests.resources.payables import SMALLEST_VENDOR
from tests.resources.webhooks import subscription

PATH = "/connect-events/v3/subscriptions"
# BILL docs, Webhook API notification rules.
WAITS = [2, 4, 8, 16]


@dataclass(frozen=True)
class Person(Administrator):
    """An administrator, signed in."""

    organization_id: str = ""
    kind: SessionKind = SessionKind.USER


@dataclass
class Told:
    """A notification on its way: the attempt to come and when, or how it ended."""

    subscription: str
    attempt: int
    due: datetime
    ended: str | None = None


@dataclass
class Model:
    """What is expected."""

    enabled: dict[str, bool] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def due(self, now: datetime) -> list[Told]:
        return [one for one in self.told if one.ended is None and one.due <= now]


class Deliveries(MachineOfOneWorld):
    """Subscribes, makes vendors, answers as receivers do, moves the clock."""

    made = Bundle("made")

    @initialize(target=made)
    def begin(self) -> str:
        self.set_up_world(Behaviour())
        self.world.notices = notices()
        self.world.subscribers.append(lambda event: notify(self.world, event))
        self.world.subscribers.append(self.hear)
        self.caller = Person(self.caller.user_id, organization_id=self.organization_id)
        self.model = Model()
        self.queue: list[Delivery] = []
        self.keys = 0
        return self.subscribe_once(True)

    def hear(self, event: Event) -> None:
        if event.type == DUE and isinstance(event.row, Delivery):
            self.queue.append(event.row)

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    # Few, so that their notifications get far.
    @precondition(lambda self: len(self.model.enabled) < 3)
    @rule(target=made, enabled=st.booleans())
    def subscribe(self, enabled: bool) -> str:
        return self.subscribe_once(enabled)

    def subscribe_once(self, enabled: bool) -> str:
        self.keys += 1
        body = subscription(f"https://hooks.example.com/{self.keys}")
        key = f"00000000-0000-4000-8000-{self.keys:012}"
        body["status"]["enabled"] = enabled
        answer = self.call(True, f"POST {PATH}", key, body=body)
        self.model.enabled[answer.id] = enabled
        made: str = answer.id
        return made

    @rule(subscription_id=made, enabled=st.booleans())
    def switch(self, subscription_id: str, enabled: bool) -> None:
        there = subscription_id in self.model.enabled
        key = f"PATCH {PATH}/{{subscriptionId}}"
        self.call(there, key, subscription_id, body={"status": {"enabled": enabled}})
        if there:
            self.model.enabled[subscription_id] = enabled

    @rule(subscription_id=consumes(made))
    def delete(self, subscription_id: str) -> None:
        there = self.model.enabled.pop(subscription_id, None) is not None
        self.call(there, f"DELETE {PATH}/{{subscriptionId}}", subscription_id)

    @rule()
    def make_vendor(self) -> None:
        self.call(True, "POST /connect/v3/vendors", body=SMALLEST_VENDOR)
        for subscription_id, enabled in self.model.enabled.items():
            if enabled:
                self.model.told.append(Told(subscription_id, 1, self.now))

    @precondition(lambda self: self.queue)
    @rule(status=st.sampled_from([500, 204, None, 200]), place=st.integers(0, 20))
    def answer(self, status: int | None, place: int) -> None:
        delivery = self.queue.pop(place % len(self.queue))
        number = int(delivery.id.partition(".")[0].removeprefix("delivery-"))
        told = self.model.told[number]
        assert (told.subscription, told.attempt) == (delivery.subscription_id, delivery.attempt)
        assert told.ended is None
        ctx = self.context()
        found = target(ctx, delivery)
        if isinstance(found, str):
            self.world.perform(ctx, drop_delivery, delivery, found)
        else:
            self.world.perform(ctx, tried, delivery, Outcome(status))
        self.expect(told, status)

    def expect(self, told: Told, status: int | None) -> None:
        if not self.model.enabled.get(told.subscription):
            told.ended = "dropped"
        elif status == 200:
            told.ended = "delivered"
        elif told.attempt > len(WAITS):
            told.ended = "exhausted"
            self.model.enabled[told.subscription] = False
        else:
            told.due = self.now + timedelta(seconds=WAITS[told.attempt - 1])
            told.attempt += 1

    @precondition(lambda self: self.queue)
    @rule(status=st.sampled_from([500, None]))
    def fail_all(self, status: int | None) -> None:
        while self.queue:
            self.answer(status, 0)

    @rule(seconds=st.sampled_from([1, 2, 3, 10, 60]))
    def advance(self, seconds: int) -> None:
        self.world.advance_to(self.now + timedelta(seconds=seconds))

    @precondition(lambda self: self.waits())
    @rule()
    def advance_to_the_next_retry(self) -> None:
        self.world.advance_to(min(self.waits()))

    def waits(self) -> list[datetime]:
        """The instants of the retries still to come."""
        found = (one.due for one in self.model.told if one.ended is None)
        return [due for due in found if due > self.now]

    @invariant()
    def everything_due_waits_to_be_sent_and_nothing_else(self) -> None:
        due = [(one.subscription, one.attempt) for one in self.model.due(self.now)]
        queued = [(one.subscription_id, one.attempt) for one in self.queue]
        assert sorted(queued) == sorted(due)

    @invariant()
    def subscriptions_are_enabled_as_expected(self) -> None:
        rows = self.context().table(subscriptions)
        assert {row.id: row.status.enabled for row in rows} == self.model.enabled

    @invariant()
    def every_notification_is_kept_and_every_attempt_told(self) -> None:
        ctx = self.context()
        assert len(ctx.table(notifications)) == len(self.model.told)
        tried_times = sum(one.attempt - (one.ended is None) for one in self.model.told)
        assert len(ctx.table(deliveries)) == tried_times


TestDeliveries = Deliveries.TestCase
TestDeliveries.settings = settings(max_examples=settings.default.max_examples * 3 // 4)
