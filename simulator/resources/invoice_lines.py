"""The lines of invoices: making and changing them, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from simulator.core.body import as_shape, bounded
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import documented, observed
from simulator.core.money import ZERO, cents
from simulator.core.rows import changed
from simulator.resources.classifications import ItemType, items
from simulator.resources.invoice_rows import (
    Invoice,
    InvoiceLine,
    InvoiceLineBody,
    InvoiceLineClassifications,
    invoices,
)


@dataclass(frozen=True, slots=True)
class Totals:
    """What an invoice comes to, the tax in it and how many percent that is."""

    total: Decimal
    tax: Decimal
    percentage: Decimal | None


def _line(body: InvoiceLineBody, line_id: str, path: str) -> InvoiceLine:
    quantity = body.quantity
    price = body.price
    if price is None and body.amount is not None:
        # BILL's own sample gives an amount in place of a price on a new line.
        price = cents(body.amount) / quantity if quantity else body.amount
    if price is None:
        raise refuse("field.null", field=f"{path}.price")
    return InvoiceLine(
        id=line_id,
        description=body.description,
        price=price,
        quantity=quantity if quantity is not None else Decimal(1),
        classifications=as_shape(InvoiceLineClassifications, body.classifications),
        taxable=bool(body.taxable),
    )


def _path(index: int) -> str:
    return f"invoiceLineItems[{index}]"


def new_lines(ctx: Ctx, bodies: Sequence[InvoiceLineBody]) -> tuple[InvoiceLine, ...]:
    """The lines of a new invoice."""
    return tuple(_line(body, ctx.new_id("00f"), _path(index)) for index, body in enumerate(bodies))


@invoices.rule(
    "PUT keeps and replaces the lines whose id it names, gives new lines an id and removes the"
    " others.",
    documented("BILL reference: Replace an invoice"),
)
def replaced_lines(
    ctx: Ctx, old: Invoice, bodies: Sequence[InvoiceLineBody]
) -> tuple[InvoiceLine, ...]:
    """The lines of `old` after a PUT. Refuses ids that are not its own, or come twice."""
    known = {line.id for line in old.invoice_line_items}
    lines = []
    for index, body in enumerate(bodies):
        if body.id is None:
            line_id = ctx.new_id("00f")
        elif body.id in known:
            line_id = body.id
            known.discard(line_id)
        else:
            raise refuse("invoice.unknown_line", id=body.id, invoice=old.id)
        lines.append(_line(body, line_id, _path(index)))
    return tuple(lines)


@invoices.rule(
    "PATCH changes the lines whose id it names, adds lines without one and keeps the others.",
    documented("BILL reference: Update an invoice; that a line without id is added is assumed"),
)
def patched_lines(
    ctx: Ctx, old: Invoice, bodies: Sequence[InvoiceLineBody]
) -> tuple[InvoiceLine, ...]:
    """The lines of `old` after a PATCH. Refuses ids that are not its own."""
    lines = {line.id: line for line in old.invoice_line_items}
    for index, body in enumerate(bodies):
        if body.id is None:
            line_id = ctx.new_id("00f")
            lines[line_id] = _line(body, line_id, _path(index))
        elif body.id in lines:
            lines[body.id] = _patched_line(lines[body.id], body, _path(index))
        else:
            raise refuse("invoice.unknown_line", id=body.id, invoice=old.id)
    return tuple(lines.values())


def _patched_line(old: InvoiceLine, body: InvoiceLineBody, path: str) -> InvoiceLine:
    kept: dict[str, Any] = {}
    for name in ("description", "quantity", "taxable"):
        given = getattr(body, name)
        kept[name] = getattr(old, name) if given is None else given
    if body.price is None and body.amount is None:
        kept["price"] = old.price
    line = _line(body.model_copy(update=kept), old.id, path)
    return line if body.classifications else changed(line, classifications=old.classifications)


def tax_percentage(ctx: Ctx, tax_item_id: str | None) -> Decimal | None:
    """How many percent a sales tax item stands for now. Refuses other items."""
    if tax_item_id is None:
        return None
    item = ctx.get(items, tax_item_id)
    if item.type is not ItemType.SALES_TAX:
        raise refuse("invoice.tax_item", id=tax_item_id)
    return item.percentage or ZERO


@invoices.rule(
    "A line costs quantity times price, rounded half up to cents; tax is the percentage of the"
    " sales tax item on the taxable lines, rounded once; the total is their sum. The percentage"
    " is the one the item had when it was last given.",
    observed("sandbox for the sum; BILL guide for the tax; the rounding is assumed"),
)
def total_of(lines: Sequence[InvoiceLine], percentage: Decimal | None) -> Totals:
    """What `lines` and a tax of `percentage` come to. Refuses less than nothing."""
    amounts = [cents(line.price * line.quantity) for line in lines]
    for amount in amounts:
        bounded(abs(amount), "totalAmount")
    taxable = [amount for amount, line in zip(amounts, lines, strict=True) if line.taxable]
    tax = cents(sum(taxable, ZERO) * (percentage or ZERO) / 100)
    total = bounded(sum(amounts, ZERO) + tax, "totalAmount")
    if total < 0:
        raise refuse("invoice.negative_amount")
    return Totals(total, tax, percentage)
