"""docs/scenarios.md does what it says: its blocks are run, its tables compared with the code."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import aiohttp
import pytest

from simulator import Simulator
from simulator.scenarios.expecting import CallMatch, Expect
from simulator.scenarios.format import GIVEN, Action, WorldPart
from simulator.scenarios.matching import OPERATORS
from simulator.scenarios.places import ScenarioError
from simulator.scenarios.shipped import from_file, names
from tests.http import BillClient
from tests.readme import DOCUMENTED_URL, ROOT, blocks, output, pattern, shell_steps
from tests.scenarios.clients import account_named, everything, number, pay

PAGE = "docs/scenarios.md"
GUIDE = (ROOT / PAGE).read_text("utf-8")
MARK = "---- the next block ----"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The worked example as the file that the guide calls it."""
    [text] = [block.text for block in blocks(PAGE) if block.language == "yaml"]
    file = tmp_path / "rent.yaml"
    file.write_text(text)
    return file


@pytest.mark.skipif(
    not all(map(shutil.which, ("bash", "curl", "python3"))),
    reason="the guide's calls are for bash, curl and python3, and one of them is not installed",
)
async def test_the_calls_print_what_the_guide_prints(example: Path) -> None:
    steps = shell_steps(PAGE)
    command = f'bill-simulator() {{ "{sys.executable}" -m simulator "$@"; }}\n'
    script = command + f"printf '\\n%s\\n' '{MARK}'\n".join(step for step, _ in steps)
    async with Simulator() as simulator:
        script = script.replace(DOCUMENTED_URL, simulator.url)
        printed, told = await output(["bash", "-s"], example.parent, "set -euo pipefail\n" + script)
    assert told == ""
    parts = [part.strip() for part in printed.split(f"\n{MARK}\n")]
    for found, (_, expected) in zip(parts, steps, strict=True):
        assert pattern(expected).fullmatch(found), f"{expected}\nis not what is printed:\n{found}"


def test_a_fault_in_the_example_is_told_as_the_guide_tells_it(example: Path) -> None:
    [(country, line)] = re.findall(r"With `(country: \w+)` in line (\d+)", GUIDE)
    lines = example.read_text().splitlines()
    assert lines[int(line) - 1].strip() == "country: US"
    lines[int(line) - 1] = f"        {country}"
    example.write_text("\n".join(lines))
    with pytest.raises(ScenarioError) as caught:
        from_file(example)
    told = str(caught.value).replace(str(example), example.name)
    assert told in [block.text.strip() for block in blocks(PAGE)]


@pytest.mark.parametrize(
    ("numbers", "passed"), [({"RENT-07"}, True), ({"RENT-07", "PARK-07"}, False)]
)
async def test_the_example_tells_a_right_client_from_a_wrong_one(
    http: aiohttp.ClientSession, example: Path, numbers: set[str], passed: bool
) -> None:
    async with Simulator(scenario=str(example)) as server:
        async with http.get(f"{server.url}/_sim/worlds/default") as response:
            client = BillClient(http, server.url, await response.json())
        await client.login()
        account = await account_named(client)
        for one in await everything(client, "/v3/bills"):
            assert one["vendorName"] == "Orchard Office Park"
            while number(one) in numbers and (await pay(client, one, account)).status == 429:
                pass
        verdict = (await client.control("POST", "/evaluate")).body
        [vendor] = await everything(client, "/v3/vendors")
    assert vendor["name"] == "Orchard & Sons"
    assert (verdict["passed"], verdict["score"]) == ((True, 1.0) if passed else (False, 0.0))


def named_in(heading: str) -> set[str]:
    """The members in the table of a chapter."""
    [chapter] = re.findall(rf"^### {heading}$(.*?)(?=^##)", GUIDE, re.M | re.S)
    rows = re.findall(r"^\| (`.+?) \|", chapter, re.M)
    return {name.split(".")[0] for row in rows for name in re.findall(r"`(\w+[.\w]*)`", row)}


def aliases(model: type[WorldPart | Action | Expect]) -> set[str]:
    return {str(field.alias) for field in model.model_fields.values()}


def test_the_tables_have_every_member() -> None:
    assert named_in("world") == aliases(WorldPart) - {"clock"}
    assert named_in("timeline") == aliases(Action) - {"note"}
    assert named_in("expect") == aliases(Expect)
    matched = GUIDE[GUIDE.index("Calls are matched by") : GUIDE.index("Values are matched by")]
    assert {str(field.alias) for field in CallMatch.model_fields.values()} <= set(
        re.findall(r"`(\w+)`", matched)
    )
    assert set(re.findall(r"`(\$\w+)`", GUIDE)) == OPERATORS.keys()
    for key in GIVEN:
        assert f"`{key}`" in GUIDE


def test_the_readme_of_the_scenarios_names_each() -> None:
    page = (ROOT / "scenarios" / "README.md").read_text("utf-8")
    assert re.findall(r"^\| `([\w-]+)` \|", page, re.M) == list(names())
