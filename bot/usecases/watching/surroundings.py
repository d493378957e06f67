"""What is found beside the adapters: pairs, networks, servers, and what was done past netmap."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

from bot.domain.checks import Standing
from bot.domain.codes import FindingKind, Rule
from bot.domain.estate import Estate
from bot.domain.names import name_key
from bot.domain.pairs import PairFault
from bot.domain.placements import Segment
from bot.engine.checks import linked
from bot.ports import Tables
from bot.usecases.resolving import certain
from bot.usecases.watching.classes import would_move
from bot.usecases.watching.found import EXAMPLES, Fix, Found, Members

_FAULTS = {
    PairFault.ADAPTER_MISMATCH: FindingKind.ADAPTER_MISMATCH,
    PairFault.SEVERAL_ADDRESSES: FindingKind.SEVERAL_ADDRESSES,
    PairFault.BOTH_PRIMARY: FindingKind.BOTH_PRIMARY,
    PairFault.NOT_OBSERVED: FindingKind.NOT_OBSERVED,
}

_NAMED = 8
"""VMs that a command names at most."""


def pairs(found: Found, tables: Tables, estate: Estate) -> None:
    """What pairs carry."""
    unknown: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for pair, faults, name, server in tables.findings.faulty():
        if found.only not in (None, server) and not _touches(tables, pair, found.only):
            continue
        if faults & PairFault.OTHER_SIDE_UNKNOWN:
            unknown[server].append((pair, name))
        for fault, kind in _FAULTS.items():
            if faults & fault:
                fix: Fix = ("vm", {"names": (name,)})
                found.add(kind, f"vm:{pair}", name, server, adapters=1, vms=1, fix=fix)
    for server, members in unknown.items():
        hosts = tables.findings.partner_hosts(pair for pair, _ in members)
        found.add(
            FindingKind.OTHER_SIDE_UNKNOWN,
            f"server:{server}",
            estate.server_named(server),
            server,
            examples=[name for _, name in members[:EXAMPLES]],
            vms=len(members),
            facts={"hosts": ", ".join(host for host, _ in hosts if host)},
        )


def twice(found: Found, tables: Tables, estate: Estate) -> None:
    """VMs that were failed over and run where they were too, told of the server that was left."""
    those = tables.findings.running_twice()
    for (left, other), members in groupby(those, key=itemgetter(0, 1)):
        if found.only not in (None, left, other):
            continue
        names = [name for *_, name in members]
        found.add(
            FindingKind.RUNS_TWICE,
            f"server:{left}:{other}",
            estate.server_named(left),
            left,
            toward=other,
            examples=names[:EXAMPLES],
            vms=len(names),
            fix=("vm", {"names": tuple(dict.fromkeys(names))[:_NAMED]}),
        )


def _touches(tables: Tables, pair: int, server: int | None) -> bool:
    row = tables.vms.pair(pair)
    sides = [tables.vms.get(id) for id in (row.active, row.passive)] if row else []
    return any(side is not None and side.server == server for side in sides)


def networks(found: Found, tables: Tables, estate: Estate, segments: Iterable[Segment]) -> None:
    """Networks in use that are linked to nothing, listed in another order, or gone."""
    used = {id for m in estate.mappings.values() for id in (m.source, m.target)}
    for network in estate.networks.values():
        if found.only not in (None, network.server):
            continue
        if network.id in used and not network.gone and linked(network) is Standing.BROKEN:
            found.about_network(FindingKind.NO_LOGICAL_NETWORK, network, Members(), None)
        if network.reordered:
            name, server = certain(estate, network)
            members = would_move(estate, network, segments)
            by_list = sorted(network.subnets, key=lambda s: s.listed)
            members.facts = {
                "adopted": ", ".join(s.name for s in network.subnets),
                "listed": ", ".join(s.name for s in by_list),
            }
            fix: Fix = ("adopt", {"network": name, "server": server})
            found.about_network(FindingKind.SUBNETS_REORDERED, network, members, fix)
    for (source, toward), mapping in estate.mappings.items():
        ends = [estate.networks[mapping.source], estate.networks[mapping.target]]
        lost = [n for n in ends if n.gone]
        those = tables.segments.of(source, toward) if lost else []
        if lost and not any(s.rule is Rule.TARGET_GONE and s.adapters for s in those):
            members = Members(facts={"gone": ", ".join(n.name for n in lost)})
            found.about_mapping(FindingKind.NETWORK_GONE, source, toward, members)


def servers(found: Found, tables: Tables, estate: Estate, stale: dict[int, str]) -> None:
    """Servers whose inventories are old, or say nothing of replication.

    Args:
        stale: server -> when its inventory was collected, if that is too long ago.
    """
    for id in estate.servers:
        if found.only not in (None, id):
            continue
        key, name = f"server:{id}", estate.server_named(id)
        if id in stale:
            facts = {"collected_at": stale[id]}
            fix = found.ask_again(name)
            found.add(FindingKind.INVENTORY_STALE, key, name, id, facts=facts, fix=fix)
        unread = tables.unreadable.of_server(id)
        if unread:
            found.add(
                FindingKind.VMS_UNREADABLE,
                key,
                name,
                id,
                examples=[one.vm for one in unread[:EXAMPLES]],
                vms=len(unread),
                facts={"why": unread[0].why},
                fix=found.ask_again(name),
            )
        count, some = tables.vms.unknown(id)
        if count:
            kind = FindingKind.REPLICATION_NOT_CHECKED
            found.add(kind, key, name, id, examples=some, vms=count)


def outside(found: Found, tables: Tables, estate: Estate) -> None:
    """Mappings that were changed past netmap, and imports that failed."""
    for network, server in tables.lives.changed_outside():
        found.about_mapping(FindingKind.CHANGED_OUTSIDE, network, server, Members())
    known = {name_key(server.name): server.id for server in estate.servers.values()}
    for failure in tables.lives.failed_imports():
        server = known.get(name_key(failure.server), 0)
        if found.only in (None, server):
            facts = {"tried": failure.at.isoformat(), "said": failure.message}
            key = f"import:{failure.server}"
            found.add(
                FindingKind.IMPORT_FAILED, key, failure.server, server,
                facts=facts, fix=found.ask_again(failure.server),
            )  # fmt: skip
