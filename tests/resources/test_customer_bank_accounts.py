"""Bank accounts of customers over HTTP: create, check, read masked, change, archive."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.resources.payables import A_MINUTE_LATER, ADDRESS, NO_DATA, NO_PERMISSION, NOW, told
from tests.resources.receivables import (
    CUSTOMER_ACCOUNT,
    CUSTOMERS,
    SMALLEST_CUSTOMER,
    UNKNOWN_CUSTOMER,
    new_account,
    new_customer,
)

UNKNOWN_ACCOUNT = "cba02AAAAAAAAAAzzzzz"
VERIFIED = "customer_bank_account.verified"


def accounts_of(customer: dict[str, Any]) -> str:
    return f"{CUSTOMERS}/{customer['id']}/bank-accounts"


async def test_a_new_account_is_verified_and_shows_its_last_four_digits(
    client: BillClient,
) -> None:
    customer = await new_customer(client)
    account = await new_account(client, customer["id"], nickname="Main")
    assert account["id"].startswith("cba02")
    assert account == {
        **CUSTOMER_ACCOUNT,
        "id": account["id"],
        "archived": False,
        "customerId": customer["id"],
        "status": "VERIFIED",
        "accountNumber": "************4321",
        "nickname": "Main",
        "createdTime": NOW,
        "updatedTime": NOW,
    }
    read = await client.get(f"{accounts_of(customer)}/{account['id']}")
    assert (read.status, read.body) == (200, account)


async def test_the_routing_number_is_not_checked_as_in_the_sandbox(client: BillClient) -> None:
    customer = await new_customer(client)
    account = await new_account(client, customer["id"], routingNumber="123")
    assert account["routingNumber"] == "123"


async def test_a_customer_without_billing_address_gets_no_account(client: BillClient) -> None:
    body = {**SMALLEST_CUSTOMER, "shippingAddress": ADDRESS}
    customer = (await client.post(CUSTOMERS, body)).body
    refused = await client.post(accounts_of(customer), CUSTOMER_ACCOUNT)
    text = f"Customer {customer['id']} has no billing address."
    assert (refused.status, told(refused)) == (422, [(None, text)])
    assert (await client.get(accounts_of(customer))).body == {"results": []}
    await client.patch(f"{CUSTOMERS}/{customer['id']}", {"billingAddress": ADDRESS})
    assert (await client.post(accounts_of(customer), CUSTOMER_ACCOUNT)).status == 201


@pytest.mark.parametrize(
    ("change", "messages"),
    [
        (dict.fromkeys(CUSTOMER_ACCOUNT),
         ["nameOnAccount: must not be blank", "routingNumber: must not be blank",
          "accountNumber: must not be blank", "type: must not be null",
          "ownerType: must not be null"]),
        ({"nameOnAccount": "", "accountNumber": " "},
         ["nameOnAccount: must not be blank", "accountNumber: must not be blank"]),
        ({"type": "PIGGY"},
         ["JSON parse error: Cannot deserialize value of type `BankType` from String"
          ' "PIGGY": not one of the values accepted for Enum class: [CHECKING, SAVINGS]']),
        ({"ownerType": "PERSON"},
         ["JSON parse error: Cannot deserialize value of type `BankOwner` from String"
          ' "PERSON": not one of the values accepted for Enum class: [BUSINESS, PERSONAL]']),
    ],
)  # fmt: skip
async def test_an_account_with_wrong_members_is_refused(
    client: BillClient, change: dict[str, Any], messages: list[str]
) -> None:
    customer = await new_customer(client)
    answer = await client.post(accounts_of(customer), {**CUSTOMER_ACCOUNT, **change})
    assert (answer.status, told(answer)) == (400, [(None, message) for message in messages])


async def test_the_check_of_an_account_takes_two_bank_days_by_setting(
    make_client: MakeClient,
) -> None:
    client = await make_client(customer_bank_check="two_bank_days")
    customer = await new_customer(client)
    account = await new_account(client, customer["id"])
    path = f"{accounts_of(customer)}/{account['id']}"
    assert account["status"] == "PENDING"
    await client.advance(to="2026-06-05T05:59:59-07:00")
    assert (await client.get(path)).body == account
    await client.advance(to="2026-06-05T06:00:00-07:00")
    updated = "2026-06-05T13:00:00.000+00:00"
    assert (await client.get(path)).body == {
        **account,
        "status": "VERIFIED",
        "updatedTime": updated,
    }


async def test_a_pending_account_can_be_verified_at_once_and_only_then(
    make_client: MakeClient,
) -> None:
    client = await make_client(customer_bank_check="two_bank_days")
    account = await new_account(client, (await new_customer(client))["id"])
    done = await client.simulate(VERIFIED, account["id"])
    assert (done.status, done.body["record"]) == (200, {**account, "status": "VERIFIED"})
    again = await client.simulate(VERIFIED, account["id"])
    detail = f"{VERIFIED} cannot happen to {account['id']}: its status is VERIFIED, not PENDING."
    assert (again.status, again.body["detail"]) == (409, detail)
    await client.advance(days=7)
    read = await client.get(f"{CUSTOMERS}/{account['customerId']}/bank-accounts/{account['id']}")
    assert read.body == {**account, "status": "VERIFIED"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"nickname": "Second"}, {"nickname": "Second"}),
        ({"ownerType": "PERSONAL"}, {"ownerType": "PERSONAL"}),
        ({"accountNumber": "1", "routingNumber": "2", "type": "SAVINGS", "status": "BLOCKED",
          "nameOnAccount": "X", "archived": True}, {}),
        ({"nickname": None}, {}),
    ],
)  # fmt: skip
async def test_patch_changes_nickname_and_owner_type_alone(
    client: BillClient, change: dict[str, Any], expected: dict[str, Any]
) -> None:
    customer = await new_customer(client)
    account = await new_account(client, customer["id"], nickname="Main")
    await client.advance(seconds=60, sign_in=False)
    answer = await client.patch(f"{accounts_of(customer)}/{account['id']}", change)
    assert answer.status == 200
    assert answer.body == {**account, **expected, "updatedTime": A_MINUTE_LATER}


async def test_an_account_is_archived_for_good(client: BillClient) -> None:
    customer = await new_customer(client)
    account = await new_account(client, customer["id"])
    path = f"{accounts_of(customer)}/{account['id']}"
    await client.advance(seconds=60, sign_in=False)
    archived = {**account, "archived": True, "updatedTime": A_MINUTE_LATER}
    answer = await client.post(f"{path}/archive")
    assert (answer.status, answer.body) == (200, archived)
    await client.advance(seconds=60, sign_in=False)
    assert (await client.post(f"{path}/archive")).body == archived
    restore = await client.post(f"{path}/restore")
    assert (restore.status, told(restore)) == (404, [("BDC_1121", "API not supported.")])


async def test_an_account_is_found_at_its_own_customer_alone(client: BillClient) -> None:
    customer, other = await new_customer(client), await new_customer(client)
    account = await new_account(client, customer["id"])
    for path in (
        f"{accounts_of(other)}/{account['id']}",
        f"{accounts_of(customer)}/{UNKNOWN_ACCOUNT}",
        f"{CUSTOMERS}/{UNKNOWN_CUSTOMER}/bank-accounts/{account['id']}",
    ):
        for answer in (
            await client.get(path),
            await client.patch(path, {"nickname": "X"}),
            await client.post(f"{path}/archive"),
        ):
            assert (answer.status, told(answer)) == (404, [NO_DATA])
    assert (await client.get(f"{accounts_of(customer)}/{account['id']}")).body == account


async def test_the_accounts_of_an_unknown_customer_are_404(client: BillClient) -> None:
    path = f"{CUSTOMERS}/{UNKNOWN_CUSTOMER}/bank-accounts"
    for answer in (await client.get(path), await client.post(path, CUSTOMER_ACCOUNT)):
        assert (answer.status, told(answer)) == (404, [NO_DATA])


async def test_a_list_shows_the_accounts_of_its_customer(client: BillClient) -> None:
    customer, other = await new_customer(client), await new_customer(client)
    first = await new_account(client, customer["id"])
    await new_account(client, other["id"])
    await client.advance(seconds=60, sign_in=False)
    second = await new_account(client, customer["id"], type="SAVINGS")
    path = accounts_of(customer)
    second = (await client.post(f"{path}/{second['id']}/archive")).body

    async def listed(query: str) -> list[dict[str, Any]]:
        answer = await client.get(f"{path}?{query}")
        assert answer.status == 200, answer.body
        return list(answer.body["results"])

    assert await listed("") == [first, second]
    assert await listed("sort=createdTime:desc") == [second, first]
    assert await listed("sort=archived:desc") == [second, first]
    assert await listed("filters=archived:eq:false") == [first]
    assert await listed(f"filters=id:eq:{second['id']}") == [second]
    assert await listed(f"filters=id:ne:{second['id']}") == [first]
    page = (await client.get(f"{path}?max=1")).body
    assert page["results"] == [first]
    assert await listed(f"max=1&page={page['nextPage']}") == [second]


@pytest.mark.parametrize("role", ["APPROVER", "PAYER", "CLERK", "AUDITOR"])
async def test_roles_without_receivables_read_accounts_only(
    make_client: MakeClient, role: str
) -> None:
    client = await make_client(role=role)
    path = f"{CUSTOMERS}/{UNKNOWN_CUSTOMER}/bank-accounts"
    assert (await client.get(path)).status == 404
    assert (await client.get(f"{path}/{UNKNOWN_ACCOUNT}")).status == 404
    for answer in (
        await client.post(path, CUSTOMER_ACCOUNT),
        await client.patch(f"{path}/{UNKNOWN_ACCOUNT}", {}),
        await client.post(f"{path}/{UNKNOWN_ACCOUNT}/archive"),
    ):
        assert (answer.status, told(answer)) == (403, [NO_PERMISSION])
