"""Pages of a table: which rows a list answers, and the cursors to its neighbours.

A cursor holds the sort keys and the place of the row at the edge of a page,
not an offset, so it stays right while rows are added. It also holds the
filters and the sort it was made with, so it can be used alone. A checksum in
front tells a cursor of this table from any other text.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Any, Generic, TypeVar

from sortedcontainers import SortedList

from simulator.core.errors import Refusal, refuse
from simulator.core.listing import Grammar, ListQuery, Op, Order, Predicate
from simulator.core.rows import Row
from simulator.core.tables import Table

R = TypeVar("R", bound=Row)

# Below this many candidates they are sorted on the spot; above it, the index
# of the sort order is walked and the other filters are tried on each row.
_FEW = 1000

_SEAL_LENGTH = 6

_json = json.JSONEncoder(separators=(",", ":")).encode


def _seal(table: str, text: bytes) -> bytes:
    return blake2b(table.encode() + b"|" + text, digest_size=_SEAL_LENGTH).digest()


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Rows of one page and the cursors around it; a missing neighbour is None."""

    rows: list[R]
    next_page: str | None
    prev_page: str | None


@dataclass(frozen=True, slots=True)
class _Cursor:
    """`keys` are the texts of the sort keys of the row at the edge."""

    keys: tuple[str | None, ...]
    place: int
    backward: bool
    filters: str
    sort: str

    def encode(self, table: str) -> str:
        data = [list(self.keys), self.place, int(self.backward), self.filters, self.sort]
        text = _json(data).encode()
        return urlsafe_b64encode(_seal(table, text) + text).rstrip(b"=").decode()


def _decode(token: str, table: str) -> _Cursor:
    try:
        padded = (token + "=" * (-len(token) % 4)).encode("ascii")
        sealed = urlsafe_b64decode(padded)
        text = sealed[_SEAL_LENGTH:]
        # Decoding passes over characters that do not belong, and spare bits at the end.
        if urlsafe_b64encode(sealed) != padded or sealed != _seal(table, text) + text:
            raise ValueError(token)
        keys, place, backward, filters, sort = json.loads(text)
    except ValueError:
        raise _no_cursor(token) from None
    return _Cursor(tuple(keys), place, bool(backward), filters, sort)


def _no_cursor(token: str | None) -> Refusal:
    return refuse("BDC_1129", parameter="page", value=token)


def _resume(grammar: Grammar, query: ListQuery, cursor: _Cursor) -> ListQuery:
    """`query` on with the sort, and unless it has its own with the filters, of `cursor`."""
    if (query.filters, query.sort) == (cursor.filters, cursor.sort):
        return query
    try:
        orders = grammar.read_sort(cursor.sort) if cursor.sort else ()
        filters = query.filters or cursor.filters
        predicates = grammar.read_filters(filters) if filters else ()
    except Refusal:
        raise _no_cursor(query.page) from None
    if query.sort and query.orders != orders:
        raise _no_cursor(query.page)
    return replace(query, filters=filters, sort=cursor.sort, predicates=predicates, orders=orders)


class _Descending:
    """A sort key that compares the other way round."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key

    def __lt__(self, other: _Descending) -> bool:
        return bool(other.key < self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and bool(self.key == other.key)


def read_page(
    table: Table[R], grammar: Grammar, query: ListQuery, also: tuple[Predicate, ...] = ()
) -> Page[R]:
    """The page of `table` that `query` asks for, oldest first without a sort.

    `also` narrows the list by more than the caller asked for.
    Raises BDC_1129 for a `page` that is no cursor of this list.
    """
    cursor: _Cursor | None = None
    if query.page is not None:
        cursor = _decode(query.page, table.name)
        query = _resume(grammar, query, cursor)
    walk = _Walk(table, replace(query, predicates=query.predicates + also) if also else query)
    edge = walk.edge(cursor) if cursor else None
    backward = cursor is not None and cursor.backward
    rows = list(islice(walk.rows(edge, backward), query.max + 1))
    more = len(rows) > query.max
    del rows[query.max :]
    if backward:
        rows.reverse()
    has_next = more if not backward else True
    has_prev = (cursor is not None) if not backward else more
    if not rows:
        return Page(rows, None, None)
    return Page(
        rows,
        walk.cursor(rows[-1], backward=False).encode(table.name) if has_next else None,
        walk.cursor(rows[0], backward=True).encode(table.name) if has_prev else None,
    )


class _Walk(Generic[R]):
    """The rows of a query in its order, from any edge, in either direction."""

    def __init__(self, table: Table[R], query: ListQuery) -> None:
        self.table = table
        self.query = query
        self.orders = query.orders
        directions = {order.descending for order in self.orders}
        # All fields descending is the ascending index walked backward.
        self.reversed = directions == {True}
        self.mixed = len(directions) == 2

    def cursor(self, row: R, *, backward: bool) -> _Cursor:
        keys = []
        for order in self.orders:
            value = order.field.get(row)
            keys.append(None if value is None else order.field.kind.write(value))
        return _Cursor(tuple(keys), row._place, backward, self.query.filters, self.query.sort)

    def edge(self, cursor: _Cursor) -> tuple[Any, int]:
        """The index entry that a cursor stands at."""
        parts = []
        for order, text in zip(self.orders, cursor.keys, strict=True):
            key = () if text is None else (order.field.kind.parse(text),)
            parts.append(self._directed(order, key))
        return tuple(parts), cursor.place

    def _directed(self, order: Order, key: tuple[Any, ...]) -> Any:
        return _Descending(key) if self.mixed and order.descending else key

    def key(self, row: R) -> tuple[Any, ...]:
        return tuple(self._directed(order, order.field.order(row)) for order in self.orders)

    def rows(self, edge: tuple[Any, int] | None, backward: bool) -> Iterator[R]:
        """Rows strictly beyond `edge`; `backward` walks against the list's order."""
        descending = backward != self.reversed
        driver, rest = self._driver()
        if not self.orders:
            source = self._by_place(driver, edge, descending)
        elif driver is None:
            source = self._by_index(edge, descending)
        else:
            source = self._by_sorting(driver, edge, descending)
        found = self.table.all_at(source)
        if not rest:
            return found
        return (row for row in found if all(p.holds(row) for p in rest))

    def _driver(self) -> tuple[list[SortedList] | None, tuple[Predicate, ...]]:
        """The buckets of the narrowest equality filter, and the filters left over."""
        best: Predicate | None = None
        best_buckets: list[SortedList] = []
        best_size = len(self.table) + 1
        for predicate in self.query.predicates:
            if predicate.op not in (Op.EQ, Op.IN):
                continue
            field = predicate.field
            wanted = predicate.value if predicate.op is Op.IN else (predicate.value,)
            if field.name == "id":
                found = [self.table.find(one) for one in dict.fromkeys(wanted)]
                buckets = [SortedList([row._place]) for row in found if row is not None]
            else:
                buckets = [
                    self.table.bucket(field.name, field.get, one) for one in dict.fromkeys(wanted)
                ]
            size = sum(map(len, buckets))
            if size < best_size:
                best, best_buckets, best_size = predicate, buckets, size
        if best is None or (self.orders and best_size > _FEW):
            return None, self.query.predicates
        return best_buckets, tuple(p for p in self.query.predicates if p is not best)

    def _by_place(
        self, driver: list[SortedList] | None, edge: tuple[Any, int] | None, descending: bool
    ) -> Iterator[int]:
        place = edge[1] if edge else None
        if driver is None:
            return _walk_list(self.table.order(), place, descending)
        runs = [_walk_sorted(bucket, place, descending) for bucket in driver]
        return runs[0] if len(runs) == 1 else merge(*runs, reverse=descending)

    def _by_index(self, edge: tuple[Any, int] | None, descending: bool) -> Iterator[int]:
        name = ",".join(
            f"-{order.field.name}" if self.mixed and order.descending else order.field.name
            for order in self.orders
        )
        entries = self.table.sorted(name, self.key)
        return map(itemgetter(1), _walk_sorted(entries, edge, descending))

    def _by_sorting(
        self,
        driver: list[SortedList],
        edge: tuple[Any, int] | None,
        descending: bool,
    ) -> Iterator[int]:
        entries = sorted(
            (self.key(self.table.at(place)), place) for bucket in driver for place in bucket
        )
        if descending:
            entries.reverse()
        for entry in entries:
            if edge is None or (entry < edge if descending else entry > edge):
                yield entry[1]


def _walk_list(order: list[int], place: int | None, descending: bool) -> Iterator[int]:
    if descending:
        start = len(order) if place is None else bisect_left(order, place)
        return map(order.__getitem__, range(start - 1, -1, -1))
    start = 0 if place is None else bisect_right(order, place)
    return map(order.__getitem__, range(start, len(order)))


def _walk_sorted(entries: SortedList, edge: Any, descending: bool) -> Iterator[Any]:
    if edge is None:
        return reversed(entries) if descending else iter(entries)
    if descending:
        return iter(entries.irange(maximum=edge, inclusive=(True, False), reverse=True))
    return iter(entries.irange(minimum=edge, inclusive=(False, True)))
