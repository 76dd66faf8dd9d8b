"""What BILL tells of its records by webhook: exactly the documented members, in frozen bytes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import aiohttp
import pytest

from simulator.resources.autopay_notices import AUTOPAY_FAILURES
from simulator.resources.catalogue import notices
from tests.goldens import check_golden
from tests.http import BillClient
from tests.resources.receivables import ITEMS, new_customer, new_invoice
from tests.resources.told import Listener, office

# BILL guide: Webhook event catalog; payment.created is the mission guide's.
CATALOG = [
    *(f"vendor.{what}" for what in ("created", "updated", "archived", "restored")),
    "autopay.failed",
    *(f"bill.{what}" for what in ("created", "updated", "archived", "restored")),
    *(f"payment.{what}" for what in ("created", "updated", "failed")),
    *(f"bank-account.{what}" for what in ("created", "updated")),
    *(f"card-account.{what}" for what in ("created", "updated")),
    *(f"invoice.{what}" for what in ("created", "updated", "archived", "restored")),
    "risk-verification.updated",
    "spend.transaction.updated",
    *(f"spend.reimbursement.{what}" for what in ("created", "updated", "deleted")),
    "spend.three-ds-challenge.created",
]

# Every member of BILL's payloads, in BILL's order.
VENDOR = """
vendor.id vendor.name vendor.shortName vendor.archived vendor.email vendor.phone
vendor.networkStatus vendor.paymentNetworkId vendor.accountNumber
vendor.address.line1 vendor.address.line2 vendor.address.city vendor.address.stateOrProvince
vendor.address.zipOrPostalCode vendor.address.country
vendor.paymentInformation.payeeName vendor.paymentInformation.email
vendor.paymentInformation.payByType vendor.paymentInformation.virtualCard.status
vendor.paymentInformation.lastPaymentDate
vendor.additionalInfo.taxId vendor.additionalInfo.taxIdType vendor.additionalInfo.track1099
vendor.additionalInfo.leadTimeInDays vendor.additionalInfo.combinePayments
vendor.additionalInfo.companyName
vendor.recurringPayments vendor.billCurrency vendor.balance.amount vendor.balance.lastUpdatedDate
vendor.autoPay.enabled vendor.createdTime vendor.updatedTime
"""
BILL = """
bill.id bill.vendorId bill.vendorName bill.invoice.invoiceNumber bill.invoice.invoiceDate
bill.amount bill.createdTime bill.updatedTime bill.createdBy bill.archived bill.description
bill.dueDate bill.paymentStatus bill.payFromChartOfAccountId
bill.classifications.chartOfAccountId bill.classifications.accountingClassId
bill.classifications.departmentId bill.classifications.locationId bill.purchaseOrderNumber
"""
PAYMENT = """
payment.id payment.billIds payment.transactionNumber payment.status payment.createdBy
payment.createdTime payment.updatedTime payment.processDate
payment.funding.amount payment.funding.currency payment.funding.fundingAccount.id
payment.funding.fundingAccount.type payment.funding.fundingAccount.name
payment.funding.fundingAccount.accountNumber
payment.disbursement.arrivesByDate payment.disbursement.disbursementAccount
payment.vendor.id payment.vendor.name payment.billingType
"""
ERRORS = "errors.code errors.message errors.timestamp"
FAILED_PAYMENT = f"""
payment.bills.id payment.bills.amount payment.transactionNumber payment.createdBy
payment.createdTime payment.updatedTime payment.fundingAccount.id payment.fundingAccount.type
payment.vendor.id payment.vendor.name {ERRORS}
"""
AUTOPAY = f"""
autopay.vendor.name autopay.vendor.id autopay.createdBy autopay.updatedTime
autopay.fundingAccount.id autopay.fundingAccount.type {ERRORS}
"""
BANK_ACCOUNT = """
bank-account.id bank-account.archived bank-account.accountNumber bank-account.nameOnAccount
bank-account.routingNumber bank-account.bankName bank-account.status bank-account.createdBy
bank-account.type bank-account.ownerType bank-account.createdTime bank-account.updatedTime
bank-account.default.payables bank-account.default.receivables
"""
CARD_ACCOUNT = """
card-account.id card-account.archived card-account.createdTime card-account.updatedTime
card-account.createdBy card-account.nameOnAccount card-account.brand card-account.type
card-account.status card-account.last4 card-account.expiration.year card-account.expiration.month
card-account.default.payables card-account.default.receivables card-account.default.funding
card-account.default.disbursement
"""
INVOICE = """
invoice.id invoice.customerId invoice.archived invoice.invoiceNumber invoice.invoiceDate
invoice.dueDate invoice.totalAmount invoice.dueAmount invoice.createdTime invoice.updatedTime
invoice.createdBy invoice.status invoice.scheduledAmount invoice.creditAmount
invoice.salesTaxTotal invoice.salesTaxPercentage
"""
TRANSACTION = """
transaction.uuid transaction.fees transaction.foreignExchangeFee transaction.transactionType
transaction.parentTransactionUuid transaction.userUuid transaction.rawMerchantName
transaction.merchantName transaction.budgetUuid transaction.originalAuthTransactionUuid
transaction.occurredTime transaction.updatedTime transaction.authorizedTime transaction.complete
transaction.declineReason
"""
REIMBURSEMENT = """
reimbursement.uuid reimbursement.note reimbursement.merchantName reimbursement.amount
reimbursement.status reimbursement.fulfillmentType reimbursement.budgetUuid
reimbursement.companyUuid
"""
CHALLENGE = """
threeDsChallenge.merchantName threeDsChallenge.merchantCategoryCode
threeDsChallenge.acsTransactionId threeDsChallenge.userUuid threeDsChallenge.occurredTime
threeDsChallenge.amount threeDsChallenge.cardUuid threeDsChallenge.companyUuid
"""
MEMBERS = {
    "vendor": VENDOR,
    "autopay": AUTOPAY,
    "bill": BILL,
    "payment": PAYMENT,
    "payment.failed": FAILED_PAYMENT,
    "bank-account": BANK_ACCOUNT,
    "card-account": CARD_ACCOUNT,
    "invoice": INVOICE,
    "risk-verification": "risk-verification.decision",
    "spend.transaction": TRANSACTION,
    "spend.reimbursement": REIMBURSEMENT,
    "spend.three-ds-challenge": CHALLENGE,
}
# A vendor that was neither connected nor paid yet, and takes no virtual cards, lacks these.
UNTOLD = {
    "vendor.paymentNetworkId",
    "vendor.paymentInformation.virtualCard.status",
    "vendor.paymentInformation.lastPaymentDate",
}


def members(event_type: str) -> list[str]:
    """The documented members of an event's payload."""
    return MEMBERS.get(event_type, MEMBERS.get(event_type.rpartition(".")[0], "")).split()


def paths(value: Any, path: str = "") -> Iterator[str]:
    """Where the values of a payload stand; elements of a list stand where the list does."""
    if isinstance(value, dict) and value:
        for name, below in value.items():
            yield from paths(below, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from paths(value[0], path)
    else:
        yield path


@pytest.fixture
async def told(http: aiohttp.ClientSession) -> AsyncIterator[tuple[BillClient, Listener]]:
    async with office(http, notices()) as both:
        yield both


FULL_VENDOR: dict[str, Any] = {
    "name": "Happy Music Supplies",
    "shortName": "HMS",
    "email": "sales@happymusic.example",
    "phone": "4085550100",
    "accountNumber": "0012345",
    "address": {
        "line1": "123 Main Street",
        "line2": "Suite 3",
        "city": "San Jose",
        "stateOrProvince": "CA",
        "zipOrPostalCode": "95002",
        "country": "US",
    },
    "additionalInfo": {
        "taxId": "123456789",
        "taxIdType": "EIN",
        "track1099": True,
        "leadTimeInDays": 3,
        "combinePayments": False,
        "companyName": "Happy Music Supplies, Inc.",
    },
}
FULL_BILL: dict[str, Any] = {
    "description": "A drum kit",
    "payFromChartOfAccountId": "0ca02AAAAAAAAAA00001",
    "purchaseOrderNumber": "PO-7",
    "classifications": {
        "chartOfAccountId": "0ca02AAAAAAAAAA00002",
        "accountingClassId": "cls02AAAAAAAAAA00003",
        "departmentId": "0de02AAAAAAAAAA00004",
        "locationId": "loc02AAAAAAAAAA00005",
        "itemId": "0ii02AAAAAAAAAA00006",
    },
}
BANK: dict[str, Any] = {
    "nameOnAccount": "Cedar & Finch Trading",
    "routingNumber": "074000010",
    "accountNumber": "123452333",
    "type": "CHECKING",
    "ownerType": "BUSINESS",
    "bankName": "Second Cedar Bank",
}


async def make_vendor(client: BillClient) -> dict[str, Any]:
    payment = {
        "payeeName": "Happy Music",
        "email": "payee@happymusic.example",
        "bankAccount": {
            "nameOnAccount": "Bill Vendorson",
            "accountNumber": "111222333",
            "routingNumber": "074000010",
        },
    }
    return await client.new_vendor(**FULL_VENDOR, paymentInformation=payment)


async def edit_vendor(client: BillClient) -> None:
    vendor = await make_vendor(client)
    await client.patch(f"/v3/vendors/{vendor['id']}", {"name": "Sad Music Supplies"})


async def make_bill(client: BillClient) -> dict[str, Any]:
    return await client.new_bill((await make_vendor(client))["id"], 228.99, **FULL_BILL)


async def edit_bill(client: BillClient) -> None:
    bill = await make_bill(client)
    invoice = {"invoiceNumber": "202502", "invoiceDate": "2026-12-02"}
    await client.patch(f"/v3/bills/{bill['id']}", {"invoice": invoice})


async def make_payment(client: BillClient) -> dict[str, Any]:
    bill = await make_bill(client)
    answer = await client.pay(bill, 100, transactionNumber="PAY1")
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def fail_payment(client: BillClient) -> None:
    bill = await make_bill(client)
    answer = await client.pay(bill, 228.999, transactionNumber="PAY1")
    assert answer.status == 422, answer.body


async def make_account(client: BillClient) -> dict[str, Any]:
    answer = await client.post("/v3/funding-accounts/banks", BANK)
    assert answer.status == 201, answer.body
    return dict(answer.body)


async def verify_account(client: BillClient) -> None:
    account = await make_account(client)
    body = {"depositAmount": 0.5}
    await client.post(f"/v3/funding-accounts/banks/{account['id']}/verify", body)


async def make_invoice(client: BillClient) -> dict[str, Any]:
    customer = await new_customer(client)
    body = {"name": "Tax", "type": "SALES_TAX", "percentage": 8}
    item = await client.post(ITEMS, body)
    assert item.status == 201, item.body
    line = {"quantity": 2, "price": 50, "taxable": True}
    more = {"invoiceLineItems": [line], "salesTaxItemId": item.body["id"]}
    return await new_invoice(client, customer["id"], **more)


async def edit_invoice(client: BillClient) -> None:
    invoice = await make_invoice(client)
    await client.patch(f"/v3/invoices/{invoice['id']}", {"dueDate": "2026-07-01"})


async def fail_autopay(client: BillClient) -> None:
    vendor = await make_vendor(client)
    body = {"autoPay": {"enabled": True}}
    assert (await client.patch(f"/v3/vendors/{vendor['id']}", body)).status == 200
    answer = await client.simulate("autopay.failed", vendor["id"], code="3")
    assert answer.status == 200, answer.body


async def decide(client: BillClient) -> None:
    organization_id = client.world["organizationId"]
    answer = await client.simulate("risk_verification.decided", organization_id, decision="HOLD")
    assert answer.status == 200, answer.body


Scene = Callable[[BillClient], Awaitable[Any]]


def switched(make: Scene, path: str, *verbs: str) -> Scene:
    """A record is made, then archived, or archived and restored."""

    async def run(client: BillClient) -> None:
        record = await make(client)
        for verb in verbs:
            answer = await client.post(f"/v3/{path}/{record['id']}/{verb}")
            assert answer.status == 200, answer.body

    return run


SCENES: dict[str, Scene] = {
    "vendor.created": make_vendor,
    "vendor.updated": edit_vendor,
    "vendor.archived": switched(make_vendor, "vendors", "archive"),
    "vendor.restored": switched(make_vendor, "vendors", "archive", "restore"),
    "autopay.failed": fail_autopay,
    "bill.created": make_bill,
    "bill.updated": edit_bill,
    "bill.archived": switched(make_bill, "bills", "archive"),
    "bill.restored": switched(make_bill, "bills", "archive", "restore"),
    "payment.created": make_payment,
    "payment.updated": switched(make_payment, "payments", "cancel"),
    "payment.failed": fail_payment,
    "bank-account.created": make_account,
    "bank-account.updated": verify_account,
    "invoice.created": make_invoice,
    "invoice.updated": edit_invoice,
    "invoice.archived": switched(make_invoice, "invoices", "archive"),
    "invoice.restored": switched(make_invoice, "invoices", "archive", "restore"),
    "risk-verification.updated": decide,
}


def test_the_events_are_those_of_bills_catalog_in_its_order() -> None:
    assert list(notices()) == CATALOG


def test_every_event_that_can_happen_here_has_a_scene() -> None:
    happen = {notice.type for notice in notices().values() if notice.tell}
    assert happen == set(SCENES)


@pytest.mark.parametrize("event_type", CATALOG)
def test_a_sample_has_every_documented_member_in_order(event_type: str) -> None:
    wire = notices()[event_type].sample.wire()
    assert list(paths(json.loads(wire))) == members(event_type)
    check_golden(f"notices/samples/{event_type}.json", wire)


@pytest.mark.parametrize("event_type", SCENES)
async def test_a_payload_has_every_documented_member_in_order(
    told: tuple[BillClient, Listener], event_type: str
) -> None:
    client, listener = told
    await SCENES[event_type](client)
    newest = listener.last(event_type)
    assert list(paths(newest)) == [name for name in members(event_type) if name not in UNTOLD]
    check_golden(f"notices/{event_type}.json", listener.of(event_type)[-1])


@pytest.mark.parametrize("entity", ["vendor", "bill", "invoice"])
def test_only_the_sample_of_an_archived_record_is_archived(entity: str) -> None:
    archived = {
        event_type: json.loads(notice.sample.wire())[entity]["archived"]
        for event_type, notice in notices().items()
        if event_type.startswith(f"{entity}.")
    }
    assert [name for name, is_archived in archived.items() if is_archived] == [f"{entity}.archived"]


async def test_a_vendor_is_told_with_its_whole_tax_id_and_what_is_open(
    told: tuple[BillClient, Listener],
) -> None:
    client, listener = told
    bill = await make_bill(client)
    path = f"/v3/vendors/{bill['vendorId']}"
    body = {"name": "Sad Music", "additionalInfo": {"taxId": "987654321"}}
    answer = await client.patch(path, body)
    vendor = listener.last("vendor.updated")["vendor"]
    assert answer.body["additionalInfo"]["taxId"] == "*****4321"
    assert vendor["additionalInfo"]["taxId"] == "987654321"
    assert vendor["balance"]["amount"] == 228.99
    assert vendor["accountNumber"] == "0012345"


async def test_a_bill_is_told_without_lines_and_approvals(
    told: tuple[BillClient, Listener],
) -> None:
    client, listener = told
    bill = await make_bill(client)
    payload = listener.last("bill.created")["bill"]
    administrator = next(u for u in client.world["users"] if u["role"] == "ADMINISTRATOR")
    assert payload["invoice"]["invoiceDate"] == "2026-12-01T00:00:00.000Z"
    assert payload["dueDate"] == "2026-12-31"
    assert payload["createdBy"] == administrator["userId"]
    assert payload["vendorName"] == "Happy Music Supplies"
    assert "itemId" not in payload["classifications"]
    # The API does not answer who made a bill.
    assert "createdBy" not in (await client.get(f"/v3/bills/{bill['id']}")).body


@pytest.mark.parametrize("newer", [False, True])
async def test_an_invoice_is_told_with_who_made_it_whatever_the_api_answers(
    http: aiohttp.ClientSession, newer: bool
) -> None:
    async with office(http, notices(), newer_fields=newer) as (client, listener):
        invoice = await make_invoice(client)
        administrator = next(u for u in client.world["users"] if u["role"] == "ADMINISTRATOR")
        assert ("createdBy" in invoice) is newer
        assert listener.last("invoice.created")["invoice"]["createdBy"] == administrator["userId"]


async def test_a_bank_account_is_masked_by_five_asterisks(
    told: tuple[BillClient, Listener],
) -> None:
    client, listener = told
    await verify_account(client)
    new = listener.last("bank-account.created")["bank-account"]
    verified = listener.last("bank-account.updated")["bank-account"]
    assert [new["accountNumber"], verified["accountNumber"]] == ["*****2333"] * 2
    assert [new["routingNumber"], verified["routingNumber"]] == ["074000010"] * 2
    assert [(one["status"], one["archived"]) for one in (new, verified)] == [
        ("PENDING", True),
        ("VERIFIED", False),
    ]


ACH_ACCOUNT = {"type": "ACH", "accountNumber": "******333"}


async def test_a_payment_is_told_by_its_single_status_and_its_money_once_it_is_sent(
    told: tuple[BillClient, Listener],
) -> None:
    client, listener = told
    await make_payment(client)
    await client.advance(businessDays=10)
    course = [json.loads(payload)["payment"] for payload in listener.of("payment.updated")]
    arrives = {"arrivesByDate": "2026-06-09"}
    before = {**arrives, "disbursementAccount": {}}
    after = {"amount": 100.0, "currency": "USD", **arrives, "disbursementAccount": ACH_ACCOUNT}
    assert [(one["status"], one["disbursement"]) for one in course] == [
        ("SCHEDULED", before),
        ("FUNDING_STARTED", before),
        ("PROCESSED", before),
        ("SENT", after),
        ("CLEARED", after),
    ]
    assert {one["billingType"] for one in course} == {"BDC"}


async def test_a_check_goes_to_no_account(told: tuple[BillClient, Listener]) -> None:
    client, listener = told
    vendor = await client.new_vendor(by_check=True)
    answer = await client.pay(await client.new_bill(vendor["id"], 100), 100)
    assert answer.status == 201, answer.body
    await client.advance(businessDays=10)
    account = listener.last("payment.updated")["payment"]["disbursement"]["disbursementAccount"]
    assert account == {"type": "CHECK"}


async def test_money_in_a_wallet_is_told_once_it_is_there(
    told: tuple[BillClient, Listener],
) -> None:
    client, listener = told
    vendor = await client.new_vendor()
    body = {"networkId": "0140000000001001", "networkType": "BILL"}
    assert (await client.post(f"/v3/network/invitation/vendor/{vendor['id']}", body)).status == 200
    answer = await client.pay(await client.new_bill(vendor["id"], 100), 100)
    assert answer.status == 201, answer.body
    await client.advance(businessDays=10)
    course = [json.loads(payload)["payment"] for payload in listener.of("payment.updated")]
    assert [(one["status"], one["disbursement"].get("amount")) for one in course] == [
        ("SCHEDULED", None),
        ("FUNDING_STARTED", None),
        ("PROCESSED", None),
        ("SENT", 100.0),
        ("CLEARED", 100.0),
    ]


async def test_a_payment_is_told_after_its_vendors_account_was_taken_away(
    told: tuple[BillClient, Listener],
) -> None:
    client, listener = told
    payment = await make_payment(client)
    await client.delete(f"/v3/vendors/{payment['vendorId']}/bank-account")
    await client.advance(businessDays=10)
    account = listener.last("payment.updated")["payment"]["disbursement"]["disbursementAccount"]
    assert account == {"type": "ACH"}


async def test_a_recorded_payment_is_told_without_a_funding_account(
    told: tuple[BillClient, Listener],
) -> None:
    client, listener = told
    bill = await make_bill(client)
    body = {
        "vendorId": bill["vendorId"],
        "processDate": "2026-06-01",
        "payments": [{"billId": bill["id"], "amount": 28.99}],
        "toPrintCheck": False,
    }
    answer = await client.post("/v3/bills/record-payment", body)
    assert answer.status == 200, answer.body
    payment = listener.last("payment.created")["payment"]
    assert (payment["status"], payment["funding"], payment["disbursement"]) == (
        "CLEARED",
        {"amount": 28.99, "currency": "USD"},
        {"amount": 28.99, "currency": "USD", "disbursementAccount": {"type": "OFFLINE"}},
    )


AUTOPAY_ERRORS = {
    "1": "User is inactive.",
    "2": "User is unauthorized.",
    "3": "Bank account is inactive.",
    "4": "Bill not ready to be paid.",
    "5": "Bill has existing payment.",
    "6": "Cannot pay offline vendor.",
}


async def test_a_failed_autopay_tells_who_set_it_up_the_account_and_each_error(
    told: tuple[BillClient, Listener],
) -> None:
    client, listener = told
    vendor = await make_vendor(client)
    administrator = next(u for u in client.world["users"] if u["role"] == "ADMINISTRATOR")
    await client.patch(f"/v3/vendors/{vendor['id']}", {"autoPay": {"enabled": True}})
    for code in AUTOPAY_ERRORS:
        await client.simulate("autopay.failed", vendor["id"], code=code)
    payloads = [json.loads(payload) for payload in listener.of("autopay.failed")]
    errors = [error for payload in payloads for error in payload["errors"]]
    assert {error["code"]: error["message"] for error in errors} == AUTOPAY_ERRORS
    assert AUTOPAY_FAILURES == AUTOPAY_ERRORS
    assert payloads[0]["autopay"] == {
        "vendor": {"name": "Happy Music Supplies", "id": vendor["id"]},
        "createdBy": administrator["userId"],
        "updatedTime": "2026-06-03T16:00:00.000+00:00",
        # The default account for payables, as autoPay names none.
        "fundingAccount": {"id": await client.bank_account(), "type": "BANK_ACCOUNT"},
    }


async def test_autopay_names_its_own_account(told: tuple[BillClient, Listener]) -> None:
    client, listener = told
    account = await make_account(client)
    vendor = await make_vendor(client)
    auto_pay = {"enabled": True, "bankAccountId": account["id"]}
    await client.patch(f"/v3/vendors/{vendor['id']}", {"autoPay": auto_pay})
    await client.simulate("autopay.failed", vendor["id"])
    payload = listener.last("autopay.failed")["autopay"]
    assert payload["fundingAccount"] == {"id": account["id"], "type": "BANK_ACCOUNT"}


async def test_a_connected_vendor_is_told_with_its_id_in_the_network(
    told: tuple[BillClient, Listener],
) -> None:
    client, listener = told
    vendor = await client.new_vendor(by_check=True)
    path = f"/v3/network/invitation/vendor/{vendor['id']}"
    answer = await client.post(path, {"networkId": "0140000000001001", "networkType": "BILL"})
    assert answer.status == 200, answer.body
    connected = listener.last("vendor.updated")["vendor"]
    assert (connected["networkStatus"], connected["paymentNetworkId"]) == (
        "CONNECTED",
        "0140000000001001",
    )
    assert "rppsId" not in connected
