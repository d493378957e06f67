"""Find what a name means: exact first, then letter case aside. A write never guesses."""

import difflib
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from pydantic import ConfigDict

from bot.domain.asking import Say, say
from bot.domain.errors import Ambiguous, NetmapError, NotFound, Refused
from bot.domain.estate import Estate, Mapping, Network, Server
from bot.domain.labels import number
from bot.domain.model import Model
from bot.domain.names import name_key
from bot.ports import Tables
from bot.usecases.restored import no_such

CHOSEN = "<network>"
"""Stands in a suggested command for what only a person can choose."""

T = TypeVar("T")
A = TypeVar("A", bound="Ask")


class Ask(Model):
    """What one reading of a line asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def as_say(self, command: str) -> Say:
        """The same, as a command to suggest."""
        values = self.model_dump(exclude_none=True, exclude_defaults=True)
        return Say(command, values)


class MappingName(Ask):
    """`M12`, or a source network with as much around it as it takes."""

    id: str | None = None
    source: str | None = None
    on: str | None = None
    toward: str | None = None


def choose(command: str, asks: Sequence[A], resolve: Callable[[A], T]) -> tuple[A, T]:
    """The one reading that resolves.

    Raises:
        Ambiguous: two resolve; both are offered as commands.
        NetmapError: none does; what the most literal reading said.
    """
    found: list[tuple[A, T]] = []
    faults: list[NetmapError] = []
    for ask in asks:
        try:
            found.append((ask, resolve(ask)))
        except (NotFound, Ambiguous, Refused) as error:
            faults.append(error)
    if len(found) == 1:
        return found[0]
    if found:
        raise Ambiguous(
            "That can mean two things.",
            hint="Run the one you mean; names in quotes are taken as they stand.",
            commands=[ask.as_say(command) for ask, _ in found],
        )
    raise min(faults, key=lambda fault: _TELLING.index(type(fault)))


_TELLING = (Ambiguous, Refused, NotFound)
"""Which fault says most, where no reading resolves."""


def check_any_inventory(estate: Estate, what: str) -> None:
    """Where nothing was imported yet, say that in place of "I know none of this name"."""
    if not estate.servers:
        raise NotFound(
            f"I know no {what}: no inventory was imported yet.",
            hint="On the bot's machine: netmap import FILE.",
        )


def find_server(estate: Estate, name: str) -> Server:
    """The server of this name or id."""
    servers = list(estate.servers.values())
    hits = [s for s in servers if s.name == name]
    hits = hits or [s for s in servers if name_key(s.name) == name_key(name)]
    hits = hits or [s for s in servers if s.guid == name.lower()]
    if len(hits) == 1:
        return hits[0]
    names = sorted(s.name for s in servers)
    if hits:
        raise Ambiguous(
            f"{len(hits)} servers are called {name}.",
            hint="Use the id instead.",
            facts=[f"{s.name}, id {s.guid}" for s in hits],
        )
    check_any_inventory(estate, f"server {name}")
    near = _near(name, names)
    raise NotFound(
        f"I know no server {name}." + (f" Did you mean {near[0]}?" if near else ""),
        hint=f"I know {_and(names)}.",
    )


def check_no_server(estate: Estate, said: str, command: str = "") -> None:
    """Refuse a server's name where the name of something else is expected.

    Args:
        said: the name, as one may put it: `VMM-Chicago`, `on VMM-Chicago`.
        command: what can be asked about a server with `--server`; without it: `networks`.

    Raises:
        NotFound: it is one; with what to say instead.
    """
    key = name_key(said)
    first, _, rest = key.partition(" ")
    for server in estate.servers.values():
        called = name_key(server.name)
        if called == key or (called == rest and first in _BEFORE_A_SERVER):
            raise NotFound(
                f"{server.name} is a server.",
                hint="To ask about it:" if command else "To see its networks:",
                commands=[say(command or "networks", server=server.name)],
            )


def check_no_network(estate: Estate, said: str) -> None:
    """Refuse a network's name where the name of a VM is expected.

    Raises:
        NotFound: it is one; with what to say instead.
    """
    called = [network for network in estate.called(name_key(said)) if not network.gone]
    for network in called[:1]:
        raise NotFound(
            f"{network.name} is a network, and no VM is called so.",
            hint="To see it:",
            commands=[say("show", mapping={"source": network.name})],
        )


_BEFORE_A_SERVER = ("at", "for", "of", "on", "toward")


def find_network(
    estate: Estate,
    name: str,
    on: str | None = None,
    again: Callable[[Network], Say] | None = None,
    gone: bool = False,
) -> Network:
    """The network of this name or id.

    Args:
        on: its server, if that was said.
        again: the same question with one candidate named for certain; offered when several match.
        gone: whether one that VMM does not list any more may be meant.
    """
    hits = meant(estate, name, on, gone)
    if len(hits) == 1:
        return hits[0]
    raise Ambiguous(
        f"{len(hits)} networks are called {name}.",
        hint="Say which one you mean.",
        facts=[describe(estate, n) for n in hits],
        commands=[again(n) for n in hits] if again else (),
    )


def meant(estate: Estate, name: str, on: str | None = None, gone: bool = False) -> list[Network]:
    """Every network that this name or id means.

    Raises:
        NotFound: none; what a server is called is said to be one.
    """
    server = find_server(estate, on) if on is not None else None
    scope = [
        n
        for n in estate.networks.values()
        if (server is None or n.server == server.id) and (gone or not n.gone)
    ]
    key = name_key(name)
    hits = [n for n in scope if n.name == name]
    hits = hits or [n for n in scope if n.key == key]
    hits = hits or [n for n in scope if n.guid == name.lower()]
    if len(hits) > 1 and any(not n.gone for n in hits):
        hits = [n for n in hits if not n.gone]
    if hits:
        return hits
    lost = [
        n
        for n in estate.networks.values()
        if n.gone and n.key == key and (server is None or n.server == server.id)
    ]
    place = f" on {server.name}" if server else ""
    if lost:
        raise NotFound(
            f"{lost[0].name} ({estate.server_named(lost[0].server)}) is gone:"
            " its server does not list it any more.",
            hint="If it should be there, import a new inventory.",
        )
    check_any_inventory(estate, f"network {name}")
    check_no_server(estate, name)
    near = _near(name, sorted({n.name for n in scope}))
    raise NotFound(
        f"I know no network {name}{place}." + (f" Did you mean {_or(near)}?" if near else ""),
        hint="See the networks that were retrieved.",
        commands=[say("networks", server=server.name if server else None)],
    )


def find_mapping(
    tables: Tables, name: MappingName, again: Callable[[Mapping], Say] | None = None
) -> Mapping:
    """The mapping in force that is meant."""
    estate = tables.estate()
    if name.id is not None:
        wanted = number(name.id, "M")
        for mapping in estate.mappings.values():
            if mapping.id == wanted:
                return mapping
        removed = any(m.id == wanted for m in estate.removed.values())
        if not removed:
            raise no_such(tables, "mapping", name.id.upper(), "See the mapping table.", say("list"))
        raise NotFound(
            f"There is no mapping {name.id.upper()} any more.",
            hint="See the mapping table.",
            commands=[say("list")],
        )
    assert name.source is not None
    networks = {n.id: n for n in meant(estate, name.source, name.on, gone=True)}
    toward = find_server(estate, name.toward) if name.toward is not None else None
    hits = [
        m
        for (source, server), m in estate.mappings.items()
        if source in networks and (toward is None or server == toward.id)
    ]
    if len(networks) > 1 and hits:
        raise Ambiguous(
            f"{len(networks)} networks are called {name.source}.",
            hint="Say which one you mean.",
            facts=[describe(estate, n) for n in networks.values()],
            commands=[again(m) for m in hits] if again else (),
        )
    network = next(iter(networks.values()))
    if len(hits) == 1:
        return hits[0]
    if hits:
        raise Ambiguous(
            f"{network.name} is mapped toward {len(hits)} servers.",
            hint="Say which mapping you mean.",
            facts=[
                f"{m.label} to {estate.networks[m.target].name} ({estate.server_named(m.server)})"
                for m in hits
            ],
            commands=[again(m) for m in hits] if again else (),
        )
    where = f" toward {toward.name}" if toward else ""
    if len(networks) > 1:
        raise NotFound(
            f"{len(networks)} networks are called {name.source}, and none is mapped{where}.",
            hint="See what is mapped.",
            commands=[say("list")],
        )
    raise NotFound(
        f"{network.name} ({estate.server_named(network.server)}) is not mapped{where}.",
        hint="See what is mapped from there.",
        commands=[say("list", server=estate.server_named(network.server))],
    )


def describe(estate: Estate, network: Network) -> str:
    """A network so that it cannot be mistaken for another of its name."""
    logical = f", logical network {network.logical}" if network.logical else ""
    gone = ", gone" if network.gone else ""
    server = estate.server_named(network.server)
    return f"{network.name} on {server}{logical}, id {network.guid}{gone}"


def certain(estate: Estate, network: Network) -> tuple[str, str]:
    """(name or id, server) that mean this network and no other."""
    twins = [
        n
        for n in estate.called(network.key)
        if n.server == network.server and n.id != network.id and (network.gone or not n.gone)
    ]
    name = network.guid if twins else network.name
    return name, estate.server_named(network.server)


def _near(name: str, names: Iterable[str]) -> list[str]:
    by_key = {name_key(n): n for n in names}
    key = name_key(name)
    starts = [n for k, n in by_key.items() if key and key in k][:3]
    close = [by_key[k] for k in difflib.get_close_matches(key, by_key, n=3, cutoff=0.6)]
    return list(dict.fromkeys(starts + close))[:3]


def _and(names: Sequence[str]) -> str:
    shown = list(names[:12])
    rest = len(names) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _or(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
