"""What an inventory has listed so far, so that a later line may refer to it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Fault = Callable[[str], None]
"""Takes `vm.cloud: …`."""


class Listed:
    """Ids and names seen, each with the line that listed it first.

    Looking at a line twice is as good as once, so a line may be parsed again.
    """

    def __init__(self) -> None:
        self._clouds: dict[str, int] = {}
        self._hosts: dict[str, int] = {}
        self._vms: dict[str, int] = {}
        self._cloud_names: set[str] = set()
        self._host_names: set[str] = set()
        self._subnets: dict[str, int] = {}
        self._networks: dict[str, tuple[int, frozenset[str]]] = {}
        self._places: set[tuple[str | None, str | None]] = {(None, None)}
        """Network and subnet of all that an adapter can be connected to."""

    def look(self, kind: str, line: Mapping[str, Any], number: int, fault: Fault) -> None:
        """Check what the line refers to and remember what it lists."""
        if kind == "vm":
            self._vm(line, number, fault)
        elif kind == "network":
            self._network(line, number, fault)
        elif kind == "host":
            _once(self._hosts, line["id"], number, "host.id", fault)
            self._host_names.add(line["name"])
            cloud = line.get("cloud")
            if cloud is not None and cloud not in self._cloud_names:
                fault(f"host.cloud: no cloud of this name is listed before (got {cloud!r})")
        elif kind == "unreadable":
            _once(self._vms, line["id"], number, "unreadable.id", fault)
        else:
            _once(self._clouds, line["id"], number, "cloud.id", fault)
            self._cloud_names.add(line["name"])

    def _network(self, line: Mapping[str, Any], number: int, fault: Fault) -> None:
        known = self._networks.get(line["id"])
        if known is not None and known[0] != number:
            fault(f"network.id: is on line {known[0]} already (got {line['id']!r})")
        subnets: set[str] = set()
        for i, subnet in enumerate(line["subnets"]):
            if subnet["id"] in subnets:
                fault(f"network.subnets.{i}.id: is in this network twice (got {subnet['id']!r})")
                continue
            _once(self._subnets, subnet["id"], number, f"network.subnets.{i}.id", fault)
            subnets.add(subnet["id"])
        if known is None:
            self._networks[line["id"]] = (number, frozenset(subnets))
            self._places.update((line["id"], subnet) for subnet in (None, *subnets))

    def has(self, cloud: str | None, host: str | None) -> bool:
        """Whether a VM may refer to these."""
        return (cloud is None or cloud in self._cloud_names) and (
            host is None or host in self._host_names
        )

    def has_place(self, network: str | None, subnet: str | None) -> bool:
        """Whether an adapter may be connected to this."""
        return (network, subnet) in self._places

    def are_new(self, vms: Sequence[str], numbers: Sequence[int]) -> bool:
        """Whether no VM was listed before, nor is twice among these; if so, they are listed now."""
        if len(set(vms)) != len(vms) or not self._vms.keys().isdisjoint(vms):
            return False
        self._vms.update(zip(vms, numbers, strict=True))
        return True

    def _vm(self, line: Mapping[str, Any], number: int, fault: Fault) -> None:
        _once(self._vms, line["id"], number, "vm.id", fault)
        cloud, host = line.get("cloud"), line.get("host")
        if cloud is not None and cloud not in self._cloud_names:
            fault(f"vm.cloud: no cloud of this name is listed before (got {cloud!r})")
        if host is not None and host not in self._host_names:
            fault(f"vm.host: no host of this name is listed before (got {host!r})")
        self._adapters(line["adapters"], fault)

    def _adapters(self, adapters: Sequence[Mapping[str, Any]], fault: Fault) -> None:
        slots = set()
        for i, adapter in enumerate(adapters):
            slot, network, subnet = adapter["slot"], adapter["network"], adapter.get("subnet")
            if slot in slots:
                fault(f"vm.adapters.{i}.slot: another adapter has it (got {slot})")
            slots.add(slot)
            if network is None:
                if subnet is not None:
                    fault(f"vm.adapters.{i}.subnet: has a subnet and no network (got {subnet!r})")
                continue
            if adapter.get("observed") is False:
                fault(f"vm.adapters.{i}.network: was not observed, so must be null")
            known = self._networks.get(network)
            if known is None:
                fault(f"vm.adapters.{i}.network: is not listed before (got {network!r})")
            elif subnet is not None and subnet not in known[1]:
                fault(f"vm.adapters.{i}.subnet: is not one of that network (got {subnet!r})")


def _once(seen: dict[str, int], key: str, number: int, where: str, fault: Fault) -> None:
    first = seen.setdefault(key, number)
    if first != number:
        fault(f"{where}: is on line {first} already (got {key!r})")


def pool_faults(network: Mapping[str, Any], fault: Fault) -> None:
    """Check what types cannot say of a network's pools."""
    for i, subnet in enumerate(network["subnets"]):
        for j, pool in enumerate(subnet.get("pools", ())):
            first, last = pool["first"], pool["last"]
            where = f"network.subnets.{i}.pools.{j}"
            if first.version != last.version:
                fault(f"{where}: {first} and {last} are not of one IP version")
                continue
            if last < first:
                fault(f"{where}.last: is before the first, {first} (got {last})")
            others = [("reserved", k, a) for k, a in enumerate(pool.get("reserved", ()))]
            others += [
                ("allocated", k, a["address"]) for k, a in enumerate(pool.get("allocated", ()))
            ]
            for what, k, address in others:
                if address.version != first.version:
                    fault(f"{where}.{what}.{k}: is of another IP version (got {address})")
