"""The shape of a bill and of the bodies that make it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from simulator.core.body import Amount, Body, Day, NotBlank, Text
from simulator.core.joins import borrowed
from simulator.core.money import Money
from simulator.core.resource import Resource
from simulator.core.rows import Hidden, Instant, Row, Shape, shape
from simulator.resources.vendor_rows import vendors


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


class ApproverStatus(StrEnum):
    """What an approver of a bill has done."""

    WAITING = "WAITING"
    APPROVED = "APPROVED"
    DENIED = "DENIED"
    REROUTED = "REROUTED"
    UNDEFINED = "UNDEFINED"


class BillQuery(Body):
    """Flags that BILL's pages put here or into the body: both places are read."""

    bill_approvals: bool | None = None
    allow_duplicate_invoice_number: bool | None = None


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
class Approver(Shape):
    """Someone whose approval a bill needs, in the order from 0."""

    user_id: str
    status: ApproverStatus
    approver_order: int
    status_changed_time: Instant


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
    approvers: tuple[Approver, ...] | None = None
    purchase_order_number: str | None = None
    record_status: RecordStatus | None = None
    payments: tuple[str, ...] | None = None
    # Told by webhook alone.
    created_by: Annotated[str | None, Hidden] = None
    # Who must approve; shown as `approvers` on request only.
    approval: Annotated[tuple[Approver, ...], Hidden] = ()
    # The part of `scheduled_amount` whose payment has left SCHEDULED.
    in_process_amount: Annotated[Decimal, Hidden]


bills: Resource[Bill] = Resource(
    "bills",
    "/v3/bills",
    Bill,
    prefix="00n",
    join=borrowed("vendor_name", vendors, "vendor_id", "name", reads_only=True),
)
