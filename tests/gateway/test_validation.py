"""What a body may hold: types as Jackson takes them, faults as bean validation tells them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http import BillClient
from tests.refusals import check_faults, holdings

PARSE = "JSON parse error: Cannot deserialize value of type"
ADDRESS = {"line1": "1 Main Street", "city": "Boise", "zipOrPostalCode": "83702", "country": "US"}
TRUE_TOKEN = "Boolean value (token `JsonToken.VALUE_TRUE`)"
FALSE_TOKEN = "Boolean value (token `JsonToken.VALUE_FALSE`)"
INT_TOKEN = "Integer value (token `JsonToken.VALUE_NUMBER_INT`)"
FLOAT_TOKEN = "Floating-point value (token `JsonToken.VALUE_NUMBER_FLOAT`)"
ARRAY_TOKEN = "Array value (token `JsonToken.START_ARRAY`)"
OBJECT_TOKEN = "Object value (token `JsonToken.START_OBJECT`)"


def vendor(**more: Any) -> dict[str, Any]:
    return {"name": "Orchard Office Park", "address": ADDRESS, **more}


def address(**more: Any) -> dict[str, Any]:
    return vendor(address={**ADDRESS, **more})


def account(**more: Any) -> dict[str, Any]:
    number = {"accountNumber": "111222333", "routingNumber": "074000010"}
    return vendor(paymentInformation={"bankAccount": {**number, **more}})


def bill(**more: Any) -> dict[str, Any]:
    right = {
        "vendorId": "00902NOSUCHVENDO1abcd",
        "dueDate": "2026-12-31",
        "billLineItems": [{"amount": 10}],
        "invoice": {"invoiceNumber": "1", "invoiceDate": "2026-12-01"},
    }
    return {**right, **more}


def no_object(name: str, token: str) -> str:
    return (
        f"Cannot construct instance of `{name}` (although at least one Creator exists):"
        f" no suitable creator to deserialize from {token}"
    )


def no_member(enumeration: str, value: str, members: str) -> str:
    return (
        f'{PARSE} `{enumeration}` from String "{value}":'
        f" not one of the values accepted for Enum class: [{members}]"
    )


def no_date(value: str) -> str:
    return f'{PARSE} `java.time.LocalDate` from String "{value}": not a valid date (yyyy-MM-dd)'


ACCOUNT_TYPES = "BUSINESS, NONE, PERSON, UNDEFINED"


@pytest.mark.parametrize(
    ("member", "sent", "answered"),
    [
        ("phone", 4155550123, "4155550123"),
        ("phone", 12345678901234567890, "12345678901234567890"),
        ("phone", -1.5, "-1.5"),
        ("phone", "\u00e9\u4e2d\U0001f600", "\u00e9\u4e2d\U0001f600"),
        ("phone", "NaN Infinity 1e400", "NaN Infinity 1e400"),
        ("leadTimeInDays", "5", 5),
        ("leadTimeInDays", 5.0, 5),
        ("track1099", "true", True),
        ("track1099", "TRUE", True),
        ("track1099", "false", False),
        ("track1099", 1, True),
        ("track1099", 0, False),
        ("maxAmount", "12.50", 12.5),
        ("maxAmount", 12, 12.0),
        ("maxAmount", 1e3, 1000.0),
    ],
)
async def test_scalars_of_another_type_are_turned_into_the_right_one(
    client: BillClient, member: str, sent: Any, answered: Any
) -> None:
    inside = {"phone": None, "maxAmount": "autoPay"}.get(member, "additionalInfo")
    body = vendor(**({inside: {member: sent}} if inside else {member: sent}))
    answer = await client.post("/v3/vendors", body)
    assert answer.status == 201, answer.body
    found = answer.body[inside][member] if inside else answer.body[member]
    assert (found, type(found)) == (answered, type(answered))


async def test_a_text_amount_counts_as_money(client: BillClient) -> None:
    made = await client.new_vendor()
    lines = [{"amount": "12.50"}, {"quantity": "2", "price": "1.25"}]
    answer = await client.post("/v3/bills", bill(vendorId=made["id"], billLineItems=lines))
    assert (answer.status, answer.body["amount"]) == (201, 15.0)


async def test_null_is_as_if_the_member_were_absent(client: BillClient) -> None:
    members = ("phone", "accountType", "paymentInformation", "additionalInfo", "autoPay")
    plain = (await client.post("/v3/vendors", vendor())).body
    nulls = (await client.post("/v3/vendors", vendor(**dict.fromkeys(members)))).body
    assert {**nulls, "id": plain["id"]} == plain


async def test_null_in_a_patch_changes_nothing(client: BillClient) -> None:
    made = await client.new_vendor(phone="123", additionalInfo={"leadTimeInDays": 5})
    nulls = {"name": None, "phone": None, "address": None, "additionalInfo": None}
    patched = await client.patch(f"/v3/vendors/{made['id']}", nulls)
    assert (patched.status, patched.body) == (200, made)


async def test_unknown_members_are_ignored_at_every_depth(client: BillClient) -> None:
    body = {**address(planet="Earth"), "customerId": "x", "billPayments": [{"a": [1, None]}]}
    answer = await client.post("/v3/vendors", body)
    assert answer.status == 201
    assert {"customerId", "billPayments"}.isdisjoint(answer.body)
    assert "planet" not in answer.body["address"]


async def test_the_last_of_two_equal_members_counts(client: BillClient) -> None:
    raw = b'{"billLineItems":[],"name":"First","name":"Last","address":%b}'
    place = b'{"line1":"1 A","city":"B","zipOrPostalCode":"83702","country":"US"}'
    answer = await client.post("/v3/vendors", raw=raw % place)
    assert (answer.status, answer.body["name"]) == (201, "Last")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (vendor(phone=True), f"{PARSE} `java.lang.String` from {TRUE_TOKEN}"),
        (vendor(phone=["1"]), f"{PARSE} `java.lang.String` from {ARRAY_TOKEN}"),
        (vendor(phone={"a": 1}), f"{PARSE} `java.lang.String` from {OBJECT_TOKEN}"),
        (address(line1=[]), f"{PARSE} `java.lang.String` from {ARRAY_TOKEN}"),
        (address(country=False), f"{PARSE} `java.lang.String` from {FALSE_TOKEN}"),
        (vendor(address="here"), no_object("Address", 'String value ("here")')),
        (vendor(address=[]), no_object("Address", ARRAY_TOKEN)),
        (vendor(address=7), no_object("Address", INT_TOKEN)),
        (vendor(address=True), no_object("Address", TRUE_TOKEN)),
        (vendor(paymentInformation=1.5), no_object("PaymentInformation", FLOAT_TOKEN)),
        (account(regulatoryFields=[7]), no_object("RegulatoryField", INT_TOKEN)),
        (account(regulatoryFields="x"), f'{PARSE} `java.util.ArrayList` from String value ("x")'),
        (
            vendor(additionalInfo={"leadTimeInDays": "soon"}),
            f'{PARSE} `java.lang.Integer` from String value ("soon")',
        ),
        (
            vendor(additionalInfo={"track1099": "maybe"}),
            f'{PARSE} `java.lang.Boolean` from String "maybe": only "true" or "false" recognized',
        ),
        (
            vendor(additionalInfo={"track1099": []}),
            f"{PARSE} `java.lang.Boolean` from {ARRAY_TOKEN}",
        ),
        (
            vendor(autoPay={"maxAmount": "much"}),
            f'{PARSE} `java.math.BigDecimal` from String value ("much")',
        ),
        (vendor(autoPay={"maxAmount": {}}), f"{PARSE} `java.math.BigDecimal` from {OBJECT_TOKEN}"),
        (vendor(accountType="business"), no_member("AccountType", "business", ACCOUNT_TYPES)),
        (vendor(accountType=""), no_member("AccountType", "", ACCOUNT_TYPES)),
        (vendor(accountType=1), f"{PARSE} `AccountType` from {INT_TOKEN}"),
        (vendor(accountType={}), f"{PARSE} `AccountType` from {OBJECT_TOKEN}"),
        (account(type="CURRENT"), no_member("BankAccountType", "CURRENT", "CHECKING, SAVINGS")),
        ([], no_object("VendorCreate", ARRAY_TOKEN)),
        ("text", no_object("VendorCreate", 'String value ("text")')),
        (False, no_object("VendorCreate", FALSE_TOKEN)),
    ],
)
async def test_a_wrong_type_ends_the_reading_of_a_vendor(
    client: BillClient, body: Any, message: str
) -> None:
    before = await holdings(client)
    check_faults(await client.post("/v3/vendors", body), message)
    assert await holdings(client) == before


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (bill(dueDate="2026-02-30"), no_date("2026-02-30")),
        (bill(dueDate="31.12.2026"), no_date("31.12.2026")),
        (bill(dueDate="2026-12-31T10:00:00Z"), no_date("2026-12-31T10:00:00Z")),
        (bill(dueDate=""), no_date("")),
        (bill(dueDate=True), f"{PARSE} `java.time.LocalDate` from {TRUE_TOKEN}"),
        (bill(dueDate=[2026, 12, 31]), f"{PARSE} `java.time.LocalDate` from {ARRAY_TOKEN}"),
        (bill(invoice="1"), no_object("Invoice", 'String value ("1")')),
        (bill(invoice={"invoiceNumber": "1", "invoiceDate": "soon"}), no_date("soon")),
        (bill(billLineItems={"amount": 1}), f"{PARSE} `java.util.ArrayList` from {OBJECT_TOKEN}"),
        (bill(billLineItems=["x"]), no_object("Line", 'String value ("x")')),
        (bill(billLineItems=[{"amount": 1}, 2]), no_object("Line", INT_TOKEN)),
        (
            bill(billLineItems=[{"amount": [1]}]),
            f"{PARSE} `java.math.BigDecimal` from {ARRAY_TOKEN}",
        ),
        # A type that cannot be read is told alone, whatever else is missing.
        ({"dueDate": "soon"}, no_date("soon")),
    ],
)
async def test_a_wrong_type_ends_the_reading_of_a_bill(
    client: BillClient, body: Any, message: str
) -> None:
    before = await holdings(client)
    check_faults(await client.post("/v3/bills", body), message)
    assert await holdings(client) == before


NULL, BLANK, INVALID = "must not be null", "must not be blank", "invalid value"


@pytest.mark.parametrize(
    ("path", "body", "messages"),
    [
        ("/v3/vendors", {}, [f"name: {BLANK}", f"address: {NULL}"]),
        ("/v3/vendors", {"name": None, "address": None}, [f"name: {BLANK}", f"address: {NULL}"]),
        ("/v3/vendors", vendor(name="\t "), [f"name: {BLANK}"]),
        ("/v3/vendors", vendor(name="n" * 101), ["name: size must be between 0 and 100"]),
        (
            "/v3/vendors",
            {"address": {}},
            [
                f"name: {BLANK}",
                f"address.line1: {BLANK}",
                f"address.city: {BLANK}",
                f"address.zipOrPostalCode: {BLANK}",
                f"address.country: {NULL}",
            ],
        ),
        (
            "/v3/vendors",
            address(country="USA", city="c" * 101),
            ["address.city: size must be between 0 and 100", f"address.country: {INVALID}"],
        ),
        (
            "/v3/vendors",
            account(accountNumber=None, paymentCurrency="dollars"),
            [
                f"paymentInformation.bankAccount.accountNumber: {NULL}",
                f"paymentInformation.bankAccount.paymentCurrency: {INVALID}",
            ],
        ),
        (
            "/v3/vendors",
            account(regulatoryFields=[{"name": "a", "value": "b"}, {"value": " "}, None]),
            [
                f"paymentInformation.bankAccount.regulatoryFields[1].name: {BLANK}",
                f"paymentInformation.bankAccount.regulatoryFields[1].value: {BLANK}",
                f"paymentInformation.bankAccount.regulatoryFields[2]: {NULL}",
            ],
        ),
        (
            "/v3/bills",
            {},
            [
                f"vendorId: {BLANK}",
                f"dueDate: {NULL}",
                f"billLineItems: {NULL}",
                f"invoice: {NULL}",
            ],
        ),
        (
            "/v3/bills",
            bill(billLineItems=[], invoice={}, dueDate="1899-12-31"),
            [
                f"dueDate: {INVALID}",
                "billLineItems: must not be empty",
                f"invoice.invoiceNumber: {BLANK}",
                f"invoice.invoiceDate: {NULL}",
            ],
        ),
        (
            "/v3/bills",
            bill(billLineItems=[{"amount": 1e12}, None, {"amount": -1e12, "price": 1e12}]),
            [
                "billLineItems[0].amount: must be less than or equal to 999999999999",
                f"billLineItems[1]: {NULL}",
                "billLineItems[2].amount: must be greater than or equal to -999999999999",
                "billLineItems[2].price: must be less than or equal to 999999999999",
            ],
        ),
        (
            "/v3/vendors/bulk",
            [vendor(), None, {}],
            [f"[1]: {NULL}", f"[2].name: {BLANK}", f"[2].address: {NULL}"],
        ),
    ],
)
async def test_all_faulty_fields_are_told_one_item_each(
    client: BillClient, path: str, body: Any, messages: list[str]
) -> None:
    before = await holdings(client)
    check_faults(await client.post(path, body), *messages)
    assert await holdings(client) == before


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, f"{PARSE} `java.util.ArrayList` from {OBJECT_TOKEN}"),
        (["x"], no_object("VendorCreate", 'String value ("x")')),
        ([], "size must be between 1 and 20"),
    ],
)
async def test_a_bulk_call_takes_a_list_of_objects(
    client: BillClient, body: Any, message: str
) -> None:
    check_faults(await client.post("/v3/vendors/bulk", body), message)


async def test_a_member_in_another_spelling_than_bills_is_unknown(client: BillClient) -> None:
    misspelt = {
        "zip_or_postal_code" if key == "zipOrPostalCode" else key: value
        for key, value in ADDRESS.items()
    }
    answer = await client.post("/v3/vendors", vendor(address=misspelt))
    check_faults(answer, f"address.zipOrPostalCode: {BLANK}")
    answer = await client.post("/v3/vendors", vendor(account_type="PERSON"))
    assert answer.status == 201
    assert answer.body["accountType"] != "PERSON"
