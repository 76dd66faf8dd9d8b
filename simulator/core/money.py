"""Money: dollars (or the bill's currency) as Decimal, to the cent."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import PlainSerializer

ZERO = Decimal("0.00")
_CENT = Decimal("0.01")

# BILL writes amounts as JSON numbers in dollars, neither strings nor cents
# (official Postman collection).
Money = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]


def cents(value: Decimal) -> Decimal:
    """`value` rounded half up to two decimals (assumed: BILL documents no rule)."""
    return value.quantize(_CENT, rounding=ROUND_HALF_UP)
