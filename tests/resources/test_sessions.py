"""Sessions: what they open, how long they live, how far they are trusted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import Answer, BillClient
from tests.refusals import check_faults, check_refused

INVALID = ("BDC_1109", "Session is invalid.  Please log in.")
BAD_KEY = ("BDC_1102", "Developer key is invalid.")
UNTRUSTED = ("BDC_1361", "Untrusted session.")
FORBIDDEN = ("BDC_1145", "The user does not have permission to perform this operation.")
IDLE_SECONDS = 35 * 60


async def call(client: BillClient, **headers: str) -> Answer:
    """A plain call with the client's headers but for those given here."""
    return await client.get("/v3/vendors", headers=headers)


async def second_session(client: BillClient, role: str = "ADMINISTRATOR") -> str:
    """Another session; the client goes on with the one it had."""
    kept = client.headers
    answer = await client.login(role)
    client.headers = kept
    return str(answer.body["sessionId"])


async def wait(client: BillClient, seconds: int) -> None:
    await client.advance(sign_in=False, seconds=seconds)


async def mfa_status(client: BillClient) -> str:
    return str((await client.get("/v3/login/session")).body["mfaStatus"])


async def pay_something(client: BillClient) -> Answer:
    bill = await client.new_bill((await client.new_vendor())["id"])
    return await client.pay(bill, 10.00)


async def test_details_name_the_organization_and_the_user(client: BillClient) -> None:
    administrator = next(u for u in client.world["users"] if u["role"] == "ADMINISTRATOR")
    answer = await client.get("/v3/login/session")
    assert answer.status == 200
    assert answer.body == {
        "organizationId": client.world["organizationId"],
        "userId": administrator["userId"],
        "mfaStatus": "SETUP",
        "mfaBypass": False,
    }


async def test_the_status_goes_from_setup_over_challenge_to_complete(client: BillClient) -> None:
    assert await mfa_status(client) == "SETUP"
    setup = await client.post("/v3/mfa/setup", {"phone": "+14155550123", "type": "TEXT"})
    assert await mfa_status(client) == "SETUP"
    body = {"setupId": setup.body["setupId"], "type": "TEXT", "token": await client.code()}
    await client.post("/v3/mfa/setup/validate", body)
    assert await mfa_status(client) == "CHALLENGE"
    await client.trust()
    assert await mfa_status(client) == "COMPLETE"
    await client.login()
    assert await mfa_status(client) == "CHALLENGE"
    await client.login("CLERK")
    assert await mfa_status(client) == "SETUP"


async def test_a_key_that_bypasses_mfa_pays_without_it(make_client: MakeClient) -> None:
    client = await make_client(mfa="bypassed")
    session = (await client.get("/v3/login/session")).body
    assert (session["mfaStatus"], session["mfaBypass"]) == ("DISABLED", True)
    assert (await pay_something(client)).status == 201
    await client.trust()
    assert await mfa_status(client) == "DISABLED"


async def test_an_untrusted_session_may_not_pay(client: BillClient) -> None:
    check_refused(await pay_something(client), 403, UNTRUSTED)
    assert (await client.get("/v3/payments")).body == {"results": []}
    await client.trust()
    assert (await pay_something(client)).status == 201


@pytest.mark.parametrize(
    "path", ["/v3/payments", "/v3/payments/bulk", "/v3/funding-accounts/banks"]
)
async def test_trust_is_asked_for_before_the_body(client: BillClient, path: str) -> None:
    check_refused(await client.post(path, {}), 403, UNTRUSTED)


async def test_trust_belongs_to_one_session(payer: BillClient) -> None:
    other = {"sessionId": await second_session(payer)}
    check_refused(await payer.post("/v3/payments", {}, headers=other), 403, UNTRUSTED)
    assert (await pay_something(payer)).status == 201


async def test_a_role_that_may_not_is_403_bdc_1145(make_client: MakeClient) -> None:
    auditor = await make_client("AUDITOR")
    check_refused(await auditor.post("/v3/vendors", {}), 403, FORBIDDEN)
    assert (await auditor.get("/v3/vendors")).body == {"results": []}


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        ({"sessionId"}, "sessionId: must not be null"),
        ({"devKey"}, "devKey: must not be null"),
        ({"devKey", "sessionId"}, "devKey: must not be null"),
    ],
)
async def test_a_missing_header_is_400(
    client: BillClient, left_out: set[str], message: str
) -> None:
    client.headers = {k: v for k, v in client.headers.items() if k not in left_out}
    check_faults(await call(client), message)


async def test_header_names_are_not_case_sensitive(client: BillClient) -> None:
    client.headers = {name.upper(): value for name, value in client.headers.items()}
    assert (await call(client)).status == 200


@pytest.mark.parametrize("dev_key", ["", "nonsense", "01ABCDEFGHIJKLMNOPQR"])
async def test_an_unknown_dev_key_is_401_with_a_live_session(
    client: BillClient, dev_key: str
) -> None:
    check_refused(await call(client, devKey=dev_key), 401, BAD_KEY)


async def test_the_status_of_an_unknown_dev_key_at_login_does_not_reach_other_calls(
    make_client: MakeClient,
) -> None:
    client = await make_client(login_key_status=400)
    check_refused(await call(client, devKey="nonsense"), 401, BAD_KEY)


@pytest.mark.parametrize("session_id", ["", "nonsense", "\u00e9", "x" * 4000])
async def test_a_nonsense_session_is_401_bdc_1109(client: BillClient, session_id: str) -> None:
    check_refused(await call(client, sessionId=session_id), 401, INVALID)


async def test_a_session_lives_with_its_own_dev_key_alone(make_client: MakeClient) -> None:
    here, there = await make_client(), await make_client()
    check_refused(await call(here, devKey=there.world["devKey"]), 401, INVALID)
    check_refused(await call(here, sessionId=there.headers["sessionId"]), 401, INVALID)
    assert (await call(here)).status == 200
    assert (await call(there)).status == 200


async def test_a_session_ends_after_35_idle_minutes(client: BillClient) -> None:
    await wait(client, IDLE_SECONDS)
    check_refused(await call(client), 401, INVALID)
    check_refused(await call(client), 401, INVALID)
    await client.login()
    assert (await call(client)).status == 200


async def test_every_call_gives_another_35_minutes(client: BillClient) -> None:
    for _ in range(3):
        await wait(client, IDLE_SECONDS - 1)
        assert (await call(client)).status == 200
    await wait(client, IDLE_SECONDS)
    check_refused(await call(client), 401, INVALID)


async def test_a_refused_call_gives_another_35_minutes_too(client: BillClient) -> None:
    await wait(client, IDLE_SECONDS - 1)
    assert (await client.get("/v3/vendors/nonsense")).status == 404
    await wait(client, IDLE_SECONDS - 1)
    assert (await call(client)).status == 200


async def test_calls_of_one_session_do_not_keep_another_alive(client: BillClient) -> None:
    other = await second_session(client)
    await wait(client, IDLE_SECONDS - 1)
    assert (await call(client)).status == 200
    await wait(client, 1)
    check_refused(await call(client, sessionId=other), 401, INVALID)
    assert (await call(client)).status == 200


async def test_trust_ends_with_the_session(payer: BillClient) -> None:
    await wait(payer, IDLE_SECONDS)
    await payer.login()
    check_refused(await payer.post("/v3/payments", {}), 403, UNTRUSTED)


async def test_a_setting_lets_sessions_live_for_ever(make_client: MakeClient) -> None:
    client = await make_client(session_expiry="never")
    await wait(client, 365 * 24 * 3600)
    assert (await call(client)).status == 200


async def logout(client: BillClient, data: bytes | None = None) -> tuple[int, bytes, Any]:
    """Sign out without any Content-Type; status, body and headers of the answer."""
    async with client.http.post(
        f"{client.origin}/connect/v3/logout",
        data=data,
        headers=client.headers,
        skip_auto_headers=("Content-Type",),
    ) as response:
        assert "Content-Type" not in response.request_info.headers
        return response.status, await response.read(), response.headers


async def test_a_sign_out_ends_the_session(client: BillClient) -> None:
    other = await second_session(client)
    status, body, headers = await logout(client)
    assert (status, body) == (200, b"")
    assert headers["Content-Length"] == "0"
    assert "Content-Type" not in headers
    check_refused(await call(client), 401, INVALID)
    assert (await call(client, sessionId=other)).status == 200


@pytest.mark.parametrize("data", [b"{}", b"null", b"not json"])
async def test_a_body_does_not_hinder_a_sign_out(client: BillClient, data: bytes) -> None:
    status, body, _ = await logout(client, data)
    assert (status, body) == (200, b"")
    check_refused(await call(client), 401, INVALID)


async def test_a_second_sign_out_is_401_bdc_1109(client: BillClient) -> None:
    await logout(client)
    check_refused(await client.post("/v3/logout"), 401, INVALID)


async def test_a_session_belongs_to_the_key_that_opened_it(client: BillClient) -> None:
    headers = {"appKey": client.world["appKey"]}
    check_refused(await client.post("/v3/logout", headers=headers), 401, INVALID)
    assert (await client.post("/v3/logout")).status == 200
