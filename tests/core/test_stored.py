"""The stored form of rows: everything that the wire leaves out or rounds."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic_core import SchemaValidator, ValidationError

from simulator.core.money import Money
from simulator.core.rows import Hidden, Instant, Row, Shape, adapter, shape
from simulator.core.stored import encoder, stored_schema
from tests.core.things import Colour

NOW = datetime(2026, 6, 3, 16, 0, 0, 123456, UTC)


@shape
class Inner(Shape):
    share: Money
    secret: Annotated[str, Hidden]
    note: str | None = "as usual"


@shape
class Whole(Row):
    id: str
    amount: Money
    made: Instant
    day: date
    colour: Colour
    content: bytes
    inner: tuple[Inner, ...]
    password: Annotated[str, Hidden]
    tries: Annotated[int, Hidden] = 0
    name: str | None = None


def whole(**members: Any) -> Whole:
    return Whole(
        **{
            "id": "a",
            "amount": Decimal("12.50"),
            "made": NOW,
            "day": date(2026, 6, 3),
            "colour": Colour.RED,
            "content": b"\x00\xff\xfe~",
            "inner": (Inner(share=Decimal("0.10"), secret="s", note=None),),
            "password": "p",
            **members,
        }
    )


def stored(row: Row) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(encoder(type(row))(row))
    return told


def read(document: dict[str, Any]) -> Any:
    reader = SchemaValidator(stored_schema(adapter(Whole).core_schema))
    return reader.validate_json(json.dumps(document), strict=True)


def test_a_row_is_stored_whole() -> None:
    assert stored(whole()) == {
        "id": "a",
        "amount": "12.50",
        "made": "2026-06-03T16:00:00.123456Z",
        "day": "2026-06-03",
        "colour": "RED",
        "content": "AP_-fg==",
        "inner": [{"share": "0.10", "secret": "s"}],
        "password": "p",
        "tries": 0,
    }


def test_the_wire_of_a_row_is_none_of_its_stored_form() -> None:
    row = whole(content=b"plain")
    before = row.wire()
    encoder(Whole)(row)
    assert row.wire() is before
    assert b"password" not in before


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"amount": Decimal("1E+3")},
        {"amount": Decimal("0.1234567890123456789")},
        {"amount": Decimal("-0.00")},
        {"name": "Zo\u00eb \u2013 \u201cq\u201d\n\x00"},
        {"content": b""},
        {"inner": ()},
        {"tries": 7},
    ],
)
def test_what_was_stored_reads_back_the_same(members: dict[str, Any]) -> None:
    row = whole(**members)
    again = read(stored(row))
    assert again == row
    assert encoder(Whole)(again) == encoder(Whole)(row)


def test_a_member_left_out_has_no_value_whatever_its_default() -> None:
    [inner] = read(stored(whole())).inner
    assert inner.note is None


def test_bytes_are_read_in_both_alphabets_of_base64() -> None:
    assert read({**stored(whole()), "content": "AP/+fg=="}).content == b"\x00\xff\xfe~"


LATE = datetime(2026, 6, 3, 18, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("member", "value", "rule"),
    [
        ("amount", "NaN", "finite number"),
        ("amount", "1E+30", "less than or equal to"),
        ("amount", True, "integer, float, string or Decimal"),
        ("made", "2026-06-03T16:00:00", "timezone info"),
        ("made", LATE.isoformat(), "offset of 0"),
        ("made", "9500-01-01T00:00:00Z", "less than or equal to"),
        ("made", 5, "valid datetime"),
        ("day", "1066-10-14", "greater than or equal to"),
        ("colour", "MAUVE", "'RED', 'GREEN' or 'BLUE'"),
        ("content", "?", "valid base64"),
        ("tries", "0", "valid integer"),
        ("tries", True, "valid integer"),
        ("password", None, "valid string"),
        ("nonsense", 1, "Unexpected keyword argument"),
        ("inner", [{"share": "1", "secret": "s", "more": 1}], "Unexpected keyword argument"),
    ],
)
def test_a_wrong_member_is_refused(member: str, value: Any, rule: str) -> None:
    with pytest.raises(ValidationError, match=rule) as failure:
        read({**stored(whole()), member: value})
    [error] = failure.value.errors()
    assert error["loc"][0] == member


def test_one_fault_of_many_rows_is_told() -> None:
    bad = [{"share": "x", "secret": "s"}] * 1000
    with pytest.raises(ValidationError) as failure:
        read({**stored(whole()), "inner": bad})
    assert failure.value.error_count() == 1
