"""What the contract suite met on BILL's sandbox: `data/confirmed.csv`.

A row names a behaviour by the key of its operation or refusal and tells when it
was checked, and where. `bill-simulator confirm` writes the rows from a report of
the suite.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from importlib.resources import files
from io import StringIO
from types import MappingProxyType

from simulator.core.evidence import Evidence, observed

# Stands between what was met and what was known before.
BEFORE = "; until then "


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A behaviour was checked on `target` on `date` (yyyy-MM-dd), and found as it is here."""

    behaviour: str
    date: str
    target: str


def read(text: str) -> Mapping[str, Confirmation]:
    """The confirmations in the text of a table, by behaviour."""
    rows = (Confirmation(**record) for record in csv.DictReader(text.splitlines()))
    return MappingProxyType({row.behaviour: row for row in rows})


def write(confirmations: Iterable[Confirmation]) -> str:
    """The text of the table, in the order of the behaviours."""
    text = StringIO()
    names = [field.name for field in fields(Confirmation)]
    table = csv.DictWriter(text, names, lineterminator="\n")
    table.writeheader()
    for one in sorted(confirmations, key=lambda one: one.behaviour):
        table.writerow(asdict(one))
    return text.getvalue()


CONFIRMED = read(files("simulator").joinpath("data", "confirmed.csv").read_text("utf-8"))


def with_confirmation(
    behaviour: str, declared: Evidence, known: Mapping[str, Confirmation] = CONFIRMED
) -> Evidence:
    """What is known of a behaviour: met on BILL's sandbox, or else as `declared`."""
    met = known.get(behaviour)
    if met is None:
        return declared
    return observed(f"{met.target}, {met.date}{BEFORE}{declared}")
