"""The table that a run prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.client import Round


@dataclass(frozen=True, slots=True)
class Line:
    """One case at one concurrency: the rounds of both servers."""

    name: str
    rows: int
    concurrency: int
    simulator: Sequence[Round]
    bare: Sequence[Round]

    @property
    def ratio(self) -> float:
        """The simulator's rate in bare handlers: the median over neighbouring rounds."""
        pairs = zip(self.simulator, self.bare, strict=True)
        return median(one.rate / other.rate for one, other in pairs)


_HEADS = (
    "case",
    "rows",
    "conc.",
    "simulator/s",
    "bare/s",
    "ratio",
    "sim p50 ms",
    "sim p99 ms",
    "bare p50 ms",
    "bare p99 ms",
)


def _median(rounds: Iterable[Round], what: str) -> float:
    return median(getattr(one, what) for one in rounds)


def _cells(line: Line) -> tuple[str, ...]:
    return (
        line.name,
        f"{line.rows:,}",
        str(line.concurrency),
        f"{_median(line.simulator, 'rate'):,.0f}",
        f"{_median(line.bare, 'rate'):,.0f}",
        f"{line.ratio:.2f}",
        f"{_median(line.simulator, 'p50'):.2f}",
        f"{_median(line.simulator, 'p99'):.2f}",
        f"{_median(line.bare, 'p50'):.2f}",
        f"{_median(line.bare, 'p99'):.2f}",
    )


def table(lines: Iterable[Line]) -> str:
    """The lines under their heads, in columns."""
    grid = [_HEADS, *(_cells(line) for line in lines)]
    widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in grid
    )


def busiest(lines: Iterable[Line]) -> float:
    """The largest share of a core that the load client needed in a round."""
    return max(one.busy for line in lines for one in (*line.simulator, *line.bare))
