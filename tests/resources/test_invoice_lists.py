"""The list of invoices over HTTP: pages, filters, sorts."""

from __future__ import annotations

import pytest

from tests.http import BillClient
from tests.resources.list_worlds import Labels, done, made, shown
from tests.resources.payables import told
from tests.resources.receivables import (
    INVOICES,
    TODAY,
    invoice_body,
    new_customer,
    new_invoice,
    record,
)

BOOKS = ("accountingClassId", "departmentId", "jobId", "locationId")


async def some_invoices(client: BillClient) -> Labels:
    """one to four, made at 16:00 ...; three archived at 16:40, one paid at 16:50, two in part."""
    customer = {label: (await new_customer(client))["id"] for label in "XY"}
    ids = dict(customer)
    for number, of, day, due, price, account in (
        ("one", "X", "2026-06-03", "2026-07-01", 40, "A"),
        ("two", "Y", "2026-06-02", "2026-06-20", 30, "B"),
        ("three", "X", "2026-06-04", "2026-07-15", 20, None),
        ("four", "Y", "2026-06-01", "2026-08-01", 10, "A"),
    ):
        body = invoice_body(
            customer[of],
            price,
            invoiceNumber=f"N{number}",
            invoiceDate=day,
            dueDate=due,
            payToChartOfAccountId=account,
            classifications=account and dict.fromkeys(BOOKS, account),
        )
        ids[number] = (await made(client, INVOICES, body))["id"]
    await done(client, f"{INVOICES}/{ids['three']}/archive")
    for number, amount in (("one", 40), ("two", 10)):
        body = {
            "amount": amount,
            "paymentDate": TODAY,
            "paymentType": "CASH",
            "invoices": [{"id": ids[number], "amount": amount}],
        }
        await done(client, f"{INVOICES}/record-payment", body)
    return ids


FILTERS = [
    ("id:eq:{two}", "two"),
    ("id:ne:{two}", "one three four"),
    ('id:in:"{two},{four}"', "two four"),
    ("archived:eq:true", "three"),
    ("archived:ne:true", "one two four"),
    ("customerId:eq:{X}", "one three"),
    ('customerId:in:"{X},{Y}"', "one two three four"),
    ("invoiceNumber:eq:Nthree", "three"),
    ("invoiceNumber:ne:Nthree", "one two four"),
    ('invoiceNumber:in:"None,Nfour"', "one four"),
    ('invoiceNumber:sw:"Nt"', "two three"),
    ("status:eq:OPEN", "three four"),
    ("status:ne:OPEN", "one two"),
    ('status:in:"PAID_IN_FULL,PARTIAL_PAYMENT"', "one two"),
    ('dueDate:gt:"2026-07-01"', "three four"),
    ('dueDate:gte:"2026-07-01"', "one three four"),
    ('dueDate:lt:"2026-07-01"', "two"),
    ("dueDate:lte:2026-07-01", "one two"),
    ('invoiceDate:gt:"2026-06-02"', "one three"),
    ('invoiceDate:lte:"2026-06-02"', "two four"),
    ('createdTime:gte:"2026-06-03T16:20:00.000Z"', "three four"),
    ('createdTime:lt:"2026-06-03T16:20:00.000Z"', "one two"),
    ('updatedTime:gt:"2026-06-03T16:40:00.000Z"', "one two"),
    ('updatedTime:lte:"2026-06-03T16:40:00.000Z"', "three four"),
    ("customerId:eq:{X},archived:eq:false", "one"),
    # BILL's page names the field, but only lines have an item.
    ("classifications.itemId:eq:A", ""),
    ("classifications.itemId:ne:A", "one two three four"),
    *(
        (f"{field}:{rest}", expected)
        for field in ("payToChartOfAccountId", *(f"classifications.{name}" for name in BOOKS))
        for rest, expected in (
            ("eq:A", "one four"),
            ("ne:A", "two three"),
            ('in:"B,C"', "two"),
        )
    ),
]


@pytest.mark.parametrize(("filters", "expected"), FILTERS)
async def test_a_filter_keeps_the_invoices_it_describes(
    client: BillClient, filters: str, expected: str
) -> None:
    labels = await some_invoices(client)
    assert await shown(client, INVOICES, f"filters={filters}", labels) == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("archived", "one two four three"),
        ("invoiceNumber", "four one three two"),
        ("invoiceDate", "four two one three"),
        ("dueDate", "two one three four"),
        ("totalAmount", "four three two one"),
        ("createdTime", "one two three four"),
        ("updatedTime", "four three one two"),
    ],
)
async def test_a_sort_orders_the_invoices_up_and_down(
    client: BillClient, field: str, expected: str
) -> None:
    labels = await some_invoices(client)
    assert await shown(client, INVOICES, f"sort={field}", labels) == expected
    downward = " ".join(reversed(expected.split()))
    assert await shown(client, INVOICES, f"sort={field}:desc", labels) == downward


@pytest.mark.parametrize(
    ("query", "item"),
    [
        ("filters=totalAmount:eq:1", ("BDC_1130", "Invalid list filter field: totalAmount.")),
        ("filters=customerId:ne:1", ("BDC_1131", "Invalid list filter operator: ne.")),
        (
            "filters=status:eq:VOID",
            ("BDC_1129", "Invalid parameter value for parameter,value: status, VOID."),
        ),
        (
            "sort=status",
            ("BDC_1129", "Invalid parameter value for parameter,value: sort, status."),
        ),
        ("max=101", (None, "max: must be less than or equal to 100")),
    ],
)
async def test_what_the_list_does_not_know_is_refused(
    client: BillClient, query: str, item: tuple[str | None, str]
) -> None:
    answer = await client.get(f"{INVOICES}?{query}")
    assert (answer.status, told(answer)) == (400, [item])


async def test_pages_follow_the_changes_of_their_filter(client: BillClient) -> None:
    customer = await new_customer(client)
    invoices = [await new_invoice(client, customer["id"]) for _ in range(4)]
    query = f"{INVOICES}?max=2&filters=status:eq:OPEN"
    first = (await client.get(query)).body
    assert first["results"] == invoices[:2]
    # The third is paid before the second page is read.
    await record(client, 100, (invoices[2], 100))
    second = (await client.get(f"{INVOICES}?page={first['nextPage']}")).body
    assert second["results"] == invoices[3:]
    assert "nextPage" not in second
