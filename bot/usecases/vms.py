"""Say where a VM comes up, adapter by adapter, and why.

A pair is shown once, whichever side was found by the name. Everything here is index seeks.
"""

from collections.abc import Sequence

from bot.domain.addresses import Expectation, PoolView
from bot.domain.answers import AdapterAnswer, LoneAnswer, PairAnswer, VmAnswer
from bot.domain.asking import Stamp
from bot.domain.codes import Addressing, Rule
from bot.domain.errors import NetmapError
from bot.domain.estate import DISCONNECTED, NO_OPINION, NOT_OBSERVED, Estate, Network
from bot.domain.pairs import PairFault
from bot.domain.placements import DHCP, STATIC, Segment
from bot.domain.vms import AdapterRow, PairAdapterRow, PairRow, VmRow
from bot.engine.addresses import expected_address
from bot.engine.checks import place_for_test
from bot.engine.placing import forward
from bot.ports import Ports, Tables
from bot.usecases.placing import ages, spot
from bot.usecases.resolving import Ask, certain, find_server

MAX_NAMES = 50


class AskVms(Ask):
    names: tuple[str, ...]
    server: str | None = None
    test: bool = False


def where(ports: Ports, asks: Sequence[AskVms], stamp: Stamp) -> VmAnswer:
    """Where each adapter of these VMs comes up, why, and where it is now.

    The first reading all of whose names are known is taken, else the one with the most known names;
    names that are not known are answered with near ones.
    """
    with ports.store.read() as tables:
        estate = tables.estate()
        ask, found = _best(tables, estate, asks)
        answer = VmAnswer(asked=list(ask.names), test=ask.test)
        only = find_server(estate, ask.server).id if ask.server is not None else None
        seen: set[int] = set()
        for name in ask.names:
            rows = found[name]
            if not rows:
                answer.unknown[name] = tables.vms.near(name, 3)
            for row in rows:
                pairs = [
                    pair
                    for pair in tables.vms.pairs_of(row.id)
                    if only is None or only in _servers(tables, pair)
                ]
                for pair in pairs:
                    if pair.id not in seen:
                        seen.add(pair.id)
                        answer.pairs.append(_pair(ports, tables, estate, pair, stamp, ask.test))
                if not pairs:
                    answer.alone.append(_alone(ports, tables, estate, row, stamp))
        return answer


def _best(
    tables: Tables, estate: Estate, asks: Sequence[AskVms]
) -> tuple[AskVms, dict[str, list[VmRow]]]:
    best: tuple[float, AskVms, dict[str, list[VmRow]]] | None = None
    refusal: NetmapError | None = None
    for ask in asks:
        try:
            server = find_server(estate, ask.server).id if ask.server is not None else None
        except NetmapError as error:  # the next reading may have no server in it
            refusal = refusal or error
            continue
        found = {name: _named(tables, name, server) for name in ask.names}
        known = sum(bool(rows) for rows in found.values()) / len(found)
        if best is None or known > best[0]:
            best = (known, ask, found)
        if known == 1:
            break
    if best is None or (best[0] == 0 and refusal is not None):
        assert refusal is not None
        raise refusal
    return best[1], best[2]


def _named(tables: Tables, name: str, server: int | None) -> list[VmRow]:
    rows = tables.vms.named(name) or tables.vms.with_id(name)
    exact = [row for row in rows if row.name == name]
    if exact and len({row.name for row in rows}) > 1:
        rows = exact
    if server is None:
        return rows
    here = []
    for row in rows:
        pairs = tables.vms.pairs_of(row.id)
        servers = {id for pair in pairs for id in _servers(tables, pair)}
        if server in servers | {row.server}:
            here.append(row)
    return here


def _servers(tables: Tables, pair: PairRow) -> set[int]:
    """The servers of both sides, as far as they are known."""
    return {side.server for id in (pair.active, pair.passive) if (side := tables.vms.get(id))}


def _pair(
    ports: Ports, tables: Tables, estate: Estate, pair: PairRow, stamp: Stamp, test: bool
) -> PairAnswer:
    active = tables.vms.get(pair.active) if pair.active else None
    passive = tables.vms.get(pair.passive) if pair.passive else None
    home = tables.vms.get(pair.home) if pair.home else None
    shown = active or passive
    assert shown is not None
    change = tables.changes.get(pair.since)
    answer = PairAnswer(
        vm=shown.name,
        replica_name=passive.name if passive and passive.name != shown.name else "",
        pair=pair.id,
        active=estate.server_named(active.server) if active else "",
        passive=estate.server_named(passive.server) if passive else "",
        home=estate.server_named(home.server) if home else "",
        away=pair.away,
        failed_over=pair.failed_over,
        since=change.at if change else None,
        cloud=_cloud(estate, active),
        protecting_cloud=_cloud(estate, passive),
        host=passive.host_name or None if passive else None,
        partner_host=shown.partner_host,
        state=passive.state if passive else shown.state,
        health=passive.health if passive else shown.health,
        power=passive.power if passive else None,
        both_primary=bool(pair.faults & PairFault.BOTH_PRIMARY),
        ages=ages(ports, estate, [v.server for v in (active, passive) if v], stamp),
    )
    here = {nic.slot: nic for nic in tables.vms.adapters(active.id)} if active else {}
    there = {nic.slot: nic for nic in tables.vms.adapters(passive.id)} if passive else {}
    joined = {nic.slot: nic for nic in tables.vms.pair_adapters(pair.id)}
    segments = tables.segments.get(nic.segment for nic in joined.values())
    readiness = {segments[nic.segment].readiness for nic in joined.values()}
    if readiness:
        answer.readiness = min(readiness).name.lower()
    if active and passive:
        answer.only_here = sorted(here.keys() - there.keys())
        answer.only_there = sorted(there.keys() - here.keys())
    for slot in sorted(here):
        nic = joined.get(slot)
        if nic is not None:
            segment = segments[nic.segment]
            answer.adapters.append(
                _joined(tables, estate, here[slot], there.get(slot), nic, segment, test)
            )
        elif passive is None and active is not None:
            answer.adapters.append(_prospect(tables, estate, here[slot], active, shown))
        else:
            answer.adapters.append(
                AdapterAnswer(
                    slot=slot,
                    name=here[slot].name,
                    source=spot(estate, here[slot].at),
                    rule=Rule.NOT_CHECKED,
                    addresses=list(here[slot].addresses),
                )
            )
    return answer


def _joined(
    tables: Tables,
    estate: Estate,
    source: AdapterRow,
    replica: AdapterRow | None,
    nic: PairAdapterRow,
    segment: Segment,
    test: bool,
) -> AdapterAnswer:
    answer = _adapter(estate, source, segment.desired, segment.rule)
    answer.notes = sorted(segment.notes)
    answer.now = spot(estate, nic.observed)
    answer.standing, since = _standing(estate, nic, segment)
    answer.since = f"C{since}" if since else None
    placed = estate.places.get(source.at)
    if placed is not None and not segment.key.baseline:
        mapping = estate.mappings.get((placed[0].id, segment.key.server))
        answer.mapping = mapping.label if mapping else None
        answer.fix = _fix(estate, placed[0]) if segment.rule is Rule.NOT_MAPPED else None
        if test:
            answer.test = place_for_test(
                estate.networks.get(mapping.target) if mapping else None,
                _addressing(source.addressing),
                placed[1],
                estate.networks.get(mapping.test) if mapping and mapping.test else None,
            )
    if segment.rule is Rule.FIRST_SUBNET and placed is not None and placed[1] is not None:
        answer.missing = placed[1].name
    if segment.desired > DISCONNECTED:
        answer.expected = _expected(
            tables, estate, source, segment.desired, replica.guid if replica else ""
        )
    return answer


def _standing(estate: Estate, nic: PairAdapterRow, segment: Segment) -> tuple[str, int]:
    """How the replica's adapter stands to its wish, and the change that is to be named."""
    wish = max(segment.since, nic.joined)
    if nic.observed == NOT_OBSERVED:
        return "not_observed", 0
    if segment.desired == NO_OPINION:
        network = estate.network_at(nic.observed)
        if network is None:
            return "", 0
        if network.id == segment.former and nic.observed_since <= segment.since:
            return "disconnect_pending", segment.since
        return "by_hand", 0
    if nic.observed == segment.desired:
        return "connected", 0
    if nic.observed_since <= wish:
        return "pending", wish
    wished, now = estate.network_at(segment.desired), estate.network_at(nic.observed)
    if wished is not None and wished is now:
        return "wrong_subnet", nic.observed_since
    return "drifted", nic.observed_since


def _adapter(estate: Estate, source: AdapterRow, desired: int, rule: Rule) -> AdapterAnswer:
    return AdapterAnswer(
        slot=source.slot,
        name=source.name,
        source=spot(estate, source.at),
        target=None if desired == NO_OPINION else spot(estate, desired),
        rule=rule,
        addresses=list(source.addresses),
    )


def _prospect(
    tables: Tables, estate: Estate, nic: AdapterRow, vm: VmRow, shown: VmRow
) -> AdapterAnswer:
    """Where a replica nobody has seen would belong, if its server can be told."""
    server = tables.vms.server_of_host(shown.partner_host) if shown.partner_host else None
    placed = estate.places.get(nic.at)
    toward = [key[1] for key in estate.mappings if placed is not None and key[0] == placed[0].id]
    if server is None and len(toward) == 1:
        server = toward[0]
    if server is None:
        return _adapter(estate, nic, NO_OPINION, Rule.NOT_CHECKED)
    placement = forward(nic.at, server, estate)
    answer = _adapter(estate, nic, placement.at, placement.rule)
    answer.notes = sorted(placement.notes)
    if placed is not None:
        mapping = estate.mappings.get((placed[0].id, server))
        answer.mapping = mapping.label if mapping else None
        answer.fix = _fix(estate, placed[0]) if placement.rule is Rule.NOT_MAPPED else None
        if placement.rule is Rule.FIRST_SUBNET and placed[1] is not None:
            answer.missing = placed[1].name
    if placement.at > DISCONNECTED:
        answer.expected = _expected(tables, estate, nic, placement.at, "")
    return answer


def _fix(estate: Estate, network: Network) -> tuple[str, dict[str, object]]:
    """The command that maps it, with its server where that has to be said."""
    name, server = certain(estate, network)
    same = [n for n in estate.called(network.key) if not n.gone]
    on = {"source_on": server} if len(same) > 1 else {}
    return ("add", {"source": name, **on, "target": "<network>"})


def _alone(ports: Ports, tables: Tables, estate: Estate, vm: VmRow, stamp: Stamp) -> LoneAnswer:
    return LoneAnswer(
        vm=vm.name,
        server=estate.server_named(vm.server),
        role=vm.role,
        power=vm.power,
        adapters=[_prospect(tables, estate, nic, vm, vm) for nic in tables.vms.adapters(vm.id)],
        ages=ages(ports, estate, [vm.server], stamp),
    )


def _expected(
    tables: Tables, estate: Estate, source: AdapterRow, target: int, replica_nic: str
) -> Expectation:
    network, subnet = estate.places[target]
    v4 = next((a for a in source.addresses if ":" not in a), None)
    view = tables.pools.view(subnet.at, v4, replica_nic) if subnet else PoolView()
    return expected_address(
        _addressing(source.addressing), source.addresses, network.isolation, view
    )


def _addressing(code: int) -> Addressing | None:
    return {STATIC: Addressing.STATIC, DHCP: Addressing.DHCP}.get(code)


def _cloud(estate: Estate, vm: VmRow | None) -> str | None:
    return estate.clouds[vm.cloud].name if vm and vm.cloud in estate.clouds else None
