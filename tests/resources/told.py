"""What a world told by webhook, collected as it happens."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from simulator import Behaviour, Simulator
from simulator.core.context import Ctx
from simulator.core.events import Event
from simulator.core.notices import Notice
from simulator.core.world import World
from tests.conftest import START
from tests.http import BillClient


class Listener:
    """A world's events and their payloads, oldest first, from now on."""

    def __init__(self, world: World, notices: Mapping[str, Notice]) -> None:
        self.world = world
        self.notices = notices
        self.told: list[tuple[str, bytes]] = []
        world.subscribers.append(self._hear)

    def _hear(self, event: Event) -> None:
        tell = self.notices[event.type].tell
        assert tell is not None
        payload = tell(Ctx(self.world, event.time, event.organization_id), event.row)
        self.told.append((event.type, payload.wire()))

    def of(self, event_type: str) -> list[bytes]:
        """The payloads of one type."""
        return [payload for told, payload in self.told if told == event_type]

    def last(self, event_type: str) -> dict[str, Any]:
        """The newest payload of a type, decoded."""
        return dict(json.loads(self.of(event_type)[-1]))


@asynccontextmanager
async def office(
    http: aiohttp.ClientSession, notices: Mapping[str, Notice], **behaviour: Any
) -> AsyncIterator[tuple[BillClient, Listener]]:
    """A trusted administrator's client of a world of fixed seed and start, and what it tells."""
    async with Simulator(behaviour=Behaviour(**behaviour)) as server:
        body = {"seed": 7, "start": START}
        async with http.post(f"{server.url}/_sim/worlds", json=body) as response:
            client = BillClient(http, server.url, await response.json())
        await client.login()
        await client.trust()
        world = server.worlds.find(client.world["world"])
        assert world is not None
        yield client, Listener(world, notices)
