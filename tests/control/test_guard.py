"""Who may call: names of the server, pages of other origins, the token."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest

from simulator import Simulator
from simulator.cli import banner
from simulator.control.guard import Guard, is_loopback
from tests.control.problems import check_problem, check_told
from tests.http import Answer, BillClient
from tests.refusals import check_refused
from tests.resources.webhooks import SUBSCRIPTIONS, post_keyed, subscription

TOKEN = "jb8CFVM7xnE4kpVA"
LOOPBACK = ("127.0.0.1", "127.0.0.2", "::1", "localhost")
ELSEWHERE = ("0.0.0.0", "::", "192.0.2.7", "bill", "sim.example", "")


@pytest.mark.parametrize("host", LOOPBACK)
def test_a_loopback_address_needs_no_token(host: str) -> None:
    assert is_loopback(host)
    assert Simulator(host=host).token == ""


@pytest.mark.parametrize("host", ELSEWHERE)
def test_every_other_address_has_a_token_of_its_own(host: str) -> None:
    assert not is_loopback(host)
    one, other = Simulator(host=host), Simulator(host=host)
    assert re.fullmatch(r"[\w-]{16}", one.token)
    assert one.token != other.token
    assert Simulator(host=host, token=TOKEN).token == TOKEN


def test_the_banner_tells_a_token_that_was_made_and_none_that_was_given() -> None:
    made = Simulator(host="0.0.0.0")
    assert f"\n  token           {made.token}\n" in banner(made)
    for given in (Simulator(host="0.0.0.0", token=TOKEN), Simulator(token=TOKEN), Simulator()):
        assert "token" not in banner(given)
        assert TOKEN not in banner(given)


OWN = ["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.3.2.1", "[::1]"]
ADDRESSES = ["192.0.2.7", "10.0.0.1", "0.0.0.0", "[2001:db8::1]"]
# What only a name server of the network itself gives out.
WITHIN = ["bill", "BILL", "host.docker.internal", "bill.billing.svc.cluster.local", "sim.test"]
PUBLIC = [
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.nip.io",
    "a.localtest.me",
    "",
    "[::g]",
]


@pytest.mark.parametrize("port", ["", ":8080"])
@pytest.mark.parametrize(
    ("host", "served", "refused"),
    [
        ("127.0.0.1", OWN, [*ADDRESSES, *WITHIN, *PUBLIC]),
        ("localhost", OWN, [*ADDRESSES, *WITHIN, *PUBLIC]),
        ("0.0.0.0", [*OWN, *ADDRESSES, *WITHIN], PUBLIC),
        ("::", [*OWN, *ADDRESSES, *WITHIN], PUBLIC),
        ("sim.evil.example", [*OWN, "sim.evil.example", "Sim.Evil.Example"], PUBLIC),
    ],
)
def test_which_names_are_those_of_a_server(
    host: str, served: list[str], refused: list[str], port: str
) -> None:
    guard = Guard(host)
    assert [name for name in served if not guard.serves(name + port)] == []
    assert [name for name in refused if guard.serves(name + port)] == []


def test_names_can_be_added_and_a_star_is_any() -> None:
    guard = Guard("127.0.0.1", names=["Sim.Example", "bill"])
    assert guard.serves("sim.example:8080")
    assert guard.serves("bill")
    assert not guard.serves("a.sim.example")
    assert Guard("127.0.0.1", names=["*"]).serves("evil.example")


async def ask(
    client: BillClient, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.call(method, path, raw=body, headers=sent)


FOREIGN = (
    "Host 'evil.example:8080' is no name of this server, and may be a page's that points here;"
    " the setting allowed_hosts adds names"
)


async def test_another_name_is_refused_on_every_path(client: BillClient) -> None:
    host = {"Host": "evil.example:8080"}
    # Nobody reaches BILL under another name: its contract has no such refusal.
    client.checked = False
    for path in ("/_sim/worlds", "/_sim/health", "/_sim/nonsense"):
        check_problem(await ask(client, path, **host), 421, f"{FOREIGN}.")
    for path in ("/connect/v3/vendors", "/connect-events/v3/subscriptions", "/", "/nonsense"):
        check_refused(await ask(client, path, **host), 421, (None, FOREIGN))


async def test_a_call_under_another_name_changes_nothing(client: BillClient) -> None:
    body = json.dumps({"name": "A", "email": "a@b.co"}).encode()
    host = {"Host": "evil.example"}
    client.checked = False
    assert (await ask(client, "/connect/v3/customers", "POST", body, **host)).status == 421
    assert (await client.get("/v3/customers")).body == {"results": []}
    before = (await client.call("GET", "/_sim/worlds")).body
    assert (await ask(client, "/_sim/worlds", "POST", b"{}", **host)).status == 421
    assert (await client.call("GET", "/_sim/worlds")).body == before


async def test_an_allowed_name_is_answered_and_told_in_addresses(
    http: aiohttp.ClientSession,
) -> None:
    async with Simulator(allowed_hosts="bill.example,other.example") as server:
        client = BillClient(http, server.url, {"world": "default"})
        told = await ask(client, "/_sim/worlds/default", Host="bill.example")
        assert told.body["baseUrl"] == "http://bill.example/connect"
        assert (await ask(client, "/_sim/health", Host="other.example:1")).status == 200
        assert (await ask(client, "/_sim/health", Host="third.example")).status == 421


PAGE = "A page of another origin may not call the control plane."


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://["},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/_sim/worlds", None),
        ("OPTIONS", "/_sim/worlds", None),
        # What a form on any page can send without being asked first.
        ("POST", "/_sim/worlds", b'{"name": "theirs"}'),
        ("POST", "/_sim/worlds/default/reset", None),
        ("DELETE", "/_sim/worlds/default/faults", None),
        ("GET", "/_sim/nonsense", None),
    ],
)
async def test_a_page_of_another_origin_is_refused(
    client: BillClient, method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> None:
    before = (await client.call("GET", "/_sim/worlds")).body
    refused = await ask(client, path, method, body, Content_Type="text/plain", **headers)
    check_problem(refused, 403, PAGE)
    assert not [name for name in refused.headers if name.lower().startswith("access-control")]
    assert (await client.call("GET", "/_sim/worlds")).body == before


@pytest.mark.parametrize("path", ["/_sim/worlds/default/reset", "/_sim/worlds/default/fork"])
async def test_a_webhook_does_not_reach_the_control_plane(client: BillClient, path: str) -> None:
    before = (await client.call("GET", "/_sim/worlds")).body
    made = await post_keyed(client, SUBSCRIPTIONS, subscription(client.origin + path))
    told = await client.call("POST", f"{SUBSCRIPTIONS}/{made.body['id']}/test", {})
    assert (told.status, told.body["statusCode"]) == (200, 403)
    assert (await client.call("GET", "/_sim/worlds")).body == before


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec_Fetch_Site": "same-origin"},
        # An address typed into the browser, or a bookmark.
        {"Sec_Fetch_Site": "none"},
    ],
)
async def test_a_page_of_the_servers_own_may_call(
    client: BillClient, headers: dict[str, str]
) -> None:
    answer = await ask(client, "/_sim/worlds", Origin=client.origin, **headers)
    assert answer.status == 200
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.fixture
async def guarded(http: aiohttp.ClientSession) -> AsyncIterator[BillClient]:
    """A client of a server that has a token, and does not send it."""
    async with Simulator(token=TOKEN) as server:
        yield BillClient(http, server.url, {"world": "default"})


WANTED = (
    "; send `Authorization: Bearer` and the setting `token`, which the server prints at its"
    " start if it made the token itself."
)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/_sim/worlds"),
        ("POST", "/_sim/worlds"),
        ("GET", "/_sim/worlds/default"),
        ("POST", "/_sim/worlds/default/reset"),
        ("GET", "/_sim/operations"),
        ("GET", "/_sim/nonsense"),
        ("PUT", "/_sim/health/"),
        ("GET", "/_sim/metrics"),
        ("GET", "/%5fsim/worlds"),
    ],
)
async def test_without_the_token_nothing_of_the_control_plane_is_told(
    guarded: BillClient, method: str, path: str
) -> None:
    refused = await ask(guarded, path, method)
    check_problem(refused, 401, f"Authorization: is missing{WANTED}")
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="bill-simulator"'


@pytest.mark.parametrize(
    "given",
    [
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        "Bearer",
        "Bearer ",
        TOKEN,
        f"Basic {TOKEN}",
        "Bearer \u00fc",
    ],
)
async def test_a_wrong_token_is_refused(guarded: BillClient, given: str) -> None:
    refused = await ask(guarded, "/_sim/worlds", Authorization=given)
    check_problem(refused, 401, f"Authorization: is not this server's token{WANTED}")
    assert refused.headers["WWW-Authenticate"] == (
        'Bearer realm="bill-simulator", error="invalid_token"'
    )


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_the_token_opens_the_control_plane(guarded: BillClient, scheme: str) -> None:
    answer = await ask(guarded, "/_sim/worlds", "POST", b"{}", Authorization=f"{scheme} {TOKEN}")
    assert answer.status == 201


async def test_health_and_bills_paths_need_no_token(guarded: BillClient) -> None:
    assert (await ask(guarded, "/_sim/health")).status == 200
    assert (await ask(guarded, "/connect/v3/vendors")).status == 400


async def test_a_foreign_name_or_page_is_refused_whatever_it_brings(guarded: BillClient) -> None:
    token = {"Authorization": f"Bearer {TOKEN}"}
    check_told(await ask(guarded, "/_sim/worlds", Host="evil.example", **token), 421, "Host ")
    page = {"Origin": "http://evil.example"}
    check_problem(await ask(guarded, "/_sim/worlds", **page, **token), 403, PAGE)


async def test_a_server_for_others_asks_for_the_token_it_made(
    http: aiohttp.ClientSession,
) -> None:
    server = Simulator(host="0.0.0.0")
    # As in a container, but reached by nobody else.
    server.host = "127.0.0.1"
    async with server:
        client = BillClient(http, server.url, {"world": "default"})
        assert (await ask(client, "/_sim/worlds", Host="bill:8080")).status == 401
        token = {"Authorization": f"Bearer {server.token}"}
        assert (await ask(client, "/_sim/worlds", Host="bill:8080", **token)).status == 200
