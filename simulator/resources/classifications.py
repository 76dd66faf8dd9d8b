"""Classifications: seven kinds of accounting lists with the same ten operations each.

/v3/classifications/{accounting-classes, chart-of-accounts, departments,
employees, items, jobs, locations}
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from types import GenericAlias
from typing import Annotated, Any, TypeVar

from pydantic import Field

from simulator.core.body import Amount, Body, NotBlank, Text
from simulator.core.bulk import all_or_nothing
from simulator.core.context import Ctx
from simulator.core.errors import refuse
from simulator.core.evidence import assumed, documented
from simulator.core.listing import BOOLEAN, INSTANT, TEXT, filter_field
from simulator.core.money import Money
from simulator.core.resource import Resource
from simulator.core.roles import MANAGE_LISTS
from simulator.core.rows import Instant, Row, Shape, changed, shape

R = TypeVar("R", bound=Row)
B = TypeVar("B", bound=Body)

BULK_LIMIT = 50


class AccountType(StrEnum):
    """The kind of a chart of account."""

    UNSPECIFIED = "UNSPECIFIED"
    ACCOUNTS_PAYABLE = "ACCOUNTS_PAYABLE"
    ACCOUNTS_RECEIVABLE = "ACCOUNTS_RECEIVABLE"
    BANK = "BANK"
    COST_OF_GOODS_SOLD = "COST_OF_GOODS_SOLD"
    CREDIT_CARD = "CREDIT_CARD"
    EQUITY = "EQUITY"
    EXPENSE = "EXPENSE"
    FIXED_ASSET = "FIXED_ASSET"
    INCOME = "INCOME"
    LONG_TERM_LIABILITY = "LONG_TERM_LIABILITY"
    OTHER_ASSET = "OTHER_ASSET"
    OTHER_CURRENT_ASSET = "OTHER_CURRENT_ASSET"
    OTHER_CURRENT_LIABILITY = "OTHER_CURRENT_LIABILITY"
    OTHER_EXPENSE = "OTHER_EXPENSE"
    OTHER_INCOME = "OTHER_INCOME"
    NON_POSTING = "NON_POSTING"


class ItemType(StrEnum):
    """The kind of an item (members of BILL's collection and of v2)."""

    UNSPECIFIED = "UNSPECIFIED"
    SERVICE = "SERVICE"
    INVENTORY = "INVENTORY"
    NON_INVENTORY = "NON_INVENTORY"
    FIXED_ASSET = "FIXED_ASSET"
    INVENTORY_ASSEMBLY = "INVENTORY_ASSEMBLY"
    OTHER_CHARGE = "OTHER_CHARGE"
    SUBTOTAL = "SUBTOTAL"
    GROUP = "GROUP"
    DISCOUNT = "DISCOUNT"
    PAYMENT = "PAYMENT"
    SALES_TAX = "SALES_TAX"
    SALES_TAX_GROUP = "SALES_TAX_GROUP"


PERCENTAGE_TYPES = frozenset({ItemType.DISCOUNT, ItemType.SALES_TAX, ItemType.OTHER_CHARGE})


class NamedBody(Body):
    """An accounting class, department, location or job."""

    name: NotBlank
    short_name: Text | None = None
    description: Text | None = None
    parent_id: Text | None = None


class NamedPatch(Body):
    """The members that change."""

    name: NotBlank | None = None
    short_name: Text | None = None
    description: Text | None = None
    parent_id: Text | None = None


class EmployeeBody(Body):
    """An employee; also what changes of one."""

    first_name: Text | None = None
    last_name: Text | None = None
    short_name: Text | None = None
    parent_id: Text | None = None


class AccountBody(Body):
    """Type and number of a chart of account."""

    type: AccountType | None = None
    number: Text | None = None


class ChartOfAccountBody(Body):
    """A chart of account."""

    name: NotBlank
    description: Text | None = None
    parent_id: Text | None = None
    account: AccountBody | None = None


class ChartOfAccountPatch(Body):
    """The members that change."""

    name: NotBlank | None = None
    description: Text | None = None
    parent_id: Text | None = None
    account: AccountBody | None = None


class ItemPatch(Body):
    """The members of an item that change."""

    type: ItemType | None = None
    name: NotBlank | None = None
    short_name: Text | None = None
    description: Text | None = None
    parent_id: Text | None = None
    price: Amount | None = None
    expense_chart_of_account_id: Text | None = None
    purchase_description: Text | None = None
    purchase_cost: Amount | None = None
    chart_of_account_id: Text | None = None
    taxable: bool | None = None
    # No upper bound: BILL's own sample gives 1207.22.
    percentage: Annotated[Amount, Field(ge=0)] | None = None


class ItemBody(ItemPatch):
    """An item."""

    type: ItemType
    name: NotBlank


@shape
class Named(Row):
    """An accounting class, department, location or job."""

    id: str
    name: str
    short_name: str | None = None
    description: str | None = None
    parent_id: str | None = None
    archived: bool
    created_time: Instant
    updated_time: Instant


@shape
class Employee(Row):
    """An employee."""

    id: str
    first_name: str | None = None
    last_name: str | None = None
    short_name: str | None = None
    parent_id: str | None = None
    archived: bool
    created_time: Instant
    updated_time: Instant


@shape
class Account(Shape):
    """Type and number of a chart of account."""

    type: AccountType | None = None
    number: str | None = None


@shape
class ChartOfAccount(Row):
    """A chart of account."""

    id: str
    archived: bool
    name: str
    description: str | None = None
    parent_id: str | None = None
    account: Account | None = None
    created_time: Instant
    updated_time: Instant


@shape
class Item(Row):
    """A product, service or tax. `price` and `purchase_cost` in dollars."""

    id: str
    type: ItemType
    short_name: str | None = None
    name: str
    description: str | None = None
    archived: bool
    parent_id: str | None = None
    price: Money | None = None
    expense_chart_of_account_id: str | None = None
    purchase_description: str | None = None
    purchase_cost: Money | None = None
    chart_of_account_id: str | None = None
    taxable: bool | None = None
    percentage: Money | None = None
    created_time: Instant
    updated_time: Instant


class IdsQuery(Body):
    """Which records: ids joined by commas."""

    ids: NotBlank


def _members(body: Body, old: Any = None) -> dict[str, Any]:
    members = {name: getattr(body, name) for name in body.given - {"id"}}
    account = members.get("account")
    if isinstance(account, AccountBody):
        given = {name: getattr(account, name) for name in account.given}
        members["account"] = changed(getattr(old, "account", None) or Account(), **given)
    return members


def _check_percentage(item: Item) -> None:
    if item.percentage is not None and item.type not in PERCENTAGE_TYPES:
        raise refuse("field.invalid", field="percentage")


def _declare(
    path: str, wrap: str, prefix: str, row: type[R], body: type[Body], patch: type[Body]
) -> Resource[R]:
    """One kind: its ten operations, all on one page."""
    kind = Resource(wrap, f"/v3/classifications/{path}", row, prefix=prefix)
    source = documented(f"BILL reference: classifications/{path}")
    known = row.__dataclass_fields__
    sorts = ("name", "description") if "name" in known else ("firstName", "lastName")
    texts = [name for name in sorts if name != "description"]
    texts += ["shortName"] if "short_name" in known else []
    time_ops = "gt gte lt lte"
    kind.listed(
        filters=(
            filter_field("id", TEXT, "eq ne in"),
            filter_field("archived", BOOLEAN, "eq ne"),
            *(filter_field(name, TEXT, "eq sw") for name in texts),
            filter_field("parentId", TEXT, "eq in"),
            filter_field("createdTime", INSTANT, time_ops),
            filter_field("updatedTime", INSTANT, time_ops),
        ),
        sorts=(
            filter_field("archived", BOOLEAN),
            *(filter_field(name, TEXT) for name in sorts),
            filter_field("createdTime", INSTANT),
            filter_field("updatedTime", INSTANT),
        ),
        evidence=documented("BILL guide: Sortable fields; the filterable ones are assumed"),
    )
    kind.retrieve("id", evidence=source)
    switch = kind.archive_restore("id", roles=MANAGE_LISTS)

    def store(ctx: Ctx, new: R, members: dict[str, Any]) -> R:
        if members.get("parent_id") is not None:
            ctx.get(kind, members["parent_id"])
        if isinstance(new, Item):
            _check_percentage(new)
        return ctx.put(kind, new)

    def create(ctx: Ctx, given: Body) -> R:
        """Create a record."""
        members = _members(given)
        now = ctx.record_time
        make: Callable[..., R] = row
        new = make(
            id=ctx.new_id(kind.prefix),
            archived=False,
            created_time=now,
            updated_time=now,
            **members,
        )
        return store(ctx, new, members)

    def create_bulk(ctx: Ctx, given: list[Body]) -> list[R]:
        """Create up to 50 records, all or none."""
        return all_or_nothing(given, BULK_LIMIT, lambda one: create(ctx, one))

    def update(ctx: Ctx, row_id: str, given: Body) -> R:
        """Change some members of a record."""
        old: Any = ctx.get(kind, row_id)
        members = _members(given, old)
        new: R = changed(old, **members, updated_time=ctx.record_time)
        return store(ctx, new, members)

    def update_bulk(ctx: Ctx, given: list[Any]) -> list[R]:
        """Change up to 50 records, all or none."""
        return all_or_nothing(given, BULK_LIMIT, lambda one: update(ctx, one.id, one))

    def switch_bulk(ctx: Ctx, query: IdsQuery, archived: bool) -> list[R]:
        ids = [one.strip() for one in query.ids.split(",") if one.strip()]
        return all_or_nothing(ids, BULK_LIMIT, lambda one: switch(ctx, one, archived))

    def archive_bulk(ctx: Ctx, query: IdsQuery) -> list[R]:
        """Archive records."""
        return switch_bulk(ctx, query, True)

    def restore_bulk(ctx: Ctx, query: IdsQuery) -> list[R]:
        """Restore archived records."""
        return switch_bulk(ctx, query, False)

    with_id = type(f"{patch.__name__}WithId", (patch,), {"__annotations__": {"id": NotBlank}})
    roles = MANAGE_LISTS
    kind.operation("POST", "", status=201, body=body, roles=roles, evidence=source)(create)
    bodies, patches = GenericAlias(list, body), GenericAlias(list, with_id)
    kind.operation(
        "POST", "/bulk", status=201, body=bodies, roles=roles, wrap=wrap, evidence=source
    )(create_bulk)
    kind.operation("PATCH", "/{id}", body=patch, roles=roles, evidence=source)(update)
    kind.operation("PATCH", "/bulk", body=patches, roles=roles, wrap=wrap, evidence=source)(
        update_bulk
    )
    for verb, run in (("archive", archive_bulk), ("restore", restore_bulk)):
        kind.operation(
            "POST", f"/bulk/{verb}", query=IdsQuery, roles=roles, wrap=wrap, evidence=source
        )(run)
    return kind


accounting_classes = _declare(
    "accounting-classes", "accountingClasses", "cls", Named, NamedBody, NamedPatch
)
chart_of_accounts = _declare(
    "chart-of-accounts",
    "chartOfAccounts",
    "0ca",
    ChartOfAccount,
    ChartOfAccountBody,
    ChartOfAccountPatch,
)
departments = _declare("departments", "departments", "0de", Named, NamedBody, NamedPatch)
employees = _declare("employees", "employees", "emp", Employee, EmployeeBody, EmployeeBody)
items = _declare("items", "items", "0ii", Item, ItemBody, ItemPatch)
jobs = _declare("jobs", "jobs", "job", Named, NamedBody, NamedPatch)
locations = _declare("locations", "locations", "loc", Named, NamedBody, NamedPatch)

items.rule(
    "A name is required of every kind but employees; a parentId must exist in its own kind.",
    assumed("an older schema leaves some names optional; the parent's refusal was not seen"),
)

items.rule(
    "A record may be made its own parent.",
    assumed("no refusal of it is known"),
)

items.rule(
    "Only a DISCOUNT, SALES_TAX or OTHER_CHARGE has a percentage.",
    documented("BILL reference: Create an item; the refusal was not seen"),
)

KINDS: tuple[Resource[Any], ...] = (
    accounting_classes,
    chart_of_accounts,
    departments,
    employees,
    items,
    jobs,
    locations,
)
