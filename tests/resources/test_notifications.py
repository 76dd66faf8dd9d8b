"""What subscriptions are told: catalog, history, tests, resends. /connect-events/v3/events"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.conftest import START, MakeClient
from tests.http import BillClient
from tests.receiver import Receiver, receiving
from tests.refusals import check_faults, check_refused
from tests.resources.partnership import as_partner, neighbour
from tests.resources.webhooks import EVENTS, SUBSCRIPTIONS, deliveries, subscribe

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


def history(subscription: dict[str, Any], query: str = "") -> str:
    return f"{EVENTS}/subscription/{subscription['id']}{query}"


async def told(client: BillClient, subscription: dict[str, Any], query: str = "") -> list[Any]:
    """The history, once everything due was sent."""
    await deliveries(client)
    answer = await client.call("GET", history(subscription, query))
    assert answer.status == 200, answer.body
    found: list[Any] = answer.body["results"]
    return found


async def test_the_catalog_is_a_bare_list_in_version_1(client: BillClient) -> None:
    answer = await client.call("GET", f"{EVENTS}/catalog")
    assert answer.status == 200
    assert {json.dumps(one["versions"]) for one in answer.body} == {'["1"]'}
    types = [one["type"] for one in answer.body]
    assert len(types) == len(set(types)) == 26
    assert {"bill.created", "payment.created", "payment.updated", "bank-account.updated"} < set(
        types
    )


async def test_what_was_told_is_listed_newest_first(client: BillClient, receiver: Receiver) -> None:
    subscription = await subscribe(client, receiver, "vendor.created", "bill.created")
    vendor = await client.new_vendor()
    bill = await client.new_bill(vendor["id"])
    newest, oldest = await told(client, subscription)
    assert list(newest) == [
        "id",
        "type",
        "version",
        "subscriptionId",
        "payload",
        "createdTime",
        "statusCode",
    ]
    assert (newest["type"], oldest["type"]) == ("bill.created", "vendor.created")
    assert newest["subscriptionId"] == subscription["id"]
    assert (newest["version"], newest["statusCode"]) == ("1", 200)
    payload = json.loads(newest["payload"])
    assert payload["metadata"] == {
        "eventId": newest["id"],
        "subscriptionId": subscription["id"],
        "organizationId": client.world["organizationId"],
        "eventType": "bill.created",
        "version": "1",
    }
    assert payload["bill"]["id"] == bill["id"]
    assert newest["payload"].encode() == receiver.bodies[1]


async def test_other_events_are_not_told(client: BillClient, receiver: Receiver) -> None:
    subscription = await subscribe(client, receiver, "bill.created")
    await client.new_vendor()
    assert await told(client, subscription) == []


async def test_a_refused_call_tells_nothing(client: BillClient, receiver: Receiver) -> None:
    subscription = await subscribe(client, receiver, "vendor.created", "bill.created")
    assert (await client.post("/v3/vendors", {"name": ""})).status == 400
    assert await told(client, subscription) == []


async def test_history_is_narrowed_by_entity_and_time(
    client: BillClient, receiver: Receiver
) -> None:
    subscription = await subscribe(client, receiver, "vendor.created", "vendor.archived")
    first = await client.new_vendor()
    await client.control("POST", "/clock/advance", {"seconds": 60})
    await client.new_vendor(name="Another")
    await client.control("POST", "/clock/advance", {"seconds": 60})
    await client.post(f"/v3/vendors/{first['id']}/archive")
    of_first = await told(client, subscription, f"?entityId={first['id']}")
    assert [one["type"] for one in of_first] == ["vendor.archived", "vendor.created"]
    for query, count in (
        ("?createdTimeFrom=2026-06-03T16:01:00Z", 2),
        ("?createdTimeFrom=2026-06-03T16:01:00Z&createdTimeTo=2026-06-03T16:01:30Z", 1),
        ("?createdTimeTo=2026-06-03T15:59:59Z", 0),
        (f"?entityId={UNKNOWN}", 0),
    ):
        assert len(await told(client, subscription, query)) == count, query


async def test_history_pages_go_forward_only(client: BillClient, receiver: Receiver) -> None:
    subscription = await subscribe(client, receiver)
    names = [f"Vendor {number}" for number in range(5)]
    for name in names:
        await client.new_vendor(name=name)
    found, page = [], ""
    for expected in (2, 2, 1):
        answer = await client.call("GET", history(subscription, f"?max=2{page}"))
        assert len(answer.body["results"]) == expected
        assert set(answer.body) <= {"results", "nextPage"}
        found += [json.loads(one["payload"])["vendor"]["name"] for one in answer.body["results"]]
        page = f"&page={answer.body.get('nextPage')}"
    assert page == "&page=None"
    assert found == names[::-1]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?max=0", "max: must be greater than or equal to 1"),
        ("?max=101", "max: must be less than or equal to 100"),
    ],
)
async def test_a_wrong_max_is_refused(
    client: BillClient, receiver: Receiver, query: str, message: str
) -> None:
    subscription = await subscribe(client, receiver)
    check_faults(await client.call("GET", history(subscription, query)), message)


@pytest.mark.parametrize("query", ["?createdTimeFrom=soon", "?createdTimeTo=1", "?page=1"])
async def test_a_wrong_parameter_is_refused(
    client: BillClient, receiver: Receiver, query: str
) -> None:
    subscription = await subscribe(client, receiver)
    assert (await client.call("GET", history(subscription, query))).status == 400


async def test_history_goes_back_180_days(client: BillClient, receiver: Receiver) -> None:
    subscription = await subscribe(client, receiver)
    await client.new_vendor()
    day = 24 * 3600
    await client.control("POST", "/clock/advance", {"seconds": 180 * day - 1})
    await client.login()
    (found,) = await told(client, subscription)
    await client.control("POST", "/clock/advance", {"seconds": 1})
    assert await told(client, subscription) == []
    answer = await client.call("POST", f"{history(subscription)}/event/{found['id']}")
    check_refused(answer, 404, (None, "Event not found."))


async def test_a_resend_has_the_id_and_the_bytes_it_had(
    client: BillClient, receiver: Receiver
) -> None:
    subscription = await subscribe(client, receiver)
    receiver.answers = [500]
    await client.new_vendor()
    (found,) = await told(client, subscription)
    assert found["statusCode"] == 500
    answer = await client.call("POST", f"{history(subscription)}/event/{found['id']}")
    assert (answer.status, answer.body) == (200, {**found, "statusCode": 200})
    assert receiver.bodies[0] == receiver.bodies[1]


@pytest.mark.parametrize("event_id", [UNKNOWN, "x"])
async def test_only_what_was_told_is_resent(
    client: BillClient, receiver: Receiver, event_id: str
) -> None:
    one = await subscribe(client, receiver)
    await client.new_vendor()
    (found,) = await told(client, one)
    other = await subscribe(client, receiver, "bill.created")
    for subscription, wanted in ((one, event_id), (other, found["id"])):
        answer = await client.call("POST", f"{history(subscription)}/event/{wanted}")
        check_refused(answer, 404, (None, "Event not found."))
    answer = await client.call("POST", f"{EVENTS}/subscription/{UNKNOWN}/event/{found['id']}")
    check_refused(answer, 404, (None, "Subscription not found."))


async def test_a_test_tells_the_values_given_among_test_values(
    client: BillClient, receiver: Receiver
) -> None:
    subscription = await subscribe(client, receiver, "bill.updated")
    place = f"{SUBSCRIPTIONS}/{subscription['id']}/test"
    body = {"eventType": "bill.created", "version": "1", "bill": {"id": "mine", "amount": 100}}
    answer = await client.call("POST", place, body)
    assert answer.status == 200
    assert (answer.body["type"], answer.body["statusCode"]) == ("bill.created", 200)
    (sent,) = receiver.deliveries
    assert sent["metadata"]["eventId"] == answer.body["id"]
    assert sent["bill"]["id"] == "mine"
    assert sent["bill"]["amount"] == 100
    assert sent["bill"]["vendorId"]
    assert [one["id"] for one in await told(client, subscription)] == [answer.body["id"]]


async def test_a_test_without_members_tells_the_first_event(
    client: BillClient, receiver: Receiver
) -> None:
    subscription = await subscribe(client, receiver, "bill.updated", "bill.created")
    answer = await client.call("POST", f"{SUBSCRIPTIONS}/{subscription['id']}/test", {})
    assert (answer.status, answer.body["type"]) == (200, "bill.updated")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"eventType": "bill.made"}, "eventType: invalid value"),
        ({"version": "2"}, "version: invalid value"),
    ],
)
async def test_a_test_of_no_event_is_refused(
    client: BillClient, receiver: Receiver, body: Any, message: str
) -> None:
    subscription = await subscribe(client, receiver)
    place = f"{SUBSCRIPTIONS}/{subscription['id']}/test"
    check_faults(await client.call("POST", place, body), message)
    assert receiver.deliveries == []


async def test_every_event_of_the_catalog_can_be_tested(
    client: BillClient, receiver: Receiver
) -> None:
    subscription = await subscribe(client, receiver)
    place = f"{SUBSCRIPTIONS}/{subscription['id']}/test"
    types = [one["type"] for one in (await client.call("GET", f"{EVENTS}/catalog")).body]
    for event_type in types:
        answer = await client.call("POST", place, {"eventType": event_type})
        assert (answer.status, answer.body["statusCode"]) == (200, 200)
    assert receiver.types == types


async def test_a_test_tells_what_the_receiver_said_and_is_not_retried(
    client: BillClient, receiver: Receiver
) -> None:
    subscription = await subscribe(client, receiver)
    receiver.answers = [503]
    answer = await client.call("POST", f"{SUBSCRIPTIONS}/{subscription['id']}/test", {})
    assert (answer.status, answer.body["statusCode"]) == (200, 503)
    await client.control("POST", "/clock/advance", {"seconds": 60})
    assert len(receiver.deliveries) == 1


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"vendor": {"balance": {"amount": 1e400}}}', "vendor: invalid value"),
        (
            b'{"vendor": []}',
            "JSON parse error: Cannot deserialize value of type `java.util.LinkedHashMap`"
            " from Array value (token `JsonToken.START_ARRAY`)",
        ),
    ],
)
async def test_what_cannot_be_told_in_a_test_is_refused(
    client: BillClient, receiver: Receiver, raw: bytes, message: str
) -> None:
    subscription = await subscribe(client, receiver)
    place = f"{SUBSCRIPTIONS}/{subscription['id']}/test"
    check_faults(await client.call("POST", place, raw=raw), message)
    assert await told(client, subscription) == []


async def test_a_test_for_a_partner_names_an_organization(
    client: BillClient, receiver: Receiver
) -> None:
    partner = await as_partner(client)
    subscription = await subscribe(partner, receiver)
    await partner.call("POST", f"{SUBSCRIPTIONS}/{subscription['id']}/test", {})
    (notification,) = receiver.deliveries
    assert notification["metadata"]["organizationId"] == client.world["organizationId"]


async def test_a_partner_is_told_of_its_organizations_alone(
    client: BillClient, receiver: Receiver
) -> None:
    partner = await as_partner(client)
    subscription = await subscribe(partner, receiver)
    theirs = await neighbour(client)
    await client.new_vendor(name="Of the organization itself")
    await theirs.new_vendor(name="Of the partner's organization")
    (found,) = await told(partner, subscription)
    payload = json.loads(found["payload"])
    assert payload["vendor"]["name"] == "Of the partner's organization"
    assert payload["metadata"]["organizationId"] != client.world["organizationId"]


async def test_a_token_of_spend_and_expense_is_not_told_of_bills(
    client: BillClient, receiver: Receiver
) -> None:
    session = client.headers
    client.headers = {"apiToken": client.world["apiToken"]}
    subscription = await subscribe(client, receiver, "vendor.created", "spend.transaction.updated")
    client.headers = session
    await client.new_vendor()
    client.headers = {"apiToken": client.world["apiToken"]}
    assert await told(client, subscription) == []


async def test_a_fork_does_not_tell_what_its_parent_has_to_tell(
    make_client: MakeClient, receiver: Receiver
) -> None:
    client = await make_client(start=START)
    await subscribe(client, receiver)
    receiver.answers = [500]
    await client.new_vendor()
    await deliveries(client)
    fork = (await client.control("POST", "/fork")).body
    twin = BillClient(client.http, client.origin, fork)
    await twin.control("POST", "/clock/advance", {"seconds": 60})
    assert len(receiver.deliveries) == 1
    await client.control("POST", "/clock/advance", {"seconds": 60})
    assert len(receiver.deliveries) == 2
