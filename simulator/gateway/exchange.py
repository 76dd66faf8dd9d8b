"""One request on its way, and how it is put down in the journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPMethod
from types import CodeType, TracebackType
from typing import Any
from urllib.parse import quote

from aiohttp import web

from simulator.core.context import Ctx, Timer
from simulator.core.errors import Refusal, envelope
from simulator.core.faults import Drop, Fault
from simulator.core.journal import Call, Content, Entry, Refused
from simulator.core.resource import Access, Download, Operation, Rule
from simulator.core.world import World
from simulator.gateway.reply import JSON, Reply
from simulator.resources import sessions
from simulator.resources.catalogue import KnownOperation, declared_rules

Target = Operation | KnownOperation

# A client may make up methods; each would be a value of a label.
_METHODS = frozenset(HTTPMethod)
_OURS = "simulator."
_NO_BODY = Content(b"", "")


class Exchange:
    """One request on its way, and what the steps have found out about it."""

    __slots__ = (
        "answer",
        "arguments",
        "body",
        "ctx",
        "drop",
        "fault",
        "held",
        "key",
        "now",
        "operation",
        "parameters",
        "pause",
        "place",
        "raw",
        "refused",
        "request",
        "session",
        "step",
        "target",
        "timers",
        "world",
    )

    # Set as soon as the path is found to be that of an operation that is built.
    operation: Operation

    def __init__(self, request: web.Request, world: World, step: Callable[..., Any]) -> None:
        self.request = request
        self.world = world
        # The function that has the request at present.
        self.step = step
        self.target: Target | None = None
        self.parameters: list[str] = []
        self.raw = b""
        self.body: Any = None
        # What the operation is run with, and what it returned.
        self.arguments: list[Any] = []
        self.answer: Any = None
        self.key: str | None = None
        self.session: sessions.Session | None = None
        self.ctx: Ctx | None = None
        # Seconds to wait before the call is worked on; None goes on at once.
        self.pause: float | None = None
        # Where the call counts as under way: devKey and organization.
        self.place: tuple[str, str] | None = None
        self.drop: Drop | None = None
        # The idempotent key that nobody else may use meanwhile.
        self.held: tuple[str, str] | None = None
        self.fault: Fault | None = None
        self.timers: Sequence[Timer] = ()
        self.refused: Refused | None = None
        # When the answer was made, if no operation ran.
        self.now: datetime | None = None

    @property
    def by_token(self) -> bool:
        """Whether the call comes with the apiToken of Spend & Expense alone."""
        headers = self.request.headers
        return (
            self.operation.access is Access.EVENTS
            and "apiToken" in headers
            and "devKey" not in headers
            and "appKey" not in headers
        )

    def complete(self) -> Reply:
        """The answer that tells what the operation returned."""
        operation, ctx, answer = self.operation, self.ctx, self.answer
        assert ctx is not None
        if isinstance(answer, Download):
            return _download(answer)
        return Reply(operation.status, operation.resource.encode(ctx, operation, answer))

    def refuse(self, refusal: Refusal, failure: Exception | None = None) -> Reply:
        """The answer that tells a refusal; `failure` is an error of the simulator's own."""
        now = self.now = self.world.clock.now()
        function, rules = _origin((failure or refusal).__traceback__)
        if function.endswith(".run_operation"):
            # Returned, and not raised, by the operation.
            run = self.operation.run
            function = f"{run.__module__}.{run.__qualname__}"
            rules = declared_rules().get(run.__code__, ())
        name = type(failure).__name__ if failure else None
        self.refused = Refused(refusal.items, function, rules, name)
        return Reply(refusal.status, envelope(refusal, now))

    def note(self, reply: Reply | None) -> None:
        """Put the exchange down: with its answer, or None if the connection was cut."""
        request, world, ctx, target = self.request, self.world, self.ctx, self.target
        status = reply.status if reply else None
        refused = self.refused
        is_file = target.__class__ is Operation and self.operation.body is bytes
        call = Call(
            time=self.now or (ctx.now if ctx else world.clock.now()),
            method=request.method,
            target=request.raw_path,
            headers=request.headers,
            called=target,
            values=self.parameters,
            step=self.step,
            caller=self.session,
            organization_id=ctx.organization_id if ctx else None,
            sent=(
                Content(self.raw, request.headers.get("Content-Type", ""), is_file=is_file)
                if self.raw
                else _NO_BODY
            ),
            answered=(
                Content(reply.body, reply.media_type, is_file=reply.media_type != JSON)
                if reply
                else _NO_BODY
            ),
            status=status,
            refused=refused,
            fault=self.fault,
            timers=self.timers,
            writes=ctx.writes if ctx else (),
            events=ctx.told if ctx else (),
        )
        world.journal.add(call)
        method = target.method if target else _method(request.method)
        code = next((item.code for item in refused.items if item.code), "") if refused else ""
        told = "" if status is None else str(status)
        world.counts.requests[method, target.path if target else "", told, code] += 1
        if self.fault is not None:
            world.counts.faults[(self.fault.request.effect.kind,)] += 1
        if refused:
            for item in refused.items:
                if item.cause and "limit" in item.cause.facts:
                    world.counts.limits[(item.cause.facts["limit"],)] += 1
        if world.script is not None:
            call.told = world.script.told(world, reply.body if reply else b"")
            world.script.answered(world, Entry(call))


def _download(answer: Download) -> Reply:
    # Always an attachment: a browser must not run what somebody uploaded.
    name = quote(answer.name.encode("utf-8", "replace"), safe="")
    reply = Reply(200, answer.content, "application/octet-stream")
    reply.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return reply


def _method(method: str) -> str:
    return method if method in _METHODS else "other"


def _origin(trace: TracebackType | None) -> tuple[str, Sequence[Rule]]:
    """The function of ours that raised, and the rules declared on it or on the nearest caller."""
    known: Mapping[CodeType, Sequence[Rule]] = declared_rules()
    name = ""
    rules: Sequence[Rule] = ()
    while trace is not None:
        frame = trace.tb_frame
        code = frame.f_code
        module = frame.f_globals.get("__name__", "")
        if module.startswith(_OURS):
            name = f"{module}.{code.co_qualname}"
        rules = known.get(code, rules)
        trace = trace.tb_next
    return name, rules
