"""Pairs of networks of two servers whose names match, or that are those of a mapping made anew."""

import re
from collections.abc import Callable, Iterable

from bot.domain.bulk import End, LeftOut, Wanted
from bot.domain.errors import NotFound
from bot.domain.estate import Estate, Mapping, Network, Server
from bot.domain.names import name_key

_WORDS = re.compile(r"[^\W_]+")


def matching(estate: Estate, source: Server, target: Server) -> tuple[list[Wanted], list[LeftOut]]:
    """Pairs of networks of one name, and of names alike but for words that tell the sites apart.

    Those words are the ones in the servers' names, and those by which the names of networks that
    are mapped between the two already differ: with Prod-App mapped to DR-App, Prod-Web matches
    DR-Web. A network that is mapped there already is left alone; one that matches several, or is
    matched by several, is no proposal. Before all that comes what is mapped to or from a network
    that is gone, and of which there is a new one of the same name: it is led there.
    """
    rows = list(made_anew(estate, source.id, target.id).values())
    here = [n for n in estate.networks_of(source.id) if not n.gone]
    there = [n for n in estate.networks_of(target.id) if not n.gone]
    if source.id == target.id:
        if rows:
            return rows, []
        raise NotFound(
            "Names can only be compared between two servers.",
            hint="On one server, map each by itself.",
        )
    words = _site_words(estate, source, target)
    anew = {row.source.id for row in rows}  # as VMM knows them
    open_here = [n for n in here if (n.id, target.id) not in estate.mappings and n.guid not in anew]
    left: list[LeftOut] = []
    taken: set[int] = set()
    ways: tuple[Callable[[Network], str], ...] = (
        lambda n: n.key,
        lambda n: _bare(n.key, words),
    )
    for alike in ways:
        ours, theirs = _by(open_here, alike, taken), _by(there, alike, taken)
        for key, sources in ours.items():
            targets = theirs.get(key, [])
            if not key or not targets:
                continue
            taken.update(n.id for n in (*sources, *targets))
            if len(sources) == len(targets) == 1:
                ends = [_end(estate, n) for n in (sources[0], targets[0])]
                rows.append(Wanted(sources[0].name, ends[0], ends[1]))
            else:
                names = " and ".join(n.name for n in (*sources, *targets))
                left.append(LeftOut(place=sources[0].name, why=f"several match: {names}."))
    return rows, left


def made_anew(estate: Estate, source: int, target: int) -> dict[int, Wanted]:
    """Mapping -> what it is to be, where a network of it is gone and there is one new of its name.

    One whose new source is mapped to a network that is there needs nothing more.
    """
    found: dict[int, Wanted] = {}

    def now(id: int) -> Network | None:
        network = estate.made_anew(estate.networks[id])
        return None if network.gone else network

    for mapping in estate.mappings.values():
        ends = estate.networks[mapping.source], estate.networks[mapping.target]
        if tuple(end.server for end in ends) != (source, target) or not any(e.gone for e in ends):
            continue
        one, other = now(mapping.source), now(mapping.target)
        if one is None or other is None:
            continue
        known = estate.mappings.get((one.id, target))
        if known is not None and not estate.networks[known.target].gone:
            continue
        test = now(mapping.test) if mapping.test else None
        found[mapping.id] = Wanted(
            one.name,
            _end(estate, one),
            _end(estate, other),
            _end(estate, test) if test else None,
            says_test=test is not None,
        )
    return found


def superseded(
    estate: Estate, source: Server, target: Server, coming: Iterable[Mapping]
) -> list[Mapping]:
    """Mappings of networks that are gone, where what was made anew by their name is mapped.

    Args:
        coming: mappings that are about to be made.
    """
    mapped = {(m.source, m.server) for m in (*estate.mappings.values(), *coming)}
    found = []
    for mapping in estate.mappings.values():
        network = estate.networks[mapping.source]
        now = estate.made_anew(network)
        if (network.server, mapping.server) != (source.id, target.id) or now is network:
            continue
        if (now.id, target.id) in mapped:
            found.append(mapping)
    return found


def _end(estate: Estate, network: Network) -> End:
    return End(network.name, network.guid, estate.servers[network.server].guid)


def _by(
    networks: Iterable[Network], key: Callable[[Network], str], taken: set[int]
) -> dict[str, list[Network]]:
    found: dict[str, list[Network]] = {}
    for network in networks:
        if network.id not in taken:
            found.setdefault(key(network), []).append(network)
    return found


def _site_words(estate: Estate, source: Server, target: Server) -> set[str]:
    words = set(_WORDS.findall(name_key(source.name))) ^ set(_WORDS.findall(name_key(target.name)))
    for mapping in estate.mappings.values():
        one, other = estate.networks[mapping.source], estate.networks[mapping.target]
        if {one.server, other.server} == {source.id, target.id}:
            mine, theirs = set(_WORDS.findall(one.key)), set(_WORDS.findall(other.key))
            if mine & theirs:
                words |= mine ^ theirs
    return words


def _bare(key: str, words: set[str]) -> str:
    """The name without those words; empty if nothing else is in it, or none of them is."""
    parts = _WORDS.findall(key)
    rest = [part for part in parts if part not in words]
    return " ".join(rest) if len(rest) < len(parts) else key
