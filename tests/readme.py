"""The pages for people: their code blocks, and what is needed to run them."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

ROOT = Path(__file__).parent.parent
# Where the pages say the server listens; a test's own server takes its place.
DOCUMENTED_URL = "http://127.0.0.1:8080"
# Written by `make docs`; their own tests compare them with what the code declares.
GENERATED = frozenset({"docs/fidelity.md", "docs/settings.md"})
PAGES = tuple(
    sorted(
        str(path.relative_to(ROOT))
        for pattern in ("*.md", "docs/*.md", "docs/adr/*.md", "*/README.md")
        for path in ROOT.glob(pattern)
        if not path.relative_to(ROOT).parts[0].startswith(".")
    )
)
GUIDES = tuple(
    page for page in PAGES if re.fullmatch(r"docs/[^/]+", page) and page not in GENERATED
)

_MARK = "---- the next block ----"
_TESTS = re.compile(r"^(?:async )?def test_", re.M)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and text."""

    language: str
    text: str


@dataclass(frozen=True)
class Step:
    """A block to run, and what the `text` block right after it says it prints."""

    block: Block
    expected: str


def read(page: str) -> str:
    """The text of a page, by its path from the root."""
    return (ROOT / page).read_text("utf-8")


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in their order."""
    return [
        Block(*found) for found in re.findall(r"^```(\w+)\n(.*?)^```$", read(page), re.M | re.S)
    ]


def prose(page: str) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```\w*\n.*?^```$", "", read(page), flags=re.M | re.S)


def steps(page: str, *languages: str) -> list[Step]:
    """The blocks of these languages; nothing follows a block that prints nothing."""
    found = blocks(page)
    following = [*found, Block("", "")][1:]
    return [
        Step(block, after.text if after.language == "text" else "")
        for block, after in zip(found, following, strict=True)
        if block.language in languages
    ]


def shell_steps(page: str) -> list[tuple[str, str]]:
    """Each `bash` block with what the `text` block right after it says it prints."""
    return [(step.block.text, step.expected) for step in steps(page, "bash")]


def pattern(printed: str) -> re.Pattern[str]:
    """What a `text` block stands for: itself, and any text of one line for each `…`."""
    return re.compile(".*".join(map(re.escape, printed.strip().split("…"))))


async def output(arguments: list[str], directory: Path, script: str = "") -> tuple[str, str]:
    """What a command prints, and what it prints as errors."""
    process = await asyncio.create_subprocess_exec(
        *arguments,
        cwd=directory,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, told = await asyncio.wait_for(process.communicate(script.encode()), 60)
    return printed.decode(), told.decode()


def _commands(page: str, url: str, directory: Path) -> Iterator[str]:
    """Shell commands that run the blocks of a page, against the server at `url`."""
    python = quote(sys.executable)
    yield f'set -euo pipefail\nbill-simulator() {{ {python} -m simulator "$@"; }}\n'
    for number, step in enumerate(steps(page, "bash", "python")):
        text = step.block.text.replace(DOCUMENTED_URL, url)
        if number:
            yield f"printf '\\n%s\\n' '{_MARK}'\n"
        if step.block.language == "bash":
            yield text
            continue
        file = directory / f"block_{number}.py"
        file.write_text(text, "utf-8")
        as_tests = _TESTS.search(text) and "asyncio.run(" not in text
        module = "-m pytest -q -p no:cacheprovider " if as_tests else ""
        yield f"{python} {module}{file.name}\n"


async def check_page(page: str, url: str, directory: Path) -> None:
    """The bash and Python blocks of a page, run one after the other, print what it says."""
    script = "".join(_commands(page, url, directory))
    printed, told = await output(["bash", "-c", script], directory)
    assert told == "", told
    parts = [part.strip() for part in printed.split(f"\n{_MARK}\n")]
    for found, step in zip(parts, steps(page, "bash", "python"), strict=True):
        expected = step.expected
        assert pattern(expected).fullmatch(found), f"{expected}\nis not what is printed:\n{found}"
