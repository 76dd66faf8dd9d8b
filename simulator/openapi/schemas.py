"""JSON Schemas of bodies and answers, as they are on the wire.

Pydantic describes them; what it cannot know is put right here: members of
answers that have no value are left out rather than null, and amounts are
numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from simulator.core.rows import camel

Json = dict[str, Any]
PLACE = "#/components/schemas/"
# What is sent to the simulator, and what it answers.
Mode = Any
BODY: Mode = "validation"
ANSWER: Mode = "serialization"


class _OnTheWire(GenerateJsonSchema):
    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        if self.mode == "serialization":
            return self.generate_inner(schema["schema"])
        return super().nullable_schema(schema)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if self.mode == "serialization" or schema.get("default") is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        told: Json = {"type": "number"}
        for bound, keyword in _BOUNDS.items():
            if bound in schema:
                limit = schema[bound]  # type: ignore[literal-required]
                told[keyword] = int(limit) if limit == int(limit) else float(limit)
        return told

    def field_is_required(self, field: Any, total: bool) -> bool:
        if self.mode == "serialization":
            inner = field["schema"]
            while inner["type"] == "default":
                inner = inner["schema"]
            return bool(inner["type"] != "nullable")
        return super().field_is_required(field, total)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


_BOUNDS = {
    "ge": "minimum",
    "le": "maximum",
    "gt": "exclusiveMinimum",
    "lt": "exclusiveMaximum",
}


class Schemas:
    """The schemas of many types at once, the named ones among them as components."""

    def __init__(self, wanted: Iterable[tuple[Any, Mode]]) -> None:
        inputs = [(kind, mode, TypeAdapter(kind)) for kind, mode in dict.fromkeys(wanted)]
        by_input, rest = TypeAdapter.json_schemas(
            inputs, schema_generator=_OnTheWire, ref_template=PLACE + "{model}"
        )
        definitions: Mapping[str, Json] = rest.get("$defs", {})
        self._names = _short_names(definitions)
        self.components = {
            name: self._renamed(definitions[long])
            for long, name in sorted(self._names.items(), key=lambda pair: pair[1])
        }
        self._found = {key: self._renamed(schema) for key, schema in by_input.items()}

    def of(self, kind: Any, mode: Mode) -> Json:
        """The schema of one of the types that were wanted."""
        found: Json = self._found[kind, mode]
        return found

    def resolved(self, schema: Json) -> Json:
        """A schema itself, where it is a reference to a component."""
        place = schema.get("$ref")
        return self.components[place.removeprefix(PLACE)] if place else schema

    def _renamed(self, schema: Any) -> Any:
        if isinstance(schema, list):
            return [self._renamed(one) for one in schema]
        if not isinstance(schema, dict):
            return schema
        told = {}
        for key, value in schema.items():
            if key == "$ref":
                told[key] = PLACE + self._names[value.removeprefix(PLACE)]
            elif key != "title" or not isinstance(value, str):
                told[key] = self._renamed(value)
        for bound, keyword in _BOUNDS.items():
            # So pydantic leaves what bounds an amount further; it is the tighter one.
            if isinstance(told.get(bound), int | float):
                told[keyword] = told.pop(bound)
        return told


def _short_names(definitions: Iterable[str]) -> Mapping[str, str]:
    """Names without our modules: where two are alike, the module tells which is meant."""
    names = {}
    for long in definitions:
        *modules, last = long.split("__")
        module = camel(modules[-1].removesuffix("_rows")) if modules else ""
        # The record that a module is about keeps its name.
        own = module.rstrip("s").lower() == last.lower()
        names[long] = last if own else module[:1].upper() + module[1:] + last
    [(name, most)] = Counter(names.values()).most_common(1)
    if most > 1:
        raise ValueError(f"two schemas are named {name}")
    return names


def referred(part: Any, components: Mapping[str, Json]) -> set[str]:
    """The names of the components that `part` of a document refers to, by others too."""
    found: set[str] = set()
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            place = one.get("$ref")
            if isinstance(place, str) and (name := place.removeprefix(PLACE)) not in found:
                found.add(name)
                waiting.append(components[name])
            waiting += one.values()
    return found
