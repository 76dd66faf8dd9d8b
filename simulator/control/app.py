"""The control plane: worlds, clock, outbox and what BILL's side does, below /_sim."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from simulator.control import clock, history, making, traffic
from simulator.control.calls import WORLDS, answer, in_world, read_body
from simulator.control.problems import Problem, problems
from simulator.core.context import Ctx
from simulator.core.errors import Refusal
from simulator.core.outbox import Message
from simulator.core.world import World
from simulator.resources.catalogue import known_operations, operations, simulations
from simulator.version import VERSION
from simulator.worlds import Worlds


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
    app.router.add_get("/worlds", making.list_worlds)
    app.router.add_post("/worlds", making.make_world)
    app.router.add_get("/worlds/{world}", in_world(making.get_world))
    app.router.add_delete("/worlds/{world}", in_world(making.remove_world))
    app.router.add_get("/worlds/{world}/clock", in_world(clock.get_clock))
    app.router.add_patch("/worlds/{world}/clock", in_world(clock.set_clock))
    app.router.add_post("/worlds/{world}/clock/advance", in_world(clock.advance_clock))
    app.router.add_get("/worlds/{world}/outbox", in_world(list_outbox))
    app.router.add_post("/worlds/{world}/simulate", in_world(simulate))
    app.router.add_get("/worlds/{world}/limits", in_world(traffic.get_limits))
    app.router.add_patch("/worlds/{world}/limits", in_world(traffic.set_limits))
    app.router.add_get("/worlds/{world}/faults", in_world(traffic.list_faults))
    app.router.add_post("/worlds/{world}/faults", in_world(traffic.add_fault))
    app.router.add_delete("/worlds/{world}/faults", in_world(traffic.clear_faults))
    app.router.add_post("/worlds/{world}/reset", in_world(history.reset))
    app.router.add_post("/worlds/{world}/fork", in_world(history.fork))
    app.router.add_get("/worlds/{world}/snapshots", in_world(history.list_snapshots))
    app.router.add_post("/worlds/{world}/snapshots", in_world(history.keep))
    app.router.add_post("/worlds/{world}/snapshots/{name}/restore", in_world(history.go_back))
    app.router.add_get("/worlds/{world}/diff", in_world(history.diff))
    for method, path in _UNBUILT:
        app.router.add_route(method, path, unbuilt)
    return app


# Names of the control plane's public surface that are still to be built.
_UNBUILT = (
    ("GET", "/openapi.json"),
    ("GET", "/worlds/{world}/state"),
    ("PUT", "/worlds/{world}/state"),
    ("GET", "/worlds/{world}/requests"),
    ("GET", "/worlds/{world}/requests/{id}"),
    ("GET", "/worlds/{world}/deliveries"),
    ("POST", "/worlds/{world}/deliveries/{id}/replay"),
    ("POST", "/worlds/{world}/evaluate"),
)


async def unbuilt(request: web.Request) -> web.Response:
    """Say that a part of the control plane does not exist yet, rather than 404."""
    raise Problem(501, f"{request.method} {request.path} is not built yet.")


async def health(request: web.Request) -> web.Response:
    """Tell that the server is ready."""
    return answer({"status": "ok", "version": VERSION})


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
    return answer({"results": results})


async def list_simulations(request: web.Request) -> web.Response:
    """List what BILL's side can be made to do."""
    return answer(
        {
            "results": [
                {"event": found.event, "on": found.resource.name, "summary": found.summary}
                for found in simulations().values()
            ]
        }
    )


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
    wanted = await read_body(request, SimulateRequest)
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
            return answer({"event": wanted.event, "record": record})
    raise Problem(404, f"id: {wanted.id!r} is no record of {resource.name}.")
