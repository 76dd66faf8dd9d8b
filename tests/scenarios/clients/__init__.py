"""Clients of BILL, one module for each shipped scenario.

`reference` does what the scenario asks; `naive` does what somebody in a hurry
writes. Both know nothing but BILL's API, the task and, for MFA, the outbox.
"""

from __future__ import annotations

from typing import Any

from tests.http import Answer, BillClient


async def everything(bill: BillClient, path: str) -> list[dict[str, Any]]:
    """All records of a list, page by page."""
    found: list[dict[str, Any]] = []
    page = ""
    while True:
        more = "&" if "?" in path else "?"
        answer = await bill.get(f"{path}{more}max=100{page}")
        assert answer.status == 200, answer.body
        found += answer.body["results"]
        if "nextPage" not in answer.body:
            return found
        page = f"&page={answer.body['nextPage']}"


async def account_named(bill: BillClient, name: str = "First Cedar Bank") -> str:
    """The id of a bank account by its bank's name."""
    accounts = (await bill.get("/v3/funding-accounts/banks")).body["results"]
    return next(str(one["id"]) for one in accounts if one["bankName"] == name)


async def pay(bill: BillClient, one: dict[str, Any], account: str, amount: Any = None) -> Answer:
    """Pay some of a bill, or all that is due."""
    return await bill.post(
        "/v3/payments",
        {
            "billId": one["id"],
            "amount": one["dueAmount"] if amount is None else amount,
            "fundingAccount": {"type": "BANK_ACCOUNT", "id": account},
            "processingOptions": {},
        },
    )


def number(one: dict[str, Any]) -> str:
    """The number of a bill's invoice."""
    return str(one["invoice"]["invoiceNumber"])
