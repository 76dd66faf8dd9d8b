"""The JSON schema of scenario files, for editors and other tools."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from simulator.core.faults import Effect, FaultRequest, Match
from simulator.core.limits import Limits
from simulator.core.rows import camel
from simulator.scenarios.expecting import Part
from simulator.scenarios.format import SECTIONS, Scenario
from simulator.scenarios.references import NO_REFERENCES
from simulator.settings import Behaviour

# What of a world is written as bodies of BILL.
_BODIES = {camel(section) for section in SECTIONS} - {"users"} | {"organization"}
_REFERENCE = {"type": "string", "description": "The key of a record."}


def schema() -> dict[str, Any]:
    """The schema: members that BILL does not have are refused, references told."""
    found = _plain(Scenario.model_json_schema(by_alias=True, mode="validation"))
    _close(found)
    models: list[type[BaseModel]] = [*_parts(Part), Behaviour, Limits, FaultRequest, Match, Effect]
    own = {model.__name__ for model in models}
    for name, part in found["$defs"].items():
        if name not in own and "properties" in part:
            _loosen(part)
    for section, part in found["$defs"]["WorldPart"]["properties"].items():
        if section in _BODIES:
            _loosen(part)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **found,
        "title": "A scenario of the BILL simulator",
    }


def _parts(model: type[BaseModel]) -> list[type[BaseModel]]:
    return [model, *(one for child in model.__subclasses__() for one in _parts(child))]


def _loosen(part: Any) -> None:
    """Let numbers stand for texts and references for numbers, as bodies of BILL's take them."""
    for one in part.values() if isinstance(part, dict) else part:
        if isinstance(one, dict | list):
            _loosen(one)
    if isinstance(part, dict) and part.get("type") in ("string", "number", "integer"):
        kinds = ["string", "number"] if part["type"] != "integer" else ["integer", "string"]
        part["type"] = kinds


def _plain(part: Any) -> Any:
    """Without what pydantic tells of its own: titles, and defaults that mean nothing."""
    if isinstance(part, list):
        return [_plain(one) for one in part]
    if not isinstance(part, dict):
        return part
    told = {
        name: {member: _plain(one) for member, one in value.items()}
        if name in ("properties", "$defs")
        else _plain(value)
        for name, value in part.items()
        if not (
            name == "title" or (name == "default" and (value is None or isinstance(value, dict)))
        )
    }
    choices = [one for one in told.get("anyOf", ()) if one != {"type": "null"}]
    if len(choices) == 1:
        del told["anyOf"]
        told = {**choices[0], **told}
    return told


def _close(part: Any) -> None:
    """Refuse unknown members of an object, and let `vendorId` be written `vendor`."""
    if isinstance(part, list):
        for one in part:
            _close(one)
    if not isinstance(part, dict):
        return
    members = part.get("properties")
    if isinstance(members, dict):
        part.setdefault("additionalProperties", False)
        for name in list(members):
            short = name.removesuffix("Id")
            if short != name and short not in members and name not in NO_REFERENCES:
                members[short] = _REFERENCE
                if name in part.get("required", ()):
                    part["required"].remove(name)
                    part.setdefault("allOf", []).append(
                        {"anyOf": [{"required": [name]}, {"required": [short]}]}
                    )
    for name, one in part.items():
        if name in ("properties", "$defs"):
            for member in one.values():
                _close(member)
        else:
            _close(one)


def schema_page() -> str:
    """The schema as it is printed."""
    return json.dumps(schema(), indent=2, sort_keys=True) + "\n"
