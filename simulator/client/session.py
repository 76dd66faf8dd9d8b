"""A user who is signed in, and calls to BILL's paths as this user."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.client.records import Credentials, User
from simulator.fetching import fetch

_JSON = {"Content-Type": "application/json"}
# A number that nobody has: 555-01xx is kept for fiction.
_PHONE = "+14155550123"


class SignInRefused(Exception):
    """BILL's side refuses to let a user in; the message holds its answer."""


@dataclass(frozen=True)
class Answer:
    """Status and JSON of an answer of BILL's, refusals too; `body` is None if there is none."""

    status: int
    body: Any


@dataclass(frozen=True, kw_only=True)
class Session:
    """A sign-in. It ends after 35 minutes without a call, on the world's clock."""

    base_url: str
    session_id: str
    user_id: str
    organization_id: str
    dev_key: str

    @property
    def headers(self) -> dict[str, str]:
        """What every other call to BILL has to send."""
        return {"devKey": self.dev_key, "sessionId": self.session_id}

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        """Call a path below /connect, such as /v3/bills. Raises OSError without an answer."""
        return call(self.base_url, method, path, body, self.headers)


def call(base_url: str, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
    """Call a path below `base_url` with a JSON `body`, or without one if it is None."""
    sent = None if body is None else json.dumps(body).encode()
    status, answer = fetch(method, base_url + path, sent, {**_JSON, **headers})
    return Answer(status, json.loads(answer) if answer else None)


def sign_in(credentials: Credentials, user: User) -> Session:
    """Sign a user in. Raises SignInRefused."""
    body = {
        "username": user.username,
        "password": user.password,
        "organizationId": credentials.organization_id,
        "devKey": credentials.dev_key,
    }
    found = _done(call(credentials.base_url, "POST", "/v3/login", body, {}))
    return Session(
        base_url=credentials.base_url,
        session_id=found["sessionId"],
        user_id=found["userId"],
        organization_id=found["organizationId"],
        dev_key=credentials.dev_key,
    )


def trust(session: Session, code: Callable[[], str]) -> None:
    """Let a session pass MFA, with a phone of its own if the user has none.

    `code` tells the code of the newest text message. Raises SignInRefused.
    """
    setup = session.call("POST", "/v3/mfa/setup", {"phone": _PHONE, "type": "TEXT"})
    # Who has a phone already is refused another one; the challenge goes to the one there is.
    if setup.status < 400:
        given = {"setupId": setup.body["setupId"], "type": "TEXT", "token": code()}
        _done(session.call("POST", "/v3/mfa/setup/validate", given))
    challenge = _done(session.call("POST", "/v3/mfa/challenge", {}))
    given = {"challengeId": challenge["challengeId"], "token": code(), "device": "tests"}
    _done(session.call("POST", "/v3/mfa/challenge/validate", {**given, "rememberMe": False}))


def _done(answer: Answer) -> Any:
    if answer.status >= 400:
        raise SignInRefused(f"{answer.status}: {json.dumps(answer.body)}")
    return answer.body
