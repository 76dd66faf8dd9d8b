from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from simulator.core import ids
from simulator.core.bankdays import pacific_instant
from simulator.core.context import Ctx
from simulator.core.errors import Refusal
from simulator.core.events import Event
from simulator.core.roles import Role
from simulator.core.rows import changed
from tests.core.things import AWAY, HOME, NOON, THINGS, call, do, make_things, make_world, thing


@dataclass(frozen=True)
class Session:
    id: str = "session"
    user_id: str = "006ada"
    role: Role = Role.PAYER
    trusted: bool = False


def test_a_row_is_seen_by_its_own_organization_alone() -> None:
    world = make_world()
    do(world, lambda ctx: ctx.put(THINGS, thing(1)))
    assert call(world).get(THINGS, "00t0001") == thing(1)
    assert call(world, AWAY).find(THINGS, "00t0001") is None
    assert len(call(world, AWAY).table(THINGS)) == 0


def test_all_organizations_see_a_shared_row() -> None:
    world, shared = make_world(), make_things(shared=True)
    do(world, lambda ctx: ctx.put(shared, thing(1)))
    assert call(world, AWAY).get(shared, "00t0001") == thing(1)


@pytest.mark.parametrize("row_id", ["00t0002", "", "nonsense", "00n02ABCDEFGHIJ00000"])
def test_any_other_id_is_none_to_find_and_bdc_1205_to_get(row_id: str) -> None:
    world = make_world()
    do(world, lambda ctx: ctx.put(THINGS, thing(1)))
    ctx = call(world)
    assert ctx.find(THINGS, row_id) is None
    with pytest.raises(Refusal) as caught:
        ctx.get(THINGS, row_id)
    (item,) = caught.value.items
    assert (caught.value.status, item.code) == (404, "BDC_1205")
    assert item.message == "No data found for object with given ID."


def test_what_an_operation_writes_it_reads_at_once() -> None:
    def operation(ctx: Ctx) -> None:
        row = ctx.put(THINGS, thing(1, name="old"))
        assert ctx.get(THINGS, row.id) is row
        ctx.put(THINGS, changed(row, name="new"))
        assert ctx.get(THINGS, row.id).name == "new"
        ctx.drop(THINGS, row.id)
        assert ctx.find(THINGS, row.id) is None

    do(make_world(), operation)


def test_another_organization_is_reached_within_the_same_operation() -> None:
    world = make_world()
    ctx = Ctx(world, NOON, HOME, Session(), "http://127.0.0.1:8080")

    def operation(ctx: Ctx) -> None:
        inside = ctx.within(AWAY)
        assert (inside.now, inside.user_id, inside.origin) == (ctx.now, "006ada", ctx.origin)
        inside.put(THINGS, thing(1))
        inside.emit("thing.created", thing(1))
        inside.schedule(NOON, "ring")
        ctx.put(THINGS, thing(2))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        world.perform(ctx, operation)
    assert len(call(world, AWAY).table(THINGS)) == 0
    assert len(call(world, HOME).table(THINGS)) == 0
    assert world.next_due() is None


@pytest.mark.parametrize(
    ("now", "today"),
    [
        ("2026-06-04T06:59:59+00:00", date(2026, 6, 3)),
        ("2026-06-04T07:00:00+00:00", date(2026, 6, 4)),
        ("2026-12-04T07:59:59+00:00", date(2026, 12, 3)),
        ("2026-12-04T08:00:00+00:00", date(2026, 12, 4)),
    ],
)
def test_today_is_californias(now: str, today: date) -> None:
    assert call(make_world(start=datetime.fromisoformat(now))).today == today


def test_records_are_stamped_in_whole_seconds() -> None:
    ctx = call(make_world(start=datetime(2026, 6, 3, 16, 5, 7, 999_999, UTC)))
    assert ctx.record_time.isoformat() == "2026-06-03T16:05:07+00:00"


def test_who_acts_is_the_sessions_user_or_nobody() -> None:
    world = make_world()
    assert Ctx(world, NOON, HOME, Session()).user_id == "006ada"
    assert call(world).user_id is None


def test_the_settings_are_the_worlds() -> None:
    world = make_world()
    assert call(world).behaviour is world.behaviour


def test_numbers_of_each_counter_go_up_from_0() -> None:
    def operation(ctx: Ctx) -> list[int]:
        return [ctx.number(counter) for counter in ("a", "a", "b", "a")]

    world = make_world()
    assert do(world, operation) == [0, 1, 0, 2]
    assert do(world, operation, AWAY) == [3, 4, 1, 5]


def test_ids_of_a_type_count_through_all_organizations() -> None:
    world = make_world(seed=5)
    made = [do(world, lambda ctx: ctx.new_id("00t"), organization) for organization in (HOME, AWAY)]
    assert made == [ids.record_id(5, "00t", 0), ids.record_id(5, "00t", 1)]


def test_words_differ_by_purpose_and_from_call_to_call() -> None:
    def operation(ctx: Ctx) -> list[str]:
        return [ctx.word(purpose, 12) for purpose in ("key", "key", "token")]

    words = do(make_world(), operation)
    assert len(set(words)) == 3
    assert {len(word) for word in words} == {12}
    assert do(make_world(), operation) == words
    assert not set(do(make_world(seed=8), operation)) & set(words)


def test_a_word_can_have_an_alphabet_of_its_own() -> None:
    word = do(make_world(), lambda ctx: ctx.word("code", 6, ids.DIGITS))
    assert len(word) == 6
    assert word.isdigit()


def test_an_event_tells_type_instant_organization_and_row() -> None:
    world = make_world()
    told: list[Event] = []
    world.subscribers.append(told.append)
    do(world, lambda ctx: ctx.emit("thing.created", ctx.put(THINGS, thing(1))), AWAY)
    assert told == [Event("thing.created", NOON, AWAY, thing(1))]


def test_a_timer_is_kept_with_its_instant_in_utc() -> None:
    world = make_world()
    six = pacific_instant(date(2026, 6, 9), 18)
    do(world, lambda ctx: ctx.schedule(six, "ring", "00t0001", "loud"), AWAY)
    (timer,) = world.table("timers", "")
    assert timer.at.isoformat() == "2026-06-10T01:00:00+00:00"
    assert (timer.kind, timer.organization_id) == ("ring", AWAY)
    assert timer.args == ("00t0001", "loud")
    assert world.next_due() == six


def test_a_timer_waits_for_the_commit() -> None:
    world = make_world()

    def operation(ctx: Ctx) -> None:
        ctx.schedule(NOON + timedelta(hours=1), "ring")
        assert world.next_due() is None

    do(world, operation)
    assert world.next_due() == NOON + timedelta(hours=1)
