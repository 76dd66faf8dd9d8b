"""The life of a payment after it was made: settlement, cancel, void, failures.

Steps run on the world's clock on bank days; BILL's sandbox has timers for them
whose durations are not published, so the days below are assumed from the two to
four bank days of an ACH and the five to ten of a check in BILL's guides.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field

from simulator.core.bankdays import add_bank_days, pacific_date, pacific_instant
from simulator.core.body import Body, NotBlank
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented
from simulator.core.roles import PAY
from simulator.core.rows import changed
from simulator.resources import bill_money
from simulator.resources.payment_rows import (
    REISSUABLE,
    AchDisbursement,
    CheckDelivery,
    CheckDisbursement,
    DisbursementInfo,
    DisbursementStatus,
    DisbursementType,
    InternationalDisbursement,
    Payment,
    SingleStatus,
    VoidInfo,
    VoidStatus,
    VoidType,
    bucket_of,
    machine,
    payments,
    state_of,
    voidable,
)
from simulator.resources.vendor_rows import vendors

_CHECK_DAYS = {
    CheckDelivery.UPS_1DAY: 2,
    CheckDelivery.UPS_2DAY: 3,
    CheckDelivery.UPS_3DAY: 4,
}
_STANDARD_CHECK_DAYS = 6
_CASHING_DAYS = 3
_ACH_DAYS = 3
_FAST_ACH_DAYS = 1
_FAILED_FUNDING_DAYS = 5

# BILL Help Center: an uncashed check is voided after 90 days.
_CHECK_LIFE = timedelta(days=90)
_EXPIRING = timedelta(days=80)

_MORNING, _NOON, _EVENING = 6, 12, 17


def arrival(
    process_date: date, disbursement: DisbursementType, delivery: CheckDelivery, faster: bool
) -> date:
    """The day by which a payment processed on `process_date` arrives."""
    if disbursement is DisbursementType.CHECK:
        days = _CHECK_DAYS.get(delivery, _STANDARD_CHECK_DAYS)
    else:
        days = _FAST_ACH_DAYS if faster else _ACH_DAYS
    return add_bank_days(process_date, days)


def _issued(payment: Payment) -> date:
    """The day from which the disbursement counts: the process date or the latest reissue."""
    reissues = (
        pacific_date(request.updated_time)
        for request in payment.void_info
        if request.type in _REISSUES and request.status is VoidStatus.ACCEPTED
    )
    return max((payment.process_date, *reissues))


def _arrival(payment: Payment) -> date:
    options = payment.processing_options
    return arrival(
        _issued(payment),
        payment.disbursement_type,
        options.request_check_delivery_type if options else CheckDelivery.STANDARD,
        bool(options and options.request_pay_faster),
    )


def begin(ctx: Ctx, payment: Payment) -> None:
    """Set the first timer of a new payment's settlement."""
    _later(ctx, payment, "start funding", payment.process_date, _MORNING)


def _later(ctx: Ctx, payment: Payment, event: str, day: date, hour: int) -> None:
    if ctx.behaviour.settlement == "automatic":
        at = max(pacific_instant(day, hour), ctx.now)
        # A reissue may come to the same status again, with steps of its own.
        turn = str(len(payment.void_info))
        ctx.schedule(at, "payment.step", payment.id, event, payment.single_status, turn)


@payments.rule(
    "Funding starts on the process date at 6 am in California; the account is debited and the money"
    " sent the bank day after; an ACH clears three bank days after the process date, a check is"
    " delivered after six and cashed after nine.",
    assumed("BILL publishes no durations for its sandbox; guides say two to four, five to ten"),
)
@payments.timer("payment.step")
def step(ctx: Ctx, payment_id: str, event: str, expected: str, turn: str) -> None:
    """Run a settlement step, unless something else happened to the payment meanwhile."""
    payment = ctx.get(payments, payment_id)
    if payment.single_status == expected and len(payment.void_info) == int(turn):
        happen(ctx, payment, event)


# The one event of a payment that was recorded, not made, in BILL.
_VOID_RECORDED = "void recorded"


def _where(payment: Payment) -> str:
    return "with" if payment.online_payment else "outside"


def happen(ctx: Ctx, payment: Payment, event: str, **more: Any) -> Payment:
    """Let `event` of the machine happen to a payment, with its money and its next step.

    `more` are further members to change. Raises ValueError if the event cannot
    happen in the payment's status.
    """
    if (event == _VOID_RECORDED) is payment.online_payment:
        raise ValueError(f"{event} cannot happen to a payment made {_where(payment)} BILL")
    target = machine.target(event, payment.single_status)
    if target is None:
        raise ValueError(f"{event} cannot happen to a payment that is {payment.single_status}")
    source_bucket, target_bucket = bucket_of(payment.single_status), bucket_of(target)
    if source_bucket is not target_bucket:
        for share in payment.bill_payments:
            bill_money.move_money(ctx, share.bill_id, share.amount, source_bucket, target_bucket)
    if payment.single_status is SingleStatus.VOID_PENDING:
        done = changed(
            payment.void_info[-1], status=VoidStatus.ACCEPTED, updated_time=ctx.record_time
        )
        more["void_info"] = (*payment.void_info[:-1], done)
    if event == "reissue":
        # Another check or transfer, with a number and an arrival of its own.
        more |= {"disbursement_info": None, "disbursement_status": None}
    payment = changed(
        payment,
        single_status=target,
        status=state_of(target),
        updated_time=ctx.record_time,
        **more,
    )
    payment = _with_disbursement(ctx, payment)
    ctx.put(payments, payment)
    ctx.emit("payment.updated", payment)
    if target is SingleStatus.CLEARED:
        _note_payment(ctx, payment)
    _plan(ctx, payment)
    return payment


def _plan(ctx: Ctx, payment: Payment) -> None:
    today = ctx.today
    arrives = _arrival(payment)
    is_check = payment.disbursement_type is DisbursementType.CHECK
    match payment.single_status:
        case SingleStatus.FUNDING_STARTED:
            _later(ctx, payment, "debit funds", add_bank_days(payment.process_date, 1), _MORNING)
        case SingleStatus.PROCESSED:
            _later(ctx, payment, "send", add_bank_days(today, 0), _NOON)
        case SingleStatus.SENT if is_check:
            _later(ctx, payment, "deliver", max(arrives, today), _NOON)
        case SingleStatus.SENT:
            _later(ctx, payment, "clear", max(arrives, add_bank_days(today, 0)), _EVENING)
        case SingleStatus.DELIVERED if ctx.behaviour.checks == "cashed":
            _later(ctx, payment, "clear", add_bank_days(today, _CASHING_DAYS), _NOON)
        case SingleStatus.DELIVERED:
            _later(ctx, payment, "near expiry", _issued(payment) + _EXPIRING, _NOON)
        case SingleStatus.EXPIRING:
            _later(ctx, payment, "void", _issued(payment) + _CHECK_LIFE, _NOON)
        case SingleStatus.FUNDING_FAILED_ACTION_NEEDED:
            end = add_bank_days(today, _FAILED_FUNDING_DAYS)
            _later(ctx, payment, "void after failed funding", end, _MORNING)
        case SingleStatus.VOID_PENDING:
            event = _void_event(payment.void_info[-1].type)
            _later(ctx, payment, event, add_bank_days(today, 1), _EVENING)


@payments.rule(
    "disbursementInfo appears when funding starts; isVoidable in it tells whether a void is taken;"
    " disbursementStatus is DONE when cleared, FAILED when returned.",
    documented("BILL payments reference; the moments are assumed"),
)
def _with_disbursement(ctx: Ctx, payment: Payment) -> Payment:
    status = payment.single_status
    if status is SingleStatus.CANCELED or not payment.online_payment:
        return payment
    info = payment.disbursement_info or _disbursement(ctx, payment)
    info = changed(info, is_voidable=voidable(payment))
    if status is SingleStatus.SENT:
        for name in ("check_disbursement", "ach_disbursement", "international_disbursement"):
            way = getattr(info, name)
            if way:
                info = changed(info, **{name: changed(way, sent_date=pacific_date(ctx.now))})
    outcome = payment.disbursement_status
    if status is SingleStatus.CLEARED:
        outcome = DisbursementStatus.DONE
    elif status in (
        SingleStatus.DISBURSEMENT_FAILED_ACTION_NEEDED,
        SingleStatus.DISBURSEMENT_FAILED_VENDOR_BANK_REJECTED,
    ):
        outcome = DisbursementStatus.FAILED
    return changed(payment, disbursement_info=info, disbursement_status=outcome)


def _disbursement(ctx: Ctx, payment: Payment) -> DisbursementInfo:
    arrives = _arrival(payment)
    if payment.disbursement_type is DisbursementType.CHECK:
        number = 10_000_001 + ctx.number("check")
        way: dict[str, Any] = {
            "check_disbursement": CheckDisbursement(arrives_by_date=arrives, check_number=number)
        }
    elif payment.disbursement_type is DisbursementType.INTERNATIONAL_E_PAYMENT:
        way = {
            "international_disbursement": InternationalDisbursement(
                arrives_by_date=arrives, amount=payment.amount, disbursement_sub_type="LOCAL"
            )
        }
    else:
        way = {"ach_disbursement": AchDisbursement(arrives_by_date=arrives)}
    return DisbursementInfo(is_voidable=False, **way)


def _note_payment(ctx: Ctx, payment: Payment) -> None:
    vendor = ctx.get(vendors, payment.vendor_id)
    # An earlier check may be cashed after a later transfer cleared.
    latest = max(
        vendor.payment_information.last_payment_date or "", payment.process_date.isoformat()
    )
    information = changed(vendor.payment_information, last_payment_date=latest)
    ctx.put(vendors, changed(vendor, payment_information=information))


@payments.rule(
    "Only a SCHEDULED payment can be canceled; it is CANCELED at once and its bills are due again.",
    documented("BILL reference: Cancel a payment; v2 reference for the sandbox"),
)
@payments.operation(
    "POST",
    "/{paymentId}/cancel",
    roles=PAY,
    evidence=documented("BILL reference: Cancel a payment"),
)
def cancel(ctx: Ctx, payment_id: str) -> Payment:
    """Cancel a payment that has not started."""
    payment = ctx.get(payments, payment_id)
    if not payment.online_payment or payment.single_status is not SingleStatus.SCHEDULED:
        raise refuse("payment.not_cancelable", id=payment_id, state=payment.single_status)
    return happen(ctx, payment, "cancel", cancel_request_submitted=True)


_REISSUES = (VoidType.VOID_AND_REISSUE, VoidType.VOID_AND_REISSUE_VCARD)


def _void_event(wanted: VoidType) -> str:
    return "reissue" if wanted in _REISSUES else "void"


class VoidBody(Body):
    """Why, and what shall become of the money."""

    type: VoidType
    reason: Annotated[NotBlank, Field(max_length=4000)]


@payments.rule(
    "A void is done at once and opens the bills again; a reissue uses the same payment; a payment"
    " recorded outside BILL can be voided while it is PAID.",
    documented("BILL reference: Void a payment; v2 reference and Help Center for the moments"),
)
@payments.operation(
    "POST",
    "/{paymentId}/void",
    body=VoidBody,
    roles=PAY,
    evidence=documented("BILL reference: Void a payment"),
)
def void(ctx: Ctx, payment_id: str, body: VoidBody) -> Payment:
    """Void a payment that has started."""
    payment = ctx.get(payments, payment_id)
    if not voidable(payment):
        raise refuse("payment.not_voidable", id=payment_id, state=payment.single_status)
    reissue = payment.online_payment and body.type in _REISSUES
    if reissue and payment.single_status not in REISSUABLE:
        raise refuse("payment.not_voidable", id=payment_id, state=payment.single_status)
    by_card = payment.disbursement_type is DisbursementType.VIRTUAL_CARD
    if body.type is VoidType.VOID_AND_REISSUE_VCARD and not by_card:
        raise refuse("payment.reissue_vcard", id=payment_id)
    now = ctx.record_time
    waits = payment.online_payment and ctx.behaviour.voids == "next_bank_day"
    request = VoidInfo(
        id=ctx.new_id("vdr"),
        requested_by=ctx.user_id,
        type=body.type,
        status=VoidStatus.TO_BE_PROCESSED if waits else VoidStatus.ACCEPTED,
        reason=body.reason,
        created_time=now,
        updated_time=now,
    )
    noted = (*payment.void_info, request)
    if not payment.online_payment:
        return happen(ctx, payment, _VOID_RECORDED, void_info=noted)
    if waits:
        return happen(ctx, payment, "ask to void", void_info=noted)
    return happen(ctx, payment, _void_event(body.type), void_info=noted)


def _road(payment: Payment, last: str = "clear") -> tuple[str, ...]:
    """The steps of settlement up to `last`; only a check is delivered."""
    steps: tuple[str, ...] = ("start funding", "debit funds", "send", "deliver", "clear")
    if payment.disbursement_type is not DisbursementType.CHECK:
        steps = ("start funding", "debit funds", "send", "clear")
    return steps[: steps.index(last) + 1]


def _along(ctx: Ctx, payment: Payment, last: str) -> Payment:
    """Let the steps of settlement happen up to `last`, from wherever the payment is."""
    for event in _road(payment, last):
        if machine.target(event, payment.single_status):
            payment = happen(ctx, payment, event)
    return payment


_CONTROL = assumed("a control of the simulator; BILL's sandbox has no such call")


@payments.simulation("payment.settled", evidence=_CONTROL)
def settled(ctx: Ctx, payment_id: str, details: Mapping[str, Any]) -> Payment:
    """Everything up to CLEARED happens now."""
    payment = _along(ctx, ctx.get(payments, payment_id), "clear")
    return _reached(payment, SingleStatus.CLEARED, "payment.settled")


@payments.simulation("payment.advanced", evidence=_CONTROL)
def advanced(ctx: Ctx, payment_id: str, details: Mapping[str, Any]) -> Payment:
    """The next step of settlement, or a void that was asked for, happens now."""
    payment = ctx.get(payments, payment_id)
    if payment.single_status is SingleStatus.VOID_PENDING:
        return happen(ctx, payment, _void_event(payment.void_info[-1].type))
    for event in _road(payment):
        if machine.target(event, payment.single_status):
            return happen(ctx, payment, event)
    raise ValueError(f"a payment that is {payment.single_status} has no next step")


@payments.simulation(
    "payment.funding_failed",
    evidence=documented("BILL guide: Single status payment values (FUNDING_FAILED_ACTION_NEEDED)"),
)
def funding_failed(ctx: Ctx, payment_id: str, details: Mapping[str, Any]) -> Payment:
    """The funding account cannot be debited; after five bank days the payment is voided."""
    payment = _along(ctx, ctx.get(payments, payment_id), "start funding")
    return happen(ctx, payment, "fail funding")


@payments.simulation(
    "payment.funding_voided",
    evidence=documented("BILL guide: Single status payment values (FUNDING_FAILED_VOIDED)"),
)
def funding_voided(ctx: Ctx, payment_id: str, details: Mapping[str, Any]) -> Payment:
    """A payment whose funding failed is voided without credit."""
    return happen(ctx, ctx.get(payments, payment_id), "void after failed funding")


@payments.simulation(
    "payment.vendor_bank_rejected",
    evidence=documented(
        "BILL guide: Single status payment values (DISBURSEMENT_FAILED_VENDOR_BANK_REJECTED)"
    ),
)
def vendor_bank_rejected(ctx: Ctx, payment_id: str, details: Mapping[str, Any]) -> Payment:
    """The vendor's bank refuses the money, on the way or after it cleared."""
    payment = _along(ctx, ctx.get(payments, payment_id), "send")
    return happen(ctx, payment, "reject by vendor bank")


@payments.simulation(
    "payment.returned",
    evidence=documented(
        "BILL guide: Single status payment values (DISBURSEMENT_FAILED_ACTION_NEEDED)"
    ),
)
def returned(ctx: Ctx, payment_id: str, details: Mapping[str, Any]) -> Payment:
    """The money comes back; the payer must act."""
    payment = _along(ctx, ctx.get(payments, payment_id), "send")
    return happen(ctx, payment, "return")


@payments.simulation(
    "payment.check_cashed",
    evidence=documented("BILL guide: Single status payment values (CLEARED: a check is cashed)"),
)
def check_cashed(ctx: Ctx, payment_id: str, details: Mapping[str, Any]) -> Payment:
    """The vendor cashes the check."""
    payment = ctx.get(payments, payment_id)
    if payment.disbursement_type is not DisbursementType.CHECK:
        raise ValueError(f"the payment is no check but {payment.disbursement_type}")
    return _reached(_along(ctx, payment, "clear"), SingleStatus.CLEARED, "payment.check_cashed")


def _reached(payment: Payment, status: SingleStatus, event: str) -> Payment:
    if payment.single_status is not status:
        raise ValueError(f"{event} cannot happen to a payment that is {payment.single_status}")
    return payment
