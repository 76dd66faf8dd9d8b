"""README.md does what it says: its blocks are run, its tables compared with the code."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
from pathlib import Path

import pytest

from simulator import Simulator
from simulator.cli import banner
from simulator.control.app import make_control_app
from simulator.core.confirmed import BEFORE
from simulator.resources.catalogue import known_operations, operations
from simulator.worlds import Worlds
from tests.readme import DOCUMENTED_URL, ROOT, blocks, pattern, shell_steps

README = (ROOT / "README.md").read_text("utf-8")
MARK = "---- the next block of README.md ----"

needs_a_shell = pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "curl", "python3"))),
    reason="README.md's calls are for bash, curl and python3, and one of them is not installed",
)


async def output(arguments: list[str], directory: Path, script: str = "") -> tuple[str, str]:
    process = await asyncio.create_subprocess_exec(
        *arguments,
        cwd=directory,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, told = await asyncio.wait_for(process.communicate(script.encode()), 60)
    return printed.decode(), told.decode()


async def run_steps(url: str, directory: Path) -> list[str]:
    """What each bash block prints, run one after the other in one shell."""
    separator = f"printf '\\n%s\\n' '{MARK}'\n"
    script = separator.join(step for step, _ in shell_steps("README.md"))
    script = "set -euo pipefail\n" + script.replace(DOCUMENTED_URL, url)
    printed, told = await output(["bash", "-s"], directory, script)
    assert told == ""
    return [part.strip() for part in printed.split(f"\n{MARK}\n")]


@needs_a_shell
async def test_the_first_calls_print_what_the_readme_prints(tmp_path: Path) -> None:
    async with Simulator() as simulator:
        printed = await run_steps(simulator.url, tmp_path)
    told = [expected for _, expected in shell_steps("README.md")]
    assert len(printed) == len(told)
    for found, expected in zip(printed, told, strict=True):
        assert pattern(expected).fullmatch(found), f"{expected}\nis not what is printed:\n{found}"


async def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    [example] = [block.text for block in blocks("README.md") if block.language == "python"]
    printed, told = await output([sys.executable, "-"], tmp_path, example)
    assert told == ""
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+\n", printed)


def test_the_banner_is_the_one_that_serve_prints() -> None:
    shown = next(block.text for block in blocks("README.md") if block.language == "text")
    assert f"{banner(Simulator(port=8080))}\n" == shown


def test_the_table_of_the_control_plane_has_every_call() -> None:
    app = make_control_app(Worlds())
    built = {
        f"{route.method} /_sim{route.resource.canonical}"
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
        # Names that are kept for what is still to be built.
        if route.handler.__name__ != "unbuilt"
    }
    assert set(re.findall(r"^\| `(\w+ /_sim\S*)` \|", README, re.M)) == built


def test_what_the_readme_calls_not_built_is_not_built() -> None:
    [listed] = re.findall(r"^- Among the operations not built: (.*?)\.\n- ", README, re.M | re.S)
    groups = {known.group for known in known_operations()}
    built = {known.group for known in known_operations() if known.key in operations()}
    told = set(re.findall(r"`([^`]+)`", listed))
    assert told, "README.md names no operations that are not built"
    assert told <= groups, "README.md names a group that BILL does not have"
    assert told & built == set(), "README.md calls a group not built that is, at least in part"


def test_every_link_of_the_readme_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_table_of_the_missions_operations_tells_their_evidence() -> None:
    rows = re.findall(r"^\| [\w ]+ \| `(\w+) (/v3/\S+)` \| (.+) \|$", README, re.M)
    assert len(rows) == 34
    built = operations()
    assert [(f"{method} /connect{path}", told) for method, path, told in rows] == [
        # What was met on the sandbox since stands on the fidelity page alone.
        (key, str(built[key].evidence).partition(BEFORE)[2] or str(built[key].evidence))
        for key in (f"{method} /connect{path}" for method, path, _ in rows)
    ]
