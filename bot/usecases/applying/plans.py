"""What would be reconnected now, and doing exactly that."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bot.domain.answers.mappings import MappingChanged, Plan
from bot.domain.answers.shared import Tally
from bot.domain.asking import Stamp, say
from bot.domain.codes import ChangeKind, Readiness
from bot.domain.errors import NotFound, Outdated, Refused
from bot.domain.estate import DISCONNECTED, Estate
from bot.domain.history import Detail
from bot.domain.numbers import plural
from bot.domain.orders import PlanScript, ServerOrders
from bot.domain.placements import Move, Segment
from bot.ports import Ports, Tables
from bot.usecases.applying.changing import carry_out
from bot.usecases.applying.moves import Moves
from bot.usecases.applying.orders import orders
from bot.usecases.applying.reconnecting import Done, busy, take_lease
from bot.usecases.placing import ages, in_names
from bot.usecases.resolving import Ask, find_server
from bot.usecases.restored import lately

_MOVING = frozenset(ChangeKind) - {ChangeKind.DIGEST, ChangeKind.ACK, ChangeKind.SNOOZE}
"""Changes after which a plan may be another one."""
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
        segments = _classes(tables, server.id if server else None)
        ready = _ready(segments)
        moves = Moves(tables, segments, ready)
        if stamp.sheet is not None and stamp.sheet.wants(len(moves), done=False):
            moves.write(tables, stamp.sheet, {})
        page = moves.first(stamp.shown)
        shown, _ = in_names(tables, estate, page, segments, {}, stamp.shown)
        servers = sorted({segments[group.segment].key.server for group in moves.groups})
        untouched = Counter[Readiness]()
        for group in tables.segments.out_of_place(segments.keys() - ready):
            untouched[segments[group.segment].readiness] += group.adapters
        summed = _sum(tables, ready)
        return Plan(
            fingerprint=summed.fingerprint,
            server=server.name if server else "",
            total=summed.total,
            disconnects=sum(g.adapters for g in moves.groups if g.wish == DISCONNECTED),
            moves=shown,
            more=len(moves) - len(shown),
            waiting=untouched[Readiness.WAITING],
            left_alone=untouched.total() - untouched[Readiness.WAITING],
            without_applier=[
                estate.server_named(id)
                for id in servers
                if not any(a.reaches(estate.servers[id]) for a in ports.appliers)
            ],
            ages=ages(ports, estate, [server.id] if server else sorted(estate.servers), stamp),
            restored=lately(tables, stamp.at),
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
                f"netmap does not reconnect at {', '.join(unreached)} itself, so nothing was done.",
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
    present = _sum(tables, _ready(_classes(tables)))
    if not present.total.adapters:
        raise NotFound("There is nothing to apply: every replica stands where it belongs.")
    for id in [None, *sorted(estate.servers)]:
        segments = _classes(tables, id)
        ready = _ready(segments)
        found = _sum(tables, ready) if id is not None else present
        if found.total.adapters and found.fingerprint == wanted:
            return list(tables.segments.moves(ready, in_order=True)), segments
    raise Outdated(
        f"The plan {wanted} is not the plan any more.",
        hint="Look at the present one, then apply that.",
        facts=[
            f"Now it is {present.fingerprint}, for {_size(present.total)}.",
            *(
                f"The last change was {one.label}, {one.at:%Y-%m-%d %H:%M} UTC: {one.detail.text}."
                for one in tables.changes.recent(1, kinds=_MOVING)
            ),
        ],
        commands=[say("plan"), say("history")],
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


def _classes(tables: Tables, server: int | None = None) -> dict[int, Segment]:
    """The classes of replicas, at one server or all."""
    return {s.id: s for s in tables.segments.all() if server is None or s.key.server == server}


def _ready(segments: dict[int, Segment]) -> set[int]:
    """Those whose adapters may be touched."""
    return {id for id, segment in segments.items() if segment.readiness is Readiness.READY}


class _Sum(NamedTuple):
    """What a plan comes to."""

    fingerprint: str
    """Eight hexadecimal digits that change when any adapter, its place or its wish does."""
    total: Tally


def _sum(tables: Tables, ready: Iterable[int]) -> _Sum:
    """A plan in short; its adapters, of which there may be a million, are looked at one by one."""
    digest = hashlib.blake2b(digest_size=4)
    adapters = vms = last = 0
    for move in tables.segments.moves(ready, in_order=True):
        digest.update(f"{move.pair},{move.slot},{move.observed},{move.wish};".encode())
        adapters += 1
        vms += move.pair != last
        last = move.pair
    return _Sum(digest.hexdigest(), Tally(vms=vms, adapters=adapters))


def _size(total: Tally) -> str:
    return f"{plural(total.vms, 'VM')} with {plural(total.adapters, 'adapter')}"
