"""Reports of the contract suite, as far as the simulator reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

SANDBOX = "sandbox"


class UnreadableReport(ValueError):
    """The file is not there, or no report; the text says which, and of what file."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Exchange(_Part):
    """A call and the snapshot of its answer."""

    request: str
    status: int
    codes: list[str | None] = Field(default_factory=list)
    answer: Any = None


class Check(_Part):
    """A check, what it is about, and what came of it."""

    id: str
    title: str = ""
    behaviours: list[str] = Field(default_factory=list)
    outcome: Literal["passed", "failed", "error", "skipped"]
    exchanges: list[Exchange] = Field(default_factory=list)


class Report(_Part):
    """A run of the suite. `date` is the instant at which it began, ISO 8601."""

    format: Literal[1]
    target: str
    base_url: str = Field("", alias="baseUrl")
    date: str
    checks: list[Check]


def read_report(path: Path) -> Report:
    """The report in a file. Raises UnreadableReport."""
    try:
        return Report.model_validate_json(path.read_bytes())
    except OSError as failure:
        raise UnreadableReport(f"{path}: {failure.strerror}") from None
    except ValidationError as failure:
        first = failure.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        told = f"{place}: {first['msg']}" if place else first["msg"]
        raise UnreadableReport(f"{path} is no report of the contract suite: {told}") from None
