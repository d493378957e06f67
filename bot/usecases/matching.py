"""Pairs of networks of two servers whose names match."""

import re
from collections.abc import Callable, Iterable

from bot.domain.bulk import End, LeftOut, Wanted
from bot.domain.errors import NotFound
from bot.domain.estate import Estate, Network, Server
from bot.domain.names import name_key

_WORDS = re.compile(r"[^\W_]+")


def matching(estate: Estate, source: Server, target: Server) -> tuple[list[Wanted], list[LeftOut]]:
    """Pairs of networks of one name, and of names alike but for words that tell the sites apart.

    Those words are the ones in the servers' names, and those by which the names of networks that
    are mapped between the two already differ: with Prod-App mapped to DR-App, Prod-Web matches
    DR-Web. A network that is mapped there already is left alone; one that matches several, or is
    matched by several, is no proposal.
    """
    here = [n for n in estate.networks_of(source.id) if not n.gone]
    there = [n for n in estate.networks_of(target.id) if not n.gone]
    if source.id == target.id:
        raise NotFound(
            "Names can only be compared between two servers.",
            hint="On one server, map each by itself.",
        )
    words = _site_words(estate, source, target)
    open_here = [n for n in here if (n.id, target.id) not in estate.mappings]
    rows: list[Wanted] = []
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
                ends = [
                    End(n.name, n.guid, s.guid)
                    for n, s in ((sources[0], source), (targets[0], target))
                ]
                rows.append(Wanted(sources[0].name, ends[0], ends[1]))
            else:
                names = " and ".join(n.name for n in (*sources, *targets))
                left.append(LeftOut(place=sources[0].name, why=f"several match: {names}."))
    return rows, left


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
