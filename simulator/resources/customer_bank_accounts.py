"""Bank accounts of customers, to charge. /v3/customers/{customerId}/bank-accounts"""

from __future__ import annotations

from typing import Annotated

from simulator.core.bankdays import add_bank_days, pacific_instant
from simulator.core.body import Body, NotBlank, Text, masked
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented
from simulator.core.listing import BOOLEAN, INSTANT, TEXT, Grammar, ListQuery, filter_field
from simulator.core.resource import Listed, Resource
from simulator.core.roles import MANAGE_RECEIVABLES
from simulator.core.rows import Hidden, Instant, Row, changed, shape
from simulator.core.simulations import NoDetails, when
from simulator.resources.bank_accounts import BankOwner, BankStatus, BankType
from simulator.resources.customers import customers


class CustomerBankCreate(Body):
    """A new account. The routing number is not checked: the sandbox does not (documented)."""

    name_on_account: NotBlank
    routing_number: NotBlank
    account_number: NotBlank
    type: BankType
    owner_type: BankOwner
    nickname: Text | None = None


class CustomerBankPatch(Body):
    """Only these may change; anything else means a new account."""

    nickname: Text | None = None
    owner_type: BankOwner | None = None


@shape
class CustomerBankAccount(Row):
    """A customer's bank account; the number is kept masked only."""

    id: str
    archived: bool
    customer_id: str
    status: BankStatus
    name_on_account: str
    routing_number: str
    account_number: str
    type: BankType
    owner_type: BankOwner
    nickname: str | None = None
    created_time: Instant
    updated_time: Instant
    created_by: Annotated[str | None, Hidden]


customer_bank_accounts = Resource(
    "customer_bank_accounts",
    "/v3/customers/{customerId}/bank-accounts",
    CustomerBankAccount,
    prefix="cba",
)

_GRAMMAR = Grammar.of(
    filters=(
        filter_field("id", TEXT, "eq ne in"),
        filter_field("archived", BOOLEAN, "eq ne"),
    ),
    sorts=(
        filter_field("archived", BOOLEAN),
        filter_field("createdTime", INSTANT),
        filter_field("updatedTime", INSTANT),
    ),
)
_OF_CUSTOMER = filter_field("customerId", TEXT, "eq")


def of_customer(ctx: Ctx, customer_id: str, account_id: str) -> CustomerBankAccount:
    """An account of that customer. Refuses any other id with BDC_1205."""
    ctx.get(customers, customer_id)
    account = ctx.get(customer_bank_accounts, account_id)
    if account.customer_id != customer_id:
        raise refuse("BDC_1205")
    return account


@customer_bank_accounts.operation(
    "GET",
    "",
    listing=_GRAMMAR,
    evidence=documented("BILL reference: Get list of customer bank accounts (2025-12)"),
)
def list_accounts(ctx: Ctx, customer_id: str, listing: ListQuery) -> Listed:
    """List the bank accounts of a customer."""
    ctx.get(customers, customer_id)
    own = (_OF_CUSTOMER.equals(customer_id),)
    return customer_bank_accounts.page(ctx, _GRAMMAR, listing, own)


@customer_bank_accounts.operation(
    "GET",
    "/{bankAccountId}",
    evidence=documented("BILL reference: Get customer bank account details (2025-12)"),
)
def get_account(ctx: Ctx, customer_id: str, account_id: str) -> CustomerBankAccount:
    """Get a bank account of a customer."""
    return of_customer(ctx, customer_id, account_id)


@customer_bank_accounts.rule(
    "A customer needs a billing address before it gets a bank account. The account is VERIFIED, or"
    " PENDING and VERIFIED after two bank days.",
    documented(
        "BILL guide: Charge a customer; a setting (customer_bank_check) says which; the status"
        " words are those of bank accounts"
    ),
)
@customer_bank_accounts.operation(
    "POST",
    "",
    status=201,
    body=CustomerBankCreate,
    roles=MANAGE_RECEIVABLES,
    evidence=documented("BILL reference: Create a customer bank account (2025-12)"),
)
def create(ctx: Ctx, customer_id: str, body: CustomerBankCreate) -> CustomerBankAccount:
    """Give a customer a bank account."""
    customer = ctx.get(customers, customer_id)
    if customer.billing_address is None:
        raise refuse("customer.billing_address", id=customer_id)
    now = ctx.record_time
    account = ctx.put(
        customer_bank_accounts,
        CustomerBankAccount(
            id=ctx.new_id(customer_bank_accounts.prefix),
            archived=False,
            customer_id=customer_id,
            status=BankStatus.PENDING,
            name_on_account=body.name_on_account,
            routing_number=body.routing_number,
            account_number=masked(body.account_number),
            type=body.type,
            owner_type=body.owner_type,
            nickname=body.nickname,
            created_time=now,
            updated_time=now,
            created_by=ctx.user_id,
        ),
    )
    if ctx.behaviour.customer_bank_check == "two_bank_days":
        verified_at = pacific_instant(add_bank_days(ctx.today, 2), 6)
        ctx.schedule(verified_at, "customer_bank_account.verified", account.id)
        return account
    return _verify(ctx, account)


def _verify(ctx: Ctx, account: CustomerBankAccount) -> CustomerBankAccount:
    return ctx.put(
        customer_bank_accounts,
        changed(account, status=BankStatus.VERIFIED, updated_time=ctx.record_time),
    )


@customer_bank_accounts.timer("customer_bank_account.verified")
def when_checked(ctx: Ctx, account_id: str) -> None:
    """Two bank days after its creation an account is VERIFIED."""
    account = ctx.get(customer_bank_accounts, account_id)
    if account.status is BankStatus.PENDING:
        _verify(ctx, account)


@customer_bank_accounts.simulation(
    "customer_bank_account.verified",
    states=when("status", {BankStatus.PENDING}),
    course="two bank days after its creation, if `customer_bank_check` is `two_bank_days`",
    evidence=assumed("a control of the simulator; BILL's check has no call"),
)
def verified(ctx: Ctx, account_id: str, details: NoDetails) -> CustomerBankAccount:
    """BILL's check of a customer's bank account ends well."""
    return _verify(ctx, ctx.get(customer_bank_accounts, account_id))


@customer_bank_accounts.simulation(
    "customer_bank_account.rejected",
    states=when("status", {BankStatus.PENDING, BankStatus.VERIFIED}),
    evidence=assumed("a control of the simulator; INVALID is a status of BILL's bank accounts"),
)
def rejected(ctx: Ctx, account_id: str, details: NoDetails) -> CustomerBankAccount:
    """A customer's bank account turns out to be INVALID; it cannot be charged."""
    account = ctx.get(customer_bank_accounts, account_id)
    return ctx.put(
        customer_bank_accounts,
        changed(account, status=BankStatus.INVALID, updated_time=ctx.record_time),
    )


@customer_bank_accounts.operation(
    "PATCH",
    "/{bankAccountId}",
    body=CustomerBankPatch,
    roles=MANAGE_RECEIVABLES,
    evidence=documented("BILL reference: Update a customer bank account (nickname, ownerType)"),
)
def update(
    ctx: Ctx, customer_id: str, account_id: str, body: CustomerBankPatch
) -> CustomerBankAccount:
    """Change the nickname or owner type of an account."""
    account = of_customer(ctx, customer_id, account_id)
    given = {name: getattr(body, name) for name in body.given}
    return ctx.put(customer_bank_accounts, changed(account, **given, updated_time=ctx.record_time))


@customer_bank_accounts.operation(
    "POST",
    "/{bankAccountId}/archive",
    roles=MANAGE_RECEIVABLES,
    evidence=documented("BILL reference: Archive a customer bank account (no restore exists)"),
)
def archive(ctx: Ctx, customer_id: str, account_id: str) -> CustomerBankAccount:
    """Archive a bank account for good."""
    account = of_customer(ctx, customer_id, account_id)
    if account.archived:
        return account
    return ctx.put(
        customer_bank_accounts, changed(account, archived=True, updated_time=ctx.record_time)
    )
