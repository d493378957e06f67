"""Where a replica's adapter belongs, and the classes of adapters that share the answer."""

from typing import NamedTuple

from bot.domain.codes import Note, Readiness, Rule


class Placement(NamedTuple):
    """Where an adapter belongs: a place, 0 for no network, -2 for no opinion; and why."""

    at: int
    rule: Rule
    notes: frozenset[Note] = frozenset()
    former: int = 0
    """With no opinion because the mapping was removed: the network the mapping led to last.

    Replicas that stand on it, or on another that it led to before, since it did are wished
    disconnected.
    """


class Baseline(NamedTuple):
    """What was frozen per adapter at the import that first showed its pair away from home."""

    home: int
    """Where its own connection at home was."""
    away: int
    """Where the replica was last observed, else its forward placement."""
    mapped: int
    """The network that network was mapped to toward home then; 0: it was not mapped."""


class SegmentKey(NamedTuple):
    """A class of pair adapters for which the rule gives one answer."""

    source: int
    """Place of the active side's adapter."""
    server: int
    """The VMM server of the passive side."""
    baseline: int
    """0 at home, else the baseline's id."""
    readiness: int
    cloud: int
    """Cloud of the active VM; 0 when not checked."""
    toward: int
    """Cloud of the passive VM; 0 when not checked."""
    reach: int
    """Reach class of the passive VM's host; 0 when not checked."""
    addressing: int
    """0 not checked, 1 static, 2 DHCP."""


_READINESS = tuple(Readiness)
"""Asked for by the hundred thousand, and an enum takes its time."""


class Segment(NamedTuple):
    """A class with its answer as stored."""

    id: int
    key: SegmentKey
    desired: int
    rule: Rule
    notes: frozenset[Note]
    former: int
    since: int
    """The change that made this wish."""
    adapters: int

    @property
    def readiness(self) -> Readiness:
        return _READINESS[self.key.readiness]

    @property
    def placement(self) -> Placement:
        # What `_make` does, without its detour: it is asked for by the thousand at every look.
        return tuple.__new__(Placement, self[2:6])


class Move(NamedTuple):
    """A pair adapter that is not where it belongs."""

    pair: int
    slot: int
    segment: int
    observed: int
    wish: int
    pending: bool
    """It has not moved since the wish was made; False: it has drifted. SQLite gives 1 and 0."""

    @property
    def number(self) -> int:
        """Pair and slot as one number."""
        return self.pair * 256 + self.slot


class Confirmed(NamedTuple):
    """A pair adapter that VMM said to have connected."""

    pair: int
    slot: int
    passive: int
    """The VM object it is of."""
    at: int
    """Where it was connected."""
    change: int

    @property
    def number(self) -> int:
        """Pair and slot as one number."""
        return self.pair * 256 + self.slot


Astray = tuple[int, int]
"""An adapter that stands at a place that is not its own, as numbers: where, and its pair.

Where as `apart` tells it apart; no noun, as there are thousands at every look.
"""


def apart(where: int) -> tuple[int, int, bool]:
    """Its class, its place, and whether it came there after the wish was made."""
    return where >> 33, where >> 1 & 0xFFFF_FFFF, bool(where & 1)


class Group(NamedTuple):
    """How many adapters of a class stand at one place that is not theirs."""

    segment: int
    observed: int
    wish: int
    until: int
    """The last change since which they may stand there; who came later is not of the group."""
    adapters: int


class Place(NamedTuple):
    """Where an adapter is or belongs, in names. All empty: connected to nothing."""

    server: str = ""
    network: str = ""
    subnet: str = ""
    observed: bool = True

    def __str__(self) -> str:
        if not self.observed:
            return "not observed"
        if not self.network:
            return "no network"
        return f"{self.network} / {self.subnet}" if self.subnet else self.network


ADDRESSING_CODES = {None: 0, "static": 1, "dhcp": 2}
STATIC, DHCP = 1, 2
