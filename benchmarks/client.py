"""The load client: prepared requests over kept-alive sockets, one thread, no HTTP library.

It does as little as it can, so that the server stays the slower side.
"""

from __future__ import annotations

import gc
import http.client
import selectors
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import perf_counter, process_time

Address = tuple[str, int]

_HOST = "127.0.0.1"
# A server that says nothing for so long (in seconds) is broken.
_PATIENCE = 10.0
_CHUNK = 256 * 1024


class LoadError(RuntimeError):
    """A server answered wrongly or not at all."""


@dataclass(frozen=True, slots=True)
class Round:
    """One short round: answers, also per second, latencies in ms, the client's share of a core."""

    count: int
    rate: float
    p50: float
    p99: float
    busy: float


class _Connection:
    __slots__ = ("missing", "sent_at", "sock")

    def __init__(self, address: Address) -> None:
        self.sock = socket.create_connection(address, timeout=_PATIENCE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.settimeout(None)  # the selector waits; a timeout would ask the system twice
        self.missing = 0
        self.sent_at = 0.0


class _Reader:
    """Reads answers into one buffer and keeps nothing of them but how much is missing."""

    def __init__(self, status: int) -> None:
        self._status = str(status).encode()
        self._buffer = bytearray(_CHUNK)

    def read(self, connection: _Connection) -> bool:
        """Take what has come; True once the answer is complete. Raises LoadError."""
        buffer = self._buffer
        count = connection.sock.recv_into(buffer)
        if connection.missing:
            connection.missing -= count
            if not count:
                raise LoadError("the server closed a connection")
            return not connection.missing
        # A server writes its short head in one piece.
        end = buffer.find(b"\r\n\r\n", 0, count)
        start = buffer.find(b"Content-Length: ", 0, end) + 16
        if end < 0 or start < 16 or buffer[9:12] != self._status:
            raise LoadError(buffer[: min(count, 2000)].decode(errors="replace"))
        length = int(buffer[start : buffer.index(b"\r", start)])
        connection.missing = length - (count - end - 4)
        return not connection.missing


def run_round(
    address: Address,
    requests: Iterator[bytes],
    status: int,
    concurrency: int,
    seconds: float,
    most: int | None = None,
) -> Round:
    """Keep `concurrency` requests under way for `seconds`, or until `most` were answered.

    Each connection sends its next request when the answer to its last is
    complete. Raises LoadError for any other status.
    """
    connections = [_Connection(address) for _ in range(concurrency)]
    collecting = gc.isenabled()
    gc.disable()
    try:
        with selectors.DefaultSelector() as selector:
            for connection in connections:
                selector.register(connection.sock, selectors.EVENT_READ, connection)
            began, used = perf_counter(), process_time()
            latencies = _exchange(
                selector, connections, _Reader(status), requests, began + seconds, most
            )
            wall, used = perf_counter() - began, process_time() - used
    finally:
        for connection in connections:
            connection.sock.close()
        if collecting:
            gc.enable()
    latencies.sort()
    return Round(
        count=len(latencies),
        rate=len(latencies) / wall,
        p50=_percentile(latencies, 50) * 1000,
        p99=_percentile(latencies, 99) * 1000,
        busy=used / wall,
    )


def _exchange(
    selector: selectors.BaseSelector,
    connections: Sequence[_Connection],
    reader: _Reader,
    requests: Iterator[bytes],
    end: float,
    most: int | None,
) -> list[float]:
    """The seconds that each answer took."""
    latencies: list[float] = []
    for connection, request in zip(connections, requests, strict=False):
        connection.sent_at = perf_counter()
        connection.sock.sendall(request)
    waiting = len(connections)
    while waiting:
        ready = selector.select(_PATIENCE)
        if not ready:
            raise LoadError(f"no answer for {_PATIENCE:g} s")
        for key, _ in ready:
            connection = key.data
            if not reader.read(connection):
                continue
            now = perf_counter()
            latencies.append(now - connection.sent_at)
            if now < end and (most is None or len(latencies) + waiting <= most):
                connection.sent_at = now
                # Prepared requests are far smaller than a socket's buffer.
                connection.sock.sendall(next(requests))
            else:
                waiting -= 1
    return latencies


def _percentile(ordered: Sequence[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def request_bytes(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A whole HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {_HOST}", "Accept: */*"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, media type and body of one answer."""

    status: int
    media_type: str
    body: bytes


def ask(address: Address, request: bytes) -> Answer:
    """Send one prepared request and wait for its answer."""
    with socket.create_connection(address, timeout=60) as sock:
        sock.sendall(request)
        response = http.client.HTTPResponse(sock)
        response.begin()
        media_type = response.headers.get_content_type()
        return Answer(response.status, media_type, response.read())


def warm_up(address: Address, requests: Iterator[bytes], count: int) -> None:
    """Send `count` requests one after the other, whatever is answered."""
    for request in islice(requests, count):
        ask(address, request)
