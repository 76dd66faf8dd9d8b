"""BILL's check of an organization: begun, decided, and what it lets happen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.http import BillClient
from tests.refusals import check_faults, check_refused
from tests.resources.partnership import as_partner, as_user, new_organization, new_user, within
from tests.resources.payables import NO_DATA, NO_PERMISSION
from tests.resources.receivables import RECEIVED, chargeable

RISK = "/v3/risk-verifications"
PHONE = f"{RISK}/phone"
MOBILE = {"phoneNumber": "+14155550123", "phoneType": "MOBILE"}
DECIDED = "risk_verification.decided"


async def newcomer(client: BillClient) -> tuple[BillClient, str]:
    """An administrator of an organization that a partner just made, and its id."""
    partner = await as_partner(client)
    organization = (await new_organization(partner))["id"]
    user = (await new_user(partner, organization))["id"]
    return await as_user(partner, organization, user), organization


async def test_the_organization_of_a_world_is_approved(client: BillClient) -> None:
    found = (await client.get(RISK)).body
    assert (found["processingStatus"], found["decision"]) == ("COMPLETED", "APPROVE")
    # To begin again changes nothing.
    assert (await client.post(RISK)).body == found


async def test_a_check_is_begun_with_a_phone_and_ends_on_the_next_bank_day(
    client: BillClient,
) -> None:
    admin, _ = await newcomer(client)
    check_refused(await admin.get(RISK), 404, NO_DATA)
    assert (await admin.get(PHONE)).body == {"hasPhone": False}
    told = (None, "The user has no phone for risk verification.")
    check_refused(await admin.post(RISK), 422, told)
    added = await admin.post(PHONE, MOBILE)
    assert (added.status, added.raw) == (200, b"")
    assert (await admin.get(PHONE)).body == {"hasPhone": True}
    begun = await admin.post(RISK)
    assert begun.status == 200
    assert set(begun.body) == {"processingStatus", "decision", "referenceId"}
    assert (begun.body["processingStatus"], begun.body["decision"]) == (
        "IN_PROGRESS",
        "IN_PROGRESS",
    )
    assert (await admin.get(RISK)).body == begun.body
    await client.control("POST", "/clock/advance", {"seconds": 30 * 60})
    assert (await admin.get(RISK)).body["decision"] == "IN_PROGRESS"


@pytest.mark.parametrize(
    ("risk_checks", "at", "decision"),
    [
        ("approved", "2026-06-04T05:59:59-07:00", "IN_PROGRESS"),
        ("approved", "2026-06-04T06:00:00-07:00", "APPROVE"),
        ("undecided", "2026-12-31T06:00:00-07:00", "IN_PROGRESS"),
    ],
)
async def test_a_check_is_decided_on_the_clock_unless_told_otherwise(
    make_client: MakeClient, risk_checks: str, at: str, decision: str
) -> None:
    client = await make_client(session_expiry="never", risk_checks=risk_checks)
    admin, _ = await newcomer(client)
    await admin.post(PHONE, MOBILE)
    await admin.post(RISK)
    await client.control("POST", "/clock/advance", {"to": at})
    assert (await admin.get(RISK)).body["decision"] == decision


async def test_a_decision_of_the_control_plane_stands(make_client: MakeClient) -> None:
    client = await make_client(session_expiry="never")
    admin, organization = await newcomer(client)
    await admin.post(PHONE, MOBILE)
    await admin.post(RISK)
    decided = await client.simulate(DECIDED, organization, decision="REVIEW")
    assert decided.body["record"] == (await admin.get(RISK)).body
    await client.advance(days=30, sign_in=False)
    found = (await admin.get(RISK)).body
    assert (found["processingStatus"], found["decision"]) == ("COMPLETED", "REVIEW")


async def test_a_partner_gives_a_user_a_phone(client: BillClient) -> None:
    partner = await as_partner(client)
    organization = (await new_organization(partner))["id"]
    user = (await new_user(partner, organization))["id"]
    path = f"/v3/partner/risk-verifications/{user}/phone"
    inside = within(partner, organization)
    answer = await inside.post(path, MOBILE)
    assert (answer.status, answer.raw) == (200, b"")
    admin = await as_user(partner, organization, user)
    assert (await admin.get(PHONE)).body == {"hasPhone": True}
    unknown = "/v3/partner/risk-verifications/00602AAAAAAAAAAzzzzz/phone"
    check_refused(await inside.post(unknown, MOBILE), 404, NO_DATA)
    check_faults(await partner.post(path, MOBILE), "organizationId: must not be null")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, ("phoneNumber: must not be blank", "phoneType: must not be null")),
        ({**MOBILE, "phoneNumber": "555-0123"}, ("phoneNumber: invalid value",)),
    ],
)
async def test_a_phone_has_ten_digits_and_a_type(
    client: BillClient, body: dict[str, Any], told: tuple[str, ...]
) -> None:
    check_faults(await client.post(PHONE, body), *told)
    assert (await client.get(PHONE)).body == {"hasPhone": False}


async def test_only_administrators_begin_a_check(make_client: MakeClient) -> None:
    clerk = await make_client("CLERK")
    check_refused(await clerk.post(RISK), 403, NO_PERMISSION)
    assert (await clerk.get(RISK)).status == 200


@pytest.mark.parametrize(
    ("decision", "status"),
    [("HOLD", 422), ("DECLINE", 422), ("REVIEW", 201), ("IN_PROGRESS", 201)],
)
async def test_no_money_moves_while_the_organization_is_held_or_declined(
    payer: BillClient, decision: str, status: int
) -> None:
    bill = await payer.new_bill((await payer.new_vendor())["id"], 10)
    charge = await chargeable(payer)
    await payer.simulate(DECIDED, payer.world["organizationId"], decision=decision)
    paid, charged = await payer.pay(bill, 10), await payer.post(RECEIVED, charge)
    assert (paid.status, charged.status) == (status, status)
    if status == 422:
        told = f"The organization cannot move money. Its risk decision is {decision}."
        assert paid.body[0]["message"] == told
        check_refused(charged, 422, (None, told))
    await payer.simulate(DECIDED, payer.world["organizationId"], decision="APPROVE")
    if status == 422:
        assert (await payer.pay(bill, 10)).status == 201
