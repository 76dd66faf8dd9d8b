"""Multi-factor authentication: phones, codes, challenges, remembered devices."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import Answer, BillClient
from tests.refusals import check_faults, check_refused

PHONE = "+14155550123"
NO_PHONE = ("BDC_1354", "Specified 2-Step Verification phone is not setup or is invalid.")
LATE = ("BDC_1356", "2-Step Verification token has expired.")
TOO_MANY = ("BDC_1358", "2-Step Verification too many token response attempts.")
WRONG = (None, "2-Step Verification token is invalid.")
BLOCKED = ("BDC_5324", "Mfa action blocked.")
UNKNOWN = ("BDC_1205", "No data found for object with given ID.")
DEVICE_TOO_LONG = ("BDC_1143", "Invalid entity data. deviceId.")
CODE_SECONDS = 5 * 60
LOCK_SECONDS = 10 * 60
ID = re.compile(r"![A-Za-z0-9]{44}")


async def setup(client: BillClient, **more: Any) -> Answer:
    return await client.post("/v3/mfa/setup", {"phone": PHONE, "type": "TEXT", **more})


async def validate_setup(client: BillClient, setup_id: str, token: str) -> Answer:
    body = {"setupId": setup_id, "type": "TEXT", "token": token}
    return await client.post("/v3/mfa/setup/validate", body)


async def register(client: BillClient) -> None:
    """Register a phone for the client's user."""
    setup_id = (await setup(client)).body["setupId"]
    answer = await validate_setup(client, setup_id, await client.code())
    assert answer.body == {"status": "SUCCESS"}


async def challenge(client: BillClient) -> str:
    answer = await client.post("/v3/mfa/challenge", {})
    assert answer.status == 200, answer.body
    return str(answer.body["challengeId"])


async def validate(client: BillClient, challenge_id: str, token: str, **more: Any) -> Answer:
    body = {"challengeId": challenge_id, "token": token, **more}
    return await client.post("/v3/mfa/challenge/validate", body)


async def wrong_code(client: BillClient) -> str:
    """Six digits that are not the newest code."""
    return f"{(int(await client.code()) + 1) % 1_000_000:06}"


async def trusted(client: BillClient) -> bool:
    return bool((await client.get("/v3/login/session")).body["mfaStatus"] == "COMPLETE")


@pytest.fixture
async def enrolled(client: BillClient) -> BillClient:
    """An administrator with a registered phone and an untrusted session."""
    await register(client)
    return client


async def wait(client: BillClient, seconds: int) -> None:
    await client.advance(sign_in=False, seconds=seconds)


@pytest.mark.parametrize("kind", ["TEXT", "VOICE"])
async def test_setup_sends_a_code_of_six_digits(client: BillClient, kind: str) -> None:
    answer = await setup(client, type=kind)
    assert answer.status == 200
    assert set(answer.body) == {"setupId"}
    assert ID.fullmatch(answer.body["setupId"])
    outbox = (await client.control("GET", "/outbox")).body["results"]
    code = outbox[0]["code"]
    assert re.fullmatch(r"\d{6}", code)
    assert outbox == [
        {
            "id": "message-0",
            "kind": "sms",
            "to": PHONE,
            "text": f"{code} is your BILL verification code.",
            "code": code,
            "time": "2026-06-03T16:00:00.000+00:00",
        }
    ]


async def test_the_right_code_registers_the_phone(client: BillClient) -> None:
    assert (await client.get("/v3/mfa/phones")).body == {"results": []}
    setup_id = (await setup(client)).body["setupId"]
    assert (await client.get("/v3/mfa/phones")).body == {"results": []}
    answer = await validate_setup(client, setup_id, await client.code())
    assert (answer.status, answer.body) == (200, {"status": "SUCCESS"})
    phone = {"type": "MOBILE", "last4digits": "0123", "primary": True}
    assert (await client.get("/v3/mfa/phones")).body == {"results": [phone]}
    assert not await trusted(client)


async def test_phones_belong_to_one_user(enrolled: BillClient) -> None:
    await enrolled.login("CLERK")
    assert (await enrolled.get("/v3/mfa/phones")).body == {"results": []}


async def test_a_wrong_setup_code_fails_and_the_right_one_still_succeeds(
    client: BillClient,
) -> None:
    setup_id = (await setup(client)).body["setupId"]
    for _ in range(2):
        answer = await validate_setup(client, setup_id, await wrong_code(client))
        assert (answer.status, answer.body) == (200, {"status": "FAILED"})
    answer = await validate_setup(client, setup_id, await client.code())
    assert answer.body == {"status": "SUCCESS"}


async def test_the_third_wrong_setup_code_is_bdc_1358(client: BillClient) -> None:
    setup_id = (await setup(client)).body["setupId"]
    for _ in range(2):
        await validate_setup(client, setup_id, await wrong_code(client))
    check_refused(await validate_setup(client, setup_id, await wrong_code(client)), 400, TOO_MANY)
    check_refused(await validate_setup(client, setup_id, await client.code()), 400, TOO_MANY)
    assert (await client.get("/v3/mfa/phones")).body == {"results": []}


async def test_setup_with_a_phone_on_file_is_bdc_5324(enrolled: BillClient) -> None:
    check_refused(await setup(enrolled), 403, BLOCKED)


async def test_a_trusted_session_may_change_the_phone(payer: BillClient) -> None:
    setup_id = (await setup(payer, phone="+1 (212) 555-9876")).body["setupId"]
    await validate_setup(payer, setup_id, await payer.code())
    phones = (await payer.get("/v3/mfa/phones")).body["results"]
    assert [phone["last4digits"] for phone in phones] == ["9876"]


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        ({}, ("phone: must not be blank", "type: must not be null")),
        ({"phone": " ", "type": "TEXT"}, ("phone: must not be blank",)),
        ({"phone": "12345", "type": "TEXT"}, ("phone: invalid value",)),
        (
            {"phone": PHONE, "type": "EMAIL"},
            (
                "JSON parse error: Cannot deserialize value of type `TokenType` from String"
                ' "EMAIL": not one of the values accepted for Enum class: [TEXT, VOICE]',
            ),
        ),
    ],
)
async def test_a_bad_setup_is_told(
    client: BillClient, body: dict[str, Any], messages: tuple[str, ...]
) -> None:
    check_faults(await client.post("/v3/mfa/setup", body), *messages)
    assert (await client.control("GET", "/outbox")).body == {"results": []}


async def test_a_backup_phone_is_refused(client: BillClient) -> None:
    answer = await setup(client, primary=False)
    check_faults(answer, "primary: backup phones are no longer supported")
    assert (await setup(client, primary=True)).status == 200


async def test_a_challenge_to_a_backup_phone_is_refused(enrolled: BillClient) -> None:
    answer = await enrolled.post("/v3/mfa/challenge", {"useBackup": True})
    check_faults(answer, "useBackup: backup phones are no longer supported")
    answer = await enrolled.post("/v3/mfa/challenge", {"useBackup": False})
    assert answer.status == 200


async def test_a_setting_allows_backup_phones(make_client: MakeClient) -> None:
    client = await make_client(backup_phones=True)
    assert (await setup(client, primary=False)).status == 200
    await register(client)
    assert (await client.post("/v3/mfa/challenge", {"useBackup": True})).status == 200


async def test_a_challenge_sends_a_code_to_the_phone(enrolled: BillClient) -> None:
    challenge_id = await challenge(enrolled)
    assert ID.fullmatch(challenge_id)
    outbox = (await enrolled.control("GET", "/outbox?kind=sms")).body["results"]
    assert [message["to"] for message in outbox] == [PHONE, PHONE]
    assert outbox[0]["code"] != outbox[1]["code"]


async def test_a_challenge_without_phone_is_bdc_1354(client: BillClient) -> None:
    check_refused(await client.post("/v3/mfa/challenge", {}), 400, NO_PHONE)
    await setup(client)
    check_refused(await client.post("/v3/mfa/challenge", {}), 400, NO_PHONE)


async def test_a_challenge_without_body_is_400(enrolled: BillClient) -> None:
    check_faults(
        await enrolled.post("/v3/mfa/challenge", raw=b""), "Required request body is missing"
    )


@pytest.mark.parametrize("remember_me", [True, False, None])
async def test_the_right_code_trusts_the_session(
    enrolled: BillClient, remember_me: bool | None
) -> None:
    challenge_id = await challenge(enrolled)
    answer = await validate(
        enrolled, challenge_id, await enrolled.code(), device="tests", rememberMe=remember_me
    )
    assert answer.status == 200
    assert set(answer.body) == {"rememberMeId"}
    assert re.fullmatch(r"[A-Za-z0-9]{64}", answer.body["rememberMeId"])
    assert await trusted(enrolled)
    # The id is worth something only if the device was to be remembered.
    remembered = {"rememberMeId": answer.body["rememberMeId"], "device": "tests"}
    again = await enrolled.login(**remembered)
    assert again.body["trusted"] is bool(remember_me)


async def test_a_code_may_be_written_with_a_hyphen(enrolled: BillClient) -> None:
    challenge_id = await challenge(enrolled)
    code = await enrolled.code()
    assert (await validate(enrolled, challenge_id, f"{code[:3]}-{code[3:]}")).status == 200


async def test_another_session_of_the_user_may_answer_the_challenge(
    enrolled: BillClient,
) -> None:
    challenge_id = await challenge(enrolled)
    await enrolled.login()
    assert (await validate(enrolled, challenge_id, await enrolled.code())).status == 200
    assert await trusted(enrolled)


async def test_two_wrong_codes_are_told_and_the_right_one_still_counts(
    enrolled: BillClient,
) -> None:
    challenge_id = await challenge(enrolled)
    for _ in range(2):
        answer = await validate(enrolled, challenge_id, await wrong_code(enrolled))
        check_refused(answer, 400, WRONG)
        assert not await trusted(enrolled)
    assert (await validate(enrolled, challenge_id, await enrolled.code())).status == 200


async def lock(client: BillClient) -> str:
    """Lock the user with three wrong codes; the challenge's id."""
    challenge_id = await challenge(client)
    wrong = await wrong_code(client)
    answers = [await validate(client, challenge_id, wrong) for _ in range(3)]
    check_refused(answers[2], 400, TOO_MANY)
    return challenge_id


async def test_the_third_wrong_code_is_bdc_1358_and_ends_the_challenge(
    enrolled: BillClient,
) -> None:
    challenge_id = await lock(enrolled)
    check_refused(await validate(enrolled, challenge_id, await enrolled.code()), 400, TOO_MANY)
    await wait(enrolled, LOCK_SECONDS)
    check_refused(await validate(enrolled, challenge_id, await enrolled.code()), 404, UNKNOWN)


async def test_the_lock_lifts_after_ten_minutes(enrolled: BillClient) -> None:
    await lock(enrolled)
    await wait(enrolled, LOCK_SECONDS - 1)
    challenge_id = await challenge(enrolled)
    code = await enrolled.code()
    check_refused(await validate(enrolled, challenge_id, code), 400, TOO_MANY)
    await wait(enrolled, 1)
    assert (await validate(enrolled, challenge_id, code)).status == 200


async def test_the_lock_is_the_users_alone(enrolled: BillClient) -> None:
    await lock(enrolled)
    await enrolled.login("PAYER")
    assert (await enrolled.trust()).status == 200


@pytest.mark.parametrize(("seconds", "status"), [(CODE_SECONDS - 1, 200), (CODE_SECONDS, 400)])
async def test_a_code_lives_five_minutes(enrolled: BillClient, seconds: int, status: int) -> None:
    challenge_id = await challenge(enrolled)
    await wait(enrolled, seconds)
    answer = await validate(enrolled, challenge_id, await enrolled.code())
    assert answer.status == status
    assert await trusted(enrolled) is (status == 200)
    if status == 400:
        check_refused(answer, 400, LATE)


async def test_a_late_setup_code_is_bdc_1356(client: BillClient) -> None:
    setup_id = (await setup(client)).body["setupId"]
    await wait(client, CODE_SECONDS)
    check_refused(await validate_setup(client, setup_id, await client.code()), 400, LATE)
    assert (await client.get("/v3/mfa/phones")).body == {"results": []}


async def test_a_code_answers_once(enrolled: BillClient) -> None:
    challenge_id = await challenge(enrolled)
    code = await enrolled.code()
    assert (await validate(enrolled, challenge_id, code)).status == 200
    await enrolled.login()
    check_refused(await validate(enrolled, challenge_id, code), 404, UNKNOWN)
    assert not await trusted(enrolled)


async def test_another_users_challenge_is_bdc_1205(enrolled: BillClient) -> None:
    challenge_id = await challenge(enrolled)
    code = await enrolled.code()
    await enrolled.login("CLERK")
    check_refused(await validate(enrolled, challenge_id, code), 404, UNKNOWN)
    assert not await trusted(enrolled)


async def test_a_setup_is_no_challenge_and_a_challenge_no_setup(payer: BillClient) -> None:
    setup_id = (await setup(payer)).body["setupId"]
    check_refused(await validate(payer, setup_id, await payer.code()), 404, UNKNOWN)
    challenge_id = await challenge(payer)
    check_refused(await validate_setup(payer, challenge_id, await payer.code()), 404, UNKNOWN)


async def test_an_unknown_challenge_is_bdc_1205(enrolled: BillClient) -> None:
    check_refused(await validate(enrolled, "!nonsense", "123456"), 404, UNKNOWN)


async def test_all_missing_members_are_told_at_once(enrolled: BillClient) -> None:
    check_faults(
        await enrolled.post("/v3/mfa/challenge/validate", {}),
        "challengeId: must not be blank",
        "token: must not be blank",
    )
    check_faults(
        await enrolled.post("/v3/mfa/setup/validate", {}),
        "setupId: must not be blank",
        "type: must not be null",
        "token: must not be blank",
    )


@pytest.mark.parametrize(("length", "status"), [(19, 200), (40, 200), (41, 400), (49, 400)])
async def test_a_long_device_name_is_refused(
    enrolled: BillClient, length: int, status: int
) -> None:
    challenge_id = await challenge(enrolled)
    code = await enrolled.code()
    answer = await validate(enrolled, challenge_id, code, device="d" * length)
    assert answer.status == status
    if status == 400:
        check_refused(answer, 400, DEVICE_TOO_LONG)
        assert (await validate(enrolled, challenge_id, code, device="d")).status == 200


async def test_a_step_up_with_the_remembered_device_trusts_the_session(payer: BillClient) -> None:
    await payer.login()
    assert not await trusted(payer)
    answer = await payer.post("/v3/mfa/step-up", payer.remembered)
    assert (answer.status, answer.body) == (200, {"trusted": True})
    assert await trusted(payer)


@pytest.mark.parametrize(
    "wrong", [{"rememberMeId": "nonsense"}, {"rememberMeId": None}, {"device": "another"}]
)
async def test_a_step_up_with_another_device_answers_false(
    payer: BillClient, wrong: dict[str, Any]
) -> None:
    await payer.login()
    answer = await payer.post("/v3/mfa/step-up", {**payer.remembered, **wrong})
    assert (answer.status, answer.body) == (200, {"trusted": False})
    assert not await trusted(payer)


async def test_a_step_up_works_for_thirty_days(payer: BillClient) -> None:
    await wait(payer, 30 * 24 * 3600 - 1)
    await payer.login()
    assert (await payer.post("/v3/mfa/step-up", payer.remembered)).body == {"trusted": True}
    await wait(payer, 1)
    await payer.login()
    assert (await payer.post("/v3/mfa/step-up", payer.remembered)).body == {"trusted": False}


async def test_a_step_up_with_another_users_device_answers_false(payer: BillClient) -> None:
    await payer.login("CLERK")
    assert (await payer.post("/v3/mfa/step-up", payer.remembered)).body == {"trusted": False}


async def test_ten_codes_are_open_at_once_and_the_oldest_gives_way(enrolled: BillClient) -> None:
    asked = []
    for number in range(11):
        if number % 4 == 0:
            await wait(enrolled, 60)
        asked.append(await challenge(enrolled))
    wrong = await wrong_code(enrolled)
    check_refused(await validate(enrolled, asked[0], wrong), 404, UNKNOWN)
    check_refused(await validate(enrolled, asked[1], wrong), 400, WRONG)
