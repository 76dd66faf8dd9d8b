"""Who may pay and take back, what MFA trust allows, and in which order faults are told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import Answer, BillClient

NO_DATA = "No data found for object with given ID."
PENDING_BANK = {
    "nameOnAccount": "Cedar & Finch Trading",
    "routingNumber": "074000010",
    "accountNumber": "987654321",
    "type": "CHECKING",
    "ownerType": "BUSINESS",
    "bankName": "Second Cedar Bank",
}


def told(answer: Answer) -> list[tuple[str | None, str]]:
    """Code and message of every item of a refusal."""
    return [(item.get("code"), item["message"]) for item in answer.body]


@pytest.mark.parametrize("role", ["ACCOUNTANT", "APPROVER", "CLERK", "AUDITOR"])
async def test_a_role_that_may_not_pay_is_bdc_1150(payer: BillClient, role: str) -> None:
    bill = await payer.new_bill((await payer.new_vendor())["id"], 100)
    await payer.login(role)
    await payer.trust()
    answer = await payer.pay(bill, 100)
    assert answer.status == 422
    message = "User cannot make online payments."
    assert told(answer) == [("BDC_1150", message), ("BDC_1150", f"{bill['id']} : {message}")]


async def test_a_payer_may_pay(payer: BillClient) -> None:
    bill = await payer.new_bill((await payer.new_vendor())["id"], 100)
    await payer.login("PAYER")
    await payer.trust()
    assert (await payer.pay(bill, 100)).status == 201


@pytest.mark.parametrize("path", ["/v3/payments", "/v3/payments/bulk"])
@pytest.mark.parametrize("raw", [b"{", b"{}", b""])
async def test_an_untrusted_session_is_refused_before_the_body_is_read(
    client: BillClient, path: str, raw: bytes
) -> None:
    answer = await client.post(path, raw=raw)
    assert answer.status == 403
    assert told(answer) == [("BDC_1361", "Untrusted session.")]


async def test_signing_in_again_without_the_device_does_not_restore_trust(
    payer: BillClient,
) -> None:
    bill = await payer.new_bill((await payer.new_vendor())["id"], 100)
    await payer.login()
    answer = await payer.pay(bill, 100)
    assert (answer.status, told(answer)) == (403, [("BDC_1361", "Untrusted session.")])
    await payer.login(**payer.remembered)
    assert (await payer.pay(bill, 100)).status == 201


async def test_a_bypassed_mfa_lets_an_untrusted_session_pay(make_client: MakeClient) -> None:
    client = await make_client(mfa="bypassed")
    bill = await client.new_bill((await client.new_vendor())["id"], 100)
    assert (await client.pay(bill, 100)).status == 201


async def test_faults_are_told_in_the_order_of_the_checks(make_client: MakeClient) -> None:
    client = await make_client(vendor_bank_check="two_bank_days")
    await client.trust()
    vendor = await client.new_vendor()
    bill = await client.new_bill(vendor["id"], 100)
    used = await client.new_bill((await client.new_vendor(by_check=True))["id"], 1)
    await client.pay(used, 1, transactionNumber="T1")
    pending = (await client.post("/v3/funding-accounts/banks", PENDING_BANK)).body["id"]
    good = await client.bank_account()
    await client.post(f"/v3/bills/{bill['id']}/archive")
    await client.post(f"/v3/vendors/{vendor['id']}/archive")
    body: dict[str, Any] = {
        "billId": "00n02AAAAAAAAAA00000",
        "amount": 101,
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": pending},
        "processDate": "2026-06-03",
        "transactionNumber": "T1",
    }

    async def refused() -> tuple[int, str | None, str]:
        answer = await client.post("/v3/payments", body)
        assert [item.get("code") for item in answer.body] == (
            [answer.body[0].get("code")] * (2 if answer.status == 422 else 1)
        )
        return answer.status, answer.body[0].get("code"), answer.body[0]["message"]

    client.headers["sessionId"] = "unknown"
    assert await refused() == (401, "BDC_1109", "Session is invalid.  Please log in.")
    await client.login("ACCOUNTANT")
    assert await refused() == (403, "BDC_1361", "Untrusted session.")
    await client.trust()
    assert await refused() == (400, None, "processingOptions: must not be null")
    body["processingOptions"] = {}
    assert await refused() == (404, "BDC_1205", NO_DATA)
    body["billId"] = bill["id"]
    assert await refused() == (422, "BDC_1150", "User cannot make online payments.")
    await client.login("ADMINISTRATOR")
    await client.trust()
    assert await refused() == (422, "BDC_1151", "Bank account cannot make online payments.")
    body["fundingAccount"]["id"] = good
    assert await refused() == (422, None, f"Vendor {vendor['id']} is archived.")
    await client.post(f"/v3/vendors/{vendor['id']}/restore")
    assert await refused() == (422, None, f"Bill {bill['id']} is archived.")
    await client.post(f"/v3/bills/{bill['id']}/restore")
    assert await refused() == (422, "BDC_1152", "Invalid Process Date : ${paramName0}.")
    body["processDate"] = "2026-06-04"
    assert await refused() == (
        422,
        "BDC_1402",
        "Please select a payment processing date two business days out from today.",
    )
    body["processDate"] = "2026-06-05"
    assert await refused() == (422, "BDC_1159", "Cannot overpay a bill")
    body["amount"] = 100
    assert await refused() == (422, None, "transactionNumber T1 is already used.")
    body["transactionNumber"] = "T2"
    assert (await client.post("/v3/payments", body)).status == 201


@pytest.mark.parametrize("event", ["cancel", "void"])
@pytest.mark.parametrize("role", ["ACCOUNTANT", "APPROVER", "CLERK", "AUDITOR"])
async def test_a_role_that_may_not_pay_may_not_take_back(
    payer: BillClient, event: str, role: str
) -> None:
    bill = await payer.new_bill((await payer.new_vendor())["id"], 100)
    payment = (await payer.pay(bill, 100)).body
    await payer.login(role)
    body = {"type": "VOID_ONLY", "reason": "wrong"}
    answer = await payer.post(f"/v3/payments/{payment['id']}/{event}", body)
    assert answer.status == 403
    assert told(answer) == [
        ("BDC_1145", "The user does not have permission to perform this operation.")
    ]
