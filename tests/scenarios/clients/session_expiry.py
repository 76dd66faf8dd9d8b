from __future__ import annotations

from tests.http import BillClient
from tests.scenarios.clients import account_named, everything, pay


async def reference(bill: BillClient) -> None:
    await bill.login()
    account = await account_named(bill)
    for one in await everything(bill, "/v3/bills"):
        answer = await pay(bill, one, account)
        if answer.status == 401:
            await bill.login()
            answer = await pay(bill, one, account)
        assert answer.status == 201


async def naive(bill: BillClient) -> None:
    """Goes on to the next bill whatever happens to one."""
    await bill.login()
    account = await account_named(bill)
    for one in await everything(bill, "/v3/bills"):
        answer = await pay(bill, one, account)
        if answer.status == 401:
            await bill.login()
