"""A world: everything that one set of credentials can see, as one value.

Rows, counters and the clock hang on a `World` and nowhere else, so worlds are
isolated by construction and a copy is cheap. Operations run through `perform`
and are atomic: what a raised refusal has written is taken back.
"""

from __future__ import annotations

import heapq
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from simulator.core.clock import Clock
from simulator.core.context import Ctx, Timer
from simulator.core.counts import Counts
from simulator.core.events import Event
from simulator.core.faults import Faults
from simulator.core.journal import Journal
from simulator.core.limits import Limiter, Limits
from simulator.core.notices import Notice
from simulator.core.snapshots import Snapshot, copied
from simulator.core.tables import Table
from simulator.settings import Behaviour

if TYPE_CHECKING:
    from simulator.core.script import Script

log = logging.getLogger(__name__)

A = TypeVar("A")
TimerHandler = Callable[..., None]
Subscriber = Callable[[Event], None]
Mark = tuple[object, ...]

# A fault in a timer's own rule must not hang an advance of the clock for ever.
_MOST_FIRINGS = 1_000_000


@dataclass(frozen=True, slots=True)
class Credentials:
    """The keys that open a world. `username` is an administrator able to pay."""

    dev_key: str
    app_key: str
    api_token: str
    organization_id: str
    username: str
    password: str


class World:
    """One isolated BILL with its own organizations, clock, seed and settings."""

    def __init__(
        self,
        name: str,
        seed: int,
        clock: Clock,
        timer_handlers: Mapping[str, TimerHandler],
        behaviour: Behaviour | None = None,
        limits: Limits | None = None,
        notices: Mapping[str, Notice] | None = None,
        counts: Counts | None = None,
    ) -> None:
        self.name = name
        self.seed = seed
        self.clock = clock
        self.behaviour = behaviour or Behaviour()
        self.limiter = Limiter(limits or Limits())
        self.faults = Faults(seed)
        self.journal = Journal()
        # Those of the server, which outlive its worlds.
        self.counts = counts or Counts()
        self.credentials: Credentials | None = None
        self.tables: dict[tuple[str, str], Table[Any]] = {}
        self.counters: Counter[str] = Counter()
        # The last call of each session is no record: reading changes it too.
        self.last_calls: dict[str, datetime] = {}
        # How events are told by webhook, by BILL's names of them.
        self.notices = notices or {}
        self.subscribers: list[Subscriber] = []
        # What is to be told when the world has gone back to another state.
        self.on_restore: list[Callable[[], None]] = []
        self.snapshots: dict[str, Snapshot] = {}
        # Idempotent keys of calls under way, each with the key of its caller.
        self.keys_in_use: set[tuple[str, str]] = set()
        # Where a reset leads back to; set once the world is founded.
        self.beginning: Snapshot | None = None
        # The scenario that is played here, if any.
        self.script: Script | None = None
        self._timer_handlers = timer_handlers
        # How often the world went back to another state, and how often it kept one.
        self.restored = 0
        self._kept = 0
        self._due: list[tuple[datetime, int, str]] = []

    def table(self, name: str, organization_id: str) -> Table[Any]:
        """The table of a resource in an organization; made when first asked for."""
        key = (name, organization_id)
        table = self.tables.get(key)
        if table is None:
            table = self.tables[key] = Table(name)
        return table

    def perform(self, ctx: Ctx, operation: Callable[..., A], *args: Any) -> A:
        """Run `operation(ctx, *args)`: all of it happens, or nothing of it.

        Raises what the operation raises, after taking back what it wrote.
        """
        try:
            answer = operation(ctx, *args)
        except BaseException:
            self._tell(ctx.take_back())
            raise
        self._tell(ctx.commit())
        return answer

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            for subscriber in self.subscribers:
                try:
                    subscriber(event)
                except Exception:
                    # The operation is done; a listener's trouble is not the caller's.
                    log.exception("a subscriber failed on %s", event.type)

    def watch(self, timer: Timer) -> None:
        """Take note of a committed timer."""
        heapq.heappush(self._due, (timer.at, timer._place, timer.id))

    def next_due(self) -> datetime | None:
        """When the next timer is due, or None."""
        timers = self.table("timers", "")
        while self._due and timers.find(self._due[0][2]) is None:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def catch_up(self) -> list[Timer]:
        """Run every timer that is due, each at its own instant, in order."""
        if not self._due:
            return []
        now = self.clock.now()
        fired: list[Timer] = []
        while (due := self.next_due()) is not None and due <= now:
            fired.append(self._fire(heapq.heappop(self._due)[2]))
            if len(fired) > _MOST_FIRINGS:
                raise RuntimeError("timers keep setting timers that are due at once")
        return fired

    def _fire(self, timer_id: str) -> Timer:
        timer: Timer = self.table("timers", "").drop(timer_id)
        self.counts.timers[(timer.kind,)] += 1
        ctx = Ctx(self, timer.at, timer.organization_id)
        try:
            self.perform(ctx, self._timer_handlers[timer.kind], *timer.args)
        except Exception:
            # Whoever's request makes the clock catch up did not cause this.
            log.exception("timer %s %s failed", timer.kind, timer.args)
        return timer

    def advance_to(self, instant: datetime) -> list[Timer]:
        """Move the clock to `instant` and run what falls due on the way.

        Raises ValueError if `instant` is past.
        """
        self.clock.move_to(instant)
        return self.catch_up()

    def snapshot(self) -> Snapshot:
        """The state as it is now."""
        return Snapshot(
            tables=copied(self.tables),
            counters=self.counters.copy(),
            last_calls=self.last_calls.copy(),
            clock=self.clock.copy(),
            taken=self.clock.now(),
            windows=self.limiter.windows,
            calls=self.journal.made,
            drawn=self.faults.drawn,
        )

    def keep(self, name: str) -> Snapshot:
        """Keep the present state under a name, as the newest one."""
        self.snapshots.pop(name, None)
        kept = self.snapshots[name] = self.snapshot()
        self._kept += 1
        return kept

    def mark(self) -> Mark:
        """Differs from an earlier one if anything changed but last calls and the use of limits."""
        faults, clock = self.faults, self.clock
        struck = sum(fault.struck for fault in faults.listed)
        return (
            self.restored + self._kept,
            sum(table.changes for table in self.tables.values()),
            clock.now() if clock.offset is None else clock.offset,
            self.limiter.limits,
            (faults.made, len(faults.listed), faults.drawn, struck),
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a state, the clock and what is counted against limits included.

        Credentials, limits, faults and settings stay.
        """
        self.tables = copied(snapshot.tables)
        self.counters = snapshot.counters.copy()
        self.last_calls = snapshot.last_calls.copy()
        self.clock = snapshot.clock.copy()
        self.limiter.take(self.limiter.limits, snapshot.windows)
        self.faults.drawn = snapshot.drawn
        self.journal.cut(snapshot.calls)
        self.restored += 1
        self._due = [(timer.at, timer._place, timer.id) for timer in self.table("timers", "")]
        heapq.heapify(self._due)
        for tell in self.on_restore:
            tell()
