"""The records of a generated world, made by BILL's own operations with texts of Faker's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from simulator.core.context import Ctx
from simulator.core.world import World
from simulator.resources import bank_accounts, bills, customers, invoices, payments, vendors
from simulator.resources.addresses import AddressBody
from simulator.resources.bill_rows import BillCreate, InvoiceBody, LineBody
from simulator.resources.invoice_rows import InvoiceCreate, InvoiceCustomer, InvoiceLineBody
from simulator.resources.payment_bodies import FundingBody, OptionsBody, PaymentCreate
from simulator.resources.payment_rows import FundingType
from simulator.resources.recorded_receipts import (
    PaymentType,
    ReceiptShareBody,
    RecordReceipt,
    record,
)
from simulator.resources.sessions import Session, SessionKind
from simulator.resources.users import users
from simulator.resources.vendor_rows import (
    AccountType,
    BankAccountBody,
    PaymentInformationBody,
    VendorCreate,
)

if TYPE_CHECKING:
    from faker import Faker

# Routing numbers of large banks, as they print them on checks.
_ROUTING = ("021000021", "026009593", "074000010", "091000019", "121000248", "122105155")
_BY_ACH = 0.7
_TEXTS = 400
_FIRST_INVOICE = 10_001


def administrator(world: World) -> Session:
    """A session of the world's administrator, past MFA, that is kept nowhere."""
    assert world.credentials is not None
    organization_id = world.credentials.organization_id
    for user in world.table(users.name, organization_id):
        if user.username == world.credentials.username:
            return Session(
                id="",
                kind=SessionKind.USER,
                organization_id=organization_id,
                user_id=user.id,
                role=user.role.type,
                key=None,
                trusted=True,
            )
    raise LookupError("the world has no administrator")


class Records:
    """Makes records, each method one; bills and invoices are known by numbers from 0."""

    def __init__(self, world: World, faker: Faker, draw: Random) -> None:
        self._faker = faker
        self._draw = draw
        self._texts = [faker.bs().capitalize() for _ in range(_TEXTS)]
        self._names: set[str] = set()
        self._vendors: list[str] = []
        self._customers: list[str] = []
        self._bills: dict[int, str] = {}
        self._invoices: dict[int, tuple[str, str]] = {}
        self._numbered: dict[str, int] = {}
        self.session = administrator(world)
        accounts = world.table(bank_accounts.bank_accounts.name, self.session.organization_id)
        self._funding = FundingBody(type=FundingType.BANK_ACCOUNT, id=next(iter(accounts)).id)

    def _name(self) -> str:
        name = self._faker.company()
        while name in self._names:
            name = f"{self._faker.company()} of {self._faker.city()}"
        self._names.add(name)
        return name

    def _email(self, name: str) -> str:
        # .example is kept for documentation: no mail gets anywhere.
        words = "".join(letter if letter.isalnum() else "-" for letter in name.lower())
        return f"accounts@{'-'.join(filter(None, words.split('-')))}.example"

    def _address(self) -> AddressBody:
        state = self._faker.state_abbr(
            include_territories=False, include_freely_associated_states=False
        )
        return AddressBody(
            line1=self._faker.street_address(),
            city=self._faker.city(),
            state_or_province=state,
            zip_or_postal_code=self._faker.postcode_in_state(state),
            country="US",
        )

    def vendor(self, ctx: Ctx) -> None:
        """A vendor, most of them paid by ACH, the others by check."""
        name = self._name()
        account = None
        if self._draw.random() < _BY_ACH:
            account = BankAccountBody(
                name_on_account=name,
                account_number=self._faker.numerify("%#########"),
                routing_number=self._draw.choice(_ROUTING),
            )
        body = VendorCreate(
            name=name,
            account_type=AccountType.BUSINESS,
            email=self._email(name),
            address=self._address(),
            payment_information=PaymentInformationBody(payee_name=name, bank_account=account),
        )
        self._vendors.append(vendors.create(ctx, body).id)

    def customer(self, ctx: Ctx) -> None:
        """A customer."""
        name = self._name()
        body = customers.CustomerCreate(
            name=name,
            company_name=name,
            email=self._email(name),
            billing_address=self._address(),
        )
        self._customers.append(customers.create(ctx, body).id)

    def bill(
        self, ctx: Ctx, number: int, billed: date, due: date, lines: Sequence[Decimal]
    ) -> None:
        """The bill of that number; its vendor counts invoices on."""
        vendor_id = self._draw.choice(self._vendors)
        count = self._numbered[vendor_id] = self._numbered.get(vendor_id, _FIRST_INVOICE - 1) + 1
        body = BillCreate(
            vendor_id=vendor_id,
            due_date=due,
            bill_line_items=[LineBody(amount=one, description=self._text()) for one in lines],
            invoice=InvoiceBody(invoice_number=f"INV-{count}", invoice_date=billed),
        )
        self._bills[number] = bills.create(ctx, body).id

    def payment(self, ctx: Ctx, number: int, amount: Decimal) -> None:
        """A payment of the bill of that number, on the earliest day that there is."""
        body = PaymentCreate(
            bill_id=self._bills[number],
            amount=amount,
            funding_account=self._funding,
            processing_options=OptionsBody(),
        )
        payments.create(ctx, body)

    def invoice(
        self, ctx: Ctx, number: int, invoiced: date, due: date, lines: Sequence[Decimal]
    ) -> None:
        """The invoice of that number."""
        customer_id = self._draw.choice(self._customers)
        body = InvoiceCreate(
            customer=InvoiceCustomer(id=customer_id),
            invoice_number=f"{_FIRST_INVOICE + number}",
            invoice_date=invoiced,
            due_date=due,
            invoice_line_items=[
                InvoiceLineBody(quantity=Decimal(1), price=one, description=self._text())
                for one in lines
            ],
        )
        self._invoices[number] = invoices.create(ctx, body).id, customer_id

    def receipt(self, ctx: Ctx, number: int, amount: Decimal, paid: date) -> None:
        """What the customer paid on the invoice of that number, by check or transfer."""
        invoice_id, customer_id = self._invoices[number]
        body = RecordReceipt(
            customer_id=customer_id,
            amount=amount,
            payment_date=paid,
            payment_type=self._draw.choice((PaymentType.CHECK, PaymentType.ACH)),
            invoices=[ReceiptShareBody(id=invoice_id, amount=amount)],
        )
        record(ctx, body)

    def _text(self) -> str:
        return self._draw.choice(self._texts)
