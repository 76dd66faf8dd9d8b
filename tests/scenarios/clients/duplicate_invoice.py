from __future__ import annotations

from tests.http import BillClient
from tests.scenarios.clients import account_named, everything, number, pay


async def reference(bill: BillClient) -> None:
    await bill.login()
    account = await account_named(bill)
    seen = set()
    for one in await everything(bill, "/v3/bills?filters=archived:eq:false&sort=createdTime:asc"):
        spelled = "".join(filter(str.isalnum, number(one))).upper()
        if spelled in seen:
            assert (await bill.post(f"/v3/bills/{one['id']}/archive")).status == 200
        else:
            seen.add(spelled)
            assert (await pay(bill, one, account)).status == 201


async def naive(bill: BillClient) -> None:
    """Compares numbers as they are spelled."""
    await bill.login()
    account = await account_named(bill)
    seen = set()
    for one in await everything(bill, "/v3/bills?filters=archived:eq:false"):
        if number(one) not in seen:
            seen.add(number(one))
            await pay(bill, one, account)
