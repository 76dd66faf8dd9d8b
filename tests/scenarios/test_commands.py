"""The commands below `bill-simulator scenario`, and `serve --scenario`."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest

from simulator import Simulator
from simulator.cli import main
from simulator.scenarios.shipped import names, shipped
from tests.readme import output
from tests.scenarios.stories import SMALL
from tests.servers import plain_environment, start


def run(*arguments: str) -> int:
    """The exit status of a command."""
    try:
        main(["scenario", *arguments])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def test_list_names_every_scenario_with_its_title(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(names())
    assert all(shipped(line.split()[0]).title in line for line in lines)


def test_show_tells_story_and_task(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "mfa-wall") == 0
    printed = capsys.readouterr().out
    scenario = shipped("mfa-wall")
    assert scenario.story.strip() in printed
    assert printed.endswith(f"Task: {scenario.task.strip()}\n")


def test_check_tells_each_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, none = (tmp_path / name for name in ("good.yaml", "bad.yaml", "none.yaml"))
    good.write_text(SMALL)
    bad.write_text(SMALL.replace("title", "tilte"))
    assert run("check", str(good)) == 0
    assert capsys.readouterr().out == f"{good}: ok\n"
    assert run("check", str(bad), str(good), str(none)) == 1
    printed, told = capsys.readouterr()
    assert printed == f"{good}: ok\n"
    assert f"{bad}:2:1: tilte: Extra inputs are not permitted" in told
    assert f"{none}: No such file or directory\n" in told


@pytest.mark.parametrize("command", ["show", "run"])
def test_what_is_no_scenario_ends_a_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert run(command, "nope") == 2
    assert "'nope' is neither a file nor one of approval-chain, " in capsys.readouterr().err
    file = tmp_path / "bad.yaml"
    file.write_text("- 1")
    assert run(command, str(file)) == 2
    assert f"{file}:1:1: scenario: " in capsys.readouterr().err


def test_run_prints_credentials_and_task_and_grades_when_enter_is_pressed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    assert run("run", "mfa-wall") == 1
    printed = capsys.readouterr().out
    assert re.search(r"^  baseUrl +http://127\.0\.0\.1:\d+/connect$", printed, re.M)
    assert shipped("mfa-wall").task.strip() in printed
    assert (
        "\nFAIL records[0]: rent: paymentStatus is 'UNPAID', not 'SCHEDULED'\n     rent\n"
        in printed
    )
    assert "\nok   nothingElse: nothing else was changed\n" in printed
    assert printed.endswith("failed, score 0\n")


async def test_run_with_a_url_uses_that_server(tmp_path: Path) -> None:
    """In a process of its own: the command waits for the server, which is in this one."""
    story = tmp_path / "story.yaml"
    story.write_text(SMALL)
    async with Simulator() as server:
        command = [sys.executable, "-m", "simulator", "scenario", "run", str(story)]
        printed, told = await output([*command, "--url", server.url], tmp_path, "\n")
        assert told == ""
        assert "score 0" in printed
        [world] = re.findall(r"^  world +(\S+)$", printed, re.M)
        assert server.worlds.find(world) is not None
        again, _ = await output([*command, "--url", server.url, "--evaluate", world], tmp_path, "")
        assert again.startswith("FAIL records[0]: rent")
        refused, told = await output([*command, "--url", server.url, "--evaluate", "x"], tmp_path)
        assert (refused, told) == (
            "",
            f"bill-simulator: {server.url}/_sim/worlds/x/evaluate: There is no world 'x'.\n",
        )


def test_evaluate_needs_a_url(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("run", "mfa-wall", "--evaluate", "default") == 2
    assert capsys.readouterr().err == "bill-simulator: --evaluate needs --url\n"


def test_serve_makes_a_scenario_the_default_world(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "simulator", "serve", "--port", "0", "--scenario", "mfa-wall"]
    served = start(command, tmp_path, plain_environment())
    try:
        task = "".join(f"  {line}\n" for line in shipped("mfa-wall").task.strip().splitlines())
        assert f"\nTask:\n{task}\n" in served.printed
    finally:
        served.stop()
