"""Long answers as tables: a page of their rows, or all of them with their headings."""

from collections.abc import Callable, Sequence
from typing import Any

from bot.domain.answers.findings import DriftReport
from bot.domain.answers.history import History
from bot.domain.answers.mappings import MappingChanged, MappingList, Plan
from bot.domain.answers.networks import NetworkList
from bot.domain.answers.vms import VmAnswer
from bot.render.mappings import MOVES, move_rows
from bot.render.pieces import login
from bot.render.words import RULE, at_server, spot

PAGE = 25
"""Rows of a page."""
SENTENCES = 10
"""The same where a row is a paragraph."""


def rows_of(result: Any) -> int:
    """How many rows there are to page through, those beyond the answer included."""
    match result:
        case MappingList():
            return rows_in(result) + sum(group.more for group in result.groups)
        case NetworkList() | History() | Plan() | MappingChanged():
            return rows_in(result) + result.more
    return rows_in(result)


def rows_in(result: Any) -> int:
    """How many of them the answer holds."""
    match result:
        case MappingList():
            return sum(len(group.rows) for group in result.groups)
        case NetworkList():
            return len(result.networks)
        case DriftReport():
            return len(result.findings)
        case History():
            return len(result.changes)
        case Plan() | MappingChanged():
            return len(result.moves)
    return 0


def page_of(result: Any, skip: int) -> Any:
    """The same with some of its rows; the counts in it stay those of the whole."""
    end = skip + (SENTENCES if isinstance(result, DriftReport | History) else PAGE)
    match result:
        case MappingList():
            return _some_of_list(result, skip, end)
        case NetworkList():
            total = len(result.networks) + result.more
            some = result.networks[skip:end]
            return result.model_copy(
                update={"networks": some, "more": max(0, total - skip - len(some))}
            )
        case DriftReport():
            return result.model_copy(update={"findings": result.findings[skip:end]})
        case History():
            return result.model_copy(
                update={
                    "changes": result.changes[skip:end],
                    "more": result.more or len(result.changes) > end,
                }
            )
        case Plan() | MappingChanged():
            total = len(result.moves) + result.more
            moves = result.moves[skip:end]
            return result.model_copy(
                update={"moves": moves, "more": max(0, total - skip - len(moves))}
            )
    return result


def _some_of_list(result: MappingList, skip: int, end: int) -> MappingList:
    groups, at = [], 0
    for group in result.groups:
        some = group.rows[max(0, skip - at) : max(0, end - at)]
        total = len(group.rows) + group.more
        at += total
        if some:
            groups.append(group.model_copy(update={"rows": some, "more": 0}))
    if groups and end < at:
        groups[-1] = groups[-1].model_copy(update={"more": at - end})
    return result.model_copy(update={"groups": groups})


def table_of(result: Any, name: Callable[[str], str] = login) -> list[Sequence[str]] | None:
    """All rows as a table with its headings; None where an answer is no table."""
    head: Sequence[str]
    match result:
        case MappingList():
            head = ("Source server", "Network", "Target server", "Id", "Joins", "Test", "VMs")
            return [head, *_list_rows(result)]
        case NetworkList():
            found: list[Sequence[str]] = [
                ("Server", "Network", "Logical network", "Isolation", "Subnets", "VMs", "Adapters")
            ]
            for one in result.networks:
                subnets = "; ".join(s.name for s in one.subnets)
                about = (one.server, one.name, one.logical_network or "", one.isolation or "")
                found.append((*about, subnets, str(one.vms), str(one.adapters)))
            return found
        case DriftReport():
            head = (
                "Severity",
                "Finding",
                "About",
                "Server",
                "Toward",
                "Adapters",
                "VMs",
                "Such as",
                "Id",
                "Since (UTC)",
                "State",
            )
            return [
                head,
                *(
                    (
                        f.severity,
                        f.kind,
                        f.subject,
                        f.server,
                        f.toward,
                        str(f.adapters),
                        "" if f.vms is None else str(f.vms),
                        "; ".join(f.examples),
                        f.id,
                        f"{f.since:%Y-%m-%d %H:%M}" if f.since else "",
                        f.state,
                    )
                    for f in result.findings
                ),
            ]
        case History():
            head = ("Change", "At (UTC)", "By", "Id of who", "What", "Reason", "Taken back by")
            return [
                head,
                *(
                    (
                        c.id,
                        f"{c.at:%Y-%m-%d %H:%M}",
                        name(c.by),
                        c.by,
                        c.text,
                        c.reason,
                        c.undone_by or "",
                    )
                    for c in result.changes
                ),
            ]
        case Plan() | MappingChanged():
            return [MOVES, *move_rows(result.moves)]
        case VmAnswer():
            return [("VM", "NIC", "From", "Comes up on", "Rule", "Id"), *_vm_rows(result)]
    return None


def _list_rows(result: MappingList) -> list[Sequence[str]]:
    found: list[Sequence[str]] = []
    for group in result.groups:
        for row in group.rows:
            ref = row.mapping
            target = (ref.id, ref.target, ref.test or "") if ref else ("", "", "")
            found.append((group.source, row.network, group.target, *target, str(row.vms)))
    return found


def _vm_rows(result: VmAnswer) -> list[Sequence[str]]:
    found: list[Sequence[str]] = []
    for pair in result.pairs:
        for one in pair.adapters:
            joins = at_server(spot(one.target), one.target.server) if one.target else "not checked"
            about = (pair.vm, str(one.slot), at_server(spot(one.source), one.source.server))
            found.append((*about, joins, RULE[one.rule], one.mapping or ""))
    return found
