"""Charging customers over HTTP: preconditions, scheduling, settling, failing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.resources.payables import BANKS, NO_DATA, NO_PERMISSION, NOW, told
from tests.resources.receivables import (
    CUSTOMERS,
    INVOICES,
    RECEIVED,
    TODAY,
    UNKNOWN_CUSTOMER,
    UNKNOWN_INVOICE,
    authorize,
    balance,
    chargeable,
    new_account,
    new_customer,
    new_invoice,
    parts,
    read_invoice,
    record,
)

SETTLED = "received_payment.settled"
FAILED = "received_payment.failed"
UNKNOWN_ACCOUNT = "cba02AAAAAAAAAAzzzzz"


def invoice_of(body: dict[str, Any]) -> dict[str, Any]:
    return {"id": body["invoicePayments"][0]["invoiceId"]}


async def check_uncharged(client: BillClient, body: dict[str, Any], status: int, text: str) -> None:
    """The charge is refused with that text, and nothing has changed."""
    before = [(await client.get(path)).body for path in (CUSTOMERS, INVOICES, RECEIVED)]
    answer = await client.post(RECEIVED, body)
    assert (answer.status, told(answer)) == (status, [(None, text)])
    after = [(await client.get(path)).body for path in (CUSTOMERS, INVOICES, RECEIVED)]
    assert after == before


async def charged(client: BillClient, **more: Any) -> dict[str, Any]:
    """A scheduled charge of 60 dollars of an invoice of 100."""
    answer = await client.post(RECEIVED, {**await chargeable(client), **more})
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def test_a_charge_is_scheduled_and_lowers_what_is_due(client: BillClient) -> None:
    body = await chargeable(client)
    answer = await client.post(RECEIVED, {**body, "description": "June"})
    assert answer.status == 201
    share = {**body["invoicePayments"][0], "paymentDate": TODAY}
    assert answer.body["id"].startswith("0rp02")
    assert answer.body == {
        "amount": 60.0,
        "id": answer.body["id"],
        "customerId": body["customerId"],
        "invoicePayments": [share],
        "description": "June",
        "paymentDate": TODAY,
        "fundingAccount": body["fundingAccount"],
        "receivablesAccount": {"type": "BANK_ACCOUNT", "id": await client.bank_account()},
        "unappliedAmount": 0.0,
        "receivablesType": "ACH",
        "status": "SCHEDULED",
        "onlinePayment": True,
        "createdTime": NOW,
        "updatedTime": NOW,
    }
    invoice = await read_invoice(client, invoice_of(body))
    assert parts(invoice) == ("PARTIAL_PAYMENT", 100.0, 0.0, 60.0, 40.0)
    (entry,) = invoice["payments"]
    expected = {"id": entry["id"], "amount": 60.0, "status": "SCHEDULED", "date": TODAY}
    assert entry == expected
    assert await balance(client, body["customerId"]) == 40.0


async def test_a_charge_of_all_that_is_due_makes_the_invoice_scheduled(
    client: BillClient,
) -> None:
    body = await chargeable(client)
    body["invoicePayments"][0]["amount"] = "100.00"
    assert (await client.post(RECEIVED, body)).status == 201
    invoice = await read_invoice(client, invoice_of(body))
    assert parts(invoice) == ("SCHEDULED", 100.0, 0.0, 100.0, 0.0)


async def test_one_charge_may_be_for_several_invoices(client: BillClient) -> None:
    body = await chargeable(client)
    other = await new_invoice(client, body["customerId"], 20)
    body["invoicePayments"].append({"invoiceId": other["id"], "amount": 20})
    answer = await client.post(RECEIVED, body)
    assert (answer.status, answer.body["amount"]) == (201, 80.0)
    await client.simulate(SETTLED, answer.body["id"])
    assert parts(await read_invoice(client, other)) == ("PAID_IN_FULL", 20.0, 0.0, 0.0, 0.0)
    first = await read_invoice(client, invoice_of(body))
    assert parts(first) == ("PARTIAL_PAYMENT", 100.0, 0.0, 0.0, 40.0)


async def test_a_customer_without_authorization_is_not_charged(client: BillClient) -> None:
    body = await chargeable(client)
    await authorize(client, body["customerId"], False)
    text = f"Customer {body['customerId']} has not authorized to be charged."
    await check_uncharged(client, body, 422, text)
    await authorize(client, body["customerId"])
    assert (await client.post(RECEIVED, body)).status == 201


async def test_an_archived_customer_is_not_charged(client: BillClient) -> None:
    body = await chargeable(client)
    await client.post(f"{CUSTOMERS}/{body['customerId']}/archive")
    await check_uncharged(client, body, 422, f"Customer {body['customerId']} is archived.")


async def test_an_archived_bank_account_is_not_charged(client: BillClient) -> None:
    body = await chargeable(client)
    account = body["fundingAccount"]["id"]
    path = f"{CUSTOMERS}/{body['customerId']}/bank-accounts/{account}"
    await client.post(f"{path}/archive")
    await check_uncharged(
        client, body, 422, f"Bank account {account} is archived; it must be VERIFIED."
    )


async def test_a_pending_bank_account_is_not_charged(make_client: MakeClient) -> None:
    client = await make_client(customer_bank_check="two_bank_days")
    body = await chargeable(client)
    account = body["fundingAccount"]["id"]
    await check_uncharged(
        client, body, 422, f"Bank account {account} is PENDING; it must be VERIFIED."
    )
    await client.advance(businessDays=2)
    assert (await client.post(RECEIVED, body)).status == 201


async def test_a_card_is_not_charged(client: BillClient) -> None:
    body = await chargeable(client)
    body["fundingAccount"]["type"] = "CARD_ACCOUNT"
    await check_uncharged(client, body, 422, "A customer cannot be charged by CARD_ACCOUNT.")


async def test_nothing_is_charged_without_an_account_that_receives(client: BillClient) -> None:
    body = await chargeable(client)
    bank = await client.bank_account()
    await client.patch(f"{BANKS}/{bank}", {"default": {"receivables": False}})
    text = "The organization has no default bank account for receivables."
    await check_uncharged(client, body, 422, text)
    await client.patch(f"{BANKS}/{bank}", {"default": {"receivables": True}})
    assert (await client.post(RECEIVED, body)).status == 201


async def test_a_charge_beyond_what_is_due_is_refused(client: BillClient) -> None:
    body = await chargeable(client)
    invoice = invoice_of(body)
    assert (await record(client, 40.01, (invoice, 40.01))).status == 200
    text = f"Invoice {invoice['id']}: 60.00 is more than is due (59.99)."
    await check_uncharged(client, body, 422, text)
    body["invoicePayments"][0]["amount"] = 59.99
    assert (await client.post(RECEIVED, body)).status == 201
    body["invoicePayments"][0]["amount"] = 0.01
    text = f"Invoice {invoice['id']}: 0.01 is more than is due (0.00)."
    await check_uncharged(client, body, 422, text)


async def test_an_archived_invoice_is_not_charged(client: BillClient) -> None:
    body = await chargeable(client)
    invoice = invoice_of(body)
    await client.post(f"{INVOICES}/{invoice['id']}/archive")
    await check_uncharged(client, body, 422, f"Invoice {invoice['id']} is archived.")


async def test_an_invoice_of_another_customer_is_not_charged(client: BillClient) -> None:
    body = await chargeable(client)
    foreign = await new_invoice(client, (await new_customer(client))["id"])
    body["invoicePayments"].append({"invoiceId": foreign["id"], "amount": 1})
    text = f"Invoice {foreign['id']} is not an invoice of customer {body['customerId']}."
    await check_uncharged(client, body, 422, text)


async def test_a_charge_is_not_for_yesterday(client: BillClient) -> None:
    # Half past ten in the evening in California, which is tomorrow in UTC.
    await client.advance(to=f"{TODAY}T22:30:00-07:00")
    body = await chargeable(client)
    past = {**body, "paymentDate": "2026-06-02"}
    await check_uncharged(client, past, 400, "paymentDate: 2026-06-02 is past")
    assert (await client.post(RECEIVED, {**body, "paymentDate": TODAY})).status == 201


@pytest.mark.parametrize("member", ["customerId", "account", "invoiceId"])
async def test_unknown_records_of_a_charge_are_404(client: BillClient, member: str) -> None:
    body = await chargeable(client)
    if member == "customerId":
        body["customerId"] = UNKNOWN_CUSTOMER
    elif member == "account":
        body["fundingAccount"]["id"] = UNKNOWN_ACCOUNT
    else:
        body["invoicePayments"][0]["invoiceId"] = UNKNOWN_INVOICE
    answer = await client.post(RECEIVED, body)
    assert (answer.status, told(answer)) == (404, [NO_DATA])


async def test_the_account_of_another_customer_is_not_found(client: BillClient) -> None:
    body = await chargeable(client)
    foreign = await new_account(client, (await new_customer(client))["id"])
    body["fundingAccount"]["id"] = foreign["id"]
    answer = await client.post(RECEIVED, body)
    assert (answer.status, told(answer)) == (404, [NO_DATA])


async def test_a_charge_names_all_that_is_missing(client: BillClient) -> None:
    answer = await client.post(RECEIVED, {"invoicePayments": [{}]})
    assert (answer.status, told(answer)) == (400, [
        (None, "customerId: must not be blank"),
        (None, "fundingAccount: must not be null"),
        (None, "invoicePayments[0].invoiceId: must not be blank"),
        (None, "invoicePayments[0].amount: must not be null"),
    ])  # fmt: skip


@pytest.mark.parametrize("role", ["APPROVER", "PAYER", "CLERK", "AUDITOR"])
async def test_roles_without_receivables_charge_nobody(make_client: MakeClient, role: str) -> None:
    client = await make_client(role=role)
    assert (await client.get(RECEIVED)).status == 200
    answer = await client.post(RECEIVED, {})
    assert (answer.status, told(answer)) == (403, [NO_PERMISSION])


@pytest.mark.parametrize(
    ("given", "settled"),
    [
        (None, "2026-06-05"),
        ("2026-06-04", "2026-06-08"),
        # From a Saturday on, Monday and Tuesday count.
        ("2026-06-06", "2026-06-09"),
        # Juneteenth is no bank day.
        ("2026-06-17", "2026-06-22"),
    ],
)
async def test_a_charge_is_paid_two_bank_days_after_its_payment_date(
    client: BillClient, given: str | None, settled: str
) -> None:
    payment = await charged(client, paymentDate=given)
    day = given or TODAY
    assert payment["paymentDate"] == payment["invoicePayments"][0]["paymentDate"] == day
    path = f"{RECEIVED}/{payment['id']}"
    invoice = {"id": payment["invoicePayments"][0]["invoiceId"]}
    scheduled = await read_invoice(client, invoice)
    assert scheduled["payments"][0]["date"] == day
    await client.advance(to=f"{settled}T05:59:59-07:00")
    assert (await client.get(path)).body == payment
    assert await read_invoice(client, invoice) == scheduled
    await client.advance(to=f"{settled}T06:00:00-07:00")
    updated = f"{settled}T13:00:00.000+00:00"
    paid = {**payment, "status": "PAID", "updatedTime": updated}
    assert (await client.get(path)).body == paid
    (entry,) = scheduled["payments"]
    assert await read_invoice(client, invoice) == {
        **scheduled,
        "scheduledAmount": 0.0,
        "payments": [{**entry, "status": "PAID"}],
        "updatedTime": updated,
    }
    assert await balance(client, payment["customerId"]) == 40.0


async def test_a_charge_waits_for_the_control_plane_by_setting(make_client: MakeClient) -> None:
    client = await make_client(settlement="manual")
    payment = await charged(client)
    await client.advance(days=30)
    assert (await client.get(f"{RECEIVED}/{payment['id']}")).body == payment
    done = await client.simulate(SETTLED, payment["id"])
    assert (done.status, done.body["record"]["status"]) == (200, "PAID")


async def test_a_charge_settled_by_hand_does_not_settle_again(client: BillClient) -> None:
    payment = await charged(client)
    done = await client.simulate(SETTLED, payment["id"])
    assert (done.status, done.body["record"]) == (200, {**payment, "status": "PAID"})
    invoice = await read_invoice(client, {"id": payment["invoicePayments"][0]["invoiceId"]})
    assert parts(invoice) == ("PARTIAL_PAYMENT", 100.0, 0.0, 0.0, 40.0)
    await client.advance(days=7)
    assert await read_invoice(client, invoice) == invoice
    assert (await client.get(f"{RECEIVED}/{payment['id']}")).body == done.body["record"]


async def test_a_failed_charge_is_void_and_the_invoice_due_again(client: BillClient) -> None:
    payment = await charged(client)
    done = await client.simulate(FAILED, payment["id"])
    assert (done.status, done.body["record"]) == (200, {**payment, "status": "VOID"})
    invoice = await read_invoice(client, {"id": payment["invoicePayments"][0]["invoiceId"]})
    assert parts(invoice) == ("OPEN", 100.0, 0.0, 0.0, 100.0)
    assert [entry["status"] for entry in invoice["payments"]] == ["VOID"]
    assert await balance(client, payment["customerId"]) == 100.0
    await client.advance(days=7)
    assert (await client.get(f"{RECEIVED}/{payment['id']}")).body == done.body["record"]
    # What is due again can be paid again.
    assert (await record(client, 100, (invoice, 100))).status == 200
    assert [entry["status"] for entry in (await read_invoice(client, invoice))["payments"]] == [
        "VOID",
        "PAID",
    ]


@pytest.mark.parametrize("event", [SETTLED, FAILED])
@pytest.mark.parametrize(("before", "status"), [(SETTLED, "PAID"), (FAILED, "VOID"),
                                                (None, "PAID")])  # fmt: skip
async def test_only_a_scheduled_charge_settles_or_fails(
    client: BillClient, event: str, before: str | None, status: str
) -> None:
    if before:
        payment = await charged(client)
        await client.simulate(before, payment["id"])
    else:
        invoice = await new_invoice(client, (await new_customer(client))["id"])
        payment = (await record(client, 1, (invoice, 1))).body
    known = (await client.get(f"{RECEIVED}/{payment['id']}")).body
    answer = await client.simulate(event, payment["id"])
    detail = f"{event} cannot happen to {payment['id']}: its status is {status}, not SCHEDULED."
    assert (answer.status, answer.body["detail"]) == (409, detail)
    assert (await client.get(f"{RECEIVED}/{payment['id']}")).body == known


async def test_a_charge_can_follow_another_while_something_is_due(client: BillClient) -> None:
    body = await chargeable(client)
    first = (await client.post(RECEIVED, body)).body
    body["invoicePayments"][0]["amount"] = 40
    second = (await client.post(RECEIVED, body)).body
    await client.simulate(FAILED, first["id"])
    invoice = await read_invoice(client, invoice_of(body))
    assert parts(invoice) == ("PARTIAL_PAYMENT", 100.0, 0.0, 40.0, 60.0)
    await client.simulate(SETTLED, second["id"])
    invoice = await read_invoice(client, invoice_of(body))
    assert parts(invoice) == ("PARTIAL_PAYMENT", 100.0, 0.0, 0.0, 60.0)
    assert [entry["status"] for entry in invoice["payments"]] == ["VOID", "PAID"]
