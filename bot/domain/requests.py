"""Changes that wait: to be looked at by who asked, or to be approved by somebody else."""

from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.answers.shared import Restored
from bot.domain.model import Model

LASTS = timedelta(hours=24)
"""How long a request can be agreed to."""


HANDED_IN = "import "
"""Begins what is kept in place of a line where a file asked: its names follow."""


def file_of(line: str) -> str:
    """The file that asked in place of a line; empty where a line did."""
    return line.removeprefix(HANDED_IN) if line.startswith(HANDED_IN) else ""


class RequestKind(StrEnum):
    LOOK = "look"
    """Shown to who asked, because of what it touches."""
    APPROVAL = "approval"
    """Waits for another person."""
    GLASS = "glass"
    """Done at once with `--break-glass`, to be reviewed."""


class RequestState(StrEnum):
    OPEN = "open"
    DONE = "done"
    REJECTED = "rejected"
    REVIEWED = "reviewed"
    EXPIRED = "expired"
    """What is open counts as this once its time has passed; a job then writes it down."""


class Request(Model, frozen=True):
    """R12: a change as it was shown, and what became of it."""

    id: int
    kind: RequestKind
    state: RequestState = RequestState.OPEN
    line: str
    """What was asked, without `/netmap`; `import maps.csv` where a file asked."""
    by: str
    at: datetime
    where: str = ""
    """The channel it was asked in."""
    fingerprint: str = ""
    vms: int = 0
    """Replicas that are reconnected."""
    adapters: int = 0
    disconnects: int = 0
    """Of the adapters, those that lose their network."""
    text: str = ""
    """The change in one sentence, as it was shown."""
    reason: str = ""
    change: int = 0
    """The change that was made of it."""
    decided_by: str = ""
    decided_at: datetime | None = None
    said: str = ""
    """Why it was rejected."""
    channel: str = ""
    ts: str = ""
    """The message that shows it to those who approve."""

    @property
    def label(self) -> str:
        return f"R{self.id}"

    @property
    def name(self) -> str:
        """What people know it by: of what went through at once, the change."""
        return f"C{self.change}" if self.kind is RequestKind.GLASS else self.label

    @property
    def expires(self) -> datetime:
        return self.at + LASTS

    def stands(self, at: datetime) -> RequestState:
        """Its state at a moment."""
        waits = self.state is RequestState.OPEN and self.kind is not RequestKind.GLASS
        return RequestState.EXPIRED if waits and at >= self.expires else self.state


class RequestLine(Model, frozen=True):
    """A request as it is shown; answer to `reject`."""

    id: str
    kind: RequestKind
    state: RequestState
    line: str
    by: str
    at: datetime
    expires: datetime | None = None
    text: str = ""
    reason: str = ""
    vms: int = 0
    disconnects: int = 0
    change: str | None = None
    decided_by: str = ""
    said: str = ""


class PendingList(Model):
    """Answer to `pending`."""

    requests: list[RequestLine]
    restored: Restored | None = None
