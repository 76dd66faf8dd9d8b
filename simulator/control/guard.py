"""Who may call: by one of this server's names, from no foreign page, with the token, no webhook.

A simulator runs beside a browser, and a page of somebody else's can send
requests to whatever that browser reaches. If the page's own name is made to
point here (DNS rebinding), it can even read the answers. docs/adr/0008 tells
why each check is as it is.

The URLs that webhooks go to are chosen by the client under test, who shall not
reach the control plane through them.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_address

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from simulator.control.pages import PUBLIC
from simulator.control.problems import Problem, problem_response
from simulator.webhooks.signature import SIGNATURE

# Public DNS has no name of one label, nor any below these: RFC 2606, RFC 6761,
# RFC 6762, and .internal, which ICANN keeps for private use.
_LABEL = re.compile("[a-z0-9_-]+")
_PRIVATE = (".internal", ".local", ".localhost", ".test")
# `wait` and the health checks of containers hold no token, and a browser that opens a page
# cannot send one; none of these tells anything of a world.
_OPEN = frozenset({"/_sim/health", *PUBLIC})


def is_loopback(host: str) -> bool:
    """Whether a server that listens on `host` is reached from this machine only."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """Judges requests to a server that listens on `host`.

    `token` is what every call of the control plane must bring; none if empty.
    `names` are further names that the server goes by; `*` stands for any.
    """

    def __init__(self, host: str, token: str = "", names: Iterable[str] = ()) -> None:
        self.token = token
        self._loopback = is_loopback(host)
        self._names = {name.lower() for name in ("localhost", host, *names)}
        # Callers repeat the header with every call; others shall not fill the memory.
        self.serves = lru_cache(maxsize=32)(self._serves)

    def _serves(self, authority: str) -> bool:
        """Whether a Host header, `name` or `name:port`, means this server."""
        name = _name_of(authority)
        if "*" in self._names or name in self._names:
            return True
        try:
            address = ip_address(name)
        except ValueError:
            within = _LABEL.fullmatch(name) is not None or name.endswith(_PRIVATE)
            return within and not self._loopback
        return address.is_loopback or not self._loopback

    def admits(self, authorization: str) -> bool:
        """Whether an Authorization header brings the token that is asked for."""
        scheme, _, given = authorization.partition(" ")
        # The time this takes must not tell how much of a guess is right.
        same = hmac.compare_digest(given.encode("utf-8", "replace"), self.token.encode())
        return scheme.lower() == "bearer" and same


def _name_of(authority: str) -> str:
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0].lower().removesuffix(".")


def is_cross_site(headers: Mapping[str, str]) -> bool:
    """Whether a browser says that a page of another origin sends this request."""
    if headers.get("Sec-Fetch-Site") == "cross-site":
        return True
    origin = headers.get("Origin")
    if origin is None:
        return False
    return origin.partition("://")[2].lower() != headers.get("Host", "").lower()


def guarded_by(guard: Guard) -> Middleware:
    """The middleware of the control plane that lets only those in whom `guard` admits."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        headers = request.headers
        if is_cross_site(headers):
            raise Problem(403, "A page of another origin may not call the control plane.")
        if SIGNATURE in headers:
            raise Problem(403, f"{SIGNATURE}: a webhook may not call the control plane.")
        if guard.token and request.path not in _OPEN:
            given = headers.get("Authorization", "")
            if not guard.admits(given):
                return _unauthorized(wrong=bool(given))
        return await handler(request)

    return guarded


def _unauthorized(*, wrong: bool) -> web.Response:
    told = "is not this server's token" if wrong else "is missing"
    response = problem_response(
        401,
        f"Authorization: {told}; send `Authorization: Bearer` and the setting `token`,"
        " which the server prints at its start if it made the token itself.",
    )
    error = ', error="invalid_token"' if wrong else ""
    response.headers["WWW-Authenticate"] = f'Bearer realm="bill-simulator"{error}'
    return response
