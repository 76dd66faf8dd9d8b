"""Answers as they stand on the wire: heads, connections, and what waits for a 100."""

from __future__ import annotations

import asyncio
import json
from email.utils import parsedate_to_datetime

import pytest

from tests.http import BillClient

END = b"\r\n\r\n"


class Wire:
    """One connection; requests are written as they stand."""

    def __init__(
        self, client: BillClient, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.client = client
        self.reader = reader
        self.writer = writer

    def send(self, method: str, path: str, *more: str, version: str = "1.1") -> None:
        headers = [f"{name}: {value}" for name, value in self.client.headers.items()]
        lines = [f"{method} {path} HTTP/{version}", "Host: localhost", *headers, *more, "", ""]
        self.writer.write("\r\n".join(lines).encode())

    async def head(self) -> tuple[str, dict[str, str]]:
        """Status line and headers of the next answer."""
        first, *lines = (await self.reader.readuntil(END))[: -len(END)].decode().split("\r\n")
        return first, dict(line.split(": ", 1) for line in lines)

    async def body(self, headers: dict[str, str]) -> bytes:
        return await self.reader.readexactly(int(headers["Content-Length"]))


@pytest.fixture
async def wire(client: BillClient):
    host, port = client.origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    yield Wire(client, reader, writer)
    writer.close()
    await writer.wait_closed()


async def test_an_answer_has_these_headers_and_no_others(wire: Wire) -> None:
    wire.send("GET", "/connect/v3/vendors")
    status, headers = await wire.head()
    assert status == "HTTP/1.1 200 OK"
    assert list(headers) == ["Content-Type", "Content-Length", "Date"]
    assert headers["Content-Type"] == "application/json"
    assert await wire.body(headers) == b'{"results":[]}'
    assert headers["Date"].endswith(" GMT")
    assert parsedate_to_datetime(headers["Date"]).utcoffset() is not None


async def test_an_empty_answer_has_no_content_type(wire: Wire) -> None:
    wire.send("POST", "/connect/v3/logout")
    status, headers = await wire.head()
    assert (status, list(headers)) == ("HTTP/1.1 200 OK", ["Content-Length", "Date"])
    assert headers["Content-Length"] == "0"


async def test_a_204_tells_no_length(wire: Wire) -> None:
    vendor = await wire.client.new_vendor()
    await wire.client.trust()
    wire.send("DELETE", f"/connect/v3/vendors/{vendor['id']}/bank-account")
    status, headers = await wire.head()
    assert (status, list(headers)) == ("HTTP/1.1 204 No Content", ["Date"])


async def test_calls_in_a_row_are_answered_in_their_order_on_one_connection(wire: Wire) -> None:
    for path in ("/connect/v3/vendors", "/_sim/health", "/connect/v3/nonsense"):
        wire.send("GET", path)
    told = []
    for _ in range(3):
        status, headers = await wire.head()
        assert "Connection" not in headers
        await wire.body(headers)
        told.append(status)
    assert told == ["HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"]


@pytest.mark.parametrize(
    ("version", "asked", "told", "stays"),
    [
        ("1.1", [], None, True),
        ("1.1", ["Connection: close"], "close", False),
        ("1.0", [], "close", False),
        ("1.0", ["Connection: keep-alive"], "keep-alive", True),
    ],
)
async def test_the_caller_says_whether_the_connection_stays_open(
    wire: Wire, version: str, asked: list[str], told: str | None, stays: bool
) -> None:
    wire.send("GET", "/connect/v3/vendors", *asked, version=version)
    _, headers = await wire.head()
    assert headers.get("Connection") == told
    assert await wire.body(headers) == b'{"results":[]}'
    if stays:
        wire.send("GET", "/connect/v3/vendors")
        assert (await wire.head())[0] == "HTTP/1.1 200 OK"
    else:
        assert await wire.reader.read() == b""


async def test_a_head_is_answered_like_a_get_without_its_body(wire: Wire) -> None:
    await wire.client.new_vendor()
    wire.send("GET", "/connect/v3/vendors")
    get = await wire.head()
    await wire.body(get[1])
    wire.send("HEAD", "/connect/v3/vendors")
    wire.send("GET", "/connect/v3/nonsense")
    head = await wire.head()
    assert head[0] == get[0]
    assert head[1]["Content-Length"] == get[1]["Content-Length"] != "0"
    # The next answer follows at once.
    assert (await wire.head())[0] == "HTTP/1.1 404 Not Found"


async def test_a_caller_who_expects_a_100_gets_it_before_the_body_is_sent(wire: Wire) -> None:
    body = json.dumps(
        {
            "name": "Happy Music Supplies",
            "address": {
                "line1": "123 Main Street",
                "city": "San Jose",
                "stateOrProvince": "CA",
                "zipOrPostalCode": "95002",
                "country": "US",
            },
        }
    ).encode()
    more = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    wire.send("POST", "/connect/v3/vendors", *more, "Expect: 100-continue")
    assert await wire.head() == ("HTTP/1.1 100 Continue", {})
    wire.writer.write(body)
    status, headers = await wire.head()
    assert status == "HTTP/1.1 201 Created"
    assert json.loads(await wire.body(headers))["name"] == "Happy Music Supplies"
