"""Take a change of the mapping table back."""

from collections.abc import Sequence
from typing import NoReturn

from bot.domain.answers.mappings import MappingChanged
from bot.domain.asking import Stamp, say
from bot.domain.codes import UNDOABLE, ChangeKind
from bot.domain.errors import Refused
from bot.domain.estate import Mapping
from bot.domain.history import Change, MappingState
from bot.domain.labels import number
from bot.ports import Ports, Tables
from bot.usecases.applying.changing import Edit, carry_out, write_down
from bot.usecases.applying.reconnecting import Done
from bot.usecases.resolving import Ask
from bot.usecases.restored import no_such


class Undo(Ask):
    change: str
    reason: str = ""
    break_glass: bool = False
    dry_run: bool = False


def undo(ports: Ports, asks: Sequence[Undo], stamp: Stamp) -> MappingChanged:
    """Take all parts of one change back, as a change of its own.

    Raises:
        Refused: it cannot be undone, was undone, or something later rests on it.
    """
    ask = asks[0]

    def write(tables: Tables) -> Done | MappingChanged:
        change = _find(tables, ask.change)
        _refuse(tables, change)
        before, after = change.detail.before, change.detail.after
        there = {state.id: state for state in before}
        wanted = []
        for state in after:
            old = there.get(state.id)
            wanted.append(_restored(old, stamp) if old else _restored(state, stamp, removed=True))
        present = [m for state in after if (m := tables.mappings.get(state.id)) is not None]
        text = f"took back {change.label}: {change.detail.text}"
        return write_down(
            ports,
            tables,
            stamp,
            Edit(ChangeKind.UNDO, text, present, wanted, ask.reason, undoes=change.id),
        )

    return carry_out(ports, stamp, ask.dry_run, write)


def _find(tables: Tables, label: str) -> Change:
    """Change C204."""
    found = tables.changes.get(number(label, "C", bare=True) or 0)
    if found is None:
        raise no_such(tables, "change", label, "See what was done.", say("history"))
    return found


def _refuse(tables: Tables, change: Change) -> None:
    if change.kind not in UNDOABLE:
        of_inventory = change.kind in (ChangeKind.IMPORT, ChangeKind.FORGET)
        raise Refused(
            f"{change.label} ({change.detail.text}) is no change of the mapping table.",
            hint="Import a newer inventory instead."
            if of_inventory
            else "Only add, change, remove and undo can be undone.",
        )
    if change.undone_by:
        _refuse_twice(tables, change)
    keys = [(state.source, state.server) for state in change.detail.after]
    later = tables.changes.later(change.id, keys)
    if later is not None and later.kind is ChangeKind.FORGET:
        raise Refused(
            f"{change.label} cannot be undone: {later.label} {later.detail.text}.",
            hint="Map the networks anew.",
        )
    if later is not None:
        raise Refused(
            f"{change.label} cannot be undone: {later.label} changed the same mapping later"
            f" ({later.detail.text}).",
            hint=f"Undo {later.label} first.",
            commands=[say("undo", change=later.label)],
        )


def _refuse_twice(tables: Tables, change: Change) -> NoReturn:
    """Undoing can itself be undone, and so on; only the last of them can be taken back."""
    last, back = change, False
    while last.undone_by:
        found = tables.changes.get(last.undone_by)
        assert found is not None
        last, back = found, not back
    raise Refused(
        f"{change.label} was undone already, by {last.label}."
        if back
        else f"{change.label} was undone and brought back since, by {last.label}.",
        hint="To bring it back:" if back else "To take it back again:",
        commands=[say("undo", change=last.label)],
    )


def _restored(state: MappingState, stamp: Stamp, removed: bool = False) -> Mapping:
    return Mapping(
        state.id,
        state.source,
        state.target,
        state.server,
        state.test,
        stamp.by,
        stamp.at,
        0,
        removed or state.removed,
    )
