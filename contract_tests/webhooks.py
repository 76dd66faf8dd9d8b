"""A receiver of webhooks, and the signature that each of them carries."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Any

from aiohttp import web

SIGNATURE = "x-bill-sha-signature"


def verify(body: bytes, header: str, key: str) -> bool:
    """Whether `header` is BILL's signature of exactly these bytes: base64 of HMAC-SHA256."""
    return compare_digest(b64encode(digest(key.encode(), body, sha256)).decode(), header)


@dataclass(frozen=True)
class Notification:
    """A webhook as it came in."""

    body: bytes
    signature: str

    @property
    def payload(self) -> dict[str, Any]:
        """The object in the body; BILL's docs can also be read as a JSON string of it."""
        found = json.loads(self.body)
        return dict(json.loads(found) if isinstance(found, str) else found)

    @property
    def metadata(self) -> dict[str, Any]:
        return dict(self.payload["metadata"])


@dataclass
class Receiver:
    """Takes every webhook and answers 200. `url` is where the target reaches it."""

    url: str
    notifications: list[Notification] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: web.Request) -> web.Response:
        """Keep a webhook."""
        found = Notification(await request.read(), request.headers.get(SIGNATURE, ""))
        async with self._news:
            self.notifications.append(found)
            self._news.notify_all()
        return web.Response()

    async def first(
        self, fits: Callable[[Notification], bool], patience: float
    ) -> Notification | None:
        """The first webhook that fits, also one to come within `patience` seconds."""

        def found() -> Notification | None:
            return next((one for one in self.notifications if fits(one)), None)

        try:
            async with self._news, asyncio.timeout(patience):
                return await self._news.wait_for(found)
        except TimeoutError:
            return None


@asynccontextmanager
async def receiving(url: str = "", port: int = 0) -> AsyncIterator[Receiver]:
    """A receiver on `port` of this machine; `url` leads there from outside, if it is given."""
    receiver = Receiver(url)
    app = web.Application()
    app.router.add_post("/{way:.*}", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    receiver.url = url or f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks"
    yield receiver
    await runner.cleanup()
