"""Subscriptions to drift digests."""

from datetime import date, datetime
from enum import StrEnum

from bot.domain.codes import MONDAY, Severity
from bot.domain.model import Model


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


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
