"""What must not stand in reports and failures, and how it is taken out."""

from __future__ import annotations

from typing import Any

REDACTED = "<redacted>"
# Members whose values open an account, or are one.
SECRET_MEMBERS = frozenset(
    {
        "accountNumber",
        "apiToken",
        "appKey",
        "devKey",
        "downloadLink",
        "password",
        "rememberMeId",
        "routingNumber",
        "securityKey",
        "sessionId",
        "taxId",
        "token",
        "username",
    }
)
# Shorter words are found in many a text that is none of theirs.
_SHORTEST = 6


class Redaction:
    """Knows the secrets that were met in a run, and takes them out of texts."""

    def __init__(self, secrets: tuple[str, ...] = ()) -> None:
        self._secrets = {secret for secret in secrets if secret}

    def learn(self, value: Any) -> None:
        """Note the secrets in a request or an answer."""
        if isinstance(value, dict):
            for name, member in value.items():
                if name in SECRET_MEMBERS and isinstance(member, str):
                    # A masked number is what BILL shows, too.
                    if len(member) >= _SHORTEST and "*" not in member:
                        self._secrets.add(member)
                else:
                    self.learn(member)
        elif isinstance(value, list):
            for one in value:
                self.learn(one)

    def text(self, text: str) -> str:
        """`text` without any secret."""
        # The longest first: one secret may hold another.
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, REDACTED)
        return text

    def value(self, value: Any) -> Any:
        """A JSON value without any secret in its texts."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {name: self.value(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self.value(one) for one in value]
        return value
