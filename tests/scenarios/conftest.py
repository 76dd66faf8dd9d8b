"""Fixtures of tests that play scenarios."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from simulator import Simulator
from tests.http import BillClient
from tests.scenarios.stories import small

Play = Callable[..., Awaitable[BillClient]]


@pytest.fixture
async def play(http: aiohttp.ClientSession) -> AsyncIterator[Play]:
    """`await play(timeline=…, expect=…, world={…})`: a signed-in client in such a world."""
    async with Simulator() as server:

        async def begin(**parts: Any) -> BillClient:
            data = small()
            data["world"] |= parts.pop("world", {})
            body = {"scenario": {**data, **parts}}
            async with http.post(f"{server.url}/_sim/worlds", json=body) as response:
                assert response.status == 201, await response.text()
                client = BillClient(http, server.url, await response.json())
            await client.login()
            return client

        yield begin
