from __future__ import annotations

from tests.http import BillClient
from tests.scenarios.clients import account_named, everything, pay


async def reference(bill: BillClient) -> None:
    await bill.login()
    account = await account_named(bill)
    due = "dueDate:lte:2026-06-30,archived:eq:false,paymentStatus:eq:UNPAID"
    for one in await everything(bill, f"/v3/bills?filters={due}"):
        assert (await pay(bill, one, account)).status == 201


async def naive(bill: BillClient) -> None:
    """Pays whatever is unpaid."""
    await bill.login()
    account = await account_named(bill)
    for one in await everything(bill, "/v3/bills?filters=archived:eq:false"):
        if one["paymentStatus"] == "UNPAID":
            await pay(bill, one, account)
