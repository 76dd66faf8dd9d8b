"""Rows as they are stored outside a world: whole, hidden members included, nothing rounded.

The wire leaves members out and writes amounts as numbers; a stored row must give
the same row again. Its form is derived from the class that declares the row, so
a new member needs no code here: amounts are texts, instants stand in UTC with
all their digits, bytes in base64 (URL-safe), enumerations by value, and members
without a value are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

from pydantic_core import CoreSchema, SchemaSerializer

from simulator.core.rows import Row, adapter

# Beyond these years offsets and bank days run out; bodies take the same.
_FIRST, _LAST = date(1900, 1, 1), date(9000, 12, 31)
_FIRST_INSTANT = datetime(1900, 1, 1, tzinfo=UTC)
_LAST_INSTANT = datetime(9000, 12, 31, 23, 59, 59, 999999, UTC)
# Far above any sum of a world, a number to JSON, and not too long to be rounded to cents.
_LARGEST = Decimal(10) ** 24

_BYTES = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}

# What each kind of value must satisfy that comes from outside.
_BOUNDS: dict[str, dict[str, Any]] = {
    "datetime": {"tz_constraint": 0, "ge": _FIRST_INSTANT, "le": _LAST_INSTANT},
    "date": {"ge": _FIRST, "le": _LAST},
    "decimal": {"ge": -_LARGEST, "le": _LARGEST},
    "dataclass-args": {"extra_behavior": "forbid"},
    # One fault of a hundred thousand rows is enough to tell.
    "list": {"fail_fast": True},
    "tuple": {"fail_fast": True},
}


def stored_schema(schema: Any) -> Any:
    """A core schema of pydantic's with everything undone that is made for the wire.

    Beside that, unknown members are refused, and values are bounded to what a
    world can reckon with.
    """
    if isinstance(schema, list):
        return [stored_schema(part) for part in schema]
    if isinstance(schema, tuple):
        return tuple(stored_schema(part) for part in schema)
    if not isinstance(schema, dict):
        return schema
    plain = {
        name: stored_schema(part)
        for name, part in schema.items()
        if name not in ("metadata", "serialization_exclude", "serialization")
    }
    if "config" in plain:
        plain["config"] = {**plain["config"], **_BYTES}
    kind = plain.get("type")
    if kind == "dataclass-field":
        plain["schema"] = _left_out_is_none(plain["schema"])
    bounds = _BOUNDS.get(kind, {}) if isinstance(kind, str) else {}
    return {**plain, **bounds}


def _left_out_is_none(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a member that may be None, read as None where it is left out."""
    if schema["type"] == "nullable":
        return {"type": "default", "schema": schema, "default": None}
    if schema["type"] == "default" and schema["schema"]["type"] == "nullable":
        return {**schema, "default": None}
    return schema


def encoder(row: type[Row]) -> Callable[[Row], bytes]:
    """What writes the rows of a class as JSON in their stored form."""
    schema = stored_schema(adapter(cast(Hashable, row)).core_schema)
    to_json = SchemaSerializer(cast(CoreSchema, schema)).to_json

    def encode(one: Row) -> bytes:
        return to_json(one, by_alias=True, exclude_none=True)

    return encode
