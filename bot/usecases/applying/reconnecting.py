"""Reconnect what a change moved, through whoever reaches the servers; tell what came of it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.answers.mappings import MappingChanged
from bot.domain.answers.shared import Tally
from bot.domain.asking import Lease, Stamp
from bot.domain.codes import ChangeKind, Readiness
from bot.domain.estate import DISCONNECTED
from bot.domain.history import Detail
from bot.domain.numbers import plural
from bot.domain.placements import Move, Segment
from bot.ports import Applier, Ports, Tables
from bot.usecases.applying import holding
from bot.usecases.applying.confirming import confirm
from bot.usecases.applying.moves import Moves
from bot.usecases.people import Names
from bot.usecases.placing import STATES, Outcome, ages, in_names, reference

if TYPE_CHECKING:
    from bot.domain.orders import Receipt


STEP = 25
"""Adapters after which it is said how far it is, where one takes no time; else after each."""
BATCH = 500
"""Adapters that a crash can make forget; they are found again where they stand."""
LEASE = timedelta(minutes=10)
LEASE_EACH = timedelta(seconds=30)
"""How long a server is kept for one change at most: this, and that for every adapter."""
RECONNECTED = "reconnected", ""
"""What became of an adapter that was reconnected, and what was said of it."""

VERBS = {
    ChangeKind.ADD: "added",
    ChangeKind.CHANGE: "changed",
    ChangeKind.REMOVE: "removed",
    ChangeKind.UNDO: "undone",
    ChangeKind.ADOPT: "adopted",
    ChangeKind.APPLY: "applied",
}


@dataclass
class Done:
    """What was written, and what is left to do outside."""

    result: MappingChanged
    moves: Moves
    segments: dict[int, Segment]
    change: int
    servers: list[int]
    leased: set[int] = field(default_factory=set)
    """Servers that are kept free for this change already."""
    owed: bool = False
    """That its reconnections follow was written down."""
    given: str = ""
    """What a file asked for: kept with a request, as no line says it again."""
    told: bool = False
    """Nobody reaches what it moves, so all there is to say was said with the change."""
    made: list[Move] = field(default_factory=list)
    """What it had reconnected before it broke off."""
    snapshot: Tables | None = None
    """What the list is written of, where one is wanted."""


def reached(ports: Ports, tables: Tables, done: Done) -> bool:
    """Whether anybody can reconnect any of it."""
    servers = tables.estate().servers
    moving = (done.segments[group.segment] for group in done.moves.groups)
    there = {s.key.server for s in moving if s.readiness is Readiness.READY}
    return any(applier.reaches(servers[id]) for id in there for applier in ports.appliers)


def owe(ports: Ports, tables: Tables, stamp: Stamp, done: Done) -> None:
    """Write down that long reconnections follow, so that a restart can go on with them."""
    ready = holding.ready_of(done.moves, done.segments)
    servers = tables.estate().servers
    there = {done.segments[move.segment].key.server for move in ready}
    who = [a for a in ports.appliers if any(a.reaches(servers[id]) for id in there)]
    if any(applier.takes_time for applier in who) or (who and len(ready) >= STEP):
        tables.requests.owe(done.change, stamp.by, stamp.at, stamp.where, ready)
        done.owed = True


def reconnect(ports: Ports, stamp: Stamp, done: Done) -> MappingChanged:
    """Hand the moves to whoever reaches the servers; what nobody reaches stays pending."""
    ready = holding.ready_of(done.moves, done.segments)
    outcome: dict[tuple[int, int], tuple[str, str]] = {}
    carried: list[Receipt] = []
    failures = 0
    who: Applier | None = None
    with ports.store.read() as tables:
        servers = tables.estate().servers
    for id in dict.fromkeys(done.segments[m.segment].key.server for m in ready):
        applier = next((a for a in ports.appliers if a.reaches(servers[id])), None)
        if applier is None:
            continue
        those = [m for m in ready if done.segments[m.segment].key.server == id]
        if applier.takes_time and id not in done.leased:
            with ports.store.write() as tables:
                held = take_lease(tables, id, stamp, len(those))
            if held is not None:
                words = f"{busy(ports, held)}; what is open then can be applied again"
                outcome |= {(m.pair, m.slot): ("pending", words) for m in those}
                continue
            done.leased.add(id)
        who = applier
        try:
            for receipt in applier.apply(servers[id], those):
                move = receipt.move
                outcome[move.pair, move.slot] = (receipt.state, receipt.said)
                failures += receipt.state == "failed"
                if receipt.done:
                    carried.append(receipt)
                if applier.takes_time or len(outcome) % STEP == 0:
                    ports.progress(f"failed C{done.change}", failures, len(ready))
                    ports.progress(f"reconnecting C{done.change}", len(outcome), len(ready))
                if len(carried) >= BATCH:
                    with ports.store.write() as tables:
                        _confirm(tables, stamp, done, carried)
                    carried = []
        finally:
            _keep(ports, stamp, done, carried, id)
            carried = []
    if done.owed and stamp.by.startswith("local:"):  # else it is owed until Slack's people know
        with ports.store.write() as tables:
            tables.requests.settle(done.change)
    with ports.store.read() as tables:
        tell(ports, tables, done, stamp, outcome, who)
        number = len(done.moves) + len(done.made)
        if stamp.sheet is not None and stamp.sheet.wants(number, done=True):
            outcome |= {(m.pair, m.slot): RECONNECTED for m in done.made}
            done.moves.write(tables, stamp.sheet, outcome, done.made)
    return done.result


def resume(ports: Ports, change: int, stamp: Stamp) -> MappingChanged:
    """Go on with the reconnections of a change; what is done already is told with the rest.

    What counts is where its classes belong now, should somebody have changed them since.
    """
    with ports.store.read() as tables:
        found = tables.changes.get(change)
        segments = tables.segments.get(s for s, *_ in found.detail.segments) if found else {}
        moves = Moves(tables, segments, segments)
        moves.load()
        made = tables.requests.made(change)
        segments |= tables.segments.get(move.segment for move in made)
        estate = tables.estate()
        result = MappingChanged(verb=VERBS.get(found.kind, "applied") if found else "applied")
        result.change = f"C{change}"
        states = found.detail.after if found else []
        mappings = [m for m in (tables.mappings.get(state.id) for state in states) if m]
        result.mappings = [reference(estate, m) for m in mappings]
        if found and len(found.detail.before) == len(states) == 1:
            result.previous = estate.networks[found.detail.before[0].target].name
        servers = sorted({s.key.server for s in segments.values()})
        result.ages = ages(ports, estate, servers, stamp)
    done = Done(result, moves, segments, change, servers, owed=True, made=made)
    done.leased = _leased_before(ports, stamp, done)
    return reconnect(ports, stamp, done)


def _leased_before(ports: Ports, stamp: Stamp, done: Done) -> set[int]:
    """Servers that the work which broke off still keeps: they are kept for what goes on with it."""
    found = set[int]()
    with ports.store.write() as tables:
        servers = tables.estate().servers
        for id in done.servers:
            if any(a.takes_time and a.reaches(servers[id]) for a in ports.appliers):
                held = take_lease(tables, id, stamp, len(done.moves))
                if held is None or held.by == stamp.by:
                    found.add(id)
    return found


def _keep(ports: Ports, stamp: Stamp, done: Done, carried: list["Receipt"], server: int) -> None:
    """Record what was reconnected at a server, and give it free."""
    if not carried and server not in done.leased:
        return
    with ports.store.write() as tables:
        if server in done.leased:
            tables.leases.give_back(server)
            done.leased.discard(server)
        if carried:
            _confirm(tables, stamp, done, carried)


def _confirm(tables: Tables, stamp: Stamp, done: Done, carried: list["Receipt"]) -> None:
    part = tables.changes.begin(ChangeKind.APPLY, stamp, part_of=done.change)
    count = confirm(tables, [receipt.move for receipt in carried], part)
    seen = max(receipt.at or stamp.at for receipt in carried)
    text = f"{plural(count, 'adapter')} reconnected"
    tables.changes.finish(part, Detail(text=text, seen=seen))


def take_lease(tables: Tables, server: int, stamp: Stamp, adapters: int) -> Lease | None:
    """Keep a server for one change; who keeps it, if somebody does."""
    until = stamp.at + LEASE + LEASE_EACH * adapters
    return tables.leases.take(server, stamp.by, stamp.at, until)


def busy(ports: Ports, held: Lease) -> str:
    """Who is at work, in words."""
    return f"{Names(ports.store)(held.by)} is reconnecting replicas there since {held.at:%H:%M} UTC"


def tell(
    ports: Ports,
    tables: Tables,
    done: Done,
    stamp: Stamp,
    outcome: Outcome,
    applier: Applier | None,
) -> None:
    """Fill in who was reconnected and who was not."""
    result, moves = done.result, done.moves
    classes: dict[str, list[int]] = defaultdict(list)
    for id, segment in done.segments.items():
        classes[STATES[segment.readiness]].append(id)
    tallies = {state: moves.tally(ids) for state, ids in classes.items()}
    if outcome or done.made:
        tallies |= _outcomes(done, outcome)
    for state in ("reconnected", "pending", "waiting", "running", "power_unknown", "failed"):
        setattr(result, state, tallies.get(state, Tally()))
    result.disconnects = moves.tally(
        {g.segment for g in moves.groups if g.wish == DISCONNECTED} & set(classes["pending"])
    )
    result.applier = applier.name if applier else None
    first = moves.first(stamp.shown)
    result.moves, _ = in_names(tables, tables.estate(), first, done.segments, outcome, stamp.shown)
    result.more = len(moves) + len(done.made) - len(result.moves)


def _outcomes(done: Done, outcome: Outcome) -> dict[str, Tally]:
    """What became of those that may be touched."""
    state, _ = RECONNECTED
    vms = defaultdict(set, {state: {move.pair for move in done.made}})
    adapters = Counter({state: len(done.made)})
    for move in holding.ready_of(done.moves, done.segments):
        state, _ = outcome.get((move.pair, move.slot), ("pending", ""))
        vms[state].add(move.pair)
        adapters[state] += 1
    return {
        state: Tally(vms=len(vms[state]), adapters=adapters[state])
        for state in {"pending", *adapters}
    }
