from __future__ import annotations

from tests.http import BillClient
from tests.scenarios.clients import account_named, everything, number, pay


async def reference(bill: BillClient) -> None:
    await bill.login()
    bills = {number(one): one for one in await everything(bill, "/v3/bills")}
    reserve = await account_named(bill, "Reserve Savings")
    assert (await pay(bill, bills["NF-5510"], reserve)).status == 201
    rejected = "DISBURSEMENT_FAILED_VENDOR_BANK_REJECTED"
    [back] = [
        one for one in await everything(bill, "/v3/payments") if one["singleStatus"] == rejected
    ]
    account = f"/v3/vendors/{back['vendorId']}/bank-account"
    assert (await bill.delete(account)).status == 204
    right = {
        "nameOnAccount": "Cascade Power",
        "accountNumber": "444555888",
        "routingNumber": "074000010",
    }
    assert (await bill.post(account, right)).status == 200
    again = {"type": "VOID_AND_REISSUE", "reason": "The account number was wrong."}
    assert (await bill.post(f"/v3/payments/{back['id']}/void", again)).status == 200


async def naive(bill: BillClient) -> None:
    """Voids what failed and pays everything once more, from the account at hand."""
    await bill.login()
    account = await account_named(bill)
    for one in await everything(bill, "/v3/payments"):
        again = {"type": "VOID_ONLY", "reason": "It failed."}
        await bill.post(f"/v3/payments/{one['id']}/void", again)
    for one in await everything(bill, "/v3/bills"):
        await pay(bill, one, account)
