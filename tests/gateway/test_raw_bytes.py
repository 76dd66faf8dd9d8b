"""Whatever bytes come: BILL's envelope or a problem, no crash, no change after a refusal."""

from __future__ import annotations

import json
import re
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPResponse
from io import BytesIO
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Simulator
from simulator.threaded import threaded
from tests.refusals import check_items
from tests.resources.payables import SMALLEST_VENDOR, bill_body

# What HTTP has to say that a careless or hostile client may send in its place.
WORDS = [
    b"\r\n",
    b"\n",
    b" ",
    b":",
    b"\x00",
    b"\xff",
    b"chunked",
    b"0",
    b"-1",
    b"9" * 30,
    b"{",
    b'"',
]


CREDENTIALS = ("username", "password", "organizationId", "devKey")


class Target:
    """A world of a server in a thread, and requests of a signed-in client as bytes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.world = self.call("POST", "/_sim/worlds", {"start": "2026-06-03T16:00:00+00:00"})
        self.place = f"/_sim/worlds/{self.world['world']}"
        self.call("PATCH", f"{self.place}/limits", {"requestsPerHour": None, "concurrent": None})
        session = self.call(
            "POST", "/connect/v3/login", {name: self.world[name] for name in CREDENTIALS}
        )
        headers = {"devKey": self.world["devKey"], "sessionId": session["sessionId"]}
        self.requests = [self.request(*one) for one in self.calls(headers)]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, content, headers, method=method)
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.loads(response.read())

    def calls(self, headers: dict[str, str]) -> Iterator[tuple[str, str, dict[str, str], Any]]:
        unknown = "00902AAAAAAAAAAzzzzz"
        yield "GET", "/connect/v3/vendors?max=2&sort=name:asc", headers, None
        yield "POST", "/connect/v3/vendors", headers, SMALLEST_VENDOR
        yield "POST", "/connect/v3/bills", headers, bill_body(unknown)
        yield "PATCH", f"/connect/v3/vendors/{unknown}", headers, {"name": "x"}
        yield "POST", "/connect-events/v3/subscriptions", headers, {"name": "x"}
        yield "GET", self.place, {}, None
        yield "POST", f"{self.place}/simulate", {}, {"event": "x", "id": "y"}

    @staticmethod
    def request(method: str, path: str, headers: dict[str, str], body: Any) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if content:
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + content

    def hash(self) -> Any:
        return self.call("GET", self.place)["hash"]

    def send(self, raw: bytes) -> bytes:
        """What comes back, up to where the server has nothing more to say for now."""
        port = urlsplit(self.url).port
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            answer = b""
            # The server may close before it has read everything.
            with suppress(ConnectionError):
                connection.sendall(raw)
            # By the time that it answers others twice, it has worked on what came before.
            for _ in range(2):
                self.call("GET", "/_sim/health")
            with suppress(ConnectionError):
                connection.shutdown(socket.SHUT_WR)
                while part := connection.recv(65536):
                    answer += part
            return answer


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with threaded(Simulator) as url:
        yield Target(url)


@st.composite
def edits(draw: st.DrawFn) -> list[tuple[str, float, bytes]]:
    """What is done to a request, and at which part of it, from 0 to 1."""
    kinds = st.sampled_from(["insert", "insert", "delete", "double", "cut", "flip"])
    places = st.floats(0, 1, exclude_max=True)
    words = st.sampled_from(WORDS) | st.binary(min_size=1, max_size=6)
    return draw(st.lists(st.tuples(kinds, places, words), min_size=1, max_size=4))


def edited(raw: bytes, edit: tuple[str, float, bytes]) -> bytes:
    kind, place, word = edit
    at = int(place * len(raw))
    after = at + len(word)
    match kind:
        case "insert":
            return raw[:at] + word + raw[at:]
        case "delete":
            return raw[:at] + raw[after:]
        case "double":
            return raw[:after] + raw[at:]
        case "cut":
            return raw[:at]
    return raw[:at] + bytes(one ^ 0x20 for one in raw[at : at + 1]) + raw[at + 1 :]


class Bytes:
    """Bytes that were received, as `HTTPResponse` wants them."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def makefile(self, mode: str) -> BytesIO:
        return BytesIO(self.content)


def check_answer(raw: bytes) -> int:
    """The first answer is HTTP, and BILL's envelope or a problem if it refuses; its status."""
    assert re.match(rb"HTTP/1\.[01] [2-5]\d\d ", raw), raw
    response = HTTPResponse(cast(socket.socket, Bytes(raw)))
    response.begin()
    body = response.read()
    assert response.status < 500 or response.status == 501, raw
    assert "Server" not in response.headers
    if response.status >= 400 and body:
        told = json.loads(body)
        if isinstance(told, dict):
            assert set(told) >= {"type", "title", "status", "detail"}, told
        else:
            check_items(told)
    return response.status


@settings(max_examples=400)
@given(number=st.integers(0, 6), changes=edits())
def test_edited_requests_are_answered_in_form_and_change_nothing_if_refused(
    target: Target, number: int, changes: list[tuple[str, float, bytes]]
) -> None:
    raw = target.requests[number]
    for change in changes:
        raw = edited(raw, change)
    before = target.hash()
    answer = target.send(raw)
    # Nothing comes back to what is no request at all, or to one that never ends.
    if answer and check_answer(answer) >= 400:
        assert target.hash() == before


@settings(max_examples=100)
@given(st.binary(min_size=1, max_size=200))
def test_any_bytes_are_answered_in_form_or_not_at_all(target: Target, raw: bytes) -> None:
    answer = target.send(raw)
    if answer:
        assert check_answer(answer) >= 400


def test_the_unedited_requests_are_understood(target: Target) -> None:
    statuses = [check_answer(target.send(raw)) for raw in target.requests]
    assert statuses == [200, 201, 404, 404, 400, 200, 400]


@pytest.mark.parametrize("path", ["/_sim/health", "/connect/v3/vendors"])
def test_a_request_without_a_version_is_refused_in_a_version_that_has_headers(
    target: Target, path: str
) -> None:
    answer = target.send(f"GET {path}\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert check_answer(answer) == 400
