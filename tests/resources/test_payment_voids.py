"""Voiding payments over HTTP: each type, at once or the next bank day, and reissues."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import Answer, BillClient

VOIDS = ["VOID_ONLY", "VOID_AND_CREDIT"]
REISSUE = "VOID_AND_REISSUE"
NOW = "2026-06-03T16:00:00.000+00:00"


async def new_payment(client: BillClient, *, by_check: bool = False, **more: Any) -> dict[str, Any]:
    """A payment of all of a bill of 100 dollars, processed on Thursday 2026-06-04."""
    vendor = await client.new_vendor(by_check=by_check)
    answer = await client.pay(await client.new_bill(vendor["id"], 100), 100, **more)
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def now_of(client: BillClient, payment: dict[str, Any]) -> dict[str, Any]:
    """The payment as it is now."""
    return dict((await client.get(f"/v3/payments/{payment['id']}")).body)


async def state(client: BillClient, payment: dict[str, Any]) -> tuple[str, str, str, float, float]:
    """Both statuses of the payment, status, scheduled and due amount of its bill."""
    row = await now_of(client, payment)
    bill = (await client.get(f"/v3/bills/{payment['billId']}")).body
    assert bill["scheduledAmount"] + bill["paidAmount"] + bill["dueAmount"] == 100.0
    return (
        row["singleStatus"],
        row["status"],
        bill["paymentStatus"],
        bill["scheduledAmount"],
        bill["dueAmount"],
    )


async def void(client: BillClient, payment: dict[str, Any], kind: str = "VOID_ONLY") -> Answer:
    """Ask to void the payment."""
    body = {"type": kind, "reason": "sent to the wrong vendor"}
    return await client.post(f"/v3/payments/{payment['id']}/void", body)


def told(answer: Answer) -> list[tuple[str | None, str]]:
    """Code and message of every item of a refusal."""
    return [(item.get("code"), item["message"]) for item in answer.body]


async def reach(client: BillClient, payment: dict[str, Any], single: str) -> None:
    """Bring the payment to a status."""
    events = {
        "SCHEDULED": [],
        "FUNDING_STARTED": ["advanced"],
        "PROCESSED": ["advanced"] * 2,
        "SENT": ["advanced"] * 3,
        "DELIVERED": ["advanced"] * 4,
        "CLEARED": ["settled"],
        "DISBURSEMENT_FAILED_VENDOR_BANK_REJECTED": ["vendor_bank_rejected"],
        "DISBURSEMENT_FAILED_ACTION_NEEDED": ["returned"],
        "FUNDING_FAILED_ACTION_NEEDED": ["funding_failed"],
        "FUNDING_FAILED_VOIDED": ["funding_failed", "funding_voided"],
    }
    if single == "CANCELED":
        await client.post(f"/v3/payments/{payment['id']}/cancel")
    elif single == "VOIDED":
        await client.simulate("payment.advanced", payment["id"])
        await void(client, payment)
    else:
        for event in events[single]:
            assert (await client.simulate(f"payment.{event}", payment["id"])).status == 200
    assert (await now_of(client, payment))["singleStatus"] == single


VOIDED = ("VOIDED", "VOID", "UNPAID", 0.0, 100.0)
PROCESSED = ("PROCESSED", "PAID", "IN_PROCESS", 100.0, 0.0)
SENT = ("SENT", "PAID", "IN_PROCESS", 100.0, 0.0)
PENDING = ("VOID_PENDING", "PAID", "IN_PROCESS", 100.0, 0.0)


@pytest.mark.parametrize("kind", VOIDS)
async def test_a_void_is_done_at_once_and_opens_the_bill(payer: BillClient, kind: str) -> None:
    payment = await new_payment(payer)
    await payer.simulate("payment.advanced", payment["id"])
    answer = await void(payer, payment, kind)
    assert answer.status == 200
    (request,) = answer.body["voidInfo"]
    assert request.pop("id")
    administrator = next(u for u in payer.world["users"] if u["role"] == "ADMINISTRATOR")
    assert request == {
        "requestedBy": administrator["userId"],
        "type": kind,
        "status": "ACCEPTED",
        "reason": "sent to the wrong vendor",
        "createdTime": NOW,
        "updatedTime": NOW,
    }
    assert answer.body["disbursementInfo"]["isVoidable"] is False
    assert answer.body["cancelRequestSubmitted"] is False
    assert await state(payer, payment) == VOIDED
    vendor = (await payer.get(f"/v3/vendors/{payment['vendorId']}")).body
    assert vendor["balance"]["amount"] == 100.0
    await payer.advance(days=30)
    assert await state(payer, payment) == VOIDED


@pytest.mark.parametrize("single", ["PROCESSED", "SENT", "DELIVERED"])
async def test_a_reissue_uses_the_same_payment_and_keeps_the_bill_in_process(
    payer: BillClient, single: str
) -> None:
    payment = await new_payment(payer, by_check=True)
    await reach(payer, payment, single)
    answer = await void(payer, payment, REISSUE)
    assert answer.status == 200
    assert answer.body["id"] == payment["id"]
    assert [(one["type"], one["status"]) for one in answer.body["voidInfo"]] == [
        (REISSUE, "ACCEPTED")
    ]
    assert await state(payer, payment) == PROCESSED
    await payer.advance(days=30)
    assert (await now_of(payer, payment))["singleStatus"] == "CLEARED"
    assert len((await payer.get("/v3/payments")).body["results"]) == 1


async def test_what_was_not_debited_yet_cannot_be_reissued(payer: BillClient) -> None:
    payment = await new_payment(payer)
    await reach(payer, payment, "FUNDING_STARTED")
    answer = await void(payer, payment, REISSUE)
    assert answer.status == 422
    assert told(answer) == [
        (None, f"Payment {payment['id']} cannot be voided. Its singleStatus is FUNDING_STARTED.")
    ]
    assert (await now_of(payer, payment))["voidInfo"] == []


@pytest.mark.parametrize("by_check", [False, True])
async def test_a_virtual_card_is_reissued_to_those_who_had_one(
    payer: BillClient, by_check: bool
) -> None:
    payment = await new_payment(payer, by_check=by_check)
    await reach(payer, payment, "PROCESSED")
    answer = await void(payer, payment, "VOID_AND_REISSUE_VCARD")
    assert answer.status == 422
    assert told(answer) == [(None, f"Payment {payment['id']} is no virtual card payment.")]
    assert (await now_of(payer, payment))["voidInfo"] == []


@pytest.mark.parametrize("kind", [*VOIDS, REISSUE])
async def test_a_void_of_production_is_pending_until_the_next_bank_day(
    make_client: MakeClient, kind: str
) -> None:
    client = await make_client(trusted=True, voids="next_bank_day")
    payment = await new_payment(client)
    await reach(client, payment, "PROCESSED")
    answer = await void(client, payment, kind)
    assert answer.status == 200
    assert [(one["type"], one["status"]) for one in answer.body["voidInfo"]] == [
        (kind, "TO_BE_PROCESSED")
    ]
    assert answer.body["disbursementInfo"]["isVoidable"] is False
    assert await state(client, payment) == PENDING
    await client.advance(to="2026-06-04T16:59:59-07:00")
    assert await state(client, payment) == PENDING
    await client.advance(to="2026-06-04T17:00:00-07:00")
    # After noon, a reissue is sent as soon as it is processed.
    assert await state(client, payment) == (SENT if kind == REISSUE else VOIDED)
    (request,) = (await now_of(client, payment))["voidInfo"]
    assert request["status"] == "ACCEPTED"
    assert request["createdTime"] == NOW
    assert request["updatedTime"] == "2026-06-05T00:00:00.000+00:00"


async def test_a_pending_void_stops_the_settlement_over_a_weekend(make_client: MakeClient) -> None:
    client = await make_client(trusted=True, voids="next_bank_day")
    payment = await new_payment(client)
    await client.advance(to="2026-06-05T13:00:00-07:00")
    assert (await now_of(client, payment))["singleStatus"] == "SENT"
    await void(client, payment)
    await client.advance(to="2026-06-08T16:59:59-07:00")
    assert await state(client, payment) == PENDING
    await client.advance(to="2026-06-30T17:00:00-07:00")
    assert await state(client, payment) == VOIDED


async def test_a_pending_void_cannot_be_asked_for_again(make_client: MakeClient) -> None:
    client = await make_client(trusted=True, voids="next_bank_day")
    payment = await new_payment(client)
    await client.simulate("payment.advanced", payment["id"])
    await void(client, payment)
    answer = await void(client, payment)
    assert answer.status == 422
    assert told(answer) == [
        (None, f"Payment {payment['id']} cannot be voided. Its singleStatus is VOID_PENDING.")
    ]


@pytest.mark.parametrize(("kind", "end"), [("VOID_ONLY", VOIDED), (REISSUE, PROCESSED)])
async def test_a_pending_void_is_done_by_the_control_plane_where_nothing_moves_by_itself(
    make_client: MakeClient, kind: str, end: tuple[str, str, str, float, float]
) -> None:
    client = await make_client(trusted=True, voids="next_bank_day", settlement="manual")
    payment = await new_payment(client)
    await reach(client, payment, "PROCESSED")
    await void(client, payment, kind)
    await client.advance(days=30)
    assert await state(client, payment) == PENDING
    answer = await client.simulate("payment.advanced", payment["id"])
    assert answer.status == 200
    assert answer.body["record"]["voidInfo"][0]["status"] == "ACCEPTED"
    assert await state(client, payment) == end


@pytest.mark.parametrize(
    "single",
    [
        "FUNDING_STARTED",
        "PROCESSED",
        "SENT",
        "DELIVERED",
        "DISBURSEMENT_FAILED_VENDOR_BANK_REJECTED",
        "DISBURSEMENT_FAILED_ACTION_NEEDED",
    ],
)
async def test_a_payment_under_way_or_failed_is_voidable(payer: BillClient, single: str) -> None:
    payment = await new_payment(payer, by_check=True)
    await reach(payer, payment, single)
    assert (await now_of(payer, payment))["disbursementInfo"]["isVoidable"] is True
    assert (await void(payer, payment)).status == 200
    assert await state(payer, payment) == VOIDED


@pytest.mark.parametrize(
    "single",
    [
        "SCHEDULED",
        "CANCELED",
        "CLEARED",
        "VOIDED",
        "FUNDING_FAILED_ACTION_NEEDED",
        "FUNDING_FAILED_VOIDED",
    ],
)
async def test_a_payment_not_started_or_ended_is_not_voidable(
    payer: BillClient, single: str
) -> None:
    payment = await new_payment(payer, by_check=True)
    await reach(payer, payment, single)
    before = await now_of(payer, payment), await state(payer, payment)
    assert before[0].get("disbursementInfo", {}).get("isVoidable") is not True
    answer = await void(payer, payment)
    assert answer.status == 422
    assert told(answer) == [
        (None, f"Payment {payment['id']} cannot be voided. Its singleStatus is {single}.")
    ]
    assert (await now_of(payer, payment), await state(payer, payment)) == before


async def test_an_expiring_check_is_voidable(make_client: MakeClient) -> None:
    client = await make_client(trusted=True, checks="uncashed")
    payment = await new_payment(client, by_check=True)
    await client.advance(to="2026-08-25T12:00:00-07:00")
    row = await now_of(client, payment)
    assert (row["singleStatus"], row["disbursementInfo"]["isVoidable"]) == ("EXPIRING", True)
    await void(client, payment)
    assert await state(client, payment) == VOIDED


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"reason": "wrong"}, "type: must not be null"),
        ({"type": "VOID_ONLY"}, "reason: must not be blank"),
        ({"type": "VOID_ONLY", "reason": "  "}, "reason: must not be blank"),
        (
            {"type": "VOID_ONLY", "reason": "r" * 4001},
            "reason: size must be between 0 and 4000",
        ),
        (
            {"type": "VOID", "reason": "wrong"},
            "JSON parse error: Cannot deserialize value of type `VoidType` from String"
            ' "VOID": not one of the values accepted for Enum class:'
            " [VOID_AND_CREDIT, VOID_AND_REISSUE, VOID_AND_REISSUE_VCARD, VOID_ONLY]",
        ),
    ],
)
async def test_a_faulty_request_to_void_is_400(
    payer: BillClient, body: dict[str, Any], message: str
) -> None:
    payment = await new_payment(payer)
    answer = await payer.post(f"/v3/payments/{payment['id']}/void", body)
    assert answer.status == 400
    assert told(answer) == [(None, message)]


async def test_a_reissued_check_has_a_number_an_arrival_and_a_life_of_its_own(
    payer: BillClient,
) -> None:
    payment = await new_payment(payer, by_check=True)
    # Delivered on the 12th, it would be cashed on the 17th at noon.
    await payer.advance(to="2026-06-16T09:00:00-07:00")
    before = await now_of(payer, payment)
    assert before["singleStatus"] == "DELIVERED"
    await void(payer, payment, REISSUE)
    seen = []
    for instant in (
        "2026-06-16T12:00:00",
        "2026-06-17T12:00:00",
        "2026-06-25T11:59:59",
        "2026-06-25T12:00:00",
        "2026-06-30T11:59:59",
        "2026-06-30T12:00:00",
    ):
        await payer.advance(to=f"{instant}-07:00")
        seen.append((await now_of(payer, payment))["singleStatus"])
    assert seen == ["SENT", "SENT", "SENT", "DELIVERED", "DELIVERED", "CLEARED"]
    old = before["disbursementInfo"]["checkDisbursement"]["checkNumber"]
    assert (await now_of(payer, payment))["disbursementInfo"]["checkDisbursement"] == {
        "sentDate": "2026-06-16",
        # Six bank days on; the 19th is Juneteenth.
        "arrivesByDate": "2026-06-25",
        "checkNumber": old + 1,
    }


async def test_a_reissued_transfer_does_not_clear_with_the_old_one(payer: BillClient) -> None:
    payment = await new_payment(payer)
    # Sent on the 5th, it would clear on the 9th at five.
    await payer.advance(to="2026-06-08T09:00:00-07:00")
    await void(payer, payment, REISSUE)
    seen = []
    for instant in ("2026-06-08T12:00:00", "2026-06-11T16:59:59", "2026-06-11T17:00:00"):
        await payer.advance(to=f"{instant}-07:00")
        seen.append((await now_of(payer, payment))["singleStatus"])
    assert seen == ["SENT", "SENT", "CLEARED"]
    assert (await now_of(payer, payment))["disbursementInfo"]["achDisbursement"] == {
        "sentDate": "2026-06-08",
        "arrivesByDate": "2026-06-11",
    }


async def test_a_reissued_check_expires_90_days_after_the_reissue(make_client: MakeClient) -> None:
    client = await make_client(trusted=True, checks="uncashed")
    payment = await new_payment(client, by_check=True)
    await client.advance(to="2026-08-25T09:00:00-07:00")
    await void(client, payment, REISSUE)
    await client.advance(to="2026-09-05T12:00:00-07:00")
    assert (await now_of(client, payment))["singleStatus"] == "DELIVERED"
    await client.advance(to="2026-11-22T12:00:00-08:00")
    assert (await now_of(client, payment))["singleStatus"] == "EXPIRING"
    await client.advance(to="2026-11-23T12:00:00-08:00")
    assert await state(client, payment) == VOIDED


async def test_a_returned_payment_that_is_reissued_clears_after_all(payer: BillClient) -> None:
    payment = await new_payment(payer)
    await payer.simulate("payment.settled", payment["id"])
    await payer.simulate("payment.returned", payment["id"])
    assert (await now_of(payer, payment))["disbursementStatus"] == "FAILED"
    reissued = (await void(payer, payment, REISSUE)).body
    assert reissued["singleStatus"] == "PROCESSED"
    assert "disbursementStatus" not in reissued
    assert reissued["disbursementInfo"]["isVoidable"] is True
    await payer.advance(days=14)
    row = await now_of(payer, payment)
    assert (row["singleStatus"], row["disbursementStatus"]) == ("CLEARED", "DONE")


async def test_a_payment_reissued_and_then_voided_remembers_both(payer: BillClient) -> None:
    payment = await new_payment(payer)
    await reach(payer, payment, "PROCESSED")
    await void(payer, payment, REISSUE)
    answer = await void(payer, payment, "VOID_AND_CREDIT")
    assert [(one["type"], one["status"]) for one in answer.body["voidInfo"]] == [
        (REISSUE, "ACCEPTED"),
        ("VOID_AND_CREDIT", "ACCEPTED"),
    ]
    assert len({one["id"] for one in answer.body["voidInfo"]}) == 2
    await payer.advance(days=30)
    assert await state(payer, payment) == VOIDED
