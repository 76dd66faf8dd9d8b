"""The simulator as a target: a server of its own, and what a person would do beside the API.

Nothing but this module knows the simulator and its control plane.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from contract_tests.accounts import Credentials, Partner
from simulator import Simulator


@dataclass
class SimulatedAccount:
    """The demo world of a simulator; its clock runs, as BILL's does."""

    http: aiohttp.ClientSession
    origin: str
    credentials: Credentials
    challenge_id: str = ""

    async def _control(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self.origin}/_sim/worlds/default{path}"
        async with self.http.request(method, url, json=body, raise_for_status=True) as response:
            return await response.json()

    def can_tell_code(self) -> bool:
        return True

    async def code(self) -> str:
        texts = await self._control("GET", "/outbox?kind=sms")
        return str(texts["results"][0]["code"])

    async def wait(self, seconds: float) -> None:
        await self._control("POST", "/clock/advance", {"seconds": seconds})

    async def register_phone(self) -> None:
        """What the owner of an account did once in BILL's web app."""
        login = await self._bill("/v3/login", self.credentials.login)
        keys = {"devKey": self.credentials.dev_key, "sessionId": login["sessionId"]}
        phone = {"phone": "+14155550123", "type": "TEXT"}
        setup = await self._bill("/v3/mfa/setup", phone, keys)
        token = {"setupId": setup["setupId"], "type": "TEXT", "token": await self.code()}
        await self._bill("/v3/mfa/setup/validate", token, keys)

    async def _bill(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        url = self.credentials.base_url + path
        async with self.http.post(url, json=body, headers=headers, raise_for_status=True) as found:
            return await found.json()


@asynccontextmanager
async def simulated_account() -> AsyncIterator[SimulatedAccount]:
    """An account in a simulator that runs until the block ends."""
    async with Simulator() as simulator, aiohttp.ClientSession() as http:
        async with http.get(f"{simulator.url}/_sim/worlds/default") as response:
            world = await response.json()
        credentials = Credentials(
            base_url=world["baseUrl"],
            organization_id=world["organizationId"],
            username=world["username"],
            password=world["password"],
            dev_key=world["devKey"],
            partner=Partner(world["appKey"], **world["partner"]),
        )
        account = SimulatedAccount(http, simulator.url, credentials)
        await account.register_phone()
        yield account
