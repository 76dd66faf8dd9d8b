"""README.md says what the code says; tests/test_guides.py runs its blocks."""

from __future__ import annotations

import re

from simulator import Simulator
from simulator.cli import banner
from simulator.core.confirmed import BEFORE
from simulator.resources.catalogue import known_operations, operations
from tests.readme import blocks, read

README = read("README.md")


def test_the_banner_is_the_one_that_serve_prints() -> None:
    shown = next(block.text for block in blocks("README.md") if block.language == "text")
    assert f"{banner(Simulator(port=8080))}\n" == shown


def test_what_is_called_not_built_is_not_built() -> None:
    page = read("docs/limits.md")
    [listed] = re.findall(r"^- Among the operations not built: (.*?)\.\n- ", page, re.M | re.S)
    groups = {known.group for known in known_operations()}
    built = {known.group for known in known_operations() if known.key in operations()}
    told = set(re.findall(r"`([^`]+)`", listed))
    assert told, "docs/limits.md names no operations that are not built"
    assert told <= groups, "docs/limits.md names a group that BILL does not have"
    assert told & built == set(), "docs/limits.md calls a group not built that is, at least in part"


def test_the_table_of_the_missions_operations_tells_their_evidence() -> None:
    rows = re.findall(r"^\| [\w ]+ \| `(\w+) (/v3/\S+)` \| (.+) \|$", README, re.M)
    assert len(rows) == 34
    built = operations()
    assert [(f"{method} /connect{path}", told) for method, path, told in rows] == [
        # What was met on the sandbox since stands on the fidelity page alone.
        (key, str(built[key].evidence).partition(BEFORE)[2] or str(built[key].evidence))
        for key in (f"{method} /connect{path}" for method, path, _ in rows)
    ]
