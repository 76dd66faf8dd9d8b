"""A running simulator, for the command line and for embedding in a test."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from simulator.gateway.app import make_app, shorten_way
from simulator.settings import Behaviour
from simulator.worlds import Worlds

# How often live clocks are looked at for timers that nobody's request ran, in seconds.
_TICK = 0.25


def spare_collector() -> None:
    """Keep the garbage collector from rows; for a process that does nothing but serve.

    Rows live long and hold no cycles. What is there now is not looked at again,
    and what is added is looked at in full only once.
    """
    gc.collect()
    gc.freeze()
    gc.callbacks.append(_freeze_survivors)


def _freeze_survivors(phase: str, info: dict[str, Any]) -> None:
    if phase == "stop" and info["generation"] == 2:
        gc.freeze()


class Simulator:
    """A server on a loopback port: `async with Simulator() as sim: sim.url`.

    `port` 0 picks a free one. Several can run in one process.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 1,
        behaviour: Behaviour | None = None,
    ) -> None:
        self.worlds = Worlds(seed, behaviour)
        self.host = host
        self.port = port
        self._runner: web.AppRunner | None = None
        self._ticker: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where the server listens, without a path: `http://127.0.0.1:8080`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    async def start(self) -> None:
        """Listen. Raises OSError if the port is taken."""
        app = make_app(self.worlds)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        if runner.server:
            shorten_way(app, runner.server)
        self._runner = runner
        site = web.TCPSite(runner, self.host, self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        self._ticker = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """Stop listening; requests under way get a second to end."""
        ticker, self._ticker = self._ticker, None
        runner, self._runner = self._runner, None
        if ticker:
            ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ticker
        if runner:
            await runner.cleanup()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            for world in list(self.worlds):
                world.catch_up()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()
