"""What would be reconnected now, and doing exactly that."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from bot.domain.answers.mappings import MappingChanged, Plan
from bot.domain.answers.shared import Tally
from bot.domain.asking import Stamp, say
from bot.domain.codes import ChangeKind, Readiness
from bot.domain.errors import NotFound, Outdated, Refused
from bot.domain.estate import DISCONNECTED, Estate
from bot.domain.history import Detail
from bot.domain.orders import PlanScript, ServerOrders
from bot.domain.placements import Move, Segment
from bot.ports import Ports, Tables
from bot.usecases.changing import Done, busy, carry_out, take_lease
from bot.usecases.moves import Moves
from bot.usecases.orders import orders
from bot.usecases.placing import ages, in_names
from bot.usecases.resolving import Ask, find_server

_NAME = re.compile("[0-9a-f]{8}")


class AskPlan(Ask):
    server: str | None = None


class Apply(Ask):
    plan: str
    reason: str = ""
    break_glass: bool = False


class WhichPlan(Ask):
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
        shown, more = in_names(tables, estate, ready, segments, {}, stamp.shown)
        if stamp.sheet is not None and stamp.sheet.wants(len(ready), done=False):
            Moves(tables, segments, {m.segment for m in ready}).write(tables, stamp.sheet, {})
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

    def write(tables: Tables) -> Done:
        estate = tables.estate()
        ready, segments = _find(tables, estate, wanted)
        servers = sorted({segments[m.segment].key.server for m in ready})
        unreached = [
            estate.server_named(id)
            for id in servers
            if not any(a.reaches(estate.servers[id]) for a in ports.appliers)
        ]
        if unreached:
            raise Refused(
                f"No applier reaches {', '.join(unreached)}, so nothing was reconnected.",
                hint="Run the plan's script in VMM, or connect them there by hand; its answer or"
                " the next inventory confirms it.",
                commands=[say("script", plan=asks[0].plan), say("plan")],
            )
        leased = _leases(ports, tables, estate, servers, ready, segments, stamp)
        change = tables.changes.begin(ChangeKind.APPLY, stamp, asks[0].reason)
        tables.changes.finish(
            change,
            Detail(
                text=f"applied plan {wanted}",
                segments=sorted({(m.segment, m.wish, m.wish) for m in ready}),
                adapters=len(ready),
                vms=len({m.pair for m in ready}),
            ),
            affected=[move.number for move in ready],
        )
        result = MappingChanged(
            verb="applied", change=f"C{change}", ages=ages(ports, estate, servers, stamp)
        )
        moves = Moves(tables, segments, {move.segment for move in ready})
        return Done(result, moves, segments, change, servers, leased)

    return carry_out(ports, stamp, dry_run=False, write=write, shown=True)


def script(ports: Ports, asks: Sequence[WhichPlan], stamp: Stamp) -> PlanScript:
    """A plan as scripts to run in VMM, one for each server.

    Raises:
        NotFound: there is nothing to do.
        Outdated: the plan is another one by now.
    """
    wanted = asks[0].plan.lower()
    with ports.store.read() as tables:
        estate = tables.estate()
        ready, segments = _find(tables, estate, wanted)
        parts = []
        for id in sorted({segments[m.segment].key.server for m in ready}):
            those = [m for m in ready if segments[m.segment].key.server == id]
            server = estate.servers[id]
            parts.append(ServerOrders(server.name, server.guid, orders(tables, those)))
        return PlanScript(
            fingerprint=wanted,
            adapters={part.server: len(part.orders) for part in parts},
            parts=parts,
        )


def _find(tables: Tables, estate: Estate, wanted: str) -> tuple[list[Move], dict[int, Segment]]:
    """The plan of this fingerprint, of all servers or of one.

    Raises:
        NotFound: there is nothing to do, or that names no plan.
        Outdated: the plan is another one by now.
    """
    if not _NAME.fullmatch(wanted):
        raise NotFound(f"{wanted} is no plan.", hint="See the present one:", commands=[say("plan")])
    for id in [None, *sorted(estate.servers)]:
        moves, segments = _open(tables, id)
        ready = _ready(moves, segments)
        if ready and fingerprint(ready) == wanted:
            return ready, segments
    moves, segments = _open(tables, None)
    ready = _ready(moves, segments)
    if not ready:
        raise NotFound("There is nothing to apply: every replica stands where it belongs.")
    raise Outdated(
        f"The plan {wanted} is not the plan any more.",
        hint="Look at the present one, then apply that.",
        facts=[f"Now it is {fingerprint(ready)}, for {_size(ready)}."],
        commands=[say("plan")],
    )


def _leases(
    ports: Ports,
    tables: Tables,
    estate: Estate,
    servers: Iterable[int],
    ready: Iterable[Move],
    segments: dict[int, Segment],
    stamp: Stamp,
) -> set[int]:
    """Keep the servers of a plan that somebody works on outside; all of them or none.

    Raises:
        Refused: somebody is at work there.
    """
    leased = set()
    counts = Counter(segments[m.segment].key.server for m in ready)
    for id in servers:
        applier = next(a for a in ports.appliers if a.reaches(estate.servers[id]))
        if not applier.takes_time:
            continue
        held = take_lease(tables, id, stamp, counts[id])
        if held is not None:
            raise Refused(
                f"{estate.server_named(id)} is taken: {busy(ports, held)}.",
                hint="Look at the plan again when that is done; it frees itself at the latest at"
                f" {held.until:%H:%M} UTC.",
                commands=[say("plan")],
            )
        leased.add(id)
    return leased


def _open(tables: Tables, server: int | None) -> tuple[list[Move], dict[int, Segment]]:
    moves = list(tables.segments.moves(server=server))
    return moves, tables.segments.get({m.segment for m in moves})


def _ready(moves: Iterable[Move], segments: dict[int, Segment]) -> list[Move]:
    return [m for m in moves if segments[m.segment].readiness is Readiness.READY]


def _size(ready: Sequence[Move]) -> str:
    vms, adapters = len({m.pair for m in ready}), len(ready)
    return f"{vms:,} VM{'s' * (vms != 1)} with {adapters:,} adapter{'s' * (adapters != 1)}"


def fingerprint(moves: Iterable[Move]) -> str:
    """Eight hexadecimal digits that change when any adapter, its place or its wish does."""
    digest = hashlib.blake2b(digest_size=4)
    for move in sorted(moves):
        digest.update(f"{move.pair},{move.slot},{move.observed},{move.wish};".encode())
    return digest.hexdigest()
