"""Sites, inventories and a whole bot on a real file, of which a test says only what matters."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

from bot.domain.replies import Reply
from bot.importers.jsonl import lines_in_memory
from bot.ports import InventorySource
from bot.settings import Settings
from bot.usecases.importing.imports import Options
from bot.wiring import House
from bot.wiring.taking import take_in

Row = dict[str, Any]

MORNING = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
NY, CH = "VMM-NewYork", "VMM-Chicago"


def on(network: str | None, subnet: str | None = None, slot: int = 0, **over: Any) -> Row:
    """An adapter on a network of its own site, by the names the site knows them by."""
    return {"slot": slot, "network": network, "subnet": subnet, **over}


def subnet(name: str, *pools: tuple[str, str], **over: Any) -> Row:
    """A subnet with pools from the first to the last address; without any: not listed."""
    row: Row = {"name": name, **over}
    if pools:
        row["pools"] = [{"first": first, "last": last} for first, last in pools]
    return row


class Site:
    """One VMM server as its next inventory will show it; change it and import it again."""

    def __init__(self, name: str = NY, id: str | None = None) -> None:
        self.name = name
        self.id = id or f"id-{name}".lower()
        self.clouds: dict[str, Row] = {}
        self.hosts: dict[str, Row] = {}
        self.networks: dict[str, Row] = {}
        self.vms: dict[str, Row] = {}

    def cloud(self, name: str, *logical: str, **over: Any) -> Row:
        """A cloud that carries these logical networks."""
        row = {"id": self._id("c", name), "name": name, "logical_networks": list(logical), **over}
        self.clouds[name] = row
        return row

    def host(self, name: str, *logical: str, **over: Any) -> Row:
        """A host that carries these logical networks."""
        row = {"id": self._id("h", name), "name": name, "logical_networks": list(logical), **over}
        self.hosts[name] = row
        return row

    def net(self, name: str, *subnets: str | Row, key: str = "", **over: Any) -> Row:
        """A network with its subnets in order.

        Args:
            key: what adapters call it, where another one has the same name.
        """
        key = key or name
        listed = [{"name": s} if isinstance(s, str) else s for s in subnets]
        row = {
            "id": self._id("n", key),
            "name": name,
            "subnets": [{"id": self._id("s", f"{key}/{s['name']}"), **s} for s in listed],
            **over,
        }
        self.networks[key] = row
        return row

    def vm(
        self, name: str, *nics: Row, role: str | None = "primary", key: str = "", **over: Any
    ) -> Row:
        """A VM; primaries run and replicas do not, unless said otherwise.

        Args:
            key: what the site calls it, where another one has the same name.
        """
        key = key or name
        row: Row = {
            "id": self._id("v", key),
            "hyperv_id": f"hv-{blake2b(name.encode(), digest_size=8).hexdigest()}",
            "name": name,
            "adapters": list(nics),
            **({} if role is None else {"role": role}),
            **({"replication_state": "Replicating"} if role == "replica" else {}),
            "power": "off" if role == "replica" else "running",
            **over,
        }
        self.vms[key] = {field: value for field, value in row.items() if value is not None}
        return self.vms[key]

    def rows(self, at: datetime) -> Iterator[Row]:
        yield {
            "format": "netmap/inventory/1",
            "server": {"id": self.id, "name": self.name},
            "collected_at": at.isoformat(),
        }
        for kind in ("cloud", "host", "network"):
            yield from ({kind: row} for row in getattr(self, f"{kind}s").values())
        for row in self.vms.values():
            yield {"vm": {**row, "adapters": [self._nic(nic) for nic in row["adapters"]]}}
        counts = {kind: len(getattr(self, kind)) for kind in ("clouds", "hosts", "networks", "vms")}
        yield {"end": counts}

    def source(self, at: datetime) -> InventorySource:
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in self.rows(at))
        return lines_in_memory(text.encode(), f"{self.name}.jsonl")

    def _nic(self, nic: Row) -> Row:
        network, sub = nic["network"], nic["subnet"]
        if network is None:
            return nic
        row = self.networks[network]
        ids = {s["name"]: s["id"] for s in row["subnets"]}
        return {**nic, "network": row["id"], "subnet": None if sub is None else ids[sub]}

    def _id(self, kind: str, name: str) -> str:
        return f"{kind}-{blake2b(f'{self.id}/{name}'.encode(), digest_size=8).hexdigest()}"


def protect(home: Site, away: Site, name: str, here: Row, there: Row, **over: Any) -> None:
    """A replicated VM with one adapter a side; `over` is said of the replica."""
    home.vm(name, here)
    away.vm(name, there, role="replica", **over)


def reverse(name: str, was: Site, now: Site) -> None:
    """The VM was failed over from `was` to `now` and replicates the other way."""
    was.vms[name] |= {"role": "replica", "power": "off", "replication_state": "Replicating"}
    now.vms[name] |= {"role": "primary", "power": "running"}
    now.vms[name].pop("replication_state", None)


class Town:
    """A bot on a database file, whose clock moves an hour with every import."""

    def __init__(self, folder: Path, simulated: bool = False) -> None:
        self.path = folder / "netmap.db"
        self.at = MORNING
        self.simulated = simulated
        self.house = House(Settings(db=self.path), now=lambda: self.at)

    def takes(
        self,
        *sites: Site,
        collected_at: datetime | None = None,
        force: bool = False,
        replace_server: bool = False,
    ) -> Any:
        """Import these inventories; the report of the last one. Raises what is refused."""
        reply = Reply(text="")
        for site in sites:
            self.at += timedelta(hours=1)
            source = site.source(collected_at or self.at)
            options = Options(force, replace_server, self.simulated)
            reply = take_in(self.house, [source], "local:ana", self.at, options)
        return reply.result[-1]

    def says(self, line: str, by: str = "local:ana", page: int | None = 12) -> Reply:
        """The reply to a line; never a bug."""
        reply = self.house.answer(line, by, page)
        assert reply.error is None or reply.error.code != "bug", line
        return reply

    def does(self, line: str) -> Any:
        """The result of a line that must not be refused."""
        reply = self.says(line)
        assert reply.ok, reply.text
        return reply.result

    def refuses(self, line: str) -> Reply:
        """The reply to a line that must be refused, and must have changed nothing."""
        before = self.dump()
        reply = self.says(line)
        assert not reply.ok, reply.text
        assert self.dump() == before
        return reply

    def nic(self, vm: str, slot: int = 0) -> Any:
        """What `vm` says of one adapter of the only pair of that name."""
        [pair] = self.does(f'vm "{vm}"')["pairs"]
        [nic] = [nic for nic in pair["adapters"] if nic["slot"] == slot]
        return nic

    def goes(self, vm: str, slot: int = 0) -> tuple[str, str]:
        """(where its replica belongs, by which rule)."""
        nic = self.nic(vm, slot)
        return place(nic["target"]), nic["rule"]

    def findings(self, *kinds: str) -> list[Any]:
        """What `drift` finds, of these kinds if any are named."""
        found = self.does("drift")["findings"]
        return [f for f in found if not kinds or f["kind"] in kinds]

    def kinds(self) -> set[str]:
        return {finding["kind"] for finding in self.findings()}

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, through a connection of its own."""
        with closing(sqlite3.connect(self.path)) as connection:
            names = [
                name
                for (name,) in connection.execute(
                    "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
                )
            ]
            return {
                name: sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr)
                for name in names
            }


def place(spot: Any) -> str:
    """A spot of an answer in words."""
    if spot is None:
        return "no opinion"
    if not spot["observed"]:
        return "not observed"
    if spot["network"] is None:
        return "no network"
    return f"{spot['network']} / {spot['subnet']}" if spot["subnet"] else spot["network"]


@contextmanager
def unchanged(town: Town) -> Iterator[None]:
    """Nothing in the database may change meanwhile."""
    before = town.dump()
    yield
    assert town.dump() == before


def obey(town: Town, *sites: Site) -> int:
    """Connect by hand what the plan says, so that the next inventories show it; how many."""
    moves = town.says("plan", page=None).result["moves"]
    for move in moves:
        [site] = [site for site in sites if site.name == move["server"]]
        [nic] = [n for n in site.vms[move["vm"]]["adapters"] if n["slot"] == move["slot"]]
        nic["network"], nic["subnet"] = move["to"]["network"], move["to"]["subnet"]
    return len(moves)
