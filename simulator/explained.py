"""What `bill-simulator explain` prints of a call: an entry of the journal, for reading."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import wrap
from typing import Any
from urllib.parse import urlencode

# A longer body is better read where it came from.
_LONGEST_BODY = 2_000
_WIDTH = 100


def explained(entry: dict[str, Any]) -> str:
    """The text for an entry as GET /_sim/worlds/{w}/requests/{id} answers it."""
    return "\n".join(_lines(entry)).encode(errors="replace").decode()


def _lines(entry: dict[str, Any]) -> Iterator[str]:
    query = f"?{urlencode(entry['query'], safe=':,[]')}" if entry["query"] else ""
    status = entry["status"] if entry["status"] is not None else "no answer"
    yield f"{entry['id']}  {entry['method']} {entry['path']}{query}  ->  {status}"
    yield f"  at          {entry['time']}"
    yield f"  operation   {entry['operation'] or 'none of BILL has this path and method'}"
    if entry["userId"]:
        yield f"  user        {entry['userId']} in {entry['organizationId']}"
    explain = entry["explain"]
    yield f"  decided by  {explain['decidedBy']}: {explain['check']}"
    yield ""
    yield from wrap(explain["text"], _WIDTH, break_long_words=False, break_on_hyphens=False)
    rules = explain.get("rules", ())
    # A single one stands in the text.
    for rule in rules if len(rules) > 1 else ():
        yield ""
        yield f"Rule: {rule['text']}"
        yield f"  {_evidence(rule)}"
    if "operation" in explain:
        operation = explain["operation"]
        yield ""
        yield f"Operation: {operation['summary']}"
        yield f"  {_evidence(operation)}"
    for title in ("request", "response"):
        if "body" in entry[title]:
            yield ""
            yield from _body(title, entry[title])


def _evidence(told: dict[str, Any]) -> str:
    return f"{told['evidence']['basis']:<12}{told['evidence']['source']}"


def _body(title: str, content: dict[str, Any]) -> Iterator[str]:
    text = json.dumps(content["body"], indent=2, ensure_ascii=False)
    cut = not content["whole"] or len(text) > _LONGEST_BODY
    yield f"{title.capitalize()}, {content['size']} bytes{', its beginning' if cut else ''}:"
    yield text[:_LONGEST_BODY]
