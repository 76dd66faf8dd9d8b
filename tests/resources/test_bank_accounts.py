"""Bank accounts to pay from over HTTP: create, verify, change, archive."""

from __future__ import annotations

import re
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

UNKNOWN = "bac02AAAAAAAAAAzzzzz"
ID = re.compile(r"^bac02[A-Z]{10}[0-9a-z]{5}$")
UNTRUSTED = ("BDC_1361", "Untrusted session.")


async def pending(payer: BillClient, **more: Any) -> dict[str, Any]:
    answer = await payer.post(BANKS, {**BANK_BODY, **more})
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def verified(payer: BillClient, **more: Any) -> dict[str, Any]:
    account = await pending(payer, **more)
    answer = await payer.post(f"{BANKS}/{account['id']}/verify", {"depositAmount": 0.5})
    assert answer.body == {"verified": True}
    return dict((await payer.get(f"{BANKS}/{account['id']}")).body)


async def test_a_new_account_is_pending_archived_and_no_default(payer: BillClient) -> None:
    user_id = (await payer.get("/v3/login/session")).body["userId"]
    account = await pending(payer)
    assert ID.match(account["id"])
    assert account == {
        **BANK_BODY,
        "accountNumber": "************3210",
        "archived": True,
        "id": account["id"],
        "status": "PENDING",
        "createdBy": user_id,
        "accessToAdmins": False,
        "default": {"payables": False, "receivables": False},
        "createdTime": NOW,
        "updatedTime": NOW,
    }
    assert (await payer.get(f"{BANKS}/{account['id']}")).body == account
    assert (await payer.get(f"{BANKS}?filters=archived:eq:true")).body == {"results": [account]}


async def test_the_optional_members_are_kept(payer: BillClient) -> None:
    more = {"accessToAdmins": True, "chartOfAccountId": "0ca02AAAAAAAAAA00001"}
    account = await pending(payer, **more)
    assert {name: account[name] for name in more} == more


async def test_adding_an_account_sends_an_email(payer: BillClient) -> None:
    await pending(payer)
    message = (await payer.control("GET", "/outbox?kind=email")).body["results"][0]
    assert message["to"] == "administrator@cedarfinch.example"
    assert message["text"] == "Second Bank account was added."


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("nameOnAccount", "must not be blank"),
        ("routingNumber", "must not be null"),
        ("accountNumber", "must not be blank"),
        ("type", "must not be null"),
        ("ownerType", "must not be null"),
        ("bankName", "must not be blank"),
    ],
)
async def test_a_missing_required_member_is_named(
    payer: BillClient, name: str, problem: str
) -> None:
    body = {key: value for key, value in BANK_BODY.items() if key != name}
    answer = await payer.post(BANKS, body)
    assert (answer.status, told(answer)) == (400, [(None, f"{name}: {problem}")])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("nameOnAccount", " ", "nameOnAccount: must not be blank"),
        ("bankName", "", "bankName: must not be blank"),
        ("bankName", "x" * 101, "bankName: size must be between 0 and 100"),
        ("accountNumber", "1" * 35, "accountNumber: size must be between 0 and 34"),
        ("routingNumber", "011000016", "routingNumber: invalid value"),
        (
            "type",
            "PREPAID_CARD",
            "JSON parse error: Cannot deserialize value of type `BankType` from String"
            ' "PREPAID_CARD": not one of the values accepted for Enum class: [CHECKING, SAVINGS]',
        ),
        (
            "ownerType",
            "PERSON",
            "JSON parse error: Cannot deserialize value of type `BankOwner` from String"
            ' "PERSON": not one of the values accepted for Enum class: [BUSINESS, PERSONAL]',
        ),
    ],
)
async def test_a_wrong_value_is_refused(
    payer: BillClient, name: str, value: str, message: str
) -> None:
    answer = await payer.post(BANKS, {**BANK_BODY, name: value})
    assert (answer.status, told(answer)) == (400, [(None, message)])


async def test_the_longest_texts_are_taken(payer: BillClient) -> None:
    account = await pending(payer, bankName="x" * 100, accountNumber="1" * 34)
    assert account["bankName"] == "x" * 100


async def test_one_account_cannot_be_added_twice(payer: BillClient) -> None:
    account = await verified(payer)
    duplicate = "Bank account with routing number 011000015 and this account number already exists."
    answer = await payer.post(BANKS, BANK_BODY)
    assert (answer.status, told(answer)) == (422, [(None, duplicate)])
    await payer.post(f"{BANKS}/{account['id']}/archive")
    assert (await payer.post(BANKS, BANK_BODY)).status == 201
    answer = await payer.post(BANKS, BANK_BODY)
    assert (answer.status, told(answer)) == (422, [(None, duplicate)])


async def test_a_blocked_account_may_be_added_again(payer: BillClient) -> None:
    blocked = await pending(payer)
    for _ in range(3):
        await payer.post(f"{BANKS}/{blocked['id']}/verify", {"depositAmount": 0.4})
    again = await verified(payer)
    assert again["id"] != blocked["id"]
    assert again["status"] == "VERIFIED"


@pytest.mark.parametrize("other", [{"accountNumber": "1116543210"}, {"routingNumber": "074000010"}])
async def test_accounts_that_differ_in_one_number_may_both_be_added(
    payer: BillClient, other: dict[str, str]
) -> None:
    first, second = await pending(payer), await pending(payer, **other)
    assert first["id"] != second["id"]
    assert first["accountNumber"] == second["accountNumber"] == "************3210"


async def test_an_untrusted_session_cannot_add_an_account(client: BillClient) -> None:
    answer = await client.post(BANKS, BANK_BODY)
    assert (answer.status, told(answer)) == (403, [UNTRUSTED])
    malformed = await client.post(BANKS, {})
    assert (malformed.status, told(malformed)) == (403, [UNTRUSTED])


async def test_the_right_deposit_verifies_the_account(payer: BillClient) -> None:
    account = await pending(payer)
    await payer.advance(seconds=60, sign_in=False)
    answer = await payer.post(f"{BANKS}/{account['id']}/verify", {"depositAmount": 0.50})
    assert (answer.status, answer.body) == (200, {"verified": True})
    assert (await payer.get(f"{BANKS}/{account['id']}")).body == {
        **account,
        "status": "VERIFIED",
        "archived": False,
        "updatedTime": A_MINUTE_LATER,
    }
    again = await payer.post(f"{BANKS}/{account['id']}/verify", {"depositAmount": 0.50})
    assert (again.status, again.body) == (200, {"verified": True})


async def test_a_verified_account_can_be_paid_from_by_its_creator(payer: BillClient) -> None:
    account = await verified(payer)
    vendor = await payer.new_vendor()
    bill = await payer.new_bill(vendor["id"])
    funding = {"type": "BANK_ACCOUNT", "id": account["id"]}
    answer = await payer.pay(bill, 10, fundingAccount=funding)
    assert (answer.status, answer.body["fundingAccount"]) == (201, funding)


async def test_two_wrong_deposits_leave_a_third_try(payer: BillClient) -> None:
    account = await pending(payer)
    path = f"{BANKS}/{account['id']}"
    for amount in (0.49, 0.01):
        wrong = await payer.post(f"{path}/verify", {"depositAmount": amount})
        assert (wrong.status, wrong.body) == (200, {"verified": False})
        assert (await payer.get(path)).body["status"] == "PENDING"
    right = await payer.post(f"{path}/verify", {"depositAmount": 0.5})
    assert right.body == {"verified": True}
    assert (await payer.get(path)).body["status"] == "VERIFIED"


async def test_the_third_wrong_deposit_makes_the_account_unusable(payer: BillClient) -> None:
    account = await pending(payer)
    path = f"{BANKS}/{account['id']}"
    for _ in range(3):
        wrong = await payer.post(f"{path}/verify", {"depositAmount": 0.99})
        assert (wrong.status, wrong.body) == (200, {"verified": False})
    shown = (await payer.get(path)).body
    assert (shown["status"], shown["archived"]) == ("BLOCKED", True)
    text = f"Bank account {account['id']} cannot be verified after three attempts."
    for amount in (0.99, 0.5):
        answer = await payer.post(f"{path}/verify", {"depositAmount": amount})
        assert (answer.status, told(answer)) == (422, [(None, text)])
    assert (await payer.get(path)).body == shown


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        (None, "depositAmount: must not be null"),
        (0, "depositAmount: must be greater than or equal to 0.01"),
        (0.009, "depositAmount: must be greater than or equal to 0.01"),
        (1, "depositAmount: must be less than or equal to 0.99"),
    ],
)
async def test_a_deposit_outside_its_bounds_is_refused_and_no_attempt(
    payer: BillClient, amount: float | None, message: str
) -> None:
    account = await pending(payer)
    path = f"{BANKS}/{account['id']}/verify"
    for _ in range(3):
        answer = await payer.post(path, {"depositAmount": amount})
        assert (answer.status, told(answer)) == (400, [(None, message)])
    assert (await payer.post(path, {"depositAmount": 0.5})).body == {"verified": True}


@pytest.mark.parametrize(
    "change",
    [
        {"nameOnAccount": "Somebody Else"},
        {"ownerType": "BUSINESS"},
        {"bankName": "x" * 100},
        {"accessToAdmins": True},
        {"chartOfAccountId": "0ca02AAAAAAAAAA00001"},
        {"default": {"payables": True, "receivables": False}},
    ],
)
async def test_patch_changes_what_it_names(payer: BillClient, change: dict[str, Any]) -> None:
    account = await verified(payer)
    await payer.advance(seconds=60, sign_in=False)
    answer = await payer.patch(f"{BANKS}/{account['id']}", change)
    expected = {**account, **change, "updatedTime": A_MINUTE_LATER}
    assert (answer.status, answer.body) == (200, expected)
    assert (await payer.get(f"{BANKS}/{account['id']}")).body == expected


async def test_patch_does_not_change_numbers_type_or_status(payer: BillClient) -> None:
    account = await verified(payer)
    change = {
        "routingNumber": "074000010",
        "accountNumber": "111222333",
        "type": "CHECKING",
        "status": "BLOCKED",
        "archived": True,
    }
    answer = await payer.patch(f"{BANKS}/{account['id']}", change)
    assert (answer.status, answer.body) == (200, account)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bankName": "x" * 101}, "bankName: size must be between 0 and 100"),
        ({"bankName": ""}, "bankName: must not be blank"),
        ({"nameOnAccount": ""}, "nameOnAccount: must not be blank"),
    ],
)
async def test_patch_refuses_wrong_values(
    payer: BillClient, change: dict[str, str], message: str
) -> None:
    account = await verified(payer)
    answer = await payer.patch(f"{BANKS}/{account['id']}", change)
    assert (answer.status, told(answer)) == (400, [(None, message)])


async def test_a_new_default_takes_over_for_payables_and_receivables_apart(
    payer: BillClient,
) -> None:
    founding_id = await payer.bank_account()
    account = await verified(payer)

    async def defaults() -> list[dict[str, bool]]:
        listed = (await payer.get(BANKS)).body["results"]
        return [one["default"] for one in listed]

    assert await defaults() == [
        {"payables": True, "receivables": True},
        {"payables": False, "receivables": False},
    ]
    await payer.patch(f"{BANKS}/{account['id']}", {"default": {"payables": True}})
    assert await defaults() == [
        {"payables": False, "receivables": True},
        {"payables": True, "receivables": False},
    ]
    await payer.patch(f"{BANKS}/{founding_id}", {"default": {"receivables": False}})
    assert await defaults() == [
        {"payables": False, "receivables": False},
        {"payables": True, "receivables": False},
    ]


@pytest.mark.parametrize("state", ["PENDING", "BLOCKED"])
@pytest.mark.parametrize("action", ["patch", "archive", "nominate"])
async def test_only_a_verified_account_is_changed_archived_or_given_users(
    payer: BillClient, state: str, action: str
) -> None:
    account = await pending(payer)
    path = f"{BANKS}/{account['id']}"
    if state == "BLOCKED":
        for _ in range(3):
            await payer.post(f"{path}/verify", {"depositAmount": 0.4})
    if action == "patch":
        answer = await payer.patch(path, {"bankName": "Renamed"})
    elif action == "archive":
        answer = await payer.post(f"{path}/archive")
    else:
        body = {"bankAccountId": account["id"], "userId": account["createdBy"]}
        answer = await payer.post(f"{BANKS}/users/nominate", body)
    text = f"Bank account {account['id']} must be VERIFIED. Its status is {state}."
    assert (answer.status, told(answer)) == (422, [(None, text)])


async def test_archive_takes_the_defaults_away_and_happens_once(payer: BillClient) -> None:
    account_id = await payer.bank_account()
    path = f"{BANKS}/{account_id}"
    before = (await payer.get(path)).body
    assert before["default"] == {"payables": True, "receivables": True}
    await payer.advance(seconds=60, sign_in=False)
    archived = {
        **before,
        "archived": True,
        "default": {"payables": False, "receivables": False},
        "updatedTime": A_MINUTE_LATER,
    }
    answer = await payer.post(f"{path}/archive")
    assert (answer.status, answer.body) == (200, archived)
    await payer.advance(seconds=60, sign_in=False)
    again = await payer.post(f"{path}/archive")
    assert (again.status, again.body) == (200, archived)


async def test_an_archived_account_is_not_changed(payer: BillClient) -> None:
    account = await verified(payer)
    path = f"{BANKS}/{account['id']}"
    archived = (await payer.post(f"{path}/archive")).body
    answer = await payer.patch(path, {"bankName": "Renamed"})
    text = f"Bank account {account['id']} is archived."
    assert (answer.status, told(answer)) == (422, [(None, text)])
    assert (await payer.get(path)).body == archived


async def test_an_account_is_not_restored(client: BillClient) -> None:
    answer = await client.post(f"{BANKS}/{await client.bank_account()}/restore")
    assert (answer.status, told(answer)) == (404, [("BDC_1121", "API not supported.")])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {}),
        ("POST", "/archive", None),
        ("POST", "/verify", {"depositAmount": 0.5}),
    ],
)
async def test_an_unknown_account_is_404_bdc_1205(
    client: BillClient, method: str, path: str, body: Any
) -> None:
    answer = await client.call(method, f"/connect{BANKS}/{UNKNOWN}{path}", body)
    assert (answer.status, told(answer)) == (404, [NO_DATA])


@pytest.mark.parametrize("role", ["ACCOUNTANT", "APPROVER", "PAYER", "CLERK", "AUDITOR"])
async def test_only_administrators_write_bank_accounts(make_client: MakeClient, role: str) -> None:
    client = await make_client(role, trusted=True)
    path = f"{BANKS}/{await client.bank_account()}"
    before = (await client.get(path)).body
    for answer in (
        await client.post(BANKS, BANK_BODY),
        await client.patch(path, {"bankName": "Renamed"}),
        await client.post(f"{path}/archive"),
        await client.post(f"{path}/verify", {"depositAmount": 0.5}),
    ):
        assert (answer.status, told(answer)) == (403, [NO_PERMISSION])
    assert (await client.get(BANKS)).body == {"results": [before]}


@pytest.mark.parametrize("shared", [True, False])
async def test_access_to_admins_nominates_every_other_administrator(
    payer: BillClient, shared: bool
) -> None:
    roles = await payer.get("/v3/roles?filters=type:eq:ADMINISTRATOR")
    colleague = await payer.post(
        "/v3/users",
        {
            "firstName": "Clark",
            "lastName": "Billenterson",
            "email": "clark@happymusicsupplies.example",
            "roleId": roles.body["results"][0]["id"],
            "acceptTermsOfService": True,
        },
    )
    assert colleague.status == 201, colleague.body
    me = (await payer.get("/v3/login/session")).body["userId"]
    account = await verified(payer, accessToAdmins=shared)
    path = f"/v3/funding-accounts/banks/users?filters=bankAccountId:eq:{account['id']}"
    found = [
        (access["userId"], access["verificationStatus"])
        for access in (await payer.get(path)).body["results"]
    ]
    nominated = [(colleague.body["id"], "NOMINATED")] if shared else []
    assert found == [(me, "VERIFIED"), *nominated]
