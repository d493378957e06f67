"""What VMM's cmdlets print, in their shape and with their oddities, written for these tests."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.ports import InventorySource
from tests.importers.build import open_one, read

Object = dict[str, Any]

COLLECTED = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)

DEEP = "Microsoft.SystemCenter.VirtualMachineManager.Remoting.ServerConnection"


def guid(n: int) -> str:
    return f"{n:08x}-0000-4000-8000-{n:012x}"


def connection(fqdn: str = "VMM7.lab.example.org", name: str = "localhost") -> Object:
    return {"Name": name, "Port": 8100, "FQDN": fqdn, "FullyQualifiedDomainName": fqdn}


def logical(name: str, **over: Any) -> Object:
    return {"Name": name, "ID": guid(900), "ServerConnection": connection(), **over}


def subnet(n: int, name: str, vlans: Any = "10.4.0.0/24-40", **over: Any) -> Object:
    return {
        "Name": name,
        "VMSubnetID": 4_000_000 + n,
        "SubnetVLans": vlans,
        "ServerConnection": DEEP,
        "ID": guid(n),
        **over,
    }


def network(n: int, name: str, *subnets: Object, **over: Any) -> Object:
    return {
        "ID": guid(n).upper(),
        "Name": name,
        "LogicalNetwork": logical("fabric"),
        "VMSubnet": list(subnets),
        **over,
    }


def nic(n: int, net: Any = "front", sub: Any = None, **over: Any) -> Object:
    return {
        "SlotId": 0,
        "VirtualNetwork": "switch",
        "MACAddress": f"00:1D:D8:00:00:{n % 100:02d}",
        "LogicalNetwork": "fabric",
        "VMNetwork": net,
        "VMSubnet": sub,
        "DeviceID": f"Microsoft:{guid(n + 5000).upper()}\\{guid(n + 6000).upper()}",
        "IPv4AddressType": 0,
        "IPv4Addresses": "",
        "Name": "some vm",
        "AddedTime": "/Date(1509396461663)/",
        "ServerConnection": DEEP,
        "ID": guid(n + 7000),
        **over,
    }


def vm(n: int, name: str, *nics: Object, **over: Any) -> Object:
    return {
        "Name": name,
        "ID": guid(n),
        "HostName": "hv7.lab.example.org",
        "VMCPath": f"D:\\VMs\\{name}\\Virtual Machines\\{guid(n + 5000).upper()}.xml",
        "StatusString": "PowerOff",
        "VirtualMachineStateString": "PowerOff",
        "VirtualNetworkAdapters": list(nics),
        **over,
    }


def switch(host: str, *networks: str) -> Object:
    return {
        "ID": guid(800),
        "Name": "switch",
        "VMHostName": host,
        "LogicalNetworks": [logical(name, ServerConnection=DEEP) for name in networks],
    }


SERVER: Object = {"ems": {"Guid": guid(1).upper(), "Version": "2.1.0"}, "clusters": []}


def put(folder: Path, name: str, value: Any, encoding: str = "utf-8") -> Path:
    """Write a file as PowerShell would, printed at COLLECTED."""
    path = folder / f"{name}.json"
    path.write_text(json.dumps(value, indent=1), encoding=encoding)
    os.utime(path, (COLLECTED.timestamp(), COLLECTED.timestamp()))
    return path


def source_of(folder: Path, *, server: str | None = None, **files: Any) -> InventorySource:
    return open_one(*(put(folder, name, value) for name, value in files.items()), server=server)


def lines_of(source: InventorySource, kind: str) -> list[Any]:
    return [line for item, line in read(source) if item.kind == kind]
