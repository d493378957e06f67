"""Schedules as people write them."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.codes import Severity
from bot.domain.errors import Misread
from bot.grammar.schedules import least, quiet, schedule, weekday, zone
from bot.grammar.times import DAYS


@pytest.mark.parametrize(
    ("said", "text", "days", "minutes"),
    [
        ("daily 08:30", "daily 08:30", "0123456", (510,)),
        ("Weekdays 8:30", "weekdays 08:30", "01234", (510,)),
        ("mon,thu 9:00", "mon,thu 09:00", "03", (540,)),
        ("Mon, Thu 9:00", "mon,thu 09:00", "03", (540,)),
        ("mon-fri 7.15", "weekdays 07:15", "01234", (435,)),
        ("fri-mon 7:00", "mon,fri,sat,sun 07:00", "0456", (420,)),
        ("weekends 10:00", "weekends 10:00", "56", (600,)),
        ("daily 16:00,8:30", "daily 08:30,16:00", "0123456", (510, 960)),
        ("every 6h", "every 6h", "0123456", (0, 360, 720, 1080)),
        ("every 480 minutes", "every 8h", "0123456", (0, 480, 960)),
        ("hourly 8-10", "hourly 8-10", "0123456", (480, 540, 600)),
        ("weekdays hourly 8-9", "weekdays hourly 8-9", "01234", (480, 540)),
        ("sat every 12h", "sat every 12h", "5", (0, 720)),
        ("every day at 8:30", "daily 08:30", "0123456", (510,)),
        ("every weekday 8:30", "weekdays 08:30", "01234", (510,)),
        ("workdays 8:30", "weekdays 08:30", "01234", (510,)),
        ("every Monday 9:00", "mon 09:00", "0", (540,)),
        ("mondays and thursdays at 9:00", "mon,thu 09:00", "03", (540,)),
        ("mon, wed and fri 9:00", "mon,wed,fri 09:00", "024", (540,)),
        ("mon thu 9:00", "mon,thu 09:00", "03", (540,)),
        ("tue/thurs 9:00", "tue,thu 09:00", "13", (540,)),
        ("mon – fri 9:00", "weekdays 09:00", "01234", (540,)),
        ("daily 8am", "daily 08:00", "0123456", (480,)),
        ("daily 12:15 a.m. and 8:30 PM", "daily 00:15,20:30", "0123456", (15, 1230)),
        ("weekdays noon", "weekdays 12:00", "01234", (720,)),
        ("8:30 weekdays", "weekdays 08:30", "01234", (510,)),
        ("at 9am mon,thu", "mon,thu 09:00", "03", (540,)),
        ("weekdays every hour", "weekdays every 1h", "01234", tuple(range(0, 1440, 60))),
    ],
)
def test_what_people_write(said: str, text: str, days: str, minutes: tuple[int, ...]) -> None:
    found = schedule(said)

    assert (found.text, found.days, found.minutes) == (text, tuple(map(int, days)), minutes)
    assert schedule(found.text) == found


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("daily", "`daily` says no time."),
        ("daily 25:00", "There is no time `25:00`."),
        ("8:30", "`8:30` says no day."),
        ("daily 13pm", "There is no time `13pm`."),
        ("daily 0am", "There is no time `0am`."),
        ("daily 8", "`daily 8` is no schedule I can read."),
        ("someday 8:00", "`someday 8:00` is no schedule I can read."),
        ("every 5h", "`every 5h` does not divide a day evenly."),
        ("every 0h", "`every 0h` does not divide a day evenly."),
        ("every 5m", "`every 5m` is too often: a digest comes every 15 minutes at most."),
        ("daily 8:00,8:05", "`daily 8:00,8:05` is too often:"),
        ("hourly 18-8", "`hourly 18-8`: the hours are from 0 to 23, the first before the last."),
        ("hourly soon", "`hourly soon` is no schedule I can read."),
        ("30 8 * * *", "`30 8 * * *` is no schedule I can read."),
        ("#dr-oncall daily 8:00", "I see no channel `#dr-oncall`."),
    ],
)
def test_what_is_no_schedule_is_said_so(said: str, told: str) -> None:
    with pytest.raises(Misread) as refused:
        schedule(said)

    assert refused.value.message.startswith(told)
    assert refused.value.hint


@given(
    days=st.sets(st.sampled_from(DAYS), min_size=1).map(",".join),
    hours=st.sets(st.integers(0, 23), min_size=1).map(sorted),
    minute=st.integers(0, 59),
)
def test_what_is_written_back_reads_the_same(days: str, hours: list[int], minute: int) -> None:
    found = schedule(f"{days} {','.join(f'{hour}:{minute:02}' for hour in hours)}")

    assert schedule(found.text) == found


@given(st.text(max_size=40))
def test_nothing_else_is_raised(text: str) -> None:
    readers: tuple[Callable[[str], object], ...] = (schedule, zone, quiet, least, weekday)
    for read in readers:
        with suppress(Misread):
            read(text)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Europe/Amsterdam", "Europe/Amsterdam"),
        ("europe/amsterdam", "Europe/Amsterdam"),
        ("new york", "America/New_York"),
        ("UTC", "UTC"),
    ],
)
def test_zones_by_name_or_city(said: str, name: str) -> None:
    assert zone(said) == name


def test_an_unknown_zone_names_near_ones() -> None:
    with pytest.raises(Misread) as refused:
        zone("Europe/Amsterdma")

    assert "Did you mean `Europe/Amsterdam`" in refused.value.message


def test_quiet_hours_severity_and_days() -> None:
    assert str(quiet("22-7")) == "22:00-07:00"
    assert least("High") is Severity.HIGH
    assert weekday("Friday") == 4
    with pytest.raises(Misread):
        quiet("22:00-22:00")
    with pytest.raises(Misread):
        least("unknown")
