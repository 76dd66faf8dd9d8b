"""Answers as they are kept: with references for ids, and patterns for times.

Two runs of the same checks against the same behaviour give the same snapshots.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import unquote

from contract_tests.redaction import REDACTED, SECRET_MEMBERS

KINDS = {
    "008": "organization",
    "006": "user",
    "009": "vendor",
    "00n": "bill",
    "bli": "line",
    "stp": "payment",
    "blp": "billPayment",
    "bac": "bankAccount",
    "bau": "bankAccountUser",
    "0cu": "customer",
    "00e": "invoice",
    "0rp": "receivedPayment",
    "0du": "upload",
    "00h": "document",
}
_ID = re.compile(r"\b([0-9a-z]{3})\d\d[A-Z]{10}[0-9a-z]{5}\b")
# An organization's id, and a word.
_POLICY = re.compile(r"\b008\d\d[A-Z]{10}[0-9a-z]{5}-[0-9a-z]+\b")
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")
# No cursor of BILL's is this short.
_PAGE = re.compile(r"([?&]page=)[^&]{12,}")
_CURSORS = ("nextPage", "prevPage")
# Numbers that BILL makes up.
_NUMBERS = frozenset({"checkNumber", "confirmationNumber", "invoiceNumber", "transactionNumber"})
# Where an answer holds several records.
_LISTS = frozenset({"results", "bills", "payments"})
FOREIGN = "<not made by this run>"


class Scrubber:
    """Makes the snapshots of one check.

    `run` is the word in all names and numbers of the run; `own` are the ids of
    the records it made: records of others never get into a snapshot.
    """

    def __init__(self, run: str, own: Collection[str]) -> None:
        self._run = re.compile(re.escape(run) + r"[0-9-]*")
        self._own = own
        self._references: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def answer(self, method: str, path: str, body: Any) -> Any:
        """The snapshot of what a call was answered."""
        # What a whole list holds is the affair of the account, and of the checks before.
        whole = method == "GET" and "filters=" not in path
        if whole and isinstance(body, dict) and "results" in body:
            return {"results": [FOREIGN]}
        return self._value(self._own_part(body, whole))

    def path(self, path: str) -> str:
        """A path with references, and without cursors; to be read by people."""
        return self.text(unquote(_PAGE.sub(r"\1<cursor>", path)))

    def text(self, text: str) -> str:
        """`text` with references and patterns, for messages."""
        text = _UUID.sub(self._reference(lambda found: "uuid"), self._run.sub("<run>", text))
        text = _POLICY.sub(self._reference(lambda found: "policy"), text)
        text = _ID.sub(self._reference(lambda found: KINDS.get(found[1], found[1])), text)
        return _DATE.sub("<date>", _TIME.sub("<time>", text))

    def _own_part(self, body: Any, whole: bool) -> Any:
        """`body` without records that are not the run's: in it, or in a list of it."""
        if isinstance(body, list):
            kept = [one for one in body if self._is_own(one, not whole)]
            return kept if len(kept) == len(body) else [*kept, FOREIGN]
        if not isinstance(body, dict):
            return body
        if "id" in body:
            return body if self._is_own(body, True) else FOREIGN
        lists = {key: self._own_part(value, whole) for key, value in body.items() if key in _LISTS}
        return {**body, **lists}

    def _is_own(self, record: Any, if_made: bool) -> bool:
        """Whether a record has no id, or is of the run and counts then."""
        if not isinstance(record, dict):
            return True
        known = record.get("id", record.get("billId"))
        return known is None or (if_made and known in self._own)

    def _value(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._value(member, key) for key, member in value.items()}
        if isinstance(value, list):
            return [self._value(one) for one in value]
        if not isinstance(value, str):
            return value
        if name in _CURSORS:
            return "<cursor>"
        if name in SECRET_MEMBERS:
            # Masked numbers show how BILL masks.
            return re.sub(r"\d", "9", value) if "*" in value else REDACTED
        told = self.text(value)
        return "<number>" if name in _NUMBERS and "<run>" not in told else told

    def _reference(self, kind_of: Callable[[re.Match[str]], str]) -> Callable[[re.Match[str]], str]:
        def refer(found: re.Match[str]) -> str:
            if found[0] not in self._references:
                kind = kind_of(found)
                self._counts[kind] = self._counts.get(kind, 0) + 1
                self._references[found[0]] = f"<{kind}:{self._counts[kind]}>"
            return self._references[found[0]]

        return refer
