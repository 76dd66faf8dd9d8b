"""Secrets taken out of what is shown of a call: by the names they stand under, and by value.

A name counts in any spelling: `accountNumber`, `account_number`, `Account-Number`.
What stood under such a name is blackened wherever else it turns up as well, in
a refusal that repeats it for instance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

REDACTED = "[redacted]"

# Routing numbers are printed on every check, and stay.
_SECRET_ENDS = (
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "token",
    "session",
    "sessionid",
    "devkey",
    "appkey",
    "apikey",
    "securitykey",
    "signingkey",
    "privatekey",
    "authorization",
    "cookie",
    "signature",
    "remembermeid",
    "verificationcode",
    "mfacode",
    "onetimecode",
    "accountnumber",
    "accountno",
    "cardnumber",
    "cvv",
    "cvc",
    "iban",
    "taxid",
    "taxidnumber",
    "taxidentificationnumber",
    "taxpayerid",
    "ssn",
    "socialsecurity",
    "socialsecuritynumber",
    "employeridentificationnumber",
)
# Ordinary words end in these: only the whole name counts.
_SECRET_NAMES = frozenset({"ein", "itin", "otp", "pan", "pin", "pwd", "tin"})
# Objects of BILL that hold a secret: a bare value in their place may be the secret itself.
_HOLDERS = frozenset({"bankaccount", "card", "virtualcard"})

# Something shorter is likelier to be a piece of another word than the secret again.
_SHORTEST = 6

_NO_LETTER = re.compile(r"[^a-z0-9]+")
# `field:op:value` of BILL's filters.
_FILTER = re.compile(r"([\w.]+)(:\w+:)(\"[^\"]*\"|[^,]+)")


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether what stands under `name` in a body, a header or a query is a secret."""
    plain = _NO_LETTER.sub("", name.lower())
    return plain in _SECRET_NAMES or plain.endswith(_SECRET_ENDS)


@lru_cache(maxsize=4096)
def _holds_secret(name: str) -> bool:
    return _NO_LETTER.sub("", name.lower()) in _HOLDERS


class Redactor:
    """Blackens the secrets of one call: `learn` all of its parts first, then `clean` each."""

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, data: Any) -> None:
        """Take note of the secrets in JSON data; headers and queries are objects as well."""
        if isinstance(data, dict):
            for name, value in data.items():
                self._learn_member(name, value)
        elif isinstance(data, list):
            for value in data:
                self.learn(value)

    def _learn_member(self, name: str, value: Any) -> None:
        if is_secret(name):
            self._note(_leaves(value))
        elif isinstance(value, (dict, list)):
            self.learn(value)
        elif _holds_secret(name):
            self._note([value])
        elif isinstance(value, str):
            self._note(told[3].strip('"') for told in _FILTER.finditer(value) if is_secret(told[1]))

    def _note(self, values: Iterable[Any]) -> None:
        texts = {str(value) for value in values if not isinstance(value, bool)}
        self._values |= {text for text in texts if len(text) >= _SHORTEST}
        self._pattern = None

    def text(self, text: str) -> str:
        """`text` without the secrets noted."""
        if not self._values:
            return text
        if self._pattern is None:
            # The longest first: one secret may begin with another.
            longest = sorted(self._values, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest)))
        return self._pattern.sub(REDACTED, text)

    def clean(self, data: Any) -> Any:
        """A copy of JSON data without secrets; what is missing or empty stays so."""
        if isinstance(data, dict):
            return {self.text(name): self._member(name, value) for name, value in data.items()}
        if isinstance(data, list):
            return [self.clean(value) for value in data]
        if isinstance(data, str):
            return self.text(data)
        if isinstance(data, (int, float)) and str(data) in self._values:
            return REDACTED
        return data

    def _member(self, name: str, value: Any) -> Any:
        bare = not isinstance(value, (dict, list))
        if value in (None, "") or not (is_secret(name) or (bare and _holds_secret(name))):
            return self.clean(value)
        return _blackened(value)


def _leaves(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        for member in value.values():
            yield from _leaves(member)
    elif isinstance(value, list):
        for member in value:
            yield from _leaves(member)
    elif value is not None:
        yield value


def _blackened(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _blackened(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_blackened(member) for member in value]
    return REDACTED
