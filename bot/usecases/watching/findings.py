"""Findings with a life: numbered at first sight, followed until they are gone, hushed by people.

A finding is one kind on one mapping, network, VM or server, known by its key, which is made of ids.
The scheduler looks after every change and keeps what it saw; where none runs, `House` looks.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from bot.domain.answers.findings import DriftReport, Explained, Finding, Telling, finding_again
from bot.domain.asking import Stamp, say
from bot.domain.codes import UNDOABLE, ChangeKind
from bot.domain.digests import Digest
from bot.domain.errors import Misread
from bot.domain.history import Change
from bot.domain.labels import number
from bot.domain.lives import HushKind, Life
from bot.engine.digests import hushed
from bot.ports import Ports, Tables
from bot.usecases.resolving import Ask
from bot.usecases.restored import no_such
from bot.usecases.watching import drift


class AskFinding(Ask):
    finding: str


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
    before = tables.lives.last_seen()
    lives: list[Life] = []
    seen: list[tuple[int, str]] = []
    for finding in report.findings:
        known = before.get(finding.key)
        if known is None:
            lives.append(tables.lives.begin(finding, at, last))
            continue
        text = finding.kept()
        if text != known.finding or known.change != last:
            seen.append((known.id, text))
        lives.append(known.life(finding, at, last))
    tables.lives.see(seen, at, last)
    still = {finding.key for finding in report.findings}
    for key, gone in before.items():
        if key in still:
            continue
        finding = finding_again(gone.finding)
        change = _who_resolved(tables, gone.life(finding, at, gone.change))
        by, label = (change.by, change.label) if change else ("", "")
        tables.lives.resolve(gone.id, at, by, label)
    tables.lives.count(at.date(), report.counts)
    return Looked(report, lives)


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
    return replace(
        finding,
        id=life.label,
        since=life.since,
        state=STATES[hush.kind] if hush else "",
        until=hush.until if hush else None,
        reason=hush.reason if hush else "",
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


_RESOLVING = UNDOABLE | {
    ChangeKind.ADOPT,
    ChangeKind.APPLY,
    ChangeKind.FORGET,
    ChangeKind.HOME,
}


def explain(ports: Ports, asks: Sequence[AskFinding], stamp: Stamp) -> Explained:
    """One finding with all that is known of it."""
    with ports.store.read() as tables:
        life = find_life(tables, asks[0].finding)
        telling = [
            Telling(digest=one.label, channel=one.channel) for one in who_told(tables, [life])
        ]
        hush = hushed(life, stamp.at)
        return Explained(
            finding=known(life.finding, life, stamp.at),
            seen_at=life.seen_at,
            hushed_by=hush.by if hush else "",
            resolved_at=life.resolved_at,
            resolved_by=life.resolved_by,
            resolved_change=life.resolved_change,
            told=telling,
        )


def find_life(tables: Tables, name: str) -> Life:
    """The finding of this number, open or gone.

    Raises:
        NotFound: there is none.
    """
    life = tables.lives.get(number_of(name, "F"))
    if life is None:
        raise no_such(tables, "finding", name, "See those there are.", say("drift"))
    return life


def who_told(tables: Tables, lives: Sequence[Life]) -> list[Digest]:
    """Digests whose open message tells of any of these."""
    wanted = {(life.id, life.since) for life in lives}
    return [
        digest
        for digest in tables.digests.all()
        if not digest.off
        and digest.parent
        and any(
            one.open and (one.life, one.since) in wanted for one in tables.digests.said(digest.id)
        )
    ]


def number_of(name: str, letter: str) -> int:
    """The number of `F7` or `D3`; the letter may be left out.

    Raises:
        Misread: it is none.
    """
    found = number(name, letter, bare=True)
    if found is None:
        raise Misread(f"`{name}` is no number like `{letter}7`.")
    return found
