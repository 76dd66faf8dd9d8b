"""docs/control-plane.md tells of every call what it takes, answers and refuses."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import BaseModel

from simulator import Simulator
from simulator.control.app import make_control_app
from simulator.control.clock import AdvanceRequest, ClockRequest
from simulator.control.history import SnapshotRequest
from simulator.control.journal import _FILTERS
from simulator.control.making import WorldRequest
from simulator.control.simulate import SimulateRequest
from simulator.core.faults import FaultRequest
from simulator.core.limits import Limits
from simulator.worlds import Worlds
from tests.http import BillClient
from tests.readme import read
from tests.resources.webhooks import SUBSCRIPTIONS, post_keyed, subscription

PAGE = "docs/control-plane.md"
WORLD = "/_sim/worlds/{world}"
# Answers whose members stand elsewhere: in the contract, in the format of scenarios.
DOCUMENTS = {"GET /_sim/openapi.json", "GET /_sim/scenarios/{name}"}

BODIES: dict[str, type[BaseModel] | set[str]] = {
    "POST /_sim/worlds": WorldRequest,
    f"PATCH {WORLD}/clock": ClockRequest,
    f"POST {WORLD}/clock/advance": AdvanceRequest,
    f"POST {WORLD}/snapshots": SnapshotRequest,
    f"POST {WORLD}/simulate": SimulateRequest,
    f"PATCH {WORLD}/limits": Limits,
    f"POST {WORLD}/faults": FaultRequest,
    f"POST {WORLD}/evaluate": {"expect"},
}
QUERIES = {
    f"GET {WORLD}/outbox": {"kind"},
    f"GET {WORLD}/diff": {"from"},
    f"GET {WORLD}/requests": {*_FILTERS, "max"},
}


@dataclass(frozen=True)
class Entry:
    """A call as the page tells it: its lines by what they begin with."""

    lines: dict[str, str]

    def names(self, start: str) -> set[str]:
        """The members in a line, those in brackets left out, and those of what it refers to."""
        line = self.lines.get(start, "")
        named = set(re.findall(r"`([A-Za-z0-9]+)`", re.sub(r"\([^()]*\)", "", line)))
        for other in re.findall(r"as `(\w+ /_sim\S*)`", line):
            named |= ENTRIES[other].names(ENTRIES[other].success)
        return named

    @property
    def success(self) -> str:
        return next(start for start in self.lines if start.startswith("answers"))

    @property
    def statuses(self) -> set[int]:
        return {int(start.split()[1]) for start in self.lines if start[-3:].isdigit()}


def members_of(body: type[BaseModel] | set[str] | None) -> set[str]:
    if body is None or isinstance(body, set):
        return body or set()
    return {field.alias or name for name, field in body.model_fields.items()}


def entries() -> dict[str, Entry]:
    found = {}
    for title, text in re.findall(r"^### (\w+ /_sim\S*)\n(.*?)(?=^##|\Z)", read(PAGE), re.M | re.S):
        items = re.findall(
            r"^- (body|query|answers \d+|refuses \d+)(?:: )?(.*(?:\n  .*)*)", text, re.M
        )
        # Links lead on; their texts name no members.
        found[title] = Entry({start: re.sub(r"\]\([^)]*\)", "]", line) for start, line in items})
    return found


ENTRIES = entries()


def test_the_page_has_every_call() -> None:
    app = make_control_app(Worlds())
    served = {
        f"{route.method} /_sim{route.resource.canonical}"
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert ENTRIES.keys() == served


@pytest.mark.parametrize("call", ENTRIES)
def test_the_members_of_bodies_are_those_that_are_read(call: str) -> None:
    assert ENTRIES[call].names("body") == members_of(BODIES.get(call))
    assert ENTRIES[call].names("query") == QUERIES.get(call, set())


class Walk:
    """Calls of the control plane, and what came of them by the page's titles."""

    def __init__(self, http: aiohttp.ClientSession, origin: str) -> None:
        self.http = http
        self.origin = origin
        self.statuses: dict[str, set[int]] = defaultdict(set)
        self.members: dict[str, set[str]] = defaultdict(set)

    async def call(self, title: str, body: Any = None, **place: str) -> Any:
        """The JSON that a call is answered; `place` fills the names in braces of its title."""
        method, path = title.split()
        url = self.origin + path.format(**{"world": "walked", **place})
        async with self.http.request(method, url, json=body, allow_redirects=False) as response:
            whole = await response.read()
            data = json.loads(whole) if "json" in response.content_type else None
        self.statuses[title].add(response.status)
        if response.status < 300 and isinstance(data, dict) and title not in DOCUMENTS:
            listed = {name for row in data.get("results", []) for name in row}
            self.members[title] |= listed | (data.keys() - {"results"})
        return data


@contextmanager
def missing(directory: Path) -> Iterator[None]:
    """Have a directory under another name meanwhile."""
    elsewhere = directory.rename(directory.with_name("elsewhere"))
    yield
    elsewhere.rename(directory)


async def through_the_server(walk: Walk, directory: Path) -> None:
    for path in ("/health", "/metrics", "/operations", "/openapi.json", "/fidelity", "/", "/docs"):
        await walk.call(f"GET /_sim{path}")
    await walk.call("GET /_sim")
    await walk.call("GET /_sim/assets/{name}", name="page.css")
    await walk.call("GET /_sim/simulate")
    await walk.call("GET /_sim/scenarios")
    await walk.call("GET /_sim/scenarios/{name}", name="mfa-wall")
    with missing(directory):
        await walk.call("POST /_sim/state/save")
        await walk.call("GET /_sim/state")
    await walk.call("POST /_sim/state/save")


async def through_worlds(walk: Walk) -> BillClient:
    wanted = {"name": "walked", "scenario": "changed-bank-details"}
    client = BillClient(walk.http, walk.origin, await walk.call("POST /_sim/worlds", wanted))
    await walk.call("POST /_sim/worlds", wanted)
    await walk.call("GET /_sim/worlds")
    await walk.call(f"GET {WORLD}")
    await walk.call(f"POST {WORLD}/evaluate")
    await walk.call(f"POST {WORLD}/fork")
    await walk.call(f"GET {WORLD}/clock")
    past = "1999-01-01T00:00:00Z"
    for wanted in ({"mode": "frozen"}, {"now": past}):
        await walk.call(f"PATCH {WORLD}/clock", wanted)
    for wanted in ({"seconds": 1}, {"to": past}):
        await walk.call(f"POST {WORLD}/clock/advance", wanted)
    for number in range(101):
        await walk.call(f"POST {WORLD}/snapshots", {"name": f"state-{number}"})
    await walk.call(f"GET {WORLD}/snapshots")
    await walk.call(f"POST {WORLD}/snapshots/{{name}}/restore", name="state-7")
    await client.login()
    return client


async def through_records(walk: Walk, client: BillClient) -> None:
    await client.trust()
    await walk.call(f"GET {WORLD}/outbox")
    account = {"id": await client.bank_account()}
    for event in ("bank_account.blocked", "bank_account.verified"):
        await walk.call(f"POST {WORLD}/simulate", {**account, "event": event})
    await walk.call(f"GET {WORLD}/diff")
    calls = await walk.call(f"GET {WORLD}/requests")
    await walk.call(f"GET {WORLD}/requests/{{id}}", id=calls["results"][0]["id"])
    await walk.call(f"GET {WORLD}/limits")
    await walk.call(f"PATCH {WORLD}/limits", {"concurrent": None})
    fault = {"effect": {"code": "BDC_1322"}, "times": 1, "probability": 0.5}
    await walk.call(f"POST {WORLD}/faults", fault)
    await walk.call(f"GET {WORLD}/faults")
    await walk.call(f"DELETE {WORLD}/faults")


async def through_webhooks(walk: Walk, client: BillClient) -> None:
    # Nothing listens on port 1: the attempt fails, and another one is to come.
    wanted = subscription("http://127.0.0.1:1/", "vendor.created")
    assert (await post_keyed(client, SUBSCRIPTIONS, wanted)).status == 200
    await client.new_vendor()
    [attempt] = (await walk.call(f"GET {WORLD}/deliveries"))["results"]
    await walk.call(f"POST {WORLD}/deliveries/{{id}}/replay", id=attempt["id"])
    document = await walk.call(f"GET {WORLD}/state")
    for table in document["tables"]:
        if table["name"] == "notifications":
            table["rows"] = []
    del document["hash"]
    await walk.call(f"PUT {WORLD}/state", document)
    await walk.call(f"POST {WORLD}/deliveries/{{id}}/replay", id=attempt["id"])


async def test_answers_and_refusals_are_those_that_are_given(
    http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    directory = tmp_path / "kept"
    directory.mkdir()
    async with Simulator(state=directory / "bill.json", state_interval=3600) as server:
        walk = Walk(http, server.url)
        client = await through_worlds(walk)
        await through_records(walk, client)
        await through_webhooks(walk, client)
        await through_the_server(walk, directory)
        await walk.call(f"POST {WORLD}/reset")
        await walk.call(f"DELETE {WORLD}")
        await walk.call(f"DELETE {WORLD}", world="default")
    told = {call: entry.statuses for call, entry in ENTRIES.items()}
    assert walk.statuses == told
    members = {call: entry.names(entry.success) for call, entry in ENTRIES.items()}
    assert {call: walk.members[call] for call in ENTRIES} == members
