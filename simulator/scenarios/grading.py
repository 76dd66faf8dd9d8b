"""Grading a client: its calls in the journal and the state it leaves, against what is expected.

Goals are what has to be achieved; guards are what must not happen, and whatever
of the end state held in the beginning already. The score is the share of the
goals met times the share of the guards kept, so that who does nothing gets
nothing, and 0 after a forbidden write. `passed` asks for every finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.core.clock import Clock
from simulator.core.snapshots import Change, changes
from simulator.core.world import World
from simulator.scenarios.calls import Called, meets
from simulator.scenarios.cast import Cast, UnknownKey
from simulator.scenarios.expecting import (
    RESOURCE_NAMES,
    CallMatch,
    Expect,
    Order,
    ReadExpectation,
    RecordExpectation,
    WriteExpectation,
)
from simulator.scenarios.matching import mismatch
from simulator.scenarios.references import resolved

_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule, and whether the client kept it.

    `decided` is False where the journal no longer has what would decide; such a
    finding is not passed. `requests` are ids of the journal's entries.
    """

    rule: str
    passed: bool
    why: str
    records: tuple[dict[str, str], ...] = ()
    requests: tuple[str, ...] = ()
    decided: bool = True
    goal: bool = True
    fatal: bool = False

    def told(self) -> dict[str, Any]:
        """The finding as the control plane answers it."""
        return {
            "rule": self.rule,
            "passed": self.passed,
            "decided": self.decided,
            "why": self.why,
            "records": list(self.records),
            "requests": list(self.requests),
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings, and what they come to."""

    findings: tuple[Finding, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether every rule was kept."""
        return all(finding.passed for finding in self.findings)

    @property
    def score(self) -> float:
        """From 0 to 1; see the module."""
        if any(finding.fatal and not finding.passed for finding in self.findings):
            return 0.0
        goals = [finding.passed for finding in self.findings if finding.goal]
        guards = [finding.passed for finding in self.findings if not finding.goal]
        return round(_share(goals) * _share(guards), 4)

    def told(self) -> dict[str, Any]:
        """The verdict as the control plane answers it."""
        findings = [finding.told() for finding in self.findings]
        return {"passed": self.passed, "score": self.score, "findings": findings}


def _share(kept: Sequence[bool]) -> float:
    return sum(kept) / len(kept) if kept else 1.0


def evaluate(world: World, expect: Expect) -> Verdict:
    """Grade what clients have done in `world` since its beginning."""
    return Verdict(tuple(_Grader(world, expect).findings()))


class _Grader:
    def __init__(self, world: World, expect: Expect) -> None:
        self.world = world
        self.expect = expect
        self.cast = Cast(world)
        self.calls = [Called(entry) for entry in world.journal]
        self.dropped = world.journal.made - len(self.calls)
        self.keys = {record_id: key for key, record_id in reversed(self.cast.keys().items())}

    def findings(self) -> Iterator[Finding]:
        expect = self.expect
        before = Cast(_beginning(self.world))
        for index, record in enumerate(expect.records):
            yield self._record(f"records[{index}]", record, before)
        for index, write in enumerate(expect.writes.required):
            yield self._required(f"writes.required[{index}]", write)
        for index, forbidden in enumerate(expect.writes.forbidden):
            yield self._forbidden(f"writes.forbidden[{index}]", forbidden, forbidden.why)
        for index, read in enumerate(expect.reads.required):
            yield self._read(f"reads.required[{index}]", read)
        for index, order in enumerate(expect.order):
            yield self._order(f"order[{index}]", order)
        yield from self._budget()
        if expect.nothing_else:
            yield self._nothing_else()

    # The end state.

    def _record(self, rule: str, wanted: RecordExpectation, before: Cast) -> Finding:
        failure, found = _state(wanted, self.cast)
        # What held from the beginning is kept, not achieved.
        held = failure is None and _state(wanted, before)[0] is None
        if failure is None:
            told = f"{_subject(wanted)} is as expected"
        else:
            told = _because(wanted.why, failure)
        return Finding(
            rule, failure is None, told, self._named(found), self._writers(found), goal=not held
        )

    def _writers(self, record_ids: Sequence[str]) -> tuple[str, ...]:
        wanted = set(record_ids)
        return _ids(
            call for call in self.calls if any(write.id in wanted for write in call.entry.writes)
        )

    # Calls.

    def _met(self, match: CallMatch, *, reading: bool = False) -> list[Called]:
        return [call for call in self.calls if meets(match, call, self.cast, reading=reading)]

    def _written(self, match: CallMatch) -> list[Called]:
        return [call for call in self._met(match) if not call.reads]

    def _unsure(self, match: CallMatch) -> str | None:
        """Why calls that were not found may have been made all the same, or None."""
        if self.dropped:
            return f"not decidable: the journal has dropped the first {self.dropped} calls"
        if match.body is None and match.answer is None and match.record is None:
            return None
        for call in self.calls:
            if call.cut and call.could_be(match):
                return f"not decidable: the journal has only the beginning of {call.id}"
        return None

    def _required(self, rule: str, wanted: WriteExpectation) -> Finding:
        met = self._written(wanted)
        failure = mismatch(wanted.times, len(met), "how often it was done")
        records, requests = self._of(met, wanted), _ids(met)
        if failure is None and not self.dropped:
            return Finding(rule, True, f"{_call(wanted)}: done {_times(met)}", records, requests)
        unsure = self._unsure(wanted)
        told = unsure or _because(wanted.why, f"{_call(wanted)}: {failure}")
        return Finding(rule, False, told, records, requests, decided=unsure is None)

    def _forbidden(self, rule: str, wanted: CallMatch, why: str | None) -> Finding:
        met = self._written(wanted)
        records = self._of(met, wanted)
        if met:
            told = _because(why, f"{_call(wanted)} must not be done, and was done {_times(met)}")
            return Finding(rule, False, told, records, _ids(met), goal=False, fatal=True)
        unsure = self._unsure(wanted)
        told = unsure or f"{_call(wanted)}: not done"
        return Finding(rule, unsure is None, told, records, decided=unsure is None, goal=False)

    def _read(self, rule: str, wanted: ReadExpectation) -> Finding:
        met = self._met(wanted, reading=True)
        records = self._of([], wanted)
        told = f"{_call(wanted)}: not read"
        if wanted.before is not None and met:
            first = self._met(wanted.before)[:1]
            if first:
                met = [call for call in met if call.number < first[0].number]
                told = f"{_call(wanted)}: not read before {first[0].id}"
        if met:
            told = f"{_call(wanted)}: read in {met[0].id}"
            return Finding(rule, True, told, records, _ids(met[:1]))
        unsure = self._unsure(wanted)
        told = unsure or _because(wanted.why, told)
        return Finding(rule, False, told, records, decided=unsure is None)

    def _order(self, rule: str, order: Order) -> Finding:
        rest = iter(self.calls)
        met: list[Called] = []
        for step in order.steps:
            found = next((call for call in rest if meets(step, call, self.cast)), None)
            if found is None:
                missing = self._unsure(step)
                after = f" after {met[-1].id}" if met else ""
                told = missing or _because(order.why, f"{_call(step)} was not done{after}")
                named = self._of([], step)
                return Finding(rule, False, told, named, _ids(met), decided=missing is None)
            met.append(found)
        if self.dropped:
            told = f"not decidable: the journal has dropped the first {self.dropped} calls"
            return Finding(rule, False, told, (), _ids(met), decided=False)
        return Finding(rule, True, "in the expected order", (), _ids(met))

    def _budget(self) -> Iterator[Finding]:
        budget = self.expect.calls
        if budget.most is not None:
            made = len(self.calls) + self.dropped
            told = f"{made} calls of at most {budget.most}"
            yield Finding("calls.most", made <= budget.most, told, goal=False)
        if budget.refused is not None:
            refused = [call for call in self.calls if (call.entry.status or 0) >= 400]
            told = f"{len(refused)} refused calls of at most {budget.refused}"
            kept = len(refused) <= budget.refused
            sure = not kept or not self.dropped
            if not sure:
                told = f"not decidable: the journal has dropped the first {self.dropped} calls"
            yield Finding(
                "calls.refused", kept and sure, told, (), _ids(refused), decided=sure, goal=False
            )

    def _nothing_else(self) -> Finding:
        """Changes that are left in the end and come from a write that nobody asked for."""
        assert self.world.beginning is not None
        wanted = [*self.expect.writes.required, *self.expect.writes.allowed]
        strange = [
            call
            for call in self.calls
            if call.entry.writes and not any(meets(one, call, self.cast) for one in wanted)
        ]
        by_record: dict[str, list[Called]] = {}
        for call in strange:
            for write in call.entry.writes:
                by_record.setdefault(write.id, []).append(call)
        found: dict[str, str] = {}
        requests: dict[str, None] = {}
        for change in changes(self.world.beginning.tables, self.world.tables):
            if change.table in RESOURCE_NAMES and change.id in by_record:
                found[change.id] = _told(change, self.keys.get(change.id))
                requests.update((call.id, None) for call in by_record[change.id])
        if found:
            told = "; ".join(found.values())
            return Finding(
                "nothingElse", False, told, self._named(list(found)), tuple(requests), goal=False
            )
        if self.dropped:
            told = f"not decidable: the journal has dropped the first {self.dropped} calls"
            return Finding("nothingElse", False, told, decided=False, goal=False)
        return Finding("nothingElse", True, "nothing else was changed", goal=False)

    # Names of records.

    def _of(self, met: Sequence[Called], match: CallMatch) -> tuple[dict[str, str], ...]:
        found: dict[str, None] = {}
        if match.record is not None:
            try:
                found[self.cast.id_of(match.record)] = None
            except UnknownKey:
                return ({"key": match.record},)
        for call in met:
            found.update(
                (write.id, None) for write in call.entry.writes if write.resource in RESOURCE_NAMES
            )
        return self._named(list(found))

    def _named(self, record_ids: Sequence[str]) -> tuple[dict[str, str], ...]:
        named = []
        for record_id in record_ids[:_MOST_NAMED]:
            record = {"id": record_id}
            found = self.cast.find(record_id)
            if found:
                record["resource"] = found[0]
            if record_id in self.keys:
                record["key"] = self.keys[record_id]
            named.append(record)
        return tuple(named)


def _state(wanted: RecordExpectation, cast: Cast) -> tuple[str | None, list[str]]:
    """How the records differ from what is wanted, None if they do not; and their ids."""
    try:
        if wanted.record is not None:
            return _one(wanted, cast)
        assert wanted.find is not None
        where = None if wanted.where is None else resolved(wanted.where, cast.look_up)
        all_told = ((row, cast.wire(wanted.find, row)) for row in cast.records(wanted.find))
        found = [
            (row, told) for row, told in all_told if where is None or mismatch(where, told) is None
        ]
        expected = resolved(wanted.is_, cast.look_up)
    except UnknownKey as unknown:
        return str(unknown), []
    ids = [row.id for row, _ in found]
    if wanted.count is not None:
        failure = mismatch(wanted.count, len(found), f"the number of {_subject(wanted)}")
        if failure:
            return failure, ids
    for row, told in found:
        failure = expected and mismatch(expected, told)
        if failure:
            return f"{wanted.find} {row.id}: {failure}", [row.id]
    return None, ids


def _one(wanted: RecordExpectation, cast: Cast) -> tuple[str | None, list[str]]:
    assert wanted.record is not None
    record_id = cast.id_of(wanted.record)
    found = cast.find(record_id)
    if found is None:
        return (f"{wanted.record} is gone" if wanted.exists else None), [record_id]
    if not wanted.exists:
        return f"{wanted.record} is still there", [record_id]
    if wanted.is_ is None:
        return None, [record_id]
    failure = mismatch(resolved(wanted.is_, cast.look_up), cast.wire(*found))
    return (f"{wanted.record}: {failure}" if failure else None), [record_id]


def _beginning(world: World) -> World:
    """A world that is as `world` was in the beginning, to look at."""
    assert world.beginning is not None
    start = world.beginning.taken
    twin = World(
        name=world.name,
        seed=world.seed,
        clock=Clock(lambda: start, start),
        timer_handlers={},
        behaviour=world.behaviour,
    )
    twin.restore(world.beginning)
    twin.credentials = world.credentials
    return twin


def _subject(wanted: RecordExpectation) -> str:
    return wanted.record or f"{wanted.find} where {wanted.where}"


def _call(match: CallMatch) -> str:
    named = " or ".join(match.operation)
    return f"{named} of {match.record}" if match.record else named


def _times(calls: Sequence[Called]) -> str:
    return "once" if len(calls) == 1 else f"{len(calls)} times"


def _because(why: str | None, told: str) -> str:
    return f"{why.strip()} ({told})" if why else told


def _ids(calls: Any) -> tuple[str, ...]:
    return tuple(call.id for call in calls)[:_MOST_NAMED]


def _told(change: Change, key: str | None) -> str:
    noun = key or f"{change.table} {change.id}"
    if change.before is None:
        return f"{noun} is new"
    if change.after is None:
        return f"{noun} is gone"
    members = [name for name in change.members() if name != "updatedTime"]
    return f"{noun} has another {', '.join(members or ['updatedTime'])}"
