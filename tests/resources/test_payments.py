"""Paying a bill over HTTP: create, get and options."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import Answer, BillClient
from tests.resources.payables import BANK_BODY, BANKS

NOW = "2026-06-03T16:00:00.000+00:00"
PAYMENT_ID = re.compile(r"stp02[A-Z]{10}[0-9a-z]{5}")


def told(answer: Answer) -> list[tuple[str | None, str]]:
    """Code and message of every item of a refusal."""
    return [(item.get("code"), item["message"]) for item in answer.body]


async def pay_body(client: BillClient, bill: dict[str, Any]) -> dict[str, Any]:
    """The smallest body that pays all of a bill."""
    return {
        "billId": bill["id"],
        "amount": bill["dueAmount"],
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": await client.bank_account()},
        "processingOptions": {},
    }


async def paid_bill(client: BillClient, amount: float = 228.99, **more: Any) -> dict[str, Any]:
    """The payment of all of a new bill of a new ACH vendor."""
    bill = await client.new_bill((await client.new_vendor())["id"], amount)
    answer = await client.pay(bill, amount, **more)
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def test_a_payment_answers_201_with_all_that_is_known_of_it(payer: BillClient) -> None:
    vendor = await payer.new_vendor(name="Drums & Co")
    bill = await payer.new_bill(vendor["id"], 228.99)
    answer = await payer.pay(bill, 228.99)
    assert answer.status == 201
    payment = dict(answer.body)
    assert PAYMENT_ID.fullmatch(payment.pop("id"))
    assert re.fullmatch(r"[A-Z]{20}", payment.pop("transactionNumber"))
    assert re.fullmatch(r"P26060301 - \d{7}", payment.pop("confirmationNumber"))
    assert re.fullmatch(r"blp02[A-Z]{10}[0-9a-z]{5}", payment["billPayments"][0].pop("id"))
    administrator = next(u for u in payer.world["users"] if u["role"] == "ADMINISTRATOR")
    assert payment == {
        "vendorId": vendor["id"],
        "vendorName": "Drums & Co",
        "billId": bill["id"],
        "billPayments": [{"billId": bill["id"], "amount": 228.99}],
        "processDate": "2026-06-04",
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": await payer.bank_account()},
        "amount": 228.99,
        "fundingAmount": 228.99,
        "exchangeRate": 1.0,
        "processingOptions": {
            "requestPayFaster": False,
            "createBill": False,
            "requestCheckDeliveryType": "STANDARD",
        },
        "status": "SCHEDULED",
        "singleStatus": "SCHEDULED",
        "onlinePayment": True,
        "disbursementType": "ACH",
        "createdBy": administrator["userId"],
        "createdTime": NOW,
        "updatedTime": NOW,
        "voidInfo": [],
        "cancelRequestSubmitted": False,
    }


async def test_the_optional_members_of_a_payment_are_kept(payer: BillClient) -> None:
    payment = await paid_bill(
        payer,
        description="Drum foot pedal",
        transactionNumber="Invoice202501",
        processDate="2026-06-08",
        cardFundingPurpose="GOODS",
        paymentPurpose={"text": "Drums", "code": {"name": "Goods", "value": "GDS"}},
        processingOptions={"requestPayFaster": True, "requestCheckDeliveryType": "UPS_2DAY"},
        billPayments=[{"billId": "ignored", "amount": 1}],
    )
    kept = {
        "description": "Drum foot pedal",
        "transactionNumber": "Invoice202501",
        "processDate": "2026-06-08",
        "cardFundingPurpose": "GOODS",
        "paymentPurpose": {"text": "Drums", "code": {"name": "Goods", "value": "GDS"}},
        "processingOptions": {
            "requestPayFaster": True,
            "createBill": False,
            "requestCheckDeliveryType": "UPS_2DAY",
        },
        "amount": 228.99,
    }
    assert {name: payment[name] for name in kept} == kept
    assert [part["amount"] for part in payment["billPayments"]] == [228.99]


async def test_the_vendor_decides_between_ach_and_check(payer: BillClient) -> None:
    vendor = await payer.new_vendor(
        by_check=True,
        paymentInformation={
            "payeeName": "Happy Music Inc.",
            "email": "remit@happymusicsupplies.example",
            "paymentPurpose": {"text": "Drums"},
        },
    )
    bill = await payer.new_bill(vendor["id"], 50)
    payment = (await payer.post("/v3/payments", await pay_body(payer, bill))).body
    assert payment["vendorId"] == vendor["id"]
    assert payment["disbursementType"] == "CHECK"
    assert payment["remittanceEmail"] == "remit@happymusicsupplies.example"
    assert payment["paymentPurpose"] == {"text": "Drums"}


async def test_confirmation_numbers_rise_and_transaction_numbers_differ(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    bill = await payer.new_bill(vendor["id"], 30)
    made = [(await payer.pay(bill, 10)).body for _ in range(3)]
    assert [one["confirmationNumber"] for one in made] == [
        "P26060301 - 0411839",
        "P26060301 - 0411840",
        "P26060301 - 0411841",
    ]
    assert len({one["transactionNumber"] for one in made}) == 3
    assert len({one["id"] for one in made}) == 3


async def test_a_bill_is_paid_in_parts_until_nothing_is_due(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    bill = await payer.new_bill(vendor["id"], 100)
    seen = []
    for part in (30.25, 69.5, 0.25):
        assert (await payer.pay(bill, part)).status == 201
        now = (await payer.get(f"/v3/bills/{bill['id']}")).body
        seen.append((now["scheduledAmount"], now["dueAmount"], now["paymentStatus"]))
    assert seen == [
        (30.25, 69.75, "SCHEDULED"),
        (99.75, 0.25, "SCHEDULED"),
        (100.0, 0.0, "SCHEDULED"),
    ]
    balance = (await payer.get(f"/v3/vendors/{vendor['id']}")).body["balance"]
    assert balance["amount"] == 0.0


@pytest.mark.parametrize(
    ("sent", "kept"), [(10.005, 10.01), (10.004, 10.0), ("12.5", 12.5), (0.01, 0.01), (100, 100.0)]
)
async def test_amounts_are_rounded_half_up_to_cents(
    payer: BillClient, sent: float | str, kept: float
) -> None:
    bill = await payer.new_bill((await payer.new_vendor())["id"], 100)
    payment = (
        await payer.post("/v3/payments", {**await pay_body(payer, bill), "amount": sent})
    ).body
    assert payment["amount"] == kept
    assert payment["billPayments"][0]["amount"] == kept


@pytest.mark.parametrize(
    ("change", "messages"),
    [
        ({"fundingAccount": None}, ["fundingAccount: must not be null"]),
        ({"fundingAccount": {}}, ["fundingAccount.type: must not be null"]),
        ({"fundingAccount": {"type": "BANK_ACCOUNT"}}, ["fundingAccount.id: must not be null"]),
        ({"amount": None}, ["amount: must not be null"]),
        ({"processingOptions": None}, ["processingOptions: must not be null"]),
        (
            {"fundingAccount": None, "amount": None, "processingOptions": None},
            [
                "fundingAccount: must not be null",
                "amount: must not be null",
                "processingOptions: must not be null",
            ],
        ),
        ({"amount": 0}, ["amount: must be greater than 0"]),
        ({"amount": 0.004}, ["amount: must be greater than 0"]),
        ({"amount": -5}, ["amount: must be greater than 0"]),
        (
            {"amount": 1_000_000_000_000},
            ["amount: must be less than or equal to 999999999999"],
        ),
        ({"description": "d" * 71}, ["description: size must be between 0 and 70"]),
        ({"transactionNumber": "t" * 51}, ["transactionNumber: size must be between 0 and 50"]),
        ({"transactionNumber": "INV-7"}, ["transactionNumber: invalid value"]),
        (
            {"processDate": "06/04/2026"},
            [
                "JSON parse error: Cannot deserialize value of type `java.time.LocalDate` from"
                ' String "06/04/2026": not a valid date (yyyy-MM-dd)'
            ],
        ),
        (
            {"amount": "much"},
            [
                "JSON parse error: Cannot deserialize value of type `java.math.BigDecimal` from"
                ' String value ("much")'
            ],
        ),
        (
            {"fundingAccount": {"type": "CASH"}},
            [
                "JSON parse error: Cannot deserialize value of type `FundingType` from String"
                ' "CASH": not one of the values accepted for Enum class:'
                " [AP_CARD, BANK_ACCOUNT, CARD_ACCOUNT, WALLET]"
            ],
        ),
    ],
)
async def test_a_faulty_body_is_400_without_code(
    payer: BillClient, change: dict[str, Any], messages: list[str]
) -> None:
    bill = await payer.new_bill((await payer.new_vendor())["id"], 100)
    answer = await payer.post("/v3/payments", {**await pay_body(payer, bill), **change})
    assert answer.status == 400
    assert told(answer) == [(None, message) for message in messages]
    assert (await payer.get("/v3/payments")).body["results"] == []


async def test_the_longest_description_and_number_are_taken(payer: BillClient) -> None:
    payment = await paid_bill(payer, description="d" * 70, transactionNumber="t" * 50)
    assert (payment["description"], payment["transactionNumber"]) == ("d" * 70, "t" * 50)


async def test_get_answers_what_create_answered(payer: BillClient) -> None:
    payment = await paid_bill(payer, description="Drums")
    answer = await payer.get(f"/v3/payments/{payment['id']}")
    assert (answer.status, answer.body) == (200, payment)


async def test_the_vendor_name_in_a_payment_follows_the_vendor(payer: BillClient) -> None:
    payment = await paid_bill(payer)
    await payer.patch(f"/v3/vendors/{payment['vendorId']}", {"name": "Quiet Music"})
    renamed = (await payer.get(f"/v3/payments/{payment['id']}")).body
    assert renamed == {**payment, "vendorName": "Quiet Music"}


@pytest.mark.parametrize("path", ["", "/cancel", "/void"])
async def test_an_unknown_payment_is_404_bdc_1205(payer: BillClient, path: str) -> None:
    url = f"/v3/payments/stp02AAAAAAAAAA00000{path}"
    body = {"type": "VOID_ONLY", "reason": "wrong"}
    answer = await (payer.post(url, body) if path else payer.get(url))
    assert answer.status == 404
    assert told(answer) == [("BDC_1205", "No data found for object with given ID.")]


async def test_a_payment_of_another_world_is_not_found(
    make_client: MakeClient, payer: BillClient
) -> None:
    payment = await paid_bill(payer)
    other = await make_client(trusted=True)
    answer = await other.get(f"/v3/payments/{payment['id']}")
    assert (answer.status, told(answer)[0][0]) == (404, "BDC_1205")


async def pay_vendor(client: BillClient, vendor_id: str, amount: float, **more: Any) -> Answer:
    """A payment for which BILL makes the bill."""
    body = {
        "vendorId": vendor_id,
        "amount": amount,
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": await client.bank_account()},
        "processingOptions": {"createBill": True},
        **more,
    }
    return await client.post("/v3/payments", body)


async def test_create_bill_makes_the_bill_that_it_pays(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    answer = await pay_vendor(payer, vendor["id"], 75.5, description="Strings")
    assert answer.status == 201, answer.body
    payment = answer.body
    assert payment["processingOptions"]["createBill"] is True
    assert payment["amount"] == 75.5
    bill = (await payer.get(f"/v3/bills/{payment['billId']}")).body
    assert bill["vendorId"] == vendor["id"]
    assert bill["dueDate"] == payment["processDate"] == "2026-06-04"
    assert bill["invoice"] == {"invoiceNumber": "2026-06-04", "invoiceDate": "2026-06-03"}
    assert [(line["amount"], line["description"]) for line in bill["billLineItems"]] == [
        (75.5, "Strings")
    ]
    assert (bill["amount"], bill["scheduledAmount"], bill["dueAmount"]) == (75.5, 75.5, 0.0)
    assert bill["paymentStatus"] == "SCHEDULED"


async def test_create_bill_twice_a_day_works_where_duplicate_numbers_are_refused(
    make_client: MakeClient,
) -> None:
    client = await make_client(trusted=True, duplicate_bill_numbers="refused")
    vendor = await client.new_vendor()
    answers = [await pay_vendor(client, vendor["id"], 10) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].body["billId"] != answers[1].body["billId"]


async def test_a_payer_who_may_not_enter_bills_may_have_one_made(make_client: MakeClient) -> None:
    client = await make_client()
    vendor = await client.new_vendor()
    await client.login("PAYER")
    await client.trust()
    assert (await pay_vendor(client, vendor["id"], 10)).status == 201


async def test_options_list_the_account_with_its_earliest_dates(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    answer = await payer.get(f"/v3/payments/options?vendorId={vendor['id']}&amount=200.00")
    assert answer.status == 200
    accounts = (await payer.get("/v3/funding-accounts/banks")).body["results"]
    assert answer.body == {
        "amount": 200.0,
        "vendorId": vendor["id"],
        "fundingOptions": {
            "banks": [
                {
                    "available": True,
                    "processDate": "2026-06-04",
                    "deliveryDate": "2026-06-09",
                    "conditions": [],
                    "id": accounts[0]["id"],
                    "name": accounts[0]["bankName"],
                    "fee": 0.0,
                }
            ],
            "cards": [],
        },
    }


async def test_options_for_a_check_arrive_later(payer: BillClient) -> None:
    vendor = await payer.new_vendor(by_check=True)
    answer = await payer.get(f"/v3/payments/options?vendorId={vendor['id']}&amount=5")
    bank = answer.body["fundingOptions"]["banks"][0]
    assert (bank["processDate"], bank["deliveryDate"]) == ("2026-06-04", "2026-06-12")


async def test_options_give_a_user_without_access_the_reason(client: BillClient) -> None:
    vendor = await client.new_vendor()
    await client.login("ACCOUNTANT")
    answer = await client.get(f"/v3/payments/options?vendorId={vendor['id']}&amount=5")
    bank = answer.body["fundingOptions"]["banks"][0]
    assert bank["available"] is False
    assert bank["reason"] == "User verification required for payments with bank account."
    assert "processDate" not in bank
    assert "deliveryDate" not in bank


async def test_options_give_the_reason_why_a_vendor_cannot_be_paid(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    await payer.post(f"/v3/vendors/{vendor['id']}/archive")
    answer = await payer.get(f"/v3/payments/options?vendorId={vendor['id']}&amount=5")
    (bank,) = answer.body["fundingOptions"]["banks"]
    assert (bank["available"], bank["reason"]) == (False, f"Vendor {vendor['id']} is archived.")
    assert "processDate" not in bank


async def test_options_leave_archived_accounts_out(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    pending = await payer.post(BANKS, BANK_BODY)
    assert (pending.status, pending.body["archived"]) == (201, True)
    answer = await payer.get(f"/v3/payments/options?vendorId={vendor['id']}&amount=5")
    known = [bank["id"] for bank in answer.body["fundingOptions"]["banks"]]
    assert known == [await payer.bank_account()]


@pytest.mark.parametrize(
    ("query", "status", "code", "message"),
    [
        (
            "amount=5",
            400,
            None,
            "Required request parameter 'vendorId' for method parameter type String is not present",
        ),
        (
            "vendorId={vendor}",
            400,
            None,
            "Required request parameter 'amount' for method parameter type String is not present",
        ),
        ("vendorId={vendor}&amount=0", 400, None, "amount: must be greater than 0"),
        (
            "vendorId={vendor}&amount=five",
            400,
            None,
            "Failed to convert value of type 'java.lang.String' to required type"
            " 'java.math.BigDecimal'; For input string: \"five\"",
        ),
        (
            "vendorId=00902AAAAAAAAAA00000&amount=5",
            404,
            "BDC_1205",
            "No data found for object with given ID.",
        ),
    ],
)
async def test_options_refuse_what_they_cannot_answer(
    client: BillClient, query: str, status: int, code: str | None, message: str
) -> None:
    vendor = await client.new_vendor()
    answer = await client.get("/v3/payments/options?" + query.format(vendor=vendor["id"]))
    assert answer.status == status
    assert told(answer) == [(code, message)]
