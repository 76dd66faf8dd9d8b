from __future__ import annotations

from tests.http import BillClient
from tests.scenarios.clients import account_named, everything, number, pay


async def reference(bill: BillClient) -> None:
    await bill.login()
    account = await account_named(bill)
    bills = {number(one): one for one in await everything(bill, "/v3/bills")}
    assert (await pay(bill, bills["MB-311"], account, 2500.00)).status == 201
    deposit = bills["LC-7"]
    check = {
        "vendorId": deposit["vendorId"],
        "processDate": "2026-06-05",
        "toPrintCheck": False,
        "payments": [{"billId": deposit["id"], "amount": 750.00}],
    }
    assert (await bill.post("/v3/bills/record-payment", check)).status == 200
    left = (await bill.get(f"/v3/bills/{deposit['id']}")).body
    assert (await pay(bill, left, account)).status == 201
    assert (await pay(bill, bills["NF-5600"], account, 880.00)).status == 201


async def naive(bill: BillClient) -> None:
    """Reckons the rest by itself and forgets that BILL does not know the check."""
    await bill.login()
    account = await account_named(bill)
    bills = {number(one): one for one in await everything(bill, "/v3/bills")}
    await pay(bill, bills["MB-311"], account, 2500.00)
    await pay(bill, bills["LC-7"], account, 1250.00)
    await pay(bill, bills["NF-5600"], account)
