"""BILL's limits on calls, on the world's clock.

20,000 calls and 200 sign-ins per developer key and clock hour, three calls at
once per developer key and organization, five text messages a minute, sixty
Spend & Expense calls a minute (BILL docs, API rate limits).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from simulator.core.errors import Refusal, refuse
from simulator.core.given import Given
from simulator.core.rows import camel, iso

Limit = Annotated[int, Field(ge=0)] | None


class Limits(Given):
    """How much is allowed; None switches a limit off. `status` answers what is beyond."""

    requests_per_hour: Limit = 20_000
    logins_per_hour: Limit = 200
    concurrent: Limit = 3
    texts_per_minute: Limit = 5
    spend_per_minute: Limit = 60
    status: Literal[429, 422] = 429


# By limit and key: when a window began and how many calls it has.
Windows = dict[tuple[str, str], tuple[datetime, int]]


class Limiter:
    """Counts calls against limits. Windows start with the clock's hour or minute."""

    __slots__ = ("_in_flight", "_windows", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._windows: Windows = {}
        self._in_flight: Counter[tuple[str, str]] = Counter()

    def call(self, key: str, now: datetime) -> None:
        """Count a call of a developer key. Raises BDC_1144."""
        if self._exceeds("requests_per_hour", key, now):
            limit = self.limits.requests_per_hour
            refusal = refuse("BDC_1144", http_status=self.limits.status, limit=limit)
            raise _because(refusal, "requests_per_hour", limit, now)

    def login(self, key: str, now: datetime) -> None:
        """Count a sign-in of a developer key. Raises BDC_1144."""
        if self._exceeds("logins_per_hour", key, now):
            limit = self.limits.logins_per_hour
            refusal = refuse("BDC_1144", http_status=self.limits.status, limit=limit)
            raise _because(refusal, "logins_per_hour", limit, now)

    def text(self, key: str, now: datetime) -> None:
        """Count a text message of a developer key. Raises `Refusal`."""
        if self._exceeds("texts_per_minute", key, now):
            limit = self.limits.texts_per_minute
            refusal = refuse("limit.texts", http_status=self.limits.status, limit=limit)
            raise _because(refusal, "texts_per_minute", limit, now)

    def spend(self, token: str, now: datetime) -> None:
        """Count a call of an apiToken of Spend & Expense. Raises `Refusal`."""
        if self._exceeds("spend_per_minute", token, now):
            limit = self.limits.spend_per_minute
            refusal = refuse("limit.spend", http_status=self.limits.status, limit=limit)
            raise _because(refusal, "spend_per_minute", limit, now)

    def enter(self, key: str, organization_id: str) -> None:
        """A call begins. Raises BDC_1322 if too many are under way; else `leave` must follow."""
        place = (key, organization_id)
        limit = self.limits.concurrent
        if limit is not None and self._in_flight[place] >= limit:
            raise refuse("BDC_1322", http_status=self.limits.status).because(
                f"The limit concurrent allows {limit} at once; so many were under way.",
                limit="concurrent",
                allowed=limit,
            )
        self._in_flight[place] += 1

    def leave(self, key: str, organization_id: str) -> None:
        """A call that entered has ended."""
        place = (key, organization_id)
        self._in_flight[place] -= 1
        if not self._in_flight[place]:
            del self._in_flight[place]

    @property
    def windows(self) -> Windows:
        """The counts as they are now."""
        return self._windows.copy()

    def take(self, limits: Limits, windows: Windows) -> None:
        """Go on from other limits and counts; the calls under way stay counted."""
        self.limits = limits
        self._windows = windows.copy()

    def used(self, now: datetime) -> dict[str, int]:
        """What is used of each limit at `now`, all keys together, by the limits' wire names."""
        counts = dict.fromkeys(WINDOWED, 0)
        for (name, _), (start, count) in self._windows.items():
            if start == _start(name, now):
                counts[name] += count
        told = {camel(name): count for name, count in counts.items()}
        return {**told, "concurrent": sum(self._in_flight.values())}

    def _exceeds(self, name: str, key: str, now: datetime) -> bool:
        """Whether one more is too many; if not, it is counted."""
        limit: int | None = getattr(self.limits, name)
        if limit is None:
            return False
        start = _start(name, now)
        known, count = self._windows.get((name, key), (start, 0))
        if known != start:
            count = 0
        if count >= limit:
            return True
        self._windows[name, key] = (start, count + 1)
        return False


WINDOWED = ("requests_per_hour", "logins_per_hour", "texts_per_minute", "spend_per_minute")


def _start(name: str, now: datetime) -> datetime:
    minute = 0 if name.endswith("_per_hour") else now.minute
    return now.replace(minute=minute, second=0, microsecond=0)


def _because(refusal: Refusal, name: str, allowed: int | None, now: datetime) -> Refusal:
    start = _start(name, now)
    end = start + (timedelta(hours=1) if name.endswith("_per_hour") else timedelta(minutes=1))
    return refusal.because(
        f"The limit {camel(name)} allows {allowed} from {iso(start)} to {iso(end)}.",
        limit=camel(name),
        allowed=allowed,
        until=end,
    )
