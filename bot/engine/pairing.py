"""Find the pairs among VMM objects that share a Hyper-V id, and what each adapter's class is.

The active side is the one whose role is primary. Where both claim to be, the newer inventory wins;
where both say replica, the newer one is right about itself. A role that was not listed is the
opposite of the other's. Test replicas and unreplicated VMs are in no pair; an extended replica
makes a second one. A pair whose objects are all gone is kept as it was: gone is not unreplicated,
and they may be back with the next inventory. Home is the object that was primary when the pair was
first seen, unless an inventory states which cloud protects which, or an admin says so. VMM gives a
VM that it finds again another id, as every VM of a server that was built anew: where home was such
an object, the one that came to that server in its place is home, and what is frozen is where the
old one was.
"""

from collections.abc import Callable, Sequence

from bot.domain.codes import Power, Readiness, VmRole
from bot.domain.estate import DISCONNECTED, NOT_OBSERVED
from bot.domain.pairs import Left, Pair, PairFault, PairNic, Sides, VmNic, VmObject
from bot.domain.placements import Baseline, SegmentKey

WAITING_STATES = frozenset(
    {
        "disabled",
        "readyforinitialreplication",
        "initialreplicationinprogress",
        "waitingforinitialreplication",
    }
)
"""Hyper-V replication states, spaces and case aside, in which a VM has not replicated yet."""


ADDED_AWAY = Baseline(home=DISCONNECTED, away=DISCONNECTED, mapped=0)
"""Of an adapter that a pair got while it was away: it stood nowhere, so its mapping home counts."""


def derive(
    objects: Sequence[VmObject],
    known: Sequence[Pair],
    change: int,
    mapped: Callable[[int, int], int],
    intern: Callable[[Baseline], int],
    protected: frozenset[tuple[int, int]] = frozenset(),
    frozen: Callable[[int], Baseline | None] = lambda _: None,
    server_of: Callable[[int], int] = lambda _: 0,
) -> list[Pair]:
    """The pairs of one Hyper-V id as they are to be stored.

    Args:
        objects: all VMM objects of that Hyper-V id that are not gone.
        known: the pairs stored so far.
        change: the number of the import that brings this.
        mapped: (place, server) -> the network its network is mapped to there; 0: not mapped.
        intern: Baseline -> its id.
        protected: (protected cloud, protecting cloud), where inventories state it.
        frozen: the reverse of `intern`.
        server_of: object, gone or not -> its server.
    """
    if not objects:
        return [_asleep(pair) for pair in known]
    found = find_sides(objects)
    pairs = []
    for sides, before in zip(found, _continued(found, known), strict=True):
        if before is not None:
            before = before._replace(home=_home_again(sides, before, server_of))
        home = _home(sides, before, protected)
        pairs.append(_pair(sides, before, home, change, mapped, intern, frozen))
    return pairs


def lone_pair(role: VmRole | None, several: bool) -> Pair | None:
    """The pair of an object whose other side is nowhere, as if its id were 1; None: it is in none.

    Args:
        several: an adapter of it has more than one address.
    """
    nic = VmNic(slot=0, at=0, addressing=0, addresses=2 if several else 1)
    alone = VmObject(1, 0, role, None, None, 0, 0, "", (nic,))
    found = derive([alone], (), 0, lambda at, server: 0, lambda baseline: 0)
    return found[0] if found else None


def _continued(found: Sequence[Sides], known: Sequence[Pair]) -> list[Pair | None]:
    """For each pair the stored one it continues: of the same two objects, else of one of them.

    An only pair is the one there was, whatever its objects: they may have vanished and come back
    one after the other.
    """
    if not known:
        return [None] * len(found)
    left = list(known)
    matched: list[Pair | None] = [None] * len(found)
    for shared in (2, 1):
        for n, sides in enumerate(found):
            ids = {side.id for side in (sides.active, sides.passive) if side}
            if matched[n] is None:
                fits = (k for k in left if len(ids & {k.active, k.passive}) >= shared)
                matched[n] = best = next(fits, None)
                if best is not None:
                    left.remove(best)
    if len(known) == len(found) == 1:
        return list(known)
    return matched


def find_sides(objects: Sequence[VmObject]) -> list[Sides]:
    """Which objects form pairs, and which side is which."""
    if len(objects) == 1:  # half of all while the other server's inventory is not there yet
        (alone,) = objects
        if alone.role is VmRole.PRIMARY:
            return [Sides(alone, None, False)]
        return [Sides(None, alone, False)] if alone.role is VmRole.REPLICA else []
    those = [o for o in objects if o.role not in (VmRole.TEST, VmRole.NONE)]
    primaries = [o for o in those if o.role is VmRole.PRIMARY]
    replicas = [o for o in those if o.role is VmRole.REPLICA]
    unknown = [o for o in those if o.role is None]
    if not primaries and not replicas:
        return []
    if not primaries and unknown:
        primaries, unknown = unknown[:1], unknown[1:]
    replicas += unknown
    if not primaries:
        if len(replicas) == 1:
            return [Sides(None, replicas[0], False)]
        replicas.sort(key=lambda o: (o.collected_at, o.id))
        primaries, replicas = replicas[:1], replicas[1:]
    both = len(primaries) > 1
    if both:
        primaries.sort(key=lambda o: (o.collected_at, o.power is Power.RUNNING, o.id), reverse=True)
        replicas = primaries[1:] + replicas
    active = primaries[0]
    if not replicas:
        return [Sides(active, None, False)]
    return [
        Sides(active, replica, _failed_over(replica), both and replica.role is VmRole.PRIMARY)
        for replica in sorted(replicas, key=lambda o: o.id)
    ]


def runs_away(pair: Pair) -> bool:
    """Whether the VM runs on the side that is not its home, reversed or not."""
    return pair.away != pair.failed_over


def readiness(passive: VmObject, failed_over: bool, away: bool) -> Readiness:
    """Whether a mapping change may reach this replica now; only one known to be off may be."""
    if failed_over and not away:
        return Readiness.FAILED_OVER
    if passive.power is not None and passive.power is not Power.OFF:
        return Readiness.RUNNING
    if passive.state is not None and _plain(passive.state) in WAITING_STATES:
        return Readiness.WAITING
    return Readiness.UNKNOWN if passive.power is None else Readiness.READY


def _plain(state: str) -> str:
    return state.replace(" ", "").casefold()


def _failed_over(replica: VmObject) -> bool:
    return replica.power is Power.RUNNING and _says_failed_over(replica)


def _says_failed_over(replica: VmObject) -> bool:
    return replica.state is not None and _plain(replica.state).startswith("failedover")


def _still_failed_over(replica: VmObject, known: Pair) -> bool:
    """Whether it was, and nobody can tell whether it still runs."""
    was = known.failed_over and known.passive == replica.id
    return was and replica.power is None and _says_failed_over(replica)


def _home_again(sides: Sides, known: Pair, server_of: Callable[[int], int]) -> int:
    """The object that is the known home, or that came in its place."""
    here = [side for side in (sides.active, sides.passive) if side]
    if not known.home or known.home in [side.id for side in here]:
        return known.home
    server = server_of(known.home)
    new = [o for o in here if o.server == server and o.id not in (known.active, known.passive)]
    if len(new) == 2:  # on one server; their clouds tell them apart
        clouds = {nic.key.toward if known.away else nic.key.cloud for nic in known.nics} - {0}
        new = [o for o in new if o.cloud in clouds]
    return new[0].id if len(new) == 1 else known.home


def _home(sides: Sides, known: Pair | None, protected: frozenset[tuple[int, int]]) -> int:
    ids = [side.id for side in (sides.active, sides.passive) if side]
    if known is not None and known.home_set and known.home in ids:
        return known.home
    if sides.active and sides.passive:
        clouds = (sides.active.cloud, sides.passive.cloud)
        forth, back = clouds in protected, clouds[::-1] in protected
        if forth != back:
            return sides.active.id if forth else sides.passive.id
    if known is not None and known.home and (known.home in ids or len(ids) == 1):
        return known.home
    return sides.active.id if sides.active else 0


def _asleep(known: Pair) -> Pair:
    return known._replace(faults=0, nics=(), left=_left(known, (), at_home=False))


def _pair(
    sides: Sides,
    known: Pair | None,
    home: int,
    change: int,
    mapped: Callable[[int, int], int],
    intern: Callable[[Baseline], int],
    frozen: Callable[[int], Baseline | None],
) -> Pair:
    active, passive = sides.active, sides.passive
    failed_over = sides.failed_over
    if known is not None and active is not None and passive is not None:
        failed_over = failed_over or _still_failed_over(passive, known)
    away = bool(active and home and active.id != home)
    faults = PairFault(0)
    if active is None or passive is None:
        faults |= PairFault.OTHER_SIDE_UNKNOWN
    if sides.both_primary:
        faults |= PairFault.BOTH_PRIMARY
        disputed = known is not None and known.faults & PairFault.BOTH_PRIMARY
        if known and (known.faults & PairFault.WAS_AWAY if disputed else runs_away(known)):
            faults |= PairFault.WAS_AWAY
    if active and active.role is VmRole.REPLICA:
        faults |= PairFault.BOTH_REPLICA
    if active and any(nic.addresses > 1 for nic in active.nics):
        faults |= PairFault.SEVERAL_ADDRESSES
    nics: tuple[PairNic, ...] = ()
    at_home = False
    if active and passive:
        here = {nic.slot: nic for nic in active.nics}
        there = {nic.slot: nic for nic in passive.nics}
        if here.keys() != there.keys():
            faults |= PairFault.ADAPTER_MISMATCH
        if any(nic.at == NOT_OBSERVED for nic in passive.nics):
            faults |= PairFault.NOT_OBSERVED
        before = {nic.slot: nic for nic in known.nics} if known else {}
        same_way = known is not None and known.passive == passive.id
        returning = known is not None and known.active == passive.id and not away
        replica = active if away else passive
        seen = before if known is not None and known.passive == replica.id else {}
        left = {one.slot: one for one in known.left} if known is not None else {}
        ready = readiness(passive, failed_over, away)
        was_away = known is not None and (known.away or known.failed_over) and (before or left)
        at_home = not away and ready is not Readiness.FAILED_OVER
        # Home came anew before it was seen to be left: on nothing, it was where the old one was.
        left_anew = (
            known is not None
            and known.home == home
            and not known.away
            and known.active not in (0, active.id, passive.id)
        )

        def baseline_of(slot: int) -> int:
            if at_home:
                return 0
            if slot in before and before[slot].key.baseline:
                return before[slot].key.baseline
            if slot in left and left[slot].baseline:
                return left[slot].baseline
            home_side, away_side = (there, here) if away else (here, there)
            if was_away and not home_side[slot].at:
                return intern(ADDED_AWAY)
            server = passive.server if away else active.server
            last = _last_seen(away_side[slot], seen.get(slot))
            old = before.get(slot) if away and left_anew else None
            home_at = home_side[slot].at or (old.key.source if old is not None else DISCONNECTED)
            return intern(Baseline(home_at, last, mapped(last, server)))

        def there_since(slot: int) -> int:
            """0 for a replica again that is where it was when it last was one."""
            at = there[slot].at
            old = before.get(slot) if returning else None
            baseline = frozen(old.key.baseline) if old and old.key.baseline else None
            if baseline is not None and baseline.away == at:
                return 0
            last = left.get(slot)
            if last is not None and (last.passive, last.observed) == (passive.id, at):
                return last.observed_since
            return change

        nics = tuple(
            _nic(
                slot,
                SegmentKey(
                    source=here[slot].at,
                    server=passive.server,
                    baseline=baseline_of(slot),
                    readiness=ready,
                    cloud=active.cloud,
                    toward=passive.cloud,
                    reach=passive.reach,
                    addressing=here[slot].addressing,
                ),
                there[slot].at,
                before.get(slot) if same_way else None,
                change,
                there_since,
            )
            for slot in sorted(here.keys() & there.keys())
        )
    return Pair(
        id=known.id if known else 0,
        active=active.id if active else 0,
        passive=passive.id if passive else 0,
        home=home,
        away=away,
        failed_over=failed_over,
        home_set=bool(known and known.home_set and known.home == home),
        faults=faults,
        nics=nics,
        left=_left(known, nics, at_home),
    )


def _left(known: Pair | None, nics: Sequence[PairNic], at_home: bool) -> tuple[Left, ...]:
    """What is kept of the adapters that were known and are not among these.

    That a VM or an adapter is missing in an inventory or two does not change what it was.

    Args:
        at_home: nothing that was frozen counts any more.
    """
    if known is None:
        return ()
    here = {nic.slot for nic in nics}
    left = [one for one in known.left if one.slot not in here]
    left += [
        Left(nic.slot, nic.key.baseline, known.passive, nic.observed, nic.observed_since)
        for nic in known.nics
        if nic.slot not in here
    ]
    if at_home:
        left = [one._replace(baseline=0) for one in left]
    return tuple(sorted(one for one in left if one.baseline or one.observed > 0))


def _last_seen(nic: VmNic, old: PairNic | None) -> int:
    """Where the replica was when it was last seen as one; where it stands if that is its placement.

    What the import that shows the failover observed may already be somebody's later doing, unless
    it is just what the mapping wished.
    """
    if old is None:
        return nic.at
    if old.observed == NOT_OBSERVED or nic.at == old.desired:
        return old.desired if old.desired >= 0 else nic.at
    return old.observed


def _nic(
    slot: int,
    key: SegmentKey,
    observed: int,
    old: PairNic | None,
    change: int,
    there_since: Callable[[int], int],
) -> PairNic:
    if old is None:
        return PairNic(slot, key, observed, there_since(slot), change)
    same_wish = old.key[:3] == key[:3]
    return PairNic(
        slot,
        key,
        observed,
        old.observed_since if old.observed == observed else change,
        old.joined if same_wish else change,
    )
