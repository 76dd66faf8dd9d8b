"""The lines of a bill, and what they cost together."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from simulator.core.body import as_shape, bounded
from simulator.core.errors import refuse
from simulator.core.evidence import documented
from simulator.core.money import ZERO, cents
from simulator.resources.bill_rows import (
    Line,
    LineBody,
    LineClassifications,
    bills,
)


@bills.rule(
    "A line without amount costs quantity times price, rounded half up to cents; amount wins.",
    documented("BILL guide: Bills; the rounding is assumed"),
)
def _amount(body: LineBody, path: str) -> Decimal:
    if body.amount is not None:
        return cents(body.amount)
    if body.quantity is None or body.price is None:
        raise refuse("field.null", field=f"{path}.amount")
    return bounded(cents(body.quantity * body.price), f"{path}.amount")


def line(body: LineBody, line_id: str, path: str) -> Line:
    """A line of a body; `path` names it in a refusal."""
    return Line(
        amount=_amount(body, path),
        id=line_id,
        quantity=body.quantity,
        price=body.price,
        description=body.description,
        classifications=as_shape(LineClassifications, body.classifications),
    )


def total(lines: Sequence[Line]) -> Decimal:
    """What lines cost together. Refuses a negative sum."""
    amount = sum((one.amount for one in lines), ZERO)
    if amount < 0:
        raise refuse("bill.negative_amount")
    return bounded(amount, "amount")


def patched_line(old: Line, body: LineBody, path: str) -> Line:
    """A line as a PATCH leaves it."""
    kept: dict[str, Any] = {}
    if body.description is None:
        kept["description"] = old.description
    if body.amount is None:
        kept["quantity"] = old.quantity if body.quantity is None else body.quantity
        kept["price"] = old.price if body.price is None else body.price
        if body.quantity is None and body.price is None:
            kept["amount"] = old.amount
    return line(body.model_copy(update=kept), old.id, path)
