"""Carry out a change of the mapping table: the part that add, change, remove and undo share."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from bot.domain.answers.mappings import MappingChanged
from bot.domain.answers.shared import Tally
from bot.domain.asking import Stamp
from bot.domain.codes import ChangeKind, Note, Readiness
from bot.domain.estate import DISCONNECTED, Estate, Mapping
from bot.domain.history import Detail, MappingState
from bot.domain.placements import Segment
from bot.ports import Ports, Tables
from bot.usecases.applying import holding, judging
from bot.usecases.applying.moves import Moves
from bot.usecases.applying.reconnecting import VERBS, Done, owe, reached, reconnect, tell
from bot.usecases.placing import Replaced, ages, ask_again, classes_of, reference


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
                    tell(ports, tables, done, stamp, {}, None)
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
                if reached(ports, tables, done):
                    done.moves.load()
                    owe(ports, tables, stamp, done)
                else:
                    tell(ports, tables, done, stamp, {}, None)
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


def write_down(ports: Ports, tables: Tables, stamp: Stamp, edit: Edit) -> Done:
    """Store the rows, ask the rule again for what they concern, and keep the history."""
    change = tables.changes.begin(edit.kind, stamp, edit.reason, undoes=edit.undoes)
    stored = [
        tables.mappings.put(replace(m, by=stamp.by, at=stamp.at, change=change)) for m in edit.after
    ]
    estate = tables.estate()
    keys = list(dict.fromkeys((m.source, m.server) for m in [*edit.before, *stored]))
    segments = classes_of(tables, estate, [*edit.before, *stored])
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
    result = MappingChanged(verb=VERBS[edit.kind], change=f"C{change}", stays=stays)
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


def _count_settled(tables: Tables, result: MappingChanged, changed: Sequence[Replaced]) -> None:
    """Those of the changed classes that stand where they belong already."""
    wished = [r.after.id for r in changed if r.after.desired > DISCONNECTED]
    result.already = Tally(adapters=tables.segments.settled(wished))
    result.no_pool += sum(r.after.adapters for r in changed if Note.NO_POOL in r.after.notes)
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
