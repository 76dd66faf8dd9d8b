"""BILL's checks of bank accounts, of the organization, its vendors and its customers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.resources.payables import BANK_BODY, BANKS, told
from tests.resources.receivables import RECEIVED, chargeable

VENDOR_VERIFIED = "vendor_bank_account.verified"
VENDOR_REJECTED = "vendor_bank_account.rejected"
SLOW = {"vendor_bank_check": "two_bank_days", "newer_fields": True}


async def account_of(client: BillClient, vendor: dict[str, Any]) -> dict[str, Any]:
    return dict((await client.get(f"/v3/vendors/{vendor['id']}/bank-account")).body)


async def test_a_vendors_account_is_verified_after_two_bank_days(make_client: MakeClient) -> None:
    client = await make_client(**SLOW)
    vendor = await client.new_vendor()
    assert vendor["paymentInformation"]["bankAccount"]["status"] == "PENDING"
    await client.advance(to="2026-06-05T05:59:59-07:00")
    assert (await account_of(client, vendor))["status"] == "PENDING"
    await client.advance(to="2026-06-05T06:00:00-07:00")
    assert (await account_of(client, vendor))["status"] == "VERIFIED"


async def test_the_check_of_an_account_that_is_gone_says_nothing_of_the_next(
    make_client: MakeClient,
) -> None:
    client = await make_client(**SLOW)
    vendor = await client.new_vendor()
    path = f"/v3/vendors/{vendor['id']}/bank-account"
    await client.advance(businessDays=1)
    assert (await client.delete(path)).status == 204
    again = {"accountNumber": "999888777", "routingNumber": "074000010"}
    assert (await client.post(path, again)).status == 200
    await client.advance(to="2026-06-05T06:00:00-07:00")
    assert (await account_of(client, vendor))["status"] == "PENDING"
    await client.advance(businessDays=1)
    assert (await account_of(client, vendor))["status"] == "VERIFIED"


async def test_the_collections_shape_of_a_vendors_account_has_no_status(
    make_client: MakeClient,
) -> None:
    client = await make_client(vendor_bank_check="two_bank_days")
    vendor = await client.new_vendor()
    assert "status" not in vendor["paymentInformation"]["bankAccount"]
    await client.simulate(VENDOR_VERIFIED, vendor["id"])
    assert "status" not in await account_of(client, vendor)


async def test_a_vendor_is_paid_as_soon_as_its_account_is_verified(make_client: MakeClient) -> None:
    client = await make_client(trusted=True, vendor_bank_check="two_bank_days")
    vendor = await client.new_vendor()
    bill = await client.new_bill(vendor["id"], 10)
    refused = await client.pay(bill, 10)
    assert {item.get("code") for item in refused.body} == {"BDC_1402"}
    assert (await client.simulate(VENDOR_VERIFIED, vendor["id"])).status == 200
    assert (await client.pay(bill, 10)).status == 201


async def test_a_vendor_whose_account_is_rejected_is_paid_by_check(
    make_client: MakeClient,
) -> None:
    client = await make_client(trusted=True, newer_fields=True)
    vendor = await client.new_vendor()
    answer = await client.simulate(VENDOR_REJECTED, vendor["id"])
    information = answer.body["record"]["paymentInformation"]
    assert (information["payByType"], information["bankAccount"]["status"]) == ("CHECK", "INVALID")
    payment = (await client.pay(await client.new_bill(vendor["id"], 10), 10)).body
    assert payment["disbursementType"] == "CHECK"
    path = f"/v3/vendors/{vendor['id']}/bank-account"
    assert (await client.delete(path)).status == 204
    again = {"accountNumber": "999888777", "routingNumber": "074000010"}
    assert (await client.post(path, again)).status == 200
    paid_by = (await client.get(f"/v3/vendors/{vendor['id']}")).body["paymentInformation"]
    assert paid_by["payByType"] == "ACH"


async def test_a_rejected_account_stays_so_when_its_time_comes(make_client: MakeClient) -> None:
    client = await make_client(**SLOW)
    vendor = await client.new_vendor()
    await client.simulate(VENDOR_REJECTED, vendor["id"])
    await client.advance(days=7)
    assert (await account_of(client, vendor))["status"] == "INVALID"


async def test_a_vendor_without_account_has_none_to_check(client: BillClient) -> None:
    vendor = await client.new_vendor(by_check=True)
    answer = await client.simulate(VENDOR_REJECTED, vendor["id"])
    assert answer.status == 409
    assert answer.body["detail"] == (
        f"{VENDOR_REJECTED} cannot happen to {vendor['id']}: its"
        " paymentInformation.bankAccount.status is absent, not PENDING or VERIFIED."
    )


async def test_a_blocked_account_pays_nothing_and_is_no_default(payer: BillClient) -> None:
    bank = await payer.bank_account()
    bill = await payer.new_bill((await payer.new_vendor())["id"], 10)
    answer = await payer.simulate("bank_account.blocked", bank)
    account = answer.body["record"]
    assert (account["status"], account["archived"]) == ("BLOCKED", True)
    assert account["default"] == {"payables": False, "receivables": False}
    refused = await payer.pay(bill, 10)
    assert (refused.status, refused.body[0]["code"]) == (422, "BDC_1151")


@pytest.mark.parametrize(
    ("event", "status", "archived"),
    [
        ("bank_account.verified", "VERIFIED", False),
        ("bank_account.expired", "EXPIRED", True),
        ("bank_account.blocked", "BLOCKED", True),
    ],
)
async def test_a_pending_account_comes_to_an_end_without_the_deposit(
    payer: BillClient, event: str, status: str, archived: bool
) -> None:
    account = (await payer.post(BANKS, BANK_BODY)).body
    record = (await payer.simulate(event, account["id"])).body["record"]
    assert (record["status"], record["archived"]) == (status, archived)
    verify = await payer.post(f"{BANKS}/{account['id']}/verify", {"depositAmount": 0.5})
    assert verify.status == (200 if status == "VERIFIED" else 422)


async def test_a_customer_whose_account_is_rejected_is_not_charged(client: BillClient) -> None:
    charge = await chargeable(client)
    account = charge["fundingAccount"]["id"]
    assert (await client.simulate("customer_bank_account.rejected", account)).status == 200
    refused = await client.post(RECEIVED, charge)
    assert refused.status == 422
    assert told(refused) == [(None, f"Bank account {account} is INVALID; it must be VERIFIED.")]
