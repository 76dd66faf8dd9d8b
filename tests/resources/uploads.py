"""Sending and fetching raw bytes, for the tests of documents and attachments."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import quote

from tests.http import Answer, BillClient

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
LARGEST = 6 * 1024 * 1024
INVALID_SESSION = ("BDC_1109", "Session is invalid.  Please log in.")


@dataclass
class Fetched:
    """What a download gave, undecoded."""

    status: int
    content: bytes
    headers: Any


async def upload(
    client: BillClient,
    path: str,
    content: bytes = PDF,
    *,
    name: str = "invoice.pdf",
    content_type: str = "application/octet-stream",
    more: str = "",
) -> Answer:
    """Send the raw bytes of a file; `more` goes behind its name in the query."""
    query = f"?name={quote(name, safe='')}{more}"
    # aiohttp warns of large bytes, but takes a stream of them.
    stream = BytesIO(content)
    return await client.post(path + query, raw=stream, headers={"Content-Type": content_type})


async def fetch(client: BillClient, link: str, session_id: str | None = None) -> Fetched:
    """Follow a downloadLink as BILL's own example does, with the sessionId header alone."""
    headers = {"sessionId": session_id or client.headers["sessionId"]}
    async with client.http.get(link, headers=headers) as response:
        return Fetched(response.status, await response.read(), response.headers)


async def fetch_refused(client: BillClient, link: str, **headers: str) -> Answer:
    """Follow a link that is to be refused, with these headers alone."""
    plain = BillClient(client.http, client.origin, client.world, headers)
    return await plain.call("GET", link.removeprefix(client.origin))
