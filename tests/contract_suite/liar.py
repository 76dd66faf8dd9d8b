"""A server in front of the simulator that lies about BILL, in one way at a time."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from aiohttp import web

_HOP = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}


@dataclass(frozen=True)
class Call:
    """What the suite asked for."""

    method: str
    path: str
    query: dict[str, str]
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What it is told."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None

    def saying(self, value: Any) -> Reply:
        return replace(self, body=json.dumps(value).encode())


@dataclass
class Liar:
    """Passes calls on to the simulator at `origin`, and lies about some of them.

    `trusted` is a session that may pay; `met` are the session ids that passed by.
    """

    http: aiohttp.ClientSession
    origin: str
    lie: Lie
    trusted: str = ""
    url: str = ""
    met: set[str] = field(default_factory=set)
    memory: dict[str, Any] = field(default_factory=dict)

    async def honest(self, call: Call) -> Reply:
        """What the simulator answers."""
        async with self.http.request(
            call.method,
            self.origin + call.target,
            data=call.body or None,
            headers=call.headers,
            allow_redirects=False,
        ) as response:
            kept = {"Content-Type"} & set(response.headers)
            headers = {name: response.headers[name] for name in kept}
            return Reply(response.status, headers, await response.read())

    async def answer(self, request: web.Request) -> web.Response:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP}
        self.met.add(headers.get("sessionId", ""))
        call = Call(
            request.method,
            request.path,
            dict(request.query),
            request.raw_path,
            headers,
            await request.read(),
        )
        reply = await self.lie(self, call)
        self.met.update(re.findall(r'"sessionId": ?"([^"]+)"', reply.body.decode(errors="ignore")))
        return web.Response(status=reply.status, headers=reply.headers, body=reply.body)


Lie = Callable[[Liar, Call], Awaitable[Reply]]
LIES: dict[str, Lie] = {}


def lie(tell: Lie) -> Lie:
    """Keep a lie under the name of its function."""
    LIES[tell.__name__] = tell
    return tell


async def no_lie(liar: Liar, call: Call) -> Reply:
    return await liar.honest(call)


@lie
async def a_cent_off(liar: Liar, call: Call) -> Reply:
    reply = await liar.honest(call)
    if (call.method, call.path, reply.status) == ("POST", "/connect/v3/bills", 201):
        bill = reply.json
        return reply.saying({**bill, "amount": round(bill["amount"] + 0.01, 2)})
    return reply


@lie
async def a_wrong_status(liar: Liar, call: Call) -> Reply:
    reply = await liar.honest(call)
    return replace(reply, status=200) if reply.status == 201 else reply


@lie
async def a_lost_cursor(liar: Liar, call: Call) -> Reply:
    reply = await liar.honest(call)
    if "max" in call.query and reply.status == 200 and b'"nextPage"' in reply.body:
        return reply.saying({"results": reply.json["results"]})
    return reply


@lie
async def a_wrong_code(liar: Liar, call: Call) -> Reply:
    reply = await liar.honest(call)
    return replace(reply, body=reply.body.replace(b"BDC_1205", b"BDC_1120"))


@lie
async def an_untrusted_session_that_pays(liar: Liar, call: Call) -> Reply:
    if call.method == "POST" and call.path == "/connect/v3/payments":
        call = replace(call, headers={**call.headers, "sessionId": liar.trusted})
    return await liar.honest(call)


@lie
async def an_archive_that_forgets(liar: Liar, call: Call) -> Reply:
    if not call.path.endswith("/archive"):
        return await liar.honest(call)
    reading = replace(call, method="GET", target=call.target.removesuffix("/archive"), body=b"")
    reply = await liar.honest(reading)
    return reply.saying({**reply.json, "archived": True}) if reply.status == 200 else reply


@lie
async def a_dead_session_that_is_forbidden(liar: Liar, call: Call) -> Reply:
    reply = await liar.honest(call)
    return replace(reply, status=403) if b"BDC_1109" in reply.body else reply


@lie
async def a_page_that_repeats_a_record(liar: Liar, call: Call) -> Reply:
    reply = await liar.honest(call)
    if reply.status != 200 or b'"results":[{' not in reply.body:
        return reply
    page = reply.json
    last, liar.memory["last"] = liar.memory.get("last"), page["results"][-1]
    if "page" in call.query and last:
        return reply.saying({**page, "results": [last, *page["results"]]})
    return reply


@lie
async def a_null_that_bill_leaves_out(liar: Liar, call: Call) -> Reply:
    reply = await liar.honest(call)
    if call.path.startswith("/connect/v3/vendors") and reply.status in (200, 201):
        body = reply.json
        if isinstance(body, dict) and "name" in body:
            return reply.saying({**body, "rppsId": None})
    return reply


@lie
async def a_wrong_signature(liar: Liar, call: Call) -> Reply:
    """Webhooks go by way of the liar, who signs them anew."""
    if call.path.startswith("/relay"):
        headers = {**call.headers, "x-bill-sha-signature": "bm90IHRoZSBzaWduYXR1cmU="}
        async with liar.http.post(liar.memory["to"], data=call.body, headers=headers) as response:
            return Reply(response.status, {}, await response.read())
    if call.path.endswith("/subscriptions") and call.method == "POST":
        wanted = json.loads(call.body)
        url = wanted.get("notificationUrl", "")
        if re.match(r"http://127\.0\.0\.1:", url):
            liar.memory["to"] = url
            relayed = json.dumps({**wanted, "notificationUrl": f"{liar.url}/relay"}).encode()
            return await liar.honest(replace(call, body=relayed))
    return await liar.honest(call)


@asynccontextmanager
async def lying(origin: str, tell: Lie, trusted: str = "") -> AsyncIterator[Liar]:
    """A liar that listens on a free port: `liar.url`."""
    async with aiohttp.ClientSession() as http:
        liar = Liar(http, origin, tell, trusted)
        app = web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_route("*", "/{way:.*}", liar.answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        liar.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield liar
        finally:
            await runner.cleanup()
