"""payment.failed: what is told of payments that are refused, and of which."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from simulator.resources.catalogue import notices
from tests.http import Answer, BillClient
from tests.resources.told import Listener, office

NOW = "2026-06-03T16:00:00.000+00:00"
UNKNOWN_BILL = "00n02AAAAAAAAAAzzzzz"
UNKNOWN_VENDOR = "00902AAAAAAAAAAzzzzz"
UNKNOWN_BANK = "bac02AAAAAAAAAAzzzzz"
UNKNOWN_CARD = "cat02AAAAAAAAAAzzzzz"

BANK_INACTIVE = ("1", "Bank account is inactive.")
CARD_INACTIVE = ("2", "Card account is inactive")
NO_BILL = ("3", "Bill ID not found.")
NO_VENDOR = ("4", "Vendor ID not found")
OVERPAID = ("5", "Cannot overpay a bill")
BAD_DATE = ("6", "Invalid process date.")

Both = tuple[BillClient, Listener]


@pytest.fixture
async def told(http: aiohttp.ClientSession) -> AsyncIterator[Both]:
    async with office(http, notices()) as both:
        yield both


async def new_bill(client: BillClient, **more: Any) -> dict[str, Any]:
    """A bill of 100 dollars of a vendor of its own."""
    return await client.new_bill((await client.new_vendor(**more))["id"], 100)


async def inactive_bank(client: BillClient) -> str:
    """The id of a bank account that is still PENDING."""
    body = {
        "nameOnAccount": "Cedar & Finch Trading",
        "routingNumber": "074000010",
        "accountNumber": "123452333",
        "type": "CHECKING",
        "ownerType": "BUSINESS",
        "bankName": "Second Cedar Bank",
    }
    return str((await client.post("/v3/funding-accounts/banks", body)).body["id"])


async def pay_in_bulk(client: BillClient, bill: dict[str, Any], **more: Any) -> Answer:
    """The same payment as `BillClient.pay`, as a bulk of one."""
    changes = {"amount": 100, "billId": bill["id"], **more}
    item = {"billId": changes.pop("billId"), "amount": changes.pop("amount")}
    account = {"type": "BANK_ACCOUNT", "id": await client.bank_account()}
    body = {"fundingAccount": account, "payments": [item], **changes}
    return await client.post("/v3/payments/bulk", body)


async def pay_alone(client: BillClient, bill: dict[str, Any], **more: Any) -> Answer:
    return await client.pay(bill, more.pop("amount", 100), **more)


def bank(account_id: str) -> dict[str, Any]:
    return {"fundingAccount": {"type": "BANK_ACCOUNT", "id": account_id}}


REASONS: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "unknown bank": (bank(UNKNOWN_BANK), BANK_INACTIVE),
    "unknown card": (
        {"fundingAccount": {"type": "CARD_ACCOUNT", "id": UNKNOWN_CARD}},
        CARD_INACTIVE,
    ),
    "unknown bill": ({"billId": UNKNOWN_BILL}, NO_BILL),
    "unknown vendor": ({"vendorId": UNKNOWN_VENDOR}, NO_VENDOR),
    "overpaid": ({"amount": 100.01}, OVERPAID),
    "past": ({"processDate": "2026-06-01"}, BAD_DATE),
    "Saturday": ({"processDate": "2026-06-06"}, BAD_DATE),
}
WAYS = {"alone": pay_alone, "in bulk": pay_in_bulk}


def errors(payload: dict[str, Any]) -> list[tuple[str, str]]:
    assert {error["timestamp"] for error in payload["errors"]} == {NOW}
    return [(error["code"], error["message"]) for error in payload["errors"]]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("reason", REASONS)
async def test_each_documented_reason_is_told_once(told: Both, reason: str, way: str) -> None:
    client, listener = told
    more, error = REASONS[reason]
    answer = await WAYS[way](client, await new_bill(client), **more)
    assert answer.status in (404, 422), answer.body
    assert len(listener.of("payment.failed")) == 1
    assert errors(listener.last("payment.failed")) == [error]


@pytest.mark.parametrize("way", WAYS)
async def test_an_account_that_is_not_verified_is_inactive(told: Both, way: str) -> None:
    client, listener = told
    account = bank(await inactive_bank(client))
    answer = await WAYS[way](client, await new_bill(client), **account)
    assert answer.body[0]["code"] == "BDC_1151"
    assert errors(listener.last("payment.failed")) == [BANK_INACTIVE]


@pytest.mark.parametrize(("way", "error"), [("alone", NO_BILL), ("in bulk", BANK_INACTIVE)])
async def test_of_several_unknown_ids_the_one_that_is_refused_is_told(
    told: Both, way: str, error: tuple[str, str]
) -> None:
    client, listener = told
    more = bank(UNKNOWN_BANK) | {"billId": UNKNOWN_BILL, "vendorId": UNKNOWN_VENDOR}
    await WAYS[way](client, await new_bill(client), **more)
    assert errors(listener.last("payment.failed")) == [error]


@pytest.mark.parametrize("way", WAYS)
async def test_a_date_too_early_for_a_new_vendor_account_is_an_invalid_one(
    http: aiohttp.ClientSession, way: str
) -> None:
    async with office(http, notices(), vendor_bank_check="two_bank_days") as (client, listener):
        answer = await WAYS[way](client, await new_bill(client), processDate="2026-06-04")
        assert answer.body[0]["code"] == "BDC_1402"
        assert errors(listener.last("payment.failed")) == [BAD_DATE]


@pytest.mark.parametrize("way", WAYS)
async def test_what_was_tried_is_told_without_an_id(told: Both, way: str) -> None:
    client, listener = told
    bill = await new_bill(client)
    more = {"amount": 100.01, "transactionNumber": "PAY1"}
    await WAYS[way](client, bill, **more)
    administrator = next(u for u in client.world["users"] if u["role"] == "ADMINISTRATOR")
    assert listener.last("payment.failed")["payment"] == {
        "bills": [{"id": bill["id"], "amount": 100.01}],
        "transactionNumber": "PAY1",
        "createdBy": administrator["userId"],
        "createdTime": NOW,
        "updatedTime": NOW,
        "fundingAccount": {"id": await client.bank_account(), "type": "BANK_ACCOUNT"},
        "vendor": {"id": bill["vendorId"], "name": "Happy Music Supplies"},
    }


async def test_a_bulk_is_told_once_with_all_bills_and_reasons(told: Both) -> None:
    client, listener = told
    bills = [await new_bill(client), await new_bill(client)]
    items = [
        {"billId": bills[0]["id"], "amount": 200},
        {"billId": UNKNOWN_BILL, "amount": 5},
        {"billId": bills[1]["id"], "amount": 300},
    ]
    body = {**bank(await client.bank_account()), "payments": items}
    # The contract knows BDC_1205 with 404; here it stands beside the first item's 422.
    client.checked = False
    assert (await client.post("/v3/payments/bulk", body)).status == 422
    assert len(listener.of("payment.failed")) == 1
    payload = listener.last("payment.failed")
    assert payload["payment"]["bills"] == [
        {"id": item["billId"], "amount": item["amount"]} for item in items
    ]
    assert "vendor" not in payload["payment"]
    assert errors(payload) == [OVERPAID, NO_BILL]


async def test_a_bill_that_is_not_made_yet_has_no_id_to_tell(told: Both) -> None:
    client, listener = told
    vendor = await client.new_vendor()
    body = {
        "vendorId": vendor["id"],
        "amount": 100,
        "processDate": "2026-06-01",
        "processingOptions": {"createBill": True},
        **bank(await client.bank_account()),
    }
    assert (await client.post("/v3/payments", body)).status == 422
    payload = listener.last("payment.failed")
    assert payload["payment"]["bills"] == []
    assert payload["payment"]["vendor"] == {"id": vendor["id"], "name": vendor["name"]}
    assert errors(payload) == [BAD_DATE]


@pytest.mark.parametrize("way", WAYS)
async def test_no_payment_and_no_change_is_left_behind(told: Both, way: str) -> None:
    client, listener = told
    bill = await new_bill(client)
    listener.told.clear()
    await WAYS[way](client, bill, amount=100.01)
    assert [event_type for event_type, _ in listener.told] == ["payment.failed"]
    assert (await client.get("/v3/payments")).body["results"] == []
    assert (await client.get(f"/v3/bills/{bill['id']}")).body == bill | {
        "vendorName": "Happy Music Supplies"
    }


@pytest.mark.parametrize("way", WAYS)
async def test_a_payment_that_is_made_tells_no_failure(told: Both, way: str) -> None:
    client, listener = told
    assert (await WAYS[way](client, await new_bill(client))).status == 201
    assert listener.of("payment.failed") == []


@pytest.mark.parametrize("way", WAYS)
async def test_other_refusals_tell_nothing(told: Both, way: str) -> None:
    client, listener = told
    bill = await new_bill(client)
    archived = await new_bill(client)
    await client.post(f"/v3/bills/{archived['id']}/archive")
    pay = WAYS[way]
    answers = [
        await pay(client, archived),
        await pay(client, bill, amount=-1),
        await pay(client, bill, processDate="soon"),
        await pay(client, bill, fundingAccount={"type": "BANK_ACCOUNT"}),
        await pay(client, bill, fundingAccount={"type": "WALLET"}, processDate="2026-06-04"),
        await client.pay(bill, 5, vendorCredits=[{"id": "vcr02AAAAAAAAAAzzzzz", "amount": 5}]),
    ]
    assert [answer.status for answer in answers] == [422, 400, 400, 400, 422, 404]
    # Neither an untrusted session nor a role that may not pay gets that far.
    more = bank(await client.bank_account()) | {"amount": 200}
    await client.login()
    untrusted = await pay(client, bill, **more)
    await client.login("CLERK")
    await client.trust()
    clerk = await pay(client, bill, **more)
    assert [untrusted.body[0]["code"], clerk.body[0]["code"]] == ["BDC_1361", "BDC_1150"]
    assert [json.loads(payload) for payload in listener.of("payment.failed")] == []
