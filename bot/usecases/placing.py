"""Ask the rule again for classes of adapters and write down what changed.

Adding, changing, removing, importing and adopting are this one code path: after any of them the
reconnected adapters are exactly those of the changed segments that do not stand where they belong.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from bot.domain.answers.shared import Age, MappingRef, Spot, UnreadableVm
from bot.domain.asking import Stamp
from bot.domain.codes import Note, Readiness, Rule
from bot.domain.estate import DISCONNECTED, NOT_OBSERVED, Estate
from bot.domain.estate import Mapping as NetworkMapping
from bot.domain.placements import Baseline, Move, Placement, Segment
from bot.engine.placing import decide
from bot.ports import Ports, Tables

if TYPE_CHECKING:
    from bot.domain.answers.mappings import Reconnection


class Replaced(NamedTuple):
    """A segment before and after."""

    before: Segment
    after: Segment


def ask_again(
    tables: Tables, estate: Estate, segments: Iterable[Segment], change: int
) -> list[Replaced]:
    """Decide these segments anew, store the changed ones and return those."""
    baselines: dict[int, Baseline | None] = {0: None}
    decided = []
    segments = list(segments)
    for segment in segments:
        number = segment.key.baseline
        if number not in baselines:
            baselines[number] = tables.segments.baseline(number)
        placement = decide(segment.key, baselines[number], estate)
        if placement != segment.placement:
            decided.append((segment, placement))
    older = _wishes(segments, decided) if decided else {}
    changed = []
    for segment, placement in decided:
        since = segment.since
        if (placement.at, placement.former) != (segment.desired, segment.former):
            # New, or empty for a while, as when a replica is started; the wish may be older.
            since = older.get((segment.key[:3], placement.at, placement.former), change)
            if placement.former:
                source, _ = estate.places[segment.key.source]
                since = estate.removed[source.id, segment.key.server].change
        after = segment._replace(
            desired=placement.at,
            rule=placement.rule,
            notes=placement.notes,
            former=placement.former,
            since=since,
        )
        changed.append(Replaced(segment, after))
    tables.segments.put(replaced.after for replaced in changed)
    return changed


def classes_of(tables: Tables, estate: Estate, mappings: Iterable[NetworkMapping]) -> list[Segment]:
    """The classes that these mappings are asked for.

    Of a network that is gone those are also the classes on what was made in its place, and going
    home it counts whether a VM is where its mapping leads.
    """
    those: dict[tuple[int, int], None] = {}
    for mapping in mappings:
        source = estate.networks[mapping.source]
        those[source.id, mapping.server] = None
        those[estate.made_anew(source).id, mapping.server] = None
        those[mapping.target, source.server] = None
    return [segment for key in those for segment in tables.segments.of(*key)]


def _wishes(
    segments: Iterable[Segment], decided: Iterable[tuple[Segment, Placement]]
) -> dict[tuple[tuple[int, ...], int, int], int]:
    """A kind of class and its wish -> the change that made that wish; of wishes that stay."""
    other = {
        segment.id
        for segment, placement in decided
        if (placement.at, placement.former) != (segment.desired, segment.former)
    }
    found: dict[tuple[tuple[int, ...], int, int], int] = {}
    for segment in segments:
        if segment.id in other:
            continue
        wish = (segment.key[:3], segment.desired, segment.former)
        found[wish] = max(found.get(wish, 0), segment.since)
    return {wish: since for wish, since in found.items() if since}


def spot(estate: Estate, at: int) -> Spot:
    """A place in names."""
    known = estate.spots.get(at)
    if known is None:
        known = estate.spots[at] = _spot(estate, at)
    return known


def _spot(estate: Estate, at: int) -> Spot:
    if at == NOT_OBSERVED:
        return Spot(observed=False)
    if at not in estate.places:
        return Spot()
    network, subnet = estate.places[at]
    return Spot(
        server=estate.server_named(network.server),
        network=network.name,
        subnet=subnet.name if subnet else None,
    )


def reference(estate: Estate, mapping: NetworkMapping) -> MappingRef:
    """A mapping in names."""
    source = estate.networks[mapping.source]
    target = estate.networks[mapping.target]
    test = estate.networks.get(mapping.test) if mapping.test else None
    return MappingRef(
        id=mapping.label,
        source=source.name,
        on=estate.server_named(source.server),
        target=target.name,
        toward=estate.server_named(mapping.server),
        test=test.name if test else None,
        source_gone=source.gone,
        target_gone=target.gone,
        removed=mapping.removed,
        ends=(source.id, target.id, test.id if test else 0),
    )


def ages(
    ports: Ports,
    estate: Estate,
    servers: Iterable[int],
    stamp: Stamp,
    unread: Sequence[UnreadableVm] = (),
) -> list[Age]:
    """How old the facts of these servers are; each server once, in the order given.

    Args:
        unread: VMs spoken of that their servers could not read: those facts are older.
    """
    found = []
    for id in dict.fromkeys(servers):
        server = estate.servers.get(id)
        if server is not None:
            older = [one.as_of for one in unread if one.server == server.name and one.as_of]
            at = min([server.collected_at, *older])
            hours = (stamp.at - at).total_seconds() / 3600
            found.append(
                Age(
                    server=server.name,
                    collected_at=at,
                    stale=hours > ports.stale_hours,
                    simulated=server.simulated,
                )
            )
    return found


Outcome = Mapping[tuple[int, int], tuple[str, str]]
"""(pair, slot) -> (state, the applier's words)."""

STATES = {
    Readiness.READY: "pending",
    Readiness.WAITING: "waiting",
    Readiness.RUNNING: "running",
    Readiness.FAILED_OVER: "running",
    Readiness.UNKNOWN: "power_unknown",
}
"""What is said of an adapter that does not stand where it belongs, until somebody connects it."""


def worst_first(
    moves: Iterable[Move], segments: dict[int, Segment], names: dict[int, str]
) -> list[Move]:
    """Those that lose their network first, then by how far the subnet is from the wished one."""

    def badness(move: Move) -> tuple[tuple[int, int], str, int, int]:
        ranked = rank(segments[move.segment], move.wish)
        return ranked, names.get(move.pair, ""), move.pair, move.slot

    return sorted(moves, key=badness)


def rank(segment: Segment, wish: int) -> tuple[int, int]:
    """How bad a move of this class is; less is worse."""
    if wish == DISCONNECTED:
        found = 0
    elif segment.rule is Rule.FIRST_SUBNET:
        found = 1 if Note.SEVERAL_SUBNETS in segment.notes else 3
    else:
        found = 2 if segment.notes else 4
    return (0 if segment.readiness is Readiness.READY else 1), found


def in_names(
    tables: Tables,
    estate: Estate,
    moves: Sequence[Move],
    segments: dict[int, Segment],
    outcome: Outcome,
    page: int | None,
) -> tuple[list["Reconnection"], int]:
    """The first moves in names, worst first, and how many are left out.

    Args:
        outcome: where it is not what the segment says.
        page: how many to name; None: all.
    """
    if page is not None and len(moves) > 20 * page:
        rough = worst_first(moves, segments, {})[: 20 * page]  # names only for the page shown
    else:
        rough = list(moves)
    names = tables.vms.names(move.pair for move in rough)
    ordered = worst_first(rough, segments, names)
    shown = ordered if page is None else ordered[:page]
    where = cache(partial(spot, estate))
    found = []
    for move in shown:
        segment = segments[move.segment]
        told = outcome.get((move.pair, move.slot), (STATES[segment.readiness], ""))
        name = names.get(move.pair, "?")
        way = where(move.observed), where(move.wish)
        found.append(reconnection(estate, segment, name, move.slot, way, told))
    return found, len(moves) - len(found)


def reconnection(
    estate: Estate,
    segment: Segment,
    vm: str,
    slot: int,
    way: tuple[Spot, Spot],
    told: tuple[str, str],
) -> "Reconnection":
    """An adapter's way from one place to another, with (state, the applier's words)."""
    from bot.domain.answers.mappings import Reconnection

    return Reconnection(
        vm=vm,
        slot=slot,
        server=estate.server_named(segment.key.server),
        was=way[0],
        to=way[1],
        rule=segment.rule,
        notes=sorted(segment.notes),
        state=told[0],
        said=told[1],
    )
