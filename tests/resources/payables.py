"""Bodies and small readers that the tests of vendors, bills and banks share."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.http import Answer

# The instant at which the worlds of the tests stand still, as BILL writes it.
NOW = "2026-06-03T16:00:00.000+00:00"
A_MINUTE_LATER = "2026-06-03T16:01:00.000+00:00"

UNKNOWN_VENDOR = "00902AAAAAAAAAAzzzzz"
UNKNOWN_BILL = "00n02AAAAAAAAAAzzzzz"
NO_DATA = ("BDC_1205", "No data found for object with given ID.")
NO_PERMISSION = ("BDC_1145", "The user does not have permission to perform this operation.")
ROLLED_BACK = ("BDC_1246", "Rollback due to other failures in the transaction.")

ADDRESS = {
    "line1": "123 Main Street",
    "line2": "Suite 4",
    "city": "San Jose",
    "stateOrProvince": "CA",
    "zipOrPostalCode": "95002",
    "country": "US",
}
SMALLEST_VENDOR = {
    "name": "Happy Music Supplies",
    "address": {
        "line1": "123 Main Street",
        "city": "San Jose",
        "zipOrPostalCode": "95002",
        "country": "US",
    },
}
FULL_VENDOR: dict[str, Any] = {
    "name": "Happy Music Supplies",
    "shortName": "Happy Music",
    "accountNumber": "CF-881",
    "accountType": "BUSINESS",
    "email": "info@happymusicsupplies.org",
    "phone": "9876543210",
    "address": ADDRESS,
    "paymentInformation": {
        "payeeName": "Happy Music Inc.",
        "email": "remit@happymusicsupplies.org",
        "bankCountry": "US",
        "paymentCurrency": "USD",
        "paymentPurpose": {"text": "Drums", "code": {"name": "Goods", "value": "GDS"}},
    },
    "additionalInfo": {
        "taxId": "12-3456789",
        "taxIdType": "EIN",
        "track1099": True,
        "leadTimeInDays": 5,
        "combinePayments": True,
        "paymentTermId": "00p02ABCDEFGHIJ12abc",
        "companyName": "Happy Music Incorporated",
    },
    "billCurrency": "USD",
    "autoPay": {
        "enabled": False,
        "bankAccountId": "bac02ABCDEFGHIJ12abc",
        "createdBy": "00602ABCDEFGHIJ12abc",
        "maxAmount": 500.5,
        "daysBeforeDueDate": 15,
    },
}


def with_member(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of `body` with the member at the dotted `path` set."""
    copy = deepcopy(body)
    *parents, last = path.split(".")
    place = copy
    for parent in parents:
        place = place.setdefault(parent, {})
    place[last] = value
    return copy


def member(body: dict[str, Any], path: str) -> Any:
    value: Any = body
    for step in path.split("."):
        value = value[step]
    return value


def told(answer: Answer) -> list[tuple[str | None, str]]:
    return [(item.get("code"), item["message"]) for item in answer.body]


def bill_body(vendor_id: str, number: str = "202501", **more: Any) -> dict[str, Any]:
    """The smallest body of a bill: one line of 228.99."""
    return {
        "vendorId": vendor_id,
        "dueDate": "2026-12-31",
        "billLineItems": [{"amount": 228.99}],
        "invoice": {"invoiceNumber": number, "invoiceDate": "2026-12-01"},
        **more,
    }


# Ids of the books; BILL takes them as they are.
BILL_CLASSIFICATIONS = {
    "chartOfAccountId": "0ca02AAAAAAAAAA00001",
    "accountingClassId": "cls02AAAAAAAAAA00001",
    "departmentId": "0de02AAAAAAAAAA00001",
    "locationId": "loc02AAAAAAAAAA00001",
    "itemId": "0ii02AAAAAAAAAA00001",
}
LINE_CLASSIFICATIONS = {
    **BILL_CLASSIFICATIONS,
    "employeeId": "emp02AAAAAAAAAA00001",
    "jobId": "job02AAAAAAAAAA00001",
    "customerId": "0cu02AAAAAAAAAA00001",
}

BANKS = "/v3/funding-accounts/banks"
BANK_BODY = {
    "nameOnAccount": "Agatha Ffringe",
    "routingNumber": "011000015",
    "accountNumber": "9876543210",
    "type": "SAVINGS",
    "ownerType": "PERSONAL",
    "bankName": "Second Bank",
}
