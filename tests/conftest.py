"""Fixtures that every layer of tests shares."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, settings

from simulator import Behaviour, Simulator
from tests.http import BillClient

settings.register_profile(
    "ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
# For `make long`: other examples in every run, and ten times as many steps as in "ci".
settings.register_profile(
    "long",
    deadline=None,
    max_examples=500,
    stateful_step_count=100,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci")

# A Wednesday at 9 am in California: a bank day, long before the cut-off.
START = "2026-06-03T16:00:00+00:00"

MakeClient = Callable[..., Awaitable[BillClient]]


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def make_client(http: aiohttp.ClientSession) -> AsyncIterator[MakeClient]:
    """`await make_client(role=…, trusted=…, **behaviour)`: a client of a fresh frozen world.

    Settings of the behaviour need a server of their own; without any, the
    clients of a test share one server.
    """
    servers: dict[Behaviour, Simulator] = {}

    async def make(
        role: str | None = "ADMINISTRATOR",
        *,
        trusted: bool = False,
        start: str | None = START,
        seed: int | None = None,
        **behaviour: Any,
    ) -> BillClient:
        wanted = Behaviour(**behaviour)
        if wanted not in servers:
            server = Simulator(behaviour=wanted)
            await server.start()
            servers[wanted] = server
        origin = servers[wanted].url
        asked = {"start": start, "seed": seed}
        body = {key: value for key, value in asked.items() if value is not None}
        async with http.post(f"{origin}/_sim/worlds", json=body) as response:
            assert response.status == 201, await response.text()
            client = BillClient(http, origin, await response.json())
        if role is not None:
            await client.login(role)
        if trusted:
            await client.trust()
        return client

    yield make
    for server in servers.values():
        await server.stop()


@pytest.fixture
async def client(make_client: MakeClient) -> BillClient:
    """An administrator's signed-in, untrusted client of a fresh world at START."""
    return await make_client()


@pytest.fixture
async def payer(make_client: MakeClient) -> BillClient:
    """An administrator's MFA-trusted client of a fresh world at START."""
    return await make_client(trusted=True)
