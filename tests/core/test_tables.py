from __future__ import annotations

from operator import attrgetter
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from simulator.core import tables
from simulator.core.rows import changed
from simulator.core.tables import Table
from tests.core.things import Colour, Thing, ids_of, thing

NAMES = ("ant", "bee", "cat")
BUCKETS = {"name": attrgetter("name"), "colour": attrgetter("colour")}
SORTED = {
    "name": lambda row: (row.name,),
    "archived,name": lambda row: (row.archived, row.name),
}

members = st.fixed_dictionaries(
    {
        "name": st.sampled_from(NAMES),
        "colour": st.sampled_from([*Colour, None]),
        "archived": st.booleans(),
    }
)


def filled(*names: str) -> Table[Thing]:
    table: Table[Thing] = Table()
    for number, name in enumerate(names):
        table.put(thing(number, name=name))
    return table


def test_rows_keep_the_order_of_their_creation_when_they_change() -> None:
    table = filled("ant", "bee", "cat")
    old = table.find("00t0000")
    assert table.put(changed(old, name="zebra")) is old
    assert [row.name for row in table] == ["zebra", "bee", "cat"]
    assert [table.at(place).name for place in table.order()] == ["zebra", "bee", "cat"]


def test_a_new_row_replaces_nothing() -> None:
    assert filled("ant").put(thing(7)) is None


def test_an_unknown_id_is_none_to_find_and_an_error_to_drop() -> None:
    table = filled("ant")
    assert table.find("00t0007") is None
    with pytest.raises(KeyError):
        table.drop("00t0007")
    assert len(table) == 1


def test_the_place_of_a_dropped_row_stays_empty() -> None:
    table = filled("ant", "bee", "cat")
    table.drop("00t0001")
    table.put(thing(9, name="dog"))
    assert table.order() == [0, 2, 3]
    with pytest.raises(KeyError):
        table.at(1)


def test_a_retracted_row_frees_its_place() -> None:
    table = filled("ant", "bee")
    table.retract("00t0001")
    table.put(thing(9, name="dog"))
    assert table.order() == [0, 1]
    assert ids_of(table) == ["00t0000", "00t0009"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_reinstated_row_stands_where_it_stood(number: int) -> None:
    table = filled("ant", "bee", "cat")
    table.reinstate(table.drop(f"00t{number:04}"))
    assert ids_of(table) == ["00t0000", "00t0001", "00t0002"]
    assert table.order() == [0, 1, 2]
    assert table.at(number).id == f"00t{number:04}"


def test_rows_are_found_by_a_key_in_order_of_creation() -> None:
    table = filled("ant", "bee", "ant", "cat", "ant")
    assert [row.id for row in table.rows_with("name", BUCKETS["name"], "ant")] == [
        "00t0000",
        "00t0002",
        "00t0004",
    ]
    assert table.rows_with("name", BUCKETS["name"], "dog") == []


def test_an_index_is_built_once_and_kept() -> None:
    calls = []

    def key(row: Thing) -> Any:
        calls.append(row.id)
        return row.name

    table = filled("ant", "bee", "cat")
    for _ in range(3):
        table.rows_with("name", key, "bee")
        table.sorted("name", key)
    assert len(calls) == 6
    table.put(thing(3, name="bee"))
    assert len(calls) == 8


def test_an_index_forgets_values_that_no_row_has() -> None:
    table = filled("ant", "bee")
    assert list(table.bucket("name", BUCKETS["name"], "bee")) == [1]
    table.put(changed(table.find("00t0001"), name="cat"))
    assert set(table._buckets["name"][1]) == {"ant", "cat"}


def test_only_so_many_sort_indexes_are_kept_and_the_least_used_goes() -> None:
    table = filled("bee", "ant")
    most = tables._MAX_SORTED
    for number in range(most):
        table.sorted(f"index {number}", SORTED["name"])
    table.sorted("index 0", SORTED["name"])
    table.sorted("one more", SORTED["name"])
    assert len(table._sorted) == most
    assert "index 0" in table._sorted
    assert "index 1" not in table._sorted
    assert list(table.sorted("index 1", SORTED["name"])) == [(("ant",), 1), (("bee",), 0)]


def test_a_copy_has_the_name_of_its_original() -> None:
    assert Table("things").copy().name == "things"


def test_a_copy_and_its_original_do_not_see_each_other() -> None:
    table = filled("ant", "bee", "cat")
    table.bucket("name", BUCKETS["name"], "ant")
    twin = table.copy()
    twin.put(changed(twin.find("00t0000"), name="dog"))
    twin.drop("00t0001")
    twin.put(thing(3, name="ant"))
    table.put(thing(4, name="ant"))
    assert [row.name for row in table] == ["ant", "bee", "cat", "ant"]
    assert [row.name for row in twin] == ["dog", "cat", "ant"]
    assert (table.order(), twin.order()) == ([0, 1, 2, 3], [0, 2, 3])
    assert ids_of(table.rows_with("name", BUCKETS["name"], "ant")) == ["00t0000", "00t0004"]
    assert ids_of(twin.rows_with("name", BUCKETS["name"], "ant")) == ["00t0003"]


class Model:
    """A table as a dict of rows by id and a list of ids, places and all."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self.rows: dict[str, Thing] = {}
        self.next_place = 0

    def copy(self) -> Model:
        twin = Model()
        twin.places, twin.rows = dict(self.places), dict(self.rows)
        twin.next_place = self.next_place
        return twin

    def ordered(self) -> list[Thing]:
        return [self.rows[one] for one in sorted(self.rows, key=self.places.__getitem__)]


class TableMachine(RuleBasedStateMachine):
    """Puts and drops, and undoing them in reverse, on a table with indexes in use."""

    def __init__(self) -> None:
        super().__init__()
        self.table: Table[Thing] = Table("things")
        self.model = Model()
        self.undo: list[tuple[str, Any, Model]] = []
        self.shelved: list[tuple[Table[Thing], list[Thing]]] = []
        self.made = 0

    @initialize(indexed=st.booleans())
    def use_indexes(self, indexed: bool) -> None:
        if indexed:
            self.look()

    @rule()
    def look(self) -> None:
        for name, key in BUCKETS.items():
            self.table.bucket(name, key, None)
        for name, key in SORTED.items():
            self.table.sorted(name, key)

    @rule(given=members)
    def put_new(self, given: dict[str, Any]) -> None:
        before = self.model.copy()
        row = thing(self.made, **given)
        self.made += 1
        assert self.table.put(row) is None
        self.model.rows[row.id] = row
        self.model.places[row.id] = self.model.next_place
        self.model.next_place += 1
        self.undo.append(("retract", row.id, before))

    @precondition(lambda self: self.model.rows)
    @rule(data=st.data(), given=members)
    def put_changed(self, data: st.DataObject, given: dict[str, Any]) -> None:
        before = self.model.copy()
        old = self.model.rows[data.draw(st.sampled_from(sorted(self.model.rows)))]
        row = changed(old, **given)
        assert self.table.put(row) is old
        self.model.rows[row.id] = row
        self.undo.append(("put", old, before))

    @precondition(lambda self: self.model.rows)
    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        before = self.model.copy()
        row_id = data.draw(st.sampled_from(sorted(self.model.rows)))
        row = self.table.drop(row_id)
        assert row is self.model.rows.pop(row_id)
        del self.model.places[row_id]
        self.undo.append(("reinstate", row, before))

    @precondition(lambda self: self.undo)
    @rule(steps=st.integers(1, 5))
    def take_back(self, steps: int) -> None:
        for _ in range(min(steps, len(self.undo))):
            method, argument, before = self.undo.pop()
            getattr(self.table, method)(argument)
            self.model = before

    @rule()
    def commit(self) -> None:
        self.undo.clear()

    @rule()
    def go_on_with_a_copy(self) -> None:
        self.shelved.append((self.table, self.model.ordered()))
        self.table = self.table.copy()
        self.undo.clear()

    @invariant()
    def rows_are_the_models(self) -> None:
        ordered = self.model.ordered()
        assert len(self.table) == len(ordered)
        assert list(self.table) == ordered
        assert self.table.order() == sorted(self.model.places.values())
        for row in ordered:
            assert self.table.find(row.id) is row
            assert self.table.at(self.model.places[row.id]) is row

    @invariant()
    def indexes_in_use_are_like_new_ones(self) -> None:
        fresh = self.table.copy()
        for name, (key, buckets) in self.table._buckets.items():
            fresh.bucket(name, key, None)
            assert {value: list(places) for value, places in buckets.items()} == {
                value: list(places) for value, places in fresh._buckets[name][1].items()
            }
        for name, (key, entries) in self.table._sorted.items():
            assert list(entries) == list(fresh.sorted(name, key))

    @invariant()
    def indexes_in_use_agree_with_the_model(self) -> None:
        ordered, places = self.model.ordered(), self.model.places
        for name in self.table._buckets:
            key = BUCKETS[name]
            for value in (*NAMES, *Colour, None):
                assert self.table.rows_with(name, key, value) == [
                    row for row in ordered if key(row) == value
                ]
        for name in list(self.table._sorted):
            key = SORTED[name]
            assert list(self.table.sorted(name, key)) == sorted(
                (key(row), places[row.id]) for row in ordered
            )

    def teardown(self) -> None:
        for table, rows in self.shelved:
            assert list(table) == rows
            assert list(table.all_at(table.order())) == rows


TestTableMachine = TableMachine.TestCase
