"""Carry out a change of the mapping table: the part that add, change, remove and undo share."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.answers.mappings import MappingChanged
from bot.domain.answers.shared import Tally
from bot.domain.asking import Lease, Stamp
from bot.domain.codes import ChangeKind, Note, Readiness
from bot.domain.estate import DISCONNECTED, Estate, Mapping
from bot.domain.history import Detail, MappingState
from bot.domain.placements import STATIC, Move, Segment
from bot.ports import Applier, Ports, Tables
from bot.usecases import holding, judging
from bot.usecases.confirming import confirm
from bot.usecases.moves import Moves
from bot.usecases.people import Names
from bot.usecases.placing import STATES, Replaced, ages, ask_again, in_names, reference

if TYPE_CHECKING:
    from bot.domain.orders import Receipt


@dataclass
class Edit:
    """What a change wants done to the mapping table."""

    kind: ChangeKind
    text: str
    """For the history, with names as they are now."""
    before: list[Mapping] = field(default_factory=list)
    """The rows as they were; empty for new ones."""
    after: list[Mapping] = field(default_factory=list)
    """The rows as they shall be; `change`, `by` and `at` are filled in."""
    reason: str = ""
    undoes: int = 0


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


STEP = 25
"""Adapters after which it is said how far it is, where one takes no time; else after each."""
BATCH = 500
"""Adapters that a crash can make forget; they are found again where they stand."""
LEASE = timedelta(minutes=10)
LEASE_EACH = timedelta(seconds=30)
"""How long a server is kept for one change at most: this, and that for every adapter."""


RECONNECTED = "reconnected", ""
"""What became of an adapter that was reconnected, and what was said of it."""


class _Rehearsed(Exception):
    """Takes a dry run back."""


def carry_out(
    ports: Ports,
    stamp: Stamp,
    dry_run: bool,
    write: Callable[[Tables], Done | MappingChanged],
    shown: bool = False,
) -> MappingChanged:
    """Write the change and reconnect what it moves, or say what would happen.

    Args:
        shown: who asks named what they were shown.
        write: does it in the transaction given, or answers where nothing is to do.
    """
    done: Done | None = None
    answered: MappingChanged | None = None
    with ExitStack() as kept:
        try:
            with ports.store.write() as tables:
                written = write(tables)
                if isinstance(written, MappingChanged):
                    answered = written
                    raise _Rehearsed
                done = written
                held = holding.waits(tables, stamp, done.result, done.moves, done.segments, shown)
                dry_run = dry_run or (stamp.gate is not None and stamp.gate.trial)
                if dry_run or held:
                    _tell(ports, tables, done, stamp, {}, None)
                    _keep_for_list(ports, done, stamp, kept, carried=False)
                    done.result.dry_run = True
                    done.result.change = None
                    done.result.held = "" if dry_run else held
                    if stamp.gate is not None:
                        ready = holding.ready_of(done.moves, done.segments)
                        done.result.fingerprint = holding.fingerprint(done.result, ready)
                    if held:
                        done.moves.load()
                    raise _Rehearsed
                holding.settle(tables, stamp, done.change, done.result)
                if _reached(ports, tables, done):
                    done.moves.load()
                    owe(ports, tables, stamp, done)
                else:
                    _tell(ports, tables, done, stamp, {}, None)
                    _keep_for_list(ports, done, stamp, kept, carried=True)
                    done.told = True
        except _Rehearsed:
            pass
        if answered is not None:
            answered.dry_run = dry_run
            return answered
        assert done is not None
        if done.snapshot is not None and stamp.sheet is not None:
            done.moves.write(done.snapshot, stamp.sheet, {})
    if done.result.dry_run:
        if done.result.held:
            holding.keep(ports, stamp, done.result, done.moves, done.segments, done.given)
        return done.result
    return done.result if done.told else reconnect(ports, stamp, done)


def _keep_for_list(ports: Ports, done: Done, stamp: Stamp, kept: ExitStack, carried: bool) -> None:
    """Keep the state a list is written of, as the disk it goes to must not prolong the lock.

    Args:
        carried: the change is done, not only shown.
    """
    if stamp.sheet is None or not stamp.sheet.wants(len(done.moves), carried):
        return
    if done.result.stays.adapters:
        done.moves.load()  # who stays was written just now, and the snapshot is of before
    done.snapshot = kept.enter_context(ports.store.beside())
    done.snapshot.estate()  # at hand by now; read anew once the change is committed


def _reached(ports: Ports, tables: Tables, done: Done) -> bool:
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
        tables.requests.owe(done.change, stamp.by, stamp.at, ready)
        done.owed = True


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
        result = MappingChanged(verb=_VERBS.get(found.kind, "applied") if found else "applied")
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
            reached = any(a.takes_time and a.reaches(servers[id]) for a in ports.appliers)
            held = take_lease(tables, id, stamp, len(done.moves)) if reached else None
            if reached and (held is None or held.by == stamp.by):
                found.add(id)
    return found


def reconnect(ports: Ports, stamp: Stamp, done: Done) -> MappingChanged:
    """Hand the moves to whoever reaches the servers; what nobody reaches stays pending."""
    ready = [m for m in done.moves if done.segments[m.segment].readiness is Readiness.READY]
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
                    _confirm(ports, stamp, done, carried)
                    carried = []
        finally:
            _keep(ports, stamp, done, carried, id)
            carried = []
    if done.owed:
        with ports.store.write() as tables:
            tables.requests.settle(done.change)
    with ports.store.read() as tables:
        _tell(ports, tables, done, stamp, outcome, who)
        number = len(done.moves) + len(done.made)
        if stamp.sheet is not None and stamp.sheet.wants(number, done=True):
            outcome |= {(m.pair, m.slot): RECONNECTED for m in done.made}
            done.moves.write(tables, stamp.sheet, outcome, done.made)
    return done.result


def _keep(ports: Ports, stamp: Stamp, done: Done, carried: list["Receipt"], server: int) -> None:
    """Record what was reconnected at a server, and give it free."""
    if not carried and server not in done.leased:
        return
    with ports.store.write() as tables:
        if server in done.leased:
            tables.leases.give_back(server)
            done.leased.discard(server)
        if carried:
            _confirm_in(tables, stamp, done, carried)


def _confirm(ports: Ports, stamp: Stamp, done: Done, carried: list["Receipt"]) -> None:
    with ports.store.write() as tables:
        _confirm_in(tables, stamp, done, carried)


def _confirm_in(tables: Tables, stamp: Stamp, done: Done, carried: list["Receipt"]) -> None:
    part = tables.changes.begin(ChangeKind.APPLY, stamp, part_of=done.change)
    count = confirm(tables, [receipt.move for receipt in carried], part)
    seen = max(receipt.at or stamp.at for receipt in carried)
    tables.changes.finish(part, Detail(text=f"{count} adapters reconnected", seen=seen))


def take_lease(tables: Tables, server: int, stamp: Stamp, adapters: int) -> Lease | None:
    """Keep a server for one change; who keeps it, if somebody does."""
    until = stamp.at + LEASE + LEASE_EACH * adapters
    return tables.leases.take(server, stamp.by, stamp.at, until)


def busy(ports: Ports, held: Lease) -> str:
    """Who is at work, in words."""
    return f"{Names(ports.store)(held.by)} is reconnecting replicas there since {held.at:%H:%M} UTC"


def write_down(ports: Ports, tables: Tables, stamp: Stamp, edit: Edit) -> Done:
    """Store the rows, ask the rule again for what they concern, and keep the history."""
    change = tables.changes.begin(edit.kind, stamp, edit.reason, undoes=edit.undoes)
    stored = [
        tables.mappings.put(replace(m, by=stamp.by, at=stamp.at, change=change)) for m in edit.after
    ]
    estate = tables.estate()
    keys = list(dict.fromkeys((m.source, m.server) for m in [*edit.before, *stored]))
    segments = [s for key in keys for s in tables.segments.of(*key)]
    changed = ask_again(tables, estate, segments, change)
    current = {s.id: s for s in segments} | {r.after.id: r.after for r in changed}
    stood = tables.changes.stood(edit.undoes) if edit.undoes else []
    stays = _leave(tables, stamp, stood, change, current)
    moves = Moves(tables, current, [r.after.id for r in changed])
    ready = [r.after.id for r in changed if r.after.readiness is Readiness.READY]
    live = moves.tally(ready)
    tables.changes.finish(
        change,
        Detail(
            text=edit.text,
            before=[_state(m) for m in edit.before],
            after=[_state(m) for m in stored],
            segments=[(r.after.id, r.before.desired, r.after.desired) for r in changed],
            adapters=live.adapters,
            vms=live.vms,
            left_alone=moves.tally(r.after.id for r in changed).vms - live.vms,
        ),
        networks=keys + [(m.target, 0) for m in [*edit.before, *stored]],
        affected=moves.numbers(),
        stood=_connected_before(tables, estate, _new(edit.before, stored), current, moves),
    )
    result = MappingChanged(verb=_VERBS[edit.kind], change=f"C{change}", stays=stays)
    result.mappings = [reference(estate, m) for m in stored]
    if len(edit.before) == len(stored) == 1 and edit.kind is ChangeKind.CHANGE:
        old = edit.before[0]
        if old.target != stored[0].target:
            result.previous = estate.networks[old.target].name
        if old.test is not None and old.test != stored[0].test:
            result.previous_test = estate.networks[old.test].name
    if edit.undoes:
        result.undone = f"C{edit.undoes}"
        result.stays_unknown = stood is None and any(m.removed for m in stored)
    by_rule = Counter[str]()
    for group in moves.groups:
        segment = current[group.segment]
        if segment.readiness is Readiness.READY:
            rule = "disconnected" if group.wish == DISCONNECTED else str(segment.rule)
            by_rule[rule] += group.adapters
    result.by_rule = dict(by_rule)
    _count_settled(tables, result, changed)
    for mapping in stored:
        if not mapping.removed:
            judging.judge(tables, estate, mapping, result, moves.vms)
    result.ages = ages(
        ports,
        estate,
        [id for m in stored for id in (estate.networks[m.source].server, m.server)],
        stamp,
    )
    return Done(result, moves, current, change, [m.server for m in stored])


def _new(before: Sequence[Mapping], after: Sequence[Mapping]) -> set[tuple[int, int]]:
    """(source, server) of the mappings that were not in force and are."""
    were = {m.id for m in before if not m.removed}
    return {(m.source, m.server) for m in after if not m.removed and m.id not in were}


def _connected_before(
    tables: Tables,
    estate: Estate,
    keys: set[tuple[int, int]],
    segments: dict[int, Segment],
    moves: Moves,
) -> list[int]:
    """Adapters that somebody had connected already, where a mapping came; pair * 256 + slot.

    Taking the mapping back leaves these alone. Those that stand on an earlier target of netmap's
    since then are not among them.
    """
    places = {(group.segment, group.observed) for group in moves.groups}
    places |= {(id, segment.desired) for id, segment in segments.items()}
    found: list[int] = []
    for id, at in places:
        source, network = estate.network_at(segments[id].key.source), estate.network_at(at)
        key = (source.id if source else 0), segments[id].key.server
        if key in keys and network is not None:
            until = estate.former.get(key, {}).get(network.id, 0)
            found += tables.segments.numbers_at(id, at, until)
    return found


def _leave(
    tables: Tables,
    stamp: Stamp,
    stood: list[int] | None,
    change: int,
    segments: dict[int, Segment],
) -> Tally:
    """Let who was connected before the change that is undone stay as they are; how many."""
    unmapped = [id for id, segment in segments.items() if segment.former]
    if not stood or not unmapped:
        return Tally()
    part = tables.changes.begin(ChangeKind.APPLY, stamp, part_of=change)
    pairs = tables.segments.leave(stood, unmapped, part)
    tables.changes.finish(part, Detail(text=f"{len(pairs)} adapters left as they were connected"))
    return Tally(vms=len(set(pairs)), adapters=len(pairs))


_VERBS = {
    ChangeKind.ADD: "added",
    ChangeKind.CHANGE: "changed",
    ChangeKind.REMOVE: "removed",
    ChangeKind.UNDO: "undone",
    ChangeKind.ADOPT: "adopted",
    ChangeKind.APPLY: "applied",
}


def _count_settled(tables: Tables, result: MappingChanged, changed: Sequence[Replaced]) -> None:
    """Those of the changed classes that stand where they belong already."""
    wished = [r.after.id for r in changed if r.after.desired > DISCONNECTED]
    result.already = Tally(adapters=tables.segments.settled(wished))
    result.no_pool += sum(
        r.after.adapters
        for r in changed
        if Note.NO_POOL in r.after.notes and r.after.key.addressing == STATIC
    )
    result.unreachable_hosts += sum(
        r.after.adapters for r in changed if Note.UNREACHABLE_HOST in r.after.notes
    )


def _state(mapping: Mapping) -> MappingState:
    return MappingState(
        id=mapping.id,
        source=mapping.source,
        target=mapping.target,
        server=mapping.server,
        test=mapping.test,
        removed=mapping.removed,
    )


def _tell(
    ports: Ports,
    tables: Tables,
    done: Done,
    stamp: Stamp,
    outcome: dict[tuple[int, int], tuple[str, str]],
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


def _outcomes(done: Done, outcome: dict[tuple[int, int], tuple[str, str]]) -> dict[str, Tally]:
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
