"""Webhooks: subscriptions, and what is delivered with which signature."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from contract_tests.client import Answer, Bill
from contract_tests.expectations import NO_SESSION, refused, told
from contract_tests.records import Records
from contract_tests.reporting import Contract
from contract_tests.webhooks import Receiver, verify

behaviour = pytest.mark.behaviour
HOME = "/v3/subscriptions"
PATH = f"/connect-events{HOME}"
CREATE = f"POST {PATH}"
GET = f"GET {PATH}/{{subscriptionId}}"
TEST = f"POST {PATH}/{{subscriptionId}}/test"
UNKNOWN = f"{HOME}/00000000-0000-4000-8000-000000000000"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def events(bill: Bill) -> Bill:
    """The session at the webhook service."""
    return bill.at_events()


def body(records: Records, url: str = "", **more: Any) -> dict[str, Any]:
    """A subscription; without a receiver it is not enabled, so nothing is sent."""
    return {
        "name": records.name("subscription"),
        "status": {"enabled": bool(url)},
        "events": [{"type": "vendor.created", "version": "1"}],
        "notificationUrl": url or f"https://example.com/{records.word()}",
        **more,
    }


async def subscribe(
    events: Bill, records: Records, wanted: dict[str, Any], key: str | None = ""
) -> Answer:
    """Ask for a subscription, with a new idempotent key unless one is given; None sends none."""
    headers = dict(events.keys)
    if key is not None:
        headers["X-Idempotent-Key"] = key or str(uuid4())
    return await records.post(HOME, wanted, by=events, headers=headers)


@behaviour("GET /connect-events/v3/events/catalog")
async def test_the_catalog_is_a_bare_array_of_types_and_versions(events: Bill) -> None:
    catalog = told(await events.get("/v3/events/catalog"), 200)
    versions = {one["type"]: one["versions"] for one in catalog}
    for wanted in ("bill.created", "bill.updated", "vendor.created", "vendor.updated"):
        assert versions[wanted] == ["1"]


@behaviour(CREATE)
async def test_a_new_subscription_tells_its_key(events: Bill, records: Records) -> None:
    wanted = body(records)
    made = told(await subscribe(events, records, wanted), 200)
    assert made["securityKey"]
    for name, value in wanted.items():
        assert made[name] == value


@behaviour(GET)
async def test_a_subscription_tells_its_key_once(events: Bill, records: Records) -> None:
    made = told(await subscribe(events, records, body(records)), 200)
    found = told(await events.get(f"{HOME}/{made['id']}"), 200)
    assert "securityKey" not in found
    assert (found["id"], found["name"]) == (made["id"], made["name"])
    told(await events.delete(f"{HOME}/{made['id']}"), 200)


@behaviour(CREATE)
@pytest.mark.parametrize("member", ["name", "status", "events", "notificationUrl"])
async def test_a_subscription_lacks_no_required_member(
    events: Bill, records: Records, member: str
) -> None:
    wanted = body(records)
    del wanted[member]
    refused(await subscribe(events, records, wanted), 400, None)


@behaviour(CREATE)
@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"notificationUrl": "http://example.com/webhooks"}, id="plain http"),
        pytest.param({"events": [{"type": "vendor.created", "version": "1.0"}]}, id="version 1.0"),
        pytest.param({"events": []}, id="no events"),
    ],
)
async def test_a_subscription_that_bill_does_not_allow_is_refused(
    events: Bill, records: Records, more: dict[str, Any]
) -> None:
    refused(await subscribe(events, records, body(records, **more)), 400, None)


@behaviour(CREATE)
@pytest.mark.parametrize("key", [None, "nonsense"], ids=["none", "no uuid"])
async def test_a_subscription_needs_an_idempotent_key(
    events: Bill, records: Records, key: str | None
) -> None:
    refused(await subscribe(events, records, body(records), key), 400, None)


@behaviour(CREATE)
async def test_an_idempotent_key_makes_one_subscription(events: Bill, records: Records) -> None:
    wanted, key = body(records), str(uuid4())
    first = told(await subscribe(events, records, wanted, key), 200)
    assert told(await subscribe(events, records, wanted, key), 200) == first
    told(await events.delete(f"{HOME}/{first['id']}"), 200)


@behaviour(f"PATCH {PATH}/{{subscriptionId}}")
async def test_a_patch_renames_a_subscription(events: Bill, records: Records) -> None:
    made = told(await subscribe(events, records, body(records)), 200)
    name = records.name("renamed")
    path = f"{HOME}/{made['id']}"
    assert told(await events.patch(path, {"name": name}), 200)["name"] == name
    told(await events.delete(path), 200)


@behaviour(f"DELETE {PATH}/{{subscriptionId}}")
async def test_a_deleted_subscription_is_gone(events: Bill, records: Records) -> None:
    made = told(await subscribe(events, records, body(records)), 200)
    answer = await events.delete(f"{HOME}/{made['id']}")
    assert (answer.status, answer.raw) == (200, b"")
    assert (await events.get(f"{HOME}/{made['id']}")).status == 404


@behaviour(f"GET {PATH}")
async def test_a_subscription_is_listed_without_its_key(events: Bill, records: Records) -> None:
    made = told(await subscribe(events, records, body(records)), 200)
    listed = told(await events.get(f"{HOME}?max=100"), 200)["results"]
    found = [one for one in listed if one["id"] == made["id"]]
    assert [one["name"] for one in found] == [made["name"]]
    assert "securityKey" not in found[0]
    told(await events.delete(f"{HOME}/{made['id']}"), 200)


@behaviour(f"POST {PATH}/{{subscriptionId}}/security_key")
async def test_a_new_key_is_another_one(events: Bill, records: Records) -> None:
    made = told(await subscribe(events, records, body(records)), 200)
    headers = {**events.keys, "X-Idempotent-Key": str(uuid4())}
    answer = await events.post(f"{HOME}/{made['id']}/security_key", headers=headers)
    key = told(answer, 200)["securityKey"]
    assert key
    assert key != made["securityKey"]
    told(await events.delete(f"{HOME}/{made['id']}"), 200)


@behaviour(f"GET {PATH}", "BDC_1109")
async def test_an_unknown_session_sees_no_subscriptions(events: Bill) -> None:
    headers = {**events.keys, "sessionId": "nonsense"}
    refused(await events.get(HOME, headers=headers), 401, "BDC_1109", NO_SESSION)


@behaviour(f"GET {PATH}")
async def test_without_keys_nobody_sees_subscriptions(events: Bill) -> None:
    refused(await events.get(HOME, headers={}), 400, None)


@behaviour(GET)
async def test_an_unknown_subscription_is_not_found(events: Bill) -> None:
    refused(await events.get(UNKNOWN), 404, None)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def subscription(events: Bill, records: Records, receiver: Receiver) -> dict[str, Any]:
    """A subscription to the receiver of this run."""
    return dict(told(await subscribe(events, records, body(records, receiver.url)), 200))


async def delivered(
    contract: Contract, events: Bill, subscription: dict[str, Any], receiver: Receiver
) -> Any:
    """What the receiver got of a test event that was asked for."""
    path = f"{HOME}/{subscription['id']}/test"
    event = told(await events.post(path, {"eventType": "vendor.created"}), 200)
    got = await receiver.first(
        lambda one: one.metadata["eventId"] == event["id"], contract.patience
    )
    assert got, "nothing was delivered"
    return got


@behaviour(TEST)
async def test_a_test_event_is_delivered_with_the_keys_signature(
    contract: Contract, events: Bill, subscription: dict[str, Any], receiver: Receiver
) -> None:
    got = await delivered(contract, events, subscription, receiver)
    assert verify(got.body, got.signature, subscription["securityKey"]), "a wrong signature"


@behaviour(TEST)
async def test_a_test_event_tells_whose_it_is(
    contract: Contract, events: Bill, subscription: dict[str, Any], receiver: Receiver
) -> None:
    got = await delivered(contract, events, subscription, receiver)
    assert got.metadata["subscriptionId"] == subscription["id"]
    assert got.metadata["organizationId"] == events.credentials.organization_id
    assert got.metadata["eventType"] == "vendor.created"


@behaviour("POST /connect/v3/vendors", CREATE)
async def test_a_new_vendor_is_told_with_the_keys_signature(
    contract: Contract, records: Records, subscription: dict[str, Any], receiver: Receiver
) -> None:
    vendor = await records.vendor()
    got = await receiver.first(
        lambda one: one.payload.get("vendor", {}).get("id") == vendor["id"], contract.patience
    )
    assert got, "nothing was delivered"
    assert got.metadata["eventType"] == "vendor.created"
    assert got.payload["vendor"]["name"] == vendor["name"]
    assert verify(got.body, got.signature, subscription["securityKey"]), "a wrong signature"


@behaviour("GET /connect-events/v3/events/subscription/{subscriptionId}")
async def test_a_notification_is_told_with_the_receivers_answer(
    contract: Contract, events: Bill, subscription: dict[str, Any], receiver: Receiver
) -> None:
    path = f"{HOME}/{subscription['id']}/test"
    event = told(await events.post(path, {"eventType": "vendor.created"}), 200)
    await receiver.first(lambda one: one.metadata["eventId"] == event["id"], contract.patience)
    listed = told(await events.get(f"/v3/events/subscription/{subscription['id']}"), 200)
    found = [one for one in listed["results"] if one["id"] == event["id"]]
    assert [(one["type"], one["statusCode"]) for one in found] == [("vendor.created", 200)]
