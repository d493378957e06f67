"""When a schedule is due, in its own time zone, over both clock changes.

A local time that a clock change leaves out is due at the next local minute that exists; one that
comes twice is due once, the first time. Several that fall on one instant are one run.

APScheduler's CronTrigger is not used for this: where the clock goes forward it fires 02:30 at what
is 03:30 by then, and where it goes back it gives the same 02:30 again and again.
"""

from collections.abc import Container, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.asking import Near
from bot.domain.digests import Quiet, Schedule

_MINUTE = timedelta(minutes=1)


def next_run(
    schedule: Schedule, zone: str, after: datetime, holidays: Container[date] = ()
) -> datetime:
    """The first instant after `after` at which it is due, in UTC; never on a holiday there."""
    return next(_runs(schedule, ZoneInfo(zone), after, holidays))


def last_due(
    schedule: Schedule, zone: str, first: datetime, at: datetime, holidays: Container[date] = ()
) -> datetime:
    """Of all that is due from `first` on, the last that is not after `at`."""
    due = first
    for run in _runs(schedule, ZoneInfo(zone), first, holidays):
        if run > at:
            return due
        due = run
    raise AssertionError("a schedule has no end")


def is_quiet(quiet: Quiet | None, zone: str, at: datetime) -> bool:
    """Whether it is quiet there now."""
    if quiet is None:
        return False
    local = at.astimezone(ZoneInfo(zone))
    return quiet.holds(local.hour * 60 + local.minute)


def quiet_ends(quiet: Quiet, zone: str, at: datetime) -> datetime:
    """When the quiet hours that are now will be over, in UTC."""
    everyday = Schedule(text="", days=tuple(range(7)), minutes=(quiet.end,))
    return next_run(everyday, zone, at)


def local_day(zone: str, at: datetime) -> date:
    """Which day it is there."""
    return at.astimezone(ZoneInfo(zone)).date()


def local_midnight(day: date, zone: str) -> datetime:
    """When a day begins there, in UTC."""
    return _instant(datetime.combine(day, time()), ZoneInfo(zone))


def local_moment(moment: datetime, zone: str) -> datetime:
    """When the clock there shows this, in UTC."""
    return _instant(moment, ZoneInfo(zone))


def next_moment(said: Near, zone: str, after: datetime) -> datetime:
    """When the clock there shows it next after `after`, in UTC; a day from today on may be over."""
    today, clock = local_day(zone, after), said.clock or time()
    if said.ahead is not None:
        day = today + timedelta(days=said.ahead)
        return local_moment(datetime.combine(day, clock), zone)
    for days in range(9):
        day = today + timedelta(days=days)
        found = local_moment(datetime.combine(day, clock), zone)
        if found > after and said.weekday in (None, day.weekday()):
            return found
    raise AssertionError("a week has every day")


def _runs(
    schedule: Schedule, zone: ZoneInfo, after: datetime, holidays: Container[date] = ()
) -> Iterator[datetime]:
    after = after.astimezone(UTC)
    day = after.astimezone(zone).date() - timedelta(days=2)
    last = after
    while True:
        if day.weekday() in schedule.days and day not in holidays:
            for minute in schedule.minutes:
                local = datetime.combine(day, time(minute // 60, minute % 60))
                run = _instant(local, zone)
                if run > last:
                    yield run
                    last = run
        day += timedelta(days=1)


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which the clock there shows this time or, left out, a later one."""
    while True:
        found = local.replace(tzinfo=zone).astimezone(UTC)  # fold 0: the first of two
        if found.astimezone(zone).replace(tzinfo=None) == local:
            return found
        local += _MINUTE
