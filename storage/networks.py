"""Networks, subnets and pools of a server, as an inventory lists them."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from bot.domain.inventory import NetworkLine
from bot.domain.names import name_key
from bot.domain.reports import NetworkNews
from storage.estates import Part
from storage.stage import Stage


class Networks:
    """What vanished stays as gone: mappings and history point at it."""

    def __init__(self, connection: sqlite3.Connection, writes: Callable[[Part], None]) -> None:
        self._connection = connection
        self._writes = writes

    def put(self, server: int, stage: Stage) -> tuple[list[NetworkNews], list[tuple[int, int]]]:
        """Replace a server's networks, subnets and pools; say what is new about them.

        What vanished is marked gone: mappings and history point at it. New subnets go last, and
        an order that changed is kept beside the adopted one.

        Returns:
            The news, and (number, id) of every place of the networks that were not kept.
        """
        news: list[NetworkNews] = []
        places: list[tuple[int, int]] = []
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
            news += self._put_places(int(id), line, stage, places, same, new=old is None)
        for id, name in lost:
            self._connection.execute("UPDATE network SET gone = 1 WHERE id = ?", (id,))
            news.append(NetworkNews(network=name, event="gone"))
        return news, places

    def _put_places(
        self,
        network: int,
        line: NetworkLine,
        stage: Stage,
        places: list[tuple[int, int]],
        same: bool,
        new: bool,
    ) -> list[NetworkNews]:
        rows = self._connection.execute(
            "SELECT guid, id, name, position, listed, gone FROM place WHERE network = ?",
            (network,),
        ).fetchall()
        known = {guid: rest for guid, *rest in rows}
        if "" not in known:
            cursor = self._connection.execute(
                "INSERT INTO place (network, guid, name, key, position, listed, ranges)"
                " VALUES (?, '', '', '', 0, 0, '')",
                (network,),
            )
            assert cursor.lastrowid is not None
            alone = cursor.lastrowid
        else:
            alone = known[""][0]
        places.append((stage.place_number(line["id"], ""), alone))
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
            places.append((stage.place_number(line["id"], subnet["id"]), int(id)))
            if not same and (pools or old is not None):
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


def _range(cidr: str, vlan: int | None) -> str:
    return cidr if vlan is None else f"{cidr}@{vlan}"
