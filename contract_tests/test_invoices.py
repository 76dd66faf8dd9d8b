"""Invoices: totals to the cent, numbers, e-mail, archiving."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.client import Bill
from contract_tests.expectations import NO_DATA, amounts, cents, made_as, refused, told
from contract_tests.records import CUSTOMERS, INVOICES, Records
from contract_tests.shapes import INVOICE

behaviour = pytest.mark.behaviour
CREATE = "POST /connect/v3/invoices"
GET = "GET /connect/v3/invoices/{invoiceId}"
LIST = "GET /connect/v3/invoices"
EMAIL = "POST /connect/v3/invoices/{invoiceId}/email"
ARCHIVE = "POST /connect/v3/invoices/{invoiceId}/archive"
RESTORE = "POST /connect/v3/invoices/{invoiceId}/restore"
UNKNOWN = f"{INVOICES}/00e02AAAAAAAAAAzzzzz"
UNKNOWN_CUSTOMER = "0cu02AAAAAAAAAAzzzzz"


async def an_invoice(records: Records, **more: Any) -> dict[str, Any]:
    """An invoice of 100 dollars, of a customer of its own."""
    return await records.invoice((await records.customer())["id"], **more)


@behaviour(CREATE)
async def test_a_new_invoice_has_the_members_that_were_sent(records: Records) -> None:
    customer = await records.customer()
    body = records.invoice_body(customer["id"])
    invoice = told(await records.post(INVOICES, body), 201)
    assert invoice["customerId"] == customer["id"]
    for name in ("invoiceNumber", "invoiceDate", "dueDate"):
        assert invoice[name] == body[name]


@behaviour(CREATE)
async def test_a_new_invoice_has_bills_shape_and_no_null(records: Records) -> None:
    made_as(await an_invoice(records), INVOICE)


@behaviour(CREATE)
@pytest.mark.parametrize(
    ("lines", "total"),
    [
        ([{"quantity": 1, "price": 100}], 100.0),
        ([{"quantity": 3, "price": 33.33}], 99.99),
        ([{"quantity": 1, "price": 0.1}, {"quantity": 1, "price": 0.2}], 0.3),
        ([{"quantity": 2, "price": 19.99}, {"quantity": 1, "price": 0.02}], 40.0),
    ],
    ids=["one", "three", "tenths", "two"],
)
async def test_an_invoice_costs_the_sum_of_its_lines(
    records: Records, lines: list[dict[str, float]], total: float
) -> None:
    invoice = await an_invoice(records, invoiceLineItems=lines)
    assert amounts(invoice, "totalAmount", "dueAmount") == [cents(total)] * 2


@behaviour(CREATE)
async def test_a_new_invoice_is_open_and_nothing_of_it_is_paid(records: Records) -> None:
    invoice = await an_invoice(records)
    assert invoice["status"] == "OPEN"
    assert amounts(invoice, "scheduledAmount", "creditAmount") == [0, 0]


@behaviour(CREATE)
async def test_an_invoice_without_number_gets_one(records: Records) -> None:
    body = records.invoice_body((await records.customer())["id"])
    del body["invoiceNumber"]
    assert told(await records.post(INVOICES, body), 201)["invoiceNumber"]


@behaviour(CREATE)
@pytest.mark.parametrize("member", ["customer", "invoiceLineItems"])
async def test_an_invoice_lacks_no_required_member(records: Records, member: str) -> None:
    body = records.invoice_body(UNKNOWN_CUSTOMER)
    del body[member]
    refused(await records.post(INVOICES, body), 400, None, f"{member}: must not be")


@behaviour(CREATE)
async def test_a_customer_id_beside_the_customer_is_not_enough(records: Records) -> None:
    body = {**records.invoice_body(UNKNOWN_CUSTOMER), "customerId": UNKNOWN_CUSTOMER}
    del body["customer"]
    refused(await records.post(INVOICES, body), 400, None, "customer: ")


@behaviour(CREATE, "field.object")
async def test_a_customer_that_is_a_text_is_refused_in_javas_words(records: Records) -> None:
    body = {**records.invoice_body(UNKNOWN_CUSTOMER), "customer": UNKNOWN_CUSTOMER}
    answer = await records.post(INVOICES, body)
    refused(answer, 400, None)
    assert "Cannot construct instance of" in answer.body[0]["message"]


@behaviour(CREATE, "BDC_1205")
async def test_an_unknown_customer_gets_no_invoice(records: Records) -> None:
    answer = await records.post(INVOICES, records.invoice_body(UNKNOWN_CUSTOMER))
    refused(answer, 404, "BDC_1205", NO_DATA)


@behaviour(CREATE, "BDC_1171")
async def test_a_number_is_used_once(records: Records) -> None:
    first = await an_invoice(records)
    body = records.invoice_body(first["customerId"], invoiceNumber=first["invoiceNumber"])
    refused(await records.post(INVOICES, body), 422, "BDC_1171", "Duplicate invoice number")


@behaviour(CREATE)
async def test_card_payments_need_a_convenience_fee(records: Records) -> None:
    body = records.invoice_body((await records.customer())["id"], enableCardPayment=True)
    assert (await records.post(INVOICES, body)).status == 400


@behaviour(CREATE, "POST /connect/v3/customers")
async def test_a_customer_owes_what_its_invoices_are_due(bill: Bill, records: Records) -> None:
    invoice = await an_invoice(records, price=19.99)
    await records.invoice(invoice["customerId"], 0.02)
    found = told(await bill.get(f"{CUSTOMERS}/{invoice['customerId']}"), 200)
    assert amounts(found["balance"], "amount") == [cents(20.01)]


@behaviour(GET)
async def test_an_invoice_is_read_as_it_was_made(bill: Bill, records: Records) -> None:
    invoice = await an_invoice(records)
    assert told(await bill.get(f"{INVOICES}/{invoice['id']}"), 200) == invoice


@behaviour(LIST)
async def test_a_listed_invoice_is_the_one_that_is_read(bill: Bill, records: Records) -> None:
    invoice = await an_invoice(records)
    answer = await bill.get(f"{INVOICES}?filters=id:eq:{invoice['id']}")
    assert told(answer, 200) == {"results": [invoice]}


@behaviour(LIST)
async def test_a_listed_invoice_has_bills_shape_and_no_null(bill: Bill, records: Records) -> None:
    invoice = await an_invoice(records)
    answer = await bill.get(f"{INVOICES}?filters=customerId:eq:{invoice['customerId']}")
    for one in told(answer, 200)["results"]:
        made_as(one, INVOICE)


@pytest.mark.parametrize(
    ("method", "rest", "body"),
    [
        pytest.param("GET", "", None, marks=behaviour(GET, "BDC_1205")),
        pytest.param("POST", "/archive", None, marks=behaviour(ARCHIVE, "BDC_1205")),
        pytest.param("POST", "/restore", None, marks=behaviour(RESTORE, "BDC_1205")),
    ],
)
async def test_an_unknown_invoice_is_refused(
    bill: Bill, method: str, rest: str, body: object
) -> None:
    refused(await bill.call(method, UNKNOWN + rest, body), 404, "BDC_1205", NO_DATA)


def mail(bill: Bill, records: Records) -> dict[str, Any]:
    """To an address that nobody can have."""
    to = f"contract-{records.run}@example.com"
    return {"recipient": {"to": [to]}, "replyTo": {"userId": bill.user_id}}


@behaviour(EMAIL)
async def test_an_invoice_is_mailed_without_a_word(bill: Bill, records: Records) -> None:
    invoice = await an_invoice(records)
    answer = await bill.post(f"{INVOICES}/{invoice['id']}/email", mail(bill, records))
    assert (answer.status, answer.raw) == (200, b"")


@behaviour(EMAIL, "BDC_1205")
async def test_an_unknown_invoice_is_not_mailed(bill: Bill, records: Records) -> None:
    refused(await bill.post(f"{UNKNOWN}/email", mail(bill, records)), 404, "BDC_1205", NO_DATA)


@behaviour(ARCHIVE)
async def test_an_archived_invoice_stays_open_and_archived(bill: Bill, records: Records) -> None:
    path = f"{INVOICES}/{(await an_invoice(records))['id']}"
    archived = told(await bill.post(f"{path}/archive"), 200)
    assert (archived["archived"], archived["status"]) == (True, "OPEN")
    assert told(await bill.get(path), 200)["archived"] is True


@behaviour(ARCHIVE)
async def test_archiving_an_invoice_again_is_no_error(bill: Bill, records: Records) -> None:
    path = f"{INVOICES}/{(await an_invoice(records))['id']}"
    await bill.post(f"{path}/archive")
    assert told(await bill.post(f"{path}/archive"), 200)["archived"] is True


@behaviour(RESTORE)
async def test_a_restored_invoice_is_not_archived(bill: Bill, records: Records) -> None:
    path = f"{INVOICES}/{(await an_invoice(records))['id']}"
    await bill.post(f"{path}/archive")
    assert told(await bill.post(f"{path}/restore"), 200)["archived"] is False


@behaviour("PUT /connect/v3/invoices/{invoiceId}")
async def test_a_put_that_only_archives_is_refused(bill: Bill, records: Records) -> None:
    invoice = await an_invoice(records)
    answer = await bill.put(f"{INVOICES}/{invoice['id']}", {"archived": True})
    refused(answer, 400, None, "customer: must not be null")
    refused(answer, 400, None, "invoiceLineItems: must not be null")


@behaviour("PATCH /connect/v3/invoices/{invoiceId}")
async def test_a_patch_changes_an_invoices_due_date_alone(bill: Bill, records: Records) -> None:
    invoice = await an_invoice(records)
    path = f"{INVOICES}/{invoice['id']}"
    changed = told(await bill.patch(path, {"dueDate": "2032-01-31"}), 200)
    moved = {"dueDate": "2032-01-31", "updatedTime": changed["updatedTime"]}
    assert changed == {**invoice, **moved}
