"""Simulators in processes of their own, as a person or a container starts them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic


def plain_environment() -> dict[str, str]:
    """The environment without settings of the simulator."""
    return {name: value for name, value in os.environ.items() if not name.startswith("BILLSIM_")}


@dataclass(frozen=True)
class Served:
    """A started server and what it printed until it was ready."""

    process: subprocess.Popen[str]
    printed: str

    @property
    def url(self) -> str:
        return re.findall(r"http://127\.0\.0\.1:\d+", self.printed)[0]

    def stop(self, how: int = signal.SIGTERM) -> tuple[float, str]:
        """How many seconds the end took, and what stood on standard error."""
        begun = monotonic()
        self.process.send_signal(how)
        try:
            _, told = self.process.communicate(timeout=10)
        finally:
            self.process.kill()
        return monotonic() - begun, told


def start(command: Sequence[str], directory: Path, environment: Mapping[str, str]) -> Served:
    """Run a command that serves, until its banner ends (or it does)."""
    process = subprocess.Popen(
        command,
        cwd=directory,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if line.startswith("Stop with"):
            return Served(process, printed)
    _, told = process.communicate(timeout=10)
    raise AssertionError(f"{' '.join(command)} did not start: {printed}{told}")
