"""Building a scenario's world through BILL's own operations: what BILL refuses is no world."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from simulator import founding
from simulator.core.clock import Clock, ClockMode
from simulator.core.context import Ctx
from simulator.core.errors import Refusal
from simulator.core.ids import ALPHANUMERICS
from simulator.core.roles import PAY
from simulator.core.script import TIMERS
from simulator.core.world import World
from simulator.resources import bank_accounts, users
from simulator.resources.bank_account_users import UserVerification, give_access
from simulator.resources.bank_accounts import BankStatus
from simulator.resources.catalogue import notices, timer_handlers
from simulator.scenarios.cast import Cast, UnknownKey
from simulator.scenarios.format import Scenario, UserPart
from simulator.scenarios.places import Fault, Path, ScenarioError, Source
from simulator.scenarios.playing import Play, perform

_ADMINISTRATOR = "administrator"
# The operation that makes a record of a section, and the one that archives it.
_MADE_BY = {
    "vendors": "POST /connect/v3/vendors",
    "approval_policies": "POST /connect/v3/bill-approvals/policies",
    "bills": "POST /connect/v3/bills",
    "customers": "POST /connect/v3/customers",
    "invoices": "POST /connect/v3/invoices",
}
_ARCHIVED_BY = {
    "vendors": ("POST /connect/v3/vendors/{vendorId}/archive", "vendorId"),
    "bills": ("POST /connect/v3/bills/{billId}/archive", "billId"),
    "customers": ("POST /connect/v3/customers/{customerId}/archive", "customerId"),
    "invoices": ("POST /connect/v3/invoices/{invoiceId}/archive", "invoiceId"),
}
_AUTHORIZED_BY = "POST /connect/v3/customers/{customerId}/charge-authorization"
_BANK_OF_CUSTOMER = "POST /connect/v3/customers/{customerId}/bank-accounts"
_ORGANIZATION = "PATCH /connect/v3/organizations/{organizationId}"


def build(world: World, scenario: Scenario) -> None:
    """Give a founded world what its scenario says, and set the play off.

    The clock stands at the scenario's opening before, and at its start after.
    Raises ScenarioError with the record that BILL refuses.
    """
    builder = _Builder(world)
    builder.records(scenario)
    for index, past in enumerate(scenario.world.history):
        world.advance_to(past.at)
        refused = perform(world, past)
        if refused:
            raise ScenarioError([Fault(("world", "history", index), refused)])
    world.advance_to(scenario.world.start)
    builder.archive(scenario)
    play = Play(scenario)
    world.script = play
    play.begin(world)
    if scenario.world.clock is ClockMode.LIVE:
        world.clock.run()


@contextmanager
def _at(path: Path) -> Iterator[None]:
    try:
        yield
    except (Refusal, UnknownKey) as refusal:
        raise ScenarioError([Fault(path, str(refusal))]) from None


class _Builder:
    """Makes the records of the sections, in their order."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cast = Cast(world)

    def records(self, scenario: Scenario) -> None:
        part = scenario.world
        if part.organization:
            with _at(("world", "organization")):
                self._act(_ORGANIZATION, {"organizationId": "${organization}"}, part.organization)
        self._each("users", part.users, self._user)
        self._each("bankAccounts", part.bank_accounts, self._bank_account)
        self._each("vendors", part.vendors, self._made("vendors"))
        self._each("approvalPolicies", part.approval_policies, self._made("approval_policies"))
        self._each("bills", part.bills, self._made("bills"))
        self._each("customers", part.customers, self._customer)
        self._each("customerBankAccounts", part.customer_bank_accounts, self._customer_bank_account)
        self._each("invoices", part.invoices, self._made("invoices"))

    def archive(self, scenario: Scenario) -> None:
        for section, (operation, name) in _ARCHIVED_BY.items():
            for key, record in getattr(scenario.world, section).items():
                if record.get("archived"):
                    with _at(("world", section, key, "archived")):
                        self._act(operation, {name: f"${{{key}}}"}, None)

    def _each(self, section: str, part: dict[str, Any], make: Callable[[Any], str]) -> None:
        for key, written in part.items():
            with _at(("world", section, key)):
                self.cast.call_it(key, make(written))

    def _act(self, operation: str, path: dict[str, str], body: Any) -> Any:
        return self.cast.act(_ADMINISTRATOR, operation, path, body)

    def _made(self, section: str) -> Callable[[Any], str]:
        operation = _MADE_BY[section]

        def make(written: dict[str, Any]) -> str:
            body = {name: value for name, value in written.items() if name != "archived"}
            return str(self._act(operation, {}, body).id)

        return make

    def _ctx(self) -> Ctx:
        return Ctx(self.world, self.world.clock.now(), self.cast.organization_id)

    def _user(self, part: UserPart) -> str:
        return self.world.perform(self._ctx(), _add_user, part)

    def _bank_account(self, written: dict[str, Any]) -> str:
        body = {name: value for name, value in written.items() if name != "status"}
        account_id = str(self._act("POST /connect/v3/funding-accounts/banks", {}, body).id)
        if written.get("status", BankStatus.VERIFIED) is BankStatus.VERIFIED:
            self.world.perform(self._ctx(), _verify, account_id)
        return account_id

    def _customer(self, written: dict[str, Any]) -> str:
        body = {**written}
        body.pop("archived", None)
        authorized = body.pop("authorizedToCharge", False)
        customer_id = str(self._act("POST /connect/v3/customers", {}, body).id)
        if authorized:
            agreed = {"authorizedToCharge": True}
            self._act(_AUTHORIZED_BY, {"customerId": customer_id}, agreed)
        return customer_id

    def _customer_bank_account(self, written: dict[str, Any]) -> str:
        body = {**written}
        customer = body.pop("customer", "")
        path = {"customerId": self.cast.id_of(customer)}
        return str(self._act(_BANK_OF_CUSTOMER, path, body).id)


def _add_user(ctx: Ctx, part: UserPart) -> str:
    role = next(row for row in ctx.table(users.roles) if row.type is part.role)
    user = users.add(
        ctx,
        first_name=part.first_name,
        last_name=part.last_name,
        email=part.email,
        role=users.chosen_role(ctx, role.id),
        password=ctx.word("password", 16, ALPHANUMERICS),
    )
    if part.role in PAY:
        for account in ctx.table(bank_accounts.bank_accounts):
            if account.status is BankStatus.VERIFIED:
                give_access(ctx, account.id, user.id, UserVerification.VERIFIED)
    return user.id


def _verify(ctx: Ctx, account_id: str) -> None:
    account = bank_accounts.confirm(ctx, ctx.get(bank_accounts.bank_accounts, account_id))
    for user in ctx.table(users.users):
        if user.role.type in PAY and not user.archived:
            give_access(ctx, account.id, user.id, UserVerification.VERIFIED)


def try_out(scenario: Scenario, source: Source, name: str = "") -> None:
    """Build a scenario's world for nothing but to see that BILL would have it.

    Raises ScenarioError, told with lines where `source` knows them.
    """
    start = scenario.opening
    world = World(
        name="trial",
        seed=scenario.world.seed,
        clock=Clock(lambda: start, start),
        timer_handlers={**timer_handlers(), **TIMERS},
        behaviour=scenario.world.behaviour,
        notices=notices(),
    )
    founding.found(world, "", "", "")
    try:
        build(world, scenario)
    except ScenarioError as failure:
        faults = (source.located(fault.path, fault.rule) for fault in failure.faults)
        raise ScenarioError(faults, name) from None
