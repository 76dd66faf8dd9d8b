"""What an operation may see and do: one `Ctx` per call, timer or simulated event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from simulator.core import ids
from simulator.core.bankdays import pacific_date
from simulator.core.errors import refuse
from simulator.core.events import Event, WriteKind
from simulator.core.outbox import MOST_MESSAGES, Message
from simulator.core.roles import Role
from simulator.core.rows import Row, shape
from simulator.core.tables import Table

if TYPE_CHECKING:
    from simulator.core.world import World
    from simulator.settings import Behaviour

R = TypeVar("R", bound=Row)
R_co = TypeVar("R_co", bound=Row, covariant=True)


class Kept(Protocol[R_co]):
    """Whatever has a table of rows: a resource."""

    @property
    def name(self) -> str:
        """The table's name."""

    @property
    def shared(self) -> bool:
        """Whether all organizations of a world share the table."""

    @property
    def row(self) -> type[R_co]:
        """The class of its rows."""


@shape
class Timer(Row):
    """Something due: at `at`, the handler `kind` runs in `organization_id`."""

    id: str
    at: datetime
    kind: str
    organization_id: str
    args: tuple[str, ...]


class Caller(Protocol):
    """Who makes a call: the signed-in session."""

    @property
    def id(self) -> str:
        """The session's id."""

    @property
    def user_id(self) -> str:
        """The user the session acts as."""

    @property
    def role(self) -> Role:
        """The user's role in the organization."""

    @property
    def trusted(self) -> bool:
        """Whether multi-factor authentication was passed."""


class Ctx:
    """One operation's view of its world.

    `now` is the instant of the operation, in UTC; `session` is None for timers
    and for what BILL's side does. What is written is seen at once by later
    reads of the same operation, and is taken back if the operation raises.
    `origin` is where the caller reached the server (`http://127.0.0.1:8080`).
    When the operation is over, `told` holds the events that subscribers got.
    """

    __slots__ = (
        "_events",
        "_failures",
        "_timers",
        "_undo",
        "_writes",
        "now",
        "organization_id",
        "origin",
        "session",
        "told",
        "world",
    )

    def __init__(
        self,
        world: World,
        now: datetime,
        organization_id: str,
        session: Caller | None = None,
        origin: str = "",
    ) -> None:
        self.world = world
        self.now = now
        self.organization_id = organization_id
        self.session = session
        self.origin = origin
        self._undo: list[tuple[Any, ...]] = []
        self._writes: list[tuple[str, str, WriteKind]] = []
        self._timers: list[Timer] = []
        self._events: list[Event] = []
        self._failures: list[Event] = []
        self.told: Sequence[Event] = ()

    @property
    def behaviour(self) -> Behaviour:
        """The settings of the world."""
        return self.world.behaviour

    @property
    def today(self) -> date:
        """The calendar day in California, by which BILL reckons."""
        return pacific_date(self.now)

    @property
    def record_time(self) -> datetime:
        """`now` in whole seconds: BILL's records show .000 (observed)."""
        return self.now.replace(microsecond=0)

    @property
    def user_id(self) -> str | None:
        """Who acts, or None for BILL's side."""
        return self.session.user_id if self.session else None

    @property
    def writes(self) -> list[tuple[str, str, WriteKind]]:
        """Table, id and kind of every write, in order; nothing if they were taken back."""
        return self._writes

    def within(self, organization_id: str) -> Ctx:
        """The same operation seen from another organization."""
        twin = Ctx(self.world, self.now, organization_id, self.session, self.origin)
        twin._undo, twin._writes, twin._timers = self._undo, self._writes, self._timers
        twin._events, twin._failures = self._events, self._failures
        return twin

    def table(self, kept: Kept[R]) -> Table[R]:
        """The rows of a resource in the caller's organization."""
        return self.world.table(kept.name, "" if kept.shared else self.organization_id)

    def find(self, kept: Kept[R], row_id: str) -> R | None:
        """A row of the caller's organization, or None."""
        return self.table(kept).find(row_id)

    def get(self, kept: Kept[R], row_id: str) -> R:
        """A row of the caller's organization. Refuses any other id with BDC_1205."""
        row = self.table(kept).find(row_id)
        if row is None:
            raise refuse("BDC_1205").because(
                f"There is no record {row_id} of {kept.name} in the organization.",
                resource=kept.name,
                id=row_id,
            )
        return row

    def put(self, kept: Kept[R], row: R) -> R:
        """Store a row, new or changed, and return it."""
        self._put(self.table(kept), row)
        return row

    def _put(self, table: Table[Any], row: Row) -> None:
        old = table.put(row)
        if old is None:
            self._undo.append((table.retract, row.id))
            self._writes.append((table.name, row.id, WriteKind.CREATED))
        else:
            self._undo.append((table.put, old))
            self._writes.append((table.name, row.id, WriteKind.CHANGED))

    def drop(self, kept: Kept[R], row_id: str) -> None:
        """Forget a row for good."""
        table = self.table(kept)
        self._undo.append((table.reinstate, table.drop(row_id)))
        self._writes.append((table.name, row_id, WriteKind.REMOVED))

    def new_id(self, prefix: str) -> str:
        """The next id of a type."""
        return ids.record_id(self.world.seed, prefix, self.number(prefix))

    def number(self, counter: str) -> int:
        """The next number of a counter, from 0."""
        counters = self.world.counters
        number = counters[counter]
        counters[counter] = number + 1
        self._undo.append((counters.__setitem__, counter, number))
        return number

    def word(self, purpose: str, length: int, alphabet: str = ids.ALPHANUMERICS) -> str:
        """A random-looking word that the same seed and calls give again."""
        number = self.number(f"word:{purpose}")
        return ids.word(self.world.seed, purpose, number, length, alphabet)

    def new_uuid(self, purpose: str) -> str:
        """The next UUID for a purpose; the webhook service names its records so."""
        return ids.uuid4(self.world.seed, purpose, self.number(f"uuid:{purpose}"))

    def emit(self, event_type: str, row: Row) -> None:
        """Tell subscribers, once the operation is committed."""
        self._events.append(Event(event_type, self.now, self.organization_id, row))

    def emit_anyway(self, event_type: str, row: Row) -> None:
        """Tell subscribers even though, and only if, the operation is refused."""
        self._failures.append(Event(event_type, self.now, self.organization_id, row))

    def schedule(self, at: datetime, kind: str, *args: str) -> None:
        """Run the timer handler `kind` with `args` at `at`, once committed."""
        timer = Timer(
            id=f"timer-{self.number('timer')}",
            at=at.astimezone(UTC),
            kind=kind,
            organization_id=self.organization_id,
            args=args,
        )
        self._put(self.world.table("timers", ""), timer)
        self._timers.append(timer)

    def send(self, kind: str, to: str, text: str, code: str | None = None) -> None:
        """Put a text message (`sms`) or an e-mail (`email`) into the outbox."""
        message = Message(
            id=f"message-{self.number('message')}",
            kind=kind,
            to=to,
            text=text,
            code=code,
            time=self.now,
        )
        outbox = self.world.table("outbox", "")
        self._put(outbox, message)
        if len(outbox) > MOST_MESSAGES:
            self._undo.append((outbox.reinstate, outbox.drop(next(iter(outbox)).id)))

    def commit(self) -> Sequence[Event]:
        """Keep what was written; returns the events to tell."""
        self._undo.clear()
        for timer in self._timers:
            self.world.watch(timer)
        self.told = self._events
        return self._events

    def take_back(self) -> Sequence[Event]:
        """Undo what was written, latest first; returns the events to tell all the same."""
        for undo, *args in reversed(self._undo):
            undo(*args)
        self._undo.clear()
        self._writes.clear()
        self.told = self._failures
        return self._failures
