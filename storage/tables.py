"""Everything inside one transaction, a room for each noun."""

import sqlite3

from bot.domain.estate import Estate
from storage.changes import Changes
from storage.estates import load_estate
from storage.findings import Findings
from storage.inventories import Inventories
from storage.leases import Leases
from storage.mappings import Mappings
from storage.pairs import Pairs
from storage.pools import Pools
from storage.segments import Segments
from storage.vms import Vms


class Cache:
    """The estate as of one change; every write adds a change, so its number says if it is fresh."""

    def __init__(self) -> None:
        self.version = -1
        self.estate: Estate | None = None


class Tables:
    """The rooms of the store as one transaction sees them."""

    def __init__(self, connection: sqlite3.Connection, cache: Cache, writes: bool) -> None:
        self._connection = connection
        self._cache = cache
        self._writes = writes
        self.changes = Changes(connection)
        self.findings = Findings(connection)
        self.inventories = Inventories(connection)
        self.leases = Leases(connection)
        self.mappings = Mappings(connection)
        self.pairs = Pairs(connection)
        self.pools = Pools(connection)
        self.segments = Segments(connection)
        self.vms = Vms(connection)

    def estate(self) -> Estate:
        """Servers, networks, clouds and mappings as they stand in this transaction."""
        if self._writes:
            return load_estate(self._connection)
        version = self.changes.last()
        kept = self._cache.estate
        if kept is None or self._cache.version != version:
            kept = load_estate(self._connection)
            self._cache.estate, self._cache.version = kept, version
        return kept
