"""A simulator in a thread of its own, for callers that have no event loop to give."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.server import Simulator

# The server's address, and what ends it.
Started = tuple[str, Callable[[], object]]


@contextmanager
def threaded(make: Callable[[], Simulator]) -> Iterator[str]:
    """The address of the server that `make` makes, for as long as the block lasts.

    Only its address leaves the thread: what is in a server is for its own loop to touch.
    Raises what making, starting and stopping it raise.
    """
    started: Future[Started] = Future()
    ended: Future[None] = Future()
    thread = threading.Thread(
        target=_run, args=(make, started, ended), name="bill-simulator", daemon=True
    )
    thread.start()
    url, stop = started.result()
    try:
        yield url
    finally:
        stop()
        thread.join()
        ended.result()


def _run(make: Callable[[], Simulator], started: Future[Started], ended: Future[None]) -> None:
    try:
        asyncio.run(_serve(make, started))
    except BaseException as failure:
        (ended if started.done() else started).set_exception(failure)
    else:
        ended.set_result(None)


async def _serve(make: Callable[[], Simulator], started: Future[Started]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with make() as simulator:
        started.set_result((simulator.url, partial(loop.call_soon_threadsafe, stop.set)))
        await stop.wait()
