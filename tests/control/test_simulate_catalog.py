"""Every event of BILL's side: it happens once, and is refused wherever it cannot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from simulator.resources.catalogue import simulations
from tests.conftest import MakeClient
from tests.control.problems import check_problem, check_told
from tests.http import BillClient
from tests.resources.payables import BANK_BODY, BANKS
from tests.resources.receivables import (
    RECEIVED,
    chargeable,
    new_account,
    new_customer,
    new_invoice,
)
from tests.resources.uploads import upload

Find = Callable[[BillClient], Awaitable[str]]

ASKS_FIRST = "0140000000001003"
AT_ONCE = "0140000000001001"


async def a_payment(client: BillClient) -> str:
    bill = await client.new_bill((await client.new_vendor())["id"], 100)
    return str((await client.pay(bill, 100)).body["id"])


async def a_check(client: BillClient) -> str:
    bill = await client.new_bill((await client.new_vendor(by_check=True))["id"], 100)
    return str((await client.pay(bill, 100)).body["id"])


def after(find: Find, *events: str) -> Find:
    """The record of `find`, to which the events happened."""

    async def found(client: BillClient) -> str:
        record_id = await find(client)
        for event in events:
            answer = await client.simulate(event, record_id)
            assert answer.status == 200, answer.body
        return record_id

    return found


async def canceled(client: BillClient) -> str:
    payment = await a_payment(client)
    await client.post(f"/v3/payments/{payment}/cancel")
    return payment


async def a_vendor(client: BillClient) -> str:
    return str((await client.new_vendor())["id"])


async def a_vendor_on_auto_pay(client: BillClient) -> str:
    return str((await client.new_vendor(autoPay={"enabled": True}))["id"])


async def a_bank_account(client: BillClient) -> str:
    return str((await client.post(BANKS, BANK_BODY)).body["id"])


async def a_nominated_user(client: BillClient) -> str:
    clerk = next(user for user in client.world["users"] if user["role"] == "CLERK")
    body = {"bankAccountId": await client.bank_account(), "userId": clerk["userId"]}
    assert (await client.post(f"{BANKS}/users/nominate", body)).status == 200
    users = (await client.get(f"{BANKS}/users")).body["results"]
    return next(str(user["id"]) for user in users if user["userId"] == clerk["userId"])


async def a_customer_account(client: BillClient) -> str:
    return str((await new_account(client, (await new_customer(client))["id"]))["id"])


async def an_upload(client: BillClient) -> str:
    bill = await client.new_bill(await a_vendor(client))
    return str((await upload(client, f"/v3/documents/bills/{bill['id']}")).body["id"])


async def a_charge(client: BillClient) -> str:
    return str((await client.post(RECEIVED, await chargeable(client))).body["id"])


async def an_invoice(client: BillClient) -> str:
    return str((await new_invoice(client, (await new_customer(client))["id"]))["id"])


def asked(network_id: str) -> Find:
    async def found(client: BillClient) -> str:
        vendor = await a_vendor(client)
        body = {"networkId": network_id, "networkType": "BILL"}
        answer = await client.post(f"/v3/network/invitation/vendor/{vendor}", body)
        assert answer.status == 200, answer.body
        return vendor

    return found


async def the_organization(client: BillClient) -> str:
    return str(client.world["organizationId"])


@dataclass(frozen=True)
class Case:
    """Where an event can happen, and where it cannot: by default where it just has."""

    ready: Find
    details: dict[str, Any] = field(default_factory=dict)
    wrong: Find | None = None
    behaviour: dict[str, Any] = field(default_factory=dict)


SLOW_VENDORS = {"vendor_bank_check": "two_bank_days"}
SLOW_CUSTOMERS = {"customer_bank_check": "two_bank_days"}
CASES = {
    "payment.settled": Case(a_payment),
    "payment.advanced": Case(a_payment, wrong=after(a_payment, "payment.settled")),
    "payment.funding_failed": Case(a_payment),
    "payment.funding_voided": Case(after(a_payment, "payment.funding_failed"), wrong=a_payment),
    "payment.vendor_bank_rejected": Case(a_payment, wrong=canceled),
    "payment.returned": Case(after(a_payment, "payment.settled"), wrong=canceled),
    "payment.held": Case(a_payment),
    "payment.released": Case(after(a_payment, "payment.held")),
    "payment.check_cashed": Case(a_check),
    "payment.check_expiring": Case(a_check),
    "payment.check_expired": Case(after(a_check, *["payment.advanced"] * 4), wrong=a_check),
    "payment.escheated": Case(after(a_payment, "payment.returned"), wrong=a_payment),
    "received_payment.settled": Case(a_charge),
    "received_payment.failed": Case(a_charge),
    "received_payment.canceled": Case(a_charge),
    "received_payment.returned": Case(after(a_charge, "received_payment.settled"), wrong=a_charge),
    "invoice.paid": Case(an_invoice, {"receivablesType": "CREDIT_CARD"}),
    "bank_account.verified": Case(a_bank_account),
    "bank_account.blocked": Case(BillClient.bank_account),
    "bank_account.expired": Case(a_bank_account, wrong=BillClient.bank_account),
    "bank_account_user.verified": Case(a_nominated_user),
    "vendor_bank_account.verified": Case(a_vendor, behaviour=SLOW_VENDORS),
    "vendor_bank_account.rejected": Case(a_vendor),
    "customer_bank_account.verified": Case(a_customer_account, behaviour=SLOW_CUSTOMERS),
    "customer_bank_account.rejected": Case(a_customer_account),
    "document.processed": Case(an_upload),
    "autopay.failed": Case(a_vendor_on_auto_pay, {"code": "5"}, wrong=a_vendor),
    "risk_verification.decided": Case(the_organization, {"decision": "HOLD"}),
    "network_invitation.accepted": Case(asked(ASKS_FIRST)),
    "network_invitation.declined": Case(asked(ASKS_FIRST)),
    "network_invitation.expired": Case(asked(ASKS_FIRST), wrong=asked(AT_ONCE)),
    "network_connection.ended": Case(asked(AT_ONCE), wrong=asked(ASKS_FIRST)),
    "network_invitation.received": Case(
        the_organization, {"networkId": ASKS_FIRST, "type": "CUSTOMER"}
    ),
}
EVERY_EVENT = pytest.mark.parametrize("event", CASES)


def test_the_table_has_every_event_of_the_catalog() -> None:
    assert CASES.keys() == simulations().keys()


async def changes(client: BillClient) -> dict[str, Any]:
    """What changed since `keep`."""
    return dict((await client.control("GET", "/diff?from=kept")).body)


NOTHING: dict[str, list[Any]] = {"created": [], "changed": [], "removed": []}


async def keep(client: BillClient) -> None:
    assert (await client.control("POST", "/snapshots", {"name": "kept"})).status == 201


@EVERY_EVENT
async def test_an_event_happens_once(make_client: MakeClient, event: str) -> None:
    case = CASES[event]
    client = await make_client(trusted=True, **case.behaviour)
    record_id = await case.ready(client)
    await keep(client)
    answer = await client.simulate(event, record_id, **case.details)
    assert answer.status == 200, answer.body
    assert answer.body["event"] == event
    # An autopay that failed leaves nothing behind but its webhook.
    assert (await changes(client) == NOTHING) is (event == "autopay.failed")


@EVERY_EVENT
async def test_an_event_that_cannot_happen_is_409_and_changes_nothing(
    make_client: MakeClient, event: str
) -> None:
    case = CASES[event]
    client = await make_client(trusted=True, **case.behaviour)
    if case.wrong:
        record_id = await case.wrong(client)
    else:
        record_id = await case.ready(client)
        await client.simulate(event, record_id, **case.details)
    await keep(client)
    answer = await client.simulate(event, record_id, **case.details)
    check_told(answer, 409, "")
    states = simulations()[event].states
    if states:
        start = f"{event} cannot happen to {record_id}: its {states.member} is "
        assert answer.body["detail"].startswith(start)
    assert await changes(client) == NOTHING


@EVERY_EVENT
async def test_an_event_of_an_unknown_record_is_404(client: BillClient, event: str) -> None:
    await keep(client)
    answer = await client.simulate(event, "nonsense", **CASES[event].details)
    resource = simulations()[event].resource.name
    check_problem(answer, 404, f"id: 'nonsense' is no record of {resource}.")
    assert await changes(client) == NOTHING


@EVERY_EVENT
async def test_an_event_refuses_details_that_it_does_not_know(
    make_client: MakeClient, event: str
) -> None:
    case = CASES[event]
    client = await make_client(trusted=True, **case.behaviour)
    record_id = await case.ready(client)
    await keep(client)
    answer = await client.simulate(event, record_id, **case.details, reason="none")
    members = simulations()[event].details.model_json_schema()["properties"]
    known = ", ".join(members) or "none at all"
    check_problem(answer, 400, f"reason: {event} knows no such detail, but {known}.")
    assert await changes(client) == NOTHING


@pytest.mark.parametrize(
    ("event", "details", "told"),
    [
        ("risk_verification.decided", {}, "decision: risk_verification.decided needs it."),
        (
            "risk_verification.decided",
            {"decision": "MAYBE"},
            "decision: Input should be 'REVIEW', 'IN_PROGRESS', 'HOLD', 'APPROVE' or 'DECLINE',"
            " not 'MAYBE'.",
        ),
        (
            "autopay.failed",
            {"code": "7"},
            "code: Input should be '1', '2', '3', '4', '5' or '6', not '7'.",
        ),
        ("invoice.paid", {"amount": 0}, "amount: Input should be greater than 0, not 0."),
        (
            "network_invitation.received",
            {"type": "FRIEND"},
            "networkId: network_invitation.received needs it;"
            " type: Input should be 'VENDOR' or 'CUSTOMER', not 'FRIEND'.",
        ),
    ],
)
async def test_a_faulty_detail_is_400_with_its_member_value_and_rule(
    payer: BillClient, event: str, details: dict[str, Any], told: str
) -> None:
    record_id = await CASES[event].ready(payer)
    await keep(payer)
    check_problem(await payer.simulate(event, record_id, **details), 400, told)
    assert await changes(payer) == NOTHING


async def test_the_catalog_tells_states_details_and_course(client: BillClient) -> None:
    listed = (await client.call("GET", "/_sim/simulate")).body["results"]
    entries = {entry["event"]: entry for entry in listed}
    assert entries["payment.released"]["states"] == {
        "member": "singleStatus",
        "values": ["DISBURSEMENT_ON_HOLD"],
    }
    assert entries["autopay.failed"]["states"] == {"member": "autoPay.enabled", "values": [True]}
    assert entries["document.processed"]["course"] == "two minutes after the upload"
    assert "states" not in entries["risk_verification.decided"]
    assert "course" not in entries["network_invitation.declined"]
    details = entries["network_invitation.received"]["details"]
    assert details["required"] == ["networkId", "type"]
    assert entries["payment.settled"]["details"]["properties"] == {}
    assert entries["payment.settled"]["evidence"]["basis"] == "assumed"
