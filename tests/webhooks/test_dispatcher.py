"""What happens while receivers are waited for: other calls of the clock, worlds that go back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.control.problems import check_problem
from tests.http import Answer, BillClient
from tests.receiver import Receiver, receiving
from tests.refusals import check_refused
from tests.resources.webhooks import SUBSCRIPTIONS, deliveries, subscribe

LEFT = "The world has gone back to another state, or was removed, meanwhile."


class Held:
    """A subscribed receiver; `reached` is set once it has a request that it does not answer."""

    def __init__(self, receiver: Receiver, subscription_id: str) -> None:
        self.receiver = receiver
        self.subscription_id = subscription_id
        self.reached = asyncio.Event()
        self.release = receiver.hold = asyncio.Event()
        receiver.on_delivery = self.reached.set


@pytest.fixture
async def held(client: BillClient) -> AsyncIterator[Held]:
    """A receiver that has refused one notification, which is sent again in two seconds."""
    async with receiving(answers=[500]) as receiver:
        made = await subscribe(client, receiver)
        await client.new_vendor()
        assert [one["status"] for one in await deliveries(client)] == [500]
        yield Held(receiver, made["id"])


def advance(client: BillClient, **how: float) -> asyncio.Task[Answer]:
    return asyncio.create_task(client.control("POST", "/clock/advance", how))


async def now(client: BillClient) -> str:
    return str((await client.control("GET", "/clock")).body["now"])


async def test_advances_at_the_same_time_add_up(client: BillClient, held: Held) -> None:
    first = advance(client, days=5)
    await held.reached.wait()
    second = advance(client, seconds=10)
    # By now the second has come in as well.
    for _ in range(10):
        assert await now(client) == "2026-06-03T16:00:02.000+00:00"
    held.release.set()
    assert (await first).body["now"] == "2026-06-08T16:00:00.000+00:00"
    assert (await second).body["now"] == "2026-06-08T16:00:10.000+00:00"


async def test_an_advance_ends_where_the_world_goes_back(client: BillClient, held: Held) -> None:
    under_way = advance(client, days=5)
    await held.reached.wait()
    assert (await client.control("POST", "/reset")).status == 200
    held.release.set()
    check_problem(await under_way, 409, LEFT)
    assert await now(client) == "2026-06-03T16:00:00.000+00:00"


async def test_an_advance_ends_where_the_world_is_removed(client: BillClient, held: Held) -> None:
    under_way = advance(client, days=5)
    await held.reached.wait()
    assert (await client.control("DELETE", "")).status == 204
    held.release.set()
    check_problem(await under_way, 409, LEFT)


async def test_a_test_event_that_the_world_has_forgotten_meanwhile_is_not_found(
    client: BillClient, held: Held
) -> None:
    place = f"{SUBSCRIPTIONS}/{held.subscription_id}/test"
    under_way = asyncio.create_task(client.call("POST", place, {}))
    await held.reached.wait()
    assert (await client.control("POST", "/reset")).status == 200
    held.release.set()
    check_refused(await under_way, 404, (None, "Event not found."))
