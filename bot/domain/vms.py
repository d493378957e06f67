"""VMs as the store knows them, row by row, for those few that are asked for."""

from typing import NamedTuple


class VmRow(NamedTuple):
    """One VMM object."""

    id: int
    server: int
    guid: str
    hyperv: str | None
    name: str
    cloud: int
    host: int
    host_name: str
    role: str | None
    partner_host: str | None
    state: str | None
    health: str | None
    power: str | None


class AdapterRow(NamedTuple):
    """An adapter of one VMM object."""

    slot: int
    guid: str
    name: str
    at: int
    addressing: int
    addresses: tuple[str, ...]


class PairRow(NamedTuple):
    """A pair as stored."""

    id: int
    active: int
    passive: int
    home: int
    away: bool
    failed_over: bool
    since: int
    """The change that showed it running where it runs now; 0: it was never seen elsewhere."""
    faults: int


class PairAdapterRow(NamedTuple):
    slot: int
    segment: int
    observed: int
    observed_since: int
    joined: int
