"""All resources, in the order in which their operations are listed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from simulator.core.resource import Operation, Resource, Simulation
from simulator.resources import payment_life  # noqa: F401 - declares how payments live on
from simulator.resources import payments as _paying  # noqa: F401 - declares how payments are made
from simulator.resources.bank_accounts import bank_accounts, bank_users
from simulator.resources.bills import bills
from simulator.resources.international_payments import international_payments
from simulator.resources.login import logins
from simulator.resources.mfa import mfa
from simulator.resources.organizations import organizations
from simulator.resources.payment_rows import payments
from simulator.resources.recorded_payments import recorded_payments
from simulator.resources.sessions import sessions
from simulator.resources.users import users
from simulator.resources.vendors import vendors

RESOURCES: tuple[Resource[Any], ...] = (
    logins,
    sessions,
    mfa,
    organizations,
    users,
    vendors,
    international_payments,
    bills,
    recorded_payments,
    payments,
    bank_accounts,
    bank_users,
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
