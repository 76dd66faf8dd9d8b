"""A world as one JSON document: what stands in it, how it is written, and its hash.

The document, of which `loading` makes the same world again:

    {"formatVersion": 1,
     "name": "default",                  the world's name; informative where a world is replaced
     "seed": 1,                          ids and words follow from it and the counters
     "credentials": {"devKey", "appKey", "apiToken", "organizationId", "username", "password"},
     "behaviour": {"mfa": "required"},   settings, by their names in the settings' file
     "limits": {"requestsPerHour": 20000},
     "scenario": {…},                    the one that is played here, or null
     "faults": {"made": 1, "listed": [{"id", "struck", "match", "effect"}]},
     "clock": {"mode": "frozen", "now": instant},    live ones: "offset" from the wall (P10D)
     "counters": {"00n": 12},            how many ids, words and numbers of a kind were given
     "lastCalls": {session id: instant}, least recent first
     "used": [{"limit": "requestsPerHour", "key": "devKey", "start": instant, "count": 3}],
     "drawn": 0,                         how many faults were left to chance so far
     "tables": [{"name": "bills", "organizationId": "008…", "rows": [{"id": "00n…"}]}],
     "beginning": state,                 where a reset leads back to
     "snapshots": [{"name": "before", state…}],      oldest first
     "hash": "…"}                        told, never read

A state is `clock`, `counters`, `lastCalls`, `used`, `drawn` and `tables`. Rows stand
in the order of their creation, in the form of `stored`; `places` gives their ranks
of creation and `nextPlace` the next one where there are gaps. In a snapshot, null
stands for the row that the table of the present has at that place. The key of
`used` is the name of one of the credentials where it is their value.

Left out may be `name`, `behaviour` and each of its settings, `limits`, `scenario`,
`faults`, `beginning` (then the present is), `snapshots`, and of a state all but
`clock` and `tables`.
A server's state is {"formatVersion": 1, "made": how many worlds it made, "worlds":
[documents]}.

To make a document from rows: found a world, put rows into its tables, then `write`
its `image`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from pydantic_core import from_json, to_json

from simulator.core.context import Timer
from simulator.core.faults import Faults
from simulator.core.limits import Limits
from simulator.core.outbox import Message
from simulator.core.rows import Row, camel
from simulator.core.script import Script
from simulator.core.snapshots import Snapshot, Tables
from simulator.core.stored import encoder
from simulator.core.tables import Table
from simulator.core.world import Credentials, World
from simulator.settings import Behaviour

FORMAT_VERSION = 1

# Tables that belong to no resource.
CORE_TABLES: Mapping[str, type[Row]] = MappingProxyType({"timers": Timer, "outbox": Message})

# Rows joined before they are handed on: what a thread does in a millisecond.
_PIECE = 64


@dataclass(frozen=True, slots=True)
class Image:
    """All of a world at a moment. It shares the world's rows and nothing that changes."""

    name: str
    seed: int
    credentials: Credentials
    behaviour: Behaviour
    limits: Limits
    script: Script | None
    faults: Faults
    present: Snapshot
    beginning: Snapshot | None
    snapshots: Mapping[str, Snapshot]


@dataclass(frozen=True, slots=True)
class Saved:
    """The worlds of a server, and how many it has made."""

    images: Sequence[Image]
    made: int


class UnreadableError(ValueError):
    """A document is no state of a world; the message names path, value and rule."""


def image(world: World) -> Image:
    """The world as it is now; takes as long as a snapshot."""
    assert world.credentials is not None
    return Image(
        name=world.name,
        seed=world.seed,
        credentials=world.credentials,
        behaviour=world.behaviour,
        limits=world.limiter.limits,
        script=world.script,
        faults=world.faults.copy(),
        present=world.snapshot(),
        beginning=world.beginning,
        snapshots=world.snapshots.copy(),
    )


def install(world: World, taken: Image) -> None:
    """Make `world` what the image shows, but for its name and credentials."""
    world.seed = taken.seed
    world.behaviour = taken.behaviour
    world.limiter.take(taken.limits, taken.present.windows)
    world.script = taken.script
    world.faults = taken.faults.copy()
    world.beginning = taken.beginning or taken.present
    world.snapshots = dict(taken.snapshots)
    world.restore(taken.present)


def same_keys(one: Credentials, other: Credentials) -> bool:
    """Whether both open the same world."""
    return (one.dev_key, one.app_key, one.api_token) == (
        other.dev_key,
        other.app_key,
        other.api_token,
    )


def moved(taken: Image, own: Credentials, behind: Collection[str]) -> Image:
    """The image for a world whose keys are those of `own`.

    What is counted against limits follows the keys. The tables `behind` and the
    last calls of sessions do not come along.
    """
    there = taken.credentials
    keys = {
        there.dev_key: own.dev_key,
        there.app_key: own.app_key,
        there.api_token: own.api_token,
    }

    def carried(state: Snapshot) -> Snapshot:
        kept = {key: table for key, table in state.tables.items() if key[0] not in behind}
        windows = {
            (limit, keys.get(key, key)): count for (limit, key), count in state.windows.items()
        }
        return replace(state, tables=kept, last_calls={}, windows=windows)

    return replace(
        taken,
        credentials=replace(
            there, dev_key=own.dev_key, app_key=own.app_key, api_token=own.api_token
        ),
        present=carried(taken.present),
        beginning=taken.beginning and carried(taken.beginning),
        snapshots={name: carried(state) for name, state in taken.snapshots.items()},
    )


class Exporter:
    """Writes worlds. `rows` gives the class of each table's rows.

    The tables of `unhashed` are no part of the hash.
    """

    def __init__(self, rows: Mapping[str, type[Row]], unhashed: Collection[str] = ()) -> None:
        self._rows = rows
        self._encoders: dict[str, Callable[[Row], bytes]] = {}
        self._unhashed = frozenset(unhashed)

    def write(self, taken: Image) -> Iterator[bytes]:
        """The document of a world, in pieces that are quickly made."""
        head = {
            "formatVersion": FORMAT_VERSION,
            "name": taken.name,
            "seed": taken.seed,
            "credentials": {camel(key): value for key, value in asdict(taken.credentials).items()},
            **_settings(taken),
        }
        present = taken.present.tables
        yield b"{"
        for name, value in head.items():
            yield b'"%s":%s,\n' % (name.encode(), to_json(value))
        yield from self._state(taken.present, taken.credentials, {})
        yield b',\n"beginning":'
        if taken.beginning is None:
            yield b"null"
        else:
            yield b"{"
            yield from self._state(taken.beginning, taken.credentials, present)
            yield b"}"
        yield b',\n"snapshots":['
        for number, (name, snapshot) in enumerate(taken.snapshots.items()):
            yield b'%s{"name":%s,\n' % (b",\n" if number else b"\n", to_json(name))
            yield from self._state(snapshot, taken.credentials, present)
            yield b"}"
        yield b'],\n"hash":"%s"}\n' % self.digest(taken).encode()

    def write_all(self, saved: Saved) -> Iterator[bytes]:
        """The document of a server."""
        yield b'{"formatVersion":%d,\n"made":%d,\n"worlds":[' % (FORMAT_VERSION, saved.made)
        for number, taken in enumerate(saved.images):
            yield b",\n" if number else b"\n"
            yield from self.write(taken)
        yield b"]}\n"

    def _state(self, state: Snapshot, credentials: Credentials, present: Tables) -> Iterator[bytes]:
        clock: dict[str, Any] = {"mode": state.clock.mode, "now": state.taken}
        if state.clock.offset is not None:
            clock["offset"] = state.clock.offset
        yield b'"clock":%s,\n' % to_json(clock)
        yield b'"counters":%s,\n' % to_json(_counters(state))
        yield b'"lastCalls":%s,\n' % to_json(state.last_calls)
        yield b'"used":%s,\n' % to_json(_used(state, credentials))
        yield b'"drawn":%d,\n' % state.drawn
        yield b'"tables":['
        for number, (key, table) in enumerate(sorted(state.tables.items())):
            yield b",\n" if number else b"\n"
            yield from self._table(key, table, present.get(key))
        yield b"]"

    def _table(
        self, key: tuple[str, str], table: Table[Any], present: Table[Any] | None
    ) -> Iterator[bytes]:
        name, organization_id = key
        yield b'{"name":%s,"organizationId":%s,' % (to_json(name), to_json(organization_id))
        places = table.order()
        if places and (places[-1] != len(places) - 1 or table.next_place != len(places)):
            yield b'"nextPlace":%d,"places":%s,' % (table.next_place, to_json(places))
        yield b'"rows":['
        before = b"\n"
        for first in range(0, len(places), _PIECE):
            yield before
            yield b",\n".join(
                b"null"
                if present is not None and present.find(row.id) is row
                else self._encoded(name, row)
                for row in table.all_at(places[first : first + _PIECE])
            )
            before = b",\n"
        yield b"]}"

    def _encoded(self, name: str, row: Row) -> bytes:
        encode = self._encoders.get(name)
        if encode is None:
            encode = self._encoders[name] = encoder(self._rows[name])
        encoded = encode(row)
        if not hasattr(row, "_digest"):
            object.__setattr__(row, "_digest", sha256(encoded).digest())
        return encoded

    def digest(self, taken: Image) -> str:
        """The hash of a world's state, as 64 hexadecimal digits.

        Equal for worlds that hold the same, whatever their names and keys. Reading
        changes nothing of it: who is signed in and how many calls were counted are
        left out. So are snapshots and the beginning, and of a live clock all but
        its offset.
        """
        state = taken.present
        clock = state.clock
        head = {
            "seed": taken.seed,
            **_settings(taken),
            "counters": _counters(state),
            "drawn": state.drawn,
            "clock": clock.offset if clock.offset is not None else state.taken,
        }
        found = sha256(to_json(head))
        for key, table in sorted(state.tables.items()):
            if key[0] in self._unhashed:
                continue
            found.update(to_json((*key, table.next_place)))
            for place, row in zip(table.order(), table, strict=True):
                if not hasattr(row, "_digest"):
                    self._encoded(key[0], row)
                found.update(b"%d:%b" % (place, row._digest))
        return found.hexdigest()


def _counters(state: Snapshot) -> dict[str, int]:
    return {name: count for name, count in sorted(state.counters.items()) if count}


def _used(state: Snapshot, credentials: Credentials) -> list[dict[str, Any]]:
    names = {
        credentials.dev_key: "devKey",
        credentials.app_key: "appKey",
        credentials.api_token: "apiToken",
    }
    used = [
        {"limit": camel(limit), "key": names.get(key, key), "start": start, "count": count}
        for (limit, key), (start, count) in state.windows.items()
    ]
    return sorted(used, key=lambda window: (window["limit"], window["key"]))


def _settings(taken: Image) -> dict[str, Any]:
    listed = [
        {
            "id": fault.id,
            "struck": fault.struck,
            **fault.request.model_dump(mode="json", by_alias=True, exclude_none=True),
        }
        for fault in taken.faults.listed
    ]
    return {
        "behaviour": taken.behaviour.model_dump(mode="json"),
        "limits": taken.limits.model_dump(mode="json", by_alias=True),
        "scenario": taken.script and from_json(taken.script.document()),
        "faults": {"made": taken.faults.made, "listed": listed},
    }
