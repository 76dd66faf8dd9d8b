"""An HTTP client for tests: plain requests to BILL's paths and the control plane."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from simulator.core.faults import FAULT_HEADER
from tests.served import served


@dataclass
class Answer:
    """Status, decoded JSON body (None if empty) and headers of a response."""

    status: int
    body: Any
    headers: Any
    raw: bytes


@dataclass
class BillClient:
    """Talks to one world. `world` is the credentials object of the control plane.

    Every answer to a call of BILL's is held against the served contract, until the test puts
    a fault in force: that may answer with anything.
    """

    http: aiohttp.ClientSession
    origin: str
    world: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    role: str = "ADMINISTRATOR"
    remembered: dict[str, str] = field(default_factory=dict)
    checked: bool = True

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        """Send one request to `path` below the server's root (`/connect/v3/bills`)."""
        sent = {**self.headers, **(headers or {})}
        if raw is None and body is not None:
            raw = json.dumps(body).encode()
        if raw is not None:
            sent.setdefault("Content-Type", "application/json")
        async with self.http.request(
            method, self.origin + path, data=raw, headers=sent, allow_redirects=False
        ) as response:
            content = await response.read()
            decoded = json.loads(content) if content else None
            if self.checked and FAULT_HEADER not in sent and not path.startswith("/_sim"):
                raw_path = path.partition("?")[0]
                faults = served().faults(method, raw_path, response.status, decoded)
                assert not faults, faults
            return Answer(response.status, decoded, response.headers, content)

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.call("GET", f"/connect{path}", **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return await self.call("POST", f"/connect{path}", body, **more)

    async def put(self, path: str, body: Any, **more: Any) -> Answer:
        return await self.call("PUT", f"/connect{path}", body, **more)

    async def patch(self, path: str, body: Any, **more: Any) -> Answer:
        return await self.call("PATCH", f"/connect{path}", body, **more)

    async def delete(self, path: str, **more: Any) -> Answer:
        return await self.call("DELETE", f"/connect{path}", **more)

    async def control(self, method: str, path: str, body: Any = None) -> Answer:
        """A call of the control plane below this client's world."""
        if (method, path) == ("POST", "/faults"):
            self.checked = False
        return await self.call(method, f"/_sim/worlds/{self.world['world']}{path}", body)

    async def login(self, role: str = "ADMINISTRATOR", **more: Any) -> Answer:
        """Sign in as the user of that role; later calls carry the session."""
        user = next(user for user in self.world["users"] if user["role"] == role)
        body = {
            "username": user["username"],
            "password": user["password"],
            "organizationId": self.world["organizationId"],
            "devKey": self.world["devKey"],
            **more,
        }
        answer = await self.post("/v3/login", body)
        if answer.status == 200:
            self.role = role
            self.headers = {
                "devKey": self.world["devKey"],
                "sessionId": answer.body["sessionId"],
            }
        return answer

    async def code(self) -> str:
        """The code in the newest text message."""
        outbox = await self.control("GET", "/outbox?kind=sms")
        return str(outbox.body["results"][0]["code"])

    async def trust(self, **more: Any) -> Answer:
        """Pass MFA setup (if needed) and a challenge; the session is trusted."""
        setup = await self.post("/v3/mfa/setup", {"phone": "+14155550123", "type": "TEXT"})
        if setup.status == 200:
            body = {
                "setupId": setup.body["setupId"],
                "type": "TEXT",
                "token": await self.code(),
            }
            await self.post("/v3/mfa/setup/validate", body)
        challenge = await self.post("/v3/mfa/challenge", {})
        body = {
            "challengeId": challenge.body["challengeId"],
            "token": await self.code(),
            "device": "tests",
            "rememberMe": True,
            **more,
        }
        answer = await self.post("/v3/mfa/challenge/validate", body)
        if answer.status == 200 and body["rememberMe"]:
            self.remembered = {
                "rememberMeId": answer.body["rememberMeId"],
                "device": str(body["device"]),
            }
        return answer

    async def bank_account(self) -> str:
        """The id of the verified bank account that every world starts with."""
        answer = await self.get("/v3/funding-accounts/banks")
        return str(answer.body["results"][0]["id"])

    async def advance(self, *, sign_in: bool = True, **how: Any) -> Answer:
        """Move the world's clock: seconds, days, businessDays or to.

        Sessions end after 35 idle minutes, so a new one is opened afterwards
        (trusted if the device was remembered), unless `sign_in` is False.
        """
        answer = await self.control("POST", "/clock/advance", how)
        if sign_in:
            await self.login(self.role, **self.remembered)
        return answer

    async def new_vendor(self, *, by_check: bool = False, **more: Any) -> dict[str, Any]:
        """Create a vendor in the United States, paid by ACH or by check."""
        payment: dict[str, Any] = {"payeeName": "Happy Music Supplies"}
        if not by_check:
            payment["bankAccount"] = {
                "nameOnAccount": "Bill Vendorson",
                "accountNumber": "111222333",
                "routingNumber": "074000010",
            }
        body = {
            "name": "Happy Music Supplies",
            "accountType": "BUSINESS",
            "address": {
                "line1": "123 Main Street",
                "city": "San Jose",
                "stateOrProvince": "CA",
                "zipOrPostalCode": "95002",
                "country": "US",
            },
            "paymentInformation": payment,
            **more,
        }
        answer = await self.post("/v3/vendors", body)
        assert answer.status == 201, answer.body
        return dict(answer.body)

    async def new_bill(self, vendor_id: str, amount: float = 228.99, **more: Any) -> dict[str, Any]:
        """Create a bill of one line."""
        body = {
            "vendorId": vendor_id,
            "dueDate": "2026-12-31",
            "billLineItems": [{"amount": amount, "description": "Drum foot pedal"}],
            "invoice": {"invoiceNumber": "202501", "invoiceDate": "2026-12-01"},
            **more,
        }
        answer = await self.post("/v3/bills", body)
        assert answer.status == 201, answer.body
        return dict(answer.body)

    async def pay(self, bill: dict[str, Any], amount: float, **more: Any) -> Answer:
        """Pay some of a bill from the world's bank account."""
        body = {
            "billId": bill["id"],
            "vendorId": bill["vendorId"],
            "amount": amount,
            "fundingAccount": {"type": "BANK_ACCOUNT", "id": await self.bank_account()},
            "processingOptions": {},
            **more,
        }
        return await self.post("/v3/payments", body)

    async def simulate(self, event: str, record_id: str, **more: Any) -> Answer:
        """Let something happen on BILL's side."""
        return await self.control("POST", "/simulate", {"event": event, "id": record_id, **more})
