"""Schedules, zones and quiet hours as people write them; no cron.

    daily 08:30          weekdays 8:30,16:00     mon,thu 9:00     mon-fri 7:00     weekends 10:00
    every 4h             weekdays every 30m      hourly           mon-fri hourly 8-18

Written at more length too: `every weekday at 8:30am`, `Mondays and Thursdays 9:00`, `noon daily`.
`every` counts from midnight and so takes what divides a day; `hourly 8-18` is 8:00, 9:00 … 18:00.
"""

import re
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.domain.codes import Severity
from bot.domain.digests import Quiet, Schedule
from bot.domain.errors import Misread
from bot.grammar import times
from bot.grammar.times import DAYS, LONG_DAYS, SHORT_DAYS, WEEKDAYS

DAY = 24 * 60
EXAMPLES = "`daily 08:30`, `weekdays 08:30`, `mon,thu 9:00`, `every 4h` or `hourly 8-18`"
SHORTEST = 15
"""Minutes: whoever wants to know sooner wants an alert, not a digest."""

MOST_HOLIDAYS = 60
_PLACES = (
    *("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/"),
    *("Europe/", "Indian/", "Pacific/"),
)

_GROUPS = {"daily": range(7), "weekdays": range(5), "weekends": range(5, 7)}
_WORDS = {
    "every day": "daily",
    "everyday": "daily",
    **dict.fromkeys(("every weekday", "weekday", "workdays", "every workday"), "weekdays"),
    **dict.fromkeys(("every weekend", "weekend"), "weekends"),
    **SHORT_DAYS,
}
_SAME = re.compile(rf"\b({'|'.join(sorted(_WORDS, key=len, reverse=True))})\b")
_APART = re.compile(rf"(?<=[a-z]) (?=(?:{'|'.join(DAYS)}))")
"""Between two names of days."""
_EVERY = re.compile(r"([0-9]{1,4}) ?(m|min|minutes?|h|hours?)", re.ASCII)
_HOURS = re.compile(r"([0-9]{1,2})(?::00)? ?[-–] ?([0-9]{1,2})(?::00)?", re.ASCII)
_RANGE = re.compile(r"([0-9]{1,2}[:.][0-9]{2}|[0-9]{1,2})[-–]([0-9]{1,2}[:.][0-9]{2}|[0-9]{1,2})")


def schedule(text: str) -> Schedule:
    """Read a schedule.

    Raises:
        Misread: it is none; says how one is written.
    """
    said = _plain(text)
    first, _, rest = said.partition(" ")
    if first.startswith("#"):  # Slack makes a link of a channel that it knows
        raise Misread(
            f"I see no channel `{first}`.",
            hint="Say it in Slack, and pick the channel from what Slack offers; netmap has to be in"
            " a private one. `here` is the channel you are in.",
        )
    days: tuple[int, ...] | None = None
    if first not in ("every", "hourly"):
        if not rest and times.clock(first.partition(",")[0]) is not None:
            raise Misread(f"`{text}` says no day.", hint=f"Write it as {EXAMPLES}.")
        days = _days(first, text)
        said = rest
        if not said:
            raise Misread(f"`{text}` says no time.", hint=f"Write it as {EXAMPLES}.")
    minutes, when = _times(said, text)
    on = days if days is not None else tuple(range(7))
    prefix = _days_text(on)
    if when.startswith(("every", "hourly")):
        prefix = "" if prefix == "daily" else prefix
    return Schedule(text=f"{prefix} {when}".strip(), days=on, minutes=minutes)


def zone(text: str) -> str:
    """The IANA name of a time zone, letter case and spaces set aside.

    Raises:
        Misread: there is no such zone; near ones are named.
    """
    wanted = text.strip().replace(" ", "_")
    try:
        return ZoneInfo(wanted).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    known = {name.casefold(): name for name in available_timezones()}
    if wanted.casefold() in known:
        return known[wanted.casefold()]
    cities = {name.rpartition("/")[2]: known[name] for name in sorted(known)}
    if wanted.casefold() in cities:
        return cities[wanted.casefold()]
    near = get_close_matches(wanted.casefold(), [*known, *cities], n=3, cutoff=0.7)
    names = list(dict.fromkeys(known.get(name) or cities[name] for name in near))
    meant = f" Did you mean {' or '.join(f'`{name}`' for name in names)}?" if names else ""
    raise Misread(
        f"I know no time zone `{text}`.{meant}", hint="Zones are written as `Europe/Amsterdam`."
    )


def zones_like(text: str, own: str) -> list[str]:
    """Zones whose names hold these words, one's own first, then the cities of the world."""
    wanted = text.casefold().replace(" ", "_")
    names = sorted(name for name in available_timezones() if name.startswith(_PLACES))
    found = [name for name in (own, "UTC", *names) if wanted in name.casefold()]
    return list(dict.fromkeys(found))


def quiet(text: str) -> Quiet:
    """Read quiet hours: `22:00-07:00`, `22-7`.

    Raises:
        Misread: they are none.
    """
    found = _RANGE.fullmatch(text.replace(" ", ""))
    if found is None:
        raise Misread(f"`{text}` is no time of day.", hint="Write quiet hours as `22:00-07:00`.")
    start, end = (_clock(f"{part}:00" if part.isdigit() else part, text) for part in found.groups())
    if start == end:
        raise Misread(f"`{text}` is the whole day or nothing.", hint="Write it as `22:00-07:00`.")
    return Quiet(start=start, end=end)


def least(text: str) -> Severity:
    """The mildest severity to be told of.

    Raises:
        Misread: there is no such severity.
    """
    wanted = text.casefold()
    if wanted in (Severity.HIGH, Severity.MEDIUM, Severity.LOW):
        return Severity(wanted)
    raise Misread(f"`{text}` is no severity.", hint="It is `high`, `medium` or `low`.")


def weekday(text: str) -> int:
    """A day of the week; 0 is Monday.

    Raises:
        Misread: it is none.
    """
    day = WEEKDAYS.get(text.casefold())
    if day is None:
        raise Misread(f"`{text}` is no day of the week.", hint="Write it as `mon` or `Monday`.")
    return day


def holidays(text: str) -> tuple[date, ...]:
    """Read days without a digest: `2026-12-25, 2027-01-01`.

    Raises:
        Misread: one of them is no date, or there are too many.
    """
    days = {times.day(part) for part in re.split(r"[,\s]+", text.strip(" ,"))}
    if len(days) > MOST_HOLIDAYS:
        raise Misread(f"At most {MOST_HOLIDAYS} holidays.", hint="Leave out those far away.")
    return tuple(sorted(days))


def _plain(text: str) -> str:
    """The same in the fewest words: days, then times."""
    said = " ".join(text.casefold().split())
    said = times.by_24(said)
    said = re.sub(r" ?[-–—] ?", "-", said)
    said = re.sub(r" ?, ?and | and | ?[,/&;] ?", ",", said)
    said = re.sub(r"\bat ", "", said)
    said = _SAME.sub(lambda found: _WORDS.get(found[1], found[1]), said)
    said = re.sub(rf"\b(?:every )?({'|'.join(LONG_DAYS)}|{'|'.join(DAYS)})s?\b", r"\1", said)
    said = _APART.sub(",", said)
    clock = r"[0-9]{1,2}[:.][0-9]{2}"
    return re.sub(rf"^({clock}(?:,{clock})*) (.+)$", r"\2 \1", said)


def _days(word: str, text: str) -> tuple[int, ...]:
    if word in _GROUPS:
        return tuple(_GROUPS[word])
    found: set[int] = set()
    for part in word.split(","):
        first, dash, last = part.partition("-")
        if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
            raise Misread(f"`{text}` is no schedule I can read.", hint=f"Write it as {EXAMPLES}.")
        start = WEEKDAYS[first]
        span = (WEEKDAYS[last] - start) % 7 if dash else 0
        found.update((start + step) % 7 for step in range(span + 1))
    return tuple(sorted(found))


def _days_text(days: tuple[int, ...]) -> str:
    for word, group in _GROUPS.items():
        if days == tuple(group):
            return word
    return ",".join(DAYS[day] for day in days)


def _times(said: str, text: str) -> tuple[tuple[int, ...], str]:
    """Minutes of the day, and how that is written."""
    if said.startswith("every"):
        return _every(said.removeprefix("every").strip(), text)
    if said.startswith("hourly"):
        return _hourly(said.removeprefix("hourly").strip(), text)
    minutes = tuple(sorted({_clock(part, text) for part in said.removeprefix("at ").split(",")}))
    if any(later - sooner < SHORTEST for sooner, later in pairwise(minutes)):
        raise _too_often(text)
    return minutes, ",".join(f"{minute // 60:02}:{minute % 60:02}" for minute in minutes)


def _every(said: str, text: str) -> tuple[tuple[int, ...], str]:
    found = _EVERY.fullmatch("1h" if said == "hour" else said)
    if found is None:
        raise Misread(f"`{text}` is no schedule I can read.", hint=f"Write it as {EXAMPLES}.")
    step = int(found[1]) * (60 if found[2][0] == "h" else 1)
    if 0 < step < SHORTEST:
        raise _too_often(text)
    if not step or step > DAY or DAY % step:
        near = [s for s in range(SHORTEST, DAY + 1) if DAY % s == 0 and s % 15 == 0]
        best = min(near, key=lambda s: abs(s - step))
        raise Misread(
            f"`{text}` does not divide a day evenly.", hint=f"Such as `every {_span(best)}`."
        )
    return tuple(range(0, DAY, step)), f"every {_span(step)}"


def _hourly(said: str, text: str) -> tuple[tuple[int, ...], str]:
    if not said:
        return tuple(range(0, DAY, 60)), "hourly"
    found = _HOURS.fullmatch(said)
    if found is None:
        raise Misread(f"`{text}` is no schedule I can read.", hint="Write it as `hourly 8-18`.")
    first, last = int(found[1]), int(found[2])
    if first > 23 or last > 23 or first > last:
        raise Misread(
            f"`{text}`: the hours are from 0 to 23, the first before the last.",
            hint="Write it as `hourly 8-18`.",
        )
    return tuple(hour * 60 for hour in range(first, last + 1)), f"hourly {first}-{last}"


def _clock(said: str, text: str) -> int:
    at = times.clock(said)
    if at is None:
        raise Misread(f"`{text}` is no schedule I can read.", hint=f"Write it as {EXAMPLES}.")
    return at.hour * 60 + at.minute


def _span(minutes: int) -> str:
    return f"{minutes}m" if minutes % 60 else f"{minutes // 60}h"


def _too_often(text: str) -> Misread:
    return Misread(
        f"`{text}` is too often: a digest comes every {SHORTEST} minutes at most.",
        hint=f"Write it as {EXAMPLES}.",
    )
