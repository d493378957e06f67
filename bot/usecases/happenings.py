"""What an import brought that leaves no fault behind: placements that moved, VMs that appeared."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.codes import FindingKind, Rule
from bot.domain.digests import Happening
from bot.domain.estate import Estate
from bot.domain.pairs import KnownPair, Pair
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
    vms: dict[SegmentKey, list[int]] = field(default_factory=lambda: defaultdict(list))
    """The active VM objects."""

    def notice(self, estate: Estate, pair: Pair, before: KnownPair | None) -> None:
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
                if pair.active not in self.vms[nic.key]:
                    self.vms[nic.key].append(pair.active)


def keep_newcomers(tables: Tables, found: Newcomers, change: int, at: datetime) -> None:
    """Write down which networks VMs appeared on."""
    estate = tables.estate()
    together: dict[tuple[int, int], tuple[int, dict[int, None]]] = {}
    for key, count in found.adapters.items():
        network = estate.network_at(key.source)
        if network is None:
            continue
        adapters, vms = together.get((network.id, key.server), (0, {}))
        together[network.id, key.server] = (
            adapters + count,
            vms | dict.fromkeys(found.vms[key]),
        )
    tables.lives.happened(
        Happening(
            kind=FindingKind.APPEARED,
            network=network,
            server=server,
            change=change,
            at=at,
            adapters=adapters,
            vms=len(vms),
            examples=sorted(
                row.name for id in list(vms)[:EXAMPLES] if (row := tables.vms.get(id)) is not None
            ),
        )
        for (network, server), (adapters, vms) in together.items()
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
