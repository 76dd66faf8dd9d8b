"""The measure: an aiohttp handler that does nothing. `python -m benchmarks.serve_bare`.

It reads the body and answers what `PUT /_prepared` gave it last. It prints one
line of JSON once it listens, and ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import json
import sys

from aiohttp import web

from benchmarks.client import Address, Answer, LoadError, ask, request_bytes


class _Bare:
    def __init__(self) -> None:
        self.status = 200
        self.media_type = "application/json"
        self.body = b""

    async def prepare(self, request: web.Request) -> web.Response:
        self.status = int(request.query["status"])
        self.media_type = request.query["type"]
        self.body = await request.read()
        return web.Response(status=204)

    async def handle(self, request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=self.body, status=self.status, content_type=self.media_type)


def prepare(address: Address, answer: Answer) -> None:
    """Let the bare server at `address` answer everything with `answer`."""
    path = f"/_prepared?status={answer.status}&type={answer.media_type}"
    if ask(address, request_bytes("PUT", path, {}, answer.body)).status != 204:
        raise LoadError("the bare server did not take its answer")


async def _serve() -> None:
    bare = _Bare()
    app = web.Application()
    app.router.add_put("/_prepared", bare.prepare)
    app.router.add_route("*", "/{path:.*}", bare.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve())
