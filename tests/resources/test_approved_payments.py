"""What an edit does to approvals, and who may pay a bill that is not approved."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import Answer, BillClient
from tests.refusals import check_refused, holdings
from tests.resources.approvals import (
    POLICIES,
    approval,
    decide,
    new_policy,
    not_your_turn,
    pending,
    signed_in,
)
from tests.resources.payables import A_MINUTE_LATER, ROLLED_BACK, bill_body

UNDECIDED = ("ASSIGNED", ["WAITING", "WAITING"])
HALF = ("APPROVING", ["APPROVED", "WAITING"])
APPROVED = ("APPROVED", ["APPROVED", "APPROVED"])
DENIED = ("DENIED", ["APPROVED", "DENIED"])
STATES = [UNDECIDED, HALF, APPROVED, DENIED]


async def bill_at(client: BillClient, state: tuple[str, list[str]]) -> dict[str, Any]:
    """A bill of 1000 that its two approvers, Accountant and Approver, have left at `state`."""
    await new_policy(client, "ACCOUNTANT", "APPROVER")
    bill = await client.new_bill((await client.new_vendor())["id"], 1000)
    for role, wanted in zip(("ACCOUNTANT", "APPROVER"), state[1], strict=True):
        if wanted != "WAITING":
            action = "APPROVE" if wanted == "APPROVED" else "DENY"
            answer = await decide(await signed_in(client, role), action, bill["id"])
            assert answer.status == 200, answer.body
    assert await approval(client, bill["id"]) == state
    return bill


async def patch(client: BillClient, bill: dict[str, Any], **change: Any) -> Answer:
    answer = await client.patch(f"/v3/bills/{bill['id']}", change)
    assert answer.status == 200, answer.body
    return answer


def of_amount(bill: dict[str, Any], amount: float) -> dict[str, Any]:
    """The change that gives the bill's one line that amount."""
    return {"billLineItems": [{"id": bill["billLineItems"][0]["id"], "amount": amount}]}


@pytest.mark.parametrize("state", STATES)
async def test_a_new_amount_starts_the_approval_anew(
    client: BillClient, state: tuple[str, list[str]]
) -> None:
    bill = await bill_at(client, state)
    await client.advance(sign_in=False, seconds=60)
    change = {**of_amount(bill, 1000.01), "billApprovals": True}
    edited = (await patch(client, bill, **change)).body
    assert edited["approvalStatus"] == "ASSIGNED"
    assert [
        (one["status"], one["approverOrder"], one["statusChangedTime"])
        for one in edited["approvers"]
    ] == [("WAITING", 0, A_MINUTE_LATER), ("WAITING", 1, A_MINUTE_LATER)]
    assert await pending(await signed_in(client, "ACCOUNTANT")) == [bill["id"]]
    assert await pending(await signed_in(client, "APPROVER")) == []


@pytest.mark.parametrize("state", STATES)
async def test_a_new_vendor_starts_the_approval_anew(
    client: BillClient, state: tuple[str, list[str]]
) -> None:
    bill = await bill_at(client, state)
    other = await client.new_vendor()
    await patch(client, bill, vendorId=other["id"])
    assert await approval(client, bill["id"]) == UNDECIDED


@pytest.mark.parametrize("state", STATES)
async def test_an_edit_of_anything_else_leaves_the_approval(
    client: BillClient, state: tuple[str, list[str]]
) -> None:
    bill = await bill_at(client, state)
    line_id = bill["billLineItems"][0]["id"]
    await patch(
        client,
        bill,
        description="Drums",
        dueDate="2027-01-31",
        invoice={"invoiceNumber": "202502"},
        classifications={"locationId": "loc02AAAAAAAAAA00001"},
        # Two halves come to the same amount.
        billLineItems=[{"id": line_id, "quantity": 2, "price": 500}],
        billApprovals=True,
    )
    assert await approval(client, bill["id"]) == state
    whole = bill_body(bill["vendorId"], billLineItems=[{"amount": 400}, {"amount": 600}])
    answer = await client.put(f"/v3/bills/{bill['id']}?billApprovals=true", whole)
    assert answer.status == 200
    assert [one["status"] for one in answer.body["approvers"]] == state[1]


async def test_put_starts_the_approval_anew_as_patch_does(client: BillClient) -> None:
    bill = await bill_at(client, APPROVED)
    whole = bill_body(bill["vendorId"], billLineItems=[{"amount": 2000}])
    assert (await client.put(f"/v3/bills/{bill['id']}", whole)).status == 200
    assert await approval(client, bill["id"]) == UNDECIDED


@pytest.mark.parametrize("state", STATES)
async def test_below_the_policy_a_bill_needs_no_approval_any_more(
    client: BillClient, state: tuple[str, list[str]]
) -> None:
    bill = await bill_at(client, state)
    await patch(client, bill, **of_amount(bill, 999.99))
    assert await approval(client, bill["id"]) == ("UNASSIGNED", [])
    for role in ("ACCOUNTANT", "APPROVER"):
        assert await pending(await signed_in(client, role)) == []


async def test_a_bill_grows_into_a_policy(client: BillClient) -> None:
    await new_policy(client)
    bill = await client.new_bill((await client.new_vendor())["id"], 1)
    await patch(client, bill, **of_amount(bill, 1000))
    assert await approval(client, bill["id"]) == ("ASSIGNED", ["WAITING"])


async def test_an_edit_asks_the_policies_of_the_day(client: BillClient) -> None:
    bill = await bill_at(client, APPROVED)
    for policy in (await client.get(POLICIES)).body:
        await client.delete(f"{POLICIES}/{policy['id']}")
    await new_policy(client, "ADMINISTRATOR")
    assert await approval(client, bill["id"]) == APPROVED
    await patch(client, bill, **of_amount(bill, 1001))
    assert await approval(client, bill["id"]) == ("ASSIGNED", ["WAITING"])
    assert await pending(client) == [bill["id"]]


async def test_a_denied_bill_can_be_mended_approved_and_paid(payer: BillClient) -> None:
    bill = await bill_at(payer, DENIED)
    await patch(payer, bill, **of_amount(bill, 1500))
    for role in ("ACCOUNTANT", "APPROVER"):
        await decide(await signed_in(payer, role), "APPROVE", bill["id"])
    assert (await payer.pay(bill, 1500)).status == 201


@pytest.mark.parametrize("state", [UNDECIDED, HALF, APPROVED, DENIED])
async def test_a_setting_keeps_approvals_through_edits(
    make_client: MakeClient, state: tuple[str, list[str]]
) -> None:
    client = await make_client(edited_bills="keep_approval")
    bill = await bill_at(client, state)
    other = await client.new_vendor()
    await patch(client, bill, vendorId=other["id"], **of_amount(bill, 5000))
    assert await approval(client, bill["id"]) == state


def not_approved(bill: dict[str, Any]) -> tuple[tuple[None, str], tuple[None, str]]:
    """A refused payment is told twice: plain, and with the bill's id in front."""
    text = f"Bill {bill['id']} is not approved."
    return (None, text), (None, f"{bill['id']} : {text}")


@pytest.mark.parametrize("state", [UNDECIDED, HALF, DENIED])
async def test_a_bill_under_approval_is_not_paid(
    payer: BillClient, state: tuple[str, list[str]]
) -> None:
    bill = await bill_at(payer, state)
    before = await holdings(payer)
    check_refused(await payer.pay(bill, 1000), 422, *not_approved(bill))
    check_refused(await payer.pay(bill, 0.01), 422, *not_approved(bill))
    assert await holdings(payer) == before


async def test_an_approved_bill_is_paid(payer: BillClient) -> None:
    bill = await bill_at(payer, APPROVED)
    assert (await payer.pay(bill, 1000)).status == 201
    assert await approval(payer, bill["id"]) == APPROVED


async def test_a_bill_without_policy_is_paid(payer: BillClient) -> None:
    await new_policy(payer)
    bill = await payer.new_bill((await payer.new_vendor())["id"], 999.99)
    assert (await payer.pay(bill, 999.99)).status == 201


async def test_an_approved_bill_that_was_edited_is_not_paid(payer: BillClient) -> None:
    bill = await bill_at(payer, APPROVED)
    await patch(payer, bill, **of_amount(bill, 2000))
    check_refused(await payer.pay(bill, 1000), 422, *not_approved(bill))


async def test_one_bill_under_approval_stops_a_bulk_payment(payer: BillClient) -> None:
    bill = await bill_at(payer, UNDECIDED)
    free = await payer.new_bill(bill["vendorId"], 10)
    funding = {"type": "BANK_ACCOUNT", "id": await payer.bank_account()}
    items = [{"billId": free["id"], "amount": 10}, {"billId": bill["id"], "amount": 1000}]
    before = await holdings(payer)
    answer = await payer.post("/v3/payments/bulk", {"fundingAccount": funding, "payments": items})
    check_refused(answer, 422, ROLLED_BACK, *not_approved(bill))
    assert await holdings(payer) == before


async def pay_without_bill(client: BillClient, vendor_id: str, amount: float) -> Answer:
    body = {
        "vendorId": vendor_id,
        "amount": amount,
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": await client.bank_account()},
        "processingOptions": {"createBill": True},
    }
    return await client.post("/v3/payments", body)


async def test_create_bill_is_no_way_around_a_policy(payer: BillClient) -> None:
    await new_policy(payer)
    vendor = (await payer.new_vendor())["id"]
    before = await holdings(payer)
    answer = await pay_without_bill(payer, vendor, 1000)
    assert (answer.status, len(answer.body)) == (422, 1)
    assert answer.body[0]["message"].endswith(" is not approved.")
    assert "code" not in answer.body[0]
    assert await holdings(payer) == before
    assert (await pay_without_bill(payer, vendor, 999.99)).status == 201


@pytest.mark.parametrize("state", [UNDECIDED, HALF, DENIED])
async def test_a_setting_lets_administrators_pay_unapproved_bills(
    make_client: MakeClient, state: tuple[str, list[str]]
) -> None:
    client = await make_client(trusted=True, unapproved_bills="administrators")
    bill = await bill_at(client, state)
    other = await signed_in(client, "PAYER", trusted=True)
    check_refused(await other.pay(bill, 1000), 422, *not_approved(bill))
    assert (await client.pay(bill, 1000)).status == 201
    assert await approval(client, bill["id"]) == state


async def test_the_setting_holds_for_create_bill_too(make_client: MakeClient) -> None:
    client = await make_client(trusted=True, unapproved_bills="administrators")
    await new_policy(client)
    vendor = (await client.new_vendor())["id"]
    answer = await pay_without_bill(client, vendor, 1000)
    assert answer.status == 201
    assert await approval(client, answer.body["billId"]) == ("ASSIGNED", ["WAITING"])


async def test_a_payer_pays_what_others_approved(payer: BillClient) -> None:
    bill = await bill_at(payer, APPROVED)
    other = await signed_in(payer, "PAYER", trusted=True)
    assert (await other.pay(bill, 1000)).status == 201
    refused = await decide(payer, "DENY", bill["id"])
    check_refused(refused, 422, not_your_turn(bill["id"], "APPROVED"))
