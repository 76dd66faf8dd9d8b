"""The signature, against what OpenSSL printed for these bytes, and against the standard library."""

from __future__ import annotations

import base64
import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from simulator.webhooks.signature import SIGNATURE, sign

KEY = "zat5r7wcp5afna9p5qutfda60pyhf7afv7p7y9qw"
BODY = '{"metadata":{"eventType":"bill.created"},"bill":{"description":"Café","amount":149.00}}'


def test_header_and_bytes_are_golden() -> None:
    assert SIGNATURE == "x-bill-sha-signature"
    assert sign(KEY, BODY.encode()) == "67nVk/hacWkCUcdMXGi4zZL74C5PfsRIUBsIi6zKsMg="


@given(st.text(st.characters(codec="utf-8")), st.binary())
def test_it_is_base64_of_hmac_sha256_with_the_key_as_utf8(key: str, body: bytes) -> None:
    plain = hmac.new(key.encode(), body, hashlib.sha256).digest()
    assert base64.b64decode(sign(key, body)) == plain
