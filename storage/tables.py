"""Everything inside one transaction, a room for each noun."""

import sqlite3
from collections.abc import Callable, Collection
from functools import cached_property
from typing import TYPE_CHECKING

from bot.domain.errors import WouldWrite
from bot.domain.estate import Estate, Mapping, Server
from storage.estates import (
    Part,
    load_around,
    load_estate,
    load_servers,
    with_mapping,
    with_parts,
)
from storage.findings import Findings
from storage.leases import Leases
from storage.mappings import Mappings
from storage.people import People
from storage.pools import Pools
from storage.segments import Kept, Segments
from storage.vms import Vms

if TYPE_CHECKING:
    from storage.answers import Answers
    from storage.arrivals import Arrivals
    from storage.changes import Changes
    from storage.digests import Digests
    from storage.inventories import Inventories
    from storage.lives import Lives
    from storage.networks import Networks
    from storage.outbox import Outbox
    from storage.pairs import Pairs
    from storage.requests import Requests
    from storage.unreadable import Unreadable

_Version = tuple[int, str]
"""Number and time of the newest change; every write adds one, and a cleared history starts anew."""

_ONLY_MAPPINGS = ("add", "change", "remove", "apply", "home")
"""Kinds of changes that leave servers, networks and clouds as they were."""


class Cache:
    """The estate as of one change, for all threads; replaced as a whole, never changed."""

    def __init__(self) -> None:
        self._kept: tuple[_Version, Estate] | None = None
        self._met: _Version | None = None
        self._classes: tuple[_Version, Kept] | None = None

    def classes(self, version: _Version) -> Kept:
        """Where the classes of this version are kept."""
        kept = self._classes
        if kept is None or kept[0] != version:
            kept = self._classes = version, Kept()
        return kept[1]

    def estate(self, connection: sqlite3.Connection, version: _Version) -> Estate:
        """The estate as of this version, which is the one that the connection sees."""
        if self._kept is None:
            estate = load_estate(connection)
        else:
            known, estate = self._kept
            if known == version:
                return estate
            if _only_mappings_since(connection, known):
                estate = with_parts(connection, estate, Part.MAPPINGS)
            else:
                estate = load_estate(connection)
        self._kept = version, estate
        return estate

    def around(self, connection: sqlite3.Connection, version: _Version) -> Estate:
        """The same for who asks for a few networks: the first at a version reads just those."""
        if self._met == version or (self._kept is not None and self._kept[0] == version):
            return self.estate(connection, version)
        self._met = version
        return load_around(connection, lambda: _version(connection) == version)

    def keep(self, estate: Estate, version: _Version) -> None:
        """Take what a write has left."""
        self._kept = version, estate


def _version(connection: sqlite3.Connection) -> _Version:
    row = connection.execute("SELECT id, at FROM change ORDER BY id DESC LIMIT 1").fetchone()
    return row or (0, "")


def _only_mappings_since(connection: sqlite3.Connection, known: _Version) -> bool:
    marks = ", ".join("?" * len(_ONLY_MAPPINGS))
    (still,) = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM change WHERE id = ? AND at = ?) AND NOT EXISTS"
        f" (SELECT 1 FROM change WHERE id > ? AND kind NOT IN ({marks}))",
        (*known, known[0], *_ONLY_MAPPINGS),
    ).fetchone()
    return bool(still)


class Tables:
    """The rooms of the store as one transaction sees them."""

    def __init__(self, connection: sqlite3.Connection, cache: Cache, writes: bool) -> None:
        self._connection = connection
        self._cache = cache
        self._version = _version(connection)
        self._estate: Estate | None = None
        self._written = Part(0)
        self._may_write = writes
        self.segments = Segments(connection, None if writes else cache.classes(self._version))
        self.vms = Vms(connection)

    # Rooms that not every transaction enters.

    @cached_property
    def findings(self) -> Findings:
        return Findings(self._connection)

    @cached_property
    def leases(self) -> Leases:
        return Leases(self._connection)

    @cached_property
    def mappings(self) -> Mappings:
        return Mappings(self._connection, self.estate, self._mapped, self._writes)

    @cached_property
    def people(self) -> People:
        return People(self._connection)

    @cached_property
    def pools(self) -> Pools:
        return Pools(self._connection)

    # Rooms that few enter; they bring nouns of their own.

    @cached_property
    def arrivals(self) -> "Arrivals":
        from storage.arrivals import Arrivals

        return Arrivals(self._connection)

    @cached_property
    def changes(self) -> "Changes":
        from storage.changes import Changes

        return Changes(self._connection)

    @cached_property
    def digests(self) -> "Digests":
        from storage.digests import Digests

        return Digests(self._connection)

    @cached_property
    def inventories(self) -> "Inventories":
        from storage.inventories import Inventories

        return Inventories(self._connection, self._writes)

    @cached_property
    def answers(self) -> "Answers":
        from storage.answers import Answers

        return Answers(self._connection)

    @cached_property
    def lives(self) -> "Lives":
        from storage.lives import Lives

        return Lives(self._connection)

    @cached_property
    def networks(self) -> "Networks":
        from storage.networks import Networks

        return Networks(self._connection, self._writes)

    @cached_property
    def outbox(self) -> "Outbox":
        from storage.outbox import Outbox

        return Outbox(self._connection)

    @cached_property
    def pairs(self) -> "Pairs":
        from storage.pairs import Pairs

        return Pairs(self._connection)

    @cached_property
    def requests(self) -> "Requests":
        from storage.requests import Requests

        return Requests(self._connection)

    @cached_property
    def unreadable(self) -> "Unreadable":
        from storage.unreadable import Unreadable

        return Unreadable(self._connection)

    def estate(self) -> Estate:
        """Servers, networks, clouds and mappings as they stand in this transaction."""
        if self._estate is None:
            self._estate = self._cache.estate(self._connection, self._version)
        elif self._written:
            self._estate = with_parts(self._connection, self._estate, self._written)
        self._written = Part(0)
        return self._estate

    def around(self) -> Estate:
        """The same, where no more than a few of its networks will be asked for."""
        if self._may_write or self._estate is not None:
            return self.estate()
        return self._cache.around(self._connection, self._version)

    def version(self) -> tuple[int, str]:
        """Another one after every write to the estate, whoever wrote."""
        return self._version

    def servers(self) -> Collection[Server]:
        """The servers alone, where nothing else of the estate is needed."""
        if self._estate is None:
            return load_servers(self._connection).values()
        return self.estate().servers.values()

    def keep_estate(self) -> Callable[[], None]:
        """Just before a commit: what to call after it, so that reads need not load it again."""
        if self._estate is None:
            return lambda: None
        estate, version = self.estate(), _version(self._connection)
        return lambda: self._cache.keep(estate, version)

    def _writes(self, parts: Part) -> None:
        """Told before anything of the estate is written; WouldWrite where nothing may be."""
        if not self._may_write:
            raise WouldWrite
        if self._estate is None:
            self.estate()
        self._written |= parts

    def _mapped(self, mapping: Mapping) -> None:
        """Told when a mapping was written."""
        self._estate = with_mapping(self.estate(), mapping)
