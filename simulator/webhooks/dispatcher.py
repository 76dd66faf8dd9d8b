"""When notifications are sent: one lane for each subscription, and the world's clock.

A lane sends one notification after the other, so a slow receiver delays its own
alone. Calls of the API never wait for a lane.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime
from functools import partial
from weakref import WeakKeyDictionary

from simulator.core.context import Ctx, Timer
from simulator.core.events import Event
from simulator.core.world import World
from simulator.resources import deliveries
from simulator.resources.deliveries import DUE, Attempt, Delivery
from simulator.webhooks.sender import Sender
from simulator.worlds import Worlds

log = logging.getLogger(__name__)

_Place = tuple[World, str]


class WorldLeft(Exception):
    """The world has gone back to another state, or was removed, while it was waited for."""


def _ctx(world: World) -> Ctx:
    return Ctx(world, world.clock.now(), "")


class Dispatcher:
    """Sends what the worlds of a server have to tell."""

    def __init__(self, worlds: Worlds, sender: Sender) -> None:
        self._worlds = worlds
        self._sender = sender
        # What waits in each lane, and the task that empties it: lanes go when they are empty.
        self._lanes: dict[_Place, deque[Delivery]] = {}
        self._tasks: dict[_Place, asyncio.Task[None]] = {}
        self._stopped = False
        self._advancing: WeakKeyDictionary[World, asyncio.Lock] = WeakKeyDictionary()

    async def start(self, *_: object) -> None:
        """Listen to every world there is and every one to come."""
        for world in self._worlds:
            self._watch(world)
        self._worlds.watchers.append(self._watch)

    async def stop(self, *_: object) -> None:
        """Send nothing more."""
        self._stopped = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._sender.close()

    def _watch(self, world: World) -> None:
        world.subscribers.append(partial(self._hear, world))
        world.on_restore.append(partial(self._resume, world))
        self._resume(world)

    def _hear(self, world: World, event: Event) -> None:
        if event.type == DUE and isinstance(event.row, Delivery) and not self._stopped:
            self._queue(world, event.row)

    def _resume(self, world: World) -> None:
        """Queue what the world has waiting and no timer will bring up."""
        later = {timer.args for timer in world.table("timers", "") if timer.kind == "delivery"}
        for delivery in world.table(deliveries.waiting.name, ""):
            if (delivery.id,) not in later:
                self._queue(world, delivery)

    def _queue(self, world: World, delivery: Delivery) -> None:
        place = (world, delivery.subscription_id)
        self._lanes.setdefault(place, deque()).append(delivery)
        if place not in self._tasks:
            self._tasks[place] = asyncio.get_running_loop().create_task(self._empty(place))

    async def _empty(self, place: _Place) -> None:
        lane = self._lanes[place]
        try:
            while lane:
                try:
                    await self.send(place[0], lane.popleft())
                except Exception:
                    # One notification's trouble must not keep back the next.
                    log.exception("a notification was not sent")
        finally:
            del self._tasks[place], self._lanes[place]

    async def send(self, world: World, delivery: Delivery) -> Attempt | None:
        """Try a delivery now and keep what came of it; None if it is not to be sent any more."""
        if self._worlds.find(world.name) is not world:
            return None
        waiting = world.table(deliveries.waiting.name, "")
        if waiting.find(delivery.id) is not delivery:
            return None
        found = deliveries.target(_ctx(world), delivery)
        if isinstance(found, str):
            world.counts.deliveries[("dropped",)] += 1
            return world.perform(_ctx(world), deliveries.drop, delivery, found)
        form = world.behaviour.webhook_body
        outcome = await self._sender.send(found, delivery, form)
        told = "no answer" if outcome.status is None else str(outcome.status)
        world.counts.deliveries[(told,)] += 1
        return world.perform(_ctx(world), deliveries.tried, delivery, outcome)

    async def settle(self, world: World) -> None:
        """Wait until everything due in a world has been tried."""
        while tasks := [task for (of, _), task in self._tasks.items() if of is world]:
            await asyncio.wait(tasks)

    async def advance(self, world: World, reach: Callable[[datetime], datetime]) -> list[Timer]:
        """Move a world's clock to what `reach` makes of the present instant.

        What falls due on the way happens, and is sent, in order. One call waits for
        another, and the present is when its turn comes. Raises ValueError if that
        leads backward, WorldLeft, and whatever `reach` raises.
        """
        async with self._advancing.setdefault(world, asyncio.Lock()):
            now = world.clock.now()
            to = reach(now)
            if to < now:
                raise ValueError("the clock does not run backward")
            fired = world.catch_up()
            await self._settle_here(world)
            while (due := world.next_due()) is not None and due <= to:
                # A live clock may have passed it while receivers were waited for.
                fired += world.advance_to(max(due, world.clock.now()))
                await self._settle_here(world)
            return fired + world.advance_to(max(to, world.clock.now()))

    async def _settle_here(self, world: World) -> None:
        """Settle a world. Raises WorldLeft if it is another one afterwards."""
        before = world.restored
        await self.settle(world)
        if world.restored != before or self._worlds.find(world.name) is not world:
            raise WorldLeft
