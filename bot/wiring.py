"""Build every room once. The only place that reads the clock and knows the store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot import commands
from bot.appliers.simulated import SimulatedApplier
from bot.commands import Caller
from bot.domain.asking import Stamp
from bot.domain.codes import Role
from bot.domain.errors import NetmapError
from bot.domain.replies import Reply
from bot.ports import Applier, InventorySource
from bot.render import Show
from bot.render.errors import error as render_error
from bot.render.imports import import_report
from bot.settings import Settings
from bot.usecases.imports import Options, import_inventory
from storage.store import Store
from storage.store import restore as restore_store

Progress = Callable[[str, int, int], None]


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
    stale_hours: float = 24
    progress: Progress = _quiet


class House:
    """A running bot without its doors."""

    def __init__(
        self, settings: Settings, now: Callable[[], datetime] = clock, progress: Progress = _quiet
    ) -> None:
        """Open the store.

        Raises:
            StoreFault: it cannot be used.
        """
        self.settings = settings
        self.now = now
        self.store = Store(settings.db)
        self.ports = Outside(self.store, stale_hours=settings.stale_hours, progress=progress)

    def answer(
        self,
        line: str,
        by: str,
        page: int | None = 12,
        where: str = "",
        zone: str = "UTC",
        escaped: bool = False,
    ) -> Reply:
        """Answer a line as this person.

        Args:
            page: how many rows of a long list; None: all.
            escaped: it comes from Slack, with entities and links.
        """
        caller = Caller(
            by,
            self.settings.role_of(by),
            self.now(),
            page,
            where,
            zone,
            lambda role: self.settings.remedy(by, role),
        )
        return commands.answer(self.ports, line, caller, escaped)

    def is_empty(self) -> bool:
        """Whether no inventory was ever taken in."""
        with self.store.read() as tables:
            return not tables.estate().servers and tables.changes.last() == 0

    def close(self) -> None:
        """Close the store."""
        self.store.close()


def build(settings: Settings, progress: Progress = _quiet) -> House:
    """The house, with the real clock."""
    return House(settings, clock, progress)


def load_sample(house: House) -> None:
    """Fill an empty store with the sample estate: its inventories and its history."""
    from bot.importers.sample import sample_days

    for day in sample_days(house.now()):
        take_in(house, day.inventories, "local:sample", day.at, Options(simulated=True))
        for line in day.commands:
            caller = Caller("local:sample", Role.ADMIN, day.at)
            reply = commands.answer(house.ports, line, caller)
            if not reply.ok:
                raise RuntimeError(f"the sample cannot say {line!r}: {reply.text}")


def take_in(
    house: House,
    sources: Sequence[InventorySource],
    by: str,
    at: datetime,
    options: Options,
) -> Reply:
    """Import these sources one after the other; what was taken in before a refusal stays."""
    reports = [
        import_inventory(
            house.ports, source, Stamp(by, at, command=f"import {source.names}"), options
        )
        for source in sources
    ]
    reply = import_report(reports, Show(commands.write_line, at))
    reply.result = [report.model_dump(mode="json") for report in reports]
    return reply


def restore(copy: Path, path: Path) -> Path | None:
    """Put a backup in the place of the database; where the replaced file was kept, if any."""
    return restore_store(copy, path)


def import_files(
    house: House,
    paths: Sequence[Path],
    by: str,
    server: str | None = None,
    collected_at: datetime | None = None,
    force: bool = False,
    replace_server: bool = False,
) -> Reply:
    """Read inventory files and take them in; a refusal is a reply too."""
    from bot.importers import open_inventory

    options = Options(force=force, replace_server=replace_server)
    show = Show(commands.write_line, house.now())
    try:
        sources = open_inventory(paths, server, collected_at)
        return take_in(house, sources, by, house.now(), options)
    except NetmapError as error:
        return render_error(error, show)
