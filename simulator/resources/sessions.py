"""Sessions: who is signed in, for how long, and how far they are trusted."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from operator import attrgetter
from typing import cast

from simulator.core.context import Ctx
from simulator.core.errors import Refusal, refuse
from simulator.core.evidence import documented, observed
from simulator.core.ids import ALPHANUMERICS, word
from simulator.core.resource import Access, Resource
from simulator.core.roles import Role
from simulator.core.rows import Row, changed, iso, shape
from simulator.core.world import World

# BILL docs, authentication overview: 35 minutes without a call end a session,
# and every call starts them anew.
IDLE = timedelta(minutes=35)

# How many of the sessions that called least recently a sign-in looks through
# for expired ones, so that they do not pile up.
_SWEPT = 3


# BILL docs, token-based sign-in.
SYNC_IDLE = timedelta(hours=48)


class SessionKind(StrEnum):
    """Who a session stands for: a person, a sync token, or a partner."""

    USER = "USER"
    SYNC_TOKEN = "SYNC_TOKEN"  # noqa: S105 - a kind of session, no secret
    PARTNER = "PARTNER"


@shape
class Session(Row):
    """A signed-in user. `trusted` once multi-factor authentication was passed.

    `key` is the devKey, or a partner's appKey, that the session is bound to; a
    session of login-as-user has none until its first call.
    """

    id: str
    kind: SessionKind
    organization_id: str
    user_id: str
    role: Role
    key: str | None
    trusted: bool


sessions = Resource("sessions", "/v3", Session, shared=True)


def open_session(
    ctx: Ctx,
    *,
    user_id: str,
    role: Role,
    organization_id: str,
    key: str | None,
    trusted: bool = False,
    kind: SessionKind = SessionKind.USER,
) -> Session:
    """A new session, bound to `key`."""
    world, number = ctx.world, ctx.number("word:session")
    # Some calls bring a session alone: worlds of one seed must not share its id.
    parts = (("session", 40), (f"session of {world.name}", 20))
    session = Session(
        id="".join(word(world.seed, part, number, size, ALPHANUMERICS) for part, size in parts),
        kind=kind,
        organization_id=organization_id,
        user_id=user_id,
        role=role,
        key=key,
        trusted=trusted,
    )
    last_calls = world.last_calls
    for old in list(islice(last_calls, _SWEPT)):
        known = ctx.find(sessions, old)
        if known is None or _expired(ctx.world, known, ctx.now):
            del last_calls[old]
            if known:
                ctx.drop(sessions, old)
    last_calls[session.id] = ctx.now
    return ctx.put(sessions, session)


def _idle_time(session: Session) -> timedelta:
    return SYNC_IDLE if session.kind is SessionKind.SYNC_TOKEN else IDLE


def _expired(world: World, session: Session, now: datetime) -> bool:
    idle = now - world.last_calls.get(session.id, now)
    return idle >= _idle_time(session) and world.behaviour.session_expiry == "idle"


@sessions.rule(
    "A call with a session that is unknown, expired after 35 minutes without a call, signed out,"
    " or made with another devKey gets 401 BDC_1109.",
    observed(
        "sandbox 2026-08-13 for an unknown session; BILL docs for the 35 minutes and the"
        " binding to the devKey; that all four answer alike is assumed. A session of"
        " login-as-user is bound at its first call (assumed)"
    ),
)
def authenticate(
    world: World, now: datetime, session_id: str, key: str | None, partner: bool | None
) -> Session:
    """The live session with that id; its idle time starts anew.

    `key` is the devKey or appKey of the call, None where the call needs none;
    `partner` tells whose session the call takes, None if anybody's. Raises `Refusal`.
    """
    table = world.table(sessions.name, "")
    session: Session | None = table.find(session_id)
    if session is None:
        raise refuse("BDC_1109").because(
            f"World {world.name} has no such session: it was never opened there, was signed out,"
            " or had ended before."
        )
    if _expired(world, session, now):
        table.drop(session_id)
        raise _ended(session, world.last_calls.pop(session_id))
    # Before the key: the two kinds of sessions never have the same one.
    if partner not in (None, session.kind is SessionKind.PARTNER):
        raise refuse("BDC_1106").because(
            f"The session is one of kind {session.kind}.", kind=session.kind
        )
    if key is not None and session.key not in (key, None):
        raise refuse("BDC_1109").because("The session was opened with another devKey or appKey.")
    if session.key is None and key is not None:
        session = changed(session, key=key)
        table.put(session)
    # Taken out and put in again, the calls stand in the order of their times.
    world.last_calls.pop(session_id, None)
    world.last_calls[session_id] = now
    return session


def _ended(session: Session, last_call: datetime) -> Refusal:
    idle = _idle_time(session)
    end = last_call + idle
    return refuse("BDC_1109").because(
        f"The session ended at {iso(end)}: {idle // timedelta(minutes=1)} minutes had passed"
        f" since its last call at {iso(last_call)}.",
        ended=end,
        last_call=last_call,
    )


def known(world: World, session_id: str) -> bool:
    """Whether a session with that id was opened in `world` and not signed out."""
    return world.table(sessions.name, "").find(session_id) is not None


def organization_of(world: World, session_id: str) -> str | None:
    """The organization of a session, or None if there is no such session."""
    session = world.table(sessions.name, "").find(session_id)
    return session.organization_id if session else None


def end_all(world: World) -> None:
    """Forget every session of a world."""
    world.tables.pop((sessions.name, ""), None)
    world.last_calls.clear()


def current(ctx: Ctx) -> Session:
    """The session of this call."""
    return cast(Session, ctx.session)


@sessions.rule(
    "A session acts with its user's role as it is now; archiving the user ends it.",
    documented("the mission guide for the role; the end of the session is assumed"),
)
def follow(ctx: Ctx, user_id: str, role: Role | None) -> None:
    """Give the sessions of a user the role it has now; without a role they end."""
    for session in ctx.table(sessions).rows_with("userId", attrgetter("user_id"), user_id):
        if role is None:
            ctx.drop(sessions, session.id)
        else:
            ctx.put(sessions, changed(session, role=role))


def trust(ctx: Ctx) -> None:
    """Mark the session of this call as MFA-trusted."""
    ctx.put(sessions, changed(current(ctx), trusted=True))


@sessions.rule(
    "Payments, new bank accounts and a vendor's autoPay ask for a trusted session: 403 BDC_1361.",
    observed("sandbox log 2025-10-02 for payments; BILL reference, MFA setup, for the others"),
)
def require_trust(ctx: Ctx) -> None:
    """Refuse an untrusted session with BDC_1361, unless the devKey bypasses MFA."""
    if ctx.session is None or ctx.session.trusted:
        return
    if current(ctx).kind is SessionKind.SYNC_TOKEN:
        raise _of_a_sync_token()
    if ctx.behaviour.mfa == "required":
        raise refuse("BDC_1361").because(
            "The session has not passed an MFA challenge, nor signed in from a remembered device."
        )


def _of_a_sync_token() -> Refusal:
    return refuse("BDC_1361").because("The session is one of a sync token, which cannot pass MFA.")


@sessions.rule(
    "A session of a sync token lives 48 idle hours and does neither MFA nor payments: BDC_1361.",
    documented("BILL docs, token-based sign-in; the refusal's code is assumed"),
)
def require_person(ctx: Ctx) -> Session:
    """The session of this call, which must be a person's."""
    session = current(ctx)
    if session.kind is SessionKind.SYNC_TOKEN:
        raise _of_a_sync_token()
    return session


@sessions.operation(
    "POST",
    "/logout",
    access=Access.ANY_SESSION,
    evidence=documented("BILL reference: API logout, API partner login"),
)
def logout(ctx: Ctx) -> None:
    """Sign out; the answer has no body."""
    ctx.drop(sessions, current(ctx).id)
