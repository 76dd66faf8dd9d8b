"""Connections, and the refusals of what is no HTTP that a handler could be given.

aiohttp answers such requests in plain text, tells its name and version, and
logs a traceback; BILL answers everything in its envelope.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.http import RawRequestMessage
from aiohttp.http_exceptions import ContentEncodingError, LineTooLong

from simulator.control.problems import PROBLEM_JSON, problem_document
from simulator.core.errors import Refusal, refuse
from simulator.gateway.reply import Reply

log = logging.getLogger(__name__)

# What Tomcat and aiohttp take at most. They differ because the parser's
# complaint tells nothing but the limit, and a long line is not a long header.
LONGEST_LINE = 8190
LONGEST_HEADER = 8192
MOST_HEADERS = 128

CONTROL = "/_sim"

_REQUEST_LINE = re.compile(rb"[!-~]+ (/[!-~]*) HTTP/")

# A refusal of BILL's paths as an answer.
Refuse = Callable[[Refusal], Reply]


class Connection(web.RequestHandler):
    """One connection of a caller."""

    __slots__ = ("_newest", "_refused")

    def __init__(self, server: web.Server, refused: Refuse) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type] # any falsy value switches it off
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_HEADER,
            max_headers=MOST_HEADERS,
        )
        self._refused = refused
        self._newest = b""

    def data_received(self, data: bytes) -> None:
        """Take bytes, and keep them in case that they have to be refused."""
        self._newest = data
        super().data_received(data)
        messages = self._messages
        if messages and not isinstance(messages[-1][0], RawRequestMessage):
            self._end_broken_body()

    def _end_broken_body(self) -> None:
        """Whoever waits for the rest of the body that cannot be read on shall wait no longer."""
        messages, request = self._messages, self._current_request
        if len(messages) > 1:
            if not messages[-2][1].is_eof():
                # Nobody has begun with it: the refusal alone answers it.
                del messages[-2]
        elif request is not None and not request.content.is_eof():
            # Its own answer tells the trouble, and is the last one.
            messages.clear()
            request.content.set_exception(web.RequestPayloadError("the body is broken"))
            self.close()

    def log_exception(self, *args: Any, **more: Any) -> None:
        """Log what failed, but for bodies that cannot be read, which were refused."""
        if not isinstance(more.get("exc_info"), web.RequestPayloadError):
            super().log_exception(*args, **more)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Refuse what the parser or a handler failed on."""
        if isinstance(exc, ConnectionError):
            # The client is gone; nobody waits for an answer.
            raise exc
        if request.writer.output_size > 0:
            raise ConnectionError("the answer is on its way already")
        if status != 400:
            log.error("%s %s failed", request.method, request.path, exc_info=exc)
            refusal = refuse("BDC_1001")
        else:
            log.debug("refused from %s: %s", request.remote, message)
            refusal = _malformed(exc, message)
        return self._answer(refusal)

    def _answer(self, refusal: Refusal) -> Reply:
        line = _REQUEST_LINE.match(self._newest)
        control = line is not None and is_control(line[1].decode("ascii").partition("?")[0])
        return as_problem(refusal) if control else self._refused(refusal)


def is_control(path: str) -> bool:
    """Whether a path is one of the control plane."""
    return path == CONTROL or path.startswith(f"{CONTROL}/")


def as_problem(refusal: Refusal) -> Reply:
    """A refusal as the control plane gives it."""
    detail = f"{str(refusal).removesuffix('.')}."
    return Reply(refusal.status, problem_document(refusal.status, detail), PROBLEM_JSON)


def _malformed(exc: BaseException | None, message: str | None) -> Refusal:
    if isinstance(exc, LineTooLong):
        if str(exc.args[1]) == str(LONGEST_LINE):
            return refuse("http.line_too_long", limit=LONGEST_LINE)
        return refuse("http.header_too_long", limit=LONGEST_HEADER)
    if isinstance(exc, ContentEncodingError):
        return refuse("http.encoding")
    told = (message or "").strip().partition("\n")[0].rstrip(".:")
    if told.startswith("Too many headers"):
        return refuse("http.too_many_headers", limit=MOST_HEADERS)
    return refuse("http.malformed", problem=told)
