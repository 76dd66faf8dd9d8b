"""Vendors over HTTP: creation, members, limits, reading."""

from __future__ import annotations

import re

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.resources.payables import (
    ADDRESS,
    FULL_VENDOR,
    NO_DATA,
    NOW,
    SMALLEST_VENDOR,
    UNKNOWN_VENDOR,
    member,
    told,
    with_member,
)

ID = re.compile(r"^00902[A-Z]{10}[0-9a-z]{5}$")


async def test_the_smallest_vendor_gets_the_defaults(client: BillClient) -> None:
    answer = await client.post("/v3/vendors", SMALLEST_VENDOR)
    assert answer.status == 201
    assert ID.match(answer.body["id"])
    assert answer.body == {
        "archived": False,
        "id": answer.body["id"],
        "name": "Happy Music Supplies",
        "accountType": "NONE",
        "address": {**SMALLEST_VENDOR["address"], "countryName": "United States"},
        "paymentInformation": {"payByType": "CHECK", "payBySubType": "NONE"},
        "additionalInfo": {"track1099": False},
        "bankAccountStatus": "NO_ACCOUNT",
        "recurringPayments": False,
        "billCurrency": "USD",
        "createdTime": NOW,
        "updatedTime": NOW,
        "balance": {"amount": 0.0, "lastUpdatedDate": NOW},
        "autoPay": {"enabled": False},
        "networkStatus": "NOT_CONNECTED",
    }


async def test_every_member_of_a_full_vendor_is_answered_back(client: BillClient) -> None:
    answer = await client.post("/v3/vendors", FULL_VENDOR)
    assert answer.status == 201
    answered = ("payeeName", "email", "paymentPurpose")
    assert answer.body == {
        **FULL_VENDOR,
        "archived": False,
        "id": answer.body["id"],
        "address": {**ADDRESS, "countryName": "United States"},
        "paymentInformation": {
            **{name: FULL_VENDOR["paymentInformation"][name] for name in answered},
            "payByType": "CHECK",
            "payBySubType": "NONE",
        },
        "additionalInfo": {**FULL_VENDOR["additionalInfo"], "taxId": "******6789"},
        "bankAccountStatus": "NO_ACCOUNT",
        "recurringPayments": False,
        "createdTime": NOW,
        "updatedTime": NOW,
        "balance": {"amount": 0.0, "lastUpdatedDate": NOW},
        "networkStatus": "NOT_CONNECTED",
    }
    read = await client.get(f"/v3/vendors/{answer.body['id']}")
    assert (read.status, read.body) == (200, answer.body)


async def test_two_vendors_may_share_name_and_email(client: BillClient) -> None:
    first = await client.post("/v3/vendors", FULL_VENDOR)
    second = await client.post("/v3/vendors", FULL_VENDOR)
    assert (first.status, second.status) == (201, 201)
    assert first.body["id"] != second.body["id"]


async def test_what_only_bill_decides_is_not_taken_from_the_body(client: BillClient) -> None:
    decided = {
        "id": "00902AAAAAAAAAAzzzzz",
        "archived": True,
        "networkStatus": "CONNECTED",
        "bankAccountStatus": "NET_LINKED_ACCOUNT",
        "createdTime": "2020-01-01T00:00:00.000+00:00",
        "balance": {"amount": 5.0},
        "rppsId": "123",
    }
    plain = (await client.post("/v3/vendors", SMALLEST_VENDOR)).body
    made = (await client.post("/v3/vendors", {**SMALLEST_VENDOR, **decided})).body
    assert made["id"] != decided["id"]
    assert {**made, "id": plain["id"]} == plain


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("name", "name: must not be blank"),
        ("address", "address: must not be null"),
        ("address.line1", "address.line1: must not be blank"),
        ("address.city", "address.city: must not be blank"),
        ("address.zipOrPostalCode", "address.zipOrPostalCode: must not be blank"),
        ("address.country", "address.country: must not be null"),
    ],
)
@pytest.mark.parametrize("how", ["left out", "null"])
async def test_a_missing_required_member_is_named(
    client: BillClient, path: str, message: str, how: str
) -> None:
    body = with_member(FULL_VENDOR, path, None)
    if how == "left out":
        *parents, last = path.split(".")
        del (member(body, ".".join(parents)) if parents else body)[last]
    answer = await client.post("/v3/vendors", body)
    assert answer.status == 400
    assert told(answer) == [(None, message)]
    assert answer.body[0]["category"] == "REQUEST"


async def test_all_missing_members_are_told_at_once(client: BillClient) -> None:
    answer = await client.post("/v3/vendors", {})
    assert answer.status == 400
    assert told(answer) == [(None, "name: must not be blank"), (None, "address: must not be null")]


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("name", 100),
        ("shortName", 40),
        ("address.line1", 1000),
        ("address.line2", 100),
        ("address.city", 100),
        ("address.stateOrProvince", 100),
        ("address.zipOrPostalCode", 30),
        ("paymentInformation.payeeName", 100),
    ],
)
async def test_texts_have_a_longest_length(client: BillClient, path: str, limit: int) -> None:
    longest = await client.post("/v3/vendors", with_member(FULL_VENDOR, path, "x" * limit))
    assert longest.status == 201
    assert member(longest.body, path) == "x" * limit
    over = with_member(FULL_VENDOR, path, "x" * (limit + 1))
    message = f"{path}: size must be between 0 and {limit}"
    created = await client.post("/v3/vendors", over)
    assert (created.status, told(created)) == (400, [(None, message)])
    change = with_member({}, path, "x" * (limit + 1))
    patched = await client.patch(f"/v3/vendors/{longest.body['id']}", change)
    assert (patched.status, told(patched)) == (400, [(None, message)])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *(("accountType", value) for value in ("BUSINESS", "PERSON", "NONE", "UNDEFINED")),
        *(("additionalInfo.taxIdType", value) for value in ("EIN", "SSN", "UNDEFINED")),
        *(("billCurrency", value) for value in ("USD", "EUR", "XDR", "GGP", "IMP", "JEP")),
        *(("address.country", value) for value in ("US", "DK", "GB", "AQ")),
    ],
)
async def test_an_enumerated_value_is_kept(client: BillClient, path: str, value: str) -> None:
    answer = await client.post("/v3/vendors", with_member(FULL_VENDOR, path, value))
    assert answer.status == 201
    assert member(answer.body, path) == value


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "accountType",
            "FIRM",
            "JSON parse error: Cannot deserialize value of type `AccountType` from String"
            ' "FIRM": not one of the values accepted for Enum class:'
            " [BUSINESS, NONE, PERSON, UNDEFINED]",
        ),
        (
            "additionalInfo.taxIdType",
            "ein",
            "JSON parse error: Cannot deserialize value of type `TaxIdType` from String"
            ' "ein": not one of the values accepted for Enum class: [EIN, SSN, UNDEFINED]',
        ),
        ("address.country", "USA", "address.country: invalid value"),
        ("address.country", "us", "address.country: invalid value"),
        ("billCurrency", "DOLLAR", "billCurrency: invalid value"),
        (
            "paymentInformation.bankCountry",
            "Denmark",
            "paymentInformation.bankCountry: invalid value",
        ),
        (
            "paymentInformation.paymentCurrency",
            "XYZ",
            "paymentInformation.paymentCurrency: invalid value",
        ),
        (
            "additionalInfo.leadTimeInDays",
            "soon",
            "JSON parse error: Cannot deserialize value of type `java.lang.Integer`"
            ' from String value ("soon")',
        ),
    ],
)
async def test_a_wrong_value_is_refused(
    client: BillClient, path: str, value: str, message: str
) -> None:
    answer = await client.post("/v3/vendors", with_member(FULL_VENDOR, path, value))
    assert (answer.status, told(answer)) == (400, [(None, message)])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("POST", "/archive"),
        ("POST", "/restore"),
        ("GET", "/bank-account"),
        ("POST", "/bank-account"),
        ("DELETE", "/bank-account"),
        ("GET", "/configuration"),
    ],
)
async def test_an_unknown_vendor_is_404_bdc_1205(
    client: BillClient, method: str, path: str
) -> None:
    body = {"accountNumber": "111222333"} if (method, path) == ("POST", "/bank-account") else {}
    url = f"/connect/v3/vendors/{UNKNOWN_VENDOR}{path}"
    answer = await client.call(method, url, body)
    assert answer.status == 404
    assert told(answer) == [NO_DATA]
    assert answer.body[0]["category"] == "DOWNSTREAM"


async def test_a_vendor_of_another_world_is_unknown(make_client: MakeClient) -> None:
    one, other = await make_client(), await make_client()
    vendor = await one.new_vendor()
    answer = await other.get(f"/v3/vendors/{vendor['id']}")
    assert (answer.status, told(answer)[0]) == (404, NO_DATA)
