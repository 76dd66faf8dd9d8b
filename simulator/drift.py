"""Where two runs of the contract suite were answered differently, field by field.

The reports hold snapshots: ids are references, times are patterns, so whatever
differs is a difference of behaviour. Checks that did not run on both sides are
counted and not compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from simulator.reports import Check, Exchange, Report

# What stands for records that the run did not make; how many there are is the account's affair.
_FOREIGN = "<not made by this run>"


class _Absent:
    def __repr__(self) -> str:
        return "(absent)"


_ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which two runs differ; `first` and `second` are what stands there."""

    check: str
    place: str
    first: Any
    second: Any

    def __str__(self) -> str:
        return f"{self.check}\n  {self.place}: {_told(self.first)} | {_told(self.second)}"


@dataclass(frozen=True, slots=True)
class Drift:
    """All differences, and how many checks were compared and how many were not."""

    differences: tuple[Difference, ...]
    compared: int
    left_out: int


def drift(first: Report, second: Report) -> Drift:
    """Compare two reports check by check."""
    others = {check.id: check for check in second.checks}
    both = [(one, others[one.id]) for one in first.checks if one.id in others]
    compared = [pair for pair in both if "skipped" not in (pair[0].outcome, pair[1].outcome)]
    found = [difference for pair in compared for difference in _of_check(*pair)]
    every = {check.id for check in (*first.checks, *second.checks)}
    return Drift(tuple(found), len(compared), len(every) - len(compared))


def _of_check(one: Check, other: Check) -> Iterator[Difference]:
    if one.outcome != other.outcome:
        yield Difference(one.id, "outcome", one.outcome, other.outcome)
    for index in range(max(len(one.exchanges), len(other.exchanges))):
        ours, theirs = _at(one.exchanges, index), _at(other.exchanges, index)
        if ours is None or theirs is None:
            # What follows hangs on the call that only one side made.
            yield Difference(one.id, f"call {index + 1}", _request(ours), _request(theirs))
            return
        head = f"call {index + 1}, {ours.request}"
        for place, first, second in _of_exchange(ours, theirs):
            yield Difference(one.id, f"{head}: {place}", first, second)


def _of_exchange(one: Exchange, other: Exchange) -> Iterator[tuple[str, Any, Any]]:
    for place in ("request", "status", "codes"):
        first, second = getattr(one, place), getattr(other, place)
        if first != second:
            yield place, first, second
    yield from _of_value(one.answer, other.answer, "answer")


def _of_value(first: Any, second: Any, place: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(first, dict) and isinstance(second, dict):
        for name in dict.fromkeys((*first, *second)):
            yield from _of_value(
                first.get(name, _ABSENT), second.get(name, _ABSENT), f"{place}.{name}"
            )
    elif isinstance(first, list) and isinstance(second, list):
        ours, theirs = _own(first), _own(second)
        for index in range(max(len(ours), len(theirs))):
            yield from _of_value(
                ours[index] if index < len(ours) else _ABSENT,
                theirs[index] if index < len(theirs) else _ABSENT,
                f"{place}[{index}]",
            )
    # True is 1 to Python, and 1 is 1.0; JSON tells only the former apart.
    elif first != second or isinstance(first, bool) is not isinstance(second, bool):
        yield place, first, second


def _own(records: list[Any]) -> list[Any]:
    return [one for one in records if one != _FOREIGN]


def _at(exchanges: list[Exchange], index: int) -> Exchange | None:
    return exchanges[index] if index < len(exchanges) else None


def _request(exchange: Exchange | None) -> Any:
    return exchange.request if exchange else _ABSENT


def _told(value: Any) -> str:
    return repr(value) if value is _ABSENT else json.dumps(value, ensure_ascii=False)
