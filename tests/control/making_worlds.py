"""Making and entering worlds through the control plane."""

from __future__ import annotations

from typing import Any

from tests.http import Answer, BillClient


async def make(client: BillClient, **body: Any) -> Answer:
    return await client.call("POST", "/_sim/worlds", body)


async def enter(client: BillClient, **body: Any) -> BillClient:
    """A client that has signed in to a new world of the same server."""
    made = await make(client, **body)
    assert made.status == 201, made.body
    inside = BillClient(client.http, client.origin, made.body)
    assert (await inside.login()).status == 200
    return inside


def login_of(client: BillClient) -> dict[str, str]:
    """What the administrator signs in with, but for the password."""
    return {name: client.world[name] for name in ("username", "organizationId", "devKey")}


async def names(client: BillClient) -> list[str]:
    listed = await client.call("GET", "/_sim/worlds")
    return [world["world"] for world in listed.body["results"]]
