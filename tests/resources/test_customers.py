"""Customers over HTTP: create, read, change, archive, authorize to charge, list."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.resources.list_worlds import Labels, done, made, shown
from tests.resources.payables import (
    A_MINUTE_LATER,
    ADDRESS,
    NO_DATA,
    NO_PERMISSION,
    NOW,
    told,
    with_member,
)
from tests.resources.receivables import (
    CUSTOMERS,
    SMALLEST_CUSTOMER,
    UNKNOWN_CUSTOMER,
    authorize,
)

FULL_CUSTOMER: dict[str, Any] = {
    "name": "Paperless Band",
    "email": "contact@paperlessband.example",
    "companyName": "Paperless Band LLC",
    "contact": {"firstName": "Check", "lastName": "Mailworth"},
    "phone": "9998887654",
    "fax": "9998887655",
    "description": "Plays on Fridays",
    "invoiceCurrency": "CAD",
    "accountType": "PERSON",
    "paymentTermId": "00p02ABCDEFGHIJ12abc",
    "accountNumber": "PB-1",
    "billingAddress": ADDRESS,
    "shippingAddress": {**ADDRESS, "country": "DK"},
}


async def full_customer(client: BillClient) -> dict[str, Any]:
    answer = await client.post(CUSTOMERS, FULL_CUSTOMER)
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def test_a_new_customer_owes_nothing_and_shows_what_is_set_alone(client: BillClient) -> None:
    answer = await client.post(CUSTOMERS, SMALLEST_CUSTOMER)
    assert answer.status == 201
    assert answer.body["id"].startswith("0cu02")
    assert answer.body == {
        "id": answer.body["id"],
        "name": "Paperless Band",
        "email": "contact@paperlessband.example",
        "archived": False,
        "invoiceCurrency": "USD",
        "accountType": "NONE",
        "balance": {"amount": 0.0},
        "createdTime": NOW,
        "updatedTime": NOW,
    }
    read = await client.get(f"{CUSTOMERS}/{answer.body['id']}")
    assert (read.status, read.body) == (200, answer.body)


async def test_a_customer_keeps_every_member_it_is_given(client: BillClient) -> None:
    customer = await full_customer(client)
    assert customer == {
        **FULL_CUSTOMER,
        "billingAddress": {**ADDRESS, "countryName": "United States"},
        "shippingAddress": {**ADDRESS, "country": "DK", "countryName": "Denmark"},
        "id": customer["id"],
        "archived": False,
        "balance": {"amount": 0.0},
        "createdTime": NOW,
        "updatedTime": NOW,
    }


async def test_an_empty_contact_is_none(client: BillClient) -> None:
    answer = await client.post(CUSTOMERS, {**SMALLEST_CUSTOMER, "contact": {}})
    assert answer.status == 201
    assert "contact" not in answer.body


async def test_two_customers_may_have_one_name_and_email(client: BillClient) -> None:
    first = await client.post(CUSTOMERS, SMALLEST_CUSTOMER)
    second = await client.post(CUSTOMERS, SMALLEST_CUSTOMER)
    assert (first.status, second.status) == (201, 201)
    assert first.body["id"] != second.body["id"]


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        ({}, ["name: must not be blank", "email: must not be blank"]),
        ({"name": "A"}, ["email: must not be blank"]),
        ({"name": " ", "email": ""}, ["name: must not be blank", "email: must not be blank"]),
        (with_member(SMALLEST_CUSTOMER, "name", "x" * 101),
         ["name: size must be between 0 and 100"]),
        (with_member(SMALLEST_CUSTOMER, "invoiceCurrency", "XXZ"),
         ["invoiceCurrency: invalid value"]),
        (with_member(SMALLEST_CUSTOMER, "billingAddress", {}),
         ["billingAddress.line1: must not be blank",
          "billingAddress.city: must not be blank",
          "billingAddress.zipOrPostalCode: must not be blank",
          "billingAddress.country: must not be null"]),
        (with_member(SMALLEST_CUSTOMER, "shippingAddress", {**ADDRESS, "country": "USA"}),
         ["shippingAddress.country: invalid value"]),
        (with_member(SMALLEST_CUSTOMER, "accountType", "FIRM"),
         ["JSON parse error: Cannot deserialize value of type `CustomerType` from String"
          ' "FIRM": not one of the values accepted for Enum class: [BUSINESS, NONE, PERSON]']),
    ],
)  # fmt: skip
async def test_a_customer_with_wrong_members_is_refused(
    client: BillClient, body: dict[str, Any], messages: list[str]
) -> None:
    answer = await client.post(CUSTOMERS, body)
    assert (answer.status, told(answer)) == (400, [(None, message) for message in messages])
    assert (await client.get(CUSTOMERS)).body == {"results": []}


@pytest.mark.parametrize("verb", ["GET", "PATCH", "POST archive", "POST restore"])
async def test_an_unknown_customer_is_404(client: BillClient, verb: str) -> None:
    method, _, action = verb.partition(" ")
    path = f"/connect{CUSTOMERS}/{UNKNOWN_CUSTOMER}{action and f'/{action}'}"
    body = {"name": "X"} if method == "PATCH" else None
    answer = await client.call(method, path, body)
    assert (answer.status, told(answer)) == (404, [NO_DATA])


@pytest.mark.parametrize(
    ("change", "path", "value"),
    [
        ({"name": "Paperless Band (Updated)"}, "name", "Paperless Band (Updated)"),
        ({"email": "new@paperlessband.example"}, "email", "new@paperlessband.example"),
        ({"accountType": "BUSINESS"}, "accountType", "BUSINESS"),
        ({"companyName": "X"}, "companyName", "X"),
        ({"phone": 4155550123}, "phone", "4155550123"),
        ({"fax": ""}, "fax", ""),
        ({"description": "Quiet"}, "description", "Quiet"),
        ({"invoiceCurrency": "USD"}, "invoiceCurrency", "USD"),
        ({"paymentTermId": "00p2"}, "paymentTermId", "00p2"),
        ({"accountNumber": "PB-2"}, "accountNumber", "PB-2"),
        ({"contact": {"lastName": "Case"}}, "contact.lastName", "Case"),
        ({"contact": {}}, "contact.lastName", "Mailworth"),
        ({"billingAddress": {"city": "Fresno"}}, "billingAddress.city", "Fresno"),
        ({"shippingAddress": {"line2": "B"}}, "shippingAddress.line2", "B"),
        ({"archived": True, "balance": {"amount": 5}, "id": "x"}, "archived", False),
        ({"name": None, "contact": None, "billingAddress": None}, "archived", False),
        ({}, "archived", False),
    ],
)
async def test_patch_changes_what_it_names_and_keeps_the_rest(
    client: BillClient, change: dict[str, Any], path: str, value: Any
) -> None:
    customer = await full_customer(client)
    await client.advance(seconds=60, sign_in=False)
    answer = await client.patch(f"{CUSTOMERS}/{customer['id']}", change)
    assert answer.status == 200
    assert answer.body == {**with_member(customer, path, value), "updatedTime": A_MINUTE_LATER}
    assert (await client.get(f"{CUSTOMERS}/{customer['id']}")).body == answer.body


async def test_a_changed_country_changes_its_name(client: BillClient) -> None:
    customer = await full_customer(client)
    change = {"billingAddress": {"country": "CA"}}
    answer = await client.patch(f"{CUSTOMERS}/{customer['id']}", change)
    country = {"country": "CA", "countryName": "Canada"}
    assert answer.body["billingAddress"] == {**ADDRESS, **country}


@pytest.mark.parametrize("member", ["billingAddress", "shippingAddress"])
async def test_the_first_address_of_a_customer_must_be_whole(
    client: BillClient, member: str
) -> None:
    customer = (await client.post(CUSTOMERS, SMALLEST_CUSTOMER)).body
    path = f"{CUSTOMERS}/{customer['id']}"
    partial = await client.patch(path, {member: {"city": "Fresno", "line2": "B"}})
    assert (partial.status, told(partial)) == (400, [
        (None, f"{member}.line1: must not be blank"),
        (None, f"{member}.zipOrPostalCode: must not be blank"),
        (None, f"{member}.country: must not be null"),
    ])  # fmt: skip
    assert (await client.get(path)).body == customer
    whole = await client.patch(path, {member: ADDRESS})
    assert (whole.status, whole.body[member]) == (200, {**ADDRESS, "countryName": "United States"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "name: must not be blank"),
        ({"email": " "}, "email: must not be blank"),
        ({"name": "x" * 101}, "name: size must be between 0 and 100"),
        ({"billingAddress": {"country": "XX"}}, "billingAddress.country: invalid value"),
        ({"billingAddress": {"line1": ""}}, "billingAddress.line1: must not be blank"),
    ],
)
async def test_patch_refuses_wrong_values(
    client: BillClient, change: dict[str, Any], message: str
) -> None:
    customer = await full_customer(client)
    answer = await client.patch(f"{CUSTOMERS}/{customer['id']}", change)
    assert (answer.status, told(answer)) == (400, [(None, message)])
    assert (await client.get(f"{CUSTOMERS}/{customer['id']}")).body == customer


async def test_archive_and_restore_move_the_time_once(client: BillClient) -> None:
    customer = await full_customer(client)
    path = f"{CUSTOMERS}/{customer['id']}"
    archived = {**customer, "archived": True, "updatedTime": A_MINUTE_LATER}
    await client.advance(seconds=60, sign_in=False)
    answer = await client.post(f"{path}/archive")
    assert (answer.status, answer.body) == (200, archived)
    await client.advance(seconds=60, sign_in=False)
    again = await client.post(f"{path}/archive")
    assert (again.status, again.body) == (200, archived)
    restored = await client.post(f"{path}/restore")
    expected = {**customer, "updatedTime": "2026-06-03T16:02:00.000+00:00"}
    assert (restored.status, restored.body) == (200, expected)
    assert (await client.post(f"{path}/restore")).body == expected


async def test_an_authorization_is_answered_and_may_be_revoked(client: BillClient) -> None:
    customer = await full_customer(client)
    for yes in (True, True, False):
        answer = await authorize(client, customer["id"], yes)
        assert (answer.status, answer.body) == (200, {"authorizedToCharge": yes})
    read = await client.get(f"{CUSTOMERS}/{customer['id']}")
    assert "authorizedToCharge" not in read.body


async def test_the_newer_fields_show_the_authorization(make_client: MakeClient) -> None:
    client = await make_client(newer_fields=True)
    customer = await full_customer(client)
    assert customer["authorizedToCharge"] is False
    await authorize(client, customer["id"])
    read = await client.get(f"{CUSTOMERS}/{customer['id']}")
    assert read.body["authorizedToCharge"] is True


async def test_an_authorization_says_yes_or_no_for_a_known_customer(client: BillClient) -> None:
    unknown = await authorize(client, UNKNOWN_CUSTOMER)
    assert (unknown.status, told(unknown)) == (404, [NO_DATA])
    path = f"{CUSTOMERS}/{(await full_customer(client))['id']}/charge-authorization"
    empty = await client.post(path, {})
    assert (empty.status, told(empty)) == (400, [(None, "authorizedToCharge: must not be null")])


@pytest.mark.parametrize("role", ["APPROVER", "PAYER", "CLERK", "AUDITOR"])
async def test_roles_without_receivables_read_customers_only(
    make_client: MakeClient, role: str
) -> None:
    client = await make_client(role=role)
    assert (await client.get(CUSTOMERS)).status == 200
    assert (await client.get(f"{CUSTOMERS}/{UNKNOWN_CUSTOMER}")).status == 404
    for answer in (
        await client.post(CUSTOMERS, SMALLEST_CUSTOMER),
        await client.patch(f"{CUSTOMERS}/{UNKNOWN_CUSTOMER}", {}),
        await client.post(f"{CUSTOMERS}/{UNKNOWN_CUSTOMER}/archive"),
        await client.post(f"{CUSTOMERS}/{UNKNOWN_CUSTOMER}/restore"),
        await authorize(client, UNKNOWN_CUSTOMER),
    ):
        assert (answer.status, told(answer)) == (403, [NO_PERMISSION])


async def test_an_accountant_manages_customers(make_client: MakeClient) -> None:
    client = await make_client(role="ACCOUNTANT")
    customer = await full_customer(client)
    assert (await client.patch(f"{CUSTOMERS}/{customer['id']}", {})).status == 200
    assert (await authorize(client, customer["id"])).status == 200


async def some_customers(client: BillClient) -> Labels:
    """Ash, Ashwood, birch, Cedar, made at 16:00, 16:10 ...; Ashwood archived at 16:40."""
    ids = {}
    for name, company, kind, country, currency in (
        ("Ash", "d", "BUSINESS", "US", "USD"),
        ("Ashwood", "c", "PERSON", "DK", "EUR"),
        ("birch", None, "NONE", None, "GBP"),
        ("Cedar", "a", "BUSINESS", "DK", "USD"),
    ):
        body = {
            "name": name,
            "email": f"{company or 'b'}@example.com",
            "companyName": company,
            "phone": company,
            "fax": company,
            "description": company,
            "accountType": kind,
            "billingAddress": country and {**ADDRESS, "country": country},
            "invoiceCurrency": currency,
        }
        ids[name] = (await made(client, CUSTOMERS, body))["id"]
    await done(client, f"{CUSTOMERS}/{ids['Ashwood']}/archive")
    return ids


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("id:eq:{birch}", "birch"),
        ("id:ne:{birch}", "Ash Ashwood Cedar"),
        ('id:in:"{birch},{Ash}"', "Ash birch"),
        ("archived:eq:true", "Ashwood"),
        ("archived:ne:true", "Ash birch Cedar"),
        ("name:eq:Ash", "Ash"),
        ('name:sw:"Ash"', "Ash Ashwood"),
        ("accountType:eq:BUSINESS", "Ash Cedar"),
        ("accountType:ne:BUSINESS", "Ashwood birch"),
        ('accountType:in:"PERSON,NONE"', "Ashwood birch"),
        ('accountType:nin:"PERSON,NONE"', "Ash Cedar"),
        ("address.country:eq:DK", "Ashwood Cedar"),
        ("address.country:ne:DK", "Ash birch"),
        ("invoiceCurrency:eq:USD", "Ash Cedar"),
        ("invoiceCurrency:ne:USD", "Ashwood birch"),
        ('invoiceCurrency:in:"EUR,GBP"', "Ashwood birch"),
        ('invoiceCurrency:nin:"EUR,GBP"', "Ash Cedar"),
        # BILL's page names the field, but customers have none.
        ("paymentStatus:eq:PAID", ""),
        ("paymentStatus:ne:PAID", "Ash Ashwood birch Cedar"),
        ('createdTime:gte:"2026-06-03T16:20:00.000Z"', "birch Cedar"),
        ('createdTime:lt:"2026-06-03T16:20"', "Ash Ashwood"),
        ('updatedTime:gt:"2026-06-03T16:30:00.000Z"', "Ashwood"),
        ('updatedTime:lte:"2026-06-03T16:20:00.000Z"', "Ash birch"),
    ],
)
async def test_a_filter_keeps_the_customers_it_describes(
    client: BillClient, filters: str, expected: str
) -> None:
    labels = await some_customers(client)
    assert await shown(client, CUSTOMERS, f"filters={filters}", labels) == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("archived", "Ash birch Cedar Ashwood"),
        ("name", "Ash Ashwood Cedar birch"),
        ("companyName", "birch Cedar Ashwood Ash"),
        ("email", "Cedar birch Ashwood Ash"),
        ("phone", "birch Cedar Ashwood Ash"),
        ("fax", "birch Cedar Ashwood Ash"),
        ("description", "birch Cedar Ashwood Ash"),
        ("invoiceCurrency", "Ashwood birch Ash Cedar"),
        ("createdTime", "Ash Ashwood birch Cedar"),
        ("updatedTime", "Ash birch Cedar Ashwood"),
    ],
)
async def test_a_sort_orders_the_customers_up_and_down(
    client: BillClient, field: str, expected: str
) -> None:
    labels = await some_customers(client)
    assert await shown(client, CUSTOMERS, f"sort={field}", labels) == expected
    downward = " ".join(reversed(expected.split()))
    assert await shown(client, CUSTOMERS, f"sort={field}:desc", labels) == downward


@pytest.mark.parametrize("field", ["email", "billingAddress.country", "billCurrency", "balance"])
async def test_a_field_that_cannot_be_filtered_is_bdc_1130(client: BillClient, field: str) -> None:
    answer = await client.get(f"{CUSTOMERS}?filters={field}:eq:1")
    text = f"Invalid list filter field: {field}."
    assert (answer.status, told(answer)) == (400, [("BDC_1130", text)])
