"""How the bot is doing, and what a person may do."""

from collections.abc import Sequence

from bot import __version__
from bot.domain.answers import Status, Who
from bot.domain.asking import Stamp
from bot.ports import Ports
from bot.usecases.networks import AskNothing
from bot.usecases.placing import ages


def status(ports: Ports, asks: Sequence[AskNothing], stamp: Stamp) -> Status:
    """Inventory ages, mappings and what is pending."""
    with ports.store.read() as tables:
        estate = tables.estate()
        last = tables.changes.last()
        return Status(
            version=__version__,
            sample=any(s.simulated and not s.rehearsal for s in estate.servers.values()),
            rehearsal=any(s.rehearsal for s in estate.servers.values()),
            servers=ages(ports, estate, sorted(estate.servers), stamp),
            mappings=len(estate.mappings),
            last_change=f"C{last}" if last else None,
            pending=tables.segments.open_count(),
            appliers=[a.name for a in ports.appliers],
            remotes=[collector.standing() for collector in ports.collectors],
        )


def whoami(ports: Ports, asks: Sequence[AskNothing], stamp: Stamp) -> Who:
    """The person as the bot knows them; `may` is filled from the command table."""
    return Who(by=stamp.by, role=stamp.role, may=[])
