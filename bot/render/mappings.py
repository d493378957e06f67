"""What a change to the mapping table did, or would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from bot.domain.answers.shared import Tally
from bot.domain.asking import say
from bot.domain.checks import Standing
from bot.domain.codes import Note, Rule
from bot.domain.numbers import plural
from bot.domain.replies import Reply, Visibility
from bot.render.first_lines import DRY_RUN, first_line
from bot.render.page import Page
from bot.render.phrases import in_earnest, listed
from bot.render.pieces import Show
from bot.render.placements import missing_subnets
from bot.render.words import (
    PRECONDITION,
    RECONNECTED,
    RULE,
    STATE,
    at_server,
    found,
    spot,
)

if TYPE_CHECKING:
    from bot.domain.answers.mappings import MappingChanged, Precondition, Reconnection

MOVES = ("VM", "NIC", "Reconnection", "Rule")


def mapping_changed(result: MappingChanged, show: Show) -> Reply:
    """Answer add, change, remove, undo, apply and adopt."""
    page = Page(show, first_line(result))
    _tell_rules(page, result)
    page.adapters(MOVES, move_rows(result.moves), result.more)
    _tell_test(page, result)
    tell_warnings(page, result)
    _foot(page, result, show)
    wrote = not result.dry_run and result.verb != "unchanged"
    return page.reply(Visibility.IN_CHANNEL if wrote else Visibility.EPHEMERAL)


class Preview(NamedTuple):
    """What a change would do, in sentences."""

    answer: str
    facts: list[str]
    warnings: list[str]


def preview(result: MappingChanged, show: Show) -> Preview:
    """The same for a door that lays it out itself; who moves is left to it."""
    page = Page(show, "")
    _tell_rules(page, result)
    _tell_test(page, result)
    tell_warnings(page, result)
    answer = first_line(result).removeprefix(DRY_RUN)
    return Preview(f"{answer[:1].upper()}{answer[1:]}", page.said(False), page.said(True))


def move_rows(moves: Sequence[Reconnection]) -> list[tuple[str, str, str, str]]:
    """Reconnections as rows: which adapter, from where to where, by which rule."""
    return [
        (
            move.vm,
            f"NIC {move.slot}",
            f"{spot(move.was)} → {spot(move.to)}",
            " · ".join(filter(None, [RULE[move.rule], _state(move)])),
        )
        for move in moves
    ]


def _state(move: Reconnection) -> str:
    state = STATE.get(move.state, move.state)
    return f"{state}: {move.said}" if move.said else state


def _tell_rules(page: Page, result: MappingChanged) -> None:
    parts = []
    single = len(result.mappings) == 1
    for code, adapters in sorted(result.by_rule.items(), key=lambda item: -item[1]):
        if not adapters:
            continue
        join = "joins" if adapters == 1 else "join"
        match code:
            case Rule.SAME_NAME:
                words = f"{join} the subnet of the same name"
            case Rule.FIRST_SUBNET:
                words = f"{join} {_first_subnet(result) if single else 'the first subnet'}"
            case Rule.NO_SUBNETS:
                words = f"{join} the network itself, which has no subnets"
            case Rule.UNCHANGED:
                words = f"{'returns' if adapters == 1 else 'return'} to where it was"
                words = words if adapters == 1 else words.replace("it was", "they were")
            case _:
                words = f"{'is' if adapters == 1 else 'are'} disconnected"
        parts.append(f"{adapters:,} {words}")
    if set(result.by_rule) - {"disconnected"}:
        page.fact(" · ".join(parts))


def _first_subnet(result: MappingChanged) -> str:
    chosen = [c for c in result.subnets if c.rule is Rule.FIRST_SUBNET]
    chosen = [c for c in chosen if c.adapters] or chosen
    if not chosen:
        return "the first subnet"
    which = "first" if any(Note.SEVERAL_SUBNETS in c.notes for c in chosen) else "only"
    lacks = missing_subnets([c.source for c in chosen], result.mappings[0].target)
    return f"the {which} subnet, {chosen[0].target}: {lacks}"


def _tell_test(page: Page, result: MappingChanged) -> None:
    for ref in result.mappings:
        if ref.test and result.verb in ("added", "changed") and not ref.removed:
            was = f" instead of {result.previous_test}" if result.previous_test else ""
            page.fact(f"A test failover uses {ref.test}{was}.")
        elif result.previous_test and result.verb == "changed":
            page.fact(f"{result.previous_test} is no longer used for test failovers.")


def tell_warnings(page: Page, result: MappingChanged) -> None:
    """What wants attention in a change, of one mapping or of many."""
    if result.stays.adapters:
        one = result.stays.vms == 1
        page.warn(
            f"{plural(result.stays.vms, 'VM')} that {'was' if one else 'were'} connected before"
            f" {result.undone} {'stays where it is' if one else 'stay where they are'} now: netmap"
            " does not put replicas back on networks that were never mapped"
        )
    if result.stays_unknown and result.disconnects.vms:
        one = result.disconnects.vms == 1
        page.warn(
            f"{result.undone} was made by an older netmap, which did not note who was connected"
            f" before it: {'this' if one else 'these'} {plural(result.disconnects.vms, 'VM')}"
            f" {'loses its' if one else 'lose their'} network, whoever connected"
            f" {'it' if one else 'them'}"
        )
    names = {ref.target for ref in result.mappings}
    targets = names.pop() if len(names) == 1 else "one of the targets"
    if result.onto_itself:
        page.warn(
            f"{targets} is mapped to itself: a primary and its replica must never be connected"
            " at the same time"
        )
    for cloud, vms in result.at_risk.items():
        whose = [
            a
            for a in result.availability
            if a.protecting == cloud and a.cloud and a.standing is Standing.BROKEN
        ]
        number = sum(a.vms for a in whose) or len(vms)
        of = f" of {listed(list(dict.fromkeys(a.cloud for a in whose)))}" if whose else ""
        examples = f" ({listed(vms, last='', of=number)})" if vms else ""
        risk = f"{plural(number, 'VM')}{of} {'is' if number == 1 else 'are'} at risk{examples}"
        page.warn(f"{cloud} cannot reach {targets}: {risk if number else 'no VM needs it yet'}")
    for cloud in dict.fromkeys(result.no_host_reaches):
        page.warn(f"No host of {cloud} can reach {targets}")
    if result.unreachable_hosts:
        page.warn(
            f"{plural(result.unreachable_hosts, 'adapter')} of replicas on hosts that cannot"
            f" reach {targets}"
        )
    if result.no_pool:
        get = "gets" if result.no_pool == 1 else "get"
        page.warn(
            f"{plural(result.no_pool, 'adapter')} {get} NO ADDRESS: the target subnet has no pool"
        )
    if result.same_source_targets:
        others = list(dict.fromkeys(result.same_source_targets))
        target, it = (
            (targets, targets) if len(result.mappings) == 1 else ("a target of these", "it")
        )
        page.warn(
            f"{listed(others)} {'is' if len(others) == 1 else 'are'} mapped to {target} too:"
            f" on the way back {it} can lead to one of them only"
        )
    if result.replication_not_checked:
        number = result.replication_not_checked
        are = "is" if number == 1 else "are"
        page.warn(f"Not checked: whether {plural(number, 'VM')} on its source {are} replicated")
    _warn_unchecked(page, result, targets)
    tell_preconditions(page, result.preconditions)


def _warn_unchecked(page: Page, result: MappingChanged, targets: str) -> None:
    unknown = [a for a in result.availability if a.standing is Standing.NOT_CHECKED]
    if unknown:
        named = list(dict.fromkeys(a.protecting for a in unknown if a.protecting))
        which = listed(named) if named else "the protecting clouds"
        page.warn(f"Not checked: whether {which} can reach {targets}")


def tell_preconditions(page: Page, preconditions: Sequence[Precondition]) -> None:
    """Say those that are broken or could not be checked."""
    for one in dict.fromkeys(preconditions):
        if one.standing is Standing.OK:
            continue
        network = at_server(one.network, one.server) if one.network else "its network"
        broken, unknown = PRECONDITION.get(one.kind, found(one.kind))
        words = f"Not checked: {unknown}" if one.standing is Standing.NOT_CHECKED else broken
        page.warn(
            words.replace("{network}", network).replace("{cloud}", one.cloud or "the VMs' cloud")
        )


def _foot(page: Page, result: MappingChanged, show: Show) -> None:
    if result.change and not result.dry_run:
        page.foot(result.change)
        if result.verb in ("added", "changed", "removed", "undone"):
            page.run_in_foot("undo", say("undo", change=result.change))
    if result.request:
        page.foot(result.request)
    if result.request and result.held == "look":
        page.run_in_foot("to do exactly this", say("apply", plan=result.request))
    if result.dry_run and result.verb != "unchanged" and (again := in_earnest(show.again)):
        page.run_in_foot("to do it", again)
    if result.applier and result.reconnected != Tally():
        page.foot(RECONNECTED.get(result.applier, result.applier))
    page.ages(result.ages)
