"""Which network somebody else means: by its id, then by its name, on the server that is named."""

from collections.abc import Callable, Iterable

from bot.domain.bulk import End, Wanted
from bot.domain.errors import Ambiguous, Conflict, NetmapError, NotFound
from bot.domain.estate import Estate, Network, Server
from bot.domain.names import name_key
from bot.usecases.resolving import describe


def find_end(estate: Estate, end: End, agreeing: bool = False) -> Network:
    """The network that somebody else's id, or else name, means.

    Args:
        agreeing: a name beside the id has to mean the same; else the id alone decides, as names
            may have changed since.

    Raises:
        NotFound: there is none, or its server is not known.
        Ambiguous: several have that name.
        Conflict: name and id do not agree.
    """
    server = _server(estate, end.server) if end.server else None
    there = [
        n
        for n in estate.networks.values()
        if not n.gone and (server is None or n.server == server.id)
    ]
    place = f" on {server.name}" if server else ""
    names = {end.name, end.plain} - {""}
    if end.id:
        by_id = [n for n in there if n.guid == end.id.lower()]
        if len(by_id) > 1:
            raise _several(estate, end.id, by_id)
        if by_id and agreeing and names and by_id[0].key not in set(map(name_key, names)):
            raise _astray(end, by_id[0], _named(there, names), place)
        if by_id:
            return by_id[0]
    if not end.name:
        raise NotFound(f"there is no network with the id {end.id}{place}.")
    by_name = _named(there, names)
    if len(by_name) > 1:
        raise _several(estate, end.name, by_name)
    if not by_name:
        with_id = f", nor one with the id {end.id}" if end.id else ""
        raise NotFound(f"there is no network {end.plain or end.name}{place}{with_id}.")
    return by_name[0]


def in_force(estate: Estate, row: Wanted) -> bool:
    """Whether a mapping is just so already, though a network of it is gone from VMM."""

    def means(end: End | None, id: int | None) -> bool:
        if end is None or id is None:
            return end is None and (id is None or not row.says_test)
        network = estate.networks[id]
        try:
            server = _server(estate, end.server).id if end.server else network.server
        except NetmapError:
            return False
        named = {name_key(end.name), name_key(end.plain)}
        return (
            server == network.server
            and end.id.lower() in ("", network.guid)
            and (network.key in named or not end.name)
        )

    return any(
        means(row.source, one.source)
        and means(row.target, one.target)
        and means(row.test, one.test)
        for one in estate.mappings.values()
    )


def _named(there: Iterable[Network], names: set[str]) -> list[Network]:
    """Those of the exact spelling, else letter case aside."""
    keys = set(map(name_key, names))
    alike = [n for n in there if n.key in keys]
    return [n for n in alike if n.name in names] or alike


def _several(estate: Estate, name: str, networks: Iterable[Network]) -> Ambiguous:
    return Ambiguous(
        f"several networks are called {name}:", facts=[describe(estate, n) for n in networks]
    )


def _astray(end: End, by_id: Network, by_name: list[Network], place: str) -> Conflict:
    name = end.plain or end.name
    if by_name:
        both = f"the name is that of {by_name[0].name}, and the id {end.id} that of {by_id.name}"
    else:
        both = f"nothing is called {name}{place}, and the id {end.id} is {by_id.name}'s"
    return Conflict(f"{both}. Keep one of the two, and leave the other cell empty.")


def _server(estate: Estate, said: str) -> Server:
    """By id, by name, or by the first part of an FQDN."""
    key = name_key(said)
    head = key.partition(".")[0]
    ways: tuple[Callable[[Server], bool], ...] = (
        lambda s: s.guid == said.lower(),
        lambda s: name_key(s.name) == key,
        lambda s: name_key(s.name) == head,
        lambda s: name_key(s.name).partition(".")[0] == head,
    )
    for way in ways:
        found = [s for s in estate.servers.values() if way(s)]
        if len(found) == 1:
            return found[0]
        if found:
            raise Ambiguous(f"several servers can be meant by {said}.")
    raise NotFound(f"the server {said} is not known; import its inventory first.")
