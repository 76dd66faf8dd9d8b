"""A year of business, day by day.

Records are made by the operations that a client would call, on their days, while
the world's clock moves: amounts, payment states and balances agree because BILL's
own rules made them. The same sizes, seed and last day give the same world, with one
version of Faker and of the simulator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from itertools import groupby
from math import exp
from operator import attrgetter
from random import Random

from simulator import founding
from simulator.core.bankdays import PACIFIC
from simulator.core.clock import Clock
from simulator.core.context import Ctx
from simulator.core.world import World
from simulator.resources.catalogue import notices, timer_handlers
from simulator.volume.records import Records

LAST_DAY = date(2026, 6, 30)

_SPAN = 365
_OPENING = time(9)
_TERMS = (10, 15, 30, 30, 30, 45, 60)
_MOST_PAYMENTS = 3
_MOST_LINES = 4
# Half of all lines are below e to the first, in dollars; few are far above.
_MEDIAN, _SPREAD = 5.5, 1.1
_SMALLEST, _LARGEST = 500, 5_000_000
_PAID_INVOICES = 0.8

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How many records of each kind. Raises ValueError for numbers that cannot go together."""

    vendors: int
    bills: int
    customers: int
    invoices: int
    payments: int

    def __post_init__(self) -> None:
        if self.bills and not self.vendors:
            raise ValueError(f"{self.bills} bills need at least one vendor")
        if self.invoices and not self.customers:
            raise ValueError(f"{self.invoices} invoices need at least one customer")
        most = self.bills * _MOST_PAYMENTS
        if self.payments > most:
            raise ValueError(
                f"{self.payments} payments are too many: {self.bills} bills get {most} at most,"
                f" {_MOST_PAYMENTS} each"
            )

    @property
    def total(self) -> int:
        """All of them."""
        return self.vendors + self.bills + self.customers + self.invoices + self.payments


@dataclass(frozen=True, slots=True)
class _Deed:
    """What happens on a day; `counted` is whether it makes one of the records asked for."""

    day: date
    run: Callable[[Ctx], object]
    counted: bool = True


def generate(
    sizes: Sizes, seed: int, last_day: date = LAST_DAY, progress: Progress | None = None
) -> World:
    """A world of these sizes, whose clock stands at 9 am in California on `last_day`.

    Its bills and invoices are of the 365 days before. `progress` is told how many
    records are made, of how many. Raises ModuleNotFoundError without Faker.
    """
    from faker import Faker

    draw = Random(seed)  # noqa: S311 # the same seed is to give the same world
    faker = Faker("en_US")
    faker.seed_instance(seed)
    start = _opening(last_day - timedelta(days=_SPAN))
    world = World(
        name="default",
        seed=seed,
        clock=Clock(lambda: start, start),
        timer_handlers=timer_handlers(),
        notices=notices(),
    )
    founding.found(world, *founding.keys(seed, 0))
    records = Records(world, faker, draw)
    made = 0
    for day, deeds in groupby(_plan(sizes, records, draw, last_day), key=attrgetter("day")):
        world.advance_to(_opening(day))
        for deed in deeds:
            session = records.session
            ctx = Ctx(world, world.clock.now(), session.organization_id, session)
            world.perform(ctx, deed.run)
            made += deed.counted
        if progress:
            progress(made, sizes.total)
    world.advance_to(_opening(last_day))
    return world


def _opening(day: date) -> datetime:
    return datetime.combine(day, _OPENING, PACIFIC).astimezone(UTC)


def _plan(sizes: Sizes, records: Records, draw: Random, last_day: date) -> list[_Deed]:
    first_day = last_day - timedelta(days=_SPAN)
    deeds = [
        *(_Deed(first_day, records.vendor) for _ in range(sizes.vendors)),
        *(_Deed(first_day, records.customer) for _ in range(sizes.customers)),
        *_payables(sizes, records, draw, last_day),
        *_receivables(sizes, records, draw, last_day),
    ]
    # Sorting is stable: on one day, a bill is made before it is paid.
    return sorted(deeds, key=attrgetter("day"))


def _payables(sizes: Sizes, records: Records, draw: Random, last_day: date) -> list[_Deed]:
    deeds = []
    shares = _shares(sizes, draw)
    for number in range(sizes.bills):
        billed, due = _dates(draw, last_day)
        lines = _amounts(draw)
        make = partial(records.bill, number=number, billed=billed, due=due, lines=lines)
        deeds.append(_Deed(billed, make))
        for part, amount in enumerate(_split(sum(lines, Decimal(0)), shares[number], draw)):
            wanted = due + timedelta(days=draw.randint(-8, 12) + 14 * part)
            # Neither before there is a bill nor after the last day.
            day = max(billed, min(wanted, last_day))
            deeds.append(_Deed(day, partial(records.payment, number=number, amount=amount)))
    return deeds


def _receivables(sizes: Sizes, records: Records, draw: Random, last_day: date) -> list[_Deed]:
    deeds = []
    for number in range(sizes.invoices):
        invoiced, due = _dates(draw, last_day)
        lines = _amounts(draw)
        make = partial(records.invoice, number=number, invoiced=invoiced, due=due, lines=lines)
        deeds.append(_Deed(invoiced, make))
        paid = due + timedelta(days=draw.randint(-5, 20))
        if draw.random() < _PAID_INVOICES and paid <= last_day:
            total = sum(lines, Decimal(0))
            receive = partial(records.receipt, number=number, amount=total, paid=paid)
            deeds.append(_Deed(paid, receive, counted=False))
    return deeds


def _dates(draw: Random, last_day: date) -> tuple[date, date]:
    """The days on which something is billed and due."""
    billed = last_day - timedelta(days=draw.randint(1, _SPAN))
    return billed, billed + timedelta(days=draw.choice(_TERMS))


def _amounts(draw: Random) -> list[Decimal]:
    """What the lines of a bill or an invoice come to."""
    cents = (round(100 * exp(draw.gauss(_MEDIAN, _SPREAD))) for _ in range(_lines(draw)))
    return [Decimal(min(max(one, _SMALLEST), _LARGEST)) / 100 for one in cents]


def _lines(draw: Random) -> int:
    return min(draw.randint(1, _MOST_LINES), draw.randint(1, _MOST_LINES))


def _shares(sizes: Sizes, draw: Random) -> list[int]:
    """How many payments each bill gets: one, and more only if there are more than bills."""
    shares = [0] * sizes.bills
    left = sizes.payments
    while left:
        paid = draw.sample(range(sizes.bills), min(left, sizes.bills))
        for number in paid:
            shares[number] += 1
        left -= len(paid)
    return shares


def _split(total: Decimal, parts: int, draw: Random) -> list[Decimal]:
    """What each of a bill's payments pays: the last pays the rest, but now and then too little."""
    amounts = []
    left = total
    for part in range(parts, 0, -1):
        whole = part == 1 and draw.random() < 0.9
        amount = left if whole else (left / 2).quantize(Decimal("0.01"))
        amounts.append(amount)
        left -= amount
    return amounts
