"""What was retrieved: VM networks with their subnets in order, and the servers they came from."""

from collections.abc import Sequence

from bot.domain.answers.networks import (
    NetworkFacts,
    NetworkList,
    ServerFacts,
    ServerList,
    SubnetFacts,
)
from bot.domain.numbers import plural
from bot.domain.replies import Reply
from bot.render.page import Page, aligned, named
from bot.render.phrases import listed
from bot.render.pieces import Show
from bot.render.words import at_server

NETWORKS = ("Network", "Mapped", "Subnets in order", "VMs", "Logical network", "Isolation")
"""What is looked for first: a telephone shows no more than three of these at once."""
SERVERS = ("Server", "Networks", "VMs", "Replicated", "Clouds", "Mapped", "Not checked")


def network_list(result: NetworkList, show: Show) -> Reply:
    """Answer `networks`."""
    page = Page(show, _count(result, show.before))
    several = len({network.server for network in result.networks}) > 1
    page.table(
        NETWORKS,
        [_network_row(network, several) for network in result.networks],
        result.more,
        [line for network in result.networks for line in network_lines(network, several)],
    )
    page.ages(result.ages)
    return page.reply()


def server_list(result: ServerList, show: Show) -> Reply:
    """Answer `servers`."""
    servers = result.servers
    if not servers:
        page = Page(show, "No inventory was taken in yet, so there are no servers.")
        return page.reply()
    names = listed([server.name for server in servers], 6)
    page = Page(show, f"{plural(len(servers), 'VMM server')}: {names}.")
    page.table(
        SERVERS,
        [_server_row(server) for server in servers],
        lines=aligned(_server_cells(server) for server in servers),
    )
    for server in servers:
        if server.not_checked:
            page.warn(f"Not checked at {server.name}: {listed(server.not_checked, 8)}")
    page.ages([server.age for server in servers])
    return page.reply()


def network_lines(network: NetworkFacts, several: bool) -> list[str]:
    """A network as text: a line of its own, then its subnets in order."""
    facts = [
        network.isolation or "isolation not checked",
        logical(network),
        plural(network.vms, "VM"),
        mapped(network),
        *_oddities(network),
    ]
    head = f"{named(_name(network, several))}  {' · '.join(map(named, facts))}"
    return [head, *(f"  {line}" for line in aligned(subnet_rows(network.subnets)))]


def subnet_rows(subnets: Sequence[SubnetFacts]) -> list[tuple[str, str, str, str]]:
    """Subnets as rows, numbered in the order that counts."""
    return [
        (str(nth), subnet.name, ", ".join(subnet.ranges), _pools(subnet))
        for nth, subnet in enumerate(subnets, 1)
    ]


def logical(network: NetworkFacts) -> str:
    """The logical network it is linked to, as far as that was listed."""
    if network.logical_network:
        return network.logical_network
    return "NO logical network" if network.logical_known else "logical network not checked"


def mapped(network: NetworkFacts) -> str:
    """Which mappings lead from it and to it."""
    to = listed([at_server(ref.target, ref.toward) for ref in network.mapped])
    here = listed([at_server(ref.source, ref.on) for ref in network.mapped_here])
    ways = [f"to {to}"] * bool(to) + [f"from {here}"] * bool(here)
    return f"mapped {', '.join(ways)}" if ways else "not mapped"


def _count(result: NetworkList, before: int) -> str:
    total = before + len(result.networks) + result.more
    servers = list(dict.fromkeys(network.server for network in result.networks))
    part = before or result.more
    if part:  # those that are not listed may be on other servers
        servers = sorted({*servers, *(age.server for age in result.ages)})
    where = f" at {listed(servers)}" if servers else ""
    if not total:
        if not result.ages:
            return "No inventory was taken in yet, so there are no networks."
        return f"No VM networks are listed at {listed([age.server for age in result.ages])}."
    text = plural(total, "VM network")
    if part:
        last = before + len(result.networks)
        which = f"{before + 1:,} to {last:,}" if before else f"the first {last:,}"
        return f"{text}{where}; {which} are listed."
    source = sum(bool(network.mapped) for network in result.networks)
    target = sum(bool(network.mapped_here) for network in result.networks)
    return (
        f"{text}{where}; mappings lead from {source or 'none'} of them and to {target or 'none'}."
    )


def _oddities(network: NetworkFacts) -> list[str]:
    return ["GONE from VMM"] * network.gone + ["subnets REORDERED in VMM"] * network.reordered


def _pools(subnet: SubnetFacts) -> str:
    return (
        "" if subnet.pools is None else plural(subnet.pools, "pool") if subnet.pools else "no pool"
    )


def _name(network: NetworkFacts, several: bool) -> str:
    return at_server(network.name, network.server) if several else network.name


def _network_row(network: NetworkFacts, several: bool) -> tuple[str, ...]:
    subnets = [
        f"{nth} {name} ({', '.join(filter(None, about))})" if any(about) else f"{nth} {name}"
        for nth, name, *about in subnet_rows(network.subnets)
    ]
    return (
        " · ".join([_name(network, several), *_oddities(network)]),
        mapped(network).removeprefix("mapped "),
        "; ".join(subnets) or "no subnets",
        f"{network.vms:,}",
        logical(network),
        network.isolation or "not checked",
    )


def _server_row(server: ServerFacts) -> tuple[str, ...]:
    return (
        server.name,
        f"{server.networks:,}",
        f"{server.vms:,}",
        f"{server.replicated:,}",
        listed(server.clouds, 6) or "none listed",
        f"{server.mapped_from} from here, {server.mapped_to} to here",
        listed(server.not_checked, 8) or "nothing",
    )


def _server_cells(server: ServerFacts) -> tuple[str, ...]:
    return (
        server.name,
        plural(server.networks, "network"),
        f"{plural(server.vms, 'VM')}, {server.replicated:,} replicated",
        f"{plural(server.mapped_from, 'mapping')} from here, {server.mapped_to:,} to here",
        f"clouds: {listed(server.clouds, 6)}" if server.clouds else "no clouds listed",
    )
