"""Vendors: making, reading, changing, archiving; and their bank accounts."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.client import Bill
from contract_tests.expectations import NO_DATA, amounts, made_as, refused, told
from contract_tests.records import ACCOUNT, ADDRESS, VENDORS, Records
from contract_tests.shapes import VENDOR, VENDOR_ACCOUNT

behaviour = pytest.mark.behaviour
CREATE = "POST /connect/v3/vendors"
GET = "GET /connect/v3/vendors/{vendorId}"
PATCH = "PATCH /connect/v3/vendors/{vendorId}"
LIST = "GET /connect/v3/vendors"
BANK = "POST /connect/v3/vendors/{vendorId}/bank-account"
ARCHIVE = "POST /connect/v3/vendors/{vendorId}/archive"
RESTORE = "POST /connect/v3/vendors/{vendorId}/restore"
UNKNOWN = f"{VENDORS}/00902AAAAAAAAAAzzzzz"


def full(records: Records) -> dict[str, Any]:
    return records.vendor_body(
        shortName="Contract",
        accountType="BUSINESS",
        email="vendor@example.com",
        phone="4155550123",
        billCurrency="USD",
        paymentInformation={"payeeName": "Contract Payee"},
        additionalInfo={"companyName": "Contract Company", "track1099": False},
    )


@behaviour(CREATE)
async def test_a_new_vendor_has_the_members_that_were_sent(records: Records) -> None:
    body = full(records)
    vendor = told(await records.post(VENDORS, body), 201)
    for name in ("name", "shortName", "accountType", "email", "billCurrency"):
        assert vendor[name] == body[name]
    for name, value in ADDRESS.items():
        assert vendor["address"][name] == value


@behaviour(CREATE)
async def test_a_new_vendor_has_bills_shape_and_no_null(records: Records) -> None:
    made_as(told(await records.post(VENDORS, full(records)), 201), VENDOR)


@behaviour(CREATE)
async def test_a_new_vendor_is_not_archived(records: Records) -> None:
    assert (await records.vendor())["archived"] is False


@behaviour(CREATE)
async def test_a_vendor_without_bank_account_is_paid_by_check(records: Records) -> None:
    vendor = await records.vendor()
    assert vendor["paymentInformation"]["payByType"] == "CHECK"


@behaviour(CREATE)
async def test_a_new_vendor_is_in_no_network_and_has_no_account(records: Records) -> None:
    vendor = await records.vendor()
    assert vendor["networkStatus"] == "NOT_CONNECTED"
    assert vendor["bankAccountStatus"] == "NO_ACCOUNT"


@behaviour(CREATE)
async def test_a_vendor_with_a_bank_account_is_paid_by_ach(records: Records) -> None:
    vendor = await records.vendor(paymentInformation={"bankAccount": ACCOUNT})
    assert vendor["paymentInformation"]["payByType"] == "ACH"


@behaviour(CREATE)
async def test_the_times_of_a_new_vendor_are_equal(records: Records) -> None:
    vendor = await records.vendor()
    assert vendor["createdTime"] == vendor["updatedTime"]


@pytest.mark.parametrize(
    "member",
    [
        pytest.param("name", marks=behaviour(CREATE, "field.blank")),
        pytest.param("address", marks=behaviour(CREATE, "field.null")),
    ],
)
async def test_a_vendor_lacks_no_required_member(records: Records, member: str) -> None:
    body = records.vendor_body()
    del body[member]
    refused(await records.post(VENDORS, body), 400, None, f"{member}: must not be")


@behaviour(CREATE)
@pytest.mark.parametrize("member", ["line1", "city", "country"])
async def test_a_vendors_address_lacks_no_required_member(records: Records, member: str) -> None:
    address = {name: value for name, value in ADDRESS.items() if name != member}
    answer = await records.post(VENDORS, records.vendor_body(address=address))
    refused(answer, 400, None, f"address.{member}")


@behaviour(CREATE)
async def test_every_missing_member_is_told_at_once(records: Records) -> None:
    answer = await records.post(VENDORS, {})
    refused(answer, 400, None, "name: must not be")
    refused(answer, 400, None, "address: must not be")


@behaviour(CREATE)
async def test_a_country_has_two_letters(records: Records) -> None:
    body = records.vendor_body(address={**ADDRESS, "country": "USA"})
    answer = await records.post(VENDORS, body)
    assert answer.status == 400
    assert "country" in str(answer.body)


@behaviour(CREATE)
async def test_unknown_members_of_a_vendor_are_ignored(records: Records) -> None:
    vendor = told(await records.post(VENDORS, records.vendor_body(nonsense=1)), 201)
    assert "nonsense" not in vendor


@behaviour(GET)
async def test_a_vendor_is_read_as_it_was_made(bill: Bill, records: Records) -> None:
    vendor = await records.vendor()
    assert told(await bill.get(f"{VENDORS}/{vendor['id']}"), 200) == vendor


@behaviour(GET)
async def test_a_vendor_that_was_read_has_bills_shape_and_no_null(
    bill: Bill, records: Records
) -> None:
    vendor = await records.vendor(paymentInformation={"bankAccount": ACCOUNT})
    made_as(told(await bill.get(f"{VENDORS}/{vendor['id']}"), 200), VENDOR)


@behaviour(LIST)
async def test_a_listed_vendor_is_the_one_that_is_read(bill: Bill, records: Records) -> None:
    vendor = await records.vendor()
    answer = await bill.get(f"{VENDORS}?filters=id:eq:{vendor['id']}")
    assert told(answer, 200) == {"results": [vendor]}


@pytest.mark.parametrize(
    ("method", "rest"),
    [
        pytest.param("GET", "", marks=behaviour(GET, "BDC_1205")),
        pytest.param("PATCH", "", marks=behaviour(PATCH, "BDC_1205")),
        pytest.param("POST", "/archive", marks=behaviour(ARCHIVE, "BDC_1205")),
        pytest.param("POST", "/restore", marks=behaviour(RESTORE, "BDC_1205")),
    ],
)
async def test_an_unknown_vendor_is_refused(bill: Bill, method: str, rest: str) -> None:
    body = {"name": "Nobody"} if method == "PATCH" else None
    answer = await bill.call(method, UNKNOWN + rest, body)
    refused(answer, 404, "BDC_1205", NO_DATA)


@behaviour(PATCH)
async def test_a_patch_changes_a_vendors_name_and_no_other_member(
    bill: Bill, records: Records
) -> None:
    vendor = await records.vendor()
    name = records.name("renamed")
    changed = told(await bill.patch(f"{VENDORS}/{vendor['id']}", {"name": name}), 200)
    assert changed == {**vendor, "name": name, "updatedTime": changed["updatedTime"]}


@behaviour(PATCH)
async def test_a_patched_vendor_is_read_as_changed(bill: Bill, records: Records) -> None:
    vendor = await records.vendor()
    await bill.patch(f"{VENDORS}/{vendor['id']}", {"email": "changed@example.com"})
    found = told(await bill.get(f"{VENDORS}/{vendor['id']}"), 200)
    assert found["email"] == "changed@example.com"
    assert found["updatedTime"] >= vendor["updatedTime"]


@behaviour(ARCHIVE)
async def test_an_archived_vendor_stays_archived(bill: Bill, records: Records) -> None:
    path = f"{VENDORS}/{(await records.vendor())['id']}"
    assert told(await bill.post(f"{path}/archive"), 200)["archived"] is True
    assert told(await bill.get(path), 200)["archived"] is True


@behaviour(RESTORE)
async def test_a_restored_vendor_is_not_archived(bill: Bill, records: Records) -> None:
    path = f"{VENDORS}/{(await records.vendor())['id']}"
    await bill.post(f"{path}/archive")
    assert told(await bill.post(f"{path}/restore"), 200)["archived"] is False
    assert told(await bill.get(path), 200)["archived"] is False


@behaviour(ARCHIVE)
async def test_archiving_a_vendor_again_changes_nothing(bill: Bill, records: Records) -> None:
    path = f"{VENDORS}/{(await records.vendor())['id']}"
    first = told(await bill.post(f"{path}/archive"), 200)
    assert told(await bill.post(f"{path}/archive"), 200) == first


@behaviour(BANK)
async def test_a_vendors_bank_account_is_told_with_a_masked_number(
    bill: Bill, records: Records
) -> None:
    path = f"{VENDORS}/{(await records.vendor())['id']}"
    account = told(await bill.post(f"{path}/bank-account", ACCOUNT), 200)
    made_as(account, VENDOR_ACCOUNT)
    assert account["accountNumber"] != ACCOUNT["accountNumber"]
    assert account["accountNumber"].endswith(ACCOUNT["accountNumber"][-3:])
    assert account["routingNumber"] == ACCOUNT["routingNumber"]


@behaviour(BANK)
async def test_a_bank_account_makes_a_vendor_paid_by_ach(bill: Bill, records: Records) -> None:
    path = f"{VENDORS}/{(await records.vendor())['id']}"
    await bill.post(f"{path}/bank-account", ACCOUNT)
    vendor = told(await bill.get(path), 200)
    assert vendor["paymentInformation"]["payByType"] == "ACH"


@behaviour(BANK, "BDC_1233")
async def test_a_vendor_gets_no_second_bank_account(bill: Bill, records: Records) -> None:
    path = f"{VENDORS}/{(await records.vendor())['id']}"
    await bill.post(f"{path}/bank-account", ACCOUNT)
    refused(await bill.post(f"{path}/bank-account", ACCOUNT), 422, "BDC_1233")


@behaviour(BANK)
async def test_a_vendors_bank_account_needs_a_number(bill: Bill, records: Records) -> None:
    path = f"{VENDORS}/{(await records.vendor())['id']}"
    body = {name: value for name, value in ACCOUNT.items() if name != "accountNumber"}
    answer = await bill.post(f"{path}/bank-account", body)
    refused(answer, 400, None, "accountNumber: must not be")


@behaviour(BANK, "BDC_1205")
async def test_an_unknown_vendor_gets_no_bank_account(bill: Bill) -> None:
    refused(await bill.post(f"{UNKNOWN}/bank-account", ACCOUNT), 404, "BDC_1205", NO_DATA)


@behaviour(GET)
async def test_a_vendors_balance_is_what_its_bills_are_due(bill: Bill, records: Records) -> None:
    vendor = await records.vendor()
    await records.a_bill(vendor["id"], 19.99)
    await records.a_bill(vendor["id"], 0.02)
    found = told(await bill.get(f"{VENDORS}/{vendor['id']}"), 200)
    assert amounts(found["balance"], "amount") == amounts({"amount": 20.01}, "amount")
