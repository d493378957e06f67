"""Answers to the digest commands."""

from datetime import date, datetime

from bot.domain.codes import Severity
from bot.domain.digests import Step
from bot.domain.model import Model


class DigestLine(Model, frozen=True):
    """A subscription as it is shown."""

    id: str
    channel: str
    owner: str
    schedule: str
    zone: str
    quiet: str = ""
    holidays: list[date] = []
    least: Severity
    heartbeat: int | None
    picture: bool
    next_run: datetime | None
    off: bool
    paused: str
    muted_until: datetime | None = None
    muted_by: str = ""
    delivered_at: datetime | None
    last_error: str
    error_at: datetime | None
    open: int = 0
    """Findings it has told of and that are still open."""
    waiting: int = 0
    """Messages not delivered yet."""


class DigestChanged(Model):
    """Answer to digest on, off, edit, mute, run and test."""

    verb: str
    """`on`, `off`, `edited`, `muted`, `unmuted`, `resumed`, `run`, `test`, `unchanged`."""
    digest: DigestLine
    change: str | None = None
    announced: bool = False
    """Its channel is another one than it was asked in, and is told as well."""
    undelivered: bool = False
    """Of `resumed`, `run` and `test`: no netmap runs that would bring it now."""


class DigestRun(Model, frozen=True):
    """What one run came to."""

    due: datetime
    at: datetime
    step: Step
    findings: int


class DigestList(Model):
    """Answer to `digest list`."""

    digests: list[DigestLine]


class DigestCard(Model):
    """Answer to `digest show`."""

    digest: DigestLine
    runs: list[DigestRun] = []
