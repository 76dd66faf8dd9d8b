"""Users over HTTP: list, create, change, archive, restore, and their sessions."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import Answer, BillClient
from tests.refusals import check_faults, check_refused
from tests.resources.approvals import signed_in, user_id
from tests.resources.payables import A_MINUTE_LATER, NO_DATA, NO_PERMISSION, NOW
from tests.resources.uploads import INVALID_SESSION

USERS = "/v3/users"
PEOPLE = {
    "ADMINISTRATOR": ("Ada", "Hartley", "Administrator"),
    "ACCOUNTANT": ("Noah", "Castillo", "Accountant"),
    "APPROVER": ("Priya", "Raman", "Approver"),
    "PAYER": ("Miles", "Okafor", "Payer"),
    "CLERK": ("June", "Lindqvist", "Clerk"),
    "AUDITOR": ("Theo", "Marsh", "Auditor"),
}
CLARK = {
    "firstName": "Clark",
    "lastName": "Billenterson",
    "email": "clark@happymusicsupplies.example",
    "acceptTermsOfService": True,
}
WRONG_PASSWORD = ("BDC_1101", "User name and/or password do not match our records.")


async def role_id(client: BillClient, role: str) -> str:
    answer = await client.get(f"/v3/roles?filters=type:eq:{role}")
    return str(answer.body["results"][0]["id"])


async def create(client: BillClient, **more: Any) -> dict[str, Any]:
    answer = await client.post(USERS, {**CLARK, **more})
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def mailed_password(client: BillClient) -> str:
    mail = (await client.control("GET", "/outbox?kind=email")).body["results"][0]
    return str(re.fullmatch(r"Complete your BILL sign-up\. Password: (\S+)", mail["text"])[1])


async def sign_in(client: BillClient, email: str, password: str) -> Answer:
    """Sign in somebody else; the client goes on with the session it had."""
    other = BillClient(client.http, client.origin, client.world)
    return await other.login(username=email, password=password)


async def emails(client: BillClient, query: str) -> list[str]:
    answer = await client.get(f"{USERS}?{query}")
    assert answer.status == 200, answer.body
    return [user["email"].split("@")[0] for user in answer.body["results"]]


async def test_an_organization_lists_its_users(client: BillClient) -> None:
    answer = await client.get(USERS)
    assert answer.status == 200
    assert answer.body == {
        "results": [
            {
                "id": user_id(client, role),
                "archived": False,
                "firstName": first,
                "lastName": last,
                "email": f"{role.lower()}@cedarfinch.example",
                "role": {
                    "id": await role_id(client, role),
                    "type": role,
                    "description": description,
                },
                "createdTime": NOW,
                "updatedTime": NOW,
            }
            for role, (first, last, description) in PEOPLE.items()
        ]
    }


@pytest.mark.parametrize("role", sorted(PEOPLE))
async def test_every_role_reads_users(client: BillClient, role: str) -> None:
    listed = (await client.get(USERS)).body
    user = await signed_in(client, role)
    assert (await user.get(USERS)).body == listed
    for one in listed["results"]:
        assert (await user.get(f"{USERS}/{one['id']}")).body == one


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("filters=role.type:eq:APPROVER", ["approver"]),
        ('filters=role.type:in:"CLERK,PAYER"', ["payer", "clerk"]),
        ("filters=role.type:ne:CLERK,archived:eq:true", ["approver"]),
        ("filters=archived:eq:true", ["approver"]),
        ("filters=email:eq:clerk@cedarfinch.example", ["clerk"]),
        ("sort=firstName:asc&max=2", ["administrator", "clerk"]),
        ("sort=lastName:desc&max=2", ["approver", "payer"]),
        ("sort=archived:desc,firstName:desc&max=2", ["approver", "auditor"]),
        ("sort=updatedTime:desc&max=1", ["approver"]),
    ],
)
async def test_users_can_be_filtered_and_sorted(
    client: BillClient, query: str, wanted: list[str]
) -> None:
    await client.advance(sign_in=False, seconds=60)
    await client.post(f"{USERS}/{user_id(client, 'APPROVER')}/archive")
    assert await emails(client, query) == wanted


async def test_a_new_user_has_the_role_asked_for(client: BillClient) -> None:
    clerk = await role_id(client, "CLERK")
    answer = await client.post(USERS, {**CLARK, "roleId": clerk})
    assert answer.status == 201
    user = dict(answer.body)
    assert re.fullmatch(r"00602[A-Z]{10}[0-9a-z]{5}", user["id"])
    assert user == {
        "id": user["id"],
        "archived": False,
        "firstName": "Clark",
        "lastName": "Billenterson",
        "email": "clark@happymusicsupplies.example",
        "role": {"id": clerk, "type": "CLERK", "description": "Clerk"},
        "createdTime": NOW,
        "updatedTime": NOW,
    }
    assert (await client.get(f"{USERS}/{user['id']}")).body == user


async def test_without_a_role_a_new_user_is_an_administrator(client: BillClient) -> None:
    assert (await create(client))["role"]["type"] == "ADMINISTRATOR"


async def test_a_new_user_signs_in_with_the_password_of_the_mail(client: BillClient) -> None:
    user = await create(client, roleId=await role_id(client, "CLERK"))
    mail = (await client.control("GET", "/outbox?kind=email")).body["results"]
    assert [one["to"] for one in mail] == [CLARK["email"]]
    other = BillClient(client.http, client.origin, client.world)
    answer = await other.login(
        username=CLARK["email"].upper(), password=await mailed_password(client)
    )
    assert (answer.status, answer.body["userId"]) == (200, user["id"])
    assert (await other.post("/v3/vendors", {})).status == 400
    check_refused(await other.post(USERS, CLARK), 403, NO_PERMISSION)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"firstName": None}, "firstName: must not be blank"),
        ({"lastName": " "}, "lastName: must not be blank"),
        ({"email": ""}, "email: must not be blank"),
        ({"acceptTermsOfService": None}, "acceptTermsOfService: must not be null"),
        ({"acceptTermsOfService": False}, "acceptTermsOfService: must be true"),
        ({"firstName": "x" * 101}, "firstName: size must be between 0 and 100"),
        ({"lastName": "x" * 101}, "lastName: size must be between 0 and 100"),
    ],
)
async def test_a_faulty_user_is_told_what_is_wrong(
    client: BillClient, wrong: dict[str, Any], message: str
) -> None:
    check_faults(await client.post(USERS, {**CLARK, **wrong}), message)
    assert len((await client.get(USERS)).body["results"]) == 6
    assert (await client.control("GET", "/outbox")).body == {"results": []}


async def test_the_role_of_another_world_is_404(make_client: MakeClient) -> None:
    here, there = await make_client(), await make_client()
    foreign = await role_id(there, "CLERK")
    check_refused(await here.post(USERS, {**CLARK, "roleId": foreign}), 404, NO_DATA)
    path = f"{USERS}/{user_id(here, 'CLERK')}"
    check_refused(await here.patch(path, {"roleId": foreign}), 404, NO_DATA)


@pytest.mark.parametrize(
    "email", ["clark@happymusicsupplies.example", "CLARK@HappyMusicSupplies.example"]
)
async def test_an_email_is_given_once(client: BillClient, email: str) -> None:
    await create(client)
    answer = await client.post(USERS, {**CLARK, "email": email})
    check_refused(answer, 422, (None, f"A user with the sign-in name {email} already exists."))


@pytest.mark.parametrize("role", ["ACCOUNTANT", "APPROVER", "PAYER", "CLERK", "AUDITOR"])
async def test_only_administrators_manage_users(client: BillClient, role: str) -> None:
    own = f"{USERS}/{user_id(client, role)}"
    user = await signed_in(client, role)
    check_refused(await user.post(USERS, CLARK), 403, NO_PERMISSION)
    check_refused(await user.patch(own, {"firstName": "Boss"}), 403, NO_PERMISSION)
    check_refused(await user.post(f"{own}/archive"), 403, NO_PERMISSION)
    check_refused(await user.post(f"{own}/restore"), 403, NO_PERMISSION)


async def test_names_and_role_can_be_changed_and_nothing_else(client: BillClient) -> None:
    path = f"{USERS}/{user_id(client, 'CLERK')}"
    before = (await client.get(path)).body
    await client.advance(sign_in=False, seconds=60)
    payer = await role_id(client, "PAYER")
    change = {"firstName": "Juna", "lastName": "Lind", "roleId": payer, "email": "x@y.example"}
    answer = await client.patch(path, {**change, "archived": True, "id": "x"})
    assert answer.status == 200
    assert answer.body == {
        **before,
        "firstName": "Juna",
        "lastName": "Lind",
        "role": {"id": payer, "type": "PAYER", "description": "Payer"},
        "updatedTime": A_MINUTE_LATER,
    }
    assert (await client.get(path)).body == answer.body


@pytest.mark.parametrize("member", ["firstName", "lastName", "roleId"])
async def test_no_member_can_be_blanked(client: BillClient, member: str) -> None:
    path = f"{USERS}/{user_id(client, 'CLERK')}"
    check_faults(await client.patch(path, {member: " "}), f"{member}: must not be blank")


async def test_the_last_administrator_stays(client: BillClient) -> None:
    admin = user_id(client, "ADMINISTRATOR")
    path = f"{USERS}/{admin}"
    clerk = {"roleId": await role_id(client, "CLERK")}
    told = (None, f"User {admin} is the last active administrator.")
    check_refused(await client.patch(path, clerk), 422, told)
    check_refused(await client.post(f"{path}/archive"), 422, told)
    other = await create(client)
    await client.post(f"{USERS}/{other['id']}/archive")
    check_refused(await client.post(f"{path}/archive"), 422, told)
    await client.post(f"{USERS}/{other['id']}/restore")
    assert (await client.patch(path, clerk)).body["role"]["type"] == "CLERK"


async def test_archive_and_restore_happen_once(client: BillClient) -> None:
    path = f"{USERS}/{user_id(client, 'CLERK')}"
    before = (await client.get(path)).body
    found = []
    for verb in ("restore", "archive", "archive", "restore", "restore"):
        await client.advance(sign_in=False, seconds=60)
        user = (await client.post(f"{path}/{verb}")).body
        assert user == {**before, "archived": user["archived"], "updatedTime": user["updatedTime"]}
        found.append((user["archived"], user["updatedTime"][14:16]))
    assert found == [
        (False, "00"),
        (True, "02"),
        (True, "02"),
        (False, "04"),
        (False, "04"),
    ]


async def test_an_archived_user_is_signed_out_and_cannot_sign_in(client: BillClient) -> None:
    clerk = next(user for user in client.world["users"] if user["role"] == "CLERK")
    sessions = [await signed_in(client, "CLERK") for _ in range(2)]
    auditor = await signed_in(client, "AUDITOR")
    await client.post(f"{USERS}/{clerk['userId']}/archive")
    for session in sessions:
        check_refused(await session.get("/v3/vendors"), 401, INVALID_SESSION)
    answer = await sign_in(client, clerk["username"], clerk["password"])
    check_refused(answer, 401, WRONG_PASSWORD)
    for session in (client, auditor):
        assert (await session.get("/v3/vendors")).status == 200

    await client.post(f"{USERS}/{clerk['userId']}/restore")
    check_refused(await sessions[0].get("/v3/vendors"), 401, INVALID_SESSION)
    assert (await sign_in(client, clerk["username"], clerk["password"])).status == 200


async def test_a_new_role_holds_in_open_sessions(client: BillClient) -> None:
    clerk, auditor = await signed_in(client, "CLERK"), await signed_in(client, "AUDITOR")
    path = f"{USERS}/{user_id(client, 'CLERK')}"
    await client.patch(path, {"roleId": await role_id(client, "AUDITOR")})
    check_refused(await clerk.post("/v3/vendors", {}), 403, NO_PERMISSION)
    await client.patch(path, {"roleId": await role_id(client, "ADMINISTRATOR")})
    assert (await clerk.post(USERS, CLARK)).status == 201
    check_refused(await auditor.post(USERS, CLARK), 403, NO_PERMISSION)
    assert (await client.get(USERS)).status == 200


async def test_trust_stays_with_a_new_role(client: BillClient) -> None:
    clerk = await signed_in(client, "CLERK", trusted=True)
    await client.patch(
        f"{USERS}/{user_id(client, 'CLERK')}", {"roleId": await role_id(client, "PAYER")}
    )
    assert (await clerk.get("/v3/login/session")).body["mfaStatus"] == "COMPLETE"


async def test_the_email_of_an_archived_user_is_free_until_it_is_restored(
    client: BillClient,
) -> None:
    old = await create(client)
    await client.post(f"{USERS}/{old['id']}/archive")
    new = await create(client)
    taken = (None, f"A user with the sign-in name {CLARK['email']} already exists.")
    check_refused(await client.post(f"{USERS}/{old['id']}/restore"), 422, taken)
    answer = await sign_in(client, CLARK["email"], await mailed_password(client))
    assert answer.body["userId"] == new["id"]
    await client.post(f"{USERS}/{new['id']}/archive")
    assert (await client.post(f"{USERS}/{old['id']}/restore")).body["archived"] is False


async def test_unknown_users_are_404(make_client: MakeClient) -> None:
    here, there = await make_client(), await make_client()
    for unknown in ("00602AAAAAAAAAAzzzzz", user_id(there, "CLERK"), "nonsense"):
        path = f"{USERS}/{unknown}"
        check_refused(await here.get(path), 404, NO_DATA)
        check_refused(await here.patch(path, {}), 404, NO_DATA)
        check_refused(await here.post(f"{path}/archive"), 404, NO_DATA)
        check_refused(await here.post(f"{path}/restore"), 404, NO_DATA)
