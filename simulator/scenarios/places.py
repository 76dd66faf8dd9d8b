"""What is wrong with a scenario, and where: members by their paths, and by their lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file; the first line and column are 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one member of a scenario."""

    path: Path
    rule: str
    place: Place | None = None

    @property
    def field(self) -> str:
        """`world.bills.rent.dueDate`: the member's name."""
        return dotted(self.path)


def dotted(path: Path) -> str:
    """`expect.records[0].is`: a member's name as people write it."""
    told = ""
    for step in path:
        told += f"[{step}]" if isinstance(step, int) else f".{step}" if told else step
    return told or "scenario"


class ScenarioError(ValueError):
    """A scenario that cannot be played, with everything wrong that was found."""

    def __init__(self, faults: Iterable[Fault], name: str = "") -> None:
        self.faults = tuple(faults)
        self.name = name
        super().__init__("\n".join(map(self._told, self.faults)))

    def _told(self, fault: Fault) -> str:
        where = self.name
        if fault.place:
            where += f"{':' if where else 'line '}{fault.place.line}:{fault.place.column}"
        return f"{where}{': ' if where else ''}{fault.field}: {fault.rule}"


class Source:
    """A scenario as it was written: plain data, and where each member stands."""

    def __init__(self, data: Any, places: Mapping[Path, Place] | None = None) -> None:
        self.data = data
        self._places = places or {}

    def located(self, path: Path, rule: str) -> Fault:
        """A fault at the member `path`, or at the nearest one above that was written."""
        for length in range(len(path), 0, -1):
            above = path[:length]
            if above in self._places:
                return Fault(path, rule, self._places[above])
            last = above[-1]
            if isinstance(last, str) and last.endswith("Id"):
                # A reference may be written without Id.
                short = (*above[:-1], last[:-2])
                if short in self._places:
                    return Fault((*short, *path[length:]), rule, self._places[short])
        return Fault(path, rule, self._places.get(()))
