"""How often BILL is called: one call at a time, so many an hour, with pauses when it is busy."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from time import monotonic

HOUR = 3600.0
# BILL advises to wait 2^retries seconds.
MOST_RETRIES = 5


class Budget:
    """At most `per_hour` calls in any hour of this run, never two at once."""

    def __init__(
        self,
        per_hour: int,
        *,
        now: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.calls = 0
        self._begun: deque[float] = deque(maxlen=per_hour)
        self._now = now
        self._sleep = sleep
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def call(self) -> AsyncIterator[None]:
        """The time of one call; begins when the budget has room for it."""
        async with self._turn:
            if len(self._begun) == self._begun.maxlen:
                await self._sleep(max(0.0, self._begun[0] + HOUR - self._now()))
            self._begun.append(self._now())
            self.calls += 1
            yield

    async def pause(self, seconds: float) -> None:
        """Wait before a call is sent again."""
        await self._sleep(seconds)


def pauses(jitter: Callable[[], float] = random.random) -> Iterator[float]:
    """The seconds to wait before each retry: 1, 2, 4 …, each with up to a second more."""
    return (2.0**retry + jitter() for retry in range(MOST_RETRIES))
