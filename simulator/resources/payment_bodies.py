"""The bodies of payments: one, or many at once."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from simulator.core.body import Amount, Body, Day, NotBlank, Paid, Text, invalid
from simulator.resources.bill_rows import CreditBody
from simulator.resources.payment_rows import CheckDelivery, FundingType
from simulator.resources.vendor_rows import PurposeBody


def _transaction_number(value: str) -> str:
    if not value.isascii() or not value.isalnum():
        raise invalid()
    return value


TransactionNumber = Annotated[
    Text, Field(min_length=1, max_length=50), AfterValidator(_transaction_number)
]
Description = Annotated[Text, Field(max_length=70)]


class FundingBody(Body):
    """What to pay from; a WALLET has no id."""

    type: FundingType
    id: Text | None = None


class OptionsBody(Body):
    """How to pay."""

    create_bill: bool | None = None
    request_pay_faster: bool | None = None
    request_check_delivery_type: CheckDelivery | None = None


class PaymentCreate(Body):
    """One payment: of a bill, or of a bill that is made for it."""

    funding_account: FundingBody
    amount: Paid
    processing_options: OptionsBody
    vendor_id: Text | None = None
    bill_id: Text | None = None
    process_date: Day | None = None
    description: Description | None = None
    transaction_number: TransactionNumber | None = None
    exchange_rate_batch_id: int | None = None
    payment_purpose: PurposeBody | None = None
    card_funding_purpose: Text | None = None
    vendor_credits: list[CreditBody] | None = None


class BulkItem(Body):
    """One bill of a bulk payment; an amount of 0 pays nothing."""

    bill_id: NotBlank
    amount: Annotated[Amount, Field(ge=0)]
    vendor_credits: list[CreditBody] | None = None


class BulkCreate(Body):
    """Payments of up to 50 bills with one process date and funding account."""

    funding_account: FundingBody
    payments: Annotated[list[BulkItem], Field(min_length=1)]
    process_date: Day | None = None
    vendor_id: Text | None = None
    description: Description | None = None
    processing_options: OptionsBody | None = None
    transaction_number: TransactionNumber | None = None
    exchange_rate_batch_id: int | None = None
    card_funding_purpose: Text | None = None
