"""Subscribing, for tests of the webhook service."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.http import Answer, BillClient
from tests.receiver import Receiver

SUBSCRIPTIONS = "/connect-events/v3/subscriptions"
EVENTS = "/connect-events/v3/events"


def subscription(url: str, *events: str, **more: Any) -> dict[str, Any]:
    """The body that subscribes `url` to events."""
    return {
        "name": "A subscription",
        "status": {"enabled": True},
        "events": [{"type": event, "version": "1"} for event in events or ("vendor.created",)],
        "notificationUrl": url,
        **more,
    }


async def post_keyed(
    client: BillClient, path: str, body: Any = None, key: str | None = None
) -> Answer:
    """A POST with an idempotent key, a new one unless given."""
    headers = {"X-Idempotent-Key": key or str(uuid4())}
    return await client.call("POST", path, body, headers=headers)


async def subscribe(client: BillClient, receiver: Receiver, *events: str) -> dict[str, Any]:
    """Subscribe a receiver, which learns its key."""
    answer = await post_keyed(client, SUBSCRIPTIONS, subscription(receiver.url, *events))
    assert answer.status == 200, answer.body
    receiver.security_key = answer.body["securityKey"]
    made: dict[str, Any] = answer.body
    return made


async def deliveries(client: BillClient) -> list[dict[str, Any]]:
    """Every attempt of the client's world, newest first; on a frozen clock, after all due."""
    answer = await client.control("GET", "/deliveries")
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.body["results"]
    return found
