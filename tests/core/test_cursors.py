"""Cursors of lists: what they are good for, and what is refused as none."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.errors import Refusal
from simulator.core.listing import Grammar
from simulator.core.paging import Page, read_page
from simulator.core.tables import Table
from tests.core.things import GRAMMAR, HOME, Thing, make_world, thing

NAMES = ("", "ant", "ants", "Bee, bumble", "cat: tom", "ñandú", "東")


def read(
    table: Table[Thing], max: int, filters: str = "", sort: str = "", page: str | None = None
) -> Page[Thing]:
    return read_page(table, GRAMMAR, GRAMMAR.read(str(max), page, filters, sort))


def some_table(name: str = "things") -> Table[Thing]:
    table: Table[Thing] = Table(name)
    for number, text in enumerate(NAMES):
        table.put(thing(number, name=text, amount=Decimal(number % 3)))
    return table


CURSORS = {
    "plain": ("", ""),
    "sorted": ("", "name:desc"),
    "filtered": ('archived:eq:false,name:ne:"Bee, bumble"', ""),
    "both": ("archived:eq:false", "amount,name:desc"),
}


def cursor_of(kind: str, table: Table[Thing]) -> str:
    cursor = read(table, 2, *CURSORS[kind]).next_page
    assert cursor is not None
    return cursor


def assert_refused(cursor: str, table: Table[Thing], filters: str = "", sort: str = "") -> None:
    with pytest.raises(Refusal) as caught:
        read(table, 2, filters, sort, cursor)
    (item,) = caught.value.items
    message = f"Invalid parameter value for parameter,value: page, {cursor}."
    assert (caught.value.status, item.code, item.message) == (400, "BDC_1129", message)


@pytest.mark.parametrize("kind", CURSORS)
def test_a_cursor_stands_in_a_url_as_it_is(kind: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]+", cursor_of(kind, some_table()))


@pytest.mark.parametrize("kind", CURSORS)
@given(place=st.floats(0, 1, exclude_max=True), put=st.sampled_from("AZaz059-_+/!. \u0665"))
def test_a_cursor_with_another_character_is_refused(kind: str, place: float, put: str) -> None:
    table = some_table()
    cursor = cursor_of(kind, table)
    at = int(place * len(cursor))
    for tampered in (
        cursor[:at] + put + cursor[at + 1 :],
        cursor[:at] + put + cursor[at:],
        cursor[:at] + cursor[at + 1 :],
        cursor + put,
    ):
        if tampered != cursor:
            assert_refused(tampered, table)


@pytest.mark.parametrize("kind", CURSORS)
def test_a_cut_cursor_is_refused_wherever_it_is_cut(kind: str) -> None:
    table = some_table()
    cursor = cursor_of(kind, table)
    for length in range(1, len(cursor)):
        assert_refused(cursor[:length], table)
        assert_refused(cursor[length:], table)


@given(st.text(min_size=1) | st.from_regex(r"[A-Za-z0-9_=-]+", fullmatch=True))
def test_any_other_text_is_no_cursor(text: str) -> None:
    assert_refused(text, some_table())


@pytest.mark.parametrize("kind", CURSORS)
def test_a_cursor_of_another_resources_list_is_refused(kind: str) -> None:
    assert_refused(cursor_of(kind, some_table("others")), some_table("things"))


def test_every_table_of_a_world_knows_its_own_cursors_alone() -> None:
    world = make_world()
    for name in ("things", "others"):
        for number in range(5):
            world.table(name, HOME).put(thing(number))
    cursor = read(world.table("things", HOME), 2).next_page
    assert cursor is not None
    assert len(read(world.table("things", HOME), 2, page=cursor).rows) == 2
    assert_refused(cursor, world.table("others", HOME))


def test_a_cursor_holds_on_a_copy_of_its_table() -> None:
    table = some_table()
    cursor = read(table, 2, sort="name").next_page
    assert read(table.copy(), 2, page=cursor) == read(table, 2, page=cursor)


@pytest.mark.parametrize(
    ("made_with", "used_with"),
    [("", "name"), ("name", "part.countryCode"), ("name", "name:desc"), ("name", "name,archived")],
)
def test_a_cursor_of_a_list_in_another_order_is_refused(made_with: str, used_with: str) -> None:
    table = some_table()
    cursor = read(table, 2, sort=made_with).next_page
    assert cursor is not None
    assert_refused(cursor, table, sort=used_with)


def test_the_same_order_may_be_spelled_differently_with_a_cursor() -> None:
    table = some_table()
    cursor = read(table, 2, sort="name").next_page
    spelled = read(table, 2, sort="name:asc", page=cursor)
    assert spelled.rows == read(table, 2, page=cursor).rows


@pytest.mark.parametrize("kind", ["sorted", "filtered", "both"])
def test_a_cursor_of_a_list_with_other_fields_is_refused(kind: str) -> None:
    table, grammar = some_table(), Grammar()
    query = grammar.read("2", cursor_of(kind, table), None, None)
    with pytest.raises(Refusal) as caught:
        read_page(table, grammar, query)
    assert [item.code for item in caught.value.items] == ["BDC_1129"]
