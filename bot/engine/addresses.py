"""Say which address an adapter will have after failover.

Source: Microsoft Learn, "Plan Hyper-V VM disaster recovery networking" (IP addressing with VMM).
Guest IPv6 is outside what the platform supports, so it is said and not guessed.
"""

from collections.abc import Sequence

from bot.domain.addresses import Expectation, Outlook, PoolView
from bot.domain.codes import Addressing, Isolation


def expected_address(
    addressing: Addressing | None,
    addresses: Sequence[str],
    isolation: Isolation | None,
    view: PoolView,
) -> Expectation:
    """The expectation for one adapter that is to join a subnet.

    Args:
        addressing: None when not listed.
        addresses: the adapter's addresses now, VMM's order.
        isolation: of the target network.
        view: what the pools of the target subnet say of the first IPv4 address.
    """
    v4 = [a for a in addresses if ":" not in a]
    outlook, address = _outlook(addressing, v4[0] if v4 else None, isolation, view)
    return Expectation(
        outlook=outlook,
        address=address,
        several=len(v4) if len(v4) > 1 else 0,
        ipv6=len(v4) != len(addresses),
    )


def _outlook(
    addressing: Addressing | None, first: str | None, isolation: Isolation | None, view: PoolView
) -> tuple[Outlook, str | None]:
    if isolation is Isolation.VIRTUALIZED and view.pools == 0:
        return Outlook.FAILS, None  # however it is addressed, it needs a pool there
    if addressing is None:
        return Outlook.NOT_CHECKED, None
    if addressing is Addressing.DHCP and isolation is not Isolation.VIRTUALIZED:
        return (Outlook.NOT_CHECKED if isolation is None else Outlook.NOT_MANAGED), None
    if view.pools is None:
        return Outlook.NOT_CHECKED, None
    if view.pools == 0:
        return Outlook.FAILS, None
    if addressing is Addressing.DHCP:
        return Outlook.FROM_POOL, None
    if first is not None and view.holds and view.free_or_own:
        return Outlook.KEEPS, first
    if view.next_free is None:
        return Outlook.POOL_FULL, None
    return Outlook.NEXT_FREE, view.next_free
