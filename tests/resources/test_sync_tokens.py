"""Sessions of sync tokens over HTTP: they live long, read and write, and never pay."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import Answer, BillClient
from tests.refusals import check_faults, check_refused, holdings
from tests.resources.approvals import (
    PENDING,
    approval,
    decide,
    new_policy,
    not_your_turn,
    user_id,
)
from tests.resources.partnership import MISMATCH, as_partner, new_organization
from tests.resources.payables import BANK_BODY, BANKS
from tests.resources.uploads import INVALID_SESSION

UNTRUSTED = ("BDC_1361", "Untrusted session.")
WRONG_PASSWORD = ("BDC_1101", "User name and/or password do not match our records.")
HOUR = 3600


async def token_login(client: BillClient, **more: Any) -> Answer:
    """Sign the client in with the token of its world's organization."""
    token = client.world["syncToken"]
    return await client.login(**{"username": token["name"], "password": token["value"], **more})


async def as_token(make_client: MakeClient, **behaviour: Any) -> BillClient:
    client = await make_client(role=None, **behaviour)
    assert (await token_login(client)).status == 200
    return client


async def test_a_token_signs_in_as_a_system_user(make_client: MakeClient) -> None:
    client = await make_client(role=None)
    answer = await token_login(client)
    assert answer.status == 200
    assert answer.body == {
        "sessionId": answer.body["sessionId"],
        "organizationId": client.world["organizationId"],
        "userId": answer.body["userId"],
        "trusted": False,
    }
    assert answer.body["userId"].startswith("syu02")
    session = (await client.get("/v3/login/session")).body
    assert session["userId"] == answer.body["userId"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "nonsense"},
        {"password": None},
        {"username": "nonsense"},
        {"username": "administrator@cedarfinch.example"},
    ],
)
async def test_a_wrong_token_is_401_bdc_1101(
    make_client: MakeClient, wrong: dict[str, Any]
) -> None:
    client = await make_client(role=None)
    check_refused(await token_login(client, **wrong), 401, WRONG_PASSWORD)


async def test_a_token_opens_its_own_organization_alone(make_client: MakeClient) -> None:
    here, there = await make_client(), await make_client()
    other = (await new_organization(await as_partner(here)))["id"]
    for organization_id in (other, there.world["organizationId"], "nonsense"):
        answer = await token_login(here, organizationId=organization_id)
        check_refused(answer, 401, WRONG_PASSWORD)
    check_refused(
        await token_login(there, password=here.world["syncToken"]["value"]), 401, WRONG_PASSWORD
    )


async def test_sign_ins_to_unknown_organizations_leave_nothing_behind(
    make_client: MakeClient,
) -> None:
    client = await make_client()
    before = (await client.control("GET", "")).body["counts"]
    for number in range(3):
        await token_login(client, organizationId=f"nonsense {number}")
    assert (await client.control("GET", "")).body["counts"] == before


async def test_the_session_lives_for_48_idle_hours(make_client: MakeClient) -> None:
    client = await as_token(make_client)
    for _ in range(2):
        await client.advance(sign_in=False, seconds=48 * HOUR - 1)
        assert (await client.get("/v3/vendors")).status == 200
    await client.advance(sign_in=False, seconds=48 * HOUR)
    check_refused(await client.get("/v3/vendors"), 401, INVALID_SESSION)
    assert (await token_login(client)).status == 200


async def test_the_session_can_be_signed_out(make_client: MakeClient) -> None:
    client = await as_token(make_client)
    assert (await client.post("/v3/logout")).status == 200
    check_refused(await client.get("/v3/vendors"), 401, INVALID_SESSION)


async def test_a_token_reads_and_writes_what_an_administrator_may(
    make_client: MakeClient,
) -> None:
    client = await as_token(make_client)
    bill = await client.new_bill((await client.new_vendor())["id"], 10)
    assert (await client.get(f"/v3/bills/{bill['id']}")).status == 200
    assert (await client.post("/v3/customers", {"name": "a", "email": "b@c.example"})).status == 201
    assert (await client.get(f"/v3/organizations/{client.world['organizationId']}")).status == 200
    answer = await client.post("/v3/bills/record-payment", {})
    assert answer.status == 400


MFA_CALLS = [
    ("POST", "/v3/mfa/setup", {"phone": "+14155550123", "type": "TEXT"}),
    ("POST", "/v3/mfa/setup/validate", {"setupId": "x", "type": "TEXT", "token": "123456"}),
    ("POST", "/v3/mfa/challenge", {}),
    ("POST", "/v3/mfa/challenge/validate", {"challengeId": "x", "token": "123456"}),
    ("POST", "/v3/mfa/step-up", {"rememberMeId": "x", "device": "x"}),
    ("GET", "/v3/mfa/phones", None),
]


@pytest.mark.parametrize("mfa", ["required", "bypassed"])
@pytest.mark.parametrize(("method", "path", "body"), MFA_CALLS)
async def test_a_token_makes_no_mfa_calls(
    make_client: MakeClient, mfa: str, method: str, path: str, body: Any
) -> None:
    client = await as_token(make_client, mfa=mfa)
    check_refused(await client.call(method, f"/connect{path}", body), 403, UNTRUSTED)
    assert (await client.control("GET", "/outbox")).body == {"results": []}


async def test_a_remembered_device_does_not_trust_a_token(payer: BillClient) -> None:
    answer = await token_login(payer, **payer.remembered)
    assert (answer.status, answer.body["trusted"]) == (200, False)
    check_refused(await payer.post("/v3/payments", {}), 403, UNTRUSTED)


@pytest.mark.parametrize("mfa", ["required", "bypassed"])
async def test_a_token_does_not_pay_even_where_mfa_is_bypassed(
    make_client: MakeClient, mfa: str
) -> None:
    client = await as_token(make_client, mfa=mfa)
    bill = await client.new_bill((await client.new_vendor())["id"], 10)
    before = await holdings(client)
    check_refused(await client.pay(bill, 10), 403, UNTRUSTED)
    funding = {"type": "BANK_ACCOUNT", "id": await client.bank_account()}
    bulk = {"fundingAccount": funding, "payments": [{"billId": bill["id"], "amount": 10}]}
    check_refused(await client.post("/v3/payments/bulk", bulk), 403, UNTRUSTED)
    check_refused(await client.post(BANKS, BANK_BODY), 403, UNTRUSTED)
    vendor = f"/v3/vendors/{bill['vendorId']}"
    check_refused(await client.patch(vendor, {"autoPay": {"enabled": True}}), 403, UNTRUSTED)
    assert await holdings(client) == before
    await client.login()
    if mfa == "bypassed":
        assert (await client.pay(bill, 10)).status == 201


async def test_nothing_waits_for_the_approval_of_a_token(client: BillClient) -> None:
    await new_policy(client, "ADMINISTRATOR")
    bill = (await client.new_bill((await client.new_vendor())["id"], 1000))["id"]
    syu = (await token_login(client)).body["userId"]
    told = f"The entity type of id {syu} does not match any of the expected entity types: User."
    check_refused(await client.get(PENDING), 422, ("BDC_1302", told))
    check_refused(await decide(client, "APPROVE", bill), 422, not_your_turn(bill, "ASSIGNED"))
    assert await approval(client, bill) == ("ASSIGNED", ["WAITING"])


async def test_a_token_is_neither_a_user_nor_a_partner(client: BillClient) -> None:
    syu = (await token_login(client)).body["userId"]
    users = (await client.get("/v3/users")).body["results"]
    assert syu not in [user["id"] for user in users]
    assert user_id(client, "ADMINISTRATOR") == users[0]["id"]
    headers = {"appKey": client.world["appKey"]}
    check_refused(await client.get("/v3/partner/organizations", headers=headers), 403, MISMATCH)
    client.headers = {"devKey": client.headers["devKey"]}
    check_faults(await client.get("/v3/users"), "sessionId: must not be null")
