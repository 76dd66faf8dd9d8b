"""The way of a request, from bytes to bytes.

First the route, then size and media type, then the body is read. `ADMISSION`
tells whether the call is taken and whether it waits; from there on nothing
waits, and the order stands in `STEPS`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from aiohttp import web

from simulator.core.context import Ctx
from simulator.core.errors import Refusal, as_catalogued, envelope, refuse
from simulator.core.faults import Drop
from simulator.core.resource import Access, Download, Operation
from simulator.core.world import World
from simulator.gateway.reply import Reply
from simulator.gateway.routing import MethodUnknown, Router
from simulator.gateway.validation import read_body, read_query
from simulator.resources import sessions
from simulator.resources.catalogue import KnownOperation
from simulator.worlds import Worlds

log = logging.getLogger(__name__)

# No limit of BILL's is published but 6 MB for an attachment; this is above it.
LARGEST_BODY = 8 * 1024 * 1024

GAP_HEADER = "X-Sim-Gap"

Target = Operation | KnownOperation


class Exchange:
    """One request on its way, and what the steps have found out about it."""

    __slots__ = (
        "body",
        "ctx",
        "drop",
        "key",
        "operation",
        "parameters",
        "pause",
        "place",
        "raw",
        "request",
        "session",
        "world",
    )

    def __init__(
        self, request: web.Request, operation: Operation, parameters: list[str], world: World
    ) -> None:
        self.request = request
        self.operation = operation
        self.parameters = parameters
        self.world = world
        self.raw = b""
        self.body: Any = None
        self.key: str | None = None
        self.session: sessions.Session | None = None
        self.ctx: Ctx | None = None
        # Seconds to wait before the call is worked on; None goes on at once.
        self.pause: float | None = None
        # Where the call counts as under way: devKey and organization.
        self.place: tuple[str, str] | None = None
        self.drop: Drop | None = None


class _Cut(Exception):
    """The connection is to be cut without an answer."""


class Gateway:
    """Serves BILL's paths for the worlds of one server."""

    def __init__(self, worlds: Worlds, router: Router[Target]) -> None:
        self.worlds = worlds
        self.router = router

    async def handle(self, request: web.Request) -> Reply:
        """Answer one request; always in BILL's envelope if it is refused."""
        # A refusal before the world is known still tells the time of the caller's.
        world = self.worlds.by_dev_key(request.headers.get("devKey", "")) or self.worlds.default
        try:
            operation, parameters = self._route(request)
            if isinstance(operation, KnownOperation):
                return _gap(operation, world)
            exchange = Exchange(request, operation, parameters, world)
            try:
                return await self._answer(exchange)
            finally:
                world = exchange.world
        except Refusal as refusal:
            return _refused(refusal, world)
        except MethodUnknown as unknown:
            response = _refused(refuse("method.unsupported", method=request.method), world)
            response.headers["Allow"] = ", ".join(unknown.allowed)
            return response
        except web.HTTPRequestEntityTooLarge:
            return _refused(refuse("body.too_large"), world)
        except _Cut:
            if request.transport is not None:
                request.transport.abort()
            return Reply(200)
        except ConnectionError:
            # The client is gone; nobody waits for an answer.
            raise
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return _refused(refuse("BDC_1001"), world)

    async def _answer(self, exchange: Exchange) -> Reply:
        body = exchange.operation.body
        try:
            if body is not None:
                exchange.raw = await _read(exchange.request, raw=body is bytes)
            for step in ADMISSION:
                step(self, exchange)
            if exchange.pause is not None:
                await asyncio.sleep(exchange.pause)
            for step in STEPS:
                step(self, exchange)
            response = _run(exchange)
        finally:
            if exchange.place is not None:
                exchange.world.limiter.leave(*exchange.place)
        if exchange.drop is Drop.AFTER:
            raise _Cut
        return response

    def _route(self, request: web.Request) -> tuple[Target, list[str]]:
        # Spring answers HEAD as GET without the body; aiohttp leaves the body out.
        method = "GET" if request.method == "HEAD" else request.method
        found = self.router.find(method, request.rel_url.raw_path)
        if found is None:
            raise refuse("BDC_1121")
        return found


async def _read(request: web.Request, *, raw: bool) -> bytes:
    if (request.content_length or 0) > LARGEST_BODY:
        raise refuse("body.too_large")
    if not request.can_read_body:
        return b""
    content_type = request.content_type
    if not raw and content_type != "application/json" and not content_type.endswith("+json"):
        told = request.headers.get("Content-Type", "application/octet-stream")
        raise refuse("body.media_type", type=told)
    try:
        # What has come already need not be waited for.
        content = request.content
        return content.read_nowait() if content.is_eof() else await request.read()
    except web.RequestPayloadError:
        raise refuse("json.malformed", problem="the body cannot be decoded") from None


def find_world(gateway: Gateway, exchange: Exchange) -> None:
    """The world is that of the devKey or appKey, or of the session where no key is asked for."""
    worlds, headers = gateway.worlds, exchange.request.headers
    status: int | None = None
    match exchange.operation.access:
        case Access.SIGN_IN | Access.PARTNER_SIGN_IN as kind:
            exchange.body = read_body(exchange.operation.body, exchange.raw)
            exchange.key = str(exchange.body.key)
            by_key = worlds.by_dev_key if kind is Access.SIGN_IN else worlds.by_app_key
            world = by_key(exchange.key)
            status = exchange.world.behaviour.login_key_status
        case Access.SESSION_ALONE:
            world = worlds.with_session(headers.get("sessionId", "")) or exchange.world
        case access if access is Access.PARTNER or (
            access is Access.ANY_SESSION and "appKey" in headers
        ):
            exchange.key = _header(exchange, "appKey")
            world = worlds.by_app_key(exchange.key)
        case _:
            exchange.key = _header(exchange, "devKey")
            world = worlds.by_dev_key(exchange.key)
    if world is None:
        raise refuse("BDC_1102", http_status=status)
    exchange.world = world


def _header(exchange: Exchange, name: str) -> str:
    given = exchange.request.headers.get(name)
    if given is None:
        raise refuse("header.missing", field=name)
    return given


def take_place(gateway: Gateway, exchange: Exchange) -> None:
    """At most three calls are under way for a devKey and an organization: else BDC_1322."""
    world, key = exchange.world, exchange.key
    if key is None or world.limiter.limits.concurrent is None:
        return
    session_id = exchange.request.headers.get("sessionId", "")
    organization_id = sessions.organization_of(world, session_id)
    if organization_id is not None:
        world.limiter.enter(key, organization_id)
        exchange.place = (key, organization_id)
        # Whoever called at the same moment gets to be counted as well.
        exchange.pause = 0.0


def strike(gateway: Gateway, exchange: Exchange) -> None:
    """A fault that somebody asked for hits this call."""
    world, request = exchange.world, exchange.request
    if not world.faults.listed:
        return
    effect = world.faults.strike(request.method, exchange.operation.path, request.path)
    if effect is None:
        return
    if effect.latency_ms is not None:
        exchange.pause = effect.latency_ms / 1000
    elif effect.code is not None:
        raise as_catalogued(effect.code, effect.status)
    elif effect.drop is Drop.BEFORE:
        raise _Cut
    exchange.drop = effect.drop


def catch_up_clock(gateway: Gateway, exchange: Exchange) -> None:
    """What fell due before this request happens before it."""
    exchange.world.catch_up()


def authenticate(gateway: Gateway, exchange: Exchange) -> None:
    """The session must live, belong to the key, and be of the kind that the call takes."""
    world, request = exchange.world, exchange.request
    now = world.clock.now()
    access = exchange.operation.access
    organization_id = ""
    if access not in (Access.SIGN_IN, Access.PARTNER_SIGN_IN):
        session_id = _header(exchange, "sessionId")
        partner = None if access is Access.ANY_SESSION else access is Access.PARTNER
        session = sessions.authenticate(world, now, session_id, exchange.key, partner)
        organization_id = session.organization_id
        if access is Access.PARTNER:
            organization_id = request.headers.get("organizationId", "")
        exchange.session = session
    origin = f"{request.scheme}://{request.host}"
    exchange.ctx = Ctx(world, now, organization_id, exchange.session, origin)


def count_call(gateway: Gateway, exchange: Exchange) -> None:
    """Calls and sign-ins of a devKey are counted by the hour: BDC_1144."""
    assert exchange.ctx is not None
    limiter, key, now = exchange.world.limiter, exchange.key or "", exchange.ctx.now
    limiter.call(key, now)
    if exchange.operation.access in (Access.SIGN_IN, Access.PARTNER_SIGN_IN):
        limiter.login(key, now)


def check_trust(gateway: Gateway, exchange: Exchange) -> None:
    """Some operations ask for an MFA-trusted session, before anything of the body."""
    if exchange.operation.trusted and exchange.ctx is not None:
        sessions.require_trust(exchange.ctx)


def check_role(gateway: Gateway, exchange: Exchange) -> None:
    """The user's role must allow the operation."""
    session = exchange.session
    if session is not None and session.role not in exchange.operation.roles:
        raise refuse("BDC_1145")


def validate_body(gateway: Gateway, exchange: Exchange) -> None:
    """The body must be what the operation takes."""
    operation = exchange.operation
    if operation.body is bytes:
        exchange.body = exchange.raw
    elif operation.body is not None and exchange.body is None:
        exchange.body = read_body(operation.body, exchange.raw)


# Before a call may wait for its turn.
ADMISSION: tuple[Callable[[Gateway, Exchange], None], ...] = (
    find_world,
    take_place,
    strike,
)

STEPS: tuple[Callable[[Gateway, Exchange], None], ...] = (
    catch_up_clock,
    authenticate,
    count_call,
    check_trust,
    check_role,
    validate_body,
)


def _texts(request: web.Request) -> dict[str, str]:
    if not request.rel_url.raw_query_string:
        return {}
    given = request.query
    # Spring joins a repeated parameter with commas.
    return {name: ",".join(given.getall(name)) for name in given}


def _arguments(exchange: Exchange) -> list[Any]:
    operation = exchange.operation
    arguments: list[Any] = [*exchange.parameters]
    if operation.query is not None or operation.listing is not None:
        texts = _texts(exchange.request)
        if operation.query is not None:
            arguments.append(read_query(operation.query, texts))
        if operation.listing is not None:
            four = (texts.get(name) for name in ("max", "page", "filters", "sort"))
            arguments.append(operation.listing.read(*four))
    if operation.body is not None:
        arguments.append(exchange.body)
    return arguments


def _run(exchange: Exchange) -> Reply:
    operation, ctx = exchange.operation, exchange.ctx
    assert ctx is not None
    answer = exchange.world.perform(ctx, operation.run, *_arguments(exchange))
    if isinstance(answer, Refusal):
        raise answer
    if isinstance(answer, Download):
        return _download(answer)
    body = operation.resource.encode(ctx, operation, answer)
    return Reply(operation.status, body)


def _download(answer: Download) -> Reply:
    # Always an attachment: a browser must not run what somebody uploaded.
    name = quote(answer.name.encode("utf-8", "replace"), safe="")
    reply = Reply(200, answer.content, "application/octet-stream")
    reply.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return reply


def _refused(refusal: Refusal, world: World) -> Reply:
    return Reply(refusal.status, envelope(refusal, world.clock.now()))


def _gap(operation: KnownOperation, world: World) -> Reply:
    response = _refused(refuse("gap", operation=operation.key), world)
    response.headers[GAP_HEADER] = operation.key
    return response
