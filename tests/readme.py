"""The code blocks of README.md and CONTRIBUTING.md, for the tests that run them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Where README.md says the server listens; a test's own server takes its place.
DOCUMENTED_URL = "http://127.0.0.1:8080"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and text."""

    language: str
    text: str


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page at the root, in their order."""
    text = (ROOT / page).read_text("utf-8")
    return [Block(*found) for found in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)]


def shell_steps(page: str) -> list[tuple[str, str]]:
    """Each `bash` block with what the `text` block right after it says it prints."""
    found = blocks(page)
    following = [*found[1:], Block("", "")]
    return [
        (block.text, after.text if after.language == "text" else "")
        for block, after in zip(found, following, strict=True)
        if block.language == "bash"
    ]


def pattern(printed: str) -> re.Pattern[str]:
    """What a `text` block stands for: itself, and any text of one line for each `…`."""
    return re.compile(".*".join(map(re.escape, printed.strip().split("…"))))
