"""What tests expect of refusals: BILL's envelope, and a world that stays as it was."""

from __future__ import annotations

import re
from typing import Any

from tests.http import Answer, BillClient

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00")
KEYS = {"timestamp", "severity", "category", "message"}


def check_items(body: Any) -> None:
    """The body is BILL's array: one or more items with exactly the allowed keys."""
    assert isinstance(body, list)
    assert body
    for item in body:
        assert set(item) - {"code"} == KEYS
        assert STAMP.fullmatch(item["timestamp"])
        assert item["severity"] == "ERROR"
        assert item["category"] in ("REQUEST", "DOWNSTREAM", "SERVER")
        assert isinstance(item["message"], str)
        if "code" in item:
            assert re.fullmatch(r"BDC_\d{4}", item["code"])


def check_refused(answer: Answer, status: int, *told: tuple[str | None, str]) -> None:
    """The answer refuses with `status` and these (code, message) items in this order."""
    assert answer.status == status, answer.body
    check_items(answer.body)
    assert [(item.get("code"), item["message"]) for item in answer.body] == list(told)
    assert answer.headers["Content-Type"] == "application/json"


def check_faults(answer: Answer, *messages: str) -> None:
    """The gateway's own 400: these messages, all of category REQUEST, none with a code."""
    check_refused(answer, 400, *((None, message) for message in messages))
    assert {item["category"] for item in answer.body} == {"REQUEST"}


def check_unreadable(answer: Answer) -> None:
    """The body was no JSON: one item, whose text ends in the parser's own words."""
    check_faults(answer, answer.body[0]["message"])
    assert re.fullmatch(r"JSON parse error: .+", answer.body[0]["message"])


async def holdings(client: BillClient) -> dict[str, Any]:
    """All that a refused call must leave alone: counts of the world, lists, outbox."""
    paths = ("/v3/vendors", "/v3/bills", "/v3/payments", "/v3/funding-accounts/banks")
    lists = {path: (await client.get(path)).body for path in paths}
    counts = (await client.control("GET", "")).body["counts"]
    outbox = (await client.control("GET", "/outbox")).body
    # A table that was only looked at counts nothing.
    return {**lists, "counts": {k: v for k, v in counts.items() if v}, "outbox": outbox}
