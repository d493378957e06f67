"""Networks with their subnets: all at once, or each when it is first asked for.

An answer about one VM concerns a handful of thousands. After a start, and after every change, there
is no estate in memory yet, and to read it whole would take longer than the rest of that answer.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from bot.domain.codes import Isolation
from bot.domain.estate import Network, Subnet
from storage.rows import maker

Place = tuple[Network, Subnet | None]

SUBNETS = """
    SELECT network, id, guid, name, key, ranges, pools, gone, listed FROM place {only}
      ORDER BY network, position, id
"""
NETWORKS = """
    SELECT id, server, guid, name, key, logical, logical_known, isolation, gone FROM network {only}
"""

_subnet = maker(Subnet)


def read_networks(connection: sqlite3.Connection, only: int | None = None) -> dict[int, Network]:
    """All of them, or one."""
    values = () if only is None else (only,)
    alone: dict[int, int] = {}
    subnets: dict[int, list[Subnet]] = defaultdict(list)
    where = "" if only is None else "WHERE network = ?"
    rows = connection.execute(SUBNETS.format(only=where), values)
    for network, id, guid, name, key, ranges, pools, gone, listed in rows:
        if guid:
            subnet = _subnet((id, guid, name, key, ranges, pools, bool(gone), listed))
            subnets[network].append(subnet)
        else:
            alone[network] = id
    where = "" if only is None else "WHERE id = ?"
    return {
        id: Network(
            id=id,
            server=server,
            guid=guid,
            name=name,
            key=key,
            at=alone[id],
            subnets=tuple([s for s in subnets[id] if not s.gone]),
            logical=logical,
            logical_known=bool(known),
            isolation=Isolation(isolation) if isolation else None,
            gone=bool(gone),
            lost=tuple([s for s in subnets[id] if s.gone]),
        )
        for id, server, guid, name, key, logical, known, isolation, gone in connection.execute(
            NETWORKS.format(only=where), values
        )
    }


def places_of(networks: Iterable[Network]) -> dict[int, Place]:
    """Place -> what it is."""
    found: dict[int, Place] = {}
    for network in networks:
        found[network.at] = network, None
        for subnet in (*network.subnets, *network.lost):
            found[subnet.at] = network, subnet
    return found


class Networks(Mapping[int, Network]):
    """Networks by id, each read when it is first asked for; all of them once they are counted.

    Args:
        still: whether the connection sees the state that it saw at first.
    """

    def __init__(self, connection: sqlite3.Connection, still: Callable[[], bool]) -> None:
        self._connection = connection
        self._still = still
        self._found: dict[int, Network] = {}
        self._whole = False

    def __getitem__(self, id: int) -> Network:
        if id not in self._found and not self._whole:
            self._found |= read_networks(self._reading(), id)
        return self._found[id]

    def __iter__(self) -> Iterator[int]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def network_at(self, at: int) -> int:
        """The network that a place is on; 0 where there is no such place."""
        row = self._reading().execute("SELECT network FROM place WHERE id = ?", (at,)).fetchone()
        return int(row[0]) if row else 0

    def _all(self) -> dict[int, Network]:
        if not self._whole:
            # Those that somebody has stay the same, as they are compared by what they are.
            self._found = read_networks(self._reading()) | self._found
            self._whole = True
        return self._found

    def _reading(self) -> sqlite3.Connection:
        if not self._still():
            raise RuntimeError("networks of a state that is gone are asked for")
        return self._connection


class Places(Mapping[int, Place]):
    """What each place is, of networks that are read when they are asked for."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._found: dict[int, Place] = {}

    def __getitem__(self, at: int) -> Place:
        if at > 0 and at not in self._found:
            network = self._networks.network_at(at)
            if network:
                self._found |= places_of([self._networks[network]])
        return self._found[at]

    def __iter__(self) -> Iterator[int]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[int, Place]:
        self._found = places_of(self._networks.values())
        return self._found
