"""What Schemathesis does besides: sign calls, make values of our formats, look for changes."""

from __future__ import annotations

import atexit
import json
import os
import re
import urllib.request
from datetime import date
from functools import cache
from typing import Any
from uuid import uuid4
from zlib import crc32

import schemathesis
from hypothesis import strategies as st

WORLD = os.environ["FUZZED_WORLD"]
CLEAN = "before-the-call"
_ORIGIN = WORLD.partition("/_sim/")[0]
_PLACE = re.compile(r"/{(\w+)}")
_TIMEOUT = 30
# Members with the id of a record that they are not named after.
_HOLDERS = {
    "fundingAccount": "/connect/v3/funding-accounts/banks",
    "customer": "/connect/v3/customers",
}
_FIRST = ("/v3/funding-accounts/banks", "/v3/bills", "/v3/users")
# After so many questions the ids are listed anew.
_FRESH = 500

# The checksum of the American Bankers Association holds for these.
ROUTING_NUMBERS = ("074000010", "021000021", "011401533", "322271627")
schemathesis.openapi.format("aba-routing-number", st.sampled_from(ROUTING_NUMBERS))
schemathesis.openapi.format("iso-3166-alpha-2", st.sampled_from(("US", "CA", "DE", "JP")))
schemathesis.openapi.format("iso-4217", st.sampled_from(("USD", "CAD", "EUR", "JPY")))
schemathesis.openapi.format("uuid", st.uuids(version=4).map(str))
schemathesis.openapi.format(
    "date", st.dates(date(2026, 1, 1), date(2028, 12, 31)).map(date.isoformat)
)

# Wrong passwords and codes are counted, which is what they are for.
COUNTED = frozenset({"failed_logins", "mfa_codes", "mfa_locks"})


def send(method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
    """The JSON that a call is answered with. Raises OSError for a refusal."""
    data = None if body is None else json.dumps(body).encode()
    given = {"Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(url, data, given, method=method)
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
        content = response.read()
    return json.loads(content) if content else None


@cache
def credentials() -> dict[str, Any]:
    """The credentials object of the fuzzed world."""
    found: dict[str, Any] = send("GET", WORLD)
    return found


class Sessions:
    """The sessions that calls are signed with; made anew when they have ended."""

    def __init__(self) -> None:
        self._of_user: dict[str, str] = {}
        self._of_partner: dict[str, str] = {}

    def user(self) -> dict[str, str]:
        """The headers of a call of the administrator."""
        if not self._of_user:
            world = credentials()
            names = ("username", "password", "organizationId", "devKey")
            body = {name: world[name] for name in names}
            try:
                answer = send("POST", f"{world['baseUrl']}/v3/login", body)
            except OSError:
                # The administrator was archived, or locked out.
                send("POST", f"{WORLD}/reset")
                furnish()
                keep()
                answer = send("POST", f"{world['baseUrl']}/v3/login", body)
            self._of_user = {"devKey": world["devKey"], "sessionId": answer["sessionId"]}
        return self._of_user

    def partner(self) -> dict[str, str]:
        """The headers of a call of the partner."""
        if not self._of_partner:
            world = credentials()
            body = {**world["partner"], "appKey": world["appKey"]}
            answer = send("POST", f"{world['baseUrl']}/v3/partner/login", body)
            self._of_partner = {"appKey": world["appKey"], "sessionId": answer["sessionId"]}
        return self._of_partner

    def forget(self) -> None:
        """The next calls sign in."""
        self._of_user, self._of_partner = {}, {}


sessions = Sessions()


def signature(operation: Any) -> dict[str, str]:
    """The headers that an operation asks for."""
    ways = operation.definition.raw.get("security") or [{}]
    asked = set(ways[0])
    if "appKey" in asked:
        return sessions.partner()
    return {name: value for name, value in sessions.user().items() if name in asked}


class Known:
    """Ids of records that there are: made-up ones seldom meet any."""

    def __init__(self) -> None:
        self._calls = 0
        self._ids: dict[str, list[str]] = {}
        # By the name of a parameter, and by all of a path before it: where its ids are listed.
        self._lists: dict[str, str] = {}
        document = send("GET", f"{_ORIGIN}/_sim/openapi.json")
        self._events = set(document["webhooks"])
        for path in document["paths"]:
            for place in _PLACE.finditer(path):
                before = path[: place.start()]
                listed = document["paths"].get(before, {}).get("get", {"x-gap": True})
                if "x-gap" not in listed and "{" not in before:
                    self._lists[before] = self._lists[place[1]] = before

    def of(self, place: str, given: Any) -> Any:
        """An id of those listed for `place`, or what was made up; `given` decides."""
        listed = self._lists.get(place)
        if listed is None or not isinstance(given, str):
            return given
        self._calls += 1
        if self._calls % _FRESH == 0:
            self._ids.clear()
        if listed not in self._ids:
            headers = sessions.partner() if "/partner/" in listed else sessions.user()
            headers = {**headers, "organizationId": credentials()["organizationId"]}
            answer = send("GET", f"{_ORIGIN}{listed}", headers=headers)
            records = answer["results"] if isinstance(answer, dict) else answer
            # Nobody who signs in for all of this is archived.
            own = credentials()["users"][0]["userId"]
            self._ids[listed] = [one["id"] for one in records if one["id"] != own]
        ids = [*self._ids[listed], given]
        return ids[crc32(given.encode("utf-8", "replace")) % len(ids)]

    def within(self, value: Any, inside: str) -> Any:
        """What is inside of a member or a path, with known ids, and amounts of small bills."""
        if isinstance(value, list):
            return [self.within(one, inside) for one in value]
        if isinstance(value, float) and crc32(repr(value).encode()) % 4:
            return round(1 + value % 100, 2)
        if not isinstance(value, dict):
            return value
        if inside == "events":
            return {
                "type": sorted(self._events)[len(str(value)) % len(self._events)],
                "version": "1",
            }
        return {
            name: self.of(self._inside(inside) if name == "id" else name, self.within(one, name))
            for name, one in value.items()
        }

    def _inside(self, place: str) -> str:
        return _HOLDERS.get(place, place)


known = Known()


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    """Let most calls meet a record."""
    if not path_parameters:
        return path_parameters
    path = context.operation.path
    found = {}
    for name, value in path_parameters.items():
        before = path.partition(f"/{{{name}}}")[0]
        found[name] = known.of(before if "{" not in before else name, value)
        if found[name] == value:
            found[name] = known.of(name, value) if name != "id" else value
    return found


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Let most bodies name a record."""
    return known.within(body, context.operation.path.removesuffix("/bulk"))


@schemathesis.hook
def map_query(context: Any, query: Any) -> Any:
    """Let most bulk calls without a body name a record."""
    if not query or "ids" not in query:
        return query
    return {**query, "ids": known.of(context.operation.path.partition("/bulk")[0], query["ids"])}


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Sign the call."""
    signed = signature(case.operation)
    if "organizationId" in case.headers:
        signed = {**signed, "organizationId": credentials()["organizationId"]}
    for name, value in signed.items():
        case.headers[name] = value


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """A call may have ended the session, or the user."""
    if response.status_code == 401:
        sessions.forget()
    called.add(case.operation.label)
    if response.status_code < 400:
        answered.add(case.operation.label)


called: set[str] = set()
answered: set[str] = set()


@atexit.register
def tell() -> None:
    """Say where fuzzing met nothing but refusals: what lies behind them was not tried."""
    refused = sorted(called - answered)
    print(f"{len(answered)} of {len(called)} operations answered; only refused:")
    for label in refused:
        print(f"  {label}")


def keep() -> None:
    """Remember the present state as that before the next call."""
    send("POST", f"{WORLD}/snapshots", {"name": CLEAN})


def changes() -> list[str]:
    """What is different from the state remembered."""
    told = send("GET", f"{WORLD}/diff?from={CLEAN}")
    return [
        f"{one['resource']} {one['id']} {kind}: {json.dumps(one.get('fields', {}))}"
        for kind in ("created", "changed", "removed")
        for one in told[kind]
        if one["resource"] not in COUNTED
    ]


def furnish() -> None:
    """One of each kind of record that seldom comes about by itself."""
    base, headers = credentials()["baseUrl"], sessions.user()

    def make(path: str, body: Any, **more: str) -> str:
        return str(send("POST", base + path, body, {**headers, **more})["id"])

    first = {path: send("GET", f"{base}{path}", headers=headers) for path in _FIRST}
    bank, bill, user = (found["results"][0] for found in first.values())
    paid = {"type": "BANK_ACCOUNT", "id": bank["id"]}
    payment = {"billId": bill["id"], "amount": 1, "fundingAccount": paid, "processingOptions": {}}
    make("/v3/payments", payment)
    customer = make("/v3/customers", {"name": "A customer", "email": "customer@example.com"})
    line = {"quantity": 1, "price": 10, "description": "A line"}
    invoice = {"customer": {"id": customer}, "invoiceNumber": "F-1", "invoiceLineItems": [line]}
    make("/v3/invoices", {**invoice, "invoiceDate": "2026-01-05", "dueDate": "2028-01-05"})
    rule = {"key": "BILL_AMOUNT", "op": "gt", "values": ["500"]}
    policy = {"policyName": "Large bills", "approvers": [user["id"]], "rules": [rule]}
    make("/v3/bill-approvals/policies", policy)
    subscription = {
        "name": "All vendors",
        "status": {"enabled": True},
        "events": [{"type": "vendor.created", "version": "1"}],
        "notificationUrl": "https://127.0.0.1/",
    }
    base = credentials()["eventsUrl"]
    make("/v3/subscriptions", subscription, **{"X-Idempotent-Key": str(uuid4())})


furnish()
keep()


@schemathesis.check
def unchanged_by_refusal(ctx: Any, response: Any, case: Any) -> None:
    """A refused call has changed nothing."""
    found = changes() if response.status_code >= 400 else []
    keep()
    assert not found, f"{response.status_code}, but changed: {'; '.join(found)}"
