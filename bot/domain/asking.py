"""Who asks, when, and how much of an answer fits through the door."""

from datetime import datetime, time
from typing import TYPE_CHECKING, NamedTuple, Protocol

from bot.domain.codes import Role

if TYPE_CHECKING:
    from bot.domain.answers.mappings import Reconnection


class Gate(NamedTuple):
    """What somebody has to look at before it is done."""

    over: int = 25
    """Changes that reconnect more VMs, or disconnect any, are shown first."""
    approval: bool = False
    """Every change waits for another person."""
    agreed: int = 0
    """The request whose plan was agreed to."""
    agreed_by: str = ""
    reason: str = ""
    glass: bool = False
    """Done at once all the same, to be reviewed."""
    trial: bool = False
    """What was agreed to is only shown as it would be now."""


LOOK_FIRST = Gate(over=-1)
"""Shown before it is done, however small it is."""


class Sheet(Protocol):
    """Takes a list that is too long to be held while it is read."""

    def wants(self, number: int, done: bool) -> bool:
        """Whether it takes a list of so many; asked before any of it is read.

        Args:
            done: False: it is only shown what would be done.
        """

    def moves(self, like: "Reconnection", names: str) -> None:
        """Several VMs with the same move of the adapter in the same slot.

        Args:
            like: the move, its VM left open.
            names: of the VMs, as a JSON array: they come so from the store by the ten thousand.
        """

    def part(self, answer: object) -> None:
        """Rows of an answer that comes in parts."""


FIRST = 12
MOST = 1_000
"""Reconnections that an answer holds at most; a change may make a hundred times as many."""


class Stamp(NamedTuple):
    """The person and the moment; travels into every use case."""

    by: str
    """A Slack user id, or `local:<login>`."""
    at: datetime
    role: Role = Role.ADMIN
    command: str = ""
    """The line as it was asked, for the history."""
    page: int | None = 12
    """How many rows of a long list to resolve; None: all of them, reconnections aside."""
    where: str = ""
    """The channel it was asked in; empty outside Slack."""
    zone: str = "UTC"
    gate: Gate | None = None
    """None: what is asked is done."""
    sheet: "Sheet | None" = None
    """Takes every reconnection, where a page of them is not enough."""

    @property
    def shown(self) -> int:
        """How many reconnections to name beside those that the sheet takes."""
        if self.sheet is not None:
            return FIRST
        return MOST if self.page is None else self.page


class Near(NamedTuple):
    """A moment near the one at which it is said, by the clock of whoever says it."""

    clock: time | None
    """None: as the day begins."""
    ahead: int | None = None
    """0 is today, 1 tomorrow."""
    weekday: int | None = None
    """0 is Monday. Without this and `ahead`, any day."""


class Lease(NamedTuple):
    """Who is reconnecting replicas at a server; nobody else may until it ends."""

    by: str
    at: datetime
    until: datetime
    """When it ends by itself, should the work have broken off."""


class Say(NamedTuple):
    """A command that could be run next, not yet written as a line."""

    command: str
    values: dict[str, object]


def say(command: str, /, **values: object) -> Say:
    """A command to suggest; values as the grammar reads them, empty ones left out."""
    return Say(command, {key: value for key, value in values.items() if value not in (None, "")})
