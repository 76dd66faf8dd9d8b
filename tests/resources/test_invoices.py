"""New invoices over HTTP: shape, customer, number, dates, credit, card payment."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.resources.payables import NO_DATA, NO_PERMISSION, NOW, told
from tests.resources.receivables import (
    CUSTOMERS,
    INVOICES,
    NO_ID,
    SMALLEST_CUSTOMER,
    TODAY,
    UNKNOWN_CUSTOMER,
    UNKNOWN_INVOICE,
    balance,
    invoice_body,
    new_customer,
    new_invoice,
    parts,
    read_invoice,
    record,
)

CLASSIFICATIONS = {
    "accountingClassId": "cls1",
    "departmentId": "0de1",
    "jobId": "job1",
    "locationId": "loc1",
}
LINE_CLASSIFICATIONS = {**CLASSIFICATIONS, "chartOfAccountId": "0ca1", "itemId": "0ii1"}


def duplicate(invoice: dict[str, Any]) -> tuple[str, str]:
    return ("BDC_1171", f"Duplicate invoice number for {invoice['id']}.")


async def test_the_sample_of_bill_makes_an_open_invoice(client: BillClient) -> None:
    customer = await new_customer(client)
    lines = [
        {"quantity": 2, "description": "Classic extreme drum sticks", "price": 14.99},
        {"quantity": 1, "description": "Metal guitar picks (5-pack)", "price": 50},
    ]
    body = {
        "customer": {"id": customer["id"]},
        "invoiceLineItems": lines,
        "invoiceNumber": "202502",
        "dueDate": "2026-12-31",
        "processingOptions": {"sendEmail": False},
    }
    answer = await client.post(INVOICES, body)
    assert answer.status == 201
    ids = [line["id"] for line in answer.body["invoiceLineItems"]]
    assert answer.body["id"].startswith("00e02")
    assert [one[:5] for one in ids] == ["00f02", "00f02"]
    assert answer.body == {
        "id": answer.body["id"],
        "archived": False,
        "invoiceNumber": "202502",
        "invoiceDate": TODAY,
        "dueDate": "2026-12-31",
        "customerId": customer["id"],
        "totalAmount": 79.98,
        "dueAmount": 79.98,
        "scheduledAmount": 0.0,
        "creditAmount": 0.0,
        "status": "OPEN",
        "exchangeRate": 1.0,
        "createdTime": NOW,
        "updatedTime": NOW,
        "invoiceLineItems": [{**line, "id": one} for line, one in zip(lines, ids, strict=True)],
        "salesTaxTotal": 0.0,
        "invoicePdfId": NO_ID,
        "recordStatus": "ACTIVE",
    }
    read = await client.get(f"{INVOICES}/{answer.body['id']}")
    assert (read.status, read.body) == (200, answer.body)
    assert await balance(client, customer["id"]) == 79.98
    assert (await client.control("GET", "/outbox?kind=email")).body == {"results": []}


async def test_an_invoice_keeps_every_member_it_is_given(client: BillClient) -> None:
    customer = await new_customer(client)
    line = {
        "quantity": 1.5,
        "price": 10.125,
        "description": "Sticks",
        "classifications": LINE_CLASSIFICATIONS,
    }
    given = {
        "invoiceNumber": "N" * 100,
        "invoiceDate": "2026-05-01",
        "dueDate": "2026-05-31",
        "payToChartOfAccountId": "0ca2",
        "classifications": CLASSIFICATIONS,
        "enableCardPayment": True,
        "convenienceFee": {"percentage": 2.5},
    }
    body = invoice_body(customer["id"], **given, invoiceLineItems=[line], description="ignored")
    answer = await client.post(INVOICES, body)
    assert answer.status == 201, answer.body
    assert {name: answer.body[name] for name in given} == given
    (kept,) = answer.body["invoiceLineItems"]
    assert kept == {**line, "id": kept["id"]}
    assert "description" not in answer.body


async def test_the_newer_fields_name_who_made_an_invoice(make_client: MakeClient) -> None:
    client = await make_client(newer_fields=True)
    invoice = await new_invoice(client, (await new_customer(client))["id"])
    users = client.world["users"]
    assert invoice["createdBy"] == next(
        user["userId"] for user in users if user["role"] == "ADMINISTRATOR"
    )


@pytest.mark.parametrize(
    ("change", "messages"),
    [
        ({"customer": None, "customerId": UNKNOWN_CUSTOMER, "invoiceLineItems": None},
         ["customer: must not be null", "invoiceLineItems: must not be null"]),
        ({"customer": "0cu1"},
         ["Cannot construct instance of `InvoiceCustomer` (although at least one Creator"
          ' exists): no suitable creator to deserialize from String value ("0cu1")']),
        ({"customer": {}},
         ["customer.name: must not be blank", "customer.email: must not be blank"]),
        ({"customer": {"name": " ", "email": ""}},
         ["customer.name: must not be blank", "customer.email: must not be blank"]),
        ({"customer": {"name": "A"}}, ["customer.email: must not be blank"]),
        ({"customer": {"name": "x" * 101, "email": "a@b.example"}},
         ["customer.name: size must be between 0 and 100"]),
        ({"invoiceLineItems": []}, ["invoiceLineItems: must not be empty"]),
        ({"invoiceLineItems": [{"price": 1}, {"quantity": 2}]},
         ["invoiceLineItems[1].price: must not be null"]),
        ({"invoiceNumber": ""}, ["invoiceNumber: must not be blank"]),
        ({"invoiceNumber": "x" * 101}, ["invoiceNumber: size must be between 0 and 100"]),
        ({"creditAmount": -0.01}, ["creditAmount: must be greater than or equal to 0"]),
        ({"enableCardPayment": True}, ["convenienceFee: must not be null"]),
        ({"convenienceFee": {"percentage": 101}},
         ["convenienceFee.percentage: must be less than or equal to 100"]),
        ({"dueDate": "soon"},
         ["JSON parse error: Cannot deserialize value of type `java.time.LocalDate` from String"
          ' "soon": not a valid date (yyyy-MM-dd)']),
    ],
)  # fmt: skip
async def test_an_invoice_with_wrong_members_is_refused(
    client: BillClient, change: dict[str, Any], messages: list[str]
) -> None:
    customer = await new_customer(client)
    answer = await client.post(INVOICES, {**invoice_body(customer["id"]), **change})
    assert (answer.status, told(answer)) == (400, [(None, message) for message in messages])
    assert (await client.get(INVOICES)).body == {"results": []}
    assert (await client.get(CUSTOMERS)).body == {"results": [customer]}


async def test_a_customer_given_by_name_and_email_is_made_with_the_invoice(
    client: BillClient,
) -> None:
    body = {**invoice_body(""), "customer": SMALLEST_CUSTOMER}
    first, second = await client.post(INVOICES, body), await client.post(INVOICES, body)
    assert (first.status, second.status) == (201, 201)
    listed = (await client.get(CUSTOMERS)).body["results"]
    assert [one["id"] for one in listed] == [first.body["customerId"], second.body["customerId"]]
    for one in listed:
        assert (one["name"], one["email"]) == tuple(SMALLEST_CUSTOMER.values())
        assert one["balance"] == {"amount": 100.0}


async def test_a_refused_invoice_makes_no_customer(client: BillClient) -> None:
    await new_invoice(client, (await new_customer(client))["id"], invoiceNumber="1")
    before = (await client.get(CUSTOMERS)).body
    body = {**invoice_body(""), "customer": SMALLEST_CUSTOMER, "invoiceNumber": "1"}
    assert (await client.post(INVOICES, body)).status == 422
    assert (await client.get(CUSTOMERS)).body == before


async def test_an_id_counts_and_not_the_name_beside_it(client: BillClient) -> None:
    customer = await new_customer(client)
    both = {"id": customer["id"], "name": "Somebody else", "email": "x@y.example"}
    answer = await client.post(INVOICES, {**invoice_body(""), "customer": both})
    assert (answer.status, answer.body["customerId"]) == (201, customer["id"])
    assert len((await client.get(CUSTOMERS)).body["results"]) == 1


async def test_an_unknown_customer_is_404(client: BillClient) -> None:
    answer = await client.post(INVOICES, invoice_body(UNKNOWN_CUSTOMER))
    assert (answer.status, told(answer)) == (404, [NO_DATA])


async def test_an_archived_customer_gets_no_new_invoice(client: BillClient) -> None:
    customer = await new_customer(client)
    await client.post(f"{CUSTOMERS}/{customer['id']}/archive")
    answer = await client.post(INVOICES, invoice_body(customer["id"]))
    text = f"Customer {customer['id']} is archived."
    assert (answer.status, told(answer)) == (422, [(None, text)])
    await client.post(f"{CUSTOMERS}/{customer['id']}/restore")
    assert (await client.post(INVOICES, invoice_body(customer["id"]))).status == 201


async def test_a_used_number_is_bdc_1171_also_at_another_customer(client: BillClient) -> None:
    customer, other = await new_customer(client), await new_customer(client)
    invoice = await new_invoice(client, customer["id"], invoiceNumber="A-1")
    for one in (customer, other):
        answer = await client.post(INVOICES, invoice_body(one["id"], invoiceNumber="A-1"))
        assert (answer.status, told(answer)) == (422, [duplicate(invoice)])
    assert (await client.get(INVOICES)).body == {"results": [invoice]}


async def test_an_archived_invoice_keeps_its_number(client: BillClient) -> None:
    customer = await new_customer(client)
    invoice = await new_invoice(client, customer["id"], invoiceNumber="A-1")
    await client.post(f"{INVOICES}/{invoice['id']}/archive")
    answer = await client.post(INVOICES, invoice_body(customer["id"], invoiceNumber="A-1"))
    assert (answer.status, told(answer)) == (422, [duplicate(invoice)])


async def test_an_archived_number_is_free_by_setting_until_it_is_taken(
    make_client: MakeClient,
) -> None:
    client = await make_client(archived_invoice_numbers="reusable")
    customer = await new_customer(client)
    first = await new_invoice(client, customer["id"], invoiceNumber="A-1")
    await client.post(f"{INVOICES}/{first['id']}/archive")
    second = await new_invoice(client, customer["id"], invoiceNumber="A-1")
    third = await client.post(INVOICES, invoice_body(customer["id"], invoiceNumber="A-1"))
    assert (third.status, told(third)) == (422, [duplicate(second)])
    restored = await client.post(f"{INVOICES}/{first['id']}/restore")
    assert (restored.status, told(restored)) == (422, [duplicate(second)])
    await client.post(f"{INVOICES}/{second['id']}/archive")
    assert (await client.post(f"{INVOICES}/{first['id']}/restore")).status == 200


async def test_without_a_number_an_invoice_gets_the_next_that_is_free(client: BillClient) -> None:
    customer = await new_customer(client)
    await new_invoice(client, customer["id"], invoiceNumber="1002")
    numbers = [
        (await new_invoice(client, customer["id"], **more))["invoiceNumber"]
        for more in ({}, {"invoiceNumber": None}, {})
    ]
    assert numbers == ["1001", "1003", "1004"]


async def new_term(client: BillClient, days: int) -> str:
    path = f"/v3/organizations/{client.world['organizationId']}/payment-terms"
    return str((await client.post(path, {"name": f"Net {days}", "daysDue": days})).body["id"])


@pytest.mark.parametrize(
    ("given", "invoiced", "due"),
    [
        ({}, TODAY, TODAY),
        ({"invoiceDate": "2026-05-01"}, "2026-05-01", TODAY),
        ({"dueDate": "2026-05-01"}, TODAY, "2026-05-01"),
        ({"invoiceDate": "2026-05-01", "dueDate": "2026-04-01"}, "2026-05-01", "2026-04-01"),
        ({"paymentTermId": "{term}"}, TODAY, "2026-07-03"),
        ({"paymentTermId": "{term}", "invoiceDate": "2026-05-01"}, "2026-05-01", "2026-05-31"),
        ({"paymentTermId": "{term}", "dueDate": "2026-06-04"}, TODAY, "2026-06-04"),
    ],
)
async def test_dates_that_are_not_given(
    client: BillClient, given: dict[str, str], invoiced: str, due: str
) -> None:
    term = await new_term(client, 30)
    customer = await new_customer(client)
    # Half past ten in the evening in California, which is tomorrow in UTC.
    await client.advance(to=f"{TODAY}T22:30:00-07:00")
    more = {name: value.format(term=term) for name, value in given.items()}
    invoice = await new_invoice(client, customer["id"], **more)
    assert (invoice["invoiceDate"], invoice["dueDate"]) == (invoiced, due)
    assert "paymentTermId" not in invoice


async def test_an_unknown_payment_term_is_404(client: BillClient) -> None:
    customer = await new_customer(client)
    body = invoice_body(customer["id"], paymentTermId="00p02AAAAAAAAAAzzzzz")
    answer = await client.post(INVOICES, body)
    assert (answer.status, told(answer)) == (404, [NO_DATA])


async def overpaid(client: BillClient, rest: float) -> dict[str, Any]:
    """A customer that has paid `rest` more than it owed."""
    customer = await new_customer(client)
    invoice = await new_invoice(client, customer["id"], 1)
    assert (await record(client, 1 + rest, (invoice, 1))).status == 200
    assert await balance(client, customer["id"]) == -rest
    return customer


@pytest.mark.parametrize(
    ("credit", "expected", "left"),
    [
        (30, ("PARTIAL_PAYMENT", 100.0, 30.0, 0.0, 70.0), -120.0),
        (100, ("PAID_IN_FULL", 100.0, 100.0, 0.0, 0.0), -50.0),
        (0, ("OPEN", 100.0, 0.0, 0.0, 100.0), -150.0),
    ],
)
async def test_a_credit_draws_on_what_was_paid_too_much(
    client: BillClient, credit: float, expected: tuple[Any, ...], left: float
) -> None:
    customer = await overpaid(client, 150)
    invoice = await new_invoice(client, customer["id"], creditAmount=credit)
    assert parts(invoice) == expected
    # What is due on the invoice is owed again.
    assert await balance(client, customer["id"]) == left + invoice["dueAmount"]


@pytest.mark.parametrize(("rest", "credit"), [(150, 100.01), (50, 50.01), (0.01, 0.02)])
async def test_a_credit_beyond_the_total_or_the_overpayment_is_refused(
    client: BillClient, rest: float, credit: float
) -> None:
    customer = await overpaid(client, rest)
    answer = await client.post(INVOICES, invoice_body(customer["id"], creditAmount=credit))
    text = f"creditAmount {credit:.2f} is more than the customer's credit or the invoice's total."
    assert (answer.status, told(answer)) == (422, [(None, text)])
    assert await balance(client, customer["id"]) == -rest


async def test_the_credit_of_a_customer_can_be_drawn_on_once(client: BillClient) -> None:
    customer = await overpaid(client, 150)
    await new_invoice(client, customer["id"], creditAmount=100)
    more = await client.post(INVOICES, invoice_body(customer["id"], creditAmount=50.01))
    assert more.status == 422
    last = await new_invoice(client, customer["id"], creditAmount=50)
    assert parts(last) == ("PARTIAL_PAYMENT", 100.0, 50.0, 0.0, 50.0)
    assert await balance(client, customer["id"]) == 50.0


@pytest.mark.parametrize("verb", ["GET", "PUT", "PATCH", "POST archive", "POST restore",
                                  "POST email", "POST payment-link"])  # fmt: skip
async def test_an_unknown_invoice_is_404(client: BillClient, verb: str) -> None:
    customer = await new_customer(client)
    method, _, action = verb.partition(" ")
    bodies = {
        "PUT": invoice_body(customer["id"]),
        "PATCH": {},
        "POST email": {},
        "POST payment-link": {"customerId": customer["id"], "email": "a@b.example"},
    }
    path = f"/connect{INVOICES}/{UNKNOWN_INVOICE}{action and f'/{action}'}"
    answer = await client.call(method, path, bodies.get(verb))
    assert (answer.status, told(answer)) == (404, [NO_DATA])


@pytest.mark.parametrize("role", ["APPROVER", "PAYER", "CLERK", "AUDITOR"])
async def test_roles_without_receivables_read_invoices_only(
    make_client: MakeClient, role: str
) -> None:
    client = await make_client(role=role)
    path = f"{INVOICES}/{UNKNOWN_INVOICE}"
    assert (await client.get(INVOICES)).status == 200
    assert (await client.get(path)).status == 404
    for answer in (
        await client.post(INVOICES, invoice_body(UNKNOWN_CUSTOMER)),
        await client.put(path, invoice_body(UNKNOWN_CUSTOMER)),
        await client.patch(path, {}),
        await client.post(f"{path}/archive"),
        await client.post(f"{path}/restore"),
        await client.post(f"{path}/email", {}),
        await client.post(f"{path}/payment-link", {}),
        await client.post(f"{INVOICES}/record-payment", {}),
    ):
        assert (answer.status, told(answer)) == (403, [NO_PERMISSION])


async def test_an_accountant_manages_invoices(make_client: MakeClient) -> None:
    client = await make_client(role="ACCOUNTANT")
    invoice = await new_invoice(client, (await new_customer(client))["id"])
    assert (await client.post(f"{INVOICES}/{invoice['id']}/archive")).status == 200
    assert (await read_invoice(client, invoice))["archived"] is True
