"""No sequence of sign-ins, codes and clock moves gives a session more trust or life than it has.

The model counts minutes: sessions idle for 35, codes 5 minutes old, locks of 10
and 15 minutes, devices remembered for 30 days; and the codes that are open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from simulator import Behaviour
from simulator.core.errors import Refusal
from simulator.core.limits import Limits
from simulator.resources import sessions
from simulator.resources.catalogue import operations
from simulator.resources.mfa import SetupStatus
from tests.properties.machine import MachineOfOneWorld

IDLE = timedelta(minutes=35)
CODE_LIFE = timedelta(minutes=5)
CODE_LOCK = timedelta(minutes=10)
OPEN_CODES = 10
PASSWORD_LOCK = timedelta(minutes=15)
REMEMBERED = timedelta(days=30)
PHONE = "+14155550123"
LAPTOP, TABLET = "laptop", "tablet"


@dataclass
class OwnSession:
    """A session as the model knows it."""

    id: str
    called: datetime
    trusted: bool
    ended: bool = False


@dataclass
class OwnCode:
    """A code that was sent by text message."""

    id: str
    purpose: str
    token: str
    sent: datetime
    wrong: int = 0
    used: bool = False


@dataclass
class OwnDevice:
    """A device that was to be remembered."""

    id: str
    name: str
    until: datetime


class Sessions(MachineOfOneWorld):
    """Signs in and out, sends and answers codes, remembers devices, waits."""

    opened = Bundle("opened")
    codes = Bundle("codes")
    remembered = Bundle("remembered")

    @initialize(target=opened)
    def begin(self) -> Any:
        self.set_up_world(Behaviour())
        self.world.limiter.limits = Limits(texts_per_minute=None)
        self.own: dict[str, OwnSession] = {}
        self.open: list[OwnCode] = []
        self.phone = False
        self.wrong_passwords = 0
        self.password_locked = self.codes_locked = self.now
        return self.sign_in(None, LAPTOP, False)

    # In one step what takes four, so that runs get to what comes after trust.
    @rule(target=remembered, session=opened, name=st.sampled_from([LAPTOP, TABLET]))
    def get_trusted(self, session: OwnSession, name: str) -> Any:
        if self.is_over(session) or self.now < self.codes_locked:
            return multiple()
        if not self.phone:
            self.validate_phone(session, self.set_up(session), True)
        return self.answer_challenge(session, self.challenge(session), True, True, name)

    @rule(session=opened)
    def answer_late(self, session: OwnSession) -> None:
        if self.phone and not self.is_over(session):
            code = self.challenge(session)
            self.wait(5)
            self.answer_challenge(session, code, True, True, LAPTOP)

    @rule(session=opened, times=st.integers(2, 4))
    def guess_codes(self, session: OwnSession, times: int) -> None:
        if self.phone and not self.is_over(session):
            code = self.challenge(session)
            for _ in range(times):
                self.answer_challenge(session, code, False, True, LAPTOP)

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def run(self, session: OwnSession | None, key: str, body: Any) -> Any:
        """Perform a call as the gateway does: the answer, or the code of its refusal."""
        operation = operations()[key]
        credentials = self.world.credentials
        assert credentials is not None
        ctx = self.context()
        if session is not None:
            try:
                ctx.session = sessions.authenticate(
                    self.world, self.now, session.id, credentials.dev_key, False
                )
            except Refusal as refusal:
                assert self.is_over(session)
                return refusal.items[0].code
            assert not self.is_over(session)
            session.called = self.now
        arguments = [] if body is None else [operation.body.model_validate(body)]
        try:
            answer = self.world.perform(ctx, operation.run, *arguments)
        except Refusal as refusal:
            answer = refusal
        return answer.items[0].code or "none" if isinstance(answer, Refusal) else answer

    def is_over(self, session: OwnSession) -> bool:
        return session.ended or self.now >= session.called + IDLE

    @rule(
        target=opened,
        device=st.none() | remembered,
        name=st.sampled_from([LAPTOP, TABLET]),
        wrong=st.sampled_from([False, False, True]),
    )
    def sign_in(self, device: OwnDevice | None, name: str, wrong: bool) -> Any:
        credentials = self.world.credentials
        assert credentials is not None
        body = {
            "username": credentials.username,
            "password": "wrong" if wrong else credentials.password,
            "organizationId": credentials.organization_id,
            "devKey": credentials.dev_key,
        }
        if device:
            body |= {"rememberMeId": device.id, "device": name}
        answer = self.run(None, "POST /connect/v3/login", body)
        if self.wrong_passwords > 10 and self.now < self.password_locked:
            assert answer == "BDC_1110"
            return multiple()
        if self.now >= self.password_locked:
            self.wrong_passwords = 0
        if wrong:
            assert answer == "BDC_1101"
            self.wrong_passwords += 1
            self.password_locked = self.now + PASSWORD_LOCK
            return multiple()
        self.wrong_passwords = 0
        assert answer.trusted is (device is not None and self.knows(device, name))
        session = OwnSession(answer.session_id, self.now, answer.trusted)
        self.own[session.id] = session
        return session

    def knows(self, device: OwnDevice, name: str) -> bool:
        return device.name == name and self.now < device.until

    @rule(times=st.integers(9, 12))
    def guess_passwords(self, times: int) -> None:
        for _ in range(times):
            self.sign_in(None, LAPTOP, True)

    @rule(session=opened)
    def look(self, session: OwnSession) -> None:
        over = self.is_over(session)
        answer = self.run(session, "GET /connect/v3/login/session", None)
        if over:
            assert answer == "BDC_1109"
            return
        complete = "COMPLETE" if session.trusted else "CHALLENGE" if self.phone else "SETUP"
        assert answer.mfa_status == complete

    @rule(session=consumes(opened))
    def sign_out(self, session: OwnSession) -> None:
        over = self.is_over(session)
        answer = self.run(session, "POST /connect/v3/logout", None)
        assert answer == ("BDC_1109" if over else None)
        session.ended = True

    @rule(target=codes, session=opened)
    def set_up(self, session: OwnSession) -> Any:
        over = self.is_over(session)
        body = {"phone": PHONE, "type": "TEXT"}
        answer = self.run(session, "POST /connect/v3/mfa/setup", body)
        if over:
            return multiple()
        if self.phone and not session.trusted:
            assert answer == "BDC_5324"
            return multiple()
        return self.sent("setup", answer.setup_id)

    @rule(target=codes, session=opened)
    def challenge(self, session: OwnSession) -> Any:
        over = self.is_over(session)
        answer = self.run(session, "POST /connect/v3/mfa/challenge", {})
        if over:
            return multiple()
        if not self.phone:
            assert answer == "BDC_1354"
            return multiple()
        return self.sent("challenge", answer.challenge_id)

    @rule(target=codes, session=opened, times=st.integers(8, 11))
    def ask_for_many_codes(self, session: OwnSession, times: int) -> Any:
        if not self.phone or self.is_over(session):
            return multiple()
        return multiple(*[self.challenge(session) for _ in range(times)])

    def sent(self, purpose: str, code_id: str) -> OwnCode:
        message = list(self.world.table("outbox", ""))[-1]
        assert message.to == PHONE
        late = self.now - CODE_LIFE
        self.open = [one for one in self.open if not one.used and one.sent > late]
        # The oldest gives way to the eleventh, and is as good as used.
        for one in self.open[: -(OPEN_CODES - 1)]:
            one.used = True
        code = OwnCode(code_id, purpose, message.code, self.now)
        self.open.append(code)
        return code

    def judge(self, code: OwnCode, purpose: str, right: bool) -> set[str]:
        """What may come of an answer to a code; empty if it is accepted."""
        if self.now < self.codes_locked:
            return {"BDC_1358"}
        if code.used or code.purpose != purpose:
            return {"BDC_1205"}
        if self.now >= code.sent + CODE_LIFE:
            # The next code sweeps late ones away.
            return {"BDC_1356", "BDC_1205"}
        if right:
            code.used = True
            return set()
        code.wrong += 1
        if code.wrong == 3:
            code.used = True
            self.codes_locked = self.now + CODE_LOCK
            return {"BDC_1358"}
        return {"wrong"}

    @rule(session=opened, code=codes, right=st.sampled_from([True, True, False]))
    def validate_phone(self, session: OwnSession, code: OwnCode, right: bool) -> None:
        over = self.is_over(session)
        token = code.token if right else "x"
        body = {"setupId": code.id, "type": "TEXT", "token": token}
        answer = self.run(session, "POST /connect/v3/mfa/setup/validate", body)
        if over:
            return
        problems = self.judge(code, "setup", right)
        if not problems:
            assert answer.status is SetupStatus.SUCCESS
            self.phone = True
        elif problems == {"wrong"}:
            assert answer.status is SetupStatus.FAILED
        else:
            assert answer in problems

    @rule(
        target=remembered,
        session=opened,
        code=codes,
        right=st.sampled_from([True, True, False]),
        remember=st.booleans(),
        name=st.sampled_from([LAPTOP, TABLET]),
    )
    def answer_challenge(
        self, session: OwnSession, code: OwnCode, right: bool, remember: bool, name: str
    ) -> Any:
        over = self.is_over(session)
        token = code.token if right else "x"
        body = {
            "challengeId": code.id,
            "token": token,
            "device": name,
            "rememberMe": remember,
        }
        answer = self.run(session, "POST /connect/v3/mfa/challenge/validate", body)
        if over:
            return multiple()
        problems = self.judge(code, "challenge", right)
        if problems:
            assert answer in ({"none"} if problems == {"wrong"} else problems)
            return multiple()
        session.trusted = True
        until = self.now + REMEMBERED if remember else self.now
        return OwnDevice(answer.remember_me_id, name, until)

    @rule(session=opened, device=remembered, name=st.sampled_from([LAPTOP, TABLET]))
    def step_up(self, session: OwnSession, device: OwnDevice, name: str) -> None:
        over = self.is_over(session)
        body = {"rememberMeId": device.id, "device": name}
        answer = self.run(session, "POST /connect/v3/mfa/step-up", body)
        if over:
            return
        known = self.knows(device, name)
        assert answer.trusted is known
        session.trusted = session.trusted or known

    @rule(session=opened)
    def pay_or_be_asked_for_trust(self, session: OwnSession) -> None:
        over = self.is_over(session)
        credentials = self.world.credentials
        assert credentials is not None
        if over:
            return
        ctx = self.context()
        ctx.session = sessions.authenticate(
            self.world, self.now, session.id, credentials.dev_key, False
        )
        session.called = self.now
        if session.trusted:
            sessions.require_trust(ctx)
        else:
            with pytest.raises(Refusal, match="trusted"):
                sessions.require_trust(ctx)

    @precondition(lambda self: self.own)
    @rule(device=remembered)
    def wait_until_it_is_forgotten(self, device: OwnDevice) -> None:
        if device.until > self.now:
            self.world.advance_to(device.until)

    @rule(minutes=st.sampled_from([1, 4, 5, 10, 15, 34, 35]))
    def wait(self, minutes: int) -> None:
        self.world.advance_to(self.now + timedelta(minutes=minutes))

    @invariant()
    def sessions_that_are_not_over_are_there(self) -> None:
        for session in self.own.values():
            if not self.is_over(session):
                assert sessions.known(self.world, session.id)


TestSessions = Sessions.TestCase
TestSessions.settings = settings(max_examples=settings.default.max_examples * 3 // 4)
