"""Numbers, lists and times as people say them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.domain.numbers import plural
from bot.render.blocks import clip_middle

_DRY = re.compile(r"(.+?)\s+(?:--|[–—―])dry-run", re.S)
TOO_OLD = "TOO OLD to rely on"
"""Said of an inventory."""
NAME = 60
"""Characters of a name in a list; its middle is cut."""


def at_risk(vms: int, more: bool) -> str:
    """The end of a sentence that counts findings; empty where nobody is at risk.

    Args:
        more: there are more than these, too many to be counted.
    """
    if not vms and not more:
        return ""
    who = f"{'at least ' * more}{plural(vms, 'VM')}" if vms else "too many VMs to count"
    return f"; {who} would come up without a network or on the wrong one"


def in_earnest(line: str) -> str:
    """A line that ends with --dry-run, by whatever dash, without it; empty where it does not."""
    found = _DRY.fullmatch(line)
    return found[1] if found else ""


def listed(names: Sequence[str], most: int = 3, last: str = "and", of: int = 0) -> str:
    """`a`, `a and b`, `a, b and 4 more`.

    Args:
        last: the word before the last one; empty: only commas.
        of: how many there are, where not all are given.
    """
    shown = [clip_middle(name, NAME) for name in names[:most]]
    left = max(of, len(names)) - len(shown)
    if left:
        shown.append(f"{left:,} more")
    if not last:
        return ", ".join(shown)
    return f" {last} ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def more(number: int, noun: str = "") -> str:
    """What was left out."""
    return f"… and {plural(number, f'more {noun}')}" if noun else f"… and {number:,} more"


def utc(when: datetime) -> datetime:
    """The moment in UTC; one without a zone is taken to be UTC."""
    if when.tzinfo is UTC:
        return when
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def day(when: datetime, now: datetime) -> str:
    """`21 Nov`, with the year where it is another than now."""
    when, now = utc(when), utc(now)
    return f"{when.day} {when:%b}" + (f" {when.year}" if when.year != now.year else "")


def clock(when: datetime, now: datetime) -> str:
    """`06:05`, with the day where it is another than now."""
    when, now = utc(when), utc(now)
    time = when.isoformat()[11:16]  # `strftime` takes ten times as long
    return time if when.date() == now.date() else f"{day(when, now)} {time}"


def since(passed: timedelta) -> str:
    """How long ago, in the largest unit that fits."""
    minutes = int(passed.total_seconds() // 60)
    if minutes < 0:
        return "in the future"
    for size, unit in ((1440, "d"), (60, "h"), (1, "min")):
        if minutes >= size:
            return f"{minutes // size:,} {unit} ago"
    return "just now"
