"""Invoices: what customers owe to an organization. /v3/invoices

The money of an invoice lies in four parts, and `due_amount` is what is left:
totalAmount = creditAmount + scheduledAmount + received money + dueAmount.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from simulator.core.body import as_shape
from simulator.core.context import Ctx
from simulator.core.errors import refuse, together
from simulator.core.evidence import assumed, documented, observed
from simulator.core.listing import BOOLEAN, DATE, INSTANT, NUMBER, TEXT, enumeration, filter_field
from simulator.core.money import ZERO, cents
from simulator.core.roles import MANAGE_RECEIVABLES
from simulator.core.rows import changed
from simulator.resources import attachments, customers
from simulator.resources.customers import Customer
from simulator.resources.invoice_lines import (
    new_lines,
    patched_lines,
    replaced_lines,
    tax_percentage,
    total_of,
)
from simulator.resources.invoice_rows import (
    NO_PDF,
    ConvenienceFee,
    Invoice,
    InvoiceClassifications,
    InvoiceCreate,
    InvoiceCustomer,
    InvoicePatch,
    InvoiceStatus,
    RecordStatus,
    invoices,
    payday,
)
from simulator.resources.payment_terms import payment_terms

_GUIDE = documented("BILL guide: Invoices; reference: invoices")

_TIME_OPS = "gt gte lt lte"
invoices.listed(
    filters=(
        filter_field("id", TEXT, "eq ne in"),
        filter_field("archived", BOOLEAN, "eq ne"),
        filter_field("customerId", TEXT, "eq in"),
        filter_field("payToChartOfAccountId", TEXT, "eq ne in"),
        *(
            filter_field(f"classifications.{name}", TEXT, "eq ne in")
            for name in ("accountingClassId", "departmentId", "locationId", "jobId")
        ),
        # BILL's page lists the field, but only lines have an item: no invoice matches.
        filter_field("classifications.itemId", TEXT, "eq ne in", lambda invoice: None),
        filter_field("createdTime", INSTANT, _TIME_OPS),
        filter_field("updatedTime", INSTANT, _TIME_OPS),
        # Beyond the part of BILL's page that is known, but clients use them.
        filter_field("invoiceNumber", TEXT, "eq ne in sw"),
        filter_field("status", enumeration(InvoiceStatus), "eq ne in"),
        filter_field("dueDate", DATE, _TIME_OPS),
        filter_field("invoiceDate", DATE, _TIME_OPS),
    ),
    sorts=(
        filter_field("archived", BOOLEAN),
        filter_field("invoiceNumber", TEXT),
        filter_field("invoiceDate", DATE),
        filter_field("dueDate", DATE),
        filter_field("totalAmount", NUMBER),
        filter_field("createdTime", INSTANT),
        filter_field("updatedTime", INSTANT),
    ),
    evidence=documented("BILL guide: Filterable fields, Sortable fields"),
)
invoices.retrieve("invoiceId", evidence=documented("BILL reference: Get invoice details"))


@invoices.rule(
    "dueAmount = totalAmount - creditAmount - scheduledAmount - received money.",
    observed("sandbox: a scheduled payment already lowers dueAmount"),
)
@invoices.rule(
    "status: PAID_IN_FULL and SCHEDULED when nothing is due, PARTIAL_PAYMENT when less than the"
    " total is due, else OPEN.",
    documented("BILL reference: invoices, for the values; which fits when is assumed in part"),
)
def reckon(invoice: Invoice) -> Invoice:
    """`invoice` with due amount and status as its parts have it."""
    taken = invoice.credit_amount + invoice.scheduled_amount + invoice.received_amount
    due = invoice.total_amount - taken
    if due == 0 and taken > 0:
        scheduled = invoice.scheduled_amount > 0
        status = InvoiceStatus.SCHEDULED if scheduled else InvoiceStatus.PAID_IN_FULL
    elif taken > 0:
        status = InvoiceStatus.PARTIAL_PAYMENT
    else:
        status = InvoiceStatus.OPEN
    return changed(invoice, due_amount=due, status=status)


def store(ctx: Ctx, invoice: Invoice, old: Invoice | None) -> Invoice:
    """Keep a new or changed invoice, and what its customer owes."""
    if old is not None:
        customers.add_to_balance(ctx, old.customer_id, due=-_counted(old))
    customers.add_to_balance(ctx, invoice.customer_id, due=_counted(invoice))
    return ctx.put(invoices, invoice)


def _counted(invoice: Invoice) -> Decimal:
    return ZERO if invoice.archived else invoice.due_amount


@invoices.rule(
    "An archived customer gets no new invoice.",
    assumed("v2 refuses references to inactive records; code unknown"),
)
@invoices.rule(
    "A customer given by name and email instead of id is created with the invoice.",
    documented("BILL guide: Invoices"),
)
def _customer(ctx: Ctx, body: InvoiceCustomer, own_id: str | None = None) -> Customer:
    if body.id is not None:
        customer = ctx.get(customers.customers, body.id)
        if customer.archived and customer.id != own_id:
            raise refuse("invoice.archived_customer", id=customer.id)
        return customer
    name, email = body.name or "", body.email or ""
    missing = {"customer.name": name, "customer.email": email}
    blank = [
        refuse("field.blank", field=path) for path, text in missing.items() if not text.strip()
    ]
    if blank:
        raise together(blank)
    return customers.create(ctx, customers.CustomerCreate(name=name, email=email))


def _number_key(invoice: Invoice) -> str:
    return invoice.invoice_number


@invoices.rule(
    "An invoiceNumber is used once in an organization, archived invoices included: 422 BDC_1171.",
    observed("two clients; one note of a third says archiving frees the number (setting"
             " archived_invoice_numbers)"),
)  # fmt: skip
def _check_number(ctx: Ctx, number: str, own_id: str | None = None) -> None:
    reusable = ctx.behaviour.archived_invoice_numbers == "reusable"
    for twin in ctx.table(invoices).rows_with("invoiceNumber", _number_key, number):
        if twin.id != own_id and not (twin.archived and reusable):
            raise refuse("BDC_1171", id=twin.id)


@invoices.rule(
    "Without a number an invoice gets the next free integer, from 1001.",
    assumed("that BILL makes a number is documented, its form is not"),
)
def _next_number(ctx: Ctx) -> str:
    while True:
        number = str(1001 + ctx.number(f"invoice-number:{ctx.organization_id}"))
        if not ctx.table(invoices).rows_with("invoiceNumber", _number_key, number):
            return number


@invoices.rule(
    "Without dueDate an invoice is due paymentTermId's days after its invoiceDate, or on the day of"
    " its creation. Without invoiceDate that is the day of its creation, too.",
    documented("BILL reference: Create an invoice; what paymentTermId does is assumed"),
)
def _due_date(
    ctx: Ctx, body: InvoiceCreate | InvoicePatch, invoice_date: date, otherwise: date
) -> date:
    if body.due_date is not None:
        return body.due_date
    if body.payment_term_id is None:
        return otherwise
    return invoice_date + timedelta(days=ctx.get(payment_terms, body.payment_term_id).days_due)


@invoices.rule(
    "creditAmount draws on what the customer has paid too much; more than that, or than is due, is"
    " refused. A smaller one gives the rest back.",
    assumed("BILL draws on credit memos too, which are not built; code unknown"),
)
def _take_credit(
    ctx: Ctx, customer_id: str, credit: Decimal, room: Decimal, old: Decimal = ZERO
) -> None:
    more = credit - old
    if credit > room or more > ctx.get(customers.customers, customer_id).unapplied:
        raise refuse("invoice.credit", amount=credit)
    customers.add_to_balance(ctx, customer_id, unapplied=-more)


@invoices.rule(
    "enableCardPayment true asks for a convenienceFee.",
    observed("one client's sandbox run; status and text are those of a missing member"),
)
def _check_card(invoice: Invoice) -> None:
    if invoice.enable_card_payment and invoice.convenience_fee is None:
        raise refuse("field.null", field="convenienceFee")


@invoices.operation(
    "POST", "", status=201, body=InvoiceCreate, roles=MANAGE_RECEIVABLES, evidence=_GUIDE
)
def create(ctx: Ctx, body: InvoiceCreate) -> Invoice:
    """Create an invoice, and its customer if need be."""
    customer = _customer(ctx, body.customer)
    if body.invoice_number is not None:
        _check_number(ctx, body.invoice_number)
    lines = new_lines(ctx, body.invoice_line_items)
    totals = total_of(lines, tax_percentage(ctx, body.sales_tax_item_id))
    credit = cents(body.credit_amount or ZERO)
    _take_credit(ctx, customer.id, credit, totals.total)
    invoice_date = body.invoice_date or ctx.today
    now = ctx.record_time
    invoice = reckon(
        Invoice(
            id=ctx.new_id(invoices.prefix),
            archived=False,
            invoice_number=body.invoice_number or _next_number(ctx),
            invoice_date=invoice_date,
            due_date=_due_date(ctx, body, invoice_date, ctx.today),
            customer_id=customer.id,
            total_amount=totals.total,
            due_amount=totals.total,
            scheduled_amount=ZERO,
            credit_amount=credit,
            status=InvoiceStatus.OPEN,
            exchange_rate=Decimal(1),
            created_time=now,
            updated_time=now,
            invoice_line_items=lines,
            pay_to_chart_of_account_id=body.pay_to_chart_of_account_id,
            classifications=as_shape(InvoiceClassifications, body.classifications),
            sales_tax_item_id=body.sales_tax_item_id,
            sales_tax_total=totals.tax,
            sales_tax_percentage=totals.percentage,
            enable_card_payment=body.enable_card_payment,
            convenience_fee=_fee(body),
            invoice_pdf_id=NO_PDF,
            record_status=RecordStatus.ACTIVE,
            created_by=ctx.user_id if ctx.behaviour.newer_fields else None,
            made_by=ctx.user_id,
        )
    )
    _check_card(invoice)
    store(ctx, invoice, None)
    ctx.emit("invoice.created", invoice)
    if ctx.behaviour.customers_pay == "on_due_date":
        ctx.schedule(payday(ctx, invoice), "invoice.paid", invoice.id)
    if body.processing_options and body.processing_options.send_email:
        send(ctx, invoice, [customer.email])
    return invoice


def _fee(body: InvoiceCreate | InvoicePatch) -> ConvenienceFee | None:
    if body.convenience_fee is None:
        return None
    return ConvenienceFee(percentage=body.convenience_fee.percentage)


@invoices.rule(
    "PUT unsets the members it leaves out, but number, dates and creditAmount stay.",
    assumed("BILL's own sample gives customer and lines alone"),
)
@invoices.operation(
    "PUT",
    "/{invoiceId}",
    body=InvoiceCreate,
    roles=MANAGE_RECEIVABLES,
    evidence=documented("BILL reference: Replace an invoice"),
)
def replace(ctx: Ctx, invoice_id: str, body: InvoiceCreate) -> Invoice:
    """Replace an invoice."""
    old = ctx.get(invoices, invoice_id)
    return _edit(
        ctx,
        old,
        body,
        invoice_line_items=replaced_lines(ctx, old, body.invoice_line_items),
        pay_to_chart_of_account_id=body.pay_to_chart_of_account_id,
        classifications=as_shape(InvoiceClassifications, body.classifications),
        sales_tax_item_id=body.sales_tax_item_id,
        sales_tax_percentage=tax_percentage(ctx, body.sales_tax_item_id),
        enable_card_payment=body.enable_card_payment,
        convenience_fee=_fee(body),
    )


@invoices.operation(
    "PATCH",
    "/{invoiceId}",
    body=InvoicePatch,
    roles=MANAGE_RECEIVABLES,
    evidence=documented("BILL reference: Update an invoice"),
)
def update(ctx: Ctx, invoice_id: str, body: InvoicePatch) -> Invoice:
    """Change some members of an invoice."""
    old = ctx.get(invoices, invoice_id)
    plain = {"pay_to_chart_of_account_id", "sales_tax_item_id", "enable_card_payment"}
    new: dict[str, Any] = {name: getattr(body, name) for name in body.given & plain}
    if body.sales_tax_item_id is not None:
        new["sales_tax_percentage"] = tax_percentage(ctx, body.sales_tax_item_id)
    if body.invoice_line_items is not None:
        new["invoice_line_items"] = patched_lines(ctx, old, body.invoice_line_items)
    if body.classifications is not None:
        new["classifications"] = as_shape(InvoiceClassifications, body.classifications)
    if body.convenience_fee is not None:
        new["convenience_fee"] = _fee(body)
    return _edit(ctx, old, body, **new)


@invoices.rule(
    "An edit may not bring the total below what is received, scheduled or credited, nor change the"
    " customer of an invoice with money on it.",
    assumed("v3 documents no rule; codes unknown"),
)
def _edit(ctx: Ctx, old: Invoice, body: InvoiceCreate | InvoicePatch, **new: Any) -> Invoice:
    invoice_date = body.invoice_date or old.invoice_date
    due_date = _due_date(ctx, body, invoice_date, old.due_date)
    invoice = changed(old, **new, invoice_date=invoice_date, due_date=due_date)
    _check_card(invoice)
    taken = old.scheduled_amount + old.received_amount
    if body.customer is not None:
        customer = _customer(ctx, body.customer, old.customer_id)
        if customer.id != old.customer_id and (taken or old.credit_amount):
            raise refuse("invoice.customer_fixed", id=old.id)
        invoice = changed(invoice, customer_id=customer.id)
    if body.invoice_number is not None and body.invoice_number != old.invoice_number:
        _check_number(ctx, body.invoice_number, old.id)
        invoice = changed(invoice, invoice_number=body.invoice_number)
    totals = total_of(invoice.invoice_line_items, invoice.sales_tax_percentage)
    credit = old.credit_amount if body.credit_amount is None else cents(body.credit_amount)
    committed = taken + min(credit, old.credit_amount)
    if totals.total < committed:
        raise refuse("invoice.below_paid", id=old.id, amount=totals.total, committed=committed)
    _take_credit(ctx, invoice.customer_id, credit, totals.total - taken, old.credit_amount)
    invoice = reckon(
        changed(
            invoice,
            credit_amount=credit,
            total_amount=totals.total,
            sales_tax_total=totals.tax,
            updated_time=ctx.record_time,
        )
    )
    store(ctx, invoice, old)
    ctx.emit("invoice.updated", invoice)
    if body.processing_options and body.processing_options.send_email:
        send(ctx, invoice, [ctx.get(customers.customers, invoice.customer_id).email])
    return invoice


def send(ctx: Ctx, invoice: Invoice, to: Sequence[str], reply_to: str | None = None) -> None:
    """Put an e-mail with the invoice and its attachments into the outbox."""
    files = attachments.of_owner(ctx, invoice.id)
    # An attachment may have been made the invoice's PDF, in place of BILL's own.
    pdfs = [file.name for file in files if file.id == invoice.invoice_pdf_id]
    others = [file.name for file in files if file.id != invoice.invoice_pdf_id]
    names = [*(pdfs or [f"Invoice_{invoice.invoice_number}.pdf"]), *others]
    text = f"Invoice {invoice.invoice_number}, due {invoice.due_date}: {invoice.due_amount}."
    if reply_to:
        text += f" Reply to {reply_to}."
    for address in to:
        ctx.send("email", address, f"{text} Attached: {', '.join(names)}")


@invoices.rule(
    "An invoice with money received, scheduled or credited is not archived; archiving leaves the"
    " status and makes recordStatus INACTIVE.",
    observed("sandbox for the status words; that a paid invoice is refused is the Help Center"),
)
def _before_archive(ctx: Ctx, invoice: Invoice) -> None:
    taken = invoice.credit_amount + invoice.scheduled_amount + invoice.received_amount
    if taken and ctx.behaviour.archive_invoices_with_payments == "refused":
        raise refuse("invoice.has_payments", id=invoice.id)


@invoices.rule(
    "Restoring an invoice whose number was given to another one meanwhile is 422 BDC_1171.",
    assumed("numbers are used once (setting archived_invoice_numbers)"),
)
def _store_archived(ctx: Ctx, invoice: Invoice, old: Invoice) -> Invoice:
    if not invoice.archived:
        _check_number(ctx, invoice.invoice_number, invoice.id)
    status = RecordStatus.INACTIVE if invoice.archived else RecordStatus.ACTIVE
    return store(ctx, changed(invoice, record_status=status), old)


invoices.archive_restore(
    "invoiceId",
    emits="invoice",
    roles=MANAGE_RECEIVABLES,
    before_archive=_before_archive,
    store=_store_archived,
)
