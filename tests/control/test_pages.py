"""The pages for people, and the contract over HTTP."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

import simulator
from simulator import Simulator
from simulator.fidelity import fidelity_page
from simulator.openapi import encoded

ASSETS = Path(simulator.__file__).parent / "control" / "assets"
PAGES = ("/_sim/", "/_sim/docs")
STATIC = (
    *PAGES,
    "/_sim/openapi.json",
    "/_sim/fidelity",
    "/_sim/assets/page.css",
    "/_sim/assets/page.js",
    "/_sim/assets/docs.js",
    "/_sim/assets/control.js",
    "/_sim/assets/swagger-ui.css",
    "/_sim/assets/swagger-ui-bundle.js",
)


@pytest.fixture
async def origin() -> AsyncIterator[str]:
    async with Simulator() as server:
        yield server.url


async def test_the_contract_is_served_as_it_is_declared(
    http: aiohttp.ClientSession, origin: str
) -> None:
    async with http.get(f"{origin}/_sim/openapi.json") as response:
        assert (response.status, response.content_type) == (200, "application/json")
        assert await response.read() == encoded()


async def test_the_overview_is_found_without_its_slash(
    http: aiohttp.ClientSession, origin: str
) -> None:
    async with http.get(f"{origin}/_sim") as response:
        assert str(response.url) == f"{origin}/_sim/"
        assert response.content_type == "text/html"


async def test_an_unknown_asset_is_a_problem(http: aiohttp.ClientSession, origin: str) -> None:
    for name in ("nope.js", "..%2Fpages.py", "page.html"):
        async with http.get(f"{origin}/_sim/assets/{name}") as response:
            assert response.status == 404
            assert response.content_type == "application/problem+json"


async def test_what_does_not_change_is_sent_once(http: aiohttp.ClientSession, origin: str) -> None:
    for path in STATIC:
        async with http.get(origin + path) as response:
            assert response.status == 200, path
            tag = response.headers["ETag"]
        async with http.get(origin + path, headers={"If-None-Match": tag}) as response:
            assert (response.status, await response.read()) == (304, b""), path
            assert response.headers["ETag"] == tag
        async with http.get(origin + path, headers={"If-None-Match": 'W/"other"'}) as response:
            assert response.status == 200, path


async def test_packed_and_plain_are_the_same(http: aiohttp.ClientSession, origin: str) -> None:
    for path in STATIC:
        contents = []
        for accepted in ("gzip", "identity"):
            async with http.get(origin + path, headers={"Accept-Encoding": accepted}) as response:
                assert response.headers.get("Content-Encoding", "identity") == accepted
                assert response.headers["Vary"] == "Accept-Encoding"
                contents.append(await response.read())
        assert contents[0] == contents[1]


async def test_pages_may_run_and_reach_nothing_but_this_server(
    http: aiohttp.ClientSession, origin: str
) -> None:
    for path in STATIC:
        async with http.get(origin + path) as response:
            policy = response.headers["Content-Security-Policy"]
            assert "unsafe" not in policy
            assert re.findall(r"https?:|\*", policy) == []
            assert {"default-src 'none'", "script-src 'self'"} <= set(policy.split("; "))
            assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_pages_name_only_what_is_served_beside_them(
    http: aiohttp.ClientSession, origin: str
) -> None:
    for path in PAGES:
        async with http.get(origin + path) as response:
            text = await response.text()
        named = re.findall(r'(?:src|href)="([^"]+)"', text)
        assert len(named) >= 6
        for link in named:
            if link != "data:,":
                async with http.get(f"{origin}/_sim/{link}") as response:
                    assert response.status == 200, link
        # Inline scripts, styles and handlers would be blocked.
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text)


def test_scripts_put_no_markup_into_the_pages() -> None:
    for name in ("page.js", "docs.js", "control.js"):
        script = (ASSETS / name).read_text("utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", script)
        assert not re.search(r"https?://", script)


async def test_pages_are_opened_without_a_token_and_tell_nothing_of_a_world(
    http: aiohttp.ClientSession,
) -> None:
    async with Simulator(token="a-token-of-the-tests") as server:
        credentials = server.worlds.default.credentials
        assert credentials is not None
        for path in STATIC:
            async with http.get(server.url + path) as response:
                assert response.status == 200, path
                assert credentials.dev_key not in await response.text()
        for path in ("/_sim/worlds", "/_sim/assets/nope.js"):
            async with http.get(server.url + path) as response:
                assert response.status == 401, path


async def test_what_is_known_is_told_as_in_the_docs(
    http: aiohttp.ClientSession, origin: str
) -> None:
    async with http.get(f"{origin}/_sim/fidelity") as response:
        assert response.content_type == "text/plain"
        assert await response.text() == fidelity_page()


def test_vendored_files_come_with_their_licences_and_stay_small() -> None:
    vendored = ASSETS / "swagger-ui"
    assert {path.name for path in vendored.iterdir()} == {
        "LICENSE",
        "LICENSES-of-the-bundle.txt",
        "NOTICE",
        "README.md",
        "swagger-ui-bundle.js.gz",
        "swagger-ui.css.gz",
    }
    assert "Apache License" in (vendored / "LICENSE").read_text("utf-8")
    assert sum(path.stat().st_size for path in ASSETS.rglob("*")) < 600_000
