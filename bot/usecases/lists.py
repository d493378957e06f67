"""The mapping table, blanks included; one mapping or network in full."""

from collections import Counter
from collections.abc import Sequence

from bot.domain.answers.mappings import ListGroup, ListRow, MappingList
from bot.domain.answers.networks import MappingCard, MappingDetail
from bot.domain.asking import Stamp, say
from bot.domain.codes import Readiness, Rule
from bot.domain.estate import NO_OPINION, NOT_OBSERVED, Estate, Mapping, Network
from bot.domain.names import name_key
from bot.domain.placements import Segment
from bot.ports import Ports, Tables
from bot.usecases.applying import judging
from bot.usecases.history import line
from bot.usecases.networks import facts, subnet_facts
from bot.usecases.placing import ages, reference
from bot.usecases.resolving import (
    Ask,
    MappingName,
    certain,
    check_no_server,
    choose,
    find_mapping,
    find_network,
    find_server,
)


class AskList(Ask):
    text: str | None = None
    server: str | None = None
    unmapped: bool = False


class AskCard(Ask):
    mapping: MappingName


def mapping_table(ports: Ports, asks: Sequence[AskList], stamp: Stamp) -> MappingList:
    """Every mapping per pair of servers, and the networks of a source that are not mapped.

    A network is a blank where replicated VMs are on it and it is not mapped toward their replicas.
    """
    ask = asks[0]
    with ports.store.read() as tables:
        estate = tables.estate()
        only = find_server(estate, ask.server).id if ask.server is not None else None
        key = name_key(ask.text) if ask.text else ""
        answer = MappingList(groups=[], text=ask.text or "")
        groups: dict[tuple[int, int], list[ListRow]] = {}
        protected = _protected(tables, estate)
        for network in sorted(estate.networks.values(), key=lambda n: (n.key, n.id)):
            for toward, mapping, (vms, adapters) in _toward(tables, estate, network, protected):
                if only is not None and only not in (network.server, toward):
                    continue
                if not _matches(estate, network, mapping, key):
                    continue
                if mapping is None:
                    answer.unmapped += 1
                else:
                    answer.mapped += 1
                    if ask.unmapped:
                        continue
                groups.setdefault((network.server, toward), []).append(
                    ListRow(
                        network=network.name,
                        certain=certain(estate, network)[0],
                        mapping=reference(estate, mapping) if mapping else None,
                        vms=vms,
                        adapters=adapters,
                    )
                )
        if ask.text and not groups:
            check_no_server(estate, ask.text, "list")
        for (source, toward), rows in sorted(groups.items()):
            rows.sort(key=lambda row: row.mapping is None)
            shown = rows if stamp.page is None else rows[: max(stamp.page * 4, 50)]
            answer.groups.append(
                ListGroup(
                    source=estate.server_named(source),
                    target=estate.server_named(toward) if toward else "",
                    rows=shown,
                    more=len(rows) - len(shown),
                )
            )
        near = {id for pair in groups for id in pair if id} or estate.servers
        answer.ages = ages(ports, estate, sorted(near), stamp)
        return answer


Counts = tuple[int, int]
"""(VMs, adapters)."""


def _protected(tables: Tables, estate: Estate) -> dict[tuple[int, int], list[Segment]]:
    """(network, server of the replicas) -> the classes of adapters whose active side is on it."""
    found: dict[tuple[int, int], list[Segment]] = {}
    for segment in tables.segments.all():
        network = estate.network_at(segment.key.source)
        if network is not None:
            found.setdefault((network.id, segment.key.server), []).append(segment)
    return found


def _toward(
    tables: Tables,
    estate: Estate,
    network: Network,
    protected: dict[tuple[int, int], list[Segment]],
) -> list[tuple[int, Mapping | None, Counts]]:
    """The servers a network is mapped toward, or has replicas at; with the VMs it concerns.

    On a server where nobody listed which VMs are replicated, every network with VMs is a blank.
    """
    keys = {key for key in protected if key[0] == network.id}
    keys |= {key for key in estate.mappings if key[0] == network.id}
    found: list[tuple[int, Mapping | None, Counts]] = []
    for key in sorted(keys):
        segments = protected.get(key, [])
        vms = tables.segments.pairs(s.id for s in segments)
        found.append((key[1], estate.mappings.get(key), (vms, sum(s.adapters for s in segments))))
    replicated = any(
        network.server in (server, estate.networks[id].server) for id, server in protected
    )
    if not found and not replicated and not network.gone:
        counts = tables.vms.counts([network.at, *(s.at for s in network.subnets)])
        if counts[0]:
            found.append((0, None, counts))
    return found


def _matches(estate: Estate, network: Network, mapping: Mapping | None, key: str) -> bool:
    if not key or key in network.key:
        return True
    return mapping is not None and (
        key in estate.networks[mapping.target].key or key == mapping.label.casefold()
    )


def card(ports: Ports, asks: Sequence[AskCard], stamp: Stamp) -> MappingCard:
    """One mapping or one network in full: what each subnet becomes, and how its VMs stand."""
    with ports.store.read() as tables:
        estate = tables.estate()
        _, (network, mappings) = choose("show", asks, lambda a: _subject(tables, a))
        answer = MappingCard(
            network=facts(
                estate, network, tables.vms.counts([network.at, *(s.at for s in network.subnets)])
            ),
            mapped_here=[
                reference(estate, m)
                for m in estate.mappings.values()
                if m.target == network.id and m not in mappings
            ],
        )
        for mapping in mappings:
            answer.mappings.append(_detail(tables, estate, mapping))
            segments = tables.segments.of(mapping.source, mapping.server)
            answer.preconditions += judging.preconditions(estate, mapping, segments)
        answer.history = [line(change, tables) for change in tables.changes.recent(5, [network.id])]
        answer.ages = ages(ports, estate, [network.server, *(m.server for m in mappings)], stamp)
        return answer


def _subject(tables: Tables, ask: AskCard) -> tuple[Network, list[Mapping]]:
    estate, name = tables.estate(), ask.mapping
    if name.id is not None or name.toward is not None:
        mapping = find_mapping(tables, name)
        return estate.networks[mapping.source], [mapping]
    assert name.source is not None

    network = find_network(
        estate,
        name.source,
        name.on,
        lambda n: say("show", mapping=dict(zip(("source", "on"), certain(estate, n), strict=True))),
        gone=True,
    )
    return network, [
        m for (source, _), m in sorted(estate.mappings.items()) if source == network.id
    ]


def _detail(tables: Tables, estate: Estate, mapping: Mapping) -> MappingDetail:
    source, target = estate.networks[mapping.source], estate.networks[mapping.target]
    segments = tables.segments.of(mapping.source, mapping.server)
    ids = {s.id: s for s in segments}
    touchable = [s.id for s in segments if s.readiness in (Readiness.READY, Readiness.WAITING)]
    live = Counter(move.pending for move in tables.segments.moves(touchable))
    wished = [s for s in segments if s.desired != NO_OPINION]
    standing = tables.segments.standing(s.id for s in wished)
    return MappingDetail(
        mapping=reference(estate, mapping),
        by=mapping.by,
        at=mapping.at,
        subnets=judging.side_by_side(source, target, segments),
        target_subnets=[subnet_facts(s) for s in target.subnets],
        availability=judging.availability(tables.segments.pairs, estate, mapping, segments),
        vms=tables.segments.pairs(ids),
        adapters=sum(s.adapters for s in segments),
        away=sum(s.adapters for s in segments if s.key.baseline),
        led_home=sum(
            s.adapters
            for s in segments
            if s.key.baseline
            and s.readiness is not Readiness.FAILED_OVER
            and s.rule in (Rule.SAME_NAME, Rule.FIRST_SUBNET, Rule.NO_SUBNETS)
        ),
        connected=sum(standing[s.id].get(s.desired, 0) for s in wished if s.desired),
        disconnected=sum(standing[s.id].get(s.desired, 0) for s in wished if not s.desired),
        pending=live[True],
        drifted=live[False],
        left_alone=sum(g.adapters for g in tables.segments.out_of_place(ids)) - live.total(),
        not_observed=sum(standing[s.id].get(NOT_OBSERVED, 0) for s in wished),
        unplaced=sum(s.adapters for s in segments if s.desired == NO_OPINION),
    )
