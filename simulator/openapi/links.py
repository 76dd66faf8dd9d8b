"""Which answers lead to which calls: the id of a new record is a parameter elsewhere.

A collection is a path at which records are made or listed. Behind it, the next
parameter takes the id of one of its records; where no other collection has a
parameter of that name, so does every parameter and every member of a body that
has the name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from simulator.core.resource import Operation
from simulator.openapi.answers import AnswerShape, Form
from simulator.openapi.parameters import path_names
from simulator.openapi.schemas import Json

_IDS = {Form.ONE: "$response.body#/id", Form.PAGE: "$response.body#/results/0/id"}


class Links:
    """The links of all operations. `bodies` are the names of the members of their bodies."""

    def __init__(
        self,
        operations: Collection[Operation],
        shapes: Mapping[str, AnswerShape],
        bodies: Mapping[str, frozenset[str]],
        names: Mapping[str, str],
    ) -> None:
        self._operations = operations
        self._shapes = shapes
        self._bodies = bodies
        self._names = names
        collections = {one.path for one in operations if self._is_collection(one)}
        self._parameters = dict(_parameters(operations, collections))
        found = list(self._parameters.values())
        self._unique = {name for name in found if found.count(name) == 1 and name != "id"}

    def _is_collection(self, operation: Operation) -> bool:
        resource, shape = operation.resource, self._shapes[operation.key]
        return (
            operation.path == f"{resource.root}{resource.path}"
            and operation.method in ("GET", "POST")
            and shape.kind is resource.row
            and shape.form in _IDS
        )

    def of(self, operation: Operation) -> dict[str, Json]:
        """The links of the answer of `operation`, by the operation that each leads to."""
        name = self._parameters.get(operation.path)
        if name is None or not self._is_collection(operation):
            return {}
        record = _IDS[self._shapes[operation.key].form]
        given = {one: f"$request.path.{one}" for one in path_names(operation.path)}
        links = {}
        for target in self._operations:
            wanted = path_names(target.path)
            behind = target.path.startswith(f"{operation.path}/{{{name}}}")
            link: Json = {"operationId": self._names[target.key]}
            if behind or (name in self._unique and name in wanted):
                known = {**given, name: record}
                if any(one not in known for one in wanted):
                    continue
                link["parameters"] = {one: known[one] for one in wanted}
            elif name in self._unique and name in self._bodies.get(target.key, ()):
                if wanted:
                    continue
                link["requestBody"] = {name: record}
            else:
                continue
            links[self._names[target.key]] = link
        return links


def _parameters(
    operations: Iterable[Operation], collections: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Each collection with the name of the parameter that takes its ids."""
    for operation in operations:
        for place in re.finditer(r"/{(\w+)}", operation.path):
            collection = operation.path[: place.start()]
            if collection in collections:
                yield collection, place[1]
