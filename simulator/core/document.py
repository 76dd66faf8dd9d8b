"""The shapes of documents of worlds, and what checks them. `export` tells what they mean.

They are plain dataclasses: pydantic would check models of its own by what it
made for them, and not by the stored form of rows that is asked for here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, make_dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from types import GenericAlias
from typing import Annotated, Any, Literal, cast

from pydantic import Field
from pydantic_core import CoreSchema, SchemaValidator

from simulator.core.clock import ClockMode
from simulator.core.faults import FaultRequest
from simulator.core.limits import Limits
from simulator.core.rows import Row, Shape, adapter, shape
from simulator.core.stored import stored_schema
from simulator.settings import Behaviour

# The names that worlds and snapshots may have.
WORLD_NAME = "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$"
SNAPSHOT_NAME = "^[A-Za-z0-9._-]{1,100}$"

Count = Annotated[int, Field(ge=0, le=2**53)]
Key = Annotated[str, Field(min_length=1, max_length=200)]


@shape
class ClockForm(Shape):
    """A clock; `offset` is how far a live one is ahead of the wall."""

    mode: ClockMode
    now: datetime
    offset: timedelta | None = None


@shape
class CredentialsForm(Shape):
    """The keys that opened the world, and its administrator."""

    dev_key: Key
    app_key: Key
    api_token: Key
    organization_id: str
    username: str
    password: str


@shape
class UsedForm(Shape):
    """Calls counted against a limit since `start`."""

    limit: str
    key: str
    start: datetime
    count: Count


class FaultForm(FaultRequest):
    """A fault in force."""

    id: str
    struck: Count


@shape
class FaultsForm(Shape):
    """All faults in force, and how many there ever were."""

    made: Count = 0
    listed: list[FaultForm] = field(default_factory=list)


@shape
class TableForm(Shape):
    """The rows of a table."""

    name: str
    organization_id: str
    next_place: Count | None = None
    places: list[Count] | None = None
    rows: list[Any]


@shape
class StateForm(Shape):
    """A world at a moment."""

    clock: ClockForm
    counters: dict[str, Count] = field(default_factory=dict)
    last_calls: dict[str, datetime] = field(default_factory=dict)
    used: list[UsedForm] = field(default_factory=list)
    drawn: Count = 0
    tables: list[Any]


@shape
class SnapshotForm(StateForm):
    """A state kept under a name."""

    name: Annotated[str, Field(pattern=SNAPSHOT_NAME)]


@shape
class WorldForm(StateForm):
    """A whole world."""

    format_version: Literal[1]
    name: Annotated[str, Field(pattern=WORLD_NAME)] = "default"
    seed: Annotated[int, Field(ge=0)]
    credentials: CredentialsForm
    behaviour: Behaviour = field(default_factory=Behaviour)
    limits: Limits = field(default_factory=Limits)
    scenario: dict[str, Any] | None = None
    faults: FaultsForm = field(default_factory=FaultsForm)
    beginning: StateForm | None = None
    snapshots: list[SnapshotForm] = field(default_factory=list)
    hash: str | None = None


@shape
class ServerForm(Shape):
    """All worlds of a server."""

    format_version: Literal[1]
    made: Count
    worlds: list[WorldForm]


class Validators:
    """What checks documents whose tables hold `rows`, the classes of rows by table."""

    def __init__(self, rows: Mapping[str, type[Row]]) -> None:
        # The types are only known at run time, so these are annotations to pydantic alone.
        kinds: Any = [_table_form(name, row) for name, row in rows.items()]
        tables = _list_of(Annotated[reduce(or_, kinds), Field(discriminator="name")])
        state: Any = _with(StateForm, tables=(tables, ...))
        kept: Any = _with(SnapshotForm, tables=(tables, ...))
        self._world = _with(
            WorldForm,
            tables=(tables, ...),
            beginning=(state | None, None),
            snapshots=(_list_of(kept), field(default_factory=list)),
        )

    def world(self) -> SchemaValidator:
        """What checks the document of a world."""
        return _validator(self._world)

    def server(self) -> SchemaValidator:
        """What checks the document of a server."""
        return _validator(_with(ServerForm, worlds=(_list_of(self._world), ...)))


def _table_form(name: str, row: Any) -> Any:
    known: Any = Literal[name]
    return _with(TableForm, name=(known, ...), rows=(_list_of(row | None), ...))


def _with(base: type[Shape], **members: tuple[Any, Any]) -> Any:
    """The shape `base` with other types for some members; `...` leaves them without default."""
    fields: list[Any] = [
        (name, kind) if default is ... else (name, kind, default)
        for name, (kind, default) in members.items()
    ]
    return make_dataclass(
        base.__name__, fields, bases=(base,), frozen=True, slots=True, kw_only=True
    )


def _list_of(part: Any) -> Any:
    return GenericAlias(list, part)


def _validator(form: Any) -> SchemaValidator:
    return SchemaValidator(cast(CoreSchema, stored_schema(adapter(form).core_schema)))
