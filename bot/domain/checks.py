"""What was checked about a mapping, a network or a cloud, and how it stands."""

from enum import StrEnum

from bot.domain.model import Model


class Standing(StrEnum):
    OK = "ok"
    BROKEN = "broken"
    NOT_CHECKED = "not_checked"


class Availability(Model, frozen=True):
    """Whether a target network can be used for the VMs of one protected cloud."""

    cloud: str
    """The protected cloud; empty where no inventory tells."""
    protecting: str
    """The cloud that receives its replicas."""
    standing: Standing
    vms: int = 0
    """Pairs on the source network whose active VM is in that cloud."""


class Trial(Model, frozen=True):
    """Where a test failover would put an adapter."""

    network: str | None
    """None: the test VM starts unconnected."""
    subnet: str | None = None
    refusal: str | None = None
    """A code: `virtualized_without_isolation`, `dhcp_with_vlan`, or None."""
    unsure: bool = False
    """It may be refused: the isolation or addressing that decides it was not listed."""
    gone: bool = False
    """The test network of the mapping is gone."""
