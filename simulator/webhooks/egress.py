"""Where webhooks may go: this machine and private networks, and hosts that a setting names.

Names are judged by the addresses they resolve to, at the moment of connecting,
so a name that changes its mind leads nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection
from socket import AddressFamily

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from simulator.core.addresses import is_near


class Forbidden(Exception):
    """The receiver is in no network that webhooks may go to."""


class Egress(AbstractResolver):
    """Resolves the names of receivers, and refuses what `hosts` does not allow."""

    def __init__(self, hosts: Collection[str]) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._resolver: AbstractResolver | None = None

    def check(self, url: URL) -> None:
        """Refuse an IP address that is not allowed: it needs no resolving. Raises Forbidden."""
        host = (url.host or "").lower()
        try:
            near = is_near(host)
        except ValueError:
            return
        if not near and host not in self._hosts:
            raise Forbidden(host)

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AddressFamily.AF_INET
    ) -> list[ResolveResult]:
        """The allowed addresses of a host. Raises Forbidden if it has others alone."""
        # Made here, since it needs a running loop.
        self._resolver = self._resolver or ThreadedResolver()
        found = await self._resolver.resolve(host, port, family)
        if host.lower() in self._hosts:
            return found
        near = [one for one in found if is_near(one["host"])]
        if not near:
            raise Forbidden(host)
        return near

    async def close(self) -> None:
        """Release what the resolver holds."""
        if self._resolver:
            await self._resolver.close()
