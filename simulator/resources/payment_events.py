"""What BILL's side can be made to do to a payment: steps, failures, returns, cashing."""

from __future__ import annotations

from simulator.core.context import Ctx
from simulator.core.evidence import assumed, documented
from simulator.core.simulations import NoDetails, when
from simulator.resources.payment_life import happen, void_event
from simulator.resources.payment_rows import (
    DisbursementType,
    Payment,
    SingleStatus,
    machine,
    payments,
)

S = SingleStatus


def _road(payment: Payment, last: str = "clear") -> tuple[str, ...]:
    """The steps of settlement up to `last`; only a check is delivered."""
    steps: tuple[str, ...] = ("start funding", "debit funds", "send", "deliver", "clear")
    if payment.disbursement_type is not DisbursementType.CHECK:
        steps = ("start funding", "debit funds", "send", "clear")
    return steps[: steps.index(last) + 1]


def _along(ctx: Ctx, payment_id: str, last: str) -> Payment:
    """Let the steps of settlement happen up to `last`, from wherever the payment is."""
    payment = ctx.get(payments, payment_id)
    for event in _road(payment, last):
        if machine.target(event, payment.single_status):
            payment = happen(ctx, payment, event)
    return payment


def _check(ctx: Ctx, payment_id: str) -> None:
    """Raise ValueError for a payment that is no check."""
    payment = ctx.get(payments, payment_id)
    if payment.disbursement_type is not DisbursementType.CHECK:
        raise ValueError(f"the payment is no check but {payment.disbursement_type}")


_CONTROL = assumed("a control of the simulator; BILL's sandbox has no such call")
_UNFUNDED = {S.SCHEDULED, S.READY_TO_FUND, S.FUNDING_STARTED}
_UNDELIVERED = {*_UNFUNDED, S.PROCESSED, S.SENT}
_UNCLEARED = {*_UNDELIVERED, S.DELIVERED, S.EXPIRING}


def _value(status: SingleStatus) -> str:
    return f"BILL guide: Single status payment values ({status})"


@payments.simulation(
    "payment.settled",
    states=when("singleStatus", _UNCLEARED),
    course="step by step on bank days, unless the setting `settlement` is `manual`",
    evidence=_CONTROL,
)
def settled(ctx: Ctx, payment_id: str, details: NoDetails) -> Payment:
    """Everything up to CLEARED happens now."""
    return _along(ctx, payment_id, "clear")


@payments.simulation(
    "payment.advanced",
    states=when("singleStatus", {*_UNCLEARED, S.VOID_PENDING}),
    course="on bank days, unless the setting `settlement` is `manual`",
    evidence=_CONTROL,
)
def advanced(ctx: Ctx, payment_id: str, details: NoDetails) -> Payment:
    """The next step of settlement, or a void that was asked for, happens now."""
    payment = ctx.get(payments, payment_id)
    if payment.single_status is S.VOID_PENDING:
        return happen(ctx, payment, void_event(payment.void_info[-1].type))
    steps = (step for step in _road(payment) if machine.target(step, payment.single_status))
    return happen(ctx, payment, next(steps))


@payments.simulation(
    "payment.funding_failed",
    states=when("singleStatus", {*_UNDELIVERED, S.DELIVERED}),
    evidence=documented(_value(S.FUNDING_FAILED_ACTION_NEEDED)),
)
def funding_failed(ctx: Ctx, payment_id: str, details: NoDetails) -> Payment:
    """The funding account cannot be debited; after five bank days the payment is voided."""
    return happen(ctx, _along(ctx, payment_id, "start funding"), "fail funding")


@payments.simulation(
    "payment.funding_voided",
    states=when("singleStatus", {S.FUNDING_FAILED_ACTION_NEEDED}),
    course="five bank days after the funding failed",
    evidence=documented(_value(S.FUNDING_FAILED_VOIDED)),
)
def funding_voided(ctx: Ctx, payment_id: str, details: NoDetails) -> Payment:
    """A payment whose funding failed is voided without credit."""
    return happen(ctx, ctx.get(payments, payment_id), "void after failed funding")


@payments.simulation(
    "payment.vendor_bank_rejected",
    states=when("singleStatus", {*_UNDELIVERED, S.DELIVERED, S.CLEARED}),
    evidence=documented(_value(S.DISBURSEMENT_FAILED_VENDOR_BANK_REJECTED)),
)
def vendor_bank_rejected(ctx: Ctx, payment_id: str, details: NoDetails) -> Payment:
    """The vendor's bank refuses the money, on the way or after it cleared."""
    return happen(ctx, _along(ctx, payment_id, "send"), "reject by vendor bank")


@payments.simulation(
    "payment.returned",
    states=when("singleStatus", {*_UNDELIVERED, S.DELIVERED, S.CLEARED}),
    evidence=documented(_value(S.DISBURSEMENT_FAILED_ACTION_NEEDED)),
)
def returned(ctx: Ctx, payment_id: str, details: NoDetails) -> Payment:
    """The money comes back; the payer must act."""
    return happen(ctx, _along(ctx, payment_id, "send"), "return")


@payments.simulation(
    "payment.held",
    states=when("singleStatus", {*_UNFUNDED, S.PROCESSED}),
    evidence=documented(f"{_value(S.DISBURSEMENT_ON_HOLD)}; the moment is assumed"),
)
def held(ctx: Ctx, payment_id: str, details: NoDetails) -> Payment:
    """BILL debits the funds and holds them back until they are released."""
    return happen(ctx, _along(ctx, payment_id, "debit funds"), "hold")


@payments.simulation(
    "payment.released",
    states=when("singleStatus", {S.DISBURSEMENT_ON_HOLD}),
    evidence=_CONTROL,
)
def released(ctx: Ctx, payment_id: str, details: NoDetails) -> Payment:
    """Funds that were held back go on to the vendor."""
    return happen(ctx, ctx.get(payments, payment_id), "release")


@payments.simulation(
    "payment.check_cashed",
    states=when("singleStatus", _UNCLEARED),
    course="three bank days after the delivery, unless the setting `checks` is `uncashed`",
    evidence=documented(f"{_value(S.CLEARED)}: a check is cashed"),
)
def check_cashed(ctx: Ctx, payment_id: str, details: NoDetails) -> Payment:
    """The vendor cashes the check."""
    _check(ctx, payment_id)
    return _along(ctx, payment_id, "clear")


@payments.simulation(
    "payment.check_expiring",
    states=when("singleStatus", {*_UNDELIVERED, S.DELIVERED}),
    course="80 days after it was issued, if the setting `checks` is `uncashed`",
    evidence=documented(_value(S.EXPIRING)),
)
def check_expiring(ctx: Ctx, payment_id: str, details: NoDetails) -> Payment:
    """A delivered check nears the end of its life."""
    _check(ctx, payment_id)
    return happen(ctx, _along(ctx, payment_id, "deliver"), "near expiry")


@payments.simulation(
    "payment.check_expired",
    states=when("singleStatus", {S.DELIVERED, S.EXPIRING}),
    course="90 days after it was issued, if the setting `checks` is `uncashed`",
    evidence=documented("BILL Help Center: an uncashed check is voided after 90 days"),
)
def check_expired(ctx: Ctx, payment_id: str, details: NoDetails) -> Payment:
    """A check that nobody cashed is voided."""
    _check(ctx, payment_id)
    return happen(ctx, ctx.get(payments, payment_id), "void")


@payments.simulation(
    "payment.escheated",
    states=when(
        "singleStatus",
        {
            S.DELIVERED,
            S.EXPIRING,
            S.DISBURSEMENT_FAILED_ACTION_NEEDED,
            S.DISBURSEMENT_FAILED_VENDOR_BANK_REJECTED,
        },
    ),
    evidence=documented(f"{_value(S.FUNDS_ESCHEATED)}; the statuses before it are assumed"),
)
def escheated(ctx: Ctx, payment_id: str, details: NoDetails) -> Payment:
    """Money that nobody claimed is handed to the state."""
    return happen(ctx, ctx.get(payments, payment_id), "escheat")
