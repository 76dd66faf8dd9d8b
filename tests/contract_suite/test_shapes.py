"""The shapes of the suite know every member that BILL's published collection has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from contract_tests import shapes
from contract_tests.shapes import DAY, ID, NUMBER, TEXT, TIME, WHOLE, WORD, YES_NO, faults
from tests.contract import NOT_THERE, OPERATIONS

SHAPES = {
    "POST /connect/v3/vendors": shapes.VENDOR,
    "POST /connect/v3/vendors/{vendorId}/bank-account": shapes.VENDOR_ACCOUNT,
    "POST /connect/v3/bills": shapes.BILL,
    "POST /connect/v3/payments": shapes.PAYMENT,
    "POST /connect/v3/customers": shapes.CUSTOMER,
    "POST /connect/v3/invoices": shapes.INVOICE,
    "POST /connect/v3/funding-accounts/banks": shapes.BANK,
    "POST /connect/v3/bill-approvals/policies": shapes.POLICY,
    "POST /connect/v3/login": shapes.SESSION,
    "GET /connect/v3/login/session": shapes.SESSION_DETAILS,
    "GET /connect/v3/documents/{documentId}": shapes.DOCUMENT,
}
# What the collection calls a kind, and what the suite may. Ids are texts there; in whole numbers
# and words it is less exact than the records that were met.
KINDS = {
    "string": {TEXT, ID, WORD},
    "number": {NUMBER, WHOLE},
    "integer": {WHOLE},
    "boolean": {YES_NO},
    "date": {DAY},
    "date-time": {TIME},
    "enum": {WORD, TEXT},
}
# The suite makes no payment of these kinds.
NOT_MADE = ("disbursementInfo.",)


def lacking(contract: Any, ours: Any, path: str = "") -> Iterator[str]:
    """The members of BILL's shape that ours lacks, or has as another kind."""
    if isinstance(contract, dict):
        for name, member in contract.items():
            place = f"{path}.{name}".lstrip(".")
            if not isinstance(ours, dict) or name not in ours:
                yield place
            else:
                yield from lacking(member, ours[name], place)
    elif isinstance(contract, list):
        yield from lacking(contract[0], ours[0], path)
    elif ours not in KINDS[contract.split(" ")[0]]:
        yield f"{path}: {contract} is no {ours}"


@pytest.mark.skipif(not OPERATIONS, reason=NOT_THERE)
@pytest.mark.parametrize("key", SHAPES)
def test_a_shape_lacks_no_member_that_bill_has(key: str) -> None:
    found = lacking(OPERATIONS[key]["responseShape"], SHAPES[key])
    assert [place for place in found if not place.startswith(NOT_MADE)] == []


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"id": "00902AAAAAAAAAAaaaaa"}, []),
        ({"id": "1"}, ["id: '1' is no id of 20 characters"]),
        ({"phone": None}, ["phone: null"]),
        ({"nonsense": 1}, ["nonsense: unknown"]),
        ({"archived": 1}, ["archived: 1 is no boolean"]),
        ({"createdTime": "2026-06-03"}, ["createdTime: '2026-06-03' is no time"]),
        ({"balance": {"amount": "1"}}, ["balance.amount: '1' is no number"]),
        ({"balance": {"amount": True}}, ["balance.amount: True is no number"]),
        ({"billCurrency": "usd"}, ["billCurrency: 'usd' is no word in capitals"]),
        # A client met this one on the sandbox.
        ({"paymentInformation": {"payBySubType": None}}, []),
    ],
)
def test_faults_are_told_with_their_place(value: Any, told: list[str]) -> None:
    assert faults(value, shapes.VENDOR) == told
