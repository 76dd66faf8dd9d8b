"""Which changes BILL tells by webhook, as the world's subscribers hear them, and which not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from simulator import Behaviour, founding
from simulator.core.clock import Clock
from simulator.core.context import Ctx
from simulator.core.errors import Refusal
from simulator.core.events import Event
from simulator.core.roles import Role
from simulator.core.world import World
from simulator.resources.bank_accounts import bank_accounts
from simulator.resources.catalogue import operations, simulations, timer_handlers
from simulator.resources.users import users
from tests.resources.networking import ASKS_FIRST, AT_ONCE, NATIONAL
from tests.resources.payables import ADDRESS, BANK_BODY, SMALLEST_VENDOR, bill_body
from tests.resources.receivables import SMALLEST_CUSTOMER, invoice_body

START = datetime(2026, 6, 3, 16, tzinfo=UTC)
VENDORS, BILLS, BANKS = "/v3/vendors", "/v3/bills", "/v3/funding-accounts/banks"


@dataclass(frozen=True)
class Administrator:
    """A signed-in caller with MFA trust."""

    user_id: str
    id: str = "session"
    role: Role = Role.ADMINISTRATOR
    trusted: bool = True


class Office:
    """A world of the pure core whose subscriber writes down what it hears."""

    def __init__(self, **behaviour: Any) -> None:
        clock = Clock(lambda: START, START)
        self.world = World("office", 1, clock, timer_handlers(), Behaviour(**behaviour))
        founding.found(self.world, *founding.keys(1, 0))
        assert self.world.credentials is not None
        self.organization_id = self.world.credentials.organization_id
        self.heard: list[Event] = []
        self.world.subscribers.append(self.heard.append)

    def ctx(self, caller: Administrator | None = None) -> Ctx:
        return Ctx(self.world, self.world.clock.now(), self.organization_id, caller)

    def call(self, key: str, *path: str, body: Any = None) -> Any:
        """Perform an operation as an administrator."""
        method, _, place = key.partition(" ")
        operation = operations()[f"{method} /connect{place}"]
        arguments: list[Any] = list(path)
        if operation.query is not None:
            arguments.append(operation.query())
        if operation.body is not None:
            arguments.append(TypeAdapter(operation.body).validate_python(body))
        (admin,) = (
            user for user in self.ctx().table(users) if user.role.type is Role.ADMINISTRATOR
        )
        caller = Administrator(admin.id)
        return self.world.perform(self.ctx(caller), operation.run, *arguments)

    def simulate(self, event: str, record_id: str, **details: Any) -> Any:
        found = simulations()[event]
        given = found.details.model_validate(details)
        return self.world.perform(self.ctx(), found.happen, record_id, given)

    def types(self) -> list[str]:
        """The types heard since the last time."""
        heard = [event.type for event in self.heard]
        self.heard.clear()
        return heard

    def bank(self) -> Any:
        return next(iter(self.ctx().table(bank_accounts)))

    def vendor(self, **more: Any) -> Any:
        made = self.call(f"POST {VENDORS}", body={**SMALLEST_VENDOR, **more})
        assert self.types() == ["vendor.created"]
        return made

    def bill(self, vendor_id: str) -> Any:
        made = self.call(f"POST {BILLS}", body=bill_body(vendor_id))
        assert self.types() == ["bill.created"]
        return made

    def payment(self) -> Any:
        bill = self.bill(self.vendor().id)
        body = {
            "billId": bill.id,
            "amount": Decimal("228.99"),
            "fundingAccount": {"type": "BANK_ACCOUNT", "id": self.bank().id},
            "processingOptions": {},
        }
        return self.call("POST /v3/payments", body=body)


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def reserved() -> Office:
    """An office whose webhooks tell of the members alone that BILL's pages of payloads name."""
    return Office(update_webhooks="listed_members")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"name": "Happier Music"}, ["vendor.updated"]),
        ({"address": {"country": "CA"}}, ["vendor.updated"]),
        ({"name": SMALLEST_VENDOR["name"]}, []),
        ({"address": {"line1": "1 Other Street"}}, []),
        ({"email": "new@vendor.example", "phone": "5035550111"}, []),
        ({"autoPay": {"enabled": True}}, []),
    ],
)
def test_every_edit_of_a_vendor_is_told_or_by_setting_those_of_name_and_country(
    office: Office, reserved: Office, body: dict[str, Any], told: list[str]
) -> None:
    for each, expected in ((office, ["vendor.updated"]), (reserved, told)):
        vendor = each.vendor()
        each.call(f"PATCH {VENDORS}/{{vendorId}}", vendor.id, body=body)
        assert each.types() == expected


def test_a_vendors_bank_account_is_told_unless_a_setting_forbids(
    office: Office, reserved: Office
) -> None:
    account = {"accountNumber": "111222333", "routingNumber": "074000010"}
    for each, expected in ((office, ["vendor.updated"] * 3), (reserved, [])):
        vendor, path = each.vendor(), f"{VENDORS}/{{vendorId}}/bank-account"
        each.call(f"POST {path}", vendor.id, body=account)
        each.simulate("vendor_bank_account.rejected", vendor.id)
        each.call(f"DELETE {path}", vendor.id)
        assert each.types() == expected


@pytest.mark.parametrize(("place", "stem"), [(VENDORS, "vendor"), (BILLS, "bill")])
def test_archiving_and_restoring_is_told_once(reserved: Office, place: str, stem: str) -> None:
    vendor = reserved.vendor()
    record = vendor if stem == "vendor" else reserved.bill(vendor.id)
    for verb in ("archive", "archive", "restore", "restore"):
        reserved.call(f"POST {place}/{{{stem}Id}}/{verb}", record.id)
    assert reserved.types() == [f"{stem}.archived", f"{stem}.restored"]


def test_archiving_a_bill_is_an_update_too(office: Office) -> None:
    bill = office.bill(office.vendor().id)
    for verb in ("archive", "archive", "restore"):
        office.call(f"POST {BILLS}/{{billId}}/{verb}", bill.id)
    assert office.types() == ["bill.updated", "bill.archived", "bill.restored"]


def ask(office: Office, vendor_id: str, network_id: str) -> None:
    kind = "RPPS" if network_id == NATIONAL else "BILL"
    body = {
        "networkId": network_id,
        "networkType": kind,
        "rppsInformation": {"accountNumber": "72"},
    }
    office.call("POST /v3/network/invitation/vendor/{vendorId}", vendor_id, body=body)


@pytest.mark.parametrize("network_id", [AT_ONCE, NATIONAL])
def test_a_vendor_is_told_when_it_is_connected_and_when_that_ends(
    office: Office, network_id: str
) -> None:
    vendor = office.vendor()
    ask(office, vendor.id, network_id)
    (connected,) = [event.row for event in office.heard]
    assert office.types() == ["vendor.updated"]
    ids = (connected.payment_network_id, connected.rpps_id)  # type: ignore[attr-defined]
    assert ids == ((None, network_id) if network_id == NATIONAL else (network_id, None))
    office.simulate("network_connection.ended", vendor.id)
    (ended,) = [event.row for event in office.heard]
    assert office.types() == ["vendor.updated"]
    assert (ended.payment_network_id, ended.rpps_id) == (None, None)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("event", "told"),
    [("accepted", ["vendor.updated"]), ("declined", []), ("expired", [])],
)
def test_an_invitation_is_told_when_it_is_accepted_alone(
    office: Office, event: str, told: list[str]
) -> None:
    vendor = office.vendor()
    ask(office, vendor.id, ASKS_FIRST)
    assert office.types() == []
    office.simulate(f"network_invitation.{event}", vendor.id)
    assert office.types() == told


def test_connections_with_customers_are_not_told(office: Office) -> None:
    customer = office.call("POST /v3/customers", body=SMALLEST_CUSTOMER)
    body = {"networkId": AT_ONCE, "networkType": "BILL"}
    office.call("POST /v3/network/invitation/customer/{customerId}", customer.id, body=body)
    assert office.types() == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"billLineItems": [{"amount": 5}]}, ["bill.updated"]),
        ({"invoice": {"invoiceNumber": "202502"}}, ["bill.updated"]),
        ({"invoice": {"invoiceDate": "2026-12-02"}}, ["bill.updated"]),
        ({"vendorId": "another"}, ["bill.updated"]),
        ({"billLineItems": [{"amount": Decimal("228.99"), "description": "x"}]}, []),
        ({"invoice": {"invoiceNumber": "202501", "invoiceDate": "2026-12-01"}}, []),
        ({"dueDate": "2027-01-31", "description": "x", "purchaseOrderNumber": "7"}, []),
    ],
)
def test_every_edit_of_a_bill_is_told_or_by_setting_those_of_four_members(
    office: Office, reserved: Office, body: dict[str, Any], told: list[str]
) -> None:
    for each, expected in ((office, ["bill.updated"]), (reserved, told)):
        other = each.vendor().id
        bill = each.bill(each.vendor().id)
        given = dict(body)
        if "vendorId" in body:
            given = {"vendorId": other}
        if "billLineItems" in body:
            line = {**body["billLineItems"][0], "id": bill.bill_line_items[0].id}
            given = {"billLineItems": [line]}
        each.call(f"PATCH {BILLS}/{{billId}}", bill.id, body=given)
        assert each.types() == expected


def test_replacing_a_bill_by_the_same_is_not_told_by_setting(reserved: Office) -> None:
    vendor = reserved.vendor()
    bill = reserved.bill(vendor.id)
    reserved.call(f"PUT {BILLS}/{{billId}}", bill.id, body=bill_body(vendor.id))
    assert reserved.types() == []


def test_a_payment_is_told_with_every_status_and_its_bill_with_none(office: Office) -> None:
    payment = office.payment()
    assert office.types() == ["payment.created", "payment.updated"]
    office.world.advance_to(datetime(2026, 6, 30, tzinfo=UTC))
    statuses = [event.row.single_status for event in office.heard]  # type: ignore[attr-defined]
    assert statuses == ["FUNDING_STARTED", "PROCESSED", "SENT", "DELIVERED", "CLEARED"]
    assert office.types() == ["payment.updated"] * 5
    office.simulate("payment.returned", payment.id)
    assert office.types() == ["payment.updated"]


def test_the_first_status_is_told_with_the_new_payment(office: Office) -> None:
    payment = office.payment()
    assert [(event.row.id, event.row.single_status) for event in office.heard] == [  # type: ignore[attr-defined]
        (payment.id, "SCHEDULED")
    ] * 2


def test_a_recorded_payment_is_told_like_one_that_was_made(office: Office) -> None:
    vendor = office.vendor()
    bill = office.bill(vendor.id)
    body = {
        "vendorId": vendor.id,
        "processDate": date(2026, 6, 1),
        "toPrintCheck": False,
        "payments": [{"billId": bill.id, "amount": 10}],
    }
    office.call("POST /v3/bills/record-payment", body=body)
    assert office.types() == ["payment.created", "payment.updated"]


def test_a_reissue_that_leaves_the_status_is_not_told(office: Office) -> None:
    payment = office.payment()
    for _ in range(2):
        office.simulate("payment.advanced", payment.id)
    office.types()
    body = {"type": "VOID_AND_REISSUE", "reason": "lost"}
    again = office.call("POST /v3/payments/{paymentId}/void", payment.id, body=body)
    assert (again.single_status, office.types()) == ("PROCESSED", [])


def test_a_bank_account_is_told_from_its_creation_to_its_verification(office: Office) -> None:
    account = office.call(f"POST {BANKS}", body=BANK_BODY)
    (made,) = [event.row for event in office.heard]
    assert (made.status, made.archived) == ("PENDING", True)  # type: ignore[attr-defined]
    assert office.types() == ["bank-account.created"]
    verify = f"POST {BANKS}/{{bankAccountId}}/verify"
    office.call(verify, account.id, body={"depositAmount": "0.49"})
    assert office.types() == []
    office.call(verify, account.id, body={"depositAmount": "0.50"})
    (verified,) = [event.row for event in office.heard]
    assert (verified.status, verified.archived) == ("VERIFIED", False)  # type: ignore[attr-defined]
    assert office.types() == ["bank-account.updated"]


def test_a_bank_account_is_told_when_three_wrong_deposits_block_it(office: Office) -> None:
    account = office.call(f"POST {BANKS}", body=BANK_BODY)
    told = [["bank-account.created"], [], [], ["bank-account.updated"]]
    assert office.types() == told[0]
    for expected in told[1:]:
        body = {"depositAmount": "0.01"}
        office.call(f"POST {BANKS}/{{bankAccountId}}/verify", account.id, body=body)
        assert office.types() == expected


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"default": {"payables": False}}, ["bank-account.updated"]),
        ({"default": {"payables": True}}, []),
        ({"bankName": "Other Bank", "accessToAdmins": True}, []),
    ],
)
def test_a_bank_account_is_told_when_its_defaults_change(
    office: Office, body: dict[str, Any], told: list[str]
) -> None:
    office.call(f"PATCH {BANKS}/{{bankAccountId}}", office.bank().id, body=body)
    assert office.types() == told


def test_a_default_that_moves_is_told_of_both_accounts(office: Office) -> None:
    first = office.bank()
    second = office.call(f"POST {BANKS}", body=BANK_BODY)
    office.simulate("bank_account.verified", second.id)
    assert office.types() == ["bank-account.created", "bank-account.updated"]
    body = {"default": {"receivables": True}}
    office.call(f"PATCH {BANKS}/{{bankAccountId}}", second.id, body=body)
    assert {event.row.id for event in office.heard} == {first.id, second.id}
    assert office.types() == ["bank-account.updated"] * 2


@pytest.mark.parametrize("how", ["archived", "blocked"])
def test_a_bank_account_is_told_when_it_is_no_longer_of_use(office: Office, how: str) -> None:
    account = office.bank()
    if how == "archived":
        for _ in range(2):
            office.call(f"POST {BANKS}/{{bankAccountId}}/archive", account.id)
    else:
        office.simulate("bank_account.blocked", account.id)
    (gone,) = [event.row for event in office.heard]
    assert gone.archived is True  # type: ignore[attr-defined]
    assert gone.default.payables is False  # type: ignore[attr-defined]
    assert office.types() == ["bank-account.updated"]


def test_what_a_customer_pays_is_told_of_the_invoice_alone(office: Office) -> None:
    customer = office.call("POST /v3/customers", body={**SMALLEST_CUSTOMER})
    invoice = office.call("POST /v3/invoices", body=invoice_body(customer.id))
    assert office.types() == ["invoice.created"]
    office.simulate("invoice.paid", invoice.id)
    assert office.types() == ["invoice.updated"]
    office.world.advance_to(datetime(2026, 6, 30, tzinfo=UTC))
    assert office.types() == ["invoice.updated"]


def test_an_autopay_that_failed_is_told_with_its_code(office: Office) -> None:
    vendor = office.vendor(autoPay={"enabled": True})
    before = dict(office.world.counters)
    office.simulate("autopay.failed", vendor.id, code="6")
    (event,) = office.heard
    assert (event.type, event.row.id) == ("autopay.failed", vendor.id)
    assert event.row.code == "6"  # type: ignore[attr-defined]
    assert dict(office.world.counters) == before


def test_a_risk_decision_is_told(office: Office) -> None:
    office.simulate("risk_verification.decided", office.organization_id, decision="HOLD")
    (event,) = office.heard
    assert (event.type, event.row.decision) == ("risk-verification.updated", "HOLD")  # type: ignore[attr-defined]
    assert event.organization_id == office.organization_id


def test_a_refused_call_tells_nothing(office: Office) -> None:
    vendor = office.vendor()
    refused: Mapping[str, Callable[[], Any]] = {
        "bill": lambda: office.call(
            f"POST {BILLS}", body={**bill_body(vendor.id), "vendorId": "nobody"}
        ),
        "vendor": lambda: office.call(f"PATCH {VENDORS}/{{vendorId}}", "nobody", body=ADDRESS),
        "bank": lambda: office.call(f"POST {BANKS}/{{bankAccountId}}/archive", "nobody"),
    }
    for call in refused.values():
        with pytest.raises(Refusal):
            call()
    assert office.types() == []
