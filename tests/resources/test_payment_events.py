"""What BILL's side can be made to do to a payment: failures, returns, cashing, steps."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import Answer, BillClient

State = tuple[str, str, str, float, float, float]

SCHEDULED: State = ("SCHEDULED", "SCHEDULED", "SCHEDULED", 100.0, 0.0, 0.0)
FUNDING_FAILED: State = (
    "FUNDING_FAILED_ACTION_NEEDED",
    "SCHEDULED",
    "IN_PROCESS",
    100.0,
    0.0,
    0.0,
)
FUNDING_VOIDED: State = ("FUNDING_FAILED_VOIDED", "VOID", "UNPAID", 0.0, 0.0, 100.0)
REJECTED: State = (
    "DISBURSEMENT_FAILED_VENDOR_BANK_REJECTED",
    "PAID",
    "IN_PROCESS",
    100.0,
    0.0,
    0.0,
)
RETURNED: State = ("DISBURSEMENT_FAILED_ACTION_NEEDED", "PAID", "IN_PROCESS", 100.0, 0.0, 0.0)
SENT: State = ("SENT", "PAID", "IN_PROCESS", 100.0, 0.0, 0.0)
CLEARED: State = ("CLEARED", "PAID", "PAID", 0.0, 100.0, 0.0)


async def new_payment(client: BillClient, *, by_check: bool = False) -> dict[str, Any]:
    """A payment of all of a bill of 100 dollars, processed on Thursday 2026-06-04."""
    vendor = await client.new_vendor(by_check=by_check)
    answer = await client.pay(await client.new_bill(vendor["id"], 100), 100)
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def now_of(client: BillClient, payment: dict[str, Any]) -> dict[str, Any]:
    """The payment as it is now."""
    return dict((await client.get(f"/v3/payments/{payment['id']}")).body)


async def state(client: BillClient, payment: dict[str, Any]) -> State:
    """Both statuses of the payment; status, scheduled, paid and due amount of its bill."""
    row = await now_of(client, payment)
    bill = (await client.get(f"/v3/bills/{payment['billId']}")).body
    return (
        row["singleStatus"],
        row["status"],
        bill["paymentStatus"],
        bill["scheduledAmount"],
        bill["paidAmount"],
        bill["dueAmount"],
    )


def check_cannot_happen(
    answer: Answer, event: str, payment: dict[str, Any], single_status: str
) -> None:
    """The event is refused because of the payment's status."""
    assert answer.status == 409
    told = f"{event} cannot happen to {payment['id']}: its singleStatus is {single_status}, not "
    assert answer.body["detail"].startswith(told)


async def let(client: BillClient, payment: dict[str, Any], *events: str) -> None:
    """Let the events happen; each must be taken and answer the payment as it then is."""
    for event in events:
        answer = await client.simulate(event, payment["id"])
        assert answer.status == 200, answer.body
        assert answer.body == {"event": event, "record": await now_of(client, payment)}


@pytest.mark.parametrize(
    "before",
    [
        (),
        ("payment.advanced",),
        ("payment.advanced",) * 2,
        ("payment.advanced",) * 3,
    ],
    ids=["SCHEDULED", "FUNDING_STARTED", "PROCESSED", "SENT"],
)
async def test_funding_may_fail_until_the_money_has_cleared(
    payer: BillClient, before: tuple[str, ...]
) -> None:
    payment = await new_payment(payer)
    await let(payer, payment, *before, "payment.funding_failed")
    assert await state(payer, payment) == FUNDING_FAILED
    assert (await now_of(payer, payment))["disbursementInfo"]["isVoidable"] is False


async def test_a_payment_whose_funding_failed_is_voided_after_five_bank_days(
    payer: BillClient,
) -> None:
    payment = await new_payment(payer)
    await let(payer, payment, "payment.funding_failed")
    await payer.advance(to="2026-06-10T05:59:59-07:00")
    assert await state(payer, payment) == FUNDING_FAILED
    await payer.advance(to="2026-06-10T06:00:00-07:00")
    assert await state(payer, payment) == FUNDING_VOIDED
    assert (await now_of(payer, payment))["voidInfo"] == []
    await payer.advance(days=30)
    assert await state(payer, payment) == FUNDING_VOIDED


async def test_the_end_of_a_failed_funding_can_be_called_at_once(payer: BillClient) -> None:
    payment = await new_payment(payer)
    await let(payer, payment, "payment.funding_failed", "payment.funding_voided")
    assert await state(payer, payment) == FUNDING_VOIDED
    # The bill can be paid anew.
    bill = (await payer.get(f"/v3/bills/{payment['billId']}")).body
    assert (await payer.pay(bill, 100)).status == 201


@pytest.mark.parametrize(
    ("event", "failed"),
    [("payment.vendor_bank_rejected", REJECTED), ("payment.returned", RETURNED)],
)
@pytest.mark.parametrize(
    "before",
    [(), ("payment.advanced",) * 3, ("payment.settled",)],
    ids=["SCHEDULED", "SENT", "CLEARED"],
)
async def test_money_may_come_back_before_and_after_it_cleared(
    payer: BillClient, event: str, failed: State, before: tuple[str, ...]
) -> None:
    payment = await new_payment(payer)
    await let(payer, payment, *before)
    await let(payer, payment, event)
    assert await state(payer, payment) == failed
    row = await now_of(payer, payment)
    assert row["disbursementStatus"] == "FAILED"
    assert row["disbursementInfo"]["isVoidable"] is True
    # Somebody must act: time alone does not end it.
    await payer.advance(days=200)
    assert await state(payer, payment) == failed


async def test_a_delivered_check_may_come_back(payer: BillClient) -> None:
    payment = await new_payment(payer, by_check=True)
    await let(payer, payment, *["payment.advanced"] * 4, "payment.returned")
    assert await state(payer, payment) == RETURNED


@pytest.mark.parametrize("steps", range(5))
async def test_a_check_is_cashed_from_wherever_it_is(payer: BillClient, steps: int) -> None:
    payment = await new_payment(payer, by_check=True)
    await let(payer, payment, *["payment.advanced"] * steps, "payment.check_cashed")
    assert await state(payer, payment) == CLEARED
    assert (await now_of(payer, payment))["disbursementStatus"] == "DONE"


async def test_settled_runs_all_steps_at_once(payer: BillClient) -> None:
    payment = await new_payment(payer)
    await let(payer, payment, "payment.settled")
    assert await state(payer, payment) == CLEARED
    row = await now_of(payer, payment)
    assert row["updatedTime"] == "2026-06-03T16:00:00.000+00:00"
    assert row["disbursementInfo"] == {
        "isVoidable": False,
        "achDisbursement": {"sentDate": "2026-06-03", "arrivesByDate": "2026-06-09"},
    }
    # The timers of the steps that were run ahead change nothing any more.
    await payer.advance(days=30)
    assert await now_of(payer, payment) == row


@pytest.mark.parametrize(
    ("by_check", "road"),
    [
        (False, "FUNDING_STARTED PROCESSED SENT CLEARED"),
        (True, "FUNDING_STARTED PROCESSED SENT DELIVERED CLEARED"),
    ],
)
async def test_manual_settlement_moves_only_step_by_step(
    make_client: MakeClient, by_check: bool, road: str
) -> None:
    client = await make_client(trusted=True, settlement="manual")
    payment = await new_payment(client, by_check=by_check)
    seen = []
    for _ in road.split():
        before = await state(client, payment)
        await client.advance(days=100)
        assert await state(client, payment) == before
        await let(client, payment, "payment.advanced")
        seen.append((await now_of(client, payment))["singleStatus"])
    assert " ".join(seen) == road
    assert await state(client, payment) == CLEARED
    refused = await client.simulate("payment.advanced", payment["id"])
    check_cannot_happen(refused, "payment.advanced", payment, "CLEARED")


async def test_manual_settlement_keeps_a_failed_funding(make_client: MakeClient) -> None:
    client = await make_client(trusted=True, settlement="manual")
    payment = await new_payment(client)
    await let(client, payment, "payment.funding_failed")
    await client.advance(days=30)
    assert await state(client, payment) == FUNDING_FAILED


async def test_steps_run_ahead_of_the_clock_leave_the_rest_to_it(payer: BillClient) -> None:
    payment = await new_payment(payer)
    await let(payer, payment, *["payment.advanced"] * 3)
    assert await state(payer, payment) == SENT
    await payer.advance(to="2026-06-09T16:59:59-07:00")
    assert await state(payer, payment) == SENT
    await payer.advance(to="2026-06-09T17:00:00-07:00")
    assert await state(payer, payment) == CLEARED


@pytest.mark.parametrize(
    "event", ["payment.check_cashed", "payment.check_expiring", "payment.check_expired"]
)
async def test_what_happens_to_checks_happens_to_no_transfer(payer: BillClient, event: str) -> None:
    payment = await new_payment(payer)
    known = await now_of(payer, payment), await state(payer, payment)
    refused = await payer.simulate(event, payment["id"])
    assert refused.status == 409
    assert (await now_of(payer, payment), await state(payer, payment)) == known
    if event != "payment.check_expired":
        assert refused.body["detail"] == "the payment is no check but ACH."


# Every status that can be reached, and what may happen from there; the checks by a check.
_MAY = {
    "SCHEDULED": "settled advanced funding_failed vendor_bank_rejected returned held check_cashed"
    " check_expiring",
    "FUNDING_STARTED": "settled advanced funding_failed vendor_bank_rejected returned held"
    " check_cashed check_expiring",
    "PROCESSED": "settled advanced funding_failed vendor_bank_rejected returned held check_cashed"
    " check_expiring",
    "SENT": "settled advanced funding_failed vendor_bank_rejected returned check_cashed"
    " check_expiring",
    "DELIVERED": "settled advanced funding_failed vendor_bank_rejected returned check_cashed"
    " check_expiring check_expired escheated",
    "EXPIRING": "settled advanced check_cashed check_expired escheated",
    "CLEARED": "vendor_bank_rejected returned",
    "CANCELED": "",
    "VOIDED": "",
    "FUNDING_FAILED_ACTION_NEEDED": "funding_voided",
    "FUNDING_FAILED_VOIDED": "",
    "DISBURSEMENT_FAILED_ACTION_NEEDED": "escheated",
    "DISBURSEMENT_FAILED_VENDOR_BANK_REJECTED": "escheated",
    "DISBURSEMENT_ON_HOLD": "released",
    "FUNDS_ESCHEATED": "",
}
# How a check comes there.
_WAY = {
    **{
        status: ("payment.advanced",) * steps
        for steps, status in enumerate(
            ("SCHEDULED", "FUNDING_STARTED", "PROCESSED", "SENT", "DELIVERED", "CLEARED")
        )
    },
    "EXPIRING": ("payment.check_expiring",),
    "VOIDED": ("payment.check_expiring", "payment.check_expired"),
    "FUNDING_FAILED_ACTION_NEEDED": ("payment.funding_failed",),
    "FUNDING_FAILED_VOIDED": ("payment.funding_failed", "payment.funding_voided"),
    "DISBURSEMENT_FAILED_ACTION_NEEDED": ("payment.returned",),
    "DISBURSEMENT_FAILED_VENDOR_BANK_REJECTED": ("payment.vendor_bank_rejected",),
    "DISBURSEMENT_ON_HOLD": ("payment.held",),
    "FUNDS_ESCHEATED": ("payment.returned", "payment.escheated"),
}


@pytest.mark.parametrize("single_status", _MAY)
async def test_from_every_status_just_what_can_happen_may_happen(
    payer: BillClient, single_status: str
) -> None:
    payment = await new_payment(payer, by_check=True)
    if single_status == "CANCELED":
        await payer.post(f"/v3/payments/{payment['id']}/cancel")
    else:
        await let(payer, payment, *_WAY[single_status])
    known = await now_of(payer, payment), await state(payer, payment)
    assert known[0]["singleStatus"] == single_status
    await payer.control("POST", "/snapshots", {"name": "here"})
    listed = (await payer.call("GET", "/_sim/simulate")).body["results"]
    events = [entry["event"] for entry in listed if entry["on"] == "payments"]
    allowed = {f"payment.{name}" for name in _MAY[single_status].split()}
    assert allowed <= set(events)
    for event in events:
        answer = await payer.simulate(event, payment["id"])
        if event in allowed:
            assert answer.status == 200, answer.body
            await payer.control("POST", "/snapshots/here/restore")
        else:
            check_cannot_happen(answer, event, payment, single_status)
        assert (await now_of(payer, payment), await state(payer, payment)) == known


async def test_held_funds_wait_until_they_are_released(payer: BillClient) -> None:
    payment = await new_payment(payer)
    await let(payer, payment, "payment.held")
    await payer.advance(days=100)
    row = await now_of(payer, payment)
    assert (row["singleStatus"], row["disbursementStatus"]) == ("DISBURSEMENT_ON_HOLD", "HOLD")
    assert await state(payer, payment) == ("DISBURSEMENT_ON_HOLD", "PAID", "IN_PROCESS",
                                           100.0, 0.0, 0.0)  # fmt: skip
    await let(payer, payment, "payment.released")
    row = await now_of(payer, payment)
    assert row["singleStatus"] == "PROCESSED"
    assert "disbursementStatus" not in row
    await payer.advance(days=7)
    assert await state(payer, payment) == CLEARED


async def test_escheated_money_is_paid_and_cannot_be_voided(payer: BillClient) -> None:
    payment = await new_payment(payer, by_check=True)
    await let(payer, payment, "payment.check_expiring", "payment.escheated")
    assert await state(payer, payment) == ("FUNDS_ESCHEATED", "PAID", "PAID", 0.0, 100.0, 0.0)
    void = await payer.post(
        f"/v3/payments/{payment['id']}/void", {"type": "VOID_ONLY", "reason": "too late"}
    )
    assert void.status == 422
    assert (await now_of(payer, payment))["disbursementInfo"]["isVoidable"] is False


async def test_a_check_that_expired_opens_its_bill_again(payer: BillClient) -> None:
    payment = await new_payment(payer, by_check=True)
    await let(payer, payment, "payment.check_expiring", "payment.check_expired")
    assert await state(payer, payment) == ("VOIDED", "VOID", "UNPAID", 0.0, 0.0, 100.0)


@pytest.mark.parametrize("event", ["payment.settled", "payment.advanced"])
async def test_what_cannot_happen_changes_nothing(payer: BillClient, event: str) -> None:
    payment = await new_payment(payer)
    await payer.post(f"/v3/payments/{payment['id']}/cancel")
    known = await now_of(payer, payment), await state(payer, payment)
    refused = await payer.simulate(event, payment["id"])
    check_cannot_happen(refused, event, payment, "CANCELED")
    assert (await now_of(payer, payment), await state(payer, payment)) == known


async def test_money_that_came_back_is_not_cashed(payer: BillClient) -> None:
    payment = await new_payment(payer, by_check=True)
    await let(payer, payment, "payment.check_cashed", "payment.returned")
    refused = await payer.simulate("payment.check_cashed", payment["id"])
    check_cannot_happen(
        refused, "payment.check_cashed", payment, "DISBURSEMENT_FAILED_ACTION_NEEDED"
    )
    assert await state(payer, payment) == RETURNED


@pytest.mark.parametrize("event", ["payment.vendor_bank_rejected", "payment.returned"])
async def test_nothing_of_bills_side_happens_to_a_payment_made_outside(
    payer: BillClient, event: str
) -> None:
    vendor = await payer.new_vendor()
    bill = await payer.new_bill(vendor["id"], 100)
    recorded = {
        "vendorId": vendor["id"],
        "processDate": "2026-06-01",
        "toPrintCheck": False,
        "payments": [{"billId": bill["id"], "amount": 100}],
    }
    payment = (await payer.post("/v3/bills/record-payment", recorded)).body
    refused = await payer.simulate(event, payment["id"])
    assert refused.status == 409
    assert refused.body["detail"].endswith(" cannot happen to a payment made outside BILL.")
    assert await state(payer, payment) == CLEARED


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"event": "payment.lost", "id": "{id}"}, 400, "event: 'payment.lost' is not one of "),
        ({"event": "payment.settled"}, 400, "id: payment.settled needs the id of a record."),
        (
            {"event": "payment.settled", "id": "stp02AAAAAAAAAA00000"},
            404,
            "id: 'stp02AAAAAAAAAA00000' is no record of payments.",
        ),
        ({"id": "{id}"}, 400, "event: "),
    ],
)
async def test_a_faulty_simulation_is_told_what_is_wrong(
    payer: BillClient, body: dict[str, str], status: int, detail: str
) -> None:
    payment = await new_payment(payer)
    sent = {name: value.format(id=payment["id"]) for name, value in body.items()}
    refused = await payer.control("POST", "/simulate", sent)
    assert refused.status == status
    assert refused.body["detail"].startswith(detail)
    assert await state(payer, payment) == SCHEDULED
