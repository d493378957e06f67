"""Find what is not as it should be, without loading the estate.

Placement drift is two range seeks per class; the other findings are read from the classes
themselves, from pairs that carry a fault, and from networks and servers.
"""

from collections import Counter
from collections.abc import Sequence

from bot.domain.answers.findings import DriftReport
from bot.domain.asking import Stamp
from bot.engine.severity import ORDER
from bot.ports import Ports
from bot.usecases.placing import ages
from bot.usecases.resolving import Ask, find_server
from bot.usecases.restored import lately
from bot.usecases.watching import astray, brought, classes, surroundings
from bot.usecases.watching.found import Found


class AskDrift(Ask):
    server: str | None = None


def drift(ports: Ports, asks: Sequence[AskDrift], stamp: Stamp) -> DriftReport:
    """Every finding there is now, worst first.

    Args:
        asks: `server` narrows it to findings that concern this server on either side.
    """
    with ports.store.read() as tables:
        estate = tables.estate()
        name = asks[0].server
        only = find_server(estate, name).id if name is not None else None
        segments = {segment.id: segment for segment in tables.segments.all()}
        checked = {id: ages(ports, estate, [id], stamp)[0] for id in sorted(estate.servers)}
        stale = {id: age.collected_at.isoformat() for id, age in checked.items() if age.stale}
        found = Found(tables, estate, only, (one.name for one in ports.collectors))
        leaving = astray.gather(found, segments, tables.segments.astray())
        classes.gather(found, tables, estate, segments.values(), leaving)
        surroundings.pairs(found, tables, estate)
        surroundings.twice(found, tables, estate)
        surroundings.networks(found, tables, estate, segments.values())
        surroundings.servers(found, tables, estate, stale)
        surroundings.outside(found, tables, estate)
        brought.gather(found, tables, estate, segments, stamp.at)
        findings = found.findings()
        restored = lately(tables, stamp.at)
    findings.sort(key=lambda f: (_RANK[f.severity], -f.adapters, f.kind, f.subject))
    number = Counter(finding.severity for finding in findings)
    counts = {str(severity): number[severity] for severity in ORDER if number[severity]}
    return DriftReport(
        findings=findings,
        counts=counts,
        vms_at_risk=found.at_risk,
        more_at_risk=found.more_at_risk,
        checked=[age for id, age in checked.items() if only in (None, id)],
        server=estate.server_named(only) if only else "",
        restored=restored,
    )


_RANK = {severity: rank for rank, severity in enumerate(ORDER)}
