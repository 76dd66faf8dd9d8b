from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays as oracle
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.core.bankdays import (
    PACIFIC,
    add_bank_days,
    earliest_process_date,
    holidays,
    is_bank_day,
    pacific_date,
    pacific_instant,
)

FIRST, LAST = 2020, 2035
CUTOFF = 18

FED = oracle.financial_holidays("FED", years=range(FIRST, LAST + 2))
ALL_DAYS = [
    date(FIRST, 1, 1) + timedelta(days=n)
    for n in range((date(LAST + 2, 1, 1) - date(FIRST, 1, 1)).days)
]
BANK_DAYS = [day for day in ALL_DAYS if day.weekday() < 5 and day not in FED]

days = st.dates(date(FIRST, 1, 1), date(LAST, 12, 31))
instants = st.datetimes(
    datetime(FIRST, 1, 2),
    datetime(LAST, 12, 31),
    timezones=st.sampled_from([UTC, PACIFIC, ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")]),
)


def pacific(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PACIFIC)


@pytest.mark.parametrize("year", range(FIRST, LAST + 1))
def test_bank_days_are_those_of_the_federal_reserve(year: int) -> None:
    ours = [day for day in ALL_DAYS if day.year == year and is_bank_day(day)]
    assert ours == [day for day in BANK_DAYS if day.year == year]


@pytest.mark.parametrize("year", range(2022, LAST + 1))
def test_holidays_are_those_of_the_federal_reserve(year: int) -> None:
    assert holidays(year) == {day for day in FED if day.year == year}


def test_juneteenth_closes_banks_from_2022_on() -> None:
    assert is_bank_day(date(2020, 6, 19))
    assert not is_bank_day(date(2023, 6, 19))
    assert not is_bank_day(date(2022, 6, 20))


def test_a_holiday_on_saturday_leaves_the_friday_open() -> None:
    assert date(2026, 7, 4).weekday() == 5
    assert is_bank_day(date(2026, 7, 3))
    assert is_bank_day(date(2026, 7, 6))


def test_a_holiday_on_sunday_closes_the_monday() -> None:
    assert date(2027, 7, 4).weekday() == 6
    assert not is_bank_day(date(2027, 7, 5))


@given(days, st.integers(0, 30))
def test_adding_bank_days_counts_those_after_the_day(day: date, count: int) -> None:
    if count == 0:
        expected = BANK_DAYS[bisect_left(BANK_DAYS, day)]
    else:
        expected = BANK_DAYS[bisect_right(BANK_DAYS, day) + count - 1]
    assert add_bank_days(day, count) == expected


@given(days, st.integers(1, 15), st.integers(0, 15))
def test_adding_bank_days_twice_is_adding_them_at_once(day: date, one: int, other: int) -> None:
    assert add_bank_days(add_bank_days(day, one), other) == add_bank_days(day, one + other)


@given(instants, st.integers(0, 24))
@example(pacific("2026-10-09T17:59:59.999999"), 18)
@example(pacific("2026-10-09T18:00:00"), 18)
def test_the_first_process_date_is_a_full_bank_day_away(now: datetime, cutoff: int) -> None:
    local = now.astimezone(PACIFIC)
    in_time = local.date() in BANK_DAYS and local.hour < cutoff
    after_today = bisect_right(BANK_DAYS, local.date())
    expected = BANK_DAYS[after_today] if in_time else BANK_DAYS[after_today + 1]
    assert earliest_process_date(now, cutoff) == expected


@pytest.mark.parametrize(
    ("now", "first"),
    [
        # Observed on production.
        ("2026-10-04T09:00:00", date(2026, 10, 6)),
        ("2026-10-04T23:59:59", date(2026, 10, 6)),
        ("2026-10-05T00:00:00", date(2026, 10, 6)),
        ("2026-10-05T17:59:59", date(2026, 10, 6)),
        ("2026-10-05T18:00:00", date(2026, 10, 7)),
        # Friday before the Monday of Columbus Day.
        ("2026-10-09T17:59:59", date(2026, 10, 13)),
        ("2026-10-09T18:00:00", date(2026, 10, 14)),
        ("2026-10-10T12:00:00", date(2026, 10, 14)),
        ("2026-10-12T12:00:00", date(2026, 10, 14)),
        ("2026-12-31T19:00:00", date(2027, 1, 5)),
    ],
)
def test_weekends_holidays_and_the_cut_off_put_the_first_process_date_off(
    now: str, first: date
) -> None:
    assert earliest_process_date(pacific(now), CUTOFF) == first


@pytest.mark.parametrize(
    ("now", "first"),
    [
        # Winter time: six in the evening is two in the morning in Greenwich.
        ("2026-03-07T01:59:59+00:00", date(2026, 3, 9)),
        ("2026-03-07T02:00:00+00:00", date(2026, 3, 10)),
        # The clocks go forward on Sunday, 8 March, and back on Sunday, 1 November.
        ("2026-03-08T12:00:00+00:00", date(2026, 3, 10)),
        ("2026-03-10T00:59:59+00:00", date(2026, 3, 10)),
        ("2026-03-10T01:00:00+00:00", date(2026, 3, 11)),
        ("2026-10-31T00:59:59+00:00", date(2026, 11, 2)),
        ("2026-10-31T01:00:00+00:00", date(2026, 11, 3)),
        ("2026-11-03T01:59:59+00:00", date(2026, 11, 3)),
        ("2026-11-03T02:00:00+00:00", date(2026, 11, 4)),
    ],
)
def test_the_cut_off_is_on_californias_clocks_in_summer_and_winter(now: str, first: date) -> None:
    assert earliest_process_date(datetime.fromisoformat(now), CUTOFF) == first


def test_the_cut_off_hour_is_the_callers() -> None:
    monday_noon = pacific("2026-10-05T12:00:00")
    assert earliest_process_date(monday_noon, 24) == date(2026, 10, 6)
    assert earliest_process_date(monday_noon, 12) == date(2026, 10, 7)
    assert earliest_process_date(monday_noon, 0) == date(2026, 10, 7)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-06-04T06:59:59+00:00", date(2026, 6, 3)),
        ("2026-06-04T07:00:00+00:00", date(2026, 6, 4)),
        ("2026-01-04T07:59:59+00:00", date(2026, 1, 3)),
        ("2026-01-04T08:00:00+00:00", date(2026, 1, 4)),
    ],
)
def test_the_day_changes_at_californias_midnight(instant: str, day: date) -> None:
    assert pacific_date(datetime.fromisoformat(instant)) == day


@pytest.mark.parametrize(
    ("day", "hour", "utc"),
    [
        (date(2026, 1, 15), 18, "2026-01-16T02:00:00+00:00"),
        (date(2026, 7, 15), 18, "2026-07-16T01:00:00+00:00"),
        (date(2026, 3, 8), 1, "2026-03-08T09:00:00+00:00"),
        (date(2026, 3, 8), 3, "2026-03-08T10:00:00+00:00"),
        (date(2026, 11, 1), 0, "2026-11-01T07:00:00+00:00"),
        (date(2026, 11, 1), 2, "2026-11-01T10:00:00+00:00"),
    ],
)
def test_an_hour_in_california_is_an_instant_also_when_the_clocks_change(
    day: date, hour: int, utc: str
) -> None:
    assert pacific_instant(day, hour).astimezone(UTC) == datetime.fromisoformat(utc)
    assert pacific_date(pacific_instant(day, hour)) == day


def test_a_minute_may_be_given() -> None:
    assert pacific_instant(date(2026, 7, 15), 9, 30).astimezone(UTC).isoformat() == (
        "2026-07-15T16:30:00+00:00"
    )
