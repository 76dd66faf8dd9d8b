"""Payments made outside BILL, recorded over HTTP."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import Answer, BillClient

NOW = "2026-06-03T16:00:00.000+00:00"
NO_DATA = "No data found for object with given ID."


def told(answer: Answer) -> list[tuple[str | None, str]]:
    """Code and message of every item of a refusal."""
    return [(item.get("code"), item["message"]) for item in answer.body]


async def record(
    client: BillClient, vendor_id: str, *paid: tuple[str, float], **more: Any
) -> Answer:
    """Record that so much was paid of each bill."""
    body = {
        "vendorId": vendor_id,
        "processDate": "2026-05-29",
        "toPrintCheck": False,
        "payments": [{"billId": bill_id, "amount": amount} for bill_id, amount in paid],
        **more,
    }
    return await client.post("/v3/bills/record-payment", body)


async def amounts(client: BillClient, bill: dict[str, Any]) -> tuple[str, float, float, float]:
    """Status, scheduled, paid and due amount of a bill."""
    row = (await client.get(f"/v3/bills/{bill['id']}")).body
    return row["paymentStatus"], row["scheduledAmount"], row["paidAmount"], row["dueAmount"]


async def test_a_recorded_payment_answers_200_paid_and_cleared_without_mfa(
    client: BillClient,
) -> None:
    vendor = await client.new_vendor()
    first, second = [await client.new_bill(vendor["id"], 100) for _ in range(2)]
    answer = await record(
        client,
        vendor["id"],
        (first["id"], 100),
        (second["id"], 30.5),
        description="Cash",
        toPrintCheck=True,
        classifications={"chartOfAccountId": "0ca02ABCDEFGHIJ12abc"},
        syncReference="QB-7",
        allowExport=False,
    )
    assert answer.status == 200, answer.body
    payment = dict(answer.body)
    assert re.fullmatch(r"stp02[A-Z]{10}[0-9a-z]{5}", payment.pop("id"))
    assert re.fullmatch(r"[A-Z]{20}", payment.pop("transactionNumber"))
    assert re.fullmatch(r"P26060301 - \d{7}", payment.pop("confirmationNumber"))
    for part in payment["billPayments"]:
        assert re.fullmatch(r"blp02[A-Z]{10}[0-9a-z]{5}", part.pop("id"))
    administrator = next(u for u in client.world["users"] if u["role"] == "ADMINISTRATOR")
    assert payment == {
        "vendorId": vendor["id"],
        "billId": first["id"],
        "billPayments": [
            {"billId": first["id"], "amount": 100.0},
            {"billId": second["id"], "amount": 30.5},
        ],
        "description": "Cash",
        "processDate": "2026-05-29",
        "amount": 130.5,
        "fundingAmount": 130.5,
        "exchangeRate": 1.0,
        "status": "PAID",
        "singleStatus": "CLEARED",
        "onlinePayment": False,
        "disbursementType": "OFFLINE",
        "createdBy": administrator["userId"],
        "createdTime": NOW,
        "updatedTime": NOW,
        "toPrintCheck": True,
        "classifications": {"chartOfAccountId": "0ca02ABCDEFGHIJ12abc"},
        "syncReference": "QB-7",
        "allowExport": False,
    }
    assert await amounts(client, first) == ("PAID", 0.0, 100.0, 0.0)
    assert await amounts(client, second) == ("PARTIALLY_PAID", 0.0, 30.5, 69.5)
    balance = (await client.get(f"/v3/vendors/{vendor['id']}")).body["balance"]
    assert balance["amount"] == 69.5


async def test_a_recorded_payment_is_a_payment_like_others_when_read(client: BillClient) -> None:
    vendor = await client.new_vendor()
    bill = await client.new_bill(vendor["id"], 100)
    payment = (await record(client, vendor["id"], (bill["id"], 40))).body
    row = (await client.get(f"/v3/payments/{payment['id']}")).body
    own = {"toPrintCheck"}
    assert row == {
        **{name: value for name, value in payment.items() if name not in own},
        "vendorName": vendor["name"],
        "voidInfo": [],
        "cancelRequestSubmitted": False,
    }
    assert (await client.get("/v3/payments")).body["results"] == [row]


@pytest.mark.parametrize("day", ["1999-12-31", "2026-06-07", "2026-12-25", "2030-01-01"])
async def test_any_process_date_is_taken(client: BillClient, day: str) -> None:
    vendor = await client.new_vendor()
    bill = await client.new_bill(vendor["id"], 100)
    answer = await record(client, vendor["id"], (bill["id"], 1), processDate=day)
    assert (answer.status, answer.body["processDate"]) == (200, day)


async def test_recorded_and_online_payments_of_a_bill_add_up(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    bill = await payer.new_bill(vendor["id"], 100)
    await payer.pay(bill, 60)
    refused = await record(payer, vendor["id"], (bill["id"], 40.01))
    assert refused.status == 422
    assert told(refused) == [("BDC_1159", "Cannot overpay a bill")]
    assert (await record(payer, vendor["id"], (bill["id"], 40))).status == 200
    assert await amounts(payer, bill) == ("SCHEDULED", 60.0, 40.0, 0.0)


async def test_one_fault_takes_all_of_a_recorded_payment_back(client: BillClient) -> None:
    vendor = await client.new_vendor()
    first, second = [await client.new_bill(vendor["id"], 100) for _ in range(2)]
    answer = await record(client, vendor["id"], (first["id"], 50), (second["id"], 101))
    assert (answer.status, told(answer)) == (422, [("BDC_1159", "Cannot overpay a bill")])
    assert await amounts(client, first) == ("UNPAID", 0.0, 0.0, 100.0)
    assert (await client.get("/v3/payments")).body["results"] == []


async def test_the_same_bill_twice_may_not_be_overpaid(client: BillClient) -> None:
    vendor = await client.new_vendor()
    bill = await client.new_bill(vendor["id"], 100)
    answer = await record(client, vendor["id"], (bill["id"], 60), (bill["id"], 60))
    assert (answer.status, told(answer)) == (422, [("BDC_1159", "Cannot overpay a bill")])
    assert (await record(client, vendor["id"], (bill["id"], 60), (bill["id"], 40))).status == 200
    assert await amounts(client, bill) == ("PAID", 0.0, 100.0, 0.0)


async def test_a_bill_of_another_vendor_or_archived_is_refused(client: BillClient) -> None:
    vendor, other = await client.new_vendor(), await client.new_vendor()
    bill = await client.new_bill(vendor["id"], 100)
    answer = await record(client, other["id"], (bill["id"], 1))
    text = f"Vendor {other['id']} does not match the vendor of bill {bill['id']}."
    assert (answer.status, told(answer)) == (422, [(None, text)])
    await client.post(f"/v3/bills/{bill['id']}/archive")
    answer = await record(client, vendor["id"], (bill["id"], 1))
    assert (answer.status, told(answer)) == (422, [(None, f"Bill {bill['id']} is archived.")])


@pytest.mark.parametrize(
    ("change", "status", "items"),
    [
        ({"vendorId": None}, 400, [(None, "vendorId: must not be blank")]),
        ({"processDate": None}, 400, [(None, "processDate: must not be null")]),
        ({"toPrintCheck": None}, 400, [(None, "toPrintCheck: must not be null")]),
        ({"payments": None}, 400, [(None, "payments: must not be null")]),
        ({"payments": []}, 400, [(None, "payments: must not be empty")]),
        (
            {"payments": [{"amount": 1}, {"billId": "00n"}]},
            400,
            [
                (None, "payments[0].billId: must not be blank"),
                (None, "payments[1].amount: must not be null"),
            ],
        ),
        (
            {"payments": [{"billId": "00n", "amount": 0}]},
            400,
            [(None, "payments[0].amount: must be greater than 0")],
        ),
        ({"vendorId": "00902AAAAAAAAAA00000"}, 404, [("BDC_1205", NO_DATA)]),
        (
            {"payments": [{"billId": "00n02AAAAAAAAAA00000", "amount": 1}]},
            404,
            [("BDC_1205", NO_DATA)],
        ),
    ],
)
async def test_a_faulty_record_is_refused(
    client: BillClient,
    change: dict[str, Any],
    status: int,
    items: list[tuple[str | None, str]],
) -> None:
    vendor = await client.new_vendor()
    bill = await client.new_bill(vendor["id"], 100)
    answer = await record(client, vendor["id"], (bill["id"], 1), **change)
    assert answer.status == status
    assert told(answer) == items


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("ADMINISTRATOR", 200),
        ("ACCOUNTANT", 200),
        ("PAYER", 200),
        ("APPROVER", 403),
        ("CLERK", 403),
        ("AUDITOR", 403),
    ],
)
async def test_who_may_record_payments(client: BillClient, role: str, status: int) -> None:
    vendor = await client.new_vendor()
    bill = await client.new_bill(vendor["id"], 100)
    await client.login(role)
    answer = await record(client, vendor["id"], (bill["id"], 1))
    assert answer.status == status
    if status == 403:
        assert told(answer) == [
            ("BDC_1145", "The user does not have permission to perform this operation.")
        ]


@pytest.mark.parametrize("voids", ["immediate", "next_bank_day"])
async def test_a_recorded_payment_is_voided_at_once_in_any_case(
    make_client: MakeClient, voids: str
) -> None:
    client = await make_client(voids=voids)
    vendor = await client.new_vendor()
    bill = await client.new_bill(vendor["id"], 100)
    payment = (await record(client, vendor["id"], (bill["id"], 100))).body
    path = f"/v3/payments/{payment['id']}/void"
    body = {"type": "VOID_ONLY", "reason": "never happened"}
    answer = await client.post(path, body)
    assert answer.status == 200
    assert (answer.body["singleStatus"], answer.body["status"]) == ("VOIDED", "VOID")
    assert [(one["type"], one["status"]) for one in answer.body["voidInfo"]] == [
        ("VOID_ONLY", "ACCEPTED")
    ]
    assert await amounts(client, bill) == ("UNPAID", 0.0, 0.0, 100.0)
    again = await client.post(path, body)
    assert again.status == 422
    assert told(again) == [
        (None, f"Payment {payment['id']} cannot be voided. Its singleStatus is VOIDED.")
    ]
    assert await amounts(client, bill) == ("UNPAID", 0.0, 0.0, 100.0)


async def test_a_recorded_payment_cannot_be_canceled(client: BillClient) -> None:
    vendor = await client.new_vendor()
    bill = await client.new_bill(vendor["id"], 100)
    payment = (await record(client, vendor["id"], (bill["id"], 100))).body
    answer = await client.post(f"/v3/payments/{payment['id']}/cancel")
    assert answer.status == 422
    assert told(answer) == [
        (
            None,
            f"Payment {payment['id']} cannot be canceled. Its singleStatus is CLEARED;"
            " it must be SCHEDULED.",
        )
    ]


async def test_a_vendor_credit_that_nobody_has_is_not_recorded(client: BillClient) -> None:
    vendor = await client.new_vendor()
    bill = await client.new_bill(vendor["id"], 100)
    credit = {"id": "vcr02AAAAAAAAAA00000", "amount": 1}
    paid = [{"billId": bill["id"], "amount": 1, "vendorCredits": [credit]}]
    answer = await record(client, vendor["id"], payments=paid)
    assert (answer.status, told(answer)) == (404, [("BDC_1205", NO_DATA)])
    assert await amounts(client, bill) == ("UNPAID", 0.0, 0.0, 100.0)
