"""Rows: the frozen records of a world, written as BILL writes them.

A row class is at once the record that is stored and the shape that is
answered: members without a value are left out, names are camelCase (observed
on the sandbox). A member that never reaches the wire is marked `Hidden`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import Field as DataclassField
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, ClassVar, TypeVar, cast, dataclass_transform

from pydantic import ConfigDict, Field, PlainSerializer, TypeAdapter, WithJsonSchema

__all__ = [
    "Answer",
    "Hidden",
    "Instant",
    "Row",
    "Shape",
    "adapter",
    "camel",
    "changed",
    "encoded",
    "shape",
]

T = TypeVar("T")


def camel(name: str) -> str:
    """BILL's spelling of a Python name: `due_date` is `dueDate`."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def iso(instant: datetime) -> str:
    """`2026-10-18T16:23:59.000+00:00`: milliseconds and offset, as BILL writes times."""
    return instant.isoformat(timespec="milliseconds")


Instant = Annotated[
    datetime,
    PlainSerializer(iso, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]

# For `Annotated[..., Hidden]`: stored with the row, never answered.
Hidden = Field(exclude=True)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def shape(cls: type[T]) -> type[T]:
    """Make `cls`, a Shape, a frozen, slotted, keyword-only dataclass."""
    # Compiling the methods that Shape has, for every class, would take a twelfth of the start.
    return dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)(cls)


class Shape:
    """Base of everything that is written to the wire, nested parts included."""

    __slots__ = ()
    # Every subclass is made by `shape`.
    __dataclass_fields__: ClassVar[dict[str, DataclassField[Any]]]
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        alias_generator=camel, validate_by_name=True, validate_by_alias=True
    )

    def __repr__(self) -> str:
        members = (f"{name}={getattr(self, name)!r}" for name in self.__dataclass_fields__)
        return f"{type(self).__qualname__}({', '.join(members)})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        members = _members(cast(Hashable, type(self)))
        return bool(members(self) == members(other))

    def __hash__(self) -> int:
        return hash(_members(cast(Hashable, type(self)))(self))


@cache
def _members(cls: Hashable) -> Callable[[object], object]:
    """What shapes of a class consist of."""
    names = tuple(cast(type[Shape], cls).__dataclass_fields__)
    return attrgetter(*names) if names else lambda one: ()


@cache
def adapter(cls: Hashable) -> TypeAdapter[Any]:
    """How pydantic sees a shape: it validates, encodes and describes it."""
    return TypeAdapter(cast(Any, cls))


class Answer(Shape):
    """A body that is answered but not stored."""

    __slots__ = ("_wire",)

    _wire: bytes

    def wire(self) -> bytes:
        """The JSON bytes of this answer, encoded once."""
        try:
            return self._wire
        except AttributeError:
            encode = adapter(cast(Hashable, type(self))).serializer.to_json
            wire: bytes = encode(self, by_alias=True, exclude_none=True)
            object.__setattr__(self, "_wire", wire)
            return wire


class Row(Answer):
    """A stored record. Subclasses have an `id`; a change is a new row.

    `_place` is the record's rank of creation in its table, `_joined` the last
    encoding that held members of another record, with what it depended on,
    `_digest` the hash of the row as it is stored.
    """

    __slots__ = ("_digest", "_joined", "_place")

    id: str
    _digest: bytes
    _joined: tuple[Any, bytes]
    _place: int


def encoded(wire: bytes) -> Answer:
    """An answer whose JSON bytes are known already."""
    answer = Answer()
    object.__setattr__(answer, "_wire", wire)
    return answer
