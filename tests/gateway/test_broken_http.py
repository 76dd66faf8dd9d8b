"""What is no HTTP, or hardly any: refused in BILL's form over a raw socket, without a trace."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import pytest

from simulator import Simulator
from simulator.gateway import app as gateway_app
from tests.http import BillClient
from tests.refusals import check_items

HOST = b"Host: localhost\r\n"
GET = b"GET /connect/v3/vendors HTTP/1.1\r\n"
POST = b"POST /connect/v3/vendors HTTP/1.1\r\n"
JSON = b"Content-Type: application/json\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CLOSE = b"Connection: close\r\n"
END = b"\r\n"


@dataclass(frozen=True)
class Told:
    """One answer as it stood on the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


def read_answers(raw: bytes) -> list[Told]:
    """All answers on a connection; nothing may be left over."""
    answers = []
    while raw:
        head, _, raw = raw.partition(b"\r\n\r\n")
        line, *lines = head.decode("ascii").split("\r\n")
        assert re.fullmatch(r"HTTP/1\.[01] [1-5]\d\d [A-Za-z -]+", line)
        headers = dict(each.split(": ", 1) for each in lines)
        length = int(headers["Content-Length"])
        assert len(raw) >= length
        answers.append(Told(int(line.split()[1]), headers, raw[:length]))
        raw = raw[length:]
    return answers


Exchange = Callable[..., Coroutine[Any, Any, list[Told]]]


@pytest.fixture
async def exchange(caplog: pytest.LogCaptureFixture) -> AsyncIterator[Exchange]:
    """`await exchange(part, …)`: what is answered to these bytes until the connection ends.

    Each part is sent once the server has read the one before. When the test is
    over, the server must be healthy and its log empty.
    """
    async with Simulator() as server:

        async def run(*parts: bytes, hang_up: bool = False) -> list[Told]:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            for part in parts:
                writer.write(part)
                await writer.drain()
                # What was sent is read before another connection's call is answered.
                await health(server)
            if hang_up:
                writer.write_eof()
            raw = await asyncio.wait_for(reader.read(), 5)
            writer.close()
            await writer.wait_closed()
            return read_answers(raw)

        with caplog.at_level(logging.INFO):
            yield run
            assert await health(server) == b'{"status": "ok"'
    assert [record.getMessage() for record in caplog.get_records("call")] == []


async def health(server: Simulator) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /_sim/health HTTP/1.1\r\n" + HOST + CLOSE + END)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer.partition(b"\r\n\r\n")[2][:15]


def headers(count: int) -> bytes:
    return b"".join(b"X-%d: a\r\n" % number for number in range(count))


def chunked(body: bytes) -> bytes:
    return POST + HOST + JSON + CHUNKED + END + body


BAD = "Bad Request: "
BROKEN = [
    ("no HTTP", b"garbage\r\n\r\n", 400, f"{BAD}Invalid method encountered"),
    ("TLS", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + bytes(32), 400, BAD),
    ("bytes", bytes(range(256)), 400, BAD),
    ("method", b"FETCH / HTTP/1.1\r\n" + HOST + END, 400, f"{BAD}Invalid method encountered"),
    ("small letters", b"get / HTTP/1.1\r\n" + HOST + END, 400, BAD),
    ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, BAD),
    ("HTTP/3", b"GET / HTTP/3.0\r\n" + HOST + END, 400, BAD),
    ("version", b"GET / HTTP/x\r\n" + HOST + END, 400, BAD),
    ("no path", b"GET ?max=1 HTTP/1.1\r\n" + HOST + END, 400, BAD),
    ("blank in path", b"GET /a b HTTP/1.1\r\n" + HOST + END, 400, BAD),
    ("control character", b"GET /\x01 HTTP/1.1\r\n" + HOST + END, 400, BAD),
    ("letter in path", "GET /ü HTTP/1.1\r\n".encode() + HOST + END, 400, BAD),
    ("URL", b"GET http://[/ HTTP/1.1\r\n" + HOST + END, 400, BAD),
    ("bare line feeds", b"GET / HTTP/1.1\nHost: localhost\n\n", 400, BAD),
    ("no Host", GET + END, 400, f"{BAD}Missing 'Host' header in request"),
    ("two Hosts", GET + HOST + HOST + END, 400, f"{BAD}Duplicate 'Host' header found"),
    ("two Content-Types", POST + HOST + JSON + JSON + END, 400, BAD),
    ("no colon", GET + HOST + b"nonsense\r\n\r\n", 400, f"{BAD}Invalid header token"),
    ("blank in name", GET + HOST + b"a b: c\r\n\r\n", 400, BAD),
    ("blank before colon", GET + HOST + b"a : c\r\n\r\n", 400, BAD),
    ("NUL", GET + HOST + b"a: b\0\r\n\r\n", 400, BAD),
    ("folded header", GET + HOST + b"a: b\r\n c\r\n\r\n", 400, BAD),
    ("length", POST + HOST + b"Content-Length: x\r\n\r\n", 400, BAD),
    ("negative length", POST + HOST + b"Content-Length: -1\r\n\r\n", 400, BAD),
    ("huge length", POST + HOST + b"Content-Length: %d\r\n\r\n" % 10**30, 400, BAD),
    ("two lengths", POST + HOST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, BAD),
    ("length and chunks", POST + HOST + CHUNKED + b"Content-Length: 2\r\n\r\n{}", 400, BAD),
    ("transfer coding", POST + HOST + b"Transfer-Encoding: x\r\n\r\n", 400, BAD),
    ("chunk size", chunked(b"zz\r\n{}\r\n0\r\n\r\n"), 400, BAD),
    ("chunk end", chunked(b"2\r\n{}xx\r\n0\r\n\r\n"), 400, BAD),
    ("negative chunk", chunked(b"-2\r\n{}\r\n0\r\n\r\n"), 400, BAD),
    (
        "content coding",
        POST + HOST + JSON + b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\n{}",
        415,
        "The body's Content-Encoding is not supported",
    ),
    (
        "long URL",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + END,
        414,
        "The request target is longer than 8190 bytes",
    ),
    (
        "long header",
        GET + HOST + b"a: " + b"b" * 9000 + b"\r\n\r\n",
        431,
        "A header is longer than 8192 bytes",
    ),
    (
        "long header name",
        GET + HOST + b"a" * 9000 + b": b\r\n\r\n",
        431,
        "A header is longer than 8192 bytes",
    ),
    ("many headers", GET + HOST + headers(200) + END, 431, "There are more than 128 headers"),
]
MALFORMED = pytest.mark.parametrize(
    ("raw", "status", "message"),
    [pytest.param(*case, id=name) for name, *case in BROKEN],
)


@MALFORMED
async def test_what_is_no_http_is_refused_in_bills_form(
    exchange: Exchange, raw: bytes, status: int, message: str
) -> None:
    [answer] = await exchange(raw)
    assert answer.status == status
    assert list(answer.headers) == ["Content-Type", "Content-Length", "Date", "Connection"]
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Connection"] == "close"
    items = json.loads(answer.body)
    check_items(items)
    [item] = items
    assert (item.get("code"), item["category"]) == (None, "REQUEST")
    assert item["message"].startswith(message)
    assert "\n" not in item["message"]


@pytest.mark.parametrize(
    ("rest", "status", "detail"),
    [
        (END, 400, f"{BAD}Missing 'Host' header in request."),
        (HOST + b"nonsense\r\n\r\n", 400, f"{BAD}Invalid header token."),
        (HOST + b"a: " + b"b" * 9000 + b"\r\n\r\n", 431, "A header is longer than 8192 bytes."),
        (HOST + b"Expect: wonders\r\n" + CLOSE + END, 417, "Expect: wonders cannot be met."),
    ],
)
async def test_the_control_plane_refuses_it_by_a_problem_document(
    exchange: Exchange, rest: bytes, status: int, detail: str
) -> None:
    [answer] = await exchange(b"POST /_sim/worlds?a=b HTTP/1.1\r\n" + rest)
    assert (answer.status, answer.headers["Connection"]) == (status, "close")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "Server" not in answer.headers
    told = json.loads(answer.body)
    assert (told["type"], told["status"], told["detail"]) == ("about:blank", status, detail)


async def test_a_request_in_pieces_is_refused_as_a_whole_one_is(exchange: Exchange) -> None:
    [answer] = await exchange(
        b"GET /connect/v3/ven", b"dors HTTP/1.1\r\n" + HOST, b"a b: c\r\n\r\n"
    )
    assert answer.status == 400
    check_items(json.loads(answer.body))


@pytest.mark.parametrize(
    ("start", "rest", "told"),
    [
        (chunked(b""), b"zz\r\n{}\r\n0\r\n\r\n", "JSON parse error: the body cannot be decoded"),
        (chunked(b"2\r\n{}"), b"nonsense", "JSON parse error: the body cannot be decoded"),
        (
            POST + HOST + JSON + CLOSE + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n",
            b"nope",
            "JSON parse error: the body cannot be decoded",
        ),
    ],
)
async def test_a_body_that_turns_out_broken_is_refused_once(
    exchange: Exchange, start: bytes, rest: bytes, told: str
) -> None:
    [answer] = await exchange(start, rest)
    assert answer.status == 400
    assert [item["message"] for item in json.loads(answer.body)] == [told]


async def test_a_body_of_the_control_plane_that_turns_out_broken_is_refused_once(
    exchange: Exchange,
) -> None:
    start = b"POST /_sim/worlds HTTP/1.1\r\n" + HOST + CHUNKED + END
    [answer] = await exchange(start, b"zz\r\n")
    assert answer.status == 400
    assert json.loads(answer.body)["detail"] == "body: it cannot be decoded."


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"GET /conn",
        GET + HOST,
        POST + HOST + JSON + b"Content-Length: 20\r\n\r\n{",
        chunked(b"5\r\n{"),
        b"POST /_sim/worlds HTTP/1.1\r\n" + HOST + b"Content-Length: 20\r\n\r\n{",
    ],
)
async def test_who_hangs_up_halfway_gets_no_answer(exchange: Exchange, part: bytes) -> None:
    assert await exchange(part, hang_up=True) == []


async def test_an_expectation_that_nobody_knows_is_417(exchange: Exchange) -> None:
    [answer] = await exchange(POST + HOST + JSON + CLOSE + b"Expect: wonders\r\n" + END)
    assert answer.status == 417
    assert json.loads(answer.body)[0]["message"] == "Expect: wonders cannot be met"


@pytest.mark.parametrize(
    "line",
    [
        b"OPTIONS * HTTP/1.1",
        b"CONNECT example.com:443 HTTP/1.1",
        b"CONNECT /connect/v3/vendors HTTP/1.1",
        b"TRACE / HTTP/1.1",
    ],
)
async def test_a_target_without_a_path_of_bills_is_404(exchange: Exchange, line: bytes) -> None:
    [answer] = await exchange(line + b"\r\n" + HOST + CLOSE + END)
    assert answer.status == 404
    assert "Server" not in answer.headers
    assert json.loads(answer.body)[0]["code"] == "BDC_1121"


NO_KEY = "devKey: must not be null"


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (b"GET /connect/v3/vendors HTTP/1.0\r\n\r\n", 1),
        (b"\r\n\r\n" + GET + HOST + CLOSE + END, 1),
        (b"GET http://localhost/connect/v3/vendors HTTP/1.1\r\n" + HOST + CLOSE + END, 1),
        (GET + HOST + b"a: \xff\xfe\r\n" + CLOSE + END, 1),
        (GET + HOST + headers(120) + CLOSE + END, 1),
        ((GET + HOST + END) * 39 + GET + HOST + CLOSE + END, 40),
    ],
    ids=["HTTP/1.0", "empty lines", "whole URL", "bytes", "headers", "pipelined"],
)
async def test_what_is_odd_but_http_is_answered(exchange: Exchange, raw: bytes, count: int) -> None:
    answers = await exchange(raw)
    assert [answer.status for answer in answers] == [400] * count
    for answer in answers:
        assert [item["message"] for item in json.loads(answer.body)] == [NO_KEY]


async def test_what_follows_a_good_request_is_refused_after_its_answer(exchange: Exchange) -> None:
    good, bad = await exchange(GET + HOST + END, b"nonsense\r\n\r\n")
    assert json.loads(good.body)[0]["message"] == NO_KEY
    assert json.loads(bad.body)[0]["message"] == f"{BAD}Invalid method encountered"
    assert "Connection" not in good.headers
    assert bad.headers["Connection"] == "close"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/connect/v3/vendors", "application/json"),
        ("/nonsense", "application/json"),
        ("/_sim/health", "application/problem+json"),
    ],
)
async def test_a_failure_below_every_handler_is_500_and_stands_in_the_log(
    client: BillClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    path: str,
    told: str,
) -> None:
    def fail(*args: object, **values: object) -> None:
        raise RuntimeError("on purpose")

    # A foreign Host is refused before any handler is chosen.
    monkeypatch.setattr(gateway_app, "refuse", fail)
    client.checked = False
    answer = await client.call("GET", path, headers={"Host": "foreign.example"})
    assert (answer.status, answer.headers["Content-Type"]) == (500, told)
    assert "Server" not in answer.headers
    assert [record.getMessage() for record in caplog.records] == [f"GET {path} failed"]
    assert "on purpose" in caplog.text


async def test_a_refused_request_changes_nothing(client: BillClient) -> None:
    port = int(client.origin.rsplit(":", 1)[1])
    before = (await client.control("GET", "")).body
    keys = b"".join(f"{name}: {value}\r\n".encode() for name, value in client.headers.items())
    body = b'{"name": "A", "email": "a@b.co"}'
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"POST /connect/v3/customers HTTP/1.1\r\n" + HOST + HOST + JSON + keys
        + b"Content-Length: %d\r\n\r\n" % len(body) + body
    )  # fmt: skip
    [answer] = read_answers(await reader.read())
    writer.close()
    await writer.wait_closed()
    assert answer.status == 400
    assert (await client.control("GET", "")).body == before
