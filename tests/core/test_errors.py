from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from simulator.core.errors import CATALOGUE, Refusal, envelope, refuse, together
from simulator.core.evidence import Basis

NOW = datetime(2026, 8, 13, 9, 30, 15, 250999, UTC)


def messages(refusal: Refusal) -> list[str]:
    return [item.message for item in refusal.items]


@pytest.mark.parametrize("key", CATALOGUE)
def test_every_catalogued_refusal_can_be_told(key: str) -> None:
    entry = CATALOGUE[key]
    assert 400 <= entry.status <= 599
    assert entry.severity == "ERROR"
    assert entry.category in ("REQUEST", "APPLICATION", "SERVER", "DOWNSTREAM")
    assert entry.message.strip() == entry.message != ""
    assert entry.evidence.source
    assert isinstance(entry.evidence.basis, Basis)
    if key.startswith("BDC_"):
        assert re.fullmatch(r"BDC_\d{4}(/[a-z]+)?", key)
        assert entry.code == key[:8]
    else:
        assert entry.code is None
    refusal = refuse(key)
    assert (refusal.status, messages(refusal)) == (entry.status, [entry.message])


@pytest.mark.parametrize(
    ("key", "status", "message"),
    [
        ("BDC_1109", 401, "Session is invalid.  Please log in."),
        ("BDC_1102", 401, "Developer key is invalid."),
        ("BDC_1205", 404, "No data found for object with given ID."),
        ("BDC_1361", 403, "Untrusted session."),
        ("BDC_1152", 422, "Invalid Process Date : ${paramName0}."),
        ("BDC_1246", 422, "Rollback due to other failures in the transaction."),
    ],
)
def test_observed_refusals_keep_their_status_and_text(key: str, status: int, message: str) -> None:
    refusal = refuse(key)
    assert (refusal.status, refusal.items[0].code, messages(refusal)) == (status, key, [message])


def test_an_unknown_refusal_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        refuse("BDC_0000")


def test_places_are_filled_with_values() -> None:
    refusal = refuse("field.size", field="bankName", min=1, max=100)
    assert messages(refusal) == ["bankName: size must be between 1 and 100"]


def test_a_value_that_looks_like_a_place_is_told_as_it_is() -> None:
    refusal = refuse("BDC_1129", parameter="{value}", value="{parameter}")
    assert messages(refusal) == [
        "Invalid parameter value for parameter,value: {value}, {parameter}."
    ]


def test_a_value_may_hold_anything() -> None:
    refusal = refuse("BDC_1130", field="\\1 \\g<0> {} {0} %s \u6771")
    assert messages(refusal) == ["Invalid list filter field: \\1 \\g<0> {} {0} %s \u6771."]


def test_a_setting_may_decide_the_http_status() -> None:
    assert refuse("BDC_1102", http_status=400).status == 400
    assert refuse("BDC_1102", http_status=None).status == 401


def test_another_wording_of_a_code_is_told_with_the_code_alone() -> None:
    (item,) = refuse("BDC_1152/filled", date="2026-10-05").items
    assert (item.code, item.message) == ("BDC_1152", "Invalid Process Date : 2026-10-05")


def test_several_refusals_are_told_in_order_under_the_first_ones_status() -> None:
    told = together([refuse("BDC_1205"), refuse("BDC_1246"), refuse("field.null", field="name")])
    assert told.status == 404
    assert [item.code for item in told.items] == ["BDC_1205", "BDC_1246", None]
    assert messages(told)[2] == "name: must not be null"


def test_a_refusal_is_doubled_with_the_record_in_front() -> None:
    doubled = refuse("BDC_1159").doubled("00n02ABC")
    assert doubled.status == 422
    assert messages(doubled) == ["Cannot overpay a bill", "00n02ABC : Cannot overpay a bill"]
    assert [item.code for item in doubled.items] == ["BDC_1159", "BDC_1159"]


def test_a_refusal_reads_as_its_messages() -> None:
    assert str(together([refuse("BDC_1205"), refuse("BDC_1361")])) == (
        "No data found for object with given ID.; Untrusted session."
    )


def test_the_envelope_is_a_bare_array_with_bills_keys_in_their_order() -> None:
    body = envelope(refuse("BDC_1109"), NOW)
    assert body == (
        b'[{"timestamp":"2026-08-13T09:30:15.250+00:00","code":"BDC_1109","severity":"ERROR",'
        b'"category":"DOWNSTREAM","message":"Session is invalid.  Please log in."}]'
    )


def test_an_item_without_a_code_has_no_such_key() -> None:
    body = envelope(
        together([refuse("field.null", field="a"), refuse("field.blank", field="b")]), NOW
    )
    first, second = json.loads(body)
    assert list(first) == list(second) == ["timestamp", "severity", "category", "message"]
    assert (first["category"], first["message"]) == ("REQUEST", "a: must not be null")
    assert second["message"] == "b: must not be blank"


def test_the_envelope_holds_any_text_of_a_caller() -> None:
    text = 'quote " slash \\ \u6771 half \ud83d line\n'
    (item,) = json.loads(envelope(refuse("BDC_1130", field=text), NOW))
    assert item["message"] == f"Invalid list filter field: {text}."
