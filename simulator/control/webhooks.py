"""Deliveries of webhooks: every attempt, and once more. /_sim/worlds/{w}/deliveries"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator.control.calls import DISPATCHER, answer
from simulator.control.problems import Problem
from simulator.core.clock import ClockMode
from simulator.core.context import Ctx
from simulator.core.rows import iso
from simulator.core.world import World
from simulator.resources import deliveries
from simulator.resources.deliveries import Attempt, Delivery
from simulator.resources.notification_rows import notifications


def _attempt(attempt: Attempt) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": attempt.id,
        "eventId": attempt.event_id,
        "eventType": attempt.event_type,
        "subscriptionId": attempt.subscription_id,
        "url": attempt.url,
        "attempt": attempt.attempt,
        "time": iso(attempt.time),
        "status": attempt.status,
    }
    if attempt.error is not None:
        told["error"] = attempt.error
    if attempt.next_attempt is not None:
        told["nextAttempt"] = iso(attempt.next_attempt)
    return told


async def list_deliveries(request: web.Request, world: World) -> web.Response:
    """List every attempt at a delivery, newest first, and how many wait or were dropped.

    On a clock that stands, what is due has been tried.
    """
    world.catch_up()
    if world.clock.mode is ClockMode.FROZEN:
        await request.app[DISPATCHER].settle(world)
    found = [_attempt(one) for one in world.table(deliveries.deliveries.name, "")]
    waiting = len(world.table(deliveries.waiting.name, ""))
    dropped = world.counters[deliveries.DROPPED]
    return answer({"results": found[::-1], "waiting": waiting, "dropped": dropped})


async def replay(request: web.Request, world: World) -> web.Response:
    """Send a notification once more, and tell what came of it."""
    attempt_id = request.match_info["id"]
    ctx = Ctx(world, world.clock.now(), "")
    attempt = ctx.find(deliveries.deliveries, attempt_id)
    if attempt is None:
        raise Problem(404, f"There is no delivery {attempt_id!r}.")
    notification = ctx.find(notifications, attempt.event_id)
    if notification is None:
        raise Problem(409, f"The notification {attempt.event_id} is not kept any more.")
    delivery: Delivery = world.perform(ctx, deliveries.replay, attempt, notification)
    tried = await request.app[DISPATCHER].send(world, delivery)
    if tried is None:
        raise Problem(409, "The world has gone back to another state meanwhile.")
    return answer(_attempt(tried))
