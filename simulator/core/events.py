"""What happened: facts that committed changes leave behind for subscribers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from simulator.core.rows import Row


@dataclass(frozen=True, slots=True)
class Event:
    """`type` is BILL's event name (`bill.created`); `row` the record after the change."""

    type: str
    time: datetime
    organization_id: str
    row: Row
