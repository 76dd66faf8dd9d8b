"""The way to a session that may pay."""

from __future__ import annotations

import pytest

from contract_tests.client import Answer, Bill
from contract_tests.expectations import told

behaviour = pytest.mark.behaviour
CHALLENGE = "POST /connect/v3/mfa/challenge"
VALIDATE = "POST /connect/v3/mfa/challenge/validate"
STEP_UP = "POST /connect/v3/mfa/step-up"
Challenge = tuple[Bill, list[Answer]]


@behaviour(CHALLENGE)
async def test_a_challenge_has_an_id(challenge: Challenge) -> None:
    _, answers = challenge
    if len(answers) == 1:
        pytest.skip("BILL_MFA_CHALLENGE_ID was asked for before this run")
    assert list(told(answers[0], 200)) == ["challengeId"]


@behaviour(VALIDATE)
async def test_the_right_code_gives_a_remember_me_id(challenge: Challenge) -> None:
    _, answers = challenge
    assert list(told(answers[-1], 200)) == ["rememberMeId"]


@behaviour(VALIDATE, "GET /connect/v3/login/session")
async def test_a_session_that_passed_mfa_says_complete(challenge: Challenge) -> None:
    session, _ = challenge
    assert told(await session.get("/v3/login/session"), 200)["mfaStatus"] == "COMPLETE"


@behaviour("POST /connect/v3/login")
async def test_a_sign_in_with_the_remembered_device_is_trusted(
    challenge: Challenge, visitor: Bill
) -> None:
    _, answers = challenge
    session = visitor.another()
    remembered = {
        "rememberMeId": answers[-1].body["rememberMeId"],
        "device": "contract-tests",
    }
    assert told(await session.login(**remembered), 200)["trusted"] is True


@behaviour(STEP_UP)
async def test_a_step_up_with_the_remembered_device_is_trusted(
    challenge: Challenge, bill: Bill
) -> None:
    _, answers = challenge
    session = bill.another()
    await session.login()
    body = {"rememberMeId": answers[-1].body["rememberMeId"], "device": "contract-tests"}
    assert told(await session.post("/v3/mfa/step-up", body), 200) == {"trusted": True}


@behaviour(STEP_UP)
async def test_a_step_up_with_an_unknown_id_is_not_trusted(bill: Bill) -> None:
    body = {"rememberMeId": "nonsense-nonsense-nonsense", "device": "contract-tests"}
    assert told(await bill.post("/v3/mfa/step-up", body), 200) == {"trusted": False}
