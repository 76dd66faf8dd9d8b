"""docs/docker.md, docs/ci.md and compose.yaml: what they tell to send and to set is so."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from simulator import Simulator
from simulator.cli import Serve, main
from simulator.client import Server
from simulator.client.transport import Transport
from simulator.control.guard import Guard
from simulator.threaded import threaded
from tests.readme import blocks, read

TOKEN = "token-of-tests"
PRINTED_BY = {
    "javascript": "200 0\n2026-06-05T16:00:00.000+00:00\n",
    "java": '{"results":[]}\n2026-06-05T16:00:00.000+00:00\n',
}
RUNS = {"javascript": ("node", "first.mjs"), "java": ("java", "FirstCall.java")}


def block(language: str) -> str:
    [text] = [one.text for one in blocks("docs/docker.md") if one.language == language]
    return text


@pytest.fixture
def server() -> Iterator[Server]:
    with threaded(lambda: Simulator(token=TOKEN)) as url:
        yield Server(url, TOKEN)


@pytest.mark.parametrize("language", RUNS)
def test_a_snippet_runs_and_leaves_no_world(language: str, server: Server, tmp_path: Path) -> None:
    program, name = RUNS[language]
    if shutil.which(program) is None:
        pytest.skip(f"docs/docker.md has {language}, and {program} is not installed")
    (tmp_path / name).write_text(block(language), "utf-8")
    environment = {**os.environ, "BILL_SIMULATOR_URL": server.url, "BILLSIM_TOKEN": TOKEN}
    ended = subprocess.run(
        [program, name],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert (ended.stdout, ended.returncode) == (PRINTED_BY[language], 0), ended.stderr
    assert [world.name for world in server.worlds()] == ["default"]


def test_what_the_go_snippet_sends_is_taken(server: Server) -> None:
    text = block("go").replace('"+w.Name+"', "{name}").replace('"+w.Name', '{name}"')
    calls = re.findall(r'control\(t, "(\w+)", "([^"]*)", (?:`([^`]*)`|""), ', text)
    assert len(calls) == text.count("control(t, ")
    transport = Transport(server.url, TOKEN)
    world: dict[str, Any] = {}
    # The removal is only put off where it stands.
    for method, path, body in sorted(calls, key=lambda call: call[0] == "DELETE"):
        place = f"/_sim{path}".replace("{name}", world.get("world", ""))
        answer = transport.call(method, place, json.loads(body or "null"))
        world = world or answer
    assert set(re.findall(r'`json:"(\w+)"`', text)) <= world.keys()
    assert [one.name for one in server.worlds()] == ["default"]


def documents() -> dict[str, Any]:
    found = {"compose.yaml": yaml.safe_load(read("compose.yaml"))}
    for number, one in enumerate(blocks("docs/ci.md")):
        if one.language == "yaml":
            found[f"docs/ci.md {number}"] = yaml.safe_load(one.text)
    return found


def texts(value: Any) -> Iterator[tuple[str, str]]:
    """Every name and its plain value in a document."""
    if isinstance(value, dict):
        for name, part in value.items():
            if isinstance(part, dict | list):
                yield from texts(part)
            else:
                yield name, str(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def test_every_variable_of_the_examples_is_a_setting_or_an_option(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = {
        (name, value)
        for document in documents().values()
        for name, value in texts(document)
        if name.startswith("BILL")
    }
    assert len(told) >= 5
    for name, value in told:
        if name.startswith("BILLSIM_"):
            monkeypatch.setenv(name, value.partition(":-")[2].rstrip("}") or value)
    settings = Serve()
    for name, _ in told:
        if name.startswith("BILLSIM_"):
            setting: Any = settings
            for step in name.removeprefix("BILLSIM_").lower().split("__"):
                setting = getattr(setting, step)
            assert str(setting) == os.environ[name]
        else:
            assert name in ("BILL_SIMULATOR_URL", "BILL_BASE_URL")


def test_the_commands_of_the_examples_are_commands(server: Server) -> None:
    text = read("docs/ci.md")
    waits = re.findall(r"bill-simulator (wait) (http://127\.0\.0\.1:8080) (--timeout) (\d+)", text)
    assert len(waits) == 2
    for command, _, flag, seconds in waits:
        main([command, server.url, flag, seconds])


def test_a_service_beside_it_reaches_it_by_the_name_that_compose_gives_it() -> None:
    found = documents()
    [name] = found["compose.yaml"]["services"]
    told = [one for document in found.values() for one in texts(document)]
    assert ("BILL_BASE_URL", f"http://{name}:8080/connect") in told


def test_the_name_of_the_service_is_one_that_a_server_for_others_goes_by() -> None:
    [name] = documents()["compose.yaml"]["services"]
    assert Guard("0.0.0.0", TOKEN).serves(f"{name}:8080")
    assert not Guard("0.0.0.0", TOKEN).serves("docker.example.com:8080")
    assert Guard("0.0.0.0", TOKEN, ["docker.example.com"]).serves("docker.example.com:8080")
