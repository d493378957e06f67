"""What an import brought that leaves no fault behind: placements that moved, VMs that appeared."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from bot.domain.codes import FindingKind, Rule
from bot.domain.estate import Estate
from bot.domain.lives import Happening
from bot.domain.pairs import Pair
from bot.domain.placements import SegmentKey
from bot.domain.reports import NetworkNews
from bot.ports import Tables
from bot.usecases.placing import Replaced, spot

EXAMPLES = 3
CAUSES = 3


@dataclass
class Newcomers:
    """Adapters that came to a class of which their VM had none, class by class."""

    adapters: dict[SegmentKey, int] = field(default_factory=lambda: defaultdict(int))
    vms: dict[SegmentKey, dict[int, None]] = field(default_factory=lambda: defaultdict(dict))
    """The active VM objects, in the order in which they were seen."""

    def notice(self, estate: Estate, pair: Pair, before: Pair | None) -> None:
        """See what one pair has now that it had not before."""
        if pair.away or not pair.active or not pair.passive:
            return
        if before is not None and before.active != pair.active:
            return  # it came home, or a side was set up anew
        known = {
            network.id
            for nic in (before.nics if before else ())
            if (network := estate.network_at(nic.key.source))
        }
        for nic in pair.nics:
            network = estate.network_at(nic.key.source)
            if network is not None and network.id not in known:
                self.adapters[nic.key] += 1
                self.vms[nic.key][pair.active] = None


def keep_newcomers(tables: Tables, found: Newcomers, change: int, at: datetime) -> None:
    """Write down which networks VMs appeared on."""
    estate = tables.estate()
    adapters: dict[tuple[int, int], int] = defaultdict(int)
    vms: dict[tuple[int, int], dict[int, None]] = defaultdict(dict)
    for key, count in found.adapters.items():
        network = estate.network_at(key.source)
        if network is not None:
            adapters[network.id, key.server] += count
            vms[network.id, key.server].update(found.vms[key])
    tables.lives.happened(
        Happening(
            kind=FindingKind.APPEARED,
            network=network_id,
            server=server,
            change=change,
            at=at,
            adapters=count,
            vms=len(vms[network_id, server]),
            examples=sorted(
                row.name
                for id in islice(vms[network_id, server], EXAMPLES)
                if (row := tables.vms.get(id)) is not None
            ),
        )
        for (network_id, server), count in adapters.items()
    )


def keep_moved(
    tables: Tables,
    moved: Iterable[Replaced],
    news: Sequence[NetworkNews],
    change: int,
    at: datetime,
) -> None:
    """Write down which placements moved, and what in the inventory moved them."""
    estate = tables.estate()
    together: dict[tuple[int, int], list[Replaced]] = defaultdict(list)
    for replaced in moved:
        network = estate.network_at(replaced.after.key.source)
        rules = (replaced.before.rule, replaced.after.rule)  # what is gone is a finding itself
        if network is not None and Rule.TARGET_GONE not in rules:
            together[network.id, replaced.after.key.server].append(replaced)
    things = []
    for (network_id, server), those in together.items():
        most = max(those, key=lambda r: r.after.adapters)
        mapping = estate.mappings.get((network_id, server))
        names = {estate.networks[network_id].name}
        if mapping is not None:
            names.add(estate.networks[mapping.target].name)
        causes = [_cause(one) for one in news if one.network in names or one.was in names]
        segments = [r.after.id for r in those]
        things.append(
            Happening(
                kind=FindingKind.PLACEMENT_MOVED,
                network=network_id,
                server=server,
                change=change,
                at=at,
                adapters=sum(r.after.adapters for r in those),
                vms=tables.segments.pairs(segments),
                examples=tables.findings.examples(segments, EXAMPLES),
                facts={
                    "was": _words(estate, most.before.desired),
                    "wish": _words(estate, most.after.desired),
                    "cause": "; ".join(causes[:CAUSES]),
                },
                before={r.before.id: r.before.desired for r in those},
            )
        )
    tables.lives.happened(things)


def _cause(news: NetworkNews) -> str:
    what = f"{news.network} / {news.subnet}" if news.subnet else news.network
    match news.event:
        case "renamed":
            return f"{what} was {news.was} before"
        case "reordered":
            return f"the subnets of {news.network} were reordered"
        case "gone":
            return f"{what} is gone"
        case "back":
            return f"{what} is back"
    return f"{what} is new"


def _words(estate: Estate, at: int) -> str:
    found = spot(estate, at)
    if found.network is None:
        return "no network" if at == 0 else "no opinion"
    return f"{found.network} / {found.subnet}" if found.subnet else found.network
