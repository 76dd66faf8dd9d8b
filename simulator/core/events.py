"""What happened: facts that committed changes leave behind for subscribers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from simulator.core.rows import Row


@dataclass(frozen=True, slots=True)
class Event:
    """`type` is BILL's event name (`bill.created`); `row` the record after the change."""

    type: str
    time: datetime
    organization_id: str
    row: Row


class WriteKind(StrEnum):
    """What became of a record."""

    CREATED = "created"
    CHANGED = "changed"
    REMOVED = "removed"


class Write(NamedTuple):
    """A record that an operation committed; `resource` names its table."""

    resource: str
    id: str
    kind: WriteKind
