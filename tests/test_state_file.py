"""The file that keeps the worlds of a server: over restarts, and over being killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from simulator import Simulator
from simulator.state_file import StateError
from tests.control.making_worlds import enter, names
from tests.control.problems import check_problem
from tests.http import BillClient
from tests.servers import Served, plain_environment, start

COMMAND = [sys.executable, "-m", "simulator", "serve", "--port", "0"]
# Nothing is saved but at the end, or when a test asks for it.
SELDOM = 80_000.0
# What a world tells of itself that does not depend on where it is served.
SAME = ("world", "devKey", "appKey", "apiToken", "organizationId", "username", "password", "users")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


@asynccontextmanager
async def serving(
    http: aiohttp.ClientSession, file: Path, interval: float = SELDOM, **settings: Any
) -> AsyncIterator[BillClient]:
    """A client of the default world of a server that keeps its state in `file`."""
    async with Simulator(state=file, state_interval=interval, **settings) as server:
        client = BillClient(http, server.url, {"world": "default"})
        client.world = (await client.control("GET", "")).body
        yield client


def content(file: Path) -> bytes:
    return file.read_bytes()


def inode(file: Path) -> int:
    return file.stat().st_ino


def beside(file: Path) -> list[Path]:
    return [path for path in file.parent.iterdir() if path != file]


def write(file: Path, text: str | bytes) -> None:
    file.write_bytes(text.encode() if isinstance(text, str) else text)


async def told(client: BillClient) -> Any:
    answer = await client.call("GET", "/_sim/state")
    assert answer.status == 200, answer.body
    return answer.body


async def save(client: BillClient) -> Any:
    answer = await client.call("POST", "/_sim/state/save")
    assert answer.status == 200, answer.body
    return answer.body


async def until_saved(client: BillClient, seen: int) -> Any:
    """What is told once more than `seen` saves are done. The test's timeout bounds it."""
    while (state := await told(client))["saved"] <= seen:  # noqa: ASYNC110 - the server's time
        await asyncio.sleep(0.01)
    return state


async def test_a_server_goes_on_where_it_was_stopped(
    http: aiohttp.ClientSession, file: Path
) -> None:
    async with serving(http, file) as client:
        await client.login()
        await client.trust()
        bill = await client.new_bill((await client.new_vendor())["id"])
        assert (await client.pay(bill, 10)).status == 201
        other = await enter(client, name="other", start="2026-06-03T16:00:00Z")
        await other.new_vendor()
        await other.control("POST", "/snapshots", {"name": "one"})
        before = [await one.control("GET", "") for one in (client, other)]
        shown = (await client.get("/v3/bills")).body
        listed = await names(client)
    async with serving(http, file) as again:
        assert await names(again) == listed == ["other", "default"]
        there = BillClient(http, again.origin, other.world, other.headers)
        again.headers = client.headers
        # Sessions live on.
        assert (await again.get("/v3/bills")).body == shown
        assert len((await there.get("/v3/vendors")).body["results"]) == 1
        for one, known in zip((again, there), before, strict=True):
            now = (await one.control("GET", "")).body
            assert now["hash"] == known.body["hash"]
            assert now["counts"].items() <= known.body["counts"].items()
            assert {name: now[name] for name in SAME} == {name: known.body[name] for name in SAME}
        assert (await there.control("POST", "/snapshots/one/restore")).status == 200
        # What is made from now on has names, keys and ids of its own.
        fresh = await enter(again)
        keys = {one["devKey"] for one in (fresh.world, again.world, other.world)}
        assert len(keys) == 3
        assert (await again.new_vendor())["id"] not in {
            one["id"] for one in (await client_vendors(again))[:-1]
        }


async def client_vendors(client: BillClient) -> list[dict[str, Any]]:
    return list((await client.get("/v3/vendors?max=100")).body["results"])


async def test_the_file_is_there_once_the_server_serves(
    http: aiohttp.ClientSession, file: Path
) -> None:
    async with serving(http, file) as client:
        assert json.loads(content(file))["worlds"][0]["name"] == "default"
        state = await told(client)
        assert (state["file"], state["saved"], state["pending"]) == (str(file), 1, False)
        assert state["asOf"] <= state["savedAt"]
    assert beside(file) == []


async def test_changes_are_saved_at_an_interval_and_reads_are_not(
    http: aiohttp.ClientSession, file: Path
) -> None:
    async with serving(http, file, interval=0.02) as client:
        await client.login()
        await client.new_vendor(name="Saved by itself")
        state = await until_saved(client, 1)
        while state["pending"]:
            state = await until_saved(client, state["saved"])
        assert b"Saved by itself" in content(file)
        before = inode(file)
        for _ in range(20):
            await client.get("/v3/vendors")
            await asyncio.sleep(0.01)
        assert await told(client) == state
        assert inode(file) == before


async def test_a_save_is_done_when_it_is_answered(http: aiohttp.ClientSession, file: Path) -> None:
    async with serving(http, file) as client:
        await client.login()
        vendor = await client.new_vendor()
        assert (await told(client))["pending"] is True
        assert vendor["id"].encode() not in content(file)
        state = await save(client)
        assert (state["saved"], state["pending"]) == (2, False)
        assert vendor["id"].encode() in content(file)


@pytest.mark.parametrize(
    "change",
    [
        ("PATCH", "/limits", {"concurrent": 9}),
        ("POST", "/faults", {"effect": {"latencyMs": 1}}),
        ("PATCH", "/clock", {"mode": "frozen"}),
        ("POST", "/snapshots", {"name": "one"}),
        ("POST", "/reset", None),
        ("POST", "/fork", None),
    ],
    ids=lambda change: change[1],
)
async def test_what_the_control_plane_changes_is_there_to_be_saved(
    change: tuple[str, str, Any], http: aiohttp.ClientSession, file: Path
) -> None:
    async with serving(http, file) as client:
        assert (await told(client))["pending"] is False
        assert (await client.control(*change)).status in (200, 201)
        assert (await told(client))["pending"] is True


async def test_a_world_made_or_removed_is_there_to_be_saved(
    http: aiohttp.ClientSession, file: Path
) -> None:
    async with serving(http, file) as client:
        await enter(client, name="other")
        await save(client)
        assert (await client.call("DELETE", "/_sim/worlds/other")).status == 204
        assert (await told(client))["pending"] is True
        await enter(client, name="other", seed=9)
        assert (await told(client))["pending"] is True
        assert (await client.call("DELETE", "/_sim/worlds/other")).status == 204
    async with serving(http, file) as client:
        assert await names(client) == ["default"]


async def test_the_document_of_a_single_world_becomes_the_default_one(
    http: aiohttp.ClientSession, file: Path
) -> None:
    async with Simulator() as server:
        client = BillClient(http, server.url, {"world": "default"})
        other = await enter(client, name="other", start="2026-06-03T16:00:00Z")
        vendor = await other.new_vendor()
        document = (await other.control("GET", "/state")).raw
    write(file, document)
    async with serving(http, file) as client:
        assert await names(client) == ["default"]
        assert client.world["devKey"] == other.world["devKey"]
        await client.login()
        assert [one["id"] for one in await client_vendors(client)] == [vendor["id"]]
        # The keys that the world brought are nobody else's.
        made = [await enter(client) for _ in range(3)]
        assert len({one.world["devKey"] for one in (client, *made)}) == 4


async def test_settings_of_the_start_hold_for_new_worlds(
    http: aiohttp.ClientSession, file: Path
) -> None:
    async with serving(http, file, seed=4) as client:
        known = client.world["organizationId"]
    async with serving(http, file, seed=5) as client:
        assert client.world["organizationId"] == known


async def test_without_a_file_there_is_nothing_to_save(http: aiohttp.ClientSession) -> None:
    async with Simulator() as server:
        client = BillClient(http, server.url, {"world": "default"})
        for method, path in (("GET", "/_sim/state"), ("POST", "/_sim/state/save")):
            check_problem(
                await client.call(method, path),
                404,
                "The server keeps no state file; start it with --state.",
            )


# What stands in the way.


async def test_a_file_that_somebody_else_wrote_meanwhile_is_left_alone(
    http: aiohttp.ClientSession, file: Path
) -> None:
    # Two servers on one file, for instance.
    server = Simulator(state=file, state_interval=SELDOM)
    await server.start()
    client = BillClient(http, server.url, {"world": "default"})
    write(file, "mine")
    answer = await client.call("POST", "/_sim/state/save")
    check_problem(answer, 500, f"{file} is not saved: somebody else has written it.")
    state = await told(client)
    assert (state["saved"], state["failure"]) == (1, "somebody else has written it")
    # The worlds do not care.
    assert (await client.control("GET", "")).status == 200
    with pytest.raises(StateError, match="is not saved: somebody else has written it"):
        await server.stop()
    assert content(file) == b"mine"


async def test_a_save_that_failed_is_tried_again(http: aiohttp.ClientSession, file: Path) -> None:
    blocked = file.with_name("state.json.tmp")
    async with serving(http, file, interval=0.02) as client:
        blocked.mkdir()
        await client.login()
        while "failure" not in (state := await told(client)):  # noqa: ASYNC110 - the server's time
            await asyncio.sleep(0.01)
        assert state["failure"] == "Is a directory"
        blocked.rmdir()
        state = await until_saved(client, 1)
        assert "failure" not in state


FOREIGN = {
    "no JSON": ("hello", "document: Invalid JSON: expected value at line 1 column 1."),
    "cut short": ('{"formatVersion":1,', "document: Invalid JSON: EOF while parsing"),
    "empty": ("", "document: Invalid JSON: EOF while parsing a value at line 1 column 0."),
    "other JSON": ('{"name": "x"}', "formatVersion: Field required; this simulator reads"),
    "a newer version": (
        '{"formatVersion": 2, "made": 0, "worlds": []}',
        "formatVersion: Input should be 1; it is 2; this simulator reads version 1.",
    ),
    "no default world": (
        '{"formatVersion": 1, "made": 0, "worlds": []}',
        "worlds: none is named 'default'.",
    ),
}


@pytest.mark.parametrize(("given", "why"), FOREIGN.values(), ids=FOREIGN)
async def test_a_foreign_file_stops_the_start_and_is_left_alone(
    given: str, why: str, file: Path
) -> None:
    write(file, given)
    with pytest.raises(StateError) as refusal:
        await Simulator(state=file).start()
    assert str(refusal.value).startswith(f"{file} is no state of a simulator: {why}")
    assert content(file) == given.encode()
    assert beside(file) == []


async def test_two_worlds_of_one_name_or_key_stop_the_start(
    http: aiohttp.ClientSession, file: Path
) -> None:
    async with serving(http, file):
        pass
    document = json.loads(content(file))
    [world] = document["worlds"]
    key = world["credentials"]["devKey"]
    for twin, why in (
        (world, "worlds: two have the name 'default'."),
        ({**world, "name": "b"}, f"worlds: two have the devKey {key!r}."),
    ):
        write(file, json.dumps({**document, "worlds": [world, twin]}))
        with pytest.raises(StateError) as refusal:
            await Simulator(state=file).start()
        assert str(refusal.value).endswith(f": {why}")


@pytest.mark.parametrize("place", ["nowhere/state.json", "."])
def test_a_file_that_cannot_be_stops_serve_with_a_message(place: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        [*COMMAND, "--state", place],
        cwd=tmp_path,
        env=plain_environment(),
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    path = (tmp_path / place).resolve()
    why = f"{path.parent} is no directory to write to" if place != "." else f"{path} cannot be read"
    assert ended.stderr.startswith(f"bill-simulator: {why}"), ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_foreign_file_stops_serve_with_a_message(file: Path) -> None:
    write(file, "hello")
    ended = subprocess.run(
        [*COMMAND, "--state", file.name],
        cwd=file.parent,
        env=plain_environment(),
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"bill-simulator: {file} is no state of a simulator: document:")


# Signals.


def serve(file: Path, interval: float) -> Served:
    environment = {**plain_environment(), "BILLSIM_STATE": file.name}
    flags = ["--state-interval", str(interval)]
    return start([*COMMAND, *flags], file.parent, environment)


async def enter_served(http: aiohttp.ClientSession, served: Served) -> BillClient:
    client = BillClient(http, served.url, {"world": "default"})
    client.world = (await client.control("GET", "")).body
    assert (await client.login()).status == 200
    return client


async def test_a_clean_stop_saves(http: aiohttp.ClientSession, file: Path) -> None:
    served = serve(file, SELDOM)
    client = await enter_served(http, served)
    vendor = await client.new_vendor()
    _, complaint = await asyncio.to_thread(served.stop)
    assert (served.process.returncode, complaint) == (0, "")
    assert vendor["id"].encode() in content(file)


async def test_whatever_was_answered_before_a_save_survives_a_kill(
    http: aiohttp.ClientSession, file: Path
) -> None:
    """Four servers after one another are killed in the midst of a load and of their saves."""
    made: list[tuple[str, datetime]] = []
    in_file: set[str] = set()
    for number in range(4):
        # As often as can be: a kill meets a save more often than not.
        served = serve(file, 0)
        try:
            client = await enter_served(http, served)
            there = {one["id"] for one in await everything(client, "vendors")}
            assert in_file <= there
            made = [one for one in made if one[0] in there]
            as_of = await load(client, made, 60 + 30 * number)
        finally:
            os.kill(served.process.pid, signal.SIGKILL)
            await asyncio.to_thread(served.process.communicate)
        in_file = {vendor_id for vendor_id, answered in made if answered < as_of}
        assert in_file, "no save was done under the load"
        # Complete, whatever the kill met.
        assert json.loads(content(file))["worlds"][0]["hash"]
    async with serving(http, file) as client:
        await client.login()
        last = [one["id"] for one in await everything(client, "vendors")]
    assert in_file <= set(last)
    # Nothing is torn: what is there is the beginning of what was made, and its counter goes on.
    known = [vendor_id for vendor_id, _ in made]
    kept = [vendor_id for vendor_id in known if vendor_id in set(last)]
    assert kept == known[: len(kept)]


async def everything(client: BillClient, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page = ""
    while True:
        body = (await client.get(f"/v3/{kind}?max=100{page}")).body
        found += body["results"]
        if "nextPage" not in body:
            return found
        page = f"&page={body['nextPage']}"


async def load(client: BillClient, made: list[tuple[str, datetime]], count: int) -> datetime:
    """Make vendors one after the other; up to which instant a save holds all of them.

    At least `count`, and until a save holds the first of them; a thousand at most.
    """
    first = len(made)
    as_of = datetime.min.replace(tzinfo=UTC)
    for number in range(1_000):
        vendor = await client.new_vendor(by_check=True)
        made.append((vendor["id"], datetime.now(UTC)))
        if number % 10 == 9:
            saved = (await told(client))["asOf"]
            as_of = datetime.fromisoformat(saved) if saved else as_of
            if number >= count and as_of > made[first][1]:
                break
    return as_of
