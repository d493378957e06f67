"""Who did what."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from bot.domain.answers.history import ChangeLine, History
from bot.domain.asking import Stamp
from bot.domain.codes import UNDOABLE
from bot.domain.history import Change
from bot.ports import Ports, Tables
from bot.usecases.resolving import Ask, MappingName, choose, find_mapping, find_network

AT_ONCE = 500
"""Changes that are read at once, and that a program gets at most."""


class AskHistory(Ask):
    mapping: MappingName | None = None
    user: str | None = None
    time: timedelta | None = None


def history(ports: Ports, asks: Sequence[AskHistory], stamp: Stamp) -> History:
    """The newest changes first: all, of a network or mapping, or by a person."""
    with ports.store.read() as tables:
        estate = tables.estate()

        def about(ask: AskHistory) -> tuple[list[int], str]:
            if ask.mapping is None:
                return [], f"<@{ask.user}>" if ask.user else ""
            if ask.mapping.id is not None or ask.mapping.toward is not None:
                mapping = find_mapping(tables, ask.mapping)
                name = estate.networks[mapping.source].name
                return [mapping.source], f"{mapping.label}, {name}"
            assert ask.mapping.source is not None
            network = find_network(estate, ask.mapping.source, ask.mapping.on, gone=True)
            return [network.id], f"{network.name} ({estate.server_named(network.server)})"

        ask, (networks, subject) = choose("history", asks, about)
        limit = AT_ONCE if stamp.page is None else max(stamp.page, 10)
        since = stamp.at - ask.time if ask.time is not None else None
        some = partial(tables.changes.recent, networks=networks, by=ask.user, since=since)
        found = some(limit + 1)
        part = found if stamp.sheet is not None else []
        while part and stamp.sheet is not None:
            stamp.sheet.part(History(changes=[line(change) for change in part]))
            part = some(AT_ONCE, before=part[-1].id)
        return History(
            changes=[line(change, tables) for change in found[:limit]],
            about=subject,
            more=len(found) > limit,
            restored=tables.lives.restored() if found else None,
        )


def line(change: Change, tables: Tables | None = None) -> ChangeLine:
    """A change as one row.

    Args:
        change: what was done.
        tables: where a later change may stand in the way of its undo; None: nobody asks for that.
    """
    undoable = change.kind in UNDOABLE and not change.undone_by
    if undoable and tables is not None:
        keys = [(state.source, state.server) for state in change.detail.after]
        undoable = tables.changes.later(change.id, keys) is None
    return ChangeLine(
        id=change.label,
        kind=change.kind,
        by=change.by,
        at=change.at,
        text=change.detail.text,
        reason=change.reason,
        undone_by=f"C{change.undone_by}" if change.undone_by else None,
        undoable=undoable,
    )
