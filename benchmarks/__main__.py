"""`python -m benchmarks`: measure the simulator next to a bare aiohttp handler."""

from __future__ import annotations

import argparse
import subprocess
import sys
from statistics import median
from time import perf_counter

from benchmarks.cases import Case, make_cases, sign_in
from benchmarks.client import Address, LoadError, Round, ask, run_round, warm_up
from benchmarks.processes import listening, resident, start_up
from benchmarks.report import Line, busiest, table
from benchmarks.serve_bare import prepare

_STARTS = 5


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each case")
    parser.add_argument("--seconds", type=float, default=0.25, help="length of a round")
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    parser.add_argument("--no-start", action="store_true", help="leave the start-up time out")
    return parser.parse_args()


def _measure(
    case: Case,
    rows: int,
    concurrency: int,
    servers: tuple[Address, Address],
    options: argparse.Namespace,
) -> Line:
    rounds: tuple[list[Round], list[Round]] = ([], [])
    for number in range(options.rounds):
        # In turns, so that a noisy moment of the machine meets both.
        for side in (0, 1) if number % 2 else (1, 0):
            rounds[side].append(
                run_round(
                    servers[side],
                    case.requests,
                    case.status,
                    concurrency,
                    options.seconds,
                    case.most,
                )
            )
    return Line(case.name, rows, concurrency, *rounds)


def _run(rows: int, options: argparse.Namespace) -> list[Line]:
    lines = []
    with (
        listening("benchmarks.serve_rows", str(rows), rows=rows) as (address, world, pid),
        listening("benchmarks.serve_bare") as (bare, _, _),
    ):
        print(
            f"{rows:,} bills loaded in {world['seconds']:.1f} s;"
            f" the server holds {resident(pid):.0f} MB",
            flush=True,
        )
        headers = sign_in(address, world)
        for case in make_cases(world, headers):
            if options.only not in case.name:
                continue
            began = perf_counter()
            answer = ask(address, next(case.requests))
            first = (perf_counter() - began) * 1000
            if answer.status != case.status:
                raise LoadError(f"{case.name}: {answer.body.decode()}")
            print(f"  {case.name.strip()}: first answer after {first:.1f} ms", flush=True)
            prepare(bare, answer)
            for server in (address, bare):
                warm_up(server, case.requests, case.warm_up)
            lines += [
                _measure(case, rows, concurrency, (address, bare), options)
                for concurrency in options.concurrency
            ]
        print(f"  the server holds {resident(pid):.0f} MB in the end", flush=True)
    return lines


def main() -> None:
    """Measure and print."""
    options = _arguments()
    began = perf_counter()
    if not options.no_start:
        starts = [start_up() for _ in range(_STARTS)]
        seconds, megabytes = (median(values) for values in zip(*starts, strict=True))
        print(
            f"start-up: healthy after {seconds * 1000:.0f} ms (median of {_STARTS});"
            f" the server holds {megabytes:.0f} MB",
            flush=True,
        )
    if options.only in "worlds":
        for part in ("going-back", "many", "documents"):
            # A process for each, so that none holds what another needed.
            subprocess.run([sys.executable, "-m", "benchmarks.worlds", part], check=True)
    sizes = [] if options.only == "worlds" else options.rows
    lines = [line for rows in sizes for line in _run(rows, options)]
    if lines:
        print(f"\n{table(lines)}\n")
        print(f"The load client was busy for at most {busiest(lines):.0%} of a round.")
    print(f"The whole run took {perf_counter() - began:.0f} s.")


if __name__ == "__main__":
    main()
