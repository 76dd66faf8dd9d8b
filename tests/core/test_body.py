from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from stdnum.us import rtn

from simulator.core.body import (
    Amount,
    Body,
    Country,
    Currency,
    Day,
    NotBlank,
    Paid,
    RoutingNumber,
    Text,
    countries,
    currencies,
    masked,
)


class Order(Body):
    note: Text | None = None
    payee_name: NotBlank | None = None
    amount: Amount | None = None
    paid: Paid | None = None
    due_date: Day | None = None
    is_urgent: bool | None = None
    copies: int | None = None
    country: Country | None = None
    currency: Currency | None = None
    routing_number: RoutingNumber | None = None


def read(member: str, json: str) -> Any:
    """The value of a member sent as that JSON."""
    (value,) = (
        Order.model_validate_json(f'{{"{member}":{json}}}').model_dump(exclude_unset=True).values()
    )
    return value


def fault(member: str, json: str) -> str:
    """The kind of fault that a member sent as that JSON has."""
    with pytest.raises(ValidationError) as caught:
        read(member, json)
    (error,) = caught.value.errors()
    assert error["loc"] == (member,)
    return error["type"]


@pytest.mark.parametrize(
    ("member", "json", "value"),
    [
        ("note", '"text"', "text"),
        ("note", '""', ""),
        ("note", "12", "12"),
        ("note", "1.5", "1.5"),
        ("note", '"\\ud83d\\ude00"', "\U0001f600"),
        ("payeeName", '" x "', " x "),
        ("amount", "228.99", Decimal("228.99")),
        ("amount", '"228.99"', Decimal("228.99")),
        ("amount", "0.1", Decimal("0.1")),
        ("amount", "-5", Decimal(-5)),
        ("amount", "1e3", Decimal(1000)),
        ("amount", "999999999999", Decimal(999999999999)),
        ("amount", "-999999999999", Decimal(-999999999999)),
        ("paid", "0.005", Decimal("0.01")),
        ("paid", "12.344", Decimal("12.34")),
        ("dueDate", '"2026-12-31"', date(2026, 12, 31)),
        ("dueDate", '"1900-01-01"', date(1900, 1, 1)),
        ("dueDate", '"9000-12-31"', date(9000, 12, 31)),
        ("isUrgent", "true", True),
        ("isUrgent", "false", False),
        *(("isUrgent", f'"{text}"', True) for text in ("true", "True", "TRUE", " true ")),
        *(("isUrgent", f'"{text}"', False) for text in ("false", "False", "FALSE")),
        *(("isUrgent", number, True) for number in ("1", "2", "-1")),
        ("isUrgent", "0", False),
        *(("isUrgent", nothing, None) for nothing in ('""', '" "', '"null"', "null")),
        ("copies", '"3"', 3),
        ("country", '"US"', "US"),
        ("currency", '"USD"', "USD"),
        ("routingNumber", '"074000010"', "074000010"),
        ("note", "null", None),
    ],
)
def test_a_member_is_read_as_jackson_reads_it(member: str, json: str, value: Any) -> None:
    found = read(member, json)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("member", "json", "kind"),
    [
        ("note", "[]", "string_type"),
        ("note", "{}", "string_type"),
        ("note", "true", "string_type"),
        ("note", "1e400", "string_infinite"),
        ("payeeName", '""', "blank"),
        ("payeeName", '" \\t\\n"', "blank"),
        ("amount", '"much"', "decimal_parsing"),
        ("amount", '"1_000"', "decimal_parsing"),
        ("amount", '"\u0661\u0662"', "decimal_parsing"),
        ("amount", '"NaN"', "finite_number"),
        ("amount", '"Infinity"', "finite_number"),
        ("amount", "1e400", "finite_number"),
        ("amount", "true", "decimal_type"),
        ("amount", "999999999999.01", "less_than_equal"),
        ("amount", "-1000000000000", "greater_than_equal"),
        ("amount", '"0.1234567890123456789"', "decimal_max_digits"),
        ("paid", "0", "greater_than"),
        ("paid", "-1", "greater_than"),
        ("paid", "0.004", "greater_than"),
        ("dueDate", '"12/31/2026"', "date_type"),
        ("dueDate", '"2026-02-30"', "date_from_datetime_parsing"),
        ("dueDate", '"1899-12-31"', "invalid"),
        ("dueDate", '"9001-01-01"', "invalid"),
        ("dueDate", '""', "date_type"),
        ("dueDate", "20260101", "date_type"),
        ("dueDate", "0", "date_type"),
        ("dueDate", '"0"', "date_type"),
        ("dueDate", "true", "date_type"),
        *(
            ("isUrgent", f'"{text}"', "bool_parsing")
            for text in ("maybe", "yes", "no", "on", "off", "y", "n", "t", "f", "1", "0", "tRUE")
        ),
        ("isUrgent", "1.0", "bool_type"),
        ("isUrgent", "[]", "bool_type"),
        ("isUrgent", "{}", "bool_type"),
        ("copies", "1.5", "int_from_float"),
        ("country", '"UK"', "invalid"),
        ("country", '"us"', "invalid"),
        ("country", '"United States"', "invalid"),
        ("currency", '"usd"', "invalid"),
        ("currency", '"XXX"', "invalid"),
        ("routingNumber", '"074000011"', "invalid"),
    ],
)
def test_a_member_that_is_wrong_is_told_by_its_name_on_the_wire(
    member: str, json: str, kind: str
) -> None:
    assert fault(member, json) == kind


@pytest.mark.parametrize("text", ["true", "yes", "on", "1"])
def test_a_boolean_among_query_parameters_is_read_as_spring_reads_it(text: str) -> None:
    assert Order.model_validate({"isUrgent": text}).is_urgent is True


def test_half_of_a_utf_16_pair_is_no_text() -> None:
    for member in ("note", "payeeName"):
        with pytest.raises(ValidationError) as caught:
            Order.model_validate({member: "a\ud83d"})
        assert [error["type"] for error in caught.value.errors()] == ["surrogate"]


def test_unknown_members_are_ignored() -> None:
    order = Order.model_validate_json('{"note":"a","nonsense":{"deep":[1]},"Note":"b"}')
    assert order == Order(note="a")


def test_given_are_the_members_that_were_sent_with_a_value() -> None:
    sent = '{"note":"","amount":null,"isUrgent":false,"nonsense":1}'
    assert Order.model_validate_json(sent).given == {"note", "is_urgent"}
    assert Order.model_validate_json("{}").given == frozenset()


def test_a_body_cannot_be_changed() -> None:
    order = Order(note="a")
    with pytest.raises(ValidationError):
        order.note = "b"


def is_routing_number(text: str) -> bool:
    try:
        Order.model_validate({"routingNumber": text})
    except ValidationError:
        return False
    return True


@given(st.text("0123456789", min_size=8, max_size=8))
def test_nine_digits_are_a_routing_number_by_the_aba_checksum_alone(digits: str) -> None:
    for check in "0123456789":
        number = digits + check
        expected = rtn.is_valid(number) and number != "000000000"
        assert is_routing_number(number) is expected


@given(st.text("0123456789", min_size=8, max_size=8).filter(lambda text: text != "00000000"))
def test_a_computed_check_digit_makes_a_routing_number(digits: str) -> None:
    assert is_routing_number(digits + rtn.calc_check_digit(digits))


@pytest.mark.parametrize(
    "number", ["111000025", "074000010", "021000021", "322271627", "026009593", "121000358"]
)
def test_real_routing_numbers_are_taken(number: str) -> None:
    assert rtn.is_valid(number)
    assert is_routing_number(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "000000000",
        "07400001",
        "0740000100",
        "074000010 ",
        "07400-0010",
        "abcdefghi",
        "07400001\u0660",
        "\uff10\uff17\uff14\uff10\uff10\uff10\uff10\uff11\uff10",
    ],
)
def test_what_is_not_nine_plain_digits_is_no_routing_number(text: str) -> None:
    assert not is_routing_number(text)


@given(st.text(max_size=12))
def test_no_text_breaks_the_check_of_routing_numbers(text: str) -> None:
    if is_routing_number(text):
        assert rtn.is_valid(text)


def test_countries_and_currencies_are_codes_in_capitals() -> None:
    assert {"US", "CA", "GB", "MX"} <= set(countries())
    assert countries()["US"].startswith("United States")
    assert {"USD", "CAD", "GBP", "EUR"} <= currencies()
    assert all(len(code) == 2 and code.isupper() and name for code, name in countries().items())
    assert all(len(code) == 3 and code.isupper() for code in currencies())


@pytest.mark.parametrize(
    ("number", "shown"),
    [("111222333", "************2333"), ("1234", "************1234"), ("12", "************12")],
)
def test_an_account_number_is_masked_to_its_last_four(number: str, shown: str) -> None:
    assert masked(number) == shown
