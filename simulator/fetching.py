"""How commands call a running simulator."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from typing import Any

from pydantic import Field


def fetch(method: str, url: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
    """Status and body of an answer, refusals too. Raises OSError, and ValueError for no URL."""
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


def bearer(token: str) -> dict[str, str]:
    """The header that brings the control plane's token; none without one."""
    return {"Authorization": f"Bearer {token}"} if token else {}


def token_flag() -> Any:
    """The flag for the control plane's token."""
    return Field(
        default_factory=lambda: os.environ.get("BILLSIM_TOKEN", ""),
        description="The control plane's token, if it asks for one; else BILLSIM_TOKEN.",
    )
