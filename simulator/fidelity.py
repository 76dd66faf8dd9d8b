"""The page that tells how far the simulator can be trusted.

`python -m simulator.fidelity docs` writes it, and the page of the settings, from
what the code declares; nothing in them is kept by hand.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from inspect import unwrap
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from simulator.core.confirmed import BEFORE, CONFIRMED, Confirmation
from simulator.core.errors import CATALOGUE, CatalogueEntry
from simulator.core.evidence import Basis, Evidence
from simulator.core.listing import Grammar, Op
from simulator.core.resource import Access, Operation, Resource, Rule
from simulator.core.roles import EVERYONE, Role
from simulator.core.simulations import Simulation
from simulator.core.states import Machine
from simulator.fidelity_texts import CHECKED, EVERYWHERE, GAPS, READING, REFUSALS, UNCHECKED
from simulator.resources.catalogue import (
    RESOURCES,
    KnownOperation,
    known_operations,
    notices,
    operations,
)
from simulator.settings import Behaviour
from simulator.settings_page import settings_page, written

T = TypeVar("T")


def fidelity_page() -> str:
    """The text of docs/fidelity.md."""
    parts = [READING, _checked(CONFIRMED), _counts(), _everywhere(), "## What is built\n"]
    parts += [_group(name, resources) for name, resources in _by_group().items()]
    parts += [_notifications(), _refusals(), _setting_list(), _gaps(), _assumed()]
    return "\n".join(parts)


@cache
def used_refusals() -> frozenset[str]:
    """The keys of the catalogue that the source of the simulator refuses with."""
    return frozenset(
        constant.value
        for path in Path(__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        if call.func.id == "refuse" and call.args
        for constant in ast.walk(call.args[0])
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
    )


def _checked(confirmed: Mapping[str, Confirmation]) -> str:
    if not confirmed:
        return UNCHECKED
    targets = sorted({one.target for one in confirmed.values()})
    last = max(one.date for one in confirmed.values())
    return CHECKED.format(count=len(confirmed), targets=" and ".join(targets), last=last)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines) + "\n"


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|")


def _code(text: str) -> str:
    """`text` as code; a text with backticks stands between two."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _by_group() -> Mapping[str, list[Resource[Any]]]:
    """The resources that declare something, under BILL's names of their operations' groups."""
    groups = {known.key: known.group for known in known_operations()}
    found: dict[str, list[Resource[Any]]] = {}
    for resource in RESOURCES:
        if resource.operations or resource.rules or resource.simulations or resource.machines:
            keys = (operation.key for operation in resource.operations)
            group = next((groups[key] for key in keys if key in groups), resource.name)
            found.setdefault(group, []).append(resource)
    return found


def _rules() -> list[Rule]:
    return [*EVERYWHERE, *(rule for resource in RESOURCES for rule in _in_order(resource.rules))]


def _in_order(rules: Iterable[Rule]) -> list[Rule]:
    """Rules by where they stand: several modules may declare some, imported in any order."""
    return sorted(rules, key=attrgetter("place"))


def _run_at(declared: Operation | Simulation) -> tuple[str, int]:
    run: Any = unwrap(declared.run)
    return run.__module__, run.__code__.co_firstlineno


def _machines() -> list[Machine[Any]]:
    return [machine for resource in RESOURCES for machine in resource.machines]


def _simulations() -> list[Simulation]:
    return [one for resource in RESOURCES for one in sorted(resource.simulations, key=_run_at)]


def _counts() -> str:
    built, known = operations(), known_operations()
    used = used_refusals()
    declared: dict[str, list[Evidence]] = {
        "operations built": [operation.evidence for operation in built.values()],
        "rules": [rule.evidence for rule in _rules()],
        "moves of state machines": [
            move.evidence for machine in _machines() for move in machine.moves
        ],
        "events of BILL's side": [simulation.evidence for simulation in _simulations()],
        "refusals given": [entry.evidence for key, entry in CATALOGUE.items() if key in used],
    }
    rows = [
        (what, *(sum(one.basis is basis for one in evidence) for basis in Basis), len(evidence))
        for what, evidence in declared.items()
    ]
    listed = [one for one in known if one.key in built]
    older = sum(one.since == "2025-11" for one in known)
    told = (
        f"{len(listed)} of {len(known)} operations in BILL's lists are built. BILL's collection of"
        f" November 2025 has {older} of the {len(known)}, the others are newer."
    )
    beside = set(built) - {one.key for one in known}
    if beside:
        told += f" Built, but in no list of BILL's: {_keys(sorted(beside))}."
    return f"## Counts\n\n{_table(('', *Basis, 'all'), rows)}\n{told}\n"


def _everywhere() -> str:
    rows = [(rule.text, rule.evidence) for rule in EVERYWHERE]
    return "## What holds for every call\n\n" + _table(("rule", "evidence"), rows)


def _group(name: str, resources: Sequence[Resource[Any]]) -> str:
    built = [one for each in resources for one in sorted(each.operations, key=_run_at)]
    rules = [(rule.text, rule.evidence) for each in resources for rule in _in_order(each.rules)]
    timers = [found for each in resources for found in sorted(each.timers.items())]
    events = [
        _event_row(found) for each in resources for found in sorted(each.simulations, key=_run_at)
    ]
    parts = [f"### {name}\n"]
    if built:
        head = ("operation", "does", "status", "asks for", "evidence")
        parts.append(_table(head, map(_operation_row, built)))
    parts += [_grammar(one, one.listing) for one in built if one.listing]
    if rules:
        parts.append(_table(("rule", "evidence"), rules))
    parts += [_machine(machine) for each in resources for machine in each.machines]
    if timers:
        told = [f"- `{kind}`: {_first_line(run)}\n" for kind, run in timers]
        parts.append("Runs by itself on the world's clock:\n\n" + "".join(told))
    if events:
        parts.append("What the control plane can let happen on BILL's side:\n")
        columns = ("event", "what happens", "details", "where", "by itself", "evidence")
        parts.append(_table(columns, events))
    return "\n".join(parts)


def _event_row(found: Simulation) -> tuple[object, ...]:
    fields = found.details.model_fields.items()
    details = (f"`{field.alias or name}`" for name, field in fields)
    where = "everywhere"
    if found.states is not None:
        values = ", ".join(f"`{one}`" for one in found.states.told)
        where = f"`{found.states.member}` {values}"
    return (
        f"`{found.event}`",
        found.summary,
        ", ".join(details) or "none",
        where,
        found.course or "never",
        found.evidence,
    )


def _first_line(run: Callable[..., None]) -> str:
    return (run.__doc__ or "").strip().split("\n")[0]


def _operation_row(operation: Operation) -> tuple[object, ...]:
    return (
        f"`{operation.key}`",
        operation.summary,
        operation.status,
        _needs(operation),
        operation.evidence,
    )


_SESSIONS = {
    Access.SIGN_IN: "no session",
    Access.PARTNER_SIGN_IN: "no session",
    Access.SESSION: "a session",
    Access.SESSION_ALONE: "a session, no devKey",
    Access.PARTNER: "a partner's session",
    Access.ANY_SESSION: "a session or a partner's",
    Access.EVENTS: "a session, a partner's, or an apiToken",
    Access.NOTHING: "nothing",
}


def _needs(operation: Operation) -> str:
    session = "a trusted session" if operation.trusted else _SESSIONS[operation.access]
    if operation.roles == EVERYONE:
        return session
    return f"{session}; {', '.join(role for role in Role if role in operation.roles)}"


def _grammar(operation: Operation, grammar: Grammar) -> str:
    filters = (
        f"`{name}` ({' '.join(op for op in Op if op in field.ops)})"
        for name, field in grammar.filters.items()
    )
    sorts = (f"`{name}`" for name in grammar.sorts)
    return (
        f"`{operation.key}` filters by {', '.join(filters)}; sorts by"
        f" {', '.join(sorts) or 'nothing'}.\n"
    )


def _machine(machine: Machine[Any]) -> str:
    rows = []
    for move in machine.moves:
        states: Any = type(move.target)
        sources = ", ".join(f"`{state}`" for state in states if state in move.sources)
        rows.append((move.event, sources, f"`{move.target}`", move.evidence))
    return f"States of the {machine.name}:\n\n" + _table(("event", "from", "to", "evidence"), rows)


def _notifications() -> str:
    rows = [
        (f"`{one.type}`", "yes" if one.tell else "by test notifications alone", one.evidence)
        for one in notices().values()
    ]
    head = ("event", "happens here", "evidence of its payload")
    return "## What webhooks tell\n\n" + _table(head, rows)


def _refusal_row(entry: CatalogueEntry) -> tuple[object, ...]:
    code = f"`{entry.code}`" if entry.code else f"none ({entry.key})"
    return code, entry.status, entry.category, _code(entry.message), entry.evidence


def _refusals() -> str:
    head = ("code", "status", "category", "text", "evidence")
    used = used_refusals()
    given = [_refusal_row(entry) for key, entry in CATALOGUE.items() if key in used]
    rest = [_refusal_row(entry) for key, entry in CATALOGUE.items() if key not in used]
    parts = [REFUSALS, _table(head, given)]
    if rest:
        parts += [
            "### Known refusals that nothing built gives\n",
            "BILL has these codes; no call of the simulator answers with one of them yet.\n",
            _table(head, rest),
        ]
    return "\n".join(parts)


def _grouped(items: Iterable[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return dict(sorted(groups.items()))


def _gaps() -> str:
    built = operations()
    parts = [GAPS]
    groups: dict[str, list[KnownOperation]] = _grouped(known_operations(), lambda one: one.group)
    for name, known in groups.items():
        missing = [one for one in known if one.key not in built]
        if missing:
            count = "all" if len(missing) == len(known) else str(len(missing))
            lines = [
                f"- `{one.key}`{' (2026)' if one.since == '2026' else ''}\n" for one in missing
            ]
            parts.append(f"### {name}: {count} of {len(known)}\n\n" + "".join(lines))
    return "\n".join(parts)


def _statements() -> Iterator[tuple[str, Evidence]]:
    """Whatever carries evidence but the refusals, with how this page calls it."""
    for resource in RESOURCES:
        for operation in sorted(resource.operations, key=_run_at):
            yield f"`{operation.key}`", operation.evidence
    yield from ((rule.text, rule.evidence) for rule in _rules())
    for machine in _machines():
        for move in machine.moves:
            yield f"{machine.name}: {move.event} leads to `{move.target}`", move.evidence
    yield from ((f"`{one.event}`: {one.summary}", one.evidence) for one in _simulations())
    yield from ((f"the payload of `{one.type}`", one.evidence) for one in notices().values())


def _partly_assumed(evidence: Evidence) -> bool:
    words = ("assumed", "unknown", "by analogy")
    told = evidence.source.partition(BEFORE)[0]
    return evidence.basis is not Basis.ASSUMED and any(word in told for word in words)


def _assumed() -> str:
    statements = list(_statements())
    entries = [CATALOGUE[key] for key in CATALOGUE if key in used_refusals()]
    wholly = [(text, e.source) for text, e in statements if e.basis is Basis.ASSUMED]
    partly = [(text, e.source) for text, e in statements if _partly_assumed(e)]
    refused = [entry.key for entry in entries if entry.evidence.basis is Basis.ASSUMED]
    in_part = [entry.key for entry in entries if _partly_assumed(entry.evidence)]
    return "\n".join(
        (
            "## What is assumed\n",
            "Nobody has said these; a setting decides some of them.\n",
            _table(("statement", "why"), wholly),
            "These are assumed in a part that the source names:\n",
            _table(("statement", "source"), partly),
            f"Refusals assumed as a whole: {_keys(refused)}.\n",
            f"Refusals with a part assumed or unknown, often the status: {_keys(in_part)}.\n",
        )
    )


def _keys(keys: Iterable[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys) or "none"


def _setting_list() -> str:
    rows = [
        (f"`{name}`", f"`{written(field.default)}`", field.description)
        for name, field in Behaviour.model_fields.items()
    ]
    return "## Settings of the behaviour\n\nHow each is set: [settings](settings.md).\n\n" + _table(
        ("setting", "default", "what it decides"), rows
    )


PAGES: Mapping[str, Callable[[], str]] = {
    "fidelity.md": fidelity_page,
    "settings.md": settings_page,
}


def main(directory: str) -> None:
    """Write the pages into `directory`."""
    for name, page in PAGES.items():
        (Path(directory) / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
