"""What does not stand where it belongs: drifted, pending, waiting, left alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from bot.domain.codes import FindingKind, Readiness
from bot.domain.estate import DISCONNECTED, Estate
from bot.domain.placements import Astray, Segment
from bot.usecases.found import Found, Key, Members, numbers


class Leaving(NamedTuple):
    """What still stands on a removed mapping's target."""

    adapters: Counter[tuple[int, int]]
    """(segment, place) -> how many."""
    pairs: set[int]


def gather(
    found: Found, estate: Estate, segments: dict[int, Segment], astray: Iterable[Astray]
) -> Leaving:
    """Gather the findings on these; say what is leaving."""
    gathered: dict[Key, Members] = defaultdict(Members)
    leaving = Counter[tuple[int, int]]()
    left: list[str] = []
    at = {place: network.id for place, (network, _) in estate.places.items()}.get
    for id, observed, wish, pending, drifted in astray:
        segment = segments[id]
        key = segment.key
        network, server = at(key.source, 0), key.server
        for still, pairs in ((True, pending), (False, drifted)):
            if not pairs:
                continue
            if key.readiness:
                kind = _ALONE[key.readiness]
            elif segment.former:
                kind = FindingKind.DISCONNECT_PENDING
            elif still:
                kind = FindingKind.PENDING
            elif wish > DISCONNECTED < observed and at(wish) == at(observed):
                kind = FindingKind.WRONG_SUBNET
            else:
                kind = FindingKind.DRIFTED
            members = gathered[kind, network, server]
            count = pairs.count(",") + 1
            members.adapters += count
            members.segments.add(id)
            members.pairs.append(pairs)
            if segment.former:
                leaving[id, observed] += count
                left.append(pairs)
            if "now" not in members.facts:
                members.facts["now"] = found.words(observed)
                members.facts["wish"] = found.words(wish)
            if kind is FindingKind.PENDING:
                members.facts["since"] = f"C{segment.since}"
    for (kind, of, server), members in gathered.items():
        found.about_mapping(kind, of, server, members)
    return Leaving(leaving, numbers(left))


_ALONE: dict[int, FindingKind] = {
    Readiness.WAITING: FindingKind.WAITING,
    Readiness.RUNNING: FindingKind.LEFT_RUNNING,
    Readiness.FAILED_OVER: FindingKind.LEFT_RUNNING,
    Readiness.UNKNOWN: FindingKind.POWER_UNKNOWN,
}
"""Those that are not touched now."""
