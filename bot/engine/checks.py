"""Check what network mapping takes for granted.

Source: Microsoft Learn, "Prepare network mapping for Hyper-V VM disaster recovery" (a VM network is
linked to a logical network, that one is associated with the cloud) and "Run a test failover
(VMM to VMM)" for test networks.
"""

from bot.domain.checks import Standing, Trial
from bot.domain.codes import Addressing, Isolation
from bot.domain.estate import Cloud, Network, Subnet
from bot.engine.placing import join


def linked(network: Network) -> Standing:
    """Whether the VM network is linked to a logical network."""
    if not network.logical_known:
        return Standing.NOT_CHECKED
    return Standing.OK if network.logical else Standing.BROKEN


def carries(cloud: Cloud | None, network: Network) -> Standing:
    """Whether the network's logical network is associated with the cloud."""
    if cloud is None or cloud.logical is None or not network.logical_known:
        return Standing.NOT_CHECKED
    return Standing.OK if network.logical in cloud.logical else Standing.BROKEN


def may_share_a_server(clouds: list[Cloud], listed: bool) -> bool:
    """Whether a server can hold both sides: two clouds are needed, if clouds were listed at all."""
    return not listed or len([c for c in clouds if not c.gone]) > 1


def place_for_test(
    replica: Network | None,
    addressing: Addressing | None,
    subnet: Subnet | None,
    test: Network | None,
) -> Trial:
    """Where a test failover puts an adapter; it never touches the replica's own connection.

    Args:
        replica: the network the replica's adapter belongs on.
        subnet: the one the source adapter is on.
        test: the mapping's test network; None: the test VM starts unconnected.
    """
    if test is None or test.gone:
        return Trial(network=None, gone=test is not None)
    isolation = replica.isolation if replica is not None else None
    unsure = False
    if test.isolation in (Isolation.VIRTUALIZED, None):
        refusal = _refusal(isolation, addressing)
        if refusal and test.isolation is not None:
            return Trial(network=None, refusal=refusal)
        unlisted = isolation is None or (isolation is Isolation.VLAN and addressing is None)
        unsure = refusal is not None or unlisted
    at = join(subnet, test).at
    name = next((s.name for s in test.subnets if s.at == at), None)
    return Trial(network=test.name, subnet=name, unsure=unsure)


def _refusal(isolation: Isolation | None, addressing: Addressing | None) -> str | None:
    """Why a virtualized test network is refused for a replica on a network of this isolation."""
    if isolation is Isolation.NONE:
        return "virtualized_without_isolation"
    if isolation is Isolation.VLAN and addressing is Addressing.DHCP:
        return "dhcp_with_vlan"
    return None
