"""The pages for people: their code runs and prints what they say, and what they name exists."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from shlex import split
from typing import get_args

import pytest
import yaml
from pydantic import BaseModel
from pydantic_settings import CliSubCommand

from simulator import Simulator
from simulator.cli import BillSimulator
from simulator.control import calls, history
from simulator.control.app import make_control_app
from simulator.core import journal, outbox
from simulator.gateway import connections
from simulator.gateway import reading as gateway_reading
from simulator.resources import deliveries, files, notifications
from simulator.scenarios import reading as scenario_reading
from simulator.settings import ServerSettings
from simulator.settings_page import flag, settings, variable
from simulator.worlds import Worlds
from tests.readme import GENERATED, GUIDES, PAGES, ROOT, blocks, check_page, prose, read, steps

# Pages whose blocks are run by tests of their own, which know more about them.
ELSEWHERE = {
    "docs/scenarios.md": "tests/scenarios/test_guide.py",
    "docs/testing.md": "tests/testing/test_guide.py",
}
RUN = [
    page
    for page in ("README.md", *GUIDES)
    if page not in ELSEWHERE and steps(page, "bash", "python")
]
# How pydantic-settings marks a field that is a command.
SUBCOMMAND = get_args(CliSubCommand[BaseModel])[-1]
# What the pages name has to exist now; these tell of what was.
HISTORY = {"CHANGELOG.md"}


@pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "curl", "python3"))),
    reason="the pages' calls are for bash, curl and python3, and one of them is not installed",
)
@pytest.mark.parametrize("page", RUN)
async def test_the_code_of_a_page_prints_what_it_says(page: str, tmp_path: Path) -> None:
    async with Simulator() as simulator:
        await check_page(page, simulator.url, tmp_path)


@pytest.mark.parametrize(("page", "test"), ELSEWHERE.items())
def test_a_page_that_is_left_out_is_run_elsewhere(page: str, test: str) -> None:
    assert (ROOT / page).exists()
    assert Path(page).name in (ROOT / test).read_text("utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_the_blocks_of_a_page_are_what_they_are_called(page: str) -> None:
    languages = {block.language for block in blocks(page)}
    known = {"bash", "console", "go", "java", "javascript", "json", "python", "text", "yaml"}
    assert languages <= known
    assert read(page).count("\n```") == 2 * len(blocks(page)), "a block has no language"
    for block in blocks(page):
        if block.language == "json":
            json.loads(block.text)
        if block.language == "yaml":
            yaml.safe_load(block.text)


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", one).lower() for one in headings)
    return {re.sub(r"[^\w\- ]", "", one).strip().replace(" ", "-") for one in plain}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    for target, anchor in re.findall(r"\]\(([^):#]*)(?:#([^)]*))?\)", prose(page)):
        place = (ROOT / page).parent / target if target else ROOT / page
        assert place.exists(), target
        if anchor and place.suffix == ".md":
            assert anchor in anchors(place), f"{target}#{anchor}"


def test_the_index_has_every_guide_and_nothing_else() -> None:
    listed = re.findall(r"^- \[.+?\]\(([^)]+)\): .", read("docs/index.md"), re.M)
    guides = {Path(page).name for page in (*GUIDES, *GENERATED)} - {"index.md"}
    assert {target for target in listed if re.fullmatch(r"[^/]+\.md", target)} == guides
    assert len(listed) == len(set(listed))


def code(page: str) -> list[str]:
    """The lines of a page's blocks and what stands in its text as code."""
    lines = [
        line for block in blocks(page) for line in block.text.replace("\\\n", " ").splitlines()
    ]
    return [*lines, *(one.replace("\n", " ") for one in re.findall(r"`([^`]+)`", prose(page)))]


def options(model: type[BaseModel]) -> set[str]:
    """The flags of a command."""
    if issubclass(model, ServerSettings):
        return {flag(path) for path in settings()}
    return {flag((field.alias or name,)) for name, field in model.model_fields.items()}


def subcommands(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    return {
        field.alias or name: kind
        for name, field in model.model_fields.items()
        if SUBCOMMAND in field.metadata
        for kind in get_args(field.annotation)
        if issubclass(kind, BaseModel)
    }


def unknown(command: str) -> str | None:
    """What of a line with `bill-simulator …` the command line does not have."""
    words = split(command, comments=True)
    model: type[BaseModel] = BillSimulator
    while (below := subcommands(model)) and words and not words[0].startswith("-"):
        if words[0] not in below:
            return words[0]
        model = below[words.pop(0)]
    flags = (word.partition("=")[0] for word in words if word.startswith("--"))
    return next((name for name in flags if name not in {*options(model), "--help"}), None)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("serve --port 0 --behaviour.mfa bypassed", None),
        ("serve --prot 0", "--prot"),
        ("sreve", "sreve"),
        ("scenario run NAME --url URL", None),
        ("scenario play NAME", "play"),
        ("call GET /v3/bills --token=x", None),
        ("call GET /v3/bills --seed 1", "--seed"),
    ],
)
def test_unknown_commands_and_flags_are_found(command: str, told: str | None) -> None:
    assert unknown(command) == told


@pytest.mark.parametrize("page", [page for page in PAGES if page not in HISTORY])
def test_the_commands_and_settings_that_a_page_names_exist(page: str) -> None:
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    variables = {variable(path) for path in settings()}
    for line in code(page):
        for command in re.findall(r"(?:^|[\s(;])bill-simulator ((?:[\w-]+)[^|;&>)]*)", line):
            assert unknown(command.replace("'", "")) is None, line
        for target in re.findall(r"^make (\w+)", line):
            assert target in targets, line
        for name in re.findall(r"\bBILLSIM_\w+(?![\w…])", line):
            assert name in variables, line


def test_the_commands_are_those_that_a_page_names() -> None:
    named = {
        command
        for page in PAGES
        for line in code(page)
        for command in re.findall(r"bill-simulator (\w[\w-]*)", line)
    }
    assert subcommands(BillSimulator).keys() <= named


@pytest.mark.parametrize("page", [page for page in PAGES if page not in HISTORY])
def test_the_paths_of_the_control_plane_that_a_page_names_exist(page: str) -> None:
    known = {
        f"/_sim{route.resource.canonical}"
        for route in make_control_app(Worlds()).router.routes()
        if route.resource is not None
    }
    # Names of worlds, snapshots and the like may be any.
    fitting = [re.compile(re.sub(r"{\w+}", "[^/]+", path)) for path in known]
    for line in code(page):
        for path in re.findall(r"/_sim(?:/[\w{}.-]*)*", line):
            assert any(one.fullmatch(path) for one in fitting), line


ADRS = [page for page in PAGES if page.startswith("docs/adr/")]


def test_the_decisions_are_numbered_one_after_the_other() -> None:
    numbers = [int(Path(page).name.split("-")[0]) for page in ADRS]
    assert numbers == list(range(1, len(ADRS) + 1))
    for number, page in zip(numbers, ADRS, strict=True):
        assert read(page).startswith(f"# {number}. ")
        assert re.findall(r"^## (.+)$", read(page), re.M) == ["Context", "Decision", "Consequences"]


# The constants behind the table of docs/limits.md, row by row.
BOUNDS = [
    ("calls in the journal", journal.MOST_CALLS),
    ("bytes of each body in the journal", journal.LARGEST_BODY),
    ("messages in the outbox", outbox.MOST_MESSAGES),
    ("notifications", notifications.MOST_NOTIFICATIONS),
    ("attempts at deliveries", deliveries.MOST_ATTEMPTS),
    ("deliveries waiting for one subscription", deliveries.MOST_WAITING),
    ("snapshots", history._MOST_SNAPSHOTS),
    ("bytes of a body of BILL's", gateway_reading.LARGEST_BODY),
    ("bytes of a file that is uploaded", files.LARGEST_FILE),
    ("bytes of a body of the control plane", calls.LARGEST_BODY),
    ("bytes of a scenario's file", scenario_reading.LARGEST),
    ("headers of a request", connections.MOST_HEADERS),
]


def test_the_bounds_that_are_told_are_those_that_hold() -> None:
    rows = re.findall(r"^\| ([^|;]+?)(?:;[^|]*)? \| ([\d,]+) \|$", read("docs/limits.md"), re.M)
    assert rows == [(what, f"{most:,}") for what, most in BOUNDS]
