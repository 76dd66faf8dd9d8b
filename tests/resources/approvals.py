"""Bodies and small steps that the tests of approvals and of users share."""

from __future__ import annotations

from typing import Any

from tests.http import Answer, BillClient

POLICIES = "/v3/bill-approvals/policies"
ACTIONS = "/v3/bill-approvals/actions"
PENDING = "/v3/bill-approvals/pending-user-approvals"

# Four digits to the left: what the sums below are compared with.
FROM_1000 = {"key": "BILL_AMOUNT", "op": "gte", "values": ["1000"]}


def user_id(client: BillClient, role: str) -> str:
    """The id of the world's user with that role."""
    return next(str(user["userId"]) for user in client.world["users"] if user["role"] == role)


async def signed_in(client: BillClient, role: str, *, trusted: bool = False) -> BillClient:
    """Another client of the same world, signed in as the user of that role."""
    other = BillClient(client.http, client.origin, client.world)
    assert (await other.login(role)).status == 200
    if trusted:
        await other.trust()
    return other


def policy_body(client: BillClient, *roles: str, **more: Any) -> dict[str, Any]:
    """A policy: bills of 1000 and more need the users of these roles, in this order."""
    return {
        "policyName": "Approval policy for bills >= $1000",
        "rules": [FROM_1000],
        "approvers": [user_id(client, role) for role in roles or ("APPROVER",)],
        **more,
    }


async def new_policy(client: BillClient, *roles: str, **more: Any) -> dict[str, Any]:
    answer = await client.post(POLICIES, policy_body(client, *roles, **more))
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def decide(client: BillClient, action: str, *bill_ids: str) -> Answer:
    """Approve or deny bills as the client's user."""
    return await client.post(ACTIONS, [{"billId": one, "action": action} for one in bill_ids])


async def pending(client: BillClient) -> list[str]:
    """The ids of the bills that wait for the client's user."""
    answer = await client.get(PENDING)
    assert answer.status == 200, answer.body
    return [bill["billId"] for bill in answer.body["bills"]]


async def approval(client: BillClient, bill_id: str) -> tuple[str, list[str]]:
    """How far a bill is approved, and what its approvers have done, in their order."""
    bill = (await client.get(f"/v3/bills/{bill_id}?billApprovals=true")).body
    return bill["approvalStatus"], [one["status"] for one in bill.get("approvers", [])]


def not_your_turn(bill_id: str, state: str) -> tuple[None, str]:
    """The item of a decision by anybody but the current approver."""
    told = f"Bill {bill_id} does not wait for your approval. Its approvalStatus is {state}."
    return (None, told)
