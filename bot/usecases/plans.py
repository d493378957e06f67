"""What would be reconnected now, and doing exactly that."""

import hashlib
from collections.abc import Iterable, Sequence

from bot.domain.answers import MappingChanged, Plan, Tally
from bot.domain.asking import Stamp, say
from bot.domain.codes import ChangeKind, Readiness
from bot.domain.errors import NotFound, Outdated, Refused
from bot.domain.estate import DISCONNECTED
from bot.domain.history import Detail
from bot.domain.placements import Move, Segment
from bot.ports import Ports, Tables
from bot.usecases.changing import Done, reconnect
from bot.usecases.placing import ages, in_names
from bot.usecases.resolving import Ask, find_server


class AskPlan(Ask):
    server: str | None = None


class Apply(Ask):
    plan: str


def plan(ports: Ports, asks: Sequence[AskPlan], stamp: Stamp) -> Plan:
    """Every replica adapter that is not where it belongs and may be touched."""
    with ports.store.read() as tables:
        estate = tables.estate()
        name = asks[0].server
        server = find_server(estate, name) if name is not None else None
        moves, segments = _open(tables, server.id if server else None)
        ready = _ready(moves, segments)
        servers = sorted({segments[m.segment].key.server for m in ready})
        shown, more = in_names(tables, estate, ready, segments, {}, stamp.page)
        others = [segments[m.segment].readiness for m in moves]
        return Plan(
            fingerprint=fingerprint(ready),
            server=server.name if server else "",
            total=Tally(vms=len({m.pair for m in ready}), adapters=len(ready)),
            disconnects=sum(m.wish == DISCONNECTED for m in ready),
            moves=shown,
            more=more,
            waiting=sum(r is Readiness.WAITING for r in others),
            left_alone=sum(r not in (Readiness.WAITING, Readiness.READY) for r in others),
            without_applier=[
                estate.server_named(id)
                for id in servers
                if not any(a.reaches(estate.servers[id]) for a in ports.appliers)
            ],
            ages=ages(ports, estate, [server.id] if server else sorted(estate.servers), stamp),
        )


def apply(ports: Ports, asks: Sequence[Apply], stamp: Stamp) -> MappingChanged:
    """Carry out a plan, if it is still the plan that was shown.

    Raises:
        NotFound: there is nothing to apply.
        Outdated: the plan is another one by now.
        Refused: nobody reaches a server of the plan.
    """
    wanted = asks[0].plan.lower()
    with ports.store.write() as tables:
        estate = tables.estate()
        for id in [None, *sorted(estate.servers)]:
            moves, segments = _open(tables, id)
            ready = _ready(moves, segments)
            if ready and fingerprint(ready) == wanted:
                break
        else:
            moves, segments = _open(tables, None)
            if not _ready(moves, segments):
                raise NotFound("There is nothing to apply: every replica stands where it belongs.")
            raise Outdated(
                f"The plan {asks[0].plan} is not the plan any more.",
                hint="Look at the present one, then apply that.",
                commands=[say("plan")],
            )
        servers = sorted({segments[m.segment].key.server for m in ready})
        unreached = [
            estate.server_named(id)
            for id in servers
            if not any(a.reaches(estate.servers[id]) for a in ports.appliers)
        ]
        if unreached:
            raise Refused(
                f"No applier reaches {', '.join(unreached)}, so nothing was reconnected.",
                hint="Connect them in VMM as the plan says; the next inventory confirms it.",
                commands=[say("plan")],
            )
        change = tables.changes.begin(ChangeKind.APPLY, stamp)
        tables.changes.finish(
            change,
            Detail(
                text=f"applied plan {wanted}", adapters=len(ready), vms=len({m.pair for m in ready})
            ),
            affected=ready,
        )
        result = MappingChanged(
            verb="applied", change=f"C{change}", ages=ages(ports, estate, servers, stamp)
        )
    return reconnect(ports, stamp, Done(result, ready, segments, change, servers))


def _open(tables: Tables, server: int | None) -> tuple[list[Move], dict[int, Segment]]:
    moves = list(tables.segments.moves(server=server))
    return moves, tables.segments.get({m.segment for m in moves})


def _ready(moves: Iterable[Move], segments: dict[int, Segment]) -> list[Move]:
    return [m for m in moves if segments[m.segment].readiness is Readiness.READY]


def fingerprint(moves: Iterable[Move]) -> str:
    """Eight hexadecimal digits that change when any adapter, its place or its wish does."""
    digest = hashlib.blake2b(digest_size=4)
    for move in sorted(moves):
        digest.update(f"{move.pair},{move.slot},{move.observed},{move.wish};".encode())
    return digest.hexdigest()
