"""Say where a VM comes up, adapter by adapter, and why.

A pair is shown once, whichever side was found by the name. Everything here is index seeks.
"""

from collections.abc import Sequence
from typing import NamedTuple

from bot.domain.addresses import Expectation, PoolView
from bot.domain.answers.shared import Spot, UnreadableVm
from bot.domain.answers.vms import AdapterAnswer, LoneAnswer, PairAnswer, VmAnswer
from bot.domain.asking import Stamp
from bot.domain.codes import Addressing, Readiness, Rule
from bot.domain.errors import NetmapError
from bot.domain.estate import DISCONNECTED, NO_OPINION, NOT_OBSERVED, Estate, Server
from bot.domain.pairs import PairFault
from bot.domain.placements import DHCP, STATIC, Placement, Segment
from bot.domain.vms import AdapterRow, PairAdapterRow, PairRow, VmRow
from bot.engine.addresses import expected_address
from bot.engine.checks import place_for_test
from bot.engine.placing import forward
from bot.ports import Ports, Tables
from bot.usecases.placing import ages, spot
from bot.usecases.resolving import (
    CHOSEN,
    Ask,
    certain,
    check_any_inventory,
    check_no_network,
    check_no_server,
    find_server,
)

MAX_NAMES = 50


class AskVms(Ask):
    names: tuple[str, ...]
    server: str | None = None
    test: bool = False


class _Reading(NamedTuple):
    """What one asks for, as far as it is known."""

    ask: AskVms
    server: Server | None
    everywhere: dict[str, list[VmRow]]
    """Name -> those of this name."""
    here: dict[str, list[VmRow]]
    """Those of them with a side at the server, if one was named."""

    @property
    def rank(self) -> tuple[bool, float, bool]:
        """How likely it is what was meant."""
        found = self.everywhere.values()
        known = sum(map(bool, found)) / len(found)
        return all(self.here.values()), known, not any("," in name for name in self.ask.names)


def where(ports: Ports, asks: Sequence[AskVms], stamp: Stamp) -> VmAnswer:
    """Where each adapter of these VMs comes up, why, and where it is now.

    The first reading all of whose names are known is taken, else the one with the most known names,
    split at commas where none is known. Names that are not known are answered with near ones, and
    those that are not at the server asked for with the servers where they are.
    """
    with ports.store.read() as tables:
        estate = tables.around()
        ask, server, everywhere, here = _best(tables, estate, asks)
        answer = VmAnswer(asked=list(ask.names), test=ask.test)
        answer.server = server.name if server is not None else ""
        seen: set[int] = set()
        for name, rows in here.items():
            if not rows:
                _miss(tables, estate, answer, name, everywhere[name])
            known = {row.id: row for row in rows}
            all_pairs = tables.vms.pairs_of(*rows)
            for row in rows:
                pairs = [
                    pair
                    for pair in all_pairs
                    if row.id in (pair.active, pair.passive)
                    and (server is None or server.id in _servers(tables, pair))
                ]
                for pair in pairs:
                    if pair.id not in seen:
                        seen.add(pair.id)
                        answer.pairs.append(
                            _pair(ports, tables, estate, pair, known, stamp, ask.test)
                        )
                if not pairs:
                    answer.alone.append(_alone(ports, tables, estate, row, stamp))
        return answer


def _miss(
    tables: Tables, estate: Estate, answer: VmAnswer, name: str, elsewhere: Sequence[VmRow]
) -> None:
    """Say of a name that was not found what is known of it.

    Args:
        elsewhere: those of this name that are not at the server asked for.

    Raises:
        NotFound: it is all that was asked for, and a server or a network is called so.
    """
    if elsewhere:
        servers = {estate.server_named(row.server) for row in elsewhere}
        answer.elsewhere[name] = sorted(servers)
        return
    check_any_inventory(estate, f"VM called {name}")
    if len(answer.asked) == 1:
        check_no_server(estate, name)
        check_no_network(estate, name)
    answer.unknown[name] = tables.vms.near(name, 3)
    answer.never_read += tables.unreadable.never_read(name)


def _best(tables: Tables, estate: Estate, asks: Sequence[AskVms]) -> _Reading:
    best: _Reading | None = None
    refusal: NetmapError | None = None
    for ask in asks:
        try:
            server = find_server(estate, ask.server) if ask.server is not None else None
        except NetmapError as error:  # the next reading may have no server in it
            refusal = refusal or error
            continue
        found = {name: _named(tables, name) for name in ask.names}
        here = found if server is None else _at(tables, server, found)
        reading = _Reading(ask, server, found, here)
        if best is None or reading.rank > best.rank:
            best = reading
        if all(here.values()):
            break
    if best is None or (refusal is not None and not any(best.everywhere.values())):
        assert refusal is not None
        raise refusal
    return best


def _named(tables: Tables, name: str) -> list[VmRow]:
    rows = tables.vms.named(name) or tables.vms.with_id(name)
    exact = [row for row in rows if row.name == name]
    return exact if exact and len({row.name for row in rows}) > 1 else rows


def _at(tables: Tables, server: Server, found: dict[str, list[VmRow]]) -> dict[str, list[VmRow]]:
    """Those with a side at the server."""
    return {
        name: [
            row
            for row in rows
            if row.server == server.id
            or any(server.id in _servers(tables, pair) for pair in tables.vms.pairs_of(row))
        ]
        for name, rows in found.items()
    }


def _servers(tables: Tables, pair: PairRow) -> set[int]:
    """The servers of both sides, as far as they are known."""
    return {side.server for id in (pair.active, pair.passive) if (side := tables.vms.get(id))}


def _pair(
    ports: Ports,
    tables: Tables,
    estate: Estate,
    pair: PairRow,
    known: dict[int, VmRow],
    stamp: Stamp,
    test: bool,
) -> PairAnswer:
    """One pair in full.

    Args:
        known: its sides, as far as they were read already.
    """
    sides: dict[int, VmRow | None] = {0: None, **known}
    for id in (pair.active, pair.passive, pair.home):
        if id not in sides:
            sides[id] = tables.vms.get(id)
    active, passive, home = sides[pair.active], sides[pair.passive], sides[pair.home]
    shown = active or passive
    assert shown is not None
    here, there = tables.vms.adapters(pair.active, pair.passive)
    joined = {nic.slot: nic for nic in tables.vms.pair_adapters(pair.id)}
    segments = tables.segments.get(nic.segment for nic in joined.values())
    readiness = min((s.readiness for s in segments.values()), default=Readiness.READY)
    adapters = []
    unread = _unreadable(tables, active, passive)
    for slot, source in here.items():
        if (nic := joined.get(slot)) is not None:
            segment = segments[nic.segment]
            adapters.append(_joined(tables, estate, source, there.get(slot), nic, segment, test))
        elif passive is None:
            adapters.append(_prospect(tables, estate, source, shown))
        else:
            adapters.append(_adapter(tables, estate, source, _NOT_CHECKED))
    return PairAnswer(
        vm=shown.name,
        replica_name=passive.name if passive and passive.name != shown.name else "",
        pair=pair.id,
        active=estate.server_named(active.server) if active else "",
        passive=estate.server_named(passive.server) if passive else "",
        home=estate.server_named(home.server) if home else "",
        away=pair.away,
        failed_over=pair.failed_over,
        since=tables.changes.moment(pair.since) if pair.since else None,
        cloud=_cloud(estate, active),
        protecting_cloud=_cloud(estate, passive),
        host=passive.host_name or None if passive else None,
        partner_host=shown.partner_host,
        state=passive.state if passive else shown.state,
        health=passive.health if passive else shown.health,
        power=passive.power if passive else None,
        readiness=readiness.name.lower(),
        both_primary=bool(pair.faults & _BOTH_PRIMARY),
        runs_twice=pair.failed_over and tables.findings.runs_twice(pair.id),
        adapters=adapters,
        only_here=sorted(here.keys() - there.keys()) if active and passive else [],
        only_there=sorted(there.keys() - here.keys()) if active and passive else [],
        unreadable=unread,
        ages=ages(ports, estate, [v.server for v in (active, passive) if v], stamp, unread),
    )


_NOT_CHECKED = Placement(NO_OPINION, Rule.NOT_CHECKED)
_BOTH_PRIMARY = PairFault.BOTH_PRIMARY.value


def _joined(
    tables: Tables,
    estate: Estate,
    source: AdapterRow,
    replica: AdapterRow | None,
    nic: PairAdapterRow,
    segment: Segment,
    test: bool,
) -> AdapterAnswer:
    """An adapter that its replica has too."""
    toward = 0 if segment.key.baseline else segment.key.server
    guid = replica.guid if replica else ""
    now, standing = spot(estate, nic.observed), _standing(estate, nic, segment)
    answer = _adapter(tables, estate, source, segment.placement, toward, guid, now, standing)
    answer.fix = _fix(estate, source.at, segment.key.server, segment.rule)
    placed = estate.places.get(source.at)
    if test and toward and placed is not None:
        mapping = estate.mappings.get((placed[0].id, toward))
        answer.test = place_for_test(
            estate.networks.get(mapping.target) if mapping else None,
            _addressing(source.addressing),
            placed[1],
            estate.networks.get(mapping.test) if mapping and mapping.test else None,
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
        source = estate.network_at(segment.key.source)
        led = estate.former.get((source.id, segment.key.server), {}) if source else {}
        if segment.former and nic.observed_since <= led.get(network.id, 0):
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


def _adapter(
    tables: Tables,
    estate: Estate,
    source: AdapterRow,
    placement: Placement,
    toward: int = 0,
    replica: str = "",
    now: Spot | None = None,
    standing: tuple[str, int] = ("", 0),
) -> AdapterAnswer:
    """An adapter and where its replica's belongs.

    Args:
        toward: the server whose mapping places it; 0: none does.
        replica: the VMM id of the replica's own adapter, where it is known.
        now: where that is.
        standing: how it stands to its wish, and the change that is to be named.
    """
    network, subnet = estate.places.get(source.at, (None, None))
    mapping = estate.mappings.get((network.id, toward)) if network else None
    other = placement.rule is Rule.FIRST_SUBNET and subnet
    return AdapterAnswer(
        slot=source.slot,
        name=source.name,
        source=spot(estate, source.at),
        target=None if placement.at == NO_OPINION else spot(estate, placement.at),
        rule=placement.rule,
        notes=sorted(placement.notes),
        missing=subnet.name if subnet and other else None,
        mapping=mapping.label if mapping else None,
        now=now,
        standing=standing[0],
        since=f"C{standing[1]}" if standing[1] else None,
        addresses=list(source.addresses),
        expected=_expected(tables, estate, source, placement.at, replica),
    )


def _prospect(tables: Tables, estate: Estate, nic: AdapterRow, vm: VmRow) -> AdapterAnswer:
    """Where a replica nobody has seen would belong, if its server can be told."""
    server = tables.vms.server_of_host(vm.partner_host) if vm.partner_host else None
    network = estate.network_at(nic.at)
    toward = [key[1] for key in estate.mappings if network is not None and key[0] == network.id]
    if server is None and len(toward) == 1:
        server = toward[0]
    if server is None:
        return _adapter(tables, estate, nic, _NOT_CHECKED)
    answer = _adapter(tables, estate, nic, forward(nic.at, server, estate), server)
    answer.fix = _fix(estate, nic.at, server, answer.rule)
    return answer


def _fix(estate: Estate, at: int, server: int, rule: Rule) -> tuple[str, dict[str, object]] | None:
    """The command that gives an adapter a network at a server, where the rule finds it none."""
    network = estate.network_at(at)
    if network is None or rule not in (Rule.NOT_MAPPED, Rule.TARGET_GONE):
        return None
    mapping = estate.mappings.get((network.id, server))
    if mapping is not None:
        return ("change", {"mapping": {"id": mapping.label}, "target": CHOSEN})
    name, there = certain(estate, network)
    same = [n for n in estate.called(network.key) if not n.gone]
    on = {"source_on": there} if len(same) > 1 else {}
    return ("add", {"source": name, **on, "target": CHOSEN})


def _alone(ports: Ports, tables: Tables, estate: Estate, vm: VmRow, stamp: Stamp) -> LoneAnswer:
    (nics,) = tables.vms.adapters(vm.id)
    unread = _unreadable(tables, vm)
    return LoneAnswer(
        vm=vm.name,
        server=estate.server_named(vm.server),
        role=vm.role,
        power=vm.power,
        adapters=[_prospect(tables, estate, nic, vm) for nic in nics.values()],
        unreadable=unread,
        ages=ages(ports, estate, [vm.server], stamp, unread),
    )


def _unreadable(tables: Tables, *sides: VmRow | None) -> list[UnreadableVm]:
    """Those that their servers could not read; of none of them it is known whether it runs."""
    asked = [vm.id for vm in sides if vm is not None and vm.power is None]
    return tables.unreadable.of_vms(asked) if asked else []


def _expected(
    tables: Tables, estate: Estate, source: AdapterRow, target: int, replica: str
) -> Expectation | None:
    """The address to expect; None where it joins no network."""
    if target <= DISCONNECTED:
        return None
    network, subnet = estate.places[target]
    pools = subnet.pools if subnet else None
    view = PoolView(pools=pools)
    if subnet and pools:
        v4 = next((a for a in source.addresses if ":" not in a), None)
        view = tables.pools.view(subnet.at, v4, replica)
    return expected_address(
        _addressing(source.addressing), source.addresses, network.isolation, view
    )


def _addressing(code: int) -> Addressing | None:
    return {STATIC: Addressing.STATIC, DHCP: Addressing.DHCP}.get(code)


def _cloud(estate: Estate, vm: VmRow | None) -> str | None:
    return estate.clouds[vm.cloud].name if vm and vm.cloud in estate.clouds else None
