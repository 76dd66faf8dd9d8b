from __future__ import annotations

import pytest

from simulator.core.bulk import all_or_nothing
from simulator.core.errors import Refusal, refuse, together


def half(number: int) -> int:
    """Halves even numbers; refuses 1 and 3 with one fault and others with two."""
    if number % 2 == 0:
        return number // 2
    if number == 1:
        raise refuse("BDC_1205")
    if number == 3:
        raise refuse("field.null", field="name")
    raise together([refuse("BDC_1171", id="00e1"), refuse("BDC_1361")])


def refused(items: list[int], limit: int = 100) -> Refusal:
    with pytest.raises(Refusal) as caught:
        all_or_nothing(items, limit, half)
    return caught.value


def test_all_items_are_answered_in_their_order() -> None:
    assert all_or_nothing([4, 8, 2], 3, half) == [2, 4, 1]


@pytest.mark.parametrize(("count", "limit"), [(0, 20), (21, 20), (101, 100)])
def test_an_empty_or_too_long_list_is_refused_before_anything_is_tried(
    count: int, limit: int
) -> None:
    tried: list[int] = []
    with pytest.raises(Refusal) as caught:
        all_or_nothing([2] * count, limit, tried.append)
    (item,) = caught.value.items
    assert (caught.value.status, item.code) == (400, None)
    assert item.message == f"size must be between 1 and {limit}"
    assert tried == []


def test_as_many_as_the_limit_are_taken() -> None:
    assert all_or_nothing([2] * 20, 20, half) == [1] * 20


def test_one_fault_rolls_all_the_others_back() -> None:
    refusal = refused([2, 1, 4])
    assert refusal.status == 404
    assert [item.code for item in refusal.items] == ["BDC_1246", "BDC_1205", "BDC_1246"]
    assert refusal.items[0].message == "Rollback due to other failures in the transaction."


def test_every_fault_is_told_and_the_first_one_decides_the_status() -> None:
    refusal = refused([2, 3, 5, 1])
    assert refusal.status == 400
    assert [item.code for item in refusal.items] == [
        "BDC_1246",
        None,
        "BDC_1171",
        "BDC_1361",
        "BDC_1205",
    ]
    assert refusal.items[1].message == "name: must not be null"


def test_a_single_item_is_told_its_own_fault_alone() -> None:
    assert [item.code for item in refused([1]).items] == ["BDC_1205"]


def test_items_after_a_fault_are_tried_too() -> None:
    tried: list[int] = []

    def one(number: int) -> None:
        tried.append(number)
        half(number)

    with pytest.raises(Refusal):
        all_or_nothing([1, 2, 3], 100, one)
    assert tried == [1, 2, 3]


def test_what_is_no_refusal_is_not_told_as_one() -> None:
    def one(number: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        all_or_nothing([1, 2], 100, one)
