"""A partner over HTTP: sign-in, organizations, keys, and where its session is no use."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.refusals import check_faults, check_refused
from tests.resources.approvals import user_id
from tests.resources.partnership import (
    AS_USER,
    MISMATCH,
    ORGANIZATIONS,
    RICE_CAKES,
    ROLES,
    USERS,
    as_partner,
    as_user,
    new_organization,
    new_user,
    partner_login,
    within,
)
from tests.resources.payables import ADDRESS, NO_DATA, NO_PERMISSION, NOW
from tests.resources.uploads import INVALID_SESSION

BAD_KEY = ("BDC_1102", "Developer key is invalid.")
WRONG_PASSWORD = ("BDC_1101", "User name and/or password do not match our records.")
NO_ORGANIZATION = ("BDC_1123", "Invalid organization id.")
IN_ORGANIZATIONS = [
    ("GET", USERS, None),
    (
        "POST",
        USERS,
        {"firstName": "x", "email": "x", "username": "x", "acceptTermsOfService": True},
    ),
    ("GET", f"{USERS}/x", None),
    ("PATCH", f"{USERS}/x", {}),
    ("POST", f"{USERS}/x/archive", None),
    ("POST", f"{USERS}/x/restore", None),
    ("GET", ROLES, None),
    ("GET", f"{ROLES}/x", None),
]
PARTNER_CALLS = [
    ("GET", ORGANIZATIONS, None),
    ("POST", ORGANIZATIONS, RICE_CAKES),
    ("POST", AS_USER, {}),
    *IN_ORGANIZATIONS,
]


async def test_a_sign_in_answers_a_session_and_nothing_else(client: BillClient) -> None:
    answer = await partner_login(client)
    assert answer.status == 200
    assert set(answer.body) == {"sessionId"}
    assert (await (await as_partner(client)).get(ORGANIZATIONS)).status == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "nonsense"},
        {"username": "nonsense"},
        {"username": "administrator@cedarfinch.example"},
    ],
)
@pytest.mark.parametrize("status", [401, 400])
async def test_a_wrong_password_is_bdc_1101(
    make_client: MakeClient, wrong: dict[str, str], status: int
) -> None:
    client = await make_client(wrong_password_status=status)
    check_refused(await partner_login(client, **wrong), status, WRONG_PASSWORD)


@pytest.mark.parametrize("status", [400, 401])
async def test_a_wrong_app_key_at_the_sign_in_is_bdc_1102(
    make_client: MakeClient, status: int
) -> None:
    client = await make_client(login_key_status=status)
    for key in ("nonsense", client.world["devKey"]):
        check_refused(await partner_login(client, appKey=key), status, BAD_KEY)


async def test_a_sign_in_needs_all_three(client: BillClient) -> None:
    plain = BillClient(client.http, client.origin, client.world)
    answer = await plain.post("/v3/partner/login", {})
    told = ("username", "password", "appKey")
    check_faults(answer, *(f"{name}: must not be blank" for name in told))


async def test_a_partner_of_one_world_does_not_sign_in_to_another(
    make_client: MakeClient,
) -> None:
    here, there = await make_client(), await make_client()
    check_refused(await partner_login(here, appKey=there.world["appKey"]), 401, WRONG_PASSWORD)


@pytest.mark.parametrize(("method", "path", "body"), PARTNER_CALLS)
async def test_every_partner_call_needs_its_key_and_session(
    client: BillClient, method: str, path: str, body: Any
) -> None:
    partner = within(await as_partner(client), client.world["organizationId"])
    good, path = partner.headers, f"/connect{path}"

    async def send(**wrong: str | None) -> Any:
        headers = {**good, **wrong}
        partner.headers = {name: value for name, value in headers.items() if value is not None}
        return await partner.call(method, path, body)

    check_faults(await send(appKey=None), "appKey: must not be null")
    check_faults(await send(sessionId=None), "sessionId: must not be null")
    check_refused(await send(appKey="nonsense"), 401, BAD_KEY)
    check_refused(await send(appKey=client.world["devKey"]), 401, BAD_KEY)
    check_refused(await send(sessionId="nonsense"), 401, INVALID_SESSION)
    check_refused(await send(sessionId=client.headers["sessionId"]), 403, MISMATCH)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v3/login/session"),
        ("GET", "/v3/vendors"),
        ("POST", "/v3/bills"),
        ("POST", "/v3/payments"),
        ("POST", "/v3/mfa/challenge"),
        ("GET", "/v3/users"),
    ],
)
async def test_a_partners_session_is_no_use_at_an_organizations_call(
    client: BillClient, method: str, path: str
) -> None:
    partner = await as_partner(client)
    partner.headers = {"devKey": client.world["devKey"], **partner.headers}
    body = None if method == "GET" else {}
    check_refused(await partner.call(method, f"/connect{path}", body), 403, MISMATCH)
    del partner.headers["devKey"]
    answer = await partner.call(method, f"/connect{path}", body)
    check_faults(answer, "devKey: must not be null")


async def test_the_key_of_another_world_does_not_open_a_session(make_client: MakeClient) -> None:
    here, there = await make_client(), await make_client()
    partner = await as_partner(here)
    headers = {"appKey": there.world["appKey"]}
    check_refused(await partner.get(ORGANIZATIONS, headers=headers), 401, INVALID_SESSION)


async def test_a_partners_session_ends_after_35_idle_minutes(client: BillClient) -> None:
    partner = await as_partner(client)
    await client.advance(sign_in=False, seconds=35 * 60 - 1)
    assert (await partner.get(ORGANIZATIONS)).status == 200
    await client.advance(sign_in=False, seconds=35 * 60)
    check_refused(await partner.get(ORGANIZATIONS), 401, INVALID_SESSION)


async def test_a_partner_signs_out(client: BillClient) -> None:
    partner = await as_partner(client)
    answer = await partner.post("/v3/logout")
    assert (answer.status, answer.raw) == (200, b"")
    check_refused(await partner.get(ORGANIZATIONS), 401, INVALID_SESSION)
    assert (await client.get("/v3/vendors")).status == 200


@pytest.mark.parametrize(("method", "path", "body"), IN_ORGANIZATIONS)
async def test_calls_within_an_organization_name_it_in_a_header(
    client: BillClient, method: str, path: str, body: Any
) -> None:
    partner = await as_partner(client)
    answer = await partner.call(method, f"/connect{path}", body)
    check_faults(answer, "organizationId: must not be null")
    for unknown in ("nonsense", "00802AAAAAAAAAAzzzzz"):
        answer = await within(partner, unknown).call(method, f"/connect{path}", body)
        check_refused(answer, 400, NO_ORGANIZATION)


async def test_a_partner_lists_the_organizations_of_its_world(client: BillClient) -> None:
    partner = await as_partner(client)
    (founded,) = (await partner.get(ORGANIZATIONS)).body["results"]
    own = await client.get(f"/v3/organizations/{client.world['organizationId']}")
    assert founded == own.body
    made = [await new_organization(partner, name=f"Rice {number}") for number in range(3)]
    listed = (await partner.get(ORGANIZATIONS)).body["results"]
    assert listed == [founded, *made]
    answer = await partner.get(f'{ORGANIZATIONS}?filters=name:sw:"Rice"&sort=name:desc&max=2')
    assert [one["name"] for one in answer.body["results"]] == ["Rice 2", "Rice 1"]
    rest = await partner.get(f"{ORGANIZATIONS}?page={answer.body['nextPage']}")
    assert [one["name"] for one in rest.body["results"]] == ["Rice 0"]


async def test_a_new_organization_answers_201_with_what_was_given(client: BillClient) -> None:
    partner = await as_partner(client)
    body = {
        **RICE_CAKES,
        "phone": "5035550101",
        "taxId": "999888777",
        "taxIdType": "EIN",
        "companyOwner": {"name": "Noodle Soupsmith", "dateOfBirth": "1985-01-01"},
        "industry": "Restaurant Caterer or Bar",
        "businessCategory": "LLC",
        "accountType": "BUSINESS",
        "processingOptions": {"mailingAddressSameAsPhysical": "true"},
    }
    answer = await partner.post(ORGANIZATIONS, body)
    assert answer.status == 201
    assert answer.body == {
        **body,
        "id": answer.body["id"],
        "archived": False,
        "address": {**ADDRESS, "countryName": "United States"},
        "taxId": "*****8777",
        "processingOptions": {"mailingAddressSameAsPhysical": True},
        "partnerName": "Finch Ledger Partners",
        "createdTime": NOW,
        "updatedTime": NOW,
    }
    assert answer.body["id"].startswith("00802")


async def test_a_new_organization_needs_a_name_and_an_address(client: BillClient) -> None:
    partner = await as_partner(client)
    check_faults(
        await partner.post(ORGANIZATIONS, {}),
        "name: must not be blank",
        "address: must not be null",
    )
    answer = await partner.post(ORGANIZATIONS, {"name": "x", "address": {}})
    members = ("line1", "city", "zipOrPostalCode")
    told = [f"address.{name}: must not be blank" for name in members]
    check_faults(answer, *told, "address.country: must not be null")
    assert len((await partner.get(ORGANIZATIONS)).body["results"]) == 1


async def test_a_new_organization_has_the_six_roles_and_nobody(client: BillClient) -> None:
    partner = await as_partner(client)
    inside = within(partner, (await new_organization(partner))["id"])
    assert (await inside.get(USERS)).body == {"results": []}
    roles = (await inside.get(ROLES)).body["results"]
    assert [role["type"] for role in roles] == [
        "ACCOUNTANT",
        "ADMINISTRATOR",
        "APPROVER",
        "AUDITOR",
        "CLERK",
        "PAYER",
    ]
    for role in roles:
        assert (await inside.get(f"{ROLES}/{role['id']}")).body == role
        check_refused(await client.get(f"/v3/roles/{role['id']}"), 404, NO_DATA)


async def test_the_whole_way_of_a_partner(client: BillClient) -> None:
    partner = await as_partner(client)
    organization = await new_organization(partner)
    user = await new_user(partner, organization["id"])
    inside = await as_user(partner, organization["id"], user["id"])
    session = (await inside.get("/v3/login/session")).body
    assert (session["organizationId"], session["userId"]) == (organization["id"], user["id"])
    vendor = await inside.new_vendor()
    assert (await inside.get("/v3/vendors")).body["results"] == [vendor]
    assert (await client.get("/v3/vendors")).body == {"results": []}
    check_refused(await client.get(f"/v3/vendors/{vendor['id']}"), 404, NO_DATA)
    own = await inside.get(f"/v3/organizations/{organization['id']}")
    assert own.body == organization


async def test_login_as_user_works_with_the_dev_key_alone(make_client: MakeClient) -> None:
    here, there = await make_client(), await make_client()
    partner = await as_partner(here)
    clerk = await as_user(partner, here.world["organizationId"], user_id(here, "CLERK"))
    other_key = {"devKey": there.world["devKey"]}
    check_refused(await clerk.get("/v3/vendors", headers=other_key), 401, INVALID_SESSION)
    assert (await clerk.get("/v3/vendors")).status == 200
    check_refused(await clerk.post("/v3/payments", {}), 403, ("BDC_1361", "Untrusted session."))
    check_refused(await clerk.post("/v3/users", {}), 403, NO_PERMISSION)
    headers = {"appKey": here.world["appKey"], "sessionId": clerk.headers["sessionId"]}
    partner.headers = headers
    check_refused(await partner.get(ORGANIZATIONS), 403, MISMATCH)


async def test_login_as_user_refuses_what_is_not_there(client: BillClient) -> None:
    partner = await as_partner(client)
    here, clerk = client.world["organizationId"], user_id(client, "CLERK")
    other = (await new_organization(partner))["id"]

    async def sign_in(**body: Any) -> Any:
        return await partner.post(AS_USER, body)

    check_faults(await sign_in(), "userId: must not be blank", "organizationId: must not be blank")
    check_refused(await sign_in(userId=clerk, organizationId="nonsense"), 400, NO_ORGANIZATION)
    check_refused(await sign_in(userId=clerk, organizationId=other), 404, NO_DATA)
    check_refused(await sign_in(userId="nonsense", organizationId=here), 404, NO_DATA)
    await client.post(f"/v3/users/{clerk}/archive")
    told = f"No active user for: clerk@cedarfinch.example, {here}."
    check_refused(await sign_in(userId=clerk, organizationId=here), 400, ("BDC_1111", told))


async def test_a_remembered_device_is_trusted_through_login_as_user_too(
    payer: BillClient,
) -> None:
    partner = await as_partner(payer)
    body = {
        "userId": user_id(payer, "ADMINISTRATOR"),
        "organizationId": payer.world["organizationId"],
    }
    assert (await partner.post(AS_USER, body)).body["trusted"] is False
    answer = await partner.post(AS_USER, {**body, **payer.remembered})
    assert answer.body == {"sessionId": answer.body["sessionId"], "trusted": True}
    session = {"sessionId": answer.body["sessionId"]}
    details = await payer.get("/v3/login/session", headers=session)
    assert details.body["mfaStatus"] == "COMPLETE"


async def test_a_partner_changes_the_price_plan(client: BillClient) -> None:
    partner = await as_partner(client)
    own = f"/v3/organizations/{client.world['organizationId']}/price-plan"
    path = f"{ORGANIZATIONS}/{client.world['organizationId']}/price-plan"
    for number in (2, 5, 1):
        plan = f"PricePlan{number}"
        answer = await partner.patch(path, {"pricePlanType": plan})
        assert (answer.status, answer.body) == (200, {"status": "SUCCESS"})
        assert (await client.get(own)).body["name"] == plan
    told = (
        "JSON parse error: Cannot deserialize value of type `PlanType` from String"
        ' "PricePlan6": not one of the values accepted for Enum class:'
        " [PricePlan1, PricePlan2, PricePlan3, PricePlan4, PricePlan5]"
    )
    check_faults(await partner.patch(path, {"pricePlanType": "PricePlan6"}), told)
    check_faults(await partner.patch(path, {}), "pricePlanType: must not be null")
    unknown = f"{ORGANIZATIONS}/nonsense/price-plan"
    answer = await partner.patch(unknown, {"pricePlanType": "PricePlan2"})
    check_refused(answer, 404, NO_DATA)
