"""Look single VMs up; every statement here is a seek, whatever the size of the estate."""

import json
import sqlite3
from collections.abc import Iterable

from bot.domain.names import name_key, slips
from bot.domain.vms import AdapterRow, PairAdapterRow, PairRow, VmRow
from storage.rows import maker

_VM = (
    "SELECT v.id, v.server, v.guid, v.hyperv, v.name, v.cloud, v.host, coalesce(h.name, ''),"
    " v.role, v.partner_host, v.state, v.health, v.power"
    " FROM vm v LEFT JOIN host h ON h.id = v.host"
)
_PAIR = "SELECT id, active, passive, home, away, failed_over, since, faults FROM pair"

NAMES = """
    SELECT json_group_array(n.id), json_group_array(n.name)
      FROM json_each(?) j CROSS JOIN pair_name n ON n.id = j.value
"""

SLIPS = 80
"""Characters of a name in which slips of the hand are looked for."""


_vm = maker(VmRow)
_adapter = maker(AdapterRow)
_pair_row = maker(PairRow)
_pair_adapter = maker(PairAdapterRow)


_UNKNOWN = (
    "v.role IS NULL AND v.gone = 0"
    " AND NOT EXISTS (SELECT 1 FROM pair WHERE active = v.id AND passive <> 0)"
    " AND NOT EXISTS (SELECT 1 FROM pair WHERE passive = v.id AND active <> 0)"
)
"""No inventory says whether VM `v` is replicated, that of its other side neither."""


class Vms:
    """VMs by name, and what belongs to them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def named(self, name: str) -> list[VmRow]:
        """Those of this name, letter case aside; those that are gone left out."""
        rows = self._connection.execute(
            f"{_VM} WHERE v.key = ? AND v.gone = 0 ORDER BY v.id", (name_key(name),)
        )
        return [*map(_vm, rows)]

    def with_id(self, guid: str) -> list[VmRow]:
        """Those whose VMM id this is."""
        rows = self._connection.execute(
            f"{_VM} WHERE v.server IN (SELECT id FROM server) AND v.guid = ? AND v.gone = 0",
            (guid.lower(),),
        )
        return [*map(_vm, rows)]

    def get(self, id: int) -> VmRow | None:
        """One, gone or not."""
        row = self._connection.execute(f"{_VM} WHERE v.id = ?", (id,)).fetchone()
        return _vm(row) if row else None

    def near(self, name: str, limit: int) -> list[str]:
        """Names that a slip of the hand turns into this one, else those that begin like it.

        Of beginnings, the longest that finds any counts.
        """
        key = name_key(name)
        slipped = slips(key[:SLIPS])
        rows = self._connection.execute(
            f"SELECT key, name FROM vm WHERE key IN ({', '.join('?' * len(slipped))}) AND gone = 0",
            slipped,
        )
        called = dict(rows.fetchall())
        found = [called[one] for one in slipped if one in called]
        return list(dict.fromkeys(found))[:limit] or self._beginning_like(key, limit)

    def _beginning_like(self, key: str, limit: int) -> list[str]:
        for length in range(len(key), 1, -1):
            start = key[:length]
            rows = self._connection.execute(
                "SELECT DISTINCT name FROM vm WHERE key >= ? AND key < ? AND gone = 0"
                " ORDER BY key LIMIT ?",
                (start, start + "\U0010ffff", limit),
            ).fetchall()
            if rows:
                return [found for (found,) in rows]
        return []

    def pairs_of(self, *vms: VmRow) -> list[PairRow]:
        """The pairs that any of these is a side of.

        A pair of a Hyper-V id that a VM had before remembers it, and is none of its own any more.
        """
        ids = {vm.id for vm in vms}
        found = [
            _pair(row)
            for hyperv in {vm.hyperv for vm in vms if vm.hyperv is not None}
            for row in self._connection.execute(f"{_PAIR} WHERE hyperv = ?", (hyperv,))
        ]
        return sorted(pair for pair in found if not ids.isdisjoint((pair.active, pair.passive)))

    def pair(self, id: int) -> PairRow | None:
        """One pair."""
        row = self._connection.execute(f"{_PAIR} WHERE id = ?", (id,)).fetchone()
        return _pair(row) if row else None

    def adapters(self, *vms: int) -> list[dict[int, AdapterRow]]:
        """Slot -> adapter of each of these, in slot order; a VM that is 0 has none."""
        return [
            {
                slot: _adapter((slot, guid, name, at, addressing, tuple(addresses.split())))
                for slot, guid, name, at, addressing, addresses in self._connection.execute(
                    "SELECT slot, guid, name, at, addressing, addresses FROM adapter"
                    " WHERE vm = ? ORDER BY slot",
                    (vm,),
                )
            }
            for vm in vms
        ]

    def pair_adapters(self, pair: int) -> list[PairAdapterRow]:
        """In slot order."""
        rows = self._connection.execute(
            "SELECT slot, segment, observed, observed_since, joined FROM pair_adapter"
            " WHERE pair = ? ORDER BY slot",
            (pair,),
        )
        return [*map(_pair_adapter, rows)]

    def names(self, pairs: Iterable[int]) -> dict[int, str]:
        """Pair -> the name of its replica, or of its other side where that is unknown."""
        # As two texts: a row each would take half as long again.
        ids, names = self._connection.execute(NAMES, [json.dumps(sorted(set(pairs)))]).fetchone()
        return dict(zip(json.loads(ids), json.loads(names), strict=True))

    def counts(self, places: Iterable[int]) -> tuple[int, int]:
        """(VMs, adapters) that are on any of these places now."""
        wanted = sorted(set(places))
        if not wanted:
            return 0, 0
        vms, adapters = self._connection.execute(
            "SELECT count(DISTINCT vm), count(*) FROM adapter"
            f" WHERE at IN ({', '.join('?' * len(wanted))})",
            wanted,
        ).fetchone()
        return int(vms), int(adapters)

    def unknown(self, server: int) -> tuple[int, list[str]]:
        """VMs of which nobody said whether they are replicated: how many, and a few names."""
        where = f"FROM vm v WHERE v.server = ? AND {_UNKNOWN}"
        (count,) = self._connection.execute(f"SELECT count(*) {where}", (server,)).fetchone()
        rows = self._connection.execute(f"SELECT v.name {where} LIMIT 3", (server,))
        return int(count), [name for (name,) in rows]

    def unknown_on(self, server: int, places: Iterable[int]) -> int:
        """How many of those have an adapter on any of these places."""
        wanted = sorted(set(places))
        (count,) = self._connection.execute(
            "SELECT count(DISTINCT a.vm) FROM vm v CROSS JOIN adapter a ON a.vm = v.id"
            f" WHERE v.server = ? AND {_UNKNOWN} AND a.at IN ({', '.join('?' * len(wanted))})",
            (server, *wanted),
        ).fetchone()
        return int(count)

    def counts_by_network(self, server: int) -> dict[int, tuple[int, int]]:
        """Network -> (VMs, adapters) on it now."""
        rows = self._connection.execute(
            "SELECT p.network, count(DISTINCT a.vm), count(*) FROM network n"
            " CROSS JOIN place p ON p.network = n.id CROSS JOIN adapter a ON a.at = p.id"
            " WHERE n.server = ? GROUP BY p.network",
            (server,),
        )
        return {network: (vms, adapters) for network, vms, adapters in rows}

    def server_counts(self, server: int) -> tuple[int, int]:
        """(VMs, replicated VMs of which either side is known) of a server."""
        (vms,) = self._connection.execute(
            "SELECT count(*) FROM vm WHERE server = ? AND gone = 0", (server,)
        ).fetchone()
        (pairs,) = self._connection.execute(
            "SELECT count(*) FROM vm v WHERE v.server = ? AND v.gone = 0 AND EXISTS"
            " (SELECT 1 FROM pair p WHERE p.hyperv = v.hyperv AND v.id IN (p.active, p.passive))",
            (server,),
        ).fetchone()
        return int(vms), int(pairs)

    def server_of_host(self, name: str) -> int | None:
        """The server that manages the host of this name; None if unknown or not unique."""
        rows = self._connection.execute(
            "SELECT DISTINCT server FROM host WHERE key = ? AND gone = 0 LIMIT 2",
            (name_key(name),),
        ).fetchall()
        return int(rows[0][0]) if len(rows) == 1 else None


def _pair(row: tuple[int, int, int, int, int, int, int, int]) -> PairRow:
    id, active, passive, home, away, failed_over, since, faults = row
    return _pair_row((id, active, passive, home, bool(away), bool(failed_over), since, faults))
