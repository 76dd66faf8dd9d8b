"""Scenarios, and how clients did in them. /_sim/scenarios, /_sim/worlds/{w}/evaluate"""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from simulator.control.calls import answer, read_json
from simulator.control.problems import Problem
from simulator.core.rows import iso
from simulator.core.world import World
from simulator.scenarios.cast import Cast
from simulator.scenarios.expecting import Expect
from simulator.scenarios.format import Scenario, parse
from simulator.scenarios.grading import evaluate
from simulator.scenarios.places import ScenarioError, Source, dotted
from simulator.scenarios.playing import Play, progress_of
from simulator.scenarios.references import references
from simulator.scenarios.shipped import names, shipped


def _summary(scenario: Scenario) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "title": scenario.title,
        "story": scenario.story,
        "task": scenario.task,
    }


async def list_scenarios(request: web.Request) -> web.Response:
    """List the scenarios that come with the simulator, by name."""
    # Read from files the first time.
    found = await asyncio.to_thread(lambda: [shipped(name) for name in names()])
    return answer({"results": [_summary(scenario) for scenario in found]})


async def get_scenario(request: web.Request) -> web.Response:
    """Show a scenario, whole."""
    scenario = await asyncio.to_thread(named, request.match_info["name"])
    whole = scenario.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
    )
    return answer(whole)


def named(name: str) -> Scenario:
    """The shipped scenario of that name. Raises Problem."""
    try:
        return shipped(name)
    except LookupError:
        known = ", ".join(names())
        raise Problem(404, f"There is no scenario {name!r}; there are {known}.") from None


async def wanted_scenario(given: str | dict[str, Any]) -> Scenario:
    """The scenario that a request names or brings. Raises Problem."""
    if isinstance(given, str):
        return await asyncio.to_thread(named, given)
    try:
        return parse(Source(given))
    except ScenarioError as failure:
        raise refused(failure) from None


def refused(failure: ScenarioError) -> Problem:
    """What is wrong with a scenario, as the control plane tells it."""
    told = "; ".join(f"{dotted(('scenario', *one.path))}: {one.rule}" for one in failure.faults)
    return Problem(400, told)


def played_in(world: World) -> dict[str, Any]:
    """Name, task and progress of the scenario of a world; nothing if it has none."""
    play = world.script
    if not isinstance(play, Play):
        return {}
    scenario = play.scenario
    steps = []
    for index, step in enumerate(scenario.timeline):
        state = progress_of(world, index)
        told: dict[str, Any] = {"step": index, "note": step.note, "refused": state.refused}
        told["played"] = iso(state.played) if state.played else None
        steps.append({name: value for name, value in told.items() if value is not None})
    return {"scenario": scenario.name, "task": scenario.task, "timeline": steps}


async def evaluate_world(request: web.Request, world: World) -> web.Response:
    """Grade what clients did since the world's beginning."""
    given = await read_json(request)
    if given.keys() - {"expect"}:
        raise Problem(400, f"{min(given.keys() - {'expect'})}: Extra inputs are not permitted")
    play = world.script if isinstance(world.script, Play) else None
    world.catch_up()
    if "expect" in given:
        expect = _expectation(given["expect"], world, play)
    elif play is not None:
        expect = play.scenario.expect
    else:
        raise Problem(400, "expect: Field required; this world has no scenario.")
    return answer(evaluate(world, expect).told())


def _expectation(given: Any, world: World, play: Play | None) -> Expect:
    try:
        expect = Expect.model_validate(given)
    except ValidationError as failure:
        told = "; ".join(
            f"{dotted(('expect', *error['loc']))}: {error['msg']}"
            for error in failure.errors(include_url=False)
        )
        raise Problem(400, told) from None
    known = set(Cast(world).keys())
    if play is not None:
        known.update(key for _, key in play.scenario.keyed())
    for path, key in (*references(given, ("expect",)), *_bare(expect)):
        if key not in known:
            raise Problem(400, f"{dotted(path)}: there is no record {key!r}")
    return expect


def _bare(expect: Expect) -> list[tuple[tuple[str | int, ...], str]]:
    return [(("expect", *path), key) for path, key in expect.mentions()]
