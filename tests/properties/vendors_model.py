"""A model of vendors that knows nothing of the simulator but its calendar of bank days.

It knows of a vendor where it is, its bank account, its connection in the BILL network and the
cents that are open on its bills.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from simulator.core.bankdays import add_bank_days
from tests.resources.payables import ADDRESS, SMALLEST_VENDOR

PACIFIC = ZoneInfo("America/Los_Angeles")
INVITATION_LIFE = timedelta(days=60)

ABA, WRONG_SUM, SORT_CODE = "074000010", "074000011", "60-16-13"
NOT_CONNECTED, PENDING = "NOT_CONNECTED", "PENDING"
CONNECTED, NATIONAL = "CONNECTED", "CONNECTED_RPPS"

# The simulator's network (data/network.csv), and what an invitation makes of a vendor.
AT_ONCE, WHEN_ACCEPTED = "0140000000001001", "0140000000001003"
ELECTRICIAN = "0rv01CASCADEELEC0001"
ASKED = {
    ("BILL", AT_ONCE): CONNECTED,
    ("BILL", WHEN_ACCEPTED): PENDING,
    ("RPPS", ELECTRICIAN): NATIONAL,
}


NAMES = st.sampled_from(["Cello", "Drum", "Flute"])
COUNTRIES = st.sampled_from(["US", "US", "DK"])
CURRENCIES = st.sampled_from(["USD", "USD", "EUR"])
ROUTINGS = st.sampled_from([None, "", ABA, ABA, WRONG_SUM, SORT_CODE])
NUMBERS = st.sampled_from(["111222333", "444555666"])
# Mostly trusted, so that runs get far.
TRUST = st.sampled_from([True, True, True, False])
ACCOUNTS = st.fixed_dictionaries({"accountNumber": NUMBERS}, optional={"routingNumber": ROUTINGS})
NEW = st.fixed_dictionaries(
    {"name": NAMES, "country": COUNTRIES, "account": st.none() | ACCOUNTS},
    optional={"currency": CURRENCIES, "auto_pay": st.booleans()},
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.none() | NAMES,
        "country": st.none() | COUNTRIES,
        "currency": st.none() | CURRENCIES,
        "auto_pay": st.none() | st.booleans(),
        "account": ACCOUNTS,
    },
)


def body_of(wanted: dict[str, Any]) -> dict[str, Any]:
    """The body of a new vendor that `NEW` made up."""
    return {
        **SMALLEST_VENDOR,
        "name": wanted["name"],
        "address": {**ADDRESS, "country": wanted["country"]},
        "billCurrency": wanted.get("currency"),
        "autoPay": {"enabled": wanted.get("auto_pay")},
        "paymentInformation": {"bankAccount": wanted["account"]},
    }


def morning(now: datetime, bank_days: int) -> datetime:
    """Six o'clock in California, so many bank days after `now`."""
    day = add_bank_days(now.astimezone(PACIFIC).date(), bank_days)
    return datetime.combine(day, time(6), PACIFIC)


@dataclass
class OwnAccount:
    """A bank account; `checked` is when BILL's check of it ends by itself."""

    last_four: str | None
    routing: str | None
    standing: str = "VERIFIED"
    checked: datetime | None = None
    linked: bool = False


@dataclass
class OwnBill:
    """A bill that is paid at once or not at all: `paid` is the status of its payment."""

    cents: int
    archived: bool = False
    paid: str | None = None


@dataclass
class OwnVendor:
    """A vendor as the model knows it."""

    name: str
    country: str
    currency: str
    auto_pay: bool = False
    account: OwnAccount | None = None
    archived: bool = False
    network: str = NOT_CONNECTED
    network_id: str | None = None
    invited: datetime | None = None
    bills: dict[str, OwnBill] = field(default_factory=dict)

    @property
    def domestic(self) -> bool:
        return (self.country, self.currency) == ("US", "USD")

    @property
    def pay_by(self) -> tuple[str, str]:
        """payByType and payBySubType."""
        if self.network == CONNECTED:
            return "WALLET", "NONE"
        if self.network == NATIONAL:
            return "RPPS", "NONE"
        account = self.account
        if account is None or account.standing == "INVALID":
            return "CHECK", "NONE"
        if not self.domestic:
            return "INTERNATIONAL_E_PAYMENT", "LOCAL"
        return ("ACH", "ACH") if account.routing else ("CHECK", "NONE")

    @property
    def bank_account_status(self) -> str:
        if self.network == CONNECTED:
            return "NET_LINKED_ACCOUNT"
        return "NO_NET_LINKED_ACCOUNT" if self.account else "NO_ACCOUNT"

    @property
    def money_under_way(self) -> bool:
        return any(bill.paid == "SCHEDULED" for bill in self.bills.values())

    @property
    def payable(self) -> bool:
        """Whether a payment in dollars reaches it."""
        reached = self.domestic or self.pay_by[0] != "CHECK"
        return not self.archived and self.currency == "USD" and reached

    @property
    def open(self) -> int:
        """The cents that are due on its bills."""
        bills = self.bills.values()
        return sum(bill.cents for bill in bills if not bill.archived and bill.paid is None)

    def takes(self, routing: str | None) -> bool:
        """Whether an account with that routing number may be one of this vendor."""
        return not self.domestic or routing in (None, "", ABA)

    def connect(self, status: str, network_id: str | None) -> None:
        """The connection begins, or ends with `NOT_CONNECTED`."""
        if self.account and self.account.linked:
            self.account = None
        self.network, self.network_id, self.invited = status, network_id, None
        if status == CONNECTED and self.account is None:
            self.account = OwnAccount(None, None, linked=True)

    def bank_check_ends(self, now: datetime) -> bool:
        """Whether BILL's check of the account ends by itself until `now`."""
        account = self.account
        pending = account is not None and account.standing == "PENDING"
        if account and pending and account.checked and account.checked <= now:
            account.standing = "VERIFIED"
            return True
        return False

    def wait_for_answer(self, now: datetime, accepts: bool) -> bool:
        """What becomes of an invitation until `now`; whether the vendor was connected."""
        if self.invited is None:
            return False
        if accepts and morning(self.invited, 1) <= now:
            self.connect(CONNECTED, self.network_id)
            return True
        if self.invited + INVITATION_LIFE <= now:
            self.connect(NOT_CONNECTED, None)
        return False
