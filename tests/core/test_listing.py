from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.errors import Refusal
from simulator.core.listing import (
    DATE,
    DEFAULT_MAX,
    LARGEST_MAX,
    NUMBER,
    TEXT,
    Grammar,
    Op,
    filter_field,
)
from tests.core.things import GRAMMAR, Colour, Part, Thing, thing

AUGUST = datetime(2026, 8, 13, 9, 30, tzinfo=UTC)

ROWS = (
    thing(
        0,
        name="Happy Music, Inc.",
        amount="100.00",
        due_date=date(2026, 8, 12),
        created_time=datetime(2026, 8, 12, tzinfo=UTC),
        colour=Colour.RED,
        part=Part(country_code="US"),
    ),
    thing(
        1,
        name="Happy: the film",
        amount="250.50",
        due_date=date(2026, 8, 13),
        created_time=AUGUST,
        archived=True,
        colour=Colour.GREEN,
        part=Part(country_code="CA"),
    ),
    thing(2, name="unhappy", amount="-3", created_time=AUGUST.replace(microsecond=1000)),
    thing(3, due_date=date(2026, 8, 14), created_time=datetime(2026, 8, 14, tzinfo=UTC)),
)


def passing(filters: str) -> list[int]:
    """The numbers of the rows that pass."""
    predicates = GRAMMAR.read_filters(filters)
    return [n for n, row in enumerate(ROWS) if all(one.holds(row) for one in predicates)]


def refused(
    *, max: str | None = None, filters: str | None = None, sort: str | None = None
) -> tuple[int, str | None, str]:
    with pytest.raises(Refusal) as caught:
        GRAMMAR.read(max, None, filters, sort)
    refusal = caught.value
    assert len(refusal.items) == 1
    item = refusal.items[0]
    return refusal.status, item.code, item.message


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ("id:eq:00t0001", [1]),
        ("id:eq:nobody", []),
        ("id:ne:00t0001", [0, 2, 3]),
        ('id:in:"00t0000,00t0003,nobody"', [0, 3]),
        ("id:in:00t0002", [2]),
        ("name:eq:unhappy", [2]),
        ("name:eq:Unhappy", []),
        ("name:ne:unhappy", [0, 1, 3]),
        ("name:sw:Happy", [0, 1]),
        ('name:sw:"Happy"', [0, 1]),
        ("name:nin:unhappy", [0, 1, 3]),
        ("amount:eq:100", [0]),
        ("amount:eq:100.00", [0]),
        ("amount:ne:250.5", [0, 2, 3]),
        ("amount:gt:100", [1]),
        ("amount:gte:100.0", [0, 1]),
        ("amount:lt:100", [2]),
        ("amount:lte:1e2", [0, 2]),
        ("amount:lt:-2.99", [2]),
        ('amount:in:"100,-3"', [0, 2]),
        ('amount:nin:"100,-3"', [1, 3]),
        ("dueDate:eq:2026-08-13", [1]),
        ("dueDate:gt:2026-08-12", [1, 3]),
        ("dueDate:gte:2026-08-13", [1, 3]),
        ("dueDate:lt:2026-08-13", [0]),
        ("dueDate:lte:2026-08-13", [0, 1]),
        ("archived:eq:true", [1]),
        ("archived:eq:FALSE", [0, 2, 3]),
        ("archived:ne:true", [0, 2, 3]),
        ("colour:eq:RED", [0]),
        ("colour:ne:RED", [1, 2, 3]),
        ('colour:in:"RED,GREEN"', [0, 1]),
        ('colour:in:"RED, GREEN"', [0, 1]),
        ('colour:nin:"RED,GREEN"', [2, 3]),
        ("part.countryCode:eq:US", [0]),
        ("part.countryCode:ne:US", [1, 2, 3]),
        ('createdTime:gt:"2026-08-13T09:30:00.000Z"', [2, 3]),
        ('createdTime:gte:"2026-08-13T09:30:00.001Z"', [2, 3]),
        ('createdTime:lt:"2026-08-13T09:30:00.001Z"', [0, 1]),
        ('createdTime:lte:"2026-08-13T09:30:00.000Z"', [0, 1]),
        ("name:sw:Happy,archived:eq:false", [0]),
        ('name:sw:"Happy",amount:gt:1,amount:lt:1000,archived:eq:true', [1]),
        ("archived:eq:true,archived:eq:false", []),
    ],
)
def test_every_operator_passes_the_rows_it_should(filters: str, numbers: list[int]) -> None:
    assert passing(filters) == numbers


def test_a_row_without_a_value_is_in_no_range_and_begins_with_nothing() -> None:
    for op in ("gt", "gte", "lt", "lte"):
        assert 2 not in passing(f"dueDate:{op}:2026-08-13")
        assert 3 not in passing(f"amount:{op}:0")
    assert passing("name:sw:") == [0, 1, 2]


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ('name:eq:"Happy Music, Inc."', [0]),
        ('name:eq:"Happy: the film"', [1]),
        ("name:eq:Happy: the film", [1]),
        ('name:sw:Happy: "the" film: ', []),
        ('name:sw:"Happy Music,",archived:eq:false', [0]),
        ('archived:eq:false,name:sw:"Happy Music,"', [0]),
        (' name : eq : "unhappy" ', [2]),
        ('archived:eq:"true"', [1]),
        ('colour:eq:"RED"', [0]),
        ('id:eq:"00t0001"', [1]),
        ('dueDate:eq:"2026-08-13"', [1]),
        ('amount:eq:"100"', [0]),
    ],
)
def test_quotes_protect_commas_and_colons_and_are_otherwise_optional(
    filters: str, numbers: list[int]
) -> None:
    assert passing(filters) == numbers


# BILL documents these five forms of a date-time.
@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-08-13T09:30:15.250Z", datetime(2026, 8, 13, 9, 30, 15, 250000, UTC)),
        ("2026-08-13T02:30:15.250-07", datetime(2026, 8, 13, 9, 30, 15, 250000, UTC)),
        ("2026-08-13T09:30:15.250", datetime(2026, 8, 13, 9, 30, 15, 250000, UTC)),
        ("2026-08-13T09:30:15", datetime(2026, 8, 13, 9, 30, 15, tzinfo=UTC)),
        ("2026-08-13T09:30", datetime(2026, 8, 13, 9, 30, tzinfo=UTC)),
        ("2026-08-13", datetime(2026, 8, 13, tzinfo=UTC)),
        # As the service itself writes it.
        ("2026-08-13T09:30:15.250+00:00", datetime(2026, 8, 13, 9, 30, 15, 250000, UTC)),
    ],
)
@pytest.mark.parametrize("quote", ["", '"'])
def test_date_times_are_read_in_every_documented_form_quoted_or_not(
    text: str, instant: datetime, quote: str
) -> None:
    (created,) = GRAMMAR.read_filters(f"createdTime:gte:{quote}{text}{quote}")
    assert created.value == instant
    (due,) = GRAMMAR.read_filters(f"dueDate:gte:{quote}{text}{quote}")
    assert due.value == date(2026, 8, 13)


@pytest.mark.parametrize(
    ("filters", "parameter", "value"),
    [
        ("createdTime:gt:yesterday", "createdTime", "yesterday"),
        ("createdTime:gt:2026-13-01", "createdTime", "2026-13-01"),
        ("createdTime:gt:2026-08-13T25:00", "createdTime", "2026-08-13T25:00"),
        ("createdTime:gt:0001-01-01T00:00:00.000+14", "createdTime", "0001-01-01T00:00:00.000+14"),
        ("createdTime:gt:1755072000000", "createdTime", "1755072000000"),
        ("createdTime:gt:20260813", "createdTime", "20260813"),
        ("createdTime:gt:2026-W33-4", "createdTime", "2026-W33-4"),
        ("dueDate:gt:2026-02-30", "dueDate", "2026-02-30"),
        ("dueDate:gt:2026-08-13 or so", "dueDate", "2026-08-13 or so"),
        ("dueDate:gt:13.08.2026", "dueDate", "13.08.2026"),
        ("dueDate:gt:\u0662\u0660\u0662\u0666-08-13", "dueDate", "\u0662\u0660\u0662\u0666-08-13"),
        ("dueDate:gt:", "dueDate", ""),
        ("amount:gt:much", "amount", "much"),
        ("amount:gt:NaN", "amount", "NaN"),
        ("amount:gt:Infinity", "amount", "Infinity"),
        ("amount:gt:1_000", "amount", "1_000"),
        ('amount:in:"1,two"', "amount", "1,two"),
        ("archived:eq:yes", "archived", "yes"),
        ("archived:eq:1", "archived", "1"),
        ("colour:eq:PURPLE", "colour", "PURPLE"),
        ("colour:eq:red", "colour", "red"),
        ('colour:in:"RED,PURPLE"', "colour", "RED,PURPLE"),
        ("colour:eq:{parameter}", "colour", "{parameter}"),
        ("archived", "filters", "archived"),
        ("archived:eq", "filters", "archived:eq"),
        ("archived:eq:false,", "filters", ""),
        ("id:in:00t0000,00t0001", "filters", "00t0001"),
        (",", "filters", ""),
    ],
)
def test_a_value_that_cannot_be_read_is_bdc_1129(filters: str, parameter: str, value: str) -> None:
    message = f"Invalid parameter value for parameter,value: {parameter}, {value}."
    assert refused(filters=filters) == (400, "BDC_1129", message)


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ("vendorId:eq:1", "vendorId"),
        ("duedate:eq:2026-08-13", "duedate"),
        ("due_date:eq:2026-08-13", "due_date"),
        ("part:eq:US", "part"),
        ("archived:eq:true,__class__:eq:x", "__class__"),
        ("nothing:like:this", "nothing"),
        (":eq:1", ""),
    ],
)
def test_a_field_that_cannot_be_filtered_is_bdc_1130(filters: str, field: str) -> None:
    message = f"Invalid list filter field: {field}."
    assert refused(filters=filters) == (400, "BDC_1130", message)


@pytest.mark.parametrize(
    ("filters", "operator"),
    [
        ("name:like:x", "like"),
        ("name:EQ:x", "EQ"),
        ("name::x", ""),
        ("archived:in:true", "in"),
        ("archived:gt:false", "gt"),
        ("amount:sw:1", "sw"),
        ("id:gt:00t", "gt"),
        ("part.countryCode:nin:US", "nin"),
    ],
)
def test_an_operator_that_the_field_does_not_have_is_bdc_1131(filters: str, operator: str) -> None:
    message = f"Invalid list filter operator: {operator}."
    assert refused(filters=filters) == (400, "BDC_1131", message)


@pytest.mark.parametrize(
    ("text", "value"), [(None, 20), ("", 20), ("1", 1), ("20", 20), ("100", 100), ("007", 7)]
)
def test_max_is_1_to_100_and_20_by_default(text: str | None, value: int) -> None:
    assert GRAMMAR.read(text, None, None, None).max == value


def test_the_default_and_largest_max_are_bills() -> None:
    assert (DEFAULT_MAX, LARGEST_MAX) == (20, 100)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0", "max: must be greater than or equal to 1"),
        ("-1", "max: must be greater than or equal to 1"),
        ("101", "max: must be less than or equal to 100"),
        ("1000000", "max: must be less than or equal to 100"),
    ],
)
def test_max_out_of_range_is_refused_in_the_words_of_bean_validation(
    text: str, message: str
) -> None:
    assert refused(max=text) == (400, None, message)


@pytest.mark.parametrize(
    "text",
    [
        "ten",
        "1.0",
        "1e1",
        "--5",
        "+-5",
        "0x10",
        "1_0",
        "5,5",
        "null",
        "\u0665",
        "\uff15",
        "\u00b2",
        "\u00a05",
        pytest.param("9" * 5000, id="more digits than Python reads"),
    ],
)
def test_max_that_is_no_number_is_refused_in_springs_words(text: str) -> None:
    message = (
        "Failed to convert value of type 'java.lang.String' to required type "
        f"'java.lang.Integer'; For input string: \"{text}\""
    )
    assert refused(max=text) == (400, None, message)


@pytest.mark.parametrize(
    ("sort", "orders"),
    [
        ("name", [("name", False)]),
        ("name:", [("name", False)]),
        ("name:asc", [("name", False)]),
        ("name:desc", [("name", True)]),
        ("name:DESC", [("name", True)]),
        ("part.countryCode:desc", [("part.countryCode", True)]),
        ("archived,name:desc", [("archived", False), ("name", True)]),
        (
            "colour:desc, amount:asc ,createdTime:desc",
            [("colour", True), ("amount", False), ("createdTime", True)],
        ),
    ],
)
def test_a_sort_is_fields_with_directions(sort: str, orders: list[tuple[str, bool]]) -> None:
    read = GRAMMAR.read(None, None, None, sort)
    assert [(order.field.name, order.descending) for order in read.orders] == orders
    assert read.sort == sort


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("size", "size"),
        ("name:up", "name:up"),
        ("name:asc:desc", "name:asc:desc"),
        ("archived,size:desc", "size:desc"),
        ("name,", ""),
        (",", ""),
        ("-name", "-name"),
        ("NAME", "NAME"),
    ],
)
def test_a_sort_that_the_list_does_not_know_is_bdc_1129(sort: str, value: str) -> None:
    message = f"Invalid parameter value for parameter,value: sort, {value}."
    assert refused(sort=sort) == (400, "BDC_1129", message)


@pytest.mark.parametrize("nothing", [None, ""])
def test_parameters_without_a_value_are_as_if_not_there(nothing: str | None) -> None:
    read = GRAMMAR.read(nothing, nothing, nothing, nothing)
    assert (read.max, read.page, read.filters, read.sort) == (20, None, "", "")
    assert (read.predicates, read.orders) == ((), ())


def test_a_list_without_filters_knows_max_and_page_alone() -> None:
    read = Grammar().read("5", None, "name:eq:x", "name:desc")
    assert (read.max, read.predicates, read.orders) == (5, (), ())
    assert (read.filters, read.sort) == ("", "")


def test_a_field_filters_by_its_own_operators_and_getter() -> None:
    length = filter_field("nameLength", NUMBER, "gt", lambda row: len(row.name))
    grammar = Grammar.of([length, filter_field("name", TEXT, "sw")], [length])
    assert grammar.filters["nameLength"].ops == {Op.GT}
    (predicate,) = grammar.read_filters("nameLength:gt:3")
    assert predicate.holds(thing(0, name="four"))
    assert not predicate.holds(thing(0, name="two"))
    assert list(grammar.sorts) == ["nameLength"]


def test_a_field_makes_the_predicate_that_it_has_a_value() -> None:
    predicate = GRAMMAR.filters["colour"].equals(Colour.RED)
    assert [predicate.holds(row) for row in ROWS] == [True, False, False, False]


def test_rows_without_a_value_sort_first() -> None:
    field = GRAMMAR.sorts["amount"]
    ordered = sorted(ROWS, key=field.order)
    assert [row.amount for row in ordered] == [None, -3, 100, Decimal("250.50")]


def test_a_dotted_field_of_a_row_without_that_part_has_no_value() -> None:
    assert GRAMMAR.sorts["part.countryCode"].get(Thing(id="a")) is None


@given(
    st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"])),
    st.sampled_from([Op.EQ, Op.NE, Op.SW]),
)
def test_any_text_can_be_asked_for_in_quotes(text: str, op: Op) -> None:
    first, second = GRAMMAR.read_filters(f'name:{op}:"{text}",archived:eq:false')
    assert (first.op, first.value) == (op, text)
    assert (second.field.name, second.value) == ("archived", False)


@given(
    max=st.text(max_size=4) | st.integers(-5, 200).map(str),
    parameter=st.sampled_from(["filters", "sort"]),
    start=st.sampled_from(["", "name:eq:", "amount:in:", "createdTime:gt:", "dueDate:lt:"]),
    text=st.text('0123456789TZ:.,+-_"\u0665 e', max_size=24) | st.text(max_size=24),
)
def test_whatever_is_sent_is_read_or_refused_with_400(
    max: str, parameter: str, start: str, text: str
) -> None:
    given: dict[str, Any] = {"max": max, "page": None, "filters": None, "sort": None}
    given[parameter] = start + text
    status = 200
    try:
        GRAMMAR.read(**given)
    except Refusal as refusal:
        status = refusal.status
    assert status in (200, 400)


@given(st.dates())
def test_a_date_reads_back(day: date) -> None:
    assert DATE.parse(DATE.write(day)) == day


@pytest.mark.parametrize("name", ["amount", "dueDate", "createdTime", "archived", "colour"])
def test_every_kind_reads_what_it_writes(name: str) -> None:
    field = GRAMMAR.filters[name]
    for row in ROWS:
        value = field.get(row)
        if value is not None:
            assert field.kind.parse(field.kind.write(value)) == value
