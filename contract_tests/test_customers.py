"""Customers, and charging them."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.client import Bill
from contract_tests.expectations import NO_DATA, amounts, cents, made_as, refused, told
from contract_tests.records import ACCOUNT, ADDRESS, CHARGES, CUSTOMERS, INVOICES, Records
from contract_tests.shapes import CUSTOMER

behaviour = pytest.mark.behaviour
CREATE = "POST /connect/v3/customers"
GET = "GET /connect/v3/customers/{customerId}"
LIST = "GET /connect/v3/customers"
ARCHIVE = "POST /connect/v3/customers/{customerId}/archive"
RESTORE = "POST /connect/v3/customers/{customerId}/restore"
CHARGE = "POST /connect/v3/receivable-payments"
AUTHORIZE = "POST /connect/v3/customers/{customerId}/charge-authorization"
UNKNOWN_ID = "0cu02AAAAAAAAAAzzzzz"
UNKNOWN = f"{CUSTOMERS}/{UNKNOWN_ID}"


@behaviour(CREATE)
async def test_a_new_customer_has_the_members_that_were_sent(records: Records) -> None:
    body = records.customer_body(companyName="Contract Company", phone="4155550123")
    customer = told(await records.post(CUSTOMERS, body), 201)
    for name in ("name", "email", "companyName", "phone"):
        assert customer[name] == body[name]
    for name, value in ADDRESS.items():
        assert customer["billingAddress"][name] == value


@behaviour(CREATE)
async def test_a_new_customer_has_bills_shape_and_no_null(records: Records) -> None:
    made_as(await records.customer(), CUSTOMER)


@behaviour(CREATE)
async def test_a_new_customer_owes_nothing(records: Records) -> None:
    customer = await records.customer()
    assert amounts(customer["balance"], "amount") == [0]
    assert customer["archived"] is False


@behaviour(CREATE, "field.blank")
@pytest.mark.parametrize("member", ["name", "email"])
async def test_a_customer_lacks_no_required_member(records: Records, member: str) -> None:
    body = records.customer_body()
    del body[member]
    refused(await records.post(CUSTOMERS, body), 400, None, f"{member}: must not be blank")


@behaviour(GET)
async def test_a_customer_is_read_as_it_was_made(bill: Bill, records: Records) -> None:
    customer = await records.customer()
    assert told(await bill.get(f"{CUSTOMERS}/{customer['id']}"), 200) == customer


@behaviour(LIST)
async def test_a_listed_customer_is_the_one_that_is_read(bill: Bill, records: Records) -> None:
    customer = await records.customer()
    answer = await bill.get(f"{CUSTOMERS}?filters=id:eq:{customer['id']}")
    assert told(answer, 200) == {"results": [customer]}


@behaviour("PATCH /connect/v3/customers/{customerId}")
async def test_a_patch_changes_a_customers_phone_alone(bill: Bill, records: Records) -> None:
    customer = await records.customer()
    path = f"{CUSTOMERS}/{customer['id']}"
    changed = told(await bill.patch(path, {"phone": "4155550199"}), 200)
    moved = {"phone": "4155550199", "updatedTime": changed["updatedTime"]}
    assert changed == {**customer, **moved}


@behaviour(ARCHIVE, RESTORE)
async def test_a_customer_is_archived_and_restored(bill: Bill, records: Records) -> None:
    path = f"{CUSTOMERS}/{(await records.customer())['id']}"
    assert told(await bill.post(f"{path}/archive"), 200)["archived"] is True
    assert told(await bill.get(path), 200)["archived"] is True
    assert told(await bill.post(f"{path}/restore"), 200)["archived"] is False


@pytest.mark.parametrize(
    ("method", "rest"),
    [
        pytest.param("GET", "", marks=behaviour(GET, "BDC_1205")),
        pytest.param("POST", "/archive", marks=behaviour(ARCHIVE, "BDC_1205")),
        pytest.param("POST", "/restore", marks=behaviour(RESTORE, "BDC_1205")),
    ],
)
async def test_an_unknown_customer_is_refused(bill: Bill, method: str, rest: str) -> None:
    refused(await bill.call(method, UNKNOWN + rest), 404, "BDC_1205", NO_DATA)


def charge(customer_id: str, invoice_id: str, account_id: str, amount: float) -> dict[str, Any]:
    return {
        "customerId": customer_id,
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": account_id},
        "invoicePayments": [{"invoiceId": invoice_id, "amount": amount}],
    }


@behaviour(CHARGE, "BDC_1205")
async def test_an_unknown_customer_is_not_charged(bill: Bill) -> None:
    body = charge(UNKNOWN_ID, "00e02AAAAAAAAAAzzzzz", "cba02AAAAAAAAAAzzzzz", 1)
    refused(await bill.post(CHARGES, body), 404, "BDC_1205", NO_DATA)


@behaviour(CHARGE, "field.blank")
async def test_a_charge_names_its_customer(bill: Bill) -> None:
    answer = await bill.post(CHARGES, {"invoicePayments": []})
    refused(answer, 400, None, "customerId: must not be")


@behaviour(AUTHORIZE)
async def test_a_customers_authorization_can_be_attested_and_revoked(
    bill: Bill, records: Records
) -> None:
    path = f"{CUSTOMERS}/{(await records.customer())['id']}/charge-authorization"
    told(await bill.post(path, {"authorizedToCharge": True}), 200)
    told(await bill.post(path, {"authorizedToCharge": False}), 200)


async def an_account(records: Records, customer_id: str) -> str:
    """The id of a new bank account of a customer."""
    body = {**ACCOUNT, "type": "CHECKING", "ownerType": "BUSINESS"}
    made = await records.new(f"{CUSTOMERS}/{customer_id}/bank-accounts", body)
    return str(made["id"])


@behaviour(CHARGE, "received.unauthorized")
async def test_a_customer_that_has_not_authorized_is_not_charged(
    bill: Bill, records: Records
) -> None:
    customer = await records.customer()
    invoice = await records.invoice(customer["id"], 1)
    body = charge(customer["id"], invoice["id"], await an_account(records, customer["id"]), 1)
    answer = await records.post(CHARGES, body)
    if answer.status == 201:
        records.stays |= {answer.body["id"], invoice["id"]}
    refused(answer, 422, None)


@behaviour(CHARGE, AUTHORIZE)
async def test_a_charge_lowers_what_an_invoice_is_due(
    bill: Bill, records: Records, money: None
) -> None:
    """BILL has no way to take a charge back, so it stays, and its invoice with it."""
    customer = await records.customer()
    invoice = await records.invoice(customer["id"], 100)
    account = await an_account(records, customer["id"])
    path = f"{CUSTOMERS}/{customer['id']}/charge-authorization"
    await bill.post(path, {"authorizedToCharge": True})
    answer = await records.post(CHARGES, charge(customer["id"], invoice["id"], account, 60.25))
    made = told(answer, 201)
    records.stays |= {made["id"], invoice["id"]}
    assert (made["customerId"], cents(made["amount"])) == (customer["id"], cents(60.25))
    found = told(await bill.get(f"{INVOICES}/{invoice['id']}"), 200)
    assert amounts(found, "scheduledAmount", "dueAmount") == [cents(60.25), cents(39.75)]
