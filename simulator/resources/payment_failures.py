"""Payments that were refused: told by webhook, though nothing is kept of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from types import MappingProxyType
from typing import TypeVar

from simulator.core.context import Ctx
from simulator.core.errors import Refusal
from simulator.core.evidence import assumed
from simulator.core.money import cents
from simulator.resources.bank_accounts import bank_accounts
from simulator.resources.bill_rows import bills
from simulator.resources.payment_bodies import BulkCreate, PaymentCreate
from simulator.resources.payment_notices import FailedPayment, Failure, PaidBill, PaidFrom
from simulator.resources.payment_rows import FundingType, payments
from simulator.resources.vendor_rows import vendors

A = TypeVar("A")
B = TypeVar("B", PaymentCreate, BulkCreate)

_FAILURES: Mapping[str, Failure] = MappingProxyType(
    {
        "BDC_1151": Failure.BANK_ACCOUNT,
        "BDC_1159": Failure.OVERPAID,
        "BDC_1152": Failure.PROCESS_DATE,
        "BDC_1402": Failure.PROCESS_DATE,
    }
)


@payments.rule(
    "payment.failed is told when a payment, or a bulk of them, is refused for one of BILL's six"
    " reasons; not for a role, an untrusted session, a faulty body or any other refusal.",
    assumed("BILL lists the reasons; the others never reach its payment service"),
)
@payments.rule(
    "A bulk that is refused is told by one payment.failed with all its bills, each reason once; its"
    " vendor is left out where the bills have several.",
    assumed("the payload has many bills and errors, but one vendor"),
)
def tells_failure(pay: Callable[[Ctx, B], A]) -> Callable[[Ctx, B], A]:
    """Let `pay` emit payment.failed when it is refused; a decorator."""

    @wraps(pay)
    def told(ctx: Ctx, body: B) -> A:
        try:
            return pay(ctx, body)
        except Refusal as refusal:
            failures = _failures(ctx, body, refusal)
            if failures:
                ctx.emit_anyway("payment.failed", _attempt(ctx, body, failures))
            raise

    return told


def _failures(ctx: Ctx, body: PaymentCreate | BulkCreate, refusal: Refusal) -> tuple[Failure, ...]:
    """BILL's reasons for a refusal, each once, in the order of the refusal's items."""
    found: dict[Failure, None] = {}
    for item in refusal.items:
        failure = _FAILURES.get(item.code or "")
        if item.code == "BDC_1205":
            failure = _unknown(ctx, body)
        if failure:
            found[failure] = None
    return tuple(found)


@payments.rule(
    "A funding account with an unknown id is told as an inactive one.",
    assumed("BILL lists no other reason for accounts"),
)
def _unknown(ctx: Ctx, body: PaymentCreate | BulkCreate) -> Failure | None:
    """Which of the body's ids no record has: BDC_1205 does not tell."""
    account = body.funding_account
    by_bank = account.type is FundingType.BANK_ACCOUNT
    unknown = {
        Failure.BILL: any(ctx.find(bills, id) is None for id in _amounts(body)),
        Failure.VENDOR: body.vendor_id is not None and ctx.find(vendors, body.vendor_id) is None,
        Failure.BANK_ACCOUNT: by_bank and ctx.find(bank_accounts, account.id or "") is None,
        Failure.CARD_ACCOUNT: account.type in (FundingType.CARD_ACCOUNT, FundingType.AP_CARD),
    }
    found = [failure for failure, is_unknown in unknown.items() if is_unknown]
    if not found:
        return None
    # In bulk the account is looked up first and the bills last; else the other way round.
    return found[-1] if isinstance(body, BulkCreate) else found[0]


def _amounts(body: PaymentCreate | BulkCreate) -> Mapping[str, PaidBill]:
    """What is to be paid of each bill, by its id; of a bill that is yet to be made nothing."""
    items = body.payments if isinstance(body, BulkCreate) else [body]
    return {
        item.bill_id: PaidBill(id=item.bill_id, amount=cents(item.amount))
        for item in items
        if item.bill_id is not None
    }


def _attempt(
    ctx: Ctx, body: PaymentCreate | BulkCreate, failures: tuple[Failure, ...]
) -> FailedPayment:
    amounts = _amounts(body)
    known = (ctx.find(bills, bill_id) for bill_id in amounts)
    owed = {bill.vendor_id for bill in known if bill}
    return FailedPayment(
        bills=tuple(amounts.values()),
        transaction_number=body.transaction_number,
        created_by=ctx.user_id,
        time=ctx.now,
        funding_account=PaidFrom(id=body.funding_account.id, type=body.funding_account.type),
        vendor_id=body.vendor_id or (owed.pop() if len(owed) == 1 else None),
        failures=failures,
    )
