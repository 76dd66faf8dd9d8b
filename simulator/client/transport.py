"""HTTP with the control plane: JSON in and out, refusals as exceptions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from simulator.fetching import bearer, fetch

# Moving a clock over years, or taking in a large document, takes a while.
_TIMEOUT = 120.0


class ControlRefusal(Exception):
    """The control plane refuses: HTTP `status`, and `detail` in words."""

    def __init__(self, call: str, status: int, detail: str) -> None:
        self.status = status
        self.detail = detail
        super().__init__(f"{call}: {status}: {detail}")


class Transport:
    """Calls to the simulator at `url`, which brings `token` if it asks for one."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url.rstrip("/")
        self._headers = {"Content-Type": "application/json", **bearer(token)}

    def __repr__(self) -> str:
        return f"Transport({self.url!r})"

    def raw(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """The bytes that a path below the root answers.

        Raises ControlRefusal, and OSError if the server is not reached.
        """
        status, answer = fetch(method, self.url + path, body, self._headers, _TIMEOUT)
        if status >= 400:
            raise ControlRefusal(f"{method} {path}", status, _detail(answer))
        return answer

    def call(
        self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> Any:
        """The JSON that a path answers, None for nothing; raises as `raw` does."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        whole = f"{path}?{urlencode(given)}" if given else path
        sent = None if body is None else json.dumps(body).encode()
        answer = self.raw(method, whole, sent)
        return json.loads(answer) if answer else None


def _detail(answer: bytes) -> str:
    try:
        return str(json.loads(answer)["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.decode(errors="replace")


def segment(text: str) -> str:
    """A name as one segment of a path."""
    return quote(text, safe="")
