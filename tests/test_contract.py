"""BILL's own examples are taken, and what is answered keeps to the shapes BILL publishes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from simulator.resources.catalogue import known_operations
from tests.conftest import MakeClient
from tests.contract import (
    BEFORE_THE_EXAMPLES,
    NOT_THERE,
    OPERATIONS,
    Contractor,
    absent,
    changed_values,
    faults,
)
from tests.resources.payables import BANK_BODY, BANKS

if not OPERATIONS:
    pytest.skip(NOT_THERE, allow_module_level=True)

_GROUPS = ("login", "logout", "mfa/", "vendors", "bills", "payments", "funding-accounts/banks")
# Neither exchange rates nor images of checks are simulated.
_NOT_BUILT = {
    "GET /connect/v3/payments/exchange-rate",
    "GET /connect/v3/payments/{paymentId}/check-image",
}
BUILT = [
    key
    for key in OPERATIONS
    if key.split(" ")[1].startswith(tuple(f"/connect/v3/{group}" for group in _GROUPS))
    and key not in _NOT_BUILT
]


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"a": 1, "x": 2}, ".x: not in the contract"),
        ({"a": "1"}, ".a: '1' is no number"),
        ({"a": True}, ".a: True is no number"),
        ({"a": None}, ".a: None is no number"),
        ({"b": [{"c": "2026-06-03"}]}, ".b[].c: '2026-06-03' is no date-time"),
        ({"b": {}}, ".b: {} is no array"),
        ({"d": "2026-02-30"}, ".d: '2026-02-30' is no date"),
        ({"d": "20260603"}, ".d: '20260603' is no date"),
        ({"e": "Paid"}, ".e: 'Paid' is no enum"),
        ([], ": [] is no object"),
    ],
)
def test_the_check_of_shapes_finds_faults(value: Any, fault: str) -> None:
    shape = {"a": "number", "b": [{"c": "date-time"}], "d": "date", "e": "enum PAID|UNPAID"}
    assert faults(value, shape) == [fault]


def test_the_operations_list_has_every_operation_of_the_contract() -> None:
    known = {one.key: (one.group, one.status) for one in known_operations()}
    wanted = {key: (one["group"].split("/")[-1], one["success"]) for key, one in OPERATIONS.items()}
    assert {key: known.get(key) for key in wanted} == wanted


@pytest.fixture
async def contractor(make_client: MakeClient) -> Contractor:
    made = Contractor(await make_client(trusted=True, start=BEFORE_THE_EXAMPLES))
    await made.furnish()
    return made


async def _setup(c: Contractor) -> None:
    started = await c.example("POST /connect/v3/mfa/setup")
    c.values |= {"mfa_setup_id": started.body["setupId"], "mfa_token": await c.client.code()}


async def _challenge(c: Contractor) -> None:
    started = await c.example("POST /connect/v3/mfa/challenge")
    c.values["mfa_challenge_id"] = started.body["challengeId"]
    c.values["mfa_token"] = await c.client.code()


async def _pending_bank_account(c: Contractor) -> None:
    c.values["org_bank_account_id"] = (await c.client.post(BANKS, BANK_BODY)).body["id"]


async def _start_the_payment(c: Contractor) -> None:
    await c.client.simulate("payment.advanced", c.values["payment_id"])


def _first(key: str) -> Callable[[Contractor], Awaitable[Any]]:
    return lambda contractor: contractor.example(key)


# What must have happened before an example can be taken.
BEFORE: dict[str, Callable[[Contractor], Awaitable[Any]]] = {
    "POST /connect/v3/mfa/setup/validate": _setup,
    "POST /connect/v3/mfa/challenge/validate": _challenge,
    f"POST /connect{BANKS}/{{bankAccountId}}/verify": _pending_bank_account,
    "POST /connect/v3/payments/{paymentId}/void": _start_the_payment,
    "POST /connect/v3/vendors/{vendorId}/bank-account": _first(
        "DELETE /connect/v3/vendors/{vendorId}/bank-account"
    ),
    "POST /connect/v3/vendors/{vendorId}/restore": _first(
        "POST /connect/v3/vendors/{vendorId}/archive"
    ),
    "POST /connect/v3/bills/{billId}/restore": _first("POST /connect/v3/bills/{billId}/archive"),
}


@pytest.mark.parametrize("key", BUILT)
async def test_the_example_of_the_contract_is_answered_in_its_shape(
    contractor: Contractor, key: str
) -> None:
    if key in BEFORE:
        await BEFORE[key](contractor)
    operation = OPERATIONS[key]
    answer = await contractor.example(key)
    assert answer.status == operation["success"], answer.body
    shape = operation["responseShape"]
    if shape is None:
        assert answer.raw == b""
        return
    assert faults(answer.body, shape) == []
    assert changed_values(contractor.body(key) or {}, answer.body, shape) == []
    if operation["group"].startswith("AP & AR Authentication"):
        assert absent(answer.body, shape) == set()
    if any(one["key"] == "filters" for one in operation["query"]):
        assert len(answer.body["results"]) == 1
