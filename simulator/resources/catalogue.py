"""All resources, in the order in which their operations are listed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from simulator.core.resource import Operation, Resource, Simulation
from simulator.resources import (
    invoice_delivery,
    payment_life,
    payment_options,
    vendor_bank_accounts,
)
from simulator.resources import invoices as invoicing
from simulator.resources import payments as paying
from simulator.resources import vendors as vending
from simulator.resources.approval_policies import policies
from simulator.resources.attachments import attachments
from simulator.resources.bank_account_users import bank_users
from simulator.resources.bank_accounts import bank_accounts
from simulator.resources.bill_approvals import bill_approvals
from simulator.resources.bill_rows import bills
from simulator.resources.classifications import KINDS
from simulator.resources.customer_bank_accounts import customer_bank_accounts
from simulator.resources.customer_contacts import customer_contacts
from simulator.resources.customers import customers
from simulator.resources.documents import documents, uploads
from simulator.resources.exchange_rates import exchange_rates
from simulator.resources.files import files as stored_files
from simulator.resources.international_payments import international_payments
from simulator.resources.invoice_rows import invoices
from simulator.resources.login import logins
from simulator.resources.mfa import mfa
from simulator.resources.organizations import organizations
from simulator.resources.partners import (
    partner_organizations,
    partner_roles,
    partner_users,
    partners,
)
from simulator.resources.payment_rows import payments
from simulator.resources.payment_terms import payment_terms
from simulator.resources.received_payments import received_payments
from simulator.resources.recorded_payments import recorded_payments
from simulator.resources.recorded_receipts import recorded_receipts
from simulator.resources.sessions import sessions
from simulator.resources.sync_tokens import sync_tokens
from simulator.resources.users import roles, users
from simulator.resources.vendor_rows import vendors

# These modules declare further operations of resources that others define.
_DECLARED_ON_IMPORT = (
    invoice_delivery,
    invoicing,
    payment_life,
    payment_options,
    paying,
    vendor_bank_accounts,
    vending,
)

RESOURCES: tuple[Resource[Any], ...] = (
    logins,
    sessions,
    sync_tokens,
    mfa,
    organizations,
    payment_terms,
    users,
    roles,
    vendors,
    international_payments,
    bills,
    policies,
    bill_approvals,
    recorded_payments,
    documents,
    uploads,
    payments,
    exchange_rates,
    bank_accounts,
    bank_users,
    customers,
    customer_bank_accounts,
    customer_contacts,
    invoices,
    recorded_receipts,
    received_payments,
    attachments,
    stored_files,
    *KINDS,
    partners,
    partner_organizations,
    partner_users,
    partner_roles,
)


@dataclass(frozen=True, slots=True)
class KnownOperation:
    """An operation of BILL's own lists. `since` is the list that first has it."""

    method: str
    path: str
    group: str
    status: int
    since: str

    @property
    def key(self) -> str:
        """`POST /connect/v3/bills`: how the operations list names it."""
        return f"{self.method} {self.path}"


@cache
def known_operations() -> tuple[KnownOperation, ...]:
    """Every operation BILL is known to have, built here or not."""
    text = files("simulator").joinpath("data", "operations.csv").read_text("utf-8")
    return tuple(
        KnownOperation(
            method=record["method"],
            path=record["path"],
            group=record["group"],
            status=int(record["status"]),
            since=record["since"],
        )
        for record in csv.DictReader(text.splitlines())
    )


@cache
def operations() -> Mapping[str, Operation]:
    """The operations that are built, by their key."""
    return {operation.key: operation for one in RESOURCES for operation in one.operations}


@cache
def timer_handlers() -> Mapping[str, Callable[..., None]]:
    """What runs when a timer is due, by its kind."""
    return {kind: run for one in RESOURCES for kind, run in one.timers.items()}


@cache
def simulations() -> Mapping[str, Simulation]:
    """What BILL's side can be made to do, by event."""
    return {found.event: found for one in RESOURCES for found in one.simulations}
