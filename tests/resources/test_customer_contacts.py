"""Contacts of customers over HTTP: create with a sign-in, change, archive, list."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.resources.payables import A_MINUTE_LATER, NO_DATA, NO_PERMISSION, NOW, told
from tests.resources.receivables import CUSTOMERS, UNKNOWN_CUSTOMER, new_customer

UNKNOWN_CONTACT = "cpu02AAAAAAAAAAzzzzz"
CONTACT = {
    "firstName": "Check",
    "lastName": "Mailworth",
    "email": "check@paperlessband.example",
    "phone": "9998887654",
    "altPhone": "9998887655",
    "alternateEmail": "mailworth@paperlessband.example",
}


def contacts_of(customer: dict[str, Any]) -> str:
    return f"{CUSTOMERS}/{customer['id']}/contacts"


async def new_contact(client: BillClient, customer: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await client.post(contacts_of(customer), {**CONTACT, **more})
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def test_a_new_contact_is_answered_with_all_it_was_given(client: BillClient) -> None:
    customer = await new_customer(client)
    contact = await new_contact(client, customer)
    assert contact["id"].startswith("cpu02")
    assert contact == {
        **CONTACT,
        "id": contact["id"],
        "archived": False,
        "customerId": customer["id"],
        "createdTime": NOW,
        "updatedTime": NOW,
    }
    read = await client.get(f"{contacts_of(customer)}/{contact['id']}")
    assert (read.status, read.body) == (200, contact)


async def test_each_new_contact_is_sent_a_password_of_its_own(client: BillClient) -> None:
    customer = await new_customer(client)
    await new_contact(client, customer)
    await new_contact(client, customer, email="b@example.com")
    sent = (await client.control("GET", "/outbox?kind=email")).body["results"]
    assert [one["to"] for one in sent] == ["b@example.com", CONTACT["email"]]
    texts = [
        re.fullmatch(r"Your BILL sign-in is ready\. Password: (\w{12})", one["text"])
        for one in sent
    ]
    assert len({found[1] for found in texts if found}) == 2


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        ({}, ["firstName: must not be blank", "email: must not be blank"]),
        ({"firstName": " ", "email": "a@b.example"}, ["firstName: must not be blank"]),
        ({"firstName": "A", "email": ""}, ["email: must not be blank"]),
    ],
)
async def test_a_contact_needs_a_first_name_and_an_email(
    client: BillClient, body: dict[str, Any], messages: list[str]
) -> None:
    customer = await new_customer(client)
    answer = await client.post(contacts_of(customer), body)
    assert (answer.status, told(answer)) == (400, [(None, message) for message in messages])


@pytest.mark.parametrize("email", ["check@paperlessband.example", "CHECK@paperlessband.example"])
@pytest.mark.parametrize("archived", [False, True])
async def test_an_email_is_used_once_within_a_customer(
    client: BillClient, email: str, archived: bool
) -> None:
    customer = await new_customer(client)
    first = await new_contact(client, customer)
    second = await new_contact(client, customer, email="b@example.com")
    if archived:
        await client.post(f"{contacts_of(customer)}/{first['id']}/archive")
    path = f"{contacts_of(customer)}/{second['id']}"
    for answer in (
        await client.post(contacts_of(customer), {**CONTACT, "email": email}),
        await client.patch(path, {"email": email}),
    ):
        text = f"A contact with the email {email} already exists."
        assert (answer.status, told(answer)) == (422, [(None, text)])
    assert (await client.get(path)).body == second
    sent = (await client.control("GET", "/outbox?kind=email")).body["results"]
    assert len(sent) == 2


async def test_an_email_may_be_kept_and_used_at_another_customer(client: BillClient) -> None:
    customer, other = await new_customer(client), await new_customer(client)
    contact = await new_contact(client, customer)
    change = {"email": CONTACT["email"].upper()}
    answer = await client.patch(f"{contacts_of(customer)}/{contact['id']}", change)
    assert (answer.status, answer.body) == (200, {**contact, **change})
    await new_contact(client, other)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"firstName": "Cheque"}, {"firstName": "Cheque"}),
        ({"lastName": "Case", "phone": 1}, {"lastName": "Case", "phone": "1"}),
        ({"altPhone": "2", "alternateEmail": "x"}, {"altPhone": "2", "alternateEmail": "x"}),
        ({"email": "b@example.com"}, {"email": "b@example.com"}),
        ({"archived": True, "customerId": "x", "id": "x"}, {}),
        ({"firstName": None}, {}),
    ],
)
async def test_patch_changes_what_it_names_and_keeps_the_rest(
    client: BillClient, change: dict[str, Any], expected: dict[str, Any]
) -> None:
    customer = await new_customer(client)
    contact = await new_contact(client, customer)
    await client.advance(seconds=60, sign_in=False)
    answer = await client.patch(f"{contacts_of(customer)}/{contact['id']}", change)
    assert answer.status == 200
    assert answer.body == {**contact, **expected, "updatedTime": A_MINUTE_LATER}


@pytest.mark.parametrize("member", ["firstName", "email"])
async def test_patch_refuses_a_blank(client: BillClient, member: str) -> None:
    customer = await new_customer(client)
    contact = await new_contact(client, customer)
    answer = await client.patch(f"{contacts_of(customer)}/{contact['id']}", {member: ""})
    assert (answer.status, told(answer)) == (400, [(None, f"{member}: must not be blank")])


async def test_archive_and_restore_move_the_time_once(client: BillClient) -> None:
    customer = await new_customer(client)
    contact = await new_contact(client, customer)
    path = f"{contacts_of(customer)}/{contact['id']}"
    await client.advance(seconds=60, sign_in=False)
    archived = {**contact, "archived": True, "updatedTime": A_MINUTE_LATER}
    answer = await client.post(f"{path}/archive")
    assert (answer.status, answer.body) == (200, archived)
    await client.advance(seconds=60, sign_in=False)
    assert (await client.post(f"{path}/archive")).body == archived
    restored = await client.post(f"{path}/restore")
    expected = {**contact, "updatedTime": "2026-06-03T16:02:00.000+00:00"}
    assert (restored.status, restored.body) == (200, expected)
    assert (await client.post(f"{path}/restore")).body == expected


async def test_a_contact_is_found_at_its_own_customer_alone(client: BillClient) -> None:
    customer, other = await new_customer(client), await new_customer(client)
    contact = await new_contact(client, customer)
    for path in (
        f"{contacts_of(other)}/{contact['id']}",
        f"{contacts_of(customer)}/{UNKNOWN_CONTACT}",
        f"{CUSTOMERS}/{UNKNOWN_CUSTOMER}/contacts/{contact['id']}",
    ):
        for answer in (
            await client.get(path),
            await client.patch(path, {}),
            await client.post(f"{path}/archive"),
            await client.post(f"{path}/restore"),
        ):
            assert (answer.status, told(answer)) == (404, [NO_DATA])
    unknown = f"{CUSTOMERS}/{UNKNOWN_CUSTOMER}/contacts"
    for answer in (await client.get(unknown), await client.post(unknown, CONTACT)):
        assert (answer.status, told(answer)) == (404, [NO_DATA])


async def test_a_list_shows_the_contacts_of_its_customer(client: BillClient) -> None:
    customer, other = await new_customer(client), await new_customer(client)
    first = await new_contact(client, customer, firstName="B", lastName="A")
    await new_contact(client, other)
    await client.advance(seconds=60, sign_in=False)
    second = await new_contact(client, customer, firstName="A", lastName="B", email="b@c.example")
    path = contacts_of(customer)
    second = (await client.post(f"{path}/{second['id']}/archive")).body
    for query, expected in (
        ("", [first, second]),
        ("sort=createdTime:desc", [second, first]),
        ("sort=firstName", [second, first]),
        ("sort=lastName", [first, second]),
        ("sort=archived:desc", [second, first]),
        ("filters=archived:eq:true", [second]),
        ("filters=archived:ne:true", [first]),
        ("filters=email:eq:b@c.example", [second]),
        (f"filters=id:eq:{first['id']}", [first]),
        (f'filters=id:in:"{first["id"]},x"', [first]),
        ("max=1", [first]),
    ):
        answer = await client.get(f"{path}?{query}")
        assert (answer.status, answer.body["results"]) == (200, expected), query


@pytest.mark.parametrize("role", ["APPROVER", "PAYER", "CLERK", "AUDITOR"])
async def test_roles_without_receivables_read_contacts_only(
    make_client: MakeClient, role: str
) -> None:
    client = await make_client(role=role)
    path = f"{CUSTOMERS}/{UNKNOWN_CUSTOMER}/contacts"
    assert (await client.get(path)).status == 404
    assert (await client.get(f"{path}/{UNKNOWN_CONTACT}")).status == 404
    for answer in (
        await client.post(path, CONTACT),
        await client.patch(f"{path}/{UNKNOWN_CONTACT}", {}),
        await client.post(f"{path}/{UNKNOWN_CONTACT}/archive"),
        await client.post(f"{path}/{UNKNOWN_CONTACT}/restore"),
    ):
        assert (answer.status, told(answer)) == (403, [NO_PERMISSION])
