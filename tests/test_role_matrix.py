"""Which role may do which write of the mission, from one table written by hand.

The first word of a row's note tells how far the row is known: `known` from BILL's
Help Center, reference or the mission guide; `open` where none of them says and the
simulator's own declaration stands.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import Answer, BillClient
from tests.mission import NAMES
from tests.refusals import check_refused
from tests.resources.approvals import ACTIONS, POLICIES, new_policy, policy_body, signed_in
from tests.resources.payables import (
    BANK_BODY,
    BANKS,
    NO_PERMISSION,
    SMALLEST_VENDOR,
    bill_body,
)
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
from tests.resources.uploads import upload

ROLES = ["ADMINISTRATOR", "ACCOUNTANT", "APPROVER", "PAYER", "CLERK", "AUDITOR"]
# The roles by the first two letters of their names.
TABLE = """
POST /v3/bills                                         201 Ad Ac .. .. Cl ..  known: enter bills
POST /v3/bills/bulk                                    201 Ad Ac .. .. Cl ..  known: enter bills
PATCH /v3/bills/{billId}                               200 Ad Ac .. .. Cl ..  known: enter bills
PUT /v3/bills/{billId}                                 200 Ad Ac .. .. Cl ..  known: enter bills
POST /v3/bills/{billId}/archive                        200 Ad Ac .. .. Cl ..  known: enter bills
POST /v3/vendors                                       201 Ad Ac .. .. Cl ..  known: enter vendors
PATCH /v3/vendors/{vendorId}                           200 Ad Ac .. .. Cl ..  known: enter vendors
POST /v3/vendors/{vendorId}/bank-account               200 Ad Ac .. .. Cl ..  open: as the vendor
POST /v3/payments                                      201 Ad .. .. Pa .. ..  known: pay
POST /v3/payments/bulk                                 201 Ad .. .. Pa .. ..  known: pay
POST /v3/payments/{paymentId}/cancel                   200 Ad .. .. Pa .. ..  known: the guide
POST /v3/invoices                                      201 Ad Ac .. .. .. ..  open: Accountant
POST /v3/invoices/{invoiceId}/email                    200 Ad Ac .. .. .. ..  open: Accountant
POST /v3/customers                                     201 Ad Ac .. .. .. ..  open: Accountant
POST /v3/receivable-payments                           201 Ad Ac .. .. .. ..  open: Accountant
POST /v3/bill-approvals/actions                        200 Ad Ac Ap .. .. ..  known: approve
POST /v3/bill-approvals/policies                       201 Ad .. .. .. .. ..  open: nobody says
POST /v3/funding-accounts/banks                        201 Ad .. .. .. .. ..  known: reference
POST /v3/funding-accounts/banks/{bankAccountId}/verify 200 Ad .. .. .. .. ..  known: bank accounts
POST /v3/documents/bills/{billId}                      200 Ad Ac .. .. Cl ..  open: as the bill
POST /v3/login                                         200 Ad Ac Ap Pa Cl Au  known: everybody
POST /v3/logout                                        200 Ad Ac Ap Pa Cl Au  known: everybody
"""


@dataclass(frozen=True)
class Write:
    """A row of the table."""

    name: str
    status: int
    roles: frozenset[str]
    note: str


def _read(line: str) -> Write:
    method, path, status, *flags = line.split()
    marks = zip(ROLES, flags[:6], strict=True)
    roles = frozenset(role for role, mark in marks if role[:2].capitalize() == mark)
    return Write(f"{method} {path}", int(status), roles, " ".join(flags[6:]))


WRITES = [_read(line) for line in TABLE.strip().splitlines()]
# Who may not pay is told in words of its own, and twice where a bill is named.
MAY_NOT_PAY = ("BDC_1150", "User cannot make online payments.")

Send = Callable[[BillClient, BillClient, str], Awaitable[Answer]]


async def _a_bill(admin: BillClient) -> dict[str, Any]:
    return await admin.new_bill((await admin.new_vendor())["id"])


async def _funding(admin: BillClient) -> dict[str, str]:
    return {"type": "BANK_ACCOUNT", "id": await admin.bank_account()}


async def create_bill(admin: BillClient, user: BillClient, role: str) -> Answer:
    return await user.post("/v3/bills", bill_body((await admin.new_vendor())["id"]))


async def create_bills(admin: BillClient, user: BillClient, role: str) -> Answer:
    return await user.post("/v3/bills/bulk", [bill_body((await admin.new_vendor())["id"])])


async def update_bill(admin: BillClient, user: BillClient, role: str) -> Answer:
    return await user.patch(f"/v3/bills/{(await _a_bill(admin))['id']}", {"description": "x"})


async def replace_bill(admin: BillClient, user: BillClient, role: str) -> Answer:
    bill = await _a_bill(admin)
    return await user.put(f"/v3/bills/{bill['id']}", bill_body(bill["vendorId"]))


async def archive_bill(admin: BillClient, user: BillClient, role: str) -> Answer:
    return await user.post(f"/v3/bills/{(await _a_bill(admin))['id']}/archive")


async def create_vendor(admin: BillClient, user: BillClient, role: str) -> Answer:
    return await user.post("/v3/vendors", SMALLEST_VENDOR)


async def update_vendor(admin: BillClient, user: BillClient, role: str) -> Answer:
    vendor = await admin.new_vendor()
    return await user.patch(f"/v3/vendors/{vendor['id']}", {"name": "Drums & Co"})


async def create_vendor_account(admin: BillClient, user: BillClient, role: str) -> Answer:
    vendor = await admin.new_vendor(by_check=True)
    body = {"nameOnAccount": "x", "accountNumber": "111222333", "routingNumber": "074000010"}
    return await user.post(f"/v3/vendors/{vendor['id']}/bank-account", body)


async def create_payment(admin: BillClient, user: BillClient, role: str) -> Answer:
    bill = await _a_bill(admin)
    body = {
        "billId": bill["id"],
        "amount": 1,
        "fundingAccount": await _funding(admin),
        "processingOptions": {},
    }
    return await user.post("/v3/payments", body)


async def create_payments(admin: BillClient, user: BillClient, role: str) -> Answer:
    items = [{"billId": (await _a_bill(admin))["id"], "amount": 1}]
    body = {"fundingAccount": await _funding(admin), "payments": items}
    return await user.post("/v3/payments/bulk", body)


async def cancel_payment(admin: BillClient, user: BillClient, role: str) -> Answer:
    payment = await admin.pay(await _a_bill(admin), 1)
    return await user.post(f"/v3/payments/{payment.body['id']}/cancel")


async def create_invoice(admin: BillClient, user: BillClient, role: str) -> Answer:
    return await user.post(INVOICES, invoice_body((await new_customer(admin))["id"]))


async def email_invoice(admin: BillClient, user: BillClient, role: str) -> Answer:
    invoice = await new_invoice(admin, (await new_customer(admin))["id"])
    return await user.post(f"{INVOICES}/{invoice['id']}/email", {})


async def create_customer(admin: BillClient, user: BillClient, role: str) -> Answer:
    return await user.post(CUSTOMERS, SMALLEST_CUSTOMER)


async def charge_customer(admin: BillClient, user: BillClient, role: str) -> Answer:
    return await user.post(RECEIVED, await chargeable(admin))


async def act(admin: BillClient, user: BillClient, role: str) -> Answer:
    may_approve = role in ("ADMINISTRATOR", "ACCOUNTANT", "APPROVER")
    await new_policy(admin, role if may_approve else "APPROVER")
    bill = await admin.new_bill((await admin.new_vendor())["id"], 1000)
    return await user.post(ACTIONS, [{"billId": bill["id"], "action": "APPROVE"}])


async def create_policy(admin: BillClient, user: BillClient, role: str) -> Answer:
    return await user.post(POLICIES, policy_body(admin))


async def create_bank(admin: BillClient, user: BillClient, role: str) -> Answer:
    return await user.post(BANKS, BANK_BODY)


async def verify_bank(admin: BillClient, user: BillClient, role: str) -> Answer:
    account = (await admin.post(BANKS, BANK_BODY)).body
    return await user.post(f"{BANKS}/{account['id']}/verify", {"depositAmount": 0.5})


async def upload_document(admin: BillClient, user: BillClient, role: str) -> Answer:
    return await upload(user, f"/v3/documents/bills/{(await _a_bill(admin))['id']}")


async def login(admin: BillClient, user: BillClient, role: str) -> Answer:
    return await user.login(role)


async def logout(admin: BillClient, user: BillClient, role: str) -> Answer:
    return await user.post("/v3/logout")


# In the order of the table.
SENDS: list[Send] = [
    create_bill,
    create_bills,
    update_bill,
    replace_bill,
    archive_bill,
    create_vendor,
    update_vendor,
    create_vendor_account,
    create_payment,
    create_payments,
    cancel_payment,
    create_invoice,
    email_invoice,
    create_customer,
    charge_customer,
    act,
    create_policy,
    create_bank,
    verify_bank,
    upload_document,
    login,
    logout,
]


def test_the_table_has_every_write_of_the_mission() -> None:
    assert [write.name for write in WRITES] == [
        name for name in NAMES if not name.startswith("GET ")
    ]
    assert {write.note.split(":")[0] for write in WRITES} == {"known", "open"}
    for write in WRITES:
        assert "ADMINISTRATOR" in write.roles


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("write", "send"),
    list(zip(WRITES, SENDS, strict=True)),
    ids=[write.name for write in WRITES],
)
async def test_a_role_may_do_what_the_table_allows_and_no_more(
    make_client: MakeClient, write: Write, send: Send, role: str
) -> None:
    admin = await make_client(trusted=True)
    # Trust comes before the role; with it, nothing but the role can refuse.
    user = await signed_in(admin, role, trusted=True)
    answer = await send(admin, user, role)
    if role in write.roles:
        assert answer.status == write.status, answer.body
    elif write.name == "POST /v3/payments":
        bill_id = (await admin.get("/v3/bills")).body["results"][0]["id"]
        code, text = MAY_NOT_PAY
        check_refused(answer, 422, MAY_NOT_PAY, (code, f"{bill_id} : {text}"))
    elif write.name == "POST /v3/payments/bulk":
        check_refused(answer, 422, MAY_NOT_PAY)
    else:
        check_refused(answer, 403, NO_PERMISSION)
