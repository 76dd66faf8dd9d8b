"""The clock of a world. /_sim/worlds/{w}/clock"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from aiohttp import web

from simulator.control.calls import DISPATCHER, ControlRequest, answer, read_body
from simulator.control.problems import Problem
from simulator.core.bankdays import add_bank_days, pacific_date
from simulator.core.clock import ClockMode
from simulator.core.rows import iso
from simulator.core.world import World
from simulator.webhooks.dispatcher import WorldLeft


class ClockRequest(ControlRequest):
    """The clock's mode and present instant."""

    mode: ClockMode | None = None
    now: datetime | None = None


class AdvanceRequest(ControlRequest):
    """How far to move the clock: exactly one member."""

    seconds: float | None = None
    days: float | None = None
    business_days: int | None = None
    to: datetime | None = None


def _clock(world: World) -> dict[str, Any]:
    return {"now": iso(world.clock.now()), "mode": world.clock.mode}


async def get_clock(request: web.Request, world: World) -> web.Response:
    """Tell a world's time."""
    world.catch_up()
    return answer(_clock(world))


async def set_clock(request: web.Request, world: World) -> web.Response:
    """Set a world's clock; what falls due on the way happens."""
    wanted = await read_body(request, ClockRequest)
    if wanted.now is not None:
        await _move(request, world, partial(_reach, "now", wanted.now), "now")
    if wanted.mode is ClockMode.FROZEN:
        world.clock.freeze()
    elif wanted.mode is ClockMode.LIVE:
        world.clock.run()
    world.catch_up()
    return answer(_clock(world))


def check_instant(instant: datetime, member: str) -> None:
    """Refuse an instant without offset, or too far for offsets and bank days."""
    if instant.tzinfo is None:
        raise Problem(400, f"{member}: an offset is missing; write 2026-01-05T09:00:00+00:00.")
    # Bodies take the same years as dates; beyond them, offsets and bank days run out.
    if not 1900 <= instant.year <= 9000:
        raise Problem(400, f"{member}: the year {instant.year} is not between 1900 and 9000.")


async def _move(
    request: web.Request, world: World, reach: Callable[[datetime], datetime], member: str
) -> list[dict[str, Any]]:
    try:
        fired = await request.app[DISPATCHER].advance(world, reach)
    except ValueError as refusal:
        raise Problem(409, f"{member}: {refusal}; it is {iso(world.clock.now())}.") from None
    except WorldLeft:
        told = "The world has gone back to another state, or was removed, meanwhile."
        raise Problem(409, told) from None
    return [{"at": iso(timer.at), "kind": timer.kind, "args": timer.args} for timer in fired]


def _reach(member: str, value: Any, now: datetime) -> datetime:
    """The instant that a member of a request means at `now`. Raises Problem."""
    try:
        if isinstance(value, datetime):
            to = value
        elif member == "businessDays":
            if value < 0:
                raise Problem(400, f"businessDays: {value} is negative.")
            # Never fewer days than bank days: what is too far is seen without counting.
            check_instant(now + timedelta(days=value), member)
            today = pacific_date(now)
            to = now + (add_bank_days(today, value) - today)
        else:
            to = now + timedelta(**{member: value})
    except (OverflowError, ValueError):
        raise Problem(400, f"{member}: {value} is too far.") from None
    check_instant(to, member)
    return to


async def advance_clock(request: web.Request, world: World) -> web.Response:
    """Move a world's clock on; answers after everything due has happened."""
    wanted = await read_body(request, AdvanceRequest)
    given = wanted.model_dump(by_alias=True, exclude_none=True)
    if len(given) != 1:
        raise Problem(400, "Give exactly one of seconds, days, businessDays, to.")
    member, value = next(iter(given.items()))
    fired = await _move(request, world, partial(_reach, member, value), member)
    return answer({**_clock(world), "fired": fired})
