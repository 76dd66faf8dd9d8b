"""Playing a timeline: its steps are timers of the world, or follow a call of the client.

How far the play is stands in the world's tables, so that it goes back, forks
and is compared with everything else.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

from simulator.core.bankdays import add_bank_days, pacific_date
from simulator.core.context import Ctx
from simulator.core.errors import Refusal
from simulator.core.limits import Limits
from simulator.core.resource import Store
from simulator.core.rows import Instant, Row, changed, shape
from simulator.core.script import STEP
from simulator.core.world import World
from simulator.resources.catalogue import simulations
from simulator.scenarios.calls import Called, meets
from simulator.scenarios.cast import Cast, UnknownKey
from simulator.scenarios.format import Action, Call, Duration, Scenario, Simulated

if TYPE_CHECKING:
    from simulator.core.journal import Entry


log = logging.getLogger(__name__)


@shape
class Progress(Row):
    """How far a step is: how many calls met its trigger, when it happened, what was refused."""

    id: str
    met: int = 0
    played: Instant | None = None
    refused: str | None = None


progress = Store("scenario_steps", Progress, shared=True)


def later(now: datetime, duration: Duration) -> datetime:
    """The instant that lies `duration` after `now`; business days are counted first."""
    if duration.business_days:
        today = pacific_date(now)
        now += add_bank_days(today, duration.business_days) - today
    return now + duration.plain


class Play:
    """A scenario as it is played in a world."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self._waiting = any(step.when for step in scenario.timeline)

    @property
    def task(self) -> str:
        """What the client is asked to do."""
        return self.scenario.task.strip()

    def document(self) -> bytes:
        """The scenario as JSON, from which the same script can be made again."""
        return self.scenario.model_dump_json(by_alias=True, exclude_unset=True).encode()

    def begin(self, world: World) -> None:
        """Set the stage: limits, faults, and the steps whose instant is known."""
        self.set_stage(world)
        now = world.clock.now()
        ctx = Ctx(world, now, "")
        world.perform(ctx, self._schedule)

    def set_stage(self, world: World) -> None:
        """The limits and faults of the beginning, whatever is in force now."""
        world.limiter.limits = _merged(Limits(), self.scenario.world.limits)
        world.faults.clear()
        for fault in self.scenario.faults:
            world.faults.add(fault)

    def _schedule(self, ctx: Ctx) -> None:
        for index, step in enumerate(self.scenario.timeline):
            if step.at is not None:
                ctx.schedule(step.at, STEP, str(index))
            elif step.when is None and step.after is not None:
                ctx.schedule(later(ctx.now, step.after), STEP, str(index))

    def told(self, world: World, answer: bytes) -> frozenset[str]:
        """The ids of its records that stand in a whole answer."""
        ids = Cast(world).keys().values()
        return frozenset(one for one in ids if one.encode() in answer) if answer else frozenset()

    def answered(self, world: World, entry: Entry) -> None:
        """A call of the client was answered: what waited for it happens, or is timed."""
        if not self._waiting:
            return
        cast = Cast(world)
        called = Called(entry)
        for index, step in enumerate(self.scenario.timeline):
            if step.when is None:
                continue
            state = progress_of(world, index)
            if state.met >= step.when.times or not meets(step.when, called, cast):
                continue
            state = changed(state, met=state.met + 1)
            world.table(progress.name, "").put(state)
            if state.met < step.when.times:
                continue
            if step.after is None:
                self.happen(world, index)
            else:
                ctx = Ctx(world, world.clock.now(), "")
                due = later(ctx.now, step.after)
                world.perform(ctx, Ctx.schedule, due, STEP, str(index))

    def due(self, world: World, step: str) -> None:
        """The timer of a step is due."""
        self.happen(world, int(step))

    def happen(self, world: World, index: int) -> None:
        """Let a step happen now."""
        try:
            refused = perform(world, self.scenario.timeline[index])
        except Exception as failure:
            # Whoever's call set it off did not cause this.
            log.exception("step %d of %s failed", index, self.scenario.name)
            refused = f"failed: {failure}"
        state = changed(progress_of(world, index), played=world.clock.now(), refused=refused)
        world.table(progress.name, "").put(state)


def progress_of(world: World, index: int) -> Progress:
    """How far the step with that index is."""
    found: Progress | None = world.table(progress.name, "").find(str(index))
    return found or Progress(id=str(index))


def perform(world: World, action: Action) -> str | None:
    """Let what an action says happen in `world`; tells what of it was refused.

    A refused part is left out: whoever meant to do it could not either.
    """
    refused = None
    cast = Cast(world)
    try:
        if action.call:
            _call(cast, action.call)
        if action.simulate:
            _simulate(cast, action.simulate)
    except (Refusal, UnknownKey, ValueError) as refusal:
        refused = str(refusal)
    if action.limits:
        world.limiter.limits = _merged(world.limiter.limits, action.limits)
    if action.clear_faults:
        world.faults.clear()
    for fault in action.faults:
        world.faults.add(fault)
    if action.clock:
        world.advance_to(later(world.clock.now(), action.clock))
    return refused


def _call(cast: Cast, call: Call) -> None:
    answer = cast.act(call.by, call.operation, call.path, call.body)
    if call.as_:
        cast.call_it(call.as_, answer.id)


def _simulate(cast: Cast, wanted: Simulated) -> None:
    found = simulations()[wanted.event]
    world = cast.world
    ctx = Ctx(world, world.clock.now(), cast.organization_id)
    details: Any = found.details.model_validate(wanted.details)
    world.perform(ctx, found.happen, cast.id_of(wanted.record), details)


def _merged(present: Limits, given: Limits) -> Limits:
    return present.model_copy(update=given.model_dump(exclude_unset=True))
