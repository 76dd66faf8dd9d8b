"""Refused payments over HTTP: code, status, text, told twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.http import Answer, BillClient

NO_DATA = "No data found for object with given ID."
FOREIGN = {
    "line1": "Strandgade 1",
    "city": "Copenhagen",
    "zipOrPostalCode": "1401",
    "country": "DK",
}


def told(answer: Answer) -> list[tuple[str | None, str]]:
    """Code and message of every item of a refusal."""
    return [(item.get("code"), item["message"]) for item in answer.body]


def twice(record_id: str, code: str | None, message: str) -> list[tuple[str | None, str]]:
    """How BILL tells a refused payment: plain, and with the bill's id in front."""
    return [(code, message), (code, f"{record_id} : {message}")]


async def pay_body(client: BillClient, bill: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A body that pays all of a bill, changed by `more`."""
    return {
        "billId": bill["id"],
        "amount": bill["dueAmount"],
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": await client.bank_account()},
        "processingOptions": {},
        **more,
    }


async def new_account(client: BillClient, number: str = "987654321") -> str:
    """The id of a bank account that awaits its test deposit."""
    body = {
        "nameOnAccount": "Cedar & Finch Trading",
        "routingNumber": "074000010",
        "accountNumber": number,
        "type": "CHECKING",
        "ownerType": "BUSINESS",
        "bankName": "Second Cedar Bank",
    }
    answer = await client.post("/v3/funding-accounts/banks", body)
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


async def verified_account(client: BillClient) -> str:
    """The id of a second bank account that its creator may pay from."""
    account = await new_account(client)
    verified = await client.post(
        f"/v3/funding-accounts/banks/{account}/verify", {"depositAmount": 0.5}
    )
    assert verified.body == {"verified": True}
    return account


async def archived_account(client: BillClient) -> str:
    """The id of a bank account that was verified and archived."""
    account = await verified_account(client)
    assert (await client.post(f"/v3/funding-accounts/banks/{account}/archive")).status == 200
    return account


@dataclass(frozen=True)
class Case:
    """What is wrong: `spoil(client, bill)` answers the members of the body that make it so.

    `message` is a format of the ids; `vendor` are members of the vendor to pay.
    """

    spoil: Callable[[BillClient, dict[str, Any]], Awaitable[dict[str, Any]]]
    code: str | None
    message: str
    vendor: dict[str, Any] | None = None


async def _today(client: BillClient, bill: dict[str, Any]) -> dict[str, Any]:
    return {"processDate": "2026-06-03"}


async def _too_much(client: BillClient, bill: dict[str, Any]) -> dict[str, Any]:
    return {"amount": 100.01}


async def _paid(client: BillClient, bill: dict[str, Any]) -> dict[str, Any]:
    payment = await client.pay(bill, 100)
    await client.simulate("payment.settled", payment.body["id"])
    return {"amount": 0.01}


async def _pending_account(client: BillClient, bill: dict[str, Any]) -> dict[str, Any]:
    return {"fundingAccount": {"type": "BANK_ACCOUNT", "id": await new_account(client)}}


async def _archived_account(client: BillClient, bill: dict[str, Any]) -> dict[str, Any]:
    return {"fundingAccount": {"type": "BANK_ACCOUNT", "id": await archived_account(client)}}


async def _foreign_access(client: BillClient, bill: dict[str, Any]) -> dict[str, Any]:
    account = await verified_account(client)
    await client.login("PAYER")
    await client.trust()
    return {"fundingAccount": {"type": "BANK_ACCOUNT", "id": account}}


async def _other_vendor(client: BillClient, bill: dict[str, Any]) -> dict[str, Any]:
    return {"vendorId": (await client.new_vendor())["id"]}


async def _archived_bill(client: BillClient, bill: dict[str, Any]) -> dict[str, Any]:
    await client.post(f"/v3/bills/{bill['id']}/archive")
    return {}


async def _archived_vendor(client: BillClient, bill: dict[str, Any]) -> dict[str, Any]:
    await client.post(f"/v3/vendors/{bill['vendorId']}/archive")
    return {}


async def _wallet(client: BillClient, bill: dict[str, Any]) -> dict[str, Any]:
    return {"fundingAccount": {"type": "WALLET"}, "processDate": "2026-06-04"}


async def _used_number(client: BillClient, bill: dict[str, Any]) -> dict[str, Any]:
    await client.pay(bill, 1, transactionNumber="T1")
    return {"amount": 1, "transactionNumber": "T1"}


async def _nothing(client: BillClient, bill: dict[str, Any]) -> dict[str, Any]:
    return {}


BUSINESS = {
    "process date today": Case(_today, "BDC_1152", "Invalid Process Date : ${{paramName0}}."),
    "more than is due": Case(_too_much, "BDC_1159", "Cannot overpay a bill"),
    "paid already": Case(_paid, "BDC_1159", "Cannot overpay a bill"),
    "account pending": Case(
        _pending_account, "BDC_1151", "Bank account cannot make online payments."
    ),
    "account archived": Case(
        _archived_account, "BDC_1151", "Bank account cannot make online payments."
    ),
    "user not verified on the account": Case(
        _foreign_access, "BDC_1150", "User cannot make online payments."
    ),
    "another vendor": Case(
        _other_vendor, None, "Vendor {vendorId} does not match the vendor of bill {bill}."
    ),
    "bill archived": Case(_archived_bill, None, "Bill {bill} is archived."),
    "vendor archived": Case(_archived_vendor, None, "Vendor {vendor} is archived."),
    "no wallet": Case(
        _wallet, None, "Funding account type WALLET is not enabled for the organization."
    ),
    "transactionNumber used": Case(_used_number, None, "transactionNumber T1 is already used."),
    "check abroad": Case(
        _nothing,
        None,
        "This vendor is unable to receive ePayments.",
        {"by_check": True, "address": FOREIGN},
    ),
    "no exchange rate": Case(
        _nothing,
        None,
        "exchangeRateBatchId is missing or expired.",
        {"billCurrency": "EUR", "address": FOREIGN},
    ),
}


@pytest.mark.parametrize("case", BUSINESS.values(), ids=BUSINESS)
async def test_a_business_refusal_is_422_told_twice_and_changes_nothing(
    payer: BillClient, case: Case
) -> None:
    vendor = await payer.new_vendor(**(case.vendor or {}))
    bill = await payer.new_bill(vendor["id"], 100)
    body = await pay_body(payer, bill) | await case.spoil(payer, bill)
    before = (await payer.get("/v3/payments")).body, (await payer.get("/v3/bills")).body
    answer = await payer.post("/v3/payments", body)
    assert answer.status == 422
    message = case.message.format(
        bill=bill["id"], vendor=vendor["id"], vendorId=body.get("vendorId")
    )
    assert told(answer) == twice(bill["id"], case.code, message)
    assert (await payer.get("/v3/payments")).body == before[0]
    assert (await payer.get("/v3/bills")).body == before[1]


async def test_a_refusal_stands_in_the_envelope(payer: BillClient) -> None:
    bill = await payer.new_bill((await payer.new_vendor())["id"], 100)
    answer = await payer.pay(bill, 101)
    assert answer.body == [
        {
            "timestamp": "2026-06-03T16:00:00.000+00:00",
            "code": "BDC_1159",
            "severity": "ERROR",
            "category": "DOWNSTREAM",
            "message": message,
        }
        for message in ("Cannot overpay a bill", f"{bill['id']} : Cannot overpay a bill")
    ]


@pytest.mark.parametrize(
    ("change", "status", "code", "message"),
    [
        ({"billId": None}, 400, None, "billId must be provided if createBill is false"),
        (
            {"billId": None, "processingOptions": {"createBill": False}},
            400,
            None,
            "billId must be provided if createBill is false",
        ),
        (
            {"processingOptions": {"createBill": True}},
            400,
            None,
            "billId must not be provided if createBill is true",
        ),
        (
            {"billId": None, "processingOptions": {"createBill": True}},
            400,
            None,
            "vendorId must be provided if createBill is true",
        ),
        ({"fundingAccount": {"type": "WALLET"}}, 400, None, "processDate: must not be null"),
        (
            {"fundingAccount": {"type": "AP_CARD", "id": "cat"}},
            400,
            None,
            "processDate: must not be null",
        ),
        (
            {"fundingAccount": {"type": "CARD_ACCOUNT"}},
            400,
            None,
            "fundingAccount.id: must not be null",
        ),
        ({"billId": "00n02AAAAAAAAAA00000"}, 404, "BDC_1205", NO_DATA),
        ({"vendorId": "00902AAAAAAAAAA00000"}, 404, "BDC_1205", NO_DATA),
        (
            {"fundingAccount": {"type": "BANK_ACCOUNT", "id": "bac02AAAAAAAAAA00000"}},
            404,
            "BDC_1205",
            NO_DATA,
        ),
        (
            {"fundingAccount": {"type": "CARD_ACCOUNT", "id": "cat02AAAAAAAAAA00000"}},
            404,
            "BDC_1205",
            NO_DATA,
        ),
        (
            {"vendorCredits": [{"id": "vcr02AAAAAAAAAA00000", "amount": 1}]},
            404,
            "BDC_1205",
            NO_DATA,
        ),
        (
            {
                "billId": None,
                "vendorId": "00902AAAAAAAAAA00000",
                "processingOptions": {"createBill": True},
            },
            404,
            "BDC_1205",
            NO_DATA,
        ),
    ],
)
async def test_a_faulty_or_unknown_member_is_told_once(
    payer: BillClient, change: dict[str, Any], status: int, code: str | None, message: str
) -> None:
    bill = await payer.new_bill((await payer.new_vendor())["id"], 100)
    answer = await payer.post("/v3/payments", await pay_body(payer, bill, **change))
    assert answer.status == status
    assert told(answer) == [(code, message)]


@pytest.mark.parametrize(
    ("change", "status", "code", "message"),
    [
        ({"processDate": "2026-06-03"}, 422, "BDC_1152", "Invalid Process Date : ${paramName0}."),
        (
            {"vendorCredits": [{"id": "vcr02AAAAAAAAAA00000", "amount": 1}]},
            404,
            "BDC_1205",
            NO_DATA,
        ),
        (
            {"fundingAccount": {"type": "WALLET"}, "processDate": "2026-06-04"},
            422,
            None,
            "Funding account type WALLET is not enabled for the organization.",
        ),
    ],
)
async def test_without_a_bill_there_is_no_id_to_tell_it_again(
    payer: BillClient, change: dict[str, Any], status: int, code: str | None, message: str
) -> None:
    vendor = await payer.new_vendor()
    body = {
        "vendorId": vendor["id"],
        "amount": 10,
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": await payer.bank_account()},
        "processingOptions": {"createBill": True},
    }
    answer = await payer.post("/v3/payments", {**body, **change})
    assert answer.status == status
    assert told(answer) == [(code, message)]
    assert (await payer.get("/v3/bills")).body["results"] == []
