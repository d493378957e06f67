"""Decide where replicas come up after failover.

The rule of VMM network mapping, asked once per class of adapters, first match wins:

0. the source adapter is on no network: no network, and netmap has no wish;
1. its network is not mapped toward the replica's server: no network. A wish to disconnect only
   where a mapping was removed; never mapped, a target that is gone, or a side nobody observed:
   no opinion;
2. the target has a subnet of the same name: that one, letter case aside if need be;
3. else the first subnet of the target, in adopted order;
4. the target has no subnets: the network alone.

Source: Microsoft Learn, "Prepare network mapping for Hyper-V VM disaster recovery"; it is silent on
rules 0 and 4, on letter case and on order, so those are our reading.
"""

from bot.domain.codes import Isolation, Note, Readiness, Rule
from bot.domain.estate import DISCONNECTED, NO_OPINION, Estate, Network, Subnet
from bot.domain.placements import STATIC, Baseline, Placement, SegmentKey
from bot.engine.failback import failback


def decide(key: SegmentKey, baseline: Baseline | None, estate: Estate) -> Placement:
    """Where adapters of this class belong, with everything a person should know about it."""
    if baseline is not None and key.readiness != Readiness.FAILED_OVER:
        placement = failback(key.source, baseline, key.server, estate, join)
    else:
        placement = forward(key.source, key.server, estate)
    if placement.at <= DISCONNECTED:
        return placement
    target, subnet = estate.places[placement.at]
    concerns = _concerns(key, target, subnet, estate)
    return placement._replace(notes=placement.notes | concerns) if concerns else placement


def forward(source: int, server: int, estate: Estate) -> Placement:
    """The rule for an adapter at the place `source` whose replica is at `server`."""
    if source == DISCONNECTED:
        return Placement(NO_OPINION, Rule.SOURCE_DISCONNECTED)
    if source not in estate.places:
        return Placement(NO_OPINION, Rule.NOT_CHECKED)
    network, subnet = estate.places[source]
    mapping = estate.mappings.get((network.id, server))
    if mapping is None:
        removed = estate.removed.get((network.id, server))
        return Placement(NO_OPINION, Rule.NOT_MAPPED, former=removed.target if removed else 0)
    return join(subnet, estate.networks.get(mapping.target))


def join(subnet: Subnet | None, target: Network | None) -> Placement:
    """Which subnet of the target network an adapter joins that sits on `subnet` at its source.

    Args:
        subnet: None where the source adapter has none: no name to match.
        target: None where the network is not known any more.
    """
    if target is None or target.gone:
        return Placement(NO_OPINION, Rule.TARGET_GONE)
    if not target.subnets:
        return Placement(target.at, Rule.NO_SUBNETS)
    if subnet is not None:
        name, key = subnet.name, subnet.key
        exact = [s for s in target.subnets if s.name == name]
        alike = exact or [s for s in target.subnets if s.key == key]
        if alike:
            notes = set() if exact else {Note.OTHER_CASE}
            if len(alike) > 1:
                notes.add(Note.CASE_AMBIGUOUS)
            return Placement(alike[0].at, Rule.SAME_NAME, frozenset(notes))
    several = _SEVERAL if len(target.subnets) > 1 else _NOTHING
    return Placement(target.subnets[0].at, Rule.FIRST_SUBNET, several)


_NOTHING = frozenset[Note]()
_SEVERAL = frozenset({Note.SEVERAL_SUBNETS})


def _concerns(
    key: SegmentKey, target: Network, subnet: Subnet | None, estate: Estate
) -> frozenset[Note]:
    """What stands in the way of the placement: no pool, a host or a cloud that cannot reach it."""
    notes = set()
    pooled = key.addressing == STATIC or target.isolation is Isolation.VIRTUALIZED
    if pooled and subnet is not None and subnet.pools == 0:
        notes.add(Note.NO_POOL)
    if target.logical_known:
        cloud = estate.clouds.get(key.toward)
        reach = estate.reach.get(key.reach)
        if cloud is not None and cloud.logical is not None and target.logical not in cloud.logical:
            notes.add(Note.UNREACHABLE_CLOUD)  # which its hosts cannot mend
        elif reach is not None and target.logical not in reach:
            notes.add(Note.UNREACHABLE_HOST)
    return frozenset(notes) if notes else _NOTHING
