"""Deliveries over real sockets: signature, retries, adversity, and what they never do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from simulator import Behaviour, Simulator
from simulator.webhooks.sender import Sender
from tests.conftest import START, MakeClient
from tests.http import BillClient
from tests.receiver import Receiver, receiving
from tests.resources.webhooks import (
    SUBSCRIPTIONS,
    deliveries,
    post_keyed,
    subscribe,
    subscription,
)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


async def advance(client: BillClient, seconds: float) -> None:
    answer = await client.control("POST", "/clock/advance", {"seconds": seconds})
    assert answer.status == 200, answer.body


async def fault(client: BillClient, effect: dict[str, Any], **more: Any) -> None:
    answer = await client.control("POST", "/faults", {"effect": effect, **more})
    assert answer.status == 201, answer.body


async def make_vendors(client: BillClient, *names: str) -> None:
    for name in names:
        await client.new_vendor(name=name)


def names(receiver: Receiver) -> list[str]:
    return [one["vendor"]["name"] for one in receiver.deliveries]


async def test_a_notification_is_minified_json_signed_over_its_bytes(
    client: BillClient, receiver: Receiver
) -> None:
    await subscribe(client, receiver)
    await client.new_vendor(name="Café & Söhne")
    (attempt,) = await deliveries(client)
    assert receiver.forged == 0
    (body,) = receiver.bodies
    assert json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode() == body
    assert receiver.headers[0]["Content-Type"] == "application/json"
    assert "User-Agent" not in receiver.headers[0]
    assert attempt == {
        "id": "delivery-0",
        "eventId": receiver.deliveries[0]["metadata"]["eventId"],
        "eventType": "vendor.created",
        "subscriptionId": receiver.deliveries[0]["metadata"]["subscriptionId"],
        "url": receiver.url,
        "attempt": 1,
        "time": "2026-06-03T16:00:00.000+00:00",
        "status": 200,
    }


async def test_a_setting_sends_the_object_once_more_as_a_string(
    make_client: MakeClient, receiver: Receiver
) -> None:
    client = await make_client(webhook_body="string")
    await subscribe(client, receiver)
    await client.new_vendor()
    await deliveries(client)
    assert receiver.forged == 0
    assert isinstance(json.loads(receiver.bodies[0]), str)
    assert receiver.deliveries[0]["metadata"]["eventType"] == "vendor.created"


async def test_a_rotated_key_signs_from_then_on(client: BillClient, receiver: Receiver) -> None:
    made = await subscribe(client, receiver)
    old = receiver.security_key
    answer = await post_keyed(client, f"{SUBSCRIPTIONS}/{made['id']}/security_key")
    receiver.security_key = answer.body["securityKey"]
    await client.new_vendor()
    await deliveries(client)
    assert (receiver.forged, len(receiver.deliveries)) == (0, 1)
    assert receiver.security_key != old


async def test_retries_come_after_2_4_8_and_16_seconds_and_then_it_is_disabled(
    client: BillClient, receiver: Receiver
) -> None:
    made = await subscribe(client, receiver)
    receiver.answers = [500, 404, 302, 201, 204]
    await client.new_vendor()
    await advance(client, 60)
    found = (await deliveries(client))[::-1]
    times = [one["time"][17:19] for one in found]
    assert times == ["00", "02", "06", "14", "30"]
    assert [one.get("nextAttempt", "none")[17:19] for one in found] == [*times[1:], ""]
    assert [one["status"] for one in found] == [500, 404, 302, 201, 204]
    assert [one["attempt"] for one in found] == [1, 2, 3, 4, 5]
    assert len({one["eventId"] for one in found}) == 1
    assert len(set(receiver.bodies)) == 1
    got = await client.call("GET", f"{SUBSCRIPTIONS}/{made['id']}")
    assert got.body["status"] == {"enabled": False}
    await client.new_vendor()
    assert len(await deliveries(client)) == 5


async def test_a_setting_keeps_the_subscription_enabled(
    make_client: MakeClient, receiver: Receiver
) -> None:
    client = await make_client(exhausted_webhooks="kept")
    made = await subscribe(client, receiver)
    receiver.answers = [500] * 5
    await client.new_vendor()
    await advance(client, 60)
    got = await client.call("GET", f"{SUBSCRIPTIONS}/{made['id']}")
    assert got.body["status"] == {"enabled": True}
    await client.new_vendor()
    await deliveries(client)
    assert len(receiver.events) == 1


async def test_a_success_ends_the_retries(client: BillClient, receiver: Receiver) -> None:
    await subscribe(client, receiver)
    receiver.answers = [500, 200]
    await client.new_vendor()
    await advance(client, 60)
    assert [one["status"] for one in await deliveries(client)] == [200, 500]
    assert len(receiver.events) == 1


async def test_advancing_plays_the_retries_of_all_subscriptions_in_order(
    client: BillClient,
) -> None:
    heard: list[tuple[str, str]] = []
    async with receiving() as one, receiving() as two:
        for receiver in (one, two):
            receiver.answers = [500] * 4
            await subscribe(client, receiver)
        await client.new_vendor()
        await advance(client, 1)
        await client.new_vendor()
        await advance(client, 59)
        found = (await deliveries(client))[::-1]
        heard = [(attempt["time"], attempt["url"]) for attempt in found]
        assert [time for time, _ in heard] == sorted(time for time, _ in heard)
        assert [len(receiver.events) for receiver in (one, two)] == [2, 2]
        assert [len(receiver.deliveries) for receiver in (one, two)] == [6, 6]


async def test_setting_the_clock_forward_plays_retries_too(
    client: BillClient, receiver: Receiver
) -> None:
    await subscribe(client, receiver)
    receiver.answers = [500]
    await client.new_vendor()
    await client.control("PATCH", "/clock", {"now": "2026-06-03T16:00:02+00:00"})
    assert len(receiver.events) == 1


async def test_a_live_clock_retries_by_itself(make_client: MakeClient, receiver: Receiver) -> None:
    client = await make_client(start=None)
    await subscribe(client, receiver)
    receiver.answers = [500]
    arrived = asyncio.Event()
    receiver.on_delivery = lambda: len(receiver.deliveries) == 2 and arrived.set()
    await client.new_vendor()
    async with asyncio.timeout(20):
        await arrived.wait()
    assert receiver.deliveries[0] == receiver.deliveries[1]


async def test_a_receiver_that_hangs_delays_neither_calls_nor_other_receivers(
    make_client: MakeClient,
) -> None:
    client = await make_client(start=None)
    arrived = asyncio.Event()
    async with receiving() as slow, receiving() as quick:
        slow.hold = asyncio.Event()
        quick.on_delivery = lambda: len(quick.deliveries) == 5 and arrived.set()
        await subscribe(client, slow)
        await subscribe(client, quick)
        await make_vendors(client, *"abcde")
        async with asyncio.timeout(20):
            await arrived.wait()
        assert names(quick) == list("abcde")
        assert names(slow) == ["a"]


@pytest.fixture
async def hurried(http: aiohttp.ClientSession) -> AsyncIterator[BillClient]:
    """A client of a server whose receivers have a twentieth of a second."""
    async with Simulator(behaviour=Behaviour(), sender=Sender(timeout=0.05)) as server:
        async with http.post(f"{server.url}/_sim/worlds", json={"start": START}) as response:
            client = BillClient(http, server.url, await response.json())
        await client.login()
        yield client


async def test_no_answer_in_time_is_a_failure(hurried: BillClient, receiver: Receiver) -> None:
    receiver.hold = asyncio.Event()
    await subscribe(hurried, receiver)
    await hurried.new_vendor()
    (attempt,) = await deliveries(hurried)
    assert (attempt["status"], attempt["error"]) == (None, "no answer within 0.05 s")
    receiver.hold.set()
    await advance(hurried, 2)
    assert len(receiver.events) == 1


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:1/hook", "ClientConnectorError"),
        ("https://127.0.0.1:1/hook", "ClientConnectorError"),
        ("https://8.8.8.8/hook", "8.8.8.8 is neither on this machine nor in a private network"),
    ],
)
async def test_what_cannot_be_reached_is_told_and_the_call_succeeds(
    client: BillClient, url: str, error: str
) -> None:
    await post_keyed(client, SUBSCRIPTIONS, subscription(url))
    await client.new_vendor()
    (attempt,) = await deliveries(client)
    assert attempt["status"] is None
    assert error in attempt["error"]


async def test_attempts_are_counted_by_their_outcome(
    client: BillClient, receiver: Receiver
) -> None:
    await subscribe(client, receiver)
    receiver.answers = [500, 200]
    await client.new_vendor()
    await advance(client, 2)
    async with client.http.get(f"{client.origin}/_sim/metrics") as response:
        metrics = await response.text()
    for outcome in ("200", "500"):
        assert f'bill_simulator_deliveries_total{{outcome="{outcome}"}} 1' in metrics


async def test_redirects_are_not_followed(client: BillClient, receiver: Receiver) -> None:
    await subscribe(client, receiver)
    receiver.answers = [307]
    await client.new_vendor()
    (attempt,) = await deliveries(client)
    assert attempt["status"] == 307
    assert len(receiver.deliveries) == 1


async def test_what_waits_for_a_disabled_or_deleted_subscription_is_dropped_and_told(
    client: BillClient, receiver: Receiver
) -> None:
    for number, (method, body, error) in enumerate(
        (
            ("PATCH", {"status": {"enabled": False}}, "dropped: the subscription is disabled"),
            ("DELETE", None, "dropped: the subscription was deleted"),
        )
    ):
        made = await subscribe(client, receiver)
        receiver.answers = [500]
        await client.new_vendor()
        await deliveries(client)
        await client.call(method, f"{SUBSCRIPTIONS}/{made['id']}", body)
        await advance(client, 60)
        listed = (await client.control("GET", "/deliveries")).body
        assert listed["results"][0]["error"] == error
        assert (listed["waiting"], listed["dropped"]) == (0, number + 1)
        await client.call("DELETE", f"{SUBSCRIPTIONS}/{made['id']}")


async def test_a_duplicate_has_the_same_event_id(client: BillClient, receiver: Receiver) -> None:
    await subscribe(client, receiver)
    await fault(client, {"delivery": "duplicate"}, match={"event": "vendor.*"}, times=1)
    await make_vendors(client, "a", "b")
    await deliveries(client)
    assert names(receiver) == ["a", "a", "b"]
    assert len(receiver.events) == 2


async def test_a_drop_is_told_but_never_sent_and_can_be_read_and_resent(
    client: BillClient, receiver: Receiver
) -> None:
    made = await subscribe(client, receiver)
    await fault(client, {"delivery": "drop"}, times=1)
    await make_vendors(client, "a", "b")
    await advance(client, 60)
    assert names(receiver) == ["b"]
    oldest = (await deliveries(client))[-1]
    assert (oldest["status"], oldest["error"]) == (None, "dropped: a fault asked for it")
    place = f"/connect-events/v3/events/subscription/{made['id']}/event/{oldest['eventId']}"
    assert (await client.call("POST", place)).body["statusCode"] == 200
    assert names(receiver) == ["b", "a"]


async def test_a_delay_is_of_the_worlds_clock(client: BillClient, receiver: Receiver) -> None:
    await subscribe(client, receiver)
    await fault(client, {"delayMs": 1500}, times=1)
    await make_vendors(client, "a", "b")
    await advance(client, 1.4)
    assert names(receiver) == ["b"]
    await advance(client, 0.1)
    assert names(receiver) == ["b", "a"]


async def test_reordered_notifications_all_come_within_five_seconds(
    client: BillClient, receiver: Receiver
) -> None:
    await subscribe(client, receiver)
    await fault(client, {"delivery": "reorder"})
    await make_vendors(client, *"abcdefgh")
    await deliveries(client)
    assert names(receiver) == []
    await advance(client, 5)
    assert sorted(names(receiver)) == list("abcdefgh")
    assert names(receiver) != list("abcdefgh")


async def test_adversity_is_the_same_for_the_same_seed(make_client: MakeClient) -> None:
    heard = []
    for _ in range(2):
        async with receiving() as receiver:
            client = await make_client(seed=7)
            await subscribe(client, receiver)
            for effect in ({"delivery": "duplicate"}, {"delivery": "reorder"}):
                await fault(client, effect, probability=0.4)
            await make_vendors(client, *"abcdefghij")
            await advance(client, 60)
            heard.append((names(receiver), receiver.bodies))
    assert heard[0] == heard[1]


async def test_a_receiver_that_dedupes_survives_all_adversities_at_once(
    client: BillClient, receiver: Receiver
) -> None:
    await subscribe(client, receiver)
    for effect in ({"delivery": "duplicate"}, {"delivery": "reorder"}, {"delayMs": 900}):
        await fault(client, effect, probability=0.3)
    receiver.answers = [500, 200, 503, 200, 500, 500]
    await make_vendors(client, *"abcdefghij")
    await advance(client, 60)
    assert sorted(one["vendor"]["name"] for one in receiver.events.values()) == list("abcdefghij")
    assert receiver.forged == 0
    assert len(receiver.deliveries) > 10


@pytest.mark.parametrize(
    "wrong",
    [
        {"match": {"path": "/v3/bills"}, "effect": {"delivery": "drop"}},
        {"match": {"event": "bill.*"}, "effect": {"code": "BDC_1322"}},
        {"effect": {"delivery": "twice"}},
        {"effect": {"delivery": "drop", "delayMs": 1}},
    ],
)
async def test_a_fault_strikes_calls_or_notifications_never_both(
    client: BillClient, wrong: dict[str, Any]
) -> None:
    assert (await client.control("POST", "/faults", wrong)).status == 400
    assert (await client.control("GET", "/faults")).body == {"results": []}


async def test_a_replay_sends_the_same_bytes_and_tells_the_outcome(
    client: BillClient, receiver: Receiver
) -> None:
    await subscribe(client, receiver)
    await client.new_vendor()
    (attempt,) = await deliveries(client)
    answer = await client.control("POST", f"/deliveries/{attempt['id']}/replay")
    assert answer.status == 200
    assert answer.body == {**attempt, "id": "delivery-1"}
    assert receiver.bodies[0] == receiver.bodies[1]
    assert (await deliveries(client))[0] == answer.body


async def test_only_a_known_delivery_is_replayed(client: BillClient) -> None:
    answer = await client.control("POST", "/deliveries/delivery-9/replay")
    assert answer.status == 404
    assert "delivery-9" in answer.body["detail"]


async def test_going_back_takes_up_what_waited_then(client: BillClient, receiver: Receiver) -> None:
    await subscribe(client, receiver)
    receiver.answers = [500]
    await client.new_vendor()
    await deliveries(client)
    await client.control("POST", "/snapshots", {"name": "failed-once"})
    await advance(client, 2)
    assert len(receiver.deliveries) == 2
    await client.control("POST", "/snapshots/failed-once/restore")
    await advance(client, 2)
    assert len(receiver.deliveries) == 3
    assert len(receiver.events) == 1


async def test_a_removed_world_tells_nothing_more(client: BillClient, receiver: Receiver) -> None:
    receiver.hold = asyncio.Event()
    await subscribe(client, receiver)
    await make_vendors(client, "a", "b", "c")
    assert (await client.control("DELETE", "")).status == 204
    receiver.hold.set()
    other = await client.call("GET", "/_sim/health")
    assert other.status == 200
    assert names(receiver) in ([], ["a"])
