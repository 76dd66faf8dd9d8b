"""A running simulator, for the command line and for embedding in a test."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from pathlib import Path
from secrets import token_urlsafe
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from simulator.control.guard import Guard, is_loopback
from simulator.control.state import MEGABYTE
from simulator.gateway.app import Entrance, make_app
from simulator.settings import Behaviour
from simulator.state_file import StateError, StateFile
from simulator.webhooks.sender import Sender
from simulator.worlds import Worlds

if TYPE_CHECKING:
    from simulator.scenarios.format import Scenario

# How often live clocks are looked at for timers that nobody's request ran, in seconds.
_TICK = 0.25
# Seconds that a request has to end when the server stops; aiohttp grants them twice over.
_GRACE = 0.7


def spare_collector() -> None:
    """Keep the garbage collector from rows; for a process that does nothing but serve.

    Rows live long and hold no cycles. What is there now is not looked at again,
    and what is added is looked at in full only once.
    """
    gc.freeze()
    gc.callbacks.append(_freeze_survivors)


def _freeze_survivors(phase: str, info: dict[str, Any]) -> None:
    if phase == "stop" and info["generation"] == 2:
        gc.freeze()


class Simulator:
    """A server on a loopback port: `async with Simulator() as sim: sim.url`.

    Its default world is the demo, or that of a `scenario`, which may be the name of a
    shipped one or a file. `port` 0 picks a free one. Several can run in one process. `token` and
    `allowed_hosts` are as the settings of these names; where a token is needed
    and none is given, `token` is one made here. Webhooks go by `sender`. With a
    `state` its worlds are kept in that file, saved every `state_interval` seconds;
    documents of worlds may have `largest_state` megabytes.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 1,
        behaviour: Behaviour | None = None,
        scenario: Scenario | str | None = None,
        token: str = "",
        allowed_hosts: str = "",
        sender: Sender | None = None,
        state: Path | None = None,
        state_interval: float = 5.0,
        largest_state: int = 512,
    ) -> None:
        if isinstance(scenario, str):
            # Only who plays a scenario needs what reads one.
            from simulator.scenarios.shipped import find

            scenario = find(scenario)
        self.worlds = Worlds(seed, behaviour, scenario=scenario)
        self._state = StateFile(state, state_interval, self.worlds) if state else None
        self._largest_state = largest_state * MEGABYTE
        self.host = host
        self.port = port
        # Whoever reaches the server from elsewhere shall have been let in.
        self.made_token = not token and not is_loopback(host)
        self.token = token_urlsafe(12) if self.made_token else token
        names = (name for name in allowed_hosts.split(",") if name)
        self._guard = Guard(host, self.token, names)
        self._sender = sender
        self._listener: asyncio.Server | None = None
        self._runner: web.AppRunner | None = None
        self._ticker: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where the server listens, without a path: `http://127.0.0.1:8080`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    async def start(self) -> None:
        """Listen. Raises OSError if the port is taken, StateError if the state cannot be had."""
        if self._state:
            self._state.load()
        app = make_app(
            self.worlds, self._guard, self._sender, self._state, largest_state=self._largest_state
        )
        runner = web.AppRunner(app, shutdown_timeout=_GRACE)
        await runner.setup()
        assert runner.server is not None
        self._runner = runner
        loop = asyncio.get_running_loop()
        entrance = Entrance(app, runner.server)
        self._listener = await loop.create_server(entrance, self.host, self.port, backlog=128)
        self.port = self._listener.sockets[0].getsockname()[1]
        self._ticker = asyncio.create_task(self._tick())
        if self._state:
            try:
                await self._state.start()
            except StateError:
                await self.stop()
                raise

    async def stop(self) -> None:
        """Stop listening; requests under way get a second and a half to end.

        Raises StateError if the state cannot be saved.
        """
        ticker, self._ticker = self._ticker, None
        listener, self._listener = self._listener, None
        runner, self._runner = self._runner, None
        if listener:
            listener.close()
        if ticker:
            ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ticker
        if runner:
            await runner.cleanup()
        if self._state:
            await self._state.stop()

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
