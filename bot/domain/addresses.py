"""Which address a replica's adapter will have after failover, as far as it can be known."""

from dataclasses import dataclass
from enum import StrEnum


class Outlook(StrEnum):
    KEEPS = "keeps"
    """The target's pool holds the same address, free or its own."""
    NEXT_FREE = "next_free"
    """The next free one of the target's pool at failover; `address` is what that is now."""
    POOL_FULL = "pool_full"
    FAILS = "fails"
    """No pool where one is needed: VMM cannot allocate an address."""
    NOT_MANAGED = "not_managed"
    """DHCP without network virtualization: nobody hands out an address for it here."""
    FROM_POOL = "from_pool"
    """DHCP on a virtualized network: the target's pool decides."""
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class PoolView:
    """What the target subnet's pools say about one adapter.

    All None: the pools were not listed.
    """

    pools: int | None = None
    holds: bool = False
    """The adapter's present address lies in one of the ranges and is not reserved."""
    free_or_own: bool = False
    """That address is free, or allocated to the replica's own adapter."""
    next_free: str | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """The address to expect; `address` is set for `keeps` and `next_free` only."""

    outlook: Outlook
    address: str | None = None
    several: int = 0
    """How many addresses it has now, where more than one: only the first survives."""
    ipv6: bool = False
    """It has IPv6 addresses, which the platform does not carry over."""
