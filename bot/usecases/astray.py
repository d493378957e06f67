"""What does not stand where it belongs: drifted, pending, waiting, left alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from bot.domain.codes import FindingKind, Readiness
from bot.domain.estate import DISCONNECTED
from bot.domain.placements import Astray, Segment
from bot.usecases.found import Found, Key, Members, numbers


class Leaving(NamedTuple):
    """What still stands on a removed mapping's target."""

    adapters: Counter[tuple[int, int]]
    """(segment, place) -> how many."""
    pairs: set[int]


def gather(found: Found, segments: dict[int, Segment], astray: Iterable[Astray]) -> Leaving:
    """Gather the findings on these; say what is leaving."""
    gathered: dict[Key, Members] = defaultdict(Members)
    leaving = Counter[tuple[int, int]]()
    left: list[str] = []
    at = found.network_of
    for id, observed, wish, pending, drifted in astray:
        segment = segments[id]
        key = segment.key
        if key.readiness:
            still = moved = _ALONE[key.readiness]
        elif segment.former:
            still = moved = _TO_DISCONNECT
        else:
            still, moved = _PENDING, _DRIFTED
            if wish > DISCONNECTED < observed and at(wish) == at(observed):
                moved = _WRONG_SUBNET
        for kind, pairs in ((still, pending), (moved, drifted)):
            if pairs:
                members = gathered[kind, at(key.source, 0), key.server]
                members.pairs.append(pairs)
                if not members.facts:
                    members.facts = {"now": found.words(observed), "wish": found.words(wish)}
                if kind is _PENDING:
                    members.facts["since"] = f"C{segment.since}"
                if segment.former:
                    leaving[id, observed] += pairs.count(",") + 1
                    left.append(pairs)
    for (kind, of, server), members in gathered.items():
        members.adapters = ",".join(members.pairs).count(",") + 1
        found.about_mapping(kind, of, server, members)
    return Leaving(leaving, set().union(*numbers(left)))


_ALONE: dict[int, FindingKind] = {
    Readiness.WAITING: FindingKind.WAITING,
    Readiness.RUNNING: FindingKind.LEFT_RUNNING,
    Readiness.FAILED_OVER: FindingKind.LEFT_RUNNING,
    Readiness.UNKNOWN: FindingKind.POWER_UNKNOWN,
}
"""Those that are not touched now."""
_PENDING = FindingKind.PENDING
_TO_DISCONNECT = FindingKind.DISCONNECT_PENDING
_DRIFTED = FindingKind.DRIFTED
_WRONG_SUBNET = FindingKind.WRONG_SUBNET
"""Asked for by the thousand, and an enum takes its time."""
