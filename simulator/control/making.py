"""Making, telling and forgetting worlds. /_sim/worlds"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field, ValidationError

from simulator.control.calls import WORLDS, ControlRequest, answer, faults_of, read_body
from simulator.control.clock import check_instant
from simulator.control.problems import Problem
from simulator.core.world import World
from simulator.resources.partners import partners
from simulator.resources.sync_tokens import sync_tokens
from simulator.resources.users import users
from simulator.settings import Behaviour
from simulator.worlds import DEFAULT, NameTaken, Worlds


class WorldRequest(ControlRequest):
    """A new world; with `start` its clock stands frozen there.

    `behaviour` holds the settings in which it differs from the server's.
    """

    name: Annotated[str, Field(pattern="^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$")] | None = None
    seed: Annotated[int, Field(ge=0)] | None = None
    start: datetime | None = None
    behaviour: dict[str, Any] | None = None
    scenario: str | None = None


def origin_of(request: web.Request) -> str:
    """Where the caller reached the server."""
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
    origin = origin_of(request)
    return answer({"results": [describe(world, origin) for world in made]})


async def make_world(request: web.Request) -> web.Response:
    """Make a world and answer its credentials."""
    wanted = await read_body(request, WorldRequest)
    if wanted.scenario is not None:
        raise Problem(501, "Scenarios are not built yet; leave scenario out.")
    if wanted.start is not None:
        check_instant(wanted.start, "start")
    worlds = request.app[WORLDS]
    behaviour = _behaviour(worlds, wanted.behaviour or {})
    try:
        world = worlds.make(wanted.name, wanted.seed, wanted.start, behaviour)
    except NameTaken:
        raise Problem(409, f"name: there is a world {wanted.name!r} already.") from None
    return answer(describe(world, origin_of(request)), status=201)


def _behaviour(worlds: Worlds, given: dict[str, Any]) -> Behaviour:
    try:
        return Behaviour(**{**worlds.behaviour.model_dump(), **given})
    except ValidationError as failure:
        raise Problem(400, f"behaviour.{faults_of(failure)}") from None


async def get_world(request: web.Request, world: World) -> web.Response:
    """Tell a world's credentials and how many records it holds."""
    return answer({**describe(world, origin_of(request)), "counts": _counts(world)})


async def remove_world(request: web.Request, world: World) -> web.Response:
    """Forget a world."""
    if world.name == DEFAULT:
        raise Problem(409, "The default world cannot be removed.")
    request.app[WORLDS].remove(world.name)
    return web.Response(status=204)
