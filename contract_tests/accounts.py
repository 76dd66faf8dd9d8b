"""The account that the checks run against: credentials, MFA codes and the passing of time.

The checks know an `Account` and BILL's public API, and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

SANDBOX = "https://gateway.stage.bill.com/connect"
# There money is real, and nobody else's books are to hold the records of a test.
_PRODUCTION = "gateway.prod.bill.com"

REQUIRED = {
    "BILL_USERNAME": "sign-in name of a user of the sandbox account, best an administrator",
    "BILL_PASSWORD": "the user's password",
    "BILL_ORGANIZATION_ID": "id of the organization, 008…",
    "BILL_DEV_KEY": "developer key of the sandbox",
}
OPTIONAL = {
    "BILL_BASE_URL": f"where BILL's paths begin; left out, {SANDBOX}",
    "BILL_MFA_CODE": "the code of a challenge; without it the run asks for one on a terminal",
    "BILL_MFA_CHALLENGE_ID": "the challenge that BILL_MFA_CODE answers, if it was asked for before",
    "BILL_REMEMBER_ME_ID": "rememberMeId of an earlier MFA challenge, instead of a code",
    "BILL_DEVICE": "the device that BILL_REMEMBER_ME_ID was given for",
    "BILL_APP_KEY": "a partner's application key, for the check of the partner sign-in",
    "BILL_PARTNER_USERNAME": "the partner's sign-in name",
    "BILL_PARTNER_PASSWORD": "the partner's password",
    "BILL_WEBHOOK_URL": "https address that reaches the machine of the run, for the webhook checks",
}


class UnusableAccount(Exception):
    """The environment names no account that may be tested; the text says why."""


@dataclass(frozen=True)
class Partner:
    """What a partner signs in with."""

    app_key: str = field(repr=False)
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Credentials:
    """What the checks sign in with. `base_url` ends in /connect."""

    base_url: str
    organization_id: str
    username: str
    password: str = field(repr=False)
    dev_key: str = field(repr=False)
    remember_me_id: str = field(default="", repr=False)
    device: str = ""
    partner: Partner | None = None

    @property
    def events_url(self) -> str:
        """Where the paths of the webhook service begin."""
        return self.base_url.removesuffix("/connect") + "/connect-events"

    @property
    def login(self) -> dict[str, str]:
        """The body of a sign-in."""
        return {
            "username": self.username,
            "password": self.password,
            "organizationId": self.organization_id,
            "devKey": self.dev_key,
        }

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must stand in no report."""
        known = [self.password, self.dev_key, self.remember_me_id]
        if self.partner:
            known += [self.partner.app_key, self.partner.password]
        return tuple(secret for secret in known if secret)


class Account(Protocol):
    """What a target gives to the checks."""

    credentials: Credentials
    # The challenge that `code` answers, if one was asked for before the run.
    challenge_id: str

    def can_tell_code(self) -> bool:
        """Whether `code` will have an answer, so that a challenge is worth a text message."""

    async def code(self) -> str:
        """The MFA code just sent."""

    async def wait(self, seconds: float) -> None:
        """Let that much of BILL's time pass."""


class Person(Protocol):
    """Somebody at a terminal, perhaps."""

    def is_there(self) -> bool:
        """Whether there is a terminal to ask on."""

    async def tell(self, question: str) -> str:
        """What the person says."""


@dataclass
class Sandbox:
    """An account on BILL's sandbox, or on any server that speaks BILL's API."""

    credentials: Credentials
    person: Person
    known_code: str = field(default="", repr=False)
    challenge_id: str = ""

    def can_tell_code(self) -> bool:
        return bool(self.known_code) or self.person.is_there()

    async def code(self) -> str:
        return self.known_code or await self.person.tell("MFA code that BILL has just sent: ")

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def sandbox_from(environment: Mapping[str, str], person: Person) -> Sandbox:
    """The sandbox account that the environment names. Raises UnusableAccount."""
    missing = [name for name in REQUIRED if not environment.get(name)]
    if missing:
        told = "\n".join(f"  {name}: {REQUIRED[name]}" for name in missing)
        raise UnusableAccount(f"--target sandbox needs these variables:\n{told}")
    base_url = (environment.get("BILL_BASE_URL") or SANDBOX).rstrip("/")
    if urlsplit(base_url).hostname == _PRODUCTION:
        raise UnusableAccount(f"BILL_BASE_URL: {_PRODUCTION} is BILL's production, no sandbox")
    partner = [
        environment.get(name, "")
        for name in ("BILL_APP_KEY", "BILL_PARTNER_USERNAME", "BILL_PARTNER_PASSWORD")
    ]
    return Sandbox(
        Credentials(
            base_url=base_url,
            organization_id=environment["BILL_ORGANIZATION_ID"],
            username=environment["BILL_USERNAME"],
            password=environment["BILL_PASSWORD"],
            dev_key=environment["BILL_DEV_KEY"],
            remember_me_id=environment.get("BILL_REMEMBER_ME_ID", ""),
            device=environment.get("BILL_DEVICE", ""),
            partner=Partner(*partner) if all(partner) else None,
        ),
        person,
        environment.get("BILL_MFA_CODE", ""),
        environment.get("BILL_MFA_CHALLENGE_ID", ""),
    )
