from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from simulator.core.context import Ctx
from simulator.core.errors import Refusal, refuse
from simulator.core.events import Event
from simulator.core.evidence import Evidence, documented
from simulator.core.joins import Join, borrowed
from simulator.core.resource import Access, Listed, Operation, Resource
from simulator.core.roles import EVERYONE, PAY
from simulator.core.rows import Answer, Row, changed, shape
from simulator.core.states import Machine
from simulator.core.world import World
from tests.core.things import FIELDS, NOON, Thing, call, do, ids_of, make_things, make_world, thing

SOURCE = documented("the book")


@shape
class Note(Answer):
    some_text: str


@shape
class Other(Row):
    id: str


def only(resource: Resource[Any], key: str) -> Operation:
    (found,) = [operation for operation in resource.operations if operation.key == key]
    return found


def run(world: World, operation: Operation, *arguments: Any) -> Any:
    return world.perform(call(world), operation.run, *arguments)


def body_of(world: World, operation: Operation, answer: Any) -> bytes:
    return operation.resource.encode(call(world), operation, answer)


def test_an_operation_is_declared_below_the_path_of_its_resource() -> None:
    things = make_things()

    @things.operation("POST", "/{thingId}/paint", evidence=SOURCE, status=201, roles=PAY, wrap="w")
    def paint(ctx: Ctx, thing_id: str) -> str:
        """Paint a thing.

        In any colour.
        """
        return f"{thing_id} painted"

    assert paint(call(make_world()), "a") == "a painted"
    (operation,) = things.operations
    assert operation.key == "POST /connect/v3/things/{thingId}/paint"
    assert (operation.run, operation.resource, operation.evidence) == (paint, things, SOURCE)
    assert (operation.summary, operation.status) == ("Paint a thing.", 201)
    assert (operation.roles, operation.wrap) == (PAY, "w")


def test_an_operation_asks_for_a_session_of_any_role_unless_told_otherwise() -> None:
    things = make_things()
    things.operation("GET", "", evidence=SOURCE)(lambda ctx: None)
    (operation,) = things.operations
    assert (operation.access, operation.trusted) == (Access.SESSION, False)
    assert (operation.roles, operation.status) == (EVERYONE, 200)
    assert (operation.body, operation.query, operation.listing) == (None, None, None)


def test_one_record_is_retrieved_by_its_id() -> None:
    world, things = make_world(), make_things()
    things.retrieve("thingId", evidence=SOURCE, roles=PAY)
    get = only(things, "GET /connect/v3/things/{thingId}")
    assert (get.roles, get.joined) == (PAY, True)
    do(world, lambda ctx: ctx.put(things, thing(1)))
    assert run(world, get, "00t0001") == thing(1)
    with pytest.raises(Refusal) as caught:
        run(world, get, "00t0002")
    assert [item.code for item in caught.value.items] == ["BDC_1205"]


def test_records_are_listed_by_the_declared_fields() -> None:
    world, things = make_world(), make_things()
    things.listed(filters=FIELDS[:2], sorts=FIELDS[1:3], evidence=SOURCE)
    listing = only(things, "GET /connect/v3/things")
    grammar = listing.listing
    assert grammar is not None
    assert (list(grammar.filters), list(grammar.sorts)) == (["id", "name"], ["name", "amount"])
    for number, name in enumerate("bac"):
        row = thing(number, name=name)
        do(world, lambda ctx, row=row: ctx.put(things, row))
    query = grammar.read("2", None, "name:ne:x", "name:desc")
    first = run(world, listing, query)
    assert [row.name for row in first.rows] == ["c", "b"]
    assert first.prev_page is None
    second = run(world, listing, grammar.read("2", first.next_page, None, None))
    assert ([row.name for row in second.rows], second.next_page) == (["a"], None)


def test_a_page_is_written_without_the_neighbours_it_does_not_have() -> None:
    world, things = make_world(), make_things()
    things.listed(filters=FIELDS, sorts=FIELDS, evidence=SOURCE)
    (listing,) = things.operations
    rows = [thing(1), thing(2)]
    inside = b",".join(row.wire() for row in rows)
    for listed, written in (
        (Listed([], None, None), b'{"results":[]}'),
        (Listed(rows, None, None), b'{"results":[%s]}' % inside),
        (Listed(rows, "n", None), b'{"nextPage":"n","results":[%s]}' % inside),
        (Listed(rows, None, "p"), b'{"prevPage":"p","results":[%s]}' % inside),
        (Listed(rows, "n", "p"), b'{"nextPage":"n","prevPage":"p","results":[%s]}' % inside),
    ):
        assert body_of(world, listing, listed) == written


@pytest.mark.parametrize(
    ("answer", "wrap", "written"),
    [
        (None, None, b""),
        (Note(some_text="a"), None, b'{"someText":"a"}'),
        (Other(id="x"), None, b'{"id":"x"}'),
        ([], None, b"[]"),
        ([Note(some_text="a"), Note(some_text="b")], None, b'[{"someText":"a"},{"someText":"b"}]'),
        ([], "things", b'{"things":[]}'),
        ([Note(some_text="a")], "things", b'{"things":[{"someText":"a"}]}'),
    ],
)
def test_answers_are_written_by_their_kind(answer: Any, wrap: str | None, written: bytes) -> None:
    things = make_things()
    things.operation("POST", "", evidence=SOURCE, wrap=wrap)(lambda ctx: None)
    (operation,) = things.operations
    assert body_of(make_world(), operation, answer) == written


def joined_things(*, reads_only: bool = False) -> tuple[Resource[Thing], list[str]]:
    """Things that show, as their name, the name of the thing called "master"."""
    things = make_things()
    applied: list[str] = []

    def key(ctx: Ctx, row: Thing) -> str | None:
        return ctx.get(things, "master").name

    def apply(ctx: Ctx, row: Thing) -> Thing:
        applied.append(row.id)
        return changed(row, name=key(ctx, row))

    things.join = Join(key, apply, reads_only=reads_only)
    return things, applied


def test_members_of_another_record_are_filled_in_and_follow_it() -> None:
    world = make_world()
    things, applied = joined_things()
    things.retrieve("thingId", evidence=SOURCE)
    (get,) = things.operations
    do(world, lambda ctx: ctx.put(things, Thing(id="master", name="one")))
    row = do(world, lambda ctx: ctx.put(things, thing(1, name="own")))

    def shown() -> str:
        return json.loads(body_of(world, get, row))["name"]

    assert [shown(), shown(), applied] == ["one", "one", ["00t0001"]]
    do(world, lambda ctx: ctx.put(things, Thing(id="master", name="two")))
    assert [shown(), shown(), applied] == ["two", "two", ["00t0001", "00t0001"]]
    assert row.name == "own"


def test_joined_members_may_stand_in_get_and_list_alone() -> None:
    world = make_world()
    things, _ = joined_things(reads_only=True)
    things.retrieve("thingId", evidence=SOURCE)
    things.operation("PATCH", "", evidence=SOURCE)(lambda ctx: None)
    get, patch = things.operations
    do(world, lambda ctx: ctx.put(things, Thing(id="master", name="one")))
    row = do(world, lambda ctx: ctx.put(things, thing(1, name="own")))
    assert json.loads(body_of(world, get, row))["name"] == "one"
    assert json.loads(body_of(world, patch, row))["name"] == "own"
    assert json.loads(body_of(world, patch, [row]))[0]["name"] == "own"
    assert json.loads(things.wire(call(world), row, reading=True))["name"] == "one"
    assert json.loads(things.wire(call(world), row, reading=False))["name"] == "own"
    (listed,) = json.loads(body_of(world, get, Listed([row], None, None)))["results"]
    assert listed["name"] == "one"


def test_a_member_borrowed_from_another_record_follows_it_on_every_page() -> None:
    world = make_world()
    things = make_things()
    makers: Resource[Thing] = Resource(name="makers", path="/v3/makers", row=Thing)
    things.join = borrowed("name", makers, "id", "name")
    things.listed(filters=FIELDS, sorts=FIELDS, evidence=SOURCE)
    (listing,) = things.operations
    rows = [thing(1, name="own"), thing(2, name="own")]

    def shown() -> list[str | None]:
        page = json.loads(body_of(world, listing, Listed(rows, None, None)))
        return [one.get("name") for one in page["results"]]

    assert shown() == [None, None]
    do(world, lambda ctx: ctx.put(makers, thing(1, name="Ada")))
    assert shown() == ["Ada", None]
    do(world, lambda ctx: [ctx.put(makers, thing(n, name="Grace")) for n in (1, 2)])
    assert shown() == ["Grace", "Grace"]
    assert [row.name for row in rows] == ["own", "own"]
    assert json.loads(things.wire(call(world), rows[0], reading=True))["name"] == "Grace"


def archivable(**more: Any) -> tuple[World, Resource[Thing], Operation, Operation, list[Event]]:
    world, things = make_world(), make_things()
    things.archive_restore("thingId", emits="thing", **more)
    told: list[Event] = []
    world.subscribers.append(told.append)
    do(world, lambda ctx: ctx.put(things, thing(1)))
    world.advance_to(NOON + timedelta(hours=1, milliseconds=1))
    archive = only(things, "POST /connect/v3/things/{thingId}/archive")
    restore = only(things, "POST /connect/v3/things/{thingId}/restore")
    return world, things, archive, restore, told


def test_archiving_and_restoring_move_the_updated_time_and_are_told() -> None:
    world, things, archive, restore, told = archivable(roles=PAY)
    assert archive.roles == restore.roles == PAY
    archived = run(world, archive, "00t0001")
    assert (archived.archived, archived.updated_time) == (True, NOON + timedelta(hours=1))
    assert call(world).get(things, "00t0001") is archived
    world.advance_to(NOON + timedelta(hours=2))
    restored = run(world, restore, "00t0001")
    assert (restored.archived, restored.updated_time) == (False, NOON + timedelta(hours=2))
    assert [(event.type, event.row) for event in told] == [
        ("thing.archived", archived),
        ("thing.restored", restored),
    ]


def test_repeating_an_archive_or_restore_changes_nothing() -> None:
    world, _, archive, restore, told = archivable()
    assert run(world, restore, "00t0001") == thing(1)
    archived = run(world, archive, "00t0001")
    world.advance_to(NOON + timedelta(hours=2))
    assert run(world, archive, "00t0001") is archived
    assert [event.type for event in told] == ["thing.archived"]


def test_archiving_an_unknown_record_is_bdc_1205() -> None:
    world, _, archive, restore, _ = archivable()
    for operation in (archive, restore):
        with pytest.raises(Refusal) as caught:
            run(world, operation, "00t0002")
        assert [item.code for item in caught.value.items] == ["BDC_1205"]


def test_an_archive_may_be_refused_but_not_a_restore_or_a_repetition() -> None:
    def never(ctx: Ctx, row: Thing) -> None:
        raise refuse("BDC_1361")

    world, things, archive, restore, told = archivable(before_archive=never)
    with pytest.raises(Refusal):
        run(world, archive, "00t0001")
    assert call(world).get(things, "00t0001") == thing(1)
    do(world, lambda ctx: ctx.put(things, thing(1, archived=True)))
    assert run(world, archive, "00t0001").archived
    assert not run(world, restore, "00t0001").archived
    assert [event.type for event in told] == ["thing.restored"]


def test_a_resource_may_store_an_archived_record_in_its_own_way() -> None:
    seen: list[tuple[bool, bool]] = []

    def store(ctx: Ctx, new: Thing, old: Thing) -> Thing:
        seen.append((old.archived, new.archived))
        return changed(new, name="stored")

    world, _, archive, _, told = archivable(store=store)
    assert run(world, archive, "00t0001").name == "stored"
    assert seen == [(False, True)]
    assert [event.row.name for event in told] == ["stored"]


def test_rules_timers_simulations_and_machines_are_declared_where_they_are_written() -> None:
    things = make_things()
    machine: Machine[Any] = Machine("thing", [])

    @things.rule("Things fall.", SOURCE)
    @things.timer("thing.falls")
    def fall(ctx: Ctx, thing_id: str) -> None:
        pass

    @things.simulation("drop thing", evidence=SOURCE)
    def drop(ctx: Ctx, thing_id: str, more: dict[str, Any]) -> Thing:
        """Let a thing fall."""
        return ctx.get(things, thing_id)

    assert things.machine(machine) is machine
    assert things.machines == [machine]
    assert [(rule.text, rule.evidence) for rule in things.rules] == [("Things fall.", SOURCE)]
    assert things.timers == {"thing.falls": fall}
    (simulation,) = things.simulations
    assert (simulation.event, simulation.summary) == ("drop thing", "Let a thing fall.")
    assert (simulation.run, simulation.resource) == (drop, things)
    assert isinstance(simulation.evidence, Evidence)


def test_a_page_is_of_the_callers_organization() -> None:
    world, things = make_world(), make_things()
    things.listed(filters=FIELDS, sorts=FIELDS, evidence=SOURCE)
    (listing,) = things.operations
    do(world, lambda ctx: ctx.put(things, thing(1)))
    do(world, lambda ctx: ctx.put(things, thing(2)), "008other")
    assert listing.listing is not None
    page = run(world, listing, listing.listing.read(None, None, None, None))
    assert ids_of(page.rows) == ["00t0001"]
