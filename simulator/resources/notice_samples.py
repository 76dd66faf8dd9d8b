"""Values of the payloads that test notifications carry: none is of a real record."""

from __future__ import annotations

from datetime import UTC, date, datetime

SAMPLE_DAY = date(2026, 12, 15)
SAMPLE_TIME = datetime(2026, 12, 15, 23, 15, 23, 127_000, tzinfo=UTC)


def sample_id(prefix: str) -> str:
    """An id in the form of BILL's that no record has."""
    return f"{prefix}02TESTSAMPLE00000"


def sample_uuid(prefix: str, number: int = 0) -> str:
    """A uuid as Spend & Expense writes it: a prefix, then 32 hexadecimal digits."""
    return f"{prefix}_{number:032x}"
