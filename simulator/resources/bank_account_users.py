"""Who may pay from which bank account. /v3/funding-accounts/banks/users"""

from __future__ import annotations

from enum import StrEnum

from simulator.core.body import Body
from simulator.core.context import Ctx
from simulator.core.evidence import documented
from simulator.core.listing import BOOLEAN, TEXT, Grammar, ListQuery, enumeration, filter_field
from simulator.core.resource import Listed, Resource
from simulator.core.roles import ADMINISTRATORS
from simulator.core.rows import Instant, Row, changed, shape
from simulator.core.simulations import NoDetails, when


class UserVerification(StrEnum):
    """Whether a user may pay from a bank account."""

    NOMINATED = "NOMINATED"
    VERIFIED = "VERIFIED"
    UNVERIFIED = "UNVERIFIED"
    UNDEFINED = "UNDEFINED"


class UsersQuery(Body):
    """`currentUser` narrows the list to the signed-in user."""

    current_user: bool | None = None


@shape
class BankUser(Row):
    """A user's right to pay from a bank account."""

    id: str
    bank_account_id: str
    user_id: str
    archived: bool
    verification_status: UserVerification
    created_time: Instant
    updated_time: Instant


bank_users = Resource(
    "bank_account_users", "/v3/funding-accounts/banks/users", BankUser, prefix="bau"
)


def give_access(ctx: Ctx, account_id: str, user_id: str, status: UserVerification) -> BankUser:
    """Set a user's right to pay from an account, new or known."""
    now = ctx.record_time
    known = _access(ctx, account_id, user_id)
    if known:
        access = changed(known, archived=False, verification_status=status, updated_time=now)
    else:
        access = BankUser(
            id=ctx.new_id(bank_users.prefix),
            bank_account_id=account_id,
            user_id=user_id,
            archived=False,
            verification_status=status,
            created_time=now,
            updated_time=now,
        )
    return ctx.put(bank_users, access)


def _account_and_user(access: BankUser) -> tuple[str, str]:
    return (access.bank_account_id, access.user_id)


def _access(ctx: Ctx, account_id: str, user_id: str) -> BankUser | None:
    found = ctx.table(bank_users).rows_with(
        "bankAccountId+userId", _account_and_user, (account_id, user_id)
    )
    return found[0] if found else None


def may_pay_from(ctx: Ctx, account_id: str, user_id: str) -> bool:
    """Whether that user is VERIFIED on that account."""
    access = _access(ctx, account_id, user_id)
    return (
        access is not None
        and not access.archived
        and access.verification_status is UserVerification.VERIFIED
    )


_USER_ID = filter_field("userId", TEXT, "eq ne in")
_USERS = Grammar.of(
    filters=(
        filter_field("id", TEXT, "eq ne in"),
        filter_field("bankAccountId", TEXT, "eq ne in"),
        _USER_ID,
        filter_field("archived", BOOLEAN, "eq ne"),
        filter_field("verificationStatus", enumeration(UserVerification), "eq ne in"),
    ),
    sorts=(filter_field("archived", BOOLEAN),),
)


@bank_users.operation(
    "GET",
    "",
    query=UsersQuery,
    listing=_USERS,
    evidence=documented("BILL reference: Get list of bank account users"),
)
def list_users(ctx: Ctx, query: UsersQuery, listing: ListQuery) -> Listed:
    """List who may pay from which bank account."""
    own = (_USER_ID.equals(ctx.user_id),) if query.current_user else ()
    return bank_users.page(ctx, _USERS, listing, own)


@bank_users.operation(
    "POST",
    "/{bankAccountUserId}/archive",
    roles=ADMINISTRATORS,
    evidence=documented("BILL reference: Archive a bank account user"),
)
def archive_user(ctx: Ctx, access_id: str) -> BankUser:
    """Take the right to pay from an account away."""
    access = ctx.get(bank_users, access_id)
    if access.archived:
        return access
    return ctx.put(
        bank_users,
        changed(
            access,
            archived=True,
            verification_status=UserVerification.UNVERIFIED,
            updated_time=ctx.record_time,
        ),
    )


@bank_users.simulation(
    "bank_account_user.verified",
    states=when("verificationStatus", {UserVerification.NOMINATED}),
    evidence=documented("BILL reference: nomination ends with an identity check in the web app"),
)
def user_verified(ctx: Ctx, access_id: str, details: NoDetails) -> BankUser:
    """A nominated user passes the identity check in BILL's web app."""
    access = ctx.get(bank_users, access_id)
    return give_access(ctx, access.bank_account_id, access.user_id, UserVerification.VERIFIED)
