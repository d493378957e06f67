"""When schedules are due, against walking every minute of the clock."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.asking import Near
from bot.domain.digests import Quiet, Schedule
from bot.engine.schedules import is_quiet, last_due, next_moment, next_run, quiet_ends
from bot.grammar.schedules import schedule

ZONES = (
    "Europe/Amsterdam",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour
    "Asia/Kolkata",
    "America/Sao_Paulo",
    "Africa/Cairo",  # the change is at midnight
    "UTC",
)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def local(*moment: int, fold: int = 0) -> datetime:
    year, month, day, hour, minute = (*moment, 0)[:5]
    return datetime(year, month, day, hour, minute, tzinfo=AMSTERDAM, fold=fold).astimezone(UTC)


def runs(text: str, zone: str, after: datetime, count: int) -> list[datetime]:
    found = []
    for _ in range(count):
        after = next_run(schedule(text), zone, after)
        found.append(after)
    return found


def brute_force(when: Schedule, zone: str, start: datetime, minutes: int) -> list[datetime]:
    """Walk minute by minute; whatever the local clock passes for the first time is due."""
    there = ZoneInfo(zone)
    due = []
    reached = start.astimezone(there).replace(tzinfo=None)
    for step in range(1, minutes + 1):
        now = start + timedelta(minutes=step)
        shown = now.astimezone(there).replace(tzinfo=None)
        passed = False
        while reached < shown:
            reached += timedelta(minutes=1)
            passed |= (
                reached.weekday() in when.days
                and reached.hour * 60 + reached.minute in when.minutes
            )
        if passed:
            due.append(now)
    return due


@settings(max_examples=60)
@given(
    zone=st.sampled_from(ZONES),
    day=st.integers(0, 364),
    days=st.sets(st.integers(0, 6), min_size=1).map(sorted).map(tuple),
    minutes=st.sets(st.integers(0, 1439), min_size=1, max_size=6).map(sorted).map(tuple),
)
def test_it_is_due_whenever_the_clock_there_passes_it(
    zone: str, day: int, days: tuple[int, ...], minutes: tuple[int, ...]
) -> None:
    when = Schedule(text="", days=days, minutes=minutes)
    start = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)

    expected = brute_force(when, zone, start, 2 * 24 * 60)

    found = []
    at = next_run(when, zone, start)
    while at <= start + timedelta(days=2):
        found.append(at)
        at = next_run(when, zone, at)
    assert found == expected


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("text", ["daily 02:30", "daily 02:00,03:00", "every 15m", "hourly 1-4"])
def test_every_clock_change_of_a_year_agrees_with_walking(zone: str, text: str) -> None:
    there = ZoneInfo(zone)
    when = schedule(text)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    hours = [start + timedelta(hours=n) for n in range(365 * 24)]
    changes = [
        a
        for a, b in pairwise(hours)
        if a.astimezone(there).utcoffset() != b.astimezone(there).utcoffset()
    ]
    assert len(changes) == 2
    for change in changes:
        begin = change - timedelta(hours=6)

        expected = brute_force(when, zone, begin, 24 * 60)

        found = []
        at = next_run(when, zone, begin)
        while at <= begin + timedelta(days=1):
            found.append(at)
            at = next_run(when, zone, at)
        assert found == expected


def test_a_time_the_clock_leaves_out_is_due_at_the_next_minute_there_is() -> None:
    found = runs("daily 02:30", "Europe/Amsterdam", local(2026, 3, 28, 12), 2)

    assert found == [local(2026, 3, 29, 3, 0), local(2026, 3, 30, 2, 30)]


def test_a_time_that_comes_twice_is_due_once() -> None:
    found = runs("daily 02:30", "Europe/Amsterdam", local(2026, 10, 24, 12), 2)

    assert found == [local(2026, 10, 25, 2, 30, fold=0), local(2026, 10, 26, 2, 30)]


def test_half_hours_in_the_hour_left_out_are_one_run() -> None:
    found = runs("every 30m", "Europe/Amsterdam", local(2026, 3, 29, 1, 30), 2)

    assert found == [local(2026, 3, 29, 3, 0), local(2026, 3, 29, 3, 30)]


def test_what_was_missed_is_one_run_the_last() -> None:
    first = datetime(2026, 11, 23, 4, tzinfo=UTC)

    due = last_due(schedule("every 4h"), "UTC", first, datetime(2026, 11, 23, 21, tzinfo=UTC))

    assert due == datetime(2026, 11, 23, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "hour", "held"),
    [
        (22, 7, 23, True),
        (22, 7, 6, True),
        (22, 7, 7, False),
        (22, 7, 21, False),
        (12, 13, 12, True),
    ],
)
def test_quiet_hours_may_reach_over_midnight(start: int, end: int, hour: int, held: bool) -> None:
    hours = Quiet(start=start * 60, end=end * 60)

    assert is_quiet(hours, "UTC", datetime(2026, 11, 23, hour, tzinfo=UTC)) is held


def test_quiet_hours_end_by_the_clock_there() -> None:
    hours = Quiet(start=22 * 60, end=7 * 60)

    ends = quiet_ends(hours, "Europe/Amsterdam", local(2026, 11, 23, 23))

    assert ends == local(2026, 11, 24, 7)


@pytest.mark.parametrize(
    ("said", "after", "meant"),
    [
        (Near(time(8), ahead=1), local(2026, 3, 28, 23), local(2026, 3, 29, 8)),
        (Near(time(8), ahead=1), local(2026, 10, 24, 23), local(2026, 10, 25, 8)),
        (Near(time(2, 30)), local(2026, 3, 29, 1), local(2026, 3, 29, 3)),  # left out there
        (Near(time(2, 30)), local(2026, 10, 25, 1), local(2026, 10, 25, 2, 30)),  # the first of two
        (Near(time(2, 30)), local(2026, 10, 25, 2, 40), local(2026, 10, 26, 2, 30)),
        (Near(None, weekday=6), local(2026, 3, 28, 12), local(2026, 3, 29, 0)),
        (Near(None, weekday=6), local(2026, 3, 29, 0), local(2026, 4, 5, 0)),
        (Near(time(8), weekday=0), local(2026, 11, 23, 7), local(2026, 11, 23, 8)),
        (Near(time(8), ahead=0), local(2026, 11, 23, 9), local(2026, 11, 23, 8)),
    ],
)
def test_the_next_time_a_clock_shows_it(said: Near, after: datetime, meant: datetime) -> None:
    assert next_moment(said, "Europe/Amsterdam", after) == meant
