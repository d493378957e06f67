"""Subscriptions to drift digests, and what one digest says."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from bot.domain.answers.findings import Finding
from bot.domain.answers.shared import Age
from bot.domain.asking import Stamp
from bot.domain.codes import MONDAY, FindingKind, Severity
from bot.domain.maps import DayCount, MapPanel
from bot.domain.model import Model
from bot.domain.replies import Step as Press


class Schedule(Model, frozen=True):
    """When a digest is due: minutes of a local day, on some days of the week."""

    text: str
    """As people write it, in one spelling: `weekdays 08:30`."""
    days: tuple[int, ...]
    """0 is Monday."""
    minutes: tuple[int, ...]
    """Since local midnight, in order."""

    def __str__(self) -> str:
        return self.text


class Quiet(Model, frozen=True):
    """Hours in which only what is high is said; may reach over midnight."""

    start: int
    """Minutes since local midnight."""
    end: int

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"

    def holds(self, minute: int) -> bool:
        """Whether this minute of the local day is quiet."""
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


class Digest(Model, frozen=True):
    """One subscription: a channel, when, and what was said there last."""

    id: int
    channel: str
    owner: str
    """A person or a user group: called when something high appears."""
    made_by: str = ""
    """Told of what only a person can mend, where the owner is a group."""
    schedule: Schedule
    zone: str
    """IANA name."""
    quiet: Quiet | None = None
    holidays: tuple[date, ...] = ()
    """Local days without a run, in order."""
    least: Severity = Severity.LOW
    """What is milder is left out; what could not be checked never is."""
    heartbeat: int | None = MONDAY
    """The day of the week on which a clean digest says that it is alive; None: never."""
    picture: bool = False
    made_at: datetime
    next_run: datetime | None
    """None: it is off or paused."""
    off: bool = False
    paused: str = ""
    """Why it could not be delivered any more, in Slack's word."""
    muted_until: datetime | None = None
    """Somebody wants to hear nothing before then."""
    muted_by: str = ""
    asked_by: str = ""
    """Somebody wants it now, whatever there is to say."""
    first: bool = True
    """Nothing was said yet."""
    parent: str = ""
    """The message that is edited; empty where nothing is open."""
    table: str = ""
    """The message below it with the table."""
    parent_at: datetime | None = None
    opened_at: datetime | None = None
    """Since when there has been something to say."""
    beat_on: date | None = None
    """The local day of the last heartbeat."""
    delivered_at: datetime | None = None
    last_error: str = ""
    error_at: datetime | None = None

    @property
    def label(self) -> str:
        return f"D{self.id}"


class HushKind(StrEnum):
    ACK = "ack"
    SNOOZE = "snooze"


class Hush(Model, frozen=True):
    """Somebody knows of a finding; it is not said again unless it gets worse."""

    kind: HushKind
    by: str
    at: datetime
    until: datetime | None = None
    reason: str = ""
    adapters: int = 0
    """How bad it was then."""
    severity: Severity = Severity.LOW


class Life(NamedTuple):
    """A finding from when it was first seen until it is gone."""

    id: int
    finding: Finding
    """As it was seen last."""
    since: datetime
    seen_at: datetime
    change: int
    """The newest change when it was seen last."""
    hush: Hush | None = None
    resolved_at: datetime | None = None
    resolved_by: str = ""
    """Who made the change that resolved it; empty where nobody is known."""
    resolved_change: str = ""

    @property
    def label(self) -> str:
        return f"F{self.id}"


class LastSeen(NamedTuple):
    """The same as it is kept: there are many, and few differ from one look to the next."""

    id: int
    finding: str
    """JSON."""
    since: str
    """ISO 8601, as all times that are kept."""
    change: int
    hush: str | None

    def life(self, finding: Finding, at: datetime, change: int) -> Life:
        """Its life, with the finding as it was seen now."""
        hush = Hush.model_validate_json(self.hush) if self.hush else None
        since = datetime.fromisoformat(self.since)
        return Life(self.id, finding, since, at, change, hush)


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


class Step(StrEnum):
    """What a digest does this time."""

    NOTHING = "nothing"
    BASELINE = "baseline"
    OPEN = "open"
    """A new message."""
    EDIT = "edit"
    """The same as before: the message is edited, nobody is disturbed."""
    ADD = "add"
    """More than before: a reply that the channel sees."""
    LESS = "less"
    CLOSE = "close"
    """Nothing is left to say."""
    REPEAT = "repeat"
    """The same for so long that it is said anew."""
    HEARTBEAT = "heartbeat"
    ASKED = "asked"
    """Somebody asked for it and there is nothing to say."""
    TEST = "test"
    CHANGED = "changed"
    """Its channel is told what became of it."""
    HUSHED = "hushed"
    """Somebody said that they know of something it told of."""
    PAUSED = "paused"
    """To the owner: it cannot be delivered."""
    UNSURE = "unsure"
    """To the owner: it may or may not have been delivered."""


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
    changed: "DigestChanged | None" = None
    """For CHANGED, by `asked_by`."""
    hushed: "Hushed | None" = None
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


class Hushed(Model):
    """Answer to `ack` and `snooze`."""

    verb: str
    """`acknowledged`, `snoozed`."""
    findings: list[Finding]
    until: datetime | None = None
    reason: str = ""
    change: str
    told: list[str] = []
    """Digests whose messages and threads say so."""


class Telling(Model, frozen=True):
    """A digest that has told of a finding."""

    digest: str
    channel: str


class Explained(Model):
    """Answer to `explain`."""

    finding: Finding
    seen_at: datetime
    """When it was seen last."""
    hushed_by: str = ""
    resolved_at: datetime | None = None
    resolved_by: str = ""
    resolved_change: str = ""
    told: list[Telling] = []


class Happening(Model, frozen=True):
    """Something an import brought that is worth telling, though it leaves no fault behind."""

    kind: FindingKind
    network: int
    server: int
    """Where the replicas are."""
    change: int
    at: datetime
    adapters: int = 0
    vms: int = 0
    examples: list[str] = []
    facts: dict[str, str] = {}
    before: dict[int, int] = {}
    """Class -> where its adapters belonged before, for placements that moved."""


class ImportFailure(Model, frozen=True):
    """The last try to import a server, if it failed."""

    server: str
    at: datetime
    message: str


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


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
