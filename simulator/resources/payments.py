"""Paying bills: create, bulk, list, get, options. /v3/payments"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from simulator.core import ids
from simulator.core.bulk import all_or_nothing
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented, observed
from simulator.core.listing import (
    BOOLEAN,
    DATE,
    INSTANT,
    NUMBER,
    TEXT,
    enumeration,
    filter_field,
)
from simulator.core.money import ZERO, cents
from simulator.resources import bill_money, bill_rows, bills, payment_life
from simulator.resources.bill_rows import Bill
from simulator.resources.exchange_rates import in_dollars, rate_of
from simulator.resources.payment_bodies import (
    BulkCreate,
    BulkItem,
    OptionsBody,
    PaymentCreate,
)
from simulator.resources.payment_checks import (
    check_amount,
    check_bank_age,
    check_batch,
    check_bill,
    check_funding,
    check_role,
    check_vendor,
    process_date,
    told_twice,
)
from simulator.resources.payment_failures import tells_failure
from simulator.resources.payment_rows import (
    BillPayment,
    CheckDelivery,
    DisbursementStatus,
    DisbursementType,
    FundingAccount,
    FundingType,
    Payment,
    PaymentState,
    ProcessingOptions,
    SingleStatus,
    payments,
)
from simulator.resources.vendor_rows import (
    PaymentPurpose,
    PurposeCode,
    Vendor,
    vendors,
)

_GUIDE = documented("BILL guide: Payments; reference: payments")
BULK_LIMIT = 50
# BILL guide: so many bills of a vendor with combinePayments go into one payment.
COMBINED_LIMIT = 35

_TIME_OPS = "gt gte lt lte"
payments.listed(
    filters=(
        filter_field("id", TEXT, "eq ne in"),
        filter_field("vendorId", TEXT, "eq ne in"),
        filter_field("processDate", DATE, "eq gt gte lt lte"),
        filter_field("amount", NUMBER, "eq gt gte lt lte"),
        filter_field("transactionNumber", TEXT, "eq ne in"),
        # One client saw `in` refused and PENDING unknown.
        filter_field("status", enumeration(PaymentState), "eq ne"),
        filter_field("onlinePayment", BOOLEAN, "eq ne"),
        filter_field("disbursementType", enumeration(DisbursementType), "eq ne in"),
        filter_field("createdTime", INSTANT, _TIME_OPS),
        filter_field("updatedTime", INSTANT, _TIME_OPS),
    ),
    sorts=(
        filter_field("description", TEXT),
        filter_field("processDate", DATE),
        filter_field("amount", NUMBER),
        filter_field("confirmationNumber", TEXT),
        filter_field("onlinePayment", BOOLEAN),
        filter_field("createdTime", INSTANT),
        filter_field("updatedTime", INSTANT),
        filter_field("disbursementStatus", enumeration(DisbursementStatus)),
    ),
    evidence=observed("filters as one client met them in production; sorts are BILL's guide"),
)
payments.retrieve("paymentId", evidence=documented("BILL reference: Get payment details"))


@dataclass(frozen=True, slots=True)
class _Terms:
    """What all payments of one call share, checked."""

    funding: FundingAccount
    process_date: date
    options: ProcessingOptions
    description: str | None
    transaction_number: str | None
    purpose: PaymentPurpose | None
    card_purpose: str | None


@dataclass(frozen=True, slots=True)
class _Share:
    """A bill and what is paid of it."""

    bill: Bill
    amount: Decimal


def _check_body(body: PaymentCreate | BulkCreate) -> None:
    account = body.funding_account
    wallet_like = account.type in (FundingType.WALLET, FundingType.AP_CARD)
    if wallet_like and body.process_date is None:
        raise refuse("payment.process_date_required")
    if account.id is None and account.type is not FundingType.WALLET:
        raise refuse("payment.funding_id_required")


@payments.rule(
    "The disbursement is the vendor's payByType: ACH, CHECK or INTERNATIONAL_E_PAYMENT.",
    documented("BILL guide: AP payment disbursement methods"),
)
def disbursement_of(vendor: Vendor) -> DisbursementType:
    """How a vendor gets its money."""
    return DisbursementType(vendor.payment_information.pay_by_type.value)


def _terms(
    ctx: Ctx, body: PaymentCreate | BulkCreate, funding: FundingAccount, day: date
) -> _Terms:
    options = body.processing_options or OptionsBody()
    number = body.transaction_number
    if number and ctx.table(payments).rows_with("transactionNumber", _number, number):
        raise refuse("payment.duplicate_transaction_number", number=number)
    purpose = body.payment_purpose if isinstance(body, PaymentCreate) else None
    code = purpose.code if purpose else None
    return _Terms(
        funding=funding,
        process_date=day,
        options=ProcessingOptions(
            request_pay_faster=bool(options.request_pay_faster),
            # Bulk knows existing bills only.
            create_bill=isinstance(body, PaymentCreate) and bool(options.create_bill),
            request_check_delivery_type=(
                options.request_check_delivery_type or CheckDelivery.STANDARD
            ),
        ),
        description=body.description,
        transaction_number=number,
        purpose=PaymentPurpose(
            text=purpose.text, code=PurposeCode(name=code.name, value=code.value) if code else None
        )
        if purpose
        else None,
        card_purpose=body.card_funding_purpose,
    )


def _number(payment: Payment) -> str | None:
    return payment.transaction_number


def confirmation_number(ctx: Ctx) -> str:
    """`P24123101 - 0411839`: the day and a rising number (form of BILL's guide)."""
    return f"P{ctx.today:%y%m%d}01 - {411_839 + ctx.number('confirmation'):07d}"


def _pay(ctx: Ctx, vendor: Vendor, shares: Iterable[_Share], terms: _Terms) -> Payment:
    """Store one payment of some bills of one vendor and schedule its settlement."""
    parts = []
    for share in shares:
        parts.append(BillPayment(id=ctx.new_id("blp"), bill_id=share.bill.id, amount=share.amount))
        bill_money.move_money(ctx, share.bill.id, share.amount, None, bill_rows.Bucket.SCHEDULED)
    total = sum((part.amount for part in parts), ZERO)
    rate = rate_of(vendor.bill_currency)
    information = vendor.payment_information
    now = ctx.record_time
    payment = Payment(
        amount=total,
        id=ctx.new_id(payments.prefix),
        vendor_id=vendor.id,
        bill_id=parts[0].bill_id,
        bill_payments=tuple(parts),
        description=terms.description,
        process_date=terms.process_date,
        funding_account=terms.funding,
        processing_options=terms.options,
        transaction_number=terms.transaction_number or ctx.word("transaction", 20, ids.CAPITALS),
        confirmation_number=confirmation_number(ctx),
        status=PaymentState.SCHEDULED,
        exchange_rate=rate,
        funding_amount=in_dollars(total, rate),
        online_payment=True,
        disbursement_type=disbursement_of(vendor),
        remittance_email=information.email,
        created_time=now,
        updated_time=now,
        created_by=ctx.user_id,
        payment_purpose=terms.purpose or information.payment_purpose,
        card_funding_purpose=terms.card_purpose,
        single_status=SingleStatus.SCHEDULED,
    )
    payment_life.keep_new(ctx, payment)
    payment_life.begin(ctx, payment)
    return payment


@payments.rule(
    "A refused payment is told twice: plain, and with the bill's id in front.",
    observed("two independent clients, 2026"),
)
@payments.rule(
    "Checks run in the order session, trust, body, ids, user and bank account, vendor, bill,"
    " process date, amount.",
    assumed("only that trust comes before all else is observed"),
)
@payments.operation("POST", "", status=201, body=PaymentCreate, trusted=True, evidence=_GUIDE)
@tells_failure
def create(ctx: Ctx, body: PaymentCreate) -> Payment:
    """Pay a bill, or a vendor with a bill made for it."""
    _check_body(body)
    if body.processing_options.create_bill:
        return _create_with_bill(ctx, body)
    if body.bill_id is None:
        raise refuse("payment.bill_required")
    bill = ctx.get(bill_rows.bills, body.bill_id)
    vendor = ctx.get(vendors, body.vendor_id or bill.vendor_id)
    if body.vendor_credits:
        raise refuse("BDC_1205")

    def checked() -> tuple[Decimal, _Terms]:
        check_role(ctx)
        funding = check_funding(ctx, body.funding_account.type, body.funding_account.id)
        if vendor.id != bill.vendor_id:
            raise refuse("payment.vendor_mismatch", vendor=vendor.id, bill=bill.id)
        check_vendor(vendor)
        check_bill(ctx, bill)
        day = process_date(ctx, vendor, body.process_date)
        check_bank_age(ctx, vendor, day)
        amount = cents(body.amount)
        check_amount(bill, amount)
        check_batch(ctx, vendor, body.exchange_rate_batch_id)
        return amount, _terms(ctx, body, funding, day)

    amount, terms = told_twice(bill.id, checked)
    return _pay(ctx, vendor, [_Share(bill, amount)], terms)


@payments.rule(
    "createBill makes a bill of the payment's amount, due on its process date and numbered by it.",
    assumed("that BILL makes the bill is documented; number and dates are not"),
)
def _create_with_bill(ctx: Ctx, body: PaymentCreate) -> Payment:
    if body.bill_id is not None:
        raise refuse("payment.bill_forbidden")
    if body.vendor_id is None:
        raise refuse("payment.vendor_required")
    vendor = ctx.get(vendors, body.vendor_id)
    if body.vendor_credits:
        raise refuse("BDC_1205")
    check_role(ctx)
    funding = check_funding(ctx, body.funding_account.type, body.funding_account.id)
    check_vendor(vendor)
    day = process_date(ctx, vendor, body.process_date)
    check_bank_age(ctx, vendor, day)
    check_batch(ctx, vendor, body.exchange_rate_batch_id)
    terms = _terms(ctx, body, funding, day)
    amount = cents(body.amount)
    bill = bills.create(
        ctx,
        bill_rows.BillCreate(
            vendor_id=vendor.id,
            due_date=day,
            bill_line_items=[bill_rows.LineBody(amount=amount, description=body.description)],
            invoice=bill_rows.InvoiceBody(invoice_number=day.isoformat(), invoice_date=ctx.today),
            # BILL itself numbers the bill: whoever pays twice a day must not trip over it.
            allow_duplicate_invoice_number=True,
        ),
    )
    check_bill(ctx, bill)
    return _pay(ctx, vendor, [_Share(bill, amount)], terms)


@payments.rule(
    "In bulk an amount of 0 makes no payment, createBill is ignored, and a transactionNumber goes"
    " to the first payment.",
    assumed("0 is documented as allowed, the number as unique; the rest follows"),
)
@payments.rule(
    "Bulk pays every bill by itself, but up to 35 bills of a vendor with combinePayments together.",
    documented("BILL guide: Bulk payments"),
)
@payments.operation(
    "POST",
    "/bulk",
    status=201,
    body=BulkCreate,
    trusted=True,
    wrap="payments",
    evidence=documented("BILL reference: Create a bulk payment (up to 50 bills, all or nothing)"),
)
@tells_failure
def create_bulk(ctx: Ctx, body: BulkCreate) -> list[Payment]:
    """Pay up to 50 bills, all or none."""
    _check_body(body)
    check_role(ctx)
    funding = check_funding(ctx, body.funding_account.type, body.funding_account.id)
    if body.vendor_id is not None:
        ctx.get(vendors, body.vendor_id)
    pending: dict[str, Decimal] = {}

    def checked(item: BulkItem) -> _Share:
        bill = ctx.get(bill_rows.bills, item.bill_id)
        vendor = ctx.get(vendors, bill.vendor_id)
        if item.vendor_credits:
            raise refuse("BDC_1205")
        amount = cents(item.amount)

        def check() -> None:
            if body.vendor_id not in (None, vendor.id):
                raise refuse("payment.vendor_mismatch", vendor=body.vendor_id, bill=bill.id)
            check_vendor(vendor)
            check_bill(ctx, bill)
            check_bank_age(ctx, vendor, process_date(ctx, vendor, body.process_date))
            check_amount(bill, amount, pending.get(bill.id, ZERO))
            check_batch(ctx, vendor, body.exchange_rate_batch_id)

        told_twice(bill.id, check)
        pending[bill.id] = pending.get(bill.id, ZERO) + amount
        return _Share(bill, amount)

    checked_shares = all_or_nothing(body.payments, BULK_LIMIT, checked)
    shares = [share for share in checked_shares if share.amount > 0]
    if not shares:
        raise refuse("payment.nothing_to_pay")
    groups = _grouped(ctx, shares)
    day = process_date(ctx, groups[0][0], body.process_date)
    terms = _terms(ctx, body, funding, day)
    payments_made = []
    for vendor, group in groups:
        payments_made.append(_pay(ctx, vendor, group, terms))
        # A number is one payment's own.
        terms = replace(terms, transaction_number=None)
    return payments_made


def _grouped(ctx: Ctx, shares: Iterable[_Share]) -> list[tuple[Vendor, list[_Share]]]:
    groups: list[tuple[Vendor, list[_Share]]] = []
    combined: dict[str, list[_Share]] = {}
    for share in shares:
        vendor = ctx.get(vendors, share.bill.vendor_id)
        group = combined.get(vendor.id)
        if group is None or len(group) == COMBINED_LIMIT:
            group = []
            groups.append((vendor, group))
            if vendor.additional_info.combine_payments:
                combined[vendor.id] = group
        group.append(share)
    return groups
