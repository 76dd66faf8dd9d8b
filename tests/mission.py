"""The 34 operations of the mission guide, by its nine groups, below /connect."""

from __future__ import annotations

MISSION = {
    "Bills": [
        "POST /v3/bills",
        "POST /v3/bills/bulk",
        "GET /v3/bills",
        "GET /v3/bills/{billId}",
        "PATCH /v3/bills/{billId}",
        "PUT /v3/bills/{billId}",
        "POST /v3/bills/{billId}/archive",
    ],
    "Vendors": [
        "POST /v3/vendors",
        "GET /v3/vendors",
        "GET /v3/vendors/{vendorId}",
        "PATCH /v3/vendors/{vendorId}",
        "POST /v3/vendors/{vendorId}/bank-account",
    ],
    "Payments": [
        "POST /v3/payments",
        "POST /v3/payments/bulk",
        "GET /v3/payments",
        "GET /v3/payments/{paymentId}",
        "POST /v3/payments/{paymentId}/cancel",
    ],
    "Invoices": [
        "POST /v3/invoices",
        "GET /v3/invoices",
        "POST /v3/invoices/{invoiceId}/email",
    ],
    "Customers": [
        "POST /v3/customers",
        "GET /v3/customers",
        "POST /v3/receivable-payments",
    ],
    "Approvals": [
        "POST /v3/bill-approvals/actions",
        "GET /v3/bill-approvals/pending-user-approvals",
        "POST /v3/bill-approvals/policies",
    ],
    "Bank accounts": [
        "POST /v3/funding-accounts/banks",
        "GET /v3/funding-accounts/banks",
        "POST /v3/funding-accounts/banks/{bankAccountId}/verify",
    ],
    "Documents": [
        "POST /v3/documents/bills/{billId}",
        "GET /v3/documents/{documentId}",
    ],
    "Login & session": [
        "POST /v3/login",
        "GET /v3/login/session",
        "POST /v3/logout",
    ],
}
NAMES = [name for names in MISSION.values() for name in names]
