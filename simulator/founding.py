"""What a new world holds: an organization, users of the six roles, a bank account.

The demo adds a handful of vendors and bills, made through the same operations
that a client would call.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from simulator.core.context import Ctx
from simulator.core.ids import ALPHANUMERICS, CAPITALS, word
from simulator.core.roles import PAY, Role
from simulator.core.world import Credentials, World
from simulator.resources import (
    bank_accounts,
    bill_rows,
    bills,
    organizations,
    partners,
    risk_verifications,
    sync_tokens,
    users,
    vendors,
)
from simulator.resources.addresses import AddressBody
from simulator.resources.bank_account_users import UserVerification, give_access
from simulator.resources.bank_accounts import BankCreate, BankOwner, BankType
from simulator.resources.vendor_rows import (
    AccountType,
    BankAccountBody,
    PaymentInformationBody,
    VendorCreate,
)

_PEOPLE = (
    (Role.ADMINISTRATOR, "Ada", "Hartley"),
    (Role.ACCOUNTANT, "Noah", "Castillo"),
    (Role.APPROVER, "Priya", "Raman"),
    (Role.PAYER, "Miles", "Okafor"),
    (Role.CLERK, "June", "Lindqvist"),
    (Role.AUDITOR, "Theo", "Marsh"),
)


def found(world: World, dev_key: str, app_key: str, api_token: str) -> None:
    """Give an empty world its organization, people and bank account."""
    ctx = Ctx(world, world.clock.now(), "")
    world.perform(ctx, _found, dev_key, app_key, api_token)


def _found(ctx: Ctx, dev_key: str, app_key: str, api_token: str) -> None:
    world = ctx.world
    organization = organizations.found(
        ctx,
        organizations.OrganizationCreate(
            name="Cedar & Finch Trading",
            address=AddressBody(
                line1="12 Foundry Lane",
                city="Portland",
                state_or_province="OR",
                zip_or_postal_code="97209",
                country="US",
            ),
            phone="5035550100",
            account_type=organizations.OrganizationType.BUSINESS,
        ),
    )
    inside = ctx.within(organization.id)
    roles = users.add_roles(inside)
    people = [
        users.add(
            inside,
            first_name=first,
            last_name=last,
            email=f"{role.value.lower()}@cedarfinch.example",
            role=roles[role],
            password=ctx.word("password", 16, ALPHANUMERICS),
        )
        for role, first, last in _PEOPLE
    ]
    administrator = people[0]
    account = bank_accounts.add(
        inside,
        BankCreate(
            name_on_account=organization.name,
            routing_number="074000010",
            account_number="800555000142",
            type=BankType.CHECKING,
            owner_type=BankOwner.BUSINESS,
            bank_name="First Cedar Bank",
        ),
        administrator.id,
    )
    bank_accounts.confirm(inside, account)
    for person in people:
        if person.role.type in PAY:
            give_access(inside, account.id, person.id, UserVerification.VERIFIED)
    bank_accounts.make_default(inside, account.id)
    sync_tokens.add(inside)
    risk_verifications.add(inside, risk_verifications.RiskDecision.APPROVE)
    partners.add(ctx, "Finch Ledger Partners", "partner@finchledger.example")
    world.credentials = Credentials(
        dev_key=dev_key,
        app_key=app_key,
        api_token=api_token,
        organization_id=organization.id,
        username=administrator.username,
        password=administrator.password,
    )


def keys(seed: int, ordinal: int) -> tuple[str, str, str]:
    """The devKey, appKey and apiToken of the `ordinal`-th world of a server."""
    return (
        "01" + word(seed, "dev-key", ordinal, 18, CAPITALS),
        "02" + word(seed, "app-key", ordinal, 18, CAPITALS),
        word(seed, "api-token", ordinal, 40, ALPHANUMERICS),
    )


_VENDORS = (
    ("Happy Music Supplies", "123 Main Street", "San Jose", "CA", "95002", True),
    ("Blue Door Cleaning", "88 Canal Street", "New Orleans", "LA", "70130", False),
    ("Orchard Office Park", "1 Orchard Way", "Boise", "ID", "83702", True),
    ("Tallgrass Print & Post", "410 Prairie Avenue", "Tulsa", "OK", "74103", False),
    ("Northwind Freight", "2200 Harbor Road", "Duluth", "MN", "55802", True),
)
_BILLS = (
    (0, "INV-1042", "149.00", 10),
    (0, "INV-1043", "79.99", 24),
    (1, "BD-2211", "320.00", 5),
    (2, "RENT-07", "4150.00", 3),
    (3, "TP-0099", "61.27", 14),
    (4, "NF-5510", "987.45", 20),
)


def add_demo(world: World) -> None:
    """Put the demo's vendors and bills into a founded world."""
    assert world.credentials is not None
    organization_id = world.credentials.organization_id
    world.perform(Ctx(world, world.clock.now(), organization_id), _add_demo)


def _add_demo(ctx: Ctx) -> None:
    made = []
    for name, line1, city, state, postcode, by_ach in _VENDORS:
        account = BankAccountBody(
            name_on_account=name, account_number="444555666", routing_number="074000010"
        )
        made.append(
            vendors.create(
                ctx,
                VendorCreate(
                    name=name,
                    account_type=AccountType.BUSINESS,
                    email=f"billing@{name.split()[0].lower()}.example",
                    address=AddressBody(
                        line1=line1,
                        city=city,
                        state_or_province=state,
                        zip_or_postal_code=postcode,
                        country="US",
                    ),
                    payment_information=PaymentInformationBody(
                        payee_name=name, bank_account=account if by_ach else None
                    ),
                ),
            )
        )
    for index, number, amount, days in _BILLS:
        bills.create(
            ctx,
            bill_rows.BillCreate(
                vendor_id=made[index].id,
                due_date=ctx.today + timedelta(days=days),
                bill_line_items=[bill_rows.LineBody(amount=Decimal(amount))],
                invoice=bill_rows.InvoiceBody(invoice_number=number, invoice_date=ctx.today),
            ),
        )
