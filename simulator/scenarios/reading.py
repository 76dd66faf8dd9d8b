"""Reading a scenario: YAML whose every member knows its line, and the faults in it.

Scalars are those of YAML's core schema: only `true` and `false` are booleans,
and whatever has a leading zero (a routing number, a postcode) or looks like a
date stays a text. Aliases, tags and repeated keys are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from simulator.scenarios.places import Fault, Path, Place, ScenarioError, Source

# No story needs more; what is built from it is larger.
LARGEST = 256 * 1024
_DEEPEST = 40


class _Loader(yaml.SafeLoader):
    """Composes nodes; only its resolver of plain scalars differs."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        if self.check_event(yaml.AliasEvent):
            event: Any = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem="aliases are not taken; write it out", problem_mark=event.start_mark
            )
        return super().compose_node(parent, index)


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"-?(0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", "-0123456789"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$", re.ASCII), list(_first)
    )

_READERS: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:bool": lambda text: text == "true",
    "tag:yaml.org,2002:null": lambda text: None,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
}


def read(text: str, name: str = "") -> Source:
    """The scenario in a YAML (or JSON) `text`; `name` stands in front of faults.

    Raises ScenarioError.
    """
    if len(text) > LARGEST:
        raise ScenarioError([Fault((), f"longer than {LARGEST} characters")], name)
    try:
        # A subclass of the safe loader.
        node = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as failure:
        mark = failure.problem_mark or failure.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else None
        told = failure.problem or failure.context or "is no YAML"
        raise ScenarioError([Fault((), told, place)], name) from None
    except (yaml.YAMLError, RecursionError) as failure:
        told = "nested too deeply" if isinstance(failure, RecursionError) else str(failure)
        raise ScenarioError([Fault((), told)], name) from None
    reader = _Reader()
    data = reader.read(node, ()) if node is not None else None
    if reader.faults:
        raise ScenarioError(reader.faults, name)
    return Source(data, reader.places)


class _Reader:
    """Turns nodes into plain data and keeps where each stood."""

    def __init__(self) -> None:
        self.places: dict[Path, Place] = {}
        self.faults: list[Fault] = []

    def read(self, node: Node, path: Path) -> Any:
        self.places.setdefault(path, _place(node))
        if len(path) > _DEEPEST:
            return self._refused(node, path, f"nested deeper than {_DEEPEST}")
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.read(child, (*path, index)) for index, child in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        reader = _READERS.get(node.tag)
        if reader is None:
            return self._refused(node, path, f"the tag {node.tag} is not taken")
        try:
            return reader(node.value)
        except ValueError:
            return self._refused(node, path, f"{node.value[:40]!r} is no {node.tag[18:]}")

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        read: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                self._refused(key, path, "a key must be a text")
                continue
            below = (*path, key.value)
            if key.value in read:
                self._refused(key, below, "is there twice")
                continue
            self.places[below] = _place(key)
            read[key.value] = self.read(value, below)
        return read

    def _refused(self, node: Node, path: Path, rule: str) -> None:
        self.faults.append(Fault(path, rule, _place(node)))


def _place(node: Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)
