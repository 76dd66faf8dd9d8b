"""Worlds from seeds, and worlds beside one another."""

from __future__ import annotations

import aiohttp

from simulator import Simulator
from tests.conftest import START
from tests.control.making_worlds import enter, login_of, make
from tests.http import BillClient

IDS = ("organizationId", "username", "password", "users")
KEYS = ("devKey", "appKey", "apiToken")


async def test_one_seed_gives_the_same_ids_and_other_keys(control: BillClient) -> None:
    one, two = await enter(control, seed=7, start=START), await enter(control, seed=7, start=START)
    assert {key: one.world[key] for key in IDS} == {key: two.world[key] for key in IDS}
    for key in KEYS:
        assert one.world[key] != two.world[key]
    vendor = await one.new_vendor()
    assert vendor == await two.new_vendor()
    assert await one.new_bill(vendor["id"]) == await two.new_bill(vendor["id"])
    await one.trust()
    await two.trust()
    messages = (await one.control("GET", "/outbox")).body
    assert messages == (await two.control("GET", "/outbox")).body
    assert one.remembered == two.remembered


async def test_other_seeds_give_other_ids(control: BillClient) -> None:
    made = [(await make(control, **body)).body for body in ({"seed": 7}, {"seed": 8}, {}, {})]
    for key in ("organizationId", "password"):
        assert len({world[key] for world in made}) == 4


async def test_the_same_worlds_come_with_every_start_of_the_server(
    control: BillClient, http: aiohttp.ClientSession
) -> None:
    async with Simulator() as server:
        again = BillClient(http, server.url, {"world": "default"})
        for client in (control, again):
            await make(client)
            await make(client, name="seeded", seed=3)
        one = (await control.call("GET", "/_sim/worlds")).body["results"]
        two = (await again.call("GET", "/_sim/worlds")).body["results"]
    assert [{key: world[key] for key in (*IDS, *KEYS)} for world in one] == [
        {key: world[key] for key in (*IDS, *KEYS)} for world in two
    ]


async def test_another_seed_of_the_server_gives_other_worlds(
    control: BillClient, http: aiohttp.ClientSession
) -> None:
    async with Simulator(seed=2) as server:
        again = BillClient(http, server.url, {"world": "default"})
        one, two = (await make(control)).body, (await make(again)).body
        for key in (*IDS, *KEYS):
            if key != "username":
                assert one[key] != two[key]


async def test_nothing_done_in_one_world_shows_in_another(control: BillClient) -> None:
    here = await enter(control, seed=7, start=START)
    there = await enter(control, seed=7, start=START)
    await there.new_vendor(name="Mine")
    before = (await there.control("GET", "")).body, (await there.get("/v3/vendors")).body

    await here.trust()
    bill = await here.new_bill((await here.new_vendor())["id"])
    assert (await here.pay(bill, 10.00)).status == 201
    for _ in range(11):
        await here.post("/v3/login", {**login_of(here), "password": "wrong"})
    assert (await here.login()).status == 423
    await here.advance(sign_in=False, days=30)

    assert ((await there.control("GET", "")).body, (await there.get("/v3/vendors")).body) == before
    assert (await there.control("GET", "/outbox")).body == {"results": []}
    assert (await there.control("GET", "/clock")).body["now"] == "2026-06-03T16:00:00.000+00:00"
    assert (await there.login()).status == 200
