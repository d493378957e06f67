"""Each row of the table of addresses."""

import pytest

from bot.domain.addresses import Outlook, PoolView
from bot.domain.codes import Addressing, Isolation
from bot.engine.addresses import expected_address

STATIC, DHCP = Addressing.STATIC, Addressing.DHCP
VLAN, PLAIN, VIRTUAL = Isolation.VLAN, Isolation.NONE, Isolation.VIRTUALIZED
FREE = PoolView(pools=1, holds=True, free_or_own=True, next_free="10.2.0.31")
TAKEN = PoolView(pools=1, holds=True, free_or_own=False, next_free="10.2.0.31")
OTHER = PoolView(pools=1, holds=False, free_or_own=True, next_free="10.2.0.31")
FULL = PoolView(pools=1, holds=True, free_or_own=False, next_free=None)
NO_POOL = PoolView(pools=0)
UNLISTED = PoolView()


@pytest.mark.parametrize(
    ("addressing", "isolation", "view", "outlook", "address"),
    [
        (STATIC, VLAN, FREE, Outlook.KEEPS, "10.1.0.21"),
        (STATIC, VLAN, TAKEN, Outlook.NEXT_FREE, "10.2.0.31"),
        (STATIC, VLAN, OTHER, Outlook.NEXT_FREE, "10.2.0.31"),
        (STATIC, VLAN, FULL, Outlook.POOL_FULL, None),
        (STATIC, VLAN, NO_POOL, Outlook.FAILS, None),
        (STATIC, VLAN, UNLISTED, Outlook.NOT_CHECKED, None),
        (STATIC, None, FREE, Outlook.KEEPS, "10.1.0.21"),
        (DHCP, PLAIN, NO_POOL, Outlook.NOT_MANAGED, None),
        (DHCP, VLAN, FREE, Outlook.NOT_MANAGED, None),
        (DHCP, VIRTUAL, NO_POOL, Outlook.FAILS, None),
        (DHCP, VIRTUAL, FREE, Outlook.FROM_POOL, None),
        (DHCP, VIRTUAL, UNLISTED, Outlook.NOT_CHECKED, None),
        (DHCP, None, FREE, Outlook.NOT_CHECKED, None),
        (STATIC, VIRTUAL, NO_POOL, Outlook.FAILS, None),
        (STATIC, VIRTUAL, FREE, Outlook.KEEPS, "10.1.0.21"),
        (None, VLAN, FREE, Outlook.NOT_CHECKED, None),
        (None, VLAN, NO_POOL, Outlook.NOT_CHECKED, None),
        (None, VIRTUAL, NO_POOL, Outlook.FAILS, None),
    ],
)
def test_each_row_of_the_table(
    addressing: Addressing | None,
    isolation: Isolation | None,
    view: PoolView,
    outlook: Outlook,
    address: str | None,
) -> None:
    found = expected_address(addressing, ["10.1.0.21"], isolation, view)

    assert (found.outlook, found.address) == (outlook, address)


@pytest.mark.parametrize(
    ("addresses", "kept", "several", "ipv6"),
    [
        (["10.1.0.21"], "10.1.0.21", 0, False),
        (["10.1.0.21", "10.1.0.22"], "10.1.0.21", 2, False),
        (["fe80::1", "10.1.0.21"], "10.1.0.21", 0, True),
        (["10.1.0.21", "fe80::1", "10.1.0.23"], "10.1.0.21", 2, True),
    ],
)
def test_only_the_first_ipv4_address_survives_and_the_rest_is_said(
    addresses: list[str], kept: str, several: int, ipv6: bool
) -> None:
    found = expected_address(STATIC, addresses, VLAN, FREE)

    assert (found.address, found.several, found.ipv6) == (kept, several, ipv6)


def test_an_adapter_without_an_address_gets_the_next_free_one() -> None:
    assert expected_address(STATIC, [], VLAN, FREE).outlook is Outlook.NEXT_FREE
