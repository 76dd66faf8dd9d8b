"""A table: the rows of one resource in one organization, and their indexes.

Rows keep the order of their creation. An index is built when first asked for
and kept from then on, so that a page of a list costs the page and not the
table. A copy shares the rows and starts without indexes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from sortedcontainers import SortedList

from simulator.core.rows import Row

R = TypeVar("R", bound=Row)
Key = Callable[[R], Any]

# A client that sorts by ever new combinations must not grow memory for ever.
_MAX_SORTED = 12


class Table(Generic[R]):
    """Rows by id, in order of creation, with indexes made on demand."""

    __slots__ = (
        "_buckets",
        "_next_place",
        "_order",
        "_places",
        "_rows",
        "_sorted",
        "changes",
        "name",
    )

    def __init__(self, name: str = "") -> None:
        self.name = name
        self._rows: dict[str, R] = {}
        self._order: list[int] = []
        self._places: dict[int, R] = {}
        self._next_place = 0
        self._buckets: dict[str, tuple[Key[R], dict[Hashable, SortedList]]] = {}
        self._sorted: dict[str, tuple[Key[R], SortedList]] = {}
        # How often a row was put or dropped, undoing included.
        self.changes = 0

    @classmethod
    def of(
        cls,
        name: str,
        rows: Iterable[R],
        places: Sequence[int] | None = None,
        next_place: int | None = None,
    ) -> Table[R]:
        """A table of `rows`, whose ids differ, in the order of their creation.

        `places` are their ranks of creation, ascending; without them there are no gaps.
        `next_place` is the rank of the next row, by default that after the last.
        """
        table = cls(name)
        table._rows = {row.id: row for row in rows}
        table._order = list(range(len(table._rows)) if places is None else places)
        for place, row in zip(table._order, table._rows.values(), strict=True):
            object.__setattr__(row, "_place", place)
            table._places[place] = row
        after_last = table._order[-1] + 1 if table._order else 0
        table._next_place = after_last if next_place is None else next_place
        return table

    @property
    def next_place(self) -> int:
        """The rank of creation that the next new row will have."""
        return self._next_place

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[R]:
        return iter(self._rows.values())

    def find(self, row_id: str) -> R | None:
        """The row with that id, or None."""
        return self._rows.get(row_id)

    def find_all(self, row_ids: Iterable[str]) -> Iterator[R | None]:
        """For each id the row that has it, or None."""
        return map(self._rows.get, row_ids)

    def at(self, place: int) -> R:
        """The row created as the `place`-th. Raises KeyError if it is gone."""
        return self._places[place]

    def all_at(self, places: Iterable[int]) -> Iterator[R]:
        """The rows created as the `places`-th. Raises KeyError at one that is gone."""
        return map(self._places.__getitem__, places)

    def put(self, row: R) -> R | None:
        """Store `row`, new or in place of the one with its id, which is returned."""
        self.changes += 1
        old = self._rows.get(row.id)
        if old is None:
            place = self._next_place
            self._next_place = place + 1
            self._order.append(place)
        else:
            place = old._place
        object.__setattr__(row, "_place", place)
        self._places[place] = self._rows[row.id] = row
        if self._buckets or self._sorted:
            self._reindex(old, row, place)
        return old

    def drop(self, row_id: str) -> R:
        """Forget a row and return it. Raises KeyError if there is none."""
        old = self._rows.pop(row_id)
        self.changes += 1
        place = old._place
        del self._order[bisect_left(self._order, place)]
        del self._places[place]
        self._reindex(old, None, place)
        return old

    def retract(self, row_id: str) -> None:
        """Undo the `put` of a new row: its place becomes free again."""
        self._next_place = self.drop(row_id)._place

    def reinstate(self, row: R) -> None:
        """Undo `drop`: put a row back at the place it had."""
        self.changes += 1
        place = row._place
        self._order.insert(bisect_left(self._order, place), place)
        self._places[place] = self._rows[row.id] = row
        if place != self._order[-1]:
            self._rows = {each.id: each for each in self.all_at(self._order)}
        self._reindex(None, row, place)

    def _reindex(self, old: R | None, new: R | None, place: int) -> None:
        for key, buckets in self._buckets.values():
            before = key(old) if old is not None else None
            after = key(new) if new is not None else None
            if old is not None and (new is None or before != after):
                bucket = buckets[before]
                bucket.remove(place)
                if not bucket:
                    del buckets[before]
            if new is not None and (old is None or before != after):
                buckets.setdefault(after, SortedList()).add(place)
        for key, entries in self._sorted.values():
            before = key(old) if old is not None else None
            after = key(new) if new is not None else None
            if old is not None and (new is None or before != after):
                entries.remove((before, place))
            if new is not None and (old is None or before != after):
                entries.add((after, place))

    def order(self) -> list[int]:
        """The places of all rows, ascending. Not to be changed."""
        return self._order

    def bucket(self, name: str, key: Key[R], value: Hashable) -> SortedList:
        """The places of the rows whose `key` equals `value`, ascending.

        `name` identifies the index; the same name always goes with the same key.
        """
        entry = self._buckets.get(name)
        if entry is None:
            grouped: dict[Hashable, list[int]] = {}
            for row in self._rows.values():
                grouped.setdefault(key(row), []).append(row._place)
            entry = (key, {found: SortedList(places) for found, places in grouped.items()})
            self._buckets[name] = entry
        found_places = entry[1].get(value)
        return SortedList() if found_places is None else found_places

    def rows_with(self, name: str, key: Key[R], value: Hashable) -> list[R]:
        """The rows whose `key` equals `value`, in order of creation."""
        return list(self.all_at(self.bucket(name, key, value)))

    def sorted(self, name: str, key: Key[R]) -> SortedList:
        """All rows as `(key, place)`, ascending. `name` identifies the index."""
        entry = self._sorted.pop(name, None)
        if entry is None:
            while len(self._sorted) >= _MAX_SORTED:
                del self._sorted[next(iter(self._sorted))]
            entry = (key, SortedList((key(row), row._place) for row in self._rows.values()))
        self._sorted[name] = entry
        return entry[1]

    def copy(self) -> Table[R]:
        """A table of its own with the same rows."""
        twin: Table[R] = Table(self.name)
        twin._rows = self._rows.copy()
        twin._order = self._order.copy()
        twin._places = self._places.copy()
        twin._next_place = self._next_place
        return twin
