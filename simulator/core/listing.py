"""The list grammar of BILL: `max`, `page`, `filters` and `sort`, for every resource.

`filters=field:op:value,field:op:value` is a conjunction; a value that holds a
comma or a colon stands in double quotes; `sort=field:asc,field:desc`, where a
bare field means ascending (BILL guide, Search operations with lists).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum, StrEnum
from operator import attrgetter
from typing import Any

from pydantic.alias_generators import to_snake

from simulator.core.errors import Refusal, refuse

DEFAULT_MAX = 20
LARGEST_MAX = 100


class Op(StrEnum):
    """The operators of a filter."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    IN = "in"
    NIN = "nin"
    SW = "sw"


EQUALITY = frozenset({Op.EQ, Op.NE, Op.IN, Op.NIN})
RANGE = frozenset({Op.GT, Op.GTE, Op.LT, Op.LTE})


@dataclass(frozen=True, slots=True)
class Kind:
    """How the values of a field are read from, and written to, a query.

    `name` says in a word what they are; `members` are all there are, if they can be counted.
    """

    parse: Callable[[str], Any]
    write: Callable[[Any], str] = str
    name: str = "text"
    members: tuple[str, ...] = ()


def _boolean(text: str) -> bool:
    lowered = text.lower()
    if lowered not in ("true", "false"):
        raise ValueError(text)
    return lowered == "true"


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    # Python alone reads underscores in numbers.
    if not number.is_finite() or "_" in text:
        raise ValueError(text)
    return number


# yyyy-MM-dd'T'HH:mm:ss.SSSX and what is left of it from the end, down to yyyy-MM-dd
# (BILL guide, Search operations with lists).
_DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?)?", re.ASCII
)


def _date_time(text: str) -> datetime:
    if not _DATE_TIME.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def _instant(text: str) -> datetime:
    instant = _date_time(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


TEXT = Kind(str)
BOOLEAN = Kind(_boolean, lambda value: "true" if value else "false", "boolean", ("true", "false"))
NUMBER = Kind(_number, name="number")
DATE = Kind(lambda text: _date_time(text).date(), date.isoformat, "date")
INSTANT = Kind(_instant, datetime.isoformat, "instant")


def enumeration(members: type[Enum]) -> Kind:
    """The kind of a field whose values are the members of an enumeration."""
    values = tuple(str(member.value) for member in members)
    return Kind(lambda text: members(text), lambda value: str(value.value), "enumeration", values)


@dataclass(frozen=True, slots=True)
class Field:
    """A field that a list may be filtered or sorted by.

    `name` is BILL's dotted name; `ops` are the operators allowed in a filter;
    `get` reads the value from a row (None where it has none).
    """

    name: str
    kind: Kind
    ops: frozenset[Op]
    get: Callable[[Any], Any]

    def order(self, row: Any) -> tuple[Any, ...]:
        """A key to sort by; rows without a value come first (assumed: as in MySQL)."""
        value = self.get(row)
        return () if value is None else (value,)

    def equals(self, value: Any) -> Predicate:
        """The predicate that this field has that value."""
        return Predicate(self, Op.EQ, value)


def _getter(name: str) -> Callable[[Any], Any]:
    path = [to_snake(part) for part in name.split(".")]
    if len(path) == 1:
        return attrgetter(path[0])

    def get(row: Any) -> Any:
        for step in path:
            if row is None:
                return None
            row = getattr(row, step)
        return row

    return get


def filter_field(
    name: str, kind: Kind, ops: str = "", get: Callable[[Any], Any] | None = None
) -> Field:
    """A `Field` whose operators are given as words: `"eq ne in"`."""
    return Field(name, kind, frozenset(Op(op) for op in ops.split()), get or _getter(name))


@dataclass(frozen=True, slots=True)
class Predicate:
    """One `field:op:value` of a filter, its value read."""

    field: Field
    op: Op
    value: Any

    def holds(self, row: Any) -> bool:
        """Whether `row` passes."""
        found = self.field.get(row)
        op, value = self.op, self.value
        if op is Op.EQ:
            return bool(found == value)
        if op is Op.NE:
            return bool(found != value)
        if op is Op.IN:
            return found in value
        if op is Op.NIN:
            return found not in value
        if found is None:
            return False
        if op is Op.SW:
            return str(found).startswith(value)
        if op is Op.GT:
            return bool(found > value)
        if op is Op.GTE:
            return bool(found >= value)
        if op is Op.LT:
            return bool(found < value)
        return bool(found <= value)


@dataclass(frozen=True, slots=True)
class Order:
    """One field of a sort."""

    field: Field
    descending: bool


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A list request that has been read and checked."""

    max: int = DEFAULT_MAX
    page: str | None = None
    filters: str = ""
    sort: str = ""
    predicates: tuple[Predicate, ...] = ()
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Grammar:
    """The fields that the lists of one resource may be filtered and sorted by."""

    filters: Mapping[str, Field] = field(default_factory=dict)
    sorts: Mapping[str, Field] = field(default_factory=dict)

    @classmethod
    def of(cls, filters: Iterable[Field], sorts: Iterable[Field]) -> Grammar:
        """A grammar of fields by their names."""
        return cls({one.name: one for one in filters}, {one.name: one for one in sorts})

    def read(
        self, max: str | None, page: str | None, filters: str | None, sort: str | None
    ) -> ListQuery:
        """Check the four parameters of a list as they stand in the URL.

        Raises a 400 `Refusal`: for `max` outside 1..100 in the style of bean
        validation, BDC_1130 for a field that cannot be filtered, BDC_1131 for
        an operator that the field does not have, BDC_1129 for a value.
        """
        if not self.filters:
            # Such lists know max and page alone (BILL's collection).
            filters = sort = None
        return ListQuery(
            max=_read_max(max),
            page=page or None,
            filters=filters or "",
            sort=sort or "",
            predicates=self.read_filters(filters) if filters else (),
            orders=self.read_sort(sort) if sort else (),
        )

    def read_filters(self, text: str) -> tuple[Predicate, ...]:
        """Read the `filters` parameter. Raises `Refusal`."""
        return tuple(self._predicate(part) for part in _split(text, ","))

    def _predicate(self, text: str) -> Predicate:
        parts = _split(text, ":", 2)
        if len(parts) != 3:
            raise refuse("BDC_1129", parameter="filters", value=text)
        name, op_text, raw = parts
        found = self.filters.get(name.strip())
        if found is None:
            raise refuse("BDC_1130", field=name.strip())
        try:
            op = Op(op_text.strip())
        except ValueError:
            raise refuse("BDC_1131", operator=op_text.strip()) from None
        if op not in found.ops:
            raise refuse("BDC_1131", operator=op.value)
        value = _unquote(raw)
        try:
            if op in (Op.IN, Op.NIN):
                return Predicate(
                    found, op, tuple(found.kind.parse(_unquote(one)) for one in value.split(","))
                )
            return Predicate(found, op, found.kind.parse(value))
        except (ValueError, OverflowError):
            raise refuse("BDC_1129", parameter=found.name, value=value) from None

    def read_sort(self, text: str) -> tuple[Order, ...]:
        """Read the `sort` parameter. Raises `Refusal`."""
        orders = []
        for part in text.split(","):
            name, _, direction = part.strip().partition(":")
            found = self.sorts.get(name)
            if found is None or direction.lower() not in ("", "asc", "desc"):
                raise refuse("BDC_1129", parameter="sort", value=part.strip())
            orders.append(Order(found, direction.lower() == "desc"))
        return tuple(orders)


def _read_max(text: str | None) -> int:
    if text is None or text == "":
        return DEFAULT_MAX
    try:
        # Python alone reads underscores in numbers.
        if not text.isascii() or "_" in text:
            raise ValueError
        value = int(text)
    except ValueError:
        raise refuse("parameter.type", type="java.lang.Integer", value=text) from None
    problem: Refusal | None = None
    if value < 1:
        problem = refuse("field.min", field="max", limit=1)
    elif value > LARGEST_MAX:
        problem = refuse("field.max", field="max", limit=LARGEST_MAX)
    if problem:
        raise problem
    return value


def _split(text: str, separator: str, most: int = -1) -> list[str]:
    """Split at separators outside double quotes, at most `most` times."""
    if '"' not in text:
        return text.split(separator, most)
    parts: list[str] = []
    start = 0
    quoted = False
    for index, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == separator and not quoted and len(parts) != most:
            parts.append(text[start:index])
            start = index + 1
    parts.append(text[start:])
    return parts


def _unquote(text: str) -> str:
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1]
    return text
