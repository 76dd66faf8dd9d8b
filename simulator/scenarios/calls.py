"""The client's calls, as the journal has them, against matchers of calls."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from simulator.scenarios.cast import Cast, UnknownKey
from simulator.scenarios.expecting import CallMatch, Outcome, fits
from simulator.scenarios.matching import ABSENT, mismatch
from simulator.scenarios.references import resolved

if TYPE_CHECKING:
    from simulator.core.journal import Entry


class Called:
    """A call of the client, its parts read when they are asked for."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    @property
    def id(self) -> str:
        """The journal's id of it: `request-12`."""
        return self.entry.id

    @property
    def number(self) -> int:
        """The rank of the call among all of the world."""
        return int(self.id.rpartition("-")[2])

    @property
    def reads(self) -> bool:
        """Whether the call could change nothing."""
        return self.entry.method in ("GET", "HEAD")

    @property
    def cut(self) -> bool:
        """Whether the journal has only the beginning of what was sent or answered."""
        contents = (self.entry.sent, self.entry.answered)
        return any(one.bytes and one.size > len(one.bytes) for one in contents)

    def could_be(self, match: CallMatch) -> bool:
        """Whether the operation is one of those meant."""
        key = self.entry.operation
        return key is not None and any(fits(one, key) for one in match.operation)

    @property
    def succeeded(self) -> bool:
        """Whether BILL did what was asked."""
        status = self.entry.status
        # A connection may be cut when the work is done.
        return bool(self.entry.writes) if status is None else status < 400

    @cached_property
    def body(self) -> Any:
        """The request's body, ABSENT if it has none that can be read."""
        return _read(self.entry.request)

    @cached_property
    def answer(self) -> Any:
        """The response's body, ABSENT if it has none that can be read."""
        return _read(self.entry.response)

    def sends(self, record_id: str) -> bool:
        """Whether an id stands in the path, the query or the body."""
        entry = self.entry
        return (
            record_id in entry.parameters.values()
            or any(record_id in value for value in self.entry.query.values())
            or record_id in (entry.request or "")
        )

    def writes(self, record_id: str) -> bool:
        """Whether the call wrote the record with that id."""
        return any(write.id == record_id for write in self.entry.writes)

    def tells(self, record_id: str) -> bool:
        """Whether an id stands in the answer, or the answer is that of its own path."""
        entry = self.entry
        return (
            record_id in entry.parameters.values()
            or record_id in entry.told
            or record_id in (entry.response or "")
        )


def _read(text: str | None) -> Any:
    if not text:
        return ABSENT
    try:
        return json.loads(text)
    except ValueError:
        return ABSENT


def meets(match: CallMatch, called: Called, cast: Cast, *, reading: bool = False) -> bool:
    """Whether a call is one of those meant. `reading` asks for the record in the answer."""
    entry = called.entry
    if not called.could_be(match):
        return False
    succeeds = match.outcome is Outcome.SUCCEEDED
    if match.outcome is not Outcome.ANY and called.succeeded is not succeeds:
        return False
    if match.codes is not None and not set(match.codes) & set(entry.codes):
        return False
    try:
        return _about(match, called, cast, reading) and _contents(match, called, cast)
    except UnknownKey:
        # A record that is not there yet is in no call.
        return False


def _about(match: CallMatch, called: Called, cast: Cast, reading: bool) -> bool:
    if match.by is not None and called.entry.user_id != cast.id_of(match.by):
        return False
    if match.record is None:
        return True
    record_id = cast.id_of(match.record)
    if reading:
        return called.tells(record_id)
    return called.sends(record_id) or called.writes(record_id)


def _contents(match: CallMatch, called: Called, cast: Cast) -> bool:
    pairs = (
        (match.path, called.entry.parameters),
        (match.query, called.entry.query),
        (match.body, called.body),
        (match.answer, called.answer),
    )
    return all(
        wanted is None or mismatch(resolved(wanted, cast.look_up), found) is None
        for wanted, found in pairs
    )
