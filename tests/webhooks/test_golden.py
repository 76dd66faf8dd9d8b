"""Exact bytes and signature of one notification of every event: receivers verify them."""

from __future__ import annotations

import pytest

from simulator.resources.catalogue import notices
from tests.conftest import MakeClient
from tests.goldens import check_golden
from tests.receiver import receiving
from tests.resources.webhooks import SUBSCRIPTIONS, subscribe


@pytest.mark.parametrize("event_type", list(notices()))
async def test_bytes_and_signature_are_frozen(make_client: MakeClient, event_type: str) -> None:
    client = await make_client(seed=1)
    async with receiving() as receiver:
        made = await subscribe(client, receiver, event_type)
        answer = await client.call("POST", f"{SUBSCRIPTIONS}/{made['id']}/test", {})
        assert answer.body["statusCode"] == 200
        (body,), (headers,) = receiver.bodies, receiver.headers
    signed = headers["x-bill-sha-signature"].encode()
    check_golden(f"notifications/{event_type}.txt", signed + b"\n" + body)
