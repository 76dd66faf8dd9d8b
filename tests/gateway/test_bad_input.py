"""Bodies that are no JSON, too much or of another kind: refused, and nothing changes."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from tests.http import Answer, BillClient
from tests.refusals import (
    check_faults,
    check_items,
    check_refused,
    check_unreadable,
    holdings,
)

MEGABYTE = 1024 * 1024
LARGEST = 8 * MEGABYTE
TOO_LARGE = (None, "Maximum request size exceeded")
PARSE = "JSON parse error: "

VENDOR = {
    "name": "Orchard Office Park",
    "address": {
        "line1": "1 Orchard Way",
        "city": "Boise",
        "zipOrPostalCode": "83702",
        "country": "US",
    },
}


def with_member(name: str, value: bytes) -> bytes:
    """A right new vendor with one more member, whose value is given as raw JSON."""
    return b'{"%b":%b,%b' % (name.encode(), value, json.dumps(VENDOR)[1:].encode())


def nested(depth: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    return opening * depth + b"1" + closing * depth


PATHS = ("/v3/bills", "/v3/payments", "/v3/mfa/challenge", "/v3/login", "/v3/vendors")


async def check_nothing_happens(
    client: BillClient, raw: bytes, paths: tuple[str, ...] = PATHS
) -> Answer:
    """Each path refuses `raw` with 400; the world stays as it was and still answers."""
    before = await holdings(client)
    for path in paths:
        answer = await client.post(path, raw=raw)
        assert answer.status == 400, (path, answer.body)
        check_items(answer.body)
    assert await holdings(client) == before
    assert (await client.post("/v3/vendors", VENDOR)).status == 201
    return answer


def test_the_vendor_of_these_tests_is_right() -> None:
    assert json.loads(with_member("phone", b'"1"')) == {**VENDOR, "phone": "1"}


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b'{"name":"x"',
        b"{'name':1}",
        b'{"name":"x",}',
        b'{"name":"x"} {}',
        b"name=x",
        b"<vendor/>",
        b'{"name":"a\nb"}',
        b'{"name":01}',
        b'{"name":+1}',
        b'{"name":.5}',
        b'{"name":"\\x"}',
        b'{"name":/* */1}',
        b'{"name":undefined}',
        b"\x00",
        b"\x1f\x8b\x08\x00",
    ],
)
async def test_broken_json_is_400(payer: BillClient, raw: bytes) -> None:
    check_unreadable(await check_nothing_happens(payer, raw))


@pytest.mark.parametrize("raw", [b"", b" \r\n\t ", b"null", b" null\n"])
async def test_an_empty_body_is_400(payer: BillClient, raw: bytes) -> None:
    check_faults(await check_nothing_happens(payer, raw), "Required request body is missing")


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 10_000,
        nested(10_000),
        b'{"a":' * 10_000,
        nested(10_000, b'{"a":', b"}"),
        with_member("unknown", nested(10_000)),
        with_member("unknown", nested(10_000, b'{"a":', b"}")),
        with_member("unknown", b"[" * 10_000),
        with_member("phone", nested(10_000)),
        with_member("address", nested(10_000, b'{"address":', b"}")),
    ],
    ids=range(9),
)
async def test_ten_thousand_nested_brackets_are_400(payer: BillClient, raw: bytes) -> None:
    check_unreadable(await check_nothing_happens(payer, raw))


@pytest.mark.parametrize("name", ["unknown", "phone", "accountType", "address", "autoPay"])
@pytest.mark.parametrize(
    "value", [b"NaN", b"Infinity", b"-Infinity", b"[NaN]", b'{"maxAmount":-Infinity}']
)
async def test_what_is_no_number_of_json_is_400(payer: BillClient, name: str, value: bytes) -> None:
    check_unreadable(await check_nothing_happens(payer, with_member(name, value)))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "phone",
            b"1e400",
            f"{PARSE}Cannot deserialize value of type `java.lang.String` from Floating-point"
            " value (token `JsonToken.VALUE_NUMBER_FLOAT`)",
        ),
        (
            "autoPay",
            b'{"maxAmount":1e400}',
            "autoPay.maxAmount: numeric value out of bounds (<12 digits>.<6 digits> expected)",
        ),
        (
            "autoPay",
            b'{"maxAmount":"Infinity"}',
            "autoPay.maxAmount: numeric value out of bounds (<12 digits>.<6 digits> expected)",
        ),
        (
            "autoPay",
            b'{"maxAmount":"NaN"}',
            "autoPay.maxAmount: numeric value out of bounds (<12 digits>.<6 digits> expected)",
        ),
        (
            "autoPay",
            b'{"maxAmount":-1e15}',
            "autoPay.maxAmount: must be greater than or equal to -999999999999",
        ),
        (
            "autoPay",
            b'{"daysBeforeDueDate":1e400}',
            "autoPay.daysBeforeDueDate: numeric value out of bounds"
            " (<12 digits>.<6 digits> expected)",
        ),
    ],
)
async def test_a_number_beyond_all_bounds_is_400(
    payer: BillClient, name: str, value: bytes, message: str
) -> None:
    answer = await check_nothing_happens(payer, with_member(name, value), ("/v3/vendors",))
    check_faults(answer, message)


@pytest.mark.parametrize("name", ["unknown", "phone"])
async def test_a_whole_number_of_five_thousand_digits_is_400(payer: BillClient, name: str) -> None:
    raw = with_member(name, b"1" * 5000)
    check_unreadable(await check_nothing_happens(payer, raw))


async def test_a_number_beyond_all_bounds_in_an_unknown_member_is_ignored(
    payer: BillClient,
) -> None:
    answer = await payer.post("/v3/vendors", raw=with_member("unknown", b"1e400"))
    assert answer.status == 201
    assert answer.body["name"] == VENDOR["name"]


@pytest.mark.parametrize("name", ["unknown", "phone", "name", "accountType"])
@pytest.mark.parametrize(
    "value",
    [
        b'"\\ud800"',
        b'"\\udfff"',
        b'"a\\ud800b"',
        b'"\\ud800\\u0041"',
        b'"\xff"',
        b'"\xc3"',
        b'"\xc0\xaf"',
        b'"\xed\xa0\x80"',
    ],
)
async def test_half_characters_are_400(payer: BillClient, name: str, value: bytes) -> None:
    check_unreadable(await check_nothing_happens(payer, with_member(name, value)))


@pytest.mark.parametrize("key", [b"\\ud800", b"\xff"])
async def test_half_characters_in_a_key_are_400(payer: BillClient, key: bytes) -> None:
    check_unreadable(await check_nothing_happens(payer, with_member("@", b"1").replace(b"@", key)))


async def post_as(
    client: BillClient, data: bytes | BytesIO, content_type: str | None, **headers: str
) -> Answer:
    """POST a vendor's bytes with this Content-Type, or with none."""
    sent = {**client.headers, **headers}
    if content_type is not None:
        sent["Content-Type"] = content_type
    async with client.http.post(
        f"{client.origin}/connect/v3/vendors",
        data=data,
        headers=sent,
        skip_auto_headers=("Content-Type",),
    ) as response:
        assert response.request_info.headers.get("Content-Type") == content_type
        content = await response.read()
        return Answer(response.status, json.loads(content), response.headers, content)


@pytest.mark.parametrize(
    ("content_type", "told"),
    [
        (None, "application/octet-stream"),
        ("", ""),
        ("text/plain", "text/plain"),
        ("text/json", "text/json"),
        ("application/xml; charset=utf-8", "application/xml; charset=utf-8"),
        ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
        ("multipart/form-data", "multipart/form-data"),
        ("application/json, text/plain", "application/json, text/plain"),
        ("///", "///"),
        ("json", "json"),
    ],
)
async def test_another_content_type_is_415(
    client: BillClient, content_type: str | None, told: str
) -> None:
    before = await holdings(client)
    answer = await post_as(client, json.dumps(VENDOR).encode(), content_type)
    check_refused(answer, 415, (None, f"Content-Type '{told}' is not supported"))
    assert await holdings(client) == before


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "APPLICATION/JSON; charset=UTF-8", "application/vnd.bill+json"],
)
async def test_every_json_content_type_is_taken(client: BillClient, content_type: str) -> None:
    assert (await post_as(client, json.dumps(VENDOR).encode(), content_type)).status == 201


async def test_a_compressed_body_is_read(client: BillClient) -> None:
    data = gzip.compress(json.dumps(VENDOR).encode())
    zipped = {"Content-Encoding": "gzip"}
    assert (await post_as(client, data, "application/json", **zipped)).status == 201


async def test_a_body_that_is_not_compressed_as_it_says_is_400(client: BillClient) -> None:
    before = await holdings(client)
    zipped = {"Content-Encoding": "gzip"}
    answer = await post_as(client, b"no gzip at all", "application/json", **zipped)
    check_faults(answer, f"{PARSE}the body cannot be decoded")
    assert await holdings(client) == before


async def test_a_small_body_that_unpacks_to_too_much_is_413(client: BillClient) -> None:
    bomb = gzip.compress(b" " * (LARGEST + MEGABYTE))
    assert len(bomb) < 20_000
    zipped = {"Content-Encoding": "gzip"}
    check_refused(await post_as(client, bomb, "application/json", **zipped), 413, TOO_LARGE)
    assert (await client.get("/v3/vendors")).body == {"results": []}


def padded(size: int) -> bytes:
    """A right new vendor in exactly `size` bytes."""
    data = json.dumps(VENDOR).encode()
    return data + b" " * (size - len(data))


async def test_a_body_of_eight_megabytes_is_taken_and_one_byte_more_is_413(
    client: BillClient,
) -> None:
    answer = await post_as(client, BytesIO(padded(LARGEST + 1)), "application/json")
    check_refused(answer, 413, TOO_LARGE)
    assert (await client.get("/v3/vendors")).body == {"results": []}
    answer = await post_as(client, BytesIO(padded(LARGEST)), "application/json")
    assert answer.status == 201


async def test_a_too_large_body_in_chunks_is_413(client: BillClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b" " * MEGABYTE

    url = f"{client.origin}/connect/v3/vendors"
    headers = {**client.headers, "Content-Type": "application/json"}
    async with client.http.post(url, data=chunks(), headers=headers) as response:
        assert "Content-Length" not in response.request_info.headers
        content = await response.read()
        answer = Answer(response.status, json.loads(content), response.headers, content)
    check_refused(answer, 413, TOO_LARGE)
    assert (await client.get("/v3/vendors")).body == {"results": []}


async def test_a_body_announced_too_large_is_413_before_it_is_sent(client: BillClient) -> None:
    host = client.origin.removeprefix("http://")
    name, port = host.split(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    lines = [
        "POST /connect/v3/vendors HTTP/1.1",
        f"Host: {host}",
        *(f"{key}: {value}" for key, value in client.headers.items()),
        "Content-Type: application/json",
        f"Content-Length: {LARGEST + 1}",
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    assert head.startswith("HTTP/1.1 413 ")
    told = json.loads(await reader.readexactly(int(head.split("Content-Length: ")[1].split()[0])))
    assert [item["message"] for item in told] == [TOO_LARGE[1]]
    writer.close()
    await writer.wait_closed()
    assert (await client.get("/v3/vendors")).body == {"results": []}


async def test_no_answer_carries_a_server_header(client: BillClient) -> None:
    answers: list[Any] = [
        await client.get("/v3/vendors"),
        await client.get("/v3/vendors/nonsense"),
        await client.get("/v3/nonsense"),
        await client.post("/v3/vendors", VENDOR),
        await client.post("/v3/vendors", raw=b"{"),
        await client.post("/v3/logout"),
        await client.call("GET", "/"),
        await client.call("GET", "/_sim/health"),
        await client.call("GET", "/_sim/nonsense"),
    ]
    assert [answer.status for answer in answers] == [200, 404, 404, 201, 400, 200, 404, 200, 404]
    for answer in answers:
        assert "Server" not in answer.headers


async def test_a_client_that_hangs_up_in_the_middle_harms_nobody(client: BillClient) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b'{"name":'
        raise ConnectionAbortedError

    url = f"{client.origin}/connect/v3/vendors"
    headers = {**client.headers, "Content-Type": "application/json"}
    with pytest.raises((aiohttp.ClientError, ConnectionAbortedError)):
        await client.http.post(url, data=half(), headers=headers)
    assert (await client.get("/v3/vendors")).body == {"results": []}
