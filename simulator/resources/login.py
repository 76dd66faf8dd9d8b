"""Signing in: POST /v3/login and GET /v3/login/session."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from simulator.core.body import Body, NotBlank, Text
from simulator.core.context import Ctx
from simulator.core.errors import Refusal, refuse
from simulator.core.evidence import assumed, documented
from simulator.core.resource import Access, Resource
from simulator.core.roles import Role
from simulator.core.rows import Answer, Row, shape
from simulator.resources import mfa, sync_tokens, users
from simulator.resources.organizations import organizations
from simulator.resources.sessions import Session, SessionKind, current, open_session

# Help Center: more than ten wrong sign-ins lock a user.
_ALLOWED_FAILURES = 10
_LOCK = timedelta(minutes=15)


@shape
class FailedLogins(Row):
    """The wrong passwords given for a username since the last right one."""

    id: str
    count: int
    last: datetime


logins = Resource("failed_logins", "/v3/login", FailedLogins, shared=True)


class LoginBody(Body):
    """`password` is not required by BILL's schema: a console token may stand in."""

    username: NotBlank
    dev_key: Text
    organization_id: NotBlank
    password: Text | None = None
    console_api_token: Text | None = None
    remember_me_id: Text | None = None
    device: Text | None = None

    @property
    def key(self) -> str:
        """The devKey that the session is bound to."""
        return self.dev_key


@shape
class LoginAnswer(Answer):
    """What a sign-in gives."""

    session_id: str
    organization_id: str
    user_id: str
    trusted: bool


class MfaStatus(StrEnum):
    """Where a session stands with multi-factor authentication."""

    DISABLED = "DISABLED"
    SETUP = "SETUP"
    CHALLENGE = "CHALLENGE"
    COMPLETE = "COMPLETE"


@shape
class SessionAnswer(Answer):
    """Details of the current session."""

    organization_id: str
    user_id: str
    mfa_status: MfaStatus
    mfa_bypass: bool


@logins.rule(
    "More than ten wrong passwords lock a user with BDC_1110 for 15 minutes.",
    assumed("Help Center names the ten; how a simulator without password reset unlocks is ours"),
)
@logins.operation(
    "POST",
    "",
    body=LoginBody,
    access=Access.SIGN_IN,
    evidence=documented("BILL reference: API login"),
)
def login(ctx: Ctx, body: LoginBody) -> LoginAnswer | Refusal:
    """Sign in.

    `ctx` belongs to no organization; its world is the devKey's.
    """
    failures = ctx.find(logins, body.username.lower())
    if failures and ctx.now >= failures.last + _LOCK:
        ctx.drop(logins, failures.id)
        failures = None
    if failures and failures.count > _ALLOWED_FAILURES:
        raise refuse("BDC_1110")
    organization = ctx.find(organizations, body.organization_id)
    token = None
    if organization:
        inside = ctx.within(organization.id)
        token = sync_tokens.matching(inside, body.username, body.password)
    if token:
        return _answer(
            open_session(
                ctx,
                user_id=token.id,
                role=Role.ADMINISTRATOR,
                organization_id=body.organization_id,
                key=body.dev_key,
                kind=SessionKind.SYNC_TOKEN,
            )
        )
    user = users.named(ctx.within(organization.id), body.username) if organization else None
    if user is None or user.password != body.password:
        if user is None and _known_elsewhere(ctx, body):
            if organization is None:
                raise refuse("BDC_1123")
            raise refuse("BDC_1111", user=body.username, organization=body.organization_id)
        if user is not None:
            count = failures.count + 1 if failures else 1
            ctx.put(logins, FailedLogins(id=body.username.lower(), count=count, last=ctx.now))
        return refuse("BDC_1101", http_status=ctx.behaviour.wrong_password_status)
    if failures:
        ctx.drop(logins, failures.id)
    inside = ctx.within(body.organization_id)
    trusted = mfa.remembers(inside, user.id, body.remember_me_id, body.device)
    session = open_session(
        ctx,
        user_id=user.id,
        role=user.role.type,
        organization_id=body.organization_id,
        key=body.dev_key,
        trusted=trusted,
    )
    return _answer(session)


def _answer(session: Session) -> LoginAnswer:
    return LoginAnswer(
        session_id=session.id,
        organization_id=session.organization_id,
        user_id=session.user_id,
        trusted=session.trusted,
    )


def _known_elsewhere(ctx: Ctx, body: LoginBody) -> bool:
    found = (users.named(ctx.within(org.id), body.username) for org in ctx.table(organizations))
    return any(user and user.password == body.password for user in found)


@logins.rule(
    "mfaStatus is SETUP without a registered phone, CHALLENGE before the code of this session,"
    " COMPLETE after it, DISABLED with mfaBypass.",
    assumed("DISABLED and COMPLETE are documented, the other two are named by one client"),
)
@logins.operation(
    "GET",
    "/session",
    evidence=documented("BILL reference: Get API session details"),
)
def describe(ctx: Ctx) -> SessionAnswer:
    """Get details about the current session."""
    session = current(ctx)
    if ctx.behaviour.mfa == "bypassed":
        status = MfaStatus.DISABLED
    elif session.trusted:
        status = MfaStatus.COMPLETE
    elif mfa.phone_of(ctx):
        status = MfaStatus.CHALLENGE
    else:
        status = MfaStatus.SETUP
    return SessionAnswer(
        organization_id=session.organization_id,
        user_id=session.user_id,
        mfa_status=status,
        mfa_bypass=ctx.behaviour.mfa == "bypassed",
    )
