"""How the estate stands at a glance, per way between two servers."""

from collections import Counter

from bot.domain.asking import Stamp
from bot.domain.codes import Readiness, Role
from bot.domain.estate import Estate
from bot.domain.home import Glance, PairGlance
from bot.domain.requests import Request, RequestState
from bot.ports import Ports, Tables
from bot.usecases.history import line
from bot.usecases.mapping.requests import line as request_line
from bot.usecases.placing import ages
from bot.usecases.telling.digests import line as digest_line

RECENT = 5


class Ways:
    """The ways between servers, counted again after a change only: they are the same for all."""

    def __init__(self) -> None:
        self._kept: tuple[int, list[PairGlance]] = (-1, [])

    def of(self, tables: Tables) -> list[PairGlance]:
        """Every way with its counts."""
        last = tables.changes.last()
        kept = self._kept
        if kept[0] != last:
            kept = self._kept = (last, _ways(tables, tables.estate()))
        return kept[1]


def glance(ports: Ports, stamp: Stamp, ways: Ways) -> Glance:
    """Mappings, blanks, what is pending and what has drifted; the last changes; what waits."""
    found = Glance(role=stamp.role, by=stamp.by)
    if not stamp.role.allows(Role.READER):
        return found
    with ports.store.read() as tables:
        estate = tables.estate()
        found.pairs = ways.of(tables)
        found.changes = [line(change, tables) for change in tables.changes.recent(RECENT)]
        waiting = _waiting(tables, stamp)
        found.waiting = [request_line(one, stamp) for one in waiting[:RECENT]]
        found.more_waiting = len(waiting) - len(found.waiting)
        mine = [one for one in tables.digests.all() if one.owner == stamp.by and not one.off]
        found.digests = [digest_line(tables, one) for one in mine]
        found.ages = ages(ports, estate, sorted(estate.servers), stamp)
    return found


def sign(ports: Ports, stamp: Stamp) -> str:
    """Differs from an earlier one when anything that a Home shows may be another."""
    with ports.store.read() as tables:
        estate = tables.estate()
        return repr(
            (
                tables.changes.last(),
                ages(ports, estate, sorted(estate.servers), stamp),
                [one.id for one in _waiting(tables, stamp)],
                [digest_line(tables, one) for one in tables.digests.all()],
            )
        )


def _waiting(tables: Tables, stamp: Stamp) -> list[Request]:
    return [one for one in tables.requests.open() if one.stands(stamp.at) is RequestState.OPEN]


def _ways(tables: Tables, estate: Estate) -> list[PairGlance]:
    mapped: Counter[tuple[int, int]] = Counter()
    for mapping in estate.mappings.values():
        mapped[estate.networks[mapping.source].server, mapping.server] += 1
    segments = {segment.id: segment for segment in tables.segments.all()}
    ways: dict[int, tuple[int, int]] = {}
    blanks: dict[tuple[int, int], set[int]] = {}
    for segment in segments.values():
        network = estate.network_at(segment.key.source)
        if network is None:
            continue
        way = (network.server, segment.key.server)
        ways[segment.id] = way
        if (network.id, segment.key.server) not in estate.mappings:
            blanks.setdefault(way, set()).add(network.id)
    counts: dict[str, Counter[tuple[int, int]]] = {
        kind: Counter() for kind in ("pending", "drifted", "left_alone")
    }
    for move in tables.segments.moves():
        there = segments.get(move.segment)
        if there is None or move.segment not in ways:
            continue
        kind = "pending" if move.pending else "drifted"
        if there.readiness not in (Readiness.READY, Readiness.WAITING):
            kind = "left_alone"
        counts[kind][ways[move.segment]] += 1
    return [
        PairGlance(
            source=estate.server_named(way[0]),
            target=estate.server_named(way[1]),
            mapped=mapped[way],
            blanks=len(blanks.get(way, ())),
            **{kind: number[way] for kind, number in counts.items()},
        )
        for way in sorted({*mapped, *blanks}, key=lambda w: -mapped[w])
    ]
