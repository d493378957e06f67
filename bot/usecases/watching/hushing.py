"""Acknowledge and snooze findings; the digests that told of them say so."""

from collections.abc import Sequence
from datetime import date as Day
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.answers.findings import Hushed
from bot.domain.asking import Near, Stamp, say
from bot.domain.codes import ChangeKind
from bot.domain.digests import Step
from bot.domain.errors import NotFound, Refused
from bot.domain.history import Detail
from bot.domain.lives import Hush, HushKind, Life
from bot.domain.posts import Part, Post
from bot.engine.digests import hushed
from bot.engine.schedules import local_midnight, local_moment, next_moment
from bot.ports import Ports, Tables
from bot.usecases.resolving import Ask
from bot.usecases.watching.findings import STATES, find_life, known, who_told

LONGEST = timedelta(days=30)
"""So long at most is something out of sight."""
SNOOZE = timedelta(days=1)


class AskHush(Ask):
    finding: str
    """`F7`, or `all`."""
    time: timedelta | None = None
    date: Near | datetime | Day | None = None
    """A day as it begins, or a moment, by the clock of whoever says it."""
    reason: str | None = None


def acknowledge(ports: Ports, asks: Sequence[AskHush], stamp: Stamp) -> Hushed:
    """Say that one knows of a finding: it is not said again unless it gets worse, or time is up."""
    return _hush(ports, asks[0], stamp, HushKind.ACK)


def snooze(ports: Ports, asks: Sequence[AskHush], stamp: Stamp) -> Hushed:
    """Put a finding off, for a day if nothing is said; it comes back then, or once it is worse."""
    return _hush(ports, asks[0], stamp, HushKind.SNOOZE)


def _hush(ports: Ports, ask: AskHush, stamp: Stamp, kind: HushKind) -> Hushed:
    until = until_when(ask.time, ask.date, stamp, "A finding is put off")
    if until is None and kind is HushKind.SNOOZE:
        until = stamp.at + SNOOZE
    with ports.store.write() as tables:
        lives = _those(tables, ask.finding, stamp)
        change = tables.changes.begin(
            ChangeKind.ACK if kind is HushKind.ACK else ChangeKind.SNOOZE,
            stamp,
            reason=ask.reason or "",
        )
        kept = []
        for life in lives:
            hush = Hush(
                kind=kind,
                by=stamp.by,
                at=stamp.at,
                until=until,
                reason=ask.reason or "",
                adapters=life.finding.adapters,
                severity=life.finding.severity,
            )
            tables.lives.hush(life.id, hush)
            kept.append(known(life.finding, life._replace(hush=hush), stamp.at))
        names = ", ".join(life.label for life in lives[:5]) + (
            f" and {len(lives) - 5} more" if len(lives) > 5 else ""
        )
        tables.changes.finish(change, Detail(text=f"{STATES[kind]} {names}"))
        made = Hushed(
            verb=STATES[kind],
            findings=kept,
            until=until,
            reason=ask.reason or "",
            change=f"C{change}",
        )
        return made.model_copy(update={"told": _tell(tables, lives, made, stamp)})


def _tell(tables: Tables, lives: Sequence[Life], made: Hushed, stamp: Stamp) -> list[str]:
    """Have the digests that told of these say so, in the message and in the thread below it."""
    told = []
    for digest in who_told(tables, lives):
        word = Post.asked_for(digest, Step.HUSHED, stamp, hushed=made)
        shown = tables.outbox.last(digest.id)
        if shown is not None:
            now = {finding.id: finding for finding in made.findings}
            edited = shown.model_copy(
                update={
                    "step": Step.HUSHED,
                    "findings": [now.get(finding.id, finding) for finding in shown.findings],
                    "mention": "",
                    "asked_by": "",
                    "hushed": made,
                }
            )
            tables.outbox.put(digest.id, Part.EDIT, digest.channel, edited, stamp.at)
        tables.outbox.put(digest.id, Part.WORD, digest.channel, word, stamp.at)
        told.append(digest.label)
    return told


def until_when(
    time: timedelta | None, day: Near | datetime | Day | None, stamp: Stamp, what: str
) -> datetime | None:
    """The moment that is meant; None where none was said.

    Raises:
        Refused: it is in the past, or more than 30 days away.
    """
    until = None
    if isinstance(day, Near):
        until = next_moment(day, stamp.zone, stamp.at)
    elif isinstance(day, datetime):
        until = local_moment(day, stamp.zone)
    elif day is not None:
        until = local_midnight(day, stamp.zone)
    if time is not None:
        until = stamp.at + time
    if until is None or stamp.at < until <= stamp.at + LONGEST:
        return until
    there = ZoneInfo(stamp.zone)
    shown = f"{until.astimezone(there):%Y-%m-%d %H:%M}".removesuffix(" 00:00")
    if until <= stamp.at:
        now = f"{stamp.at.astimezone(there):%Y-%m-%d %H:%M} in {stamp.zone}"
        raise Refused(f"Until {shown} is in the past.", hint=f"It is {now} now.")
    raise Refused(
        f"Until {shown} in {stamp.zone} is more than 30 days from now.",
        hint=f"{what} for 30 days at most.",
    )


def _those(tables: Tables, name: str, stamp: Stamp) -> list[Life]:
    """The findings that are meant.

    Raises:
        NotFound: there is none of that number, or it is gone already.
    """
    if name.casefold() == "all":
        lives = [life for life in tables.lives.open().values() if hushed(life, stamp.at) is None]
        if not lives:
            raise NotFound("There is no open finding.", commands=[say("drift")])
        return sorted(lives, key=lambda life: life.id)
    life = find_life(tables, name)
    if life.resolved_at is not None:
        by = f" by {life.resolved_change}" if life.resolved_change else ""
        raise NotFound(
            f"{life.label} is gone since {life.resolved_at:%Y-%m-%d %H:%M} UTC{by}.",
            hint="There is nothing left to put off.",
            commands=[say("drift")],
        )
    return [life]
