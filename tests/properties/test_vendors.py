"""Vendors under any sequence of calls, answers of the network and days, against a small model."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from simulator import Behaviour
from simulator.core.errors import Refusal
from simulator.core.simulations import NoDetails
from simulator.resources.catalogue import operations, simulations
from simulator.resources.payment_rows import payments
from simulator.resources.sessions import SessionKind
from simulator.resources.vendor_rows import Vendor, vendors
from tests.properties.machine import Administrator, MachineOfOneWorld
from tests.properties.money_model import in_cents, money
from tests.properties.vendors_model import (
    ACCOUNTS,
    ASKED,
    AT_ONCE,
    CHANGES,
    CONNECTED,
    ELECTRICIAN,
    NATIONAL,
    NEW,
    NOT_CONNECTED,
    PENDING,
    TRUST,
    WHEN_ACCEPTED,
    OwnAccount,
    OwnBill,
    OwnVendor,
    body_of,
    morning,
)
from tests.resources.payables import UNKNOWN_VENDOR, bill_body

PATH = "/connect/v3/vendors"
ONE = f"{PATH}/{{vendorId}}"
ACCOUNT = f"{ONE}/bank-account"
INVITATION = "/connect/v3/network/invitation/vendor/{vendorId}"

ANSWERS = ["accepted", "declined", "expired"]


@dataclass(frozen=True)
class Person(Administrator):
    """An administrator, signed in."""

    kind: SessionKind = SessionKind.USER


class VendorMachine(MachineOfOneWorld):
    """Calls of an administrator, answers of the other side and the passing of time."""

    vendor_ids = Bundle("vendor_ids")
    bill_ids = Bundle("bill_ids")

    @initialize(
        target=vendor_ids,
        check=st.sampled_from(["off", "two_bank_days"]),
        mfa=st.sampled_from(["off", "required"]),
        invitations=st.sampled_from(["unanswered", "accepted"]),
        webhooks=st.sampled_from(["every_change", "listed_members"]),
    )
    def found(self, check: Any, mfa: Any, invitations: Any, webhooks: Any) -> Any:
        self.behaviour = Behaviour(
            vendor_bank_check=check,
            vendor_bank_mfa=mfa,
            network_invitations=invitations,
            update_webhooks=webhooks,
            settlement="manual",
            newer_fields=True,
        )
        self.set_up_world(self.behaviour)
        self.caller = Person(self.caller.user_id)
        self.model: dict[str, OwnVendor] = {}
        self.told: Counter[tuple[str, str]] = Counter()
        return self.create({"name": "Drum", "country": "US", "account": None}, True)

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def by(self, trusted: bool) -> None:
        """Who makes the next call."""
        self.caller = replace(self.caller, trusted=trusted)

    def tell(self, event: str, vendor_id: str) -> None:
        self.told[f"vendor.{event}", vendor_id] += 1

    def tell_change(self, vendor_id: str, listed: bool = False) -> None:
        """A change of what BILL's page of payloads lists, or another one."""
        if listed or self.behaviour.update_webhooks == "every_change":
            self.tell("updated", vendor_id)

    # Made and changed.

    def own(self, wanted: dict[str, Any]) -> OwnVendor:
        currency = wanted.get("currency", "USD")
        auto_pay = wanted.get("auto_pay", False)
        vendor = OwnVendor(wanted["name"], wanted["country"], currency, auto_pay)
        if wanted["account"]:
            vendor.account = self.own_account(wanted["account"])
        return vendor

    def own_account(self, body: dict[str, Any]) -> OwnAccount:
        account = OwnAccount(body["accountNumber"][-4:], body.get("routingNumber") or None)
        if self.behaviour.vendor_bank_check == "two_bank_days":
            account.standing, account.checked = "PENDING", morning(self.now, 2)
        return account

    def may_be_made(self, wanted: dict[str, Any], trusted: bool) -> bool:
        account = wanted["account"] or {}
        fits = self.own(wanted).takes(account.get("routingNumber"))
        return fits and (trusted or not wanted.get("auto_pay"))

    def made(self, vendor: Vendor, wanted: dict[str, Any]) -> str:
        assert vendor.id not in self.model
        self.model[vendor.id] = self.own(wanted)
        self.tell("created", vendor.id)
        return vendor.id

    @precondition(lambda self: len(self.model) < 5)
    @rule(target=vendor_ids, wanted=NEW, trusted=TRUST)
    def create(self, wanted: dict[str, Any], trusted: bool) -> str | MultipleResults[str]:
        self.by(trusted)
        allowed = self.may_be_made(wanted, trusted)
        vendor = self.call(allowed, f"POST {PATH}", body=body_of(wanted))
        return self.made(vendor, wanted) if vendor else multiple()

    @precondition(lambda self: len(self.model) < 5)
    @rule(target=vendor_ids, wanted=st.lists(NEW, min_size=1, max_size=3), trusted=TRUST)
    def create_several(self, wanted: list[dict[str, Any]], trusted: bool) -> MultipleResults[str]:
        self.by(trusted)
        allowed = all(self.may_be_made(one, trusted) for one in wanted)
        bodies = [body_of(one) for one in wanted]
        found = self.call(allowed, f"POST {PATH}/bulk", body=bodies) or []
        together = zip(found, wanted, strict=bool(found))
        return multiple(*[self.made(vendor, one) for vendor, one in together])

    @rule(vendor_id=vendor_ids, changes=CHANGES, trusted=TRUST)
    def patch(self, vendor_id: str, changes: dict[str, Any], trusted: bool) -> None:
        self.by(trusted)
        vendor = self.model[vendor_id]
        body: dict[str, Any] = {"name": changes.get("name")}
        if "country" in changes:
            body["address"] = {"country": changes["country"]}
        if "currency" in changes:
            body["billCurrency"] = changes["currency"]
        if "auto_pay" in changes:
            body["autoPay"] = {"enabled": changes["auto_pay"]}
        if "account" in changes:
            # Not what a PATCH can change.
            body["paymentInformation"] = {"bankAccount": changes["account"]}
        allowed = trusted or not changes.get("auto_pay") or vendor.auto_pay
        if not self.call(allowed, f"PATCH {ONE}", vendor_id, body=body):
            return
        given = {key: value for key, value in changes.items() if value is not None}
        given.pop("account", None)
        new = replace(vendor, **given)
        self.tell_change(vendor_id, (new.name, new.country) != (vendor.name, vendor.country))
        self.model[vendor_id] = new

    @rule(vendor_id=vendor_ids, verb=st.sampled_from(["archive", "restore", "restore"]))
    def archive_or_restore(self, vendor_id: str, verb: str) -> None:
        vendor = self.model[vendor_id]
        self.call(True, f"POST {ONE}/{verb}", vendor_id)
        if vendor.archived is not (verb == "archive"):
            vendor.archived = not vendor.archived
            self.tell(f"{verb}d", vendor_id)

    @rule(trusted=TRUST)
    def ask_for_a_vendor_that_is_not_there(self, trusted: bool) -> None:
        self.by(trusted)
        self.call(False, f"GET {ONE}", UNKNOWN_VENDOR)
        self.call(False, f"PATCH {ONE}", UNKNOWN_VENDOR, body={"name": "Nobody"})
        self.call(False, f"POST {ACCOUNT}", UNKNOWN_VENDOR, body={"accountNumber": "1"})

    # Bank accounts.

    def may_handle_accounts(self, trusted: bool) -> bool:
        return trusted or self.behaviour.vendor_bank_mfa == "off"

    @rule(vendor_id=vendor_ids, account=ACCOUNTS, trusted=TRUST)
    def add_account(self, vendor_id: str, account: dict[str, Any], trusted: bool) -> None:
        self.by(trusted)
        vendor = self.model[vendor_id]
        free = vendor.account is None and vendor.network == NOT_CONNECTED
        allowed = free and vendor.takes(account.get("routingNumber"))
        allowed = allowed and self.may_handle_accounts(trusted)
        if self.call(allowed, f"POST {ACCOUNT}", vendor_id, body=account):
            vendor.account = self.own_account(account)
            self.tell_change(vendor_id)

    @rule(vendor_id=vendor_ids, trusted=TRUST)
    def remove_account(self, vendor_id: str, trusted: bool) -> None:
        self.by(trusted)
        vendor = self.model[vendor_id]
        allowed = vendor.account is not None and not vendor.account.linked
        allowed = allowed and self.may_handle_accounts(trusted)
        self.call(allowed, f"DELETE {ACCOUNT}", vendor_id)
        if allowed:
            vendor.account = None
            self.tell_change(vendor_id)

    def simulate(self, allowed: bool, event: str, row_id: str) -> None:
        """Let BILL's side do something, which must be refused unless `allowed`."""
        before = self.everything()
        happen = simulations()[event].happen
        try:
            self.world.perform(self.context(), happen, row_id, NoDetails())
        except (ValueError, Refusal):
            assert not allowed
            self.unchanged_since(before)
            return
        assert allowed

    @rule(vendor_id=vendor_ids, outcome=st.sampled_from(["verified", "rejected"]))
    def end_bank_check(self, vendor_id: str, outcome: str) -> None:
        account = self.model[vendor_id].account
        possible = ["PENDING"] if outcome == "verified" else ["PENDING", "VERIFIED"]
        allowed = account is not None and not account.linked and account.standing in possible
        self.simulate(allowed, f"vendor_bank_account.{outcome}", vendor_id)
        if account and allowed:
            account.standing = "VERIFIED" if outcome == "verified" else "INVALID"
            self.tell_change(vendor_id)

    # The BILL network.

    @rule(
        vendor_id=vendor_ids,
        network=st.sampled_from(["BILL", "BILL", "RPPS"]),
        network_id=st.sampled_from([AT_ONCE, WHEN_ACCEPTED, ELECTRICIAN, "nobody"]),
    )
    def invite(self, vendor_id: str, network: str, network_id: str) -> None:
        vendor = self.model[vendor_id]
        status = ASKED.get((network, network_id))
        allowed = status is not None and vendor.network == NOT_CONNECTED
        body: dict[str, Any] = {"networkId": network_id, "networkType": network}
        if network == "RPPS":
            body["rppsInformation"] = {"accountNumber": "1000123"}
        self.call(allowed, f"POST {INVITATION}", vendor_id, body=body)
        if allowed and status:
            self.asked(vendor_id, status, network_id)

    @rule(vendor_id=vendor_ids)
    def invite_by_mail(self, vendor_id: str) -> None:
        allowed = self.model[vendor_id].network == NOT_CONNECTED
        body = {"email": "billing@flute.example"}
        self.call(allowed, f"POST {INVITATION}/email", vendor_id, body=body)
        if allowed:
            self.asked(vendor_id, PENDING, None)

    def asked(self, vendor_id: str, status: str, network_id: str | None) -> None:
        vendor = self.model[vendor_id]
        vendor.connect(status, network_id)
        if status == PENDING:
            vendor.invited = self.now
        else:
            self.tell("updated", vendor_id)

    @rule(vendor_id=vendor_ids, by_us=st.booleans())
    def end_connection(self, vendor_id: str, by_us: bool) -> None:
        vendor = self.model[vendor_id]
        connected = vendor.network in (CONNECTED, NATIONAL)
        allowed = connected and not vendor.money_under_way
        if by_us:
            allowed = allowed or vendor.network == PENDING
            self.call(allowed, f"DELETE {INVITATION}", vendor_id)
        else:
            self.simulate(allowed, "network_connection.ended", vendor_id)
        if allowed:
            vendor.connect(NOT_CONNECTED, None)
            if connected:
                self.tell("updated", vendor_id)

    @rule(vendor_id=vendor_ids, answer=st.sampled_from(ANSWERS))
    def answer_invitation(self, vendor_id: str, answer: str) -> None:
        vendor = self.model[vendor_id]
        allowed = vendor.network == PENDING
        self.simulate(allowed, f"network_invitation.{answer}", vendor_id)
        if allowed and answer == "accepted":
            vendor.connect(CONNECTED, vendor.network_id)
            self.tell("updated", vendor_id)
        elif allowed:
            vendor.connect(NOT_CONNECTED, None)

    @rule(hours=st.sampled_from([1, 14, 24, 48, 24 * 4, 24 * 60]))
    def time_passes(self, hours: int) -> None:
        self.world.advance_to(self.now + timedelta(hours=hours))
        accepts = self.behaviour.network_invitations == "accepted"
        for vendor_id, vendor in self.model.items():
            if vendor.bank_check_ends(self.now):
                self.tell_change(vendor_id)
            if vendor.wait_for_answer(self.now, accepts):
                self.tell("updated", vendor_id)

    # What is open.

    @rule(target=bill_ids, vendor_id=vendor_ids, cents=st.integers(1, 90_000))
    def create_bill(self, vendor_id: str, cents: int) -> Any:
        vendor = self.model[vendor_id]
        line = {"amount": money(cents)}
        body = bill_body(vendor_id, billLineItems=[line])
        bill = self.call(not vendor.archived, "POST /connect/v3/bills", body=body)
        if bill is None:
            return multiple()
        vendor.bills[bill.id] = OwnBill(cents)
        return (vendor_id, bill.id)

    @rule(ids=bill_ids, verb=st.sampled_from(["archive", "restore"]))
    def archive_or_restore_bill(self, ids: tuple[str, str], verb: str) -> None:
        bill = self.model[ids[0]].bills[ids[1]]
        allowed = verb == "restore" or bill.archived or bill.paid is None
        if self.call(allowed, f"POST /connect/v3/bills/{{billId}}/{verb}", ids[1]):
            bill.archived = verb == "archive"

    @rule(ids=bill_ids)
    def pay(self, ids: tuple[str, str]) -> None:
        vendor, bill = self.model[ids[0]], self.model[ids[0]].bills[ids[1]]
        if vendor.account and vendor.account.standing == "PENDING":
            return
        self.by(True)
        allowed = vendor.payable and not bill.archived and bill.paid is None
        body = {
            "billId": ids[1],
            "amount": money(bill.cents),
            "fundingAccount": self.account,
            "processingOptions": {},
        }
        payment = self.call(allowed, "POST /connect/v3/payments", body=body)
        if payment:
            assert payment.disbursement_type == vendor.pay_by[0]
            bill.paid = "SCHEDULED"

    @rule(ids=bill_ids)
    def settle(self, ids: tuple[str, str]) -> None:
        bill = self.model[ids[0]].bills[ids[1]]
        for payment in list(self.context().table(payments)):
            if payment.bill_id == ids[1] and bill.paid == "SCHEDULED":
                self.simulate(True, "payment.settled", payment.id)
                bill.paid = "PAID"

    @invariant()
    def vendors_are_as_expected(self) -> None:
        ctx = self.context()
        assert {row.id for row in ctx.table(vendors)} == self.model.keys()
        assert vendors.join is not None
        for vendor_id, own in self.model.items():
            row = vendors.join.apply(ctx, ctx.get(vendors, vendor_id))
            shown = (row.name, row.address.country, row.bill_currency, row.auto_pay.enabled)
            assert shown == (own.name, own.country, own.currency, own.auto_pay)
            assert row.archived is own.archived
            information = row.payment_information
            assert (information.pay_by_type, information.pay_by_sub_type) == own.pay_by
            assert row.bank_account_status == own.bank_account_status
            assert row.network_status == own.network
            if own.network != CONNECTED or own.network_id is not None:
                found = row.payment_network_id or row.rpps_id
                assert found == (own.network_id if own.network in (CONNECTED, NATIONAL) else None)
            assert row.balance is not None
            assert in_cents(row.balance.amount) == own.open

    @invariant()
    def accounts_are_as_expected(self) -> None:
        for vendor_id, own in self.model.items():
            account = self.call(own.account is not None, f"GET {ACCOUNT}", vendor_id)
            if own.account is None:
                continue
            number = own.account.last_four or account.account_number[-4:]
            assert account.account_number == "*" * 12 + number
            assert account.routing_number == own.account.routing
            if not own.account.linked:
                assert account.status == own.account.standing

    @invariant()
    def every_change_is_told_once(self) -> None:
        found = ((one.type, one.row.id) for one in self.events if one.type.startswith("vendor."))
        assert Counter(found) == self.told

    @invariant()
    def lists_find_what_the_table_holds(self) -> None:
        listing = operations()[f"GET {PATH}"].listing
        assert listing is not None
        ctx = self.context()
        for filters, fits in (
            ("archived:eq:true", lambda own: own.archived),
            ("name:eq:Drum", lambda own: own.name == "Drum"),
            ("billCurrency:ne:USD", lambda own: own.currency != "USD"),
        ):
            query = listing.read("100", None, filters, None)
            found = {row.id for row in vendors.page(ctx, listing, query).rows}
            assert found == {key for key, own in self.model.items() if fits(own)}


TestVendors = VendorMachine.TestCase
