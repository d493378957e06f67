"""What one digest says, and the messages it becomes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from bot.domain.answers.digests import DigestChanged
from bot.domain.answers.findings import Finding, Hushed
from bot.domain.answers.shared import Age
from bot.domain.asking import Stamp
from bot.domain.codes import Severity
from bot.domain.digests import Digest, Step
from bot.domain.maps import DayCount, MapPanel
from bot.domain.model import Model
from bot.domain.replies import Step as Press


class Said(NamedTuple):
    """A finding as a digest last told of it."""

    life: int
    since: datetime
    """Of that life: the same finding may come again."""
    adapters: int
    severity: Severity
    open: bool
    """False: it was told as gone, or is not told any more."""
    mentioned: bool


class Worse(Model, frozen=True):
    """A finding that has more members than when it was told of."""

    id: str
    was: int
    now: int


class Gone(Model, frozen=True):
    """A finding that was told of and is no more."""

    id: str
    finding: Finding
    at: datetime | None = None
    by: str = ""
    change: str = ""


class Post(Model, frozen=True):
    """What one digest says; the same for its message, its table and its file."""

    step: Step
    digest: str
    channel: str
    owner: str
    due: datetime
    at: datetime
    """When it was checked."""
    next_run: datetime | None = None
    route: str = ""
    """`VMM-NewYork → VMM-Chicago`."""
    findings: list[Finding] = []
    """What is open and not hushed, worst first."""
    new: list[str] = []
    """F-numbers."""
    back: list[str] = []
    """Snoozed or acknowledged before, and due again."""
    worse: list[Worse] = []
    gone: list[Gone] = []
    acked: int = 0
    snoozed: int = 0
    milder: int = 0
    """Open, but milder than the subscription asks for."""
    vms_at_risk: int = 0
    more_at_risk: bool = False
    """There are more, too many to be counted."""
    opened_at: datetime | None = None
    last_at: datetime | None = None
    """When the digest before this was delivered."""
    checked: list[Age] = []
    mention: str = ""
    """Who is called: once, when something high appears."""
    asked_by: str = ""
    error: str = ""
    """Slack's word, for PAUSED."""
    trend: list[DayCount] = []
    """Open findings of the last weeks, where a picture is wanted."""
    panels: list[MapPanel] = []
    """The mapping of the estate, for its picture alone."""
    changed: DigestChanged | None = None
    """For CHANGED, by `asked_by`."""
    hushed: Hushed | None = None
    """For HUSHED, by `asked_by`."""

    @classmethod
    def asked_for(cls, digest: Digest, step: Step, stamp: Stamp, **more: Any) -> "Post":
        """Said because somebody did something, not because it is due."""
        return cls(
            step=step,
            digest=digest.label,
            channel=digest.channel,
            owner=digest.owner,
            due=stamp.at,
            at=stamp.at,
            asked_by=stamp.by,
            **more,
        )


class Part(StrEnum):
    """Which message of a digest a row of the outbox is."""

    PARENT = "parent"
    EDIT = "edit"
    BROADCAST = "broadcast"
    """A reply that the channel sees too."""
    REPLY = "reply"
    TABLE = "table"
    FILE = "file"
    MAP = "map"
    """A picture of the mapping."""
    PICTURE = "picture"
    """Of the trend."""
    DIRECT = "direct"
    """To the owner alone."""
    TEST = "test"
    NOTICE = "notice"
    """To the channel: what became of the digest."""
    WORD = "word"
    """In the thread: what somebody said about a finding."""


class Settle(Model, frozen=True):
    """What holds once the main message of a digest was delivered."""

    said: list[Said] = []
    opened_at: datetime | None = None
    closes: bool = False
    beat_on: date | None = None
    keeps: bool = False
    """The message is one that later digests edit."""


class Outgoing(Model, frozen=True):
    """A row of the outbox: delivered once, in order, digest by digest."""

    id: int
    digest: int
    part: Part
    channel: str
    """For DIRECT, the person."""
    post: Post
    settle: Settle | None = None
    attempts: int = 0
    created_at: datetime
    not_before: datetime
    claimed_at: datetime | None = None
    """Set: somebody is sending it, or was when they stopped."""
    error: str = ""

    @property
    def mark(self) -> str:
        """What the message carries, so that it can be known again; an opaque id."""
        return f"o{self.id}"


class Letter(NamedTuple):
    """A message or a file, drawn."""

    text: str
    blocks: Sequence[dict[str, Any]] = ()
    steps: Sequence[Press] = ()
    """What somebody could do next; buttons, where there are any."""
    menus: Mapping[int, Sequence[Press]] = MappingProxyType({})
    """Block -> what can be done about just that."""
    name: str = ""
    """Of a file."""
    content: bytes = b""
    alt: str = ""
    """What is on a picture."""
    calls: str = ""
    """Who is called by the text; blocks do it themselves."""
