"""The same seed, start, settings and calls give the same bytes, on whatever server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from simulator import Simulator
from tests import test_journey
from tests.conftest import START
from tests.http import Answer, BillClient
from tests.receiver import Receiver, receiving
from tests.resources.webhooks import SUBSCRIPTIONS, post_keyed, subscription

Course = Callable[[BillClient], Awaitable[None]]

# What the wire tells of the moment and the port, and not of the world.
_OUTSIDE = ("Date",)


@dataclass
class Recorder(BillClient):
    """A client that keeps every answer as it stood on the wire, the server's address aside."""

    answers: list[tuple[str, int, dict[str, str], bytes]] = field(default_factory=list)
    receiver: Receiver = field(default_factory=Receiver)

    async def call(self, method: str, path: str, *args: Any, **more: Any) -> Answer:
        answer = await super().call(method, path, *args, **more)
        headers = {name: answer.headers[name] for name in answer.headers if name not in _OUTSIDE}
        raw = answer.raw.replace(self.origin.encode(), b"")
        if raw != answer.raw:
            headers.pop("Content-Length")
        self.answers.append((f"{method} {path}", answer.status, headers, raw))
        return answer


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Where the webhooks of every run go, so that its address is the same."""
    async with receiving() as found:
        yield found


async def record(course: Course, receiver: Receiver, *, seed: int = 7) -> Recorder:
    """What a server of its own answers to a course of calls in a new world."""
    async with (
        aiohttp.ClientSession() as http,
        Simulator() as server,
    ):
        client = Recorder(http, server.url, {}, receiver=receiver)
        body = {"name": "same", "seed": seed, "start": START}
        made = await client.call("POST", "/_sim/worlds", body)
        client.world = made.body
        await client.login()
        await course(client)
        # Where records, messages, counts and times stand in the end.
        for path in ("", "/clock", "/outbox", "/diff", "/limits", "/faults"):
            await client.control("GET", path)
        return client


async def payables(client: BillClient) -> None:
    """Sign-in, MFA, vendor, bill, payment and its settlement."""
    await test_journey.test_sign_in_step_up_vendor_bill_payment_settlement(client)
    for path in ("/v3/vendors", "/v3/bills", "/v3/payments", "/v3/funding-accounts/banks"):
        await client.get(path)


async def receivables(client: BillClient) -> None:
    """Customer, invoice, its e-mail, and refusals."""
    customer = (await client.post("/v3/customers", {"name": "A", "email": "a@b.co"})).body
    invoice = {
        "customer": {"id": customer["id"]},
        "invoiceNumber": "1",
        "invoiceDate": "2026-06-03",
        "dueDate": "2026-07-03",
        "invoiceLineItems": [{"quantity": 2, "price": 14.99, "description": "Strings"}],
    }
    made = await client.post("/v3/invoices", invoice)
    assert made.status == 201, made.body
    assert (await client.post("/v3/invoices", invoice)).status == 422
    mail = {
        "replyTo": {"userId": client.world["users"][0]["userId"]},
        "recipient": {"to": ["a@b.co"]},
    }
    sent = await client.post(f"/v3/invoices/{made.body['id']}/email", mail)
    assert sent.status == 200, sent.body
    await client.post("/v3/customers", {})
    await client.get("/v3/bills/00n02NOSUCHBILLaaaaa")


async def faults(client: BillClient) -> None:
    """Refusals by chance, from the world's seed."""
    chance = {"effect": {"code": "BDC_1001"}, "probability": 0.5}
    await client.control("POST", "/faults", chance)
    for _ in range(40):
        await client.get("/v3/vendors")


async def webhooks(client: BillClient) -> None:
    """What a receiver hears of a few vendors, some of it twice, late or after a failure."""
    assert isinstance(client, Recorder)
    receiver = client.receiver
    receiver.bodies.clear()
    receiver.headers.clear()
    receiver.answers = [500, 200, 500]
    key = "5b0f6a5e-9c5f-4d7a-8a57-6b7a3f0c9d11"
    body = subscription(receiver.url, "vendor.created", "vendor.updated")
    made = await post_keyed(client, SUBSCRIPTIONS, body, key)
    receiver.security_key = made.body["securityKey"]
    for effect in ({"delivery": "duplicate"}, {"delivery": "reorder"}):
        await client.control("POST", "/faults", {"effect": effect, "probability": 0.4})
    for number in range(6):
        vendor = await client.new_vendor(name=f"Vendor {number}")
    await client.patch(f"/v3/vendors/{vendor['id']}", {"name": "Renamed"})
    await client.control("POST", "/clock/advance", {"seconds": 60})
    await client.control("GET", "/deliveries")
    assert (receiver.forged, len(receiver.bodies) > 8) == (0, True)
    for headers, sent in zip(receiver.headers, receiver.bodies, strict=True):
        client.answers.append(("POST hook", 0, headers, sent))


# Whatever else a world does belongs here.
COURSES: tuple[Course, ...] = (payables, receivables, webhooks, faults)


async def whole(client: BillClient) -> None:
    for course in COURSES:
        await course(client)


async def test_two_servers_answer_the_same_calls_with_the_same_bytes(
    receiver: Receiver,
) -> None:
    one, other = await record(whole, receiver), await record(whole, receiver)
    assert len(one.answers) > 80
    for first, second in zip(one.answers, other.answers, strict=True):
        assert first == second


async def test_another_seed_gives_other_ids_codes_and_faults(receiver: Receiver) -> None:
    one, other = await record(whole, receiver), await record(whole, receiver, seed=8)
    told = [
        [answer for call, *answer in each.answers if call == "GET /connect/v3/vendors"]
        for each in (one, other)
    ]
    statuses = [[status for status, *_ in each] for each in told]
    assert statuses[0] != statuses[1]
    assert {200, 500} == set(statuses[0]) == set(statuses[1])
    assert told[0][0] != told[1][0]


async def test_a_world_that_was_led_back_answers_the_same_calls_with_the_same_bytes(
    receiver: Receiver,
) -> None:
    async def twice(client: BillClient) -> None:
        assert isinstance(client, Recorder)
        await client.control("POST", "/snapshots", {"name": "here"})
        headers, remembered = client.headers, client.remembered
        courses = []
        for _ in range(2):
            client.answers.clear()
            await client.control("POST", "/snapshots/here/restore")
            client.headers, client.remembered = headers, remembered
            await payables(client)
            await receivables(client)
            await client.control("GET", "/outbox")
            courses.append(list(client.answers))
        assert courses[0] == courses[1]

    await record(twice, receiver)
