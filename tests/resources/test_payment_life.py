"""How payments settle on the world's clock, step by step: ACH, checks, cancel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient


@dataclass(frozen=True)
class State:
    """Where a payment of 100 dollars and its bill stand."""

    single: str
    status: str
    bill: str
    scheduled: float
    paid: float
    due: float


SCHEDULED = State("SCHEDULED", "SCHEDULED", "SCHEDULED", 100.0, 0.0, 0.0)
CANCELED = State("CANCELED", "CANCELLED", "UNPAID", 0.0, 0.0, 100.0)
FUNDING_STARTED = State("FUNDING_STARTED", "SCHEDULED", "IN_PROCESS", 100.0, 0.0, 0.0)
PROCESSED = State("PROCESSED", "PAID", "IN_PROCESS", 100.0, 0.0, 0.0)
SENT = State("SENT", "PAID", "IN_PROCESS", 100.0, 0.0, 0.0)
DELIVERED = State("DELIVERED", "PAID", "IN_PROCESS", 100.0, 0.0, 0.0)
CLEARED = State("CLEARED", "PAID", "PAID", 0.0, 100.0, 0.0)
EXPIRING = State("EXPIRING", "PAID", "IN_PROCESS", 100.0, 0.0, 0.0)
VOIDED = State("VOIDED", "VOID", "UNPAID", 0.0, 0.0, 100.0)


async def new_payment(client: BillClient, *, by_check: bool = False, **more: Any) -> dict[str, Any]:
    """A payment of all of a bill of 100 dollars, processed on Thursday 2026-06-04."""
    vendor = await client.new_vendor(by_check=by_check)
    answer = await client.pay(await client.new_bill(vendor["id"], 100), 100, **more)
    assert answer.status == 201, answer.body
    assert answer.body["processDate"] == "2026-06-04"
    return dict(answer.body)


async def now_of(client: BillClient, payment: dict[str, Any]) -> dict[str, Any]:
    """The payment as it is now."""
    return dict((await client.get(f"/v3/payments/{payment['id']}")).body)


async def state(client: BillClient, payment: dict[str, Any]) -> State:
    """Where the payment and its bill stand now."""
    row = await now_of(client, payment)
    bill = (await client.get(f"/v3/bills/{payment['billId']}")).body
    return State(
        row["singleStatus"],
        row["status"],
        bill["paymentStatus"],
        bill["scheduledAmount"],
        bill["paidAmount"],
        bill["dueAmount"],
    )


async def check_road(
    client: BillClient, payment: dict[str, Any], road: list[tuple[str, State]]
) -> None:
    """Every state of the road begins at its instant and not a second earlier."""
    known = SCHEDULED
    for hour, expected in road:
        at = datetime.fromisoformat(f"{hour}:00:00-07:00")
        await client.advance(to=(at - timedelta(seconds=1)).isoformat())
        assert await state(client, payment) == known, hour
        await client.advance(to=at.isoformat())
        assert await state(client, payment) == expected, hour
        row = await now_of(client, payment)
        assert datetime.fromisoformat(row["updatedTime"]) == at
        assert row["createdTime"] == payment["createdTime"]
        known = expected
    await client.advance(days=200)
    assert await state(client, payment) == known


async def test_an_ach_payment_clears_three_bank_days_after_its_process_date(
    payer: BillClient,
) -> None:
    payment = await new_payment(payer)
    assert await state(payer, payment) == SCHEDULED
    await check_road(
        payer,
        payment,
        [
            ("2026-06-04T06", FUNDING_STARTED),
            ("2026-06-05T06", PROCESSED),
            ("2026-06-05T12", SENT),
            ("2026-06-09T17", CLEARED),
        ],
    )


async def test_a_faster_ach_payment_clears_the_bank_day_after(payer: BillClient) -> None:
    payment = await new_payment(payer, processingOptions={"requestPayFaster": True})
    await check_road(
        payer,
        payment,
        [
            ("2026-06-04T06", FUNDING_STARTED),
            ("2026-06-05T06", PROCESSED),
            ("2026-06-05T12", SENT),
            ("2026-06-05T17", CLEARED),
        ],
    )


async def test_a_check_is_delivered_after_six_bank_days_and_cashed_after_nine(
    payer: BillClient,
) -> None:
    payment = await new_payment(payer, by_check=True)
    await check_road(
        payer,
        payment,
        [
            ("2026-06-04T06", FUNDING_STARTED),
            ("2026-06-05T06", PROCESSED),
            ("2026-06-05T12", SENT),
            ("2026-06-12T12", DELIVERED),
            ("2026-06-17T12", CLEARED),
        ],
    )


@pytest.mark.parametrize(
    ("delivery", "arrives"),
    [
        ("STANDARD", "2026-06-12"),
        ("UPS_1DAY", "2026-06-08"),
        ("UPS_2DAY", "2026-06-09"),
        ("UPS_3DAY", "2026-06-10"),
    ],
)
async def test_a_courier_brings_a_check_sooner(
    payer: BillClient, delivery: str, arrives: str
) -> None:
    options = {"requestCheckDeliveryType": delivery}
    payment = await new_payment(payer, by_check=True, processingOptions=options)
    await payer.advance(to=f"{arrives}T11:59:59-07:00")
    assert await state(payer, payment) == SENT
    info = (await now_of(payer, payment))["disbursementInfo"]
    assert info["checkDisbursement"]["arrivesByDate"] == arrives
    await payer.advance(to=f"{arrives}T12:00:00-07:00")
    assert await state(payer, payment) == DELIVERED


async def test_an_uncashed_check_expires_and_is_voided_90_days_after_its_process_date(
    make_client: MakeClient,
) -> None:
    client = await make_client(trusted=True, checks="uncashed")
    payment = await new_payment(client, by_check=True)
    await check_road(
        client,
        payment,
        [
            ("2026-06-04T06", FUNDING_STARTED),
            ("2026-06-05T06", PROCESSED),
            ("2026-06-05T12", SENT),
            ("2026-06-12T12", DELIVERED),
            ("2026-08-23T12", EXPIRING),
            ("2026-09-02T12", VOIDED),
        ],
    )
    assert (await now_of(client, payment))["voidInfo"] == []


async def test_an_expiring_check_can_still_be_cashed(make_client: MakeClient) -> None:
    client = await make_client(trusted=True, checks="uncashed")
    payment = await new_payment(client, by_check=True)
    await client.advance(to="2026-09-01T12:00:00-07:00")
    assert await state(client, payment) == EXPIRING
    await client.simulate("payment.check_cashed", payment["id"])
    await client.advance(days=30)
    assert await state(client, payment) == CLEARED


async def test_disbursement_info_tells_how_an_ach_payment_travels(payer: BillClient) -> None:
    payment = await new_payment(payer)
    assert "disbursementInfo" not in payment

    async def travels() -> tuple[Any, Any]:
        row = await now_of(payer, payment)
        return row["disbursementInfo"], row.get("disbursementStatus")

    arrives = {"arrivesByDate": "2026-06-09"}
    sent = {"sentDate": "2026-06-05", **arrives}
    await payer.advance(to="2026-06-04T06:00:00-07:00")
    assert await travels() == ({"isVoidable": True, "achDisbursement": arrives}, None)
    await payer.advance(to="2026-06-05T06:00:00-07:00")
    assert await travels() == ({"isVoidable": True, "achDisbursement": arrives}, None)
    await payer.advance(to="2026-06-05T12:00:00-07:00")
    assert await travels() == ({"isVoidable": True, "achDisbursement": sent}, None)
    await payer.advance(to="2026-06-09T17:00:00-07:00")
    assert await travels() == ({"isVoidable": False, "achDisbursement": sent}, "DONE")


async def test_every_check_has_a_number_of_its_own(payer: BillClient) -> None:
    first, second = [await new_payment(payer, by_check=True) for _ in range(2)]
    await payer.advance(to="2026-06-05T12:00:00-07:00")
    for payment, number in ((first, 10_000_001), (second, 10_000_002)):
        assert (await now_of(payer, payment))["disbursementInfo"] == {
            "isVoidable": True,
            "checkDisbursement": {
                "sentDate": "2026-06-05",
                "arrivesByDate": "2026-06-12",
                "checkNumber": number,
            },
        }


async def test_payments_of_one_bill_settle_each_for_itself(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    bill = await payer.new_bill(vendor["id"], 100)
    await payer.pay(bill, 40, processDate="2026-06-04")
    await payer.pay(bill, 25, processDate="2026-06-15")
    seen = []
    for instant in ("2026-06-04T06", "2026-06-09T17", "2026-06-15T06", "2026-06-18T17"):
        await payer.advance(to=f"{instant}:00:00-07:00")
        row = (await payer.get(f"/v3/bills/{bill['id']}")).body
        names = ("paymentStatus", "scheduledAmount", "paidAmount", "dueAmount")
        seen.append(tuple(row[name] for name in names))
    assert seen == [
        ("IN_PROCESS", 65.0, 0.0, 35.0),
        ("SCHEDULED", 25.0, 40.0, 35.0),
        ("IN_PROCESS", 25.0, 40.0, 35.0),
        ("PARTIALLY_PAID", 0.0, 65.0, 35.0),
    ]
    assert (await payer.get(f"/v3/vendors/{vendor['id']}")).body["balance"]["amount"] == 35.0


async def test_the_last_payment_date_of_a_vendor_is_the_latest_process_date(
    payer: BillClient,
) -> None:
    vendor = await payer.new_vendor()
    bill = await payer.new_bill(vendor["id"], 100)
    early = (await payer.pay(bill, 40, processDate="2026-06-04")).body
    late = (await payer.pay(bill, 40, processDate="2026-06-08")).body

    async def last_date() -> str | None:
        row = (await payer.get(f"/v3/vendors/{vendor['id']}")).body
        date: str | None = row["paymentInformation"].get("lastPaymentDate")
        return date

    assert await last_date() is None
    await payer.simulate("payment.settled", late["id"])
    assert await last_date() == "2026-06-08"
    await payer.simulate("payment.settled", early["id"])
    assert await last_date() == "2026-06-08"


async def test_a_running_payment_goes_on_without_the_vendors_bank_account(
    payer: BillClient,
) -> None:
    payment = await new_payment(payer)
    path = f"/v3/vendors/{payment['vendorId']}"
    assert (await payer.delete(f"{path}/bank-account")).status == 204
    assert (await payer.post(f"{path}/archive")).status == 200
    await payer.advance(to="2026-06-09T17:00:00-07:00")
    assert await state(payer, payment) == CLEARED
    assert (await now_of(payer, payment))["disbursementType"] == "ACH"


async def test_a_canceled_payment_ends_at_once_and_its_bill_is_due_again(
    payer: BillClient,
) -> None:
    payment = await new_payment(payer)
    await payer.advance(seconds=90)
    answer = await payer.post(f"/v3/payments/{payment['id']}/cancel")
    assert answer.status == 200
    assert answer.body == {
        **payment,
        "singleStatus": "CANCELED",
        "status": "CANCELLED",
        "cancelRequestSubmitted": True,
        "updatedTime": "2026-06-03T16:01:30.000+00:00",
    }
    assert await state(payer, payment) == CANCELED
    vendor = (await payer.get(f"/v3/vendors/{payment['vendorId']}")).body
    assert vendor["balance"]["amount"] == 100.0
    await payer.advance(days=20)
    assert await state(payer, payment) == CANCELED


async def test_canceling_one_of_two_payments_leaves_the_other(payer: BillClient) -> None:
    bill = await payer.new_bill((await payer.new_vendor())["id"], 100)
    first, _ = [(await payer.pay(bill, part)).body for part in (40, 60)]
    await payer.post(f"/v3/payments/{first['id']}/cancel")
    row = (await payer.get(f"/v3/bills/{bill['id']}")).body
    assert (row["paymentStatus"], row["scheduledAmount"], row["dueAmount"]) == (
        "SCHEDULED",
        60.0,
        40.0,
    )


@pytest.mark.parametrize(
    ("instant", "single"),
    [("2026-06-04T06", "FUNDING_STARTED"), ("2026-06-05T12", "SENT"), ("2026-06-09T17", "CLEARED")],
)
async def test_a_payment_that_has_started_cannot_be_canceled(
    payer: BillClient, instant: str, single: str
) -> None:
    payment = await new_payment(payer)
    await payer.advance(to=f"{instant}:00:00-07:00")
    before = await now_of(payer, payment)
    answer = await payer.post(f"/v3/payments/{payment['id']}/cancel")
    assert answer.status == 422
    assert [(item.get("code"), item["message"]) for item in answer.body] == [
        (
            None,
            f"Payment {payment['id']} cannot be canceled. Its singleStatus is {single};"
            " it must be SCHEDULED.",
        )
    ]
    assert await now_of(payer, payment) == before


async def test_a_payment_cannot_be_canceled_twice(payer: BillClient) -> None:
    payment = await new_payment(payer)
    path = f"/v3/payments/{payment['id']}/cancel"
    assert (await payer.post(path)).status == 200
    answer = await payer.post(path)
    assert answer.status == 422
    assert answer.body[0]["message"] == (
        f"Payment {payment['id']} cannot be canceled. Its singleStatus is CANCELED;"
        " it must be SCHEDULED."
    )
    assert await state(payer, payment) == CANCELED
