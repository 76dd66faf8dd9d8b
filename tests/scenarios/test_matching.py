"""Matchers of values: what fits, and how a misfit is told."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic_core import PydanticCustomError

from simulator.scenarios.matching import ABSENT, checked, mismatch

FITS = [
    (1, 1.0),
    (987.45, 987.45),
    ("2026-06-10", "2026-06-10"),
    (None, None),
    (None, ABSENT),
    (True, True),
    ({}, {"id": "1"}),
    ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}, "d": 3}),
    ([1, {"a": 2}], [1, {"a": 2, "b": 3}]),
    ({"$oneOf": ["A", "B"]}, "B"),
    ({"$not": "A"}, "B"),
    ({"$not": {"a": 1}}, {"a": 2}),
    ({"$atLeast": 1, "$atMost": 3}, 2),
    ({"$atLeast": "2026-06-10"}, "2026-06-10"),
    ({"$matches": "(?i)order"}, "No purchase Order"),
    ({"$present": True}, 0),
    ({"$present": False}, ABSENT),
    ({"a": {"$present": False}}, {"b": 1}),
    ({"$any": {"a": 1}}, [{"a": 2}, {"a": 1}]),
    ({"$count": 2}, [1, 1]),
    ({"$count": {"$atMost": 0}}, []),
]
MISFITS = [
    (1, 2, "it is 2, not 1"),
    (1, "1", "it is '1', not 1"),
    ("1", 1, "it is 1, not '1'"),
    (True, 1, "it is 1, not True"),
    (1, True, "it is True, not 1"),
    (0, None, "it is None, not 0"),
    ({"a": {"b": 1}}, {"a": {"b": 2}}, "a.b is 2, not 1"),
    ({"a": 1}, {}, "a is nothing, not 1"),
    ({"a": 1}, [1], "it is [1], no object"),
    ([1], [1, 2], "it has 2 elements, not 1"),
    ([1, 2], [1, 3], "[1] is 3, not 2"),
    ([1], 1, "it is 1, no list"),
    ({"$oneOf": ["A", "B"]}, "C", "it is 'C', none of ['A', 'B']"),
    ({"$not": "A"}, "A", "it is 'A', which it must not"),
    ({"$atLeast": 1, "$atMost": 3}, 4, "it is 4, not at most 3"),
    ({"$atLeast": 1}, "2", "it is '2', not at least 1"),
    ({"$atLeast": 1}, ABSENT, "it is nothing, not at least 1"),
    ({"$matches": "^x"}, "ax", "it is 'ax', which does not match '^x'"),
    ({"$matches": "1"}, 1, "it is 1, which does not match '1'"),
    ({"$present": True}, None, "it is None, but must be there"),
    ({"$present": False}, 0, "it is 0, but must be absent"),
    ({"$any": 1}, [2], "it has no element that matches 1"),
    ({"$any": 1}, 1, "it has no element that matches 1"),
    ({"$count": 2}, [1], "the number of elements is 1, not 2"),
    ({"id": "x" * 200}, {"id": "y" * 200}, f"id is 'y{'y' * 115}..., not '{'x' * 116}..."),
]


@pytest.mark.parametrize(("expected", "actual"), FITS)
def test_a_value_that_fits(expected: Any, actual: Any) -> None:
    assert mismatch(checked(expected), actual) is None


@pytest.mark.parametrize(("expected", "actual", "told"), MISFITS)
def test_a_value_that_does_not_fit_is_told(expected: Any, actual: Any, told: str) -> None:
    assert mismatch(checked(expected), actual) == told


@pytest.mark.parametrize(
    ("matcher", "rule"),
    [
        ({"$like": 1}, r"^\$like is none of \$oneOf, "),
        ({"a": [{"$oneOf": []}]}, r"^\$oneOf takes a list of matchers$"),
        ({"$present": "yes"}, r"^\$present takes true or false$"),
        ({"$atLeast": [1]}, r"^\$atLeast takes a number or a text$"),
        ({"$matches": "x" * 201}, r"^\$matches takes a text of at most 200 characters$"),
        ({"$matches": "a{2,1}"}, r"^\$matches: "),
        ({"$not": 1, "a": 2}, r"^\$not stands beside members; an operator stands alone$"),
    ],
)
def test_a_matcher_that_can_never_be_right_is_refused(matcher: Any, rule: str) -> None:
    with pytest.raises(PydanticCustomError, match=rule):
        checked(matcher)
