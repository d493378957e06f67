"""What use cases return; `result` of a machine-readable answer is one of these, dumped as JSON."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from bot.domain.addresses import Expectation
from bot.domain.checks import Availability, Standing, Trial
from bot.domain.codes import FindingKind, Note, Role, Rule, Severity
from bot.domain.model import Model
from bot.domain.remotes import RemoteStanding
from bot.domain.reports import UnreadableVm

if TYPE_CHECKING:
    from pydantic import TypeAdapter


class Age(Model, frozen=True):
    """When a server's inventory was collected: how old an answer's facts are."""

    server: str
    collected_at: datetime
    stale: bool = False
    """Older than the setting allows."""
    simulated: bool = False


class Spot(Model, frozen=True):
    """Where an adapter is or belongs, in names as VMM has them."""

    server: str = ""
    network: str | None = None
    """None: no network."""
    subnet: str | None = None
    observed: bool = True
    """False: nobody could tell; `network` is None then."""


class MappingRef(Model, frozen=True):
    """A mapping in names; `on` is the source's server, `toward` the target's."""

    id: str
    source: str
    on: str
    target: str
    toward: str
    test: str | None = None
    source_gone: bool = False
    target_gone: bool = False
    removed: bool = False
    """It is not in force any more; named as it stood."""


class SubnetChoice(Model, frozen=True):
    """What becomes of one source subnet under a mapping."""

    source: str | None
    """None: adapters without a subnet."""
    target: str | None
    rule: Rule
    notes: list[Note] = []
    adapters: int = 0
    """Pair adapters on it, of pairs at home."""


class Reconnection(Model, frozen=True):
    """A replica's adapter that is to join, or joined, its placement."""

    vm: str
    slot: int
    server: str
    """Where the replica is."""
    was: Spot
    to: Spot
    rule: Rule
    notes: list[Note] = []
    state: str
    """`reconnected`, `pending` (nobody saw it yet), `waiting` (has not replicated), `running` and
    `power_unknown` (left alone), `failed` (the applier said so)."""
    said: str = ""
    """The applier's own words, where it failed."""


class Tally(Model, frozen=True):
    """How many of what, in VMs and in adapters."""

    vms: int = 0
    adapters: int = 0


class MappingChanged(Model):
    """Answer to add, change, remove, undo and apply."""

    verb: str
    """`added`, `changed`, `removed`, `undone`, `applied`, `adopted`, or `unchanged`."""
    dry_run: bool = False
    change: str | None = None
    mappings: list[MappingRef] = []
    """As they stand after it; the removed one as it stood before."""
    previous: str | None = None
    """The target before, where it changed."""
    previous_test: str | None = None
    undone: str | None = None
    """The change that was taken back."""
    adopted: Spot | None = None
    """The network whose new order of subnets was taken over."""
    applier: str | None = None
    """Who reconnected; None: nobody reaches that server, so nothing is confirmed yet."""
    reconnected: Tally = Tally()
    pending: Tally = Tally()
    waiting: Tally = Tally()
    running: Tally = Tally()
    power_unknown: Tally = Tally()
    failed: Tally = Tally()
    already: Tally = Tally()
    """Adapters that stand where they belong already."""
    stays: Tally = Tally()
    """Undo: somebody had connected them before what is undone, so they stay where they are."""
    stays_unknown: bool = False
    """Undo: what is undone was made before netmap noted whom somebody had connected before."""
    disconnects: Tally = Tally()
    """Of the reconnected or pending ones, those that lose their network."""
    by_rule: dict[str, int] = {}
    """Rule code -> adapters, over all that move."""
    subnets: list[SubnetChoice] = []
    moves: list[Reconnection] = []
    more: int = 0
    """Moves beyond those listed."""
    availability: list[Availability] = []
    at_risk: dict[str, list[str]] = {}
    """Protecting cloud that cannot reach the target -> VMs of the cloud it protects."""
    unreachable_hosts: int = 0
    """Adapters whose replica's host does not carry the target."""
    no_host_reaches: list[str] = []
    """Protecting clouds none of whose hosts carries the target's logical network."""
    same_source_targets: list[str] = []
    """Other networks mapped to the same target."""
    replication_not_checked: int = 0
    """VMs on the source network of which no inventory says whether they are replicated."""
    onto_itself: bool = False
    no_pool: int = 0
    """Static adapters whose target subnet has no pool."""
    preconditions: list["Precondition"] = []
    held: str = ""
    """It waits: `look`, for who asked to look at it; `approval`, for another person."""
    request: str | None = None
    """What to `apply` or `approve` to have exactly this done."""
    fingerprint: str = ""
    """Of what was shown and not done; another one means that it would do something else."""
    ages: list[Age] = []


class Precondition(Model, frozen=True):
    """Something network mapping takes for granted, and how it stands."""

    kind: FindingKind
    network: str = ""
    server: str = ""
    cloud: str = ""
    standing: Standing


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


class SubnetFacts(Model, frozen=True):
    name: str
    ranges: list[str] = []
    """`10.1.0.0/24 VLAN 110`."""
    pools: int | None = None


class NetworkFacts(Model):
    """One VM network as it was retrieved."""

    id: str
    name: str
    server: str
    logical_network: str | None = None
    logical_known: bool = False
    isolation: str | None = None
    subnets: list[SubnetFacts] = []
    vms: int = 0
    adapters: int = 0
    mapped: list[MappingRef] = []
    gone: bool = False
    reordered: bool = False


class NetworkList(Model):
    """Answer to `networks`."""

    networks: list[NetworkFacts]
    more: int = 0
    ages: list[Age] = []


class ServerFacts(Model, frozen=True):
    id: str
    name: str
    networks: int
    vms: int
    replicated: int
    clouds: list[str]
    mapped_from: int
    mapped_to: int
    not_checked: list[str]
    """Kinds its inventories never listed."""
    age: Age


class ServerList(Model):
    """Answer to `servers`."""

    servers: list[ServerFacts]


class ListRow(Model, frozen=True):
    """A network of the mapping table; `mapping` None: a blank."""

    network: str
    certain: str
    """What a command must call it: its name, or its id where its server has two of that name."""
    mapping: MappingRef | None = None
    vms: int = 0
    """Whose active side is on it."""
    adapters: int = 0


class ListGroup(Model):
    """One pair of servers."""

    source: str
    target: str
    """Empty: networks of `source` that are mapped nowhere."""
    rows: list[ListRow] = []
    more: int = 0


class MappingList(Model):
    """Answer to `list`."""

    groups: list[ListGroup]
    mapped: int = 0
    unmapped: int = 0
    text: str = ""
    ages: list[Age] = []


class MappingCard(Model):
    """Answer to `show`: a network, and every mapping from it."""

    network: NetworkFacts
    mappings: list["MappingDetail"] = []
    mapped_here: list[MappingRef] = []
    """Mappings to this network."""
    preconditions: list[Precondition] = []
    history: list["ChangeLine"] = []
    ages: list[Age] = []


class MappingDetail(Model):
    """One mapping, side by side."""

    mapping: MappingRef
    by: str
    at: datetime
    subnets: list[SubnetChoice] = []
    target_subnets: list[SubnetFacts] = []
    availability: list[Availability] = []
    vms: int = 0
    adapters: int = 0
    away: int = 0
    """Of those: of pairs away from home. They go home by what they were, not by the subnets."""
    connected: int = 0
    disconnected: int = 0
    """Of VMs that are failed over: at home they belong on no network, and are on none."""
    pending: int = 0
    drifted: int = 0
    left_alone: int = 0
    not_observed: int = 0
    unplaced: int = 0
    """No placement can be told, as where the target is gone."""


@dataclass(slots=True)
class Finding:
    """One kind on one mapping, network, VM or server; adapters are its counted members.

    There may be a thousand at every look, and a model takes eight times as long to make.
    """

    kind: FindingKind
    severity: Severity
    key: str
    """Kind and ids, never names: the same finding has the same key tomorrow."""
    subject: str
    """What it is about, in names."""
    server: str = ""
    toward: str = ""
    adapters: int = 0
    vms: int | None = None
    """None: not counted."""
    examples: list[str] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    fix: tuple[str, dict[str, object]] | None = None
    """A command that mends it: its name and values."""
    id: str = ""
    """`F7`; empty until it was kept."""
    since: datetime | None = None
    """When it was first seen."""
    state: str = ""
    """`acknowledged` or `snoozed`; empty: open."""
    until: datetime | None = None
    """When that ends."""
    reason: str = ""

    def kept(self) -> str:
        """As text, to be read later."""
        return _finding().serializer.to_json(self).decode()


def finding_again(kept: str) -> Finding:
    """What was kept."""
    return _finding().validate_json(kept)


@cache
def _finding() -> "TypeAdapter[Finding]":
    from pydantic import TypeAdapter

    return TypeAdapter(Finding)


class DriftReport(Model):
    """Answer to `drift`."""

    findings: list[Finding]
    """Worst first."""
    counts: dict[str, int] = {}
    """Severity -> findings."""
    vms_at_risk: int = 0
    """VMs that would come up without a network, or on the wrong one."""
    more_at_risk: bool = False
    """There are more of them, too many to be counted."""
    checked: list[Age] = []
    server: str = ""


class Plan(Model):
    """Answer to `plan`."""

    fingerprint: str
    """Changes when the plan does; `apply` wants it."""
    server: str = ""
    total: Tally
    disconnects: int = 0
    moves: list[Reconnection] = []
    more: int = 0
    waiting: int = 0
    left_alone: int = 0
    without_applier: list[str] = []
    """Servers of the plan that no applier reaches."""
    ages: list[Age] = []


class ChangeLine(Model, frozen=True):
    """A row of the history."""

    id: str
    kind: str
    by: str
    at: datetime
    text: str
    reason: str = ""
    undone_by: str | None = None
    undoable: bool = False


class History(Model):
    """Answer to `history`."""

    changes: list[ChangeLine]
    about: str = ""
    more: bool = False


class Who(Model):
    """Answer to `whoami`."""

    by: str
    role: Role
    may: list[str]


class Scheduler(Model, frozen=True):
    """How what runs by the clock does."""

    ticked_at: datetime
    looked_at: datetime | None = None
    """When findings were last looked for."""
    silent: bool = False
    """It has not run for so long that it must have stopped."""
    digests: int = 0
    paused: list[str] = []
    next_run: datetime | None = None
    waiting: int = 0
    """Messages on their way out."""
    waiting_since: datetime | None = None
    failed_imports: list[str] = []


class Process(Model, frozen=True):
    """One that serves the database now."""

    pid: int
    door: str
    """`socket`, `http` or `workspace`."""
    since: datetime


class Status(Model):
    """Answer to `status`."""

    version: str
    sample: bool
    rehearsal: bool = False
    """A copy of a real database: what is done in it reaches no site."""
    servers: list[Age]
    mappings: int
    last_change: str | None = None
    pending: int = 0
    appliers: list[str] = []
    remotes: list[RemoteStanding] = []
    """VMM servers that netmap talks to itself."""
    scheduler: Scheduler | None = None
    """None: it has never run on this database."""
    processes: list[Process] = []


class HelpEntry(Model, frozen=True):
    name: str
    usage: str
    summary: str
    example: str
    role: Role
    aliases: list[str] = []


class Help(Model):
    """Answer to `help`."""

    commands: list[HelpEntry]
    about: str = ""


class HomeSet(Model):
    """Answer to `home`."""

    vm: str
    home: str
    before: str
    change: str | None


class Forgotten(Model):
    """Answer to `forget`."""

    server: str
    change: str
    networks: int
    vms: int
