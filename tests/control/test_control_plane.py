"""Health, the list of operations, and worlds: made, listed, told, removed."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.version import VERSION
from tests.conftest import MakeClient
from tests.control.making_worlds import enter, login_of, make, names
from tests.control.problems import check_problem, check_told
from tests.http import BillClient

ROLES = ["ADMINISTRATOR", "ACCOUNTANT", "APPROVER", "PAYER", "CLERK", "AUDITOR"]
CREDENTIALS = {
    "world",
    "baseUrl",
    "eventsUrl",
    "devKey",
    "appKey",
    "apiToken",
    "organizationId",
    "username",
    "password",
    "syncToken",
    "partner",
    "users",
}


async def test_health_tells_that_the_server_is_ready(control: BillClient) -> None:
    answer = await control.call("GET", "/_sim/health")
    assert (answer.status, answer.body) == (200, {"status": "ok", "version": VERSION})


async def test_every_operation_is_listed_once_with_its_evidence_if_built(
    control: BillClient,
) -> None:
    answer = await control.call("GET", "/_sim/operations")
    assert answer.status == 200
    listed = answer.body["results"]
    assert len({(entry["method"], entry["path"]) for entry in listed}) == len(listed) > 300
    for entry in listed:
        assert entry["path"].startswith(("/connect/v3/", "/connect-events/v3/"))
        assert entry["group"]
        if entry["status"] == "gap":
            assert "evidence" not in entry
        else:
            assert entry["status"] == "implemented"
            assert entry["summary"]
            assert entry["evidence"]["basis"] in ("observed", "documented", "assumed")
            assert entry["evidence"]["source"]


async def test_what_is_listed_as_implemented_is(control: BillClient) -> None:
    listed = (await control.call("GET", "/_sim/operations")).body["results"]
    built = [entry for entry in listed if entry["status"] == "implemented"]
    assert {("POST", "/connect/v3/login"), ("POST", "/connect/v3/payments")} <= {
        (entry["method"], entry["path"]) for entry in built
    }
    for entry in built:
        answer = await control.call(entry["method"], entry["path"])
        # Without credentials and body, some check of the operation refuses; health has none.
        expected = (200,) if entry["path"].endswith("/v3/health") else (400, 401, 415)
        assert answer.status in expected, entry


async def test_a_new_world_answers_its_credentials(control: BillClient) -> None:
    answer = await make(control)
    assert answer.status == 201
    made = answer.body
    assert set(made) >= CREDENTIALS
    assert made["world"] == "world-1"
    assert made["baseUrl"] == f"{control.origin}/connect"
    assert made["eventsUrl"] == f"{control.origin}/connect-events"
    assert [user["role"] for user in made["users"]] == ROLES
    assert set(made["users"][0]) == {"userId", "username", "password", "role"}
    assert made["username"] == made["users"][0]["username"]
    assert made["password"] == made["users"][0]["password"]
    assert made["organizationId"].startswith("008")
    assert {user["userId"][:3] for user in made["users"]} == {"006"}


async def test_every_user_of_a_new_world_can_sign_in(make_client: MakeClient) -> None:
    client = await make_client(role=None)
    for user in client.world["users"]:
        answer = await client.login(user["role"])
        assert (answer.status, answer.body["userId"]) == (200, user["userId"])


async def test_a_new_world_has_a_verified_bank_account_and_nothing_else(
    client: BillClient,
) -> None:
    banks = (await client.get("/v3/funding-accounts/banks")).body["results"]
    assert [bank["status"] for bank in banks] == ["VERIFIED"]
    for kind in ("vendors", "bills", "payments"):
        assert (await client.get(f"/v3/{kind}")).body == {"results": []}
    assert (await client.control("GET", "/outbox")).body == {"results": []}


async def test_the_default_world_holds_the_demo(control: BillClient) -> None:
    control.world = (await control.control("GET", "")).body
    await control.login()
    vendors = (await control.get("/v3/vendors")).body["results"]
    bills = (await control.get("/v3/bills")).body["results"]
    assert (len(vendors), len(bills)) == (5, 6)
    assert {bill["vendorId"] for bill in bills} <= {vendor["id"] for vendor in vendors}
    assert {bill["paymentStatus"] for bill in bills} == {"UNPAID"}


async def test_a_world_tells_how_much_it_holds(client: BillClient) -> None:
    before = (await client.control("GET", "")).body
    assert {key: before[key] for key in CREDENTIALS} == client.world
    assert {k: before["counts"][k] for k in ("organizations", "users", "bank_accounts")} == {
        "organizations": 1,
        "users": 6,
        "bank_accounts": 1,
    }
    vendor = await client.new_vendor()
    await client.new_bill(vendor["id"])
    await client.new_bill(vendor["id"])
    counts = (await client.control("GET", "")).body["counts"]
    assert (counts["vendors"], counts["bills"]) == (1, 2)


async def test_worlds_are_listed_newest_first(control: BillClient) -> None:
    assert await names(control) == ["default"]
    made = await make(control, name="b")
    await make(control, name="a")
    assert await names(control) == ["a", "b", "default"]
    listed = (await control.call("GET", "/_sim/worlds")).body["results"]
    assert listed[1] == made.body


async def test_a_name_is_taken_until_its_world_is_removed(control: BillClient) -> None:
    assert (await make(control, name="mine")).status == 201
    check_problem(await make(control, name="mine"), 409, "name: there is a world 'mine' already.")
    taken = await make(control, name="default")
    check_problem(taken, 409, "name: there is a world 'default' already.")
    await control.call("DELETE", "/_sim/worlds/mine")
    assert (await make(control, name="mine")).status == 201


async def test_a_world_without_name_gets_a_free_one(control: BillClient) -> None:
    assert (await make(control, name="world-2")).body["world"] == "world-2"
    made = [(await make(control)).body["world"] for _ in range(3)]
    assert len({"world-2", *made}) == 4
    assert await names(control) == [*reversed(made), "world-2", "default"]


@pytest.mark.parametrize("name", ["a", "Run-7_of.2026", "-", "x" * 100])
async def test_a_name_is_letters_digits_hyphens_points_and_underscores(
    control: BillClient, name: str
) -> None:
    inside = await enter(control, name=name)
    assert inside.world["world"] == name
    assert (await inside.control("GET", "")).body["world"] == name
    assert (await inside.control("DELETE", "")).status == 204


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".a", "a b", "a/b", "%2F", "\u00e9", "a\n", "{world}", "x" * 101]
)
async def test_a_name_that_is_no_plain_part_of_a_path_is_400(
    control: BillClient, name: str
) -> None:
    check_told(await make(control, name=name), 400, "name: ")
    assert await names(control) == ["default"]


async def test_a_world_can_have_settings_of_its_own(make_client: MakeClient) -> None:
    client = await make_client(wrong_password_status=400)
    wish = {"behaviour": {"mfa": "bypassed"}}
    inside = await enter(client, **wish)
    assert (await inside.get("/v3/login/session")).body["mfaBypass"] is True
    assert (await client.get("/v3/login/session")).body["mfaBypass"] is False
    # What the wish leaves out is as the server has it.
    for each in (inside, client):
        answer = await each.post("/v3/login", {**login_of(each), "password": "wrong"})
        assert answer.status == 400


@pytest.mark.parametrize(
    ("behaviour", "start"),
    [
        ({"mfa": "sometimes"}, "behaviour.mfa: "),
        ({"nonsense": 1}, "behaviour.nonsense: "),
        ("mfa", "behaviour: "),
    ],
)
async def test_a_setting_that_is_none_is_400(
    control: BillClient, behaviour: Any, start: str
) -> None:
    check_told(await make(control, behaviour=behaviour), 400, start)
    assert await names(control) == ["default"]


async def test_a_removed_world_is_gone_with_its_keys(make_client: MakeClient) -> None:
    gone, other = await make_client(), await make_client()
    answer = await gone.control("DELETE", "")
    assert (answer.status, answer.raw) == (204, b"")
    missing = f"There is no world {gone.world['world']!r}."
    check_problem(await gone.control("GET", ""), 404, missing)
    check_problem(await gone.control("DELETE", ""), 404, missing)
    call = await gone.get("/v3/vendors")
    assert (call.status, call.body[0]["code"]) == (401, "BDC_1102")
    login = await gone.login()
    assert (login.status, login.body[0]["code"]) == (400, "BDC_1102")
    assert gone.world["world"] not in await names(other)
    assert (await other.get("/v3/vendors")).status == 200


async def test_the_default_world_stays(control: BillClient) -> None:
    answer = await control.control("DELETE", "")
    check_problem(answer, 409, "The default world cannot be removed.")
    assert await names(control) == ["default"]


@pytest.mark.parametrize(
    ("start", "detail"),
    [
        ("2026-01-05T09:00:00", "an offset is missing; write 2026-01-05T09:00:00+00:00."),
        ("1899-12-31T23:59:59+00:00", "the year 1899 is not between 1900 and 9000."),
        ("9999-12-31T23:59:59-14:00", "the year 9999 is not between 1900 and 9000."),
        ("0001-01-01T00:00:00+14:00", "the year 1 is not between 1900 and 9000."),
    ],
)
async def test_a_bad_start_is_400(control: BillClient, start: str, detail: str) -> None:
    check_problem(await make(control, start=start), 400, f"start: {detail}")
    assert await names(control) == ["default"]


@pytest.mark.parametrize(
    ("body", "start"),
    [
        (b'{"seed":-1}', "seed: "),
        (b'{"seed":1.5}', "seed: "),
        (b'{"seed":"x"}', "seed: "),
        (b'{"seed":1e400}', "seed: "),
        (b'{"name":5}', "name: "),
        (b'{"start":"soon"}', "start: "),
        (b'{"colour":"red"}', "colour: "),
        (b'{"seed":"x","name":5}', "name: "),
        (b"[]", "body: "),
        (b"null", "body: "),
        (b"{", "body: "),
        (b'{"name":"\\ud800"}', "body: "),
        (b'{"name":"\xff"}', "body: "),
        (b"[" * 10_000, "body: "),
    ],
    ids=range(14),
)
async def test_a_malformed_wish_for_a_world_is_400(
    control: BillClient, body: bytes, start: str
) -> None:
    check_told(await control.call("POST", "/_sim/worlds", raw=body), 400, start)
    assert await names(control) == ["default"]


async def test_a_body_of_more_than_64_kilobytes_is_413(control: BillClient) -> None:
    answer = await control.call("POST", "/_sim/worlds", raw=b" " * (64 * 1024 + 1))
    check_problem(answer, 413, "The body has 65537 bytes; at most 65536 are read.")
    assert await names(control) == ["default"]


@pytest.mark.parametrize(
    ("method", "path", "status", "detail", "allow"),
    [
        *(
            ("GET", path, 404, f"The control plane has no path '{path}'.", None)
            for path in ("/_sim/nonsense", "/_sim/health/", "/_sim/worlds/default/no sense")
        ),
        ("GET", "/_sim/worlds/nobody", 404, "There is no world 'nobody'.", None),
        ("GET", "/_sim/worlds/Default", 404, "There is no world 'Default'.", None),
        ("GET", "/_sim/worlds/nobody/clock", 404, "There is no world 'nobody'.", None),
        ("GET", "/_sim/worlds/nobody/outbox", 404, "There is no world 'nobody'.", None),
        *(
            (method, path, 405, f"{path} takes {allow}, not {method}.", allow)
            for method, path, allow in (
                ("DELETE", "/_sim/health", "GET, HEAD"),
                ("PUT", "/_sim/worlds", "GET, HEAD, POST"),
                ("GET", "/_sim/worlds/default/simulate", "POST"),
            )
        ),
    ],
)
async def test_an_unknown_path_or_method_is_a_problem(
    control: BillClient, method: str, path: str, status: int, detail: str, allow: str | None
) -> None:
    answer = await control.call(method, path)
    check_problem(answer, status, detail)
    assert answer.headers.get("Allow") == allow


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/openapi.json"),
        ("POST", "/worlds/default/reset"),
        ("POST", "/worlds/default/fork"),
        ("POST", "/worlds/default/snapshots"),
        ("GET", "/worlds/default/snapshots"),
        ("GET", "/worlds/default/state"),
        ("PUT", "/worlds/default/state"),
        ("GET", "/worlds/default/diff"),
        ("GET", "/worlds/default/requests"),
        ("GET", "/worlds/default/limits"),
        ("PATCH", "/worlds/default/limits"),
        ("POST", "/worlds/default/faults"),
        ("GET", "/worlds/default/faults"),
        ("DELETE", "/worlds/default/faults"),
        ("GET", "/worlds/default/deliveries"),
        ("POST", "/worlds/default/evaluate"),
    ],
)
async def test_the_whole_public_surface_is_served(
    control: BillClient, method: str, path: str
) -> None:
    answer = await control.call(method, f"/_sim{path}")
    assert answer.status not in (404, 405, 500, 501)
