"""Durations and days as people write them: `7d`, `2 days`, `2026-12-01`."""

import re
from datetime import date, datetime, time, timedelta

from bot.domain.errors import Misread

_MINUTES = {"m": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
_DURATION = re.compile(
    r"([0-9]{1,7}) ?(m|min|minutes?|h|hours?|d|days?|w|weeks?)", re.IGNORECASE | re.ASCII
)
_LONGEST = timedelta(days=3660)


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


def moment(text: str) -> date | datetime:
    """Read `2026-12-01`, or `2026-12-01 08:00` where the clock of whoever says it shows that.

    Raises:
        Misread: it is no such moment.
    """
    said, _, clock = text.partition(" ")
    if not clock:
        return day(said)
    try:
        if re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", clock):
            return datetime.combine(day(said), time.fromisoformat(clock.rjust(5, "0")))
    except ValueError:
        pass
    raise Misread(f"`{clock}` is no time of day.", hint="Write it as `2026-12-01 08:00`.")


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
