"""`bill-simulator drift` tells every place at which two contract runs differ, and no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulator import cli
from simulator.drift import drift
from simulator.reports import Report
from tests.reports import check, exchange, keep, report


def differences(first: dict[str, Any], second: dict[str, Any]) -> list[tuple[str, str]]:
    """Place and text of what differs between two checks."""
    found = drift(*(Report.model_validate(report(one)) for one in (first, second)))
    return [(one.place, str(one).partition(": ")[2]) for one in found.differences]


def answers(first: Any, second: Any) -> list[str]:
    """The places at which two answers to one call differ."""
    pair = [check(exchanges=[exchange(answer)]) for answer in (first, second)]
    return [place.rpartition(": ")[2] for place, _ in differences(*pair)]


@pytest.mark.parametrize(
    ("first", "second", "places"),
    [
        ({"amount": 1.0}, {"amount": 1.0}, []),
        ({"amount": 1}, {"amount": 1.0}, []),
        ({"amount": 10.05}, {"amount": 10.06}, ["answer.amount"]),
        ({"archived": True}, {"archived": 1}, ["answer.archived"]),
        (
            {"a": {"b": [{"c": 1}, {"c": 2}]}},
            {"a": {"b": [{"c": 1}, {"c": 3}]}},
            ["answer.a.b[1].c"],
        ),
        ({"phone": "1"}, {}, ["answer.phone"]),
        ({}, {"phone": None}, ["answer.phone"]),
        ([1, 2], [1], ["answer[1]"]),
        ({"a": {}}, {"a": []}, ["answer.a"]),
        ({"a": 1, "b": 1}, {"b": 2, "a": 2}, ["answer.a", "answer.b"]),
        (None, None, []),
        (None, {}, ["answer"]),
        (["<not made by this run>"], [], []),
        ([1, "<not made by this run>"], [1], []),
    ],
)
def test_answers_differ_field_by_field(first: Any, second: Any, places: list[str]) -> None:
    assert answers(first, second) == places


@pytest.mark.parametrize(
    ("member", "value"),
    [("request", "GET /v3/bills"), ("status", 201), ("codes", ["BDC_1205"])],
)
def test_calls_differ_by_what_was_asked_and_answered(member: str, value: Any) -> None:
    first, second = check(exchanges=[exchange()]), check(exchanges=[exchange(**{member: value})])
    ((place, _),) = differences(first, second)
    assert place == f"call 1, GET /v3/vendors/<vendor:1>: {member}"


def test_how_long_a_call_took_is_no_difference() -> None:
    first, second = check(exchanges=[exchange()]), check(exchanges=[exchange(milliseconds=99)])
    assert differences(first, second) == []


def test_checks_differ_by_their_outcome() -> None:
    assert differences(check(), check(outcome="failed")) == [("outcome", '"passed" | "failed"')]


def test_a_call_that_only_one_side_made_is_a_difference() -> None:
    ((place, told),) = differences(check(exchanges=[exchange()]), check())
    assert (place, told) == ("call 1", '"GET /v3/vendors/<vendor:1>" | (absent)')


def test_checks_that_did_not_run_on_both_sides_are_counted_and_not_compared() -> None:
    first = report(check("a"), check("b"), check("c", outcome="skipped"))
    second = report(check("a"), check("c"), check("d"))
    found = drift(Report.model_validate(first), Report.model_validate(second))
    assert (found.differences, found.compared, found.left_out) == ((), 1, 3)


def run(*paths: Path) -> int:
    try:
        cli.main(["drift", *map(str, paths)])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_no_drift_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = keep(tmp_path / "one.json", check())
    assert run(one, one) == 0
    assert capsys.readouterr().out == (
        "1 checks compared, 0 differences; 0 checks did not run on both sides\n"
    )


def test_drift_is_printed_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = keep(tmp_path / "one.json", check(exchanges=[exchange({"amount": 10.05})]))
    other = keep(tmp_path / "other.json", check(exchanges=[exchange({"amount": 10.06})]))
    assert run(one, other) == 1
    assert capsys.readouterr().out == (
        "test_x::test_y\n"
        "  call 1, GET /v3/vendors/<vendor:1>: answer.amount: 10.05 | 10.06\n"
        "1 checks compared, 1 differences; 0 checks did not run on both sides\n"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "No such file or directory"),
        ("nonsense", "is no report of the contract suite: Invalid JSON"),
        ("{}", "is no report of the contract suite: format: Field required"),
        ('{"format": 2, "target": "x", "date": "x", "checks": []}', "format: Input should be 1"),
    ],
)
def test_what_is_no_report_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, told: str
) -> None:
    path = tmp_path / "report.json"
    if text is not None:
        path.write_text(text, "utf-8")
    assert run(path, path) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"bill-simulator: {path}")
    assert told in error
