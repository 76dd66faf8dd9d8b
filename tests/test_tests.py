"""Every test verifies something: it asserts, expects an exception, or calls a check that does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TREES = ("tests", "contract_tests")
# Functions that assert, besides those whose names begin with `check_` or `assert_`, and the
# table of checks that one test goes through.
DECLARED = {"told", "refused", "made_as", "CHECKS"}
EXPECTING = {"raises", "warns", "fail"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def called(call: ast.Call) -> str:
    """The name by which something is called, without what stands before its last point."""
    target: ast.expr = call.func
    if isinstance(target, ast.Subscript):
        target = target.value
    if isinstance(target, ast.Attribute):
        return target.attr
    return target.id if isinstance(target, ast.Name) else ""


def imported(tree: ast.Module) -> set[str]:
    """The names that come from the simulator; its own checks verify nothing for a test."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("simulator")
        for alias in node.names
    }


def is_check(name: str, helpers: set[str]) -> bool:
    return name.startswith(("check_", "assert_")) or name in helpers


def verifies(function: Function, helpers: set[str], foreign: set[str]) -> bool:
    """Whether anything in the function can fail. `foreign` are names that are no checks."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant):
            return True
        if isinstance(node, ast.Call):
            name = called(node)
            if name in EXPECTING or (is_check(name, helpers) and name not in foreign):
                return True
    return False


def helpers_of(path: Path) -> set[str]:
    """The declared helpers that a file of that place may use."""
    return DECLARED if path.is_relative_to(ROOT / "contract_tests") else {"CHECKS"}


def files() -> list[Path]:
    return sorted(path for tree in TREES for path in (ROOT / tree).rglob("*.py"))


def idle(source: str, helpers: set[str]) -> list[str]:
    """The tests and checks of a source that verify nothing, with their lines."""
    tree = ast.parse(source)
    foreign = imported(tree)
    return [
        f"{function.lineno}: {function.name}"
        for function in functions(tree)
        # `_` is the name of checks that a decorator puts into a table.
        if function.name.startswith("test_")
        or function.name == "_"
        or is_check(function.name, helpers)
        # What only calls itself is no check.
        if not verifies(function, helpers, foreign | {function.name})
    ]


def test_every_test_verifies_something() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{one}"
        for path in files()
        for one in idle(path.read_text("utf-8"), helpers_of(path))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("call()", ["1: test_it"]),
        ("assert True", ["1: test_it"]),
        ("answer == 1", ["1: test_it"]),
        ("told(answer)", ["1: test_it"]),
        ("assert call()", []),
        ("pytest.raises(ValueError, call)", []),
        ("check_refused(call())", []),
        ("CHECKS[name](client)", []),
    ],
)
def test_a_test_without_an_assertion_is_found(body: str, found: list[str]) -> None:
    assert idle(f"def test_it(): {body}", {"CHECKS"}) == found


def test_a_check_that_only_calls_itself_is_found() -> None:
    assert idle("def told(a): told(a)", DECLARED) == ["1: told"]


def test_a_check_of_the_simulator_is_none_of_a_test() -> None:
    source = "from simulator.resources.payment_checks import check_vendor\n"
    assert idle(f"{source}def test_it(): check_vendor(vendor)", set()) == ["2: test_it"]
