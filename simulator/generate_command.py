"""The command `bill-simulator generate`: a file with a world of realistic volume."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from simulator.core.world import World

_WIDTH = 30


class Generate(BaseModel):
    """Write a world with a year of business in it, for `serve --state`."""

    vendors: int = Field(50, ge=0, description="How many vendors.")
    bills: int = Field(500, ge=0, description="How many bills, each of one of the vendors.")
    customers: int = Field(20, ge=0, description="How many customers.")
    invoices: int = Field(200, ge=0, description="How many invoices, most of them paid when due.")
    payments: int = Field(
        350, ge=0, description="How many payments of bills; three of each at most."
    )
    seed: int = Field(1, ge=0, description="Another seed gives another world.")
    last_day: date | None = Field(
        None, description="The day on which the world's clock stands; left out, 2026-06-30."
    )
    out: Path = Field(description="The file to write; one that is there is replaced.")

    def cli_cmd(self) -> None:
        """Write the file; exit with 2 for sizes that cannot be, with 1 if it is not written."""
        try:
            from simulator.volume import LAST_DAY, Sizes, generate

            sizes = Sizes(
                vendors=self.vendors,
                bills=self.bills,
                customers=self.customers,
                invoices=self.invoices,
                payments=self.payments,
            )
            told = _bar if sys.stderr.isatty() else None
            world = generate(sizes, self.seed, self.last_day or LAST_DAY, told)
        except ModuleNotFoundError as failure:
            if failure.name != "faker":
                raise
            _leave("generate needs Faker: pip install 'bill-simulator[generate]'", 1)
        except ValueError as failure:
            _leave(str(failure), 2)
        try:
            size = _write(world, self.out)
        except OSError as failure:
            _leave(f"{self.out} is not written: {failure.strerror}", 1)
        print(f"{self.out}: {sizes.total:,} records, {size / 1e6:.1f} MB")


def _leave(told: str, status: int) -> NoReturn:
    print(f"bill-simulator: {told}", file=sys.stderr)
    sys.exit(status)


def _write(world: World, path: Path) -> int:
    from simulator.core.export import image
    from simulator.documents import exporter

    beside = path.with_name(f"{path.name}.tmp")
    try:
        with beside.open("wb") as file:
            for piece in exporter().write(image(world)):
                file.write(piece)
            size = file.tell()
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return size


def _bar(made: int, of: int) -> None:
    done = made / of if of else 1.0
    filled = "#" * round(done * _WIDTH)
    end = "\n" if made == of else ""
    print(
        f"\r[{filled:<{_WIDTH}}] {made:,} of {of:,} records", end=end, file=sys.stderr, flush=True
    )
