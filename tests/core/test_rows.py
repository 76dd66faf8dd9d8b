from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.money import Money
from simulator.core.rows import Answer, Hidden, Instant, Row, Shape, adapter, camel, changed, shape
from tests.core.things import Colour, Part, Thing


@shape
class Key(Row):
    id: str
    secret: Annotated[str, Hidden]
    owner_name: str | None = None


@shape
class Line(Shape):
    line_number: int
    unit_price: Money | None = None


@shape
class Sheet(Answer):
    lines: tuple[Line, ...]
    by_zip2: dict[str, Line]
    sent_time: Instant


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("id", "id"),
        ("due_date", "dueDate"),
        ("zip_or_postal_code", "zipOrPostalCode"),
        ("line1", "line1"),
        ("last4", "last4"),
        ("e_payment_status", "ePaymentStatus"),
    ],
)
def test_names_are_written_in_camel_case(name: str, written: str) -> None:
    assert camel(name) == written


def test_a_row_is_written_without_the_members_that_have_no_value() -> None:
    assert Thing(id="a").wire() == (
        b'{"id":"a","createdTime":"2026-06-03T19:00:00.000+00:00",'
        b'"updatedTime":"2026-06-03T19:00:00.000+00:00","archived":false}'
    )


def test_a_row_is_written_with_every_member_in_bills_form() -> None:
    row = Thing(
        id="a",
        name="Zoë \u2013 “q”\n",
        amount=Decimal("12.50"),
        due_date=date(2026, 12, 31),
        archived=True,
        colour=Colour.RED,
        part=Part(country_code="US"),
    )
    assert json.loads(row.wire()) == {
        "id": "a",
        "name": "Zoë \u2013 “q”\n",
        "amount": 12.5,
        "dueDate": "2026-12-31",
        "createdTime": "2026-06-03T19:00:00.000+00:00",
        "updatedTime": "2026-06-03T19:00:00.000+00:00",
        "archived": True,
        "colour": "RED",
        "part": {"countryCode": "US"},
    }


def test_nested_shapes_lists_and_maps_are_written_alike() -> None:
    sheet = Sheet(
        lines=(Line(line_number=1, unit_price=Decimal("0.10")), Line(line_number=2)),
        by_zip2={"95": Line(line_number=3)},
        sent_time=datetime(2026, 1, 2, 3, 4, 5, 678999, UTC),
    )
    assert sheet.wire() == (
        b'{"lines":[{"lineNumber":1,"unitPrice":0.1},{"lineNumber":2}],'
        b'"byZip2":{"95":{"lineNumber":3}},"sentTime":"2026-01-02T03:04:05.678+00:00"}'
    )


def test_a_hidden_member_is_stored_and_never_written() -> None:
    key = Key(id="a", secret="s3cret", owner_name="Ada")
    assert key.secret == "s3cret"
    assert key.wire() == b'{"id":"a","ownerName":"Ada"}'
    assert changed(key, owner_name=None).secret == "s3cret"


def test_a_row_cannot_be_changed_in_place() -> None:
    row = Thing(id="a")
    with pytest.raises(FrozenInstanceError):
        row.name = "b"  # type: ignore[misc]


def test_a_changed_row_is_a_new_one_with_an_encoding_of_its_own() -> None:
    row = Thing(id="a", name="old")
    before = row.wire()
    new = changed(row, name="new")
    assert json.loads(new.wire())["name"] == "new"
    assert row.wire() == before
    assert (row.name, new.id) == ("old", "a")


def test_an_encoding_is_made_once() -> None:
    row = Thing(id="a")
    assert row.wire() is row.wire()


def test_rows_are_equal_by_their_members_alone() -> None:
    row = Thing(id="a")
    row.wire()
    object.__setattr__(row, "_place", 5)
    assert row == Thing(id="a")
    assert row != Thing(id="a", name="b")


@given(
    st.datetimes(
        datetime(1970, 1, 1),
        datetime(9000, 1, 1),
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7))]),
    )
)
def test_an_instant_is_written_with_milliseconds_and_offset(instant: datetime) -> None:
    written = json.loads(Thing(id="a", created_time=instant).wire())["createdTime"]
    assert len(written) == len("2026-10-18T16:23:59.000+00:00")
    assert datetime.fromisoformat(written) == instant.replace(
        microsecond=instant.microsecond // 1000 * 1000
    )


def test_a_written_row_reads_back_the_same() -> None:
    row = Thing(id="a", amount=Decimal("12.5"), colour=Colour.BLUE, part=Part(country_code="CA"))
    assert adapter(Thing).validate_json(row.wire()) == row


@shape
class Nothing(Shape):
    pass


@shape
class OtherLine(Shape):
    line_number: int
    unit_price: Money | None = None


def test_shapes_are_equal_that_are_of_a_class_and_have_equal_members() -> None:
    line = Line(line_number=1, unit_price=Decimal("2.50"))
    same = Line(line_number=1, unit_price=Decimal("2.5"))
    assert (line == same, hash(line) == hash(same)) == (True, True)
    assert line != changed(line, line_number=2)
    assert line != changed(line, unit_price=None)
    assert line != OtherLine(line_number=1, unit_price=Decimal("2.50"))
    assert line != (1, Decimal("2.50"))
    assert Nothing() == Nothing()
    assert len({line, same, changed(line, line_number=2), Nothing(), Nothing()}) == 3


def test_what_a_row_was_encoded_to_makes_no_difference() -> None:
    one, other = Key(id="a", secret="s"), Key(id="a", secret="s")
    one.wire()
    assert one == other
    assert one != changed(other, secret="t")


def test_shapes_show_their_members() -> None:
    assert repr(Line(line_number=1)) == "Line(line_number=1, unit_price=None)"
    assert repr(Nothing()) == "Nothing()"
