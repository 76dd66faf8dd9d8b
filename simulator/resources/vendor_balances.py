"""What is open to each vendor, kept up as bills change."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from simulator.core.context import Ctx
from simulator.core.money import ZERO
from simulator.core.resource import Store
from simulator.core.rows import Row, shape


@shape
class VendorBalance(Row):
    """The open amount of a vendor, in its bill currency; its id is the vendor's."""

    id: str
    amount: Decimal
    updated: datetime


vendor_balances = Store("vendor_balances", VendorBalance)


def add(ctx: Ctx, vendor_id: str, amount: Decimal) -> None:
    """Add `amount`, which may be negative, to what is open to a vendor."""
    if not amount:
        return
    known = ctx.find(vendor_balances, vendor_id)
    total = (known.amount if known else ZERO) + amount
    ctx.put(vendor_balances, VendorBalance(id=vendor_id, amount=total, updated=ctx.record_time))
