"""What is no document of a world, and what a document of a server is."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from simulator.core.export import Saved, UnreadableError, image
from tests.core.documents import (
    EXPORTER,
    IMPORTER,
    digest,
    document,
    lived_in,
    put,
    read,
    written,
)
from tests.core.things import HOME, NOON, thing


def edited(*path: str | int, to: Any) -> Callable[[dict[str, Any]], None]:
    def edit(told: dict[str, Any]) -> None:
        place: Any = told
        for step in path[:-1]:
            place = place[step]
        if to is ...:
            del place[path[-1]]
        else:
            place[path[-1]] = to

    return edit


# outbox, secrets, things, timers
FAULTY: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (
        edited("formatVersion", to=2),
        "formatVersion: Input should be 1; it is 2; this simulator reads version 1.",
    ),
    (edited("formatVersion", to=...), "formatVersion: Field required; this simulator reads"),
    (edited("more", to=1), "more: Unexpected keyword argument; it is 1."),
    (edited("name", to="../x"), "name: String should match pattern"),
    (edited("seed", to=-1), "seed: Input should be greater than or equal to 0; it is -1."),
    (edited("seed", to="1"), "seed: Input should be a valid integer; it is '1'."),
    (edited("credentials", "devKey", to=""), "credentials.devKey: String should have at least 1"),
    (edited("credentials", "appKey", to=...), "credentials.appKey: Field required."),
    (edited("behaviour", "mfa", to="x"), "behaviour.mfa: Input should be 'required' or"),
    (edited("behaviour", "maf", to="x"), "behaviour.maf: Extra inputs are not permitted; it is"),
    (edited("limits", "status", to=500), "limits.status: Input should be 429 or 422; it is 500."),
    (edited("used", 0, "limit", to="x"), "used.0.limit: 'x' is not one of requestsPerHour, "),
    (edited("faults", "listed", 0, "effect", to={}), "faults.listed.0.effect: give exactly one"),
    (edited("faults", "listed", 0, "struck", to=-1), "faults.listed.0.struck: Input should be gr"),
    (edited("clock", "mode", to="x"), "clock.mode: Input should be 'live' or 'frozen'; it is 'x'."),
    (edited("clock", "now", to="soon"), "clock.now: Input should be a valid datetime"),
    (edited("clock", "now", to="2026-06-03T19:00:00"), "clock.now: Input should have timezone"),
    (edited("clock", "now", to="9999-06-03T19:00:00Z"), "clock.now: Input should be less than"),
    (edited("clock", "offset", to="P1D"), "clock.offset: a frozen clock has none."),
    (edited("clock", to={"mode": "live", "now": NOON.isoformat(), "offset": "P9999999D"}),
     "clock.offset: 9999999 days, 0:00:00 is too far."),
    (edited("counters", "00t", to=-1), "counters.00t: Input should be greater than or equal to 0"),
    (edited("lastCalls", "z", to=1), "lastCalls.z: Input should be a valid datetime"),
    (edited("tables", 2, "name", to="thongs"), "tables.2: Input tag 'thongs' found using 'name'"),
    (edited("tables", 2, "organizationId", to=...), "tables.2 (things).organizationId: Field requ"),
    (edited("tables", 2, "rows", 1, "amount", to="x"),
     "tables.2 (things).rows.1.amount: Input should be a valid decimal; it is 'x'."),
    (edited("tables", 2, "rows", 1, "amuont", to="1"),
     "tables.2 (things).rows.1.amuont: Unexpected keyword argument; it is '1'."),
    (edited("tables", 2, "rows", 1, "id", to="00t0001"),
     "tables.2 (things).rows.1.id: '00t0001' is there already."),
    (edited("tables", 2, "rows", 1, to=None),
     "tables.2 (things).rows.1: null stands for a row of the present, in the beginning and in"
     " snapshots; there is none at place 2."),
    (edited("tables", 2, "places", to=[0, 2]),
     "tables.2 (things).places: 2 places for 3 rows are not one for each."),
    (edited("tables", 2, "places", to=[0, 3, 3]),
     "tables.2 (things).places.2: 3 is not above 3."),
    (edited("tables", 2, "nextPlace", to=3), "tables.2 (things).nextPlace: 3 is not above 3."),
    (edited("tables", 1, to={"name": "things", "organizationId": HOME, "rows": []}),
     "tables.2 (things).organizationId: this table stands here twice."),
    (edited("tables", 3, "rows", 0, "kind", to="boom"),
     "tables.3 (timers).rows.0.kind: 'boom' is not one of ring."),
    (edited("tables", 3, "rows", 0, "at", to="1066-10-14T09:00:00Z"),
     "tables.3 (timers).rows.0.at: Input should be greater than or equal to 1900"),
    (edited("snapshots", 0, "tables", 0, "places", to=[0, 1]),
     "snapshots.0.tables.0 (things).rows.1: null stands for a row of the present, in the"
     " beginning and in snapshots; there is none at place 1."),
    (edited("snapshots", 0, "name", to="a b"), "snapshots.0.name: String should match pattern"),
    (edited("beginning", "clock", to=...), "beginning.clock: Field required."),
    (edited("scenario", to={}), "scenario: none are known here."),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "told"), FAULTY)
def test_a_faulty_document_is_refused_with_path_value_and_rule(
    edit: Callable[[dict[str, Any]], None], told: str
) -> None:
    given = document(lived_in())
    edit(given)
    with pytest.raises(UnreadableError) as refusal:
        read(given)
    assert str(refusal.value).startswith(told)


def test_two_snapshots_of_one_name_are_refused() -> None:
    given = document(lived_in())
    given["snapshots"] *= 2
    with pytest.raises(UnreadableError, match=r"^snapshots: two have one name\.$"):
        read(given)


@pytest.mark.parametrize("content", [b"", b"{", b"null", b"[]", b"\xff", b'{"a":1}', b"{}{}"])
def test_what_is_no_document_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableError):
        IMPORTER.read(content)
    with pytest.raises(UnreadableError):
        IMPORTER.read_all(content)


def test_many_faults_are_told_in_part() -> None:
    given = document(lived_in())
    given["counters"] = dict.fromkeys(map(str, range(9)), "x")
    with pytest.raises(UnreadableError, match=r"; and 4 more\.$"):
        read(given)


# A server's document.


def test_a_servers_document_holds_its_worlds_in_order() -> None:
    one, two = lived_in(), lived_in()
    one.name, two.name = "default", "other"
    put(two, thing(5))
    saved = Saved([image(one), image(two)], made=7)
    again = IMPORTER.read_all(b"".join(EXPORTER.write_all(saved)))
    assert again.made == 7
    assert [(taken.name, EXPORTER.digest(taken)) for taken in again.images] == [
        ("default", digest(one)),
        ("other", digest(two)),
    ]


def test_the_document_of_a_single_world_is_one_of_a_server_too() -> None:
    [taken] = IMPORTER.read_all(written(image(lived_in()))).images
    assert EXPORTER.digest(taken) == digest(lived_in())


def test_a_fault_in_a_servers_document_names_the_world() -> None:
    told = {"formatVersion": 1, "made": 1, "worlds": [document(lived_in())] * 2}
    told["worlds"][1] = {**told["worlds"][1], "seed": None}  # type: ignore[index]
    with pytest.raises(UnreadableError, match=r"^worlds\.1\.seed: Input should be a valid int"):
        IMPORTER.read_all(json.dumps(told).encode())
