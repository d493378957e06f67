"""Durations and days."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.asking import Near
from bot.domain.errors import Misread
from bot.grammar.times import day, duration, moment, near, short


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


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-12-01", date(2026, 12, 1)),
        ("2026-12-01 8:00", datetime(2026, 12, 1, 8)),
        ("2026-12-01 at 5 pm", datetime(2026, 12, 1, 17)),
        ("2026-12-01T08:00", datetime(2026, 12, 1, 8)),
        ("Tomorrow, 8:00", Near(time(8), ahead=1)),
        ("tomorrow", Near(None, ahead=1)),
        ("Tomorrow 8:00", Near(time(8), ahead=1)),
        ("tomorrow at 8 am", Near(time(8), ahead=1)),
        ("today 18.30", Near(time(18, 30), ahead=0)),
        ("monday", Near(None, weekday=0)),
        ("Thurs 8am", Near(time(8), weekday=3)),
        ("18:00", Near(time(18))),
        ("noon", Near(time(12))),
    ],
)
def test_moments_as_people_say_them(text: str, meant: object) -> None:
    assert moment(text) == meant


@pytest.mark.parametrize(
    "text", ["at", "soon", "tomorrow soon", "tomorrow at", "8", "13pm", "8:00Z"]
)
@pytest.mark.parametrize("after", ["", " 24:00", " 9:00 9:00", " tomorrow"])
def test_other_moments_are_refused(text: str, after: str) -> None:
    with pytest.raises(Misread):
        moment(text + after)


MINUTES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@given(
    st.builds(Near, MINUTES, ahead=st.none(), weekday=st.none())
    | st.builds(Near, st.none() | MINUTES, ahead=st.integers(0, 1), weekday=st.none())
    | st.builds(Near, st.none() | MINUTES, ahead=st.none(), weekday=st.integers(0, 6))
)
def test_a_moment_reads_back(said: Near) -> None:
    assert moment(near(said)) == said
