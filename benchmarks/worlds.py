"""What worlds cost: going back, branching, documents, and a thousand in one server.

`python -m benchmarks.worlds` prints it; each part is measured in this process.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

from benchmarks.processes import resident
from benchmarks.serve_rows import load
from simulator.core.export import image, install
from simulator.core.world import World
from simulator.documents import exporter, importer
from simulator.state_file import uncollected
from simulator.worlds import Worlds, wall

_ROWS = 10_000
_BILLS = 100_000
_WORLDS = 1_000
_ROUNDS = 15


def _milliseconds(run: Callable[[], object], rounds: int = _ROUNDS) -> float:
    """The median of some rounds; what is left behind is not collected meanwhile."""
    taken = []
    for _ in range(rounds):
        gc.collect()
        with uncollected():
            began = perf_counter()
            run()
            taken.append((perf_counter() - began) * 1000)
    return median(taken)


def _rows(world: World) -> int:
    return sum(len(table) for table in world.tables.values())


def _going_back() -> None:
    worlds = Worlds()
    world = worlds.make()
    load(world, _ROWS)
    world.beginning = world.snapshot()
    beginning = world.beginning

    def fork() -> None:
        worlds.remove(worlds.fork(world).name)

    print(
        f"{_rows(world):,} rows:"
        f" snapshot {_milliseconds(world.snapshot):.2f} ms,"
        f" reset {_milliseconds(lambda: world.restore(beginning)):.2f} ms,"
        f" fork {_milliseconds(fork):.2f} ms",
        flush=True,
    )


def _many() -> None:
    pid = os.getpid()
    worlds = Worlds()
    before = resident(pid)
    began = perf_counter()
    for _ in range(_WORLDS):
        worlds.make()
    seconds = perf_counter() - began
    held = resident(pid)
    print(
        f"{_WORLDS:,} worlds made in {seconds:.1f} s; they hold {held - before:.0f} MB,"
        f" the process {held:.0f} MB",
        flush=True,
    )
    parent = worlds.default
    began = perf_counter()
    for _ in range(_WORLDS):
        worlds.fork(parent)
    seconds = perf_counter() - began
    print(
        f"{_WORLDS:,} forks of the demo in {seconds:.1f} s;"
        f" they hold {resident(pid) - held:.0f} MB",
        flush=True,
    )


def _documents() -> None:
    world = Worlds().default
    load(world, _BILLS)
    # What is made once, on first use.
    empty = b"".join(exporter().write(image(Worlds().default)))
    importer(wall).read(empty)
    began = perf_counter()
    document = b"".join(exporter().write(image(world)))
    written = perf_counter() - began
    hashed = _milliseconds(lambda: exporter().digest(image(world)), rounds=3)
    began = perf_counter()
    with uncollected():
        install(Worlds().default, importer(wall).read(document))
    read = perf_counter() - began
    print(
        f"{_BILLS:,} bills, {len(document) / 1e6:.0f} MB: exported in {written:.1f} s,"
        f" imported in {read:.1f} s; hashed again in {hashed:.0f} ms",
        flush=True,
    )


def main() -> None:
    """Measure and print; with an argument, only the part of that name."""
    parts = {"going-back": _going_back, "many": _many, "documents": _documents}
    for name, measure in parts.items():
        if sys.argv[1:] in ([], [name]):
            measure()


if __name__ == "__main__":
    main()
