from __future__ import annotations

from typing import Any

from tests.http import BillClient
from tests.scenarios.clients import account_named, everything, number, pay

EVENTS = "/connect-events/v3/subscriptions"
IN_THE_LEDGER = {"NF-5510", "NF-5511"}


async def repair(bill: BillClient) -> None:
    [ledger] = (await bill.call("GET", EVENTS)).body["results"]
    change = {"status": {"enabled": True}, "notificationUrl": "https://127.0.0.1:8444/bill"}
    assert (await bill.call("PATCH", f"{EVENTS}/{ledger['id']}", change)).status == 200


async def reference(bill: BillClient) -> None:
    await bill.login()
    await repair(bill)
    await pay_unknown(bill, await everything(bill, "/v3/bills"))


async def pay_unknown(bill: BillClient, bills: list[dict[str, Any]]) -> None:
    account = await account_named(bill)
    for one in bills:
        if number(one) not in IN_THE_LEDGER and one["dueDate"] <= "2026-06-20":
            assert (await pay(bill, one, account)).status == 201


async def naive(bill: BillClient) -> None:
    """Reads first and repairs then."""
    await bill.login()
    bills = await everything(bill, "/v3/bills")
    await repair(bill)
    await pay_unknown(bill, bills)
