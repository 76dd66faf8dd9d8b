"""Bulk calls: all items happen, or none does and every item is told so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from simulator.core.errors import Refusal, refuse, together

I = TypeVar("I")  # noqa: E741 - the usual letter for an item
A = TypeVar("A")


def all_or_nothing(items: Sequence[I], limit: int, one: Callable[[I], A]) -> list[A]:
    """Run `one` for each item, in order.

    Raises a `Refusal` for an empty or too long list; if any item is refused,
    one that tells that item's faults and BDC_1246 for each of the others
    (second-hand copy of BILL's docs).
    """
    if not 1 <= len(items) <= limit:
        raise refuse("bulk.too_many", limit=limit)
    answers: list[A] = []
    refusals: list[Refusal | None] = []
    for item in items:
        try:
            answers.append(one(item))
            refusals.append(None)
        except Refusal as refusal:
            refusals.append(refusal)
    faults = [refusal for refusal in refusals if refusal]
    if faults:
        told = together(refusal or refuse("BDC_1246") for refusal in refusals)
        raise Refusal(faults[0].status, told.items).raised_as(faults[0])
    return answers
