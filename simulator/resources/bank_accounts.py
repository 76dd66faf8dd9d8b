"""Bank accounts that an organization pays from. /v3/funding-accounts/banks"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Annotated, Any

from pydantic import Field

from simulator.core.body import Body, NotBlank, RoutingNumber, Text, masked
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented, observed
from simulator.core.listing import (
    BOOLEAN,
    INSTANT,
    TEXT,
    enumeration,
    filter_field,
)
from simulator.core.resource import Resource
from simulator.core.roles import ADMINISTRATORS, Role
from simulator.core.rows import Answer, Hidden, Instant, Row, Shape, changed, shape
from simulator.core.states import Machine, move
from simulator.resources.bank_account_users import (
    UserVerification,
    give_access,
    may_pay_from,
)
from simulator.resources.users import users

# BILL reference, Verify a bank account: the sandbox's test deposit.
DEPOSIT = Decimal("0.50")
ATTEMPTS = 3


class BankStatus(StrEnum):
    """How far a bank account is verified."""

    NOT_VERIFIED = "NOT_VERIFIED"
    VERIFIED = "VERIFIED"
    PENDING = "PENDING"
    BLOCKED = "BLOCKED"
    EXPIRED = "EXPIRED"
    INVALID = "INVALID"
    UNDEFINED = "UNDEFINED"


class BankType(StrEnum):
    """The kind of a bank account."""

    CHECKING = "CHECKING"
    SAVINGS = "SAVINGS"


class BankOwner(StrEnum):
    """Who owns a bank account."""

    BUSINESS = "BUSINESS"
    PERSONAL = "PERSONAL"


class BankCreate(Body):
    """A new bank account."""

    name_on_account: NotBlank
    routing_number: RoutingNumber
    account_number: Annotated[NotBlank, Field(max_length=34)]
    type: BankType
    owner_type: BankOwner
    bank_name: Annotated[NotBlank, Field(max_length=100)]
    access_to_admins: bool | None = None
    chart_of_account_id: Text | None = None


class DefaultBody(Body):
    """Whether an account is the one used by default."""

    payables: bool | None = None
    receivables: bool | None = None


class BankPatch(Body):
    """The members that may change: neither numbers nor type."""

    name_on_account: NotBlank | None = None
    owner_type: BankOwner | None = None
    bank_name: Annotated[NotBlank, Field(max_length=100)] | None = None
    access_to_admins: bool | None = None
    default: DefaultBody | None = None
    chart_of_account_id: Text | None = None


class VerifyBody(Body):
    """The test deposit as it arrived, in dollars."""

    deposit_amount: Annotated[Decimal, Field(ge=Decimal("0.01"), le=Decimal("0.99"))]


@shape
class Default(Shape):
    """Whether an account is the one used by default."""

    payables: bool = False
    receivables: bool = False


@shape
class BankAccount(Row):
    """A bank account; its number is answered masked."""

    archived: bool
    id: str
    status: BankStatus
    created_by: str
    routing_number: str
    account_number: str
    name_on_account: str
    type: BankType
    owner_type: BankOwner
    bank_name: str
    access_to_admins: bool
    default: Default
    created_time: Instant
    updated_time: Instant
    chart_of_account_id: str | None = None
    # Other accounts may end in the same four digits.
    whole_number: Annotated[str, Hidden]
    attempts: Annotated[int, Hidden] = 0


@shape
class VerifyAnswer(Answer):
    """Whether the deposit was right."""

    verified: bool


bank_accounts = Resource("bank_accounts", "/v3/funding-accounts/banks", BankAccount, prefix="bac")
machine = bank_accounts.machine(
    Machine(
        "bank account",
        (
            move(
                "right deposit", {BankStatus.PENDING}, BankStatus.VERIFIED,
                documented("BILL reference: Verify a bank account"),
            ),
            move(
                "third wrong deposit", {BankStatus.PENDING}, BankStatus.BLOCKED,
                assumed("the account is unusable (documented); BILL does not name the status"),
            ),
            move(
                "verify", {BankStatus.PENDING}, BankStatus.VERIFIED,
                assumed("BILL's web app verifies some banks at once, without a deposit"),
            ),
            move(
                "block", {BankStatus.PENDING, BankStatus.VERIFIED}, BankStatus.BLOCKED,
                assumed("the value is documented, what leads to it is not"),
            ),
            move(
                "expire", {BankStatus.PENDING}, BankStatus.EXPIRED,
                assumed("the value is documented; nobody confirmed the deposit in time"),
            ),
        ),
    )
)  # fmt: skip

bank_accounts.listed(
    filters=(
        filter_field("id", TEXT, "eq ne in"),
        # BILL's collection filters this list by the longer name.
        filter_field("bankAccountId", TEXT, "eq ne in", attrgetter("id")),
        filter_field("archived", BOOLEAN, "eq ne"),
        filter_field("status", enumeration(BankStatus), "eq ne in"),
        filter_field("createdTime", INSTANT, "gt gte lt lte"),
        filter_field("updatedTime", INSTANT, "gt gte lt lte"),
    ),
    sorts=(
        filter_field("archived", BOOLEAN),
        filter_field("nameOnAccount", TEXT),
        filter_field("bankName", TEXT),
        filter_field("accessToAdmins", BOOLEAN),
        filter_field("type", TEXT),
        filter_field("ownerType", TEXT),
        filter_field("createdTime", INSTANT),
        filter_field("updatedTime", INSTANT),
    ),
    evidence=documented("BILL guide: Sortable fields; the filterable ones are assumed"),
)
bank_accounts.retrieve("bankAccountId", evidence=documented("BILL reference: Get bank account"))


@bank_accounts.rule(
    "A new account is PENDING, archived, and no default until the test deposit is confirmed.",
    observed(
        "PENDING and defaults are BILL's reference; archived is a webhook sample and a client"
    ),
)
@bank_accounts.operation(
    "POST",
    "",
    status=201,
    body=BankCreate,
    trusted=True,
    roles=ADMINISTRATORS,
    evidence=documented("BILL reference: Create a bank account"),
)
def create(ctx: Ctx, body: BankCreate) -> BankAccount:
    """Create a bank account and send the test deposit."""
    numbers = (body.routing_number, body.account_number)
    for twin in ctx.table(bank_accounts):
        same = (twin.routing_number, twin.whole_number) == numbers
        if same and (twin.status is BankStatus.PENDING or not twin.archived):
            raise refuse("bank.duplicate", routing=body.routing_number)
    account = add(ctx, body, ctx.user_id or "")
    ctx.send("email", _email(ctx, account.created_by), f"{account.bank_name} account was added.")
    return account


def add(ctx: Ctx, body: BankCreate, created_by: str) -> BankAccount:
    """A new PENDING account."""
    now = ctx.record_time
    account = ctx.put(
        bank_accounts,
        BankAccount(
            archived=True,
            id=ctx.new_id(bank_accounts.prefix),
            status=BankStatus.PENDING,
            created_by=created_by,
            routing_number=body.routing_number,
            account_number=masked(body.account_number),
            name_on_account=body.name_on_account,
            type=body.type,
            owner_type=body.owner_type,
            bank_name=body.bank_name,
            access_to_admins=bool(body.access_to_admins),
            default=Default(),
            created_time=now,
            updated_time=now,
            chart_of_account_id=body.chart_of_account_id,
            whole_number=body.account_number,
        ),
    )
    ctx.emit("bank-account.created", account)
    return account


@bank_accounts.rule(
    "bank-account.updated tells a change of archived, status or default, and no other.",
    documented("BILL guide: Bank account webhook notification payloads"),
)
def _store(ctx: Ctx, account: BankAccount, old: BankAccount) -> BankAccount:
    """Keep a changed account, and tell of it where BILL does."""
    told = attrgetter("archived", "status", "default")
    if told(account) != told(old):
        ctx.emit("bank-account.updated", account)
    return ctx.put(bank_accounts, account)


def _email(ctx: Ctx, user_id: str) -> str:
    user = ctx.find(users, user_id)
    return user.email if user else ""


def require_verified(account: BankAccount) -> None:
    """Refuse an account that is not VERIFIED."""
    if account.status is not BankStatus.VERIFIED:
        raise refuse("bank.not_verified", id=account.id, state=account.status)


@bank_accounts.operation(
    "PATCH",
    "/{bankAccountId}",
    body=BankPatch,
    roles=ADMINISTRATORS,
    evidence=documented("BILL reference: Update a bank account (VERIFIED only)"),
)
def update(ctx: Ctx, account_id: str, body: BankPatch) -> BankAccount:
    """Change some members of a bank account."""
    account = ctx.get(bank_accounts, account_id)
    require_verified(account)
    if account.archived:
        raise refuse("bank.archived", id=account.id)
    new: dict[str, Any] = {name: getattr(body, name) for name in body.given - {"default"}}
    if body.default:
        wanted = {name: getattr(body.default, name) for name in body.default.given}
        new["default"] = changed(account.default, **wanted)
        _take_default(ctx, account_id, {name for name, on in wanted.items() if on})
    return _store(ctx, changed(account, **new, updated_time=ctx.record_time), account)


@bank_accounts.rule(
    "One account at a time is the default for payables, one for receivables.",
    assumed("the members are documented, that a new default takes over is not"),
)
def _take_default(ctx: Ctx, account_id: str, names: set[str]) -> None:
    for other in list(ctx.table(bank_accounts)):
        lost = {name: False for name in names if getattr(other.default, name)}
        if lost and other.id != account_id:
            _store(ctx, changed(other, default=changed(other.default, **lost)), other)


@bank_accounts.operation(
    "POST",
    "/{bankAccountId}/archive",
    roles=ADMINISTRATORS,
    evidence=documented("BILL reference: Archive a bank account (no restore exists)"),
)
def archive(ctx: Ctx, account_id: str) -> BankAccount:
    """Archive a verified bank account."""
    account = ctx.get(bank_accounts, account_id)
    require_verified(account)
    if account.archived:
        return account
    if ctx.user_id and not may_pay_from(ctx, account_id, ctx.user_id):
        raise refuse("bank.user_not_verified")
    archived = changed(account, archived=True, default=Default(), updated_time=ctx.record_time)
    return _store(ctx, archived, account)


@bank_accounts.rule(
    "A wrong deposit answers 200 with verified false; the third one makes the account unusable.",
    documented("BILL reference: Verify a bank account; the 200 for a wrong amount is assumed"),
)
@bank_accounts.operation(
    "POST",
    "/{bankAccountId}/verify",
    body=VerifyBody,
    roles=ADMINISTRATORS,
    evidence=documented("BILL reference: Verify a bank account"),
)
def verify(ctx: Ctx, account_id: str, body: VerifyBody) -> VerifyAnswer:
    """Confirm the test deposit."""
    account = ctx.get(bank_accounts, account_id)
    if account.status is BankStatus.VERIFIED:
        return VerifyAnswer(verified=True)
    if account.status is not BankStatus.PENDING:
        raise refuse("bank.unusable", id=account_id)
    if body.deposit_amount == DEPOSIT:
        confirm(ctx, account)
        return VerifyAnswer(verified=True)
    attempts = account.attempts + 1
    counted = _store(
        ctx, changed(account, attempts=attempts, updated_time=ctx.record_time), account
    )
    if attempts >= ATTEMPTS:
        switch(ctx, counted, "third wrong deposit")
    return VerifyAnswer(verified=False)


@bank_accounts.rule(
    "An account is archived as long as it is not VERIFIED, and is then no default.",
    documented("BILL guide: Bank account webhook notification payloads; the defaults follow"),
)
def switch(ctx: Ctx, account: BankAccount, event: str) -> BankAccount:
    """Let `event` of the machine happen to an account. Raises ValueError if it cannot."""
    status = machine.follow(event, account.status)
    new = changed(account, status=status, archived=False, updated_time=ctx.record_time)
    if status is not BankStatus.VERIFIED:
        new = changed(new, archived=True, default=Default())
    return _store(ctx, new, account)


@bank_accounts.rule(
    "Confirming the deposit lets the account's creator pay from it.",
    assumed("a guide asks to make sure the user is verified (setting bank_creator)"),
)
def confirm(ctx: Ctx, account: BankAccount, event: str = "right deposit") -> BankAccount:
    """Make a pending account VERIFIED and give its creator, and nominees, access."""
    account = switch(ctx, account, event)
    at_once = ctx.behaviour.bank_creator == "verified"
    status = UserVerification.VERIFIED if at_once else UserVerification.NOMINATED
    give_access(ctx, account.id, account.created_by, status)
    if account.access_to_admins:
        for user in ctx.table(users):
            if user.role.type is Role.ADMINISTRATOR and user.id != account.created_by:
                give_access(ctx, account.id, user.id, UserVerification.NOMINATED)
    return account


def make_default(ctx: Ctx, account_id: str) -> BankAccount:
    """Use an account by default, for payables and receivables."""
    _take_default(ctx, account_id, {"payables", "receivables"})
    account = ctx.get(bank_accounts, account_id)
    default = Default(payables=True, receivables=True)
    return _store(ctx, changed(account, default=default), account)
