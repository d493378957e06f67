"""What an import changed, to be told and kept in the history."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.answers.shared import UnreadableVm
from bot.domain.model import Model


class Renamed(Model, frozen=True):
    was: str
    now: str


class NetworkNews(Model, frozen=True):
    """What happened to one network or its subnets."""

    network: str
    subnet: str = ""
    event: str
    """`added`, `gone`, `back`, `renamed`, `reordered`."""
    was: str = ""


class MovedPlacement(Model, frozen=True):
    """A class of adapters that belongs elsewhere since this import."""

    source: str
    was: str
    now: str
    rule: str
    adapters: int


class ImportReport(Model):
    """What one server's import did."""

    server: str
    change: str = ""
    collected_at: datetime
    first: bool = False
    """The server was not known before."""
    set_aside: bool = False
    """The sample estate was set aside for it."""
    unchanged: bool = False
    clouds: int | None = None
    """None: this kind was not given and stays as it was."""
    hosts: int | None = None
    networks: int | None = None
    vms: int | None = None
    news: list[NetworkNews] = []
    vms_new: int = 0
    vms_gone: int = 0
    vms_changed: int = 0
    vms_renamed: list[Renamed] = []
    """The first hundred."""
    vms_other_name: int = 0
    """How many were renamed."""
    unreadable: list[UnreadableVm] = []
    """Listed, and not read: what was known of them is kept."""
    failed_over: list[str] = []
    """VMs that run away from home since then; the first hundred."""
    vms_failed_over: int = 0
    """How many they are."""
    came_home: list[str] = []
    """VMs that run at home again; the first hundred."""
    vms_came_home: int = 0
    """How many they are."""
    adapters_moved: int = 0
    """Replica adapters seen somewhere else than before."""
    adapters_confirmed: int = 0
    """Of those, the ones now where they belong."""
    adapters_newer: int = 0
    """Replica adapters that VMM connected after this was collected; they stay where it said."""
    pairs: int = 0
    """Replicated VMs known on both sides, of those that were looked at again.

    That is who is new or changed, who is on a host or in a cloud that changed, and whose sides
    disagree.
    """
    moved: list[MovedPlacement] = []
    """The hundred largest."""
    adapters_elsewhere: int = 0
    """How many adapters belong elsewhere since then."""
    notes: list[str] = []
    """Where server and time were taken from, where the file does not say."""
    warnings: list[str] = []
    """What the script warned of, where netmap ran it itself."""
    server_renamed: str = ""
    """Its name before, where that changed."""


class Refreshed(Model):
    """Answer to `refresh`: what the servers said that netmap asked itself."""

    reports: list[ImportReport] = []
    failed: dict[str, str] = {}
    """Server -> what went wrong."""


@dataclass
class VmNews:
    """What an import did to the VMs of a server."""

    new: int = 0
    gone: int = 0
    changed: int = 0
    renamed: list[Renamed] = field(default_factory=list)
    """The first hundred."""
    other_name: int = 0
    """How many were renamed."""
    known: int = 0
    """How many there were."""
    twice: list[str] = field(default_factory=list)
    """Names of VMs that the file lists both as they were and changed."""
