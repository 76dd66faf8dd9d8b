"""The life of a payment after it was made: settlement, cancel, void, failures.

Steps run on the world's clock on bank days; BILL's sandbox has timers for them
whose durations are not published, so the days below are assumed from the two to
four bank days of an ACH and the five to ten of a check in BILL's guides.
"""

from __future__ import annotations

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
    RppsDisbursement,
    SingleStatus,
    VoidInfo,
    VoidStatus,
    VoidType,
    WalletDisbursement,
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


def arrives_by(payment: Payment) -> date:
    """The day by which a payment arrives: counted anew from its latest reissue."""
    options = payment.processing_options
    return arrival(
        _issued(payment),
        payment.disbursement_type,
        options.request_check_delivery_type if options else CheckDelivery.STANDARD,
        bool(options and options.request_pay_faster),
    )


@payments.rule(
    "payment.updated tells every status that a payment comes to, the first included;"
    " payment.created comes before the first.",
    documented("BILL guide: Webhook event catalog; payment.created is the mission guide's"),
)
def keep_new(ctx: Ctx, payment: Payment) -> None:
    """Store a payment that was just made, or recorded, and tell of it."""
    ctx.put(payments, payment)
    ctx.emit("payment.created", payment)
    ctx.emit("payment.updated", payment)


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
    source = payment.single_status
    target = machine.follow(event, source)
    source_bucket, target_bucket = bucket_of(source), bucket_of(target)
    if source_bucket is not target_bucket:
        for share in payment.bill_payments:
            bill_money.move_money(ctx, share.bill_id, share.amount, source_bucket, target_bucket)
    if source is SingleStatus.VOID_PENDING:
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
    if target is not source:
        ctx.emit("payment.updated", payment)
    if target is SingleStatus.CLEARED:
        _note_payment(ctx, payment)
    _plan(ctx, payment)
    return payment


def _plan(ctx: Ctx, payment: Payment) -> None:
    today = ctx.today
    arrives = arrives_by(payment)
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
            event = void_event(payment.void_info[-1].type)
            _later(ctx, payment, event, add_bank_days(today, 1), _EVENING)


@payments.rule(
    "disbursementInfo appears when funding starts; isVoidable in it tells whether a void is taken;"
    " disbursementStatus is DONE when cleared, FAILED when returned, HOLD while it is held.",
    documented("BILL payments reference; the moments are assumed"),
)
def _with_disbursement(ctx: Ctx, payment: Payment) -> Payment:
    status = payment.single_status
    if status is SingleStatus.CANCELED or not payment.online_payment:
        return payment
    info = payment.disbursement_info or _disbursement(ctx, payment)
    info = changed(info, is_voidable=voidable(payment))
    if status is SingleStatus.SENT:
        for name in _SENT_WAYS:
            way = getattr(info, name)
            if way:
                info = changed(info, **{name: changed(way, sent_date=pacific_date(ctx.now))})
    outcome = payment.disbursement_status
    if status is SingleStatus.DISBURSEMENT_ON_HOLD:
        outcome = DisbursementStatus.HOLD
    elif outcome is DisbursementStatus.HOLD:
        outcome = None
    if status is SingleStatus.CLEARED:
        outcome = DisbursementStatus.DONE
    elif status in (
        SingleStatus.DISBURSEMENT_FAILED_ACTION_NEEDED,
        SingleStatus.DISBURSEMENT_FAILED_VENDOR_BANK_REJECTED,
    ):
        outcome = DisbursementStatus.FAILED
    return changed(payment, disbursement_info=info, disbursement_status=outcome)


# Money in a wallet is not on its way: it has no day of sending (BILL's shape).
_SENT_WAYS = (
    "check_disbursement",
    "ach_disbursement",
    "rpps_disbursement",
    "international_disbursement",
)


def _disbursement(ctx: Ctx, payment: Payment) -> DisbursementInfo:
    arrives = arrives_by(payment)
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
    elif payment.disbursement_type is DisbursementType.WALLET:
        way = {"wallet_disbursement": WalletDisbursement(arrives_by_date=arrives)}
    elif payment.disbursement_type is DisbursementType.RPPS:
        traced = ctx.number("rpps")
        way = {
            "rpps_disbursement": RppsDisbursement(
                arrives_by_date=arrives, trace_number=20_000_001 + traced, batch_number=1 + traced
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


def void_event(wanted: VoidType) -> str:
    """The event of the machine by which a void of that type is done."""
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
    return happen(ctx, payment, void_event(body.type), void_info=noted)
