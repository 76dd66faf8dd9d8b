from __future__ import annotations

from tests.http import BillClient
from tests.scenarios.clients import account_named, everything, pay

CONFIRMED = {"Orchard Office Park": "5666", "Northwind Freight": "5777", "Cascade Power": "5888"}


async def reference(bill: BillClient) -> None:
    await bill.login()
    account = await account_named(bill)
    vendors = {one["id"]: one for one in await everything(bill, "/v3/vendors")}
    for one in await everything(bill, "/v3/bills"):
        vendor = vendors[one["vendorId"]]
        theirs = vendor["paymentInformation"]["bankAccount"]["accountNumber"]
        if theirs.endswith(CONFIRMED[vendor["name"]]):
            assert (await pay(bill, one, account)).status == 201


async def naive(bill: BillClient) -> None:
    """Trusts what stands in BILL."""
    await bill.login()
    account = await account_named(bill)
    for one in await everything(bill, "/v3/bills"):
        await pay(bill, one, account)
