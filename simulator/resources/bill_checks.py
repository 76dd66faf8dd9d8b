"""What must hold of a bill's number, vendor and credits."""

from __future__ import annotations

from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, observed
from simulator.resources.bill_rows import Bill, CreditBody, bills
from simulator.resources.vendor_rows import Vendor, vendors

_LONGEST_NUMBER = 21


@bills.rule(
    "An invoiceNumber of more than 21 characters is 400 BDC_1143.",
    observed("production refused 29 characters with this text; the status is from a neighbour"),
)
def check_number(number: str) -> None:
    """Refuse a number that is too long."""
    if len(number) > _LONGEST_NUMBER:
        limit = f"Maximum length cannot be greater than {_LONGEST_NUMBER} characters."
        raise refuse("BDC_1143", problem=f"invoiceNumber: {limit}")


def number_key(bill: Bill) -> tuple[str, str]:
    """What tells one vendor's numbers apart: the key of their index."""
    return (bill.vendor_id, bill.invoice.invoice_number)


@bills.rule(
    "allowDuplicateInvoiceNumber=false refuses a number that another bill of the vendor, not"
    " archived, has: 422 BDC_1171.",
    observed("one client for the flag; code and text are those of invoices"),
)
def check_duplicate(
    ctx: Ctx, allow: bool | None, vendor_id: str, number: str, own_id: str | None = None
) -> None:
    """Refuse a number that another bill of the vendor has, if asked to."""
    refused = allow is False or (
        allow is None and ctx.behaviour.duplicate_bill_numbers == "refused"
    )
    if not refused:
        return
    twins = ctx.table(bills).rows_with("vendorId+invoiceNumber", number_key, (vendor_id, number))
    twin = next((bill for bill in twins if not bill.archived and bill.id != own_id), None)
    if twin:
        raise refuse("BDC_1171", id=twin.id)


@bills.rule(
    "A new bill for an archived vendor is refused.",
    assumed("v2 refuses references to inactive records (setting bills_for_archived_vendors)"),
)
def vendor_for_bill(ctx: Ctx, vendor_id: str) -> Vendor:
    """The vendor of a new bill. Raises `Refusal`."""
    vendor = ctx.get(vendors, vendor_id)
    if vendor.archived and ctx.behaviour.bills_for_archived_vendors == "refused":
        raise refuse("bill.archived_vendor", id=vendor_id)
    return vendor


def no_credits(credits: list[CreditBody] | None) -> None:
    """Refuse vendor credits."""
    # Vendor credits are not built yet: no id of one can be known.
    if credits:
        raise refuse("BDC_1205")
