"""What the control plane answers, as Python has it: snake_case names, instants as datetimes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Self

_HUMP = re.compile("(?<=[a-z0-9])(?=[A-Z])")


def camel(name: str) -> str:
    """BILL's spelling of a Python name: `due_date` is `dueDate`."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def snake(name: str) -> str:
    """Python's spelling of a member: `dueDate` is `due_date`."""
    return _HUMP.sub("_", name).lower()


def _listed(kind: type[Record]) -> dict[str, Any]:
    def read(values: list[dict[str, Any]]) -> tuple[Record, ...]:
        return tuple(map(kind.read, values))

    return {"read": read}


# How a field's value is read, as the field's metadata.
_INSTANT = {"read": datetime.fromisoformat}


class Record:
    """Base of what is answered."""

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """The record of a JSON object; members that are not known here are left out."""
        given = {snake(name): value for name, value in data.items()}
        values = {}
        for one in fields(cls):  # type: ignore[arg-type] # every subclass is a dataclass
            if one.name in given:
                read = one.metadata.get("read")
                value = given[one.name]
                values[one.name] = read(value) if read and value is not None else value
        return cls(**values)


@dataclass(frozen=True, kw_only=True)
class User(Record):
    """Somebody who can sign in; `role` is BILL's name of it, such as ADMINISTRATOR."""

    user_id: str
    username: str
    password: str
    role: str


@dataclass(frozen=True, kw_only=True)
class SyncToken(Record):
    """Signs in instead of a user: `name` as username, `value` as password."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Partner(Record):
    """The partner that signs in with the appKey."""

    username: str
    password: str


@dataclass(frozen=True, kw_only=True)
class Credentials(Record):
    """What opens a world. `username` is an administrator with a bank account to pay from.

    `base_url` ends in /connect, `events_url` in /connect-events.
    """

    world: str
    base_url: str
    events_url: str
    dev_key: str
    app_key: str
    api_token: str
    organization_id: str
    username: str
    password: str
    users: tuple[User, ...] = field(default=(), metadata=_listed(User))
    sync_token: SyncToken | None = field(default=None, metadata={"read": SyncToken.read})
    partner: Partner | None = field(default=None, metadata={"read": Partner.read})

    def user(self, role: str) -> User:
        """The first user of a role. Raises LookupError."""
        for user in self.users:
            if user.role == role:
                return user
        known = ", ".join(user.role for user in self.users)
        raise LookupError(f"{self.world} has no user of the role {role!r}, but {known}")


@dataclass(frozen=True, kw_only=True)
class Timer(Record):
    """Something that fell due while the clock was moved."""

    at: datetime = field(metadata=_INSTANT)
    kind: str
    args: list[str]


@dataclass(frozen=True, kw_only=True)
class Advance(Record):
    """Where a clock stands after it was moved, and what happened on the way."""

    now: datetime = field(metadata=_INSTANT)
    mode: str
    fired: tuple[Timer, ...] = field(default=(), metadata=_listed(Timer))


@dataclass(frozen=True, kw_only=True)
class Message(Record):
    """A text message (`kind` sms) or e-mail (email) that BILL would have sent."""

    id: str
    kind: str
    to: str
    text: str
    time: datetime = field(metadata=_INSTANT)
    code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Write(Record):
    """A record that a call created, changed or removed, which is the `kind`."""

    resource: str
    id: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Request(Record):
    """A call that was made, without its secrets.

    `status` is None if the connection was cut instead of an answer. `request`, `response`
    and `explain` are told by `World.request` alone.
    """

    id: str
    time: datetime = field(metadata=_INSTANT)
    method: str
    path: str
    query: dict[str, Any]
    operation: str | None
    parameters: dict[str, str]
    status: int | None
    codes: list[str]
    user_id: str | None
    organization_id: str | None
    writes: tuple[Write, ...] = field(default=(), metadata=_listed(Write))
    request: dict[str, Any] | None = None
    response: dict[str, Any] | None = None
    explain: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Delivery(Record):
    """An attempt at telling a webhook; `status` is the receiver's, None if there was none."""

    id: str
    event_id: str
    event_type: str
    subscription_id: str
    url: str
    attempt: int
    time: datetime = field(metadata=_INSTANT)
    status: int | None
    error: str | None = None
    next_attempt: datetime | None = field(default=None, metadata=_INSTANT)


@dataclass(frozen=True, kw_only=True)
class Fault(Record):
    """Trouble that is in force, and how often it has struck."""

    id: str
    match: dict[str, str]
    effect: dict[str, Any]
    struck: int
    times: int | None = None
    probability: float | None = None


@dataclass(frozen=True, kw_only=True)
class Snapshot(Record):
    """A state that was kept."""

    name: str
    taken: datetime = field(metadata=_INSTANT)
    rows: int


@dataclass(frozen=True, kw_only=True)
class RecordChange(Record):
    """A record that differs. `fields` holds {"before", "after"} of every member that does."""

    resource: str
    id: str
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Diff(Record):
    """What is new, changed and gone."""

    created: tuple[RecordChange, ...] = field(default=(), metadata=_listed(RecordChange))
    changed: tuple[RecordChange, ...] = field(default=(), metadata=_listed(RecordChange))
    removed: tuple[RecordChange, ...] = field(default=(), metadata=_listed(RecordChange))


@dataclass(frozen=True, kw_only=True)
class Finding(Record):
    """What became of one expectation: the records and requests that show it."""

    rule: str
    passed: bool
    why: str
    records: list[Any]
    requests: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Verdict(Record):
    """How a client did: `score` lies between 0 and 1."""

    passed: bool
    score: float
    findings: tuple[Finding, ...] = field(default=(), metadata=_listed(Finding))
