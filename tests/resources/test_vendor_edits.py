"""Changing vendors over HTTP: PATCH, archive, restore."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http import BillClient
from tests.resources.payables import (
    A_MINUTE_LATER,
    ADDRESS,
    FULL_VENDOR,
    SMALLEST_VENDOR,
    told,
    with_member,
)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "Other Music"),
        ("shortName", "OM"),
        ("accountNumber", "Z-1"),
        ("accountType", "PERSON"),
        ("email", "other@example.com"),
        ("phone", "4155550100"),
        ("address.line1", "9 Side Street"),
        ("address.line2", "Floor 2"),
        ("address.line2", ""),
        ("address.city", "Oakland"),
        ("address.stateOrProvince", "NV"),
        ("address.zipOrPostalCode", "94601"),
        ("paymentInformation.payeeName", "Other Payee"),
        ("paymentInformation.email", "pay@example.com"),
        ("paymentInformation.paymentPurpose", {"text": "Rent"}),
        ("additionalInfo.taxIdType", "SSN"),
        ("additionalInfo.track1099", False),
        ("additionalInfo.leadTimeInDays", 0),
        ("additionalInfo.combinePayments", False),
        ("additionalInfo.paymentTermId", "00p02AAAAAAAAAA12abc"),
        ("additionalInfo.companyName", "Other Company"),
        ("billCurrency", "EUR"),
        ("autoPay.bankAccountId", "bac02AAAAAAAAAA12abc"),
        ("autoPay.maxAmount", 12.25),
        ("autoPay.daysBeforeDueDate", 0),
    ],
)
async def test_patch_changes_one_member_and_keeps_the_others(
    client: BillClient, path: str, value: Any
) -> None:
    vendor = (await client.post("/v3/vendors", FULL_VENDOR)).body
    await client.advance(seconds=60, sign_in=False)
    answer = await client.patch(f"/v3/vendors/{vendor['id']}", with_member({}, path, value))
    assert answer.status == 200
    assert answer.body == {**with_member(vendor, path, value), "updatedTime": A_MINUTE_LATER}
    assert (await client.get(f"/v3/vendors/{vendor['id']}")).body == answer.body


async def test_patch_of_the_country_changes_its_name_too(client: BillClient) -> None:
    vendor = (await client.post("/v3/vendors", FULL_VENDOR)).body
    answer = await client.patch(f"/v3/vendors/{vendor['id']}", {"address": {"country": "DK"}})
    assert answer.body["address"] == {**ADDRESS, "country": "DK", "countryName": "Denmark"}


async def test_patch_masks_the_tax_id(client: BillClient) -> None:
    vendor = (await client.post("/v3/vendors", FULL_VENDOR)).body
    change = {"additionalInfo": {"taxId": "987654321"}}
    answer = await client.patch(f"/v3/vendors/{vendor['id']}", change)
    assert answer.body["additionalInfo"]["taxId"] == "*****4321"


async def test_patch_with_null_changes_nothing_but_the_time(client: BillClient) -> None:
    vendor = (await client.post("/v3/vendors", FULL_VENDOR)).body
    await client.advance(seconds=60, sign_in=False)
    nulls = {"shortName": None, "address": {"line2": None}, "additionalInfo": None}
    answer = await client.patch(f"/v3/vendors/{vendor['id']}", nulls)
    assert (answer.status, answer.body) == (200, {**vendor, "updatedTime": A_MINUTE_LATER})


async def test_patch_does_not_touch_the_bank_account(client: BillClient) -> None:
    vendor = await client.new_vendor()
    other = {"nameOnAccount": "Mallory", "accountNumber": "999", "routingNumber": "011000015"}
    change = {"paymentInformation": {"payeeName": "New Payee", "bankAccount": other}}
    answer = await client.patch(f"/v3/vendors/{vendor['id']}", change)
    assert answer.status == 200
    expected = {**vendor["paymentInformation"], "payeeName": "New Payee"}
    assert answer.body["paymentInformation"] == expected


async def test_patch_gives_no_bank_account_to_a_vendor_without_one(client: BillClient) -> None:
    vendor = (await client.post("/v3/vendors", SMALLEST_VENDOR)).body
    change = {"paymentInformation": {"bankAccount": {"accountNumber": "999"}}}
    answer = await client.patch(f"/v3/vendors/{vendor['id']}", change)
    assert (answer.status, answer.body) == (200, vendor)


@pytest.mark.parametrize("path", ["name", "address.line1", "address.city"])
async def test_patch_refuses_a_blank_required_text(client: BillClient, path: str) -> None:
    vendor = (await client.post("/v3/vendors", SMALLEST_VENDOR)).body
    answer = await client.patch(f"/v3/vendors/{vendor['id']}", with_member({}, path, "  "))
    assert (answer.status, told(answer)) == (400, [(None, f"{path}: must not be blank")])
    assert (await client.get(f"/v3/vendors/{vendor['id']}")).body == vendor


async def test_archive_and_restore_are_idempotent_and_move_updated_time_on_change_only(
    client: BillClient,
) -> None:
    vendor = (await client.post("/v3/vendors", FULL_VENDOR)).body
    path = f"/v3/vendors/{vendor['id']}"

    async def after_a_minute(verb: str) -> tuple[int, dict[str, Any]]:
        await client.advance(seconds=60, sign_in=False)
        answer = await client.post(f"{path}/{verb}")
        return answer.status, answer.body

    assert await after_a_minute("restore") == (200, vendor)
    archived = {**vendor, "archived": True, "updatedTime": "2026-06-03T16:02:00.000+00:00"}
    assert await after_a_minute("archive") == (200, archived)
    assert await after_a_minute("archive") == (200, archived)
    assert (await client.get(path)).body == archived
    restored = {**vendor, "updatedTime": "2026-06-03T16:04:00.000+00:00"}
    assert await after_a_minute("restore") == (200, restored)
    assert await after_a_minute("restore") == (200, restored)


async def test_a_vendor_with_a_scheduled_payment_may_be_archived(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    bill = await payer.new_bill(vendor["id"], 50)
    payment = (await payer.pay(bill, 50)).body
    answer = await payer.post(f"/v3/vendors/{vendor['id']}/archive")
    assert (answer.status, answer.body["archived"]) == (200, True)
    settled = await payer.simulate("payment.settled", payment["id"])
    assert settled.body["record"]["singleStatus"] == "CLEARED"


async def test_a_vendor_with_bank_account_turns_international_with_its_country_or_currency(
    client: BillClient,
) -> None:
    vendor = await client.new_vendor()
    path = f"/v3/vendors/{vendor['id']}"
    abroad = (await client.patch(path, {"address": {"country": "DK"}})).body
    information = abroad["paymentInformation"]
    assert information["payByType"] == "INTERNATIONAL_E_PAYMENT"
    assert information["payBySubType"] == "LOCAL"
    home = (await client.patch(path, {"address": {"country": "US"}})).body
    assert home["paymentInformation"] == vendor["paymentInformation"]
    euro = (await client.patch(path, {"billCurrency": "EUR"})).body
    assert euro["paymentInformation"]["payByType"] == "INTERNATIONAL_E_PAYMENT"
