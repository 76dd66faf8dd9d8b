"""The signature of a notification, as BILL computes it."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from hmac import digest

# The header that carries it.
SIGNATURE = "x-bill-sha-signature"


def sign(security_key: str, body: bytes) -> str:
    """Base64 of the HMAC-SHA256 over exactly the bytes sent (BILL docs, webhook security)."""
    return b64encode(digest(security_key.encode(), body, sha256)).decode()
