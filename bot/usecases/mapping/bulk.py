"""Many mappings in one change: from a file, from an old vault, from names that match.

It is all one change of the history, written and undone as a single `add` is. Nothing is guessed: an
end is found by its id, then by its name on the server that is named, and what fits none or several
networks is left out and said.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from bot.domain.answers.mappings import MappingChanged
from bot.domain.asking import Stamp, say
from bot.domain.bulk import (
    Brought,
    LeftOut,
    LineOutcome,
    LineTaken,
    MappingTable,
    TableRow,
    Wanted,
    WantedTable,
    wanted_again,
)
from bot.domain.codes import ChangeKind
from bot.domain.errors import InventoryFault, NetmapError, NotFound, Outdated
from bot.domain.estate import Estate, Mapping, Network
from bot.ports import Ports, Tables
from bot.usecases.applying.changing import Edit, carry_out, write_down
from bot.usecases.applying.reconnecting import Done
from bot.usecases.mapping.ends import find_end, in_force
from bot.usecases.mapping.mappings import allow
from bot.usecases.mapping.matching import matching, superseded
from bot.usecases.networks import AskNothing
from bot.usecases.placing import ages
from bot.usecases.resolving import Ask, find_server

_SHOWN = 100


class AskMatch(Ask):
    source: str
    target: str
    apply: str | None = None
    reason: str = ""
    break_glass: bool = False


class _Sorted:
    """Wanted mappings, sorted by what is to be done."""

    def __init__(self) -> None:
        self.before: list[Mapping] = []
        self.after: list[Mapping] = []
        self.present = 0
        self.left: list[LeftOut] = []
        self.lines: list[LineTaken] = []
        self.removed: list[Mapping] = []

    def remove(self, mappings: Iterable[Mapping]) -> None:
        """These are to be removed with the rest."""
        for mapping in mappings:
            self.removed.append(mapping)
            self.before.append(mapping)
            self.after.append(replace(mapping, removed=True))

    def note(self, row: Wanted, outcome: LineOutcome, why: str = "") -> None:
        """Write down what becomes of a line."""
        source, target = (end.name or end.id for end in (row.source, row.target))
        self.lines.append(
            LineTaken(place=row.place, source=source, target=target, outcome=outcome, why=why)
        )
        if outcome is LineOutcome.PRESENT:
            self.present += not why
        elif outcome is LineOutcome.LEFT_OUT:
            self.left.append(LeftOut(place=row.place, why=why))


def export(ports: Ports, asks: Sequence[AskNothing], stamp: Stamp) -> MappingTable:
    """The whole mapping table, to be kept, edited and given back."""
    with ports.store.read() as tables:
        estate = tables.estate()
        rows = []
        for mapping in estate.mappings.values():
            source, target = estate.networks[mapping.source], estate.networks[mapping.target]
            test = estate.networks[mapping.test] if mapping.test else None
            rows.append(
                TableRow(
                    estate.server_named(source.server),
                    source.name,
                    estate.server_named(target.server),
                    target.name,
                    test.name if test else "",
                    source.guid,
                    target.guid,
                    test.guid if test else "",
                )
            )
        return MappingTable(
            rows=sorted(rows), ages=ages(ports, estate, sorted(estate.servers), stamp)
        )


def bring(
    ports: Ports, wanted: WantedTable, stamp: Stamp, dry_run: bool, plan: str = ""
) -> Brought:
    """Take many mappings in as one change.

    Args:
        wanted: what is asked for.
        stamp: who and when.
        dry_run: only say what would happen.
        plan: the fingerprint of what was shown; only that is taken.

    Raises:
        InventoryFault: strict, and something cannot be taken; everything that cannot is listed.
        Outdated: it is not what was shown.
    """
    brought = Brought(what=wanted.names, notes=wanted.notes)

    def write(tables: Tables) -> Done | MappingChanged:
        estate = tables.estate()
        found = _sort(estate, wanted.rows, stamp, wanted.change, agreeing=wanted.strict)
        _fill(brought, estate, found, wanted.left)
        if wanted.strict and brought.left:
            _refuse(wanted.names, brought.left)
        shown = _each(estate, found)
        if wanted.shown and shown != wanted.shown:
            raise _other_now(wanted, shown)
        if plan and plan.lower() != brought.fingerprint:
            raise Outdated(
                f"{wanted.names} would not do what {plan} showed any more, so nothing was done.",
                hint="Look at it again with --dry-run, then take that.",
            )
        reason = stamp.gate.reason if stamp.gate else ""
        done = _write(ports, tables, stamp, found, f"from {wanted.names}", reason)
        if isinstance(done, Done):
            done.given = wanted._replace(shown=shown).kept()
        return done

    return _carried(ports, stamp, dry_run, brought, write)


def bring_again(ports: Ports, kept: str, stamp: Stamp) -> Brought:
    """Take what was shown and agreed to, if it is still that.

    Raises:
        Outdated: it is not, and what differs is listed.
    """
    return bring(ports, wanted_again(kept), stamp, dry_run=False)


def match(ports: Ports, asks: Sequence[AskMatch], stamp: Stamp) -> Brought:
    """Propose pairs of networks whose names match; with the fingerprint, map them.

    Raises:
        Outdated: the proposal is another one by now.
    """
    ask = asks[0]
    brought = Brought(what="")

    def write(tables: Tables) -> Done | MappingChanged:
        estate = tables.estate()
        source, target = find_server(estate, ask.source), find_server(estate, ask.target)
        brought.what = f"{source.name} and {target.name}"
        brought.source_server, brought.target_server = source.name, target.name
        rows, left = matching(estate, source, target)
        found = _sort(estate, rows, stamp, change=True)  # of those to what is gone alone
        found.remove(superseded(estate, source, target, found.after))
        _fill(brought, estate, found, left)
        if ask.apply is not None and ask.apply.lower() != brought.fingerprint:
            raise Outdated(
                f"The proposal {ask.apply} is not the proposal any more.",
                hint="Look at the present one, then take that.",
                commands=[say("match", source=source.name, target=target.name)],
            )
        text = f"matching names of {brought.what}"
        return _write(ports, tables, stamp, found, text, ask.reason)

    return _carried(ports, stamp, ask.apply is None, brought, write, shown=True)


def _carried(
    ports: Ports,
    stamp: Stamp,
    dry_run: bool,
    brought: Brought,
    write: Callable[[Tables], Done | MappingChanged],
    shown: bool = False,
) -> Brought:
    result = carry_out(ports, stamp, dry_run, write, shown)
    brought.dry_run = dry_run or result.dry_run
    brought.mapping = None if result.verb == "unchanged" else result
    return brought


def _write(
    ports: Ports, tables: Tables, stamp: Stamp, found: _Sorted, text: str, reason: str
) -> Done | MappingChanged:
    if not found.after:
        return MappingChanged(verb="unchanged")
    kind = ChangeKind.CHANGE if found.before else ChangeKind.ADD
    noun = "mapping" if len(found.after) == 1 else "mappings"
    edit = Edit(kind, f"{len(found.after)} {noun} {text}", found.before, found.after, reason)
    return write_down(ports, tables, stamp, edit)


def _fill(brought: Brought, estate: Estate, found: _Sorted, left: Iterable[LeftOut]) -> None:
    brought.added = len(found.after) - len(found.before)
    brought.changed = len(found.before) - len(found.removed)
    brought.removed = len(found.removed)
    brought.superseded = [(m.label, estate.networks[m.source].name) for m in found.removed]
    brought.present = found.present
    unread = [
        LineTaken(place=one.place, source="", target="", outcome=LineOutcome.LEFT_OUT, why=one.why)
        for one in left
    ]
    brought.left = sorted([*found.left, *left], key=_number)
    brought.lines = sorted([*found.lines, *unread], key=_number)
    brought.fingerprint = _fingerprint(found)
    pairs = [
        (_named(estate, estate.networks[m.source]), _named(estate, estate.networks[m.target]))
        for m in found.after
        if not m.removed
    ]
    brought.pairs, brought.more = pairs[:_SHOWN], max(0, len(pairs) - _SHOWN)


def _number(one: LeftOut | LineTaken) -> int:
    """Of a line, so that they stand in the order of their file; of anything else 0."""
    word, _, number = one.place.partition(" ")
    return int(number) if word == "line" and number.isdecimal() else 0


def _each(estate: Estate, found: _Sorted) -> list[str]:
    """What is to be done, mapping by mapping."""
    was = {mapping.id: mapping for mapping in found.before}
    lines = []
    for mapping in found.after:
        source, target = estate.networks[mapping.source], estate.networks[mapping.target]
        line = f"{_named(estate, source)} → {_named(estate, target)}"
        known = was.get(mapping.id)
        if known is not None and known.target == target.id:
            line += f", test network {_test(estate, mapping)} instead of {_test(estate, known)}"
        elif mapping.test:
            line += f", test network {_test(estate, mapping)}"
        if known is not None and known.target != target.id:
            line += f", instead of {estate.networks[known.target].name}"
        lines.append(line)
    return lines


def _test(estate: Estate, mapping: Mapping) -> str:
    return estate.networks[mapping.test].name if mapping.test else "none"


def _other_now(wanted: WantedTable, now: Sequence[str]) -> Outdated:
    facts = []
    for lead, some, others in (
        ("Now as well", now, wanted.shown),
        ("No longer", wanted.shown, now),
    ):
        known = set(others)
        lines = [line for line in some if line not in known]
        facts += [f"{lead}: {line}" for line in lines[:_SHOWN]]
        facts += [f"{lead}: {len(lines) - _SHOWN:,} more"] * (len(lines) > _SHOWN)
    return Outdated(
        f"{wanted.names} would not do what was shown any more, so nothing was done.",
        hint="Hand the file in again to see what it would do now.",
        facts=facts,
    )


def _refuse(names: str, left: Sequence[LeftOut]) -> None:
    count = "1 line" if len(left) == 1 else f"{len(left):,} lines"
    raise InventoryFault(
        f"{names} cannot be taken in: {count} cannot be mapped, so nothing of it was.",
        facts=[f"{one.place}: {one.why}" for one in left[:_SHOWN]],
    )


def _sort(
    estate: Estate, rows: Iterable[Wanted], stamp: Stamp, change: bool, agreeing: bool = False
) -> _Sorted:
    found = _Sorted()
    seen: dict[tuple[int, int], tuple[str, int, int | None]] = {}
    for row in rows:
        try:
            source = find_end(estate, row.source, agreeing)
            target = find_end(estate, row.target, agreeing)
            test = find_end(estate, row.test, agreeing) if row.test else None
            if test is not None and test.server != target.server:
                raise NotFound(
                    f"the test network {test.name} is not on {estate.server_named(target.server)}."
                )
            allow(estate, source, target, test)
        except NetmapError as fault:
            if in_force(estate, row):
                found.note(row, LineOutcome.PRESENT)
            else:
                found.note(row, LineOutcome.LEFT_OUT, _why(fault))
            continue
        key = (source.id, target.server)
        asked = (target.id, test.id if test else None)
        before = seen.setdefault(key, (row.place, *asked))
        if before[0] != row.place:
            if before[1:] != asked:
                why = f"{source.name} is in {before[0]} already, with something else."
                found.note(row, LineOutcome.LEFT_OUT, why)
            else:
                found.note(row, LineOutcome.PRESENT, f"as in {before[0]}.")
            continue
        known = estate.mappings.get(key)
        if known is None:
            found.after.append(
                Mapping(0, source.id, target.id, target.server, asked[1], stamp.by, stamp.at, 0)
            )
            found.note(row, LineOutcome.ADDED)
        elif known.target == target.id and (known.test == asked[1] or not row.says_test):
            found.note(row, LineOutcome.PRESENT)
        elif change:
            found.before.append(known)
            kept = asked[1] if row.says_test else known.test
            found.after.append(replace(known, target=target.id, test=kept))
            found.note(row, LineOutcome.CHANGED)
        else:
            now = estate.networks[known.target].name
            test_now = (
                f" with the test network {estate.networks[known.test].name}" if known.test else ""
            )
            why = f"{source.name} is mapped to {now}{test_now} already ({known.label})."
            found.note(row, LineOutcome.LEFT_OUT, why)
    found.before.sort(key=lambda m: m.id)
    found.after.sort(key=lambda m: (m.id == 0, m.id))
    return found


def _why(fault: NetmapError) -> str:
    facts = "; ".join(fault.facts)
    return f"{fault.message} {facts}".strip()


def _named(estate: Estate, network: Network) -> str:
    return f"{network.name} ({estate.server_named(network.server)})"


def _fingerprint(found: _Sorted) -> str:
    """Eight hexadecimal digits that change when any mapping that is added or changed does."""
    digest = hashlib.blake2b(digest_size=4)
    for one in sorted((m.source, m.target, m.test or 0) for m in found.before):
        digest.update(f"-{one};".encode())
    for one in sorted((m.source, m.target, m.test or 0) for m in found.after if not m.removed):
        digest.update(f"{one};".encode())
    return digest.hexdigest()
