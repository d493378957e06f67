"""The estate as the inventories and the mapping table describe it: servers, networks, mappings.

Counted in thousands and held in memory while a rule runs; VMs and adapters, counted in millions,
are not.
"""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from bot.domain.codes import Isolation
from bot.domain.model import Model

if TYPE_CHECKING:
    from bot.domain.answers.shared import Spot

DISCONNECTED = 0
"""Where an adapter is that is connected to nothing."""
NOT_OBSERVED = -1
"""Where an adapter is when nobody could tell."""
NO_OPINION = -2
"""Where netmap wishes an adapter it has no say over."""


class Server(Model, frozen=True):
    """A VMM server whose inventory was taken in."""

    id: int
    guid: str
    name: str
    collected_at: datetime
    imported_at: datetime
    simulated: bool
    """Of the sample estate or a rehearsal: the simulated applier confirms at once."""
    rehearsal: bool = False
    """Of a rehearsal on a copy of a real database."""
    kinds: frozenset[str]
    """Which kinds its inventories have ever listed; others are not checked."""


class Range(NamedTuple):
    """One CIDR of a subnet and the VLAN it lives on."""

    cidr: str
    vlan: int | None = None
    """0 is untagged, as VMM writes it; None was not listed."""


class Subnet(NamedTuple):
    """A VM subnet. `at` is the place of an adapter on it."""

    at: int
    guid: str
    name: str
    key: str
    ranges_text: str = ""
    """`cidr@vlan` or `cidr`, separated by spaces."""
    pools: int | None = None
    """How many static IP pools it has; None: not listed."""
    gone: bool = False
    listed: int = 0
    """Its position in the last inventory; the order that counts is the network's."""

    @property
    def ranges(self) -> tuple[Range, ...]:
        parts = (text.partition("@") for text in self.ranges_text.split())
        return tuple(Range(cidr, int(vlan) if vlan else None) for cidr, _, vlan in parts)


class Network(NamedTuple):
    """A VM network. `at` is the place of an adapter on it without a subnet."""

    id: int
    server: int
    guid: str
    name: str
    key: str
    at: int
    subnets: tuple[Subnet, ...] = ()
    """In adopted order: as first seen, new ones last; those that are gone left out."""
    logical: str | None = None
    logical_known: bool = False
    """False: the inventory did not say whether it is linked to a logical network."""
    isolation: Isolation | None = None
    gone: bool = False
    lost: tuple[Subnet, ...] = ()
    """Subnets that are gone but still pointed at."""

    @property
    def reordered(self) -> bool:
        """Whether the last inventory lists the subnets in another order than the adopted one."""
        listed = [subnet.listed for subnet in self.subnets]
        return listed != sorted(listed)


@dataclass(frozen=True, slots=True)
class Cloud:
    """A pool of hosts; `logical` None means it was not listed which networks it carries."""

    id: int
    server: int
    guid: str
    name: str
    key: str
    logical: frozenset[str] | None = None
    protector: tuple[str, str] | None = None
    """Server and cloud, by name, that receive its replicas, where an inventory states it."""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Mapping:
    """One way: VMs on `source` join `target` when they come up at `server`."""

    id: int
    source: int
    target: int
    server: int
    test: int | None
    by: str
    at: datetime
    change: int
    """The change that last touched it."""
    removed: bool = False

    @property
    def label(self) -> str:
        return f"M{self.id}"


@dataclass(frozen=True, slots=True)
class Estate:
    """Everything the rules ask of the estate, by id."""

    servers: Dict[int, Server]
    networks: Dict[int, Network]
    clouds: Dict[int, Cloud]
    mappings: Dict[tuple[int, int], Mapping]
    """(source network, target server) -> the mapping in force."""
    removed: Dict[tuple[int, int], Mapping]
    """The last one removed, where none is in force."""
    former: Dict[tuple[int, int], Dict[int, int]]
    """(source network, target server) -> the networks it was ever led to, until which change.

    A replica that has stood on one of them since before that change was put there by netmap, or
    stood there as netmap wanted; one that came later was connected by hand.
    """
    reach: Dict[int, frozenset[str] | None]
    """Reach class of a host -> its logical networks."""
    places: Dict[int, tuple[Network, Subnet | None]]
    """Place -> what it is."""
    hosts: Dict[int, frozenset[int]]
    """Cloud -> the reach classes of its hosts."""
    _by_key: dict[str, list[Network]] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )
    _network_of: dict[int, int] = field(init=False, default_factory=dict, compare=False, repr=False)
    spots: dict[int, "Spot"] = field(init=False, default_factory=dict, compare=False, repr=False)
    """Place -> its names, of those that somebody was told of; `usecases.placing.spot` keeps it."""

    def called(self, key: str) -> Sequence[Network]:
        """Those of this name, letter case aside, on any server, gone or not."""
        if not self._by_key:
            by_key: dict[str, list[Network]] = {}
            for network in self.networks.values():
                by_key.setdefault(network.key, []).append(network)
            self._by_key.update(by_key)
        return self._by_key.get(key, ())

    def made_anew(self, network: Network) -> Network:
        """The network; where it is gone, the only one there now that bears its name, if one is."""
        if not network.gone:
            return network
        same = [
            other
            for other in self.called(network.key)
            if other.server == network.server and other.name == network.name and not other.gone
        ]
        return same[0] if len(same) == 1 else network

    def place_anew(self, at: int) -> int:
        """The place; where it is gone, the one there now that bears its names, if one is."""
        network, subnet = self.places.get(at, (None, None))
        if network is None or not (network.gone or (subnet is not None and subnet.gone)):
            return at
        now = self.made_anew(network)
        if subnet is None:
            return now.at
        same = [other for other in now.subnets if other.name == subnet.name]
        return same[0].at if len(same) == 1 else at

    @property
    def network_of(self) -> Dict[int, int]:
        """Place -> the network it is on; for those who ask it of thousands."""
        if not self._network_of:
            self._network_of.update({at: network.id for at, (network, _) in self.places.items()})
        return self._network_of

    def network_at(self, at: int) -> Network | None:
        found = self.places.get(at)
        return found[0] if found else None

    def server_named(self, id: int) -> str:
        return self.servers[id].name if id in self.servers else "an unknown server"

    def networks_of(self, server: int) -> list[Network]:
        """In order of name."""
        found = [n for n in self.networks.values() if n.server == server]
        return sorted(found, key=lambda n: (n.key, n.guid))
