"""Reading received payments over HTTP: one, the list, its filters and sorts."""

from __future__ import annotations

import pytest

from tests.http import BillClient
from tests.resources.list_worlds import Labels, made, shown, ten_minutes
from tests.resources.payables import NO_DATA, told
from tests.resources.receivables import (
    RECEIVED,
    RECORD,
    TODAY,
    authorize,
    charge_body,
    new_account,
    new_customer,
    new_invoice,
)


async def some_payments(client: BillClient) -> Labels:
    """cash of X, card of Y, charges of X: came and lost; made at 16:00 ..., ended at 16:40."""
    customers = {label: await new_customer(client) for label in "XY"}
    invoices = {
        label: await new_invoice(client, one["id"], 1000) for label, one in customers.items()
    }
    ids = {label: str(one["id"]) for label, one in customers.items()}
    for label, of, amount, kind in (("cash", "X", 30, "CASH"), ("card", "Y", 10, "CREDIT_CARD")):
        body = {
            "amount": amount,
            "paymentDate": TODAY,
            "paymentType": kind,
            "invoices": [{"id": invoices[of]["id"], "amount": amount}],
        }
        ids[label] = (await made(client, RECORD, body))["id"]
    account = await new_account(client, ids["X"])
    await authorize(client, ids["X"])
    for label, amount in (("came", 20), ("lost", 40)):
        body = charge_body(customers["X"], account, (invoices["X"], amount))
        ids[label] = (await made(client, RECEIVED, body))["id"]
    await client.simulate("received_payment.failed", ids["lost"])
    await ten_minutes(client)
    await client.simulate("received_payment.settled", ids["came"])
    return ids


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("id:eq:{came}", "came"),
        ("id:ne:{came}", "cash card lost"),
        ('id:in:"{came},{card}"', "card came"),
        ("customerId:eq:{X}", "cash came lost"),
        ('customerId:in:"{X},{Y}"', "cash card came lost"),
        ("status:eq:PAID", "cash card came"),
        ("status:ne:PAID", "lost"),
        ('status:in:"VOID,SCHEDULED"', "lost"),
        ("receivablesType:eq:ACH", "came lost"),
        ("receivablesType:ne:ACH", "cash card"),
        ('receivablesType:in:"CASH,CREDIT_CARD"', "cash card"),
        ("onlinePayment:eq:true", "came lost"),
        ("onlinePayment:ne:true", "cash card"),
        ('createdTime:gte:"2026-06-03T16:20:00.000Z"', "came lost"),
        ('createdTime:lt:"2026-06-03T16:20:00.000Z"', "cash card"),
        ('updatedTime:gt:"2026-06-03T16:40:00.000Z"', "came"),
        ('updatedTime:lte:"2026-06-03T16:40:00.000Z"', "cash card lost"),
        ("customerId:eq:{X},status:eq:PAID", "cash came"),
    ],
)
async def test_a_filter_keeps_the_payments_it_describes(
    client: BillClient, filters: str, expected: str
) -> None:
    labels = await some_payments(client)
    assert await shown(client, RECEIVED, f"filters={filters}", labels) == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("amount", "card came cash lost"),
        ("createdTime", "cash card came lost"),
        ("updatedTime", "cash card lost came"),
    ],
)
async def test_a_sort_orders_the_payments_up_and_down(
    client: BillClient, field: str, expected: str
) -> None:
    labels = await some_payments(client)
    assert await shown(client, RECEIVED, f"sort={field}", labels) == expected
    downward = " ".join(reversed(expected.split()))
    assert await shown(client, RECEIVED, f"sort={field}:desc", labels) == downward


async def test_a_list_gives_pages_of_what_a_read_gives(client: BillClient) -> None:
    ids = await some_payments(client)
    wanted = [ids[label] for label in ("cash", "card", "came", "lost")]
    reads = [(await client.get(f"{RECEIVED}/{one}")).body for one in wanted]
    assert [one["id"] for one in reads] == wanted
    first = (await client.get(f"{RECEIVED}?max=3")).body
    second = (await client.get(f"{RECEIVED}?max=3&page={first['nextPage']}")).body
    assert first["results"] + second["results"] == reads


async def test_an_unknown_payment_is_404(client: BillClient) -> None:
    answer = await client.get(f"{RECEIVED}/0rp02AAAAAAAAAAzzzzz")
    assert (answer.status, told(answer)) == (404, [NO_DATA])


@pytest.mark.parametrize(
    ("query", "item"),
    [
        ("filters=amount:eq:1", ("BDC_1130", "Invalid list filter field: amount.")),
        (
            "filters=status:eq:CLEARED",
            ("BDC_1129", "Invalid parameter value for parameter,value: status, CLEARED."),
        ),
        ("sort=status", ("BDC_1129", "Invalid parameter value for parameter,value: sort, status.")),
    ],
)
async def test_what_the_list_does_not_know_is_refused(
    client: BillClient, query: str, item: tuple[str, str]
) -> None:
    answer = await client.get(f"{RECEIVED}?{query}")
    assert (answer.status, told(answer)) == (400, [item])
