"""Signing in: POST /v3/login."""

from __future__ import annotations

import re
from typing import Any

import aiohttp
import pytest

from simulator import Simulator
from simulator.core.context import Ctx
from simulator.core.rows import changed
from simulator.resources.organizations import organizations
from simulator.resources.users import users
from tests.conftest import MakeClient
from tests.http import Answer, BillClient
from tests.refusals import check_faults, check_refused

WRONG = ("BDC_1101", "User name and/or password do not match our records.")
BAD_KEY = ("BDC_1102", "Developer key is invalid.")
LOCKED = ("BDC_1110", "Login is locked.")
BAD_ORGANIZATION = ("BDC_1123", "Invalid organization id.")


@pytest.fixture
async def stranger(make_client: MakeClient) -> BillClient:
    """A client that has not signed in."""
    return await make_client(role=None)


def body_of(client: BillClient, **more: Any) -> dict[str, Any]:
    """A right sign-in of the world's administrator, but for `more`."""
    world = client.world
    right = {
        "username": world["username"],
        "password": world["password"],
        "organizationId": world["organizationId"],
        "devKey": world["devKey"],
    }
    return {**right, **more}


async def sign_in(client: BillClient, **more: Any) -> Answer:
    return await client.post("/v3/login", body_of(client, **more))


async def fail(client: BillClient, times: int) -> None:
    for _ in range(times):
        check_refused(await sign_in(client, password="wrong"), 401, WRONG)


async def test_a_sign_in_gives_an_untrusted_session_of_the_user(stranger: BillClient) -> None:
    answer = await sign_in(stranger)
    assert answer.status == 200
    session_id = answer.body.pop("sessionId")
    assert re.fullmatch(r"[a-z0-9]{60}", session_id)
    administrator = next(u for u in stranger.world["users"] if u["role"] == "ADMINISTRATOR")
    assert answer.body == {
        "organizationId": stranger.world["organizationId"],
        "userId": administrator["userId"],
        "trusted": False,
    }
    headers = {"devKey": stranger.world["devKey"], "sessionId": session_id}
    assert (await stranger.get("/v3/vendors", headers=headers)).status == 200


async def test_every_sign_in_gives_a_session_of_its_own(stranger: BillClient) -> None:
    first, second = await sign_in(stranger), await sign_in(stranger)
    assert first.body["sessionId"] != second.body["sessionId"]
    for answer in (first, second):
        headers = {"devKey": stranger.world["devKey"], "sessionId": answer.body["sessionId"]}
        assert (await stranger.get("/v3/vendors", headers=headers)).status == 200


async def test_the_user_name_is_not_case_sensitive(stranger: BillClient) -> None:
    answer = await sign_in(stranger, username=stranger.world["username"].upper())
    assert answer.status == 200


async def test_the_password_is_case_sensitive(stranger: BillClient) -> None:
    answer = await sign_in(stranger, password=stranger.world["password"].upper())
    check_refused(answer, 401, WRONG)


async def test_headers_are_no_matter_at_login(stranger: BillClient) -> None:
    headers = {"devKey": "nonsense", "sessionId": "nonsense"}
    answer = await stranger.post("/v3/login", body_of(stranger), headers=headers)
    assert answer.status == 200


@pytest.mark.parametrize("value", ["missing", None])
@pytest.mark.parametrize(
    ("member", "message"),
    [
        ("username", "username: must not be blank"),
        ("devKey", "devKey: must not be null"),
        ("organizationId", "organizationId: must not be blank"),
    ],
)
async def test_a_missing_member_is_told(
    stranger: BillClient, member: str, message: str, value: str | None
) -> None:
    body = body_of(stranger, **{member: None})
    if value == "missing":
        del body[member]
    check_faults(await stranger.post("/v3/login", body), message)


@pytest.mark.parametrize("member", ["username", "organizationId"])
@pytest.mark.parametrize("blank", ["", "  "])
async def test_a_blank_member_is_told(stranger: BillClient, member: str, blank: str) -> None:
    check_faults(await sign_in(stranger, **{member: blank}), f"{member}: must not be blank")


async def test_all_missing_members_are_told_at_once(stranger: BillClient) -> None:
    check_faults(
        await stranger.post("/v3/login", {}),
        "username: must not be blank",
        "devKey: must not be null",
        "organizationId: must not be blank",
    )


@pytest.mark.parametrize("dev_key", ["", "01ABCDEFGHIJKLMNOPQR"])
async def test_an_unknown_dev_key_is_400_bdc_1102(stranger: BillClient, dev_key: str) -> None:
    check_refused(await sign_in(stranger, devKey=dev_key), 400, BAD_KEY)


async def test_a_setting_makes_the_unknown_dev_key_401(make_client: MakeClient) -> None:
    stranger = await make_client(role=None, login_key_status=401)
    check_refused(await sign_in(stranger, devKey="01ABCDEFGHIJKLMNOPQR"), 401, BAD_KEY)


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "wrong"},
        {"password": ""},
        {"password": None},
        {"username": "nobody@cedarfinch.example"},
        {"username": "nobody@cedarfinch.example", "organizationId": "00802NOSUCHORGAN1abcd"},
        {"password": "wrong", "organizationId": "00802NOSUCHORGAN1abcd"},
    ],
)
async def test_a_wrong_user_or_password_is_401_bdc_1101(
    stranger: BillClient, wrong: dict[str, Any]
) -> None:
    check_refused(await sign_in(stranger, **wrong), 401, WRONG)


async def test_a_setting_makes_the_wrong_password_400(make_client: MakeClient) -> None:
    stranger = await make_client(role=None, wrong_password_status=400)
    check_refused(await sign_in(stranger, password="wrong"), 400, WRONG)


async def test_another_users_password_is_401_bdc_1101(stranger: BillClient) -> None:
    clerk = next(user for user in stranger.world["users"] if user["role"] == "CLERK")
    check_refused(await sign_in(stranger, password=clerk["password"]), 401, WRONG)


async def test_a_wrong_password_leaves_running_sessions_alone(client: BillClient) -> None:
    await fail(client, 1)
    assert (await client.get("/v3/login/session")).status == 200


async def test_an_unknown_organization_is_400_bdc_1123(stranger: BillClient) -> None:
    answer = await sign_in(stranger, organizationId="00802NOSUCHORGAN1abcd")
    check_refused(answer, 400, BAD_ORGANIZATION)


async def test_an_organization_of_another_world_is_400_bdc_1123(make_client: MakeClient) -> None:
    here, there = await make_client(role=None), await make_client(role=None)
    answer = await sign_in(here, organizationId=there.world["organizationId"])
    check_refused(answer, 400, BAD_ORGANIZATION)


async def test_a_user_of_another_world_is_401_bdc_1101(make_client: MakeClient) -> None:
    here, there = await make_client(role=None), await make_client(role=None)
    answer = await sign_in(here, **body_of(there, devKey=here.world["devKey"]))
    check_refused(answer, 401, WRONG)


def open_a_branch(ctx: Ctx, headquarters: str) -> str:
    """A second organization of the world with a user of its own; its id."""
    somebody = next(iter(ctx.within(headquarters).table(users)))
    rosa = {"id": "00602ROSABELMON1abcd", "username": "rosa@branch.example"}
    branch = changed(ctx.get(organizations, headquarters), id="00802BRANCHOFFI1abcd")
    ctx.put(organizations, branch)
    ctx.within(branch.id).put(users, changed(somebody, **rosa, password="pea-green"))
    return branch.id


async def test_a_user_of_another_organization_is_400_bdc_1111(
    http: aiohttp.ClientSession,
) -> None:
    async with Simulator() as server:
        world = server.worlds.default
        assert world.credentials is not None
        headquarters = world.credentials.organization_id
        ctx = Ctx(world, world.clock.now(), "")
        branch = world.perform(ctx, open_a_branch, headquarters)
        client = BillClient(http, server.url, {"world": "default"})
        rosa = {
            "devKey": world.credentials.dev_key,
            "username": "rosa@branch.example",
            "password": "pea-green",
        }

        own = await client.post("/v3/login", {**rosa, "organizationId": branch})
        assert (own.status, own.body["organizationId"]) == (200, branch)

        answer = await client.post("/v3/login", {**rosa, "organizationId": headquarters})
        told = f"No active user for: rosa@branch.example, {headquarters}."
        check_refused(answer, 400, ("BDC_1111", told))


async def test_ten_wrong_passwords_do_not_lock(stranger: BillClient) -> None:
    await fail(stranger, 10)
    assert (await sign_in(stranger)).status == 200


async def test_eleven_wrong_passwords_lock_the_user_alone(stranger: BillClient) -> None:
    await fail(stranger, 11)
    check_refused(await sign_in(stranger), 423, LOCKED)
    check_refused(await sign_in(stranger, password="wrong"), 423, LOCKED)
    answer = await sign_in(stranger, username=stranger.world["username"].upper())
    check_refused(answer, 423, LOCKED)
    assert (await stranger.login("CLERK")).status == 200


async def test_the_lock_lifts_fifteen_minutes_after_the_last_failure(
    stranger: BillClient,
) -> None:
    await fail(stranger, 11)
    await stranger.advance(sign_in=False, seconds=15 * 60 - 1)
    check_refused(await sign_in(stranger), 423, LOCKED)
    await stranger.advance(sign_in=False, seconds=1)
    await fail(stranger, 10)
    assert (await sign_in(stranger)).status == 200


async def test_a_right_password_starts_the_count_anew(stranger: BillClient) -> None:
    await fail(stranger, 10)
    assert (await sign_in(stranger)).status == 200
    await fail(stranger, 10)
    assert (await sign_in(stranger)).status == 200


async def test_a_remembered_device_signs_in_trusted_and_may_pay(payer: BillClient) -> None:
    answer = await payer.login(**payer.remembered)
    assert (answer.status, answer.body["trusted"]) == (200, True)
    assert (await payer.get("/v3/login/session")).body["mfaStatus"] == "COMPLETE"
    bill = await payer.new_bill((await payer.new_vendor())["id"])
    assert (await payer.pay(bill, 1.00)).status == 201


@pytest.mark.parametrize(
    "wrong",
    [
        {"device": "another"},
        {"device": None},
        {"rememberMeId": "x" * 64},
        {"rememberMeId": None},
    ],
)
async def test_another_device_or_id_signs_in_untrusted(
    payer: BillClient, wrong: dict[str, Any]
) -> None:
    answer = await payer.login(**{**payer.remembered, **wrong})
    assert (answer.status, answer.body["trusted"]) == (200, False)
    assert (await payer.get("/v3/login/session")).body["mfaStatus"] == "CHALLENGE"


async def test_a_remembered_device_is_of_no_use_to_another_user(payer: BillClient) -> None:
    answer = await payer.login("PAYER", **payer.remembered)
    assert (answer.status, answer.body["trusted"]) == (200, False)


async def test_a_device_is_remembered_for_thirty_days(payer: BillClient) -> None:
    await payer.advance(sign_in=False, seconds=30 * 24 * 3600 - 1)
    assert (await payer.login(**payer.remembered)).body["trusted"] is True
    await payer.advance(sign_in=False, seconds=1)
    assert (await payer.login(**payer.remembered)).body["trusted"] is False


async def test_unknown_members_and_numbers_as_text_are_taken(stranger: BillClient) -> None:
    answer = await sign_in(stranger, deviceId="x", device=12345, userName=None)
    assert answer.status == 200
    check_refused(await sign_in(stranger, username=12345), 401, WRONG)
