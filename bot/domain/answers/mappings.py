"""What a change of the mapping table comes to, and the table itself."""

from bot.domain.answers.shared import Age, Long, MappingRef, Restored, Spot, Tally
from bot.domain.checks import Availability, Standing
from bot.domain.codes import FindingKind, Note, Rule
from bot.domain.model import Model


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


class Precondition(Model, frozen=True):
    """Something network mapping takes for granted, and how it stands."""

    kind: FindingKind
    network: str = ""
    server: str = ""
    cloud: str = ""
    standing: Standing


class MappingChanged(Long):
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


class Plan(Long):
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
    restored: Restored | None = None


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


class MappingList(Long):
    """Answer to `list`."""

    groups: list[ListGroup]
    mapped: int = 0
    unmapped: int = 0
    text: str = ""
    ages: list[Age] = []
