"""Limits on calls, and faults for some of them. /_sim/worlds/{w}/limits and /faults"""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import ValidationError

from simulator.control.calls import answer, faults_of, read_body, read_json
from simulator.control.problems import Problem
from simulator.core.faults import Fault, FaultRequest
from simulator.core.limits import Limits
from simulator.core.world import World


def _limits(world: World) -> dict[str, Any]:
    limiter = world.limiter
    used = limiter.used(world.clock.now())
    return {**limiter.limits.model_dump(by_alias=True), "used": used}


async def get_limits(request: web.Request, world: World) -> web.Response:
    """Tell a world's limits and what is used of each."""
    return answer(_limits(world))


async def set_limits(request: web.Request, world: World) -> web.Response:
    """Change some limits; null switches one off."""
    given = await read_json(request)
    present = world.limiter.limits.model_dump(by_alias=True)
    try:
        world.limiter.limits = Limits.model_validate({**present, **given})
    except ValidationError as failure:
        raise Problem(400, faults_of(failure)) from None
    return answer(_limits(world))


def _fault(fault: Fault) -> dict[str, Any]:
    told = fault.request.model_dump(by_alias=True, exclude_none=True, mode="json")
    return {"id": fault.id, **told, "struck": fault.struck}


async def list_faults(request: web.Request, world: World) -> web.Response:
    """List the faults in force, newest first."""
    return answer({"results": [_fault(fault) for fault in reversed(world.faults.listed)]})


async def add_fault(request: web.Request, world: World) -> web.Response:
    """Put a fault in force."""
    fault = world.faults.add(await read_body(request, FaultRequest))
    return answer(_fault(fault), status=201)


async def clear_faults(request: web.Request, world: World) -> web.Response:
    """Take all faults back."""
    world.faults.clear()
    return web.Response(status=204)
