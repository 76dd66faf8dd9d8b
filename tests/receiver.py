"""A receiver of webhooks, written from BILL's documentation and from nothing of the simulator.

It verifies the signature over the raw body, keeps each event once by its id,
and can be told to misbehave.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Receiver:
    """Collects notifications at `url`. `answers` gives the status for each in turn, then 200."""

    url: str = ""
    security_key: str = ""
    answers: list[int] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    forged: int = 0
    hold: asyncio.Event | None = None
    on_delivery: Callable[[], None] = lambda: None

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        expected = base64.b64encode(
            hmac.new(self.security_key.encode("utf-8"), body, hashlib.sha256).digest()
        ).decode()
        if not hmac.compare_digest(expected, request.headers.get("x-bill-sha-signature", "")):
            self.forged += 1
            return web.Response(status=401)
        notification = json.loads(body)
        if isinstance(notification, str):
            notification = json.loads(notification)
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        self.deliveries.append(notification)
        self.on_delivery()
        if self.hold is not None:
            await self.hold.wait()
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.events.setdefault(notification["metadata"]["eventId"], notification)
        return web.Response(status=status)

    @property
    def types(self) -> list[str]:
        """What was delivered, in the order in which it came."""
        return [one["metadata"]["eventType"] for one in self.deliveries]


@asynccontextmanager
async def receiving(**options: Any) -> AsyncIterator[Receiver]:
    """A receiver that listens on a free port of this machine."""
    receiver = Receiver(**options)
    app = web.Application()
    app.router.add_post("/hook", receiver.receive)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        if receiver.hold:
            receiver.hold.set()
        await runner.cleanup()
