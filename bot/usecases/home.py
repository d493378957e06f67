"""How the estate stands at a glance, per way between two servers."""

from collections import Counter

from bot.domain.asking import Stamp
from bot.domain.codes import Readiness, Role
from bot.domain.home import Glance, PairGlance
from bot.ports import Ports
from bot.usecases.digests import line as digest_line
from bot.usecases.lists import line
from bot.usecases.placing import ages
from bot.usecases.requests import line as request_line

RECENT = 5


def glance(ports: Ports, stamp: Stamp) -> Glance:
    """Mappings, blanks, what is pending and what has drifted; the last changes; what waits."""
    found = Glance(role=stamp.role)
    if not stamp.role.allows(Role.READER):
        return found
    with ports.store.read() as tables:
        estate = tables.estate()
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
        for way in sorted({*mapped, *blanks}, key=lambda w: -mapped[w]):
            found.pairs.append(
                PairGlance(
                    source=estate.server_named(way[0]),
                    target=estate.server_named(way[1]),
                    mapped=mapped[way],
                    blanks=len(blanks.get(way, ())),
                    **{kind: number[way] for kind, number in counts.items()},
                )
            )
        found.changes = [line(change) for change in tables.changes.recent(RECENT)]
        waiting = [one for one in tables.requests.open() if one.stands(stamp.at) == "open"]
        found.waiting = [request_line(one, stamp) for one in waiting[:RECENT]]
        mine = [one for one in tables.digests.all() if one.owner == stamp.by and not one.off]
        found.digests = [digest_line(tables, one) for one in mine]
        found.ages = ages(ports, estate, sorted(estate.servers), stamp)
    return found
