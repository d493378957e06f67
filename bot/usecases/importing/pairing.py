"""Derive pairs anew, and see what an operator wants to hear about them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from bot.domain.estate import Estate
from bot.domain.pairs import Derived, Pair, PairFault, VmObject
from bot.domain.reports import ImportReport
from bot.engine.pairing import derive, runs_away
from bot.ports import Draft, Staged, Tables
from bot.usecases.importing.arriving import protected
from bot.usecases.importing.happenings import Newcomers
from bot.usecases.importing.placements import place_again

_BATCH = 1000
"""Hyper-V ids derived between two writes."""
_SHOWN = 100


@dataclass
class PairNews:
    """What became of the pairs that were derived anew."""

    newcomers: Newcomers | None = None
    """None: nobody asks for them."""
    pairs: int = 0
    """VMs of which there is one with both sides."""
    failed_over: list[int] = field(default_factory=list)
    """VMs."""
    came_home: list[int] = field(default_factory=list)
    adapters_moved: int = 0
    adapters_confirmed: int = 0

    def tell(self, tables: Tables, report: ImportReport) -> None:
        """Say it in the report; the VMs have to be stored by now."""
        report.pairs += self.pairs
        report.adapters_moved += self.adapters_moved
        report.adapters_confirmed += self.adapters_confirmed
        report.failed_over += _names(tables, self.failed_over)
        report.vms_failed_over += len(self.failed_over)
        report.came_home += _names(tables, self.came_home)
        report.vms_came_home += len(self.came_home)


def derive_pairs(
    estate: Estate,
    draft: Draft,
    change: int,
    news: PairNews,
    staged: Staged | None = None,
) -> None:
    """Derive the pairs that are affected in the draft, into the draft; reads what is stored."""
    sure = protected(estate)

    def mapped(at: int, server: int) -> int:
        network = estate.network_at(at)
        mapping = estate.mappings.get((network.id, server)) if network else None
        return mapping.target if mapping else 0

    def derived(group: tuple[str, Sequence[VmObject], Sequence[Pair]]) -> Derived:
        hyperv, objects, known = group
        pairs = derive(
            objects,
            known,
            change,
            mapped,
            draft.intern_baseline,
            sure,
            draft.baseline,
            draft.server_of,
        )
        if objects:  # of a pair whose objects are gone nothing is known but what it was
            news.pairs += any(pair.active and pair.passive for pair in pairs)
        return Derived(hyperv, known, pairs)

    groups = draft.groups(staged)
    while batch := [derived(group) for group in islice(groups, _BATCH)]:
        draft.put(batch, change)
        for _, known, pairs in batch:
            before = {old.id: old for old in known}
            for pair in pairs:
                _notice(news, pair, before.get(pair.id))
                if news.newcomers is not None:
                    news.newcomers.notice(estate, pair, before.get(pair.id))


def derive_again(
    tables: Tables, hyperv: set[str], change: int, at: datetime, without: int | None = None
) -> None:
    """Derive these pairs anew outside an import.

    Args:
        without: as if this server's VMs were gone.
    """
    if without is not None:
        tables.inventories.mark_vms_gone(without)
    estate = tables.estate()
    draft = tables.pairs.draft()
    draft.affect(hyperv)
    derive_pairs(estate, draft, change, PairNews())
    place_again(tables, estate, draft.store(), change)
    draft.discard()


def _notice(news: PairNews, pair: Pair, before: Pair | None) -> None:
    """Count what an operator wants to hear about one pair."""
    if before is None:
        return
    was_away = runs_away(before)
    if before.faults & PairFault.BOTH_PRIMARY:  # nothing of that was told meanwhile
        was_away = bool(before.faults & PairFault.WAS_AWAY)
    disputed = pair.faults & PairFault.BOTH_PRIMARY
    told = pair.failed_over or (pair.active and before.active)
    if runs_away(pair) != was_away and told and not disputed:
        vm = pair.passive if pair.failed_over else pair.active
        (news.came_home if was_away else news.failed_over).append(vm)
    seen = {nic.slot: nic for nic in before.nics}
    for nic in pair.nics:
        old = seen.get(nic.slot)
        if old is not None and before.passive == pair.passive and old.observed != nic.observed:
            news.adapters_moved += 1
            news.adapters_confirmed += nic.observed == old.desired


def _names(tables: Tables, vms: Sequence[int]) -> list[str]:
    found = (tables.vms.get(vm) for vm in vms[:_SHOWN])
    return sorted(row.name for row in found if row is not None)
