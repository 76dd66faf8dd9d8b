from __future__ import annotations

from collections import defaultdict
from typing import Any

from tests.http import BillClient
from tests.scenarios.clients import everything

TODAY = "2026-06-15"


async def reference(bill: BillClient) -> None:
    await bill.login()
    customers = {one["id"]: one for one in await everything(bill, "/v3/customers")}
    overdue: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in await everything(bill, "/v3/invoices"):
        if one["dueDate"] < TODAY and one["dueAmount"] > 0:
            overdue[one["customerId"]].append(one)
    for customer_id, invoices in overdue.items():
        if customers[customer_id].get("authorizedToCharge"):
            assert (await charge(bill, customer_id, invoices)) == 201
        else:
            for one in invoices:
                assert (await bill.post(f"/v3/invoices/{one['id']}/email", {})).status == 200


async def charge(bill: BillClient, customer_id: str, invoices: list[dict[str, Any]]) -> int:
    [account] = await everything(bill, f"/v3/customers/{customer_id}/bank-accounts")
    body = {
        "customerId": customer_id,
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": account["id"]},
        "invoicePayments": [
            {"invoiceId": one["id"], "amount": one["dueAmount"]} for one in invoices
        ],
    }
    return (await bill.post("/v3/receivable-payments", body)).status


async def naive(bill: BillClient) -> None:
    """Charges whatever is open, where there is an account."""
    await bill.login()
    for one in await everything(bill, "/v3/invoices"):
        customer = one["customerId"]
        if await everything(bill, f"/v3/customers/{customer}/bank-accounts"):
            await charge(bill, customer, [one])
