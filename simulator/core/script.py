"""What is to happen in a world beside what its clients do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from simulator.core.context import Ctx

if TYPE_CHECKING:
    from simulator.core.journal import Entry
    from simulator.core.world import World

log = logging.getLogger(__name__)

STEP = "script.step"


class Script(Protocol):
    """A scenario as it is played in a world. How far it is stands in the world's tables."""

    @property
    def task(self) -> str:
        """What the client is asked to do."""

    def document(self) -> bytes:
        """The scenario as JSON, from which the same script can be made again."""

    def told(self, world: World, answer: bytes) -> frozenset[str]:
        """The ids of its records that stand in a whole answer."""

    def answered(self, world: World, entry: Entry) -> None:
        """A call of a client was answered."""

    def due(self, world: World, step: str) -> None:
        """The timer of a step is due."""

    def set_stage(self, world: World) -> None:
        """The world went back to its beginning."""


def _step_due(ctx: Ctx, step: str) -> None:
    script = ctx.world.script
    if script is None:
        log.warning("world %s has a step of a script, but no script", ctx.world.name)
    else:
        script.due(ctx.world, step)


TIMERS: Mapping[str, Callable[..., None]] = {STEP: _step_due}
