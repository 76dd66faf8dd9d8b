"""Who may pay from a bank account, over HTTP: list, nominate, archive."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.resources.payables import (
    A_MINUTE_LATER,
    BANK_BODY,
    BANKS,
    NO_DATA,
    NO_PERMISSION,
    NOW,
    told,
)

USERS = f"{BANKS}/users"


def user_id(client: BillClient, role: str) -> str:
    return next(str(user["userId"]) for user in client.world["users"] if user["role"] == role)


async def accesses(client: BillClient, query: str = "") -> list[dict[str, Any]]:
    answer = await client.get(f"{USERS}{query}")
    assert answer.status == 200
    return list(answer.body["results"])


async def nominate(client: BillClient, role: str) -> dict[str, Any]:
    """Nominate the user of that role on the world's account; the access."""
    wanted = {"bankAccountId": await client.bank_account(), "userId": user_id(client, role)}
    answer = await client.post(f"{USERS}/nominate", wanted)
    assert (answer.status, answer.body) == (200, {"status": "SUCCESS"})
    (access,) = await accesses(client, f"?filters=userId:eq:{wanted['userId']}")
    return access


async def test_a_new_world_has_two_users_who_may_pay(client: BillClient) -> None:
    found = await accesses(client)
    assert [access["userId"] for access in found] == [
        user_id(client, "ADMINISTRATOR"),
        user_id(client, "PAYER"),
    ]
    assert found[0] == {
        "id": found[0]["id"],
        "bankAccountId": await client.bank_account(),
        "userId": user_id(client, "ADMINISTRATOR"),
        "archived": False,
        "verificationStatus": "VERIFIED",
        "createdTime": NOW,
        "updatedTime": NOW,
    }
    assert found[0]["id"][:5] == "bau02"


@pytest.mark.parametrize(
    ("query", "roles"),
    [
        ("?currentUser=true", ["PAYER"]),
        ("?currentUser=false", ["ADMINISTRATOR", "PAYER"]),
        ("?currentUser=true&filters=verificationStatus:ne:VERIFIED", []),
    ],
)
async def test_current_user_narrows_the_list(
    client: BillClient, query: str, roles: list[str]
) -> None:
    await client.login("PAYER")
    expected = [user_id(client, role) for role in roles]
    assert [access["userId"] for access in await accesses(client, query)] == expected


async def test_a_nominated_user_waits_for_the_identity_check(client: BillClient) -> None:
    await client.advance(seconds=60, sign_in=False)
    access = await nominate(client, "CLERK")
    assert access == {
        "id": access["id"],
        "bankAccountId": await client.bank_account(),
        "userId": user_id(client, "CLERK"),
        "archived": False,
        "verificationStatus": "NOMINATED",
        "createdTime": A_MINUTE_LATER,
        "updatedTime": A_MINUTE_LATER,
    }
    message = (await client.control("GET", "/outbox?kind=email")).body["results"][0]
    assert message["to"] == "clerk@cedarfinch.example"
    assert message["text"] == "Verify your identity to pay from First Cedar Bank."
    passed = await client.simulate("bank_account_user.verified", access["id"])
    assert passed.body["record"]["verificationStatus"] == "VERIFIED"
    assert (await accesses(client))[-1] == {**access, "verificationStatus": "VERIFIED"}


async def test_nominating_a_verified_user_changes_nothing(client: BillClient) -> None:
    before = await accesses(client)
    await client.advance(seconds=60, sign_in=False)
    assert (await nominate(client, "PAYER"))["verificationStatus"] == "VERIFIED"
    assert await accesses(client) == before


async def test_an_archived_user_can_no_longer_pay_until_nominated_and_verified_again(
    make_client: MakeClient,
) -> None:
    payer = await make_client(trusted=True)
    bill = await payer.new_bill((await payer.new_vendor())["id"], 50)
    (access,) = await accesses(payer, "?currentUser=true")
    await payer.advance(seconds=60, sign_in=False)
    expected = {
        **access,
        "archived": True,
        "verificationStatus": "UNVERIFIED",
        "updatedTime": A_MINUTE_LATER,
    }
    for _ in range(2):
        answer = await payer.post(f"{USERS}/{access['id']}/archive")
        assert (answer.status, answer.body) == (200, expected)
        await payer.advance(seconds=60, sign_in=False)
    refused = await payer.pay(bill, 50)
    assert (refused.status, refused.body[0]["code"]) == (422, "BDC_1150")
    again = await nominate(payer, "ADMINISTRATOR")
    assert (again["id"], again["archived"]) == (access["id"], False)
    assert again["verificationStatus"] == "NOMINATED"
    assert (await payer.pay(bill, 50)).status == 422
    await payer.simulate("bank_account_user.verified", access["id"])
    assert (await payer.pay(bill, 50)).status == 201


async def test_an_archived_user_cannot_archive_the_account(client: BillClient) -> None:
    (access,) = await accesses(client, "?currentUser=true")
    await client.post(f"{USERS}/{access['id']}/archive")
    answer = await client.post(f"{BANKS}/{await client.bank_account()}/archive")
    text = "The bank account user must be VERIFIED."
    assert (answer.status, told(answer)) == (422, [(None, text)])


@pytest.mark.parametrize(
    ("setting", "status"), [("verified", "VERIFIED"), ("nominated", "NOMINATED")]
)
async def test_the_setting_decides_what_the_creator_is_on_a_confirmed_account(
    make_client: MakeClient, setting: str, status: str
) -> None:
    payer = await make_client(trusted=True, bank_creator=setting)
    account = (await payer.post(BANKS, BANK_BODY)).body
    query = f"?filters=bankAccountId:eq:{account['id']}"
    assert await accesses(payer, query) == []
    await payer.post(f"{BANKS}/{account['id']}/verify", {"depositAmount": 0.5})
    (access,) = await accesses(payer, query)
    assert access["userId"] == account["createdBy"]
    assert access["verificationStatus"] == status


@pytest.mark.parametrize(
    ("name", "unknown"),
    [("bankAccountId", "bac02AAAAAAAAAAzzzzz"), ("userId", "00602AAAAAAAAAAzzzzz")],
)
async def test_nominating_with_an_unknown_id_is_404_bdc_1205(
    client: BillClient, name: str, unknown: str
) -> None:
    body = {"bankAccountId": await client.bank_account(), "userId": user_id(client, "CLERK")}
    answer = await client.post(f"{USERS}/nominate", {**body, name: unknown})
    assert (answer.status, told(answer)) == (404, [NO_DATA])
    missing = await client.post(f"{USERS}/nominate", {**body, name: None})
    assert (missing.status, told(missing)) == (400, [(None, f"{name}: must not be blank")])


async def test_archiving_an_unknown_user_is_404_bdc_1205(client: BillClient) -> None:
    answer = await client.post(f"{USERS}/bau02AAAAAAAAAAzzzzz/archive")
    assert (answer.status, told(answer)) == (404, [NO_DATA])


@pytest.mark.parametrize("role", ["ACCOUNTANT", "APPROVER", "PAYER", "CLERK", "AUDITOR"])
async def test_only_administrators_nominate_and_archive(client: BillClient, role: str) -> None:
    await client.login(role)
    before = await accesses(client)
    body = {"bankAccountId": await client.bank_account(), "userId": user_id(client, "CLERK")}
    for answer in (
        await client.post(f"{USERS}/nominate", body),
        await client.post(f"{USERS}/{before[0]['id']}/archive"),
    ):
        assert (answer.status, told(answer)) == (403, [NO_PERMISSION])
    assert await accesses(client) == before
