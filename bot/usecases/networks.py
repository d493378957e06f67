"""What was retrieved: servers, networks and their subnets; adopt a new order."""

from collections.abc import Sequence

from bot.domain.answers.mappings import MappingChanged
from bot.domain.answers.networks import (
    NetworkFacts,
    NetworkList,
    ServerFacts,
    ServerList,
    SubnetFacts,
)
from bot.domain.asking import Say, Stamp
from bot.domain.codes import KINDS, ChangeKind
from bot.domain.estate import Estate, Network, Range, Subnet
from bot.domain.history import Detail
from bot.ports import Ports, Tables
from bot.usecases.applying.changing import carry_out
from bot.usecases.applying.moves import Moves
from bot.usecases.applying.reconnecting import Done
from bot.usecases.placing import ages, ask_again, classes_of, reference, spot
from bot.usecases.resolving import Ask, certain, choose, find_network, find_server


class AskNetworks(Ask):
    server: str | None = None


class AskNothing(Ask):
    pass


class Adopt(Ask):
    network: str
    server: str | None = None
    reason: str = ""
    break_glass: bool = False
    dry_run: bool = False


def networks(ports: Ports, asks: Sequence[AskNetworks], stamp: Stamp) -> NetworkList:
    """The networks of one server or of all, with subnets in the order that counts."""
    with ports.store.read() as tables:
        estate = tables.estate()
        name = asks[0].server
        servers = (
            [find_server(estate, name)]
            if name is not None
            else sorted(estate.servers.values(), key=lambda s: s.name)
        )
        found = []
        for server in servers:
            counts = tables.vms.counts_by_network(server.id)
            for network in estate.networks_of(server.id):
                if not network.gone:
                    found.append(facts(estate, network, counts.get(network.id, (0, 0))))
        shown = found if stamp.page is None else found[: max(stamp.page * 4, 50)]
        return NetworkList(
            networks=shown,
            more=len(found) - len(shown),
            ages=ages(ports, estate, [s.id for s in servers], stamp),
        )


def facts(estate: Estate, network: Network, counts: tuple[int, int]) -> NetworkFacts:
    """One network in names."""
    near = [m for _, m in sorted(estate.mappings.items()) if network.id in (m.source, m.target)]
    return NetworkFacts(
        id=network.guid,
        name=network.name,
        server=estate.server_named(network.server),
        logical_network=network.logical,
        logical_known=network.logical_known,
        isolation=network.isolation,
        subnets=[subnet_facts(s) for s in network.subnets],
        vms=counts[0],
        adapters=counts[1],
        mapped=[reference(estate, m) for m in near if m.source == network.id],
        mapped_here=[reference(estate, m) for m in near if m.target == network.id],
        gone=network.gone,
        reordered=network.reordered,
    )


def subnet_facts(subnet: Subnet) -> SubnetFacts:
    """One subnet in words."""
    return SubnetFacts(
        name=subnet.name, ranges=[_range(r) for r in subnet.ranges], pools=subnet.pools
    )


def _range(found: Range) -> str:
    if found.vlan is None:
        return found.cidr
    return f"{found.cidr} VLAN {found.vlan}" if found.vlan else f"{found.cidr} untagged"


def servers(ports: Ports, asks: Sequence[AskNothing], stamp: Stamp) -> ServerList:
    """Every server whose inventory was taken in, with its age."""
    with ports.store.read() as tables:
        estate = tables.estate()
        found = []
        for server in sorted(estate.servers.values(), key=lambda s: s.name):
            vms, replicated = tables.vms.server_counts(server.id)
            mapped = estate.mappings.values()
            found.append(
                ServerFacts(
                    id=server.guid,
                    name=server.name,
                    networks=sum(not n.gone for n in estate.networks_of(server.id)),
                    vms=vms,
                    replicated=replicated,
                    clouds=sorted(
                        c.name
                        for c in estate.clouds.values()
                        if c.server == server.id and not c.gone
                    ),
                    mapped_from=sum(estate.networks[m.source].server == server.id for m in mapped),
                    mapped_to=sum(m.server == server.id for m in mapped),
                    not_checked=[kind for kind in KINDS if kind not in server.kinds],
                    age=ages(ports, estate, [server.id], stamp)[0],
                )
            )
        return ServerList(servers=found)


def adopt(ports: Ports, asks: Sequence[Adopt], stamp: Stamp) -> MappingChanged:
    """Let the order in which the last inventory lists a network's subnets count from now on."""

    def write(tables: Tables) -> Done | MappingChanged:
        estate = tables.estate()

        def again(ask: Adopt, found: Network) -> Say:
            name, on = certain(estate, found)
            return ask.model_copy(update={"network": name, "server": on}).as_say("adopt")

        ask, network = choose(
            "adopt",
            asks,
            lambda a: find_network(estate, a.network, a.server, lambda n: again(a, n)),
        )
        if not network.reordered:
            return MappingChanged(
                verb="unchanged",
                adopted=spot(estate, network.at),
                ages=ages(ports, estate, [network.server], stamp),
            )
        return _adopt(ports, tables, network, stamp, ask.reason)

    return carry_out(ports, stamp, any(a.dry_run for a in asks), write)


def _adopt(ports: Ports, tables: Tables, network: Network, stamp: Stamp, reason: str) -> Done:
    change = tables.changes.begin(ChangeKind.ADOPT, stamp, reason)
    tables.networks.adopt(network.id)
    estate = tables.estate()
    leading = [m for m in estate.mappings.values() if m.target == network.id]
    keys = [(m.source, m.server) for m in leading]
    segments = classes_of(tables, estate, leading)
    changed = ask_again(tables, estate, segments, change)
    current = {s.id: s for s in segments} | {r.after.id: r.after for r in changed}
    moves = Moves(tables, current, [r.after.id for r in changed])
    tables.changes.finish(
        change,
        Detail(
            text=f"adopted the order of {network.name}"
            f" ({', '.join(s.name for s in estate.networks[network.id].subnets)})",
            order=[s.at for s in network.subnets],
            segments=[(r.after.id, r.before.desired, r.after.desired) for r in changed],
            adapters=len(moves),
        ),
        networks=[*keys, (network.id, network.server)],
        affected=moves.numbers(),
    )
    result = MappingChanged(
        verb="adopted",
        adopted=spot(estate, network.at),
        change=f"C{change}",
        mappings=[reference(estate, mapping) for mapping in leading],
        ages=ages(ports, estate, [network.server], stamp),
    )
    return Done(result, moves, current, change, [network.server])
