"""Worlds with a few telling records for the tests of lists, and their labels."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.http import BillClient
from tests.resources.payables import ADDRESS, BILL_CLASSIFICATIONS, bill_body

VENDORS = "/v3/vendors"
BILLS = "/v3/bills"
PAYMENTS = "/v3/payments"
BANKS = "/v3/funding-accounts/banks"
BANK_USERS = "/v3/funding-accounts/banks/users"

# What a list shows, in short: the labels that stand for its records, by id.
Labels = dict[str, str]


async def ten_minutes(client: BillClient) -> None:
    await client.advance(seconds=600, sign_in=False)


async def made(client: BillClient, path: str, body: Any) -> dict[str, Any]:
    """A new record, made ten minutes before whatever comes next."""
    answer = await client.post(path, body)
    assert answer.status in (200, 201), answer.body
    await ten_minutes(client)
    return dict(answer.body)


async def done(client: BillClient, path: str, body: Any = None) -> None:
    await made(client, path, body)


async def vendors(client: BillClient) -> Labels:
    """Ash, Ashwood, birch, Cedar, made at 16:00, 16:10 ...; Ashwood archived at 16:40."""
    ids = {}
    for name, short, kind, country, currency in (
        ("Ash", "d", "BUSINESS", "US", "USD"),
        ("Ashwood", "c", "PERSON", "DK", "EUR"),
        ("birch", None, "NONE", "US", "GBP"),
        ("Cedar", "a", "BUSINESS", "DK", "USD"),
    ):
        body = {
            "name": name,
            "shortName": short,
            "email": short and f"{short}@example.com",
            "phone": short and f"415555{ord(short):04}",
            "accountType": kind,
            "address": {**ADDRESS, "country": country},
            "billCurrency": currency,
        }
        ids[name] = (await made(client, VENDORS, body))["id"]
    await done(client, f"{VENDORS}/{ids['Ashwood']}/archive")
    return ids


async def bills(client: BillClient) -> Labels:
    """one to four at 16:00 ...; one paid at 16:40, two partly at 16:50, three archived at 17:00."""
    vendor = {"X": (await client.new_vendor())["id"], "Y": (await client.new_vendor())["id"]}
    ids = dict(vendor)
    for name, of, due, amount, description, account in (
        ("one", "X", "2026-07-01", 40, "d", "A"),
        ("two", "Y", "2026-06-20", 30, "c", "B"),
        ("three", "X", "2026-07-15", 20, None, None),
        ("four", "Y", "2026-08-01", 10, "a", "A"),
    ):
        body = bill_body(
            vendor[of],
            name,
            dueDate=due,
            billLineItems=[{"amount": amount}],
            description=description,
            payFromChartOfAccountId=account,
            classifications=account and dict.fromkeys(BILL_CLASSIFICATIONS, account),
        )
        ids[name] = (await made(client, BILLS, body))["id"]
    for name, of, amount in (("one", "X", 40), ("two", "Y", 10)):
        await done(client, f"{BILLS}/record-payment", recorded(vendor[of], ids[name], amount))
    await done(client, f"{BILLS}/{ids['three']}/archive")
    return ids


def recorded(vendor_id: str, bill_id: str, amount: float) -> dict[str, Any]:
    return {
        "vendorId": vendor_id,
        "processDate": "2026-01-02",
        "toPrintCheck": False,
        "payments": [{"billId": bill_id, "amount": amount}],
        "description": "a",
    }


async def payments(payer: BillClient) -> Labels:
    """one to five at 16:00 ...; four canceled at 16:50, two settled at 17:00, one returned."""
    vendor = {
        "X": (await payer.new_vendor())["id"],
        "Y": (await payer.new_vendor(by_check=True))["id"],
    }
    ids = dict(vendor)
    funding = {"type": "BANK_ACCOUNT", "id": await payer.bank_account()}
    for name, of, amount, day, description in (
        ("one", "X", 50, "2026-06-05", "b"),
        ("two", "Y", 40, "2026-06-04", "c"),
        ("three", "X", 30, "2026-01-02", "a"),
        ("four", "X", 20, "2026-06-09", None),
        ("five", "Y", 10, "2026-06-08", "d"),
    ):
        bill = await payer.new_bill(vendor[of], 100)
        if name == "three":
            path, body = f"{BILLS}/record-payment", recorded(vendor[of], bill["id"], amount)
        else:
            path, body = (
                PAYMENTS,
                {
                    "billId": bill["id"],
                    "amount": amount,
                    "processDate": day,
                    "description": description,
                    "transactionNumber": f"TX{name}",
                    "fundingAccount": funding,
                    "processingOptions": {},
                },
            )
        ids[name] = (await made(payer, path, body))["id"]
    await done(payer, f"{PAYMENTS}/{ids['four']}/cancel")
    await payer.simulate("payment.settled", ids["two"])
    await ten_minutes(payer)
    await payer.simulate("payment.returned", ids["one"])
    return ids


async def banks(payer: BillClient) -> Labels:
    """First at 16:00, Delta, Alpha, Echo later; Alpha verified at 16:40, Echo blocked at 16:50."""
    ids = {"First": await payer.bank_account()}
    await ten_minutes(payer)
    for name, kind, owner, for_all in (
        ("Delta", "SAVINGS", "PERSONAL", True),
        ("Alpha", "CHECKING", "BUSINESS", False),
        ("Echo", "SAVINGS", "BUSINESS", False),
    ):
        body = {
            "nameOnAccount": f"{name[-1]} {name}",
            "routingNumber": "011000015",
            "accountNumber": f"12345{len(ids)}",
            "type": kind,
            "ownerType": owner,
            "bankName": name,
            "accessToAdmins": for_all,
        }
        ids[name] = (await made(payer, BANKS, body))["id"]
    await done(payer, f"{BANKS}/{ids['Alpha']}/verify", {"depositAmount": 0.5})
    for _ in range(3):
        await payer.post(f"{BANKS}/{ids['Echo']}/verify", {"depositAmount": 0.4})
    return ids


async def bank_users(payer: BillClient) -> Labels:
    """The administrator's access, the payer's (archived) and the clerk's (nominated)."""
    of = {user["role"]: user["userId"] for user in payer.world["users"]}
    account_id = await payer.bank_account()
    body = {"bankAccountId": account_id, "userId": of["CLERK"]}
    await done(payer, f"{BANK_USERS}/nominate", body)
    listed = (await payer.get(BANK_USERS)).body["results"]
    ids = {role: next(a["id"] for a in listed if a["userId"] == of[role])
           for role in ("ADMINISTRATOR", "PAYER", "CLERK")}  # fmt: skip
    await done(payer, f"{BANK_USERS}/{ids['PAYER']}/archive")
    return {**ids, "bank": account_id, "payer": of["PAYER"], "clerk": of["CLERK"]}


WORLDS: dict[str, Callable[[BillClient], Awaitable[Labels]]] = {
    VENDORS: vendors,
    BILLS: bills,
    PAYMENTS: payments,
    BANKS: banks,
    BANK_USERS: bank_users,
}


async def shown(client: BillClient, path: str, query: str, labels: Labels) -> str:
    """The labels of what the list answers to `query`, whose {places} are labels."""
    answer = await client.get(f"{path}?{query.format(**labels)}")
    assert answer.status == 200, answer.body
    names = {one: name for name, one in labels.items()}
    return " ".join(names[row["id"]] for row in answer.body["results"])
