"""The control plane: worlds, clock, outbox and what BILL's side does, below /_sim."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from simulator.control import (
    clock,
    history,
    journal,
    making,
    metrics,
    simulate,
    state,
    traffic,
    webhooks,
)
from simulator.control.calls import WORLDS, answer, in_world
from simulator.control.guard import Guard, guarded_by
from simulator.control.pages import add_pages
from simulator.control.problems import Problem, problems
from simulator.core.outbox import Message
from simulator.core.world import World
from simulator.resources.catalogue import known_operations, operations
from simulator.version import VERSION
from simulator.worlds import Worlds


def make_control_app(worlds: Worlds, guard: Guard | None = None) -> web.Application:
    """The application below /_sim; without a `guard`, that of a loopback address."""
    app = web.Application(middlewares=[problems, guarded_by(guard or Guard("127.0.0.1"))])
    app[WORLDS] = worlds
    app.router.add_get("/health", health)
    app.router.add_get("/metrics", metrics.get_metrics)
    app.router.add_get("/operations", list_operations)
    app.router.add_get("/simulate", simulate.list_simulations)
    app.router.add_get("/scenarios", _of_scenarios("list_scenarios"))
    app.router.add_get("/scenarios/{name}", _of_scenarios("get_scenario"))
    app.router.add_get("/worlds", making.list_worlds)
    app.router.add_post("/worlds", making.make_world)
    app.router.add_get("/worlds/{world}", in_world(making.get_world))
    app.router.add_delete("/worlds/{world}", in_world(making.remove_world))
    app.router.add_get("/worlds/{world}/clock", in_world(clock.get_clock))
    app.router.add_patch("/worlds/{world}/clock", in_world(clock.set_clock))
    app.router.add_post("/worlds/{world}/clock/advance", in_world(clock.advance_clock))
    app.router.add_get("/worlds/{world}/outbox", in_world(list_outbox))
    app.router.add_get("/worlds/{world}/deliveries", in_world(webhooks.list_deliveries))
    app.router.add_post("/worlds/{world}/deliveries/{id}/replay", in_world(webhooks.replay))
    app.router.add_post("/worlds/{world}/simulate", in_world(simulate.simulate))
    app.router.add_get("/worlds/{world}/requests", in_world(journal.list_requests))
    app.router.add_get("/worlds/{world}/requests/{id}", in_world(journal.get_request))
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
    app.router.add_get("/worlds/{world}/state", in_world(state.get_state))
    app.router.add_put("/worlds/{world}/state", in_world(state.put_state))
    app.router.add_get("/state", state.get_file)
    app.router.add_post("/state/save", state.save_file)
    app.router.add_post("/worlds/{world}/evaluate", in_world(_of_scenarios("evaluate_world")))
    add_pages(app.router)
    return app


def _of_scenarios(name: str) -> Callable[..., Awaitable[web.StreamResponse]]:
    """A handler of `control.scenarios`, imported with its models when the first call asks."""

    async def handle(request: web.Request, *world: World) -> web.StreamResponse:
        from simulator.control import scenarios

        answered: web.StreamResponse = await getattr(scenarios, name)(request, *world)
        return answered

    return handle


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
