"""Bills: what an organization owes to its vendors. /v3/bills

The money of a bill lies in four parts, and `due_amount` is always what is left:
amount = creditAmount + scheduledAmount + paidAmount + dueAmount.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any, TypeVar

from simulator.core.body import as_shape
from simulator.core.bulk import all_or_nothing
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented, observed
from simulator.core.listing import BOOLEAN, DATE, INSTANT, NUMBER, TEXT, enumeration, filter_field
from simulator.core.money import ZERO
from simulator.core.roles import ENTER_BILLS
from simulator.core.rows import changed
from simulator.resources import approval_policies, bill_lines
from simulator.resources.bill_checks import (
    check_duplicate,
    check_number,
    no_credits,
    number_key,
    vendor_for_bill,
)
from simulator.resources.bill_money import reckon, store
from simulator.resources.bill_rows import (
    ApprovalStatus,
    Approver,
    ApproverStatus,
    Bill,
    BillClassifications,
    BillCreate,
    BillPatch,
    BillQuery,
    Invoice,
    PaymentStatus,
    RecordStatus,
    bills,
)
from simulator.resources.exchange_rates import in_dollars, rate_of
from simulator.resources.vendor_rows import vendors

_GUIDE = documented("BILL guide: Bills; reference: bills")
B = TypeVar("B", BillCreate, BillPatch)

BULK_LIMIT = 100

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


@bills.operation(
    "GET",
    "/{billId}",
    query=BillQuery,
    joined=True,
    evidence=documented("BILL reference: Get bill details"),
)
def get_bill(ctx: Ctx, bill_id: str, query: BillQuery) -> Bill:
    """Get a bill, with its approvers if asked to."""
    return _shown(ctx.get(bills, bill_id), query.bill_approvals)


def _shown(bill: Bill, with_approvers: bool | None) -> Bill:
    if not with_approvers or not bill.approval:
        return bill
    return changed(bill, approvers=bill.approval)


@bills.rule(
    "A bill that fulfils a policy's rules is ASSIGNED to its approvers, all WAITING, else"
    " UNASSIGNED; whether the caller asked for billApprovals or not.",
    documented(
        "BILL guide: Bill approvals; that it goes without asking is a setting (approval_policies)"
    ),
)
def _assign(ctx: Ctx, bill: Bill, asked: bool | None) -> Bill:
    if ctx.behaviour.approval_policies == "when_asked" and not asked:
        return bill
    wanted = approval_policies.approvers_for(ctx, bill)
    if not wanted and bill.approval_status is ApprovalStatus.UNASSIGNED:
        return bill
    return changed(
        bill,
        approval_status=ApprovalStatus.ASSIGNED if wanted else ApprovalStatus.UNASSIGNED,
        approval=tuple(
            Approver(
                user_id=user_id,
                status=ApproverStatus.WAITING,
                approver_order=order,
                status_changed_time=ctx.record_time,
            )
            for order, user_id in enumerate(wanted)
        ),
    )


@bills.operation(
    "POST",
    "",
    status=201,
    query=BillQuery,
    body=BillCreate,
    roles=ENTER_BILLS,
    evidence=_GUIDE,
)
def post(ctx: Ctx, query: BillQuery, body: BillCreate) -> Bill:
    """Create a bill."""
    body = _flagged(query, body)
    return _shown(create(ctx, body), body.bill_approvals)


def _flagged(query: BillQuery, body: B) -> B:
    """`body` with the flags that stand in the query instead."""
    flags = {name: getattr(query, name) for name in query.given}
    return body.model_copy(update=flags) if flags else body


def create(ctx: Ctx, body: BillCreate) -> Bill:
    """Make a bill."""
    vendor = vendor_for_bill(ctx, body.vendor_id)
    number = body.invoice.invoice_number
    check_number(number)
    check_duplicate(ctx, body.allow_duplicate_invoice_number, vendor.id, number)
    no_credits(body.vendor_credits)
    lines = tuple(
        bill_lines.line(line, ctx.new_id("bli"), f"billLineItems[{index}]")
        for index, line in enumerate(body.bill_line_items)
    )
    total = bill_lines.total(lines)
    rate = rate_of(vendor.bill_currency)
    now = ctx.record_time
    bill = Bill(
        archived=False,
        id=ctx.new_id(bills.prefix),
        vendor_id=vendor.id,
        funding_amount=in_dollars(total, rate),
        amount=total,
        paid_amount=ZERO,
        due_amount=total,
        scheduled_amount=ZERO,
        credit_amount=ZERO,
        exchange_rate=rate,
        description=body.description,
        due_date=body.due_date,
        invoice=Invoice(invoice_date=body.invoice.invoice_date, invoice_number=number),
        bill_line_items=lines,
        pay_from_chart_of_account_id=body.pay_from_chart_of_account_id,
        payment_status=PaymentStatus.UNPAID,
        approval_status=ApprovalStatus.UNASSIGNED,
        created_time=now,
        updated_time=now,
        classifications=as_shape(BillClassifications, body.classifications),
        purchase_order_number=body.purchase_order_number,
        record_status=RecordStatus.ACTIVE if ctx.behaviour.newer_fields else None,
        # Seen empty on an unpaid bill; what a filled one holds is not known.
        payments=() if ctx.behaviour.newer_fields else None,
        created_by=ctx.user_id,
        in_process_amount=ZERO,
    )
    bill = _assign(ctx, bill, body.bill_approvals)
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
    made = all_or_nothing(body, BULK_LIMIT, lambda item: create(ctx, item))
    return [_shown(bill, item.bill_approvals) for bill, item in zip(made, body, strict=True)]


@bills.rule(
    "PUT keeps and replaces the lines whose id it names, gives new lines an id, and removes the"
    " others.",
    documented("BILL reference: Replace a bill"),
)
@bills.operation(
    "PUT",
    "/{billId}",
    query=BillQuery,
    body=BillCreate,
    roles=ENTER_BILLS,
    evidence=documented("BILL reference: Replace a bill"),
)
def replace(ctx: Ctx, bill_id: str, query: BillQuery, body: BillCreate) -> Bill:
    """Replace a bill."""
    body = _flagged(query, body)
    old = ctx.get(bills, bill_id)
    known = {line.id for line in old.bill_line_items}
    lines = []
    for index, line in enumerate(body.bill_line_items):
        if line.id is not None and line.id not in known:
            raise refuse("bill.unknown_line", id=line.id, bill=bill_id)
        line_id = line.id or ctx.new_id("bli")
        known.discard(line_id)
        lines.append(bill_lines.line(line, line_id, f"billLineItems[{index}]"))
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
        classifications=as_shape(BillClassifications, body.classifications),
        purchase_order_number=body.purchase_order_number,
    )


@bills.rule(
    "PATCH changes the lines whose id it names and keeps the others; their number stays.",
    documented("BILL reference: Update a bill"),
)
@bills.rule(
    "A line in a PATCH with an amount alone loses quantity and price.",
    assumed("the amount wins; a quantity and price beside it would contradict it"),
)
@bills.rule(
    "A line in a PATCH without classifications loses the ones it had.",
    observed("one client in production"),
)
@bills.operation(
    "PATCH",
    "/{billId}",
    query=BillQuery,
    body=BillPatch,
    roles=ENTER_BILLS,
    evidence=documented("BILL reference: Update a bill"),
)
def update(ctx: Ctx, bill_id: str, query: BillQuery, body: BillPatch) -> Bill:
    """Change some members of a bill."""
    body = _flagged(query, body)
    old = ctx.get(bills, bill_id)
    nested = {"bill_line_items", "invoice", "classifications", "vendor_credits"}
    flags = {"bill_approvals", "allow_duplicate_invoice_number"}
    new: dict[str, Any] = {name: getattr(body, name) for name in body.given - nested - flags}
    if body.bill_line_items is not None:
        lines = {line.id: line for line in old.bill_line_items}
        for index, line in enumerate(body.bill_line_items):
            if line.id is None:
                raise refuse("field.null", field=f"billLineItems[{index}].id")
            if line.id not in lines:
                raise refuse("bill.unknown_line", id=line.id, bill=bill_id)
            lines[line.id] = bill_lines.patched_line(
                lines[line.id], line, f"billLineItems[{index}]"
            )
        new["bill_line_items"] = tuple(lines.values())
    if body.invoice is not None:
        given = {name: getattr(body.invoice, name) for name in body.invoice.given}
        new["invoice"] = changed(old.invoice, **given)
    if body.classifications is not None:
        new["classifications"] = as_shape(BillClassifications, body.classifications)
    return _edit(ctx, old, body, **new)


@bills.rule(
    "A change of vendor or amount sends a bill through its approvals anew.",
    assumed("Help Center knows it of the web app (setting edited_bills)"),
)
@bills.rule(
    "A bill with money paid or scheduled keeps its vendor and an amount that covers that money.",
    assumed("knowledge of v2; v3 documents no rule"),
)
def _edit(ctx: Ctx, old: Bill, body: BillCreate | BillPatch, **new: Any) -> Bill:
    bill = changed(old, **new)
    no_credits(body.vendor_credits)
    if bill.vendor_id != old.vendor_id:
        if old.scheduled_amount or old.paid_amount:
            raise refuse("bill.vendor_fixed", id=old.id)
        vendor_for_bill(ctx, bill.vendor_id)
    number = bill.invoice.invoice_number
    if number_key(bill) != number_key(old):
        check_number(number)
        allow = body.allow_duplicate_invoice_number
        check_duplicate(ctx, allow, bill.vendor_id, number, old.id)
    total = bill_lines.total(bill.bill_line_items)
    committed = bill.credit_amount + bill.scheduled_amount + bill.paid_amount
    if total < committed:
        raise refuse("bill.below_paid", id=old.id, amount=total, committed=committed)
    rate = rate_of(ctx.get(vendors, bill.vendor_id).bill_currency)
    bill = reckon(
        changed(
            bill,
            amount=total,
            funding_amount=in_dollars(total, rate),
            exchange_rate=rate,
            updated_time=ctx.record_time,
        )
    )
    material = (bill.amount, bill.vendor_id) != (old.amount, old.vendor_id)
    if material and ctx.behaviour.edited_bills == "approved_again":
        bill = _assign(ctx, bill, body.bill_approvals or bool(old.approval))
    store(ctx, bill, old)
    _tell(ctx, bill, old)
    return _shown(bill, body.bill_approvals)


@bills.rule(
    "bill.updated tells every edit of a bill and its archiving, neither approvals nor payments.",
    documented(
        "the mission guide; BILL's page of payloads names four members alone, see the setting"
        " update_webhooks"
    ),
)
def _tell(ctx: Ctx, bill: Bill, old: Bill) -> None:
    told = attrgetter("vendor_id", "amount", "invoice")
    if ctx.behaviour.update_webhooks == "every_change" or told(bill) != told(old):
        ctx.emit("bill.updated", bill)


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
    bill = store(ctx, bill, old)
    if bill.archived and ctx.behaviour.update_webhooks == "every_change":
        ctx.emit("bill.updated", bill)
    return bill


bills.archive_restore(
    "billId",
    emits="bill",
    roles=ENTER_BILLS,
    before_archive=_before_archive,
    store=_store_archived,
)
