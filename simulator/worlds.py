"""The worlds of one server, and which keys open which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from simulator import founding
from simulator.core.clock import Clock, Wall
from simulator.core.world import World
from simulator.resources import sessions
from simulator.resources.catalogue import timer_handlers
from simulator.settings import Behaviour

DEFAULT = "default"


def wall() -> datetime:
    """The real time, in UTC: where every live clock starts from."""
    return datetime.now(UTC)


class NameTaken(ValueError):
    """Another world has that name."""


class Worlds:
    """Makes worlds and finds them by name, key or session."""

    def __init__(
        self, seed: int = 1, behaviour: Behaviour | None = None, clock_wall: Wall = wall
    ) -> None:
        self._seed = seed
        self.behaviour = behaviour or Behaviour()
        self._wall = clock_wall
        self._by_name: dict[str, World] = {}
        self._by_dev_key: dict[str, World] = {}
        self._by_app_key: dict[str, World] = {}
        self._made = 0
        self.default = self.make(DEFAULT, seed=seed)
        founding.add_demo(self.default)
        self.default.beginning = self.default.snapshot()

    def __iter__(self) -> Iterator[World]:
        return iter(self._by_name.values())

    def make(
        self,
        name: str | None = None,
        seed: int | None = None,
        start: datetime | None = None,
        behaviour: Behaviour | None = None,
    ) -> World:
        """A new world with an organization, users and a bank account.

        With `start` its clock stands frozen at that instant, else it runs live.
        Without `behaviour` it has the server's.
        Raises NameTaken.
        """
        ordinal = self._made
        name = name or self._free_name(ordinal)
        if name in self._by_name:
            raise NameTaken(name)
        world = World(
            name=name,
            # Worlds nobody seeded differ from one another, and are the same in every run.
            seed=seed if seed is not None else self._seed * 1_000_003 + ordinal,
            clock=Clock(self._wall, start),
            timer_handlers=timer_handlers(),
            behaviour=behaviour or self.behaviour,
        )
        self._made += 1
        founding.found(world, *founding.keys(self._seed, ordinal))
        world.beginning = world.snapshot()
        self._keep(world)
        return world

    def _keep(self, world: World) -> None:
        assert world.credentials is not None
        self._by_name[world.name] = world
        self._by_dev_key[world.credentials.dev_key] = world
        self._by_app_key[world.credentials.app_key] = world

    def fork(self, parent: World) -> World:
        """A copy of a world with keys of its own; its sessions have to sign in anew."""
        assert parent.credentials is not None
        ordinal = self._made
        self._made += 1
        world = World(
            name=self._free_name(ordinal),
            seed=parent.seed,
            clock=parent.clock.copy(),
            timer_handlers=timer_handlers(),
            behaviour=parent.behaviour,
            limits=parent.limiter.limits,
        )
        world.restore(parent.snapshot())
        sessions.end_all(world)
        dev_key, app_key, api_token = founding.keys(self._seed, ordinal)
        world.credentials = replace(
            parent.credentials, dev_key=dev_key, app_key=app_key, api_token=api_token
        )
        world.beginning = world.snapshot()
        self._keep(world)
        return world

    def _free_name(self, ordinal: int) -> str:
        names = (f"world-{number}" for number in count(ordinal))
        return next(name for name in names if name not in self._by_name)

    def find(self, name: str) -> World | None:
        """The world with that name, or None."""
        return self._by_name.get(name)

    def by_dev_key(self, dev_key: str) -> World | None:
        """The world that a devKey opens, or None."""
        return self._by_dev_key.get(dev_key)

    def by_app_key(self, app_key: str) -> World | None:
        """The world that a partner's appKey opens, or None."""
        return self._by_app_key.get(app_key)

    def with_session(self, session_id: str) -> World | None:
        """The world in which a session lives, or None."""
        return next((world for world in self if sessions.known(world, session_id)), None)

    def remove(self, name: str) -> None:
        """Forget a world. Raises KeyError if there is none."""
        world = self._by_name.pop(name)
        assert world.credentials is not None
        del self._by_dev_key[world.credentials.dev_key]
        del self._by_app_key[world.credentials.app_key]
