"""Believe what whoever reconnects replicas says to have done."""

from collections.abc import Sequence

from bot.domain.placements import Move
from bot.ports import Tables


def confirm(tables: Tables, moves: Sequence[Move], change: int) -> int:
    """Record that these adapters were connected for netmap; say how many still stood there.

    Where the mapping was changed or removed meanwhile, that is still netmap's doing and nobody's
    hand: it led to its former target until now.
    """
    estate = tables.estate()
    places = {(move.segment, move.wish) for move in moves}
    segments = tables.segments.get(id for id, _ in places)
    ends = set()
    for id, wish in places:
        segment, network = segments.get(id), estate.network_at(wish)
        source = estate.network_at(segment.key.source) if segment else None
        if segment is None or source is None or network is None:
            continue
        key = source.id, segment.key.server
        mapping = estate.mappings.get(key)
        elsewhere = mapping is None or mapping.target != network.id
        if elsewhere and network.id in estate.former.get(key, {}):
            ends.add((*key, network.id))
    tables.mappings.led_until(ends, change)
    return tables.segments.confirm(moves, change)
