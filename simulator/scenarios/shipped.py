"""The scenarios that come with the simulator, and those in files."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from simulator.scenarios.building import try_out
from simulator.scenarios.format import Scenario, parse
from simulator.scenarios.places import Fault, ScenarioError
from simulator.scenarios.reading import LARGEST, read


def _directory() -> Traversable:
    """Where they lie: in the installed package, or beside it in the repository."""
    package = files("simulator.scenarios").joinpath("files")
    if package.is_dir():
        return package
    return Path(__file__).parents[2] / "scenarios"


@cache
def names() -> tuple[str, ...]:
    """The names of the scenarios that come with the simulator, in order."""
    found = (one.name for one in _directory().iterdir() if one.name.endswith(".yaml"))
    return tuple(sorted(name.removesuffix(".yaml") for name in found))


@cache
def shipped(name: str) -> Scenario:
    """The scenario of that name. Raises LookupError if none is shipped."""
    if name not in names():
        raise LookupError(name)
    text = _directory().joinpath(f"{name}.yaml").read_text("utf-8")
    return parse(read(text, f"{name}.yaml"), f"{name}.yaml")


def from_file(path: str | Path) -> Scenario:
    """The scenario in a file, checked by building its world once.

    Raises ScenarioError with lines, and OSError.
    """
    given = Path(path)
    if given.stat().st_size > LARGEST:
        raise ScenarioError([Fault((), f"larger than {LARGEST} bytes")], str(path))
    try:
        text = given.read_text("utf-8")
    except UnicodeDecodeError:
        raise ScenarioError([Fault((), "is not UTF-8")], str(path)) from None
    source = read(text, str(path))
    scenario = parse(source, str(path))
    try_out(scenario, source, str(path))
    return scenario


def find(named: str) -> Scenario:
    """The shipped scenario of a name, or else the one in that file.

    Raises LookupError, ScenarioError, OSError.
    """
    if named in names():
        return shipped(named)
    if not Path(named).is_file():
        known = ", ".join(names())
        raise LookupError(f"{named!r} is neither a file nor one of {known}")
    return from_file(named)
