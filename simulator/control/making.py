"""Making, telling and forgetting worlds. /_sim/worlds"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field, ValidationError

from simulator.control.calls import WORLDS, ControlRequest, answer, faults_of, read_body
from simulator.control.clock import check_instant
from simulator.control.problems import Problem
from simulator.control.state import state_hash
from simulator.core.world import World
from simulator.resources.partners import partners
from simulator.resources.sync_tokens import sync_tokens
from simulator.resources.users import users
from simulator.scenarios.places import ScenarioError
from simulator.settings import Behaviour
from simulator.worlds import DEFAULT, NameTaken


class WorldRequest(ControlRequest):
    """A new world; with `start` its clock stands frozen there.

    `behaviour` holds the settings in which it differs from the server's, or from those of
    its `scenario`, which is the name of a shipped one, or one whole.
    """

    name: Annotated[str, Field(pattern="^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$")] | None = None
    seed: Annotated[int, Field(ge=0)] | None = None
    start: datetime | None = None
    behaviour: dict[str, Any] | None = None
    scenario: str | dict[str, Any] | None = None


def origin_of(request: web.Request) -> str:
    """Where the caller reached the server."""
    return f"{request.scheme}://{request.host}"


def describe(world: World, origin: str) -> dict[str, Any]:
    """The credentials object of a world."""
    credentials = world.credentials
    assert credentials is not None
    people = world.table(users.name, credentials.organization_id)
    # Whoever wrote a world's document may have left these out.
    token = next(iter(world.table(sync_tokens.name, credentials.organization_id)), None)
    partner = next(iter(world.table(partners.name, "")), None)
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
        "syncToken": token and {"name": token.name, "value": token.value},
        "partner": partner and {"username": partner.username, "password": partner.password},
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
    if wanted.start is not None:
        check_instant(wanted.start, "start")
    worlds = request.app[WORLDS]
    scenario = None
    present = worlds.behaviour
    if wanted.scenario is not None:
        if wanted.start is not None:
            raise Problem(400, "start: a scenario has a start of its own.")
        # Only worlds with a scenario need what reads one.
        from simulator.control.scenarios import wanted_scenario

        scenario = await wanted_scenario(wanted.scenario)
        present = scenario.behaves(present)
    behaviour = _behaviour(present, wanted.behaviour or {})
    try:
        world = worlds.make(wanted.name, wanted.seed, wanted.start, behaviour, scenario)
    except NameTaken:
        raise Problem(409, f"name: there is a world {wanted.name!r} already.") from None
    except ScenarioError as failure:
        from simulator.control.scenarios import refused

        raise refused(failure) from None
    return answer(_told(world, origin_of(request)), status=201)


def _told(world: World, origin: str) -> dict[str, Any]:
    told = describe(world, origin)
    if world.script is None:
        return told
    from simulator.control.scenarios import played_in

    return {**told, **played_in(world)}


def _behaviour(present: Behaviour, given: dict[str, Any]) -> Behaviour:
    try:
        return Behaviour(**{**present.model_dump(), **given})
    except ValidationError as failure:
        raise Problem(400, f"behaviour.{faults_of(failure)}") from None


async def get_world(request: web.Request, world: World) -> web.Response:
    """Tell a world's credentials and how many records it holds."""
    counts, hash = _counts(world), await state_hash(world)
    return answer({**_told(world, origin_of(request)), "counts": counts, "hash": hash})


async def remove_world(request: web.Request, world: World) -> web.Response:
    """Forget a world."""
    if world.name == DEFAULT:
        raise Problem(409, "The default world cannot be removed.")
    request.app[WORLDS].remove(world.name)
    return web.Response(status=204)
