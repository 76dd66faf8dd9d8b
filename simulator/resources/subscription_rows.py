"""The shape of a subscription and of the bodies that make it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from simulator.core.body import Body, Text
from simulator.core.resource import CONNECT_EVENTS, Resource, Store
from simulator.core.rows import Answer, Hidden, Instant, Row, Shape, shape

_Member = Annotated[Text, Field(min_length=1)]


class Owner(StrEnum):
    """Whose events a subscription tells, where it is not those of one organization."""

    PARTNER = "partner"
    SPEND = "spend"


class StatusBody(Body):
    """Whether notifications are sent."""

    enabled: bool


class EventBody(Body):
    """An event of the catalog."""

    type: _Member
    version: _Member


class SubscriptionCreate(Body):
    """A new subscription; also a whole one in PUT."""

    name: _Member
    status: StatusBody
    events: Annotated[list[EventBody], Field(min_length=1)]
    notification_url: _Member


class SubscriptionPatch(Body):
    """The members of a subscription that change."""

    name: _Member | None = None
    status: StatusBody | None = None
    events: Annotated[list[EventBody], Field(min_length=1)] | None = None
    notification_url: _Member | None = None


@shape
class SubscribedEvent(Shape):
    """An event of the catalog."""

    type: str
    version: str


@shape
class SubscriptionStatus(Shape):
    """Whether notifications are sent."""

    enabled: bool


@shape
class Subscription(Row):
    """Which events are told to which URL. `owner` is an organization's id or an `Owner`."""

    id: str
    name: str
    organization_id: str | None = None
    status: SubscriptionStatus
    events: tuple[SubscribedEvent, ...]
    notification_url: str
    created_time: Instant
    updated_time: Instant
    owner: Annotated[str, Hidden]
    security_key: Annotated[str, Hidden]

    @property
    def types(self) -> frozenset[str]:
        """The types of the events."""
        return frozenset(event.type for event in self.events)


@shape
class NewSubscription(Answer):
    """A subscription as its creation answers it: with the key, this once."""

    id: str
    name: str
    organization_id: str | None
    status: SubscriptionStatus
    events: tuple[SubscribedEvent, ...]
    notification_url: str
    created_time: Instant
    updated_time: Instant
    security_key: str


@shape
class SecurityKey(Answer):
    """The key that notifications are signed with from now on."""

    security_key: str


@shape
class KeyedCall(Row):
    """What a call with an idempotent key was answered. `id` holds whose key it was."""

    id: str
    time: Instant
    answer: str


subscriptions = Resource(
    "subscriptions", "/v3/subscriptions", Subscription, shared=True, root=CONNECT_EVENTS
)
keyed_calls = Store("keyed_calls", KeyedCall, shared=True)
