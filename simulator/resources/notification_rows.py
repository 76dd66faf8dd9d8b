"""The shape of a notification: an event as one subscription was told of it."""

from __future__ import annotations

from typing import Annotated

from simulator.core.resource import CONNECT_EVENTS, Resource
from simulator.core.rows import Hidden, Instant, Row, shape


@shape
class Notification(Row):
    """What a subscription was told. `payload` is the JSON text that was sent.

    `status_code` is the receiver's last HTTP status, None before there is one.
    """

    id: str
    type: str
    version: str
    subscription_id: str
    payload: str
    created_time: Instant
    status_code: int | None = None
    entity_id: Annotated[str, Hidden]


notifications: Resource[Notification] = Resource(
    "notifications", "/v3/events", Notification, shared=True, root=CONNECT_EVENTS
)
