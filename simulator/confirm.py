"""From a report of the contract suite to `data/confirmed.csv`.

A behaviour is confirmed if a check of it ran on BILL's sandbox and all that ran
passed. One whose check failed there is confirmed no longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from simulator.core.confirmed import Confirmation, read, write
from simulator.core.errors import CATALOGUE
from simulator.reports import SANDBOX, Report
from simulator.resources.catalogue import operations

TABLE = Path(__file__).parent / "data" / "confirmed.csv"
# A report of any other server says nothing about BILL's sandbox.
_HOST = "gateway.stage.bill.com"


class NotConfirming(ValueError):
    """The report cannot confirm anything; the text says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The behaviours that a report confirms, and those that it refutes."""

    confirmed: tuple[str, ...]
    refuted: tuple[str, ...]


def outcome(report: Report) -> Outcome:
    """What a report says about each behaviour. Raises NotConfirming."""
    address = urlsplit(report.base_url)
    if report.target != SANDBOX or address.hostname != _HOST:
        raise NotConfirming(
            f"a report confirms behaviours if its target is BILL's sandbox; this one is of"
            f" {report.target} at {report.base_url or 'a server of its own'}"
        )
    ran: dict[str, bool] = {}
    for check in report.checks:
        if check.outcome != "skipped":
            for behaviour in check.behaviours:
                ran[behaviour] = ran.get(behaviour, True) and check.outcome == "passed"
    unknown = sorted(ran.keys() - operations().keys() - CATALOGUE.keys())
    if unknown:
        raise NotConfirming(f"neither an operation nor a refusal: {', '.join(unknown)}")
    return Outcome(
        tuple(sorted(name for name, passed in ran.items() if passed)),
        tuple(sorted(name for name, passed in ran.items() if not passed)),
    )


def confirm(report: Report, table: Path = TABLE) -> Outcome:
    """Bring the table up to date with a report. Raises NotConfirming, OSError."""
    found = outcome(report)
    old: Mapping[str, Confirmation] = read(table.read_text("utf-8")) if table.exists() else {}
    kept = {name: one for name, one in old.items() if name not in found.refuted}
    day = report.date[:10]
    new = {name: Confirmation(name, day, report.target) for name in found.confirmed}
    table.write_text(write({**kept, **new}.values()), "utf-8")
    return found
