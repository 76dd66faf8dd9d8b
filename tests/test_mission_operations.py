"""The 34 operations of the mission guide, each by its name: status and essential answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.http import Answer, BillClient
from tests.mission import MISSION, NAMES
from tests.refusals import check_refused
from tests.resources.approvals import (
    ACTIONS,
    PENDING,
    POLICIES,
    approval,
    decide,
    new_policy,
    policy_body,
    signed_in,
    user_id,
)
from tests.resources.payables import BANK_BODY, BANKS, SMALLEST_VENDOR, bill_body
from tests.resources.receivables import (
    CUSTOMERS,
    INVOICES,
    RECEIVED,
    SMALLEST_CUSTOMER,
    chargeable,
    invoice_body,
    new_customer,
    new_invoice,
)
from tests.resources.uploads import INVALID_SESSION, PDF, fetch, upload

Check = Callable[[BillClient], Awaitable[None]]
CHECKS: dict[str, Check] = {}


def operation(name: str) -> Callable[[Check], Check]:
    """What is checked of an operation, with the client of a trusted administrator."""

    def keep(check: Check) -> Check:
        assert name not in CHECKS
        CHECKS[name] = check
        return check

    return keep


def body_of(answer: Answer, status: int) -> Any:
    assert answer.status == status, answer.body
    return answer.body


async def a_bill(payer: BillClient, amount: float = 228.99) -> dict[str, Any]:
    return await payer.new_bill((await payer.new_vendor())["id"], amount)


async def a_payment(payer: BillClient) -> dict[str, Any]:
    return dict(body_of(await payer.pay(await a_bill(payer), 228.99), 201))


@operation("POST /v3/bills")
async def _(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    bill = body_of(await payer.post("/v3/bills", bill_body(vendor["id"])), 201)
    assert (bill["vendorId"], bill["amount"], bill["dueAmount"]) == (vendor["id"], 228.99, 228.99)
    assert (bill["paymentStatus"], bill["approvalStatus"]) == ("UNPAID", "UNASSIGNED")


@operation("POST /v3/bills/bulk")
async def _(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    bodies = [bill_body(vendor["id"], number) for number in ("1", "2")]
    bills = body_of(await payer.post("/v3/bills/bulk", bodies), 201)
    assert [bill["invoice"]["invoiceNumber"] for bill in bills] == ["1", "2"]
    listed = (await payer.get("/v3/bills")).body["results"]
    assert [bill["id"] for bill in listed] == [bill["id"] for bill in bills]


@operation("GET /v3/bills")
async def _(payer: BillClient) -> None:
    first, second = await a_bill(payer), await a_bill(payer)
    page = body_of(await payer.get("/v3/bills?max=1"), 200)
    assert [bill["id"] for bill in page["results"]] == [first["id"]]
    rest = body_of(await payer.get(f"/v3/bills?max=1&page={page['nextPage']}"), 200)
    assert [bill["id"] for bill in rest["results"]] == [second["id"]]


@operation("GET /v3/bills/{billId}")
async def _(payer: BillClient) -> None:
    bill = await a_bill(payer)
    found = body_of(await payer.get(f"/v3/bills/{bill['id']}"), 200)
    assert found == {**bill, "vendorName": "Happy Music Supplies"}


@operation("PATCH /v3/bills/{billId}")
async def _(payer: BillClient) -> None:
    bill = await a_bill(payer)
    line = {"id": bill["billLineItems"][0]["id"], "amount": 100}
    change = {"dueDate": "2027-01-31", "billLineItems": [line]}
    edited = body_of(await payer.patch(f"/v3/bills/{bill['id']}", change), 200)
    assert (edited["id"], edited["dueDate"]) == (bill["id"], "2027-01-31")
    assert (edited["amount"], edited["dueAmount"]) == (100.0, 100.0)


@operation("PUT /v3/bills/{billId}")
async def _(payer: BillClient) -> None:
    bill = await a_bill(payer)
    whole = bill_body(bill["vendorId"], billLineItems=[{"amount": 1}, {"amount": 2}])
    edited = body_of(await payer.put(f"/v3/bills/{bill['id']}", whole), 200)
    assert (edited["id"], edited["amount"]) == (bill["id"], 3.0)
    assert bill["billLineItems"][0]["id"] not in [line["id"] for line in edited["billLineItems"]]


@operation("POST /v3/bills/{billId}/archive")
async def _(payer: BillClient) -> None:
    path = f"/v3/bills/{(await a_bill(payer))['id']}"
    assert body_of(await payer.post(f"{path}/archive"), 200)["archived"] is True
    assert (await payer.get(path)).body["archived"] is True
    assert body_of(await payer.post(f"{path}/restore"), 200)["archived"] is False


@operation("POST /v3/vendors")
async def _(payer: BillClient) -> None:
    vendor = body_of(await payer.post("/v3/vendors", SMALLEST_VENDOR), 201)
    assert (vendor["name"], vendor["archived"]) == ("Happy Music Supplies", False)
    assert vendor["paymentInformation"]["payByType"] == "CHECK"


@operation("GET /v3/vendors")
async def _(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    assert body_of(await payer.get("/v3/vendors"), 200) == {"results": [vendor]}


@operation("GET /v3/vendors/{vendorId}")
async def _(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    assert body_of(await payer.get(f"/v3/vendors/{vendor['id']}"), 200) == vendor


@operation("PATCH /v3/vendors/{vendorId}")
async def _(payer: BillClient) -> None:
    vendor = await payer.new_vendor()
    answer = await payer.patch(f"/v3/vendors/{vendor['id']}", {"name": "Drums & Co"})
    assert body_of(answer, 200) == {**vendor, "name": "Drums & Co"}


@operation("POST /v3/vendors/{vendorId}/bank-account")
async def _(payer: BillClient) -> None:
    vendor = await payer.new_vendor(by_check=True)
    path = f"/v3/vendors/{vendor['id']}"
    account = {
        "nameOnAccount": "Bill Vendorson",
        "accountNumber": "111222333",
        "routingNumber": "074000010",
    }
    kept = body_of(await payer.post(f"{path}/bank-account", account), 200)
    assert kept["accountNumber"].endswith("2333")
    assert kept["accountNumber"] != "111222333"
    assert (await payer.get(path)).body["paymentInformation"]["payByType"] == "ACH"


@operation("POST /v3/payments")
async def _(payer: BillClient) -> None:
    bill = await a_bill(payer)
    payment = body_of(await payer.pay(bill, 228.99), 201)
    assert (payment["billId"], payment["amount"]) == (bill["id"], 228.99)
    assert (payment["singleStatus"], payment["status"]) == ("SCHEDULED", "SCHEDULED")
    bill = (await payer.get(f"/v3/bills/{bill['id']}")).body
    assert (bill["paymentStatus"], bill["scheduledAmount"]) == ("SCHEDULED", 228.99)


@operation("POST /v3/payments/bulk")
async def _(payer: BillClient) -> None:
    bills = [await a_bill(payer), await a_bill(payer)]
    body = {
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": await payer.bank_account()},
        "payments": [{"billId": bill["id"], "amount": 10} for bill in bills],
    }
    made = body_of(await payer.post("/v3/payments/bulk", body), 201)["payments"]
    assert [one["billId"] for one in made] == [bill["id"] for bill in bills]
    assert [one["singleStatus"] for one in made] == ["SCHEDULED", "SCHEDULED"]


@operation("GET /v3/payments")
async def _(payer: BillClient) -> None:
    payment = await a_payment(payer)
    assert body_of(await payer.get("/v3/payments"), 200) == {"results": [payment]}


@operation("GET /v3/payments/{paymentId}")
async def _(payer: BillClient) -> None:
    payment = await a_payment(payer)
    assert body_of(await payer.get(f"/v3/payments/{payment['id']}"), 200) == payment


@operation("POST /v3/payments/{paymentId}/cancel")
async def _(payer: BillClient) -> None:
    payment = await a_payment(payer)
    answer = await payer.post(f"/v3/payments/{payment['id']}/cancel")
    body_of(answer, 200)
    payment = (await payer.get(f"/v3/payments/{payment['id']}")).body
    assert (payment["singleStatus"], payment["status"]) == ("CANCELED", "CANCELLED")
    bill = (await payer.get(f"/v3/bills/{payment['billId']}")).body
    assert (bill["paymentStatus"], bill["dueAmount"]) == ("UNPAID", 228.99)


@operation("POST /v3/invoices")
async def _(payer: BillClient) -> None:
    customer = await new_customer(payer)
    invoice = body_of(await payer.post(INVOICES, invoice_body(customer["id"], 100)), 201)
    assert (invoice["customerId"], invoice["status"]) == (customer["id"], "OPEN")
    assert (invoice["totalAmount"], invoice["dueAmount"]) == (100.0, 100.0)


@operation("GET /v3/invoices")
async def _(payer: BillClient) -> None:
    invoice = await new_invoice(payer, (await new_customer(payer))["id"])
    assert body_of(await payer.get(INVOICES), 200) == {"results": [invoice]}


@operation("POST /v3/invoices/{invoiceId}/email")
async def _(payer: BillClient) -> None:
    invoice = await new_invoice(payer, (await new_customer(payer))["id"])
    body = {
        "recipient": {"to": ["accounts@paperlessband.example"]},
        "replyTo": {"userId": user_id(payer, "ADMINISTRATOR")},
    }
    answer = await payer.post(f"{INVOICES}/{invoice['id']}/email", body)
    assert (answer.status, answer.raw) == (200, b"")
    mail = (await payer.control("GET", "/outbox?kind=email")).body["results"]
    assert [one["to"] for one in mail] == ["accounts@paperlessband.example"]


@operation("POST /v3/customers")
async def _(payer: BillClient) -> None:
    customer = body_of(await payer.post(CUSTOMERS, SMALLEST_CUSTOMER), 201)
    assert (customer["name"], customer["archived"]) == ("Paperless Band", False)
    assert customer["balance"] == {"amount": 0.0}


@operation("GET /v3/customers")
async def _(payer: BillClient) -> None:
    customer = await new_customer(payer)
    assert body_of(await payer.get(CUSTOMERS), 200) == {"results": [customer]}


@operation("POST /v3/receivable-payments")
async def _(payer: BillClient) -> None:
    """Charging a customer, which needs a charge authorization on file."""
    body = await chargeable(payer)
    payment = body_of(await payer.post(RECEIVED, body), 201)
    assert (payment["customerId"], payment["amount"]) == (body["customerId"], 60.0)
    assert payment["status"] == "SCHEDULED"
    (invoice,) = (await payer.get(INVOICES)).body["results"]
    assert (invoice["scheduledAmount"], invoice["dueAmount"]) == (60.0, 40.0)


@operation("POST /v3/bill-approvals/actions")
async def _(payer: BillClient) -> None:
    await new_policy(payer, "ADMINISTRATOR")
    yes, no = await a_bill(payer, 1000), await a_bill(payer, 2000)
    body = [
        {"billId": yes["id"], "action": "APPROVE", "comment": "Approved for payment"},
        {"billId": no["id"], "action": "DENY"},
    ]
    assert body_of(await payer.post(ACTIONS, body), 200) == {"status": "SUCCESS"}
    assert await approval(payer, yes["id"]) == ("APPROVED", ["APPROVED"])
    assert await approval(payer, no["id"]) == ("DENIED", ["DENIED"])


@operation("GET /v3/bill-approvals/pending-user-approvals")
async def _(payer: BillClient) -> None:
    await new_policy(payer, "APPROVER")
    bill = await a_bill(payer, 1000)
    approver = await signed_in(payer, "APPROVER")
    assert body_of(await approver.get(PENDING), 200) == {
        "bills": [
            {
                "billId": bill["id"],
                "vendorId": bill["vendorId"],
                "amount": 1000.0,
                "dueDate": "2026-12-31",
            }
        ]
    }
    await decide(approver, "APPROVE", bill["id"])
    assert body_of(await approver.get(PENDING), 200) == {"bills": []}


@operation("POST /v3/bill-approvals/policies")
async def _(payer: BillClient) -> None:
    policy = body_of(await payer.post(POLICIES, policy_body(payer, "APPROVER")), 201)
    assert policy["status"] == "ACTIVE"
    assert (await a_bill(payer, 1000))["approvalStatus"] == "ASSIGNED"
    assert (await a_bill(payer, 999))["approvalStatus"] == "UNASSIGNED"


@operation("POST /v3/funding-accounts/banks")
async def _(payer: BillClient) -> None:
    account = body_of(await payer.post(BANKS, BANK_BODY), 201)
    assert (account["status"], account["archived"]) == ("PENDING", True)
    assert account["accountNumber"] == "************3210"


@operation("GET /v3/funding-accounts/banks")
async def _(payer: BillClient) -> None:
    (account,) = body_of(await payer.get(BANKS), 200)["results"]
    assert (account["status"], account["default"]) == (
        "VERIFIED",
        {"payables": True, "receivables": True},
    )


@operation("POST /v3/funding-accounts/banks/{bankAccountId}/verify")
async def _(payer: BillClient) -> None:
    path = f"{BANKS}/{(await payer.post(BANKS, BANK_BODY)).body['id']}"
    wrong = await payer.post(f"{path}/verify", {"depositAmount": 0.49})
    assert body_of(wrong, 200) == {"verified": False}
    right = await payer.post(f"{path}/verify", {"depositAmount": 0.50})
    assert body_of(right, 200) == {"verified": True}
    account = (await payer.get(path)).body
    assert (account["status"], account["archived"]) == ("VERIFIED", False)


@operation("POST /v3/documents/bills/{billId}")
async def _(payer: BillClient) -> None:
    answer = await upload(payer, f"/v3/documents/bills/{(await a_bill(payer))['id']}")
    assert list(body_of(answer, 200)) == ["id"]
    assert answer.body["id"].startswith("0du")


@operation("GET /v3/documents/{documentId}")
async def _(payer: BillClient) -> None:
    sent = await upload(payer, f"/v3/documents/bills/{(await a_bill(payer))['id']}")
    await payer.advance(sign_in=False, seconds=120)
    status = await payer.get(f"/v3/documents/upload-status?ids={sent.body['id']}")
    document_id = status.body[0]["documentId"]
    document = body_of(await payer.get(f"/v3/documents/{document_id}"), 200)
    assert (document["id"], document["name"]) == (document_id, "invoice.pdf")
    assert (await fetch(payer, document["downloadLink"])).content == PDF


@operation("POST /v3/login")
async def _(payer: BillClient) -> None:
    session = body_of(await payer.login(), 200)
    assert set(session) == {"sessionId", "organizationId", "userId", "trusted"}
    assert session["organizationId"] == payer.world["organizationId"]
    assert session["trusted"] is False
    assert (await payer.get("/v3/vendors")).status == 200


@operation("GET /v3/login/session")
async def _(payer: BillClient) -> None:
    assert body_of(await payer.get("/v3/login/session"), 200) == {
        "organizationId": payer.world["organizationId"],
        "userId": user_id(payer, "ADMINISTRATOR"),
        "mfaStatus": "COMPLETE",
        "mfaBypass": False,
    }


@operation("POST /v3/logout")
async def _(payer: BillClient) -> None:
    answer = await payer.post("/v3/logout")
    assert (answer.status, answer.raw) == (200, b"")
    check_refused(await payer.get("/v3/vendors"), 401, INVALID_SESSION)


def test_the_mission_has_34_operations_in_nine_groups() -> None:
    assert [len(names) for names in MISSION.values()] == [7, 5, 5, 3, 3, 3, 3, 2, 3]
    assert len(set(NAMES)) == 34
    assert list(CHECKS) == NAMES


async def test_the_control_plane_lists_all_of_them_as_implemented(client: BillClient) -> None:
    listed = (await client.call("GET", "/_sim/operations")).body["results"]
    built = {
        f"{one['method']} {one['path'].removeprefix('/connect')}"
        for one in listed
        if one["status"] == "implemented"
    }
    assert set(NAMES) - built == set()


@pytest.mark.parametrize("name", NAMES)
async def test_the_operation_does_what_the_guide_says(payer: BillClient, name: str) -> None:
    await CHECKS[name](payer)
