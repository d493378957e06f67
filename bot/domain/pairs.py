"""A replicated VM: two VMM objects that share a Hyper-V id."""

from collections.abc import Sequence
from enum import IntFlag
from typing import NamedTuple

from bot.domain.codes import Power, VmRole
from bot.domain.estate import NO_OPINION
from bot.domain.placements import SegmentKey


class PairFault(IntFlag):
    """What is wrong with a pair as a whole; stored as a bit mask."""

    ADAPTER_MISMATCH = 1
    """The sides do not have the same slots."""
    SEVERAL_ADDRESSES = 2
    """An adapter of the active side has more than one address."""
    BOTH_PRIMARY = 4
    """Both objects claim to be primary; the newer inventory won."""
    OTHER_SIDE_UNKNOWN = 8
    """Only one object was found."""
    NOT_OBSERVED = 16
    """Where an adapter of the replica is connected could not be told."""
    BOTH_REPLICA = 32
    """Both objects say replica; the newer inventory is right about itself."""
    WAS_AWAY = 64
    """Both claim to be primary, and it was away from home before they did."""


class VmNic(NamedTuple):
    slot: int
    at: int
    addressing: int
    addresses: int
    """How many."""


class VmObject(NamedTuple):
    """One VMM object, as much of it as pairing needs."""

    id: int
    server: int
    role: VmRole | None
    state: str | None
    power: Power | None
    cloud: int
    reach: int
    collected_at: str
    """ISO 8601 UTC, of its server's inventory."""
    nics: tuple[VmNic, ...]


class Left(NamedTuple):
    """What is kept of an adapter that one side, or both, do not list at present."""

    slot: int
    baseline: int
    """0: none was frozen."""
    passive: int
    """The replica that was last seen with it."""
    observed: int
    observed_since: int


class Sides(NamedTuple):
    """Which object is which."""

    active: VmObject | None
    """The one whose role is primary."""
    passive: VmObject | None
    failed_over: bool
    """The passive one runs after a failover that was not reversed yet."""
    both_primary: bool = False


class PairNic(NamedTuple):
    """A pair adapter: slot by slot, what the class is and where the replica was seen."""

    slot: int
    key: SegmentKey
    observed: int
    observed_since: int
    """The change that first showed it there; 0: it was there before its pair went away."""
    joined: int
    desired: int = NO_OPINION
    """Of a stored one, the wish of its class: a place, 0 or -2."""


class Pair(NamedTuple):
    """A pair, stored or to be stored. Ids of VM objects; 0 where the other side is unknown.

    Of a pair whose objects are all gone both are kept, should they come back.
    """

    id: int
    """Of the stored pair it continues; 0: new."""
    active: int
    passive: int
    home: int
    """0: not known yet."""
    away: bool
    failed_over: bool
    home_set: bool
    """An admin set where it is at home."""
    faults: int
    """Of `PairFault`."""
    nics: tuple[PairNic, ...]
    left: tuple[Left, ...] = ()


class Derived(NamedTuple):
    """The pairs of one Hyper-V id, as stored and as they are to be stored."""

    hyperv: str
    known: Sequence[Pair]
    pairs: Sequence[Pair]
