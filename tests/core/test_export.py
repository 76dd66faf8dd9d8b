"""Worlds as documents: out and in again, whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import Behaviour
from simulator.core.clock import Clock
from simulator.core.context import Ctx
from simulator.core.export import image, install
from simulator.core.limits import Limits
from simulator.core.loading import Importer
from simulator.core.rows import changed
from simulator.core.world import World
from tests.core.documents import (
    IMPORTER,
    KEYS,
    SECRETS,
    TABLES,
    Secret,
    digest,
    document,
    fresh,
    lived_in,
    put,
    read,
    twin_of,
    unscripted,
    with_clock,
    written,
)
from tests.core.things import HOME, NOON, THINGS, Colour, Thing, call, do, thing, trace


def test_a_world_comes_back_from_its_document_as_it_was() -> None:
    world = lived_in()
    twin = twin_of(world)
    assert trace(twin) == trace(world)
    assert (twin.seed, twin.behaviour, twin.last_calls) == (
        world.seed,
        world.behaviour,
        world.last_calls,
    )
    assert list(twin.last_calls) == ["z", "a"]
    assert twin.limiter.limits == world.limiter.limits
    assert twin.limiter.windows == world.limiter.windows
    [fault], [known] = twin.faults.listed, world.faults.listed
    assert (fault.id, fault.request, fault.struck) == (known.id, known.request, known.struck)
    assert (twin.faults.made, twin.faults.drawn) == (world.faults.made, world.faults.drawn)


def test_what_comes_out_after_going_in_is_the_same_bytes() -> None:
    first = written(image(lived_in()))
    assert written(IMPORTER.read(first)) == first


def test_a_row_comes_back_with_what_is_hidden_of_it() -> None:
    [secret] = twin_of(lived_in()).table(SECRETS.name, "")
    assert secret == Secret(id="s", words="hush", left=NOON)


def test_an_imported_world_goes_on_like_the_one_exported() -> None:
    rung: list[tuple[str, ...]] = []
    world = lived_in()
    twin = fresh(lambda ctx, *args: rung.append(args))
    install(twin, IMPORTER.read(written(image(world))))

    def course(one: World) -> Any:
        ids = do(one, lambda ctx: [ctx.new_id("00t"), ctx.word("w", 9)])
        put(one, thing(9))
        timers = [timer.kind for timer in one.advance_to(NOON + timedelta(days=2))]
        return ids, timers, [row.id for row in one.table(THINGS.name, HOME)]

    assert course(twin) == course(world)
    assert rung == [("a", "b")]
    assert digest(twin) == digest(world)


def test_snapshots_and_the_beginning_come_along_and_share_their_rows() -> None:
    world = lived_in()
    taken = IMPORTER.read(written(image(world)))
    present = taken.present.tables[THINGS.name, HOME]
    kept = taken.snapshots["before"].tables[THINGS.name, HOME]
    assert taken.beginning is not None
    beginning = taken.beginning.tables[THINGS.name, HOME]
    assert [row.name for row in beginning] == ["one", None, None]
    assert [row.name for row in kept] == ["renamed", None]
    assert kept.find(thing(1).id) is present.find(thing(1).id)
    assert beginning.find(thing(3).id) is present.find(thing(3).id)
    twin = twin_of(world)
    assert twin.beginning is not None
    twin.restore(twin.beginning)
    world.restore(world.beginning)  # type: ignore[arg-type]
    assert trace(twin) == trace(world)


def test_rows_that_a_snapshot_shares_with_the_present_are_written_once() -> None:
    [table] = [
        one for one in document(lived_in())["snapshots"][0]["tables"] if one["name"] == "things"
    ]
    assert table["rows"] == [None, None]
    assert table["places"] == [0, 2]
    assert table["nextPlace"] == 3


def test_a_row_that_changed_since_a_snapshot_stands_in_both() -> None:
    world = lived_in()
    put(world, thing(1, name="again"))
    [table] = [one for one in document(world)["snapshots"][0]["tables"] if one["name"] == "things"]
    assert [row and row["name"] for row in table["rows"]] == ["renamed", None]


def test_without_a_beginning_the_present_is_one() -> None:
    told = document(lived_in())
    del told["beginning"]
    twin = fresh()
    install(twin, read(told))
    assert twin.beginning is not None
    assert list(twin.beginning.tables[THINGS.name, HOME]) == list(twin.table(THINGS.name, HOME))


def test_the_least_document_is_a_clock_and_tables() -> None:
    told = document(lived_in())
    names = ("formatVersion", "seed", "credentials", "clock", "tables")
    taken = read({name: told[name] for name in names})
    assert (taken.name, taken.behaviour, taken.limits) == ("default", Behaviour(), Limits())
    assert len(taken.present.tables[THINGS.name, HOME]) == 3


def test_a_table_without_gaps_needs_no_places() -> None:
    world = fresh()
    put(world, thing(1), thing(2))
    told = document(world)
    [table] = told["tables"]
    assert set(table) == {"name", "organizationId", "rows"}
    assert [row._place for row in read(told).present.tables[THINGS.name, HOME]] == [0, 1]


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 129])
def test_a_table_of_any_length_is_written_whole(count: int) -> None:
    world = fresh()
    put(world, *map(thing, range(count)))
    assert trace(twin_of(world)) == trace(world)


def test_worlds_of_one_image_share_nothing_that_changes() -> None:
    taken = IMPORTER.read(written(image(lived_in())))
    one, two = fresh(), fresh()
    for world in (one, two):
        install(world, taken)
    before = written(image(two))
    one.faults.strike("GET", "/", "/")
    one.faults.clear()
    one.snapshots.clear()
    one.last_calls.clear()
    one.limiter.call(KEYS.dev_key, NOON)
    do(one, lambda ctx: ctx.new_id("00t"))
    put(one, thing(8))
    one.advance_to(NOON + timedelta(days=2))
    assert written(image(two)) == written(taken) == before


# Clocks.


def test_a_live_clock_runs_on_with_the_wall() -> None:
    wall = [NOON]
    world = with_clock(Clock(lambda: wall[0]))
    world.advance_to(NOON + timedelta(days=3, microseconds=7))
    written_then = written(image(world))
    wall[0] += timedelta(hours=5)
    importer = Importer(TABLES, (), lambda: wall[0], unscripted)
    twin = with_clock(importer.read(written_then).present.clock)
    assert (
        twin.clock.now() == world.clock.now() == NOON + timedelta(days=3, hours=5, microseconds=7)
    )


def test_a_live_clock_never_shows_less_than_it_did() -> None:
    later = with_clock(Clock(lambda: NOON + timedelta(days=9)))
    taken = IMPORTER.read(written(image(later)))
    assert taken.present.clock.now() == NOON + timedelta(days=9)


def test_a_clock_without_offset_runs_on_from_its_instant() -> None:
    told = document(with_clock(Clock(lambda: NOON)))
    del told["clock"]["offset"]
    told["clock"]["now"] = "2031-01-01T00:00:00Z"
    clock = read(told).present.clock
    assert (clock.mode, clock.now()) == ("live", datetime(2031, 1, 1, tzinfo=UTC))


# Any world.

VALUES = st.builds(
    thing,
    st.integers(0, 30),
    name=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    amount=st.none() | st.decimals(-(10**6), 10**6, places=2),
    due_date=st.none() | st.dates(datetime(1900, 1, 1).date(), datetime(9000, 1, 1).date()),
    created_time=st.datetimes(datetime(1900, 1, 2), datetime(9000, 1, 1), timezones=st.just(UTC)),
    colour=st.none() | st.sampled_from(Colour),
)


@given(st.lists(st.tuples(VALUES, st.booleans(), st.booleans())))
def test_whatever_was_done_to_a_world_survives_a_document(
    steps: list[tuple[Thing, bool, bool]],
) -> None:
    world = fresh()
    world.beginning = world.snapshot()
    for row, drops, keeps in steps:
        if drops and call(world).find(THINGS, row.id):
            do(world, lambda ctx, row=row: ctx.drop(THINGS, row.id))
        else:
            put(world, changed(row))
        if keeps:
            world.keep("kept")
    twin = twin_of(world)
    shown = written(image(world))
    assert written(image(twin)) == shown
    assert {**trace(twin), "next places": 0} == {**trace(world), "next places": 0}
    if "kept" in world.snapshots:
        for one in (world, twin):
            one.restore(one.snapshots["kept"])
        assert trace(twin) == trace(world)


def test_a_document_reads_back_beyond_the_precision_of_the_wire() -> None:
    world = fresh()
    exact = thing(1, amount=Decimal("0.105"), created_time=NOON + timedelta(microseconds=5))
    put(world, exact)
    [row] = twin_of(world).table(THINGS.name, HOME)
    assert row == exact


def test_an_operation_runs_in_an_imported_world() -> None:
    twin = twin_of(lived_in())
    ctx = Ctx(twin, twin.clock.now(), HOME)
    assert twin.perform(ctx, lambda inside: inside.get(THINGS, thing(4).id)) == thing(4)
