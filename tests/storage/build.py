"""A store with a small estate in it, through the product's own import."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.asking import Stamp
from bot.domain.reports import ImportReport
from bot.importers.jsonl import lines_in_memory
from bot.usecases.importing.imports import Options, import_inventory
from bot.wiring import Outside
from storage.store import Store

MORNING = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
FORCED = Options(force=True)


def open_store(path: Path, patience_s: float = 5) -> Outside:
    """A store as use cases see it, with nobody who reconnects anything."""
    return Outside(Store(path, patience_s), appliers=())


def stamp(hour: float = 1, by: str = "U1") -> Stamp:
    """Somebody, so many hours after the first morning."""
    return Stamp(by, MORNING + timedelta(hours=hour))


def nic(slot: int, network: str | None, subnet: str | None = None, **over: Any) -> dict[str, Any]:
    """An adapter; ids are made of names, as `network` makes them."""
    return {
        "slot": slot,
        "network": network and f"n-{network}",
        "subnet": subnet and _subnet_id(network, subnet),
        **over,
    }


def network(name: str, *subnets: str, **over: Any) -> dict[str, Any]:
    """A network with subnets of these names, in order."""
    listed = [{"id": _subnet_id(name, subnet), "name": subnet} for subnet in subnets]
    return {"id": f"n-{name}", "name": name, "subnets": listed, **over}


def _subnet_id(network: str | None, subnet: str) -> str:
    return f"s-{network}-{subnet.encode().hex()}"  # two names may differ by letter case only


def machine(
    server: str, name: str, role: str | None, *nics: dict[str, Any], **over: Any
) -> dict[str, Any]:
    """A VM; the same name on two servers is the two sides of one pair."""
    made = {
        "id": f"{server}-{name}",
        "hyperv_id": f"h-{name}",
        "name": name,
        "power": "running" if role == "primary" else "off",
        "adapters": list(nics),
        **over,
    }
    return made if role is None else {**made, "role": role}


def take_in(
    ports: Outside,
    server: str,
    networks: Iterable[dict[str, Any]],
    vms: Iterable[dict[str, Any]],
    hour: float = 0,
    options: Options = FORCED,
    unreadable: Iterable[str] = (),
) -> ImportReport:
    """Import an inventory of this server, collected so many hours after the first morning.

    Args:
        unreadable: VMM ids of VMs that are listed and could not be read.
    """
    networks, vms, broken = list(networks), list(vms), list(unreadable)
    counts = {"clouds": 0, "hosts": 0, "networks": len(networks), "vms": len(vms)}
    rows: list[dict[str, Any]] = [
        {
            "format": "netmap/inventory/1",
            "server": {"id": server, "name": server},
            "collected_at": (MORNING + timedelta(hours=hour)).isoformat(),
        },
        *({"network": row} for row in networks),
        *({"vm": row} for row in vms),
        *({"unreadable": {"id": id, "name": id, "why": "busy"}} for id in broken),
        {"end": {**counts, **({"unreadable": len(broken)} if broken else {})}},
    ]
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    return import_inventory(ports, lines_in_memory(data, server), stamp(hour), options)
