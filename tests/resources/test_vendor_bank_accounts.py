"""The bank account of a vendor over HTTP: create, read masked, delete, create again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.resources.payables import A_MINUTE_LATER, NO_DATA, SMALLEST_VENDOR, told, with_member

ACCOUNT = {
    "nameOnAccount": "Bill Vendorson",
    "accountNumber": "111222333",
    "routingNumber": "074000010",
    "type": "CHECKING",
    "ownerType": "BUSINESS",
    "paymentCurrency": "USD",
}
MASKED = {**ACCOUNT, "accountNumber": "************2333"}
NOT_ELIGIBLE = (
    "BDC_1233",
    "The vendor is not eligible to setup an epayment either because there is a pending vendor"
    " invite, a pending bank account, the vendor is already setup for epayment or the vendor is"
    " an international vendor.",
)


async def vendor_without_account(client: BillClient, **more: Any) -> str:
    answer = await client.post("/v3/vendors", {**SMALLEST_VENDOR, **more})
    assert answer.status == 201
    return str(answer.body["id"])


async def test_a_created_account_is_answered_with_200_and_masked(client: BillClient) -> None:
    vendor_id = await vendor_without_account(client)
    answer = await client.post(f"/v3/vendors/{vendor_id}/bank-account", ACCOUNT)
    assert (answer.status, answer.body) == (200, MASKED)
    read = await client.get(f"/v3/vendors/{vendor_id}/bank-account")
    assert (read.status, read.body) == (200, MASKED)


async def test_an_account_turns_its_vendor_from_check_to_ach(client: BillClient) -> None:
    vendor_id = await vendor_without_account(client)
    before = (await client.get(f"/v3/vendors/{vendor_id}")).body
    await client.advance(seconds=60, sign_in=False)
    await client.post(f"/v3/vendors/{vendor_id}/bank-account", ACCOUNT)
    assert (await client.get(f"/v3/vendors/{vendor_id}")).body == {
        **before,
        "paymentInformation": {"payByType": "ACH", "payBySubType": "ACH", "bankAccount": MASKED},
        "bankAccountStatus": "NO_NET_LINKED_ACCOUNT",
        "updatedTime": A_MINUTE_LATER,
    }


async def test_an_account_given_with_a_new_vendor_is_the_same(client: BillClient) -> None:
    body = {**SMALLEST_VENDOR, "paymentInformation": {"bankAccount": ACCOUNT}}
    vendor = (await client.post("/v3/vendors", body)).body
    assert vendor["paymentInformation"]["payByType"] == "ACH"
    assert vendor["paymentInformation"]["bankAccount"] == MASKED
    assert (await client.get(f"/v3/vendors/{vendor['id']}/bank-account")).body == MASKED


@pytest.mark.parametrize(
    "more",
    [
        {"billCurrency": "EUR"},
        {"address": {**SMALLEST_VENDOR["address"], "country": "DK"}},
    ],
)
async def test_a_foreign_vendor_with_account_is_paid_internationally(
    client: BillClient, more: dict[str, Any]
) -> None:
    vendor_id = await vendor_without_account(client, **more)
    iban = {"accountNumber": "DK5000400440116243", "regulatoryFields": []}
    answer = await client.post(f"/v3/vendors/{vendor_id}/bank-account", iban)
    assert (answer.status, answer.body) == (200, {"accountNumber": "************6243"})
    vendor = (await client.get(f"/v3/vendors/{vendor_id}")).body
    assert vendor["paymentInformation"] == {
        "payByType": "INTERNATIONAL_E_PAYMENT",
        "payBySubType": "LOCAL",
        "bankAccount": {"accountNumber": "************6243"},
    }
    assert vendor["bankAccountStatus"] == "NO_NET_LINKED_ACCOUNT"


async def test_a_foreign_account_may_have_any_routing_number(client: BillClient) -> None:
    vendor_id = await vendor_without_account(client, billCurrency="GBP")
    body = {"accountNumber": "31926819", "routingNumber": "60-16-13"}
    answer = await client.post(f"/v3/vendors/{vendor_id}/bank-account", body)
    assert (answer.status, answer.body["routingNumber"]) == (200, "60-16-13")


@pytest.mark.parametrize("more", [{}, {"routingNumber": ""}])
async def test_a_domestic_account_without_routing_number_leaves_the_vendor_at_check(
    client: BillClient, more: dict[str, str]
) -> None:
    vendor_id = await vendor_without_account(client)
    body = {"accountNumber": "111222333", **more}
    answer = await client.post(f"/v3/vendors/{vendor_id}/bank-account", body)
    account = {"accountNumber": "************2333"}
    assert (answer.status, answer.body) == (200, account)
    vendor = (await client.get(f"/v3/vendors/{vendor_id}")).body
    assert vendor["bankAccountStatus"] == "NO_NET_LINKED_ACCOUNT"
    assert vendor["paymentInformation"] == {
        "payByType": "CHECK",
        "payBySubType": "NONE",
        "bankAccount": account,
    }


async def test_the_setting_asks_for_a_trusted_session(make_client: MakeClient) -> None:
    client = await make_client(vendor_bank_mfa="required")
    with_account = (await client.new_vendor())["id"]
    without = await vendor_without_account(client)
    for answer in (
        await client.post(f"/v3/vendors/{without}/bank-account", ACCOUNT),
        await client.delete(f"/v3/vendors/{with_account}/bank-account"),
    ):
        assert (answer.status, told(answer)) == (403, [("BDC_1361", "Untrusted session.")])
    await client.trust()
    assert (await client.post(f"/v3/vendors/{without}/bank-account", ACCOUNT)).status == 200
    assert (await client.delete(f"/v3/vendors/{with_account}/bank-account")).status == 204


async def test_regulatory_fields_are_taken_but_not_answered(client: BillClient) -> None:
    vendor_id = await vendor_without_account(client)
    body = {**ACCOUNT, "regulatoryFields": [{"name": "ifsc", "value": "HDFC0000001"}]}
    answer = await client.post(f"/v3/vendors/{vendor_id}/bank-account", body)
    assert (answer.status, answer.body) == (200, MASKED)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("type", "CHECKING"),
        ("type", "SAVINGS"),
        ("ownerType", "BUSINESS"),
        ("ownerType", "PERSON"),
        ("ownerType", "PERSONAL"),
        ("paymentCurrency", "EUR"),
        ("routingNumber", "011000015"),
        ("nameOnAccount", "Somebody Else"),
    ],
)
async def test_each_member_is_kept(client: BillClient, path: str, value: str) -> None:
    vendor_id = await vendor_without_account(client)
    answer = await client.post(f"/v3/vendors/{vendor_id}/bank-account", {**ACCOUNT, path: value})
    assert (answer.status, answer.body) == (200, {**MASKED, path: value})


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("accountNumber", None, "accountNumber: must not be null"),
        ("accountNumber", "", "accountNumber: must not be empty"),
        ("accountNumber", "1" * 41, "accountNumber: size must be between 0 and 40"),
        ("routingNumber", "074000011", "routingNumber: invalid value"),
        ("routingNumber", "07400001", "routingNumber: invalid value"),
        ("routingNumber", "000000000", "routingNumber: invalid value"),
        ("routingNumber", "07400001O", "routingNumber: invalid value"),
        ("paymentCurrency", "DOLLAR", "paymentCurrency: invalid value"),
        (
            "type",
            "MONEY_MARKET",
            "JSON parse error: Cannot deserialize value of type `BankAccountType` from String"
            ' "MONEY_MARKET": not one of the values accepted for Enum class: [CHECKING, SAVINGS]',
        ),
        (
            "ownerType",
            "COMPANY",
            "JSON parse error: Cannot deserialize value of type `OwnerType` from String"
            ' "COMPANY": not one of the values accepted for Enum class:'
            " [BUSINESS, PERSON, PERSONAL]",
        ),
        (
            "regulatoryFields",
            [{"name": "ifsc"}],
            "regulatoryFields[0].value: must not be blank",
        ),
    ],
)
async def test_a_faulty_account_is_refused_and_nothing_changes(
    client: BillClient, path: str, value: Any, message: str
) -> None:
    vendor_id = await vendor_without_account(client)
    before = (await client.get(f"/v3/vendors/{vendor_id}")).body
    body = {**ACCOUNT, path: value}
    answer = await client.post(f"/v3/vendors/{vendor_id}/bank-account", body)
    assert (answer.status, told(answer)) == (400, [(None, message)])
    assert (await client.get(f"/v3/vendors/{vendor_id}")).body == before
    inside = with_member(SMALLEST_VENDOR, "paymentInformation.bankAccount", body)
    created = await client.post("/v3/vendors", inside)
    nested = f"paymentInformation.bankAccount.{message}"
    expected = message if message.startswith("JSON") else nested
    assert (created.status, told(created)) == (400, [(None, expected)])


async def test_the_longest_account_number_is_taken(client: BillClient) -> None:
    vendor_id = await vendor_without_account(client)
    body = {"accountNumber": "9" * 36 + "1234"}
    answer = await client.post(f"/v3/vendors/{vendor_id}/bank-account", body)
    assert (answer.status, answer.body) == (200, {"accountNumber": "************1234"})


async def test_a_second_account_is_bdc_1233(client: BillClient) -> None:
    vendor = await client.new_vendor()
    path = f"/v3/vendors/{vendor['id']}/bank-account"
    answer = await client.post(path, {**ACCOUNT, "accountNumber": "999888777"})
    assert (answer.status, told(answer)) == (422, [NOT_ELIGIBLE])
    assert (await client.get(path)).body["accountNumber"] == "************2333"


async def test_delete_answers_204_and_the_vendor_is_paid_by_check_again(
    client: BillClient,
) -> None:
    vendor = await client.new_vendor()
    path = f"/v3/vendors/{vendor['id']}"
    await client.advance(seconds=60, sign_in=False)
    deleted = await client.delete(f"{path}/bank-account")
    assert (deleted.status, deleted.raw) == (204, b"")
    expected = {
        **vendor,
        "paymentInformation": {
            "payeeName": "Happy Music Supplies",
            "payByType": "CHECK",
            "payBySubType": "NONE",
        },
        "bankAccountStatus": "NO_ACCOUNT",
        "updatedTime": A_MINUTE_LATER,
    }
    assert (await client.get(path)).body == expected


async def test_a_vendor_without_account_has_none_to_get_or_delete(client: BillClient) -> None:
    path = f"/v3/vendors/{await vendor_without_account(client)}/bank-account"
    for method in ("GET", "DELETE"):
        answer = await client.call(method, f"/connect{path}")
        assert (answer.status, told(answer)) == (404, [NO_DATA])
    assert (await client.post(path, ACCOUNT)).status == 200
    assert (await client.delete(path)).status == 204
    for method in ("GET", "DELETE"):
        answer = await client.call(method, f"/connect{path}")
        assert (answer.status, told(answer)) == (404, [NO_DATA])


async def test_after_a_delete_another_account_may_be_created(client: BillClient) -> None:
    vendor = await client.new_vendor()
    path = f"/v3/vendors/{vendor['id']}/bank-account"
    await client.delete(path)
    answer = await client.post(path, {**ACCOUNT, "accountNumber": "999888777"})
    assert (answer.status, answer.body["accountNumber"]) == (200, "************8777")


async def test_a_running_payment_goes_on_after_its_account_is_deleted(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    payment = (await payer.pay(await payer.new_bill(vendor["id"], 20), 20)).body
    assert (await payer.delete(f"/v3/vendors/{vendor['id']}/bank-account")).status == 204
    await payer.advance(businessDays=6)
    settled = (await payer.get(f"/v3/payments/{payment['id']}")).body
    assert (settled["singleStatus"], settled["disbursementType"]) == ("CLEARED", "ACH")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_an_account_cannot_be_changed_in_place(client: BillClient, method: str) -> None:
    vendor = await client.new_vendor()
    path = f"/connect/v3/vendors/{vendor['id']}/bank-account"
    answer = await client.call(method, path, ACCOUNT)
    assert answer.status == 405
    assert told(answer) == [(None, f"Request method '{method}' is not supported")]
