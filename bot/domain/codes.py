"""Codes that are stored and sent; their sentences live in `bot/render/words.py`."""

from datetime import timedelta
from enum import IntEnum, StrEnum


class Rule(StrEnum):
    """Why a replica's adapter belongs where it does."""

    SAME_NAME = "same_name"
    FIRST_SUBNET = "first_subnet"
    NO_SUBNETS = "no_subnets"
    UNCHANGED = "unchanged"
    """Failback: the connection it had at home."""
    SOURCE_DISCONNECTED = "source_disconnected"
    NOT_MAPPED = "not_mapped"
    TARGET_GONE = "target_gone"
    NOT_CHECKED = "not_checked"


class Note(StrEnum):
    """What a person should know about a placement besides its rule."""

    SEVERAL_SUBNETS = "several_subnets"
    """`first_subnet` chose among several."""
    OTHER_CASE = "other_case"
    """The subnet's name matched in another letter case only."""
    CASE_AMBIGUOUS = "case_ambiguous"
    """Several target subnets differ by letter case only; the first of them was taken."""
    MAPPING_REMOVED = "mapping_removed"
    """Failback: the mapping home was removed since the failover."""
    OTHER_SUBNET = "other_subnet"
    """Failback: another subnet of the network it failed over to, which is not mapped home."""
    MADE_ANEW = "made_anew"
    """Failback: a network or subnet of it was deleted and made anew; that of its name counts."""
    NO_POOL = "no_pool"
    """The target subnet has no pool, and the adapter needs an address from one."""
    UNREACHABLE_HOST = "unreachable_host"
    """The replica's host does not carry the target's logical network."""
    UNREACHABLE_CLOUD = "unreachable_cloud"
    """The replica's cloud is not associated with the target's logical network."""


class Isolation(StrEnum):
    """How a VM network is kept apart, as VMM names it."""

    NONE = "NoIsolation"
    VIRTUALIZED = "WindowsNetworkVirtualization"
    VLAN = "VLANNetwork"
    EXTERNAL = "External"


class VmRole(StrEnum):
    """What a VM object is in Hyper-V Replica."""

    PRIMARY = "primary"
    REPLICA = "replica"
    TEST = "test"
    NONE = "none"
    """Known to be unreplicated."""


class Power(StrEnum):
    """Only `off` is safe to reconnect: a paused or saved replica was started once."""

    RUNNING = "running"
    OFF = "off"
    PAUSED = "paused"
    SAVED = "saved"


class Addressing(StrEnum):
    STATIC = "static"
    DHCP = "dhcp"


class Readiness(IntEnum):
    """Whether a mapping change may reach a replica now. Stored as a number in every segment."""

    READY = 0
    WAITING = 1
    """It has not replicated yet."""
    RUNNING = 2
    """It runs (failed over): never touched."""
    UNKNOWN = 3
    """Its power state was not observed: never touched."""
    FAILED_OVER = 4
    """It runs after a failover away from home that was not reversed yet: never touched."""


class Role(StrEnum):
    """What a person may do."""

    NOBODY = "nobody"
    READER = "reader"
    EDITOR = "editor"
    ADMIN = "admin"

    def allows(self, needed: "Role") -> bool:
        return _RANK[self] >= _RANK[needed]


_RANK = {role: rank for rank, role in enumerate(Role)}


class Severity(StrEnum):
    HIGH = "high"
    """A server without a network, or with the wrong one, at failover."""
    MEDIUM = "medium"
    """It comes up connected, but not as it should."""
    LOW = "low"
    """Worth knowing."""
    UNKNOWN = "unknown"
    """Could not be checked, which is never the same as fine."""


class FindingKind(StrEnum):
    DRIFTED = "drifted"
    WRONG_SUBNET = "wrong_subnet"
    PENDING = "pending"
    WAITING = "waiting"
    """Its replicas have not replicated yet."""
    DISCONNECT_PENDING = "disconnect_pending"
    LEFT_RUNNING = "left_running"
    RUNS_UNCONNECTED = "runs_unconnected"
    """They were failed over to no network, where the mapping wants one or home had one."""
    UNMAPPED = "unmapped"
    CONNECTED_BY_HAND = "connected_by_hand"
    FIRST_OF_SEVERAL = "first_of_several"
    CASE_AMBIGUOUS = "case_ambiguous"
    NETWORK_GONE = "network_gone"
    NO_POOL = "no_pool"
    ADAPTER_MISMATCH = "adapter_mismatch"
    SEVERAL_ADDRESSES = "several_addresses"
    NOT_ON_A_NETWORK = "not_on_a_network"
    NO_LOGICAL_NETWORK = "no_logical_network"
    CLOUD_LACKS_NETWORK = "cloud_lacks_network"
    UNREACHABLE_CLOUD = "unreachable_cloud"
    UNREACHABLE_HOST = "unreachable_host"
    BOTH_PRIMARY = "both_primary"
    RUNS_TWICE = "runs_twice"
    """They were failed over, and run at the other side too since then."""
    SUBNETS_REORDERED = "subnets_reordered"
    INVENTORY_STALE = "inventory_stale"
    OTHER_SIDE_UNKNOWN = "other_side_unknown"
    NOT_OBSERVED = "not_observed"
    POWER_UNKNOWN = "power_unknown"
    CLOUD_NOT_CHECKED = "cloud_not_checked"
    PLACEMENT_MOVED = "placement_moved"
    """An inventory brought other subnets or names, and with them other placements."""
    APPEARED = "appeared"
    APPEARED_UNMAPPED = "appeared_unmapped"
    CHANGED_OUTSIDE = "changed_outside"
    """A mapping is not what the history says was made of it."""
    IMPORT_FAILED = "import_failed"
    NO_INVENTORY = "no_inventory"
    CHECK_FAILED = "check_failed"
    VMS_UNREADABLE = "vms_unreadable"
    """A server lists VMs and could not read them; what was known of them is kept."""
    REPLICATION_NOT_CHECKED = "replication_not_checked"
    """No inventory says whether these VMs are replicated."""


class ChangeKind(StrEnum):
    """What a row of the history is."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"
    UNDO = "undo"
    IMPORT = "import"
    APPLY = "apply"
    ADOPT = "adopt"
    FORGET = "forget"
    HOME = "home"
    DIGEST = "digest"
    ACK = "ack"
    SNOOZE = "snooze"


UNDOABLE = frozenset({ChangeKind.ADD, ChangeKind.CHANGE, ChangeKind.REMOVE, ChangeKind.UNDO})
"""Changes of the mapping table; nothing else can be taken back."""


class LineState(StrEnum):
    WELL = "well"
    ATTENTION = "attention"
    """Something about it is not as it should be, and its VMs come up connected."""
    BROKEN = "broken"
    """VMs would come up without a network, or on the wrong one."""
    NOT_CHECKED = "not_checked"


KINDS = ("clouds", "hosts", "networks", "vms")
"""The kinds of things an inventory holds, in file order."""

MONDAY = 0
"""As `datetime` counts weekdays."""

RESTORED = "restored"
"""What the pulse of a copy that was put back is called."""

IMPORTING = "import "
"""What the pulse of an import that is under way begins with; the server's name follows."""

AHEAD = timedelta(minutes=5)
"""Clocks differ by less; an inventory that is dated later than this ahead of now says that one is
wrong."""
