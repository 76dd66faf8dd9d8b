"""Users of a partner's organizations over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.refusals import check_faults, check_refused
from tests.resources.approvals import signed_in, user_id
from tests.resources.partnership import (
    ROLES,
    TOMATO,
    USERS,
    as_partner,
    as_user,
    new_organization,
    new_user,
    within,
)
from tests.resources.payables import A_MINUTE_LATER, NO_DATA, NOW
from tests.resources.uploads import INVALID_SESSION


async def inside_new(client: BillClient) -> BillClient:
    """The partner's client within a new organization."""
    partner = await as_partner(client)
    return within(partner, (await new_organization(partner))["id"])


async def create(inside: BillClient, **more: Any) -> dict[str, Any]:
    return await new_user(inside, inside.headers["organizationId"], **more)


async def role_of(inside: BillClient, role: str) -> dict[str, Any]:
    found = (await inside.get(f"{ROLES}?filters=type:eq:{role}")).body["results"][0]
    return {name: found[name] for name in ("id", "type", "description")}


async def test_a_new_user_is_an_administrator_of_that_organization(client: BillClient) -> None:
    inside = await inside_new(client)
    user = await create(inside)
    assert user == {
        "id": user["id"],
        "archived": False,
        "firstName": "Tomato",
        "lastName": "Soupsmith",
        "email": "tsoupsmith@ricecakes.example",
        "role": await role_of(inside, "ADMINISTRATOR"),
        "createdTime": NOW,
        "updatedTime": NOW,
    }
    assert (await inside.get(USERS)).body == {"results": [user]}
    assert (await inside.get(f"{USERS}/{user['id']}")).body == user
    check_refused(await client.get(f"/v3/users/{user['id']}"), 404, NO_DATA)


async def test_a_new_user_signs_in_with_the_username(client: BillClient) -> None:
    inside = await inside_new(client)
    clerk = await role_of(inside, "CLERK")
    user = await create(inside, roleId=clerk["id"])
    assert user["role"] == clerk
    mail = (await client.control("GET", "/outbox?kind=email")).body["results"][0]
    assert mail["to"] == TOMATO["email"]
    sign_in = {
        "username": TOMATO["username"].upper(),
        "password": mail["text"].rpartition(" ")[2],
        "organizationId": inside.headers["organizationId"],
    }
    other = BillClient(client.http, client.origin, client.world)
    assert (await other.login(**sign_in)).body["userId"] == user["id"]
    answer = await other.login(**{**sign_in, "username": TOMATO["email"]})
    assert answer.status == 401


async def test_the_last_name_may_be_left_out(client: BillClient) -> None:
    body = {**TOMATO}
    del body["lastName"]
    inside = await inside_new(client)
    answer = await inside.post(USERS, body)
    assert (answer.status, answer.body["lastName"]) == (201, "")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"firstName": " "}, "firstName: must not be blank"),
        ({"lastName": "x" * 101}, "lastName: size must be between 0 and 100"),
        ({"email": None}, "email: must not be blank"),
        ({"username": None}, "username: must not be blank"),
        ({"username": "x" * 41}, "username: size must be between 0 and 40"),
        ({"acceptTermsOfService": None}, "acceptTermsOfService: must not be null"),
        ({"acceptTermsOfService": False}, "acceptTermsOfService: must be true"),
    ],
)
async def test_a_faulty_user_is_told_what_is_wrong(
    client: BillClient, wrong: dict[str, Any], message: str
) -> None:
    inside = await inside_new(client)
    check_faults(await inside.post(USERS, {**TOMATO, **wrong}), message)
    assert (await inside.get(USERS)).body == {"results": []}


@pytest.mark.parametrize("username", ["tsoupsm1th", "TSoupSm1th"])
async def test_a_username_is_given_once_in_all_organizations(
    client: BillClient, username: str
) -> None:
    first, second = await inside_new(client), await inside_new(client)
    await create(first)
    taken = (None, f"A user with the sign-in name {username} already exists.")
    for inside in (first, second):
        answer = await inside.post(USERS, {**TOMATO, "username": username})
        check_refused(answer, 422, taken)
    await create(second, username="another1")


async def test_a_role_is_one_of_the_organization(client: BillClient) -> None:
    inside, other = await inside_new(client), await inside_new(client)
    foreign = await role_of(other, "CLERK")
    check_refused(await inside.post(USERS, {**TOMATO, "roleId": foreign["id"]}), 404, NO_DATA)


async def test_a_partner_changes_names_role_and_email(client: BillClient) -> None:
    inside = await inside_new(client)
    await create(inside)
    user = await create(inside, username="second1")
    await client.advance(sign_in=False, seconds=60)
    payer = await role_of(inside, "PAYER")
    change = {"firstName": "Tom", "lastName": "Soup", "email": "tom@ricecakes.example"}
    answer = await inside.patch(f"{USERS}/{user['id']}", {**change, "roleId": payer["id"]})
    assert answer.status == 200
    assert answer.body == {**user, **change, "role": payer, "updatedTime": A_MINUTE_LATER}
    answer = await inside.patch(f"{USERS}/{user['id']}", {"lastName": ""})
    assert (answer.status, answer.body["lastName"]) == (200, "")
    assert (await inside.get(f"{USERS}/{user['id']}")).body == answer.body


@pytest.mark.parametrize("member", ["firstName", "email", "roleId"])
async def test_no_other_member_can_be_blanked(client: BillClient, member: str) -> None:
    inside = await inside_new(client)
    path = f"{USERS}/{(await create(inside))['id']}"
    check_faults(await inside.patch(path, {member: " "}), f"{member}: must not be blank")


async def test_archive_ends_the_sessions_and_restore_lets_in_again(client: BillClient) -> None:
    inside = await inside_new(client)
    await create(inside)
    user = await create(inside, username="second1")
    session = await as_user(inside, inside.headers["organizationId"], user["id"])
    path = f"{USERS}/{user['id']}"
    for _ in range(2):
        answer = await inside.post(f"{path}/archive")
        assert (answer.status, answer.body["archived"]) == (200, True)
    check_refused(await session.get("/v3/vendors"), 401, INVALID_SESSION)
    for _ in range(2):
        answer = await inside.post(f"{path}/restore")
        assert (answer.status, answer.body) == (200, user)
    again = await as_user(inside, inside.headers["organizationId"], user["id"])
    assert (await again.get("/v3/vendors")).status == 200


async def test_the_last_administrator_stays(client: BillClient) -> None:
    inside = await inside_new(client)
    user = await create(inside)
    path = f"{USERS}/{user['id']}"
    told = (None, f"User {user['id']} is the last active administrator.")
    check_refused(await inside.post(f"{path}/archive"), 422, told)
    clerk = {"roleId": (await role_of(inside, "CLERK"))["id"]}
    check_refused(await inside.patch(path, clerk), 422, told)
    await create(inside, username="second1")
    assert (await inside.post(f"{path}/archive")).status == 200


async def test_a_partner_sees_the_users_of_every_organization(client: BillClient) -> None:
    inside = within(await as_partner(client), client.world["organizationId"])
    assert (await inside.get(USERS)).body == (await client.get("/v3/users")).body
    path = f"{USERS}?filters=role.type:eq:CLERK&sort=lastName:asc"
    (clerk,) = (await inside.get(path)).body["results"]
    assert clerk["id"] == user_id(client, "CLERK")
    session = await signed_in(client, "CLERK")
    await inside.post(f"{USERS}/{clerk['id']}/archive")
    check_refused(await session.get("/v3/vendors"), 401, INVALID_SESSION)


async def test_users_of_another_organization_are_404(make_client: MakeClient) -> None:
    here, there = await make_client(), await make_client()
    inside = await inside_new(here)
    for unknown in (user_id(here, "CLERK"), user_id(there, "CLERK"), "nonsense"):
        path = f"{USERS}/{unknown}"
        check_refused(await inside.get(path), 404, NO_DATA)
        check_refused(await inside.patch(path, {}), 404, NO_DATA)
        check_refused(await inside.post(f"{path}/archive"), 404, NO_DATA)
        check_refused(await inside.post(f"{path}/restore"), 404, NO_DATA)
