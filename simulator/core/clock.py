"""One clock per world: it runs with the wall, stands still, or is moved on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

Wall = Callable[[], datetime]


class ClockMode(StrEnum):
    """`live` runs with the wall (from wherever it was set); `frozen` stands."""

    LIVE = "live"
    FROZEN = "frozen"


class Clock:
    """The time of a world. `wall` is the only source of real time in the core."""

    __slots__ = ("_frozen_at", "_offset", "wall")

    def __init__(self, wall: Wall, frozen_at: datetime | None = None) -> None:
        self.wall = wall
        self._offset = timedelta(0)
        self._frozen_at = frozen_at.astimezone(UTC) if frozen_at else None

    @property
    def mode(self) -> ClockMode:
        """Whether the clock runs or stands."""
        return ClockMode.LIVE if self._frozen_at is None else ClockMode.FROZEN

    def now(self) -> datetime:
        """The world's present instant, in UTC."""
        return self._frozen_at or self.wall() + self._offset

    @property
    def offset(self) -> timedelta | None:
        """How far a live clock is ahead of the wall; None for one that stands."""
        return self._offset if self._frozen_at is None else None

    @classmethod
    def ahead(cls, wall: Wall, offset: timedelta, earliest: datetime) -> Clock:
        """A live clock, `offset` ahead of the wall or as far as shows `earliest` at least."""
        clock = cls(wall)
        clock._offset = max(offset, earliest.astimezone(UTC) - wall())
        return clock

    def freeze(self) -> None:
        """Stand still at the present instant."""
        self._frozen_at = self.now()

    def run(self) -> None:
        """Run with the wall, on from the present instant."""
        if self._frozen_at is not None:
            self._offset = self._frozen_at - self.wall()
            self._frozen_at = None

    def move_to(self, instant: datetime) -> None:
        """Set the present instant; the mode stays. Raises ValueError if it is past."""
        instant = instant.astimezone(UTC)
        if instant < self.now():
            raise ValueError("the clock does not run backward")
        if self._frozen_at is None:
            self._offset = instant - self.wall()
        else:
            self._frozen_at = instant

    def copy(self) -> Clock:
        """A clock of its own that shows the same time in the same mode."""
        twin = Clock(self.wall)
        twin._offset = self._offset
        twin._frozen_at = self._frozen_at
        return twin
