from __future__ import annotations

from typing import Any

import aiohttp

from tests.http import Answer, BillClient
from tests.scenarios.clients import everything

STATEMENT = {
    "TP-201": 40.00,
    "TP-202": 41.50,
    "TP-203": 12.25,
    "TP-204": 99.99,
    "TP-205": 7.80,
    "TP-206": 310.00,
    "TP-207": 58.40,
    "TP-208": 23.10,
}


def body(vendor: str, number: str) -> dict[str, Any]:
    return {
        "vendorId": vendor,
        "dueDate": "2026-06-30",
        "invoice": {"invoiceNumber": number, "invoiceDate": "2026-06-08"},
        "billLineItems": [{"amount": STATEMENT[number]}],
    }


async def reference(bill: BillClient) -> None:
    await bill.login()
    [vendor] = await everything(bill, "/v3/vendors")
    for number in STATEMENT:
        await enter(bill, vendor["id"], number)


async def enter(bill: BillClient, vendor: str, number: str) -> None:
    while True:
        try:
            answer = await bill.post("/v3/bills", body(vendor, number))
        except aiohttp.ClientError:
            # It may be there all the same.
            found = await patiently(bill, f"/v3/bills?filters=invoice.invoiceNumber:eq:{number}")
            if found.body["results"]:
                return
            continue
        if answer.status == 201:
            return
        await calm(bill, answer)


async def patiently(bill: BillClient, path: str) -> Answer:
    while (answer := await bill.get(path)).status != 200:
        await calm(bill, answer)
    return answer


async def calm(bill: BillClient, refused: Answer) -> None:
    """What has to be done before a refused call is made again."""
    assert refused.status in (401, 429), refused.body
    if refused.status == 401:
        await bill.login()


async def naive(bill: BillClient) -> None:
    """Sends again whatever did not come back with 201."""
    await bill.login()
    [vendor] = await everything(bill, "/v3/vendors")
    for number in STATEMENT:
        for _ in range(6):
            try:
                answer = await bill.post("/v3/bills", body(vendor["id"], number))
            except aiohttp.ClientError:
                continue
            if answer.status == 201:
                break
            await bill.login()
