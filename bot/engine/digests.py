"""What a digest says this time: decided from what it said last and what is open now.

    before       now                message
    first run    anything           a baseline, once, nobody mentioned
    clean        clean              nothing; on the day asked for, a heartbeat of one line
    clean        findings           a new message; who is responsible is called if one is high
    findings     the same           the message is edited; after a week it is said anew
    findings     more, or worse     a reply that the channel sees, and the message is edited
    findings     fewer              a reply in the thread, and the message is edited
    findings     none               a reply in the thread, and the message says so

What could not be checked is a finding like any other, so it is never shown as clean.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.codes import Severity
from bot.domain.digests import Digest, Step
from bot.domain.lives import Hush, Life
from bot.domain.posts import Said
from bot.engine.schedules import next_run
from bot.engine.severity import ORDER

REPEAT = timedelta(days=7)
"""The same for so long is said anew."""
_MOMENT = timedelta(microseconds=1)


@dataclass
class Difference:
    """What changed since a digest spoke last."""

    new: list[Life] = field(default_factory=list)
    back: list[Life] = field(default_factory=list)
    """Told of before, hushed since, and due again."""
    worse: list[tuple[Life, int]] = field(default_factory=list)
    """With how many members it had."""
    still: list[Life] = field(default_factory=list)
    gone: list[Said] = field(default_factory=list)
    hushed: list[Said] = field(default_factory=list)
    """Still there, and somebody said that they know."""

    @property
    def more(self) -> bool:
        return bool(self.new or self.back or self.worse)

    @property
    def alarming(self) -> bool:
        """Whether any of what is more is high; the rest can wait for the end of quiet hours."""
        lives = [*self.new, *self.back, *(life for life, _ in self.worse)]
        return any(life.finding.severity is Severity.HIGH for life in lives)


def upcoming(digest: Digest, at: datetime) -> datetime:
    """When it runs next: neither on a holiday nor while it is muted."""
    if digest.muted_until is not None:
        at = max(at, digest.muted_until - _MOMENT)
    return next_run(digest.schedule, digest.zone, at, digest.holidays)


def matters(severity: Severity, least: Severity) -> bool:
    """Whether a subscription tells of it; what could not be checked may be high."""
    return severity is Severity.UNKNOWN or ORDER.index(severity) <= ORDER.index(least)


def is_worse(now: Life, adapters: int, severity: Severity) -> bool:
    """More members, or a higher severity."""
    finding = now.finding
    return finding.adapters > adapters or (ORDER.index(finding.severity) < ORDER.index(severity))


def hushed(life: Life, at: datetime) -> Hush | None:
    """Who knows of it, if that still holds: not expired, and it did not get worse."""
    hush = life.hush
    if hush is None or (hush.until is not None and at >= hush.until):
        return None
    return None if is_worse(life, hush.adapters, hush.severity) else hush


def difference(said: Sequence[Said], now: Iterable[Life], lives: Iterable[Life]) -> Difference:
    """Compare.

    Args:
        said: what the digest told of.
        now: what it would tell of.
        lives: everything that is open, hushed or not.
    """
    told = {(one.life, one.since): one for one in said}
    found = Difference()
    present = set()
    for life in now:
        before = told.get((life.id, life.since))
        present.add((life.id, life.since))
        if before is None:
            found.new.append(life)
        elif not before.open:
            found.back.append(life)
        elif is_worse(life, before.adapters, before.severity):
            found.worse.append((life, before.adapters))
        else:
            found.still.append(life)
    open_now = {(life.id, life.since) for life in lives}
    for key, one in told.items():
        if one.open and key not in present:
            (found.hushed if key in open_now else found.gone).append(one)
    return found


def decide(digest: Digest, found: Difference, at: datetime, beats: bool) -> Step:
    """What to do.

    Args:
        beats: a heartbeat is due today and was not given yet.
    """
    anything = found.more or found.still
    if digest.first:
        return Step.BASELINE
    if not anything:
        if found.gone or found.hushed:
            return Step.CLOSE
        return Step.HEARTBEAT if beats else Step.NOTHING
    if not digest.parent:
        return Step.OPEN
    if found.more:
        return Step.ADD
    if found.gone or found.hushed:
        return Step.LESS
    if digest.parent_at is not None and at - digest.parent_at >= REPEAT:
        return Step.REPEAT
    return Step.EDIT


def retold(
    said: Sequence[Said], now: Iterable[Life], lives: Iterable[Life], mentioned: Iterable[int]
) -> list[Said]:
    """What will have been said once this digest is delivered.

    Args:
        lives: everything that is open; what is not among it is forgotten.
        mentioned: lives whose owner is called this time.
    """
    calls = set(mentioned)
    open_now = {(life.id, life.since) for life in lives}
    before = {(one.life, one.since): one for one in said}
    kept = {key: one._replace(open=False) for key, one in before.items() if key in open_now}
    for life in now:
        old = before.get((life.id, life.since))
        kept[life.id, life.since] = Said(
            life=life.id,
            since=life.since,
            adapters=life.finding.adapters,
            severity=life.finding.severity,
            open=True,
            mentioned=life.id in calls or bool(old and old.mentioned),
        )
    return list(kept.values())
