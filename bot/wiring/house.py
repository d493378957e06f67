"""The house: every room, built once, with the clock and the store."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot import commands
from bot.appliers.simulated import SimulatedApplier
from bot.commands import Caller, Said
from bot.domain.asking import Gate, Stamp
from bot.domain.errors import NetmapError, SetupFault
from bot.domain.names import name_key
from bot.domain.replies import Reply
from bot.render import Show
from bot.render.sheets import Sheet
from bot.running import serving
from bot.settings import Settings
from bot.usecases.people import Names
from storage.store import Store

if TYPE_CHECKING:
    from bot.appliers.vmm.remoting import Remote
    from bot.beside import Beside
    from bot.domain.answers.operation import Process
    from bot.domain.intake import Intake
    from bot.domain.orders import Order
    from bot.domain.placements import Move
    from bot.domain.reports import ImportReport
    from bot.ports import Applier, Collector, Poster

log = logging.getLogger("netmap")

Progress = Callable[[str, int, int], None]

Files = Sequence[tuple[str, bytes]]
"""Names and contents."""


def clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def _quiet(what: str, done: int, of: int) -> None:
    """Nobody watches."""


@dataclass
class Outside:
    """The real things behind `bot.ports.Ports`."""

    store: Store
    appliers: Sequence[Applier] = field(default_factory=lambda: (SimulatedApplier(),))
    collectors: Sequence[Collector] = ()
    stale_hours: float = 24
    progress: Progress = _quiet
    processes: Callable[[], Sequence[Process]] = tuple
    beside: Beside | None = None
    """Where a bot serves: inventories are taken in by processes of their own."""

    def bring(self, intake: Intake) -> list[ImportReport]:
        """Take inventory files in; what was taken in before a refusal stays."""
        from bot.wiring.taking import take_files

        return self.beside.take(intake) if self.beside else list(take_files(self, intake))


class _Collector:
    """Fetches a server's inventory by remoting."""

    def __init__(self, remote: Remote) -> None:
        self.name = remote.name
        self.standing = remote.standing
        self._remote = remote

    @contextmanager
    def collect(self) -> Iterator[tuple[Path, list[str]]]:
        from bot.appliers.vmm.collecting import collected
        from bot.importers import open_inventory

        with collected(self._remote) as (path, warnings):
            [source] = open_inventory([path])  # which reads its first and last lines
            found = source.header["server"]["name"]
            if name_key(found) != name_key(self.name):
                raise SetupFault(
                    f"The server at {self._remote.server.host} calls itself {found}, and"
                    f" NETMAP_VMM calls it {self.name}.",
                    "Call it there as it calls itself.",
                )
            yield path, warnings


class House:
    """A running bot without its doors."""

    def __init__(
        self,
        settings: Settings,
        now: Callable[[], datetime] = clock,
        progress: Progress = _quiet,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """Open the store.

        Args:
            environ: holds the secrets that NETMAP_VMM names.

        Raises:
            StoreFault: it cannot be used.
        """
        self.settings = settings
        self.now = now
        self.poster: Poster | None = None
        """Brings digests to Slack; None where there is none."""
        self._environ = environ
        self.store = Store(settings.db)
        appliers: list[Applier] = [SimulatedApplier()]
        collectors: list[Collector] = []
        if settings.vmm:
            from bot.appliers.vmm.applier import RemoteApplier
            from bot.appliers.vmm.remoting import Remote

            remotes = [Remote(server, environ, now) for server in settings.vmm]
            by_name = {name_key(one.name): one for one in remotes}
            appliers.append(RemoteApplier(by_name, self._orders))
            collectors += [_Collector(one) for one in remotes]
        self.ports = Outside(
            self.store,
            appliers,
            collectors,
            stale_hours=settings.stale_hours,
            progress=progress,
            processes=partial(_processes, settings.db),
        )

    def _orders(self, moves: Sequence[Move]) -> list[Order]:
        from bot.usecases.applying.orders import orders

        with self.store.read() as tables:
            return orders(tables, moves)

    def answer(
        self,
        line: str | Said,
        by: str,
        page: int | None = 12,
        where: str = "",
        zone: str = "UTC",
        sheet: Sheet | None = None,
    ) -> Reply:
        """Answer a line as this person.

        Args:
            page: how many rows of a long list; None: all.
            sheet: takes all rows; the answer shows the first of them.
        """
        caller = Caller(
            by,
            self.settings.role_of(by),
            self.now(),
            page,
            where,
            zone,
            lambda role: self.settings.remedy(by, role),
            sheet=sheet,
            gate=self.gate(),
        )
        said = commands.read(line)
        reply = commands.answer(self.ports, said, caller)
        if self.poster is None and reply.ok and said.may_change:
            self.look()  # where a scheduler runs, it does
        return reply

    def gate(self, reason: str = "", glass: bool = False) -> Gate | None:
        """What has to be passed by changes made at this machine: approval, where it is wanted."""
        return Gate(approval=True, reason=reason, glass=glass) if self.settings.approval else None

    def show(self, at: datetime | None = None) -> Show:
        """What renderers need."""
        return Show(commands.write_line, at or self.now(), name=Names(self.store))

    def serve(self) -> Beside:
        """Import in processes of their own from now on, as whoever asks must not wait."""
        from bot.beside import Beside

        self.ports.beside = Beside(self.settings.db, self._environ)
        return self.ports.beside

    def look(self) -> None:
        """Give numbers to findings that arose, and end those that are gone."""
        from bot.usecases.watching.findings import look

        try:
            look(self.ports, Stamp("local:look", self.now()))
        except NetmapError as fault:
            log.warning("findings could not be kept: %s", fault.message)

    def watched(self, progress: Progress) -> Outside:
        """The same ports, with somebody told how far long work is."""
        return replace(self.ports, progress=progress)

    def take(
        self, files: Files, caller: Caller, change: bool, progress: Progress = _quiet
    ) -> Reply:
        """Take in files that came through a door together, as this person."""
        from bot.wiring.taking import take_given

        watched = copy(self)
        watched.ports = self.watched(progress)
        return take_given(
            watched,
            files,
            caller.by,
            change=change,
            role=caller.role,
            gate=caller.gate,
            where=caller.where,
            sheet=caller.sheet,
        )

    def close(self) -> None:
        """Close the store."""
        self.store.close()


def _processes(db: Path) -> list[Process]:
    from bot.domain.answers.operation import Process

    return [
        Process(pid=one.pid, door=one.door, since=one.since, trouble=one.trouble)
        for one in serving(db)
    ]


def build(settings: Settings, progress: Progress = _quiet) -> House:
    """The house, with the real clock."""
    return House(settings, clock, progress)
