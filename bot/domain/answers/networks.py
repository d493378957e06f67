"""Networks and servers as they were retrieved, and one of them in full."""

from datetime import datetime

from bot.domain.answers.history import ChangeLine
from bot.domain.answers.mappings import Precondition, SubnetChoice
from bot.domain.answers.shared import Age, Long, MappingRef
from bot.domain.checks import Availability
from bot.domain.model import Model


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
    """The mappings that lead from it."""
    mapped_here: list[MappingRef] = []
    """Those that lead to it."""
    gone: bool = False
    reordered: bool = False


class NetworkList(Long):
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
    led_home: int = 0
    """Of those again: they go home by this mapping all the same, as it leads elsewhere now."""
    connected: int = 0
    disconnected: int = 0
    """Of VMs that are failed over: at home they belong on no network, and are on none."""
    pending: int = 0
    drifted: int = 0
    left_alone: int = 0
    not_observed: int = 0
    unplaced: int = 0
    """No placement can be told, as where the target is gone."""


class MappingCard(Model):
    """Answer to `show`: a network, and every mapping from it."""

    network: NetworkFacts
    mappings: list["MappingDetail"] = []
    mapped_here: list[MappingRef] = []
    """Mappings to this network."""
    preconditions: list[Precondition] = []
    history: list["ChangeLine"] = []
    ages: list[Age] = []


class Forgotten(Model):
    """Answer to `forget`."""

    server: str
    change: str
    networks: int
    vms: int


class HomeSet(Model):
    """Answer to `home`."""

    vm: str
    home: str
    before: str
    change: str | None
