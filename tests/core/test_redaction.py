"""Secrets in what is told of a call: by name in any spelling, and by value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.redaction import REDACTED, Redactor, is_secret

SECRET_NAMES = (
    "password",
    "PASSWORD",
    "userPassword",
    "token",
    "sessionId",
    "SESSIONID",
    "session_id",
    "devKey",
    "Dev-Key",
    "appKey",
    "apiToken",
    "X-Api-Key",
    "rememberMeId",
    "accountNumber",
    "account_number",
    "AccountNumber",
    "taxId",
    "tax_id",
    "ssn",
    "SSN",
    "ein",
    "socialSecurityNumber",
    "securityKey",
    "Authorization",
    "Cookie",
    "x-bill-sha-signature",
    "cardNumber",
    "cvv",
)
OPEN_NAMES = (
    "routingNumber",
    "username",
    "taxIdType",
    "rememberMe",
    "invoiceNumber",
    "protein",
    "pinned",
    "nextPage",
    "salesTaxItemId",
    "organizationId",
    "nameOnAccount",
    "accountType",
)


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_name_tells_a_secret(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", OPEN_NAMES)
def test_other_names_stay_readable(name: str) -> None:
    assert not is_secret(name)


def cleaned(data: Any) -> Any:
    redactor = Redactor()
    redactor.learn(data)
    return redactor.clean(data)


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"password": "hunter22"}, {"password": REDACTED}),
        ({"password": None, "token": ""}, {"password": None, "token": ""}),
        ({"password": 1234567}, {"password": REDACTED}),
        ({"token": {"a": ["x", 1]}}, {"token": {"a": [REDACTED, REDACTED]}}),
        ({"a": [{"b": {"taxId": "1"}}]}, {"a": [{"b": {"taxId": REDACTED}}]}),
        (
            {"bankAccount": {"accountNumber": "1", "routingNumber": "2"}},
            {"bankAccount": {"accountNumber": REDACTED, "routingNumber": "2"}},
        ),
        ({"bankAccount": "111222333"}, {"bankAccount": REDACTED}),
        (
            {"taxId": "12-3456789", "note": "it is 12-3456789."},
            {"taxId": REDACTED, "note": f"it is {REDACTED}."},
        ),
        ({"ssn": 123456789, "other": 123456789}, {"ssn": REDACTED, "other": REDACTED}),
        (
            {"token": "123", "note": "123 Main Street"},
            {"token": REDACTED, "note": "123 Main Street"},
        ),
        (
            {"filters": "accountNumber:eq:111222333,name:eq:Ann"},
            {"filters": f"accountNumber:eq:{REDACTED},name:eq:Ann"},
        ),
        ({"password": "abcdef", "token": "abcdefgh", "x": "abcdefgh"}, None),
    ],
)
def test_what_is_shown(data: Any, shown: Any) -> None:
    if shown is None:
        shown = dict.fromkeys(data, REDACTED)
    assert cleaned(data) == shown


def test_the_data_itself_is_left_alone() -> None:
    data = {"password": "hunter22", "list": [{"token": "123456"}]}
    before = json.dumps(data)
    cleaned(data)
    assert json.dumps(data) == before


@given(
    secret=st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=12, max_size=30),
    name=st.sampled_from(SECRET_NAMES),
    other=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
        max_leaves=8,
    ),
    depth=st.integers(0, 4),
)
def test_no_secret_survives_wherever_it_stands(
    secret: str, name: str, other: Any, depth: int
) -> None:
    data: Any = {name: secret, "other": other}
    for number in range(depth):
        data = [data, f"again {secret}"] if number % 2 else {"in": data, secret: "as a name"}
    assert secret not in json.dumps(cleaned(data))
