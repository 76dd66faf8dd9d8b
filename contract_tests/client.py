"""BILL's API as the checks call it: signed in, counted, recorded, one call at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import aiohttp

from contract_tests.accounts import Credentials
from contract_tests.budget import Budget, pauses
from contract_tests.redaction import Redaction

# Refusals that mean: nothing was done, come again later.
BUSY = frozenset({"BDC_1144", "BDC_1322"})


@dataclass(frozen=True)
class Answer:
    """Status, decoded body (None if it is empty or no JSON), headers and bytes."""

    status: int
    body: Any
    headers: Mapping[str, str]
    raw: bytes = field(repr=False)

    @property
    def codes(self) -> list[str | None]:
        """BILL's codes in a refusal, None for an item without one."""
        items = self.body if self.status >= 400 and isinstance(self.body, list) else []
        return [item.get("code") for item in items if isinstance(item, dict)]


@dataclass(frozen=True)
class Exchange:
    """One call of a check and its answer."""

    method: str
    path: str
    answer: Answer
    seconds: float


@dataclass
class Recorder:
    """The exchanges of the check that runs now, and the secrets of the whole run."""

    redaction: Redaction
    exchanges: list[Exchange] = field(default_factory=list)


@dataclass
class Bill:
    """One session of BILL's. Paths stand below /connect: `/v3/bills`."""

    http: aiohttp.ClientSession
    credentials: Credentials
    budget: Budget
    recorder: Recorder
    session_id: str = field(default="", repr=False)
    user_id: str = ""
    root: str = ""

    @property
    def keys(self) -> dict[str, str]:
        """The headers that every call but a sign-in carries."""
        return {"devKey": self.credentials.dev_key, "sessionId": self.session_id}

    def another(self) -> Bill:
        """Another session of the same account, not signed in; it shares the budget."""
        return Bill(self.http, self.credentials, self.budget, self.recorder)

    def at_events(self) -> Bill:
        """The same session, for the paths of the webhook service."""
        return replace(self, root=self.credentials.events_url)

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send a call; one that BILL was too busy for is sent again, with growing pauses.

        `headers` take the place of `keys`. After a failure on BILL's side only
        calls that may be repeated are.
        """
        self.recorder.redaction.learn(body)
        waits = pauses()
        while True:
            answer = await self._once(method, path, body, raw, headers)
            again = busy(answer) or (failed(answer) and repeatable(method, path))
            wait = next(waits, None) if again else None
            if wait is None:
                return answer
            await self.budget.pause(wait)

    async def _once(
        self,
        method: str,
        path: str,
        body: Any,
        raw: bytes | None,
        headers: dict[str, str] | None,
    ) -> Answer:
        sent = dict(self.keys if headers is None else headers)
        if raw is not None:
            sent.setdefault("Content-Type", "application/octet-stream")
        elif body is not None:
            sent["Content-Type"] = "application/json"
            raw = json.dumps(body).encode()
        url = (self.root or self.credentials.base_url) + path
        async with self.budget.call():
            begun = perf_counter()
            async with self.http.request(
                method, url, data=raw, headers=sent, allow_redirects=False
            ) as response:
                content = await response.read()
                answer = Answer(response.status, decoded(content), response.headers, content)
        self.recorder.redaction.learn(answer.body)
        self.recorder.exchanges.append(Exchange(method, path, answer, perf_counter() - begun))
        return answer

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.call("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return await self.call("POST", path, body, **more)

    async def put(self, path: str, body: Any, **more: Any) -> Answer:
        return await self.call("PUT", path, body, **more)

    async def patch(self, path: str, body: Any, **more: Any) -> Answer:
        return await self.call("PATCH", path, body, **more)

    async def delete(self, path: str, **more: Any) -> Answer:
        return await self.call("DELETE", path, **more)

    async def login(self, **more: str) -> Answer:
        """Sign in; later calls carry the session."""
        body = {**self.credentials.login, **more}
        answer = await self.call("POST", "/v3/login", body, headers={})
        if answer.status == 200:
            self.session_id = answer.body["sessionId"]
            self.user_id = answer.body["userId"]
        return answer


def decoded(content: bytes) -> Any:
    """The JSON value in `content`, or None."""
    try:
        return json.loads(content) if content else None
    except ValueError:
        return None


def busy(answer: Answer) -> bool:
    """BILL did nothing, for it had too much to do."""
    return answer.status == 429 or bool(BUSY & set(answer.codes))


def failed(answer: Answer) -> bool:
    """Something broke on BILL's side; 501 is a simulator's word for what it lacks."""
    return answer.status >= 500 and answer.status != 501


def repeatable(method: str, path: str) -> bool:
    """Whether a call that may have been carried out can be sent again without harm."""
    return method in ("GET", "PUT", "DELETE") or path.endswith(
        ("/archive", "/restore", "/login", "/logout")
    )
