"""Health of BILL's two services: no header is asked for, and nothing is told of a world."""

from __future__ import annotations

import pytest

from tests.conftest import MakeClient


@pytest.mark.parametrize("service", ["connect", "connect-events"])
async def test_health_is_told_to_anybody(make_client: MakeClient, service: str) -> None:
    client = await make_client(role=None)
    answer = await client.call("GET", f"/{service}/v3/health")
    assert (answer.status, list(answer.body)) == (
        200,
        ["appId", "appEnv", "appVersion", "bdcRegion"],
    )
    assert answer.body["appId"] == service
