"""How commands and the client of the control plane call a running simulator."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from typing import Any


def fetch(
    method: str, url: str, body: bytes | None, headers: dict[str, str], timeout: float = 10.0
) -> tuple[int, bytes]:
    """Status and body of an answer, refusals too. Raises OSError, and ValueError for no URL."""
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    # A simulator stands beside its callers: a proxy for the way out leads elsewhere.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read()


def bearer(token: str) -> dict[str, str]:
    """The header that brings the control plane's token; none without one."""
    return {"Authorization": f"Bearer {token}"} if token else {}


def token_of_environment() -> str:
    """The token that BILLSIM_TOKEN holds, or none."""
    return os.environ.get("BILLSIM_TOKEN", "")


def token_flag() -> Any:
    """The flag for the control plane's token."""
    from pydantic import Field

    return Field(
        default_factory=token_of_environment,
        description="The control plane's token, if it asks for one; else BILLSIM_TOKEN.",
    )
