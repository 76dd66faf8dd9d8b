"""Pages against a model that sorts and slices a list."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from simulator.core import paging
from simulator.core.listing import TEXT, Grammar, filter_field
from simulator.core.paging import Page, read_page
from simulator.core.rows import changed
from simulator.core.tables import Table
from tests.core.things import GRAMMAR, NOON, Colour, Part, Thing, ids_of, thing

Filter = tuple[str, str, Any]
Sort = list[tuple[str, bool]]

NAMES = ("", "ant", "ants", "Bee, bumble", "cat: tom", "ñandú", "東")
AMOUNTS = tuple(map(Decimal, ("-3", "0", "0.10", "99.99", "100", "1234567.89")))
DATES = tuple(date(2026, 12, 30) + timedelta(days=n) for n in range(4))
TIMES = tuple(NOON + timedelta(milliseconds=n) for n in (0, 1, 250, 86_400_000))
COUNTRIES = ("CA", "US")

members = st.fixed_dictionaries(
    {
        "name": st.sampled_from(NAMES) | st.none(),
        "amount": st.sampled_from(AMOUNTS) | st.none(),
        "due_date": st.sampled_from(DATES) | st.none(),
        "created_time": st.sampled_from(TIMES),
        "archived": st.booleans(),
        "colour": st.sampled_from(Colour) | st.none(),
        "part": st.builds(Part, country_code=st.sampled_from(COUNTRIES)) | st.none(),
    }
)
contents = st.lists(members, max_size=24)

VALUES: dict[str, Callable[[Thing], Any]] = {
    "id": lambda row: row.id,
    "name": lambda row: row.name,
    "amount": lambda row: row.amount,
    "dueDate": lambda row: row.due_date,
    "createdTime": lambda row: row.created_time,
    "archived": lambda row: row.archived,
    "colour": lambda row: row.colour,
    "part.countryCode": lambda row: row.part and row.part.country_code,
}
DOMAINS: dict[str, tuple[Any, ...]] = {
    "id": tuple(thing(n).id for n in range(26)),
    "name": NAMES,
    "amount": AMOUNTS,
    "dueDate": DATES,
    "createdTime": TIMES,
    "archived": (True, False),
    "colour": tuple(Colour),
    "part.countryCode": COUNTRIES,
}
TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "in": lambda found, wanted: found in wanted,
    "nin": lambda found, wanted: found not in wanted,
    "sw": lambda found, wanted: found is not None and found.startswith(wanted),
    **{
        name: lambda found, wanted, compare=compare: found is not None and compare(found, wanted)
        for name, compare in (
            ("gt", operator.gt),
            ("gte", operator.ge),
            ("lt", operator.lt),
            ("lte", operator.le),
        )
    },
}


@st.composite
def one_filter(draw: st.DrawFn) -> Filter:
    name = draw(st.sampled_from(sorted(VALUES)))
    op = draw(st.sampled_from(sorted(GRAMMAR.filters[name].ops)))
    if op in ("in", "nin"):
        plain = [value for value in DOMAINS[name] if "," not in str(value)]
        return name, op, draw(st.lists(st.sampled_from(plain), min_size=1, max_size=4))
    return name, str(op), draw(st.sampled_from(DOMAINS[name]))


filterings = st.lists(one_filter(), max_size=3)
sortings: st.SearchStrategy[Sort] = st.lists(
    st.tuples(st.sampled_from(sorted(VALUES)), st.booleans()), max_size=3
)
# Few candidates are sorted on the spot, many found by the index: both must agree.
ways = st.sampled_from([0, 1000])


def written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def filters_text(filters: list[Filter]) -> str:
    parts = []
    for name, op, value in filters:
        text = ",".join(map(written, value)) if isinstance(value, list) else written(value)
        parts.append(f'{name}:{op}:"{text}"')
    return ",".join(parts)


def sort_text(sort: Sort) -> str:
    return ",".join(f"{name}:{'desc' if descending else 'asc'}" for name, descending in sort)


def model(rows: list[Thing], filters: list[Filter], sort: Sort) -> list[Thing]:
    """What a list is to answer, given the rows in order of their creation."""
    found = [row for row in rows if all(TESTS[op](VALUES[name](row), v) for name, op, v in filters)]
    places = {row.id: place for place, row in enumerate(rows)}

    def ranks(name: str) -> dict[Any, int]:
        values = {VALUES[name](row) for row in found}
        ordered = sorted(value for value in values if value is not None)
        return {value: rank for rank, value in enumerate([None, *ordered])}

    columns = [(VALUES[name], ranks(name), -1 if down else 1) for name, down in sort]
    # Where all is descending, so is the order of creation that breaks ties.
    tie = -1 if sort and all(down for _, down in sort) else 1

    def key(row: Thing) -> list[int]:
        return [sign * rank[get(row)] for get, rank, sign in columns] + [tie * places[row.id]]

    return sorted(found, key=key)


def filled(contents: list[dict[str, Any]]) -> Table[Thing]:
    table: Table[Thing] = Table("things")
    for number, content in enumerate(contents):
        table.put(thing(number, **content))
    return table


def read(
    table: Table[Thing],
    max: int,
    filters: str = "",
    sort: str = "",
    page: str | None = None,
    **more: Any,
) -> Page[Thing]:
    return read_page(table, GRAMMAR, GRAMMAR.read(str(max), page, filters, sort), **more)


def walk(
    table: Table[Thing], max: int, filters: str = "", sort: str = "", *, resend: bool = True
) -> Iterator[Page[Thing]]:
    """The pages from the first to the last, `resend`ing filters and sort or not."""
    page = read(table, max, filters, sort)
    yield page
    while page.next_page is not None:
        again = (filters, sort) if resend else ("", "")
        page = read(table, max, *again, page.next_page)
        yield page


def check_indexes(table: Table[Thing]) -> None:
    """The table's indexes must be what they would be if built now."""
    fresh = table.copy()
    for name, (key, buckets) in table._buckets.items():
        fresh.bucket(name, key, None)
        built = fresh._buckets[name][1]
        assert {one: list(places) for one, places in buckets.items()} == {
            one: list(places) for one, places in built.items()
        }
    for name, (key, entries) in table._sorted.items():
        assert list(entries) == list(fresh.sorted(name, key))


@given(contents, filterings, sortings, st.integers(1, 9), st.booleans(), ways)
def test_walking_gives_every_row_once_in_order_and_back_again(
    contents: list[dict[str, Any]],
    filters: list[Filter],
    sort: Sort,
    max: int,
    resend: bool,
    few: int,
) -> None:
    table = filled(contents)
    expected = ids_of(model(list(table), filters, sort))
    texts = filters_text(filters), sort_text(sort)
    with patch.object(paging, "_FEW", few):
        pages = list(walk(table, max, *texts, resend=resend))
        starts = range(0, len(expected), max) if expected else [0]
        assert [ids_of(page.rows) for page in pages] == [
            expected[start : start + max] for start in starts
        ]
        assert [page.prev_page is None for page in pages] == [n == 0 for n in range(len(pages))]
        for n in range(len(pages) - 1, 0, -1):
            again = texts if resend else ("", "")
            back = read(table, max, *again, pages[n].prev_page)
            assert back.rows == pages[n - 1].rows
            assert (back.prev_page is None) is (n == 1)
            forth = read(table, max, *again, back.next_page)
            assert forth.rows == pages[n].rows


@given(contents, st.sampled_from(["id", "name", "amount", "colour"]), sortings, st.data(), ways)
def test_a_list_of_several_values_is_walked_like_any_other(
    contents: list[dict[str, Any]], name: str, sort: Sort, data: st.DataObject, few: int
) -> None:
    table = filled(contents)
    plain = [value for value in DOMAINS[name] if "," not in str(value)]
    wanted = data.draw(st.lists(st.sampled_from(plain), min_size=2, max_size=6))
    filters: list[Filter] = [(name, "in", wanted)]
    for sorting in ([], sort):
        expected = model(list(table), filters, sorting)
        texts = filters_text(filters), sort_text(sorting)
        with patch.object(paging, "_FEW", few):
            pages = list(walk(table, 2, *texts))
            assert [row for page in pages for row in page.rows] == expected
            for page, before in zip(pages[1:], pages, strict=False):
                assert read(table, 2, page=page.prev_page).rows == before.rows


@given(contents, st.permutations([True, False, True, False]))
def test_lists_in_several_orders_do_not_disturb_each_other(
    contents: list[dict[str, Any]], turns: list[bool]
) -> None:
    table = filled(contents)
    for first in turns:
        for second in turns:
            sort: Sort = [("colour", first), ("archived", second)]
            pages = walk(table, 5, sort=sort_text(sort))
            found = [row for page in pages for row in page.rows]
            assert found == model(list(table), [], sort)


@given(contents, filterings, sortings, st.lists(st.integers(1, 9), min_size=1), ways)
def test_max_may_change_from_page_to_page(
    contents: list[dict[str, Any]], filters: list[Filter], sort: Sort, sizes: list[int], few: int
) -> None:
    table = filled(contents)
    texts = filters_text(filters), sort_text(sort)
    with patch.object(paging, "_FEW", few):
        page = read(table, sizes[0], *texts)
        seen = list(page.rows)
        turns = 0
        while page.next_page is not None:
            turns += 1
            page = read(table, sizes[turns % len(sizes)], *texts, page.next_page)
            seen += page.rows
    assert seen == model(list(table), filters, sort)


@given(st.data(), contents, filterings, sortings, st.integers(1, 5), ways)
def test_what_changes_meanwhile_neither_hides_nor_repeats_the_other_rows(
    data: st.DataObject,
    contents: list[dict[str, Any]],
    filters: list[Filter],
    sort: Sort,
    max: int,
    few: int,
) -> None:
    table = filled(contents)
    there = list(table)
    touched: set[str] = set()
    seen: list[Thing] = []
    added = 100
    with patch.object(paging, "_FEW", few):
        for page in walk(table, max, filters_text(filters), sort_text(sort)):
            seen += page.rows
            for change in data.draw(
                st.lists(st.sampled_from(["add", "add and undo", "change", "drop"]), max_size=3)
            ):
                if change.startswith("add"):
                    table.put(new := thing(added, **data.draw(members)))
                    added += 1
                    if change == "add and undo":
                        table.retract(new.id)
                elif len(table):
                    row = data.draw(st.sampled_from(list(table)))
                    touched.add(row.id)
                    if change == "drop":
                        table.drop(row.id)
                    else:
                        table.put(changed(row, **data.draw(members)))
            if added > 140:
                break
        else:
            expected = [row for row in model(there, filters, sort) if row.id not in touched]
            found = ids_of(row for row in seen if row.id not in touched)
            assert [one for one in found if one in set(ids_of(there))] == ids_of(expected)
            assert len(found) == len(set(found))
        check_indexes(table)
        now = model(list(table), filters, sort)
        again = walk(table, max, filters_text(filters), sort_text(sort))
        assert [row for page in again for row in page.rows] == now


@given(contents, filterings, sortings, st.data(), ways)
def test_lists_are_right_after_an_operation_was_undone(
    contents: list[dict[str, Any]],
    filters: list[Filter],
    sort: Sort,
    data: st.DataObject,
    few: int,
) -> None:
    table = filled(contents)
    texts = filters_text(filters), sort_text(sort)
    with patch.object(paging, "_FEW", few):
        before = [ids_of(page.rows) for page in walk(table, 3, *texts)]
        undo: list[tuple[Callable[[Any], Any], Any]] = []
        for number in range(data.draw(st.integers(1, 6))):
            if number % 2 or not len(table):
                table.put(new := thing(200 + number, **data.draw(members)))
                undo.append((table.retract, new.id))
            else:
                row = data.draw(st.sampled_from(list(table)))
                if data.draw(st.booleans()):
                    undo.append((table.reinstate, table.drop(row.id)))
                else:
                    undo.append((table.put, table.put(changed(row, **data.draw(members)))))
        for step, argument in reversed(undo):
            step(argument)
        check_indexes(table)
        assert [ids_of(page.rows) for page in walk(table, 3, *texts)] == before


def test_rows_added_at_the_end_are_reached_by_a_cursor_from_before() -> None:
    table = filled([{}] * 4)
    first = read(table, 2)
    for number in range(4, 7):
        table.put(thing(number))
    second = read(table, 2, page=first.next_page)
    third = read(table, 2, page=second.next_page)
    assert ids_of(second.rows + third.rows) == ["00t0002", "00t0003", "00t0004", "00t0005"]


def test_a_cursor_outlives_the_row_it_stands_at() -> None:
    table = filled([{"name": name} for name in ("a", "b", "c", "d")])
    cursor = read(table, 2, sort="name").next_page
    table.drop("00t0001")
    table.put(changed(table.find("00t0000"), name="z"))
    assert [row.name for row in read(table, 9, page=cursor).rows] == ["c", "d", "z"]


def test_an_empty_list_has_no_neighbours() -> None:
    assert read(Table(), 5) == Page([], None, None)
    assert read(filled([{}]), 5, "archived:eq:true") == Page([], None, None)


def test_a_full_last_page_has_no_next_page() -> None:
    table = filled([{}] * 4)
    second = read(table, 2, page=read(table, 2).next_page)
    assert (len(second.rows), second.next_page) == (2, None)


def test_a_list_can_be_narrowed_beyond_what_the_caller_asked_for() -> None:
    table = filled([{"colour": colour} for colour in (*Colour, *Colour, *Colour)])
    table.put(thing(9, colour=Colour.RED, archived=True))
    also = (GRAMMAR.filters["colour"].equals(Colour.RED),)
    first = read(table, 2, "archived:eq:false", "createdTime:desc", also=also)
    second = read(table, 2, page=first.next_page, also=also)
    assert ids_of(first.rows) == ["00t0006", "00t0003"]
    assert ids_of(second.rows) == ["00t0000"]
    assert second.next_page is None
    back = read(table, 2, page=second.prev_page, also=also)
    assert back.rows == first.rows


def test_the_longest_list_of_ids_finds_each_row_once() -> None:
    table = filled([{}] * 5)
    wanted = "00t0004,00t0001,00t0001,00t0009,00t0004"
    assert ids_of(read(table, 9, f'id:in:"{wanted}"').rows) == ["00t0001", "00t0004"]


def test_a_later_page_of_a_long_list_does_not_look_at_the_whole_table() -> None:
    looked = 0

    def name(row: Thing) -> str | None:
        nonlocal looked
        looked += 1
        return row.name

    fields = [filter_field("name", TEXT, "eq ne", name)]
    grammar = Grammar.of(fields, fields)
    table = filled([{"name": str(number % 7 if number % 100 else 8)} for number in range(5000)])
    for filters, sort in (
        ("name:ne:3", "name"),
        ("name:ne:3", "name:desc"),
        ("name:eq:3", ""),
        ("name:eq:8", ""),
        ("", ""),
    ):
        first = read_page(table, grammar, grammar.read("20", None, filters, sort))
        looked = 0
        page = grammar.read("20", first.next_page, filters, sort)
        assert len(read_page(table, grammar, page).rows) == 20
        assert looked < 100
