from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core import world as world_module
from simulator.core.bulk import all_or_nothing
from simulator.core.context import Ctx
from simulator.core.errors import Refusal, refuse
from simulator.core.events import Event
from simulator.core.rows import changed
from simulator.core.world import World
from simulator.settings import Behaviour
from tests.core.things import AWAY, HOME, NOON, THINGS, Thing, call, do, make_world, thing, trace

HOUR = timedelta(hours=1)

Step = tuple[str, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["create", "create away", "change", "drop", "count", "say", "send", "emit", "plan"]
        ),
        st.integers(0, 5),
    ),
    max_size=20,
)


def program(steps: list[Step], end: BaseException | None = None) -> Callable[[Ctx], list[Any]]:
    """An operation that takes the steps, then raises `end` if there is one."""

    def operation(ctx: Ctx) -> list[Any]:
        answers: list[Any] = []
        for step, number in steps:
            rows = list(ctx.table(THINGS))
            chosen = rows[number % len(rows)] if rows else None
            match step:
                case "create" | "create away":
                    where = ctx if step == "create" else ctx.within(AWAY)
                    row = Thing(id=where.new_id("00t"), name=str(number))
                    answers.append(where.put(THINGS, row))
                case "change" if chosen:
                    ctx.put(THINGS, changed(chosen, name=f"{chosen.name}{number}"))
                case "drop" if chosen:
                    ctx.drop(THINGS, chosen.id)
                case "count":
                    answers.append(ctx.number("count"))
                case "say":
                    answers.append(ctx.word("say", 8))
                case "send":
                    ctx.send("sms", "+14155550123", f"code {number}", str(number))
                case "emit" if chosen:
                    ctx.emit("thing.updated", chosen)
                case "plan":
                    ctx.schedule(ctx.now + number * HOUR, "note", str(number))
        if end:
            raise end
        return answers

    return operation


def note(ctx: Ctx, text: str) -> None:
    """A timer that leaves a row and a message behind."""
    ctx.put(THINGS, Thing(id=ctx.new_id("00t"), name=text, created_time=ctx.now))
    ctx.send("email", "ada@cedarfinch.example", text)


def busy_world(seed: int = 7) -> tuple[World, list[Event]]:
    world = make_world(seed, handlers={"note": note})
    told: list[Event] = []
    world.subscribers.append(told.append)
    do(world, program([("create", 1), ("create", 2), ("create", 3), ("create away", 4)]))
    # Indexes in use must be put right as well.
    world.table("things", HOME).sorted("name", lambda row: row.name)
    world.table("things", HOME).bucket("name", lambda row: row.name, "1")
    return world, told


def names(world: World, organization_id: str = HOME) -> list[str | None]:
    return [row.name for row in world.table("things", organization_id)]


@given(steps, steps, st.sampled_from([refuse("BDC_1205"), ValueError("x"), KeyboardInterrupt()]))
def test_an_operation_that_raises_leaves_no_trace(
    before: list[Step], failing: list[Step], end: BaseException
) -> None:
    world, told = busy_world()
    do(world, program(before))
    was, events = trace(world), list(told)
    with pytest.raises(type(end)) as caught:
        do(world, program(failing, end))
    assert caught.value is end
    assert trace(world) == was
    assert told == events
    table = world.table("things", HOME)
    assert list(table.sorted("name", lambda row: row.name)) == sorted(
        (row.name, row._place) for row in table
    )


@given(steps, steps)
def test_a_failed_operation_changes_nothing_for_those_that_follow(
    failing: list[Step], following: list[Step]
) -> None:
    (one, told), (other, other_told) = busy_world(), busy_world()
    with pytest.raises(ZeroDivisionError):
        do(other, program(failing, ZeroDivisionError()))
    assert do(other, program(following)) == do(one, program(following))
    one.advance_to(NOON + 9 * HOUR)
    other.advance_to(NOON + 9 * HOUR)
    assert trace(other) == trace(one)
    assert other_told == told


@given(st.lists(steps, max_size=4), st.integers(0, 2**31))
def test_the_same_seed_and_calls_give_the_same_bytes(calls: list[list[Step]], seed: int) -> None:
    (one, told), (other, other_told) = busy_world(seed), busy_world(seed)
    for each in calls:
        assert do(one, program(each)) == do(other, program(each))
        for world in (one, other):
            world.advance_to(world.clock.now() + HOUR)
    assert trace(one) == trace(other)
    assert told == other_told


def test_another_seed_gives_other_bytes() -> None:
    (one, _), (other, _) = busy_world(1), busy_world(2)
    assert trace(one)["rows"] != trace(other)["rows"]


def test_a_returned_refusal_keeps_what_was_written() -> None:
    world, told = busy_world()

    def operation(ctx: Ctx) -> Refusal:
        row = ctx.put(THINGS, thing(9, name="kept"))
        ctx.emit("thing.created", row)
        ctx.schedule(NOON + HOUR, "note", "later")
        return refuse("BDC_1101")

    answer = do(world, operation)
    assert isinstance(answer, Refusal)
    assert answer.items[0].code == "BDC_1101"
    assert names(world) == ["1", "2", "3", "kept"]
    assert [event.type for event in told] == ["thing.created"]
    assert world.next_due() == NOON + HOUR


def test_a_refused_bulk_leaves_nothing_of_any_item() -> None:
    world, _ = busy_world()
    was = trace(world)

    def one(ctx: Ctx, number: int) -> Thing:
        row = ctx.put(THINGS, Thing(id=ctx.new_id("00t"), name=str(number)))
        if number == 2:
            raise refuse("field.null", field="name")
        return row

    with pytest.raises(Refusal):
        do(world, lambda ctx: all_or_nothing([1, 2, 3], 20, lambda n: one(ctx, n)))
    assert trace(world) == was


def test_an_operation_gets_its_arguments_and_its_answer_is_given_back() -> None:
    world = make_world()
    answer = world.perform(call(world), lambda ctx, *args: (ctx.organization_id, args), "a", 2)
    assert answer == (HOME, ("a", 2))


def test_subscribers_are_told_in_order_after_everything_is_written() -> None:
    world = make_world()
    told: list[tuple[str, str, int]] = []
    for who in ("first", "second"):
        world.subscribers.append(
            lambda event, who=who: told.append((who, event.type, len(world.table("things", HOME))))
        )

    def operation(ctx: Ctx) -> None:
        ctx.emit("thing.created", ctx.put(THINGS, thing(1)))
        ctx.emit("thing.updated", ctx.put(THINGS, thing(2)))

    do(world, operation)
    assert told == [
        ("first", "thing.created", 2),
        ("second", "thing.created", 2),
        ("first", "thing.updated", 2),
        ("second", "thing.updated", 2),
    ]


def test_a_subscriber_that_fails_is_logged_and_troubles_neither_caller_nor_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = make_world()
    told: list[Event] = []

    def fail(event: Event) -> None:
        raise ZeroDivisionError

    world.subscribers += [fail, told.append]

    def operation(ctx: Ctx) -> str:
        ctx.emit("thing.created", ctx.put(THINGS, thing(1, name="kept")))
        return "answer"

    assert do(world, operation) == "answer"
    assert names(world) == ["kept"]
    assert [event.type for event in told] == ["thing.created"]
    assert caplog.messages == ["a subscriber failed on thing.created"]


def test_an_event_shows_the_row_as_it_was_then() -> None:
    world = make_world()
    told: list[Event] = []
    world.subscribers.append(told.append)

    def operation(ctx: Ctx) -> None:
        row = ctx.put(THINGS, thing(1, name="old"))
        ctx.emit("thing.created", row)
        ctx.put(THINGS, changed(row, name="new"))

    do(world, operation)
    assert [event.row.name for event in told] == ["old"]


def rung(world: World) -> list[tuple[str, datetime, str]]:
    """Name, instant and organization of everything that `note` left."""
    found = [
        (str(row.name), row.created_time, organization)
        for (name, organization), table in world.tables.items()
        if name == "things"
        for row in table
    ]
    return sorted(found, key=lambda one: one[1])


def plan(world: World, *timers: tuple[str, timedelta], where: str = HOME) -> None:
    def operation(ctx: Ctx) -> None:
        for text, delay in timers:
            ctx.schedule(ctx.now + delay, "note", text)

    do(world, operation, where)


def test_timers_run_in_order_each_at_its_own_instant_in_its_own_organization() -> None:
    world = make_world(handlers={"note": note})
    plan(world, ("late", 3 * HOUR), ("early", HOUR))
    plan(world, ("middle", 2 * HOUR), where=AWAY)
    fired = world.advance_to(NOON + 10 * HOUR)
    assert [timer.args for timer in fired] == [("early",), ("middle",), ("late",)]
    assert rung(world) == [
        ("early", NOON + HOUR, HOME),
        ("middle", NOON + 2 * HOUR, AWAY),
        ("late", NOON + 3 * HOUR, HOME),
    ]
    assert [message.time for message in world.table("outbox", "")] == [
        NOON + HOUR,
        NOON + 2 * HOUR,
        NOON + 3 * HOUR,
    ]
    assert len(world.table("timers", "")) == 0


@given(st.lists(st.integers(0, 5), max_size=30))
def test_timers_of_one_instant_run_in_the_order_they_were_set(hours: list[int]) -> None:
    world = make_world(handlers={"note": note})
    plan(world, *((str(n), hour * HOUR) for n, hour in enumerate(hours)))
    fired = world.advance_to(NOON + 5 * HOUR)
    in_order = sorted(range(len(hours)), key=lambda n: (hours[n], n))
    assert [timer.args[0] for timer in fired] == [str(n) for n in in_order]


def test_a_timer_does_not_run_before_its_instant_and_runs_once() -> None:
    world = make_world(handlers={"note": note})
    plan(world, ("bell", HOUR))
    assert world.advance_to(NOON + HOUR - timedelta(microseconds=1)) == []
    assert world.next_due() == NOON + HOUR
    assert [timer.kind for timer in world.advance_to(NOON + HOUR)] == ["note"]
    assert world.advance_to(NOON + 9 * HOUR) == []
    assert world.next_due() is None
    assert names(world) == ["bell"]


def test_what_is_due_at_once_waits_for_catching_up() -> None:
    world = make_world(handlers={"note": note})
    plan(world, ("now", timedelta(0)))
    assert names(world) == []
    assert len(world.catch_up()) == 1
    assert names(world) == ["now"]


def test_a_timer_may_set_the_next_one_on_the_way() -> None:
    def tick(ctx: Ctx, left: str) -> None:
        note(ctx, left)
        if int(left):
            ctx.schedule(ctx.now + HOUR, "tick", str(int(left) - 1))

    world = make_world(handlers={"tick": tick, "note": note})
    do(world, lambda ctx: ctx.schedule(NOON + HOUR, "tick", "3"))
    plan(world, ("between", timedelta(minutes=150)))
    fired = world.advance_to(NOON + 4 * HOUR)
    assert [timer.args[0] for timer in fired] == ["3", "2", "between", "1", "0"]
    assert [at for _, at, _ in rung(world)] == [
        NOON + HOUR,
        NOON + 2 * HOUR,
        NOON + timedelta(minutes=150),
        NOON + 3 * HOUR,
        NOON + 4 * HOUR,
    ]


@given(st.lists(st.integers(0, 8), max_size=10), st.lists(st.integers(0, 3), max_size=6))
def test_one_long_advance_is_as_many_short_ones(hours: list[int], stops: list[int]) -> None:
    worlds = [make_world(handlers={"note": note}) for _ in range(2)]
    for world in worlds:
        plan(world, *((str(n), hour * HOUR) for n, hour in enumerate(hours)))
    at = NOON
    for stop in stops:
        at += stop * HOUR
        worlds[0].advance_to(at)
    for world in worlds:
        world.advance_to(NOON + 20 * HOUR)
    assert trace(worlds[0]) == trace(worlds[1])


def test_a_timer_that_was_dropped_does_not_run() -> None:
    world = make_world(handlers={"note": note})
    plan(world, ("first", HOUR), ("second", 2 * HOUR))
    world.table("timers", "").drop("timer-0")
    assert world.next_due() == NOON + 2 * HOUR
    assert [timer.args for timer in world.advance_to(NOON + 3 * HOUR)] == [("second",)]


def test_a_timer_that_fails_is_logged_leaves_no_trace_and_does_not_stop_the_next(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(ctx: Ctx, text: str) -> None:
        note(ctx, text)
        raise refuse("BDC_1205")

    world = make_world(handlers={"fail": fail, "note": note})
    do(world, lambda ctx: ctx.schedule(NOON + HOUR, "fail", "half done"))
    plan(world, ("next", 2 * HOUR))
    assert [timer.kind for timer in world.advance_to(NOON + 3 * HOUR)] == ["fail", "note"]
    assert names(world) == ["next"]
    assert [message.text for message in world.table("outbox", "")] == ["next"]
    assert world.next_due() is None
    assert caplog.messages == ["timer fail ('half done',) failed"]


def test_events_of_timers_are_told_with_the_timers_instant() -> None:
    def ring(ctx: Ctx) -> None:
        ctx.emit("thing.created", ctx.put(THINGS, thing(1)))

    world = make_world(handlers={"ring": ring})
    told: list[Event] = []
    world.subscribers.append(told.append)
    do(world, lambda ctx: ctx.schedule(NOON + HOUR, "ring"), AWAY)
    world.advance_to(NOON + 5 * HOUR)
    assert told == [Event("thing.created", NOON + HOUR, AWAY, thing(1))]


def test_the_past_is_refused_and_nothing_runs() -> None:
    world = make_world(handlers={"note": note})
    plan(world, ("now", timedelta(0)))
    with pytest.raises(ValueError, match="the clock does not run backward"):
        world.advance_to(NOON - HOUR)
    assert names(world) == []
    assert world.clock.now() == NOON


def test_timers_that_keep_falling_due_at_once_end_in_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def again(ctx: Ctx) -> None:
        ctx.schedule(ctx.now, "again")

    monkeypatch.setattr(world_module, "_MOST_FIRINGS", 100)
    world = make_world(handlers={"again": again})
    do(world, lambda ctx: ctx.schedule(NOON, "again"))
    with pytest.raises(RuntimeError, match="timers keep setting timers that are due at once"):
        world.catch_up()


def test_worlds_do_not_see_each_other() -> None:
    one, other = make_world(), make_world()
    do(one, program([("create", 1), ("count", 0), ("send", 1), ("plan", 1)]))
    assert trace(other) == trace(make_world())


def test_a_world_has_settings_of_its_own() -> None:
    changed_settings = Behaviour(process_cutoff_hour=12)
    world = World("test", 1, make_world().clock, {}, changed_settings)
    assert world.behaviour is changed_settings
    assert make_world().behaviour == Behaviour()
