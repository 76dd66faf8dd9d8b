"""The hash of what a world holds, and the mark of whether there is something to save."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from simulator import Behaviour
from simulator.core.clock import Clock
from simulator.core.export import image, moved
from simulator.core.faults import Effect, FaultRequest
from simulator.core.limits import Limits
from simulator.core.world import World
from tests.core.documents import (
    EXPORTER,
    IMPORTER,
    KEYS,
    SECRETS,
    digest,
    document,
    lived_in,
    put,
    read,
    with_clock,
    written,
)
from tests.core.things import HOME, NOON, THINGS, call, do, thing


def test_equal_worlds_have_equal_hashes() -> None:
    assert digest(lived_in()) == digest(lived_in())


CHANGES: dict[str, Callable[[World], Any]] = {
    "a new row": lambda world: put(world, thing(7)),
    "a changed row": lambda world: put(world, thing(3, name="x")),
    "a row gone": lambda world: do(world, lambda ctx: ctx.drop(THINGS, thing(3).id)),
    "a counter": lambda world: do(world, lambda ctx: ctx.new_id("00t")),
    "a timer": lambda world: do(world, lambda ctx: ctx.schedule(NOON, "ring")),
    "a message": lambda world: do(world, lambda ctx: ctx.send("sms", "+1", "x")),
    "the clock": lambda world: world.advance_to(NOON + timedelta(microseconds=1)),
    "the clock's mode": lambda world: world.clock.run(),
    "the seed": lambda world: setattr(world, "seed", 8),
    "a setting": lambda world: setattr(world, "behaviour", Behaviour(mfa="required")),
    "a limit": lambda world: setattr(world.limiter, "limits", Limits(concurrent=2)),
    "a fault": lambda world: world.faults.add(FaultRequest(effect=Effect(latency_ms=1))),
    "a fault's strike": lambda world: world.faults.draw(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_hash_tells_a_change(change: Callable[[World], Any]) -> None:
    world = lived_in()
    before = digest(world)
    change(world)
    assert digest(world) != before


NO_CHANGES: dict[str, Callable[[World], Any]] = {
    "the name": lambda world: setattr(world, "name", "other"),
    "a counted call": lambda world: world.limiter.login(KEYS.dev_key, NOON),
    "last calls": lambda world: world.last_calls.clear(),
    "an unhashed table": lambda world: world.table(SECRETS.name, "").drop("s"),
    "a snapshot": lambda world: world.keep("more"),
    "a table that is looked at": lambda world: world.table("things", "elsewhere"),
    "a put of the same": lambda world: put(world, thing(3)),
    "going back to now": lambda world: world.restore(world.snapshot()),
    "the encoding of a row": lambda world: [row.wire() for row in world.table("things", HOME)],
}


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES)
def test_the_hash_leaves_out_what_changes_no_answer(change: Callable[[World], Any]) -> None:
    world = lived_in()
    before = digest(world)
    change(world)
    assert digest(world) == before


def test_time_that_passes_on_a_live_clock_changes_no_hash() -> None:
    wall = [NOON]
    world = with_clock(Clock(lambda: wall[0]))
    before = digest(world)
    wall[0] += timedelta(days=1)
    assert digest(world) == before


def test_the_document_tells_the_hash_and_does_not_read_it() -> None:
    told = document(lived_in())
    assert told["hash"] == digest(lived_in())
    assert EXPORTER.digest(read({**told, "hash": "wrong"})) == told["hash"]


# A world with other keys.

OTHERS = replace(KEYS, dev_key="d2", app_key="a2", api_token="t2")


def test_a_world_with_other_keys_takes_everything_but_who_is_signed_in() -> None:
    taken = IMPORTER.read(written(image(lived_in())))
    there = moved(taken, OTHERS, {SECRETS.name})
    assert there.credentials == OTHERS
    assert EXPORTER.digest(there) == EXPORTER.digest(taken)
    assert there.beginning is not None
    for state in (there.present, there.beginning, *there.snapshots.values()):
        assert (SECRETS.name, "") not in state.tables
        assert state.last_calls == {}
    assert there.present.windows == {
        ("logins_per_hour", "d2"): (NOON, 1),
        ("logins_per_hour", ""): (NOON, 1),
    }


# Marks: whether there is something to save.


# Counts are no reason to save; a seed and settings change with a whole world alone.
UNMARKED = {"the seed", "a setting", "a counter"}
MARKED = [change for name, change in CHANGES.items() if name not in UNMARKED]


@pytest.mark.parametrize("change", [*MARKED, NO_CHANGES["a snapshot"]])
def test_a_mark_tells_a_change(change: Callable[[World], Any]) -> None:
    world = lived_in()
    before = world.mark()
    change(world)
    assert world.mark() != before


def test_a_mark_tells_a_snapshot_kept_anew() -> None:
    world = lived_in()
    marks = [world.mark()]
    for _ in range(3):
        world.keep("before")
        marks.append(world.mark())
    assert len(set(marks)) == 4


def test_reading_leaves_the_mark_alone() -> None:
    world = lived_in()
    before = world.mark()
    world.last_calls["z"] = NOON + timedelta(minutes=1)
    world.limiter.call(KEYS.dev_key, NOON)
    call(world).find(THINGS, thing(1).id)
    image(world)
    assert world.mark() == before
