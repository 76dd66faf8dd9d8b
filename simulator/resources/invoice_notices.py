"""What BILL tells of invoices by webhook: invoice.created, .updated, .archived and .restored"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from simulator.core.context import Ctx
from simulator.core.evidence import documented
from simulator.core.money import ZERO, Money
from simulator.core.notices import Payload
from simulator.core.rows import Instant, Shape, shape
from simulator.resources.invoice_rows import Invoice, InvoiceStatus, invoices
from simulator.resources.notice_samples import SAMPLE_DAY, SAMPLE_TIME, sample_id


@shape
class ToldInvoice(Shape):
    """An invoice as webhooks tell it: without lines. Amounts in the customer's currency."""

    id: str
    customer_id: str
    archived: bool
    invoice_number: str
    invoice_date: dt.date
    due_date: dt.date
    total_amount: Money
    due_amount: Money
    created_time: Instant
    updated_time: Instant
    created_by: str | None = None
    status: InvoiceStatus
    scheduled_amount: Money
    credit_amount: Money
    sales_tax_total: Money
    sales_tax_percentage: Money | None = None


@shape
class InvoicePayload(Payload):
    """The payload of an event of an invoice."""

    invoice: ToldInvoice


def _sample(archived: bool) -> InvoicePayload:
    return InvoicePayload(
        invoice=ToldInvoice(
            id=sample_id("00e"),
            customer_id=sample_id("0cu"),
            archived=archived,
            invoice_number="TEST-1001",
            invoice_date=SAMPLE_DAY,
            due_date=dt.date(2026, 12, 31),
            total_amount=Decimal("108.00"),
            due_amount=Decimal("108.00"),
            created_time=SAMPLE_TIME,
            updated_time=SAMPLE_TIME,
            created_by=sample_id("006"),
            status=InvoiceStatus.OPEN,
            scheduled_amount=ZERO,
            credit_amount=ZERO,
            sales_tax_total=Decimal("8.00"),
            sales_tax_percentage=Decimal("8.00"),
        )
    )


def told(ctx: Ctx, invoice: Invoice) -> InvoicePayload:
    """The payload of an event of an invoice."""
    return InvoicePayload(
        invoice=ToldInvoice(
            id=invoice.id,
            customer_id=invoice.customer_id,
            archived=invoice.archived,
            invoice_number=invoice.invoice_number,
            invoice_date=invoice.invoice_date,
            due_date=invoice.due_date,
            total_amount=invoice.total_amount,
            due_amount=invoice.due_amount,
            created_time=invoice.created_time,
            updated_time=invoice.updated_time,
            created_by=invoice.made_by,
            status=invoice.status,
            scheduled_amount=invoice.scheduled_amount,
            credit_amount=invoice.credit_amount,
            sales_tax_total=invoice.sales_tax_total,
            sales_tax_percentage=invoice.sales_tax_percentage,
        )
    )


for _event in ("invoice.created", "invoice.updated", "invoice.archived", "invoice.restored"):
    invoices.notifies(
        _event,
        sample=_sample(archived=_event == "invoice.archived"),
        evidence=documented("BILL guide: Webhook event catalog and invoice payloads"),
    )(told)
