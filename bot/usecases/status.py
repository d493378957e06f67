"""How the bot is doing, and what a person may do."""

from collections.abc import Sequence
from datetime import datetime

from bot import __version__
from bot.domain.answers.operation import Scheduler, Status, Who
from bot.domain.asking import Stamp
from bot.ports import Ports, Tables
from bot.usecases.networks import AskNothing
from bot.usecases.placing import ages
from bot.usecases.restored import lately
from bot.usecases.telling.pulse import stands_still


def status(ports: Ports, asks: Sequence[AskNothing], stamp: Stamp) -> Status:
    """Inventory ages, mappings and what is pending."""
    with ports.store.read() as tables:
        estate = tables.estate()
        last = tables.changes.recent(1)
        return Status(
            version=__version__,
            sample=any(s.simulated and not s.rehearsal for s in estate.servers.values()),
            rehearsal=any(s.rehearsal for s in estate.servers.values()),
            servers=ages(ports, estate, sorted(estate.servers), stamp),
            mappings=len(estate.mappings),
            last_change=last[0].label if last else None,
            pending=tables.segments.open_count(),
            appliers=[
                a.name for a in ports.appliers if any(map(a.reaches, estate.servers.values()))
            ],
            remotes=[collector.standing() for collector in ports.collectors],
            scheduler=_scheduler(tables, stamp.at),
            processes=list(ports.processes()),
            restored=lately(tables, stamp.at),
        )


def _scheduler(tables: Tables, at: datetime) -> Scheduler | None:
    pulses = tables.lives.pulses()
    if "tick" not in pulses:
        return None
    on = [digest for digest in tables.digests.all() if not digest.off]
    waiting, since = tables.outbox.backlog()
    return Scheduler(
        ticked_at=pulses["tick"][0],
        looked_at=pulses["look"][0] if "look" in pulses else None,
        silent=stands_still(tables, at),
        digests=len(on),
        paused=[digest.label for digest in on if digest.paused],
        next_run=min((one.next_run for one in on if one.next_run is not None), default=None),
        waiting=waiting,
        waiting_since=since,
        failed_imports=[failure.server for failure in tables.lives.failed_imports()],
    )


def whoami(ports: Ports, asks: Sequence[AskNothing], stamp: Stamp) -> Who:
    """The person as the bot knows them; `may` is filled from the command table."""
    return Who(by=stamp.by, role=stamp.role, may=[])
