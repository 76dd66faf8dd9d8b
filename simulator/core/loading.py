"""Worlds from JSON documents: every document is checked as a whole before anything is made of it.

What stands in a document, `export` tells. Types, unknown members, ranges and
unknown tables are pydantic's to find; what concerns several parts of a document
at once is checked here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import SchemaValidator, from_json

from simulator.core.clock import Clock, ClockMode, Wall
from simulator.core.document import (
    ClockForm,
    ServerForm,
    StateForm,
    TableForm,
    UsedForm,
    Validators,
    WorldForm,
)
from simulator.core.export import FORMAT_VERSION, Image, Saved, UnreadableError
from simulator.core.faults import Fault, FaultRequest, Faults
from simulator.core.limits import WINDOWED, Windows
from simulator.core.rows import Row, camel
from simulator.core.script import Script
from simulator.core.snapshots import Snapshot, Tables
from simulator.core.tables import Table
from simulator.core.world import Credentials

_TIMERS = "timers"

# The faults that are told at once.
_MOST_TOLD = 5
_LONGEST_TOLD = 80
# Bytes at the beginning, in which a document that was written here names its parts.
_HEAD = 1024


class Importer:
    """Reads the documents of worlds.

    `rows` gives the class of each table's rows, `timer_kinds` what a timer may be,
    `wall` is the real time; `script` makes one of a scenario, or raises UnreadableError.
    """

    def __init__(
        self,
        rows: Mapping[str, type[Row]],
        timer_kinds: Collection[str],
        wall: Wall,
        script: Callable[[Any], Script],
    ) -> None:
        self._validators = Validators(rows)
        self._timer_kinds = frozenset(timer_kinds)
        self._wall = wall
        self._script = script

    @cached_property
    def _world(self) -> SchemaValidator:
        return self._validators.world()

    @cached_property
    def _server(self) -> SchemaValidator:
        return self._validators.server()

    def read(self, document: bytes) -> Image:
        """The world of a document. Raises UnreadableError."""
        return self._image(_checked(self._world, document), "")

    def read_all(self, document: bytes) -> Saved:
        """The worlds of a server's document, or of a single world's. Raises UnreadableError."""
        if _begins_as_a_world(document):
            return Saved((self.read(document),), made=0)
        try:
            server = cast(ServerForm, self._server.validate_json(document, strict=True))
        except ValidationError as failure:
            missing = any(error["loc"] == ("worlds",) for error in failure.errors())
            if not missing:
                raise UnreadableError(_told(failure)) from None
            return Saved((self.read(document),), made=0)
        worlds = enumerate(server.worlds)
        images = [self._image(world, f"worlds.{number}.") for number, world in worlds]
        return Saved(images, server.made)

    def _image(self, form: WorldForm, path: str) -> Image:
        credentials = Credentials(**asdict(form.credentials))
        present = self._snapshot(form, credentials, path, None)
        beginning = None
        if form.beginning:
            beginning = self._snapshot(
                form.beginning, credentials, f"{path}beginning.", present.tables
            )
        kept = {
            snapshot.name: self._snapshot(
                snapshot, credentials, f"{path}snapshots.{number}.", present.tables
            )
            for number, snapshot in enumerate(form.snapshots)
        }
        if len(kept) < len(form.snapshots):
            raise UnreadableError(f"{path}snapshots: two have one name.")
        return Image(
            name=form.name,
            seed=form.seed,
            credentials=credentials,
            behaviour=form.behaviour,
            limits=form.limits,
            script=None if form.scenario is None else self._script(form.scenario),
            faults=_faults(form),
            present=present,
            beginning=beginning,
            snapshots=kept,
        )

    def _snapshot(
        self, form: StateForm, credentials: Credentials, path: str, present: Tables | None
    ) -> Snapshot:
        tables: Tables = {}
        for number, table in enumerate(form.tables):
            here = f"{path}tables.{number} ({table.name})."
            key = (table.name, table.organization_id)
            if key in tables:
                raise UnreadableError(f"{here}organizationId: this table stands here twice.")
            tables[key] = _table(table, here, present.get(key) if present else None)
            if table.name == _TIMERS:
                self._check_timers(tables[key], here)
        return Snapshot(
            tables=tables,
            counters=Counter(form.counters),
            last_calls=form.last_calls,
            clock=self._clock(form.clock, path),
            taken=form.clock.now,
            windows=_windows(form.used, credentials, path),
            drawn=form.drawn,
        )

    def _check_timers(self, timers: Table[Any], path: str) -> None:
        for number, timer in enumerate(timers):
            if timer.kind not in self._timer_kinds:
                known = ", ".join(sorted(self._timer_kinds))
                raise UnreadableError(
                    f"{path}rows.{number}.kind: {timer.kind!r} is not one of {known}."
                )

    def _clock(self, form: ClockForm, path: str) -> Clock:
        if form.mode is ClockMode.FROZEN:
            if form.offset is not None:
                raise UnreadableError(f"{path}clock.offset: a frozen clock has none.")
            return Clock(self._wall, form.now)
        offset = timedelta.min if form.offset is None else form.offset
        clock = Clock.ahead(self._wall, offset, form.now)
        try:
            far = clock.now().year > 9000
        except OverflowError:
            far = True
        if far:
            raise UnreadableError(f"{path}clock.offset: {form.offset} is too far.")
        return clock


def _begins_as_a_world(document: bytes) -> bool:
    """Whether the document of a world is seen without reading it all; another one may be, too."""
    try:
        head = from_json(document[:_HEAD], allow_partial=True)
    except ValueError:
        return False
    return isinstance(head, dict) and "credentials" in head


def _checked(validator: SchemaValidator, document: bytes) -> WorldForm:
    try:
        return cast(WorldForm, validator.validate_json(document, strict=True))
    except ValidationError as failure:
        raise UnreadableError(_told(failure)) from None


def _told(failure: ValidationError) -> str:
    """What is wrong with a document, with path, value and rule; the version first."""
    errors = failure.errors(include_url=False)
    version = [error for error in errors if error["loc"] == ("formatVersion",)]
    told = []
    for error in version or errors[:_MOST_TOLD]:
        value = error["input"]
        text = repr(value)
        shown = text if len(text) <= _LONGEST_TOLD else f"{text[:_LONGEST_TOLD]}…"
        plain = isinstance(value, str | int | float) and error["type"] != "json_invalid"
        told.append(
            f"{_path(error['loc'])}: {error['msg']}" + (f"; it is {shown}" if plain else "")
        )
    if version:
        told.append(f"this simulator reads version {FORMAT_VERSION}")
    elif len(errors) > _MOST_TOLD:
        told.append(f"and {len(errors) - _MOST_TOLD} more")
    return "; ".join(told) + "."


def _path(places: tuple[int | str, ...]) -> str:
    return ".".join(_steps(places)) or "document"


def _steps(places: tuple[int | str, ...]) -> Iterator[str]:
    """The steps of a path; behind a table's number its name, which pydantic counts as a step."""
    for index, step in enumerate(places):
        if index >= 2 and places[index - 2] == "tables":
            continue
        if index >= 1 and places[index - 1] == "tables" and index + 1 < len(places):
            yield f"{step} ({places[index + 1]})"
        else:
            yield str(step)


def _table(form: TableForm, path: str, present: Table[Any] | None) -> Table[Any]:
    places = range(len(form.rows)) if form.places is None else form.places
    if len(places) != len(form.rows):
        raise UnreadableError(
            f"{path}places: {len(places)} places for {len(form.rows)} rows are not one for each."
        )
    for number, (place, after) in enumerate(pairwise(places), 1):
        if place >= after:
            raise UnreadableError(f"{path}places.{number}: {after} is not above {place}.")
    if form.next_place is not None and places and form.next_place <= places[-1]:
        raise UnreadableError(f"{path}nextPlace: {form.next_place} is not above {places[-1]}.")
    rows: dict[str, Row] = {}
    for number, (place, given) in enumerate(zip(places, form.rows, strict=True)):
        row = given if given is not None else _shared(present, place)
        if row is None:
            raise UnreadableError(
                f"{path}rows.{number}: null stands for a row of the present, in the beginning"
                f" and in snapshots; there is none at place {place}."
            )
        if rows.setdefault(row.id, row) is not row:
            raise UnreadableError(f"{path}rows.{number}.id: {row.id!r} is there already.")
    return Table.of(form.name, rows.values(), form.places, form.next_place)


def _shared(present: Table[Any] | None, place: int) -> Row | None:
    try:
        return cast(Row, present.at(place)) if present is not None else None
    except KeyError:
        return None


def _windows(given: Sequence[UsedForm], credentials: Credentials, path: str) -> Windows:
    keys = {
        "devKey": credentials.dev_key,
        "appKey": credentials.app_key,
        "apiToken": credentials.api_token,
    }
    limits = {camel(name): name for name in WINDOWED}
    windows: Windows = {}
    for number, used in enumerate(given):
        limit = limits.get(used.limit)
        if limit is None:
            known = ", ".join(limits)
            raise UnreadableError(
                f"{path}used.{number}.limit: {used.limit!r} is not one of {known}."
            )
        windows[limit, keys.get(used.key, used.key)] = (used.start, used.count)
    return windows


def _faults(form: WorldForm) -> Faults:
    faults = Faults(form.seed)
    faults.made = form.faults.made
    for fault in form.faults.listed:
        request = FaultRequest(
            match=fault.match,
            effect=fault.effect,
            times=fault.times,
            probability=fault.probability,
        )
        faults.listed.append(Fault(fault.id, request, fault.struck))
    return faults
