from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.clock import Clock, ClockMode

START = datetime(2026, 6, 3, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Wall:
    """A wall clock that the test turns."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time


def test_a_live_clock_runs_with_the_wall() -> None:
    wall = Wall()
    clock = Clock(wall)
    assert (clock.mode, clock.now()) == (ClockMode.LIVE, START)
    wall.time += HOUR
    assert clock.now() == START + HOUR


def test_a_frozen_clock_stands_while_the_wall_runs() -> None:
    wall = Wall()
    clock = Clock(wall, START - HOUR)
    wall.time += HOUR
    assert (clock.mode, clock.now()) == (ClockMode.FROZEN, START - HOUR)


def test_a_start_in_another_zone_is_the_same_instant_in_utc() -> None:
    clock = Clock(Wall(), datetime(2026, 6, 3, 9, tzinfo=timezone(timedelta(hours=-7))))
    assert clock.now().isoformat() == "2026-06-03T16:00:00+00:00"


def test_freezing_and_running_keep_the_present_instant() -> None:
    wall = Wall()
    clock = Clock(wall)
    wall.time += HOUR
    clock.freeze()
    wall.time += HOUR
    assert (clock.mode, clock.now()) == (ClockMode.FROZEN, START + HOUR)
    clock.run()
    assert (clock.mode, clock.now()) == (ClockMode.LIVE, START + HOUR)
    wall.time += HOUR
    assert clock.now() == START + 2 * HOUR


def test_freezing_twice_and_running_twice_change_nothing() -> None:
    wall = Wall()
    clock = Clock(wall)
    clock.freeze()
    wall.time += HOUR
    clock.freeze()
    assert clock.now() == START
    clock.run()
    wall.time += HOUR
    clock.run()
    assert clock.now() == START + HOUR


@pytest.mark.parametrize("frozen_at", [None, START])
def test_moving_keeps_the_mode(frozen_at: datetime | None) -> None:
    wall = Wall()
    clock = Clock(wall, frozen_at)
    mode = clock.mode
    clock.move_to(START + 24 * HOUR)
    assert (clock.mode, clock.now()) == (mode, START + 24 * HOUR)
    wall.time += HOUR
    passed = HOUR if mode is ClockMode.LIVE else timedelta(0)
    assert clock.now() == START + 24 * HOUR + passed


@pytest.mark.parametrize("frozen_at", [None, START])
def test_the_past_is_refused_and_the_present_is_not(frozen_at: datetime | None) -> None:
    clock = Clock(Wall(), frozen_at)
    with pytest.raises(ValueError, match="the clock does not run backward"):
        clock.move_to(START - timedelta(microseconds=1))
    assert clock.now() == START
    clock.move_to(START)
    assert clock.now() == START


def test_moving_to_an_instant_in_another_zone_shows_utc() -> None:
    clock = Clock(Wall(), START)
    clock.move_to(datetime(2026, 6, 3, 9, 30, tzinfo=timezone(timedelta(hours=-7))))
    assert clock.now().isoformat() == "2026-06-03T16:30:00+00:00"


@pytest.mark.parametrize("frozen_at", [None, START])
def test_a_copy_shows_the_same_time_and_goes_its_own_way(frozen_at: datetime | None) -> None:
    wall = Wall()
    clock = Clock(wall, frozen_at)
    clock.move_to(START + HOUR)
    twin = clock.copy()
    assert (twin.mode, twin.now()) == (clock.mode, clock.now())
    twin.move_to(START + 5 * HOUR)
    assert clock.now() == START + HOUR
    clock.freeze()
    clock.move_to(START + 2 * HOUR)
    assert twin.now() == START + 5 * HOUR


@given(
    st.lists(
        st.tuples(st.sampled_from(["freeze", "run", "move", "wait"]), st.integers(0, 10**6)),
        max_size=30,
    )
)
def test_whatever_is_done_time_never_runs_backward(steps: list[tuple[str, int]]) -> None:
    wall = Wall()
    clock = Clock(wall)
    for step, seconds in steps:
        before, mode, some = clock.now(), clock.mode, timedelta(seconds=seconds)
        if step == "wait":
            wall.time += some
            passes = some if mode is ClockMode.LIVE else timedelta(0)
            assert clock.now() == before + passes
        elif step == "move":
            clock.move_to(before + some)
            assert clock.now() == before + some
        else:
            getattr(clock, step)()
            assert clock.now() == before
