"""The estate's mapping, line by line, and the trend of findings."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from bot.domain.answers.findings import Finding
from bot.domain.asking import Stamp, say
from bot.domain.codes import LineState, Rule, Severity
from bot.domain.errors import NotFound
from bot.domain.estate import Estate
from bot.domain.maps import EstateMap, MapLine, MapPanel
from bot.ports import Ports, Tables
from bot.usecases.applying import judging
from bot.usecases.placing import ages
from bot.usecases.resolving import Ask, find_server
from bot.usecases.watching import drift

WEEKS = 4


class AskMap(Ask):
    server: str | None = None


def estate_map(ports: Ports, asks: Sequence[AskMap], stamp: Stamp) -> EstateMap:
    """Every mapping and every protected network without one, per pair of servers."""
    report = drift.drift(ports, [drift.AskDrift()], stamp)
    with ports.store.read() as tables:
        estate = tables.estate()
        name = asks[0].server
        only = _server(estate, name) if name is not None else None
        found = panels(tables, report.findings, only)
        named = {server for panel in found for server in (panel.source, panel.target)}
        servers = [id for id in sorted(estate.servers) if estate.server_named(id) in named]
        return EstateMap(
            panels=found,
            trend=tables.lives.trend((stamp.at - timedelta(weeks=WEEKS)).date()),
            server=estate.server_named(only) if only is not None else "",
            ages=ages(ports, estate, servers, stamp),
        )


def panels(tables: Tables, findings: Sequence[Finding], only: int | None = None) -> list[MapPanel]:
    """What the picture shows, server by server toward each other.

    Args:
        findings: worst first; they say how each mapping stands.
        only: leave out what concerns this server on neither side.
    """
    estate = tables.estate()
    worst = _worst(findings)
    keys = {
        (network.id, segment.key.server)
        for segment in tables.segments.all()
        if (network := estate.network_at(segment.key.source)) is not None
        and not segment.key.baseline
    } | set(estate.mappings)
    found: dict[tuple[int, int], list[MapLine]] = defaultdict(list)
    for key in sorted(keys, key=lambda k: (estate.networks[k[0]].key, k)):
        network, server = estate.networks[key[0]], key[1]
        if only not in (None, network.server, server):
            continue
        mapping = estate.mappings.get(key)
        segments = tables.segments.of(*key)
        vms = tables.segments.pairs(s.id for s in segments)
        if mapping is None:
            line = MapLine(source=network.name, state=LineState.BROKEN, vms=vms)
        else:
            target = estate.networks[mapping.target]
            choices = judging.side_by_side(network, target, segments)
            line = MapLine(
                source=network.name,
                target=target.name,
                mapping=mapping.label,
                state=worst.get(mapping.label, LineState.WELL),
                subnets=sum(choice.source is not None for choice in choices),
                same=sum(choice.rule is Rule.SAME_NAME for choice in choices),
                vms=vms,
            )
        found[network.server, server].append(line)
    return [
        MapPanel(
            source=estate.server_named(source),
            target=estate.server_named(target),
            lines=sorted(lines, key=lambda line: not line.mapping),
        )
        for (source, target), lines in sorted(found.items())
    ]


_STATES = {
    Severity.HIGH: LineState.BROKEN,
    Severity.UNKNOWN: LineState.NOT_CHECKED,
    Severity.MEDIUM: LineState.ATTENTION,
}


def _worst(findings: Sequence[Finding]) -> dict[str, LineState]:
    """Mapping -> what the worst finding about it means; findings come worst first."""
    found: dict[str, LineState] = {}
    for finding in findings:
        state = _STATES.get(finding.severity)
        if state is not None and "mapping" in finding.facts:
            found.setdefault(finding.facts["mapping"], state)
    return found


def _server(estate: Estate, name: str) -> int:
    """The server that is meant.

    Raises:
        NotFound: there is none; `map A to B` is taken for what it was meant as.
    """
    try:
        return find_server(estate, name).id
    except NotFound as fault:
        source, to, target = name.partition(" to ")
        if not to:
            raise
        raise NotFound(
            "`map` draws the estate.",
            hint="To map a network:",
            commands=[say("add", source=source, target=target, dry_run=True)],
        ) from fault
