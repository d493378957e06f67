"""Every sentence for a code: codes are stored, sentences are rendered."""

from bot.domain.answers.shared import Spot
from bot.domain.codes import ChangeKind, FindingKind, LineState, Note, Role, Rule, Severity
from bot.domain.numbers import plural

NO_NETWORK = "WITHOUT A NETWORK"

RULE = {
    Rule.SAME_NAME: "same name",
    Rule.FIRST_SUBNET: "first subnet",
    Rule.NO_SUBNETS: "no subnets there",
    Rule.UNCHANGED: "as it was",
    Rule.SOURCE_DISCONNECTED: "source on no network",
    Rule.NOT_MAPPED: "not mapped",
    Rule.TARGET_GONE: "target gone",
    Rule.NOT_CHECKED: "not checked",
}
"""The rule in a column."""

NOTE = {
    Note.SEVERAL_SUBNETS: "the target has several subnets, none of that name",
    Note.OTHER_CASE: "the name matches in other letter case only",
    Note.CASE_AMBIGUOUS: "several target subnets differ by letter case only, the first counts",
    Note.MAPPING_REMOVED: "its mapping home was removed since the failover",
    Note.OTHER_SUBNET: "it is on another subnet of that network now",
    Note.MADE_ANEW: (
        "a network or subnet was deleted and made anew since the failover; the one of its name"
        " counts as it"
    ),
    Note.NO_POOL: "the target subnet has no address pool",
    Note.UNREACHABLE_HOST: "the replica's host cannot reach the target network",
    Note.UNREACHABLE_CLOUD: "the replica's cloud cannot reach the target network",
}

SEVERITY = {
    Severity.HIGH: "high",
    Severity.MEDIUM: "medium",
    Severity.LOW: "low",
    Severity.UNKNOWN: "not checked",
}

WHY = {
    Severity.HIGH: "a server would come up without a network, or on the wrong one",
    Severity.MEDIUM: "servers come up connected, but not as they should",
    Severity.LOW: "worth knowing, and no server comes up otherwise for it",
    Severity.UNKNOWN: "nobody can tell, which is never the same as fine",
}
"""Why a finding is of that severity."""

STATE = {
    "reconnected": "",
    "pending": "",
    "waiting": "waits for its initial replication",
    "running": "left alone: it is running",
    "power_unknown": "left alone: power state unknown",
    "failed": "FAILED",
}
"""What became of one reconnection, beside its rule."""

STANDING = {
    "connected": "connected",
    "pending": "pending",
    "drifted": "DRIFTED",
    "wrong_subnet": "wrong subnet",
    "by_hand": "connected by hand",
    "disconnect_pending": "to be disconnected",
}
"""How a replica's adapter stands, in a column."""

READINESS = {
    "ready": "",
    "waiting": "it waits for its initial replication",
    "running": "the replica is running, so nothing touches it",
    "unknown": "its power state is not known, so nothing touches it",
    "failed_over": "it runs after a failover, so nothing touches it",
}

TRIAL_REFUSAL = {
    "virtualized_without_isolation": (
        "the test network is virtualized and the VM's own network has no isolation"
    ),
    "dhcp_with_vlan": (
        "the test network is virtualized and the VM gets its address by DHCP on a VLAN"
    ),
}

CHANGE = {
    ChangeKind.ADD: "mapped",
    ChangeKind.CHANGE: "changed",
    ChangeKind.REMOVE: "removed",
    ChangeKind.UNDO: "taken back",
    ChangeKind.IMPORT: "imported",
    ChangeKind.APPLY: "applied",
    ChangeKind.ADOPT: "order adopted",
    ChangeKind.FORGET: "forgotten",
    ChangeKind.HOME: "home set",
    ChangeKind.DIGEST: "digest",
    ChangeKind.ACK: "acknowledged",
    ChangeKind.SNOOZE: "snoozed",
}

ROLE = {
    Role.NOBODY: "may do nothing here",
    Role.READER: "may read",
    Role.EDITOR: "may read and change mappings",
    Role.ADMIN: "may do everything",
}

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

DOOR = {"socket": "Socket Mode", "http": "signed HTTP", "workspace": "a local workspace"}

RECONNECTED = {"simulated": "only simulated", "vmm": "done by netmap, in VMM"}
"""Who reconnects replicas -> how that is said."""

PRECONDITION = {
    FindingKind.NO_LOGICAL_NETWORK: (
        "{network} is linked to no logical network",
        "whether {network} is linked to a logical network",
    ),
    FindingKind.CLOUD_LACKS_NETWORK: (
        "{cloud} does not carry the logical network of {network}",
        "whether {cloud} carries the logical network of {network}",
    ),
}
"""What network mapping takes for granted: where it is broken, and where it was not checked."""

FINDING = {
    FindingKind.DRIFTED: (
        "replicas are not where they belong any more",
        "come up on the wrong network or without one",
    ),
    FindingKind.WRONG_SUBNET: (
        "replicas are on the right network but the wrong subnet",
        "come up on the wrong subnet",
    ),
    FindingKind.PENDING: (
        "replicas are to be reconnected, and nobody has seen it done",
        "come up where they are, not where they belong",
    ),
    FindingKind.WAITING: (
        "replicas wait for their initial replication",
        "cannot come up yet",
    ),
    FindingKind.DISCONNECT_PENDING: (
        "it is not mapped any more, but replicas are still connected",
        "come up on the network they were mapped to",
    ),
    FindingKind.LEFT_RUNNING: (
        "running replicas were left alone",
        "keep the connection they have until they are replicas again",
    ),
    FindingKind.RUNS_UNCONNECTED: (
        "VMs of it run there on no network, and nothing here touches a VM that runs",
        f"run {NO_NETWORK} until somebody connects them",
    ),
    FindingKind.UNMAPPED: ("it is not mapped", f"come up {NO_NETWORK}"),
    FindingKind.CONNECTED_BY_HAND: (
        "it is not mapped, and replicas are connected by hand",
        "come up where somebody put them",
    ),
    FindingKind.FIRST_OF_SEVERAL: (
        "the target has several subnets and none of that name",
        "come up on the first one",
    ),
    FindingKind.CASE_AMBIGUOUS: (
        "target subnets differ by letter case only",
        "come up on the first of them",
    ),
    FindingKind.NETWORK_GONE: (
        "a network or subnet that it needs is gone",
        "have no placement any more",
    ),
    FindingKind.NO_POOL: ("the target subnet has no address pool", "get NO ADDRESS"),
    FindingKind.ADAPTER_MISMATCH: (
        "primary and replica do not have the same adapters",
        "have an adapter without a counterpart",
    ),
    FindingKind.SEVERAL_ADDRESSES: (
        "an adapter has several addresses, of which only the first survives",
        "lose addresses",
    ),
    FindingKind.NOT_ON_A_NETWORK: (
        "adapters of protected VMs are on no network",
        "come up with an adapter on no network",
    ),
    FindingKind.NO_LOGICAL_NETWORK: (
        "it is linked to no logical network",
        "depend on it",
    ),
    FindingKind.CLOUD_LACKS_NETWORK: (
        "its logical network is not associated with the VMs' own cloud",
        "depend on it",
    ),
    FindingKind.UNREACHABLE_CLOUD: (
        "the protecting cloud cannot reach the target",
        "are at risk",
    ),
    FindingKind.UNREACHABLE_HOST: (
        "replicas are on hosts that cannot reach the target",
        "are at risk",
    ),
    FindingKind.BOTH_PRIMARY: (
        "both sides claim to be primary, and the newer inventory was believed",
        "need a look",
    ),
    FindingKind.RUNS_TWICE: (
        "VMs run here that run at the other side after a failover",
        "run TWICE with one identity",
    ),
    FindingKind.SUBNETS_REORDERED: (
        "VMM lists its subnets in another order than the one that counts",
        "would move if the new order were adopted",
    ),
    FindingKind.INVENTORY_STALE: (
        "its inventory is too old to rely on",
        "depend on it",
    ),
    FindingKind.OTHER_SIDE_UNKNOWN: (
        "the other side is in no inventory",
        "could not be checked",
    ),
    FindingKind.NOT_OBSERVED: (
        "where replicas are connected could not be told",
        "could not be checked",
    ),
    FindingKind.POWER_UNKNOWN: (
        "the power state of replicas was not listed, so nothing touches them",
        "could not be checked",
    ),
    FindingKind.CLOUD_NOT_CHECKED: (
        "which clouds can reach the target was not listed",
        "could not be checked",
    ),
    FindingKind.REPLICATION_NOT_CHECKED: (
        "no inventory says whether its VMs are replicated",
        "could not be checked",
    ),
    FindingKind.PLACEMENT_MOVED: (
        "an inventory brought other subnets or names, so its VMs belong elsewhere now",
        "come up somewhere else than before",
    ),
    FindingKind.APPEARED: ("VMs appeared on it", "were added to the mapping"),
    FindingKind.APPEARED_UNMAPPED: (
        "VMs appeared on it, and it is not mapped",
        f"come up {NO_NETWORK} unless they are connected by hand",
    ),
    FindingKind.CHANGED_OUTSIDE: (
        "its mapping was changed, and not through netmap",
        "depend on it",
    ),
    FindingKind.IMPORT_FAILED: ("its last import failed", "could not be checked"),
    FindingKind.NO_INVENTORY: (
        "no inventory was taken in, so nothing could be checked",
        "could not be checked",
    ),
    FindingKind.CHECK_FAILED: (
        "the check itself failed, so nothing could be checked",
        "could not be checked",
    ),
    FindingKind.VMS_UNREADABLE: (
        "it lists VMs that it could not read, so nothing touches them",
        "are shown as they were when they were last read",
    ),
}
"""What was found about its subject; what it means for VMs, said of several."""

LINE_STATE = {
    LineState.WELL: "well",
    LineState.ATTENTION: "needs a look",
    LineState.BROKEN: "broken",
    LineState.NOT_CHECKED: "not checked",
}
"""How a mapping stands, as the map says it."""

FACT = {
    "now": "now on",
    "wish": "belongs on",
    "since": "since",
    "mapping": "mapping",
    "target": "to",
    "gone": "gone:",
    "hosts": "partner hosts:",
    "adopted": "order that counts:",
    "listed": "order in VMM:",
    "collected_at": "as of",
    "was": "before:",
    "cause": "because of",
    "appeared": "appeared lately:",
    "brought": "seen at",
    "tried": "tried",
    "said": "refused:",
    "why": "why:",
    "reference": "reference",
}
"""What a fact of a finding is called."""

_ONE = {
    "come": "comes",
    "cannot": "cannot",
    "keep": "keeps",
    "have": "has",
    "get": "gets",
    "lose": "loses",
    "depend": "depends",
    "are": "is",
    "need": "needs",
    "run": "runs",
    "were": "was",
}


def found(kind: FindingKind) -> tuple[str, str]:
    """What was found, and what it means; a new kind is never a reason not to answer."""
    return FINDING.get(kind, (kind.replace("_", " "), "are concerned"))


def effect(kind: FindingKind, vms: int) -> str:
    """What a finding means: `1 VM comes up WITHOUT A NETWORK`."""
    words = found(kind)[1]
    if vms == 1:
        first, _, rest = words.partition(" ")
        words = f"{_ONE.get(first, first)} {rest}"
        words = words.replace(" they are replicas", " it is a replica").replace("they", "it")
        words = words.replace("it are", "it is").replace("it belong", "it belongs")
        words = (
            words.replace("it were", "it was")
            .replace("put them", "put it")
            .replace("connects them", "connects it")
        )
        words = words.replace("it have", "it has")
    return f"{plural(vms, 'VM')} {words}"


def spot(at: Spot | None) -> str:
    """Where an adapter is or belongs: `DR-Web / Web`."""
    if at is None:
        return "no adapter"
    if not at.observed:
        return "not observed"
    if at.network is None:
        return "no network"
    return f"{at.network} / {at.subnet}" if at.subnet else at.network


def at_server(name: str, server: str) -> str:
    """A thing and where it is: `Prod-Web (VMM-NewYork)`."""
    return f"{name} ({server})" if server else name
