"""A whole world as JSON, out and in, over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from simulator import Simulator
from tests.conftest import START, MakeClient
from tests.control.making_worlds import enter, make
from tests.control.problems import check_problem, check_told
from tests.http import Answer, BillClient
from tests.resources.uploads import upload

EMPTY = {"created": [], "changed": [], "removed": []}


async def state(client: BillClient) -> Any:
    answer = await client.control("GET", "/state")
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == "application/json"
    return answer.body


async def put(client: BillClient, document: Any) -> Answer:
    return await client.control("PUT", "/state", document)


async def hash_of(client: BillClient) -> str:
    return str((await client.control("GET", "")).body["hash"])


async def bills_of(client: BillClient) -> Any:
    return (await client.get("/v3/bills")).body


async def test_a_world_that_is_put_back_is_what_it_was(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    bill = await payer.new_bill(vendor["id"])
    kept, shown = await state(payer), await bills_of(payer)
    assert (await payer.pay(bill, 10)).status == 201
    await payer.new_bill(vendor["id"])
    await payer.control("PATCH", "/limits", {"requestsPerHour": 1})
    await payer.advance(days=9, sign_in=False)
    assert await put(payer, kept) == await put(payer, kept)
    # Whoever was signed in then is so again.
    assert await bills_of(payer) == shown
    assert (await payer.control("GET", "/clock")).body["now"] == "2026-06-03T16:00:00.000+00:00"
    assert (await payer.control("GET", "/limits")).body["requestsPerHour"] == 20_000


async def test_the_hash_is_told_by_the_state_the_world_and_the_put(client: BillClient) -> None:
    await client.new_vendor()
    document = await state(client)
    found = await hash_of(client)
    assert document["hash"] == found
    assert len(found) == 64
    answer = await put(client, document)
    assert answer.body == {"world": client.world["world"], "hash": found}
    await client.new_vendor()
    assert await hash_of(client) != found


async def test_reading_changes_no_hash(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    found = await hash_of(payer)
    for path in ("/v3/vendors", f"/v3/vendors/{vendor['id']}", "/v3/bills", "/v3/bills/nothing"):
        await payer.get(path)
    await payer.control("GET", "/diff")
    assert await hash_of(payer) == found


async def test_another_world_takes_the_records_and_keeps_its_name_and_keys(
    payer: BillClient,
) -> None:
    vendor = await payer.new_vendor()
    bill = await payer.new_bill(vendor["id"])
    paid = (await payer.pay(bill, 10)).body
    shown = await bills_of(payer)
    other = await enter(payer, seed=3)
    document = await state(payer)
    assert (await put(other, document)).body["hash"] == document["hash"]
    there = (await other.control("GET", "")).body
    here = (await payer.control("GET", "")).body
    for name in ("world", "devKey", "appKey", "apiToken"):
        assert there[name] == other.world[name] != here[name]
    for name in ("organizationId", "username", "password", "users", "hash"):
        assert there[name] == here[name]
    # Its people have to sign in; the other world's sessions are none here.
    assert (await other.get("/v3/bills")).body[0]["code"] == "BDC_1109"
    guest = {**payer.headers, "devKey": other.world["devKey"]}
    assert (await other.get("/v3/bills", headers=guest)).body[0]["code"] == "BDC_1109"
    twin = BillClient(payer.http, payer.origin, there)
    await twin.login()
    assert await bills_of(twin) == shown
    # It goes on by itself: new ids, its own clock.
    made = [(await one.new_bill(vendor["id"]))["id"] for one in (payer, twin)]
    assert made[0] == made[1] != bill["id"]
    await twin.advance(businessDays=6)
    path = f"/v3/payments/{paid['id']}"
    assert (await twin.get(path)).body["singleStatus"] == "CLEARED"
    assert (await payer.get(path)).body["singleStatus"] == "SCHEDULED"


async def test_a_session_alone_opens_the_world_it_was_opened_in(payer: BillClient) -> None:
    bill = await payer.new_bill((await payer.new_vendor())["id"])
    await upload(payer, f"/v3/documents/bills/{bill['id']}", b"\x00\xffbytes")
    await payer.advance(seconds=120)
    [listed] = (await payer.get(f"/v3/documents/bills/{bill['id']}")).body["results"]
    link = listed["downloadLink"].removeprefix(payer.origin)
    other = await enter(payer)
    await put(other, await state(payer))
    alone = {"sessionId": payer.headers["sessionId"]}
    there = (await other.control("GET", "")).body
    guest = BillClient(payer.http, payer.origin, there)
    await guest.login()
    # Bytes come along; and who may fetch them is still told by the session.
    own = {"sessionId": guest.headers["sessionId"]}
    for headers in (alone, own):
        async with payer.http.get(payer.origin + link, headers=headers) as response:
            assert (response.status, await response.read()) == (200, b"\x00\xffbytes")
    await payer.post("/v3/logout")
    async with payer.http.get(payer.origin + link, headers=alone) as response:
        assert response.status == 401


async def test_a_state_is_taken_by_another_server(client: BillClient) -> None:
    await client.new_bill((await client.new_vendor())["id"])
    document, shown = await state(client), await bills_of(client)
    async with Simulator(seed=9) as server:
        guest = BillClient(client.http, server.url, {"world": "default"})
        assert (await put(guest, document)).body["hash"] == document["hash"]
        guest.world = (await guest.control("GET", "")).body
        await guest.login()
        assert await bills_of(guest) == shown


async def test_equal_seeds_and_calls_give_equal_hashes(make_client: MakeClient) -> None:
    async def course(seed: int) -> str:
        client = await make_client(seed=seed, trusted=True)
        bill = await client.new_bill((await client.new_vendor())["id"])
        await client.pay(bill, 10)
        await client.advance(businessDays=3)
        return await hash_of(client)

    assert await course(1) == await course(1) != await course(2)


async def test_a_reset_leads_back_to_the_state_that_was_put(client: BillClient) -> None:
    await client.new_vendor()
    document = await state(client)
    del document["beginning"]
    assert (await put(client, document)).status == 200
    await client.new_vendor()
    await client.control("POST", "/reset")
    assert await hash_of(client) == document["hash"]
    assert (await client.control("GET", "/diff")).body == EMPTY


async def test_snapshots_and_the_beginning_come_along(client: BillClient) -> None:
    fresh = await hash_of(client)
    vendor = await client.new_vendor()
    await client.control("POST", "/snapshots", {"name": "one"})
    await client.patch(f"/v3/vendors/{vendor['id']}", {"name": "New name"})
    other = await enter(client, start=START)
    await put(other, await state(client))
    changes = (await client.control("GET", "/diff?from=one")).body
    assert (await other.control("GET", "/diff?from=one")).body == changes != EMPTY
    await other.control("POST", "/snapshots/one/restore")
    assert (await other.control("GET", "/diff?from=one")).body == EMPTY
    twin = BillClient(client.http, client.origin, (await other.control("GET", "")).body)
    await twin.login()
    assert (await twin.get(f"/v3/vendors/{vendor['id']}")).body["name"] == vendor["name"]
    for one in (client, other):
        await one.control("POST", "/reset")
    assert await hash_of(other) == await hash_of(client) != fresh


async def test_what_a_row_hides_stands_in_the_state_and_never_on_the_wire(
    client: BillClient,
) -> None:
    document = await state(client)
    [banks] = [table for table in document["tables"] if table["name"] == "bank_accounts"]
    assert banks["rows"][0]["wholeNumber"] == "800555000142"
    await put(client, document)
    shown = (await client.get("/v3/funding-accounts/banks")).raw
    assert b"0142" in shown
    assert b"800555000142" not in shown
    assert b"wholeNumber" not in shown


async def test_the_journal_does_not_tell_of_another_past(client: BillClient) -> None:
    document = await state(client)
    await client.new_vendor()
    await put(client, document)
    assert (await client.control("GET", "/requests")).body == {"results": []}


async def test_calls_are_answered_while_a_state_is_given_out(client: BillClient) -> None:
    documents = await asyncio.gather(*(state(client) for _ in range(4)))
    assert [one["hash"] for one in documents] == [await hash_of(client)] * 4


async def test_a_world_with_a_scenario_goes_on_playing_it(client: BillClient) -> None:
    made = await make(client, scenario="duplicate-invoice")
    assert made.status == 201, made.body
    playing = BillClient(client.http, client.origin, made.body)
    document = await state(playing)
    other = await enter(client)
    assert (await put(other, document)).status == 200
    there = (await other.control("GET", "")).body
    assert there["scenario"] == "duplicate-invoice"
    assert there["timeline"] == (await playing.control("GET", "")).body["timeline"]
    assert (await state(other))["hash"] == document["hash"]
    assert (await put(client, {**document, "scenario": None})).status == 200
    assert "scenario" not in (await client.control("GET", "")).body


def change(*path: str | int, to: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def changed(document: dict[str, Any]) -> dict[str, Any]:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to
        return document

    return changed


REFUSED = [
    (change("formatVersion", to=0), "formatVersion: Input should be 1; it is 0; this simulator"),
    (change("tables", 0, "name", to="x"), "tables.0: Input tag 'x' found using 'name' does not"),
    (change("tables", 0, "rows", 0, "id", to=1), "tables.0 (bank_account_users).rows.0.id: Input"),
    (change("tables", 0, "rows", 0, "x", to=1), "tables.0 (bank_account_users).rows.0.x: Unexp"),
    (change("clock", "now", to="later"), "clock.now: Input should be a valid datetime"),
    (
        change("credentials", "organizationId", to="008"),
        "credentials.organizationId: '008' is no organization of this world.",
    ),
    (change("scenario", to={"name": "x"}), "scenario.title: Field required; scenario.story"),
    (lambda document: [document], "document: Input should be an object."),
    (lambda document: {"worlds": [document]}, "formatVersion: Field required"),
]


@pytest.mark.parametrize(("edit", "told"), REFUSED)
async def test_a_faulty_state_is_a_problem_and_changes_nothing(
    edit: Callable[[Any], Any], told: str, client: BillClient
) -> None:
    await client.new_vendor()
    document = await state(client)
    answer = await put(client, edit(document))
    check_told(answer, 400, told)
    assert await state(client) == await state(client)
    assert (await client.get("/v3/vendors")).status == 200


async def test_a_faulty_state_leaves_the_hash_alone(client: BillClient) -> None:
    document = await state(client)
    found = await hash_of(client)
    document["tables"][-1]["rows"].append({})
    assert (await put(client, document)).status == 400
    assert await hash_of(client) == found


async def test_a_timer_of_no_kind_is_refused(payer: BillClient) -> None:
    bill = await payer.new_bill((await payer.new_vendor())["id"])
    await payer.pay(bill, 10)
    document = await state(payer)
    [(number, timers)] = [
        (number, table)
        for number, table in enumerate(document["tables"])
        if table["name"] == "timers"
    ]
    timers["rows"][0]["kind"] = "payment.stop"
    start = f"tables.{number} (timers).rows.0.kind: 'payment.stop' is not one of "
    check_told(await put(payer, document), 400, start)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe"])
async def test_a_body_that_is_no_json_is_a_problem(content: bytes, client: BillClient) -> None:
    path = f"/_sim/worlds/{client.world['world']}/state"
    check_told(await client.call("PUT", path, raw=content), 400, "document: ")


async def test_a_state_larger_than_the_setting_is_refused_before_it_is_read(
    http: aiohttp.ClientSession,
) -> None:
    async with Simulator(largest_state=1) as server:
        client = BillClient(http, server.url, {"world": "default"})
        document = json.dumps(await state(client))
        told = "The body is larger than 1048576 bytes, which is what is read at most."
        path = "/_sim/worlds/default/state"

        async def pieces() -> Any:
            for _ in range(40):
                yield document.encode().ljust(32 * 1024)

        async with http.put(server.url + path, data=pieces()) as response:
            answer = Answer(response.status, await response.json(), response.headers, b"")
        check_problem(answer, 413, told)
        for size, status in ((1024 * 1024 + 1, 413), (1024 * 1024, 200)):
            whole = BytesIO(document.encode().ljust(size))
            async with http.put(server.url + path, data=whole) as response:
                assert response.status == status


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_a_world_that_is_not_there_has_no_state(method: str, client: BillClient) -> None:
    answer = await client.call(method, "/_sim/worlds/none/state", {})
    check_problem(answer, 404, "There is no world 'none'.")


async def test_the_state_of_a_world_knows_no_other_method(client: BillClient) -> None:
    assert (await client.control("DELETE", "/state")).status == 405
