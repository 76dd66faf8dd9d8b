"""Receivers of webhooks for the soak: `python -m benchmarks.receive`.

One process listens for all subscriptions, each at a path of its own, and takes
its orders on standard input: a JSON line of keys by path, then an empty line to
tell what came. A path that ends in `-flaky` refuses every fifth event once.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import sys
from collections import Counter

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
_NO = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


class Tally:
    """What came at one path."""

    def __init__(self, key: str, flaky: bool) -> None:
        self.key = key.encode()
        self.flaky = flaky
        self.forged = 0
        self.taken: Counter[str] = Counter()
        self.refused: set[str] = set()

    def take(self, signature: bytes, body: bytes) -> bytes:
        digest = hmac.digest(self.key, body, "sha256")
        if base64.b64encode(digest) != signature:
            self.forged += 1
            return _NO
        event = json.loads(body)["metadata"]["eventId"]
        if self.flaky and int(event[:4], 16) % 5 == 0 and event not in self.refused:
            self.refused.add(event)
            return _NO
        self.taken[event] += 1
        return _OK


class Receiver(asyncio.Protocol):
    """Just enough HTTP to be fast: the soak measures the sender."""

    def __init__(self, tallies: dict[str, Tally]) -> None:
        self.tallies = tallies
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            request, *lines = head.split(b"\r\n")
            headers = dict(line.lower().split(b": ", 1) for line in lines)
            length = int(headers[b"content-length"])
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            plain = next(line for line in lines if line.lower().startswith(b"x-bill-sha"))
            signature = plain.split(b": ", 1)[1]
            path = request.split()[1].decode()
            answer = self.tallies[path].take(signature, rest[:length])
            assert isinstance(self.transport, asyncio.WriteTransport)
            self.transport.write(answer)


async def _serve() -> None:
    tallies: dict[str, Tally] = {}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Receiver(tallies), "127.0.0.1", 0)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        if line.strip():
            keys = json.loads(line)
            tallies |= {path: Tally(key, path.endswith("-flaky")) for path, key in keys.items()}
        told = {
            path: {
                "events": len(tally.taken),
                "repeated": sum(count - 1 for count in tally.taken.values()),
                "refused": len(tally.refused),
                "forged": tally.forged,
            }
            for path, tally in tallies.items()
        }
        print(json.dumps(told), flush=True)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
