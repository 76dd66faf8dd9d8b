"""Refusals: BILL's error envelope and the catalogue of what may stand in it.

BILL answers every refusal with a bare JSON array of items with the keys
timestamp, code, severity, category and message; items of bean validation have
no code (observed on the sandbox, 2025-10 and 2026-08).

The catalogue is `data/refusals.csv`: one row per refusal with its status, text
and evidence. A key is BILL's code where one is known (`BDC_1152/filled` is
another wording of it), else a name of our own that never reaches the wire.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Self

from simulator.core.confirmed import with_confirmation
from simulator.core.evidence import Basis, Evidence


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One refusal that the simulator can give. `status` is the HTTP status."""

    key: str
    status: int
    category: str
    severity: str
    message: str
    evidence: Evidence

    @property
    def code(self) -> str | None:
        """BILL's code, or None where BILL sends none or none is known."""
        return self.key.partition("/")[0] if self.key.startswith("BDC_") else None


def _load() -> Mapping[str, CatalogueEntry]:
    text = files("simulator").joinpath("data", "refusals.csv").read_text("utf-8")
    return MappingProxyType(
        {
            record["key"]: CatalogueEntry(
                key=record["key"],
                status=int(record["status"]),
                category=record["category"],
                severity=record["severity"],
                message=record["message"],
                evidence=with_confirmation(
                    record["key"], Evidence(Basis(record["evidence"]), record["source"])
                ),
            )
            for record in csv.DictReader(text.splitlines())
        }
    )


CATALOGUE: Mapping[str, CatalogueEntry] = _load()

_PLACE = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a refusal was given in this very case; told by the journal and never by BILL's paths.

    `facts` are what the text speaks of: names, instants, numbers.
    """

    text: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One element of BILL's error array, without its timestamp.

    `key` is the catalogue's; it and `cause` never reach the wire.
    """

    code: str | None
    severity: str
    category: str
    message: str
    key: str
    cause: Cause | None = None


class Refusal(Exception):
    """An answer in BILL's error envelope.

    Raised by an operation, nothing of the operation remains. Returned by it,
    what it wrote so far stays (a counted wrong password, for instance).
    """

    def __init__(self, status: int, items: Iterable[Item]) -> None:
        self.status = status
        self.items = tuple(items)
        super().__init__("; ".join(item.message for item in self.items))

    def because(self, text: str, **facts: Any) -> Self:
        """Say why: for the journal's reader, who may be told more than BILL tells."""
        cause = Cause(text, facts)
        self.items = tuple(replace(item, cause=cause) for item in self.items)
        return self

    def raised_as(self, other: Refusal) -> Self:
        """Come from where `other` came from, which this one tells in other words."""
        self.__traceback__ = other.__traceback__
        return self

    def doubled(self, record_id: str) -> Refusal:
        """The same refusal told twice: plain, and with the record's id in front.

        BILL answers refused payments so (observed by two independent clients).
        """
        told = (replace(item, message=f"{record_id} : {item.message}") for item in self.items)
        return Refusal(self.status, (*self.items, *told)).raised_as(self)


def refuse(key: str, *, http_status: int | None = None, **values: object) -> Refusal:
    """The catalogue's refusal `key`, its `{name}` places filled with `values`.

    `http_status` overrides the catalogued HTTP status where a setting decides it.
    Raises KeyError for a key that is not in the catalogue.
    """
    return _told(CATALOGUE[key], http_status, values)


def as_catalogued(key: str, http_status: int | None = None) -> Refusal:
    """The catalogue's refusal `key`, whichever it is, because somebody asked for it.

    Apart from `refuse`, whose calls name their key, so that the fidelity page can read them.
    """
    return _told(CATALOGUE[key], http_status, {})


def _told(entry: CatalogueEntry, http_status: int | None, values: Mapping[str, object]) -> Refusal:
    # In one pass: a caller's text may look like a place itself.
    message = _PLACE.sub(lambda place: str(values.get(place[1], place[0])), entry.message)
    item = Item(entry.code, entry.severity, entry.category, message, entry.key)
    return Refusal(http_status or entry.status, (item,))


def together(refusals: Iterable[Refusal]) -> Refusal:
    """Several refusals as one answer; the first one's status leads."""
    listed = list(refusals)
    return Refusal(listed[0].status, (item for refusal in listed for item in refusal.items))


def envelope(refusal: Refusal, now: datetime) -> bytes:
    """The JSON body of `refusal`, stamped `now` with milliseconds and offset."""
    stamp = now.isoformat(timespec="milliseconds")
    return json.dumps(
        [
            {
                "timestamp": stamp,
                **({"code": item.code} if item.code else {}),
                "severity": item.severity,
                "category": item.category,
                "message": item.message,
            }
            for item in refusal.items
        ],
        separators=(",", ":"),
    ).encode()
