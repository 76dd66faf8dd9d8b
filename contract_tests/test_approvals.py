"""Approvals: a policy for one vendor of the run, and the decisions that follow.

The policy names a vendor that the run made, so bills of others go on as before.
"""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.client import Bill
from contract_tests.expectations import made_as, refused, told
from contract_tests.records import BILLS, PAYMENTS, POLICIES, Records, pay_body
from contract_tests.shapes import APPROVER, PENDING, POLICY

behaviour = pytest.mark.behaviour
CREATE = "POST /connect/v3/bill-approvals/policies"
LIST = "GET /connect/v3/bill-approvals/policies"
DELETE = "DELETE /connect/v3/bill-approvals/policies/{policyId}"
ACTIONS = "POST /connect/v3/bill-approvals/actions"
WAITING = "GET /connect/v3/bill-approvals/pending-user-approvals"
ACTS = "/v3/bill-approvals/actions"
WAITS = "/v3/bill-approvals/pending-user-approvals"


def policy_body(bill: Bill, records: Records, vendor_id: str) -> dict[str, Any]:
    return {
        "policyName": records.name("policy"),
        "rules": [{"key": "VENDOR_ID", "op": "eq", "values": [vendor_id]}],
        "approvers": [bill.user_id],
    }


async def asked(bill: Bill, records: Records) -> dict[str, Any]:
    """A bill that waits for the approval of the run's user."""
    vendor = await records.vendor()
    await records.new(POLICIES, policy_body(bill, records, vendor["id"]))
    return await records.a_bill(vendor["id"])


async def approval(bill: Bill, bill_id: str) -> tuple[str, list[str]]:
    found = told(await bill.get(f"{BILLS}/{bill_id}?billApprovals=true"), 200)
    return found["approvalStatus"], [one["status"] for one in found.get("approvers", [])]


@behaviour(CREATE)
async def test_a_new_policy_is_active_and_has_bills_shape(bill: Bill, records: Records) -> None:
    body = policy_body(bill, records, (await records.vendor())["id"])
    policy = told(await records.post(POLICIES, body), 201)
    made_as(policy, POLICY)
    assert (policy["policyName"], policy["status"]) == (body["policyName"], "ACTIVE")


@behaviour(CREATE)
async def test_a_new_policy_tells_its_approvers_and_values(bill: Bill, records: Records) -> None:
    vendor = await records.vendor()
    policy = told(await records.post(POLICIES, policy_body(bill, records, vendor["id"])), 201)
    assert [one["userId"] for one in policy["approvers"]["users"]] == [bill.user_id]
    assert [one["value"] for one in policy["rules"][0]["values"]] == [vendor["id"]]


@behaviour(CREATE)
@pytest.mark.parametrize("member", ["policyName", "rules", "approvers"])
async def test_a_policy_lacks_no_required_member(bill: Bill, records: Records, member: str) -> None:
    body = policy_body(bill, records, "00902AAAAAAAAAAzzzzz")
    del body[member]
    refused(await records.post(POLICIES, body), 400, None, f"{member}: must not be")


@behaviour(LIST)
async def test_policies_are_listed_as_a_bare_array(bill: Bill, records: Records) -> None:
    body = policy_body(bill, records, (await records.vendor())["id"])
    policy = await records.new(POLICIES, body)
    listed = told(await bill.get(POLICIES), 200)
    assert isinstance(listed, list)
    assert [one for one in listed if one["id"] == policy["id"]] == [policy]


@behaviour(DELETE, LIST)
async def test_a_deleted_policy_is_gone(bill: Bill, records: Records) -> None:
    vendor = await records.vendor()
    answer = await bill.post(POLICIES, policy_body(bill, records, vendor["id"]))
    policy_id = told(answer, 201)["id"]
    gone = await bill.delete(f"{POLICIES}/{policy_id}")
    if gone.status != 200:
        records.keep(POLICIES, answer.body, bill)
    assert told(gone, 200) == {"status": "SUCCESS"}
    assert policy_id not in [one["id"] for one in told(await bill.get(POLICIES), 200)]


@behaviour(CREATE, "POST /connect/v3/bills")
async def test_a_policy_assigns_a_bill_to_its_approvers(bill: Bill, records: Records) -> None:
    made = await asked(bill, records)
    assert await approval(bill, made["id"]) == ("ASSIGNED", ["WAITING"])


@behaviour("GET /connect/v3/bills/{billId}")
async def test_the_approvers_of_a_bill_are_told_if_asked_for(bill: Bill, records: Records) -> None:
    made = await asked(bill, records)
    found = told(await bill.get(f"{BILLS}/{made['id']}?billApprovals=true"), 200)
    made_as(found["approvers"], [APPROVER])
    assert [(one["userId"], one["approverOrder"]) for one in found["approvers"]] == [
        (bill.user_id, 0)
    ]


@behaviour(WAITING)
async def test_a_bill_that_waits_is_told_to_its_approver(bill: Bill, records: Records) -> None:
    made = await asked(bill, records)
    waiting = told(await bill.get(WAITS), 200)
    assert list(waiting) == ["bills"]
    found = [one for one in waiting["bills"] if one["billId"] == made["id"]]
    made_as(found, [PENDING])
    assert found == [
        {
            "billId": made["id"],
            "vendorId": made["vendorId"],
            "amount": made["amount"],
            "dueDate": made["dueDate"],
        }
    ]


@behaviour(ACTIONS)
@pytest.mark.parametrize(
    ("action", "status"), [("APPROVE", "APPROVED"), ("DENY", "DENIED")], ids=["approve", "deny"]
)
async def test_a_decision_settles_a_bill(
    bill: Bill, records: Records, action: str, status: str
) -> None:
    made = await asked(bill, records)
    body = [{"billId": made["id"], "action": action, "comment": "Contract test"}]
    assert told(await bill.post(ACTS, body), 200) == {"status": "SUCCESS"}
    assert await approval(bill, made["id"]) == (status, [status])


@behaviour(ACTIONS, WAITING)
async def test_a_bill_that_was_decided_waits_no_more(bill: Bill, records: Records) -> None:
    made = await asked(bill, records)
    await bill.post(ACTS, [{"billId": made["id"], "action": "APPROVE"}])
    waiting = told(await bill.get(WAITS), 200)["bills"]
    assert made["id"] not in [one["billId"] for one in waiting]


@behaviour(ACTIONS)
async def test_decisions_come_as_an_array(bill: Bill, records: Records) -> None:
    made = await asked(bill, records)
    refused(await bill.post(ACTS, {"billId": made["id"], "action": "APPROVE"}), 400, None)


@behaviour(ACTIONS)
async def test_a_decision_is_to_approve_or_to_deny(bill: Bill, records: Records) -> None:
    made = await asked(bill, records)
    refused(await bill.post(ACTS, [{"billId": made["id"], "action": "PONDER"}]), 400, None)


@behaviour(ACTIONS, "BDC_1205")
async def test_an_unknown_bill_is_not_decided(bill: Bill) -> None:
    body = [{"billId": "00n02AAAAAAAAAAzzzzz", "action": "APPROVE"}]
    refused(await bill.post(ACTS, body), 404, "BDC_1205")


@behaviour("POST /connect/v3/payments", "bill.not_approved")
async def test_a_bill_that_waits_for_approval_is_not_paid(
    bill: Bill, payer: Bill, records: Records, bank_account_id: str
) -> None:
    made = await asked(bill, records)
    body = pay_body(made["id"], made["amount"], bank_account_id)
    refused(await records.post(PAYMENTS, body, by=payer), 422, None)
