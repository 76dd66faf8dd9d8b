"""BILL's own figures at their edges, and what is counted together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from simulator.core.errors import Refusal
from simulator.core.limits import Limiter, Limits

# The last instant of an hour, and so of a minute.
LAST = datetime(2026, 6, 3, 16, 59, 59, 999999, UTC)
NEXT = LAST + timedelta(microseconds=1)

Count = Callable[[Limiter, str, datetime], None]

HOURLY = "Max number of allowed requests per hour reached: {}."
FIGURES = [
    (Limiter.call, "requestsPerHour", 20_000, HOURLY, timedelta(hours=1)),
    (Limiter.login, "loginsPerHour", 200, HOURLY, timedelta(hours=1)),
    (
        Limiter.text,
        "textsPerMinute",
        5,
        "Max number of text messages per minute reached: {}.",
        timedelta(minutes=1),
    ),
    (
        Limiter.spend,
        "spendPerMinute",
        60,
        "Max number of allowed requests per minute reached: {}.",
        timedelta(minutes=1),
    ),
]
EVERY_FIGURE = pytest.mark.parametrize(
    ("count", "name", "most", "message", "window"), [pytest.param(*f, id=f[1]) for f in FIGURES]
)


def refusal(count: Count, limiter: Limiter, key: str, now: datetime) -> Refusal:
    with pytest.raises(Refusal) as caught:
        count(limiter, key, now)
    return caught.value


@EVERY_FIGURE
def test_bills_figure_is_the_last_that_is_taken(
    count: Count, name: str, most: int, message: str, window: timedelta
) -> None:
    limiter = Limiter(Limits())
    first = NEXT - window
    for _ in range(most - 1):
        count(limiter, "key", first)
    count(limiter, "key", LAST)
    refused = refusal(count, limiter, "key", LAST)
    assert (refused.status, str(refused)) == (429, message.format(most))
    # What was refused is not counted, and another key is not touched.
    assert limiter.used(LAST)[name] == most
    count(limiter, "other", LAST)
    assert limiter.used(NEXT)[name] == 0
    count(limiter, "key", NEXT)
    assert limiter.used(NEXT)[name] == 1


@EVERY_FIGURE
def test_a_limit_of_none_counts_nothing(
    count: Count, name: str, most: int, message: str, window: timedelta
) -> None:
    limiter = Limiter(Limits.model_validate({name: None}))
    for _ in range(most + 1):
        count(limiter, "key", LAST)
    assert limiter.used(LAST)[name] == 0


def test_three_are_under_way_at_once_for_a_key_and_an_organization() -> None:
    limiter = Limiter(Limits())
    for _ in range(3):
        limiter.enter("key", "organization")
    with pytest.raises(Refusal) as caught:
        limiter.enter("key", "organization")
    [item] = caught.value.items
    assert (caught.value.status, item.code) == (429, "BDC_1322")
    limiter.enter("key", "other")
    limiter.enter("other", "organization")
    assert limiter.used(LAST)["concurrent"] == 5
    limiter.leave("key", "organization")
    limiter.enter("key", "organization")


def test_the_status_of_what_is_beyond_a_limit_is_a_setting() -> None:
    limiter = Limiter(Limits(requests_per_hour=0, concurrent=0, status=422))
    assert refusal(Limiter.call, limiter, "key", LAST).status == 422
    with pytest.raises(Refusal) as caught:
        limiter.enter("key", "organization")
    assert caught.value.status == 422


def test_counts_that_were_kept_can_be_gone_back_to_more_than_once() -> None:
    limiter = Limiter(Limits())
    limiter.call("key", LAST)
    kept = limiter.windows
    for _ in range(2):
        limiter.take(Limits(requests_per_hour=2), kept)
        limiter.call("key", LAST)
        with pytest.raises(Refusal):
            limiter.call("key", LAST)
