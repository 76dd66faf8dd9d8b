"""What the simulator claims about BILL is declared, sourced, and on the page."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import simulator
from simulator import fidelity, resources
from simulator.core.errors import CATALOGUE
from simulator.core.evidence import Evidence
from simulator.core.resource import Resource
from simulator.resources.catalogue import RESOURCES, known_operations, operations

ROOT = Path(__file__).parent.parent
SOURCE = Path(simulator.__file__).parent


@pytest.fixture(scope="module")
def page() -> str:
    return fidelity.fidelity_page()


def section(page: str, title: str) -> str:
    return page.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_the_page_is_current(page: str) -> None:
    current = (ROOT / "docs" / "fidelity.md").read_text("utf-8") == page
    assert current, "docs/fidelity.md is not what the code declares: run `make docs`"


def test_make_docs_writes_both_pages(tmp_path: Path) -> None:
    fidelity.main(str(tmp_path))
    written = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert written == {
        "fidelity.md": fidelity.fidelity_page(),
        "settings.md": fidelity.settings_page(),
    }


def evidence() -> Iterator[tuple[str, Evidence]]:
    for key, operation in operations().items():
        yield key, operation.evidence
    for resource in RESOURCES:
        for rule in resource.rules:
            yield f"rule: {rule.text}", rule.evidence
        for machine in resource.machines:
            for move in machine.moves:
                yield f"{machine.name}: {move.event}", move.evidence
        for simulation in resource.simulations:
            yield f"event: {simulation.event}", simulation.evidence
    for key, entry in CATALOGUE.items():
        yield f"refusal: {key}", entry.evidence


def test_whatever_the_simulator_does_names_a_source() -> None:
    assert [name for name, known in evidence() if not known.source.strip()] == []


def test_every_operation_says_what_it_does() -> None:
    assert [key for key, operation in operations().items() if not operation.summary] == []


def test_every_built_operation_of_the_api_is_in_bills_lists() -> None:
    # Links to files lie outside the API.
    built = {key for key, operation in operations().items() if "/connect" in operation.path}
    assert built - {known.key for known in known_operations()} == set()


def test_every_built_operation_answers_with_the_status_that_bill_lists() -> None:
    listed = {known.key: known.status for known in known_operations()}
    built = {key: one.status for key, one in operations().items() if key in listed}
    assert built == {key: listed[key] for key in built}


def test_every_resource_that_declares_something_is_in_the_catalogue() -> None:
    modules = [
        import_module(f"{resources.__name__}.{found.name}")
        for found in iter_modules(resources.__path__)
    ]
    declaring = {
        value.name
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Resource)
        if value.operations or value.rules or value.timers or value.simulations or value.machines
    }
    assert declaring - {resource.name for resource in RESOURCES} == set()


def refuse_calls() -> Iterator[tuple[str, ast.expr]]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if named and node.func.id == "refuse":
                yield f"{path.name}:{node.lineno}", node.args[0]


def test_every_call_of_refuse_names_its_refusal_in_the_source() -> None:
    unnamed = [
        place
        for place, key in refuse_calls()
        if not any(isinstance(node, ast.Constant) for node in ast.walk(key))
    ]
    assert unnamed == []


def test_every_refusal_that_the_source_names_is_in_the_catalogue() -> None:
    assert fidelity.used_refusals() - set(CATALOGUE) == set()


def test_every_refusal_without_a_code_of_bills_is_given_somewhere() -> None:
    own = {key for key, entry in CATALOGUE.items() if entry.code is None}
    assert own - fidelity.used_refusals() == set()


def test_the_page_has_every_operation_either_as_built_or_as_a_gap(page: str) -> None:
    built, gaps = section(page, "What is built"), section(page, "What is not built")
    for known in known_operations():
        is_built = known.key in operations()
        assert (f"| `{known.key}` |" in built) is is_built
        assert (f"- `{known.key}`" in gaps.replace("` (2026)", "`").split("\n")) is not is_built


def test_the_page_has_every_rule_move_and_event_with_its_evidence(page: str) -> None:
    built = section(page, "What is built")
    for resource in RESOURCES:
        for rule in resource.rules:
            assert f"| {rule.text} | {rule.evidence} |" in built
        for machine in resource.machines:
            for move in machine.moves:
                assert f"| {move.event} | " in built
                assert f"| `{move.target}` | {move.evidence} |" in built
        for kind in resource.timers:
            assert f"- `{kind}`: " in built
        for simulation in resource.simulations:
            assert f"| `{simulation.event}` | {simulation.summary} |" in built


def test_the_page_has_every_refusal_with_status_text_and_evidence(page: str) -> None:
    refusals = section(page, "Refusals")
    given, _, rest = refusals.partition("### Known refusals that nothing built gives")
    for key, entry in CATALOGUE.items():
        place = given if key in fidelity.used_refusals() else rest
        code = f"`{entry.code}`" if entry.code else f"none ({key})"
        head = f"| {code} | {entry.status} | {entry.category} | "
        lines = [line for line in place.split("\n") if line.startswith(head)]
        told = [line for line in lines if line.endswith(f"| {entry.evidence} |")]
        assert [line for line in told if entry.message.replace("|", "\\|") in line], key


def test_the_page_lists_whatever_is_assumed(page: str) -> None:
    assumed = section(page, "What is assumed")
    for name, known in evidence():
        if known.basis == "assumed" and not name.startswith("refusal: "):
            assert known.source in assumed, name
    for key in fidelity.used_refusals() & set(CATALOGUE):
        if CATALOGUE[key].evidence.basis == "assumed":
            assert f"`{key}`" in assumed
