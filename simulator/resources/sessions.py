"""Sessions: who is signed in, for how long, and how far they are trusted."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import cast

from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import documented, observed
from simulator.core.resource import Resource
from simulator.core.roles import Role
from simulator.core.rows import Row, changed, shape
from simulator.core.world import World
from simulator.resources.users import User

# BILL docs, authentication overview: 35 minutes without a call end a session,
# and every call starts them anew.
IDLE = timedelta(minutes=35)

# How many of the sessions that called least recently a sign-in looks through
# for expired ones, so that they do not pile up.
_SWEPT = 3


@shape
class Session(Row):
    """A signed-in user. `trusted` once multi-factor authentication was passed."""

    id: str
    organization_id: str
    user_id: str
    role: Role
    dev_key: str
    trusted: bool


sessions = Resource("sessions", "/v3", Session, shared=True)


def open_session(
    ctx: Ctx, user: User, organization_id: str, dev_key: str, *, trusted: bool
) -> Session:
    """A new session of `user`, bound to `dev_key`."""
    session = Session(
        id=ctx.word("session", 60),
        organization_id=organization_id,
        user_id=user.id,
        role=user.role.type,
        dev_key=dev_key,
        trusted=trusted,
    )
    last_calls = ctx.world.last_calls
    last_calls[session.id] = ctx.now
    if ctx.behaviour.session_expiry == "idle":
        oldest = list(islice(last_calls.items(), _SWEPT))
        for old in [key for key, last in oldest if ctx.now - last >= IDLE]:
            del last_calls[old]
            if ctx.find(sessions, old):
                ctx.drop(sessions, old)
    return ctx.put(sessions, session)


@sessions.rule(
    "A call with a session that is unknown, expired after 35 minutes without a call, signed out,"
    " or made with another devKey gets 401 BDC_1109.",
    observed(
        "sandbox 2026-08-13 for an unknown session; BILL docs for the 35 minutes and the"
        " binding to the devKey; that all four answer alike is assumed"
    ),
)
def authenticate(world: World, now: datetime, session_id: str, dev_key: str) -> Session:
    """The live session with that id; its idle time starts anew. Raises `Refusal`."""
    table = world.table(sessions.name, "")
    session: Session | None = table.find(session_id)
    if session is None or session.dev_key != dev_key:
        raise refuse("BDC_1109")
    idle = now - world.last_calls.get(session_id, now)
    if idle >= IDLE and world.behaviour.session_expiry == "idle":
        table.drop(session_id)
        del world.last_calls[session_id]
        raise refuse("BDC_1109")
    # Taken out and put in again, the calls stand in the order of their times.
    world.last_calls.pop(session_id, None)
    world.last_calls[session_id] = now
    return session


def current(ctx: Ctx) -> Session:
    """The session of this call."""
    return cast(Session, ctx.session)


def trust(ctx: Ctx) -> None:
    """Mark the session of this call as MFA-trusted."""
    ctx.put(sessions, changed(current(ctx), trusted=True))


@sessions.rule(
    "Payments, new bank accounts and a vendor's autoPay ask for a trusted session: 403 BDC_1361.",
    observed("sandbox log 2025-10-02 for payments; BILL reference, MFA setup, for the others"),
)
def require_trust(ctx: Ctx) -> None:
    """Refuse an untrusted session with BDC_1361, unless the devKey bypasses MFA."""
    if ctx.session and not ctx.session.trusted and ctx.behaviour.mfa == "required":
        raise refuse("BDC_1361")


@sessions.operation("POST", "/logout", evidence=documented("BILL reference: API logout"))
def logout(ctx: Ctx) -> None:
    """Sign out; the answer has no body."""
    ctx.drop(sessions, current(ctx).id)
