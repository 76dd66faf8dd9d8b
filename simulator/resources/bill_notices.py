"""What BILL tells of bills by webhook: bill.created, .updated, .archived and .restored"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import PlainSerializer, WithJsonSchema

from simulator.core.context import Ctx
from simulator.core.evidence import documented
from simulator.core.money import Money
from simulator.core.notices import Payload
from simulator.core.rows import Instant, Shape, shape
from simulator.resources.bill_rows import Bill, BillClassifications, PaymentStatus, bills
from simulator.resources.notice_samples import SAMPLE_DAY, SAMPLE_TIME, sample_id
from simulator.resources.vendor_rows import vendors

Midnight = Annotated[
    date,
    PlainSerializer(lambda day: f"{day}T00:00:00.000Z", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]


@shape
class ToldInvoice(Shape):
    """The vendor's invoice; its date is written as an instant, unlike all other dates."""

    invoice_number: str
    invoice_date: Midnight


@shape
class ToldClassifications(Shape):
    """Accounting ids of a bill."""

    chart_of_account_id: str | None = None
    accounting_class_id: str | None = None
    department_id: str | None = None
    location_id: str | None = None


@shape
class ToldBill(Shape):
    """A bill as webhooks tell it: neither lines nor approvals."""

    id: str
    vendor_id: str
    vendor_name: str | None = None
    invoice: ToldInvoice
    amount: Money
    created_time: Instant
    updated_time: Instant
    created_by: str | None = None
    archived: bool
    description: str | None = None
    due_date: date
    payment_status: PaymentStatus
    pay_from_chart_of_account_id: str | None = None
    classifications: ToldClassifications | None = None
    purchase_order_number: str | None = None


@shape
class BillPayload(Payload):
    """The payload of an event of a bill."""

    bill: ToldBill


def _sample(archived: bool) -> BillPayload:
    return BillPayload(
        bill=ToldBill(
            id=sample_id("00n"),
            vendor_id=sample_id("009"),
            vendor_name="Test Vendor",
            invoice=ToldInvoice(invoice_number="TEST-1042", invoice_date=SAMPLE_DAY),
            amount=Decimal("149.00"),
            created_time=SAMPLE_TIME,
            updated_time=SAMPLE_TIME,
            created_by=sample_id("006"),
            archived=archived,
            description="Test bill",
            due_date=date(2026, 12, 31),
            payment_status=PaymentStatus.UNPAID,
            pay_from_chart_of_account_id=sample_id("0ca"),
            classifications=ToldClassifications(
                chart_of_account_id=sample_id("0ca"),
                accounting_class_id=sample_id("cls"),
                department_id=sample_id("0de"),
                location_id=sample_id("loc"),
            ),
            purchase_order_number="TEST-PO-7",
        )
    )


def _classifications(told_of: BillClassifications | None) -> ToldClassifications | None:
    if told_of is None:
        return None
    return ToldClassifications(
        chart_of_account_id=told_of.chart_of_account_id,
        accounting_class_id=told_of.accounting_class_id,
        department_id=told_of.department_id,
        location_id=told_of.location_id,
    )


@bills.rule(
    "Webhooks tell invoiceDate of a bill as 2026-12-15T00:00:00.000Z, dueDate as a plain date.",
    documented("BILL guide: Webhook bill payloads"),
)
def told(ctx: Ctx, bill: Bill) -> BillPayload:
    """The payload of an event of a bill."""
    return BillPayload(
        bill=ToldBill(
            id=bill.id,
            vendor_id=bill.vendor_id,
            vendor_name=ctx.get(vendors, bill.vendor_id).name,
            invoice=ToldInvoice(
                invoice_number=bill.invoice.invoice_number, invoice_date=bill.invoice.invoice_date
            ),
            amount=bill.amount,
            created_time=bill.created_time,
            updated_time=bill.updated_time,
            created_by=bill.created_by,
            archived=bill.archived,
            description=bill.description,
            due_date=bill.due_date,
            payment_status=bill.payment_status,
            pay_from_chart_of_account_id=bill.pay_from_chart_of_account_id,
            classifications=_classifications(bill.classifications),
            purchase_order_number=bill.purchase_order_number,
        )
    )


for _event in ("bill.created", "bill.updated", "bill.archived", "bill.restored"):
    bills.notifies(
        _event,
        sample=_sample(archived=_event == "bill.archived"),
        evidence=documented("BILL guide: Webhook event catalog and bill payloads"),
    )(told)
