"""What carries out, fetches and posts; and all that a use case may use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from bot.domain.answers.operation import Process
    from bot.domain.estate import Server
    from bot.domain.intake import Intake
    from bot.domain.orders import Receipt
    from bot.domain.placements import Move
    from bot.domain.posts import Letter
    from bot.domain.remotes import RemoteStanding
    from bot.domain.reports import ImportReport
    from bot.ports.store import Store


class Applier(Protocol):
    """Carries a plan to the outside world."""

    name: str
    takes_time: bool
    """It works on something outside, so one person at a time may use it on a server."""

    def reaches(self, server: Server) -> bool:
        """Whether it can reconnect replicas at this server."""
        ...

    def apply(self, server: Server, moves: Iterable[Move]) -> Iterator[Receipt]:
        """Reconnect them; one receipt each."""
        ...


class Collector(Protocol):
    """Fetches the inventory of one server that netmap talks to itself."""

    name: str
    """The server, as its inventories call it."""

    def collect(self) -> AbstractContextManager[tuple[Path, list[str]]]:
        """Ask the server now: its inventory as a file, and warnings; raises Unreachable."""
        ...

    def standing(self) -> RemoteStanding:
        """How talking to it goes."""
        ...


class Ports(Protocol):
    """Everything a use case may use."""

    @property
    def store(self) -> Store: ...
    @property
    def appliers(self) -> Sequence[Applier]: ...
    @property
    def collectors(self) -> Sequence[Collector]:
        """One for each server that is set up for remoting."""
        ...

    def bring(self, intake: Intake) -> list[ImportReport]:
        """Take inventory files in, in this process or beside it."""
        ...

    @property
    def stale_hours(self) -> float:
        """An inventory older than this is a finding."""
        ...

    @property
    def processes(self) -> Callable[[], Sequence[Process]]:
        """Which processes serve the database now."""
        ...

    @property
    def progress(self) -> Callable[[str, int, int], None]:
        """Told (what, done, of) during long work."""
        ...


class Poster(Protocol):
    """Brings messages to a chat; every method raises Undelivered."""

    def post(
        self,
        channel: str,
        letter: Letter,
        mark: str,
        thread: str = "",
        broadcast: bool = False,
    ) -> str:
        """Say something new; its id there. `mark` goes with it, for `find`."""
        ...

    def edit(self, channel: str, message: str, letter: Letter, mark: str) -> None:
        """Replace what a message says."""
        ...

    def upload(self, channel: str, letter: Letter, thread: str) -> None:
        """Put a file into a thread."""
        ...

    def direct(self, person: str) -> str:
        """Where one writes to this person alone."""
        ...

    def find(self, channel: str, mark: str, around: datetime, thread: str = "") -> str | None:
        """The id of the message with this mark, sent about then; None if there is none.

        Raises:
            Undelivered: one may not look.
        """
        ...
