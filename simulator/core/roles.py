"""The roles of users and the sets of them that operations allow.

BILL Help Center, user roles: who may enter bills, pay, see and administer.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The types of BILL's default roles."""

    ADMINISTRATOR = "ADMINISTRATOR"
    ACCOUNTANT = "ACCOUNTANT"
    APPROVER = "APPROVER"
    PAYER = "PAYER"
    CLERK = "CLERK"
    AUDITOR = "AUDITOR"


EVERYONE = frozenset(Role)
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})
ENTER_BILLS = frozenset({Role.ADMINISTRATOR, Role.ACCOUNTANT, Role.CLERK})
RECORD_PAYMENTS = frozenset({Role.ADMINISTRATOR, Role.ACCOUNTANT, Role.PAYER})
PAY = frozenset({Role.ADMINISTRATOR, Role.PAYER})
# The Help Center's "manage receivables" goes with Administrator and Accountant;
# the four other roles are about payables or reading (assumed).
MANAGE_RECEIVABLES = frozenset({Role.ADMINISTRATOR, Role.ACCOUNTANT})
# Accounting lists go with the books (assumed).
MANAGE_LISTS = frozenset({Role.ADMINISTRATOR, Role.ACCOUNTANT})
APPROVE = frozenset({Role.ADMINISTRATOR, Role.ACCOUNTANT, Role.APPROVER})
