"""What BILL's side is made to do: the catalog, and letting one of it happen."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from simulator.control.calls import answer, read_body
from simulator.control.problems import Problem
from simulator.core.context import Ctx
from simulator.core.errors import Refusal
from simulator.core.simulations import Details, Simulation
from simulator.core.world import World
from simulator.resources.catalogue import simulations


class SimulateRequest(BaseModel):
    """What BILL's side does, and to which record; further members are its details."""

    model_config = ConfigDict(extra="allow")

    event: str
    id: str | None = None


async def list_simulations(request: web.Request) -> web.Response:
    """List what BILL's side can be made to do."""
    return answer({"results": [_entry(found) for found in simulations().values()]})


def _entry(found: Simulation) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "event": found.event,
        "on": found.resource.name,
        "summary": found.summary,
        "details": found.details.model_json_schema(),
        "evidence": {"basis": found.evidence.basis, "source": found.evidence.source},
    }
    if found.states is not None:
        entry["states"] = {"member": found.states.member, "values": found.states.values}
    if found.course:
        entry["course"] = found.course
    return entry


async def simulate(request: web.Request, world: World) -> web.Response:
    """Let something happen on BILL's side."""
    wanted = await read_body(request, SimulateRequest)
    found = simulations().get(wanted.event)
    if found is None:
        known = ", ".join(sorted(simulations()))
        raise Problem(400, f"event: {wanted.event!r} is not one of {known}.")
    if wanted.id is None:
        raise Problem(400, f"id: {wanted.event} needs the id of a record.")
    details = _details(found, wanted.model_extra or {})
    world.catch_up()
    resource = found.resource
    for (name, organization_id), table in list(world.tables.items()):
        if name == resource.name and table.find(wanted.id):
            ctx = Ctx(world, world.clock.now(), organization_id)
            try:
                row = world.perform(ctx, found.happen, wanted.id, details)
            except ValueError as refusal:
                raise Problem(409, f"{refusal}.") from None
            except Refusal as refusal:
                raise Problem(409, str(refusal)) from None
            record = json.loads(resource.wire(ctx, row, reading=True))
            return answer({"event": wanted.event, "record": record})
    raise Problem(404, f"id: {wanted.id!r} is no record of {resource.name}.")


def _details(found: Simulation, members: dict[str, Any]) -> Details:
    """The details of an event. Raises Problem, which names each faulty member and its value."""
    try:
        return found.details.model_validate(members)
    except ValidationError as failure:
        told = [_fault(found, error) for error in failure.errors(include_url=False)]
        raise Problem(400, f"{'; '.join(told)}.") from None


def _fault(found: Simulation, error: Any) -> str:
    member = ".".join(map(str, error["loc"])) or "details"
    if error["type"] == "missing":
        return f"{member}: {found.event} needs it"
    if error["type"] == "extra_forbidden":
        fields = found.details.model_fields.items()
        known = ", ".join(field.alias or name for name, field in fields)
        return f"{member}: {found.event} knows no such detail, but {known or 'none at all'}"
    return f"{member}: {error['msg']}, not {error['input']!r}"
