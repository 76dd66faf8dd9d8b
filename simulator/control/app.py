"""The control plane: worlds, clock, outbox and what BILL's side does, below /_sim."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulator.control.problems import Problem, problems
from simulator.core.bankdays import add_bank_days, pacific_date
from simulator.core.clock import ClockMode
from simulator.core.context import Ctx
from simulator.core.errors import Refusal
from simulator.core.outbox import Message
from simulator.core.rows import iso
from simulator.core.world import World
from simulator.resources.catalogue import known_operations, operations, simulations
from simulator.resources.partners import partners
from simulator.resources.sync_tokens import sync_tokens
from simulator.resources.users import users
from simulator.settings import Behaviour
from simulator.version import VERSION
from simulator.worlds import DEFAULT, NameTaken, Worlds

M = TypeVar("M", bound=BaseModel)

WORLDS: web.AppKey[Worlds] = web.AppKey("worlds", Worlds)
_LARGEST_BODY = 64 * 1024


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WorldRequest(_Request):
    """A new world; with `start` its clock stands frozen there.

    `behaviour` holds the settings in which it differs from the server's.
    """

    name: Annotated[str, Field(pattern="^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$")] | None = None
    seed: Annotated[int, Field(ge=0)] | None = None
    start: datetime | None = None
    behaviour: dict[str, Any] | None = None
    scenario: str | None = None


class ClockRequest(_Request):
    """The clock's mode and present instant."""

    mode: ClockMode | None = None
    now: datetime | None = None


class AdvanceRequest(_Request):
    """How far to move the clock: exactly one member."""

    seconds: float | None = None
    days: float | None = None
    businessDays: int | None = None  # noqa: N815 - the frozen name of the control plane
    to: datetime | None = None


class SimulateRequest(BaseModel):
    """What BILL's side does, and to which record; further members are its details."""

    model_config = ConfigDict(extra="allow")

    event: str
    id: str | None = None


def make_control_app(worlds: Worlds) -> web.Application:
    """The application below /_sim."""
    app = web.Application(middlewares=[problems])
    app[WORLDS] = worlds
    app.router.add_get("/health", health)
    app.router.add_get("/operations", list_operations)
    app.router.add_get("/simulate", list_simulations)
    app.router.add_get("/worlds", list_worlds)
    app.router.add_post("/worlds", make_world)
    app.router.add_get("/worlds/{world}", in_world(get_world))
    app.router.add_delete("/worlds/{world}", in_world(remove_world))
    app.router.add_get("/worlds/{world}/clock", in_world(get_clock))
    app.router.add_patch("/worlds/{world}/clock", in_world(set_clock))
    app.router.add_post("/worlds/{world}/clock/advance", in_world(advance_clock))
    app.router.add_get("/worlds/{world}/outbox", in_world(list_outbox))
    app.router.add_post("/worlds/{world}/simulate", in_world(simulate))
    for method, path in _UNBUILT:
        app.router.add_route(method, path, unbuilt)
    return app


# Names of the control plane's public surface that are still to be built.
_UNBUILT = (
    ("GET", "/openapi.json"),
    ("POST", "/worlds/{world}/reset"),
    ("POST", "/worlds/{world}/fork"),
    ("POST", "/worlds/{world}/snapshots"),
    ("GET", "/worlds/{world}/snapshots"),
    ("POST", "/worlds/{world}/snapshots/{name}/restore"),
    ("GET", "/worlds/{world}/state"),
    ("PUT", "/worlds/{world}/state"),
    ("GET", "/worlds/{world}/diff"),
    ("GET", "/worlds/{world}/requests"),
    ("GET", "/worlds/{world}/requests/{id}"),
    ("GET", "/worlds/{world}/limits"),
    ("PATCH", "/worlds/{world}/limits"),
    ("POST", "/worlds/{world}/faults"),
    ("GET", "/worlds/{world}/faults"),
    ("DELETE", "/worlds/{world}/faults"),
    ("GET", "/worlds/{world}/deliveries"),
    ("POST", "/worlds/{world}/deliveries/{id}/replay"),
    ("POST", "/worlds/{world}/evaluate"),
)


async def unbuilt(request: web.Request) -> web.Response:
    """Say that a part of the control plane does not exist yet, rather than 404."""
    raise Problem(501, f"{request.method} {request.path} is not built yet.")


def in_world(
    handler: Callable[[web.Request, World], Awaitable[web.Response]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Give a handler the world its path names; refuse one that is not there."""

    async def found(request: web.Request) -> web.Response:
        name = request.match_info["world"]
        world = request.app[WORLDS].find(name)
        if world is None:
            raise Problem(404, f"There is no world {name!r}.")
        return await handler(request, world)

    return found


async def _read(request: web.Request, model: type[M]) -> M:
    raw = await request.read()
    if len(raw) > _LARGEST_BODY:
        raise Problem(413, f"The body has {len(raw)} bytes; at most {_LARGEST_BODY} are read.")
    try:
        return model.model_validate_json(raw or b"{}")
    except ValidationError as failure:
        raise Problem(400, _faults(failure)) from None


def _faults(failure: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, error['loc'])) or 'body'}: {error['msg']}"
        for error in failure.errors(include_url=False)
    )


def _json(data: Any, status: int = 200) -> web.Response:
    return web.json_response(data, status=status)


async def health(request: web.Request) -> web.Response:
    """Tell that the server is ready."""
    return _json({"status": "ok", "version": VERSION})


async def list_operations(request: web.Request) -> web.Response:
    """List every operation of BILL, built or gap, with its evidence."""
    built = operations()
    results = []
    for known in known_operations():
        operation = built.get(known.key)
        entry: dict[str, Any] = {
            "method": known.method,
            "path": known.path,
            "group": known.group,
            "status": "implemented" if operation else "gap",
        }
        if operation:
            entry["summary"] = operation.summary
            entry["evidence"] = {
                "basis": operation.evidence.basis,
                "source": operation.evidence.source,
            }
        results.append(entry)
    return _json({"results": results})


async def list_simulations(request: web.Request) -> web.Response:
    """List what BILL's side can be made to do."""
    return _json(
        {
            "results": [
                {"event": found.event, "on": found.resource.name, "summary": found.summary}
                for found in simulations().values()
            ]
        }
    )


def _origin(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}"


def describe(world: World, origin: str) -> dict[str, Any]:
    """The credentials object of a world."""
    credentials = world.credentials
    assert credentials is not None
    people = world.table(users.name, credentials.organization_id)
    [token] = world.table(sync_tokens.name, credentials.organization_id)
    [partner] = world.table(partners.name, "")
    return {
        "world": world.name,
        "baseUrl": f"{origin}/connect",
        "eventsUrl": f"{origin}/connect-events",
        "devKey": credentials.dev_key,
        "appKey": credentials.app_key,
        "apiToken": credentials.api_token,
        "organizationId": credentials.organization_id,
        "username": credentials.username,
        "password": credentials.password,
        "syncToken": {"name": token.name, "value": token.value},
        "partner": {"username": partner.username, "password": partner.password},
        "users": [
            {
                "userId": user.id,
                "username": user.username,
                "password": user.password,
                "role": user.role.type,
            }
            for user in people
        ],
    }


def _counts(world: World) -> dict[str, int]:
    counts: dict[str, int] = {}
    for (name, _), table in world.tables.items():
        counts[name] = counts.get(name, 0) + len(table)
    return counts


async def list_worlds(request: web.Request) -> web.Response:
    """List the worlds, newest first."""
    worlds = request.app[WORLDS]
    made = reversed(list(worlds))
    origin = _origin(request)
    return _json({"results": [describe(world, origin) for world in made]})


async def make_world(request: web.Request) -> web.Response:
    """Make a world and answer its credentials."""
    wanted = await _read(request, WorldRequest)
    if wanted.scenario is not None:
        raise Problem(501, "Scenarios are not built yet; leave scenario out.")
    if wanted.start is not None:
        _check_instant(wanted.start, "start")
    worlds = request.app[WORLDS]
    behaviour = _behaviour(worlds, wanted.behaviour or {})
    try:
        world = worlds.make(wanted.name, wanted.seed, wanted.start, behaviour)
    except NameTaken:
        raise Problem(409, f"name: there is a world {wanted.name!r} already.") from None
    return _json(describe(world, _origin(request)), status=201)


def _behaviour(worlds: Worlds, given: dict[str, Any]) -> Behaviour:
    try:
        return Behaviour(**{**worlds.behaviour.model_dump(), **given})
    except ValidationError as failure:
        raise Problem(400, f"behaviour.{_faults(failure)}") from None


async def get_world(request: web.Request, world: World) -> web.Response:
    """Tell a world's credentials and how many records it holds."""
    return _json({**describe(world, _origin(request)), "counts": _counts(world)})


async def remove_world(request: web.Request, world: World) -> web.Response:
    """Forget a world."""
    if world.name == DEFAULT:
        raise Problem(409, "The default world cannot be removed.")
    request.app[WORLDS].remove(world.name)
    return web.Response(status=204)


def _clock(world: World) -> dict[str, Any]:
    return {"now": iso(world.clock.now()), "mode": world.clock.mode}


async def get_clock(request: web.Request, world: World) -> web.Response:
    """Tell a world's time."""
    world.catch_up()
    return _json(_clock(world))


async def set_clock(request: web.Request, world: World) -> web.Response:
    """Set a world's clock; what falls due on the way happens."""
    wanted = await _read(request, ClockRequest)
    if wanted.now is not None:
        _move(world, wanted.now, "now")
    if wanted.mode is ClockMode.FROZEN:
        world.clock.freeze()
    elif wanted.mode is ClockMode.LIVE:
        world.clock.run()
    world.catch_up()
    return _json(_clock(world))


def _check_instant(instant: datetime, member: str) -> None:
    if instant.tzinfo is None:
        raise Problem(400, f"{member}: an offset is missing; write 2026-01-05T09:00:00+00:00.")
    # Bodies take the same years as dates; beyond them, offsets and bank days run out.
    if not 1900 <= instant.year <= 9000:
        raise Problem(400, f"{member}: the year {instant.year} is not between 1900 and 9000.")


def _move(world: World, to: datetime, member: str) -> list[dict[str, Any]]:
    _check_instant(to, member)
    try:
        fired = world.advance_to(to)
    except ValueError as refusal:
        raise Problem(409, f"{member}: {refusal}; it is {iso(world.clock.now())}.") from None
    return [{"at": iso(timer.at), "kind": timer.kind, "args": timer.args} for timer in fired]


async def advance_clock(request: web.Request, world: World) -> web.Response:
    """Move a world's clock on; answers after everything due has happened."""
    wanted = await _read(request, AdvanceRequest)
    given = wanted.model_dump(exclude_none=True)
    if len(given) != 1:
        raise Problem(400, "Give exactly one of seconds, days, businessDays, to.")
    member, value = next(iter(given.items()))
    now = world.clock.now()
    try:
        if member == "to":
            to = value
        elif member == "businessDays":
            if value < 0:
                raise Problem(400, f"businessDays: {value} is negative.")
            # Never fewer days than bank days: what is too far is seen without counting.
            _check_instant(now + timedelta(days=value), member)
            today = pacific_date(now)
            to = now + (add_bank_days(today, value) - today)
        else:
            to = now + timedelta(**{member: value})
    except (OverflowError, ValueError):
        raise Problem(400, f"{member}: {value} is too far.") from None
    fired = _move(world, to, member)
    return _json({**_clock(world), "fired": fired})


async def list_outbox(request: web.Request, world: World) -> web.Response:
    """List what BILL would have sent, newest first."""
    kind = request.query.get("kind")
    if kind not in (None, "sms", "email"):
        raise Problem(400, f"kind: {kind!r} is neither sms nor email.")
    world.catch_up()
    messages: list[Message] = [
        message for message in world.table("outbox", "") if kind in (None, message.kind)
    ]
    parts = b",".join(message.wire() for message in reversed(messages))
    return web.Response(body=b'{"results":[%s]}' % parts, content_type="application/json")


async def simulate(request: web.Request, world: World) -> web.Response:
    """Let something happen on BILL's side."""
    wanted = await _read(request, SimulateRequest)
    found = simulations().get(wanted.event)
    if found is None:
        known = ", ".join(sorted(simulations()))
        raise Problem(400, f"event: {wanted.event!r} is not one of {known}.")
    if wanted.id is None:
        raise Problem(400, f"id: {wanted.event} needs the id of a record.")
    world.catch_up()
    resource = found.resource
    for (name, organization_id), table in list(world.tables.items()):
        if name == resource.name and table.find(wanted.id):
            ctx = Ctx(world, world.clock.now(), organization_id)
            try:
                row = world.perform(ctx, found.run, wanted.id, wanted.model_extra or {})
            except ValueError as refusal:
                raise Problem(409, f"{refusal}.") from None
            except Refusal as refusal:
                raise Problem(409, str(refusal)) from None
            record = json.loads(resource.wire(ctx, row, reading=True))
            return _json({"event": wanted.event, "record": record})
    raise Problem(404, f"id: {wanted.id!r} is no record of {resource.name}.")
