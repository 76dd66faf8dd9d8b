"""A resource of the tests' own, with a field of every kind, and worlds that hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from simulator.core.clock import Clock
from simulator.core.context import Ctx
from simulator.core.listing import (
    BOOLEAN,
    DATE,
    INSTANT,
    NUMBER,
    TEXT,
    Grammar,
    enumeration,
    filter_field,
)
from simulator.core.money import Money
from simulator.core.resource import Resource
from simulator.core.rows import Instant, Row, Shape, shape
from simulator.core.world import World

NOON = datetime(2026, 6, 3, 19, tzinfo=UTC)
HOME, AWAY = "008home", "008away"


class Colour(StrEnum):
    RED = "RED"
    GREEN = "GREEN"
    BLUE = "BLUE"


@shape
class Part(Shape):
    country_code: str | None = None


@shape
class Thing(Row):
    id: str
    name: str | None = None
    amount: Money | None = None
    due_date: date | None = None
    created_time: Instant = NOON
    updated_time: Instant = NOON
    archived: bool = False
    colour: Colour | None = None
    part: Part | None = None


_ALL = "eq ne gt gte lt lte in nin"
FIELDS = (
    filter_field("id", TEXT, "eq ne in"),
    filter_field("name", TEXT, f"{_ALL} sw"),
    filter_field("amount", NUMBER, _ALL),
    filter_field("dueDate", DATE, _ALL),
    filter_field("createdTime", INSTANT, _ALL),
    filter_field("archived", BOOLEAN, "eq ne"),
    filter_field("colour", enumeration(Colour), _ALL),
    filter_field("part.countryCode", TEXT, "eq ne in"),
)
GRAMMAR = Grammar({one.name: one for one in FIELDS}, {one.name: one for one in FIELDS})


def make_things(*, shared: bool = False) -> Resource[Thing]:
    return Resource(name="things", path="/v3/things", row=Thing, prefix="00t", shared=shared)


THINGS = make_things()


def make_world(
    seed: int = 7,
    start: datetime = NOON,
    handlers: Mapping[str, Callable[..., None]] | None = None,
) -> World:
    """A world whose clock stands at `start`."""
    return World("test", seed, Clock(lambda: NOON, start), handlers or {})


def call(world: World, organization_id: str = HOME) -> Ctx:
    """A call at the world's present instant."""
    return Ctx(world, world.clock.now(), organization_id)


def do(world: World, operation: Callable[..., Any], organization_id: str = HOME) -> Any:
    """Perform one operation."""
    return world.perform(call(world, organization_id), operation)


def trace(world: World) -> dict[str, Any]:
    """Everything that can be told about a world from outside and inside."""
    return {
        "rows": {
            key: [(row._place, row, row.wire()) for row in table]
            for key, table in world.tables.items()
            if len(table)
        },
        "orders": {key: list(table.order()) for key, table in world.tables.items() if len(table)},
        "next places": {
            key: table._next_place for key, table in world.tables.items() if table._next_place
        },
        "counters": dict(+world.counters),
        "due": sorted(world._due),
        "next due": world.next_due(),
        "now": world.clock.now(),
    }


def ids_of(rows: Iterable[Thing]) -> list[str]:
    return [row.id for row in rows]


def thing(number: int, **members: Any) -> Thing:
    """The `number`-th thing; things are created a minute apart."""
    members.setdefault("created_time", NOON + timedelta(minutes=number))
    if isinstance(members.get("amount"), str):
        members["amount"] = Decimal(members["amount"])
    return Thing(id=f"00t{number:04}", **members)
