"""Durations and moments as people write them.

    7d    2 days    2026-12-01    2026-12-01 08:00    tomorrow 8:00    monday    fri 5pm    18:00

A day by itself is meant as it begins.
"""

import re
from datetime import date, datetime, time, timedelta

from bot.domain.asking import Near
from bot.domain.errors import Misread

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONG_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SHORT_DAYS = {"tues": "tue", "weds": "wed", "thur": "thu", "thurs": "thu"}
WEEKDAYS = {name: day for names in (DAYS, LONG_DAYS) for day, name in enumerate(names)}
AHEAD = ("today", "tomorrow")

_MINUTES = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
_DURATION = re.compile(
    r"([0-9]{1,7}) ?(m|min|minutes?|h|hours?|d|days?|w|weeks?)", re.IGNORECASE | re.ASCII
)
_LONGEST = timedelta(days=3660)
_TWELVE = re.compile(
    r"\b(?:(?P<word>noon|midnight)|(?P<hour>[0-9]{1,2})(?:[:.](?P<minute>[0-9]{2}))?"
    r" ?(?P<half>[ap])\.?m\b\.?)",
    re.ASCII,
)
_CLOCK = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})", re.ASCII)
_JOINT = re.compile(r"(?<=\d)t(?=\d)|,(?=\s)", re.ASCII)
"""Between a day and its time, as programs and letters have it."""
_MOMENTS = "`2026-12-01`, `2026-12-01 08:00`, `tomorrow 8:00`, `monday` or `18:00`"


def duration(text: str) -> timedelta:
    """Read `30m`, `12h`, `7d`, `2w` or `2 days`: a minute to ten years.

    Raises:
        Misread: it is no such duration.
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise Misread(f"`{text}` is no duration.", hint="Write it as `30m`, `12h`, `7d` or `2w`.")
    minutes = int(found[1]) * _MINUTES[found[2][0].lower()]
    if not 0 < minutes <= _LONGEST // timedelta(minutes=1):
        raise Misread(f"`{text}` is out of range.", hint="From one minute (`1m`) to ten years.")
    return timedelta(minutes=minutes)


def short(span: timedelta) -> str:
    """The duration as `duration` reads it, in its largest whole unit."""
    minutes = span // timedelta(minutes=1)
    unit = next(u for u in "wdhm" if minutes % _MINUTES[u] == 0)
    return f"{minutes // _MINUTES[unit]}{unit}"


def moment(text: str) -> date | datetime | Near:
    """Read a day or a moment by the clock of whoever says it; a word such as `tomorrow` stays one.

    Raises:
        Misread: it is no such moment.
    """
    words = by_24(_JOINT.sub(" ", text.casefold())).split()
    first, *rest = words or [""]
    named = {day: Near(None, weekday=number) for day, number in WEEKDAYS.items()}
    named |= {short: named[day] for short, day in SHORT_DAYS.items()}
    named |= {word: Near(None, ahead=number) for number, word in enumerate(AHEAD)}
    hour = rest if first in named or "-" in first else words
    at = clock(hour[-1]) if hour and hour[:-1] in ([], ["at"]) else None
    if hour and at is None:
        raise Misread(f"`{text}` is no moment I can read.", hint=f"Write it as {_MOMENTS}.")
    if first in named:
        return named[first]._replace(clock=at)
    if hour == words and at is not None:
        return Near(at)
    return datetime.combine(day(first), at) if at is not None else day(first)


def near(said: Near) -> str:
    """The moment as `moment` reads it."""
    number = said.ahead if said.ahead is not None else said.weekday
    names = AHEAD if said.ahead is not None else LONG_DAYS
    words = [names[number]] if number is not None else []
    return " ".join([*words, f"{said.clock:%H:%M}"] if said.clock is not None else words)


def by_24(said: str) -> str:
    """The same with times of twelve hours by twenty-four; lower case.

    Raises:
        Misread: there is no such time.
    """
    return _TWELVE.sub(_of_24, said)


def _of_24(found: re.Match[str]) -> str:
    if found["word"]:
        return "12:00" if found["word"] == "noon" else "00:00"
    hour, minute = int(found["hour"]), found["minute"] or "00"
    if not 1 <= hour <= 12:
        raise Misread(f"There is no time `{found[0]}`.", hint="Write it as `8:30pm` or `20:30`.")
    return f"{hour % 12 + 12 * (found['half'] == 'p')}:{minute}"


def clock(said: str) -> time | None:
    """The time of day, such as `8:00` or `20.30`; None where it is written otherwise.

    Raises:
        Misread: there is no such time.
    """
    found = _CLOCK.fullmatch(said)
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2])
    if hour > 23 or minute > 59:
        raise Misread(f"There is no time `{said}`.", hint="From `00:00` to `23:59`.")
    return time(hour, minute)


def day(text: str) -> date:
    """Read `2026-12-01`.

    Raises:
        Misread: it is no such day.
    """
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Misread(f"`{text}` is no date.", hint="Write it as `2026-12-01`.")
