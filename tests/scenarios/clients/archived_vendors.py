from __future__ import annotations

from tests.http import BillClient
from tests.scenarios.clients import account_named, everything, pay


async def reference(bill: BillClient) -> None:
    await bill.login()
    account = await account_named(bill)
    open_bills = [
        one
        for one in await everything(bill, "/v3/bills?filters=archived:eq:false")
        if one["paymentStatus"] != "PAID"
    ]
    owed = {one["vendorId"] for one in open_bills}
    for vendor in await everything(bill, "/v3/vendors"):
        if vendor["archived"] is (vendor["id"] in owed):
            verb = "restore" if vendor["archived"] else "archive"
            assert (await bill.post(f"/v3/vendors/{vendor['id']}/{verb}")).status == 200
    [cleaning] = [one for one in open_bills if one["vendorName"] == "Blue Door Cleaning"]
    assert (await pay(bill, cleaning, account)).status == 201


async def naive(bill: BillClient) -> None:
    """Takes a vendor with any payment for settled."""
    await bill.login()
    account = await account_named(bill)
    bills = await everything(bill, "/v3/bills")
    unpaid = {one["vendorId"] for one in bills if one["paidAmount"] == 0}
    for vendor in await everything(bill, "/v3/vendors"):
        verb = "restore" if vendor["id"] in unpaid else "archive"
        await bill.post(f"/v3/vendors/{vendor['id']}/{verb}")
    for one in bills:
        if one["vendorName"] == "Blue Door Cleaning":
            await pay(bill, one, account)
