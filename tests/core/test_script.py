"""Steps of a script fall due in worlds."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from simulator.core.script import STEP, TIMERS
from tests.core.things import NOON, do, make_world, trace


def test_a_step_without_its_script_does_nothing_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = make_world(handlers=TIMERS)
    empty = trace(world)
    later = NOON + timedelta(hours=1)
    do(world, lambda ctx: ctx.schedule(later, STEP, "1"))
    with caplog.at_level(logging.WARNING):
        assert [timer.kind for timer in world.advance_to(later)] == [STEP]
    assert caplog.messages == ["world test has a step of a script, but no script"]
    assert trace(world)["rows"] == empty["rows"]
