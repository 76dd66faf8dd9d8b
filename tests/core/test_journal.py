"""The journal's ring, and what an entry makes of a call."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.events import WriteKind
from simulator.core.journal import LARGEST_BODY, MOST_CALLS, Call, Content, Entry, Journal
from simulator.core.redaction import REDACTED
from tests.core.things import NOON, THINGS, Thing, do, make_world


def answer_call() -> None:
    """The step that made an answer."""


def make_call(sent: bytes = b"", answered: bytes = b"", **more: Any) -> Call:
    known: dict[str, Any] = {
        "time": NOON,
        "method": "POST",
        "target": "/connect/v3/things?max=2",
        "headers": {},
        "called": None,
        "values": (),
        "step": answer_call,
        "caller": None,
        "organization_id": None,
        "sent": Content(sent, "application/json"),
        "answered": Content(answered, "application/json"),
        "status": 200,
        "refused": None,
        "fault": None,
        "timers": (),
        "writes": (),
        "events": (),
    }
    return Call(**{**known, **more})


def filled(number: int) -> Journal:
    journal = Journal()
    for _ in range(number):
        journal.add(make_call())
    return journal


def ids(journal: Journal) -> list[str]:
    return [entry.id for entry in journal]


def test_calls_are_told_oldest_first_and_numbered() -> None:
    journal = filled(3)
    assert ids(journal) == ["request-1", "request-2", "request-3"]
    assert [entry.id for entry in reversed(journal)] == ["request-3", "request-2", "request-1"]


def test_the_oldest_calls_give_way() -> None:
    journal = filled(MOST_CALLS + 5)
    assert (len(journal), journal.made) == (MOST_CALLS, MOST_CALLS + 5)
    assert journal.find("request-5") is None
    assert next(iter(journal)).id == "request-6"


@pytest.mark.parametrize("unknown", ["request-4", "request-0", "request-x", "", "3"])
def test_only_calls_that_were_made_are_found(unknown: str) -> None:
    journal = filled(3)
    assert journal.find(unknown) is None
    found = journal.find("request-2")
    assert found is not None
    assert found.id == "request-2"


def test_a_cut_takes_the_calls_made_since_and_their_numbers() -> None:
    journal = filled(5)
    journal.cut(3)
    assert ids(journal) == ["request-1", "request-2", "request-3"]
    journal.add(make_call())
    assert ids(journal)[-1] == "request-4"


def test_a_cut_to_a_later_moment_changes_nothing() -> None:
    journal = filled(2)
    journal.cut(9)
    journal.add(make_call())
    assert ids(journal) == ["request-1", "request-2", "request-3"]


def test_going_back_cuts_the_journal_and_a_fork_begins_with_none() -> None:
    world, twin = make_world(), make_world()
    world.journal.add(make_call())
    kept = world.snapshot()
    world.journal.add(make_call())
    twin.restore(world.snapshot())
    world.restore(kept)
    assert ids(world.journal) == ["request-1"]
    assert (ids(twin.journal), twin.journal.made) == ([], 0)


@pytest.mark.parametrize(
    ("sent", "shown", "whole"),
    [
        (b"", None, False),
        (b'{"a": 1}', '{"a":1}', True),
        (b"[]", "[]", True),
        (b'"secret text"', None, True),
        (b"12345678", None, True),
        (b'{"a": 1, "password": "sesame', '{"a":1}', False),
        (b'{"a": 1, "password": sesame}', '{"a":1}', False),
        (b"{'password': 'sesame'}", "{}", False),
        (b'{"a":\n [1,\n  2,\n   x]}', '{"a":[1,2]}', False),
        (b'{"a": NaN}', "{}", False),
        (b'{"a": "\xff\xfe"}', "{}", False),
        (b"password=sesame", None, False),
    ],
)
def test_a_body_is_shown_up_to_its_end_or_first_fault(
    sent: bytes, shown: str | None, whole: bool
) -> None:
    entry = Entry(make_call(sent))
    assert (entry.request, entry.request_is_whole) == (shown, whole)


def test_a_body_nested_beyond_measure_is_shown_as_deep_as_it_can_be_read() -> None:
    shown = Entry(make_call(b"[" * 5000)).request
    assert shown is not None
    assert 100 < shown.count("[") < 5000


# Wherever the cut falls, in a character of two bytes as well.
@pytest.mark.parametrize("blanks", range(4))
def test_a_long_body_is_kept_in_part(blanks: int) -> None:
    rows = [{"id": "é" * 9, "password": f"sesame{number}"} for number in range(1000)]
    body = b" " * blanks + json.dumps(rows, ensure_ascii=False).encode()
    entry = Entry(make_call(b"", answered=body))
    assert (entry.answered.size, len(entry.answered.bytes)) == (len(body), LARGEST_BODY)
    assert entry.response is not None
    shown = json.loads(entry.response)
    assert 100 < len(shown) < 1000
    assert shown[0] == {"id": "é" * 9, "password": REDACTED}
    assert not entry.response_is_whole


def test_of_a_file_only_size_and_type_are_kept() -> None:
    content = Content(b"%PDF secret", "application/pdf", is_file=True)
    assert (content.size, content.bytes, content.media_type) == (11, b"", "application/pdf")


def test_a_secret_is_blackened_in_every_part_of_an_entry() -> None:
    secret = "hunter2-hunter2"
    entry = Entry(
        make_call(
            json.dumps({"password": secret}).encode(),
            json.dumps([{"message": f'String value ("{secret}")'}]).encode(),
            target=f"/connect/v3/things/{secret}?token={secret}&q={secret}",
            headers={"sessionId": secret, "X-Copy": secret, "Accept": "*/*"},
            writes=[("things", secret, WriteKind.CREATED)],
        )
    )
    told = [entry.path, entry.query, entry.headers, entry.request, entry.response, entry.writes]
    assert secret not in repr([*told, entry.explain])
    assert entry.headers["Accept"] == "*/*"


SECRET = "hunter2Hunter2"
BODY = json.dumps({"a": ["x", {"b": 1.5}], "password": SECRET, "c": {"taxId": SECRET}})
NAMES = [range(BODY.index(name), BODY.index(name) + len(name)) for name in ("password", "taxId")]


@given(
    # A letter more or less in a name makes another name of it.
    place=st.integers(0, len(BODY)).filter(lambda place: all(place not in one for one in NAMES)),
    removed=st.integers(0, 1),
    put=st.sampled_from(["", '"', "\\", "{", "}", "[", "]", ",", ":", "x", "\n", "\x00", "é"]),
)
def test_no_secret_of_a_damaged_body_is_told(place: int, removed: int, put: str) -> None:
    sent = (BODY[:place] + put + BODY[place + removed :]).encode()
    entry = Entry(make_call(sent, headers={"devKey": SECRET}))
    told = repr([entry.request, entry.headers, entry.explain])
    # What is left of it where it was damaged is a piece of the secret still.
    assert not any(piece in told for piece in (SECRET, SECRET[:8], SECRET[-8:]))


CREATED, CHANGED, REMOVED = WriteKind.CREATED, WriteKind.CHANGED, WriteKind.REMOVED


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        ([CREATED], CREATED),
        ([CREATED, CHANGED, CHANGED], CREATED),
        ([CREATED, CHANGED, REMOVED], None),
        ([CHANGED, CHANGED], CHANGED),
        ([CHANGED, REMOVED], REMOVED),
        ([REMOVED, CREATED], CHANGED),
        ([REMOVED, CREATED, REMOVED], REMOVED),
    ],
)
def test_each_record_is_told_once(kinds: list[WriteKind], told: WriteKind | None) -> None:
    entry = Entry(make_call(writes=[("things", "00t1", kind) for kind in kinds]))
    assert [write.kind for write in entry.writes] == ([told] if told else [])


def test_what_is_no_record_is_no_write() -> None:
    tables = ("timers", "sessions", "mfa_devices", "things")
    entry = Entry(make_call(writes=[(table, "1", CREATED) for table in tables]))
    assert [write.resource for write in entry.writes] == ["things"]


def test_a_context_tells_its_writes_until_they_are_taken_back() -> None:
    world = make_world()
    contexts: list[Any] = []

    def work(ctx: Any) -> None:
        contexts.append(ctx)
        ctx.put(THINGS, Thing(id="1"))
        ctx.within("elsewhere").put(THINGS, Thing(id="2"))
        ctx.put(THINGS, Thing(id="1", name="new"))
        ctx.drop(THINGS, "1")

    def fail(ctx: Any) -> None:
        work(ctx)
        raise ValueError

    do(world, work)
    assert contexts[0].writes == [
        ("things", "1", CREATED),
        ("things", "2", CREATED),
        ("things", "1", CHANGED),
        ("things", "1", REMOVED),
    ]
    with pytest.raises(ValueError):  # noqa: PT011 - raised just above
        do(make_world(), fail)
    assert contexts[1].writes == []


def test_a_call_whose_client_went_away_is_explained() -> None:
    explained = Entry(make_call(status=None)).explain
    assert explained["kind"] == "gone"
    assert explained["text"].startswith("The client went away before it was answered.")
