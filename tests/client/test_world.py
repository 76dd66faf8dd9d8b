"""The client of the control plane, against a server in a thread."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from simulator import Simulator
from simulator.client import ControlRefusal, NotReady, Server, SignInRefused, World, records
from simulator.client.records import camel, snake
from simulator.threaded import threaded
from tests.conftest import START

US = {
    "line1": "123 Main Street",
    "city": "San Jose",
    "stateOrProvince": "CA",
    "zipOrPostalCode": "95002",
    "country": "US",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with threaded(lambda: Simulator(token="secret")) as url:
        yield Server(url, "secret")


@pytest.fixture
def world(server: Server) -> Iterator[World]:
    made = server.make_world(start=START)
    yield made
    made.remove()


def new_vendor(world: World, name: str = "Happy Music Supplies") -> str:
    account = {"nameOnAccount": name, "accountNumber": "111222333", "routingNumber": "074000010"}
    body = {"name": name, "address": US, "paymentInformation": {"bankAccount": account}}
    answer = world.login().call("POST", "/v3/vendors", body)
    assert answer.status == 201, answer
    return str(answer.body["id"])


def pay(world: World) -> str:
    vendor_id = new_vendor(world)
    session = world.login(trusted=True)
    bill = {
        "vendorId": vendor_id,
        "dueDate": "2026-06-30",
        "billLineItems": [{"amount": 10.5}],
        "invoice": {"invoiceNumber": "1", "invoiceDate": "2026-06-01"},
    }
    bill_id = session.call("POST", "/v3/bills", bill).body["id"]
    bank = session.call("GET", "/v3/funding-accounts/banks").body["results"][0]["id"]
    payment = {
        "billId": bill_id,
        "amount": 10.5,
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": bank},
        "processingOptions": {},
    }
    answer = session.call("POST", "/v3/payments", payment)
    assert answer.status == 201, answer
    return str(answer.body["id"])


def test_the_credentials_are_those_that_the_control_plane_tells(
    server: Server, world: World
) -> None:
    credentials = server.world(world.name).credentials
    assert credentials == world.credentials
    assert world.base_url == f"{server.url}/connect"
    assert world.events_url == f"{server.url}/connect-events"
    assert credentials.user("ADMINISTRATOR").username == credentials.username
    assert credentials.sync_token is not None
    assert credentials.partner is not None
    with pytest.raises(LookupError, match="no user of the role 'KING', but ADMINISTRATOR, "):
        credentials.user("KING")


def test_signing_in_may_pass_mfa(world: World) -> None:
    plain = world.login("PAYER")
    assert plain.call("GET", "/v3/login/session").body["mfaStatus"] == "SETUP"
    for _ in range(2):
        # With and without a phone that is there already.
        session = world.login("PAYER", trusted=True)
        assert session.call("GET", "/v3/login/session").body["mfaStatus"] == "COMPLETE"


def test_a_sign_in_that_is_refused_says_why(world: World) -> None:
    world.faults.add({"code": "BDC_1101"}, path="/v3/login")
    with pytest.raises(SignInRefused, match="BDC_1101"):
        world.login()


def test_the_clock_is_read_moved_and_let_run(world: World) -> None:
    payment_id = pay(world)
    start = datetime.fromisoformat(START)
    assert (world.clock.now, world.clock.mode) == (start, "frozen")
    advance = world.clock.advance(business_days=5)
    assert advance.now == world.clock.now == datetime(2026, 6, 10, 16, tzinfo=UTC)
    assert payment_id in [arg for timer in advance.fired for arg in timer.args]
    assert world.clock.advance(to=datetime(2026, 6, 11, tzinfo=UTC)).now.day == 11
    assert world.clock.freeze("2026-06-12T00:00:00Z").day == 12
    assert world.clock.run() >= datetime(2026, 6, 12, tzinfo=UTC)
    assert world.clock.mode == "live"
    with pytest.raises(ControlRefusal, match="Give exactly one of seconds") as refused:
        world.clock.advance(seconds=1, days=1)
    assert refused.value.status == 400


def test_the_outbox_holds_messages(world: World) -> None:
    with pytest.raises(LookupError, match="no text message"):
        world.code()
    world.login(trusted=True)
    newest = world.outbox[0]
    assert (newest.kind, newest.to, newest.code) == ("sms", "+14155550123", world.code())
    assert newest.time == world.clock.now
    assert world.messages("email") == []


def test_requests_are_found_and_explained(world: World) -> None:
    session = world.login()
    session.call("GET", "/v3/bills/00n02NOSUCHBILLaaaaa")
    [found] = world.find_requests(status="4xx", operation="GET /v3/bills/{billId}")
    assert (found.codes, found.user_id, found.status) == (["BDC_1205"], session.user_id, 404)
    assert [one.id for one in world.requests] == [found.id, "request-1"]
    whole = world.request(found.id)
    assert whole.explain
    assert whole.response
    assert whole.response["body"][0]["code"] == "BDC_1205"


def test_something_happens_on_bills_side(world: World) -> None:
    payment_id = pay(world)
    world.clock.advance(business_days=5)
    record = world.simulate("payment.returned", payment_id)
    assert record["id"] == payment_id
    with pytest.raises(ControlRefusal, match=r"event: 'payment\.eaten' is not one of"):
        world.simulate("payment.eaten", payment_id)


def test_limits_are_told_and_changed(world: World) -> None:
    assert world.limits.set(requests_per_hour=1)["requestsPerHour"] == 1
    session = world.login()
    statuses = [session.call("GET", "/v3/bills").status for _ in range(3)]
    assert statuses[-1] == 429
    assert world.limits.set(requests_per_hour=None)["requestsPerHour"] is None
    assert session.call("GET", "/v3/bills").status == 200
    assert "used" in world.limits.read()


def test_faults_are_put_in_force_and_taken_back(world: World) -> None:
    session = world.login()
    fault = world.faults.add({"code": "BDC_1322"}, method="GET", path="/v3/bills", times=1)
    assert (fault.struck, fault.times) == (0, 1)
    assert session.call("GET", "/v3/bills").body[0]["code"] == "BDC_1322"
    assert session.call("GET", "/v3/bills").status == 200
    assert [(one.id, one.struck) for one in world.faults] == [(fault.id, 1)]
    world.faults.clear()
    assert list(world.faults) == []


def test_a_world_goes_back_and_tells_what_changed(world: World) -> None:
    first = new_vendor(world)
    kept = world.snapshot("one")
    assert kept.rows > 0
    second = new_vendor(world, "Second")
    assert [one.id for one in world.diff("one").created if one.resource == "vendors"] == [second]
    world.restore("one")
    assert [one.id for one in world.diff().created if one.resource == "vendors"] == [first]
    assert [one.name for one in world.snapshots] == ["one"]
    world.reset()
    assert world.counts.get("vendors", 0) == 0


def test_a_fork_is_a_world_of_its_own(world: World) -> None:
    vendor_id = new_vendor(world)
    twin = world.fork()
    try:
        new_vendor(twin, "Second")
        assert twin.credentials.dev_key != world.credentials.dev_key
        found = world.login().call("GET", "/v3/vendors").body["results"]
        assert [one["id"] for one in found] == [vendor_id]
    finally:
        twin.remove()


def test_state_goes_out_and_into_another_world(server: Server, world: World) -> None:
    vendor_id = new_vendor(world)
    other = server.make_world(seed=99)
    try:
        before = other.credentials
        other.load_state(world.state())
        assert other.credentials.dev_key == before.dev_key
        assert other.credentials.organization_id == world.credentials.organization_id
        found = other.login().call("GET", "/v3/vendors").body["results"]
        assert [one["id"] for one in found] == [vendor_id]
    finally:
        other.remove()


def test_deliveries_are_told(world: World) -> None:
    assert world.deliveries == []
    with pytest.raises(ControlRefusal, match="There is no delivery 'a/b'"):
        world.replay("a/b")


def test_what_a_client_did_is_graded(world: World) -> None:
    verdict = world.evaluate({"nothingElse": True})
    assert verdict.passed
    new_vendor(world)
    verdict = world.evaluate({"nothingElse": True})
    assert not verdict.passed
    assert any(finding.requests for finding in verdict.findings if not finding.passed)


def test_a_removed_world_may_be_removed_again(server: Server) -> None:
    made = server.make_world(name="short-lived")
    made.remove()
    made.remove()
    with pytest.raises(ControlRefusal, match="There is no world 'short-lived'"):
        server.world("short-lived")


def test_the_default_world_is_not_removed(server: Server) -> None:
    with pytest.raises(ControlRefusal, match="cannot be removed"):
        server.world().remove()


def test_a_wrong_token_is_refused(server: Server) -> None:
    with pytest.raises(ControlRefusal, match="is not this server's token"):
        Server(server.url, "wrong").worlds()


def test_the_token_is_that_of_the_environment(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILLSIM_TOKEN", "secret")
    assert Server(server.url).world().name == "default"


def test_a_proxy_of_the_environment_is_left_alone(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert server.is_ready()


def test_waiting_ends_when_time_is_up() -> None:
    with threaded(Simulator) as url:
        Server(url).wait(0.1)
    with pytest.raises(NotReady, match=f"{url} is not ready after 0 s"):
        Server(url).wait(0)


@pytest.mark.parametrize("name", ["requestsPerHour", "baseUrl", "id", "nextAttempt"])
def test_names_go_there_and_back(name: str) -> None:
    assert camel(snake(name)) == name


def test_members_that_are_new_are_left_out() -> None:
    told: dict[str, Any] = {"name": "n", "value": "v", "invented": 1}
    assert dataclasses.asdict(records.SyncToken.read(told)) == {"name": "n", "value": "v"}
