"""How the worlds of this simulator are written as documents and read again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING, Any

from simulator import resources, scenarios
from simulator.core.clock import Wall
from simulator.core.export import CORE_TABLES, Exporter, UnreadableError
from simulator.core.loading import Importer
from simulator.core.resource import Resource, Store
from simulator.core.rows import Row
from simulator.core.script import TIMERS
from simulator.resources.catalogue import timer_handlers
from simulator.worlds import BOUND_TO_KEYS

if TYPE_CHECKING:
    from simulator.scenarios.playing import Play


@cache
def row_classes() -> Mapping[str, type[Row]]:
    """The class of the rows of every table that a module declares, by the table's name."""
    found = dict(CORE_TABLES)
    for declared in (*_declared(resources), *_declared(scenarios)):
        if found.setdefault(declared.name, declared.row) is not declared.row:
            raise TypeError(f"the table {declared.name} is declared with two classes of rows")
    return found


def _declared(package: ModuleType) -> Iterator[Resource[Any] | Store[Any]]:
    for module in iter_modules(package.__path__, f"{package.__name__}."):
        for value in vars(import_module(module.name)).values():
            # A resource whose row is no class of its own keeps none.
            if isinstance(value, Resource | Store) and value.row is not Row:
                yield value


def _script(scenario: Any) -> Play:
    # Only worlds with a scenario need what reads one.
    from simulator.scenarios.format import parse
    from simulator.scenarios.places import ScenarioError, Source, dotted
    from simulator.scenarios.playing import Play

    try:
        return Play(parse(Source(scenario)))
    except ScenarioError as failure:
        told = "; ".join(f"{dotted(('scenario', *one.path))}: {one.rule}" for one in failure.faults)
        raise UnreadableError(f"{told}.") from None


@cache
def exporter() -> Exporter:
    """What writes worlds."""
    return Exporter(row_classes(), unhashed=BOUND_TO_KEYS)


@cache
def importer(wall: Wall) -> Importer:
    """What reads worlds, whose live clocks run with `wall`."""
    return Importer(row_classes(), {*timer_handlers(), *TIMERS}, wall, _script)
