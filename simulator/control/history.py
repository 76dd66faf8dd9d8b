"""Going back and comparing: reset, fork, snapshots, diff. /_sim/worlds/{w}/…"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field
from pydantic_core import to_jsonable_python

from simulator.control.calls import WORLDS, ControlRequest, answer, read_body
from simulator.control.making import describe, origin_of
from simulator.control.problems import Problem
from simulator.core.rows import iso
from simulator.core.snapshots import Change, Snapshot, changes
from simulator.core.world import World

# Each may hold as much as its world; nobody compares against more.
_MOST_SNAPSHOTS = 100
# What is kept beside records is no record: a diff leaves it out.
_NO_RECORDS = frozenset({"timers", "sessions", "scenario_records", "scenario_steps"})


class SnapshotRequest(ControlRequest):
    """A state to keep."""

    name: Annotated[str, Field(pattern="^[A-Za-z0-9._-]{1,100}$")]


async def reset(request: web.Request, world: World) -> web.Response:
    """Go back to the world's beginning, its clock included."""
    assert world.beginning is not None
    world.restore(world.beginning)
    if world.script is not None:
        world.script.set_stage(world)
    return answer(describe(world, origin_of(request)))


async def fork(request: web.Request, world: World) -> web.Response:
    """Make a copy of a world with credentials of its own."""
    world.catch_up()
    twin = request.app[WORLDS].fork(world)
    return answer(describe(twin, origin_of(request)), status=201)


def _snapshot(name: str, snapshot: Snapshot) -> dict[str, Any]:
    rows = sum(len(table) for table in snapshot.tables.values())
    return {"name": name, "taken": iso(snapshot.taken), "rows": rows}


async def keep(request: web.Request, world: World) -> web.Response:
    """Keep the present state under a name, new or in place of the one that has it."""
    wanted = await read_body(request, SnapshotRequest)
    world.catch_up()
    if wanted.name not in world.snapshots and len(world.snapshots) >= _MOST_SNAPSHOTS:
        raise Problem(409, f"There are {_MOST_SNAPSHOTS} snapshots already.")
    return answer(_snapshot(wanted.name, world.keep(wanted.name)), status=201)


async def list_snapshots(request: web.Request, world: World) -> web.Response:
    """List the states kept, newest first."""
    kept = reversed(list(world.snapshots.items()))
    return answer({"results": [_snapshot(name, snapshot) for name, snapshot in kept]})


def _named(world: World, name: str) -> Snapshot:
    snapshot = world.snapshots.get(name)
    if snapshot is None:
        raise Problem(404, f"There is no snapshot {name!r}.")
    return snapshot


async def go_back(request: web.Request, world: World) -> web.Response:
    """Go back to a state kept, the clock included."""
    name = request.match_info["name"]
    snapshot = _named(world, name)
    world.restore(snapshot)
    return answer(_snapshot(name, snapshot))


async def diff(request: web.Request, world: World) -> web.Response:
    """Tell what is new, changed and gone since a state kept; without one, since the beginning."""
    name = request.query.get("from")
    start = world.beginning if name is None else _named(world, name)
    assert start is not None
    world.catch_up()
    told: dict[str, list[dict[str, Any]]] = {"created": [], "changed": [], "removed": []}
    for change in changes(start.tables, world.tables):
        if change.table not in _NO_RECORDS:
            kind = "changed" if change.before and change.after else "created"
            told["removed" if change.after is None else kind].append(_change(change))
    return answer(told)


def _change(change: Change) -> dict[str, Any]:
    members = {
        name: {side: _plain(value) for side, value in sides.items()}
        for name, sides in change.members().items()
    }
    named = {"resource": change.table, "id": change.id}
    return {**named, "fields": members} if members else named


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    return to_jsonable_python(value, by_alias=True, exclude_none=True, fallback=str)
