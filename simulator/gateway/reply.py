"""Answers to BILL's calls.

aiohttp's own `Response` adds headers that BILL does not send, and takes a
longer way to the same bytes.
"""

from __future__ import annotations

from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from time import time

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter

JSON = "application/json"


class Reply(web.StreamResponse):
    """A whole answer: `status`, `body` of `media_type`, and what is put into `headers`."""

    def __init__(self, status: int, body: bytes = b"", media_type: str = JSON) -> None:
        super().__init__(status=status)
        self.body = body
        self.media_type = media_type
        self._request: web.BaseRequest | None = None

    @property
    def keep_alive(self) -> bool | None:
        """Whether the connection stays open, which is for the caller to say."""
        return self._request is not None and self._request.keep_alive

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Hand the head of the answer to the connection."""
        self._request = request
        headers = self.headers
        if self.body:
            headers["Content-Type"] = self.media_type
        if self.status != HTTPStatus.NO_CONTENT:
            headers["Content-Length"] = str(len(self.body))
        headers["Date"] = _date(int(time()))
        if not request.keep_alive:
            headers["Connection"] = "close"
        elif request.version < HttpVersion11:
            headers["Connection"] = "keep-alive"
        await request.writer.write_headers(f"HTTP/1.1 {self.status} {self.reason}", headers)
        return request.writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Send the answer; a HEAD gets its head alone."""
        request = self._request
        assert request is not None
        await request.writer.write_eof(b"" if request.method == "HEAD" else self.body + data)


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)
