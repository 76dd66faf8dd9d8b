"""The state of a server in a file: read at the start, written while it runs and at its end.

A snapshot of the worlds costs next to nothing, for rows are frozen; writing it
out is a thread's work. The file is replaced as a whole, so whoever reads it, at
whatever moment the server was killed, finds one complete state or the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from time import sleep

from simulator.core.export import UnreadableError
from simulator.core.world import Mark
from simulator.documents import exporter, importer
from simulator.worlds import Worlds

log = logging.getLogger(__name__)

# What is handed to the system at once.
_BUFFER = 1024 * 1024
# With an interval of nothing, the loop still gets to do something else.
_SHORTEST_PAUSE = 0.01


class StateError(Exception):
    """The file cannot be read, or not be written; the message says which and why."""


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Without looking for garbage: a large document is read twice as fast."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def giving_way(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, with a chance for other threads after each."""
    for piece in pieces:
        yield piece
        # Else the interpreter lets another thread wait for five milliseconds.
        sleep(0)


class StateFile:
    """Keeps the worlds of a server in a file.

    `saved` counts the saves of this run. Whatever was answered before `as_of` is in
    the file; `saved_at` is when that save was done, `failure` why the last one was
    not. Between the end of a save and the next lie `interval` seconds.
    """

    def __init__(self, path: Path, interval: float, worlds: Worlds) -> None:
        self.path = path.resolve()
        self.saved = 0
        self.as_of: datetime | None = None
        self.saved_at: datetime | None = None
        self.failure: str | None = None
        self._interval = interval
        self._worlds = worlds
        self._mark: Mark | None = None
        # How the file looked when it was last read or written here.
        self._seen: tuple[int, ...] | None = None
        self._lock = asyncio.Lock()
        self._closing = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pending(self) -> bool:
        """Whether something changed since the last save began."""
        return self._worlds.mark() != self._mark

    def load(self) -> None:
        """Have the worlds of the file, if it is there. Raises StateError."""
        try:
            seen = self._look()
            document = self.path.read_bytes() if seen else None
            if not os.access(self.path.parent, os.W_OK):
                raise StateError(f"{self.path.parent} is no directory to write to")
        except OSError as failure:
            raise StateError(f"{self.path} cannot be read: {failure.strerror}") from None
        if document is None:
            return
        try:
            with uncollected():
                self._worlds.load(importer(self._worlds.clock_wall).read_all(document))
        except UnreadableError as fault:
            raise StateError(f"{self.path} is no state of a simulator: {fault}") from None
        self._seen = seen
        self._mark = self._worlds.mark()

    async def start(self) -> None:
        """Save what changes from now on; a file that is not there yet, at once.

        Raises StateError.
        """
        if self.pending:
            await self.save()
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Save a last time and then no more. Raises StateError."""
        keeper, self._keeper = self._keeper, None
        if keeper:
            self._closing.set()
            await keeper
            await self.save()

    async def _keep(self) -> None:
        pause = max(self._interval, _SHORTEST_PAUSE)
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), pause)
            if self.pending and not self._closing.is_set():
                with contextlib.suppress(StateError):
                    await self.save()

    async def save(self) -> None:
        """Save the worlds as they are now. Raises StateError, and leaves the file alone then."""
        async with self._lock:
            mark = self._worlds.mark()
            as_of = self._worlds.clock_wall()
            saved = self._worlds.images()
            pieces = giving_way(exporter().write_all(saved))
            try:
                await asyncio.to_thread(self._replace, pieces)
            except Exception as failure:
                expected = isinstance(failure, OSError | StateError)
                told = str(getattr(failure, "strerror", failure) if expected else repr(failure))
                if self.failure != told:
                    log.error("%s is not saved: %s", self.path, told, exc_info=not expected)
                self.failure = told
                raise StateError(f"{self.path} is not saved: {told}") from None
            self._mark, self.as_of, self.failure = mark, as_of, None
            self.saved_at = self._worlds.clock_wall()
            self.saved += 1

    def _look(self) -> tuple[int, ...] | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return (found.st_ino, found.st_size, found.st_mtime_ns)

    def _replace(self, pieces: Iterator[bytes]) -> None:
        beside = self.path.with_name(f"{self.path.name}.tmp")
        with beside.open("wb", buffering=_BUFFER) as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if self._look() not in (None, self._seen):
            raise StateError("somebody else has written it")
        beside.replace(self.path)
        self._seen = self._look()
        # The name is the directory's; it is not on the disk before the directory is.
        if hasattr(os, "O_DIRECTORY"):
            directory = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)
