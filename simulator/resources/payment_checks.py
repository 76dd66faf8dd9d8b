"""What must hold before a payment is made; in the order in which it is checked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TypeVar

from simulator.core.bankdays import (
    add_bank_days,
    earliest_process_date,
    is_bank_day,
    pacific_date,
)
from simulator.core.context import Ctx
from simulator.core.errors import Refusal, refuse
from simulator.core.evidence import assumed, documented, observed
from simulator.core.money import ZERO
from simulator.core.roles import PAY, Role
from simulator.resources import exchange_rates
from simulator.resources.bank_account_users import may_pay_from
from simulator.resources.bank_accounts import BankStatus, bank_accounts
from simulator.resources.bill_rows import ApprovalStatus, Bill
from simulator.resources.payment_rows import FundingAccount, FundingType, payments
from simulator.resources.risk_verifications import check_money_moves
from simulator.resources.vendor_rows import PayByType, Vendor

T = TypeVar("T")


@payments.rule(
    "A user who is neither Administrator nor Payer, or not VERIFIED on the bank account, gets"
    " BDC_1150; an account that is not VERIFIED or is archived is BDC_1151.",
    observed("BDC_1151 was met in production; BDC_1150 is documented for v2"),
)
def check_funding(ctx: Ctx, kind: FundingType, account_id: str | None) -> FundingAccount:
    """The account to pay from. Raises `Refusal`."""
    check_money_moves(ctx)
    if kind is FundingType.WALLET:
        raise refuse("payment.funding_unavailable", type=kind)
    if kind is not FundingType.BANK_ACCOUNT or account_id is None:
        # No card accounts exist in a world yet: no id of one can be known.
        raise refuse("BDC_1205")
    account = ctx.get(bank_accounts, account_id)
    if account.status is not BankStatus.VERIFIED or account.archived:
        raise refuse("BDC_1151")
    if ctx.user_id and not may_pay_from(ctx, account.id, ctx.user_id):
        raise refuse("BDC_1150")
    return FundingAccount(type=kind, id=account.id)


def check_role(ctx: Ctx) -> None:
    """Refuse a user whose role may not pay."""
    if ctx.session and ctx.session.role not in PAY:
        raise refuse("BDC_1150")


@payments.rule(
    "A vendor outside the United States without bank account cannot be paid by check.",
    assumed("BILL's guides know checks for US addresses only; the text is an observed one"),
)
def check_vendor(vendor: Vendor) -> None:
    """Refuse a vendor that cannot be paid."""
    if vendor.archived:
        raise refuse("payment.archived_vendor", id=vendor.id)
    by_check = vendor.payment_information.pay_by_type is PayByType.CHECK
    if by_check and not vendor.domestic:
        raise refuse("payment.vendor_unable")


@payments.rule(
    "A bill under approval is not paid; createBill is refused where a policy asks for approval of"
    " its bill.",
    documented("BILL changelog 2025-11-05 (setting unapproved_bills); createBill follows"),
)
def check_bill(ctx: Ctx, bill: Bill) -> None:
    """Refuse a bill that cannot be paid."""
    if bill.archived:
        raise refuse("bill.archived", id=bill.id)
    if bill.approval_status in (ApprovalStatus.UNASSIGNED, ApprovalStatus.APPROVED):
        return
    administrator = ctx.session is not None and ctx.session.role is Role.ADMINISTRATOR
    if not (administrator and ctx.behaviour.unapproved_bills == "administrators"):
        raise refuse("bill.not_approved", id=bill.id)


@payments.rule(
    "processDate is a bank day with a full bank day of notice, else 422 BDC_1152; left out, it is"
    " the earliest such day. For a vendor whose bills are not in dollars it is that day alone.",
    observed(
        "production on Sunday 2026-10-04 and the sandbox on 2026-08-21; the default is BILL's guide"
    ),
)
def process_date(ctx: Ctx, vendor: Vendor, asked: date | None) -> date:
    """The day on which a payment of `vendor` is processed. Raises `Refusal`."""
    earliest = earliest_process_date(ctx.now, ctx.behaviour.process_cutoff_hour)
    if asked is None:
        return earliest
    late = vendor.bill_currency != "USD" and asked != earliest
    if asked < earliest or late or not is_bank_day(asked):
        if ctx.behaviour.process_date_text == "unfilled":
            raise refuse("BDC_1152")
        raise refuse("BDC_1152/filled", date=asked)
    return asked


@payments.rule(
    "In production a vendor bank account younger than two bank days cannot be paid: BDC_1402.",
    documented("BILL FAQ (setting vendor_bank_check, off as in the sandbox)"),
)
def check_bank_age(ctx: Ctx, vendor: Vendor, day: date) -> None:
    """Refuse a vendor whose bank account is too new for `day`."""
    account = vendor.payment_information.bank_account
    pending = account is not None and account.standing is BankStatus.PENDING
    if account and pending and day < add_bank_days(pacific_date(account.created), 2):
        raise refuse("BDC_1402")


def check_amount(bill: Bill, amount: Decimal, pending: Decimal = ZERO) -> None:
    """Refuse to pay more than is due; `pending` is what the same call pays of it already."""
    if amount + pending > bill.due_amount:
        raise refuse("BDC_1159")


@payments.rule(
    "A vendor whose bills are not in dollars needs the exchangeRateBatchId of the present rates.",
    documented("BILL changelog 2026-01-20; code and text of the refusal are unknown"),
)
def check_batch(ctx: Ctx, vendor: Vendor, batch_id: int | None) -> None:
    """Refuse a payment in another currency without the present batch of rates."""
    if vendor.bill_currency != "USD" and batch_id != exchange_rates.present_batch(ctx):
        raise refuse("payment.exchange_batch")


def told_twice(bill_id: str | None, check: Callable[[], T]) -> T:
    """Run a check; its business refusals are told twice, as BILL does for payments."""
    try:
        return check()
    except Refusal as refusal:
        if bill_id is not None and refusal.status == 422:
            raise refusal.doubled(bill_id) from None
        raise
