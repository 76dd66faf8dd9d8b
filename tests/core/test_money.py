from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.money import ZERO, Money, cents
from simulator.core.rows import Row, shape

amounts = st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, places=6)


@shape
class Priced(Row):
    id: str
    amount: Money


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        ("0.005", "0.01"),
        ("0.0049999", "0.00"),
        ("-0.005", "-0.01"),
        ("2.675", "2.68"),
        ("1.115", "1.12"),
        ("1.125", "1.13"),
        ("228.99", "228.99"),
        ("7", "7.00"),
        ("1E+2", "100.00"),
        ("99999999.994", "99999999.99"),
    ],
)
def test_halves_of_a_cent_are_rounded_away_from_zero(value: str, rounded: str) -> None:
    assert str(cents(Decimal(value))) == rounded


@given(amounts)
def test_rounding_moves_by_half_a_cent_at_most_and_only_once(value: Decimal) -> None:
    rounded = cents(value)
    assert abs(rounded - value) <= Decimal("0.005")
    assert rounded.as_tuple().exponent == -2
    assert cents(rounded) == rounded
    assert cents(-value) == -rounded


@pytest.mark.parametrize(
    ("amount", "wire"),
    [
        (Decimal("228.99"), b'{"id":"a","amount":228.99}'),
        (Decimal("1000.10"), b'{"id":"a","amount":1000.1}'),
        (Decimal("0.00"), b'{"id":"a","amount":0.0}'),
        (Decimal("-0.01"), b'{"id":"a","amount":-0.01}'),
        (Decimal("999999999999.99"), b'{"id":"a","amount":999999999999.99}'),
    ],
)
def test_money_is_written_as_a_json_number_in_dollars(amount: Decimal, wire: bytes) -> None:
    assert Priced(id="a", amount=amount).wire() == wire


@given(st.lists(st.integers(-(10**13), 10**13), max_size=50))
def test_sums_of_cents_are_exact(parts: list[int]) -> None:
    total = sum((cents(Decimal(part) / 100) for part in parts), ZERO)
    assert total == Decimal(sum(parts)) / 100
