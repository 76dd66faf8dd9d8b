"""A world's state at a moment: kept, gone back to, compared.

Rows are frozen, so keeping a state copies the tables' lists and no row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from simulator.core.clock import Clock
from simulator.core.limits import Windows
from simulator.core.rows import Row, camel
from simulator.core.tables import Table

Tables = dict[tuple[str, str], Table[Any]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything of a world that changes, as it was at `taken`, after `calls` calls.

    `windows` are the calls counted against limits, `drawn` the draws for faults.
    """

    tables: Tables
    counters: Counter[str]
    last_calls: dict[str, datetime]
    clock: Clock
    taken: datetime
    windows: Windows
    calls: int = 0
    drawn: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A record that is new (`before` None), gone (`after` None) or different."""

    table: str
    id: str
    before: Row | None
    after: Row | None

    def members(self) -> dict[str, dict[str, Any]]:
        """What differs in a changed record, by BILL's names of the members."""
        if self.before is None or self.after is None:
            return {}
        told = {}
        for field in fields(self.after):
            old, new = getattr(self.before, field.name), getattr(self.after, field.name)
            if old != new:
                told[camel(field.name)] = {"before": old, "after": new}
        return told


def copied(tables: Tables) -> Tables:
    """Tables of their own with the same rows."""
    return {key: table.copy() for key, table in tables.items() if len(table)}


def changes(before: Tables, after: Tables) -> Iterator[Change]:
    """What differs between two states, table by table; order of creation within one."""
    empty: Table[Any] = Table()
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key, empty), after.get(key, empty)
        for row in old:
            now = new.find(row.id)
            if now is not row and now != row:
                yield Change(key[0], row.id, row, now)
        for row in new:
            if old.find(row.id) is None:
                yield Change(key[0], row.id, None, row)
