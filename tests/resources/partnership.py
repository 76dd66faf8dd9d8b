"""Steps of a partner that several tests take: sign in, make an organization, act as its user."""

from __future__ import annotations

from typing import Any

from tests.http import Answer, BillClient
from tests.resources.payables import ADDRESS

ORGANIZATIONS = "/v3/partner/organizations"
USERS = "/v3/partner/users"
ROLES = "/v3/partner/roles"
AS_USER = "/v3/partner/login-as-user"

MISMATCH = (
    "BDC_1106",
    "Partner type of the API user and the organization being accessed do not match.",
)
RICE_CAKES = {"name": "Rice Cakes Inc", "address": ADDRESS}
TOMATO = {
    "firstName": "Tomato",
    "lastName": "Soupsmith",
    "email": "tsoupsmith@ricecakes.example",
    "username": "tsoupsm1th",
    "acceptTermsOfService": True,
}


async def partner_login(client: BillClient, **more: Any) -> Answer:
    """Sign in as the world's partner; the client keeps the session it has."""
    plain = BillClient(client.http, client.origin, client.world)
    body = {**client.world["partner"], "appKey": client.world["appKey"], **more}
    return await plain.post("/v3/partner/login", body)


async def as_partner(client: BillClient) -> BillClient:
    """A client with a session of the world's partner."""
    session_id = (await partner_login(client)).body["sessionId"]
    headers = {"appKey": client.world["appKey"], "sessionId": session_id}
    return BillClient(client.http, client.origin, client.world, headers)


def within(partner: BillClient, organization_id: str) -> BillClient:
    """The partner's client with the header that names an organization."""
    headers = {**partner.headers, "organizationId": organization_id}
    return BillClient(partner.http, partner.origin, partner.world, headers)


async def new_organization(partner: BillClient, **more: Any) -> dict[str, Any]:
    answer = await partner.post(ORGANIZATIONS, {**RICE_CAKES, **more})
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def new_user(partner: BillClient, organization_id: str, **more: Any) -> dict[str, Any]:
    answer = await within(partner, organization_id).post(USERS, {**TOMATO, **more})
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def as_user(partner: BillClient, organization_id: str, user_id: str) -> BillClient:
    """A client that the partner signed in as that user."""
    body = {"userId": user_id, "organizationId": organization_id}
    answer = await partner.post(AS_USER, body)
    assert answer.status == 200, answer.body
    headers = {"devKey": partner.world["devKey"], "sessionId": answer.body["sessionId"]}
    return BillClient(partner.http, partner.origin, partner.world, headers)


async def neighbour(client: BillClient) -> BillClient:
    """An administrator of another organization of the client's world."""
    partner = await as_partner(client)
    organization = await new_organization(partner)
    user = await new_user(partner, organization["id"])
    return await as_user(partner, organization["id"], user["id"])
