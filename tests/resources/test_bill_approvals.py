"""Approving and denying bills over HTTP: assignment, turns, pending lists, arrays."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.refusals import check_faults, check_refused
from tests.resources.approvals import (
    ACTIONS,
    PENDING,
    POLICIES,
    approval,
    decide,
    new_policy,
    not_your_turn,
    pending,
    policy_body,
    signed_in,
    user_id,
)
from tests.resources.payables import (
    A_MINUTE_LATER,
    NO_DATA,
    NO_PERMISSION,
    NOW,
    ROLLED_BACK,
    UNKNOWN_BILL,
    bill_body,
)

LARGE = {"billLineItems": [{"amount": 1000}]}
ASKED = "/v3/bills?billApprovals=true"


async def large_bill(client: BillClient, amount: float = 1000) -> str:
    """The id of a new bill that needs approval."""
    return str((await client.new_bill((await client.new_vendor())["id"], amount))["id"])


def waiting(client: BillClient, *roles: str, since: str = NOW) -> list[dict[str, Any]]:
    return [
        {
            "userId": user_id(client, role),
            "status": "WAITING",
            "approverOrder": order,
            "statusChangedTime": since,
        }
        for order, role in enumerate(roles)
    ]


async def test_a_bill_under_a_policy_is_assigned_and_shows_approvers_when_asked(
    client: BillClient,
) -> None:
    await new_policy(client, "APPROVER", "ADMINISTRATOR")
    body = bill_body((await client.new_vendor())["id"], **LARGE)
    plain = (await client.post("/v3/bills", body)).body
    by_query = (await client.post(ASKED, body)).body
    by_body = (await client.post("/v3/bills", {**body, "billApprovals": True})).body
    for bill in (plain, by_query, by_body):
        assert bill["approvalStatus"] == "ASSIGNED"
    assert "approvers" not in plain
    assert (
        by_query["approvers"]
        == by_body["approvers"]
        == waiting(client, "APPROVER", "ADMINISTRATOR")
    )
    path = f"/v3/bills/{plain['id']}"
    for query in ("", "?billApprovals=false"):
        assert "approvers" not in (await client.get(path + query)).body
    told = (await client.get(f"{path}?billApprovals=true")).body
    assert told["approvers"] == waiting(client, "APPROVER", "ADMINISTRATOR")


async def test_a_bill_under_no_policy_is_unassigned_and_has_no_approvers(
    client: BillClient,
) -> None:
    await new_policy(client)
    body = bill_body((await client.new_vendor())["id"])
    bill = (await client.post(ASKED, body)).body
    assert bill["approvalStatus"] == "UNASSIGNED"
    assert "approvers" not in bill


async def test_bulk_bills_are_assigned_each_by_its_own_amount(client: BillClient) -> None:
    await new_policy(client)
    vendor = (await client.new_vendor())["id"]
    asked = bill_body(vendor, **LARGE, billApprovals=True)
    bodies = [bill_body(vendor), bill_body(vendor, **LARGE), asked]
    made = (await client.post("/v3/bills/bulk", bodies)).body
    assert [bill["approvalStatus"] for bill in made] == ["UNASSIGNED", "ASSIGNED", "ASSIGNED"]
    assert [bill.get("approvers") for bill in made] == [None, None, waiting(client, "APPROVER")]


async def test_a_setting_leaves_policies_to_those_who_ask_for_them(
    make_client: MakeClient,
) -> None:
    client = await make_client(approval_policies="when_asked")
    await new_policy(client)
    body = bill_body((await client.new_vendor())["id"], **LARGE)
    asked = {**body, "billApprovals": True}
    made = [
        (await client.post("/v3/bills", body)).body,
        (await client.post("/v3/bills?billApprovals=false", body)).body,
        (await client.post(ASKED, body)).body,
        (await client.post("/v3/bills", asked)).body,
        *(await client.post("/v3/bills/bulk", [body, asked])).body,
    ]
    assert [bill["approvalStatus"] for bill in made] == [
        "UNASSIGNED",
        "UNASSIGNED",
        "ASSIGNED",
        "ASSIGNED",
        "UNASSIGNED",
        "ASSIGNED",
    ]


async def test_several_policies_add_up_and_name_nobody_twice(client: BillClient) -> None:
    await new_policy(client, "APPROVER", "ACCOUNTANT")
    small = {"key": "BILL_AMOUNT", "op": "lt", "values": ["10"]}
    await new_policy(client, "ADMINISTRATOR", rules=[small])
    await new_policy(client, "ACCOUNTANT", "ADMINISTRATOR")
    body = bill_body((await client.new_vendor())["id"], **LARGE)
    bill = (await client.post(ASKED, body)).body
    assert bill["approvers"] == waiting(client, "APPROVER", "ACCOUNTANT", "ADMINISTRATOR")


async def test_a_policy_does_not_reach_back(client: BillClient) -> None:
    before = await large_bill(client)
    policy = await new_policy(client)
    assigned = await large_bill(client)
    path = f"{POLICIES}/{policy['id']}"
    await client.put(path, policy_body(client, "ACCOUNTANT"))
    later = await large_bill(client)
    await client.delete(path)
    after = await large_bill(client)
    assert [(await approval(client, one))[0] for one in (before, assigned, later, after)] == [
        "UNASSIGNED",
        "ASSIGNED",
        "ASSIGNED",
        "UNASSIGNED",
    ]
    assert await pending(await signed_in(client, "APPROVER")) == [assigned]
    assert await pending(await signed_in(client, "ACCOUNTANT")) == [later]


async def test_lists_find_bills_by_their_approval(client: BillClient) -> None:
    await new_policy(client)
    assigned, denied = await large_bill(client), await large_bill(client)
    await client.new_bill((await client.new_vendor())["id"], 1)
    await decide(await signed_in(client, "APPROVER"), "DENY", denied)
    for status, wanted in (("ASSIGNED", [assigned]), ("DENIED", [denied]), ("APPROVED", [])):
        answer = await client.get(f"/v3/bills?filters=approvalStatus:eq:{status}")
        assert [bill["id"] for bill in answer.body["results"]] == wanted


async def test_the_pending_list_tells_what_waits_for_the_user(client: BillClient) -> None:
    await new_policy(client)
    vendor = (await client.new_vendor())["id"]
    bill = await client.new_bill(vendor, 1234.5, dueDate="2026-07-01")
    approver = await signed_in(client, "APPROVER")
    answer = await approver.get(PENDING)
    assert (answer.status, answer.body) == (
        200,
        {
            "bills": [
                {
                    "billId": bill["id"],
                    "vendorId": vendor,
                    "amount": 1234.5,
                    "dueDate": "2026-07-01",
                }
            ]
        },
    )
    assert (await client.get(PENDING)).body == {"bills": []}


async def test_the_pending_list_is_in_order_of_creation(client: BillClient) -> None:
    await new_policy(client, "ACCOUNTANT", "APPROVER")
    accountant, approver = (
        await signed_in(client, "ACCOUNTANT"),
        await signed_in(client, "APPROVER"),
    )
    both = [await large_bill(client) for _ in range(3)]
    await client.put(
        f"{POLICIES}/{(await client.get(POLICIES)).body[0]['id']}", policy_body(client, "APPROVER")
    )
    alone = await large_bill(client)
    # These three stand at APPROVING, the last one still at ASSIGNED.
    await decide(accountant, "APPROVE", both[2], both[0], both[1])
    assert await pending(approver) == [*both, alone]


async def test_approvers_act_in_their_order(client: BillClient) -> None:
    await new_policy(client, "ACCOUNTANT", "APPROVER", "ADMINISTRATOR")
    bill = await large_bill(client)
    accountant = await signed_in(client, "ACCOUNTANT")
    approver = await signed_in(client, "APPROVER")
    steps = [
        (accountant, "APPROVING", ["APPROVED", "WAITING", "WAITING"]),
        (approver, "APPROVING", ["APPROVED", "APPROVED", "WAITING"]),
        (client, "APPROVED", ["APPROVED", "APPROVED", "APPROVED"]),
    ]
    state = "ASSIGNED"
    for current, after, statuses in steps:
        for other in (accountant, approver, client):
            if other is not current:
                assert await pending(other) == []
                refused = await decide(other, "APPROVE", bill)
                check_refused(refused, 422, not_your_turn(bill, state))
        assert await pending(current) == [bill]
        answer = await decide(current, "APPROVE", bill)
        assert (answer.status, answer.body) == (200, {"status": "SUCCESS"})
        assert await approval(client, bill) == (after, statuses)
        state = after
    for user in (accountant, approver, client):
        assert await pending(user) == []
        check_refused(await decide(user, "DENY", bill), 422, not_your_turn(bill, "APPROVED"))


async def test_a_decision_moves_its_own_time_and_that_of_the_bill(client: BillClient) -> None:
    await new_policy(client, "APPROVER", "ACCOUNTANT")
    bill = await large_bill(client)
    approver = await signed_in(client, "APPROVER")
    await client.advance(sign_in=False, seconds=60)
    await decide(approver, "APPROVE", bill)
    told = (await client.get(f"/v3/bills/{bill}?billApprovals=true")).body
    assert (told["createdTime"], told["updatedTime"]) == (NOW, A_MINUTE_LATER)
    assert [one["statusChangedTime"] for one in told["approvers"]] == [A_MINUTE_LATER, NOW]


async def test_one_denial_ends_it(client: BillClient) -> None:
    await new_policy(client, "APPROVER", "ACCOUNTANT")
    bill = await large_bill(client)
    approver = await signed_in(client, "APPROVER")
    accountant = await signed_in(client, "ACCOUNTANT")
    assert (await decide(approver, "DENY", bill)).status == 200
    assert await approval(client, bill) == ("DENIED", ["DENIED", "WAITING"])
    for user in (approver, accountant):
        assert await pending(user) == []
        check_refused(await decide(user, "APPROVE", bill), 422, not_your_turn(bill, "DENIED"))


async def test_an_administrator_does_not_act_for_the_approver(client: BillClient) -> None:
    await new_policy(client)
    bill = await large_bill(client)
    check_refused(await decide(client, "APPROVE", bill), 422, not_your_turn(bill, "ASSIGNED"))


async def test_a_bill_without_policy_waits_for_nobody(client: BillClient) -> None:
    bill = await large_bill(client)
    check_refused(await decide(client, "APPROVE", bill), 422, not_your_turn(bill, "UNASSIGNED"))


@pytest.mark.parametrize("role", ["PAYER", "CLERK", "AUDITOR"])
async def test_other_roles_do_not_approve_but_may_ask_what_waits(
    make_client: MakeClient, role: str
) -> None:
    client = await make_client(role)
    check_refused(await decide(client, "APPROVE", UNKNOWN_BILL), 403, NO_PERMISSION)
    assert await pending(client) == []


async def test_several_bills_are_decided_in_one_call(client: BillClient) -> None:
    await new_policy(client)
    first, second = await large_bill(client), await large_bill(client)
    approver = await signed_in(client, "APPROVER")
    body = [
        {"billId": first, "action": "APPROVE", "comment": "Approved for payment"},
        {"billId": second, "action": "DENY", "comment": "x" * 4000},
    ]
    answer = await approver.post(ACTIONS, body)
    assert (answer.status, answer.body) == (200, {"status": "SUCCESS"})
    assert (await approval(client, first))[0] == "APPROVED"
    assert (await approval(client, second))[0] == "DENIED"


async def test_all_decisions_of_a_call_hold_or_none_does(client: BillClient) -> None:
    await new_policy(client)
    first, second = await large_bill(client), await large_bill(client)
    free = str((await client.new_bill((await client.new_vendor())["id"], 1))["id"])
    approver = await signed_in(client, "APPROVER")
    answer = await decide(approver, "APPROVE", first, free, second)
    check_refused(answer, 422, ROLLED_BACK, not_your_turn(free, "UNASSIGNED"), ROLLED_BACK)
    answer = await decide(approver, "APPROVE", first, UNKNOWN_BILL)
    check_refused(answer, 404, ROLLED_BACK, NO_DATA)
    answer = await decide(approver, "APPROVE", first, first)
    check_refused(answer, 422, ROLLED_BACK, not_your_turn(first, "APPROVED"))
    assert await pending(approver) == [first, second]
    assert await approval(client, first) == ("ASSIGNED", ["WAITING"])


async def test_the_bill_of_another_world_is_404(make_client: MakeClient) -> None:
    here, there = await make_client(), await make_client()
    await new_policy(there)
    bill = await large_bill(there)
    check_refused(await decide(here, "APPROVE", bill), 404, NO_DATA)
    assert await approval(there, bill) == ("ASSIGNED", ["WAITING"])


async def test_between_1_and_100_decisions_go_into_a_call(client: BillClient) -> None:
    for count in (0, 101):
        answer = await decide(client, "APPROVE", *[UNKNOWN_BILL] * count)
        check_faults(answer, "size must be between 1 and 100")
    check_refused(await decide(client, "APPROVE", *[UNKNOWN_BILL] * 100), 404, *[NO_DATA] * 100)


async def test_a_single_object_is_no_array(client: BillClient) -> None:
    answer = await client.post(ACTIONS, {"billId": UNKNOWN_BILL, "action": "APPROVE"})
    told = (
        "JSON parse error: Cannot deserialize value of type `java.util.ArrayList` from"
        " Object value (token `JsonToken.START_OBJECT`)"
    )
    check_faults(answer, told)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"action": "APPROVE"}, "[1].billId: must not be blank"),
        ({"billId": " ", "action": "APPROVE"}, "[1].billId: must not be blank"),
        ({"billId": "x"}, "[1].action: must not be null"),
        (
            {"billId": "x", "action": "APPROVE", "comment": "x" * 4001},
            "[1].comment: size must be between 0 and 4000",
        ),
        (
            {"billId": "x", "action": "approve"},
            "JSON parse error: Cannot deserialize value of type `Action` from String"
            ' "approve": not one of the values accepted for Enum class: [APPROVE, DENY]',
        ),
    ],
)
async def test_a_faulty_decision_is_told_with_its_place(
    client: BillClient, item: dict[str, str], message: str
) -> None:
    good = {"billId": UNKNOWN_BILL, "action": "APPROVE"}
    check_faults(await client.post(ACTIONS, [good, item]), message)


async def test_an_archived_bill_waits_for_nobody_until_it_is_restored(client: BillClient) -> None:
    await new_policy(client)
    bill = await large_bill(client)
    approver = await signed_in(client, "APPROVER")
    await client.post(f"/v3/bills/{bill}/archive")
    assert await pending(approver) == []
    archived = (None, f"Bill {bill} is archived.")
    check_refused(await decide(approver, "APPROVE", bill), 422, archived)
    await client.post(f"/v3/bills/{bill}/restore")
    assert await pending(approver) == [bill]
    assert (await decide(approver, "APPROVE", bill)).status == 200
