"""Take an inventory in: staged in temporary tables first, then applied under one short lock.

Temporary tables take no lock on the main file, so what is long (reading, parsing, staging) happens
before the transaction and only changed rows are written inside it.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from bot.domain.estate import DISCONNECTED, NOT_OBSERVED, Server
from bot.domain.inventory import CloudLine, HostLine, Known, NetworkLine, VmLine
from bot.domain.names import name_key
from bot.domain.placements import ADDRESSING_CODES
from bot.domain.reports import NetworkNews, Renamed, VmNews
from storage.estates import EVERYTHING, REHEARSAL, Part, load_servers

_BATCH = 2000
NOTHING = Known({}, frozenset(), {})


class Stage:
    """One file's content on its way in; temporary tables of one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.clouds: list[CloudLine] = []
        self.hosts: list[HostLine] = []
        self.networks: list[tuple[NetworkLine, bytes]] = []
        self._places: dict[tuple[str, str], int] = {}
        self._clouds: dict[str, int] = {}
        self._hosts: dict[str, int] = {}
        self._vms: list[tuple[Any, ...]] = []
        self._adapters: list[tuple[Any, ...]] = []
        self.known = NOTHING
        self.kept: set[int] = set()
        """VMs whose lines are as they were."""
        self.kept_networks: set[int] = set()
        self._places_to_load: list[int] = []
        self.vm_count = 0
        self._run(
            "DROP TABLE IF EXISTS temp.stage_vm; DROP TABLE IF EXISTS temp.stage_adapter;"
            "DROP TABLE IF EXISTS temp.stage_place;"
            "CREATE TEMP TABLE stage_vm (n INTEGER PRIMARY KEY, guid TEXT, hyperv TEXT, name TEXT,"
            " key TEXT, cloud INTEGER, host INTEGER, role TEXT, partner TEXT, state TEXT,"
            " health TEXT, power TEXT, digest BLOB);"
            "CREATE TEMP TABLE stage_adapter (n INTEGER, slot INTEGER, guid TEXT, name TEXT,"
            " mac TEXT, place INTEGER, addressing INTEGER, addresses TEXT);"
            "CREATE TEMP TABLE stage_place (n INTEGER PRIMARY KEY, id INTEGER)"
        )

    def _run(self, script: str) -> None:
        for statement in script.split(";"):
            self._connection.execute(statement)

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

    def keep(self, vm: int) -> None:
        """The line of this VM is as it was.

        Raises:
            KeyError: it was kept before, so the file lists it twice.
        """
        if vm in self.kept:
            raise KeyError("a VM is listed twice")
        self.kept.add(vm)
        self.vm_count += 1

    def vm(self, line: VmLine, digest: bytes) -> None:
        if self._places_to_load:
            self._load_places()
        self.vm_count += 1
        n = self.vm_count
        self._vms.append(
            (
                n,
                line["id"],
                line.get("hyperv_id"),
                line["name"],
                name_key(line["name"]),
                self._clouds.get(line.get("cloud") or "", -1),
                self._hosts.get(line.get("host") or "", -1),
                line.get("role"),
                line.get("partner_host"),
                line.get("replication_state"),
                line.get("replication_health"),
                line.get("power"),
                digest,
            )
        )
        for nic in line["adapters"]:
            if not nic.get("observed", True):
                place = NOT_OBSERVED
            elif nic["network"] is None:
                place = DISCONNECTED
            else:
                place = self._places[nic["network"], nic.get("subnet") or ""]
            self._adapters.append(
                (
                    n,
                    nic["slot"],
                    nic.get("id", ""),
                    nic.get("name", ""),
                    nic.get("mac", ""),
                    place,
                    ADDRESSING_CODES[nic.get("addressing")],
                    " ".join(nic.get("addresses", ())),
                )
            )
        if len(self._vms) >= _BATCH:
            self._flush_vms()

    def _flush_vms(self) -> None:
        with self._at_once():
            self._connection.executemany(
                f"INSERT INTO temp.stage_vm VALUES ({', '.join('?' * 13)})", self._vms
            )
            self._connection.executemany(
                f"INSERT INTO temp.stage_adapter VALUES ({', '.join('?' * 8)})", self._adapters
            )
        self._vms.clear()
        self._adapters.clear()

    def _load_places(self) -> None:
        """Number the places of kept networks: a VM that changed may be on them."""
        rows = self._connection.execute(
            "SELECT n.guid, p.guid, p.id FROM json_each(?) kept JOIN network n ON n.id = kept.value"
            " JOIN place p ON p.network = n.id",
            (json.dumps(self._places_to_load),),
        ).fetchall()
        numbered = []
        for network, subnet, id in rows:
            number = self._places[network, subnet] = len(self._places) + 1
            numbered.append((number, id))
        with self._at_once():
            self._connection.executemany("INSERT INTO temp.stage_place VALUES (?, ?)", numbered)
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

    def discard(self) -> None:
        """Drop the temporary tables."""
        self._run(
            "DROP TABLE IF EXISTS temp.stage_vm; DROP TABLE IF EXISTS temp.stage_adapter;"
            "DROP TABLE IF EXISTS temp.stage_place"
        )

    def place_number(self, network: str, subnet: str) -> int:
        return self._places[network, subnet]


class Inventories:
    """Servers and what was retrieved from them."""

    def __init__(self, connection: sqlite3.Connection, writes: Callable[[Part], None]) -> None:
        self._connection = connection
        self._writes = writes

    def known(self, server: int) -> Known:
        """What is stored of a server."""
        execute = self._connection.execute
        vms = "SELECT {} FROM vm WHERE server = ? AND gone = 0 AND digest {} x''"
        return Known(
            dict(execute(vms.format("digest, id", "<>"), (server,))),
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
            "pair",
            "segment",
            "baseline",
            "adapter",
            "mapping",
            "server",
            "reach",
            "change_network",
            "change",
        ):
            self._connection.execute(f"DELETE FROM {table}")

    # -- the small kinds ---------------------------------------------------------------

    def put_clouds(self, server: int, lines: Sequence[CloudLine]) -> list[int]:
        """Replace a server's clouds; their ids in file order."""
        self._writes(Part.CLOUDS)
        names = self._listed("cloud", server)
        self._connection.execute("UPDATE cloud SET gone = 1 WHERE server = ?", (server,))
        ids = []
        for line in lines:
            logical = line.get("logical_networks")
            protector = line.get("protected_by") or {"server": None, "cloud": None}
            (id,) = self._connection.execute(
                "INSERT INTO cloud (server, guid, name, key, logical, protector_server,"
                " protector_cloud) VALUES (?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (server, guid) DO UPDATE SET name = excluded.name,"
                " key = excluded.key, logical = excluded.logical,"
                " protector_server = excluded.protector_server,"
                " protector_cloud = excluded.protector_cloud, gone = 0 RETURNING id",
                (
                    server,
                    line["id"],
                    line["name"],
                    name_key(line["name"]),
                    None if logical is None else json.dumps(sorted(logical)),
                    protector["server"],
                    protector["cloud"],
                ),
            ).fetchone()
            ids.append(int(id))
        self._point_anew("cloud", server, names)
        return ids

    def put_hosts(
        self, server: int, lines: Sequence[HostLine], clouds: dict[str, int]
    ) -> tuple[list[int], set[int]]:
        """Replace a server's hosts; their ids in file order, and those whose reach changed.

        Under a known name another host may stand; then that one changed.
        """
        names = self._listed("host", server)
        self._writes(Part.HOSTS)
        self._connection.execute("UPDATE host SET gone = 1 WHERE server = ?", (server,))
        ids, changed = [], set()
        for line in lines:
            logical = line.get("logical_networks")
            reach = 0
            if logical is not None:
                reach = self._reach(json.dumps(sorted(set(logical))))
            before = self._connection.execute(
                "SELECT reach FROM host WHERE server = ? AND guid = ?", (server, line["id"])
            ).fetchone()
            (id,) = self._connection.execute(
                "INSERT INTO host (server, guid, name, key, cloud, reach) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (server, guid) DO UPDATE SET name = excluded.name,"
                " key = excluded.key, cloud = excluded.cloud, reach = excluded.reach, gone = 0"
                " RETURNING id",
                (
                    server,
                    line["id"],
                    line["name"],
                    name_key(line["name"]),
                    clouds.get(line.get("cloud") or "", 0),
                    reach,
                ),
            ).fetchone()
            ids.append(int(id))
            if before is not None and before[0] != reach:
                changed.add(int(id))
        changed |= self._point_anew("host", server, names)
        return ids, changed

    def _listed(self, table: str, server: int) -> dict[str, int]:
        """Name -> id of what is not gone."""
        rows = self._connection.execute(
            f"SELECT name, id FROM {table} WHERE server = ? AND gone = 0", (server,)
        )
        return dict(rows.fetchall())

    def _point_anew(self, table: str, server: int, before: dict[str, int]) -> set[int]:
        """Lead VMs to what bears the name now that theirs bore; an unchanged line says just that.

        Returns:
            What they were led to.
        """
        after = self._listed(table, server)
        moved = {id: after.get(name, 0) for name, id in before.items() if after.get(name) != id}
        if moved:
            cases = " ".join(f"WHEN {old} THEN {new}" for old, new in moved.items())
            self._connection.execute(
                f"UPDATE vm SET {table} = CASE {table} {cases} END"
                f" WHERE server = ? AND {table} IN ({', '.join(map(str, moved))})",
                (server,),
            )
        return set(moved.values()) - {0}

    def _reach(self, logical: str) -> int:
        self._connection.execute("INSERT OR IGNORE INTO reach (logical) VALUES (?)", (logical,))
        (id,) = self._connection.execute(
            "SELECT id FROM reach WHERE logical = ?", (logical,)
        ).fetchone()
        return int(id)

    def put_networks(self, server: int, stage: Stage) -> list[NetworkNews]:
        """Replace a server's networks, subnets and pools; say what is new about them.

        What vanished is marked gone: mappings and history point at it. New subnets go last, and
        an order that changed is kept beside the adopted one.
        """
        news: list[NetworkNews] = []
        known = {
            guid: (id, name, gone, digest)
            for id, guid, name, gone, digest in self._connection.execute(
                "SELECT id, guid, name, gone, digest FROM network WHERE server = ?", (server,)
            )
        }
        listed = {line["id"] for line, _ in stage.networks}
        lost = [
            (id, name)
            for guid, (id, name, gone, _) in known.items()
            if guid not in listed and id not in stage.kept_networks and not gone
        ]
        if listed or lost:
            self._writes(Part.NETWORKS)
        for line, digest in stage.networks:
            old = known.get(line["id"])
            if old is None:
                news.append(NetworkNews(network=line["name"], event="added"))
            elif old[2]:
                news.append(NetworkNews(network=line["name"], event="back"))
            elif old[1] != line["name"]:
                news.append(NetworkNews(network=line["name"], event="renamed", was=old[1]))
            (id,) = self._connection.execute(
                "INSERT INTO network (server, guid, name, key, logical, logical_known, isolation,"
                " digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (server, guid) DO UPDATE SET"
                " name = excluded.name, key = excluded.key, logical = excluded.logical,"
                " logical_known = excluded.logical_known, isolation = excluded.isolation,"
                " digest = excluded.digest, gone = 0 RETURNING id",
                (
                    server,
                    line["id"],
                    line["name"],
                    name_key(line["name"]),
                    line.get("logical_network"),
                    int("logical_network" in line),
                    line.get("isolation"),
                    digest,
                ),
            ).fetchone()
            same = old is not None and not old[2] and old[3] == digest
            news += self._put_places(int(id), line, stage, same, new=old is None)
        for id, name in lost:
            self._connection.execute("UPDATE network SET gone = 1 WHERE id = ?", (id,))
            news.append(NetworkNews(network=name, event="gone"))
        return news

    def _put_places(
        self, network: int, line: NetworkLine, stage: Stage, same: bool, new: bool
    ) -> list[NetworkNews]:
        rows = self._connection.execute(
            "SELECT guid, id, name, position, listed, gone FROM place WHERE network = ?",
            (network,),
        ).fetchall()
        known = {guid: rest for guid, *rest in rows}
        stage_rows = []
        if "" not in known:
            cursor = self._connection.execute(
                "INSERT INTO place (network, guid, name, key, position, listed, ranges)"
                " VALUES (?, '', '', '', 0, 0, '')",
                (network,),
            )
            stage_rows.append((stage.place_number(line["id"], ""), cursor.lastrowid))
        else:
            stage_rows.append((stage.place_number(line["id"], ""), known[""][0]))
        news = []
        last = max((position for _, _, position, _, _ in known.values()), default=0)
        for order, subnet in enumerate(line["subnets"], start=1):
            old = known.get(subnet["id"])
            if old is None:
                last += 1
                if not new:
                    news.append(self._said(line, subnet["name"], "added"))
            elif old[4]:
                last += 1  # back, and last in order as any new one
                news.append(self._said(line, subnet["name"], "back"))
            elif old[1] != subnet["name"]:
                news.append(self._said(line, subnet["name"], "renamed", old[1]))
            position = last if old is None or old[4] else old[2]
            pools = subnet.get("pools")
            (id,) = self._connection.execute(
                "INSERT INTO place (network, guid, name, key, position, listed, ranges, pools)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (network, guid) DO UPDATE SET"
                " name = excluded.name, key = excluded.key, position = excluded.position,"
                " listed = excluded.listed, ranges = excluded.ranges, pools = excluded.pools,"
                " gone = 0 RETURNING id",
                (
                    network,
                    subnet["id"],
                    subnet["name"],
                    name_key(subnet["name"]),
                    position,
                    order,
                    " ".join(_range(r["cidr"], r.get("vlan")) for r in subnet.get("ranges", ())),
                    None if pools is None else len(pools),
                ),
            ).fetchone()
            stage_rows.append((stage.place_number(line["id"], subnet["id"]), int(id)))
            if not same:
                self._put_pools(int(id), pools or ())
        listed = {subnet["id"] for subnet in line["subnets"]}
        for guid, (id, name, _, _, gone) in known.items():
            if guid and guid not in listed and not gone:
                self._connection.execute("UPDATE place SET gone = 1 WHERE id = ?", (id,))
                news.append(self._said(line, name, "gone"))
        stayed = [s["id"] for s in line["subnets"] if s["id"] in known and not known[s["id"]][4]]
        before = sorted(stayed, key=lambda guid: known[guid][3])
        if stayed != before:
            news.append(self._said(line, "", "reordered"))
        self._connection.executemany("INSERT INTO temp.stage_place VALUES (?, ?)", stage_rows)
        return news

    @staticmethod
    def _said(line: NetworkLine, subnet: str, event: str, was: str = "") -> NetworkNews:
        return NetworkNews(network=line["name"], subnet=subnet, event=event, was=was)

    def _put_pools(self, place: int, pools: Sequence[Any]) -> None:
        self._connection.execute("DELETE FROM pool WHERE place = ?", (place,))
        self._connection.execute("DELETE FROM taken WHERE place = ?", (place,))
        for pool in pools:
            self._connection.execute(
                "INSERT INTO pool (place, first, last) VALUES (?, ?, ?)",
                (place, pool["first"].packed, pool["last"].packed),
            )
            self._connection.executemany(
                "INSERT OR REPLACE INTO taken (place, address, adapter, reserved)"
                " VALUES (?, ?, ?, ?)",
                [
                    *((place, a.packed, "", 1) for a in pool.get("reserved", ())),
                    *(
                        (place, a["address"].packed, a.get("adapter") or "", 0)
                        for a in pool.get("allocated", ())
                    ),
                ],
            )

    def adopt(self, network: int) -> None:
        """Let the order of the last inventory count from now on."""
        self._writes(Part.NETWORKS)
        self._connection.execute(
            "UPDATE place SET position = listed WHERE network = ? AND guid <> '' AND gone = 0",
            (network,),
        )

    # -- VMs ---------------------------------------------------------------------------

    def vanishing(self, server: int, stage: Stage) -> tuple[int, int]:
        """How many VMs of the server the staged file does not list, and how many there are."""
        known = len(stage.known.vms) + len(stage.known.unread)
        (staged,) = self._connection.execute(
            "SELECT count(*) FROM temp.stage_vm s"
            " CROSS JOIN vm v ON v.server = ? AND v.guid = s.guid WHERE v.gone = 0",
            (server,),
        ).fetchone()
        return known - len(stage.kept) - int(staged), known

    def duplicates(self, server: int, stage: Stage) -> list[str]:
        """Names of VMs that the file lists both as they were and changed."""
        rows = self._connection.execute(
            "SELECT v.id, v.name FROM temp.stage_vm s"
            " CROSS JOIN vm v ON v.server = ? AND v.guid = s.guid",
            (server,),
        )
        return [name for id, name in rows if id in stage.kept][:100]

    def dangling(self, server: int) -> list[tuple[str, str]]:
        """(VM, network) where an unchanged VM is on a network or subnet that is gone."""
        rows = self._connection.execute(
            "SELECT v.name, n.name FROM place p JOIN network n ON n.id = p.network"
            " CROSS JOIN adapter a ON a.at = p.id JOIN vm v ON v.id = a.vm"
            " WHERE n.server = ? AND (n.gone = 1 OR p.gone = 1) AND v.gone = 0 LIMIT 100",
            (server,),
        )
        return [(vm, network) for vm, network in rows]

    def put_vms(self, server: int, stage: Stage, clouds: list[int], hosts: list[int]) -> VmNews:
        """Take the staged VMs in and mark gone those the file does not list."""
        news = VmNews()
        execute = self._connection.execute
        execute("CREATE TEMP TABLE IF NOT EXISTS stage_id (n INTEGER PRIMARY KEY, id INTEGER)")
        execute("DELETE FROM temp.stage_id")
        execute(
            "INSERT INTO temp.stage_id SELECT s.n, v.id FROM temp.stage_vm s"
            " LEFT JOIN vm v ON v.server = ? AND v.guid = s.guid",
            (server,),
        )
        news.affected.update(
            hyperv
            for (hyperv,) in execute(
                "SELECT hyperv FROM temp.stage_vm WHERE hyperv IS NOT NULL UNION"
                " SELECT v.hyperv FROM temp.stage_id i JOIN vm v ON v.id = i.id"
                " WHERE v.hyperv IS NOT NULL"
            )
        )
        news.renamed = [
            Renamed(was=was, now=now)
            for was, now in execute(
                "SELECT v.name, s.name FROM temp.stage_vm s JOIN temp.stage_id i ON i.n = s.n"
                " JOIN vm v ON v.id = i.id WHERE v.name <> s.name AND v.gone = 0 LIMIT 100"
            )
        ]
        (news.new,) = execute(
            "SELECT count(*) FROM temp.stage_id i LEFT JOIN vm v ON v.id = i.id"
            " WHERE v.id IS NULL OR v.gone = 1"
        ).fetchone()
        (staged,) = execute("SELECT count(*) FROM temp.stage_vm").fetchone()
        news.changed = staged - news.new
        staged_ids = {id for (id,) in execute("SELECT id FROM temp.stage_id")}
        missing = stage.known.unread.union(stage.known.vms.values()) - stage.kept - staged_ids
        gone = execute(
            "SELECT v.id, v.hyperv FROM json_each(?) m CROSS JOIN vm v ON v.id = m.value",
            (json.dumps(sorted(missing)),),
        ).fetchall()
        news.gone = len(gone)
        news.affected.update(hyperv for _, hyperv in gone if hyperv)
        self._connection.executemany(
            "UPDATE vm SET gone = 1, digest = x'' WHERE id = ?", [(id,) for id, _ in gone]
        )
        self._connection.executemany("DELETE FROM adapter WHERE vm = ?", [(id,) for id, _ in gone])
        self._number("stage_cloud", clouds)
        self._number("stage_host", hosts)
        execute(
            "INSERT INTO vm (server, guid, hyperv, name, key, cloud, host, role, partner_host,"
            " state, health, power, digest)"
            " SELECT ?, s.guid, s.hyperv, s.name, s.key, coalesce(c.id, 0), coalesce(h.id, 0),"
            " s.role, s.partner, s.state, s.health, s.power, s.digest"
            " FROM temp.stage_vm s LEFT JOIN temp.stage_cloud c ON c.n = s.cloud"
            " LEFT JOIN temp.stage_host h ON h.n = s.host WHERE true ORDER BY s.n"
            " ON CONFLICT (server, guid) DO UPDATE SET hyperv = excluded.hyperv,"
            " name = excluded.name, key = excluded.key, cloud = excluded.cloud,"
            " host = excluded.host, role = excluded.role, partner_host = excluded.partner_host,"
            " state = excluded.state, health = excluded.health, power = excluded.power,"
            " digest = excluded.digest, gone = 0",
            (server,),
        )
        execute(
            "DELETE FROM adapter WHERE vm IN (SELECT id FROM temp.stage_id WHERE id IS NOT NULL)"
        )
        execute(
            "UPDATE temp.stage_id SET id = (SELECT v.id FROM temp.stage_vm s JOIN vm v"
            " ON v.server = ? AND v.guid = s.guid WHERE s.n = stage_id.n) WHERE id IS NULL",
            (server,),
        )
        execute(
            "INSERT INTO adapter (vm, slot, guid, name, mac, at, addressing, addresses)"
            " SELECT i.id, a.slot, a.guid, a.name, a.mac, coalesce(p.id, a.place), a.addressing,"
            " a.addresses FROM temp.stage_adapter a JOIN temp.stage_id i ON i.n = a.n"
            " LEFT JOIN temp.stage_place p ON p.n = a.place ORDER BY i.id, a.slot"
        )
        return news

    def _number(self, table: str, ids: Sequence[int]) -> None:
        self._connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
        self._connection.execute(f"CREATE TEMP TABLE {table} (n INTEGER PRIMARY KEY, id INTEGER)")
        self._connection.executemany(f"INSERT INTO temp.{table} VALUES (?, ?)", enumerate(ids))

    def on_hosts(self, hosts: set[int]) -> set[str]:
        """Hyper-V ids of the VMs on these hosts."""
        found: set[str] = set()
        for host in hosts:
            found.update(
                hyperv
                for (hyperv,) in self._connection.execute(
                    "SELECT hyperv FROM vm WHERE host = ? AND hyperv IS NOT NULL", (host,)
                )
            )
        return found

    def known_server(self, guid: str, name: str) -> tuple[Server | None, Server | None]:
        """The server of this id, and the one of this name."""
        servers = load_servers(self._connection).values()
        key = name_key(name)
        return (
            next((s for s in servers if s.guid == guid), None),
            next((s for s in servers if name_key(s.name) == key), None),
        )


def _range(cidr: str, vlan: int | None) -> str:
    return cidr if vlan is None else f"{cidr}@{vlan}"
