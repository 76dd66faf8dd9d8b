"""The worlds of one server, and which keys open which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from simulator import founding
from simulator.core.clock import Clock, Wall
from simulator.core.counts import Counts
from simulator.core.export import (
    Image,
    Saved,
    UnreadableError,
    image,
    install,
    moved,
    same_keys,
)
from simulator.core.rows import camel
from simulator.core.script import TIMERS
from simulator.core.world import Mark, World
from simulator.resources import deliveries, sessions
from simulator.resources.catalogue import notices, timer_handlers
from simulator.resources.notifications import notify
from simulator.resources.organizations import organizations
from simulator.settings import Behaviour

if TYPE_CHECKING:
    from simulator.scenarios.format import Scenario

DEFAULT = "default"
# Tables that do not go with a world's records to where it has other keys.
BOUND_TO_KEYS = frozenset({sessions.sessions.name, deliveries.waiting.name})


def wall() -> datetime:
    """The real time, in UTC: where every live clock starts from."""
    return datetime.now(UTC)


def _check_founded(taken: Image, path: str = "") -> None:
    known = taken.present.tables.get((organizations.name, ""))
    organization_id = taken.credentials.organization_id
    if known is None or known.find(organization_id) is None:
        raise UnreadableError(
            f"{path}credentials.organizationId: {organization_id!r} is no organization"
            " of this world."
        )


def _check_differ(member: str, values: Sequence[str]) -> None:
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        raise UnreadableError(f"worlds: two have the {member} {twice!r}.")


def _timers() -> Mapping[str, Callable[..., None]]:
    return {**timer_handlers(), **TIMERS}


class NameTaken(ValueError):
    """Another world has that name."""


class Worlds:
    """Makes worlds and finds them by name, key or session."""

    def __init__(
        self,
        seed: int = 1,
        behaviour: Behaviour | None = None,
        clock_wall: Wall = wall,
        scenario: Scenario | None = None,
    ) -> None:
        self._seed = seed
        self.behaviour = behaviour or Behaviour()
        self._wall = clock_wall
        self._by_name: dict[str, World] = {}
        self._by_dev_key: dict[str, World] = {}
        self._by_app_key: dict[str, World] = {}
        self._by_api_token: dict[str, World] = {}
        # What has happened in all worlds, those gone included.
        self.counts = Counts()
        # Who wants to know of every new world.
        self.watchers: list[Callable[[World], None]] = []
        self._made = 0
        if scenario is not None:
            self.default = self.make(DEFAULT, scenario=scenario)
            return
        self.default = self.make(DEFAULT, seed=seed)
        founding.add_demo(self.default)
        self.default.beginning = self.default.snapshot()

    @property
    def clock_wall(self) -> Wall:
        """The real time that live clocks run with."""
        return self._wall

    def __iter__(self) -> Iterator[World]:
        return iter(self._by_name.values())

    def make(
        self,
        name: str | None = None,
        seed: int | None = None,
        start: datetime | None = None,
        behaviour: Behaviour | None = None,
        scenario: Scenario | None = None,
    ) -> World:
        """A new world with an organization, users and a bank account.

        With `start` its clock stands frozen at that instant, else it runs live.
        Without `behaviour` it has the server's. A `scenario` brings start, seed and
        behaviour of its own, to which the ones given here are exceptions.
        Raises NameTaken, and ScenarioError for a scenario that BILL refuses.
        """
        ordinal = self._free_ordinal()
        name = name or self._free_name(ordinal)
        if name in self._by_name:
            raise NameTaken(name)
        if scenario is not None:
            start = scenario.opening
            seed = seed if seed is not None else scenario.world.seed
            behaviour = behaviour or scenario.behaves(self.behaviour)
        world = World(
            name=name,
            # Worlds nobody seeded differ from one another, and are the same in every run.
            seed=seed if seed is not None else self._seed * 1_000_003 + ordinal,
            clock=Clock(self._wall, start),
            timer_handlers=_timers(),
            behaviour=behaviour or self.behaviour,
            notices=notices(),
            counts=self.counts,
        )
        founding.found(world, *founding.keys(self._seed, ordinal))
        if scenario is not None:
            # Only who plays a scenario needs what builds one.
            from simulator.scenarios.building import build

            build(world, scenario)
        self._made = ordinal + 1
        world.beginning = world.snapshot()
        self._keep(world)
        return world

    def _keep(self, world: World) -> None:
        assert world.credentials is not None
        world.subscribers.append(partial(notify, world))
        self._by_name[world.name] = world
        self._by_dev_key[world.credentials.dev_key] = world
        self._by_app_key[world.credentials.app_key] = world
        self._by_api_token[world.credentials.api_token] = world
        for tell in self.watchers:
            tell(world)

    def fork(self, parent: World) -> World:
        """A copy of a world with keys of its own; its sessions have to sign in anew."""
        assert parent.credentials is not None
        ordinal = self._free_ordinal()
        self._made = ordinal + 1
        world = World(
            name=self._free_name(ordinal),
            seed=parent.seed,
            clock=parent.clock.copy(),
            timer_handlers=_timers(),
            behaviour=parent.behaviour,
            limits=parent.limiter.limits,
            notices=parent.notices,
            counts=self.counts,
        )
        world.restore(parent.snapshot())
        world.limiter.take(parent.limiter.limits, {})
        sessions.end_all(world)
        deliveries.forget(world)
        dev_key, app_key, api_token = founding.keys(self._seed, ordinal)
        world.credentials = replace(
            parent.credentials, dev_key=dev_key, app_key=app_key, api_token=api_token
        )
        if parent.script is not None:
            # The trouble of a scenario belongs to it.
            world.script = parent.script
            world.faults = parent.faults.copy()
        world.beginning = world.snapshot()
        self._keep(world)
        return world

    def take(self, world: World, taken: Image) -> None:
        """Make a world what an image of it, or of any other, shows.

        Its name and keys stay its own. If the image has other keys, whoever was
        signed in has to sign in anew. Raises UnreadableError.
        """
        assert world.credentials is not None
        if not same_keys(taken.credentials, world.credentials):
            taken = moved(taken, world.credentials, BOUND_TO_KEYS)
        _check_founded(taken)
        install(world, taken)
        world.credentials = taken.credentials

    def images(self) -> Saved:
        """All worlds as they are now."""
        return Saved([image(world) for world in self], self._made)

    def mark(self) -> Mark:
        """Differs from an earlier one if there is something to save; see `World.mark`."""
        return (self._made, *((world.name, *world.mark()) for world in self))

    def load(self, saved: Saved) -> None:
        """Have the worlds of another server in place of those of this one.

        A world that comes alone becomes the default one. Raises UnreadableError.
        """
        images = saved.images
        if len(images) == 1:
            images = [replace(images[0], name=DEFAULT)]
        for number, taken in enumerate(images):
            _check_founded(taken, f"worlds.{number}.")
        made = [self._loaded(taken) for taken in images]
        names = [world.name for world in made]
        if DEFAULT not in names:
            raise UnreadableError(f"worlds: none is named {DEFAULT!r}.")
        _check_differ("name", names)
        for key in ("dev_key", "app_key", "api_token"):
            _check_differ(camel(key), [getattr(taken.credentials, key) for taken in images])
        for known in list(self._by_name):
            self.remove(known)
        for world in made:
            self._keep(world)
        self.default = self._by_name[DEFAULT]
        self._made = max(saved.made, len(made))

    def _loaded(self, taken: Image) -> World:
        world = World(
            name=taken.name,
            seed=taken.seed,
            clock=taken.present.clock,
            timer_handlers=_timers(),
            notices=notices(),
            counts=self.counts,
        )
        install(world, taken)
        world.credentials = taken.credentials
        return world

    def _free_ordinal(self) -> int:
        """The next number of a world; not one whose keys a world that was loaded has."""
        numbers = count(self._made)
        return next(
            number
            for number in numbers
            if founding.keys(self._seed, number)[0] not in self._by_dev_key
        )

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

    def by_api_token(self, api_token: str) -> World | None:
        """The world that an apiToken of Spend & Expense opens, or None."""
        return self._by_api_token.get(api_token)

    def with_session(self, session_id: str) -> World | None:
        """The world in which a session lives, or None."""
        return next((world for world in self if sessions.known(world, session_id)), None)

    def remove(self, name: str) -> None:
        """Forget a world. Raises KeyError if there is none."""
        world = self._by_name.pop(name)
        assert world.credentials is not None
        del self._by_dev_key[world.credentials.dev_key]
        del self._by_app_key[world.credentials.app_key]
        del self._by_api_token[world.credentials.api_token]
