"""What BILL's side can be made to do to an organization's bank account."""

from __future__ import annotations

from simulator.core.context import Ctx
from simulator.core.evidence import assumed
from simulator.core.simulations import NoDetails, when
from simulator.resources.bank_accounts import (
    BankAccount,
    BankStatus,
    bank_accounts,
    confirm,
    switch,
)

_CONTROL = assumed("a control of the simulator; BILL's statuses are documented, their causes not")


@bank_accounts.simulation(
    "bank_account.verified", states=when("status", {BankStatus.PENDING}), evidence=_CONTROL
)
def verified(ctx: Ctx, account_id: str, details: NoDetails) -> BankAccount:
    """BILL verifies an account without the test deposit."""
    return confirm(ctx, ctx.get(bank_accounts, account_id), "verify")


@bank_accounts.simulation(
    "bank_account.blocked",
    states=when("status", {BankStatus.PENDING, BankStatus.VERIFIED}),
    evidence=_CONTROL,
)
def blocked(ctx: Ctx, account_id: str, details: NoDetails) -> BankAccount:
    """BILL blocks an account; it is archived and pays nothing any more."""
    return switch(ctx, ctx.get(bank_accounts, account_id), "block")


@bank_accounts.simulation(
    "bank_account.expired", states=when("status", {BankStatus.PENDING}), evidence=_CONTROL
)
def expired(ctx: Ctx, account_id: str, details: NoDetails) -> BankAccount:
    """The test deposit was not confirmed in time."""
    return switch(ctx, ctx.get(bank_accounts, account_id), "expire")
