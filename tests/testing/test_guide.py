"""docs/testing.md: its tests pass in a project of somebody who has installed the package."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.readme import output, pattern, steps

pytest_plugins = ["pytester"]

PAGE = "docs/testing.md"
STEPS = steps(PAGE, "python")
FILES = {
    found[1]: step.block.text
    for step in STEPS
    if (found := re.match(r"# (\S+\.py)\n", step.block.text))
}
INI = "[pytest]\nasyncio_default_fixture_loop_scope = function\n"
HOW = "conftest.py", "test_how_it_is_made.py"


def run(pytester: pytest.Pytester, names: list[str]) -> dict[str, int]:
    pytester.makeini(INI)
    for name, text in FILES.items():
        if name in names:
            (pytester.path / name).write_text(text, "utf-8")
    arguments = ("-W", "error", "--strict-markers", "-p", "no:cacheprovider")
    return pytester.runpytest_subprocess(*arguments).parseoutcomes()


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BILL_SIMULATOR_URL", "BILLSIM_TOKEN", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)


def test_the_tests_of_the_guide_pass(pytester: pytest.Pytester) -> None:
    names = [name for name in FILES if name not in HOW]
    assert run(pytester, names) == {"passed": 4}


def test_the_tests_of_the_guide_with_its_conftest_pass(pytester: pytest.Pytester) -> None:
    assert run(pytester, list(HOW)) == {"passed": 2}


async def test_the_scripts_of_the_guide_print_what_it_says(tmp_path: Path) -> None:
    scripts = [step for step in STEPS if step.block.text not in FILES.values()]
    # Needs a container engine; tests/testing/test_containers.py runs such code without one.
    [script] = [step for step in scripts if "BillSimulatorContainer" not in step.block.text]
    assert len(scripts) == 2
    printed, told = await output([sys.executable, "-W", "error", "-"], tmp_path, script.block.text)
    assert told == ""
    assert pattern(script.expected).fullmatch(printed.strip())
