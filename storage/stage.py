"""One inventory on its way in: temporary tables, which take no lock on the database file.

Lines are numbered as they come (`n`), and so are clouds, hosts and places; which ids those numbers
stand for is told once it is known (`number`), just before the rows are taken over.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import repeat
from operator import contains
from typing import Any

from bot.domain.estate import DISCONNECTED, NOT_OBSERVED
from bot.domain.inventory import (
    CloudLine,
    HostLine,
    Known,
    NetworkLine,
    Port,
    UnreadableLine,
    VmKind,
    VmRows,
)
from bot.domain.names import name_keys
from bot.domain.placements import ADDRESSING_CODES
from storage.addresses import count_v4
from storage.drafts import Draft
from storage.groups import Staged

_BATCH = 2000
_AT_ONCE = 100
"""Rows of one statement: a statement for each would take twice as long."""
NOTHING = Known({}, frozenset(), {})

_TABLES = {
    "stage_vm": "n INTEGER PRIMARY KEY, guid TEXT, hyperv TEXT, name TEXT, key TEXT, kind INTEGER,"
    " digest BLOB, several INTEGER",
    "stage_kind": "n INTEGER PRIMARY KEY, cloud INTEGER, host INTEGER, reach INTEGER, role TEXT,"
    " partner TEXT, state TEXT, health TEXT, power TEXT",
    "stage_adapter": "ns INTEGER PRIMARY KEY, guid TEXT, name TEXT, mac TEXT, port INTEGER,"
    " addresses TEXT",
    "stage_port": "n INTEGER PRIMARY KEY, at INTEGER, addressing INTEGER",
    "stage_old": "n INTEGER PRIMARY KEY, id INTEGER, gone INTEGER, plain INTEGER,"
    " nics INTEGER DEFAULT 0, pairing INTEGER DEFAULT 0",
    "stage_same": "id INTEGER PRIMARY KEY, cloud INTEGER, host INTEGER, role TEXT, partner TEXT,"
    " state TEXT, health TEXT, power TEXT, digest BLOB",
    "stage_gone": "id INTEGER PRIMARY KEY",
    "stage_lone": "n INTEGER PRIMARY KEY, role TEXT, several INTEGER",
}
"""`ns` is `n * 256 + slot`: one number is found, and kept in order, faster than two."""


class Stage:
    """One file's content, in temporary tables of one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.clouds: list[CloudLine] = []
        self.hosts: list[HostLine] = []
        self.networks: list[tuple[NetworkLine, bytes]] = []
        self.known = NOTHING
        self.kept: set[int] = set()
        """VMs whose lines are as they were."""
        self.unreadable: list[tuple[int, UnreadableLine]] = []
        """Lines, by number, of VMs that could not be read."""
        self.kept_networks: set[int] = set()
        self.staged = 0
        """VMs whose lines are not."""
        self.staged_as: Staged | None = None
        """What the rows stand for, once that was looked up."""
        self._places: dict[tuple[str, str], int] = {}
        self._place_ids: list[tuple[int, int]] = []
        self._places_to_load: list[int] = []
        self._clouds: dict[str | None, int] = {}
        self._hosts: dict[str | None, int] = {}
        self._kinds: Sequence[VmKind] = ()
        self._ports: Sequence[Port] = ()
        self._vms: list[Any] = []
        self._adapters: list[Any] = []
        self._flushed = 0
        self.draft = Draft(connection)
        """The pairs that follow."""
        for table, columns in _TABLES.items():
            connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
            connection.execute(f"CREATE TEMP TABLE {table} ({columns})")

    @property
    def vm_count(self) -> int:
        """VMs that the file lists."""
        return len(self.kept) + self.staged

    def cloud(self, line: CloudLine) -> None:
        self._clouds[line["name"]] = len(self.clouds)
        self.clouds.append(line)

    def host(self, line: HostLine) -> None:
        self._hosts[line["name"]] = len(self.hosts)
        self.hosts.append(line)

    def network(self, line: NetworkLine, digest: bytes) -> None:
        for guid in ("", *(subnet["id"] for subnet in line["subnets"])):
            self._places[line["id"], guid] = len(self._places) + 1
        self.networks.append((line, digest))

    def keep_network(self, network: int) -> None:
        """The line of this network is as it was."""
        self.kept_networks.add(network)
        self._places_to_load.append(network)

    def keep(self, vms: Sequence[int]) -> bool:
        """The lines of these VMs are as they were; False, and none is kept, if one was before."""
        count = len(self.kept)
        some = set(vms)
        if len(some) != len(vms) or not self.kept.isdisjoint(some):
            return False
        self.kept |= some
        return len(self.kept) == count + len(vms)

    def vms(self, rows: VmRows) -> None:
        if self._places_to_load:
            self._load_places()
        self._kinds, self._ports = rows.vm_kinds, rows.ports
        first = self.staged + 1
        self.staged += len(rows.ids)
        several = [0] * len(rows.ids)
        if any(map(contains, rows.addresses, repeat(" "))):
            for owner, addresses in zip(rows.owners, rows.addresses, strict=True):
                several[owner] |= count_v4(addresses) > 1
        keys = name_keys(rows.names)
        digests = [*map(bytearray, rows.digests)]  # sqlite3 takes `bytes` more slowly
        vms = range(first, self.staged + 1)
        self._vms += _by_row(
            vms, rows.ids, rows.hyperv, rows.names, keys, rows.kinds, digests, several
        )
        places = zip(rows.owners, rows.slots, strict=True)
        nics = [(first + owner) * 256 + slot for owner, slot in places]
        self._adapters += _by_row(
            nics, rows.nic_ids, rows.nic_names, rows.macs, rows.at, rows.addresses
        )
        if self.staged - self._flushed >= _BATCH:
            self._flush_vms()

    def _flush_vms(self) -> None:
        with self._at_once():
            self._insert("stage_vm", 8, self._vms)
            self._insert("stage_adapter", 6, self._adapters)
        self._vms.clear()
        self._adapters.clear()
        self._flushed = self.staged

    def _insert(self, table: str, width: int, values: list[Any]) -> None:
        """Insert rows whose values follow one another."""
        marks = f"({', '.join('?' * width)})"
        for start in range(0, len(values), width * _AT_ONCE):
            some = values[start : start + width * _AT_ONCE]
            rows = ", ".join([marks] * (len(some) // width))
            self._connection.execute(f"INSERT INTO temp.{table} VALUES {rows}", some)

    def _load_places(self) -> None:
        """Number the places of kept networks: a VM that changed may be on them."""
        rows = self._connection.execute(
            "SELECT n.guid, p.guid, p.id FROM json_each(?) kept JOIN network n ON n.id = kept.value"
            " JOIN place p ON p.network = n.id",
            (json.dumps(self._places_to_load),),
        )
        for network, subnet, id in rows:
            number = self._places[network, subnet] = len(self._places) + 1
            self._place_ids.append((number, id))
        self._places_to_load.clear()

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """One transaction, of temporary tables only; without it, every row would be one."""
        self._connection.execute("SAVEPOINT staging")
        try:
            yield
        finally:
            self._connection.execute("RELEASE staging")

    def finish(self) -> None:
        """Everything was read."""
        self._flush_vms()
        self._connection.execute("CREATE INDEX temp.stage_vm_hyperv ON stage_vm (hyperv)")

    def discard(self) -> None:
        """Drop the temporary tables."""
        self.draft.discard()
        for table in _TABLES:
            self._connection.execute(f"DROP TABLE IF EXISTS temp.{table}")

    def place_number(self, network: str, subnet: str) -> int:
        return self._places[network, subnet]

    def number(
        self,
        places: Sequence[tuple[int, int]],
        clouds: Sequence[int],
        hosts: Sequence[tuple[int, int]],
    ) -> None:
        """Say which ids the numbers stand for.

        Args:
            places: (number, id) of those in networks that were not kept.
            clouds: ids in file order.
            hosts: (id, reach class) in file order.
        """
        places_of = dict([*self._place_ids, *places])
        ports: list[Any] = []
        for n, port in enumerate(self._ports):
            at = self._at(port, places_of)
            ports += (n, at, ADDRESSING_CODES[port.addressing])
        kinds: list[Any] = []
        for n, kind in enumerate(self._kinds):
            cloud, host = self._clouds.get(kind.cloud), self._hosts.get(kind.host)
            on = (0, 0) if host is None else hosts[host]
            kinds += (n, 0 if cloud is None else clouds[cloud], *on, *kind[2:])
        for table, width, values in (("stage_port", 3, ports), ("stage_kind", 9, kinds)):
            self._connection.execute(f"DELETE FROM temp.{table}")
            self._insert(table, width, values)

    def _at(self, port: Port, places: dict[int, int]) -> int:
        """Where an adapter is."""
        if port.network is None:
            return DISCONNECTED if port.observed else NOT_OBSERVED
        return places[self._places[port.network, port.subnet or ""]]


def _by_row(*columns: Sequence[Any]) -> list[Any]:
    """The values of the first row, then those of the second, and so on."""
    values: list[Any] = [None] * (len(columns) * len(columns[0]))
    for n, column in enumerate(columns):
        values[n :: len(columns)] = column  # of another length is a ValueError
    return values
