"""Servers, their clouds and hosts, as their inventories say."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from bot.domain.estate import Server
from bot.domain.inventory import CloudLine, HostLine, Known
from bot.domain.names import name_key
from storage.estates import EVERYTHING, REHEARSAL, Part, load_servers

_DIGEST = 8
"""Bytes of each."""
_ID_AND_DIGEST = "json_group_array(id), CAST(group_concat(digest, '') AS BLOB)"


class Inventories:
    """Servers and what was retrieved from them."""

    def __init__(self, connection: sqlite3.Connection, writes: Callable[[Part], None]) -> None:
        self._connection = connection
        self._writes = writes

    def known(self, server: int) -> Known:
        """What is stored of a server."""
        execute = self._connection.execute
        vms = "SELECT {} FROM vm WHERE server = ? AND gone = 0 AND digest {} x''"
        # As two values: a row each would take a quarter longer.
        ids, digests = execute(vms.format(_ID_AND_DIGEST, "<>"), (server,)).fetchone()
        digests = digests or b""
        each = [digests[start : start + _DIGEST] for start in range(0, len(digests), _DIGEST)]
        return Known(
            dict(zip(each, json.loads(ids), strict=True)),
            frozenset(id for (id,) in execute(vms.format("id", "="), (server,))),
            dict(
                execute("SELECT digest, id FROM network WHERE server = ? AND gone = 0", (server,))
            ),
        )

    def put_server(
        self,
        guid: str,
        name: str,
        collected_at: datetime,
        imported_at: datetime,
        simulated: bool,
        kinds: frozenset[str],
    ) -> int:
        """Store the server's row; its id."""
        self._writes(Part.SERVERS)
        self._connection.execute(
            "INSERT INTO server (guid, name, key, collected_at, imported_at, simulated, kinds)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (guid) DO UPDATE SET name = excluded.name,"
            " key = excluded.key, collected_at = excluded.collected_at,"
            " imported_at = excluded.imported_at, simulated = CASE server.simulated WHEN 2 THEN 2"
            " ELSE excluded.simulated END,"
            " kinds = excluded.kinds",
            (
                guid,
                name,
                name_key(name),
                collected_at.isoformat(),
                imported_at.isoformat(),
                int(simulated),
                " ".join(sorted(kinds)),
            ),
        )
        (id,) = self._connection.execute("SELECT id FROM server WHERE guid = ?", (guid,)).fetchone()
        return int(id)

    def replace_server(self, server: int, guid: str) -> None:
        """The server was set up anew: what is known stays, under its new id."""
        self._writes(Part.SERVERS)
        self._connection.execute("UPDATE server SET guid = ? WHERE id = ?", (guid, server))

    def forget(self, server: int) -> None:
        """Drop everything of a server."""
        self._writes(EVERYTHING)
        execute = self._connection.execute
        execute(
            "DELETE FROM segment WHERE server = ? OR source IN (SELECT p.id FROM place p"
            " JOIN network n ON n.id = p.network WHERE n.server = ?)",
            (server, server),
        )
        execute("DELETE FROM adapter WHERE vm IN (SELECT id FROM vm WHERE server = ?)", (server,))
        execute(
            "DELETE FROM mapping WHERE removed <> 0 AND (server = ? OR source IN"
            " (SELECT id FROM network WHERE server = ?))",
            (server, server),
        )
        execute(  # so that no history is told of another network under a number used again
            "DELETE FROM change_network WHERE network IN (SELECT id FROM network WHERE server = ?)",
            (server,),
        )
        asleep = (
            "SELECT id FROM pair WHERE active IN (SELECT id FROM vm WHERE server = ?1)"
            " OR passive IN (SELECT id FROM vm WHERE server = ?1)"
        )
        for table, column in (("left_baseline", "pair"), ("pair_name", "id"), ("pair", "id")):
            execute(f"DELETE FROM {table} WHERE {column} IN ({asleep})", (server,))
        execute("DELETE FROM unreadable WHERE server = ?", (server,))
        execute("DELETE FROM server WHERE id = ?", (server,))

    def mark_vms_gone(self, server: int) -> None:
        """Every VM of the server is gone."""
        self._connection.execute("UPDATE vm SET gone = 1 WHERE server = ?", (server,))

    def rehearse(self) -> None:
        """Let the simulated applier reach every server: this is a copy to rehearse on."""
        self._writes(Part.SERVERS)
        self._connection.execute("UPDATE server SET simulated = ?", (REHEARSAL,))

    def clear(self) -> None:
        """Drop every server, mapping and change: the sample estate is set aside."""
        self._writes(EVERYTHING)
        for table in (
            "pair_adapter",
            "pair_name",
            "left_baseline",
            "unreadable",
            "pair",
            "segment",
            "baseline",
            "adapter",
            "mapping",
            "former",
            "server",
            "reach",
            "change_network",
            "change",
        ):
            self._connection.execute(f"DELETE FROM {table}")

    def put_clouds(self, server: int, lines: Sequence[CloudLine]) -> tuple[list[int], bool]:
        """Replace a server's clouds; their ids in file order, and whether VMs changed theirs."""
        known = self._known("cloud", "logical, protector_server, protector_cloud", server)
        ids = []
        for line in lines:
            logical = line.get("logical_networks")
            protector = line.get("protected_by") or {"server": None, "cloud": None}
            row = (
                line["name"],
                0,
                None if logical is None else json.dumps(sorted(logical)),
                protector["server"],
                protector["cloud"],
            )
            old = known.get(line["id"])
            if old is not None and old[1:] == row:
                ids.append(old[0])
                continue
            self._writes(Part.CLOUDS)
            (id,) = self._connection.execute(
                "INSERT INTO cloud (server, guid, name, key, gone, logical, protector_server,"
                " protector_cloud) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (server, guid) DO UPDATE SET name = excluded.name,"
                " key = excluded.key, logical = excluded.logical,"
                " protector_server = excluded.protector_server,"
                " protector_cloud = excluded.protector_cloud, gone = 0 RETURNING id",
                (server, line["id"], line["name"], name_key(line["name"]), *row[1:]),
            ).fetchone()
            ids.append(int(id))
        self._mark_gone("cloud", Part.CLOUDS, known, {line["id"] for line in lines})
        return ids, bool(self._point_anew("cloud", server, known))

    def put_hosts(
        self, server: int, lines: Sequence[HostLine], clouds: dict[str, int]
    ) -> tuple[list[tuple[int, int]], set[int]]:
        """Replace a server's hosts.

        Returns:
            (id, reach class) in file order, and those whose reach changed. Under a known name
            another host may stand, or none; then that one, or 0, is among them.
        """
        known = self._known("host", "cloud, reach", server)
        rows, changed = [], set()
        for line in lines:
            logical = line.get("logical_networks")
            reach = 0 if logical is None else self._reach(json.dumps(sorted(set(logical))))
            cloud = clouds.get(line.get("cloud") or "", 0)
            old = known.get(line["id"])
            if old is not None and old[1:] == (line["name"], 0, cloud, reach):
                rows.append((old[0], reach))
                continue
            self._writes(Part.HOSTS)
            (id,) = self._connection.execute(
                "INSERT INTO host (server, guid, name, key, cloud, reach) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (server, guid) DO UPDATE SET name = excluded.name,"
                " key = excluded.key, cloud = excluded.cloud, reach = excluded.reach, gone = 0"
                " RETURNING id",
                (server, line["id"], line["name"], name_key(line["name"]), cloud, reach),
            ).fetchone()
            rows.append((int(id), reach))
            if old is not None and old[4] != reach:
                changed.add(int(id))
        self._mark_gone("host", Part.HOSTS, known, {line["id"] for line in lines})
        return rows, changed | self._point_anew("host", server, known)

    def _known(self, table: str, columns: str, server: int) -> dict[str, tuple[Any, ...]]:
        """Guid -> id, name, whether it is gone, and these columns."""
        rows = self._connection.execute(
            f"SELECT guid, id, name, gone, {columns} FROM {table} WHERE server = ?", (server,)
        )
        return {guid: tuple(rest) for guid, *rest in rows}

    def _mark_gone(
        self, table: str, part: Part, known: dict[str, tuple[Any, ...]], listed: set[str]
    ) -> None:
        gone = [(id,) for guid, (id, _, was, *_) in known.items() if not was and guid not in listed]
        if gone:
            self._writes(part)
            self._connection.executemany(f"UPDATE {table} SET gone = 1 WHERE id = ?", gone)

    def _point_anew(self, table: str, server: int, before: dict[str, tuple[Any, ...]]) -> set[int]:
        """Lead VMs to what bears the name now that theirs bore; an unchanged line says just that.

        Returns:
            What they were led to; 0 for nothing.
        """
        after = dict(
            self._connection.execute(
                f"SELECT name, id FROM {table} WHERE server = ? AND gone = 0", (server,)
            )
        )
        names = {name: id for id, name, gone, *_ in before.values() if not gone}
        moved = {id: after.get(name, 0) for name, id in names.items() if after.get(name) != id}
        if moved:
            cases = " ".join(f"WHEN {old} THEN {new}" for old, new in moved.items())
            self._connection.execute(
                f"UPDATE vm SET {table} = CASE {table} {cases} END"
                f" WHERE server = ? AND {table} IN ({', '.join(map(str, moved))})",
                (server,),
            )
        return set(moved.values())

    def _reach(self, logical: str) -> int:
        found = self._connection.execute(
            "SELECT id FROM reach WHERE logical = ?", (logical,)
        ).fetchone()
        if found is None:
            self._writes(Part.HOSTS)
            found = self._connection.execute(
                "INSERT INTO reach (logical) VALUES (?) RETURNING id", (logical,)
            ).fetchone()
        return int(found[0])

    def known_server(self, guid: str, name: str) -> tuple[Server | None, Server | None]:
        """The server of this id, and the one of this name."""
        servers = load_servers(self._connection).values()
        key = name_key(name)
        return (
            next((s for s in servers if s.guid == guid), None),
            next((s for s in servers if name_key(s.name) == key), None),
        )
