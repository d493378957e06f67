"""Clouds, hosts, and VMs with their adapters.

A host is listed with the logical networks that the files show for it: its own, those of its network
adapters, or those of its virtual switches. From Get-SCVirtualNetwork alone a host is known by name
only, so its name serves as id. Where hosts or clouds are not given, VMs do not name them.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from bot.domain.errors import InventoryFault
from bot.importers.vmm.documents import DEPTH, Documents, Object
from bot.importers.vmm.networks import Networks
from bot.importers.vmm.values import (
    GUID,
    addresses,
    addressing,
    id_of,
    name_of,
    names,
    power,
    text,
    unwrap,
    word,
)

Row = dict[str, Any]
Rows = list[tuple[str, Row]]


def clouds(documents: Documents) -> Rows:
    rows = []
    for place, thing in documents.of("Get-SCCloud"):
        row: Row = {"id": thing.get("ID"), "name": thing.get("Name")}
        if "LogicalNetworks" in thing and (carried := names(thing["LogicalNetworks"])) is not None:
            row["logical_networks"] = carried
        rows.append((place, row))
    return rows


def hosts(documents: Documents) -> Rows:
    carried = _carried(documents)
    listed = {name for _, row in documents.of("Get-SCCloud") if (name := name_of(row))}
    rows: Rows = []
    for place, thing in documents.of("Get-SCVMHost"):
        row: Row = {"id": thing.get("ID"), "name": thing.get("Name")}
        own = names(thing["LogicalNetworks"]) if "LogicalNetworks" in thing else None
        known = [carried[name] for name in _called(thing) if name in carried]
        if own is not None:
            row["logical_networks"] = own
        elif known:
            row["logical_networks"] = known[0]
        if (cloud := name_of(thing.get("Cloud"))) in listed:
            row["cloud"] = cloud
        rows.append((place, row))
    if rows:
        return rows
    seen: set[str] = set()
    for place, switch in documents.of("Get-SCVirtualNetwork"):
        name = text(switch.get("VMHostName"))
        if name and name.lower() not in seen:
            seen.add(name.lower())
            networks = carried.get(name.lower(), [])
            rows.append((place, {"id": name.lower(), "name": name, "logical_networks": networks}))
    return rows


def vms(documents: Documents, networks: Networks, listed: Rows, hosts: Rows) -> Rows:
    """Each VM with its adapters, its own or those of Get-SCVirtualNetworkAdapter.

    Raises:
        InventoryFault: adapters without VMs, VMs without adapters, or printed too flat.
    """
    loose = _Loose(documents)
    cloud_names = {str(row["name"]).lower(): str(row["name"]) for _, row in listed}
    host_names = {str(row["name"]).lower(): str(row["name"]) for _, row in hosts}
    for _, thing in documents.of("Get-SCVMHost"):
        for called in _called(thing):
            host_names.setdefault(called, str(thing.get("Name")))
    rows = []
    for place, thing in documents.of("Get-SCVirtualMachine"):
        adapters = loose.of(place, thing)
        about: Row = {
            "cloud": cloud_names.get((name_of(thing.get("Cloud")) or "").lower()),
            "host": host_names.get((_host_name(thing) or "").lower()),
            "hyperv_id": _hyperv_id(thing, adapters),
            "power": power(
                thing.get("VirtualMachineStateString", thing.get("VirtualMachineState")),
                thing.get("StatusString", thing.get("Status")),
            ),
            **_replication(thing),
        }
        row = {
            "id": thing.get("ID"),
            "name": thing.get("Name"),
            **{key: value for key, value in about.items() if value is not None},
            "adapters": [_adapter(place, one, networks) for one in adapters],
        }
        rows.append((place, row))
    loose.finish()
    return rows


class _Loose:
    """Adapters that were printed by themselves, by their VM."""

    def __init__(self, documents: Documents) -> None:
        self._given = "Get-SCVirtualNetworkAdapter" in documents
        self._vms_given = "Get-SCVirtualMachine" in documents
        self._by_vm: dict[str, list[Object]] = defaultdict(list)
        self._left: dict[str, str] = {}
        shared = [name_of(vm) for _, vm in documents.of("Get-SCVirtualMachine")]
        self._twice = {name for name in shared if shared.count(name) > 1}
        for place, adapter in documents.of("Get-SCVirtualNetworkAdapter"):
            key = _owner(adapter)
            self._by_vm[key].append(adapter)
            self._left.setdefault(key, place)

    def of(self, place: str, vm: Object) -> list[Object]:
        own = unwrap(vm.get("VirtualNetworkAdapters"))
        if "VirtualNetworkAdapters" in vm and all(isinstance(one, dict) for one in own):
            return own
        if not self._given:
            raise InventoryFault(
                f"{place} does not show its adapters.",
                hint=f"{DEPTH} Or give the output of Get-SCVirtualNetworkAdapter with it.",
            )
        keys = [text(vm.get("ID")), _hyperv_id(vm, []), None]
        if name_of(vm) not in self._twice:
            keys[2] = name_of(vm)
        for key in keys:
            found = self._by_vm.get((key or "?").lower())
            if found is not None:
                self._left.pop((key or "?").lower(), None)
                return found
        return []

    def finish(self) -> None:
        if self._left and not self._vms_given:
            raise InventoryFault(
                "The output of Get-SCVirtualNetworkAdapter cannot be understood by itself.",
                hint="Give that of Get-SCVirtualMachine with it.",
            )
        if self._left and self._vms_given and self._given:
            raise InventoryFault(
                f"{next(iter(self._left.values()))} is an adapter of a VM that cannot be told.",
                hint="Give Get-SCVirtualMachine of the same server, with its adapters: "
                "`ConvertTo-Json -Depth 4`.",
            )


def _owner(adapter: Object) -> str:
    """What tells the VM of an adapter: its id, its Hyper-V id, or its name, in lower case.

    The adapter's own name is often the VM's, but nothing says that it must be.
    """
    vm = adapter.get("VirtualMachine", adapter.get("VM"))
    plain = text(adapter.get("VMId")) or text(adapter.get("VirtualMachineId"))
    device = GUID.search(text(adapter.get("DeviceID")) or "")
    found = id_of(vm) or plain or (device and device.group()) or name_of(vm)
    return (found or "").lower()


def _adapter(place: str, thing: Object, networks: Networks) -> Row:
    at = networks.connection(place, thing)
    about = {
        "id": text(thing.get("ID")),
        "name": text(thing.get("Name")),
        "mac": text(thing.get("MACAddress")),
        "addressing": addressing(thing.get("IPv4AddressType")),
    }
    row: Row = {
        "slot": thing.get("SlotId", thing.get("SlotID")),
        **{key: value for key, value in about.items() if value is not None},
        "network": at.network,
        "subnet": at.subnet,
    }
    if "IPv4Addresses" in thing:
        row["addresses"] = addresses(thing["IPv4Addresses"])
    return row if at.observed else row | {"observed": False}


def _hyperv_id(vm: Object, adapters: list[Object]) -> str | None:
    own = text(vm.get("VMId"))
    if own and GUID.fullmatch(own) and own.strip("0-"):  # all zeros is nobody's
        return own.lower()
    file = (text(vm.get("VMCPath")) or "").replace("/", "\\").rpartition("\\")[2]
    devices = (text(adapter.get("DeviceID")) or "" for adapter in adapters)
    for hiding_place in (file, *devices):
        found = GUID.search(hiding_place)
        if found:
            return found.group().lower()
    return None


def _replication(vm: Object) -> Row:
    """Role, state, health and partner as far as they are printed; nothing where they are not."""
    status = vm.get("ReplicationStatus")
    about: Object = status if isinstance(status, dict) else {"State": status}
    primary, recovery = vm.get("IsPrimaryVM"), vm.get("IsRecoveryVM")
    role = None
    if vm.get("IsTestReplicaVM") is True:
        role = "test"
    elif primary is True and recovery is not True:
        role = "primary"
    elif recovery is True and primary is not True:
        role = "replica"
    elif primary is False and recovery is False:
        role = "none"
    if role == "none":
        return {"role": role}
    other = {"primary": "ReplicaServer", "replica": "PrimaryServer"}.get(role or "", "")
    return {
        "role": role,
        "replication_state": _first(about, vm, "State", "ReplicationState"),
        "replication_health": _first(about, vm, "Health", "ReplicationHealth"),
        "partner_host": next(
            (
                name
                for holder in (about, vm)
                for key in (other, f"{other}Name")
                if other and (name := word(name_of(holder.get(key))))
            ),
            None,
        ),
    }


def _first(about: Object, vm: Object, *keys: str) -> str | None:
    for found in (*(about.get(key) for key in keys), vm.get(keys[-1])):
        if word(found):
            return word(found)
    return None


def _host_name(vm: Object) -> str | None:
    return text(vm.get("HostName")) or name_of(vm.get("VMHost"))


def _called(host: Object) -> Iterator[str]:
    """Everything a host is called by, in lower case."""
    for key in ("Name", "FQDN", "FullyQualifiedDomainName", "ComputerName"):
        if name := text(host.get(key)):
            yield name.lower()


def _carried(documents: Documents) -> dict[str, list[str]]:
    """Host in lower case -> the logical networks of its network adapters or virtual switches."""
    carried: dict[str, dict[str, None]] = defaultdict(dict)
    for cmdlet, key in (
        ("Get-SCVMHostNetworkAdapter", "VMHost"),
        ("Get-SCVirtualNetwork", "VMHostName"),
    ):
        for _, thing in documents.of(cmdlet):
            name = name_of(thing.get(key))
            if name:
                carried[name.lower()].update(
                    dict.fromkeys(names(thing.get("LogicalNetworks")) or ())
                )
    return {name: list(networks) for name, networks in carried.items()}
