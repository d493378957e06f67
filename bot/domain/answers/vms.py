"""Where VMs come up."""

from datetime import datetime

from bot.domain.addresses import Expectation
from bot.domain.answers.shared import Age, Spot, UnreadableVm
from bot.domain.checks import Trial
from bot.domain.codes import Note, Rule
from bot.domain.model import Model


class AdapterAnswer(Model):
    """Where one adapter of a replica comes up, and why."""

    slot: int
    name: str = ""
    source: Spot
    """Where the active side's adapter is."""
    target: Spot | None = None
    """Where the replica's belongs; None: netmap has no opinion."""
    rule: Rule
    notes: list[Note] = []
    missing: str | None = None
    """The subnet name the target does not have."""
    mapping: str | None = None
    now: Spot | None = None
    """Where the replica's adapter is; None: there is none."""
    standing: str = ""
    """`connected`, `pending`, `drifted`, `wrong_subnet`, `by_hand`, `disconnect_pending`, ``."""
    since: str | None = None
    """The change that made the wish, for `pending`; the one that saw it move, for `drifted`."""
    addresses: list[str] = []
    expected: Expectation | None = None
    test: Trial | None = None
    fix: tuple[str, dict[str, object]] | None = None
    """The command that maps its network, `<network>` standing for the one to choose."""


class PairAnswer(Model):
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
    """When the present active side was first seen."""
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
    adapters: list[AdapterAnswer] = []
    only_here: list[int] = []
    """Slots the replica does not have."""
    only_there: list[int] = []
    """Slots only the replica has."""
    unreadable: list[UnreadableVm] = []
    """Its sides that their servers could not read."""
    ages: list[Age] = []


class LoneAnswer(Model):
    """A VM object that is in no pair."""

    vm: str
    server: str
    role: str | None
    """None: the inventory does not say whether it is replicated."""
    power: str | None = None
    adapters: list[AdapterAnswer] = []
    """With the placement a mapping would give its replica, where there is a mapping."""
    unreadable: list[UnreadableVm] = []
    """Itself, where its server could not read it."""
    ages: list[Age] = []


class VmAnswer(Model):
    """Answer to `vm`."""

    asked: list[str]
    pairs: list[PairAnswer] = []
    alone: list[LoneAnswer] = []
    unknown: dict[str, list[str]] = {}
    """Name that was not found -> near ones."""
    never_read: list[UnreadableVm] = []
    """Of these, those that a server lists and could not read."""
    test: bool = False
