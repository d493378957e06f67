"""Durations and days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Misread
from bot.grammar.times import day, duration, short


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("30m", 30),
        ("12h", 720),
        ("7d", 10_080),
        ("2w", 20_160),
        ("2 days", 2880),
        ("1 week", 10_080),
        ("90 MIN", 90),
        ("1 hour", 60),
    ],
)
def test_durations_as_people_write_them(text: str, minutes: int) -> None:
    assert duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "text", ["", "7", "d", "0d", "-1d", "7x", "7  d", "1h30m", "9999999w", "٧d", "7d\n", "7 mo"]
)
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(Misread):
        duration(text)


@given(st.integers(1, 3660 * 24 * 60))
def test_a_duration_reads_back(minutes: int) -> None:
    assert duration(short(timedelta(minutes=minutes))) == timedelta(minutes=minutes)


def test_a_day_is_year_month_day() -> None:
    assert day("2026-12-01") == date(2026, 12, 1)


@pytest.mark.parametrize("text", ["", "2026-13-01", "1.12.2026", "20261201", "2026-W01-1", "soon"])
def test_other_days_are_refused(text: str) -> None:
    with pytest.raises(Misread):
        day(text)
