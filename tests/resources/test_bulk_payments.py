"""Paying many bills in one call over HTTP: limits, all or nothing, combined payments."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import Answer, BillClient

ROLLBACK = ("BDC_1246", "Rollback due to other failures in the transaction.")


def told(answer: Answer) -> list[tuple[str | None, str]]:
    """Code and message of every item of a refusal."""
    return [(item.get("code"), item["message"]) for item in answer.body]


def twice(record_id: str, code: str | None, message: str) -> list[tuple[str | None, str]]:
    """How BILL tells a refused payment: plain, and with the bill's id in front."""
    return [(code, message), (code, f"{record_id} : {message}")]


async def new_bills(
    client: BillClient, vendor_id: str, count: int, amount: float = 10
) -> list[dict[str, Any]]:
    """So many bills of one vendor."""
    bodies = [
        {
            "vendorId": vendor_id,
            "dueDate": "2026-12-31",
            "billLineItems": [{"amount": amount}],
            "invoice": {"invoiceNumber": f"2026-{number}", "invoiceDate": "2026-06-01"},
        }
        for number in range(count)
    ]
    answer = await client.post("/v3/bills/bulk", bodies)
    assert answer.status == 201, answer.body
    return list(answer.body)


async def pay_all(client: BillClient, items: list[dict[str, Any]], **more: Any) -> Answer:
    """A bulk payment of `items` from the world's bank account."""
    body = {
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": await client.bank_account()},
        "payments": items,
        **more,
    }
    return await client.post("/v3/payments/bulk", body)


def whole(bills: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items that pay all that is due of the bills."""
    return [{"billId": bill["id"], "amount": bill["dueAmount"]} for bill in bills]


async def shares(client: BillClient) -> list[list[tuple[str, float]]]:
    """Bill ids and amounts of every payment of the world."""
    rows = (await client.get("/v3/payments?max=100")).body["results"]
    return [[(part["billId"], part["amount"]) for part in row["billPayments"]] for row in rows]


async def test_every_bill_gets_a_payment_of_its_own_in_order(payer: BillClient) -> None:
    ach, check = await payer.new_vendor(), await payer.new_vendor(by_check=True)
    first, second = await new_bills(payer, ach["id"], 2, 10)
    (third,) = await new_bills(payer, check["id"], 1, 30)
    items = whole([second, third, first])
    answer = await pay_all(
        payer,
        items,
        processDate="2026-06-08",
        description="June",
        processingOptions={"requestPayFaster": True},
    )
    assert answer.status == 201, answer.body
    assert list(answer.body) == ["payments"]
    made = answer.body["payments"]
    assert [row["billId"] for row in made] == [second["id"], third["id"], first["id"]]
    assert [row["amount"] for row in made] == [10.0, 30.0, 10.0]
    assert [row["disbursementType"] for row in made] == ["ACH", "CHECK", "ACH"]
    for row in made:
        assert row["processDate"] == "2026-06-08"
        assert row["description"] == "June"
        assert row["processingOptions"]["requestPayFaster"] is True
        assert (row["status"], row["singleStatus"]) == ("SCHEDULED", "SCHEDULED")
        assert (await payer.get(f"/v3/payments/{row['id']}")).body == row
    for bill in (first, second, third):
        now = (await payer.get(f"/v3/bills/{bill['id']}")).body
        assert (now["paymentStatus"], now["dueAmount"]) == ("SCHEDULED", 0.0)


async def test_the_default_process_date_and_options_hold_in_bulk(payer: BillClient) -> None:
    bills = await new_bills(payer, (await payer.new_vendor())["id"], 2)
    made = (await pay_all(payer, whole(bills))).body["payments"]
    assert [row["processDate"] for row in made] == ["2026-06-04"] * 2
    assert made[0]["processingOptions"] == {
        "requestPayFaster": False,
        "createBill": False,
        "requestCheckDeliveryType": "STANDARD",
    }
    assert made[0]["transactionNumber"] != made[1]["transactionNumber"]


async def test_fifty_bills_are_paid_and_fifty_one_refused(payer: BillClient) -> None:
    bills = await new_bills(payer, (await payer.new_vendor())["id"], 51)
    refused = await pay_all(payer, whole(bills))
    assert refused.status == 400
    assert told(refused) == [(None, "size must be between 1 and 50")]
    assert await shares(payer) == []
    answer = await pay_all(payer, whole(bills[:50]))
    assert answer.status == 201
    assert len(answer.body["payments"]) == 50
    assert len({row["id"] for row in answer.body["payments"]}) == 50


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"payments": []}, "payments: must not be empty"),
        ({"payments": None}, "payments: must not be null"),
        ({"payments": [{"amount": 5}]}, "payments[0].billId: must not be blank"),
        (
            {"payments": [{"billId": "00n", "amount": -1}]},
            "payments[0].amount: must be greater than or equal to 0",
        ),
        ({"fundingAccount": None}, "fundingAccount: must not be null"),
        ({"fundingAccount": {"type": "BANK_ACCOUNT"}}, "fundingAccount.id: must not be null"),
        ({"fundingAccount": {"type": "WALLET"}}, "processDate: must not be null"),
        ({"description": "d" * 71}, "description: size must be between 0 and 70"),
    ],
)
async def test_a_faulty_bulk_body_is_400(
    payer: BillClient, change: dict[str, Any], message: str
) -> None:
    bills = await new_bills(payer, (await payer.new_vendor())["id"], 1)
    answer = await pay_all(payer, whole(bills), **change)
    assert answer.status == 400
    assert told(answer) == [(None, message)]


async def test_one_fault_rolls_all_back_and_every_other_item_is_bdc_1246(
    payer: BillClient,
) -> None:
    vendor = await payer.new_vendor()
    bills = await new_bills(payer, vendor["id"], 3)
    items = whole(bills)
    items[1]["amount"] = 10.01
    answer = await pay_all(payer, items)
    assert answer.status == 422
    assert told(answer) == [
        ROLLBACK,
        *twice(bills[1]["id"], "BDC_1159", "Cannot overpay a bill"),
        ROLLBACK,
    ]
    assert await shares(payer) == []
    assert (await payer.get("/v3/bills")).body["results"] == [
        {**bill, "vendorName": vendor["name"]} for bill in bills
    ]
    assert (await pay_all(payer, whole(bills))).status == 201


async def test_several_faults_are_told_in_order_and_the_first_sets_the_status(
    payer: BillClient,
) -> None:
    bills = await new_bills(payer, (await payer.new_vendor())["id"], 3)
    await payer.post(f"/v3/bills/{bills[2]['id']}/archive")
    unknown = {"billId": "00n02AAAAAAAAAA00000", "amount": 1}
    answer = await pay_all(payer, [unknown, *whole(bills[1:])])
    assert answer.status == 404
    assert told(answer) == [
        ("BDC_1205", "No data found for object with given ID."),
        ROLLBACK,
        *twice(bills[2]["id"], None, f"Bill {bills[2]['id']} is archived."),
    ]
    assert await shares(payer) == []


async def test_a_wrong_process_date_is_told_of_every_bill(payer: BillClient) -> None:
    bills = await new_bills(payer, (await payer.new_vendor())["id"], 2)
    answer = await pay_all(payer, whole(bills), processDate="2026-06-06")
    assert answer.status == 422
    text = "Invalid Process Date : ${paramName0}."
    assert told(answer) == [item for bill in bills for item in twice(bill["id"], "BDC_1152", text)]


async def test_the_same_bill_twice_may_not_be_overpaid(payer: BillClient) -> None:
    (bill,) = await new_bills(payer, (await payer.new_vendor())["id"], 1)
    items = [{"billId": bill["id"], "amount": 6}, {"billId": bill["id"], "amount": 4.01}]
    answer = await pay_all(payer, items)
    assert answer.status == 422
    assert told(answer) == [ROLLBACK, *twice(bill["id"], "BDC_1159", "Cannot overpay a bill")]
    assert await shares(payer) == []


async def test_the_same_bill_twice_may_be_paid_up(payer: BillClient) -> None:
    (bill,) = await new_bills(payer, (await payer.new_vendor())["id"], 1)
    items = [{"billId": bill["id"], "amount": 6}, {"billId": bill["id"], "amount": 4}]
    assert (await pay_all(payer, items)).status == 201
    assert await shares(payer) == [[(bill["id"], 6.0)], [(bill["id"], 4.0)]]
    now = (await payer.get(f"/v3/bills/{bill['id']}")).body
    assert (now["scheduledAmount"], now["dueAmount"]) == (10.0, 0.0)


async def test_combine_payments_puts_35_bills_together_and_the_rest_apart(
    payer: BillClient,
) -> None:
    combined = await payer.new_vendor(additionalInfo={"combinePayments": True})
    single = await payer.new_vendor(by_check=True)
    bills = await new_bills(payer, combined["id"], 36, 1.25)
    others = await new_bills(payer, single["id"], 2, 7)
    mixed = [*bills[:20], others[0], *bills[20:], others[1]]
    answer = await pay_all(payer, whole(mixed))
    assert answer.status == 201
    made = answer.body["payments"]
    assert [row["vendorId"] for row in made] == [
        combined["id"],
        single["id"],
        combined["id"],
        single["id"],
    ]
    assert [row["amount"] for row in made] == [43.75, 7.0, 1.25, 7.0]
    assert made[0]["billId"] == bills[0]["id"]
    assert await shares(payer) == [
        [(bill["id"], 1.25) for bill in bills[:35]],
        [(others[0]["id"], 7.0)],
        [(bills[35]["id"], 1.25)],
        [(others[1]["id"], 7.0)],
    ]


async def test_a_combined_payment_settles_and_comes_back_with_all_its_bills(
    payer: BillClient,
) -> None:
    vendor = await payer.new_vendor(additionalInfo={"combinePayments": True})
    bills = await new_bills(payer, vendor["id"], 3)
    (payment,) = (await pay_all(payer, whole(bills))).body["payments"]

    async def states() -> set[tuple[str, float, float, float]]:
        rows = (await payer.get("/v3/bills")).body["results"]
        members = ("paymentStatus", "scheduledAmount", "paidAmount", "dueAmount")
        return {tuple(row[name] for name in members) for row in rows}

    await payer.simulate("payment.advanced", payment["id"])
    assert await states() == {("IN_PROCESS", 10.0, 0.0, 0.0)}
    await payer.simulate("payment.settled", payment["id"])
    assert await states() == {("PAID", 0.0, 10.0, 0.0)}
    await payer.simulate("payment.returned", payment["id"])
    assert await states() == {("IN_PROCESS", 10.0, 0.0, 0.0)}
    body = {"type": "VOID_AND_CREDIT", "reason": "returned"}
    await payer.post(f"/v3/payments/{payment['id']}/void", body)
    assert await states() == {("UNPAID", 0.0, 0.0, 10.0)}


async def test_a_vendor_id_must_be_the_vendor_of_every_bill(payer: BillClient) -> None:
    vendor, other = await payer.new_vendor(), await payer.new_vendor()
    (own,) = await new_bills(payer, vendor["id"], 1)
    (foreign,) = await new_bills(payer, other["id"], 1)
    answer = await pay_all(payer, whole([own, foreign]), vendorId=vendor["id"])
    assert answer.status == 422
    text = f"Vendor {vendor['id']} does not match the vendor of bill {foreign['id']}."
    assert told(answer) == [ROLLBACK, *twice(foreign["id"], None, text)]
    assert (await pay_all(payer, whole([own]), vendorId=vendor["id"])).status == 201


async def test_an_unknown_vendor_of_a_bulk_payment_is_404(payer: BillClient) -> None:
    bills = await new_bills(payer, (await payer.new_vendor())["id"], 1)
    answer = await pay_all(payer, whole(bills), vendorId="00902AAAAAAAAAA00000")
    assert answer.status == 404
    assert told(answer) == [("BDC_1205", "No data found for object with given ID.")]


async def test_who_may_not_pay_is_told_once_for_the_call(payer: BillClient) -> None:
    bills = await new_bills(payer, (await payer.new_vendor())["id"], 2)
    await payer.login("ACCOUNTANT")
    await payer.trust()
    answer = await pay_all(payer, whole(bills))
    assert answer.status == 422
    assert told(answer) == [("BDC_1150", "User cannot make online payments.")]


async def test_create_bill_is_ignored_in_bulk(payer: BillClient) -> None:
    bills = await new_bills(payer, (await payer.new_vendor())["id"], 1)
    (made,) = (await pay_all(payer, whole(bills), processingOptions={"createBill": True})).body[
        "payments"
    ]
    assert made["processingOptions"]["createBill"] is False
    assert await shares(payer) == [[(bills[0]["id"], 10.0)]]
    assert len((await payer.get("/v3/bills")).body["results"]) == 1


async def test_an_amount_of_0_makes_no_payment(payer: BillClient) -> None:
    first, second = await new_bills(payer, (await payer.new_vendor())["id"], 2)
    items = [{"billId": first["id"], "amount": 0}, {"billId": second["id"], "amount": 4}]
    assert (await pay_all(payer, items)).status == 201
    assert await shares(payer) == [[(second["id"], 4.0)]]
    refused = await pay_all(payer, items[:1])
    assert refused.status == 400
    assert told(refused) == [(None, "payments: must not be empty")]


async def test_a_transaction_number_goes_to_the_first_payment(payer: BillClient) -> None:
    bills = await new_bills(payer, (await payer.new_vendor())["id"], 3)
    made = (await pay_all(payer, whole(bills[:2]), transactionNumber="T1")).body["payments"]
    assert made[0]["transactionNumber"] == "T1"
    assert re.fullmatch(r"[A-Z]{20}", made[1]["transactionNumber"])
    refused = await pay_all(payer, whole(bills[2:]), transactionNumber="T1")
    assert refused.status == 422
    assert told(refused) == [(None, "transactionNumber T1 is already used.")]


async def test_a_new_vendor_bank_account_delays_bulk_payments_too(make_client: MakeClient) -> None:
    client = await make_client(trusted=True, vendor_bank_check="two_bank_days")
    fresh, check = await client.new_vendor(), await client.new_vendor(by_check=True)
    bills = [
        *(await new_bills(client, fresh["id"], 1)),
        *(await new_bills(client, check["id"], 1)),
    ]
    answer = await pay_all(client, whole(bills), processDate="2026-06-04")
    assert answer.status == 422
    text = "Please select a payment processing date two business days out from today."
    assert told(answer) == [*twice(bills[0]["id"], "BDC_1402", text), ROLLBACK]
    assert (await pay_all(client, whole(bills), processDate="2026-06-05")).status == 201


async def test_a_vendor_credit_that_nobody_has_pays_nothing(payer: BillClient) -> None:
    first, second = await new_bills(payer, (await payer.new_vendor())["id"], 2)
    credit = {"id": "vcr02AAAAAAAAAA00000", "amount": 1}
    items = [*whole([first]), {**whole([second])[0], "vendorCredits": [credit]}]
    answer = await pay_all(payer, items)
    assert answer.status == 404
    assert told(answer) == [ROLLBACK, ("BDC_1205", "No data found for object with given ID.")]
    assert await shares(payer) == []
