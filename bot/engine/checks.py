"""Check what network mapping takes for granted.

Source: Microsoft Learn, "Prepare network mapping for Hyper-V VM disaster recovery" (a VM network is
linked to a logical network, that one is associated with the cloud) and "Run a test failover
(VMM to VMM)" for test networks.
"""

from bot.domain.checks import Standing, Trial
from bot.domain.codes import Addressing, Isolation
from bot.domain.estate import Cloud, Network


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
    source: Network | None,
    addressing: Addressing | None,
    subnet_name: str | None,
    test: Network | None,
) -> Trial:
    """Where a test failover puts an adapter; it never touches the replica's own connection.

    Args:
        source: the network the adapter is on now.
        test: the mapping's test network; None: the test VM starts unconnected.
    """
    if test is None:
        return Trial(network=None)
    if (
        test.isolation is Isolation.VIRTUALIZED
        and source is not None
        and source.isolation is Isolation.NONE
    ):
        return Trial(network=None, refusal="virtualized_without_isolation")
    if (
        test.isolation is Isolation.VIRTUALIZED
        and source is not None
        and source.isolation is Isolation.VLAN
        and addressing is Addressing.DHCP
    ):
        return Trial(network=None, refusal="dhcp_with_vlan")
    same = [s for s in test.subnets if s.name == subnet_name]
    chosen = same or list(test.subnets)
    return Trial(network=test.name, subnet=chosen[0].name if chosen else None)
