"""Declaring a resource: its rows, operations, rules, timers and simulated events.

A module under `resources/` makes one `Resource` and hangs everything BILL does
with it on that object. Routes, lists, the operations page and the fidelity
page are read from these declarations and from nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from inspect import unwrap
from sys import _getframe
from types import CodeType
from typing import Any, Generic, TypeVar, cast

from pydantic import BaseModel

from simulator.core.confirmed import with_confirmation
from simulator.core.context import Ctx
from simulator.core.evidence import Evidence, documented
from simulator.core.joins import Join
from simulator.core.listing import Field, Grammar, ListQuery, Predicate
from simulator.core.notices import Notice, Payload
from simulator.core.paging import read_page
from simulator.core.roles import EVERYONE, Role
from simulator.core.rows import Answer, Row, changed
from simulator.core.simulations import Details, NoDetails, Simulation, States
from simulator.core.states import Machine

R = TypeVar("R", bound=Row)
F = TypeVar("F", bound=Callable[..., Any])

CONNECT = "/connect"
CONNECT_EVENTS = "/connect-events"


class Access(StrEnum):
    """What a call must bring.

    A body whose `key` is a devKey or an appKey; a session and its devKey; a
    session alone; a partner's session and its appKey; or either of the two. The
    webhook service takes either, or the apiToken of Spend & Expense alone.
    """

    SIGN_IN = "sign in"
    PARTNER_SIGN_IN = "partner sign in"
    SESSION = "session"
    SESSION_ALONE = "session alone"
    PARTNER = "partner"
    ANY_SESSION = "any session"
    EVENTS = "events"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Operation:
    """One of BILL's operations as the gateway serves it.

    `run` gets the `Ctx`, the path's parameters in their order, then the query
    model if `query` is set, the `ListQuery` if `listing` is, and the body if
    `body` is; a body of `bytes` is taken as it comes. If `idempotent`, the
    X-Idempotent-Key comes before the body. It answers with what
    `Resource.encode` understands; if it `delivers`, with the row of a delivery
    that is tried before the call is answered. `headers` are those that `run`
    asks for itself, `answers` what the call answers where the annotation of `run`
    does not tell.
    """

    method: str
    path: str
    run: Callable[..., Any]
    evidence: Evidence
    resource: Resource[Any]
    summary: str = ""
    status: int = 200
    body: Any = None
    query: type[BaseModel] | None = None
    listing: Grammar | None = None
    access: Access = Access.SESSION
    trusted: bool = False
    roles: frozenset[Role] = EVERYONE
    joined: bool = False
    wrap: str | None = None
    idempotent: bool = False
    delivers: bool = False
    headers: tuple[str, ...] = ()
    answers: type[Answer] | None = None

    @property
    def key(self) -> str:
        """`POST /connect/v3/bills`: how the operations list names it."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A behaviour in one sentence, with where it is known from.

    `place` is the module and the line that declare it.
    """

    text: str
    evidence: Evidence
    place: tuple[str, int] = ("", 0)


@dataclass(frozen=True, slots=True)
class Download:
    """Bytes to give back as they are, and the name of the file they were."""

    content: bytes
    name: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of rows, still to be encoded."""

    rows: list[Any]
    next_page: str | None
    prev_page: str | None


@dataclass(frozen=True, slots=True)
class Store(Generic[R]):
    """A table of rows that no call of BILL names, such as remembered devices."""

    name: str
    row: type[R]
    shared: bool = False


@dataclass(eq=False)
class Resource(Generic[R]):
    """One kind of record of BILL, and all that BILL does with it."""

    name: str
    path: str
    row: type[R]
    prefix: str = ""
    shared: bool = False
    root: str = CONNECT
    join: Join[R] | None = None
    operations: list[Operation] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    # The rules of each function that carries some out.
    ruled: dict[CodeType, list[Rule]] = field(default_factory=dict)
    timers: dict[str, Callable[..., None]] = field(default_factory=dict)
    simulations: list[Simulation] = field(default_factory=list)
    machines: list[Machine[Any]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def operation(
        self,
        method: str,
        path: str,
        *,
        evidence: Evidence,
        status: int = 200,
        body: Any = None,
        query: type[BaseModel] | None = None,
        listing: Grammar | None = None,
        access: Access = Access.SESSION,
        trusted: bool = False,
        roles: frozenset[Role] = EVERYONE,
        joined: bool = False,
        wrap: str | None = None,
        idempotent: bool = False,
        delivers: bool = False,
        headers: tuple[str, ...] = (),
        answers: type[Answer] | None = None,
    ) -> Callable[[F], F]:
        """Declare an operation below the resource's path, as a decorator."""
        whole = f"{self.root}{self.path}{path}"

        def declare(run: F) -> F:
            self.operations.append(
                Operation(
                    method=method,
                    path=whole,
                    run=run,
                    evidence=with_confirmation(f"{method} {whole}", evidence),
                    resource=self,
                    summary=(run.__doc__ or "").strip().split("\n")[0],
                    status=status,
                    body=body,
                    query=query,
                    listing=listing,
                    access=access,
                    trusted=trusted,
                    roles=roles,
                    joined=joined,
                    wrap=wrap,
                    idempotent=idempotent,
                    delivers=delivers,
                    headers=headers,
                    answers=answers,
                )
            )
            return run

        return declare

    def retrieve(
        self, parameter: str, *, evidence: Evidence, roles: frozenset[Role] = EVERYONE
    ) -> None:
        """Declare `GET {path}/{parameter}`: one row, BDC_1205 for any other id."""

        def run(ctx: Ctx, row_id: str) -> R:
            """Get one record."""
            return ctx.get(self, row_id)

        self.operation("GET", f"/{{{parameter}}}", evidence=evidence, roles=roles, joined=True)(run)

    def listed(
        self,
        *,
        filters: Iterable[Field],
        sorts: Iterable[Field],
        evidence: Evidence,
        roles: frozenset[Role] = EVERYONE,
    ) -> None:
        """Declare `GET {path}`: pages of rows by BILL's list grammar."""
        grammar = Grammar.of(filters, sorts)

        def run(ctx: Ctx, query: ListQuery) -> Listed:
            """List records."""
            return self.page(ctx, grammar, query)

        self.operation("GET", "", evidence=evidence, listing=grammar, roles=roles, joined=True)(run)

    def page(
        self, ctx: Ctx, grammar: Grammar, query: ListQuery, also: tuple[Predicate, ...] = ()
    ) -> Listed:
        """The page of the caller's rows that `query` asks for, narrowed by `also`."""
        page = read_page(ctx.table(self), grammar, query, also)
        return Listed(page.rows, page.next_page, page.prev_page)

    def archive_restore(
        self,
        parameter: str,
        *,
        emits: str | None = None,
        roles: frozenset[Role] = EVERYONE,
        before_archive: Callable[[Ctx, R], None] | None = None,
        store: Callable[[Ctx, R, R], R] | None = None,
    ) -> Callable[[Ctx, str, bool], R]:
        """Declare `POST …/archive` and `POST …/restore`; return what both do.

        Repeating one changes nothing; both move updatedTime (observed on the
        service). `before_archive` may refuse; `store(ctx, new, old)` stands in
        for plain storing; `emits` is the stem of the events. What is returned gets
        a record's id and whether to archive it.
        """

        def switch(ctx: Ctx, row_id: str, to: bool) -> R:
            old: Any = ctx.get(self, row_id)
            if old.archived is to:
                return cast(R, old)
            if to and before_archive:
                before_archive(ctx, old)
            row: R = changed(old, archived=to, updated_time=ctx.record_time)
            row = store(ctx, row, old) if store else ctx.put(self, row)
            if emits:
                ctx.emit(f"{emits}.{'archived' if to else 'restored'}", row)
            return row

        def archive(ctx: Ctx, row_id: str) -> R:
            """Archive a record."""
            return switch(ctx, row_id, True)

        def restore(ctx: Ctx, row_id: str) -> R:
            """Restore an archived record."""
            return switch(ctx, row_id, False)

        source = documented(f"BILL reference: archive and restore ({self.name})")
        for verb, run in (("archive", archive), ("restore", restore)):
            self.operation("POST", f"/{{{parameter}}}/{verb}", evidence=source, roles=roles)(run)
        return switch

    def rule(self, text: str, evidence: Evidence) -> Callable[[F], F]:
        """Declare a behaviour where it is written: a decorator that changes nothing."""
        frame = _getframe(1)
        rule = Rule(text, evidence, (frame.f_globals["__name__"], frame.f_lineno))
        self.rules.append(rule)

        def declare(function: F) -> F:
            # The topmost decorator, whose rule is written first, comes last.
            self.ruled.setdefault(unwrap(function).__code__, []).insert(0, rule)
            return function

        return declare

    def timer(self, kind: str) -> Callable[[F], F]:
        """Declare what runs when a timer of `kind` is due, as a decorator."""

        def declare(run: F) -> F:
            self.timers[kind] = run
            return run

        return declare

    def simulation(
        self,
        event: str,
        *,
        evidence: Evidence,
        details: type[Details] = NoDetails,
        states: States | None = None,
        course: str = "",
    ) -> Callable[[F], F]:
        """Declare what BILL's side does on `event`, as a decorator; see `Simulation`."""

        def declare(run: F) -> F:
            summary = (run.__doc__ or "").strip().split("\n")[0]
            self.simulations.append(
                Simulation(event, summary, run, evidence, self, details, states, course)
            )
            return run

        return declare

    def notifies(self, *types: str, sample: Payload, evidence: Evidence) -> Callable[[F], F]:
        """Declare how the payload of events is made from a record, as a decorator."""

        def declare(tell: F) -> F:
            self.notices.extend(Notice(one, sample, evidence, tell) for one in types)
            return tell

        return declare

    def machine(self, machine: Machine[Any]) -> Machine[Any]:
        """Declare a state machine and return it."""
        self.machines.append(machine)
        return machine

    def wire(self, ctx: Ctx, row: R, *, reading: bool) -> bytes:
        """The JSON bytes of a row as an operation of this resource answers it."""
        return self._wires(ctx, [row], reading)[0]

    def _wires(self, ctx: Ctx, answers: list[Any], reading: bool) -> list[bytes]:
        join = self.join
        own = bool(answers) and type(answers[0]) is self.row
        if join is None or not own or (join.reads_only and not reading):
            return [answer.wire() for answer in answers]
        keys = join.keys(ctx, answers) if join.keys else map(partial(join.key, ctx), answers)
        wires = []
        for row, key in zip(answers, keys, strict=True):
            try:
                known, wire = row._joined
                fresh = known is key or known == key
            except AttributeError:
                fresh = False
            if not fresh:
                wire = join.apply(ctx, row).wire()
                object.__setattr__(row, "_joined", (key, wire))
            wires.append(wire)
        return wires

    def encode(self, ctx: Ctx, operation: Operation, answer: Any) -> bytes:
        """The response body for what an operation of this resource returned.

        Knows None (an empty body), a row of the resource, any `Answer`, a page,
        and a list of rows, bare or under `operation.wrap`.
        """
        if answer is None:
            return b""
        reading = operation.joined
        if isinstance(answer, Listed):
            head = b"{"
            if answer.next_page is not None:
                head += b'"nextPage":"%s",' % answer.next_page.encode()
            if answer.prev_page is not None:
                head += b'"prevPage":"%s",' % answer.prev_page.encode()
            # Joined once: a page of 100 bills is 60 kB.
            wires = self._wires(ctx, answer.rows, reading) or [b""]
            wires[0] = head + b'"results":[' + wires[0]
            wires[-1] += b"]}"
            return b",".join(wires)
        if isinstance(answer, list):
            joined = b",".join(self._wires(ctx, answer, reading))
            if operation.wrap is None:
                return b"[" + joined + b"]"
            return b'{"%s":[%s]}' % (operation.wrap.encode(), joined)
        return self._wires(ctx, [answer], reading)[0]
