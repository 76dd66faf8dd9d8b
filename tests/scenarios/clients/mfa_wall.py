from __future__ import annotations

from tests.http import BillClient
from tests.scenarios.clients import account_named, everything, pay


async def reference(bill: BillClient) -> None:
    await bill.login()
    [rent] = await everything(bill, "/v3/bills")
    assert (await bill.trust()).status == 200
    assert (await pay(bill, rent, await account_named(bill))).status == 201


async def naive(bill: BillClient) -> None:
    """Tries again and again."""
    await bill.login()
    [rent] = await everything(bill, "/v3/bills")
    account = await account_named(bill)
    for _ in range(5):
        await pay(bill, rent, account)
