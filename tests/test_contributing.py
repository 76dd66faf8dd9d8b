"""The worked example of CONTRIBUTING.md is served, and its table of commands is right."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from simulator.control.making import describe
from simulator.gateway.pipeline import Gateway
from simulator.gateway.routing import Router
from simulator.resources.catalogue import operations
from simulator.worlds import Worlds
from tests.http import BillClient
from tests.readme import ROOT, blocks


@pytest.fixture
def example(tmp_path: Path) -> Iterator[ModuleType]:
    """The module that CONTRIBUTING.md shows."""
    [source] = [block.text for block in blocks("CONTRIBUTING.md") if block.language == "python"]
    path = tmp_path / "reminders_of_contributing.py"
    path.write_text(source)
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[path.stem]


@pytest.fixture
async def client(example: ModuleType, http: aiohttp.ClientSession) -> AsyncIterator[BillClient]:
    """A signed-in client of a server that has the example beside BILL's operations."""
    worlds = Worlds()
    router = Router([*operations().values(), *example.reminders.operations])
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", Gateway(worlds, router).handle)
    async with TestServer(app) as server:
        origin = f"http://127.0.0.1:{server.port}"
        client = BillClient(http, origin, describe(worlds.default, origin))
        await client.login()
        yield client


async def test_the_example_creates_lists_and_finishes(client: BillClient) -> None:
    body = {"text": "Ask for the invoice", "dueDate": "8000-01-31"}
    made = await client.post("/v3/reminders", body)
    assert made.status == 201
    reminder = made.body
    assert reminder["id"].startswith("rem02")
    assert (reminder["status"], reminder["dueDate"]) == ("WAITING", "8000-01-31")
    listed = await client.get("/v3/reminders?filters=dueDate:gte:7999-01-01&sort=dueDate:desc")
    assert listed.body == {"results": [reminder]}
    finished = await client.post(f"/v3/reminders/{reminder['id']}/finish")
    assert (finished.status, finished.body["status"]) == (200, "DONE")
    archived = await client.post(f"/v3/reminders/{reminder['id']}/archive")
    assert (archived.status, archived.body["archived"]) == (200, True)
    found = await client.get(f"/v3/reminders/{reminder['id']}")
    assert (found.body["status"], found.body["archived"]) == ("DONE", True)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"text": "Late", "dueDate": "2020-01-31"}, "dueDate: invalid value"),
        ({"dueDate": "8000-01-31"}, "text: must not be blank"),
        ({"text": "When?"}, "dueDate: must not be null"),
    ],
    ids=["past", "no text", "no date"],
)
async def test_the_example_refuses(client: BillClient, body: object, message: str) -> None:
    refused = await client.post("/v3/reminders", body)
    assert refused.status == 400
    assert [item["message"] for item in refused.body] == [message]


async def test_the_example_lets_only_some_roles_write(client: BillClient) -> None:
    await client.login("AUDITOR")
    refused = await client.post("/v3/reminders", {"text": "Ask", "dueDate": "8000-01-31"})
    assert (refused.status, refused.body[0]["code"]) == (403, "BDC_1145")
    assert (await client.get("/v3/reminders")).status == 200


def test_the_table_has_every_make_target() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    [targets] = re.findall(r"^\.PHONY: (.*)$", makefile, re.M)
    assert re.findall(r"^\| `make (\w+)` \|", page, re.M) != []
    assert set(re.findall(r"^\| `make (\w+)` \|", page, re.M)) == set(targets.split())
