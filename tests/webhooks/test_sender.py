"""Receivers that speak HTTP badly, or hardly at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from tests.http import BillClient
from tests.resources.webhooks import SUBSCRIPTIONS, deliveries, post_keyed, subscription

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[str]:
    """The URL of a receiver that does what `serve` does with each connection."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Either is the simulator's way to have had enough.
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await serve(reader, writer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"


async def read_request(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length))


async def subscribe(client: BillClient, url: str, *events: str) -> None:
    answer = await post_keyed(client, SUBSCRIPTIONS, subscription(url, *events))
    assert answer.status == 200, answer.body


async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
    await writer.drain()
    writer.transport.abort()


async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"\x00\x01 no HTTP at all\r\n\r\n")


async def go_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        await writer.drain()


async def go_on_in_the_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: " + b"x" * 1024 + b"\r\n")
        await writer.drain()


async def switch(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("serve", "status", "error"),
    [
        (cut, 200, None),
        (go_on, 200, None),
        (switch, 101, None),
        (babble, None, "ClientResponseError"),
        (go_on_in_the_head, None, "ClientResponseError"),
    ],
)
async def test_the_status_is_all_that_counts_of_an_answer(
    client: BillClient, serve: Serve, status: int | None, error: str | None
) -> None:
    async with serving(serve) as url:
        await subscribe(client, url)
        await client.new_vendor()
        (attempt,) = await deliveries(client)
    told = attempt.get("error")
    assert (attempt["status"], told and told.partition(":")[0]) == (status, error)


async def test_a_receiver_may_serve_one_connection_after_the_other(client: BillClient) -> None:
    turn = asyncio.Lock()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # As a server of one thread: until the other side closes the connection.
        async with turn:
            while True:
                await read_request(reader)
                writer.write(OK)

    async with serving(serve) as url:
        await subscribe(client, url, "vendor.created")
        await subscribe(client, url, "vendor.created", "bill.created")
        await client.new_vendor()
        assert [one["status"] for one in await deliveries(client)] == [200, 200]
