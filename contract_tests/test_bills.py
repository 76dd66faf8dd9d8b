"""Bills: amounts to the cent, edits, bulk, archiving."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.client import Bill
from contract_tests.expectations import NO_DATA, amounts, cents, made_as, refused, told
from contract_tests.records import BILLS, VENDORS, Records
from contract_tests.shapes import BILL

behaviour = pytest.mark.behaviour
CREATE = "POST /connect/v3/bills"
BULK = "POST /connect/v3/bills/bulk"
GET = "GET /connect/v3/bills/{billId}"
LIST = "GET /connect/v3/bills"
PATCH = "PATCH /connect/v3/bills/{billId}"
PUT = "PUT /connect/v3/bills/{billId}"
ARCHIVE = "POST /connect/v3/bills/{billId}/archive"
RESTORE = "POST /connect/v3/bills/{billId}/restore"
UNKNOWN = f"{BILLS}/00n02AAAAAAAAAAzzzzz"
UNKNOWN_VENDOR = "00902AAAAAAAAAAzzzzz"


async def a_bill(records: Records, *lines: float) -> dict[str, Any]:
    """A bill of a vendor of its own, with a line for each amount."""
    items = [{"amount": amount} for amount in lines or (228.99,)]
    return await records.a_bill((await records.vendor())["id"], billLineItems=items)


@behaviour(CREATE)
async def test_a_new_bill_has_the_members_that_were_sent(records: Records) -> None:
    body = records.bill_body((await records.vendor())["id"], description="Contract bill")
    bill = told(await records.post(BILLS, body), 201)
    for name in ("vendorId", "dueDate", "invoice", "description"):
        assert bill[name] == body[name]
    assert bill["billLineItems"][0]["description"] == "Drum foot pedal"


@behaviour(CREATE)
async def test_a_new_bill_has_bills_shape_and_no_null(records: Records) -> None:
    made_as(await a_bill(records), BILL)


@behaviour(CREATE)
@pytest.mark.parametrize(
    ("lines", "amount"),
    [
        ([{"amount": 228.99}], 228.99),
        ([{"amount": 0.1}, {"amount": 0.2}], 0.3),
        ([{"amount": 19.99}, {"amount": 0.01}, {"amount": 100}], 120.0),
        ([{"quantity": 2, "price": 50.5}], 101.0),
        ([{"quantity": 3, "price": 33.33}, {"amount": 0.01}], 100.0),
        ([{"amount": 1234567.89}], 1234567.89),
    ],
    ids=["one", "tenths", "three", "price", "both", "large"],
)
async def test_a_bill_costs_the_sum_of_its_lines(
    records: Records, lines: list[dict[str, float]], amount: float
) -> None:
    bill = await records.a_bill((await records.vendor())["id"], billLineItems=lines)
    assert amounts(bill, "amount", "dueAmount") == [cents(amount), cents(amount)]


@behaviour(CREATE)
async def test_nothing_of_a_new_bill_is_paid(records: Records) -> None:
    bill = await a_bill(records)
    assert amounts(bill, "paidAmount", "scheduledAmount", "creditAmount") == [0, 0, 0]
    assert bill["paymentStatus"] == "UNPAID"


@behaviour(CREATE)
@pytest.mark.parametrize("member", ["vendorId", "dueDate", "billLineItems", "invoice"])
async def test_a_bill_lacks_no_required_member(records: Records, member: str) -> None:
    body = records.bill_body(UNKNOWN_VENDOR)
    del body[member]
    refused(await records.post(BILLS, body), 400, None, f"{member}: must not be")


@behaviour(CREATE, "BDC_1205")
async def test_an_unknown_vendor_gets_no_bill(records: Records) -> None:
    answer = await records.post(BILLS, records.bill_body(UNKNOWN_VENDOR))
    refused(answer, 404, "BDC_1205", NO_DATA)


@behaviour(CREATE)
async def test_an_invoice_number_may_have_21_characters(records: Records) -> None:
    number = records.word().ljust(21, "x")
    vendor = await records.vendor()
    body = records.bill_body(
        vendor["id"], invoice={"invoiceNumber": number, "invoiceDate": "2031-12-01"}
    )
    assert told(await records.post(BILLS, body), 201)["invoice"]["invoiceNumber"] == number


@behaviour(CREATE, "BDC_1143")
async def test_an_invoice_number_of_22_characters_is_refused(records: Records) -> None:
    number = records.word().ljust(22, "x")
    vendor = await records.vendor()
    body = records.bill_body(
        vendor["id"], invoice={"invoiceNumber": number, "invoiceDate": "2031-12-01"}
    )
    text = "Invalid entity data. invoiceNumber: Maximum length cannot be greater than 21"
    refused(await records.post(BILLS, body), 400, "BDC_1143", text)


@behaviour(CREATE, "BDC_1171")
async def test_a_duplicate_invoice_number_is_refused_if_asked_to(records: Records) -> None:
    first = await a_bill(records)
    body = records.bill_body(
        first["vendorId"], invoice=first["invoice"], allowDuplicateInvoiceNumber=False
    )
    refused(await records.post(BILLS, body), 422, "BDC_1171")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        pytest.param("dueDate", "soon", marks=behaviour(CREATE, "field.date")),
        pytest.param("dueDate", "2031-02-30", marks=behaviour(CREATE, "field.date")),
        pytest.param("billLineItems", "many", marks=behaviour(CREATE)),
        pytest.param("invoice", "202501", marks=behaviour(CREATE)),
        pytest.param("billLineItems", [{"amount": "much"}], marks=behaviour(CREATE)),
    ],
)
async def test_a_value_of_another_type_is_refused(
    records: Records, member: str, value: object
) -> None:
    body = {**records.bill_body(UNKNOWN_VENDOR), member: value}
    refused(await records.post(BILLS, body), 400, None)


@behaviour(BULK)
async def test_bulk_makes_bills_in_the_order_given_as_a_bare_array(records: Records) -> None:
    vendor = await records.vendor()
    bodies = [records.bill_body(vendor["id"], amount) for amount in (1.01, 2.02, 3.03)]
    made = told(await records.post(f"{BILLS}/bulk", bodies), 201)
    assert isinstance(made, list)
    assert [one["invoice"] for one in made] == [body["invoice"] for body in bodies]
    assert [cents(one["amount"]) for one in made] == [cents(one) for one in (1.01, 2.02, 3.03)]


@behaviour(BULK)
async def test_every_bill_of_bulk_has_bills_shape(records: Records) -> None:
    vendor = await records.vendor()
    for one in told(await records.post(f"{BILLS}/bulk", [records.bill_body(vendor["id"])]), 201):
        made_as(one, BILL)


@behaviour(BULK, "BDC_1205")
async def test_one_bad_bill_of_bulk_refuses_all(bill: Bill, records: Records) -> None:
    vendor = await records.vendor()
    bodies = [records.bill_body(vendor["id"]), records.bill_body(UNKNOWN_VENDOR)]
    answer = await records.post(f"{BILLS}/bulk", bodies)
    assert answer.status >= 400
    assert "BDC_1205" in answer.codes
    found = await bill.get(f"{BILLS}?filters=vendorId:eq:{vendor['id']}")
    assert told(found, 200)["results"] == []


@behaviour(BULK, "bulk.too_many")
async def test_bulk_takes_no_more_than_100_bills(records: Records) -> None:
    bodies = [records.bill_body(UNKNOWN_VENDOR)] * 101
    assert (await records.post(f"{BILLS}/bulk", bodies)).status == 400


@behaviour(GET)
async def test_a_bill_is_read_as_it_was_made(bill: Bill, records: Records) -> None:
    made = await a_bill(records)
    found = told(await bill.get(f"{BILLS}/{made['id']}"), 200)
    assert {**found, "vendorName": ""} == {**made, "vendorName": ""}


@behaviour(GET)
async def test_a_bill_that_was_read_tells_its_vendors_name(bill: Bill, records: Records) -> None:
    vendor = await records.vendor()
    made = await records.a_bill(vendor["id"])
    found = told(await bill.get(f"{BILLS}/{made['id']}"), 200)
    assert found["vendorName"] == vendor["name"]


@behaviour(GET)
async def test_a_bill_that_was_read_has_bills_shape_and_no_null(
    bill: Bill, records: Records
) -> None:
    made_as(told(await bill.get(f"{BILLS}/{(await a_bill(records))['id']}"), 200), BILL)


@behaviour(LIST)
async def test_a_listed_bill_is_the_one_that_is_read(bill: Bill, records: Records) -> None:
    made = await a_bill(records)
    found = told(await bill.get(f"{BILLS}/{made['id']}"), 200)
    assert told(await bill.get(f"{BILLS}?filters=id:eq:{made['id']}"), 200)["results"] == [found]


@pytest.mark.parametrize(
    ("method", "rest"),
    [
        pytest.param("GET", "", marks=behaviour(GET, "BDC_1205")),
        pytest.param("PATCH", "", marks=behaviour(PATCH, "BDC_1205")),
        pytest.param("PUT", "", marks=behaviour(PUT, "BDC_1205")),
        pytest.param("POST", "/archive", marks=behaviour(ARCHIVE, "BDC_1205")),
        pytest.param("POST", "/restore", marks=behaviour(RESTORE, "BDC_1205")),
    ],
)
async def test_an_unknown_bill_is_refused(
    bill: Bill, records: Records, method: str, rest: str
) -> None:
    bodies = {"PATCH": {"dueDate": "2031-12-30"}, "PUT": records.bill_body(UNKNOWN_VENDOR)}
    refused(await bill.call(method, UNKNOWN + rest, bodies.get(method)), 404, "BDC_1205", NO_DATA)


@behaviour(PATCH)
async def test_a_patch_changes_a_due_date_and_no_other_member(bill: Bill, records: Records) -> None:
    made = await a_bill(records)
    changed = told(await bill.patch(f"{BILLS}/{made['id']}", {"dueDate": "2032-01-31"}), 200)
    assert changed["dueDate"] == "2032-01-31"
    kept = ("id", "vendorId", "amount", "billLineItems", "invoice", "createdTime", "archived")
    assert {name: changed[name] for name in kept} == {name: made[name] for name in kept}


@behaviour(PATCH)
async def test_a_patched_line_keeps_its_id_and_changes_the_amount(
    bill: Bill, records: Records
) -> None:
    made = await a_bill(records, 10.01, 5)
    line = {"id": made["billLineItems"][0]["id"], "amount": 99.95}
    changed = told(await bill.patch(f"{BILLS}/{made['id']}", {"billLineItems": [line]}), 200)
    assert amounts(changed, "amount", "dueAmount") == [cents(104.95)] * 2
    ids = [one["id"] for one in made["billLineItems"]]
    assert [one["id"] for one in changed["billLineItems"]] == ids


@behaviour(PATCH)
async def test_a_patched_bill_is_read_as_changed(bill: Bill, records: Records) -> None:
    made = await a_bill(records)
    await bill.patch(f"{BILLS}/{made['id']}", {"description": "changed"})
    found = told(await bill.get(f"{BILLS}/{made['id']}"), 200)
    assert found["description"] == "changed"
    assert found["updatedTime"] >= made["updatedTime"]


@behaviour(PUT)
async def test_a_put_replaces_the_lines_without_id(bill: Bill, records: Records) -> None:
    made = await a_bill(records, 10, 20)
    body = records.bill_body(made["vendorId"], billLineItems=[{"amount": 1.5}, {"amount": 2.25}])
    changed = told(await bill.put(f"{BILLS}/{made['id']}", body), 200)
    assert cents(changed["amount"]) == cents(3.75)
    old = {line["id"] for line in made["billLineItems"]}
    assert not old & {line["id"] for line in changed["billLineItems"]}


@behaviour(PUT)
async def test_a_put_keeps_the_line_that_it_names(bill: Bill, records: Records) -> None:
    made = await a_bill(records, 10, 20)
    kept = made["billLineItems"][1]["id"]
    body = records.bill_body(made["vendorId"], billLineItems=[{"id": kept, "amount": 7}])
    changed = told(await bill.put(f"{BILLS}/{made['id']}", body), 200)
    assert [line["id"] for line in changed["billLineItems"]] == [kept]
    assert cents(changed["amount"]) == 7


@behaviour(PUT)
async def test_a_put_lacks_no_required_member(bill: Bill, records: Records) -> None:
    made = await a_bill(records)
    answer = await bill.put(f"{BILLS}/{made['id']}", {"vendorId": made["vendorId"]})
    refused(answer, 400, None, "billLineItems: must not be")


@behaviour(ARCHIVE)
async def test_an_archived_bill_stays_archived(bill: Bill, records: Records) -> None:
    path = f"{BILLS}/{(await a_bill(records))['id']}"
    assert told(await bill.post(f"{path}/archive"), 200)["archived"] is True
    assert told(await bill.get(path), 200)["archived"] is True


@behaviour(RESTORE)
async def test_a_restored_bill_is_not_archived(bill: Bill, records: Records) -> None:
    path = f"{BILLS}/{(await a_bill(records))['id']}"
    await bill.post(f"{path}/archive")
    assert told(await bill.post(f"{path}/restore"), 200)["archived"] is False
    assert told(await bill.get(path), 200)["archived"] is False


@behaviour(ARCHIVE)
async def test_archiving_a_bill_again_changes_nothing(bill: Bill, records: Records) -> None:
    path = f"{BILLS}/{(await a_bill(records))['id']}"
    first = told(await bill.post(f"{path}/archive"), 200)
    assert told(await bill.post(f"{path}/archive"), 200) == first


@behaviour(ARCHIVE)
async def test_archiving_a_bill_keeps_the_time_it_was_made(bill: Bill, records: Records) -> None:
    made = await a_bill(records)
    archived = told(await bill.post(f"{BILLS}/{made['id']}/archive"), 200)
    assert archived["createdTime"] == made["createdTime"]
    assert archived["updatedTime"] >= made["updatedTime"]


@behaviour(ARCHIVE)
async def test_an_archived_bill_is_out_of_its_vendors_balance(bill: Bill, records: Records) -> None:
    made = await a_bill(records, 50)
    await bill.post(f"{BILLS}/{made['id']}/archive")
    vendor = told(await bill.get(f"{VENDORS}/{made['vendorId']}"), 200)
    assert amounts(vendor["balance"], "amount") == [0]
