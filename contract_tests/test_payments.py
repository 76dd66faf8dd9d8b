"""Payments: who may pay, what is refused, and what a payment does to its bill.

A payment that must be refused is sent in every run; should BILL take it
nevertheless, it is canceled at the end. One that is to be taken is sent only
where the run may do so.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from contract_tests.client import Bill
from contract_tests.expectations import (
    NO_DATA,
    NO_TRUST,
    amounts,
    cents,
    made_as,
    refused,
    told,
)
from contract_tests.records import BILLS, PAYMENTS, UNKNOWN_BANK, Records, pay_body
from contract_tests.reporting import Contract
from contract_tests.shapes import PAYMENT

behaviour = pytest.mark.behaviour
CREATE = "POST /connect/v3/payments"
BULK = "POST /connect/v3/payments/bulk"
GET = "GET /connect/v3/payments/{paymentId}"
LIST = "GET /connect/v3/payments"
CANCEL = "POST /connect/v3/payments/{paymentId}/cancel"
UNKNOWN = f"{PAYMENTS}/stp02AAAAAAAAAAzzzzz"
UNKNOWN_BILL = "00n02AAAAAAAAAAzzzzz"


async def a_bill(records: Records, amount: float = 10.05) -> dict[str, Any]:
    return await records.a_bill((await records.vendor())["id"], amount)


@behaviour(CREATE, "BDC_1361")
async def test_a_session_that_is_not_trusted_may_not_pay(
    mfa_required: None, records: Records, bank_account_id: str
) -> None:
    body = pay_body((await a_bill(records))["id"], 10.05, bank_account_id)
    refused(await records.post(PAYMENTS, body), 403, "BDC_1361", NO_TRUST)


@behaviour(CREATE, "BDC_1361")
async def test_trust_is_asked_for_before_the_bill_is_looked_up(
    mfa_required: None, records: Records
) -> None:
    answer = await records.post(PAYMENTS, pay_body(UNKNOWN_BILL, 1))
    refused(answer, 403, "BDC_1361", NO_TRUST)


@behaviour(BULK, "BDC_1361")
async def test_a_session_that_is_not_trusted_may_not_pay_in_bulk(
    mfa_required: None, records: Records
) -> None:
    body = {
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": UNKNOWN_BANK},
        "payments": [{"billId": UNKNOWN_BILL, "amount": 1}],
    }
    refused(await records.post(f"{PAYMENTS}/bulk", body), 403, "BDC_1361", NO_TRUST)


@behaviour(CREATE, "payment.bill_required")
async def test_a_payment_names_its_bill(payer: Bill, records: Records) -> None:
    body = pay_body(UNKNOWN_BILL, 1)
    del body["billId"]
    answer = await records.post(PAYMENTS, body, by=payer)
    refused(answer, 400, None, "billId must be provided if createBill is false")


@behaviour(CREATE)
@pytest.mark.parametrize("member", ["fundingAccount", "amount", "processingOptions"])
async def test_a_payment_lacks_no_required_member(
    payer: Bill, records: Records, member: str
) -> None:
    body = pay_body(UNKNOWN_BILL, 1)
    del body[member]
    refused(await records.post(PAYMENTS, body, by=payer), 400, None, f"{member}: must not be")


@behaviour(CREATE, "BDC_1205")
async def test_an_unknown_bill_is_not_paid(
    payer: Bill, records: Records, bank_account_id: str
) -> None:
    answer = await records.post(PAYMENTS, pay_body(UNKNOWN_BILL, 1, bank_account_id), by=payer)
    refused(answer, 404, "BDC_1205")


@behaviour(CREATE, "BDC_1152")
@pytest.mark.parametrize("day", ["2021-01-04", "2031-12-07", "2031-12-25"])
async def test_a_payment_is_for_a_bank_day_to_come(
    payer: Bill, records: Records, bank_account_id: str, day: str
) -> None:
    """A day that is past, a Sunday, and Christmas."""
    bill_id = (await a_bill(records))["id"]
    body = pay_body(bill_id, 10.05, bank_account_id, processDate=day)
    answer = await records.post(PAYMENTS, body, by=payer)
    refused(answer, 422, "BDC_1152", "Invalid Process Date : ")


@behaviour(CREATE, "BDC_1152")
async def test_a_refused_payment_is_told_twice(
    payer: Bill, records: Records, bank_account_id: str
) -> None:
    bill_id = (await a_bill(records))["id"]
    body = pay_body(bill_id, 10.05, bank_account_id, processDate="2021-01-04")
    answer = await records.post(PAYMENTS, body, by=payer)
    refused(answer, 422, "BDC_1152", f"{bill_id} : Invalid Process Date : ")


@behaviour(CREATE, "BDC_1159")
async def test_a_bill_is_not_overpaid(payer: Bill, records: Records, bank_account_id: str) -> None:
    body = pay_body((await a_bill(records))["id"], 10.06, bank_account_id)
    answer = await records.post(PAYMENTS, body, by=payer)
    refused(answer, 422, "BDC_1159", "Cannot overpay a bill")


@behaviour(GET, "BDC_1205")
async def test_an_unknown_payment_is_not_found(bill: Bill) -> None:
    refused(await bill.get(UNKNOWN), 404, "BDC_1205", NO_DATA)


@behaviour(CANCEL, "BDC_1205")
async def test_an_unknown_payment_is_not_canceled(bill: Bill) -> None:
    refused(await bill.post(f"{UNKNOWN}/cancel"), 404, "BDC_1205")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def paid(
    contract: Contract, payer: Bill, records: Records, bank_account_id: str
) -> dict[str, Any]:
    """A payment of 10.05 that was scheduled."""
    if not contract.payments:
        pytest.skip("schedules a payment: runs with --allow-payments only")
    body = pay_body((await a_bill(records))["id"], 10.05, bank_account_id)
    return await records.new(PAYMENTS, body, by=payer)


@behaviour(CREATE)
async def test_a_new_payment_has_bills_shape_and_no_null(paid: dict[str, Any]) -> None:
    made_as(paid, PAYMENT)


@behaviour(CREATE)
async def test_a_new_payment_is_scheduled_to_the_cent(paid: dict[str, Any]) -> None:
    assert cents(paid["amount"]) == cents(10.05)
    assert (paid["status"], paid["singleStatus"]) == ("SCHEDULED", "SCHEDULED")


@behaviour(CREATE)
async def test_a_payment_without_date_is_for_a_weekday_to_come(paid: dict[str, Any]) -> None:
    process_date = date.fromisoformat(paid["processDate"])
    assert process_date.weekday() < 5
    assert paid["processDate"] > paid["createdTime"][:10]


@behaviour(CREATE, "GET /connect/v3/bills/{billId}")
async def test_a_payment_makes_its_bill_scheduled(bill: Bill, paid: dict[str, Any]) -> None:
    found = told(await bill.get(f"{BILLS}/{paid['billId']}"), 200)
    assert found["paymentStatus"] == "SCHEDULED"
    assert amounts(found, "amount", "scheduledAmount", "paidAmount", "dueAmount") == [
        cents(10.05),
        cents(10.05),
        0,
        0,
    ]


@behaviour(GET)
async def test_a_payment_is_read_as_it_was_made(bill: Bill, paid: dict[str, Any]) -> None:
    found = told(await bill.get(f"{PAYMENTS}/{paid['id']}"), 200)
    kept = ("id", "amount", "billId", "vendorId", "processDate", "fundingAccount", "createdTime")
    assert {name: found[name] for name in kept} == {name: paid[name] for name in kept}


@behaviour(LIST)
async def test_a_payment_is_listed_by_its_vendor(bill: Bill, paid: dict[str, Any]) -> None:
    listed = told(await bill.get(f"{PAYMENTS}?filters=vendorId:eq:{paid['vendorId']}"), 200)
    assert [one["id"] for one in listed["results"]] == [paid["id"]]
    made_as(listed["results"][0], PAYMENT)


@behaviour(LIST)
async def test_a_payment_is_listed_by_its_amount(bill: Bill, paid: dict[str, Any]) -> None:
    by = f"{PAYMENTS}?filters=vendorId:eq:{paid['vendorId']}"
    found = told(await bill.get(f"{by},amount:gte:10.05,amount:lte:10.05"), 200)
    assert [one["id"] for one in found["results"]] == [paid["id"]]
    assert told(await bill.get(f"{by},amount:gt:10.05"), 200)["results"] == []


@behaviour(CREATE)
async def test_a_part_of_a_bill_can_be_paid(
    bill: Bill, payer: Bill, records: Records, bank_account_id: str, money: None
) -> None:
    made = await a_bill(records)
    body = pay_body(made["id"], 4.01, bank_account_id)
    assert cents((await records.new(PAYMENTS, body, by=payer))["amount"]) == cents(4.01)
    found = told(await bill.get(f"{BILLS}/{made['id']}"), 200)
    assert amounts(found, "scheduledAmount", "dueAmount") == [cents(4.01), cents(6.04)]


@behaviour(CANCEL)
async def test_a_canceled_payment_leaves_its_bill_due(
    bill: Bill, payer: Bill, records: Records, bank_account_id: str, money: None
) -> None:
    made = await a_bill(records)
    payment = await records.new(PAYMENTS, pay_body(made["id"], 10.05, bank_account_id), by=payer)
    told(await payer.post(f"{PAYMENTS}/{payment['id']}/cancel"), 200)
    assert told(await bill.get(f"{PAYMENTS}/{payment['id']}"), 200)["singleStatus"] == "CANCELED"
    found = told(await bill.get(f"{BILLS}/{made['id']}"), 200)
    assert found["paymentStatus"] == "UNPAID"
    assert amounts(found, "scheduledAmount", "dueAmount") == [0, cents(10.05)]


@behaviour(CANCEL, "payment.not_cancelable")
async def test_a_payment_is_canceled_once(
    payer: Bill, records: Records, bank_account_id: str, money: None
) -> None:
    body = pay_body((await a_bill(records))["id"], 10.05, bank_account_id)
    path = f"{PAYMENTS}/{(await records.new(PAYMENTS, body, by=payer))['id']}/cancel"
    told(await payer.post(path), 200)
    refused(await payer.post(path), 422, None)


@behaviour(BULK)
async def test_bulk_pays_every_bill(
    payer: Bill, records: Records, bank_account_id: str, money: None
) -> None:
    bills = [await a_bill(records, amount) for amount in (1.01, 2.02)]
    body = {
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": bank_account_id},
        "payments": [{"billId": one["id"], "amount": one["amount"]} for one in bills],
    }
    made = told(await records.post(f"{PAYMENTS}/bulk", body, by=payer), 201)["payments"]
    assert [one["billId"] for one in made] == [one["id"] for one in bills]
    assert [cents(one["amount"]) for one in made] == [cents(1.01), cents(2.02)]


@behaviour(BULK, "BDC_1205")
async def test_one_bad_payment_of_bulk_refuses_all(
    bill: Bill, payer: Bill, records: Records, bank_account_id: str
) -> None:
    good = await a_bill(records)
    body = {
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": bank_account_id},
        "payments": [
            {"billId": good["id"], "amount": 10.05},
            {"billId": UNKNOWN_BILL, "amount": 1},
        ],
    }
    answer = await records.post(f"{PAYMENTS}/bulk", body, by=payer)
    assert answer.status >= 400
    assert "BDC_1205" in answer.codes
    assert told(await bill.get(f"{BILLS}/{good['id']}"), 200)["paymentStatus"] == "UNPAID"
