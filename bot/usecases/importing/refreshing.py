"""Fetch inventories from the servers that netmap talks to itself."""

from collections.abc import Sequence

from bot.domain.asking import Stamp, say
from bot.domain.errors import NetmapError, NotFound
from bot.domain.intake import Intake
from bot.domain.names import name_key
from bot.domain.reports import ImportReport, Refreshed
from bot.ports import Collector, Ports
from bot.usecases.resolving import Ask


class AskRefresh(Ask):
    server: str | None = None


def refresh(ports: Ports, asks: Sequence[AskRefresh], stamp: Stamp) -> Refreshed:
    """Ask one server, or every one that is set up, for its inventory now.

    Raises:
        NotFound: no such server is set up.
        NetmapError: it was the only one, and what went wrong with it.
    """
    wanted = _wanted(ports, asks[0].server)
    done: list[ImportReport] = []
    failed: dict[str, str] = {}
    for collector in wanted:
        try:
            with collector.collect() as (path, warnings):
                reports = ports.bring(
                    Intake(paths=(path,), by=stamp.by, at=stamp.at, command=stamp.command)
                )
            for report in reports:
                report.warnings = _not_said(report, warnings)
            done += reports
        except NetmapError as fault:
            if len(wanted) == 1:
                raise
            failed[collector.name] = f"{fault.message} {fault.hint}".strip()
    return Refreshed(reports=done, failed=failed)


def _not_said(report: ImportReport, warnings: Sequence[str]) -> list[str]:
    """Those that the report does not hold anyway."""
    said = tuple(f"{one.vm} could not be read" for one in report.unreadable)
    return [warning for warning in warnings if not warning.startswith(said)]


def _wanted(ports: Ports, name: str | None) -> list[Collector]:
    every = list(ports.collectors)
    if not every:
        raise NotFound(
            "netmap talks to no VMM server itself: none is set up.",
            hint="Whoever runs netmap can set NETMAP_VMM; files are taken by netmap import.",
        )
    if name is None:
        return every
    found = [one for one in every if name_key(one.name) == name_key(name)]
    if not found:
        raise NotFound(
            f"{name} is not set up for netmap to ask.",
            hint="These are:",
            commands=[say("refresh", server=one.name) for one in every],
        )
    return found
