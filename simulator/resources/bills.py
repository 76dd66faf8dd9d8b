"""Bills: what an organization owes to its vendors. /v3/bills

The money of a bill lies in four parts, and `due_amount` is always what is left:
amount = creditAmount + scheduledAmount + paidAmount + dueAmount.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from simulator.core.body import Amount, Body, Day, NotBlank, Text
from simulator.core.bulk import all_or_nothing
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented, observed
from simulator.core.listing import BOOLEAN, DATE, INSTANT, NUMBER, TEXT, enumeration, filter_field
from simulator.core.money import ZERO, Money, cents
from simulator.core.resource import Join, Resource
from simulator.core.roles import ENTER_BILLS
from simulator.core.rows import Hidden, Instant, Row, Shape, changed, shape
from simulator.resources import vendor_balances
from simulator.resources.vendors import Vendor, vendors

_GUIDE = documented("BILL guide: Bills; reference: bills")
BULK_LIMIT = 100
_LONGEST_NUMBER = 21


class PaymentStatus(StrEnum):
    """How far a bill is paid."""

    UNPAID = "UNPAID"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    SCHEDULED = "SCHEDULED"
    IN_PROCESS = "IN_PROCESS"
    PAID = "PAID"
    UNDEFINED = "UNDEFINED"


class ApprovalStatus(StrEnum):
    """How far a bill is approved."""

    UNASSIGNED = "UNASSIGNED"
    ASSIGNED = "ASSIGNED"
    APPROVING = "APPROVING"
    APPROVED = "APPROVED"
    DENIED = "DENIED"
    UNDEFINED = "UNDEFINED"


class RecordStatus(StrEnum):
    """Newer twin of `archived`."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class Bucket(StrEnum):
    """Where a payment's share of a bill lies."""

    SCHEDULED = "SCHEDULED"
    IN_PROCESS = "IN_PROCESS"
    PAID = "PAID"


class BillClassificationsBody(Body):
    """Accounting ids of a bill."""

    chart_of_account_id: Text | None = None
    accounting_class_id: Text | None = None
    department_id: Text | None = None
    location_id: Text | None = None
    item_id: Text | None = None


class LineClassificationsBody(BillClassificationsBody):
    """Accounting ids of a line."""

    employee_id: Text | None = None
    job_id: Text | None = None
    customer_id: Text | None = None


class LineBody(Body):
    """A line: an amount, or quantity times price."""

    id: Text | None = None
    amount: Amount | None = None
    quantity: Amount | None = None
    price: Amount | None = None
    description: Annotated[Text, Field(max_length=4000)] | None = None
    classifications: LineClassificationsBody | None = None


class InvoiceBody(Body):
    """The vendor's invoice that the bill stands for."""

    invoice_number: NotBlank
    invoice_date: Day


class InvoicePatch(Body):
    """The members of the invoice that change."""

    invoice_number: NotBlank | None = None
    invoice_date: Day | None = None


class CreditBody(Body):
    """A vendor credit to apply. `amount` in the bill's currency."""

    id: NotBlank
    amount: Amount


class BillCreate(Body):
    """A new bill; also a whole one in PUT."""

    vendor_id: NotBlank
    due_date: Day
    bill_line_items: Annotated[list[LineBody], Field(min_length=1)]
    invoice: InvoiceBody
    description: Annotated[Text, Field(max_length=4000)] | None = None
    pay_from_chart_of_account_id: Text | None = None
    classifications: BillClassificationsBody | None = None
    vendor_credits: list[CreditBody] | None = None
    purchase_order_number: Text | None = None
    bill_approvals: bool | None = None
    allow_duplicate_invoice_number: bool | None = None


class BillPatch(Body):
    """The members of a bill that change."""

    vendor_id: NotBlank | None = None
    due_date: Day | None = None
    bill_line_items: list[LineBody] | None = None
    invoice: InvoicePatch | None = None
    description: Annotated[Text, Field(max_length=4000)] | None = None
    pay_from_chart_of_account_id: Text | None = None
    classifications: BillClassificationsBody | None = None
    vendor_credits: list[CreditBody] | None = None
    purchase_order_number: Text | None = None
    bill_approvals: bool | None = None
    allow_duplicate_invoice_number: bool | None = None


@shape
class BillClassifications(Shape):
    """Accounting ids of a bill."""

    chart_of_account_id: str | None = None
    accounting_class_id: str | None = None
    department_id: str | None = None
    location_id: str | None = None
    item_id: str | None = None


@shape
class LineClassifications(Shape):
    """Accounting ids of a line."""

    chart_of_account_id: str | None = None
    accounting_class_id: str | None = None
    department_id: str | None = None
    employee_id: str | None = None
    job_id: str | None = None
    location_id: str | None = None
    item_id: str | None = None
    customer_id: str | None = None


@shape
class Line(Shape):
    """A line of a bill. `amount` and `price` in the bill's currency."""

    amount: Money
    id: str
    quantity: Money | None = None
    price: Money | None = None
    description: str | None = None
    classifications: LineClassifications | None = None


@shape
class Invoice(Shape):
    """The vendor's invoice that the bill stands for."""

    invoice_date: date
    invoice_number: str


@shape
class Bill(Row):
    """A bill; amounts in the vendor's bill currency, `funding_amount` in dollars."""

    archived: bool
    id: str
    vendor_id: str
    vendor_name: str | None = None
    funding_amount: Money
    amount: Money
    paid_amount: Money
    due_amount: Money
    scheduled_amount: Money
    credit_amount: Money
    exchange_rate: Money
    description: str | None = None
    due_date: date
    invoice: Invoice
    bill_line_items: tuple[Line, ...]
    pay_from_chart_of_account_id: str | None = None
    payment_status: PaymentStatus
    approval_status: ApprovalStatus
    created_time: Instant
    updated_time: Instant
    classifications: BillClassifications | None = None
    purchase_order_number: str | None = None
    record_status: RecordStatus | None = None
    # The part of `scheduled_amount` whose payment has left SCHEDULED.
    in_process_amount: Annotated[Decimal, Hidden]


def _vendor_name(ctx: Ctx, bill: Bill) -> str | None:
    vendor = ctx.find(vendors, bill.vendor_id)
    return vendor.name if vendor else None


bills = Resource(
    "bills",
    "/v3/bills",
    Bill,
    prefix="00n",
    join=Join(
        _vendor_name,
        lambda ctx, bill: changed(bill, vendor_name=_vendor_name(ctx, bill)),
        reads_only=True,
    ),
)

_TIME_OPS = "gt gte lt lte"
bills.listed(
    filters=(
        filter_field("id", TEXT, "eq ne in"),
        filter_field("archived", BOOLEAN, "eq ne"),
        filter_field("vendorId", TEXT, "eq in"),
        filter_field("dueDate", DATE, _TIME_OPS),
        filter_field("paymentStatus", enumeration(PaymentStatus), "eq ne in"),
        filter_field("createdTime", INSTANT, _TIME_OPS),
        filter_field("updatedTime", INSTANT, _TIME_OPS),
        filter_field("payFromChartOfAccountId", TEXT, "eq ne in"),
        *(
            filter_field(f"classifications.{name}", TEXT, "eq ne in")
            for name in (
                "chartOfAccountId",
                "accountingClassId",
                "departmentId",
                "locationId",
                "itemId",
            )
        ),
        # Beyond BILL's page, but observed to work.
        filter_field("approvalStatus", enumeration(ApprovalStatus), "eq ne in"),
        filter_field("invoice.invoiceNumber", TEXT, "eq"),
    ),
    sorts=(
        filter_field("archived", BOOLEAN),
        filter_field("fundingAmount", NUMBER),
        filter_field("exchangeRate", NUMBER),
        filter_field("description", TEXT),
        filter_field("dueDate", DATE),
        filter_field("createdTime", INSTANT),
        filter_field("updatedTime", INSTANT),
    ),
    evidence=documented("BILL guide: Filterable fields, Sortable fields"),
)
bills.retrieve("billId", evidence=documented("BILL reference: Get bill details"))


@bills.rule(
    "dueAmount = amount - creditAmount - scheduledAmount - paidAmount, after every change.",
    documented("BILL reference: bills, descriptions of the amounts"),
)
@bills.rule(
    "paymentStatus follows the amounts: PAID, IN_PROCESS, SCHEDULED, PARTIALLY_PAID, UNPAID, the"
    " first that fits.",
    assumed("the values are documented; which of two fitting ones wins is not"),
)
def reckon(bill: Bill) -> Bill:
    """`bill` with due amount and status as its parts have it."""
    open_amount = bill.amount - bill.credit_amount
    if bill.amount > 0 and bill.paid_amount >= open_amount:
        status = PaymentStatus.PAID
    elif bill.in_process_amount > 0:
        status = PaymentStatus.IN_PROCESS
    elif bill.scheduled_amount > 0:
        status = PaymentStatus.SCHEDULED
    elif bill.paid_amount > 0:
        status = PaymentStatus.PARTIALLY_PAID
    else:
        status = PaymentStatus.UNPAID
    due = open_amount - bill.scheduled_amount - bill.paid_amount
    return changed(bill, due_amount=due, payment_status=status)


def store(ctx: Ctx, bill: Bill, old: Bill | None) -> Bill:
    """Keep a new or changed bill, and what is open to its vendor."""
    if old is not None:
        vendor_balances.add(ctx, old.vendor_id, -_counted(old))
    vendor_balances.add(ctx, bill.vendor_id, _counted(bill))
    return ctx.put(bills, bill)


def _counted(bill: Bill) -> Decimal:
    return ZERO if bill.archived else bill.due_amount


def move_money(
    ctx: Ctx, bill_id: str, amount: Decimal, source: Bucket | None, target: Bucket | None
) -> Bill:
    """Move a payment's `amount` of a bill between its parts; None is what is due."""
    old = ctx.get(bills, bill_id)
    parts: dict[str, Any] = {
        "scheduled_amount": old.scheduled_amount,
        "in_process_amount": old.in_process_amount,
        "paid_amount": old.paid_amount,
    }
    for bucket, sign in ((source, -amount), (target, amount)):
        if bucket is Bucket.PAID:
            parts["paid_amount"] += sign
        elif bucket is not None:
            parts["scheduled_amount"] += sign
            if bucket is Bucket.IN_PROCESS:
                parts["in_process_amount"] += sign
    bill = reckon(changed(old, **parts, updated_time=ctx.record_time))
    return store(ctx, bill, old)


@bills.rule(
    "A line without amount costs quantity times price, rounded half up to cents; amount wins.",
    documented("BILL guide: Bills; the rounding is assumed"),
)
def _line_amount(line: LineBody, path: str) -> Decimal:
    if line.amount is not None:
        return cents(line.amount)
    if line.quantity is not None and line.price is not None:
        return cents(line.quantity * line.price)
    raise refuse("field.null", field=f"{path}.amount")


def _line(body: LineBody, line_id: str, path: str) -> Line:
    ids = body.classifications.model_dump(exclude_none=True) if body.classifications else None
    return Line(
        amount=_line_amount(body, path),
        id=line_id,
        quantity=body.quantity,
        price=body.price,
        description=body.description,
        classifications=LineClassifications(**ids) if ids else None,
    )


def _classifications(body: BillClassificationsBody | None) -> BillClassifications | None:
    ids = body.model_dump(exclude_none=True) if body else None
    return BillClassifications(**ids) if ids else None


def _total(lines: Sequence[Line]) -> Decimal:
    total = sum((line.amount for line in lines), ZERO)
    if total < 0:
        raise refuse("bill.negative_amount")
    return total


@bills.rule(
    "An invoiceNumber of more than 21 characters is 400 BDC_1143.",
    observed("production refused 29 characters with this text; the status is from a neighbour"),
)
def _check_number(number: str) -> None:
    if len(number) > _LONGEST_NUMBER:
        limit = f"Maximum length cannot be greater than {_LONGEST_NUMBER} characters."
        raise refuse("BDC_1143", problem=f"invoiceNumber: {limit}")


def _number_key(bill: Bill) -> tuple[str, str]:
    return (bill.vendor_id, bill.invoice.invoice_number)


@bills.rule(
    "allowDuplicateInvoiceNumber=false refuses a number that another bill of the vendor, not"
    " archived, has: 422 BDC_1171.",
    observed("one client for the flag; code and text are those of invoices"),
)
def _check_duplicate(
    ctx: Ctx, allow: bool | None, vendor_id: str, number: str, own_id: str | None = None
) -> None:
    refused = allow is False or (
        allow is None and ctx.behaviour.duplicate_bill_numbers == "refused"
    )
    if not refused:
        return
    twins = ctx.table(bills).rows_with("vendorId+invoiceNumber", _number_key, (vendor_id, number))
    twin = next((bill for bill in twins if not bill.archived and bill.id != own_id), None)
    if twin:
        raise refuse("BDC_1171", id=twin.id)


@bills.rule(
    "A new bill for an archived vendor is refused.",
    assumed("v2 refuses references to inactive records (setting bills_for_archived_vendors)"),
)
def _vendor_for_bill(ctx: Ctx, vendor_id: str) -> Vendor:
    vendor = ctx.get(vendors, vendor_id)
    if vendor.archived and ctx.behaviour.bills_for_archived_vendors == "refused":
        raise refuse("bill.archived_vendor", id=vendor_id)
    return vendor


def _no_credits(credits: list[CreditBody] | None) -> None:
    # Vendor credits are not built yet: no id of one can be known.
    if credits:
        raise refuse("BDC_1205")


@bills.operation("POST", "", status=201, body=BillCreate, roles=ENTER_BILLS, evidence=_GUIDE)
def create(ctx: Ctx, body: BillCreate) -> Bill:
    """Create a bill."""
    vendor = _vendor_for_bill(ctx, body.vendor_id)
    number = body.invoice.invoice_number
    _check_number(number)
    _check_duplicate(ctx, body.allow_duplicate_invoice_number, vendor.id, number)
    _no_credits(body.vendor_credits)
    lines = tuple(
        _line(line, ctx.new_id("bli"), f"billLineItems[{index}]")
        for index, line in enumerate(body.bill_line_items)
    )
    total = _total(lines)
    now = ctx.record_time
    bill = Bill(
        archived=False,
        id=ctx.new_id("00n"),
        vendor_id=vendor.id,
        # Dollars for dollars: other currencies get a rate once rates are built.
        funding_amount=total,
        amount=total,
        paid_amount=ZERO,
        due_amount=total,
        scheduled_amount=ZERO,
        credit_amount=ZERO,
        exchange_rate=Decimal(1),
        description=body.description,
        due_date=body.due_date,
        invoice=Invoice(invoice_date=body.invoice.invoice_date, invoice_number=number),
        bill_line_items=lines,
        pay_from_chart_of_account_id=body.pay_from_chart_of_account_id,
        payment_status=PaymentStatus.UNPAID,
        approval_status=ApprovalStatus.UNASSIGNED,
        created_time=now,
        updated_time=now,
        classifications=_classifications(body.classifications),
        purchase_order_number=body.purchase_order_number,
        record_status=RecordStatus.ACTIVE if ctx.behaviour.newer_fields else None,
        in_process_amount=ZERO,
    )
    store(ctx, bill, None)
    ctx.emit("bill.created", bill)
    return bill


@bills.operation(
    "POST",
    "/bulk",
    status=201,
    body=list[BillCreate],
    roles=ENTER_BILLS,
    evidence=documented("BILL reference: Create multiple bills (up to 100, all or nothing)"),
)
def create_bulk(ctx: Ctx, body: list[BillCreate]) -> list[Bill]:
    """Create up to 100 bills, all or none."""
    return all_or_nothing(body, BULK_LIMIT, lambda item: create(ctx, item))


@bills.rule(
    "PUT keeps and replaces the lines whose id it names, gives new lines an id, and removes the"
    " others.",
    documented("BILL reference: Replace a bill"),
)
@bills.operation(
    "PUT",
    "/{billId}",
    body=BillCreate,
    roles=ENTER_BILLS,
    evidence=documented("BILL reference: Replace a bill"),
)
def replace(ctx: Ctx, bill_id: str, body: BillCreate) -> Bill:
    """Replace a bill."""
    old = ctx.get(bills, bill_id)
    known = {line.id for line in old.bill_line_items}
    lines = []
    for index, line in enumerate(body.bill_line_items):
        if line.id is not None and line.id not in known:
            raise refuse("bill.unknown_line", id=line.id, bill=bill_id)
        line_id = line.id or ctx.new_id("bli")
        known.discard(line_id)
        lines.append(_line(line, line_id, f"billLineItems[{index}]"))
    return _edit(
        ctx,
        old,
        body,
        vendor_id=body.vendor_id,
        due_date=body.due_date,
        invoice=Invoice(
            invoice_date=body.invoice.invoice_date, invoice_number=body.invoice.invoice_number
        ),
        bill_line_items=tuple(lines),
        description=body.description,
        pay_from_chart_of_account_id=body.pay_from_chart_of_account_id,
        classifications=_classifications(body.classifications),
        purchase_order_number=body.purchase_order_number,
    )


@bills.rule(
    "PATCH changes the lines whose id it names and keeps the others; their number stays.",
    documented("BILL reference: Update a bill"),
)
@bills.rule(
    "A line in a PATCH without classifications loses the ones it had.",
    observed("one client in production"),
)
@bills.operation(
    "PATCH",
    "/{billId}",
    body=BillPatch,
    roles=ENTER_BILLS,
    evidence=documented("BILL reference: Update a bill"),
)
def update(ctx: Ctx, bill_id: str, body: BillPatch) -> Bill:
    """Change some members of a bill."""
    old = ctx.get(bills, bill_id)
    nested = {"bill_line_items", "invoice", "classifications", "vendor_credits"}
    flags = {"bill_approvals", "allow_duplicate_invoice_number"}
    new: dict[str, Any] = {name: getattr(body, name) for name in body.given - nested - flags}
    if body.bill_line_items is not None:
        lines = {line.id: line for line in old.bill_line_items}
        for index, line in enumerate(body.bill_line_items):
            if line.id not in lines:
                raise refuse("bill.unknown_line", id=line.id, bill=bill_id)
            lines[line.id] = _patched_line(lines[line.id], line, f"billLineItems[{index}]")
        new["bill_line_items"] = tuple(lines.values())
    if body.invoice is not None:
        given = {name: getattr(body.invoice, name) for name in body.invoice.given}
        new["invoice"] = changed(old.invoice, **given)
    if body.classifications is not None:
        new["classifications"] = _classifications(body.classifications)
    return _edit(ctx, old, body, **new)


def _patched_line(old: Line, body: LineBody, path: str) -> Line:
    recount = body.quantity is not None or body.price is not None
    kept = {"amount": body.amount if body.amount is not None or recount else old.amount}
    for name in ("quantity", "price", "description"):
        given = getattr(body, name)
        kept[name] = getattr(old, name) if given is None else given
    return _line(body.model_copy(update=kept), old.id, path)


@bills.rule(
    "A bill with money paid or scheduled keeps its vendor and an amount that covers that money.",
    assumed("knowledge of v2; v3 documents no rule"),
)
def _edit(ctx: Ctx, old: Bill, body: BillCreate | BillPatch, **new: Any) -> Bill:
    bill = changed(old, **new)
    _no_credits(body.vendor_credits)
    if bill.vendor_id != old.vendor_id:
        if old.scheduled_amount or old.paid_amount:
            raise refuse("bill.vendor_fixed", id=old.id)
        _vendor_for_bill(ctx, bill.vendor_id)
    number = bill.invoice.invoice_number
    if _number_key(bill) != _number_key(old):
        _check_number(number)
        allow = body.allow_duplicate_invoice_number
        _check_duplicate(ctx, allow, bill.vendor_id, number, old.id)
    total = _total(bill.bill_line_items)
    committed = bill.credit_amount + bill.scheduled_amount + bill.paid_amount
    if total < committed:
        raise refuse("bill.below_paid", id=old.id, amount=total, committed=committed)
    bill = reckon(changed(bill, amount=total, funding_amount=total, updated_time=ctx.record_time))
    store(ctx, bill, old)
    ctx.emit("bill.updated", bill)
    return bill


@bills.rule(
    "A bill with money paid or scheduled is not archived.",
    assumed("v2 refuses it (setting archive_bills_with_payments)"),
)
def _before_archive(ctx: Ctx, bill: Bill) -> None:
    committed = bill.scheduled_amount + bill.paid_amount
    if committed and ctx.behaviour.archive_bills_with_payments == "refused":
        raise refuse("bill.has_payments", id=bill.id)


def _store_archived(ctx: Ctx, bill: Bill, old: Bill) -> Bill:
    if bill.record_status:
        status = RecordStatus.INACTIVE if bill.archived else RecordStatus.ACTIVE
        bill = changed(bill, record_status=status)
    return store(ctx, bill, old)


bills.archive_restore(
    "billId",
    emits="bill",
    roles=ENTER_BILLS,
    before_archive=_before_archive,
    store=_store_archived,
)
