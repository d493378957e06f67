"""Estates of a few networks, in the numbers the engine thinks in.

The place of network 7 is 700, its first subnet is 701, and so on.
"""

from collections.abc import Iterable
from collections.abc import Mapping as Dict
from datetime import UTC, datetime
from typing import Any

from bot.domain.estate import Cloud, Estate, Mapping, Network, Subnet
from bot.domain.names import name_key
from bot.domain.placements import SegmentKey

NY, CH = 1, 2
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def make_network(id: int, server: int, *subnets: str, **over: Any) -> Network:
    listed = tuple(
        Subnet(at=id * 100 + n, guid=f"s{id}-{n}", name=name, key=name_key(name), listed=n)
        for n, name in enumerate(subnets, start=1)
    )
    name = f"N{id}"
    made = Network(id, server, f"n{id}", name, name_key(name), id * 100, listed)
    return made._replace(**over)


def make_estate(
    *networks: Network,
    mapped: Dict[int, int] | Iterable[tuple[int, int]] = (),
    removed: Iterable[tuple[int, int]] = (),
    clouds: Iterable[Cloud] = (),
    reach: Dict[int, frozenset[str] | None] | None = None,
) -> Estate:
    """An estate of these networks; `mapped` and `removed` are (source, target) by id."""
    known = {n.id: n for n in networks}
    places: dict[int, tuple[Network, Subnet | None]] = {n.at: (n, None) for n in networks}
    places |= {s.at: (n, s) for n in networks for s in (*n.subnets, *n.lost)}

    def table(ends: Iterable[tuple[int, int]], gone: bool) -> dict[tuple[int, int], Mapping]:
        return {
            (source, known[target].server): Mapping(
                10 * source + target, source, target, known[target].server, None, "", EPOCH, 1, gone
            )
            for source, target in ends
        }

    pairs = mapped.items() if isinstance(mapped, Dict) else mapped
    return Estate(
        servers={},
        networks=known,
        clouds={cloud.id: cloud for cloud in clouds},
        mappings=table(pairs, False),
        removed=table(removed, True),
        former={},
        reach=dict(reach or {}),
        places=places,
        hosts={},
    )


def make_key(source: int, server: int = CH, **over: int) -> SegmentKey:
    key = SegmentKey(source, server, 0, 0, 0, 0, 0, 0)
    return key._replace(**over)
