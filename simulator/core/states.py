"""State machines as tables that both the code and the fidelity page read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from simulator.core.evidence import Evidence

S = TypeVar("S", bound=Enum)


@dataclass(frozen=True, slots=True)
class Move(Generic[S]):
    """`event` takes a record from any of `sources` to `target`."""

    event: str
    sources: frozenset[S]
    target: S
    evidence: Evidence


class Machine(Generic[S]):
    """The moves of one kind of record."""

    def __init__(self, name: str, moves: Iterable[Move[S]]) -> None:
        self.name = name
        self.moves = tuple(moves)
        self._targets = {
            (move.event, source): move.target for move in self.moves for source in move.sources
        }

    def target(self, event: str, source: S) -> S | None:
        """Where `event` leads from `source`, or None if it cannot happen there."""
        return self._targets.get((event, source))

    def follow(self, event: str, source: S) -> S:
        """Where `event` leads from `source`. Raises ValueError if it cannot happen there."""
        target = self.target(event, source)
        if target is None:
            raise ValueError(f"{event} cannot happen to a {self.name} that is {source}")
        return target


def move(event: str, sources: Iterable[S], target: S, evidence: Evidence) -> Move[S]:
    """One line of a machine's table."""
    return Move(event, frozenset(sources), target, evidence)
