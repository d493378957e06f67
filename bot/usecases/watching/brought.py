"""What imports of the last days brought, a finding for each mapping it concerns."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.codes import FindingKind
from bot.domain.estate import Estate
from bot.domain.lives import Happening
from bot.domain.placements import Segment
from bot.ports import Tables
from bot.usecases.watching.found import EXAMPLES, Found

RECENT = timedelta(days=7)
"""For so long what an import brought is told, unless somebody says that they know."""


def gather(
    found: Found, tables: Tables, estate: Estate, segments: dict[int, Segment], at: datetime
) -> None:
    """Gather these findings; comes after those on what is not mapped, which they may add to."""
    brought: dict[tuple[FindingKind, int, int], list[Happening]] = defaultdict(list)
    for one in tables.lives.happenings(at - RECENT):
        kind = _kind(estate, one)
        if kind is not None:
            brought[kind, one.network, one.server].append(one)
    if not brought:
        return
    unmapped = found.unmapped()
    present = {
        (source.id, segment.key.server)
        for segment in segments.values()
        if (source := estate.network_at(segment.key.source)) is not None
    }
    for (kind, network, server), those in brought.items():
        if (network, server) not in present:
            continue  # its VMs are gone again
        source = estate.networks[network]
        key = f"mapping:{network}:{server}"
        names = list(dict.fromkeys(name for one in those for name in one.examples))[:EXAMPLES]
        blank = unmapped.get(f"{FindingKind.UNMAPPED}:{key}")
        if kind is FindingKind.APPEARED_UNMAPPED and blank is not None:
            # One fact, said once: that finding is new or worse by them.
            blank.facts |= {
                "appeared": ", ".join(names),
                "brought": f"C{those[-1].change}",
            }
            continue
        if kind is FindingKind.PLACEMENT_MOVED and not _still_moved(segments, those):
            continue
        if found.only not in (None, server, source.server):
            continue
        # Others come with each import; what one moved, the next may have moved again.
        add = max if kind is FindingKind.PLACEMENT_MOVED else sum
        adapters, vms = add(one.adapters for one in those), add(one.vms for one in those) or None
        mapping = estate.mappings.get((network, server))
        facts = {**those[-1].facts, "brought": f"C{those[-1].change}"}
        if mapping is not None:
            facts["mapping"] = mapping.label
            facts["target"] = estate.networks[mapping.target].name
        found.add(
            kind,
            key,
            source.name,
            source.server,
            server,
            adapters,
            names,
            vms,
            facts,
            found.fix(kind, source, server, mapping.label if mapping else None),
        )


def _kind(estate: Estate, one: Happening) -> FindingKind | None:
    """What it is by now; None where there is nothing to tell."""
    if one.network not in estate.networks:
        return None
    if one.kind is FindingKind.APPEARED:
        mapping = estate.mappings.get((one.network, one.server))
        if mapping is None:
            return FindingKind.APPEARED_UNMAPPED
        if one.change <= mapping.change:
            return None  # whoever made or changed the mapping saw them
    return one.kind


def _still_moved(segments: dict[int, Segment], those: Sequence[Happening]) -> bool:
    """Whether any class belongs elsewhere than before the first of these; it may be back."""
    before: dict[int, int] = {}
    for one in those:
        before = one.before | before
    return any(
        (segment := segments.get(id)) is not None and segment.desired != was
        for id, was in before.items()
    )
