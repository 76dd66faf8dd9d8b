"""A client that does what the mission guide says about each error ends in success.

The guide's column "What to do" has seven rows; each has a test here.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from simulator.core.world import World
from simulator.gateway import pipeline
from tests.conftest import MakeClient
from tests.http import Answer, BillClient
from tests.resources.approvals import signed_in
from tests.resources.payables import SMALLEST_VENDOR, bill_body

PREFIX = "/connect"
_MOST_TRIES = 8


def code_of(answer: Answer) -> str:
    """The code of a refusal's first item; `REQUEST` where BILL sends none."""
    first = answer.body[0]
    return str(first.get("code", first["category"]))


@dataclass
class Follower:
    """Sends a call until it succeeds, doing what the guide says about every refusal.

    `right` has the values that its user knows to be right, by their dotted names.
    """

    client: BillClient
    right: dict[str, Any] = field(default_factory=dict)
    met: list[tuple[int, str]] = field(default_factory=list)

    async def send(self, method: str, path: str, body: Any = None) -> Answer:
        for _ in range(_MOST_TRIES):
            answer = await self.client.call(method, PREFIX + path, body)
            if answer.status < 400:
                return answer
            code = code_of(answer)
            self.met.append((answer.status, code))
            match answer.status, code:
                case 401, _:
                    await self.sign_in_again()
                case 403, "BDC_1361":
                    await self.client.trust()
                case 404, "BDC_1121":
                    path = await self.listed_path(method, path)
                case 400, _:
                    path, body = self.mended(answer, path, body)
                case 429, "BDC_1144":
                    await self.wait_for_the_next_hour()
                case 429, "BDC_1322":
                    # Whatever ran beside this call has ended: from here on, one at a time.
                    pass
                case 500, "BDC_1001":
                    # The guide says to wait before trying again; a test does not.
                    assert answer.body[0]["category"] in ("SERVER", "DOWNSTREAM")
                case _:
                    raise AssertionError(f"the guide has no row for {answer.body}")
        raise AssertionError(f"no success after {self.met}")

    async def sign_in_again(self) -> None:
        """Get a fresh sessionId, with the devKey that is right for the environment."""
        self.client.headers = {}
        answer = await self.client.login(self.client.role, **self.client.remembered)
        assert answer.status == 200, answer.body

    async def wait_for_the_next_hour(self) -> None:
        """Back off until the hour window is over."""
        now = datetime.fromisoformat((await self.client.control("GET", "/clock")).body["now"])
        next_hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        await self.client.advance(sign_in=False, to=next_hour.isoformat())

    async def listed_path(self, method: str, path: str) -> str:
        """Check method and path against the reference, including case."""
        reference = (await self.client.call("GET", "/_sim/operations")).body["results"]
        wanted = (PREFIX + path).lower().replace("-", "")
        (found,) = (
            one["path"]
            for one in reference
            if one["method"] == method and one["path"].lower().replace("-", "") == wanted
        )
        return str(found.removeprefix(PREFIX))

    def mended(self, answer: Answer, path: str, body: Any) -> tuple[str, Any]:
        """Read the messages, and put right what each of them names."""
        for item in answer.body:
            assert (item["severity"], item["category"]) == ("ERROR", "REQUEST")
            name = next(name for name in self.right if name.split(".")[-1] in item["message"])
            if body is None:
                start, _, query = path.partition("?")
                given = dict(pair.split("=", 1) for pair in query.split("&"))
                given[name] = self.right[name]
                path = start + "?" + "&".join(f"{key}={value}" for key, value in given.items())
            else:
                *parents, last = name.split(".")
                place = body
                for parent in parents:
                    place = place.setdefault(parent, {})
                place[last] = self.right[name]
        return path, body


async def test_an_expired_session_is_opened_again(client: BillClient) -> None:
    await client.advance(sign_in=False, seconds=35 * 60)
    follower = Follower(client)
    assert (await follower.send("GET", "/v3/bills")).body == {"results": []}
    assert follower.met == [(401, "BDC_1109")]


@pytest.mark.parametrize("session_id", ["nonsense", ""])
async def test_a_wrong_session_is_replaced(client: BillClient, session_id: str) -> None:
    client.headers["sessionId"] = session_id
    follower = Follower(client)
    assert (await follower.send("POST", "/v3/vendors", SMALLEST_VENDOR)).status == 201
    assert follower.met == [(401, "BDC_1109")]


async def test_a_session_that_was_signed_out_is_replaced(client: BillClient) -> None:
    await client.post("/v3/logout")
    follower = Follower(client)
    assert (await follower.send("GET", "/v3/bills")).status == 200
    assert follower.met == [(401, "BDC_1109")]


async def test_a_session_of_another_dev_key_is_replaced(make_client: MakeClient) -> None:
    here, there = await make_client(), await make_client()
    here.headers["devKey"] = there.world["devKey"]
    follower = Follower(here)
    assert (await follower.send("GET", "/v3/bills")).status == 200
    assert follower.met == [(401, "BDC_1109")]


async def test_a_wrong_dev_key_is_put_right(client: BillClient) -> None:
    client.headers["devKey"] = "nonsense"
    follower = Follower(client)
    assert (await follower.send("GET", "/v3/bills")).status == 200
    assert follower.met == [(401, "BDC_1102")]


async def pay_body(client: BillClient) -> dict[str, Any]:
    bill = await client.new_bill((await client.new_vendor())["id"], 10)
    return {
        "billId": bill["id"],
        "amount": 10,
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": await client.bank_account()},
        "processingOptions": {},
    }


async def test_an_untrusted_session_is_stepped_up(client: BillClient) -> None:
    follower = Follower(client)
    answer = await follower.send("POST", "/v3/payments", await pay_body(client))
    assert (answer.status, answer.body["singleStatus"]) == (201, "SCHEDULED")
    assert follower.met == [(403, "BDC_1361")]


async def test_a_phone_that_is_set_up_is_challenged_alone(payer: BillClient) -> None:
    """A second session of a user whose phone is known."""
    body = await pay_body(payer)
    again = await signed_in(payer, "ADMINISTRATOR")
    follower = Follower(again)
    assert (await follower.send("POST", "/v3/payments", body)).status == 201
    assert follower.met == [(403, "BDC_1361")]
    texts = (await payer.control("GET", "/outbox?kind=sms")).body["results"]
    # One for the setup, one for each of the two challenges.
    assert len(texts) == 3


async def test_trust_comes_back_with_the_remembered_device(payer: BillClient) -> None:
    body = await pay_body(payer)
    await payer.advance(sign_in=False, days=1)
    follower = Follower(payer)
    assert (await follower.send("POST", "/v3/payments", body)).status == 201
    # The new sign-in named the device, so there was nothing to step up.
    assert follower.met == [(401, "BDC_1109")]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("/v3/Vendors", "/v3/vendors"),
        ("/V3/vendors", "/v3/vendors"),
        ("/v3/funding-accounts/Banks", "/v3/funding-accounts/banks"),
        ("/v3/fundingAccounts/banks", "/v3/funding-accounts/banks"),
        ("/v3/billApprovals/policies", "/v3/bill-approvals/policies"),
    ],
)
async def test_a_misspelt_path_is_put_right(client: BillClient, wrong: str, right: str) -> None:
    follower = Follower(client)
    answer = await follower.send("GET", wrong)
    assert follower.met == [(404, "BDC_1121")]
    assert answer.body == (await client.get(right)).body


async def test_faulty_members_are_put_right(client: BillClient) -> None:
    vendor = (await client.new_vendor())["id"]
    right = bill_body(vendor)
    follower = Follower(
        client,
        {
            "vendorId": vendor,
            "dueDate": right["dueDate"],
            "billLineItems": right["billLineItems"],
            "invoice": right["invoice"],
        },
    )
    answer = await follower.send("POST", "/v3/bills", {"vendorId": " "})
    assert (answer.status, answer.body["amount"]) == (201, 228.99)
    # All four at once: one item each.
    assert follower.met == [(400, "REQUEST")]


async def test_a_nested_member_is_put_right(client: BillClient) -> None:
    body = {**SMALLEST_VENDOR, "address": {**SMALLEST_VENDOR["address"], "country": "USA"}}
    follower = Follower(client, {"address.country": "US"})
    answer = await follower.send("POST", "/v3/vendors", body)
    assert answer.body["address"]["country"] == "US"
    assert follower.met == [(400, "REQUEST")]


async def test_a_refusal_with_a_code_is_read_as_well(client: BillClient) -> None:
    vendor = (await client.new_vendor())["id"]
    body = bill_body(vendor, "2025-10-02-0000000000000001")
    follower = Follower(client, {"invoice.invoiceNumber": "202501"})
    answer = await follower.send("POST", "/v3/bills", body)
    assert answer.body["invoice"]["invoiceNumber"] == "202501"
    assert follower.met == [(400, "BDC_1143")]


@pytest.mark.parametrize(
    ("query", "right", "code"),
    [
        ("max=101", {"max": "100"}, "REQUEST"),
        ("max=0", {"max": "1"}, "REQUEST"),
        ("sort=nonsense", {"sort": "dueDate"}, "BDC_1129"),
        ("page=nonsense&max=5", {"page": ""}, "BDC_1129"),
    ],
)
async def test_a_faulty_parameter_is_put_right(
    client: BillClient, query: str, right: dict[str, str], code: str
) -> None:
    bill = await client.new_bill((await client.new_vendor())["id"])
    follower = Follower(client, right)
    answer = await follower.send("GET", f"/v3/bills?{query}")
    assert follower.met == [(400, code)]
    assert [one["id"] for one in answer.body["results"]] == [bill["id"]]


async def test_the_hourly_limit_is_over_with_the_hour(make_client: MakeClient) -> None:
    client = await make_client(start="2026-06-03T16:40:00+00:00")
    used = (await client.control("GET", "/limits")).body["used"]["requestsPerHour"]
    await client.control("PATCH", "/limits", {"requestsPerHour": used + 1})
    follower = Follower(client)
    for _ in range(2):
        assert (await follower.send("GET", "/v3/bills")).status == 200
    assert follower.met == [(429, "BDC_1144")]


async def test_calls_that_ran_at_once_succeed_one_after_the_other(client: BillClient) -> None:
    followers = [Follower(client) for _ in range(12)]
    bodies = [{**SMALLEST_VENDOR, "name": f"Vendor {number}"} for number in range(12)]
    first = await asyncio.gather(*(client.post("/v3/vendors", body) for body in bodies))
    refused = [body for body, answer in zip(bodies, first, strict=True) if answer.status != 201]
    assert refused
    assert {code_of(answer) for answer in first if answer.status != 201} == {"BDC_1322"}
    for follower, body in zip(followers, refused, strict=False):
        assert (await follower.send("POST", "/v3/vendors", body)).status == 201
    made = (await client.get("/v3/vendors")).body["results"]
    assert sorted(one["name"] for one in made) == sorted(body["name"] for body in bodies)


async def test_a_system_error_is_tried_again(
    client: BillClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [RuntimeError("for the test")] * 2

    def fail_twice(gateway: pipeline.Gateway, exchange: pipeline.Exchange) -> None:
        if failures:
            raise failures.pop()

    before = pipeline.STEPS.index(pipeline.run_operation)
    steps = (*pipeline.STEPS[:before], fail_twice, *pipeline.STEPS[before:])
    monkeypatch.setattr(pipeline, "STEPS", steps)
    follower = Follower(client)
    answer = await follower.send("POST", "/v3/vendors", SMALLEST_VENDOR)
    assert answer.status == 201
    assert follower.met == [(500, "BDC_1001")] * 2
    # What failed left nothing behind.
    assert (await client.get("/v3/vendors")).body == {"results": [answer.body]}


async def test_a_failure_in_the_middle_of_an_operation_leaves_nothing_behind(
    client: BillClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = World.perform
    failures = [RuntimeError("for the test")]

    def fail_at_the_end(world: World, ctx: Any, operation: Any, *args: Any) -> Any:
        def broken(ctx: Any, *args: Any) -> Any:
            answer = operation(ctx, *args)
            if failures:
                raise failures.pop()
            return answer

        return whole(world, ctx, broken, *args)

    monkeypatch.setattr(World, "perform", fail_at_the_end)
    follower = Follower(client)
    answer = await follower.send("POST", "/v3/vendors", SMALLEST_VENDOR)
    assert follower.met == [(500, "BDC_1001")]
    assert (await client.get("/v3/vendors")).body == {"results": [answer.body]}


async def test_errors_one_after_the_other_end_in_success_too(client: BillClient) -> None:
    right = await pay_body(client)
    client.headers = {"devKey": "nonsense", "sessionId": "nonsense"}
    follower = Follower(client, {"amount": 10, "fundingAccount": right["fundingAccount"]})
    body = {"billId": right["billId"], "processingOptions": {}}
    answer = await follower.send("POST", "/v3/Payments", body)
    assert (answer.status, answer.body["billId"]) == (201, right["billId"])
    assert follower.met == [
        (404, "BDC_1121"),
        (401, "BDC_1102"),
        (403, "BDC_1361"),
        (400, "REQUEST"),
    ]
