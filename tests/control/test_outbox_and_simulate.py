"""What BILL would have sent, and what BILL's side is made to do."""

from __future__ import annotations

import re
from typing import Any

import aiohttp
import pytest

from simulator import Simulator
from simulator.core.context import Ctx
from tests.conftest import MakeClient
from tests.control.problems import check_problem, check_told
from tests.http import BillClient
from tests.refusals import holdings

PHONE = "+14155550123"


async def outbox(client: BillClient, kind: str = "") -> list[dict[str, Any]]:
    answer = await client.control("GET", f"/outbox{kind and '?kind=' + kind}")
    assert answer.status == 200
    assert set(answer.body) == {"results"}
    return list(answer.body["results"])


async def test_messages_are_told_newest_first(client: BillClient) -> None:
    assert await outbox(client) == []
    for last in ("1", "2", "3"):
        await client.advance(seconds=1)
        await client.post("/v3/mfa/setup", {"phone": f"+1415555012{last}", "type": "TEXT"})
    messages = await outbox(client)
    assert [message["to"][-1] for message in messages] == ["3", "2", "1"]
    assert [message["time"] for message in messages] == [
        "2026-06-03T16:00:03.000+00:00",
        "2026-06-03T16:00:02.000+00:00",
        "2026-06-03T16:00:01.000+00:00",
    ]
    for message in messages:
        assert set(message) == {"id", "kind", "to", "text", "code", "time"}
        assert message["kind"] == "sms"
        assert re.fullmatch(r"\d{6}", message["code"])
        assert message["code"] in message["text"]


async def test_a_refused_call_sends_nothing(client: BillClient) -> None:
    await client.post("/v3/mfa/setup", {"phone": PHONE, "type": "TEXT", "primary": False})
    await client.post("/v3/mfa/challenge", {})
    assert await outbox(client) == []


async def test_messages_are_told_by_kind(http: aiohttp.ClientSession) -> None:
    async with Simulator() as server:
        world = server.worlds.default

        def send(ctx: Ctx) -> None:
            ctx.send("email", "ada@cedarfinch.example", "Welcome")
            ctx.send("sms", PHONE, "123456 is your code", "123456")
            ctx.send("email", "noah@cedarfinch.example", "Reminder")

        world.perform(Ctx(world, world.clock.now(), ""), send)
        client = BillClient(http, server.url, {"world": "default"})
        assert [message["to"] for message in await outbox(client, "sms")] == [PHONE]
        letters = await outbox(client, "email")
        assert [message["text"] for message in letters] == ["Reminder", "Welcome"]
        assert all("code" not in message for message in letters)
        assert [message["kind"] for message in await outbox(client)] == ["email", "sms", "email"]


@pytest.mark.parametrize("kind", ["fax", "SMS", "", "sms,email"])
async def test_another_kind_of_message_is_400(client: BillClient, kind: str) -> None:
    answer = await client.control("GET", f"/outbox?kind={kind}")
    check_problem(answer, 400, f"kind: {kind!r} is neither sms nor email.")


@pytest.fixture
async def payment(payer: BillClient) -> str:
    """The id of a scheduled payment in the payer's world."""
    bill = await payer.new_bill((await payer.new_vendor())["id"])
    made = await payer.pay(bill, 10.00)
    assert made.body["singleStatus"] == "SCHEDULED"
    return str(made.body["id"])


async def test_the_catalog_tells_every_event(client: BillClient) -> None:
    answer = await client.call("GET", "/_sim/simulate")
    assert answer.status == 200
    listed = answer.body["results"]
    for entry in listed:
        assert set(entry) - {"states", "course"} == {
            "event",
            "on",
            "summary",
            "details",
            "evidence",
        }
        assert all(entry.values())
        assert entry["details"]["additionalProperties"] is False
        assert set(entry["evidence"]) == {"basis", "source"}
        if "states" in entry:
            assert set(entry["states"]) == {"member", "values"}
            assert entry["states"]["values"]
    events = {entry["event"]: entry["on"] for entry in listed}
    assert len(events) == len(listed)
    assert events["payment.settled"] == "payments"
    assert events["bank_account_user.verified"] == "bank_account_users"


async def test_an_event_happens_and_answers_the_record(payer: BillClient, payment: str) -> None:
    answer = await payer.simulate("payment.settled", payment)
    assert answer.status == 200
    record = (await payer.get(f"/v3/payments/{payment}")).body
    assert answer.body == {"event": "payment.settled", "record": record}
    assert record["singleStatus"] == "CLEARED"
    bill = (await payer.get(f"/v3/bills/{record['billId']}")).body
    assert bill["paidAmount"] == 10.0


async def test_what_fell_due_before_happens_before_the_event(
    payer: BillClient, payment: str
) -> None:
    await payer.advance(to="2026-06-04T13:00:00+00:00")
    answer = await payer.simulate("payment.advanced", payment)
    assert answer.body["record"]["singleStatus"] == "PROCESSED"


@pytest.mark.parametrize(
    ("event", "canceled", "detail"),
    [
        ("payment.check_cashed", False, "the payment is no check but ACH."),
        (
            "payment.released",
            True,
            "payment.released cannot happen to {id}: its singleStatus is CANCELED, not"
            " DISBURSEMENT_ON_HOLD.",
        ),
    ],
)
async def test_an_event_that_cannot_happen_is_409_and_changes_nothing(
    payer: BillClient, payment: str, event: str, canceled: bool, detail: str
) -> None:
    if canceled:
        assert (await payer.post(f"/v3/payments/{payment}/cancel")).status == 200
    before = await holdings(payer)
    check_problem(await payer.simulate(event, payment), 409, detail.format(id=payment))
    assert await holdings(payer) == before


async def test_an_unknown_event_is_400_and_names_the_known_ones(
    payer: BillClient, payment: str
) -> None:
    listed = (await payer.call("GET", "/_sim/simulate")).body["results"]
    known = ", ".join(sorted(entry["event"] for entry in listed))
    answer = await payer.simulate("payment.vanished", payment)
    check_problem(answer, 400, f"event: 'payment.vanished' is not one of {known}.")


async def test_an_event_needs_the_id_of_a_record(payer: BillClient) -> None:
    answer = await payer.control("POST", "/simulate", {"event": "payment.settled"})
    check_problem(answer, 400, "id: payment.settled needs the id of a record.")


async def test_an_event_needs_a_record_of_its_kind_in_this_world(
    payer: BillClient, payment: str, make_client: MakeClient
) -> None:
    bill = (await payer.get(f"/v3/payments/{payment}")).body["billId"]
    stranger = await make_client()
    for client, record in ((payer, "nonsense"), (payer, bill), (stranger, payment)):
        answer = await client.simulate("payment.settled", record)
        check_problem(answer, 404, f"id: {record!r} is no record of payments.")
    assert (await payer.get(f"/v3/payments/{payment}")).body["singleStatus"] == "SCHEDULED"


@pytest.mark.parametrize(
    ("raw", "start"),
    [
        (b"{}", "event: "),
        (b'{"event":5,"id":"x"}', "event: "),
        (b'{"event":"payment.settled","id":5}', "id: "),
        (b"[]", "body: "),
        (b"{", "body: "),
    ],
)
async def test_a_malformed_event_is_400(client: BillClient, raw: bytes, start: str) -> None:
    path = f"/_sim/worlds/{client.world['world']}/simulate"
    check_told(await client.call("POST", path, raw=raw), 400, start)
