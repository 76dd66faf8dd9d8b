"""All resources, in the order in which their operations are listed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import CodeType
from typing import Any

from simulator.core.notices import Notice
from simulator.core.resource import Operation, Resource, Rule
from simulator.core.simulations import Simulation
from simulator.resources import (
    autopay,
    autopay_notices,
    bank_account_events,
    bank_account_nominations,
    bank_account_notices,
    bill_notices,
    card_account_notices,
    incoming_payments,
    invoice_delivery,
    invoice_notices,
    network,
    network_events,
    payment_events,
    payment_life,
    payment_notices,
    payment_options,
    risk_notices,
    spend_notices,
    vendor_bank_accounts,
    vendor_notices,
)
from simulator.resources import invoices as invoicing
from simulator.resources import notifications as notifying
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
from simulator.resources.deliveries import deliveries
from simulator.resources.documents import documents, uploads
from simulator.resources.exchange_rates import exchange_rates
from simulator.resources.files import files as stored_files
from simulator.resources.health import events_health, health
from simulator.resources.international_payments import international_payments
from simulator.resources.invoice_rows import invoices
from simulator.resources.login import logins
from simulator.resources.mfa import mfa
from simulator.resources.network_rows import connections
from simulator.resources.notification_rows import notifications
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
from simulator.resources.risk_verifications import risk_verifications
from simulator.resources.sessions import sessions
from simulator.resources.subscription_rows import subscriptions
from simulator.resources.sync_tokens import sync_tokens
from simulator.resources.users import roles, users
from simulator.resources.vendor_rows import vendors

# These modules declare further operations, or notices, of resources that others define.
_DECLARED_ON_IMPORT = (
    autopay,
    bank_account_events,
    bank_account_nominations,
    bank_account_notices,
    bill_notices,
    incoming_payments,
    invoice_delivery,
    invoice_notices,
    invoicing,
    network,
    network_events,
    notifying,
    paying,
    payment_events,
    payment_life,
    payment_notices,
    payment_options,
    vending,
    vendor_bank_accounts,
    vendor_notices,
)

RESOURCES: tuple[Resource[Any], ...] = (
    health,
    events_health,
    logins,
    sessions,
    sync_tokens,
    mfa,
    organizations,
    risk_verifications,
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
    connections,
    attachments,
    stored_files,
    *KINDS,
    partners,
    partner_organizations,
    partner_users,
    partner_roles,
    subscriptions,
    notifications,
    deliveries,
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
def notices() -> Mapping[str, Notice]:
    """How events are told by webhook, by BILL's names of them, in the order of BILL's catalog."""
    found = (
        *vendors.notices,
        *autopay_notices.NOTICES,
        *bills.notices,
        *payments.notices,
        *bank_accounts.notices,
        *card_account_notices.NOTICES,
        *invoices.notices,
        *risk_notices.NOTICES,
        *spend_notices.NOTICES,
    )
    return {notice.type: notice for notice in found}


@cache
def declared_rules() -> Mapping[CodeType, Sequence[Rule]]:
    """The rules declared on each function, by its code: a traceback leads to them."""
    found: dict[CodeType, dict[str, Rule]] = {}
    for one in RESOURCES:
        for code, rules in one.ruled.items():
            found.setdefault(code, {}).update((rule.text, rule) for rule in rules)
    return {code: tuple(rules.values()) for code, rules in found.items()}


@cache
def simulations() -> Mapping[str, Simulation]:
    """What BILL's side can be made to do, by event."""
    return {found.event: found for one in RESOURCES for found in one.simulations}
