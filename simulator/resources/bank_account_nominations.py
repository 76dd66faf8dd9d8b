"""Asking a user to verify for a bank account. /v3/funding-accounts/banks/users/nominate"""

from __future__ import annotations

from simulator.core.body import Body, NotBlank
from simulator.core.context import Ctx
from simulator.core.evidence import documented
from simulator.core.roles import ADMINISTRATORS
from simulator.core.rows import Answer, shape
from simulator.resources.bank_account_users import (
    UserVerification,
    bank_users,
    give_access,
    may_pay_from,
)
from simulator.resources.bank_accounts import bank_accounts, require_verified
from simulator.resources.users import users


class NominateBody(Body):
    """A user who shall be able to pay from an account."""

    bank_account_id: NotBlank
    user_id: NotBlank


@shape
class StatusAnswer(Answer):
    """An action that was taken."""

    status: str


@bank_users.operation(
    "POST",
    "/nominate",
    body=NominateBody,
    roles=ADMINISTRATORS,
    evidence=documented("BILL reference: Nominate a bank account user"),
)
def nominate(ctx: Ctx, body: NominateBody) -> StatusAnswer:
    """Ask a user to verify their identity for an account."""
    account = ctx.get(bank_accounts, body.bank_account_id)
    user = ctx.get(users, body.user_id)
    require_verified(account)
    if not may_pay_from(ctx, account.id, user.id):
        give_access(ctx, account.id, user.id, UserVerification.NOMINATED)
    ctx.send("email", user.email, f"Verify your identity to pay from {account.bank_name}.")
    return StatusAnswer(status="SUCCESS")
