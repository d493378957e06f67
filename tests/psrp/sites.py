"""Two sites with as many replicated VMs as a test wants, and a netmap that knows both."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.remotes import read_servers
from bot.domain.replies import Reply
from bot.settings import Settings
from bot.wiring import House
from bot.wiring.taking import import_files
from tests.psrp.estate import VmmEstate
from tests.psrp.server import PASSWORD, USER, VmmServer

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)
ENVIRON = {"CHI_USER": USER, "CHI_PASSWORD": PASSWORD}
HERE, THERE = "VMM-NewYork", "VMM-Chicago"


class Clock:
    """Moves a minute whenever it is told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def tick(self, minutes: float = 1) -> None:
        self.now += timedelta(minutes=minutes)


def _subnet(network: str, name: str) -> dict[str, Any]:
    ranges = [{"cidr": "10.0.0.0/24", "vlan": 7}]
    return {"id": f"s-{network}-{name}", "name": name, "ranges": ranges, "pools": []}


def _network(name: str, *subnets: str) -> dict[str, Any]:
    return {
        "id": f"n-{name}",
        "name": name,
        "logical_network": "fabric",
        "isolation": "VLANNetwork" if subnets else "NoIsolation",
        "subnets": [_subnet(name, subnet) for subnet in subnets],
    }


def _lines(server: str, networks: Sequence[dict[str, Any]], vms: Sequence[Any]) -> list[str]:
    host = f"hv-{server.lower()}"
    rows: list[dict[str, Any]] = [
        {
            "format": "netmap/inventory/1",
            "server": {"id": f"{server.lower()}.example.org", "name": server},
            "collected_at": NOW.isoformat(),
        },
        {"cloud": {"id": f"c-{server}", "name": f"Gold {server}", "logical_networks": ["fabric"]}},
        {"host": {"id": f"h-{server}", "name": host, "logical_networks": ["fabric"]}},
        *({"network": network} for network in networks),
        *({"vm": vm} for vm in vms),
        {"end": {"clouds": 1, "hosts": 1, "networks": len(networks), "vms": len(vms)}},
    ]
    return [json.dumps(row) for row in rows]


def two_sites(count: int) -> tuple[list[str], list[str]]:
    """Inventories of both sites: web001 and so on, on Prod-Web / Web here, on nothing there."""

    def vm(number: int, server: str, role: str) -> dict[str, Any]:
        primary = role == "primary"
        id = f"{server.lower()}-v{number}"
        return {
            "id": id,
            "hyperv_id": f"hv-{number}",
            "name": f"web{number:03}",
            "cloud": f"Gold {server}",
            "host": f"hv-{server.lower()}",
            "role": role,
            "partner_host": f"hv-{(THERE if primary else HERE).lower()}",
            "replication_state": "Replicating",
            "replication_health": "Normal",
            "power": "running" if primary else "off",
            "adapters": [
                {
                    "id": f"{id}-0",
                    "slot": 0,
                    "name": "Network Adapter",
                    "network": "n-Prod-Web" if primary else None,
                    "subnet": "s-Prod-Web-Web" if primary else None,
                    "addressing": "dhcp",
                }
            ],
        }

    numbers = range(1, count + 1)
    here = [_network("Prod-Web", "Web", "Batch"), _network("Prod-DB")]
    there = [_network("DR-Web", "Mgmt", "Web"), _network("DR-DB"), _network("DR-Old", "Web")]
    return (
        _lines(HERE, here, [vm(n, HERE, "primary") for n in numbers]),
        _lines(THERE, there, [vm(n, THERE, "replica") for n in numbers]),
    )


def write(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


class Town:
    """A netmap that knows New York from a file and talks to Chicago."""

    def __init__(self, folder: Path, count: int = 3, port: int | None = None, **over: Any) -> None:
        self.folder = folder
        self.clock = Clock()
        self.here, self.there = two_sites(count)
        servers = f"{THERE} host=127.0.0.1 port={port} transport=http auth=basic" if port else ""
        login = " username=CHI_USER password=CHI_PASSWORD" if port else ""
        self.settings = Settings.model_validate(
            {"db": folder / "town.db", "vmm": read_servers(servers + login), **over}
        )
        self.house = House(self.settings, self.clock, environ=ENVIRON)
        self.take(write(folder / "here.jsonl", self.here))

    def take(self, *paths: Path, **options: Any) -> Reply:
        """Import files."""
        return import_files(self.house, paths, by="local:ana", **options)

    def say(self, line: str, by: str = "local:ana") -> Reply:
        self.clock.tick()
        return self.house.answer(line, by, page=None)

    def does(self, line: str, by: str = "local:ana") -> Any:
        """The result of a line that has to be answered."""
        reply = self.say(line, by)
        assert reply.ok, reply.text
        return reply.result

    def standing(self, vm: str = "web001") -> str:
        """How netmap sees a replica's adapter."""
        [adapter] = self.does(f"vm {vm}")["pairs"][0]["adapters"]
        return str(adapter["standing"])


def chicago(count: int = 3, **over: Any) -> VmmServer:
    """The server at Chicago, with the same clock as the town's beginning."""
    return VmmServer(VmmEstate(two_sites(count)[1]), **over)
