"""The first line of a change, done or not yet: what is mapped now, and what became of replicas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.domain.answers.shared import MappingRef
from bot.domain.numbers import plural
from bot.render.phrases import listed
from bot.render.words import at_server

if TYPE_CHECKING:
    from bot.domain.answers.mappings import MappingChanged

MANY = 3
"""Mappings beyond which the first line counts them."""
DRY_RUN = "Dry run, nothing is changed: "
HELD = {
    "": DRY_RUN,
    "look": "Nothing is changed yet: ",
    "approval": "Another person has to approve it, nothing is changed yet: ",
}


def first_line(result: MappingChanged) -> str:
    """What became of the mappings, then of the replicas."""
    return f"{_subject(result)} {_moved(result)}".strip()


def _subject(result: MappingChanged) -> str:
    would = HELD.get(result.held, HELD[""]) if result.dry_run else ""
    refs = result.mappings
    if result.verb == "unchanged":
        return f"Nothing changed: {_already(result)}."
    if result.verb == "applied":
        return f"{would}the plan would be carried out." if would else "The plan is carried out."
    if result.verb == "adopted":
        whose = (
            at_server(result.adopted.network or "", result.adopted.server)
            if result.adopted
            else listed([at_server(ref.target, ref.toward) for ref in refs])
        )
        verb = "would now count" if would else "now count"
        return f"{would}The subnets of {whose} {verb} in the order VMM lists them."
    if result.verb == "undone":
        head = f"{result.undone} {'would be' if would else 'is'} taken back"
        if len(refs) > MANY:
            return f"{would}{head}: {_many_taken_back(refs, bool(would))}."
        back = [_taken_back(result, ref, bool(would)) for ref in refs]
        return f"{would}{head}: {'; '.join(back)}." if back else f"{would}{head}."
    return would + _each_other(refs, result) + "."


def _already(result: MappingChanged) -> str:
    if result.adopted:
        whose = at_server(result.adopted.network or "", result.adopted.server)
        return f"the subnets of {whose} count in the order VMM lists them already"
    if not result.mappings:
        return "there is nothing to reconnect"
    return "; ".join(
        f"{_from(ref)} is {'not mapped' if ref.removed else f'mapped to {_to(ref)}'} already"
        for ref in result.mappings
    )


def _no_longer(ref: MappingRef, would: bool) -> str:
    return f"{_from(ref)} {'would no longer be' if would else 'is no longer'} mapped to {_to(ref)}"


def _taken_back(result: MappingChanged, ref: MappingRef, would: bool) -> str:
    if ref.removed:
        return _no_longer(ref, would)
    be = "would be" if would else "is"
    instead = f" instead of {result.previous}" if result.previous else ""
    return f"{_from(ref)} {be} mapped to {_to(ref)} again{instead}"


def _many_taken_back(refs: Sequence[MappingRef], would: bool) -> str:
    said = []
    for removed, gone, back in (
        (True, "would no longer be mapped", "no longer mapped"),
        (False, "would be mapped as before", "mapped as before"),
    ):
        names = [ref.source for ref in refs if ref.removed is removed]
        are = "is" if len(names) == 1 else "are"
        if names:
            words = gone if would else f"{are} {back}"
            said.append(f"{plural(len(names), 'network')} {words} ({listed(names)})")
    return "; ".join(said)


def _each_other(refs: Sequence[MappingRef], result: MappingChanged) -> str:
    would = result.dry_run
    be = "would be" if would else "is"
    if len(refs) == 2 and (refs[0].source, refs[0].on) == (refs[1].target, refs[1].toward):
        return (
            f"{_from(refs[0])} and {_to(refs[0])} {'would be' if would else 'are now'}"
            f" mapped to each other"
        )
    sentences = []
    for ref in refs:
        if result.verb == "removed":
            sentences.append(_no_longer(ref, would))
        elif result.verb == "changed" and result.previous is None:
            test = f"the test network {ref.test}" if ref.test else "no test network"
            has = "would have" if would else "now has"
            sentences.append(f"{_from(ref)}, mapped to {_to(ref)}, {has} {test}")
        else:
            now = "" if would else " now"
            instead = f" instead of {result.previous}" if result.previous else ""
            sentences.append(f"{_from(ref)} {be}{now} mapped to {_to(ref)}{instead}")
    return "; ".join(sentences)


def _from(ref: MappingRef) -> str:
    return f"{ref.source} ({ref.on})"


def _to(ref: MappingRef) -> str:
    return f"{ref.target} ({ref.toward})"


def _moved(result: MappingChanged) -> str:
    """What became of the replicas: the second half of the answer."""
    would = result.dry_run
    parts: list[str] = []
    off = _disconnect_words(result)
    done, pending = result.reconnected.vms, result.pending.vms
    if done:
        parts.append(f"{plural(done, 'replica VM')} {'would be ' * would}{off}")
    if pending:
        noun = "" if parts else " replica VM" + "s" * (pending != 1)
        are = "would be" if would else "is to be" if pending == 1 else "are to be"
        still = " still" * (result.verb == "unchanged")
        parts.append(f"{pending:,}{noun} {are.replace(' ', still + ' ', 1)} {off}")
    parts += _left_alone(result, would, not parts)
    if not parts:
        return _nothing_moves(result)
    text = ", ".join(parts)
    if pending and not would:
        which = "none" if not done else "those"
        text += (
            f"; {which} {'is' if which == 'none' else 'are not'} confirmed until"
            f" {_next_inventory(result)}"
        )
    return text + "."


def _disconnect_words(result: MappingChanged) -> str:
    moving = result.reconnected.adapters + result.pending.adapters
    lost = result.disconnects.adapters
    if lost and lost == moving:
        return "disconnected"
    if lost:
        return f"reconnected ({plural(lost, 'adapter')} of them disconnected)"
    return "reconnected"


def _left_alone(result: MappingChanged, would: bool, first: bool) -> list[str]:
    parts: list[str] = []
    for tally, one, several in (
        (result.failed, "failed", "failed"),
        (result.waiting, "waits for its initial replication", "wait for their initial replication"),
        (result.running, "because it is running", "because they are running"),
        (
            result.power_unknown,
            "because its power state is unknown",
            "because their power state is unknown",
        ),
    ):
        if tally.vms:
            words = one if tally.vms == 1 else several
            if words.startswith("because"):
                words = f"{'would be ' * would}left alone {words}"
            noun = (" replica VM" + "s" * (tally.vms != 1)) * (first and not parts)
            parts.append(f"{tally.vms:,}{noun} {words}")
    return parts


def _nothing_moves(result: MappingChanged) -> str:
    number = result.already.adapters
    if number:
        stand = "its 1 adapter stands where it belongs"
        if number > 1:
            stand = f"all {number:,} adapters stand where they belong"
        return f"No replica VM is to be reconnected: {stand} already."
    return "" if result.verb == "unchanged" else "No replica VM is affected."


def _next_inventory(result: MappingChanged) -> str:
    servers = [ref.toward for ref in result.mappings]
    servers = servers or [move.server for move in result.moves if move.state == "pending"]
    servers = list(dict.fromkeys(servers))
    if len(servers) == 1:
        return f"{servers[0]}'s next inventory"
    return f"the next inventories of {listed(servers)}" if servers else "the next inventory"
