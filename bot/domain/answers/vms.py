"""Where VMs come up.

Dataclasses: one answer makes a dozen of these, and a model takes eight times as long to make.
"""

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.addresses import Expectation
from bot.domain.answers.shared import Age, Spot, UnreadableVm
from bot.domain.checks import Trial
from bot.domain.codes import Note, Rule


@dataclass(slots=True, kw_only=True)
class AdapterAnswer:
    """Where one adapter of a replica comes up, and why."""

    slot: int
    name: str = ""
    source: Spot
    """Where the active side's adapter is."""
    target: Spot | None = None
    """Where the replica's belongs; None: netmap has no opinion."""
    rule: Rule
    notes: list[Note] = field(default_factory=list)
    missing: str | None = None
    """The subnet name the target does not have."""
    mapping: str | None = None
    now: Spot | None = None
    """Where the replica's adapter is; None: there is none."""
    standing: str = ""
    """`connected`, `pending`, `drifted`, `wrong_subnet`, `by_hand`, `disconnect_pending`, ``."""
    since: str | None = None
    """The change that made the wish, for `pending`; the one that saw it move, for `drifted`."""
    addresses: list[str] = field(default_factory=list)
    expected: Expectation | None = None
    test: Trial | None = None
    fix: tuple[str, dict[str, object]] | None = None
    """The command that maps its network, `<network>` standing for the one to choose; None where it
    has a network to join."""


@dataclass(slots=True, kw_only=True)
class PairAnswer:
    """One replicated VM."""

    vm: str
    replica_name: str = ""
    """The replica's name, where it is another."""
    pair: int
    active: str
    """Server of the active side; empty where unknown."""
    passive: str
    """Server of the replica; empty where unknown."""
    home: str
    away: bool = False
    failed_over: bool = False
    since: datetime | None = None
    """When it was first seen running where it runs now; None: it was never seen elsewhere."""
    cloud: str | None = None
    protecting_cloud: str | None = None
    host: str | None = None
    """The replica's."""
    partner_host: str | None = None
    state: str | None = None
    health: str | None = None
    power: str | None = None
    """Of the replica; for a failed-over pair, of the running one."""
    readiness: str = "ready"
    both_primary: bool = False
    runs_twice: bool = False
    """It was failed over, and its other side runs too, as seen since then."""
    adapters: list[AdapterAnswer] = field(default_factory=list)
    only_here: list[int] = field(default_factory=list)
    """Slots the replica does not have."""
    only_there: list[int] = field(default_factory=list)
    """Slots only the replica has."""
    unreadable: list[UnreadableVm] = field(default_factory=list)
    """Its sides that their servers could not read."""
    ages: list[Age] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class LoneAnswer:
    """A VM object that is in no pair."""

    vm: str
    server: str
    role: str | None
    """None: the inventory does not say whether it is replicated."""
    power: str | None = None
    adapters: list[AdapterAnswer] = field(default_factory=list)
    """With the placement a mapping would give its replica, where there is a mapping."""
    unreadable: list[UnreadableVm] = field(default_factory=list)
    """Itself, where its server could not read it."""
    ages: list[Age] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class VmAnswer:
    """Answer to `vm`."""

    asked: list[str]
    pairs: list[PairAnswer] = field(default_factory=list)
    alone: list[LoneAnswer] = field(default_factory=list)
    unknown: dict[str, list[str]] = field(default_factory=dict)
    """Name that was not found -> near ones."""
    server: str = ""
    """The server that was asked for; empty: any."""
    elsewhere: dict[str, list[str]] = field(default_factory=dict)
    """Name that is not at that server -> those where it is."""
    never_read: list[UnreadableVm] = field(default_factory=list)
    """Of these, those that a server lists and could not read."""
    test: bool = False
