"""What does not stand where it belongs: drifted, pending, waiting, left alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from bot.domain.codes import FindingKind, Readiness
from bot.domain.estate import DISCONNECTED
from bot.domain.placements import Astray, Segment, apart
from bot.usecases.watching.found import Found, Key, Members


class Leaving(NamedTuple):
    """What still stands on a removed mapping's target."""

    adapters: Counter[tuple[int, int]]
    """(segment, place) -> how many."""
    pairs: set[int]


def gather(found: Found, segments: dict[int, Segment], astray: Iterable[Astray]) -> Leaving:
    """Gather the findings on these; say what is leaving."""
    gathered: dict[Key, Members] = defaultdict(Members)
    standing: dict[int, list[int]] = {}
    former: list[tuple[int, int, Members, list[int]]] = []
    at = found.network_of
    for where, pair in astray:
        pairs = standing.get(where)
        if pairs is None:  # once for each place at which adapters of a class stand
            id, observed, moved = apart(where)
            segment = segments[id]
            key, wish = segment.key, segment.desired
            if key.readiness:
                kind = _ALONE[key.readiness]
                if kind is _LEFT_RUNNING and observed == DISCONNECTED < wish:
                    kind = _RUNS_UNCONNECTED
            elif segment.former:
                kind = _TO_DISCONNECT
            elif not moved:
                kind = _PENDING
            elif wish > DISCONNECTED < observed and at(wish) == at(observed):
                kind = _WRONG_SUBNET
            else:
                kind = _DRIFTED
            members = gathered[kind, at(key.source, 0), key.server]
            pairs = standing[where] = members.pairs
            if segment.former:
                wish, pairs = DISCONNECTED, []
                standing[where] = pairs
                former.append((id, observed, members, pairs))
            if not members.facts:
                members.facts = {"now": found.words(observed), "wish": found.words(wish)}
            if kind is _PENDING:
                members.facts["since"] = f"C{segment.since}"
        pairs.append(pair)
    leaving = Leaving(Counter(), set())
    for id, observed, members, pairs in former:
        members.pairs += pairs
        leaving.adapters[id, observed] += len(pairs)
        leaving.pairs.update(pairs)
    for (kind, of, server), members in gathered.items():
        members.adapters = len(members.pairs)
        found.about_mapping(kind, of, server, members)
    return leaving


_ALONE: dict[int, FindingKind] = {
    Readiness.WAITING: FindingKind.WAITING,
    Readiness.RUNNING: FindingKind.LEFT_RUNNING,
    Readiness.FAILED_OVER: FindingKind.LEFT_RUNNING,
    Readiness.UNKNOWN: FindingKind.POWER_UNKNOWN,
}
"""Those that are not touched now."""
_LEFT_RUNNING = FindingKind.LEFT_RUNNING
_RUNS_UNCONNECTED = FindingKind.RUNS_UNCONNECTED
_PENDING = FindingKind.PENDING
_TO_DISCONNECT = FindingKind.DISCONNECT_PENDING
_DRIFTED = FindingKind.DRIFTED
_WRONG_SUBNET = FindingKind.WRONG_SUBNET
"""Asked for by the thousand, and an enum takes its time."""
