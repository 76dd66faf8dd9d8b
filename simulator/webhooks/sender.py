"""Sending one notification over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection

import aiohttp
from yarl import URL

from simulator.resources.deliveries import Delivery, Outcome
from simulator.resources.subscription_rows import Subscription
from simulator.webhooks.egress import Egress, Forbidden
from simulator.webhooks.signature import SIGNATURE, sign

# What a receiver says does not matter; reading a little lets it finish.
_READ = 64 * 1024
# Seconds that a connection is kept without use.
_KEPT = 1.0


def body_of(delivery: Delivery, form: str) -> bytes:
    """The bytes of a notification: the payload, or with `form` "string" a JSON string of it."""
    payload = delivery.payload
    return (payload if form == "object" else json.dumps(payload, ensure_ascii=False)).encode()


class Sender:
    """Posts signed notifications. `timeout` in seconds; opens nothing before the first."""

    def __init__(
        self, *, timeout: float = 10.0, hosts: Collection[str] = (), verify_tls: bool = True
    ) -> None:
        self._timeout = timeout
        self._egress = Egress(hosts)
        self._verify_tls = verify_tls
        self._session: aiohttp.ClientSession | None = None

    async def send(self, subscription: Subscription, delivery: Delivery, form: str) -> Outcome:
        """What the receiver answers; never raises for what a receiver does."""
        body = body_of(delivery, form)
        headers = {
            "Content-Type": "application/json",
            SIGNATURE: sign(subscription.security_key, body),
        }
        try:
            url = URL(subscription.notification_url)
            self._egress.check(url)
            async with asyncio.timeout(self._timeout):
                return Outcome(await self._post(url, body, headers))
        except TimeoutError:
            return Outcome(None, f"no answer within {self._timeout:g} s")
        except Forbidden as host:
            return Outcome(None, f"{host} is neither on this machine nor in a private network")
        except (aiohttp.ClientError, OSError, ValueError) as failure:
            return Outcome(None, f"{type(failure).__name__}: {failure}"[:300])

    async def _post(self, url: URL, body: bytes, headers: dict[str, str]) -> int:
        request = self._open().post(url, data=body, headers=headers, allow_redirects=False)
        async with request as response:
            try:
                await response.content.read(_READ)
            except aiohttp.ClientError:
                # The status came; that is all that counts.
                response.close()
            return response.status

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=self._egress,
                limit=0,
                ssl=self._verify_tls,
                ttl_dns_cache=10,
                # Kept for a burst, and given up before a receiver would: one that closes
                # just when the next notification goes out has not got it. A receiver of
                # a single thread is free for others soon.
                keepalive_timeout=_KEPT,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                skip_auto_headers=("User-Agent", "Accept-Encoding"),
                auto_decompress=False,
            )
        return self._session

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session:
            await session.close()
