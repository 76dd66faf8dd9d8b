"""Worlds of the tests' own things, and their documents."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Annotated, Any

from simulator import Behaviour
from simulator.core.clock import Clock
from simulator.core.export import (
    CORE_TABLES,
    Exporter,
    Image,
    UnreadableError,
    image,
    install,
)
from simulator.core.faults import Effect, FaultRequest
from simulator.core.limits import Limits
from simulator.core.loading import Importer
from simulator.core.resource import Store
from simulator.core.rows import Hidden, Row, shape
from simulator.core.world import Credentials, World
from tests.core.things import HOME, NOON, THINGS, Colour, Thing, do, make_world, thing

KEYS = Credentials(
    dev_key="dev",
    app_key="app",
    api_token="token",
    organization_id=HOME,
    username="ada",
    password="secret",
)


@shape
class Secret(Row):
    id: str
    words: Annotated[str, Hidden]
    left: Annotated[datetime | None, Hidden] = None


SECRETS = Store("secrets", Secret, shared=True)


def unscripted(scenario: Any) -> Any:
    raise UnreadableError("scenario: none are known here.")


TABLES = {**CORE_TABLES, THINGS.name: Thing, SECRETS.name: Secret}
EXPORTER = Exporter(TABLES, unhashed={SECRETS.name})
IMPORTER = Importer(TABLES, {"ring"}, lambda: NOON, unscripted)


def written(taken: Image) -> bytes:
    return b"".join(EXPORTER.write(taken))


def document(world: World) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(written(image(world)))
    return told


def read(told: dict[str, Any]) -> Image:
    return IMPORTER.read(json.dumps(told).encode())


def digest(world: World) -> str:
    return EXPORTER.digest(image(world))


def fresh(handlers: Any = None) -> World:
    world = make_world(handlers={"ring": handlers or (lambda ctx, *args: None)})
    world.credentials = KEYS
    return world


def put(world: World, *rows: Thing) -> None:
    for row in rows:
        do(world, lambda ctx, row=row: ctx.put(THINGS, row))


def lived_in() -> World:
    """A world with something of everything that a document can hold."""
    world = fresh()
    put(world, thing(1, name="one", amount="10.50"), thing(2, colour=Colour.BLUE), thing(3))
    world.beginning = world.snapshot()
    do(world, lambda ctx: ctx.drop(THINGS, thing(2).id))
    put(world, thing(1, name="renamed", amount="1E+2"))
    world.keep("before")
    put(world, thing(4))
    do(world, lambda ctx: ctx.put(SECRETS, Secret(id="s", words="hush", left=NOON)))
    do(world, lambda ctx: ctx.schedule(NOON + timedelta(days=1), "ring", "a", "b"))
    do(world, lambda ctx: ctx.send("sms", "+1", "Your code is 1", "1"))
    do(world, lambda ctx: ctx.new_id("00t"))
    world.last_calls = {"z": NOON, "a": NOON + timedelta(microseconds=1)}
    world.behaviour = Behaviour(mfa="bypassed")
    world.limiter.limits = Limits(requests_per_hour=None, concurrent=1)
    world.limiter.login(KEYS.dev_key, NOON)
    world.limiter.login("", NOON)
    world.faults.add(FaultRequest(effect=Effect(code="BDC_1144"), probability=0.5, times=2))
    world.faults.strike("GET", "/", "/")
    return world


def twin_of(world: World) -> World:
    twin = fresh()
    install(twin, IMPORTER.read(written(image(world))))
    return twin


def with_clock(clock: Clock) -> World:
    world = fresh()
    world.clock = clock
    return world
