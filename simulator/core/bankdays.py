"""Bank days of the United States: weekdays less the Federal Reserve's holidays.

A holiday on a Sunday is kept on Monday; one on a Saturday is not moved
(Federal Reserve Bank Services, holiday schedule).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

# BILL's help pages give its cut-off times in Pacific time.
PACIFIC = ZoneInfo("America/Los_Angeles")

_MONDAY, _THURSDAY = 0, 3
_DAY = timedelta(days=1)


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _last_monday_of_may(year: int) -> date:
    end = date(year, 5, 31)
    return end - timedelta(days=end.weekday())


def _fixed(year: int, month: int, day: int) -> date:
    holiday = date(year, month, day)
    return holiday + _DAY if holiday.weekday() == 6 else holiday


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """The days of `year` on which the Federal Reserve is closed for a holiday."""
    days = {
        _fixed(year, 1, 1),
        _nth(year, 1, _MONDAY, 3),
        _nth(year, 2, _MONDAY, 3),
        _last_monday_of_may(year),
        _fixed(year, 7, 4),
        _nth(year, 9, _MONDAY, 1),
        _nth(year, 10, _MONDAY, 2),
        _fixed(year, 11, 11),
        _nth(year, 11, _THURSDAY, 4),
        _fixed(year, 12, 25),
    }
    if year >= 2022:
        days.add(_fixed(year, 6, 19))
    return frozenset(days)


def is_bank_day(day: date) -> bool:
    """True on a weekday that is no Federal Reserve holiday."""
    return day.weekday() < 5 and day not in holidays(day.year)


def add_bank_days(day: date, count: int) -> date:
    """The `count`-th bank day after `day`; with 0, `day` or the next bank day."""
    while not is_bank_day(day):
        day += _DAY
        if count:
            count -= is_bank_day(day)
    while count > 0:
        day += _DAY
        count -= is_bank_day(day)
    return day


def pacific_date(instant: datetime) -> date:
    """The calendar day in California at `instant`."""
    return instant.astimezone(PACIFIC).date()


def pacific_instant(day: date, hour: int, minute: int = 0) -> datetime:
    """The instant at which California's clocks show `hour`:`minute` on `day`."""
    return datetime.combine(day, time(hour, minute), PACIFIC)


def earliest_process_date(now: datetime, cutoff_hour: int) -> date:
    """The first day on which a payment made `now` may be processed.

    One full bank day of notice: the bank day after today, if today is a bank
    day and California's clocks are before `cutoff_hour`; else the bank day
    after the next bank day (observed on production on Sunday 2026-10-04).
    """
    local = now.astimezone(PACIFIC)
    today = local.date()
    counts_today = is_bank_day(today) and local.hour < cutoff_hour
    effective = today if counts_today else add_bank_days(today + _DAY, 0)
    return add_bank_days(effective, 1)
