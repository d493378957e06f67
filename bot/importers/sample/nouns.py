"""A site of the sample estate while the story changes it, and its inventory as a file would say it.

Places are written `Network/Subnet`, `Network` alone, or nothing for an adapter that is connected to
nothing. Ids are made from names as they were at first, so a renamed thing keeps its id.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from ipaddress import IPv4Address, IPv4Network
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from bot.importers.jsonl import InventoryLines, lines_in_memory

Row = dict[str, Any]


@cache
def sample_id(*parts: str) -> str:
    """An id that is the same on every run."""
    return str(uuid5(NAMESPACE_DNS, "/".join(("sample.netmap", *parts))))


@dataclass
class Cloud:
    name: str
    logical_networks: list[str]
    protected_by: tuple[str, str] | None = None
    """Server and cloud."""


@dataclass
class Host:
    name: str
    cloud: str
    logical_networks: list[str]


@dataclass
class Subnet:
    name: str
    cidr: str
    vlan: int | None
    """None where the network's isolation knows no VLANs."""
    pool: tuple[int, int] | None = (20, 200)
    """First and last address of the pool, as distances from the network's address."""
    more_vlans: tuple[int, ...] = ()
    taken: dict[int, str | None] = field(default_factory=dict)
    """Addresses granted besides those of the adapters on it: distance -> adapter, if it is one."""
    id: str = ""


@dataclass
class Network:
    name: str
    logical_network: str | None
    isolation: str
    subnets: list[Subnet]
    key: str = ""
    """What places call it, where another network has its name."""
    id: str = ""


@dataclass
class Nic:
    place: str = ""
    addressing: str = "static"
    addresses: list[str] = field(default_factory=list)
    observed: bool = True


@dataclass
class Vm:
    """A VMM object; attributes that are None are left out of the inventory."""

    name: str
    cloud: str | None
    host: str
    nics: dict[int, Nic]
    role: str | None = "none"
    power: str | None = "running"
    hyperv_id: str = ""
    partner_host: str | None = None
    state: str | None = None
    health: str | None = None
    id: str = ""


def adapter_id(vm: Vm, slot: int) -> str:
    return sample_id(vm.id, str(slot))


def address(subnet: Subnet, distance: int) -> str:
    """An address of the subnet."""
    return str(IPv4Network(subnet.cidr).network_address + distance)


@dataclass
class Site:
    """One VMM server."""

    name: str
    clouds: list[Cloud]
    hosts: list[Host]
    networks: dict[str, Network]
    vms: dict[str, Vm] = field(default_factory=dict)
    """By name; by some other text where two objects bear one name."""

    def __post_init__(self) -> None:
        for key, network in self.networks.items():
            network.id = sample_id(self.name, "network", key)
            for subnet in network.subnets:
                subnet.id = sample_id(self.name, "subnet", key, subnet.name)

    def add(self, vm: Vm, key: str = "") -> Vm:
        key = key or vm.name
        vm.id = sample_id(self.name, "vm", key)
        vm.hyperv_id = vm.hyperv_id or sample_id(self.name, "hyper-v", key)
        self.vms[key] = vm
        return vm

    def hosts_of(self, cloud: str) -> list[Host]:
        return [host for host in self.hosts if host.cloud == cloud]

    def inventory(self, collected_at: datetime) -> InventoryLines:
        """The site as it is now, as an inventory of that moment."""
        rows = list(self._rows(collected_at))
        counts = {f"{kind}s": sum(kind in row for row in rows) for kind in _KINDS}
        data = "".join(json.dumps(row) + "\n" for row in [*rows, {"end": counts}])
        return lines_in_memory(data.encode(), f"the sample of {self.name}")

    def _rows(self, collected_at: datetime) -> Iterator[Row]:
        yield {
            "format": "netmap/inventory/1",
            "server": {"id": sample_id(self.name), "name": self.name},
            "collected_at": collected_at.isoformat(),
        }
        for cloud in self.clouds:
            yield {"cloud": _cloud(cloud, self.name)}
        for host in self.hosts:
            where = {"id": sample_id(self.name, "host", host.name), "name": host.name}
            has = {"cloud": host.cloud, "logical_networks": host.logical_networks}
            yield {"host": where | has}
        granted = self._granted()
        for network in self.networks.values():
            yield {"network": _network(network, granted)}
        for vm in self.vms.values():
            yield {"vm": self._vm(vm)}

    def _granted(self) -> dict[str, list[Row]]:
        """Subnet id -> the addresses VMM has granted to adapters on it."""
        granted: dict[str, list[Row]] = {}
        for vm in self.vms.values():
            for slot, nic in vm.nics.items():
                _, subnet = self.find(nic.place)
                if subnet and nic.addressing == "static":
                    for first in nic.addresses[:1]:
                        row = {"address": first, "adapter": adapter_id(vm, slot)}
                        granted.setdefault(subnet.id, []).append(row)
        return granted

    def find(self, place: str) -> tuple[Network | None, Subnet | None]:
        """The network and subnet of a place. Raises KeyError if the story misspelt it."""
        if not place:
            return None, None
        key, _, name = place.partition("/")
        network = self.networks[key]
        if not name:
            return network, None
        return network, {subnet.name: subnet for subnet in network.subnets}[name]

    def _vm(self, vm: Vm) -> Row:
        replication = {
            "role": vm.role,
            "partner_host": vm.partner_host,
            "replication_state": vm.state,
            "replication_health": vm.health,
        }
        about = {"cloud": vm.cloud, "host": vm.host, **replication, "power": vm.power}
        return {
            "id": vm.id,
            "hyperv_id": vm.hyperv_id,
            "name": vm.name,
            **{key: value for key, value in about.items() if value is not None},
            "adapters": [self._adapter(vm, slot, nic) for slot, nic in vm.nics.items()],
        }

    def _adapter(self, vm: Vm, slot: int, nic: Nic) -> Row:
        network, subnet = self.find(nic.place)
        id = adapter_id(vm, slot)
        row: Row = {
            "id": id,
            "slot": slot,
            "name": "Network Adapter" if slot == 0 else f"Network Adapter {slot + 1}",
            "mac": "00:15:5D:" + ":".join(id[i : i + 2].upper() for i in (0, 2, 4)),
            "network": network.id if network else None,
            "subnet": subnet.id if subnet else None,
            "addressing": nic.addressing,
            "addresses": nic.addresses,
        }
        return row if nic.observed else row | {"observed": False}


_KINDS = ("cloud", "host", "network", "vm")


def _cloud(cloud: Cloud, server: str) -> Row:
    row: Row = {
        "id": sample_id(server, "cloud", cloud.name),
        "name": cloud.name,
        "logical_networks": cloud.logical_networks,
    }
    if cloud.protected_by:
        row["protected_by"] = dict(zip(("server", "cloud"), cloud.protected_by, strict=True))
    return row


def _network(network: Network, granted: dict[str, list[Row]]) -> Row:
    return {
        "id": network.id,
        "name": network.name,
        "logical_network": network.logical_network,
        "isolation": network.isolation,
        "subnets": [_subnet(subnet, granted.get(subnet.id, [])) for subnet in network.subnets],
    }


def _subnet(subnet: Subnet, granted: list[Row]) -> Row:
    vlans = () if subnet.vlan is None else (subnet.vlan, *subnet.more_vlans)
    ranges: list[Row] = [{"cidr": subnet.cidr, "vlan": vlan} for vlan in vlans]
    row: Row = {
        "id": subnet.id,
        "name": subnet.name,
        "ranges": ranges or [{"cidr": subnet.cidr}],
        "pools": [],
    }
    if subnet.pool is not None:
        start = IPv4Network(subnet.cidr).network_address
        first, last = (start + distance for distance in subnet.pool)
        inside = [a for a in granted if first <= IPv4Address(a["address"]) <= last]
        taken = [
            {"address": str(start + distance), "adapter": adapter}
            for distance, adapter in subnet.taken.items()
        ]
        reserved = [str(first)]
        pool = {"first": str(first), "last": str(last), "reserved": reserved}
        row["pools"] = [{**pool, "allocated": taken + inside}]
    return row
