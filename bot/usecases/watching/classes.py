"""What the classes of adapters say by themselves: warnings, clouds, networks not mapped."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache, partial

from bot.domain.checks import Standing
from bot.domain.codes import FindingKind, Note, Readiness, Rule
from bot.domain.estate import DISCONNECTED, NO_OPINION, NOT_OBSERVED, Estate, Network
from bot.domain.placements import Segment
from bot.engine.checks import carries, linked
from bot.engine.placing import join
from bot.ports import Tables
from bot.usecases.watching.astray import Leaving
from bot.usecases.watching.found import COUNTED, EXAMPLES, Fix, Found, Key, Members

_NOTES = {
    Note.SEVERAL_SUBNETS: FindingKind.FIRST_OF_SEVERAL,
    Note.CASE_AMBIGUOUS: FindingKind.CASE_AMBIGUOUS,
    Note.NO_POOL: FindingKind.NO_POOL,
    Note.UNREACHABLE_HOST: FindingKind.UNREACHABLE_HOST,
    Note.UNREACHABLE_CLOUD: FindingKind.UNREACHABLE_CLOUD,
}
_FAILED_OVER = Readiness.FAILED_OVER
_GONE, _BLANK, _NOT_CHECKED = Rule.TARGET_GONE, Rule.NOT_MAPPED, FindingKind.CLOUD_NOT_CHECKED
"""Asked for by the thousand, and an enum takes its time."""


def _noted(notes: frozenset[Note], gone: bool) -> tuple[FindingKind, ...]:
    kinds = [kind for note in notes if (kind := _NOTES.get(note))]
    return (*kinds, FindingKind.NETWORK_GONE) if gone else tuple(kinds)


def _clouds(
    estate: Estate, source: int, cloud: int, target: int, toward: int
) -> tuple[FindingKind, ...]:
    """What is wrong, or not checked, with the clouds of classes at home.

    Args:
        source: the network that `cloud` is to carry.
        target: the one that `toward` is to carry; 0: there is none.
    """
    found = []
    network = estate.networks[source]
    here = carries(estate.clouds.get(cloud), network)
    if here is Standing.BROKEN and linked(network) is Standing.OK:
        found.append(FindingKind.CLOUD_LACKS_NETWORK)
    if target:
        there = carries(estate.clouds.get(toward), estate.networks[target])
        if Standing.NOT_CHECKED in (here, there):
            found.append(FindingKind.CLOUD_NOT_CHECKED)
    return tuple(found)


def gather(
    found: Found, tables: Tables, estate: Estate, segments: Iterable[Segment], leaving: Leaving
) -> None:
    """Gather the findings on the classes."""
    gathered: dict[Key, Members] = defaultdict(Members)
    unmapped: dict[tuple[int, int], list[Segment]] = defaultdict(list)
    off: dict[int, list[int]] = {DISCONNECTED: [], NOT_OBSERVED: []}
    left_without: list[int] = []
    had_one = cache(partial(_had_one, tables))
    noted = cache(_noted)  # few answers, for thousands of classes
    clouds = cache(partial(_clouds, estate))
    at = found.network_of
    for segment in segments:
        id, key, desired, rule, notes, _, _, adapters = segment
        source, server, baseline, ready, cloud, toward, _, _ = key
        of = at(source, 0)
        kinds = noted(notes, rule is _GONE)
        if not of:
            if source == DISCONNECTED and ready != _FAILED_OVER and had_one(baseline):
                left_without.append(id)
            elif source in off:
                off[source].append(id)
        elif not baseline:
            kinds += clouds(of, cloud, at(desired, 0), toward)
        for kind in kinds:
            members = gathered[kind, 0 if kind is _NOT_CHECKED else of, server]
            members.segments.add(id)
            members.adapters += adapters
        if rule is _BLANK and of and desired == NO_OPINION:
            unmapped[of, server].append(segment)
    for (kind, network, server), members in gathered.items():
        found.about_mapping(kind, network, server, members)
    _unmapped(found, tables, unmapped, leaving)
    _off_network(found, tables, estate, FindingKind.NOT_ON_A_NETWORK, off[DISCONNECTED])
    _off_network(found, tables, estate, FindingKind.NOT_OBSERVED, off[NOT_OBSERVED])
    _off_network(found, tables, estate, FindingKind.RUNS_UNCONNECTED, left_without, urgent=True)


def _had_one(tables: Tables, baseline: int) -> bool:
    """Whether the adapter was on a network at home, before its VM was failed over."""
    frozen = tables.segments.baseline(baseline) if baseline else None
    return frozen is not None and frozen.home > DISCONNECTED


def _off_network(
    found: Found,
    tables: Tables,
    estate: Estate,
    kind: FindingKind,
    classes: Iterable[int],
    urgent: bool = False,
) -> None:
    """Active sides with an adapter that is on no network, or nobody could tell on which."""
    for server, adapters, pairs, names in tables.findings.active_sides(classes, EXAMPLES):
        if found.only in (None, server):
            subject = estate.server_named(server)
            look: Fix | None = ("vm", {"names": tuple(names)})
            found.add(
                kind, f"server:{server}", subject, server,
                adapters=adapters, examples=names, vms=len(pairs), fix=look if urgent else None,
            )  # fmt: skip
            if urgent:
                found.risky.update(pairs)


def _unmapped(
    found: Found,
    tables: Tables,
    unmapped: dict[tuple[int, int], list[Segment]],
    leaving: Leaving,
) -> None:
    """Protected adapters that come up with no network, and those that somebody connected."""
    left: dict[int, int] = defaultdict(int)
    for (id, _), count in leaving.adapters.items():
        left[id] += count
    connected = tables.segments.connected(s.id for those in unmapped.values() for s in those)
    gathered: list[tuple[FindingKind, int, int, Members]] = []
    for (network, server), segments in unmapped.items():
        by_hand, alone = Members(), Members()
        for segment in segments:
            id, count = segment.id, 0
            if id in connected:
                standing = {at: n - leaving.adapters[id, at] for at, n in connected[id].items()}
                count = sum(standing.values())
                if count:
                    by_hand.adapters += count
                    by_hand.segments.add(id)
                    most = max(standing, key=standing.__getitem__)
                    by_hand.facts.setdefault("now", found.words(most))
            rest = segment.adapters - count - left.get(id, 0)
            if rest > 0:
                alone.adapters += rest
                alone.segments.add(id)
        if by_hand.adapters:
            gathered.append((FindingKind.CONNECTED_BY_HAND, network, server, by_hand))
        if alone.adapters:
            gathered.append((FindingKind.UNMAPPED, network, server, alone))
    _count(tables, gathered, leaving)
    for kind, network, server, members in gathered:
        found.about_mapping(kind, network, server, members)


def _count(
    tables: Tables,
    gathered: Iterable[tuple[FindingKind, int, int, Members]],
    leaving: Leaving,
) -> None:
    """Say which VMs these adapters are of, unless there are too many to count them all."""
    few = [(kind, members) for kind, *_, members in gathered if members.adapters <= COUNTED]
    standing = tables.findings.pairs({id for _, members in few for id in members.segments})
    for kind, members in few:
        by_hand = kind is FindingKind.CONNECTED_BY_HAND
        members.pairs = [pair for id in members.segments for pair in standing[id][not by_hand]]
        if by_hand and leaving.pairs:
            members.pairs = list(set(members.pairs) - leaving.pairs)


def would_move(estate: Estate, network: Network, segments: Iterable[Segment]) -> Members:
    """The adapters that would belong elsewhere if the network's new order counted."""
    members = Members()
    listed = tuple(sorted(network.subnets, key=lambda s: s.listed))
    adopted = network._replace(subnets=listed)
    for segment in segments:
        by_rule = segment.rule in (Rule.SAME_NAME, Rule.FIRST_SUBNET)
        if not by_rule or estate.network_at(segment.desired) is not network:
            continue
        placed = estate.places.get(segment.key.source)
        if placed is not None and join(placed[1], adopted).at != segment.desired:
            members.adapters += segment.adapters
            members.segments.add(segment.id)
    return members
