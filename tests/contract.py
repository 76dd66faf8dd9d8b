"""BILL's contract: its shapes, its examples and a world in which they can be sent.

It is derived from BILL's Postman collection of November 2025 and is no part of
this repository: BILL_CONTRACT names its path.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.http import Answer, BillClient
from tests.resources.payables import BANKS

CONTRACT = Path(
    os.environ.get("BILL_CONTRACT")
    or Path(__file__).parents[2] / "shared" / "bill-v3" / "contract.json"
)
NOT_THERE = f"BILL's contract is not at {CONTRACT}; BILL_CONTRACT can name another place"

# By method and path; empty where the contract is not there.
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{one['method']} {one['path']}": one
    for one in (json.loads(CONTRACT.read_text("utf-8"))["operations"] if CONTRACT.is_file() else ())
}
# The dates of BILL's examples lie ahead from here: a Monday, 9 am in California.
BEFORE_THE_EXAMPLES = "2025-12-01T17:00:00+00:00"

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00")
_ENUM = re.compile(r"[A-Z][A-Z0-9_]*")


def _is_date(value: Any) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == str(value)
    except (TypeError, ValueError):
        return False


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_IS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, float) or _is_integer(value),
    "integer": _is_integer,
    "boolean": lambda value: isinstance(value, bool),
    "date": _is_date,
    "date-time": lambda value: isinstance(value, str) and bool(_TIME.fullmatch(value)),
    # The members that the contract lists are samples.
    "enum": lambda value: isinstance(value, str) and bool(_ENUM.fullmatch(value)),
}


def faults(value: Any, shape: Any, path: str = "") -> list[str]:
    """Where `value` has a member that `shape` lacks, or of another type."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{path}: {value!r} is no object"]
        found = [f"{path}.{name}: not in the contract" for name in value if name not in shape]
        for name in value.keys() & shape.keys():
            found += faults(value[name], shape[name], f"{path}.{name}")
        return found
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no array"]
        return [fault for one in value for fault in faults(one, shape[0], f"{path}[]")]
    kind = shape.split(" ")[0]
    return [] if _IS[kind](value) else [f"{path}: {value!r} is no {kind}"]


def absent(value: Any, shape: Any, path: str = "") -> set[str]:
    """The dotted paths of `shape` of which `value` has nothing; of an array's, no element."""
    if isinstance(shape, dict):
        found = set()
        for name, part in shape.items():
            below = f"{path}.{name}" if path else name
            found |= absent(value[name], part, below) if name in value else {below}
        return found
    if isinstance(shape, list):
        return (
            set.intersection(*(absent(one, shape[0], path) for one in value)) if value else {path}
        )
    return set()


def changed_values(sent: Any, answered: Any, shape: Any, path: str = "") -> list[str]:
    """Members of a request that the answer has too, with another value."""
    if isinstance(sent, dict) and isinstance(shape, dict):
        # Numbers of accounts are masked.
        names = (sent.keys() & shape.keys()) - {"accountNumber"}
        return [
            fault
            for name in sorted(names)
            for fault in changed_values(
                sent[name], answered.get(name), shape[name], f"{path}.{name}"
            )
        ]
    if isinstance(sent, list) and isinstance(shape, dict):
        # A bulk call is answered under a name.
        ((name, inner),) = shape.items()
        return changed_values(sent, answered[name], inner, name)
    if isinstance(sent, list) and isinstance(shape, list):
        pairs = zip(sent, answered, strict=False)
        return [f for one, other in pairs for f in changed_values(one, other, shape[0], path)]
    return [] if sent == answered else [f"{path}: sent {sent!r}, got {answered!r}"]


class Contractor:
    """A trusted administrator in a world that holds one of everything.

    `values` are what the placeholders of the contract stand for.
    """

    def __init__(self, client: BillClient) -> None:
        self.client = client
        self.values: dict[str, str] = {}

    async def furnish(self) -> None:
        world = self.client.world
        clerk = next(user for user in world["users"] if user["role"] == "CLERK")
        accesses = (await self.client.get(f"{BANKS}/users")).body["results"]
        self.values |= {
            "username": world["username"],
            "password": world["password"],
            "organization_id": world["organizationId"],
            "developer_key": world["devKey"],
            "user_phone_no": "+14155550123",
            "mfa_remember_me_id": self.client.remembered["rememberMeId"],
            "mfa_device_name": self.client.remembered["device"],
            "mfa_machine_name": "tests",
            "org_bank_account_id": await self.client.bank_account(),
            "org_bank_account_user_id": accesses[0]["id"],
            "org_user_id": clerk["userId"],
        }
        self.values["vendor_id"] = (await self.example("POST /connect/v3/vendors")).body["id"]
        bill, other, third = [(await self.example("POST /connect/v3/bills")).body for _ in range(3)]
        self.values |= {"bill_id": bill["id"], "bill_id01": bill["id"], "bill_id02": other["id"]}
        for number, line in enumerate(bill["billLineItems"], 1):
            self.values[f"bill_line_item_id0{number}"] = line["id"]
        self.values["payment_id"] = (await self.client.pay(third, 228.99)).body["id"]

    def filled(self, text: str) -> str:
        return re.sub(r"{{(\w+)}}", lambda place: self.values[place[1]], text)

    def path(self, key: str) -> str:
        """The path of an operation with its parameters and the contract's query."""
        prefix = {"bankAccountId": "org_bank_account_id"}
        prefix["bankAccountUserId"] = "org_bank_account_user_id"

        def value(place: re.Match[str]) -> str:
            return self.values[prefix.get(place[1], place[1].removesuffix("Id") + "_id")]

        path = re.sub(r"{(\w+)}", value, key.split(" ")[1])
        query = [(one["key"], one.get("value")) for one in OPERATIONS[key]["query"]]
        given = {name: self.filled(text) for name, text in query if text is not None}
        return f"{path}?{urlencode(given)}" if given else path

    def body(self, key: str) -> Any:
        example = OPERATIONS[key]["requestExample"]
        return None if example is None else json.loads(self.filled(json.dumps(example)))

    async def example(self, key: str) -> Answer:
        """What the contract's own example of an operation is answered with."""
        return await self.client.call(key.split(" ")[0], self.path(key), self.body(key))

    async def send(self, key: str, body: Any = None) -> Answer:
        """The operation with a body of ours, and without a query."""
        path = self.path(key).partition("?")[0]
        return await self.client.call(key.split(" ")[0], path, body)

    async def second_page(self, path: str, query: str = "") -> Answer:
        """The second of pages of one record."""
        first = await self.client.get(f"{path}?max=1&{query}")
        return await self.client.get(f"{path}?max=1&page={first.body['nextPage']}")
