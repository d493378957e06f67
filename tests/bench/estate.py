"""An estate of any size as two inventory files, the same on every run.

500 source networks with 1-12 subnets, 400 target networks with 1-12, 70 % of the sources mapped,
VMs with 1-4 adapters, one network with a tenth of all adapters. Every VM is replicated to the other
server. `day` 1 has every replica where its mapping puts it; on day 2 some have been moved, and a
hundredth of the VMs differ otherwise.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SOURCES, TARGETS, MOST_SUBNETS, MAPPED = 500, 400, 12, 0.7
BIG = 0
"""The source network that carries a tenth of all; it is not mapped."""
FIRST_MORNING = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
SITES = ("VMM-Source", "VMM-Target")
SIDES = ("src", "dst")
HOSTS = 20
CHANGED = 0.01
"""Share of the VMs whose lines differ from the first day's."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """What an estate is to look like."""

    adapters: int
    """Pair adapters; about."""
    clouds: int = 1
    """Clouds of each server; each multiplies the number of classes."""
    drifted: float = 0.01
    seed: int = 7


def morning(day: int) -> datetime:
    """When the inventories of this day were collected."""
    return FIRST_MORNING + timedelta(days=day)


def mappings(shape: Shape) -> list[tuple[str, str]]:
    """(source network, target network) of those that are mapped."""
    chance = random.Random(f"mappings {shape.seed}")
    sources = [n for n in range(SOURCES) if n != BIG and chance.random() < MAPPED]
    return [(f"src-{n:03}", f"dst-{chance.randrange(TARGETS):03}") for n in sources]


def subnets(side: str, network: int, shape: Shape) -> list[str]:
    """Names of a network's subnets, in order; half of all names are common to both sides."""
    chance = random.Random(f"{side} {network} {shape.seed}")
    count = MOST_SUBNETS if network == BIG else chance.randint(1, MOST_SUBNETS)
    names = chance.sample(range(2 * MOST_SUBNETS), count)
    return [f"{side[0]}-{n:02}" if n % 2 else f"net-{n:02}" for n in names]


def write(folder: Path, shape: Shape, day: int) -> tuple[Path, Path]:
    """Write both servers' inventories of a day."""
    paths = tuple(folder / f"{side}-{shape.adapters}-{day}.jsonl" for side in ("source", "target"))
    with paths[0].open("w") as here, paths[1].open("w") as there:
        for rows, file in (
            (_head(0, SOURCES, shape, day), here),
            (_head(1, TARGETS, shape, day), there),
        ):
            file.writelines(map(_line, rows))
        for one, other in _vms(shape, day):
            here.write(_line(one))
            there.write(_line(other))
        for networks, file in ((SOURCES, here), (TARGETS, there)):
            counts = {"clouds": shape.clouds, "hosts": HOSTS, "networks": networks}
            file.write(_line({"end": {**counts, "vms": vm_count(shape)}}))
    return paths[0], paths[1]


def vm_count(shape: Shape) -> int:
    """How many VMs have that many adapters: two and a half each."""
    return max(10, shape.adapters * 2 // 5)


def _line(row: Row) -> str:
    return json.dumps(row, separators=(",", ":")) + "\n"


def _head(site: int, networks: int, shape: Shape, day: int) -> Iterator[Row]:
    side = SIDES[site]
    wire = f"{side}-wire"
    yield {
        "format": "netmap/inventory/1",
        "server": {"id": f"server-{site}", "name": SITES[site]},
        "collected_at": morning(day).isoformat(),
    }
    for cloud in range(shape.clouds):
        name = f"{side}-cloud-{cloud}"
        yield {"cloud": {"id": name, "name": name, "logical_networks": [wire]}}
    for host in range(HOSTS):
        name = f"{side}-hv{host:02}"
        yield {"host": {"id": name, "name": name, "logical_networks": [wire]}}
    for network in range(networks):
        name = f"{side}-{network:03}"
        listed = [
            {
                "id": f"{name}-{i:02}",
                "name": subnet,
                "ranges": [{"cidr": f"10.{network % 250}.{i}.0/24", "vlan": network}],
            }
            for i, subnet in enumerate(subnets(side, network, shape))
        ]
        of_network = {"logical_network": wire, "isolation": "VLANNetwork", "subnets": listed}
        yield {"network": {"id": name, "name": name, **of_network}}


def _vms(shape: Shape, day: int) -> Iterator[tuple[Row, Row]]:
    """Both sides of every VM."""
    chance = random.Random(shape.seed)
    later = random.Random(f"day {day} {shape.seed}")
    first = _first_places(shape)
    many = [len(subnets("src", network, shape)) for network in range(SOURCES)]
    for vm in range(vm_count(shape)):
        here, there = [], []
        for slot in range(1 + vm % 4):
            network = BIG if chance.random() < 0.1 else 1 + chance.randrange(SOURCES - 1)
            subnet = chance.randrange(many[network])
            here.append(_nic(vm, slot, "src", network, subnet))
            place = first.get((network, subnet))
            if day > 1 and place is not None and later.random() < shape.drifted / MAPPED / 0.9:
                place = place[2:] if later.random() < 0.5 else None
            there.append(_nic(vm, slot, "dst", *place[:2]) if place else _off(slot))
        health = "Warning" if day > 1 and later.random() < CHANGED else "Normal"
        yield _vm(vm, 0, here, health, shape), _vm(vm, 1, there, health, shape)


def _first_places(shape: Shape) -> dict[tuple[int, int], tuple[int, ...]]:
    """(network, subnet) -> where the rule puts it, and another place where it may drift to."""
    found: dict[tuple[int, int], tuple[int, ...]] = {}
    for source, target in mappings(shape):
        network, leads = int(source[-3:]), int(target[-3:])
        there = subnets("dst", leads, shape)
        other = (leads + 1) % TARGETS
        for i, name in enumerate(subnets("src", network, shape)):
            found[network, i] = (leads, there.index(name) if name in there else 0, other, 0)
    return found


def _vm(vm: int, site: int, nics: list[Row], health: str, shape: Shape) -> Row:
    side, other = SIDES[site], SIDES[1 - site]
    of_vm = {
        "id": f"{side}-vm-{vm:012}",
        "hyperv_id": f"00000000-0000-0000-0000-{vm:012}",
        "name": f"vm{vm:06}",
        "cloud": f"{side}-cloud-{vm // 4 % shape.clouds}",
        "host": f"{side}-hv{vm % HOSTS:02}",
        "role": "replica" if site else "primary",
        "partner_host": f"{other}-hv{vm % HOSTS:02}",
        "replication_state": "Replicating",
        "replication_health": health,
        "power": "off" if site else "running",
        "adapters": nics,
    }
    return {"vm": of_vm}


def _nic(vm: int, slot: int, side: str, network: int, subnet: int) -> Row:
    return {
        "id": f"{side}-nic-{vm}-{slot}",
        "slot": slot,
        "name": "Network Adapter",
        "mac": f"00:15:5D:{vm >> 14 & 255:02X}:{vm >> 6 & 255:02X}:{vm << 2 & 252 | slot:02X}",
        "network": f"{side}-{network:03}",
        "subnet": f"{side}-{network:03}-{subnet:02}",
        "addressing": "static",
        "addresses": [f"10.{network % 250}.{subnet}.{1 + vm % 250}"],
    }


def _off(slot: int) -> Row:
    return {
        "slot": slot,
        "name": "Network Adapter",
        "network": None,
        "subnet": None,
        "addressing": "static",
        "addresses": [],
    }
