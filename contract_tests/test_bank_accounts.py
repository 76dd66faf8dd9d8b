"""The organization's own bank accounts. Those of others are looked at, and left alone."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from contract_tests.client import Bill
from contract_tests.expectations import NO_DATA, NO_TRUST, made_as, refused, told
from contract_tests.records import BANKS, DEPOSIT, Records
from contract_tests.shapes import BANK

behaviour = pytest.mark.behaviour
CREATE = "POST /connect/v3/funding-accounts/banks"
LIST = "GET /connect/v3/funding-accounts/banks"
GET = "GET /connect/v3/funding-accounts/banks/{bankAccountId}"
VERIFY = "POST /connect/v3/funding-accounts/banks/{bankAccountId}/verify"
UNKNOWN = f"{BANKS}/bac02AAAAAAAAAAzzzzz"


def body() -> dict[str, Any]:
    """A new account, with a number that no other one has."""
    return {
        "nameOnAccount": "Contract Tests",
        "routingNumber": "074000010",
        "accountNumber": str(10**9 + secrets.randbelow(9 * 10**9)),
        "type": "CHECKING",
        "ownerType": "BUSINESS",
        "bankName": "Contract Bank",
    }


@behaviour(LIST)
async def test_listed_accounts_have_bills_shape_and_no_null(bill: Bill) -> None:
    for one in told(await bill.get(BANKS), 200)["results"]:
        made_as(one, BANK)


@behaviour(LIST)
async def test_listed_accounts_tell_no_whole_number(bill: Bill) -> None:
    for one in told(await bill.get(BANKS), 200)["results"]:
        assert one["accountNumber"].startswith("*"), "a number that is not masked"


@behaviour(GET)
async def test_an_account_is_read_as_it_is_listed(bill: Bill, bank_account_id: str) -> None:
    listed = told(await bill.get(f"{BANKS}?max=100"), 200)["results"]
    found = told(await bill.get(f"{BANKS}/{bank_account_id}"), 200)
    assert found in listed


@behaviour(GET, "BDC_1205")
async def test_an_unknown_account_is_not_found(bill: Bill) -> None:
    refused(await bill.get(UNKNOWN), 404, "BDC_1205", NO_DATA)


@behaviour(VERIFY, "BDC_1205")
async def test_an_unknown_account_is_not_verified(bill: Bill) -> None:
    answer = await bill.post(f"{UNKNOWN}/verify", {"depositAmount": 0.49})
    refused(answer, 404, "BDC_1205", NO_DATA)


@behaviour(VERIFY)
async def test_a_verification_names_the_deposit(bill: Bill) -> None:
    answer = await bill.post(f"{UNKNOWN}/verify", {})
    refused(answer, 400, None, "depositAmount: must not be")


@behaviour(CREATE, "BDC_1361")
async def test_a_session_that_is_not_trusted_makes_no_account(
    mfa_required: None, records: Records
) -> None:
    refused(await records.post(BANKS, body()), 403, "BDC_1361", NO_TRUST)


@behaviour(CREATE)
@pytest.mark.parametrize("member", ["nameOnAccount", "routingNumber", "accountNumber"])
async def test_an_account_lacks_no_required_member(
    payer: Bill, records: Records, member: str
) -> None:
    wanted = {name: value for name, value in body().items() if name != member}
    refused(await records.post(BANKS, wanted, by=payer), 400, None, f"{member}: must not be")


@behaviour(CREATE)
async def test_a_new_account_is_pending_and_archived(
    payer: Bill, records: Records, money: None
) -> None:
    wanted = body()
    account = told(await records.post(BANKS, wanted, by=payer), 201)
    made_as(account, BANK)
    assert (account["status"], account["archived"]) == ("PENDING", True)
    assert account["accountNumber"].endswith(wanted["accountNumber"][-4:])
    assert account["accountNumber"].startswith("*")


@behaviour(VERIFY)
async def test_a_wrong_deposit_does_not_verify_an_account(
    bill: Bill, payer: Bill, records: Records, money: None
) -> None:
    path = f"{BANKS}/{(await records.new(BANKS, body(), by=payer))['id']}"
    assert told(await bill.post(f"{path}/verify", {"depositAmount": 0.49}), 200) == {
        "verified": False
    }
    assert told(await bill.get(path), 200)["status"] == "PENDING"


@behaviour(VERIFY)
async def test_the_right_deposit_verifies_an_account(
    bill: Bill, payer: Bill, records: Records, money: None
) -> None:
    path = f"{BANKS}/{(await records.new(BANKS, body(), by=payer))['id']}"
    assert told(await bill.post(f"{path}/verify", {"depositAmount": DEPOSIT}), 200) == {
        "verified": True
    }
    account = told(await bill.get(path), 200)
    assert (account["status"], account["archived"]) == ("VERIFIED", False)
