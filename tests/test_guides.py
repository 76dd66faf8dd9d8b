"""The guides under docs: their Python runs and prints what they say, their links lead on."""

from __future__ import annotations

import asyncio
import re
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.readme import ROOT, blocks

GUIDES = sorted(path.name for path in (ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("guide", ["webhooks.md"])
async def test_the_python_of_a_guide_prints_what_it_says(guide: str, tmp_path: Path) -> None:
    found = blocks(f"docs/{guide}")
    for example, printed in pairwise(found):
        if example.language != "python":
            continue
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-",
            cwd=tmp_path,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await asyncio.wait_for(process.communicate(example.text.encode()), 60)
        assert out.decode() == printed.text


def anchors(page: str) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", (ROOT / "docs" / page).read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", one.lower()).strip().replace(" ", "-") for one in headings}


@pytest.mark.parametrize("guide", GUIDES)
def test_every_link_of_a_guide_leads_somewhere(guide: str) -> None:
    text = (ROOT / "docs" / guide).read_text("utf-8")
    for target, anchor in re.findall(r"\]\(([^):#]*)(?:#([^)]*))?\)", text):
        page = target or guide
        assert (ROOT / "docs" / page).exists(), target
        if anchor and page.endswith(".md"):
            assert anchor in anchors(page), f"{page}#{anchor}"
