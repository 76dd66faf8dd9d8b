"""BILL's examples for customers, invoices, received payments and classifications are taken.

What is answered keeps to the shapes that BILL publishes.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.contract import (
    BEFORE_THE_EXAMPLES,
    NOT_THERE,
    OPERATIONS,
    Contractor,
    absent,
    changed_values,
    faults,
)
from tests.http import Answer
from tests.resources.payables import ADDRESS
from tests.resources.receivables import (
    INVOICES,
    ITEMS,
    RECEIVED,
    RECORD,
    authorize,
    charge_body,
    invoice_body,
    new_account,
    new_customer,
    new_invoice,
    record,
)

if not OPERATIONS:
    pytest.skip(NOT_THERE, allow_module_level=True)

ROOT = "/connect/v3"
C = f"{ROOT}/customers"
I = f"{ROOT}/invoices"  # noqa: E741 - as short as its neighbours
R = f"{ROOT}/receivable-payments"
BUILT = [
    key for key in OPERATIONS if key.split(" ")[1].startswith((C, I, R, f"{ROOT}/classifications/"))
]

# What the placeholder of a list's records is called, where it is not the singular.
_PLACEHOLDERS = {
    "accounting-classes": "accounting_class_id",
    "chart-of-accounts": "chart_of_accounts_id",
    "departments": "department_id",
    "employees": "employee_id",
    "items": "item_id",
    "jobs": "job_id",
    "locations": "location_id",
}
# Three examples of BILL are no JSON; this is what is wrong with them.
_MENDED = {
    f"POST {ROOT}/classifications/departments": (",\n}", "\n}"),
    f"PATCH {ROOT}/classifications/departments/{{id}}": (",\n}", "\n}"),
    f"POST {ROOT}/classifications/locations": ('""description"', '"description"'),
}
# BILL's example gives the amount as a text.
_TOLD_OTHERWISE = {f"POST {I}/record-payment": [".amount: sent '100', got 100.0"]}


def kind_of(key: str) -> str | None:
    """The list that an operation on classifications is about."""
    parts = key.split(" ")[1].split("/")
    return parts[4] if parts[3] == "classifications" else None


class ReceivablesContractor(Contractor):
    """An administrator in a world with a customer, an invoice, a payment and the books."""

    async def furnish(self) -> None:
        client = self.client
        customer = await new_customer(client)
        lines = [{"price": 14.99, "quantity": 2}, {"price": 50, "quantity": 1}]
        invoice = await new_invoice(client, customer["id"], invoiceLineItems=lines)
        other = await new_invoice(client, customer["id"])
        payment = (await record(client, 100, (other, 100))).body
        self.values |= {
            "customer_id": customer["id"],
            "invoice_id": invoice["id"],
            "received_payment_id": payment["id"],
            "receivedPayment_id": payment["id"],
            "user_id": client.world["users"][1]["userId"],
        }
        for number, line in enumerate(invoice["invoiceLineItems"], 1):
            self.values[f"invoice_line_item_id0{number}"] = line["id"]
        for kind, name in _PLACEHOLDERS.items():
            body = {"name": "A", "type": "SERVICE"} if kind == "items" else {"name": "A"}
            one, parent = [
                (await client.post(f"/v3/classifications/{kind}", body)).body for _ in range(2)
            ]
            self.values |= {name: one["id"], f"parent of {kind}": parent["id"]}

    def of(self, key: str) -> ReceivablesContractor:
        """The same, with {id} standing for a record of the operation's list."""
        if kind := kind_of(key):
            self.values["id_id"] = self.values[_PLACEHOLDERS[kind]]
            self.values["parent_id"] = self.values[f"parent of {kind}"]
        return self

    def body(self, key: str) -> Any:
        """The example, with real ids where BILL's generator has put the word string."""
        example = OPERATIONS[key]["requestExample"]
        if key in _MENDED:
            example = json.loads(example.replace(*_MENDED[key]))
        body = json.loads(self.filled(json.dumps(example)))
        for one in body if isinstance(body, list) else [body]:
            for name in ("id", "parentId", "customerId"):
                if one and one.get(name) == "string":
                    one[name] = self.values[f"{name.removesuffix('Id')}_id"]
            if one and one.get("replyTo") == {"userId": "string"}:
                one["replyTo"] = {"userId": self.values["user_id"]}
        return body

    async def example(self, key: str) -> Answer:
        body = None if OPERATIONS[key]["requestExample"] is None else self.body(key)
        return await self.client.call(key.split(" ")[0], self.path(key), body)


@pytest.fixture
async def contractor(make_client: MakeClient) -> ReceivablesContractor:
    made = ReceivablesContractor(await make_client(start=BEFORE_THE_EXAMPLES))
    await made.furnish()
    return made


def known_faults(value: Any, shape: Any) -> list[str]:
    """The faults of an answer; recordStatus is newer than the contract."""
    return [
        one
        for one in faults(value, shape)
        if not one.endswith(".recordStatus: not in the contract")
    ]


def test_all_operations_of_these_groups_are_checked() -> None:
    assert len(BUILT) == 6 + 10 + 2 + 7 * 10


def test_three_examples_of_bill_are_no_json() -> None:
    texts = {key for key in BUILT if isinstance(OPERATIONS[key]["requestExample"], str)}
    assert texts == set(_MENDED)
    for key, (wrong, right) in _MENDED.items():
        example = OPERATIONS[key]["requestExample"]
        with pytest.raises(ValueError, match=r"line \d+ column \d+"):
            json.loads(example)
        assert json.loads(example.replace(wrong, right)).keys() == {"name", "description"}


@pytest.mark.parametrize("key", _MENDED)
async def test_an_example_that_is_no_json_is_refused_as_it_stands(
    contractor: ReceivablesContractor, key: str
) -> None:
    raw = OPERATIONS[key]["requestExample"].encode()
    path = contractor.of(key).path(key)
    answer = await contractor.client.call(key.split(" ")[0], path, raw=raw)
    assert answer.status == 400
    (item,) = answer.body
    assert item["message"].startswith("JSON parse error: ")


@pytest.mark.parametrize("key", BUILT)
async def test_the_example_of_the_contract_is_answered_in_its_shape(
    contractor: ReceivablesContractor, key: str
) -> None:
    contractor.of(key)
    if key.endswith("/restore"):
        await contractor.example(key.replace("/restore", "/archive"))
    operation = OPERATIONS[key]
    answer = await contractor.example(key)
    assert answer.status == operation["success"], answer.body
    shape = operation["responseShape"]
    if shape is None:
        assert answer.raw == b""
        return
    assert known_faults(answer.body, shape) == []
    sent = {} if operation["requestExample"] is None else contractor.body(key)
    assert changed_values(sent, answer.body, shape) == _TOLD_OTHERWISE.get(key, [])
    if any(one["key"] == "filters" for one in operation["query"]):
        assert len(answer.body["results"]) == 1


FULL_CUSTOMER: dict[str, Any] = {
    "name": "Paperless Band",
    "email": "contact@paperlessband.example",
    "companyName": "Paperless Band LLC",
    "contact": {"firstName": "Check", "lastName": "Mailworth"},
    "phone": "9998887654",
    "fax": "9998887655",
    "description": "Plays on Fridays",
    "invoiceCurrency": "USD",
    "accountType": "PERSON",
    "paymentTermId": "00p02ABCDEFGHIJ12abc",
    "accountNumber": "PB-1",
    "billingAddress": ADDRESS,
    "shippingAddress": ADDRESS,
}
BOOKS = {
    "accountingClassId": "cls1",
    "departmentId": "0de1",
    "jobId": "job1",
    "locationId": "loc1",
}
# No card pays here, and nobody types a number into the web app.
NO_PAYMENT_MEMBERS = {"convenienceFeeAmount", "referenceNumber"}


async def paid_invoice(c: ReceivablesContractor) -> dict[str, Any]:
    """The body of an invoice with all members, which is made, paid in part and c's own."""
    item = await c.client.post(ITEMS, {"type": "SALES_TAX", "name": "Tax", "percentage": 10})
    line = {
        "quantity": 2,
        "price": 50.5,
        "description": "Drum sticks",
        "taxable": True,
        "classifications": {**BOOKS, "chartOfAccountId": "0ca1", "itemId": "0ii1"},
    }
    body = invoice_body(
        c.values["customer_id"],
        invoiceLineItems=[line],
        payToChartOfAccountId="0ca2",
        classifications=BOOKS,
        salesTaxItemId=item.body["id"],
        enableCardPayment=True,
        convenienceFee={"percentage": 2.5},
    )
    invoice = (await c.client.post(INVOICES, body)).body
    c.values["invoice_id"] = invoice["id"]
    assert (await record(c.client, 10, (invoice, 10))).status == 200
    line_id = invoice["invoiceLineItems"][0]["id"]
    return {**body, "invoiceLineItems": [{**line, "id": line_id}]}


async def charged(c: ReceivablesContractor) -> Answer:
    customer = await new_customer(c.client)
    account = await new_account(c.client, customer["id"])
    await authorize(c.client, customer["id"])
    invoice = await new_invoice(c.client, customer["id"])
    body = charge_body(customer, account, (invoice, 10), description="June")
    answer = await c.client.post(RECEIVED, body)
    c.values["receivedPayment_id"] = answer.body["id"]
    return answer


async def full_customer(c: ReceivablesContractor) -> Answer:
    answer = await c.client.post("/v3/customers", FULL_CUSTOMER)
    c.values["customer_id"] = answer.body["id"]
    return answer


def after(make: Callable[..., Awaitable[Any]], key: str, body: Any = None) -> Any:
    """Make something full, then send an operation, with what was made as its body if asked."""

    async def run(c: ReceivablesContractor) -> Answer:
        made = await make(c)
        return await c.send(key, made if body is Ellipsis else body)

    return run


async def _listed(c: ReceivablesContractor, make: Any, path: str) -> Answer:
    await make(c)
    await make(c)
    return await c.second_page(path, "sort=createdTime:desc")


async def recorded(c: ReceivablesContractor) -> Answer:
    invoice = await new_invoice(c.client, c.values["customer_id"])
    body = {
        "amount": 100,
        "paymentDate": "2025-12-01",
        "paymentType": "CASH",
        "invoices": [{"id": invoice["id"], "amount": 50}],
        "description": "In the shop",
    }
    return await c.client.post(RECORD, body)


RICH: dict[str, tuple[Callable[[Any], Awaitable[Answer]], set[str]]] = {
    f"POST {C}": (full_customer, set()),
    f"GET {C}": (lambda c: _listed(c, full_customer, "/v3/customers"), set()),
    f"GET {C}/{{customerId}}": (after(full_customer, f"GET {C}/{{customerId}}"), set()),
    f"PATCH {C}/{{customerId}}": (after(full_customer, f"PATCH {C}/{{customerId}}", {}), set()),
    f"POST {C}/{{customerId}}/archive": (
        after(full_customer, f"POST {C}/{{customerId}}/archive"), set(),
    ),
    f"GET {I}": (lambda c: _listed(c, paid_invoice, INVOICES), set()),
    f"GET {I}/{{invoiceId}}": (after(paid_invoice, f"GET {I}/{{invoiceId}}"), set()),
    f"PUT {I}/{{invoiceId}}": (after(paid_invoice, f"PUT {I}/{{invoiceId}}", ...), set()),
    f"PATCH {I}/{{invoiceId}}": (after(paid_invoice, f"PATCH {I}/{{invoiceId}}", {}), set()),
    f"POST {I}/record-payment": (recorded, set()),
    f"GET {R}": (
        lambda c: _listed(c, charged, RECEIVED),
        {f"results.{name}" for name in NO_PAYMENT_MEMBERS},
    ),
    f"GET {R}/{{receivedPaymentId}}": (
        after(charged, f"GET {R}/{{receivedPaymentId}}"), NO_PAYMENT_MEMBERS,
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", RICH)
async def test_an_answer_has_all_members_of_its_shape_that_are_built(
    contractor: ReceivablesContractor, key: str
) -> None:
    make, missing = RICH[key]
    answer = await make(contractor)
    assert answer.status == OPERATIONS[key]["success"], answer.body
    shape = OPERATIONS[key]["responseShape"]
    assert known_faults(answer.body, shape) == []
    assert absent(answer.body, shape) == missing
