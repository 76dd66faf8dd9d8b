"""The shape of an invoice and of the bodies that make it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from simulator.core.bankdays import pacific_instant
from simulator.core.body import Amount, Body, Day, NotBlank, Text
from simulator.core.context import Ctx
from simulator.core.money import ZERO, Money
from simulator.core.resource import Resource
from simulator.core.rows import Hidden, Instant, Row, Shape, shape


class InvoiceStatus(StrEnum):
    """How far an invoice is paid."""

    OPEN = "OPEN"
    PARTIAL_PAYMENT = "PARTIAL_PAYMENT"
    SCHEDULED = "SCHEDULED"
    PAID_IN_FULL = "PAID_IN_FULL"
    UNDEFINED = "UNDEFINED"


class InvoicePaymentStatus(StrEnum):
    """How a payment of an invoice stands."""

    PAID = "PAID"
    SCHEDULED = "SCHEDULED"
    VOID = "VOID"
    CANCELED = "CANCELED"
    UNDEFINED = "UNDEFINED"


class RecordStatus(StrEnum):
    """Newer twin of `archived`."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class InvoiceCustomer(Body):
    """Whom the invoice is for: an id, or the name and email of a new customer."""

    id: Text | None = None
    name: Annotated[Text, Field(max_length=100)] | None = None
    email: Text | None = None


class InvoiceClassificationsBody(Body):
    """Accounting ids of an invoice."""

    accounting_class_id: Text | None = None
    department_id: Text | None = None
    job_id: Text | None = None
    location_id: Text | None = None


class InvoiceLineClassificationsBody(InvoiceClassificationsBody):
    """Accounting ids of a line."""

    chart_of_account_id: Text | None = None
    item_id: Text | None = None


class InvoiceLineBody(Body):
    """A line: quantity times price."""

    id: Text | None = None
    description: Text | None = None
    quantity: Amount | None = None
    price: Amount | None = None
    amount: Amount | None = None
    taxable: bool | None = None
    classifications: InvoiceLineClassificationsBody | None = None


class InvoiceOptions(Body):
    """Whether to send the invoice to the customer."""

    send_email: bool | None = None


class FeeBody(Body):
    """A fee for paying by card, in percent."""

    percentage: Annotated[Decimal, Field(ge=0, le=100)]


Number = Annotated[NotBlank, Field(max_length=100)]
Credit = Annotated[Amount, Field(ge=0)]


class InvoiceCreate(Body):
    """A whole invoice, new or in PUT: customer and lines are required."""

    customer: InvoiceCustomer
    invoice_line_items: Annotated[list[InvoiceLineBody], Field(min_length=1)]
    invoice_number: Number | None = None
    invoice_date: Day | None = None
    due_date: Day | None = None
    payment_term_id: Text | None = None
    processing_options: InvoiceOptions | None = None
    pay_to_chart_of_account_id: Text | None = None
    classifications: InvoiceClassificationsBody | None = None
    credit_amount: Credit | None = None
    sales_tax_item_id: Text | None = None
    enable_card_payment: bool | None = None
    convenience_fee: FeeBody | None = None


class InvoicePatch(Body):
    """The members of an invoice that change."""

    customer: InvoiceCustomer | None = None
    invoice_line_items: list[InvoiceLineBody] | None = None
    invoice_number: Number | None = None
    invoice_date: Day | None = None
    due_date: Day | None = None
    payment_term_id: Text | None = None
    processing_options: InvoiceOptions | None = None
    pay_to_chart_of_account_id: Text | None = None
    classifications: InvoiceClassificationsBody | None = None
    credit_amount: Credit | None = None
    sales_tax_item_id: Text | None = None
    enable_card_payment: bool | None = None
    convenience_fee: FeeBody | None = None


@shape
class InvoiceClassifications(Shape):
    """Accounting ids of an invoice."""

    accounting_class_id: str | None = None
    department_id: str | None = None
    job_id: str | None = None
    location_id: str | None = None


@shape
class InvoiceLineClassifications(Shape):
    """Accounting ids of a line."""

    chart_of_account_id: str | None = None
    accounting_class_id: str | None = None
    department_id: str | None = None
    job_id: str | None = None
    location_id: str | None = None
    item_id: str | None = None


@shape
class InvoiceLine(Shape):
    """A line of an invoice; BILL answers no amount of it. `price` in the customer's currency."""

    id: str
    description: str | None = None
    price: Money
    quantity: Money
    classifications: InvoiceLineClassifications | None = None
    taxable: Annotated[bool, Hidden] = False


@shape
class InvoicePayment(Shape):
    """Money that came, or will come, for an invoice."""

    id: str
    amount: Money
    status: InvoicePaymentStatus
    date: dt.date


@shape
class ConvenienceFee(Shape):
    """A fee for paying by card, in percent."""

    percentage: Money


@shape
class Invoice(Row):
    """An invoice; amounts in the customer's invoice currency."""

    id: str
    archived: bool
    invoice_number: str
    invoice_date: dt.date
    due_date: dt.date
    customer_id: str
    total_amount: Money
    due_amount: Money
    scheduled_amount: Money
    credit_amount: Money
    status: InvoiceStatus
    exchange_rate: Money
    created_time: Instant
    updated_time: Instant
    invoice_line_items: tuple[InvoiceLine, ...]
    pay_to_chart_of_account_id: str | None = None
    payments: tuple[InvoicePayment, ...] | None = None
    classifications: InvoiceClassifications | None = None
    sales_tax_item_id: str | None = None
    sales_tax_total: Money
    sales_tax_percentage: Money | None = None
    enable_card_payment: bool | None = None
    convenience_fee: ConvenienceFee | None = None
    invoice_pdf_id: str
    record_status: RecordStatus
    created_by: str | None = None
    # Told by webhook, whether the API answers `created_by` or not.
    made_by: Annotated[str | None, Hidden] = None
    received_amount: Annotated[Decimal, Hidden] = ZERO


# An empty reference of the service: twenty zeros (observed).
NO_PDF = "0" * 20

invoices = Resource("invoices", "/v3/invoices", Invoice, prefix="00e")


def payday(ctx: Ctx, invoice: Invoice) -> dt.datetime:
    """When a customer that pays by itself pays: in the morning of the due date, or at once."""
    return max(ctx.now, pacific_instant(invoice.due_date, 9))
