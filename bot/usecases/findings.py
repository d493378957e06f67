"""Findings with a life: numbered at first sight, followed until they are gone, hushed by people.

A finding is one kind on one mapping, network, VM or server, known by its key, which is made of ids.
The scheduler looks after every change and keeps what it saw; where none runs, `House` looks.
"""

from collections.abc import Sequence
from datetime import date as Day
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.domain.answers import DriftReport, Finding
from bot.domain.asking import Stamp, say
from bot.domain.codes import ChangeKind
from bot.domain.digests import Hush, Hushed, HushKind, Life
from bot.domain.errors import Misread, NotFound, Refused
from bot.domain.history import Change, Detail
from bot.domain.labels import number
from bot.engine.digests import hushed
from bot.engine.schedules import local_midnight
from bot.ports import Ports, Tables
from bot.usecases import drift
from bot.usecases.resolving import Ask

LONGEST = timedelta(days=30)
"""So long at most is a finding out of sight."""
SNOOZE = timedelta(days=1)


class AskHush(Ask):
    finding: str
    """`F7`, or `all`."""
    time: timedelta | None = None
    date: Day | None = None
    reason: str | None = None


class Looked(NamedTuple):
    """What is found now, with its lives as they are kept."""

    report: DriftReport
    lives: list[Life]
    """In the order of the report."""


def drift_now(ports: Ports, asks: Sequence[drift.AskDrift], stamp: Stamp) -> DriftReport:
    """Every finding there is now, with its number, since when, and who knows of it.

    It only asks, so it keeps nothing: what arose since the last look has no number yet.
    """
    report = drift.drift(ports, asks, stamp)
    with ports.store.read() as tables:
        return numbered(report, tables.lives.open(), stamp.at)


def look(ports: Ports, stamp: Stamp) -> Looked:
    """See what is found now and keep it, as the scheduler does."""
    for patience in (True, True, False):
        with ports.store.read() as tables:
            before = tables.changes.last()
        report = drift.drift(ports, [drift.AskDrift()], stamp)
        with ports.store.write() as tables:
            if tables.changes.last() == before or not patience:
                return keep(tables, report, stamp.at)
    raise AssertionError("the last look is kept")


def keep(tables: Tables, report: DriftReport, at: datetime) -> Looked:
    """Begin, follow and end lives as the report says; within one write."""
    last = tables.changes.last()
    open_now = tables.lives.open()
    lives: dict[str, Life] = {}
    for finding in report.findings:
        life = open_now.get(finding.key)
        if life is None:
            lives[finding.key] = tables.lives.begin(finding, at, last)
            continue
        if finding != life.finding or life.change != last:
            tables.lives.see(life.id, finding, at, last)
        lives[finding.key] = life.model_copy(
            update={"finding": finding, "seen_at": at, "change": last}
        )
    for key, life in open_now.items():
        if key not in lives:
            change = _who_resolved(tables, life)
            tables.lives.resolve(
                life.id, at, change.by if change else "", change.label if change else ""
            )
    tables.lives.count(at.date(), report.counts)
    return Looked(numbered(report, lives, at), [lives[finding.key] for finding in report.findings])


def numbered(report: DriftReport, lives: dict[str, Life], at: datetime) -> DriftReport:
    """The report with what is known of each finding; those hushed come last."""
    found = [known(finding, lives.get(finding.key), at) for finding in report.findings]
    found.sort(key=lambda finding: bool(finding.state))
    return report.model_copy(update={"findings": found})


def known(finding: Finding, life: Life | None, at: datetime) -> Finding:
    """A finding with its number, since when it is there, and who knows of it."""
    if life is None:
        return finding
    hush = hushed(life, at)
    return finding.model_copy(
        update={
            "id": life.label,
            "since": life.since,
            "state": STATES[hush.kind] if hush else "",
            "until": hush.until if hush else None,
            "reason": hush.reason if hush else "",
        }
    )


STATES = {HushKind.ACK: "acknowledged", HushKind.SNOOZE: "snoozed"}


def _who_resolved(tables: Tables, life: Life) -> Change | None:
    """The change since it was last seen that made it go: one of its network, else an import."""
    subject, *ids = life.finding.key.split(":")[1:]
    if subject in ("mapping", "network") and ids[0] != "0":
        for change in tables.changes.recent(5, networks=[int(ids[0])]):
            if change.id > life.change and change.kind in _RESOLVING:
                return change
    for change in tables.changes.recent(20):
        if change.id > life.change and change.kind in (*_RESOLVING, ChangeKind.IMPORT):
            return change
    return None


_RESOLVING = frozenset(
    {
        ChangeKind.ADD,
        ChangeKind.CHANGE,
        ChangeKind.REMOVE,
        ChangeKind.UNDO,
        ChangeKind.ADOPT,
        ChangeKind.APPLY,
        ChangeKind.FORGET,
        ChangeKind.HOME,
    }
)


def acknowledge(ports: Ports, asks: Sequence[AskHush], stamp: Stamp) -> Hushed:
    """Say that one knows of a finding: it is not said again unless it gets worse, or time is up."""
    return _hush(ports, asks[0], stamp, HushKind.ACK)


def snooze(ports: Ports, asks: Sequence[AskHush], stamp: Stamp) -> Hushed:
    """Put a finding off, for a day if nothing is said; it comes back then, or once it is worse."""
    return _hush(ports, asks[0], stamp, HushKind.SNOOZE)


def _hush(ports: Ports, ask: AskHush, stamp: Stamp, kind: HushKind) -> Hushed:
    until = _until(ask, stamp)
    if until is None and kind is HushKind.SNOOZE:
        until = stamp.at + SNOOZE
    if until is not None and not stamp.at < until <= stamp.at + LONGEST:
        when = "in the past" if until <= stamp.at else "more than 30 days from now"
        raise Refused(
            f"Until {until:%Y-%m-%d} is {when}.", hint="A finding is put off for 30 days at most."
        )
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
            kept.append(known(life.finding, life.model_copy(update={"hush": hush}), stamp.at))
        names = ", ".join(life.label for life in lives[:5]) + (
            f" and {len(lives) - 5} more" if len(lives) > 5 else ""
        )
        tables.changes.finish(change, Detail(text=f"{STATES[kind]} {names}"))
        return Hushed(
            verb=STATES[kind],
            findings=kept,
            until=until,
            reason=ask.reason or "",
            change=f"C{change}",
        )


def _until(ask: AskHush, stamp: Stamp) -> datetime | None:
    if ask.time is not None:
        return stamp.at + ask.time
    return local_midnight(ask.date, stamp.zone) if ask.date is not None else None


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
    life = tables.lives.get(number_of(name, "F"))
    if life is None:
        raise NotFound(
            f"There is no finding {name}.", hint="See those there are.", commands=[say("drift")]
        )
    if life.resolved_at is not None:
        by = f" by {life.resolved_change}" if life.resolved_change else ""
        raise NotFound(
            f"{life.label} is gone since {life.resolved_at:%Y-%m-%d %H:%M} UTC{by}.",
            hint="There is nothing left to put off.",
            commands=[say("drift")],
        )
    return [life]


def number_of(name: str, letter: str) -> int:
    """The number of `F7` or `D3`; the letter may be left out.

    Raises:
        Misread: it is none.
    """
    found = number(name, letter, bare=True)
    if found is None:
        raise Misread(f"`{name}` is no number like `{letter}7`.")
    return found
