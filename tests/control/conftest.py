"""Fixtures of the control plane's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from simulator import Simulator
from tests.http import BillClient


@pytest.fixture
async def control(http: aiohttp.ClientSession) -> AsyncIterator[BillClient]:
    """A client of a server that has its default world alone."""
    async with Simulator() as server:
        yield BillClient(http, server.url, {"world": "default"})
