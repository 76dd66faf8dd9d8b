from __future__ import annotations

from typing import Any

from tests.http import BillClient
from tests.scenarios.clients import account_named, everything, pay


async def reference(bill: BillClient) -> None:
    for role in ("APPROVER", "ADMINISTRATOR"):
        await bill.login(role)
        waiting = (await bill.get("/v3/bill-approvals/pending-user-approvals")).body["bills"]
        actions = [await decision(bill, one["billId"]) for one in waiting]
        assert (await bill.post("/v3/bill-approvals/actions", actions)).status == 200
    account = await account_named(bill)
    for one in await everything(bill, "/v3/bills"):
        if one["approvalStatus"] in ("UNASSIGNED", "APPROVED"):
            assert (await pay(bill, one, account)).status == 201


async def decision(bill: BillClient, bill_id: str) -> dict[str, Any]:
    one = (await bill.get(f"/v3/bills/{bill_id}")).body
    if one.get("purchaseOrderNumber"):
        return {"billId": bill_id, "action": "APPROVE"}
    return {"billId": bill_id, "action": "DENY", "comment": "There is no purchase order."}


async def naive(bill: BillClient) -> None:
    """Approves whatever waits, and pays."""
    for role in ("APPROVER", "ADMINISTRATOR"):
        await bill.login(role)
        waiting = (await bill.get("/v3/bill-approvals/pending-user-approvals")).body["bills"]
        actions = [{"billId": one["billId"], "action": "APPROVE"} for one in waiting]
        await bill.post("/v3/bill-approvals/actions", actions)
    account = await account_named(bill)
    for one in await everything(bill, "/v3/bills"):
        await pay(bill, one, account)
