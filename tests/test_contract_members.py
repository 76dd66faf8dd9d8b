"""Answers that hold every member of BILL's shapes, but those that are named as not built."""

from __future__ import annotations

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
    faults,
)
from tests.http import Answer
from tests.resources.payables import (
    BANK_BODY,
    BANKS,
    BILL_CLASSIFICATIONS,
    FULL_VENDOR,
    LINE_CLASSIFICATIONS,
)

if not OPERATIONS:
    pytest.skip(NOT_THERE, allow_module_level=True)

V = "/connect/v3/vendors"
B = "/connect/v3/bills"
P = "/connect/v3/payments"
K = f"/connect{BANKS}"

VENDOR_ACCOUNT = {
    "nameOnAccount": "Bill Vendorson",
    "accountNumber": "111222333",
    "routingNumber": "074000010",
    "type": "CHECKING",
    "ownerType": "BUSINESS",
    "paymentCurrency": "USD",
}
VENDOR = {
    **FULL_VENDOR,
    "paymentInformation": {**FULL_VENDOR["paymentInformation"], "bankAccount": VENDOR_ACCOUNT},
}
# Virtual cards and national billers are not simulated.
NO_VENDOR_MEMBERS = {"paymentInformation.virtualCard", "rppsId"}
UNPAID_VENDOR = NO_VENDOR_MEMBERS | {"paymentInformation.lastPaymentDate"}
# A bill without approval policy has no approvers.
NO_BILL_MEMBERS = {"approvers"}
# Nothing has happened to a payment that was just made.
NEW_PAYMENT = {
    "billPayments.vendorCredits",
    "voidInfo",
    "disbursementStatus",
    "disbursementInfo",
}
WAYS = {
    f"disbursementInfo.{way}Disbursement"
    for way in ("check", "ach", "rpps", "international", "vcard", "wallet")
}

Rich = Callable[[Contractor], Awaitable[Answer]]
RICH: list[tuple[str, Rich, set[str]]] = []


def rich(key: str, missing: set[str] | None = None) -> Callable[[Rich], Rich]:
    """Say that the answer of an operation has all members of its shape but `missing`."""

    def note(make: Rich) -> Rich:
        RICH.append((key, make, missing or set()))
        return make

    return note


def within(stem: str, members: set[str]) -> set[str]:
    return {f"{stem}.{member}" for member in members}


def bill_body(c: Contractor) -> dict[str, Any]:
    return {
        "vendorId": c.values["vendor_id"],
        "dueDate": "2025-12-31",
        "billLineItems": [
            {
                "quantity": 2,
                "price": 50.5,
                "description": "Cymbal stand",
                "classifications": LINE_CLASSIFICATIONS,
            }
        ],
        "invoice": {"invoiceNumber": "N-1", "invoiceDate": "2025-12-01"},
        "description": "Stage equipment",
        "payFromChartOfAccountId": "0ca02AAAAAAAAAA00002",
        "classifications": BILL_CLASSIFICATIONS,
        "purchaseOrderNumber": "PO-7",
        "allowDuplicateInvoiceNumber": True,
    }


def payment_body(c: Contractor) -> dict[str, Any]:
    return {
        "vendorId": c.values["vendor_id"],
        "billId": c.values["bill_id"],
        "processDate": "2025-12-31",
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": c.values["org_bank_account_id"]},
        "amount": 100,
        "description": "December",
        "transactionNumber": "DEC2025",
        "processingOptions": {
            "requestPayFaster": True,
            "createBill": False,
            "requestCheckDeliveryType": "UPS_1DAY",
        },
        "paymentPurpose": {"text": "Drums", "code": {"name": "Goods", "value": "GDS"}},
        "cardFundingPurpose": "Goods",
    }


async def with_full_vendor(c: Contractor, **more: Any) -> Answer:
    answer = await c.send(f"POST {V}", {**VENDOR, **more})
    c.values["vendor_id"] = answer.body["id"]
    return answer


async def with_full_bill(c: Contractor, **more: Any) -> Answer:
    await with_full_vendor(c, **more)
    answer = await c.send(f"POST {B}", bill_body(c))
    c.values["bill_id"] = answer.body["id"]
    return answer


async def with_full_payment(c: Contractor, **more: Any) -> Answer:
    await with_full_bill(c, **more)
    answer = await c.send(f"POST {P}", payment_body(c))
    c.values["payment_id"] = answer.body["id"]
    return answer


async def with_settled_payment(c: Contractor, **more: Any) -> None:
    await with_full_payment(c, **more)
    await c.client.simulate("payment.settled", c.values["payment_id"])


async def with_bank_account(c: Contractor, number: str = "123456789") -> Answer:
    optional = {"accessToAdmins": True, "chartOfAccountId": "0ca02AAAAAAAAAA00002"}
    answer = await c.send(f"POST {K}", {**BANK_BODY, "accountNumber": number, **optional})
    c.values["org_bank_account_id"] = answer.body["id"]
    return answer


async def with_verified_account(c: Contractor) -> None:
    await with_bank_account(c)
    await c.example(f"POST {K}/{{bankAccountId}}/verify")


@rich(f"POST {V}", UNPAID_VENDOR)
async def vendor(c: Contractor) -> Answer:
    return await with_full_vendor(c)


@rich(f"POST {V}/bulk", within("vendors", UNPAID_VENDOR))
async def vendors_in_bulk(c: Contractor) -> Answer:
    return await c.send(f"POST {V}/bulk", [VENDOR, VENDOR])


@rich(f"GET {V}/{{vendorId}}", NO_VENDOR_MEMBERS)
async def paid_vendor(c: Contractor) -> Answer:
    await with_settled_payment(c)
    return await c.send(f"GET {V}/{{vendorId}}")


@rich(f"PATCH {V}/{{vendorId}}", NO_VENDOR_MEMBERS)
async def changed_vendor(c: Contractor) -> Answer:
    await with_settled_payment(c)
    return await c.send(f"PATCH {V}/{{vendorId}}", VENDOR)


@rich(f"POST {V}/{{vendorId}}/archive", NO_VENDOR_MEMBERS)
async def archived_vendor(c: Contractor) -> Answer:
    await with_settled_payment(c)
    return await c.send(f"POST {V}/{{vendorId}}/archive")


@rich(f"GET {V}", within("results", UNPAID_VENDOR))
async def listed_vendors(c: Contractor) -> Answer:
    await with_full_vendor(c)
    await with_full_vendor(c)
    return await c.second_page("/v3/vendors")


@rich(f"POST {V}/{{vendorId}}/bank-account")
async def vendor_account(c: Contractor) -> Answer:
    await with_full_vendor(c)
    await c.send(f"DELETE {V}/{{vendorId}}/bank-account")
    return await c.send(f"POST {V}/{{vendorId}}/bank-account", VENDOR_ACCOUNT)


@rich(f"GET {V}/{{vendorId}}/bank-account")
async def read_vendor_account(c: Contractor) -> Answer:
    await with_full_vendor(c)
    return await c.send(f"GET {V}/{{vendorId}}/bank-account")


@rich(f"GET {V}/configuration/international-payments")
async def configuration(c: Contractor) -> Answer:
    query = "country=IN&billCurrency=INR&accountType=PERSON"
    return await c.client.get(f"/v3/vendors/configuration/international-payments?{query}")


@rich(f"GET {V}/{{vendorId}}/configuration")
async def vendor_configuration(c: Contractor) -> Answer:
    await with_full_vendor(c, address={**VENDOR["address"], "country": "IN"})
    return await c.send(f"GET {V}/{{vendorId}}/configuration")


@rich(f"POST {B}", NO_BILL_MEMBERS)
async def bill(c: Contractor) -> Answer:
    return await with_full_bill(c)


@rich(f"POST {B}/bulk", NO_BILL_MEMBERS)
async def bills_in_bulk(c: Contractor) -> Answer:
    return await c.send(f"POST {B}/bulk", [bill_body(c), bill_body(c)])


@rich(f"GET {B}/{{billId}}", NO_BILL_MEMBERS)
async def read_bill(c: Contractor) -> Answer:
    await with_full_bill(c)
    return await c.send(f"GET {B}/{{billId}}")


@rich(f"PUT {B}/{{billId}}", NO_BILL_MEMBERS)
async def replaced_bill(c: Contractor) -> Answer:
    return await c.send(f"PUT {B}/{{billId}}", bill_body(c))


@rich(f"PATCH {B}/{{billId}}", NO_BILL_MEMBERS)
async def changed_bill(c: Contractor) -> Answer:
    line = (await with_full_bill(c)).body["billLineItems"][0]
    return await c.send(f"PATCH {B}/{{billId}}", {**bill_body(c), "billLineItems": [line]})


@rich(f"POST {B}/{{billId}}/archive", NO_BILL_MEMBERS)
async def archived_bill(c: Contractor) -> Answer:
    await with_full_bill(c)
    return await c.send(f"POST {B}/{{billId}}/archive")


@rich(f"GET {B}", within("results", NO_BILL_MEMBERS))
async def listed_bills(c: Contractor) -> Answer:
    await with_full_bill(c)
    await c.send(f"POST {B}", bill_body(c))
    return await c.second_page("/v3/bills", "sort=createdTime:desc")


@rich(
    f"POST {B}/record-payment",
    {"billPayments.vendorCredits", "remittanceEmail", "disbursementStatus"},
)
async def recorded_payment(c: Contractor) -> Answer:
    await with_full_bill(c)
    body = {
        "vendorId": c.values["vendor_id"],
        "processDate": "2025-11-20",
        "toPrintCheck": True,
        "payments": [{"billId": c.values["bill_id"], "amount": 101}],
        "description": "Paid in the shop",
        "classifications": {"chartOfAccountId": "0ca02AAAAAAAAAA00002"},
        "syncReference": "S-1",
        "allowExport": True,
    }
    return await c.send(f"POST {B}/record-payment", body)


@rich(f"POST {P}", NEW_PAYMENT)
async def payment(c: Contractor) -> Answer:
    return await with_full_payment(c)


# Bulk has no purpose of its own; the vendor of this bill has one.
@rich(f"POST {P}/bulk", within("payments", NEW_PAYMENT))
async def payments_in_bulk(c: Contractor) -> Answer:
    await with_full_bill(c)
    body = payment_body(c)
    del body["billId"], body["amount"], body["paymentPurpose"]
    body["payments"] = [{"billId": c.values["bill_id"], "amount": 50}]
    return await c.send(f"POST {P}/bulk", body)


@rich(
    f"GET {P}/{{paymentId}}",
    (WAYS - {"disbursementInfo.achDisbursement"}) | {"billPayments.vendorCredits", "voidInfo"},
)
async def settled_transfer(c: Contractor) -> Answer:
    await with_settled_payment(c)
    return await c.send(f"GET {P}/{{paymentId}}")


@rich(
    f"POST {P}/{{paymentId}}/void",
    (WAYS - {"disbursementInfo.checkDisbursement"})
    | {"billPayments.vendorCredits", "disbursementStatus"},
)
async def voided_check(c: Contractor) -> Answer:
    information = {**FULL_VENDOR["paymentInformation"]}
    await with_full_payment(c, paymentInformation=information)
    for _ in range(3):
        await c.client.simulate("payment.advanced", c.values["payment_id"])
    body = {"type": "VOID_ONLY", "reason": "Lost in the mail"}
    return await c.send(f"POST {P}/{{paymentId}}/void", body)


@rich(f"POST {P}/{{paymentId}}/cancel", NEW_PAYMENT)
async def canceled_payment(c: Contractor) -> Answer:
    await with_full_payment(c)
    return await c.send(f"POST {P}/{{paymentId}}/cancel")


@rich(
    f"GET {P}",
    within(
        "results",
        (WAYS - {"disbursementInfo.achDisbursement"}) | {"billPayments.vendorCredits", "voidInfo"},
    ),
)
async def listed_payments(c: Contractor) -> Answer:
    await with_settled_payment(c)
    another = {**payment_body(c), "amount": 1, "transactionNumber": "ANOTHER"}
    await c.send(f"POST {P}", another)
    return await c.second_page("/v3/payments")


# No world has a card account, and no condition of an option is known.
@rich(f"GET {P}/options", {"fundingOptions.cards", "fundingOptions.banks.conditions"})
async def options(c: Contractor) -> Answer:
    await with_verified_account(c)
    accesses = (await c.client.get(f"{BANKS}/users?currentUser=true")).body["results"]
    await c.client.post(f"{BANKS}/users/{accesses[-1]['id']}/archive")
    return await c.example(f"GET {P}/options")


@rich(f"POST {K}")
async def bank_account(c: Contractor) -> Answer:
    return await with_bank_account(c)


@rich(f"GET {K}/{{bankAccountId}}")
async def read_bank_account(c: Contractor) -> Answer:
    await with_bank_account(c)
    return await c.send(f"GET {K}/{{bankAccountId}}")


@rich(f"PATCH {K}/{{bankAccountId}}")
async def changed_bank_account(c: Contractor) -> Answer:
    await with_verified_account(c)
    change = {"default": {"payables": True, "receivables": True}, "bankName": "Third Bank"}
    return await c.send(f"PATCH {K}/{{bankAccountId}}", change)


@rich(f"POST {K}/{{bankAccountId}}/archive")
async def archived_bank_account(c: Contractor) -> Answer:
    await with_verified_account(c)
    return await c.send(f"POST {K}/{{bankAccountId}}/archive")


@rich(f"GET {K}")
async def listed_bank_accounts(c: Contractor) -> Answer:
    await with_bank_account(c, "123456789")
    await with_bank_account(c, "987654321")
    return await c.second_page(BANKS)


@rich(f"GET {K}/users")
async def listed_bank_users(c: Contractor) -> Answer:
    await c.example(f"POST {K}/users/nominate")
    return await c.second_page(f"{BANKS}/users")


@rich(f"POST {K}/users/{{bankAccountUserId}}/archive")
async def archived_bank_user(c: Contractor) -> Answer:
    return await c.send(f"POST {K}/users/{{bankAccountUserId}}/archive")


@pytest.mark.parametrize(("key", "make", "missing"), RICH, ids=[key for key, _, _ in RICH])
async def test_an_answer_has_all_members_of_its_shape_that_are_built(
    make_client: MakeClient, key: str, make: Rich, missing: set[str]
) -> None:
    contractor = Contractor(await make_client(trusted=True, start=BEFORE_THE_EXAMPLES))
    await contractor.furnish()
    answer = await make(contractor)
    assert answer.status == OPERATIONS[key]["success"], answer.body
    shape = OPERATIONS[key]["responseShape"]
    assert faults(answer.body, shape) == []
    assert absent(answer.body, shape) == missing
