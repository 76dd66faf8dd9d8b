"""Multi-factor authentication: phones, codes by text message, trusted sessions."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Annotated

from pydantic import AfterValidator

from simulator.core import ids
from simulator.core.body import Body, NotBlank, Text, invalid
from simulator.core.context import Ctx
from simulator.core.errors import Refusal, refuse
from simulator.core.evidence import assumed, documented, observed
from simulator.core.resource import Resource, Store
from simulator.core.rows import Answer, Row, changed, shape
from simulator.resources.sessions import current, require_person, trust

# A note of one client says about five minutes and about three tries.
CODE_LIFE = timedelta(minutes=5)
TRIES = 3
# Clients saw BDC_1358 lift after five to ten minutes.
LOCK = timedelta(minutes=10)
# BILL changelog 2024-08-02.
REMEMBERED = timedelta(days=30)
# 19 characters worked and 49 were refused; the limit lies between.
_DEVICE_LENGTH = 40
_LEAST_DIGITS = 7
# Nobody answers the code before the last few; without a bound they would pile up.
_MOST_OPEN = 10


class TokenType(StrEnum):
    """How a code is sent."""

    TEXT = "TEXT"
    VOICE = "VOICE"


class PhoneType(StrEnum):
    """What a phone is called in the list."""

    MOBILE = "MOBILE"
    WORK = "WORK"


@shape
class Code(Row):
    """A code that was sent: for the `purpose` setup of `phone`, or challenge."""

    id: str
    purpose: str
    user_id: str
    phone: str
    token: str
    sent: datetime
    wrong: int


@shape
class Phone(Row):
    """The registered phone of a user; its id is the user's."""

    id: str
    number: str


@shape
class Lock(Row):
    """A user who gave too many wrong codes; its id is the user's."""

    id: str
    until: datetime


@shape
class Device(Row):
    """A remembered device; its id is the rememberMeId."""

    id: str
    user_id: str
    device: str | None
    until: datetime


mfa = Resource("mfa_codes", "/v3/mfa", Code)
phones = Store("mfa_phones", Phone)
locks = Store("mfa_locks", Lock)
devices = Store("mfa_devices", Device)


def _phone_number(value: str) -> str:
    if sum(character.isdigit() for character in value) < _LEAST_DIGITS:
        raise invalid()
    return value


class SetupBody(Body):
    """`primary` is deprecated; false is refused since 2026-03-30."""

    phone: Annotated[NotBlank, AfterValidator(_phone_number)]
    type: TokenType
    primary: bool | None = None


class SetupValidateBody(Body):
    """The code that came to the phone."""

    setup_id: NotBlank
    type: TokenType
    token: NotBlank


class ChallengeBody(Body):
    """`{}` is enough; `useBackup` true is refused since 2026-03-30."""

    use_backup: bool | None = None


class ChallengeValidateBody(Body):
    """The code that came to the phone, and whether to remember the device."""

    challenge_id: NotBlank
    token: NotBlank
    device: Text | None = None
    machine_name: Text | None = None
    remember_me: bool | None = None


class StepUpBody(Body):
    """A remembered device."""

    remember_me_id: Text | None = None
    device: Text | None = None


@shape
class SetupAnswer(Answer):
    """The id to validate the phone with."""

    setup_id: str


class SetupStatus(StrEnum):
    """Whether the phone was validated."""

    SUCCESS = "SUCCESS"
    FAILED = "FAILED"


@shape
class StatusAnswer(Answer):
    """The outcome of validating a phone."""

    status: SetupStatus


@shape
class ChallengeAnswer(Answer):
    """The id to answer the challenge with."""

    challenge_id: str


@shape
class RememberAnswer(Answer):
    """The id of the remembered device."""

    remember_me_id: str


@shape
class TrustedAnswer(Answer):
    """Whether the session is trusted now."""

    trusted: bool


@shape
class PhoneAnswer(Answer):
    """A phone, all but its last four digits left out."""

    type: PhoneType
    last4digits: str
    primary: bool


@shape
class PhonesAnswer(Answer):
    """The phones of the user."""

    results: tuple[PhoneAnswer, ...]


def phone_of(ctx: Ctx) -> Phone | None:
    """The registered phone of the caller, or None."""
    return ctx.find(phones, current(ctx).user_id)


def _send_code(ctx: Ctx, purpose: str, phone: str) -> Code:
    session = require_person(ctx)
    user_id = session.user_id
    ctx.world.limiter.text(session.key or "", ctx.now)
    sent = ctx.table(mfa).rows_with("user_id", attrgetter("user_id"), user_id)
    too_many = len(sent) + 1 - _MOST_OPEN
    for place, old in enumerate(sent):
        if place < too_many or ctx.now >= old.sent + CODE_LIFE:
            ctx.drop(mfa, old.id)
    token = ctx.word(f"{purpose}-token", 6, ids.DIGITS)
    code = ctx.put(
        mfa,
        Code(
            id="!" + ctx.word(purpose, 44, ids.CAPITALS + ids.ALPHANUMERICS),
            purpose=purpose,
            user_id=user_id,
            phone=phone,
            token=token,
            sent=ctx.now,
            wrong=0,
        ),
    )
    ctx.send("sms", phone, f"{token} is your BILL verification code.", token)
    return code


@mfa.rule(
    "A code is six digits, lives 5 minutes and answers once; late is BDC_1356, the third wrong one"
    " BDC_1358, which lifts after 10 minutes.",
    assumed("clients report the codes, about five minutes, about three tries, 5 to 10 minutes"),
)
def _check(ctx: Ctx, purpose: str, code_id: str, token: str) -> Code | Refusal | None:
    """The code with that id if `token` is right; None if wrong; else a refusal."""
    user_id = require_person(ctx).user_id
    lock = ctx.find(locks, user_id)
    if lock and ctx.now < lock.until:
        raise refuse("BDC_1358")
    code = ctx.get(mfa, code_id)
    if code.user_id != user_id or code.purpose != purpose:
        raise refuse("BDC_1205")
    if ctx.now >= code.sent + CODE_LIFE:
        raise refuse("BDC_1356")
    # An old sample of BILL's docs writes a code as 123-456.
    if token.replace("-", "").strip() == code.token:
        ctx.drop(mfa, code.id)
        return code
    if code.wrong + 1 >= TRIES:
        ctx.drop(mfa, code.id)
        ctx.put(locks, Lock(id=user_id, until=ctx.now + LOCK))
        return refuse("BDC_1358")
    ctx.put(mfa, changed(code, wrong=code.wrong + 1))
    return None


@mfa.rule(
    "Setup with a phone already registered is blocked with BDC_5324, unless the session is"
    " trusted.",
    observed("clients met the code; that a trusted session may reset MFA is BILL's docs"),
)
@mfa.operation(
    "POST", "/setup", body=SetupBody, evidence=documented("BILL reference: Add phone for MFA setup")
)
def setup(ctx: Ctx, body: SetupBody) -> SetupAnswer:
    """Send a code to a new phone."""
    if body.primary is False and not ctx.behaviour.backup_phones:
        raise refuse("mfa.backup_phone", field="primary")
    if phone_of(ctx) and not current(ctx).trusted:
        raise refuse("BDC_5324")
    return SetupAnswer(setup_id=_send_code(ctx, "setup", body.phone).id)


@mfa.rule(
    "A wrong code in the setup of a phone answers 200 with status FAILED.",
    assumed("a client's test double does so; no answer of the service was captured"),
)
@mfa.operation(
    "POST",
    "/setup/validate",
    body=SetupValidateBody,
    evidence=documented("BILL reference: Validate phone for MFA setup"),
)
def validate_setup(ctx: Ctx, body: SetupValidateBody) -> StatusAnswer | Refusal:
    """Register the phone that the code was sent to."""
    code = _check(ctx, "setup", body.setup_id, body.token)
    if isinstance(code, Refusal):
        return code
    if code is None:
        return StatusAnswer(status=SetupStatus.FAILED)
    ctx.put(phones, Phone(id=code.user_id, number=code.phone))
    return StatusAnswer(status=SetupStatus.SUCCESS)


@mfa.operation(
    "POST",
    "/challenge",
    body=ChallengeBody,
    evidence=documented("BILL reference: Generate MFA challenge"),
)
def challenge(ctx: Ctx, body: ChallengeBody) -> ChallengeAnswer:
    """Send a code to the registered phone."""
    require_person(ctx)
    if body.use_backup and not ctx.behaviour.backup_phones:
        raise refuse("mfa.backup_phone", field="useBackup")
    phone = phone_of(ctx)
    if phone is None:
        raise refuse("BDC_1354")
    return ChallengeAnswer(challenge_id=_send_code(ctx, "challenge", phone.number).id)


@mfa.rule(
    "Validating a challenge makes the calling session trusted; the challenge need not have been"
    " asked for by that session.",
    observed("one client validates with a fresh sign-in"),
)
@mfa.rule(
    "A rememberMeId is always given; without rememberMe it is worth nothing later.",
    assumed("BILL's v2 docs let such an id die with its session; v3 clients always read the field"),
)
@mfa.operation(
    "POST",
    "/challenge/validate",
    body=ChallengeValidateBody,
    evidence=documented("BILL reference: Validate MFA challenge"),
)
def validate_challenge(ctx: Ctx, body: ChallengeValidateBody) -> RememberAnswer | Refusal:
    """Answer the challenge; the session is trusted from now on."""
    if body.device and len(body.device) > _DEVICE_LENGTH:
        raise refuse("BDC_1143", problem="deviceId.")
    code = _check(ctx, "challenge", body.challenge_id, body.token)
    if isinstance(code, Refusal):
        return code
    if code is None:
        return refuse("mfa.wrong_token")
    remember_me_id = ctx.word("remember-me", 64, ids.CAPITALS + ids.ALPHANUMERICS)
    if body.remember_me:
        for old in ctx.table(devices).rows_with("user_id", attrgetter("user_id"), code.user_id):
            if ctx.now >= old.until:
                ctx.drop(devices, old.id)
        ctx.put(
            devices,
            Device(
                id=remember_me_id,
                user_id=code.user_id,
                device=body.device,
                until=ctx.now + REMEMBERED,
            ),
        )
    trust(ctx)
    return RememberAnswer(remember_me_id=remember_me_id)


@mfa.rule(
    "A rememberMeId trusts sessions of its user with its device name for 30 days.",
    documented("BILL changelog 2024-08-02 and reference: Validate MFA challenge"),
)
def remembers(ctx: Ctx, user_id: str, remember_me_id: str | None, device: str | None) -> bool:
    """Whether that device of that user is remembered now."""
    known = ctx.find(devices, remember_me_id) if remember_me_id else None
    return (
        known is not None
        and known.user_id == user_id
        and known.device == device
        and ctx.now < known.until
    )


@mfa.rule(
    "Step-up with an unknown or expired rememberMeId answers 200 with trusted false.",
    observed("one client's sandbox log"),
)
@mfa.operation(
    "POST",
    "/step-up",
    body=StepUpBody,
    evidence=documented("BILL reference: Step up session"),
)
def step_up(ctx: Ctx, body: StepUpBody) -> TrustedAnswer:
    """Trust the current session on account of a remembered device."""
    session = require_person(ctx)
    if remembers(ctx, session.user_id, body.remember_me_id, body.device):
        trust(ctx)
        return TrustedAnswer(trusted=True)
    return TrustedAnswer(trusted=False)


@mfa.operation("GET", "/phones", evidence=documented("BILL reference: Get list of MFA phones"))
def list_phones(ctx: Ctx) -> PhonesAnswer:
    """List the phones of the signed-in user."""
    require_person(ctx)
    phone = phone_of(ctx)
    if phone is None:
        return PhonesAnswer(results=())
    digits = "".join(filter(str.isdigit, phone.number))
    return PhonesAnswer(
        results=(PhoneAnswer(type=PhoneType.MOBILE, last4digits=digits[-4:], primary=True),)
    )
