"""Why a call got its answer: in words, and as data with evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from simulator.core.errors import CATALOGUE, Item
from simulator.core.evidence import Evidence
from simulator.core.faults import Fault
from simulator.core.resource import Operation
from simulator.core.rows import camel, iso

if TYPE_CHECKING:
    from simulator.core.journal import Call, Entry

# More items than these say nothing new in one text; the data has all of them.
_TOLD = 5

_READING = ("GET", "HEAD")


class Kind(StrEnum):
    """What sort of thing made the answer."""

    SUCCESS = "success"
    REFUSAL = "refusal"
    LIMIT = "limit"
    FAULT = "fault"
    GAP = "gap"
    CUT = "cut"
    GONE = "gone"
    FAILURE = "failure"


def explain(entry: Entry, call: Call) -> dict[str, Any]:
    """Which step, check, rule, limit, instant or fault made the answer; secrets are in it."""
    kind = _kind(call)
    told: dict[str, Any] = {
        "text": " ".join(_sentences(entry, call, kind)),
        "kind": kind,
        "decidedBy": call.step.__name__,
        "check": _summary(call.step.__doc__),
    }
    if call.refused:
        told["refusals"] = [_refusal(item, call.status) for item in call.refused.items]
        told["rules"] = [
            {"text": rule.text, "evidence": _evidence(rule.evidence)} for rule in call.refused.rules
        ]
        told["function"] = call.refused.function
        if call.refused.failure:
            told["failure"] = call.refused.failure
    if isinstance(call.called, Operation):
        told["operation"] = _operation(call.called)
    if call.fault:
        told["fault"] = {"id": call.fault.id, **_plain_fault(call.fault)}
    told["timersRun"] = [
        {"at": iso(timer.at), "kind": timer.kind, "args": list(timer.args)} for timer in call.timers
    ]
    told["writes"] = [write._asdict() for write in entry.writes]
    told["events"] = [{"type": event.type, "id": event.row.id} for event in call.events]
    return told


def _kind(call: Call) -> Kind:
    effect = call.fault.request.effect if call.fault else None
    if call.status is None:
        return Kind.CUT if effect and effect.drop else Kind.GONE
    if call.refused is None:
        return Kind.SUCCESS
    if call.refused.failure:
        return Kind.FAILURE
    if effect and effect.code:
        return Kind.FAULT
    if call.refused.items[0].key == "gap":
        return Kind.GAP
    limited = any(item.cause and "limit" in item.cause.facts for item in call.refused.items)
    return Kind.LIMIT if limited else Kind.REFUSAL


def _sentences(entry: Entry, call: Call, kind: Kind) -> Iterator[str]:
    if call.timers:
        yield f"Before the call, what had fallen due happened: {_timers(call)}."
    yield _verdict(call, kind)
    if call.refused and kind is not Kind.GAP:
        yield from _reasons(call.refused.items)
        if len(call.refused.rules) == 1:
            rule = call.refused.rules[0]
            yield f"The rule is: {rule.text.rstrip('.')} ({rule.evidence})."
    delay = call.fault.request.effect.latency_ms if call.fault else None
    if call.fault and delay is not None:
        yield f"The injected fault {call.fault.id} delayed the call by {delay} ms."
    if entry.writes:
        deeds = [f"{kind} {row_id} of {table}" for table, row_id, kind in entry.writes[:_TOLD]]
        more = len(entry.writes) - _TOLD
        yield f"The call {', '.join(deeds)}{f' and {more} more' if more > 0 else ''}."
    elif call.method not in _READING and kind is not Kind.GAP:
        yield "No record was changed."
    if call.events:
        yield f"Subscribers were told {', '.join(dict.fromkeys(e.type for e in call.events))}."


def _verdict(call: Call, kind: Kind) -> str:
    fault = call.fault.id if call.fault else ""
    match kind:
        case Kind.SUCCESS:
            return f"The call was carried out and answered with {call.status}."
        case Kind.FAULT:
            return f"The injected fault {fault} answered in BILL's place."
        case Kind.GAP:
            return "BILL has this operation; the simulator does not, and says so with 501."
        case Kind.CUT:
            when = call.fault.request.effect.drop if call.fault else ""
            return f"The injected fault {fault} cut the connection {when} the work was done."
        case Kind.GONE:
            return "The client went away before it was answered."
        case Kind.FAILURE:
            failure = call.refused.failure if call.refused else ""
            return f"The simulator itself failed ({failure}); its log has the trace."
    return f"The step {call.step.__name__} refused the call. {_summary(call.step.__doc__)}"


def _reasons(items: tuple[Item, ...]) -> Iterator[str]:
    causes = []
    for item in items[:_TOLD]:
        told = item.message.rstrip(".")
        yield f"{item.code or 'Without a code'}: {told} ({CATALOGUE[item.key].evidence})."
        if item.cause and item.cause.text not in causes:
            causes.append(item.cause.text)
            yield item.cause.text
    if len(items) > _TOLD:
        yield f"And {len(items) - _TOLD} more."


def _timers(call: Call) -> str:
    kinds = [timer.kind for timer in call.timers]
    return ", ".join(f"{kind} ({kinds.count(kind)})" for kind in dict.fromkeys(kinds))


def _summary(docstring: str | None) -> str:
    return (docstring or "").strip().split("\n")[0]


def _refusal(item: Item, status: int | None) -> dict[str, Any]:
    known = CATALOGUE[item.key]
    told = {
        "key": item.key,
        "code": item.code,
        "message": item.message,
        "status": known.status,
        "evidence": _evidence(known.evidence),
    }
    if item.cause:
        told["because"] = {"text": item.cause.text, **_plain(item.cause.facts)}
    return told


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        camel(name): iso(value) if isinstance(value, datetime) else value
        for name, value in facts.items()
    }


def _evidence(evidence: Evidence) -> dict[str, str]:
    return {"basis": evidence.basis, "source": evidence.source}


def _operation(operation: Operation) -> dict[str, Any]:
    return {
        "key": operation.key,
        "resource": operation.resource.name,
        "summary": operation.summary,
        "access": operation.access,
        "trusted": operation.trusted,
        "roles": sorted(operation.roles),
        "evidence": _evidence(operation.evidence),
    }


def _plain_fault(fault: Fault) -> dict[str, Any]:
    return fault.request.model_dump(by_alias=True, exclude_none=True, mode="json")
