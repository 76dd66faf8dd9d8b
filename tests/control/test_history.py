"""Reset, fork, snapshots and diff of worlds, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient


async def everything(client: BillClient) -> dict[str, Any]:
    """What a client can see of its world's records."""
    paths = ("vendors", "bills", "payments", "customers", "funding-accounts/banks", "users")
    return {path: (await client.get(f"/v3/{path}?max=100")).body for path in paths}


async def diff(client: BillClient, name: str | None = None) -> Any:
    answer = await client.control("GET", "/diff" + (f"?from={name}" if name else ""))
    assert answer.status == 200, answer.body
    return answer.body


async def test_reset_leads_back_to_the_beginning(payer: BillClient) -> None:
    fresh = await everything(payer)
    bill = await payer.new_bill((await payer.new_vendor())["id"])
    assert (await payer.pay(bill, 10)).status == 201
    await payer.advance(businessDays=2)
    assert (await payer.control("POST", "/reset")).status == 200
    assert (await payer.get("/v3/bills")).status == 401
    await payer.login()
    assert await everything(payer) == fresh
    assert (await payer.control("GET", "/clock")).body["now"] == "2026-06-03T16:00:00.000+00:00"


async def test_the_same_calls_after_a_reset_give_the_same_bytes(client: BillClient) -> None:
    async def course() -> list[bytes]:
        vendor = await client.post(
            "/v3/vendors",
            {
                "name": "A",
                "address": {
                    "line1": "1",
                    "city": "B",
                    "zipOrPostalCode": "2",
                    "country": "US",
                },
            },
        )
        bill = await client.new_bill(vendor.body["id"])
        return [vendor.raw, (await client.get(f"/v3/bills/{bill['id']}")).raw]

    first = await course()
    await client.control("POST", "/reset")
    await client.login()
    assert await course() == first


async def test_a_fork_is_a_world_of_its_own(client: BillClient) -> None:
    vendor = await client.new_vendor()
    forked = await client.control("POST", "/fork")
    assert forked.status == 201
    twin = BillClient(client.http, client.origin, forked.body)
    assert twin.world["devKey"] != client.world["devKey"]
    assert twin.world["organizationId"] == client.world["organizationId"]
    await twin.login()
    assert await everything(twin) == await everything(client)
    await twin.patch(f"/v3/vendors/{vendor['id']}", {"name": "Other"})
    assert (await client.get(f"/v3/vendors/{vendor['id']}")).body["name"] == vendor["name"]
    await client.new_bill(vendor["id"])
    assert (await twin.get("/v3/bills")).body == {"results": []}


async def test_a_fork_has_no_session_of_its_parent(client: BillClient) -> None:
    forked = await client.control("POST", "/fork")
    twin = BillClient(client.http, client.origin, forked.body)
    twin.headers = {**client.headers, "devKey": forked.body["devKey"]}
    assert (await twin.get("/v3/bills")).body[0]["code"] == "BDC_1109"


async def test_payments_of_a_fork_settle_on_its_own_clock(payer: BillClient) -> None:
    bill = await payer.new_bill((await payer.new_vendor())["id"])
    paid = (await payer.pay(bill, 10)).body
    forked = await payer.control("POST", "/fork")
    twin = BillClient(payer.http, payer.origin, forked.body, remembered=payer.remembered)
    await twin.advance(businessDays=6)
    path = f"/v3/payments/{paid['id']}"
    assert (await twin.get(path)).body["singleStatus"] == "CLEARED"
    assert (await payer.get(path)).body["singleStatus"] == "SCHEDULED"


async def test_nothing_differs_right_after_a_fork_or_a_restore(client: BillClient) -> None:
    await client.new_vendor()
    empty = {"created": [], "changed": [], "removed": []}
    forked = await client.control("POST", "/fork")
    twin = BillClient(client.http, client.origin, forked.body)
    assert await diff(twin) == empty
    assert (await client.control("POST", "/snapshots", {"name": "one"})).status == 201
    await client.new_vendor()
    assert (await client.control("POST", "/snapshots/one/restore")).status == 200
    assert await diff(client, "one") == empty


async def test_a_diff_names_what_is_new_changed_and_gone(client: BillClient) -> None:
    vendor = await client.new_vendor()
    policy = {
        "policyName": "P",
        "rules": [{"key": "BILL_AMOUNT", "op": "gte", "values": ["1"]}],
        "approvers": [client.world["users"][0]["userId"]],
    }
    made = await client.post("/v3/bill-approvals/policies", policy)
    await client.control("POST", "/snapshots", {"name": "before"})
    customer = await client.post("/v3/customers", {"name": "C", "email": "c@d.e"})
    await client.patch(f"/v3/vendors/{vendor['id']}", {"name": "New name"})
    await client.delete(f"/v3/bill-approvals/policies/{made.body['id']}")
    assert await diff(client, "before") == {
        "created": [{"resource": "customers", "id": customer.body["id"]}],
        "changed": [
            {
                "resource": "vendors",
                "id": vendor["id"],
                "fields": {"name": {"before": vendor["name"], "after": "New name"}},
            }
        ],
        "removed": [{"resource": "approval_policies", "id": made.body["id"]}],
    }


async def test_snapshots_are_listed_newest_first_and_kept_by_name(client: BillClient) -> None:
    for name in ("a", "b", "a"):
        assert (await client.control("POST", "/snapshots", {"name": name})).status == 201
    listed = (await client.control("GET", "/snapshots")).body["results"]
    assert [snapshot["name"] for snapshot in listed] == ["a", "b"]
    assert listed[0]["taken"] == "2026-06-03T16:00:00.000+00:00"


async def test_a_restored_session_lives_on(make_client: MakeClient) -> None:
    client = await make_client()
    await client.control("POST", "/snapshots", {"name": "signed-in"})
    await client.advance(days=3, sign_in=False)
    assert (await client.get("/v3/bills")).status == 401
    await client.control("POST", "/snapshots/signed-in/restore")
    assert (await client.get("/v3/bills")).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/snapshots", {}, 400),
        ("POST", "/snapshots", {"name": "../x"}, 400),
        ("POST", "/snapshots/none/restore", None, 404),
        ("GET", "/diff?from=none", None, 404),
    ],
)
async def test_a_faulty_call_is_a_problem(
    client: BillClient, method: str, path: str, body: Any, status: int
) -> None:
    refused = await client.control(method, path, body)
    assert refused.status == status
    assert refused.headers["Content-Type"].startswith("application/problem+json")
