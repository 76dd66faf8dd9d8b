"""The records that a run makes, and how it takes them back.

Whatever a run makes has the run's own word in its name or hangs on a record
that has. At the end everything is archived, also what BILL made and whose
answer got lost: that is found by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from contract_tests.client import Answer, Bill

VENDORS = "/v3/vendors"
BILLS = "/v3/bills"
PAYMENTS = "/v3/payments"
INVOICES = "/v3/invoices"
CUSTOMERS = "/v3/customers"
CHARGES = "/v3/receivable-payments"
BANKS = "/v3/funding-accounts/banks"
POLICIES = "/v3/bill-approvals/policies"

ADDRESS = {
    "line1": "123 Main Street",
    "city": "San Jose",
    "stateOrProvince": "CA",
    "zipOrPostalCode": "95002",
    "country": "US",
}
# The number that BILL's guide gives for tests of the sandbox.
ACCOUNT = {
    "nameOnAccount": "Contract Tests",
    "accountNumber": "111222333",
    "routingNumber": "074000010",
}
# A record that no account has.
UNKNOWN_BANK = "bac02AAAAAAAAAAzzzzz"
# What BILL's sandbox deposits in a new bank account.
DEPOSIT = 0.50

_ARCHIVED = frozenset({VENDORS, BILLS, INVOICES, CUSTOMERS})
_OVER = frozenset({"CANCELED", "VOIDED"})
_OWNED = ((BILLS, VENDORS, "vendorId"), (INVOICES, CUSTOMERS, "customerId"))
# Ids in one filter; the address of a call stays short.
_AT_ONCE = 40


def pay_body(bill_id: str, amount: float, bank: str = UNKNOWN_BANK, **more: Any) -> dict[str, Any]:
    """The smallest body that pays a bill."""
    return {
        "billId": bill_id,
        "amount": amount,
        "fundingAccount": {"type": "BANK_ACCOUNT", "id": bank},
        "processingOptions": {},
        **more,
    }


@dataclass
class Made:
    """A record of this run: the list it belongs to, its id, and a session that can undo it."""

    path: str
    id: str
    by: Bill

    def __str__(self) -> str:
        return f"{self.path}/{self.id}"


@dataclass
class Records:
    """Makes records in the session `bill` and remembers them.

    `run` is the run's word; `stays` are the ids of what BILL has no way to take back.
    """

    bill: Bill
    run: str
    made: list[Made] = field(default_factory=list)
    stays: set[str] = field(default_factory=set)
    own: set[str] = field(default_factory=set)
    _count: int = 0

    def word(self) -> str:
        """A word that no other record has: for names and invoice numbers."""
        self._count += 1
        return f"{self.run}-{self._count:03}"

    def name(self, stem: str) -> str:
        """A name that no other record has, and that rises with every call."""
        return f"{self.prefix}{self.word()} {stem}"

    @property
    def prefix(self) -> str:
        """What the names of this run's vendors and customers begin with."""
        return "Contract "

    async def post(self, path: str, body: Any, *, by: Bill | None = None, **more: Any) -> Answer:
        """Ask for a new record, and remember it if it was made."""
        session = by or self.bill
        answer = await session.post(path, body, **more)
        if answer.status < 300:
            self.keep(path.removesuffix("/bulk"), answer.body, session)
        return answer

    def keep(self, path: str, body: Any, by: Bill) -> None:
        """Remember what an answer says was made in the list `path`: one record, or several."""
        if isinstance(body, dict) and "id" in body:
            self.made.append(Made(path, str(body["id"]), by))
            self.own.add(str(body["id"]))
            return
        for one in body.values() if isinstance(body, dict) else body or ():
            if isinstance(one, dict | list):
                self.keep(path, one, by)

    async def new(self, path: str, body: Any, *, by: Bill | None = None) -> dict[str, Any]:
        """A new record, where the check is about something else."""
        answer = await self.post(path, body, by=by)
        assert answer.status == 201, f"{path}: {answer.status} {answer.body}"
        return dict(answer.body)

    async def vendor(self, **more: Any) -> dict[str, Any]:
        """A vendor in the United States, paid by check."""
        return await self.new(VENDORS, self.vendor_body(**more))

    def vendor_body(self, **more: Any) -> dict[str, Any]:
        return {"name": self.name("vendor"), "address": ADDRESS, **more}

    async def a_bill(self, vendor_id: str, amount: float = 228.99, **more: Any) -> dict[str, Any]:
        """A bill of one line."""
        return await self.new(BILLS, self.bill_body(vendor_id, amount, **more))

    def bill_body(self, vendor_id: str, amount: float = 228.99, **more: Any) -> dict[str, Any]:
        return {
            "vendorId": vendor_id,
            "dueDate": "2031-12-31",
            "billLineItems": [{"amount": amount, "description": "Drum foot pedal"}],
            "invoice": {"invoiceNumber": self.word(), "invoiceDate": "2031-12-01"},
            **more,
        }

    async def customer(self, **more: Any) -> dict[str, Any]:
        """A customer with a billing address."""
        return await self.new(CUSTOMERS, self.customer_body(**more))

    def customer_body(self, **more: Any) -> dict[str, Any]:
        return {
            "name": self.name("customer"),
            "email": f"contract-{self.run}@example.com",
            "billingAddress": ADDRESS,
            **more,
        }

    async def invoice(self, customer_id: str, price: float = 100, **more: Any) -> dict[str, Any]:
        """An invoice of one line."""
        return await self.new(INVOICES, self.invoice_body(customer_id, price, **more))

    def invoice_body(self, customer_id: str, price: float = 100, **more: Any) -> dict[str, Any]:
        return {
            "customer": {"id": customer_id},
            "invoiceNumber": self.word(),
            "invoiceDate": "2031-12-01",
            "dueDate": "2031-12-31",
            "invoiceLineItems": [{"quantity": 1, "price": price, "description": "Drum lesson"}],
            **more,
        }

    async def take_back(self) -> list[str]:
        """Archive everything that this run made; tells what could not be taken back."""
        wanted = [one for one in reversed(self.made) if one.id not in self.stays]
        left = [await self._undo(one) for one in wanted]
        left += [await self._undo(one) for one in await self._lost()]
        return [told for told in left if told]

    async def _undo(self, one: Made) -> str:
        """Empty if the record is gone, else what BILL said."""
        if one.path in _ARCHIVED or one.path.endswith("/bank-accounts"):
            answer = await one.by.post(f"{one}/archive")
            gone = answer.status == 200 and answer.body.get("archived") is True
        elif one.path == PAYMENTS:
            answer = await one.by.post(f"{one}/cancel")
            state = await one.by.get(str(one))
            gone = state.status == 200 and state.body.get("singleStatus") in _OVER
        elif one.path == POLICIES:
            answer = await one.by.delete(str(one))
            gone = answer.status == 200
        elif one.path == BANKS:
            # BILL archives verified accounts only; one that is pending stands archived already.
            await one.by.post(f"{one}/verify", {"depositAmount": DEPOSIT})
            await one.by.post(f"{one}/archive")
            answer = await one.by.get(str(one))
            gone = answer.status == 200 and answer.body.get("archived") is True
        else:
            answer = await one.by.delete(str(one))
            gone = answer.status in (200, 204, 404)
        return "" if gone else f"{one}: {answer.status} {answer.body}"

    async def _lost(self) -> list[Made]:
        """What is not archived of this run's, though no answer told of it."""
        begin = quote(f"{self.prefix}{self.run}")
        wanted = [(path, f"name:sw:%22{begin}%22") for path in (VENDORS, CUSTOMERS)]
        for path, owners, field_name in _OWNED:
            ids = [one.id for one in self.made if one.path == owners]
            for start in range(0, len(ids), _AT_ONCE):
                some = ",".join(ids[start : start + _AT_ONCE])
                wanted.append((path, f"{field_name}:in:%22{some}%22"))
        found = [
            Made(path, str(one["id"]), self.bill)
            for path, filters in wanted
            for one in await self.every(path, f"max=100&filters={filters},archived:eq:false")
        ]
        return [one for one in found if one.id not in self.own]

    async def every(self, path: str, query: str, by: Bill | None = None) -> list[dict[str, Any]]:
        """All records of a list, page by page; not more than a hundred pages."""
        client = by or self.bill
        found: list[dict[str, Any]] = []
        page = ""
        for _ in range(100):
            answer = await client.get(f"{path}?{query}{page}")
            assert answer.status == 200, f"{path}: {answer.status} {answer.body}"
            found += answer.body["results"]
            if not answer.body.get("nextPage"):
                break
            page = "&page=" + quote(answer.body["nextPage"], safe="")
        return found
