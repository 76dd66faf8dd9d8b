"""What BILL's records look like: their members, and what stands in each.

Members without a value are left out by BILL, so a null is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00")
_WORD = re.compile(r"[A-Z][A-Z0-9_]*")
_ID = re.compile(r"[0-9a-z]{3}\d\d[A-Z]{10}[0-9a-z]{5}")


def _is_date(value: Any) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == str(value)
    except (TypeError, ValueError):
        return False


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and bool(pattern.fullmatch(value))


ANYTHING, TEXT, NUMBER, WHOLE, YES_NO, DAY, TIME, WORD, ID = (
    "anything",
    "text",
    "number",
    "whole number",
    "boolean",
    "date",
    "time",
    "word in capitals",
    "id of 20 characters",
)
_IS: dict[str, Callable[[Any], bool]] = {
    ANYTHING: lambda value: True,
    TEXT: lambda value: isinstance(value, str),
    NUMBER: lambda value: isinstance(value, float) or _is_whole(value),
    WHOLE: _is_whole,
    YES_NO: lambda value: isinstance(value, bool),
    DAY: _is_date,
    TIME: _matches(_TIME),
    WORD: _matches(_WORD),
    ID: _matches(_ID),
}
# A client of the sandbox met this one as null.
_NULL_WAS_SEEN = frozenset({"paymentInformation.payBySubType"})


def faults(value: Any, shape: Any, path: str = "") -> list[str]:
    """Where `value` has a member that `shape` lacks, a null, or a value of another kind."""
    if value is None:
        return [] if path in _NULL_WAS_SEEN else [f"{path}: null"]
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{path}: {value!r} is no object"]
        found = []
        for name, member in value.items():
            place = f"{path}.{name}".lstrip(".")
            known = name in shape
            found += faults(member, shape[name], place) if known else [f"{place}: unknown"]
        return found
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no array"]
        return [fault for one in value for fault in faults(one, shape[0], f"{path}[]")]
    return [] if _IS[shape](value) else [f"{path}: {value!r} is no {shape}"]


_RECORD = {"id": ID, "archived": YES_NO, "createdTime": TIME, "updatedTime": TIME}
_PLACE = {
    "line1": TEXT,
    "line2": TEXT,
    "city": TEXT,
    "stateOrProvince": TEXT,
    "zipOrPostalCode": TEXT,
    "country": WORD,
    "countryName": TEXT,
}
_PURPOSE = {"text": TEXT, "code": {"name": TEXT, "value": TEXT}}
_BOOKS = dict.fromkeys(
    (
        "chartOfAccountId",
        "accountingClassId",
        "departmentId",
        "employeeId",
        "jobId",
        "locationId",
        "itemId",
        "customerId",
    ),
    TEXT,
)

VENDOR_ACCOUNT = {
    "nameOnAccount": TEXT,
    "accountNumber": TEXT,
    "routingNumber": TEXT,
    "type": WORD,
    "ownerType": WORD,
    "paymentCurrency": WORD,
    "status": WORD,
}
VENDOR = {
    **_RECORD,
    "name": TEXT,
    "shortName": TEXT,
    "accountNumber": TEXT,
    "accountType": WORD,
    "email": TEXT,
    "phone": TEXT,
    "address": _PLACE,
    "paymentInformation": {
        "payeeName": TEXT,
        "email": TEXT,
        "lastPaymentDate": TEXT,
        "payByType": WORD,
        "payBySubType": WORD,
        "virtualCard": {
            "status": WORD,
            "remitEmail": TEXT,
            "enrollDate": TIME,
            "declineDate": TIME,
            "alternatePayByType": WORD,
        },
        "bankAccount": VENDOR_ACCOUNT,
        "paymentPurpose": _PURPOSE,
    },
    "additionalInfo": {
        "taxId": TEXT,
        "taxIdType": WORD,
        "track1099": YES_NO,
        "leadTimeInDays": WHOLE,
        "combinePayments": YES_NO,
        "paymentTermId": TEXT,
        "companyName": TEXT,
    },
    "rppsId": TEXT,
    "bankAccountStatus": WORD,
    "recurringPayments": YES_NO,
    "billCurrency": WORD,
    "balance": {"amount": NUMBER, "lastUpdatedDate": TIME},
    "autoPay": {
        "enabled": YES_NO,
        "bankAccountId": TEXT,
        "createdBy": TEXT,
        "maxAmount": NUMBER,
        "daysBeforeDueDate": WHOLE,
    },
    "networkStatus": WORD,
    "paymentNetworkId": TEXT,
}
APPROVER = {"userId": ID, "status": WORD, "approverOrder": WHOLE, "statusChangedTime": TIME}
BILL = {
    **_RECORD,
    "vendorId": ID,
    "vendorName": TEXT,
    "amount": NUMBER,
    "fundingAmount": NUMBER,
    "paidAmount": NUMBER,
    "dueAmount": NUMBER,
    "scheduledAmount": NUMBER,
    "creditAmount": NUMBER,
    "exchangeRate": NUMBER,
    "description": TEXT,
    "dueDate": DAY,
    "invoice": {"invoiceNumber": TEXT, "invoiceDate": DAY},
    "billLineItems": [
        {
            "id": ID,
            "amount": NUMBER,
            "quantity": NUMBER,
            "price": NUMBER,
            "description": TEXT,
            "classifications": _BOOKS,
        }
    ],
    "payFromChartOfAccountId": TEXT,
    "paymentStatus": WORD,
    "approvalStatus": WORD,
    "classifications": _BOOKS,
    "approvers": [APPROVER],
    "purchaseOrderNumber": TEXT,
    "payments": [{"id": ID, "amount": NUMBER, "status": WORD, "processDate": DAY}],
    "recordStatus": WORD,
    "createdBy": ID,
}
_DAYS = {"sentDate": DAY, "arrivesByDate": DAY}
PAYMENT = {
    **_RECORD,
    "amount": NUMBER,
    "vendorId": ID,
    "vendorName": TEXT,
    "billId": ID,
    "billIds": [ID],
    "billPayments": [
        {
            "id": ID,
            "billId": ID,
            "amount": NUMBER,
            "vendorCredits": [{"id": ID, "amount": NUMBER}],
        }
    ],
    "description": TEXT,
    "processDate": DAY,
    "fundingAccount": {"type": WORD, "id": ID},
    "processingOptions": {
        "requestPayFaster": YES_NO,
        "createBill": YES_NO,
        "requestCheckDeliveryType": WORD,
    },
    "transactionNumber": TEXT,
    "confirmationNumber": TEXT,
    "status": WORD,
    "singleStatus": WORD,
    "exchangeRate": NUMBER,
    "fundingAmount": NUMBER,
    "onlinePayment": YES_NO,
    "disbursementType": WORD,
    "disbursementStatus": WORD,
    "disbursementInfo": {
        "isVoidable": YES_NO,
        "checkDisbursement": {**_DAYS, "checkNumber": WHOLE},
        "achDisbursement": _DAYS,
    },
    "remittanceEmail": TEXT,
    "createdBy": ID,
    "voidInfo": [
        {
            "id": ID,
            "requestedBy": ID,
            "type": WORD,
            "status": WORD,
            "reason": TEXT,
            "createdTime": TIME,
            "updatedTime": TIME,
        }
    ],
    "paymentPurpose": _PURPOSE,
    "cardFundingPurpose": TEXT,
    "cancelRequestSubmitted": YES_NO,
}
CUSTOMER = {
    **_RECORD,
    "name": TEXT,
    "email": TEXT,
    "companyName": TEXT,
    "contact": {"firstName": TEXT, "lastName": TEXT},
    "phone": TEXT,
    "fax": TEXT,
    "description": TEXT,
    "invoiceCurrency": WORD,
    "accountType": WORD,
    "paymentTermId": TEXT,
    "accountNumber": TEXT,
    "billingAddress": _PLACE,
    "shippingAddress": _PLACE,
    "balance": {"amount": NUMBER},
    "authorizedToCharge": YES_NO,
}
INVOICE = {
    **_RECORD,
    "invoiceNumber": TEXT,
    "invoiceDate": DAY,
    "dueDate": DAY,
    "customerId": ID,
    "totalAmount": NUMBER,
    "dueAmount": NUMBER,
    "scheduledAmount": NUMBER,
    "creditAmount": NUMBER,
    "status": WORD,
    "exchangeRate": NUMBER,
    "invoiceLineItems": [
        {
            "id": ID,
            "description": TEXT,
            "price": NUMBER,
            "quantity": NUMBER,
            "classifications": _BOOKS,
        }
    ],
    "payToChartOfAccountId": TEXT,
    "payments": [{"id": ID, "amount": NUMBER, "status": WORD, "date": DAY}],
    "classifications": _BOOKS,
    "salesTaxItemId": TEXT,
    "salesTaxTotal": NUMBER,
    "salesTaxPercentage": NUMBER,
    "enableCardPayment": YES_NO,
    "convenienceFee": {"percentage": NUMBER},
    "invoicePdfId": TEXT,
    "recordStatus": WORD,
    "createdBy": ID,
}
BANK = {
    **_RECORD,
    "status": WORD,
    "createdBy": ID,
    "routingNumber": TEXT,
    "accountNumber": TEXT,
    "nameOnAccount": TEXT,
    "type": WORD,
    "ownerType": WORD,
    "bankName": TEXT,
    "accessToAdmins": YES_NO,
    "default": {"payables": YES_NO, "receivables": YES_NO},
    "chartOfAccountId": TEXT,
}
POLICY = {
    "id": TEXT,
    "policyName": TEXT,
    "status": WORD,
    "rules": [{"key": WORD, "op": TEXT, "values": [{"value": TEXT, "displayName": TEXT}]}],
    "approvers": {
        "users": [{"userId": ID, "fullName": TEXT}],
        "groups": [{"groupName": TEXT, "groupId": TEXT, "users": [{"id": ID, "fullName": TEXT}]}],
    },
}
PENDING = {"billId": ID, "vendorId": ID, "amount": NUMBER, "dueDate": DAY}
SESSION = {"sessionId": TEXT, "organizationId": ID, "userId": ID, "trusted": YES_NO}
SESSION_DETAILS = {"organizationId": ID, "userId": ID, "mfaStatus": WORD, "mfaBypass": YES_NO}
DOCUMENT = {"id": ID, "name": TEXT, "createdTime": TIME, "downloadLink": TEXT}
REFUSAL = [
    {
        "timestamp": TIME,
        "code": TEXT,
        "severity": WORD,
        "category": WORD,
        "message": TEXT,
        # Documented as an array, met as an empty object.
        "params": ANYTHING,
    }
]
