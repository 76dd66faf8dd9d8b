"""The accounts payable journey, from sign-in to settlement, over plain HTTP."""

from __future__ import annotations

from tests.http import BillClient


async def test_sign_in_step_up_vendor_bill_payment_settlement(client: BillClient) -> None:
    session = await client.get("/v3/login/session")
    assert session.body["mfaStatus"] == "SETUP"

    setup = await client.post("/v3/mfa/setup", {"phone": "+14155550123", "type": "TEXT"})
    validated = await client.post(
        "/v3/mfa/setup/validate",
        {"setupId": setup.body["setupId"], "type": "TEXT", "token": await client.code()},
    )
    assert validated.body == {"status": "SUCCESS"}
    challenge = await client.post("/v3/mfa/challenge", {})
    remembered = await client.post(
        "/v3/mfa/challenge/validate",
        {
            "challengeId": challenge.body["challengeId"],
            "token": await client.code(),
            "device": "journey",
            "rememberMe": True,
        },
    )
    assert remembered.status == 200
    session = await client.get("/v3/login/session")
    assert session.body["mfaStatus"] == "COMPLETE"

    vendor = await client.new_vendor()
    assert vendor["paymentInformation"]["payByType"] == "ACH"
    bill = await client.new_bill(vendor["id"], 228.99)
    assert (bill["paymentStatus"], bill["dueAmount"]) == ("UNPAID", 228.99)

    paid = await client.pay(bill, 228.99, processDate="2026-06-04")
    assert paid.status == 201, paid.body
    payment = paid.body
    assert (payment["singleStatus"], payment["status"]) == ("SCHEDULED", "SCHEDULED")
    assert payment["disbursementType"] == "ACH"

    async def statuses() -> tuple[str, str, str, float, float]:
        now = (await client.get(f"/v3/payments/{payment['id']}")).body
        of = (await client.get(f"/v3/bills/{bill['id']}")).body
        return (
            now["singleStatus"],
            now["status"],
            of["paymentStatus"],
            of["dueAmount"],
            of["paidAmount"],
        )

    assert await statuses() == ("SCHEDULED", "SCHEDULED", "SCHEDULED", 0.0, 0.0)
    await client.advance(businessDays=1)
    assert await statuses() == ("FUNDING_STARTED", "SCHEDULED", "IN_PROCESS", 0.0, 0.0)
    # Friday 9 am: the account was debited at six, the money leaves at noon.
    await client.advance(businessDays=1)
    assert await statuses() == ("PROCESSED", "PAID", "IN_PROCESS", 0.0, 0.0)
    await client.advance(seconds=4 * 3600)
    assert await statuses() == ("SENT", "PAID", "IN_PROCESS", 0.0, 0.0)
    # The third bank day after the process date is the Tuesday after the weekend.
    await client.advance(to="2026-06-09T12:00:00-07:00")
    assert await statuses() == ("SENT", "PAID", "IN_PROCESS", 0.0, 0.0)
    await client.advance(to="2026-06-09T17:00:00-07:00")
    assert await statuses() == ("CLEARED", "PAID", "PAID", 0.0, 228.99)
    vendor = (await client.get(f"/v3/vendors/{vendor['id']}")).body
    assert vendor["balance"]["amount"] == 0.0
    assert vendor["paymentInformation"]["lastPaymentDate"] == "2026-06-04"
