"""From what a vendor could be paid, and when it would arrive. /v3/payments/options"""

from __future__ import annotations

from datetime import date

from simulator.core.bankdays import earliest_process_date
from simulator.core.body import Body, NotBlank, Paid
from simulator.core.context import Ctx
from simulator.core.errors import Refusal
from simulator.core.evidence import assumed, documented
from simulator.core.money import ZERO, Money, cents
from simulator.core.rows import Answer, Shape, shape
from simulator.resources import payment_life
from simulator.resources.bank_account_users import may_pay_from
from simulator.resources.bank_accounts import bank_accounts
from simulator.resources.payment_checks import check_vendor
from simulator.resources.payment_rows import CheckDelivery, payments
from simulator.resources.payments import disbursement_of
from simulator.resources.sessions import current
from simulator.resources.vendor_rows import vendors


class OptionsQuery(Body):
    """For whom, and how much in dollars."""

    vendor_id: NotBlank
    amount: Paid


@shape
class BankOption(Shape):
    """A bank account to pay from. `fee` in dollars."""

    available: bool
    delivery_date: date | None = None
    process_date: date | None = None
    reason: str | None = None
    conditions: tuple[str, ...] = ()
    id: str
    name: str
    fee: Money


@shape
class CardOption(Shape):
    """A card account to pay from; no world has one yet."""

    available: bool
    id: str
    name: str


@shape
class FundingOptions(Shape):
    """The ways to pay a vendor."""

    banks: tuple[BankOption, ...]
    cards: tuple[CardOption, ...] = ()


@shape
class PaymentOptions(Answer):
    """What could be paid from, and when it would arrive."""

    amount: Money
    vendor_id: str
    funding_options: FundingOptions


@payments.rule(
    "Options list every bank account that is not archived, with the earliest process date and the"
    " day of arrival, or the reason why the vendor cannot be paid from it; fees are 0.",
    assumed("the shape is BILL's; which accounts are left out and what they cost is not known"),
)
@payments.operation(
    "GET",
    "/options",
    query=OptionsQuery,
    evidence=documented("BILL reference: Get list of vendor payment options"),
)
def options(ctx: Ctx, query: OptionsQuery) -> PaymentOptions:
    """List the ways to pay a vendor."""
    vendor = ctx.get(vendors, query.vendor_id)
    day = earliest_process_date(ctx.now, ctx.behaviour.process_cutoff_hour)
    arrives = payment_life.arrival(day, disbursement_of(vendor), CheckDelivery.STANDARD, False)
    refused = None
    try:
        check_vendor(vendor)
    except Refusal as refusal:
        refused = refusal.items[0].message
    banks = []
    for account in ctx.table(bank_accounts):
        if account.archived:
            continue
        user_id = current(ctx).user_id
        reason = refused
        if not may_pay_from(ctx, account.id, user_id):
            # BILL guide, Vendor payment options: its wording for a card account.
            reason = "User verification required for payments with bank account."
        available = reason is None
        banks.append(
            BankOption(
                available=available,
                delivery_date=arrives if available else None,
                process_date=day if available else None,
                reason=reason,
                id=account.id,
                name=account.bank_name,
                fee=ZERO,
            )
        )
    return PaymentOptions(
        amount=cents(query.amount),
        vendor_id=vendor.id,
        funding_options=FundingOptions(banks=tuple(banks)),
    )
