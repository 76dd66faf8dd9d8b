"""The way of a request, from bytes to bytes.

First `find_operation`, then `read_request`. `ADMISSION` tells whether the call
is taken and whether it waits; from there on nothing waits, and the order stands
in `STEPS`. The journal tells which step made the answer, by its name and the
first line of its docstring.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from simulator.core.context import Ctx
from simulator.core.errors import Refusal, as_catalogued, refuse
from simulator.core.faults import FAULT_HEADER, Drop, Fault, asked_for
from simulator.core.ids import is_uuid4
from simulator.core.resource import Access
from simulator.core.world import World
from simulator.gateway.exchange import Exchange, Target
from simulator.gateway.reading import query_texts, read_raw
from simulator.gateway.reply import Reply
from simulator.gateway.routing import MethodUnknown, Router
from simulator.gateway.validation import read_body, read_query
from simulator.resources import sessions
from simulator.resources.catalogue import KnownOperation
from simulator.resources.deliveries import Delivery
from simulator.resources.notification_rows import notifications
from simulator.worlds import Worlds

log = logging.getLogger(__name__)

GAP_HEADER = "X-Sim-Gap"
IDEMPOTENT_KEY = "X-Idempotent-Key"

# Spend & Expense, and the service that its notifications are subscribed to.
_BY_TOKEN = ("/connect/v3/spend/", "/connect-events/")

Send = Callable[[World, Delivery], Awaitable[object]]


class _Cut(Exception):
    """The connection is to be cut without an answer."""


class Gateway:
    """Serves BILL's paths for the worlds of one server."""

    def __init__(self, worlds: Worlds, router: Router[Target], send: Send | None = None) -> None:
        self.worlds = worlds
        self.router = router
        # Tries a delivery of a notification.
        self._send = send

    async def handle(self, request: web.Request) -> Reply:
        """Answer one request; always in BILL's envelope if it is refused."""
        exchange = Exchange(request, self._caller(request), find_operation)
        try:
            reply = await self._answer(exchange)
        except Refusal as refusal:
            reply = exchange.refuse(refusal)
        except MethodUnknown as unknown:
            reply = exchange.refuse(refuse("method.unsupported", method=request.method))
            reply.headers["Allow"] = ", ".join(unknown.allowed)
        except web.HTTPRequestEntityTooLarge:
            reply = exchange.refuse(refuse("body.too_large"))
        except _Cut:
            if request.transport is not None:
                request.transport.abort()
            exchange.note(None)
            return Reply(200)
        except ConnectionError:
            # The client is gone; nobody waits for an answer.
            exchange.note(None)
            raise
        except Exception as failure:
            log.exception("%s %s failed", request.method, request.path)
            reply = exchange.refuse(refuse("BDC_1001"), failure)
        exchange.note(reply)
        return reply

    def _caller(self, request: web.Request) -> World:
        """The world of the keys in the headers; the default one if they name none.

        It tells the time of a refusal that comes before the world is known for
        certain, and has it in its journal.
        """
        worlds, headers = self.worlds, request.headers
        world = worlds.by_dev_key(headers.get("devKey", ""))
        return (
            world
            or worlds.by_app_key(headers.get("appKey", ""))
            or worlds.by_api_token(headers.get("apiToken", ""))
            or worlds.default
        )

    async def _answer(self, exchange: Exchange) -> Reply:
        try:
            find_operation(self, exchange)
            if isinstance(exchange.target, KnownOperation):
                exchange.step = count_by_token
                count_by_token(self, exchange)
                exchange.step = find_operation
                return _gap(exchange, exchange.target)
            exchange.step = read_request
            await read_request(self, exchange)
            for step in ADMISSION:
                exchange.step = step
                step(self, exchange)
            if exchange.pause is not None:
                await asyncio.sleep(exchange.pause)
            for step in STEPS:
                exchange.step = step
                step(self, exchange)
            if exchange.operation.delivers:
                await self._deliver(exchange)
            reply = exchange.complete()
        finally:
            if exchange.place is not None:
                exchange.world.limiter.leave(*exchange.place)
            if exchange.held is not None:
                exchange.world.keys_in_use.discard(exchange.held)
        if exchange.drop is Drop.AFTER:
            raise _Cut
        return reply

    async def _deliver(self, exchange: Exchange) -> None:
        """Try the delivery that was made; the answer is its notification."""
        delivery: Delivery = exchange.answer
        if self._send is not None:
            await self._send(exchange.world, delivery)
        assert exchange.ctx is not None
        exchange.answer = exchange.ctx.find(notifications, delivery.notification_id)
        if exchange.answer is None:
            # The world has gone back to another state meanwhile.
            raise refuse("notification.unknown")


def find_operation(gateway: Gateway, exchange: Exchange) -> None:
    """The path must be one of BILL's, and be there for the method."""
    request = exchange.request
    # Spring answers HEAD as GET without the body; aiohttp leaves the body out.
    method = "GET" if request.method == "HEAD" else request.method
    found = gateway.router.find(method, request.rel_url.raw_path)
    if found is None:
        raise refuse("BDC_1121")
    exchange.target, exchange.parameters = found
    if not isinstance(exchange.target, KnownOperation):
        exchange.operation = exchange.target


async def read_request(gateway: Gateway, exchange: Exchange) -> None:
    """Size and media type of the body must be what BILL takes."""
    if exchange.operation.body is not None:
        is_file = exchange.operation.body is bytes
        exchange.raw = await read_raw(exchange.request, is_file=is_file)


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
        case Access.NOTHING:
            world = exchange.world
        case Access.EVENTS if exchange.by_token:
            exchange.key = headers["apiToken"]
            world = worlds.by_api_token(exchange.key)
            if world is None:
                raise refuse("token.invalid")
        case access if access is Access.PARTNER or (
            access in (Access.ANY_SESSION, Access.EVENTS) and "appKey" in headers
        ):
            exchange.key = _header(exchange, "appKey")
            world = worlds.by_app_key(exchange.key)
        case _:
            exchange.key = _header(exchange, "devKey")
            world = worlds.by_dev_key(exchange.key)
    if world is None:
        raise refuse("BDC_1102", http_status=status).because("No world of this server has the key.")
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


def hold_idempotent_key(gateway: Gateway, exchange: Exchange) -> None:
    """A key whose first request is still under way gets 429."""
    given = exchange.request.headers.get(IDEMPOTENT_KEY)
    if not exchange.operation.idempotent or given is None:
        return
    held = (exchange.key or "", given)
    if held in exchange.world.keys_in_use:
        raise refuse("idempotent_key.in_use")
    exchange.world.keys_in_use.add(held)
    exchange.held = held


def strike(gateway: Gateway, exchange: Exchange) -> None:
    """A fault that somebody asked for hits this call."""
    world, request = exchange.world, exchange.request
    fault: Fault | None = None
    if world.behaviour.fault_header and FAULT_HEADER in request.headers:
        fault = asked_for(request.headers[FAULT_HEADER])
    elif world.faults.listed:
        fault = world.faults.strike(request.method, exchange.operation.path, request.path)
    if fault is None:
        return
    exchange.fault = fault
    effect = fault.request.effect
    if effect.latency_ms is not None:
        exchange.pause = effect.latency_ms / 1000
    elif effect.code is not None:
        raise as_catalogued(effect.code, effect.status)
    elif effect.drop is Drop.BEFORE:
        raise _Cut
    exchange.drop = effect.drop


def catch_up_clock(gateway: Gateway, exchange: Exchange) -> None:
    """What fell due before this request happens before it."""
    exchange.timers = exchange.world.catch_up()


_WITHOUT_SESSION = (Access.SIGN_IN, Access.PARTNER_SIGN_IN, Access.NOTHING)


def authenticate(gateway: Gateway, exchange: Exchange) -> None:
    """The session must live, belong to the key, and be of the kind that the call takes."""
    world, request = exchange.world, exchange.request
    now = world.clock.now()
    access = exchange.operation.access
    organization_id = ""
    if access not in _WITHOUT_SESSION and not exchange.by_token:
        session_id = _header(exchange, "sessionId")
        either = access in (Access.ANY_SESSION, Access.EVENTS)
        partner = None if either else access is Access.PARTNER
        session = sessions.authenticate(world, now, session_id, exchange.key, partner)
        organization_id = session.organization_id
        if access is Access.PARTNER:
            organization_id = request.headers.get("organizationId", "")
        exchange.session = session
    origin = f"{request.scheme}://{request.host}"
    exchange.ctx = Ctx(world, now, organization_id, exchange.session, origin)


def count_call(gateway: Gateway, exchange: Exchange) -> None:
    """A devKey's calls and sign-ins are counted by the hour (BDC_1144), an apiToken's by minute."""
    assert exchange.ctx is not None
    limiter, key, now = exchange.world.limiter, exchange.key or "", exchange.ctx.now
    if exchange.by_token:
        limiter.spend(key, now)
        return
    limiter.call(key, now)
    if exchange.operation.access in (Access.SIGN_IN, Access.PARTNER_SIGN_IN):
        limiter.login(key, now)


def count_by_token(gateway: Gateway, exchange: Exchange) -> None:
    """Calls of an apiToken are counted by the minute; those of operations not built as well."""
    assert exchange.target is not None
    token = exchange.request.headers.get("apiToken", "")
    world = gateway.worlds.by_api_token(token)
    if world is not None and exchange.target.path.startswith(_BY_TOKEN):
        exchange.world = world
        world.limiter.spend(token, world.clock.now())


def check_trust(gateway: Gateway, exchange: Exchange) -> None:
    """Some operations ask for an MFA-trusted session, before anything of the body."""
    if exchange.operation.trusted and exchange.ctx is not None:
        sessions.require_trust(exchange.ctx)


def check_role(gateway: Gateway, exchange: Exchange) -> None:
    """The user's role must allow the operation."""
    session = exchange.session
    roles = exchange.operation.roles
    if session is not None and session.role not in roles:
        raise refuse("BDC_1145").because(
            f"The user is {session.role}; the operation takes {', '.join(sorted(roles))}.",
            role=session.role,
            allowed=sorted(roles),
        )


def check_idempotent_key(gateway: Gateway, exchange: Exchange) -> None:
    """A call that must not be done twice brings a UUID4 of its own."""
    if exchange.operation.idempotent and not is_uuid4(_header(exchange, IDEMPOTENT_KEY)):
        raise refuse("field.invalid", field=IDEMPOTENT_KEY)


def validate_body(gateway: Gateway, exchange: Exchange) -> None:
    """The body must be what the operation takes."""
    operation = exchange.operation
    if operation.body is bytes:
        exchange.body = exchange.raw
    elif operation.body is not None and exchange.body is None:
        exchange.body = read_body(operation.body, exchange.raw)


def read_arguments(gateway: Gateway, exchange: Exchange) -> None:
    """Query parameters, filters and sorts must be what the operation takes."""
    exchange.arguments = _arguments(exchange)


def run_operation(gateway: Gateway, exchange: Exchange) -> None:
    """The operation's own rules must hold."""
    assert exchange.ctx is not None
    run = exchange.operation.run
    answer = exchange.world.perform(exchange.ctx, run, *exchange.arguments)
    if isinstance(answer, Refusal):
        raise answer
    exchange.answer = answer


# Before a call may wait for its turn.
ADMISSION: tuple[Callable[[Gateway, Exchange], None], ...] = (
    find_world,
    take_place,
    hold_idempotent_key,
    strike,
)

STEPS: tuple[Callable[[Gateway, Exchange], None], ...] = (
    catch_up_clock,
    authenticate,
    count_call,
    check_trust,
    check_role,
    check_idempotent_key,
    validate_body,
    read_arguments,
    run_operation,
)


def _arguments(exchange: Exchange) -> list[Any]:
    operation = exchange.operation
    arguments: list[Any] = [*exchange.parameters]
    if operation.query is not None or operation.listing is not None:
        texts = query_texts(exchange.request)
        if operation.query is not None:
            arguments.append(read_query(operation.query, texts))
        if operation.listing is not None:
            four = (texts.get(name) for name in ("max", "page", "filters", "sort"))
            arguments.append(operation.listing.read(*four))
    if operation.idempotent:
        arguments.append(exchange.request.headers[IDEMPOTENT_KEY])
    if operation.body is not None:
        arguments.append(exchange.body)
    return arguments


def _gap(exchange: Exchange, operation: KnownOperation) -> Reply:
    reply = exchange.refuse(refuse("gap", operation=operation.key))
    reply.headers[GAP_HEADER] = operation.key
    return reply
