"""Subscriptions over HTTP. /connect-events/v3/subscriptions"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.refusals import check_faults, check_refused
from tests.resources.partnership import as_partner
from tests.resources.webhooks import SUBSCRIPTIONS, post_keyed, subscription

NEAR = "http://127.0.0.1:9/hook"
MEMBERS = ["id", "name", "organizationId", "status", "events", "notificationUrl"]


async def create(client: BillClient, *events: str, **more: Any) -> dict[str, Any]:
    answer = await post_keyed(client, SUBSCRIPTIONS, subscription(NEAR, *events, **more))
    assert answer.status == 200, answer.body
    made: dict[str, Any] = answer.body
    return made


async def test_a_subscription_is_answered_with_its_key_once(client: BillClient) -> None:
    made = await create(client, "bill.created", "bill.updated")
    times = ["createdTime", "updatedTime"]
    assert list(made) == [*MEMBERS, *times, "securityKey"]
    assert made["organizationId"] == client.world["organizationId"]
    assert made["status"] == {"enabled": True}
    assert made["events"] == [
        {"type": "bill.created", "version": "1"},
        {"type": "bill.updated", "version": "1"},
    ]
    key = made.pop("securityKey")
    got = await client.call("GET", f"{SUBSCRIPTIONS}/{made['id']}")
    listed = await client.call("GET", SUBSCRIPTIONS)
    assert (got.status, got.body) == (200, made)
    assert listed.body == {"results": [made]}
    assert key not in str((got.body, listed.body))


async def test_pages_go_forward_only(client: BillClient) -> None:
    made = [(await create(client, name=str(n), notificationUrl=NEAR + str(n)))["id"] for n in "abc"]
    first = await client.call("GET", f"{SUBSCRIPTIONS}?max=2")
    assert [one["id"] for one in first.body["results"]] == made[:2]
    assert set(first.body) == {"results", "nextPage"}
    second = await client.call("GET", f"{SUBSCRIPTIONS}?max=2&page={first.body['nextPage']}")
    assert [one["id"] for one in second.body["results"]] == made[2:]
    assert set(second.body) == {"results"}


@pytest.mark.parametrize("most", ["0", "101"])
async def test_max_is_from_1_to_100(client: BillClient, most: str) -> None:
    assert (await client.call("GET", f"{SUBSCRIPTIONS}?max={most}")).status == 400


async def test_put_replaces_and_patch_changes(client: BillClient) -> None:
    made = await create(client, "bill.created")
    place = f"{SUBSCRIPTIONS}/{made['id']}"
    await client.control("POST", "/clock/advance", {"seconds": 60})
    body = subscription(NEAR + "2", "vendor.created", name="New", status={"enabled": False})
    put = await client.call("PUT", place, body)
    assert put.status == 200
    assert list(put.body) == [*MEMBERS, "createdTime", "updatedTime"]
    assert {key: put.body[key] for key in body} == body
    assert put.body["createdTime"] == made["createdTime"] < put.body["updatedTime"]
    patched = await client.call("PATCH", place, {"status": {"enabled": True}})
    assert patched.body == {**put.body, "status": {"enabled": True}}
    assert (await client.call("GET", place)).body == patched.body


@pytest.mark.parametrize("member", ["name", "status", "events", "notificationUrl"])
async def test_put_needs_every_member(client: BillClient, member: str) -> None:
    made = await create(client)
    body = subscription(NEAR)
    del body[member]
    answer = await client.call("PUT", f"{SUBSCRIPTIONS}/{made['id']}", body)
    check_faults(answer, f"{member}: must not be null")


async def test_delete_is_for_good_and_has_no_body(client: BillClient) -> None:
    made = await create(client)
    place = f"{SUBSCRIPTIONS}/{made['id']}"
    answer = await client.call("DELETE", place)
    assert (answer.status, answer.raw) == (200, b"")
    assert "Content-Type" not in answer.headers
    for method, body in (("GET", None), ("DELETE", None), ("PATCH", {"name": "x"})):
        gone = await client.call(method, place, body)
        check_refused(gone, 404, (None, "Subscription not found."))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": ""}, "name: must not be empty"),
        ({"events": []}, "events: must not be empty"),
        ({"events": [{"type": "bill.made", "version": "1"}]}, "events[0].type: invalid value"),
        (
            {"events": [{"type": "bill.created", "version": "1.0"}]},
            "events[0].version: invalid value",
        ),
        ({"events": [{"type": "bill.created"}]}, "events[0].version: must not be null"),
        ({"status": {"enabled": None}}, "status.enabled: must not be null"),
        ({"notificationUrl": "http://hooks.example.com/x"}, "notificationUrl: invalid value"),
        ({"notificationUrl": "http://8.8.8.8/x"}, "notificationUrl: invalid value"),
        ({"notificationUrl": "http://169.254.169.254/x"}, "notificationUrl: invalid value"),
        ({"notificationUrl": "http://0.0.0.0/x"}, "notificationUrl: invalid value"),
        ({"notificationUrl": "ftp://127.0.0.1/x"}, "notificationUrl: invalid value"),
        ({"notificationUrl": "https:///x"}, "notificationUrl: invalid value"),
        ({"notificationUrl": "https://a:b/x"}, "notificationUrl: invalid value"),
        ({"notificationUrl": "nonsense"}, "notificationUrl: invalid value"),
        ({"notificationUrl": "https://a.example/\n"}, "notificationUrl: invalid value"),
        ({"notificationUrl": "https://a.example/\tx"}, "notificationUrl: invalid value"),
    ],
)
async def test_a_wrong_member_is_named_and_nothing_made(
    client: BillClient, wrong: dict[str, Any], message: str
) -> None:
    answer = await post_keyed(client, SUBSCRIPTIONS, subscription(NEAR, **wrong))
    assert answer.status == 400
    assert [item["message"] for item in answer.body] == [message]
    assert (await client.call("GET", SUBSCRIPTIONS)).body == {"results": []}


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/x",
        "http://localhost:9/x",
        "http://[::1]:9/x",
        "http://10.1.2.3/x",
        "http://receiver:8000/x",
        "http://host.docker.internal/x",
    ],
)
async def test_https_goes_anywhere_and_http_to_what_is_near(client: BillClient, url: str) -> None:
    assert (await create(client, notificationUrl=url))["notificationUrl"] == url


async def test_the_eleventh_is_refused(client: BillClient) -> None:
    for number in range(10):
        await create(client, notificationUrl=f"{NEAR}{number}")
    answer = await post_keyed(client, SUBSCRIPTIONS, subscription(NEAR))
    assert answer.status == 400
    assert answer.body[0]["message"] == "Max number of subscriptions per organization reached: 10."
    oldest = (await client.call("GET", SUBSCRIPTIONS)).body["results"][0]["id"]
    await client.call("DELETE", f"{SUBSCRIPTIONS}/{oldest}")
    await create(client)


async def test_same_events_and_url_are_a_duplicate_in_any_order(client: BillClient) -> None:
    made = await create(client, "bill.created", "bill.updated")
    other = await create(client, "bill.created")
    twin = subscription(NEAR, "bill.updated", "bill.created", name="Another name")
    told = "A subscription with the same events and notificationUrl exists."
    check_refused(await post_keyed(client, SUBSCRIPTIONS, twin), 400, (None, told))
    place = f"{SUBSCRIPTIONS}/{other['id']}"
    check_refused(await client.call("PUT", place, twin), 400, (None, told))
    check_refused(await client.call("PATCH", place, {"events": made["events"]}), 400, (None, told))
    assert (await client.call("PATCH", place, {"name": "Renamed"})).status == 200


@pytest.mark.parametrize("spelling", ["security_key", "security-key"])
async def test_the_key_rotates_under_both_spellings(client: BillClient, spelling: str) -> None:
    made = await create(client)
    answer = await post_keyed(client, f"{SUBSCRIPTIONS}/{made['id']}/{spelling}")
    assert (answer.status, list(answer.body)) == (200, ["securityKey"])
    assert answer.body["securityKey"] != made["securityKey"]


async def test_one_idempotent_key_makes_one_subscription_for_a_day(client: BillClient) -> None:
    key = str(uuid4())
    first = await post_keyed(client, SUBSCRIPTIONS, subscription(NEAR), key)
    other = subscription(NEAR + "2")
    again = await post_keyed(client, SUBSCRIPTIONS, other, key.upper())
    assert again.raw == first.raw
    await client.control("POST", "/clock/advance", {"seconds": 24 * 3600 - 1})
    await client.login()
    assert (await post_keyed(client, SUBSCRIPTIONS, other, key)).raw == first.raw
    await client.control("POST", "/clock/advance", {"seconds": 1})
    assert (await post_keyed(client, SUBSCRIPTIONS, other, key)).body["id"] != first.body["id"]


async def test_one_idempotent_key_rotates_once(client: BillClient) -> None:
    made, other = await create(client), await create(client, notificationUrl=NEAR + "2")
    key = str(uuid4())
    path = f"{SUBSCRIPTIONS}/{made['id']}/security_key"
    first, again = [await post_keyed(client, path, key=key) for _ in range(2)]
    assert first.raw == again.raw
    elsewhere = await post_keyed(client, f"{SUBSCRIPTIONS}/{other['id']}/security_key", key=key)
    assert elsewhere.body != first.body


@pytest.mark.parametrize(
    "key",
    [
        "",
        "1",
        "6f1d3c1e-2b7a-1c45-9d2e-0a1b2c3d4e5f",
        "g" * 36,
        "{6f1d3c1e-2b7a-4c45-9d2e-0a1b2c3d4e5f}",
    ],
)
async def test_an_idempotent_key_is_a_uuid4(client: BillClient, key: str) -> None:
    answer = await client.call(
        "POST", SUBSCRIPTIONS, subscription(NEAR), headers={"X-Idempotent-Key": key}
    )
    check_faults(answer, "X-Idempotent-Key: invalid value")


async def test_creation_and_rotation_need_an_idempotent_key(client: BillClient) -> None:
    made = await create(client)
    for path in (SUBSCRIPTIONS, f"{SUBSCRIPTIONS}/{made['id']}/security_key"):
        answer = await client.call("POST", path, subscription(NEAR + "2"))
        check_faults(answer, "X-Idempotent-Key: must not be null")


async def test_a_key_whose_first_request_is_under_way_gets_429(client: BillClient) -> None:
    key = str(uuid4())
    slow = {"match": {"path": "/connect-events/v3/subscriptions"}, "effect": {"latencyMs": 300}}
    await client.control("POST", "/faults", {**slow, "times": 1})
    first = asyncio.create_task(post_keyed(client, SUBSCRIPTIONS, subscription(NEAR), key))
    while not (await client.control("GET", "/faults")).body["results"][0]["struck"]:
        pass
    second = await post_keyed(client, SUBSCRIPTIONS, subscription(NEAR), key)
    told = "A request with this X-Idempotent-Key is in progress."
    check_refused(second, 429, (None, told))
    third = await post_keyed(client, SUBSCRIPTIONS, subscription(NEAR), key)
    assert (await first).status == 200
    assert third.status == 429
    assert (await post_keyed(client, SUBSCRIPTIONS, subscription(NEAR), key)).status == 200


async def test_missing_keys_are_400_and_wrong_ones_401(client: BillClient) -> None:
    good = client.headers
    for headers, status in (
        ({}, 400),
        ({"sessionId": good["sessionId"]}, 400),
        ({"devKey": good["devKey"]}, 400),
        ({"appKey": client.world["appKey"]}, 400),
        ({**good, "devKey": "wrong"}, 401),
        ({**good, "sessionId": "wrong"}, 401),
        ({"apiToken": "wrong"}, 401),
        ({"apiToken": client.world["apiToken"]}, 200),
    ):
        client.headers = headers
        assert (await client.call("GET", SUBSCRIPTIONS)).status == status, headers


async def test_each_kind_of_key_has_subscriptions_of_its_own(client: BillClient) -> None:
    own = await create(client)
    partner = await as_partner(client)
    assert (await partner.call("GET", SUBSCRIPTIONS)).body == {"results": []}
    assert "organizationId" not in await create(partner, "bill.created")
    client.headers = {"apiToken": client.world["apiToken"]}
    assert (await client.call("GET", SUBSCRIPTIONS)).body == {"results": []}
    assert (await client.call("GET", f"{SUBSCRIPTIONS}/{own['id']}")).status == 404
    spend = await create(client, "spend.transaction.updated")
    assert "organizationId" not in spend
    assert (await client.call("GET", SUBSCRIPTIONS)).body["results"][0]["id"] == spend["id"]


async def test_worlds_do_not_share_subscriptions(make_client: MakeClient) -> None:
    one, two = await make_client(), await make_client()
    made = await create(one)
    assert (await two.call("GET", SUBSCRIPTIONS)).body == {"results": []}
    assert (await two.call("GET", f"{SUBSCRIPTIONS}/{made['id']}")).status == 404
