"""Which operation a method and path mean; the order of declaration never matters.

A literal segment wins over a parameter, as in Spring; a path that only other
methods know is told apart from one that nobody knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Generic, Protocol, TypeVar
from urllib.parse import unquote


class Routed(Protocol):
    """Whatever has a method and a path with `{parameters}`."""

    @property
    def method(self) -> str:
        """The HTTP method."""

    @property
    def path(self) -> str:
        """The path as BILL writes it."""


T = TypeVar("T", bound=Routed)


class _Node(Generic[T]):
    __slots__ = ("literal", "parameter", "targets")

    def __init__(self) -> None:
        self.literal: dict[str, _Node[T]] = {}
        self.parameter: _Node[T] | None = None
        self.targets: dict[str, T] = {}


class MethodUnknown(Exception):
    """The path exists, but not with this method; `allowed` are those it has."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self.allowed = sorted(allowed)
        super().__init__(", ".join(self.allowed))


class Router(Generic[T]):
    """Finds targets by method and raw path."""

    def __init__(self, targets: Collection[T]) -> None:
        self._root: _Node[T] = _Node()
        # Paths without parameters, which win over all others, need no search.
        self._plain = {
            (target.method, target.path): target for target in targets if "{" not in target.path
        }
        for target in targets:
            node = self._root
            for segment in target.path.split("/")[1:]:
                if segment.startswith("{"):
                    node.parameter = node.parameter or _Node()
                    node = node.parameter
                else:
                    node = node.literal.setdefault(segment, _Node())
            if target.method in node.targets:
                raise ValueError(f"{target.method} {target.path} is declared twice")
            node.targets[target.method] = target

    def find(self, method: str, raw_path: str) -> tuple[T, list[str]] | None:
        """The target and its path parameters, or None for an unknown path.

        `raw_path` is percent-encoded. Raises MethodUnknown.
        """
        plain = self._plain.get((method, raw_path))
        if plain is not None:
            return plain, []
        segments = raw_path.split("/")[1:]
        if "%" in raw_path:
            segments = [unquote(segment) for segment in segments]
        allowed: set[str] = set()
        found = _search(self._root, segments, 0, method, [], allowed)
        if found is None and allowed:
            raise MethodUnknown(allowed)
        return found


def _search(
    node: _Node[T],
    segments: list[str],
    index: int,
    method: str,
    parameters: list[str],
    allowed: set[str],
) -> tuple[T, list[str]] | None:
    if index == len(segments):
        target = node.targets.get(method)
        if target is None:
            allowed.update(node.targets)
            return None
        return target, parameters
    segment = segments[index]
    literal = node.literal.get(segment)
    if literal is not None:
        found = _search(literal, segments, index + 1, method, parameters, allowed)
        if found is not None:
            return found
    if node.parameter is not None and segment:
        parameters = [*parameters, segment]
        return _search(node.parameter, segments, index + 1, method, parameters, allowed)
    return None
