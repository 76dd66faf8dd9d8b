"""The servers' processes: started, waited for, weighed and always stopped."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from benchmarks.client import Address, LoadError, ask, request_bytes

_HEALTH = request_bytes("GET", "/_sim/health", {})
_READY_WITHIN = 30.0
# What one row may take to load, in seconds, at the very most.
_PER_ROW = 0.001
_STOP_WITHIN = 5.0
_POLL = 0.002


def _environment() -> dict[str, str]:
    # Installed packages come with their bytecode; without it, a start compiles every module.
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONUNBUFFERED": "1"}


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m …` as a process that is gone when the block ends, however it ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=_environment(),
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


@contextmanager
def listening(*arguments: str, rows: int = 0) -> Iterator[tuple[Address, dict[str, Any], int]]:
    """A server that tells its port in a line of JSON: address, what it told, process id."""
    with running(*arguments) as process:
        line = _first_line(process, _READY_WITHIN + rows * _PER_ROW)
        told = json.loads(line)
        yield ("127.0.0.1", told["port"]), told, process.pid


def _first_line(process: subprocess.Popen[bytes], patience: float) -> bytes:
    assert process.stdout is not None
    watchdog = threading.Timer(max(patience, 0.0), process.kill)
    watchdog.start()
    try:
        line = process.stdout.readline()
    finally:
        watchdog.cancel()
    if not line:
        raise LoadError(f"{process.args!r} ended or was not ready after {patience:.0f} s")
    return line


def start_up() -> tuple[float, float]:
    """Start `python -m simulator serve` once: seconds until it is healthy, MB it holds then."""
    began = perf_counter()
    with running("simulator", "serve", "--port", "0") as process:
        port = _announced_port(process, began)
        while True:
            try:
                if ask(("127.0.0.1", port), _HEALTH).status == 200:
                    return perf_counter() - began, resident(process.pid)
            except OSError:
                pass
            if perf_counter() - began > _READY_WITHIN:
                raise LoadError("the simulator did not get healthy")
            sleep(_POLL)


def _announced_port(process: subprocess.Popen[bytes], began: float) -> int:
    # The banner names the address; port 0 leaves the choice to the system.
    while True:
        line = _first_line(process, _READY_WITHIN - (perf_counter() - began))
        found = re.search(rb"http://127\.0\.0\.1:(\d+)", line)
        if found:
            return int(found[1])


def resident(pid: int) -> float:
    """The resident memory of a process, in MB (millions of bytes)."""
    pages = Path(f"/proc/{pid}/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True)
    return int(told.stdout) * 1024 / 1e6
