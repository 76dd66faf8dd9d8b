"""Matchers: what an expectation says of a value.

A plain value matches what equals it (numbers by value); an object matches one
that has at least its members; a list matches element by element. An object with
a `$` member is an operator:

`$oneOf` one of these matchers; `$not` none of it; `$atLeast`, `$atMost`
numbers, dates or texts in their order; `$matches` a regular expression found in
a text; `$present` whether there is a value at all; `$any` some element of a
list matches; `$count` how many elements it has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

_LONGEST_PATTERN = 200
_LONGEST_TEXT = 20_000


class _Absent:
    """What a member without a value is."""

    def __repr__(self) -> str:
        return "nothing"


ABSENT = _Absent()


def mismatch(expected: Any, actual: Any, path: str = "") -> str | None:
    """How `actual` differs from what is expected, or None if it does not."""
    if isinstance(expected, Mapping):
        operators = [name for name in expected if name.startswith("$")]
        if operators:
            failures = (OPERATORS[name](expected[name], actual, path) for name in operators)
            return next((failure for failure in failures if failure), None)
        return _members(expected, actual, path)
    if isinstance(expected, list):
        return _elements(expected, actual, path)
    return None if _equal(expected, actual) else _differs(path, actual, f"not {_short(expected)}")


def _differs(path: str, actual: Any, told: str) -> str:
    return f"{path or 'it'} is {_short(actual)}, {told}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


def _members(expected: Mapping[str, Any], actual: Any, path: str) -> str | None:
    if not isinstance(actual, Mapping):
        return _differs(path, actual, "no object")
    for name, wanted in expected.items():
        below = f"{path}.{name}" if path else name
        found = mismatch(wanted, actual.get(name, ABSENT), below)
        if found:
            return found
    return None


def _elements(expected: list[Any], actual: Any, path: str) -> str | None:
    if not isinstance(actual, list):
        return _differs(path, actual, "no list")
    if len(actual) != len(expected):
        return f"{path or 'it'} has {len(actual)} elements, not {len(expected)}"
    for index, (wanted, found) in enumerate(zip(expected, actual, strict=True)):
        differs = mismatch(wanted, found, f"{path}[{index}]")
        if differs:
            return differs
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _equal(expected: Any, actual: Any) -> bool:
    if expected is None:
        return actual is None or actual is ABSENT
    if _is_number(expected) and _is_number(actual):
        return Decimal(str(expected)) == Decimal(str(actual))
    return type(expected) is type(actual) and bool(expected == actual)


def _one_of(wanted: Any, actual: Any, path: str) -> str | None:
    if any(mismatch(one, actual, path) is None for one in wanted):
        return None
    return _differs(path, actual, f"none of {_short(wanted)}")


def _not(wanted: Any, actual: Any, path: str) -> str | None:
    return None if mismatch(wanted, actual, path) else _differs(path, actual, "which it must not")


def _ordered(compare: Callable[[Any, Any], bool], word: str) -> Callable[..., str | None]:
    def check(wanted: Any, actual: Any, path: str) -> str | None:
        if _is_number(wanted) and _is_number(actual):
            holds = compare(Decimal(str(actual)), Decimal(str(wanted)))
        else:
            holds = isinstance(actual, str) and isinstance(wanted, str) and compare(actual, wanted)
        return None if holds else _differs(path, actual, f"not {word} {wanted}")

    return check


def _matches(wanted: Any, actual: Any, path: str) -> str | None:
    if isinstance(actual, str) and re.search(wanted, actual[:_LONGEST_TEXT]):
        return None
    return _differs(path, actual, f"which does not match {wanted!r}")


def _present(wanted: Any, actual: Any, path: str) -> str | None:
    there = actual is not None and actual is not ABSENT
    return (
        None
        if there is wanted
        else _differs(path, actual, f"but must be {'there' if wanted else 'absent'}")
    )


def _any(wanted: Any, actual: Any, path: str) -> str | None:
    if isinstance(actual, list) and any(mismatch(wanted, one) is None for one in actual):
        return None
    return f"{path or 'it'} has no element that matches {_short(wanted)}"


def _count(wanted: Any, actual: Any, path: str) -> str | None:
    number = len(actual) if isinstance(actual, list) else 0
    return mismatch(wanted, number, f"the number of {path or 'elements'}")


OPERATORS: Mapping[str, Callable[[Any, Any, str], str | None]] = {
    "$oneOf": _one_of,
    "$not": _not,
    "$atLeast": _ordered(lambda one, other: one >= other, "at least"),
    "$atMost": _ordered(lambda one, other: one <= other, "at most"),
    "$matches": _matches,
    "$present": _present,
    "$any": _any,
    "$count": _count,
}


def _refuse(rule: str) -> PydanticCustomError:
    return PydanticCustomError("matcher", rule)


def checked(value: Any) -> Any:
    """`value` as a matcher. Raises PydanticCustomError for one that can never be right."""
    if isinstance(value, list):
        return [checked(child) for child in value]
    if not isinstance(value, Mapping):
        return value
    operators = [name for name in value if name.startswith("$")]
    if operators and len(operators) < len(value):
        raise _refuse(f"{operators[0]} stands beside members; an operator stands alone")
    for name in operators:
        if name not in OPERATORS:
            raise _refuse(f"{name} is none of {', '.join(OPERATORS)}")
        _check_operand(name, value[name])
    return {name: checked(child) for name, child in value.items()}


def _check_operand(name: str, operand: Any) -> None:
    if name == "$oneOf" and not (isinstance(operand, list) and operand):
        raise _refuse("$oneOf takes a list of matchers")
    if name == "$present" and not isinstance(operand, bool):
        raise _refuse("$present takes true or false")
    if name in ("$atLeast", "$atMost") and not (_is_number(operand) or isinstance(operand, str)):
        raise _refuse(f"{name} takes a number or a text")
    if name == "$matches":
        if not isinstance(operand, str) or len(operand) > _LONGEST_PATTERN:
            raise _refuse(f"$matches takes a text of at most {_LONGEST_PATTERN} characters")
        try:
            re.compile(operand)
        except re.error as failure:
            raise _refuse(f"$matches: {failure}".replace("{", "(").replace("}", ")")) from None


Matcher = Annotated[
    Any,
    AfterValidator(checked),
    Field(description="A value, an object of matchers, or an operator such as {$atLeast: 2}."),
]
