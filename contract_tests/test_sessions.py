"""Signing in and out, and what a call must carry."""

from __future__ import annotations

import asyncio

import pytest

from contract_tests.client import Bill
from contract_tests.expectations import NO_SESSION, made_as, refused, told
from contract_tests.shapes import SESSION, SESSION_DETAILS

behaviour = pytest.mark.behaviour
LOGIN = "POST /connect/v3/login"
DETAILS = "GET /connect/v3/login/session"
LOGOUT = "POST /connect/v3/logout"

# A record that no account has.
NOBODY = "00902AAAAAAAAAAzzzzz"

# Every operation of the guide that asks for a session.
OPERATIONS = [
    "POST /v3/bills",
    "POST /v3/bills/bulk",
    "GET /v3/bills",
    "GET /v3/bills/{billId}",
    "PATCH /v3/bills/{billId}",
    "PUT /v3/bills/{billId}",
    "POST /v3/bills/{billId}/archive",
    "POST /v3/bills/{billId}/restore",
    "POST /v3/vendors",
    "GET /v3/vendors",
    "GET /v3/vendors/{vendorId}",
    "PATCH /v3/vendors/{vendorId}",
    "POST /v3/vendors/{vendorId}/bank-account",
    "POST /v3/payments",
    "POST /v3/payments/bulk",
    "GET /v3/payments",
    "GET /v3/payments/{paymentId}",
    "POST /v3/payments/{paymentId}/cancel",
    "POST /v3/invoices",
    "GET /v3/invoices",
    "POST /v3/invoices/{invoiceId}/email",
    "POST /v3/customers",
    "GET /v3/customers",
    "POST /v3/receivable-payments",
    "POST /v3/bill-approvals/actions",
    "GET /v3/bill-approvals/pending-user-approvals",
    "POST /v3/bill-approvals/policies",
    "POST /v3/funding-accounts/banks",
    "GET /v3/funding-accounts/banks",
    "POST /v3/funding-accounts/banks/{bankAccountId}/verify",
    "POST /v3/documents/bills/{billId}",
    "GET /v3/documents/{documentId}",
    "GET /v3/login/session",
    "POST /v3/mfa/challenge",
]


def path_of(operation: str) -> tuple[str, str]:
    """Method and path of an operation, for a record that nobody has."""
    method, _, path = operation.partition(" ")
    parts = [NOBODY if part.startswith("{") else part for part in path.split("/")]
    return method, "/".join(parts)


@behaviour(LOGIN)
async def test_a_sign_in_gives_a_session_of_the_organization(visitor: Bill) -> None:
    session = told(await visitor.another().login(), 200)
    made_as(session, SESSION)
    assert session["organizationId"] == visitor.credentials.organization_id


@behaviour(LOGIN)
async def test_a_sign_in_without_a_remembered_device_is_not_trusted(visitor: Bill) -> None:
    assert told(await visitor.another().login(), 200)["trusted"] is False


@behaviour(LOGIN)
async def test_two_sign_ins_give_two_sessions(visitor: Bill) -> None:
    first, second = visitor.another(), visitor.another()
    await first.login()
    await second.login()
    assert first.session_id != second.session_id


@behaviour(LOGIN, "BDC_1102")
async def test_a_sign_in_with_an_unknown_developer_key_is_refused(visitor: Bill) -> None:
    answer = await visitor.another().login(devKey="01AAAAAAAAAAAAAAAAAA")
    refused(answer, 400, "BDC_1102", "Developer key is invalid")


@behaviour(LOGIN, "BDC_1101")
async def test_a_sign_in_of_nobody_is_refused(visitor: Bill) -> None:
    """Not with a wrong password: that would count against the user of the run."""
    answer = await visitor.another().login(username="nobody@example.com", password="Nobody-1234")
    refused(answer, 401, "BDC_1101")


@behaviour(LOGIN, "BDC_1123")
async def test_a_sign_in_to_an_unknown_organization_is_refused(visitor: Bill) -> None:
    answer = await visitor.another().login(organizationId="00802AAAAAAAAAAzzzzz")
    refused(answer, 400, "BDC_1123")


@behaviour(LOGIN)
@pytest.mark.parametrize("member", ["username", "organizationId", "devKey"])
async def test_a_sign_in_names_the_member_that_is_missing(visitor: Bill, member: str) -> None:
    body = {key: value for key, value in visitor.credentials.login.items() if key != member}
    refused(await visitor.post("/v3/login", body, headers={}), 400, None, f"{member}: must not be")


@behaviour("POST /connect/v3/partner/login")
async def test_a_partner_signs_in_with_its_application_key(visitor: Bill) -> None:
    partner = visitor.credentials.partner
    if partner is None:
        pytest.skip("no partner: BILL_APP_KEY, BILL_PARTNER_USERNAME, BILL_PARTNER_PASSWORD")
    body = {
        "username": partner.username,
        "password": partner.password,
        "appKey": partner.app_key,
    }
    answer = await visitor.post("/v3/partner/login", body, headers={})
    assert told(answer, 200)["sessionId"]


@behaviour("POST /connect/v3/partner/login")
async def test_a_partner_sign_in_without_members_is_refused(visitor: Bill) -> None:
    refused(await visitor.post("/v3/partner/login", {}, headers={}), 400, None)


@behaviour(DETAILS)
async def test_a_session_tells_whose_it_is(bill: Bill) -> None:
    details = told(await bill.get("/v3/login/session"), 200)
    made_as(details, SESSION_DETAILS)
    assert details["organizationId"] == bill.credentials.organization_id
    assert details["userId"] == bill.user_id


@behaviour(DETAILS)
async def test_a_session_tells_how_far_its_mfa_is(bill: Bill) -> None:
    details = told(await bill.get("/v3/login/session"), 200)
    assert {"mfaStatus", "mfaBypass"} <= set(details)


@behaviour(LOGOUT)
async def test_a_sign_out_answers_without_a_body(visitor: Bill) -> None:
    session = visitor.another()
    await session.login()
    answer = await session.post("/v3/logout")
    assert (answer.status, answer.raw) == (200, b"")


@behaviour(LOGOUT, "BDC_1109")
async def test_a_session_that_signed_out_is_dead(visitor: Bill) -> None:
    session = visitor.another()
    await session.login()
    await session.post("/v3/logout")
    refused(await session.get("/v3/vendors?max=1"), 401, "BDC_1109", NO_SESSION)


@behaviour(LOGOUT)
async def test_a_sign_out_leaves_other_sessions_alone(visitor: Bill, bill: Bill) -> None:
    session = visitor.another()
    await session.login()
    await session.post("/v3/logout")
    told(await bill.get("/v3/login/session"), 200)


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(one, marks=behaviour("BDC_1109", one.replace(" ", " /connect", 1)))
        for one in OPERATIONS
    ],
)
async def test_an_unknown_session_is_refused(visitor: Bill, operation: str) -> None:
    headers = {"devKey": visitor.credentials.dev_key, "sessionId": "nonsense"}
    method, path = path_of(operation)
    answer = await visitor.call(method, path, None if method == "GET" else {}, headers=headers)
    refused(answer, 401, "BDC_1109", NO_SESSION)


@behaviour("BDC_1102")
async def test_a_session_with_an_unknown_developer_key_is_refused(bill: Bill) -> None:
    headers = {**bill.keys, "devKey": "01AAAAAAAAAAAAAAAAAA"}
    refused(await bill.get("/v3/vendors?max=1", headers=headers), 401, "BDC_1102")


@behaviour("header.missing")
@pytest.mark.parametrize("name", ["devKey", "sessionId"])
async def test_a_call_without_its_keys_is_refused(bill: Bill, name: str) -> None:
    headers = {key: value for key, value in bill.keys.items() if key != name}
    refused(await bill.get("/v3/vendors?max=1", headers=headers), 400, None)


@behaviour("BDC_1121")
@pytest.mark.parametrize("path", ["/v3/nonsense", "/v3/Vendors", "/v3/session"])
async def test_a_path_that_bill_does_not_have_is_refused(bill: Bill, path: str) -> None:
    refused(await bill.get(path), 404, "BDC_1121", "API not supported")


@behaviour("method.unsupported")
async def test_a_method_that_a_path_does_not_have_is_refused(bill: Bill) -> None:
    assert (await bill.delete("/v3/vendors")).status == 405


@behaviour("json.malformed")
async def test_a_body_that_is_no_json_is_refused(bill: Bill) -> None:
    headers = {**bill.keys, "Content-Type": "application/json"}
    refused(await bill.post("/v3/vendors", raw=b'{"name": ', headers=headers), 400, None)


@behaviour("BDC_1322")
async def test_more_than_three_calls_at_once_are_refused(crowd: None, bill: Bill) -> None:
    async def vendors() -> int:
        url = f"{bill.credentials.base_url}/v3/vendors?max=100"
        async with bill.http.get(url, headers=bill.keys) as response:
            body = await response.json()
            if response.status != 200:
                assert [item["code"] for item in body] == ["BDC_1322"], body
            return response.status

    statuses = await asyncio.gather(*(vendors() for _ in range(12)))
    assert set(statuses) == {200, 429}, statuses
