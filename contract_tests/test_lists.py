"""Lists: pages, bounds, filters, order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio

from contract_tests.client import Bill
from contract_tests.expectations import cents, refused, told
from contract_tests.records import BANKS, BILLS, CUSTOMERS, INVOICES, PAYMENTS, VENDORS, Records

behaviour = pytest.mark.behaviour
ALL = [VENDORS, BILLS, PAYMENTS, INVOICES, CUSTOMERS, BANKS]
OWNED = [VENDORS, BILLS, INVOICES, CUSTOMERS]
COUNT = 5
UNKNOWN = "00902AAAAAAAAAAzzzzz"


def lists(*refusals: str, paths: list[str] = ALL) -> pytest.MarkDecorator:
    """A check for each of these lists."""
    found = [
        pytest.param(path, marks=behaviour(f"GET /connect{path}", *refusals), id=path[4:])
        for path in paths
    ]
    return pytest.mark.parametrize("path", found)


@dataclass
class Shelf:
    """Records of this run in every list, five of each, and the filter that finds them."""

    ids: dict[str, list[str]]
    filters: dict[str, str]

    def query(self, path: str, *more: str) -> str:
        return f"{path}?filters=" + ",".join((self.filters[path], *more))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shelf(records: Records) -> AsyncIterator[Shelf]:
    word = records.word()
    name = f"Shelf {word}"
    vendors = [
        await records.vendor(name=f"Contract {records.run} {name} {number}")
        for number in range(COUNT)
    ]
    customers = [
        await records.customer(name=f"Contract {records.run} {name} {number}")
        for number in range(COUNT)
    ]
    bills = [
        await records.a_bill(vendors[0]["id"], 10.5 + number, dueDate=f"2031-11-{10 + number}")
        for number in range(COUNT)
    ]
    invoices = [
        await records.invoice(customers[0]["id"], 10.5 + number, dueDate=f"2031-12-{10 + number}")
        for number in range(COUNT)
    ]
    named = quote(f'"Contract {records.run} {name}"')
    yield Shelf(
        {
            path: [one["id"] for one in made]
            for path, made in zip(OWNED, (vendors, bills, invoices, customers), strict=True)
        },
        {
            VENDORS: f"name:sw:{named}",
            CUSTOMERS: f"name:sw:{named}",
            BILLS: f"vendorId:eq:{vendors[0]['id']}",
            INVOICES: f"customerId:eq:{customers[0]['id']}",
        },
    )


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in records]


@lists()
async def test_a_page_has_20_records_at_most_if_nothing_is_said(bill: Bill, path: str) -> None:
    assert len(told(await bill.get(path), 200)["results"]) <= 20


@lists()
@pytest.mark.parametrize("largest", [1, 100])
async def test_a_page_takes_1_to_100_records(bill: Bill, path: str, largest: int) -> None:
    assert len(told(await bill.get(f"{path}?max={largest}"), 200)["results"]) <= largest


@lists()
@pytest.mark.parametrize("largest", [0, 101])
async def test_no_page_takes_less_than_1_or_more_than_100(
    bill: Bill, path: str, largest: int
) -> None:
    refused(await bill.get(f"{path}?max={largest}"), 400, None)


@lists("BDC_1130")
async def test_a_field_that_no_filter_has_is_refused(bill: Bill, path: str) -> None:
    refused(await bill.get(f"{path}?filters=nonsense:eq:1"), 400, "BDC_1130")


@lists("BDC_1131")
async def test_an_operator_that_no_filter_has_is_refused(bill: Bill, path: str) -> None:
    refused(await bill.get(f"{path}?filters=id:is:1"), 400, "BDC_1131")


@lists("BDC_1129")
async def test_a_field_that_no_order_has_is_refused(bill: Bill, path: str) -> None:
    refused(await bill.get(f"{path}?sort=nonsense:asc"), 400, "BDC_1129")


@lists("BDC_1129")
async def test_a_page_that_does_not_exist_is_refused(bill: Bill, path: str) -> None:
    refused(await bill.get(f"{path}?page=nonsense"), 400, "BDC_1129")


@lists()
async def test_a_list_of_nothing_has_neither_records_nor_pages(bill: Bill, path: str) -> None:
    answer = await bill.get(f"{path}?filters=id:eq:{UNKNOWN}")
    assert told(answer, 200) == {"results": []}


@lists(paths=OWNED)
async def test_all_pages_together_hold_every_record_once(
    bill: Bill, records: Records, shelf: Shelf, path: str
) -> None:
    _, query = shelf.query(path).split("?")
    found = await records.every(path, f"max=2&{query}")
    assert sorted(ids(found)) == sorted(shelf.ids[path])


@lists(paths=OWNED)
async def test_pages_are_as_long_as_asked_and_only_the_last_has_no_next(
    bill: Bill, shelf: Shelf, path: str
) -> None:
    query, page = shelf.query(path), ""
    lengths: list[int] = []
    while len(lengths) < COUNT:
        body = told(await bill.get(f"{query}&max=2{page}"), 200)
        lengths.append(len(body["results"]))
        if "nextPage" not in body:
            break
        page = "&page=" + quote(body["nextPage"], safe="")
    assert lengths == [2, 2, 1]


@lists(paths=OWNED)
async def test_the_previous_page_is_the_one_before(bill: Bill, shelf: Shelf, path: str) -> None:
    query = f"{shelf.query(path)}&max=2"
    first = told(await bill.get(query), 200)
    assert "prevPage" not in first
    second = told(await bill.get(f"{query}&page={quote(first['nextPage'], safe='')}"), 200)
    back = told(await bill.get(f"{query}&page={quote(second['prevPage'], safe='')}"), 200)
    assert ids(back["results"]) == ids(first["results"])


@lists(paths=OWNED)
async def test_a_cursor_can_be_sent_as_it_stands(bill: Bill, shelf: Shelf, path: str) -> None:
    query = f"{shelf.query(path)}&max=2"
    cursor = told(await bill.get(query), 200)["nextPage"]
    assert quote(cursor, safe="") == cursor


@lists(paths=OWNED)
async def test_a_list_without_order_is_in_order_of_creation(
    bill: Bill, shelf: Shelf, path: str
) -> None:
    answer = await bill.get(shelf.query(path))
    assert ids(told(answer, 200)["results"]) == shelf.ids[path]


@lists(paths=OWNED)
@pytest.mark.parametrize("direction", ["asc", "desc"])
async def test_a_list_can_be_in_order_of_its_times(
    bill: Bill, shelf: Shelf, path: str, direction: str
) -> None:
    found = told(await bill.get(f"{shelf.query(path)}&sort=createdTime:{direction}"), 200)
    times = [one["createdTime"] for one in found["results"]]
    assert times == sorted(times, reverse=direction == "desc")
    assert sorted(ids(found["results"])) == sorted(shelf.ids[path])


@pytest.mark.parametrize(
    ("path", "field"),
    [
        pytest.param(VENDORS, "name", marks=behaviour(f"GET /connect{VENDORS}")),
        pytest.param(CUSTOMERS, "name", marks=behaviour(f"GET /connect{CUSTOMERS}")),
        pytest.param(BILLS, "dueDate", marks=behaviour(f"GET /connect{BILLS}")),
        pytest.param(INVOICES, "dueDate", marks=behaviour(f"GET /connect{INVOICES}")),
        pytest.param(INVOICES, "totalAmount", marks=behaviour(f"GET /connect{INVOICES}")),
    ],
)
@pytest.mark.parametrize("direction", ["asc", "desc"])
async def test_a_list_can_be_in_order_of_a_field(
    bill: Bill, shelf: Shelf, path: str, field: str, direction: str
) -> None:
    found = told(await bill.get(f"{shelf.query(path)}&sort={field}:{direction}"), 200)["results"]
    expected = shelf.ids[path] if direction == "asc" else shelf.ids[path][::-1]
    assert ids(found) == expected


@lists(paths=OWNED)
async def test_a_filter_takes_several_ids(bill: Bill, shelf: Shelf, path: str) -> None:
    wanted = shelf.ids[path][1:4]
    answer = await bill.get(f"{path}?filters=id:in:%22{','.join(wanted)}%22")
    assert ids(told(answer, 200)["results"]) == wanted


@lists(paths=OWNED)
async def test_several_filters_hold_together(bill: Bill, shelf: Shelf, path: str) -> None:
    wanted = shelf.ids[path][2]
    answer = await bill.get(shelf.query(path, f"id:eq:{wanted}", "archived:eq:false"))
    assert ids(told(answer, 200)["results"]) == [wanted]
    answer = await bill.get(shelf.query(path, f"id:eq:{wanted}", "archived:eq:true"))
    assert told(answer, 200)["results"] == []


@lists(paths=OWNED)
async def test_a_filter_leaves_one_record_out(bill: Bill, shelf: Shelf, path: str) -> None:
    answer = await bill.get(shelf.query(path, f"id:ne:{shelf.ids[path][0]}"))
    assert ids(told(answer, 200)["results"]) == shelf.ids[path][1:]


@lists(paths=OWNED)
@pytest.mark.parametrize("value", ["2001-01-01T00:00:00.000Z", "2001-01-01"])
async def test_a_filter_takes_an_instant(bill: Bill, shelf: Shelf, path: str, value: str) -> None:
    later = await bill.get(shelf.query(path, f"createdTime:gte:%22{value}%22"))
    assert ids(told(later, 200)["results"]) == shelf.ids[path]
    earlier = await bill.get(shelf.query(path, f"createdTime:lt:%22{value}%22"))
    assert told(earlier, 200)["results"] == []


@behaviour(f"GET /connect{BILLS}")
async def test_bills_are_filtered_by_their_due_date(bill: Bill, shelf: Shelf) -> None:
    more = ("dueDate:gt:%222031-11-10%22", "dueDate:lte:%222031-11-12%22")
    answer = await bill.get(shelf.query(BILLS, *more))
    assert ids(told(answer, 200)["results"]) == shelf.ids[BILLS][1:3]


@behaviour(f"GET /connect{BILLS}")
async def test_bills_are_filtered_by_their_payment_status(bill: Bill, shelf: Shelf) -> None:
    unpaid = await bill.get(shelf.query(BILLS, "paymentStatus:eq:UNPAID"))
    assert ids(told(unpaid, 200)["results"]) == shelf.ids[BILLS]
    paid = await bill.get(shelf.query(BILLS, "paymentStatus:eq:PAID"))
    assert told(paid, 200)["results"] == []


@pytest.mark.parametrize(
    ("path", "filters"),
    [
        pytest.param(BILLS, "paymentStatus:eq:NONSENSE", marks=behaviour(f"GET /connect{BILLS}")),
        pytest.param(BILLS, "approvalStatus:eq:PENDING", marks=behaviour(f"GET /connect{BILLS}")),
        pytest.param(PAYMENTS, "status:eq:PENDING", marks=behaviour(f"GET /connect{PAYMENTS}")),
        pytest.param(VENDORS, "archived:eq:maybe", marks=behaviour(f"GET /connect{VENDORS}")),
        pytest.param(INVOICES, "createdTime:gte:soon", marks=behaviour(f"GET /connect{INVOICES}")),
    ],
    ids=["paymentStatus", "approvalStatus", "status", "archived", "createdTime"],
)
async def test_a_filter_value_that_bill_does_not_have_is_refused(
    bill: Bill, path: str, filters: str
) -> None:
    assert (await bill.get(f"{path}?filters={filters}")).status == 400


@behaviour(f"GET /connect{BILLS}")
async def test_bills_are_filtered_by_their_invoice_number(bill: Bill, shelf: Shelf) -> None:
    wanted = shelf.ids[BILLS][3]
    number = told(await bill.get(f"{BILLS}/{wanted}"), 200)["invoice"]["invoiceNumber"]
    answer = await bill.get(f"{BILLS}?filters=invoice.invoiceNumber:eq:{number}")
    assert ids(told(answer, 200)["results"]) == [wanted]


@lists(paths=OWNED)
async def test_a_field_without_direction_is_ascending(bill: Bill, shelf: Shelf, path: str) -> None:
    bare = told(await bill.get(f"{shelf.query(path)}&sort=createdTime"), 200)
    whole = told(await bill.get(f"{shelf.query(path)}&sort=createdTime:asc"), 200)
    assert ids(bare["results"]) == ids(whole["results"])


@lists(paths=OWNED)
async def test_records_are_found_by_when_they_changed_last(
    bill: Bill, shelf: Shelf, path: str
) -> None:
    query = shelf.query(path, "updatedTime:gte:%222001-01-01T00:00:00.000Z%22")
    found = told(await bill.get(f"{query}&sort=updatedTime:desc"), 200)["results"]
    assert sorted(ids(found)) == sorted(shelf.ids[path])


@behaviour(f"GET /connect{VENDORS}")
async def test_a_vendor_is_found_by_its_whole_name(bill: Bill, records: Records) -> None:
    vendor = await records.vendor()
    answer = await bill.get(f"{VENDORS}?filters=name:eq:{quote(vendor['name'])}")
    assert ids(told(answer, 200)["results"]) == [vendor["id"]]


@behaviour(f"GET /connect{VENDORS}")
async def test_vendors_are_filtered_by_country(bill: Bill, shelf: Shelf) -> None:
    here = await bill.get(shelf.query(VENDORS, "address.country:eq:US"))
    assert ids(told(here, 200)["results"]) == shelf.ids[VENDORS]
    elsewhere = await bill.get(shelf.query(VENDORS, "address.country:ne:US"))
    assert told(elsewhere, 200)["results"] == []


@behaviour(f"GET /connect{VENDORS}", "POST /connect/v3/vendors/{vendorId}/archive")
async def test_archived_records_are_listed_unless_filtered(bill: Bill, records: Records) -> None:
    vendor = await records.vendor()
    named = f"filters=name:eq:{quote(vendor['name'])}"
    await bill.post(f"{VENDORS}/{vendor['id']}/archive")
    listed = told(await bill.get(f"{VENDORS}?{named}"), 200)["results"]
    assert [(one["id"], one["archived"]) for one in listed] == [(vendor["id"], True)]
    active = told(await bill.get(f"{VENDORS}?{named},archived:eq:false"), 200)
    assert active["results"] == []


@behaviour(f"GET /connect{INVOICES}")
async def test_the_total_of_a_listed_invoice_is_the_one_that_was_made(
    bill: Bill, shelf: Shelf
) -> None:
    found = told(await bill.get(shelf.query(INVOICES)), 200)["results"]
    expected = [cents(10.5 + number) for number in range(COUNT)]
    assert [cents(one["totalAmount"]) for one in found] == expected


@behaviour(f"GET /connect{PAYMENTS}", "BDC_1130")
async def test_payments_cannot_be_filtered_by_bill(bill: Bill) -> None:
    refused(await bill.get(f"{PAYMENTS}?filters=billId:eq:00n02AAAAAAAAAAzzzzz"), 400, "BDC_1130")


@lists()
async def test_unknown_parameters_of_a_list_are_ignored(bill: Bill, path: str) -> None:
    told(await bill.get(f"{path}?max=1&nonsense=1"), 200)
