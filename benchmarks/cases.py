"""What is measured: the requests of each case, prepared before the clock starts."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from benchmarks.client import Address, LoadError, ask, request_bytes

_BILLS = "/connect/v3/bills"
# Enough different requests that neither side answers one over and over.
_PREPARED = 5_000
_READ = 1_000
# Below this many bills there are not enough unread ones.
_MANY = 10_000
# What changes the state of the table, or uses it up, ends a round here at the latest.
_MOST = 500


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the report: endless `requests`, each answered with `status`.

    `warm_up` of them go ahead of the rounds; a round ends after `most`.
    """

    name: str
    status: int
    requests: Iterator[bytes]
    warm_up: int = 20
    most: int | None = None


def sign_in(address: Address, world: dict[str, Any]) -> dict[str, str]:
    """The headers of a signed-in client."""
    keys = ("username", "password", "organizationId", "devKey")
    body = json.dumps({key: world[key] for key in keys}).encode()
    answer = ask(address, request_bytes("POST", "/connect/v3/login", {}, body))
    if answer.status != 200:
        raise LoadError(answer.body.decode())
    return {"devKey": world["devKey"], "sessionId": json.loads(answer.body)["sessionId"]}


def make_cases(world: dict[str, Any], headers: dict[str, str]) -> list[Case]:
    """The cases for a served world. Creating comes last, as it adds rows."""
    known = world["bills"]
    many = len(known) >= _MANY
    ids = random.Random(1).sample(known, k=min(len(known), _READ + _PREPARED if many else _READ))
    gets = [request_bytes("GET", f"{_BILLS}/{one}", headers) for one in ids]
    read, unread = gets[:_READ], gets[_READ:]

    def listing(name: str, more: str = "") -> Case:
        request = request_bytes("GET", f"{_BILLS}?max=100{more}", headers)
        return Case(name, 200, cycle([request]))

    first_reads = [Case("  first read", 200, cycle(unread), most=_MOST // 2)] if many else []
    return [
        Case("get", 200, cycle(read), warm_up=_READ),
        *first_reads,
        listing("list of 100"),
        listing("  by vendorId", f"&filters=vendorId:eq:{world['vendors'][0]}"),
        listing("  dueDate:desc", "&sort=dueDate:desc"),
        listing("  deep cursor", f"&page={world['cursor']}"),
        Case("create", 201, _creates(world["vendors"], headers), most=_MOST),
    ]


def _creates(vendors: list[str], headers: dict[str, str]) -> Iterator[bytes]:
    chance = random.Random(2)
    prepared = []
    for number in range(_PREPARED):
        cents = chance.randrange(100, 1_000_000)
        body = {
            "vendorId": chance.choice(vendors),
            "dueDate": f"2027-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}",
            "billLineItems": [{"amount": cents / 100, "description": "Drum foot pedal"}],
            "invoice": {"invoiceNumber": f"N-{number}", "invoiceDate": "2026-12-01"},
        }
        prepared.append(request_bytes("POST", _BILLS, headers, json.dumps(body).encode()))
    return cycle(prepared)
