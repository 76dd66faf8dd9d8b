"""The journal of a world: which calls were made, and why each got its answer.

It tells the calls that led to the present state. So a reset empties it, going
back to a snapshot cuts off the calls made since, and a fork, to which nobody
has made a call yet, begins with an empty one.

What a call leaves behind is kept by reference and worked out when somebody
reads it, so that the call itself pays next to nothing. Secrets are blackened
then; a `Call` as it is holds them, and nobody but its `Entry` looks at it.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qsl

from pydantic_core import from_json

from simulator.core.context import Caller, Timer
from simulator.core.errors import Item
from simulator.core.events import Event, Write, WriteKind
from simulator.core.explaining import explain
from simulator.core.faults import Fault
from simulator.core.redaction import Redactor
from simulator.core.resource import Rule

T = TypeVar("T")

# A test looks back over its own calls; bodies beyond the size are lists and uploads.
# Bodies come to 32 MB at most, headers to what the parser lets pass; 3 to 10 MB is usual.
MOST_CALLS = 2_000
LARGEST_BODY = 8 * 1024

# What is kept beside records is no record, and the ids of some of it are secrets.
_NO_RECORDS = frozenset({"timers", "sessions", "mfa_devices"})

_PARAMETER = re.compile(r"{(\w+)}")
_PLACE = re.compile(r"at line (\d+) column (\d+)$")


class Called(Protocol):
    """What a call was for: an operation that is built, or a gap."""

    @property
    def key(self) -> str:
        """`POST /connect/v3/bills`."""

    @property
    def path(self) -> str:
        """The path as BILL writes it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal as it came about: `function` gave it, which the `rules` are declared on.

    `failure` names the error that was none of BILL's.
    """

    items: tuple[Item, ...]
    function: str = ""
    rules: Sequence[Rule] = ()
    failure: str | None = None


class Content:
    """The beginning of a body, or only its size where it is a file."""

    __slots__ = ("bytes", "media_type", "size")

    def __init__(self, whole: bytes, media_type: str, *, is_file: bool = False) -> None:
        self.size = len(whole)
        self.media_type = media_type
        # A slice of bytes that leaves nothing out is the bytes themselves.
        self.bytes = b"" if is_file else whole[:LARGEST_BODY]

    def read(self) -> tuple[Any, bool]:
        """The JSON data up to its end or its first fault, and whether that is all of the body."""
        raw = self.bytes
        cut = len(raw) < self.size
        try:
            # BILL's JSON knows no NaN either.
            return from_json(raw, allow_inf_nan=False), True
        except ValueError as failure:
            place = None if cut else _PLACE.search(str(failure))
        if place:
            line, column = int(place[1]), int(place[2])
            start = sum(len(one) + 1 for one in raw.split(b"\n")[: line - 1])
            raw = raw[: start + column - 1]
        try:
            # An unfinished text may be an unfinished secret; it is left out.
            text = raw.decode("utf-8", "ignore")
            return from_json(text, allow_inf_nan=False, allow_partial=True), False
        except ValueError:
            return None, False


@dataclass(slots=True, kw_only=True)
class Call:
    """What the gateway knows of a call when it is over.

    `target` is the path as called with its query; `values` are the path's
    parameters; `step` is the function that made the answer; `status` is None if
    the connection was cut.
    """

    time: datetime
    method: str
    target: str
    headers: Mapping[str, str]
    called: Called | None
    values: Sequence[str]
    step: Callable[..., Any]
    caller: Caller | None
    organization_id: str | None
    sent: Content
    answered: Content
    status: int | None
    refused: Refused | None
    fault: Fault | None
    timers: Sequence[Timer]
    writes: Sequence[tuple[str, str, WriteKind]]
    events: Sequence[Event]
    number: int = 0
    # Ids in the whole answer that the world's script asks about.
    told: frozenset[str] = frozenset()


class Entry:
    """A call as it is told: without secrets."""

    def __init__(self, call: Call) -> None:
        self._call = call

    @property
    def id(self) -> str:
        """`request-12`: the twelfth call since the world's beginning."""
        return f"request-{self._call.number}"

    @property
    def number(self) -> int:
        """How many calls had been made when this one was over, itself included."""
        return self._call.number

    @property
    def time(self) -> datetime:
        """The world's instant at which the call was answered."""
        return self._call.time

    @property
    def method(self) -> str:
        """The HTTP method as called."""
        return self._call.method

    @property
    def status(self) -> int | None:
        """The HTTP status, None if the connection was cut."""
        return self._call.status

    @property
    def codes(self) -> tuple[str, ...]:
        """BILL's codes in the refusal, each once."""
        items = self._call.refused.items if self._call.refused else ()
        return tuple(dict.fromkeys(item.code for item in items if item.code))

    @property
    def keys(self) -> tuple[str, ...]:
        """The catalogue's keys of the refusal, which it has where BILL's code is not known."""
        items = self._call.refused.items if self._call.refused else ()
        return tuple(dict.fromkeys(item.key for item in items))

    @property
    def operation(self) -> str | None:
        """`POST /connect/v3/bills`: BILL's operation, None if there is none like it."""
        return self._call.called.key if self._call.called else None

    @property
    def user_id(self) -> str | None:
        """Who called, None if nobody was signed in."""
        return self._call.caller.user_id if self._call.caller else None

    @property
    def organization_id(self) -> str | None:
        """The organization that the call was made in, None if none was known."""
        return self._call.organization_id or None

    @cached_property
    def writes(self) -> tuple[Write, ...]:
        """What the call committed, each record once, in the order of the first writes."""
        told: dict[tuple[str, str], WriteKind] = {}
        for table, row_id, kind in self._call.writes:
            if table in _NO_RECORDS:
                continue
            before = told.get((table, row_id))
            if before is WriteKind.CREATED and kind is WriteKind.REMOVED:
                del told[table, row_id]
            elif before is WriteKind.REMOVED and kind is WriteKind.CREATED:
                told[table, row_id] = WriteKind.CHANGED
            elif before is not WriteKind.CREATED:
                told[table, row_id] = kind
        redact = self._redactor.text
        return tuple(Write(table, redact(row_id), kind) for (table, row_id), kind in told.items())

    @property
    def path(self) -> str:
        """The path as called, without query."""
        return self._redactor.text(self._call.target.partition("?")[0])

    @cached_property
    def query(self) -> dict[str, str]:
        """The query's parameters; those given twice are joined by commas, as Spring does."""
        return self._clean(self._query)

    @cached_property
    def headers(self) -> dict[str, str]:
        """The headers of the call."""
        return self._clean(self._headers)

    @property
    def parameters(self) -> dict[str, str]:
        """The path's parameters by BILL's names of them."""
        if self._call.called is None:
            return {}
        names = _PARAMETER.findall(self._call.called.path)
        return self._clean(dict(zip(names, self._call.values, strict=True)))

    @property
    def sent(self) -> Content:
        """Size and media type of the request's body."""
        return self._call.sent

    @property
    def answered(self) -> Content:
        """Size and media type of the answer's body."""
        return self._call.answered

    @property
    def told(self) -> frozenset[str]:
        """Ids of the scenario's records that the answer told, however long it was."""
        return self._call.told

    @property
    def request(self) -> str | None:
        """The body sent as JSON text: its beginning if it is long or broken; None if no JSON."""
        return self._text(self._sent)

    @property
    def request_is_whole(self) -> bool:
        """Whether `request` is all of the body."""
        return self._read_sent[1]

    @property
    def response(self) -> str | None:
        """The body answered as JSON text: its beginning if it is long; None if no JSON."""
        return self._text(self._answered)

    @property
    def response_is_whole(self) -> bool:
        """Whether `response` is all of the body."""
        return self._read_answered[1]

    @property
    def explain(self) -> dict[str, Any]:
        """Why the call got its answer, for people and as data."""
        return self._clean(explain(self, self._call))

    @cached_property
    def _read_sent(self) -> tuple[Any, bool]:
        return self._call.sent.read()

    @property
    def _sent(self) -> Any:
        return self._read_sent[0]

    @cached_property
    def _read_answered(self) -> tuple[Any, bool]:
        return self._call.answered.read()

    @property
    def _answered(self) -> Any:
        return self._read_answered[0]

    @cached_property
    def _headers(self) -> dict[str, str]:
        joined: dict[str, str] = {}
        for name, value in self._call.headers.items():
            joined[name] = f"{joined[name]}, {value}" if name in joined else value
        return joined

    @cached_property
    def _query(self) -> dict[str, str]:
        joined: dict[str, str] = {}
        for name, value in parse_qsl(self._call.target.partition("?")[2], keep_blank_values=True):
            joined[name] = f"{joined[name]},{value}" if name in joined else value
        return joined

    @cached_property
    def _redactor(self) -> Redactor:
        redactor = Redactor()
        for part in (self._headers, self._query, self._sent, self._answered):
            redactor.learn(part)
        # A bare value has no name that would tell whether it is a secret.
        if isinstance(self._sent, (str, int, float)):
            redactor.learn({"secret": self._sent})
        return redactor

    def _clean(self, data: dict[str, T]) -> dict[str, T]:
        cleaned: dict[str, T] = self._redactor.clean(data)
        return cleaned

    def _text(self, data: Any) -> str | None:
        if not isinstance(data, (dict, list)):
            return None
        return json.dumps(self._redactor.clean(data), ensure_ascii=False, separators=(",", ":"))


class Journal:
    """The latest calls of a world; the oldest give way."""

    __slots__ = ("_calls", "made")

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=MOST_CALLS)
        self.made = 0

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Entry]:
        """The calls kept, oldest first."""
        return map(Entry, self._calls)

    def __reversed__(self) -> Iterator[Entry]:
        """The calls kept, newest first."""
        return map(Entry, reversed(self._calls))

    def add(self, call: Call) -> None:
        """Put a call down that is over."""
        self.made += 1
        call.number = self.made
        self._calls.append(call)

    def find(self, entry_id: str) -> Entry | None:
        """The call with that id, or None if there was none or it has given way."""
        return next((entry for entry in reversed(self) if entry.id == entry_id), None)

    def cut(self, made: int) -> None:
        """Go back to when `made` calls had been made."""
        while self._calls and self._calls[-1].number > made:
            self._calls.pop()
        self.made = min(self.made, made)
