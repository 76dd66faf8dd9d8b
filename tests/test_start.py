"""What a start does not do: it looks for nothing in the network, and imports only what it needs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import plain_environment, start

# Ends the process when it connects to anything, or asks for the address of a name.
ALONE = """
import os, sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        os.write(2, f"{event} {arguments[1:]}".encode())
        os._exit(3)
sys.addaudithook(watch)
from simulator.cli import main
main()
"""


def test_serve_starts_without_a_network(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ALONE, "serve", "--port", "0"]
    served = start(command, tmp_path, plain_environment())
    _, told = served.stop()
    assert (served.process.returncode, told) == (0, "")


def imported(told: str) -> set[str]:
    return set(re.findall(r"^import time:.*\| +(\S+)$", told, re.M))


def test_serve_imports_nothing_that_only_other_commands_and_calls_need(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "simulator", "serve", "--port", "0"]
    served = start(command, tmp_path, plain_environment())
    _, told = served.stop()
    found = imported(told)
    assert "simulator.server" in found
    unneeded = {
        "faker",
        "pytest",
        "simulator.client",
        "simulator.confirm",
        "simulator.drift",
        "simulator.openapi",
        "simulator.scenarios.format",
        "simulator.volume",
        "yaml",
    }
    assert found & unneeded == set()


@pytest.mark.parametrize("command", [["wait", "--help"], ["scenario", "--help"], ["--help"]])
def test_commands_that_serve_nothing_import_no_server(command: list[str], tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "simulator", *command],
        cwd=tmp_path,
        env=plain_environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0
    found = imported(ended.stderr)
    assert "simulator.cli" in found
    assert found & {"aiohttp", "simulator.server", "simulator.resources", "yaml"} == set()
