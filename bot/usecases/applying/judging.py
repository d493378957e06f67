"""What stands for and against a mapping: subnets side by side, clouds, hosts, preconditions."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from bot.domain.answers.mappings import MappingChanged, Precondition, SubnetChoice
from bot.domain.checks import Availability, Standing
from bot.domain.codes import FindingKind
from bot.domain.estate import Cloud, Estate, Mapping, Network
from bot.domain.names import name_key
from bot.domain.placements import Segment
from bot.engine.checks import carries, linked
from bot.engine.placing import join
from bot.ports import Tables


def judge(
    tables: Tables,
    estate: Estate,
    mapping: Mapping,
    result: MappingChanged,
    vms: Callable[[Iterable[int]], int],
) -> None:
    """Add what a person should know about this mapping to the answer.

    Args:
        vms: counts the VMs of some classes.
    """
    source, target = estate.networks[mapping.source], estate.networks[mapping.target]
    segments = tables.segments.of(source.id, mapping.server)
    result.subnets += side_by_side(source, target, segments)
    found = availability(vms, estate, mapping, segments)
    result.availability += found
    for cloud in found:
        if cloud.standing is Standing.BROKEN:
            clouds = (cloud.cloud, cloud.protecting)
            those = [
                s.id
                for s in segments
                if (_named(estate, s.key.cloud), _named(estate, s.key.toward)) == clouds
            ]
            result.at_risk[cloud.protecting] = tables.findings.examples(those, 12)
    result.no_host_reaches += [
        cloud for cloud in _no_host_reaches(estate, target, segments) if cloud not in result.at_risk
    ]
    result.same_source_targets += sorted(
        estate.networks[m.source].name
        for m in estate.mappings.values()
        if m.target == mapping.target
        and m.source != mapping.source
        and not estate.networks[m.source].gone
    )
    result.replication_not_checked += tables.vms.unknown_on(
        source.server, [source.at, *(s.at for s in source.subnets)]
    )
    result.onto_itself = result.onto_itself or mapping.source == mapping.target
    result.preconditions += preconditions(estate, mapping, segments)


def side_by_side(source: Network, target: Network, segments: list[Segment]) -> list[SubnetChoice]:
    """What becomes of each source subnet, and of adapters that have none."""
    counts: dict[int, int] = defaultdict(int)
    for segment in segments:
        if not segment.key.baseline:
            counts[segment.key.source] += segment.adapters
    names = {s.at: s for s in target.subnets}
    choices = []
    for subnet in [*source.subnets, None]:
        at = subnet.at if subnet else source.at
        if subnet is None and not counts[at] and source.subnets:
            continue
        placement = join(subnet, target)
        chosen = names.get(placement.at)
        choices.append(
            SubnetChoice(
                source=subnet.name if subnet else None,
                target=chosen.name if chosen else None,
                rule=placement.rule,
                notes=sorted(placement.notes),
                adapters=counts[at],
            )
        )
    return choices


def availability(
    vms: Callable[[Iterable[int]], int],
    estate: Estate,
    mapping: Mapping,
    segments: list[Segment],
) -> list[Availability]:
    """Whether each protecting cloud can use the target, read from the pairs and from statements."""
    target = estate.networks[mapping.target]
    source_server = estate.networks[mapping.source].server
    in_use: dict[tuple[int, int], list[int]] = defaultdict(list)
    for segment in segments:
        if segment.adapters and not segment.key.baseline:
            in_use[segment.key.cloud, segment.key.toward].append(segment.id)
    for cloud in estate.clouds.values():
        if cloud.server == source_server and cloud.protector and not cloud.gone:
            protecting = stated_protector(estate, cloud)
            if protecting is not None and protecting.server == mapping.server:
                in_use.setdefault((cloud.id, protecting.id), [])
    return sorted(
        (
            Availability(
                cloud=_named(estate, cloud),
                protecting=_named(estate, toward),
                standing=carries(estate.clouds.get(toward), target),
                vms=vms(ids),
            )
            for (cloud, toward), ids in in_use.items()
        ),
        key=lambda a: (a.cloud, a.protecting),
    )


def stated_protector(estate: Estate, cloud: Cloud) -> Cloud | None:
    """The cloud that an inventory states to receive this one's replicas."""
    if cloud.protector is None:
        return None
    server, name = cloud.protector
    for other in estate.clouds.values():
        if (
            not other.gone
            and other.key == name_key(name)
            and name_key(estate.server_named(other.server)) == name_key(server)
        ):
            return other
    return None


def preconditions(estate: Estate, mapping: Mapping, segments: list[Segment]) -> list[Precondition]:
    """What network mapping takes for granted; the target's clouds are told by `availability`."""
    found = []
    for id in (mapping.source, mapping.target):
        network = estate.networks[id]
        found.append(
            Precondition(
                kind=FindingKind.NO_LOGICAL_NETWORK,
                network=network.name,
                server=estate.server_named(network.server),
                standing=linked(network),
            )
        )
    source = estate.networks[mapping.source]
    for id in sorted({s.key.cloud for s in segments if s.adapters and not s.key.baseline}):
        found.append(
            Precondition(
                kind=FindingKind.CLOUD_LACKS_NETWORK,
                network=source.name,
                server=estate.server_named(source.server),
                cloud=_named(estate, id),
                standing=carries(estate.clouds.get(id), source),
            )
        )
    return found


def _no_host_reaches(estate: Estate, target: Network, segments: list[Segment]) -> list[str]:
    if not target.logical_known:
        return []
    missing = []
    for id in sorted({s.key.toward for s in segments if s.adapters and s.key.toward}):
        classes = [estate.reach.get(reach) for reach in estate.hosts.get(id, ())]
        known = [reach for reach in classes if reach is not None]
        if known and len(known) == len(classes) and not any(target.logical in r for r in known):
            missing.append(_named(estate, id))
    return missing


def _named(estate: Estate, cloud: int) -> str:
    return estate.clouds[cloud].name if cloud in estate.clouds else ""
