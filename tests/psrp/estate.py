"""A VMM server's estate behind the cmdlets that our scripts call. It can be asked and changed."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tests.psrp.powershell import Call, Choice, Cmdlet, PsError, Thing

Row = dict[str, Any]

POWERS = {"running": "Running", "off": "PowerOff", "paused": "Paused", "saved": "Saved"}
ISOLATIONS = ("NoIsolation", "WindowsNetworkVirtualization", "VLANNetwork", "External")
STATES = ("Disabled", "ReadyForInitialReplication")
HEALTHS = ("NotApplicable", "Normal")
"""Enumerations, whose first value is false where PowerShell wants a truth."""
MODES = {"primary": "Primary", "replica": "Replica", "test": "TestReplica"}


class VmmEstate:
    """What `netmap/inventory/1` lines say, as VMM's cmdlets show it.

    `asked` are the cmdlets called so far. `before[cmdlet]` are called with each call of it, and
    may change the estate or raise a PsError: that is how somebody else works on it meanwhile.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        rows: list[Row] = [json.loads(line) for line in lines]
        self.server: Row = rows[0]["server"]
        self.clouds: list[Row] = [row["cloud"] for row in rows if "cloud" in row]
        self.hosts: list[Row] = [row["host"] for row in rows if "host" in row]
        self.networks: list[Row] = [row["network"] for row in rows if "network" in row]
        self.vms: dict[str, Row] = {row["vm"]["id"]: row["vm"] for row in rows if "vm" in row}
        self.asked: list[str] = []
        self.set: list[tuple[str, str | None, str | None]] = []
        """(adapter, network, subnet) of every Set-SCVirtualNetworkAdapter that worked."""
        self.before: dict[str, list[Callable[[Call], None]]] = {}
        self.sure: dict[str, str] = {}
        """Id of a VM -> the role that VMM itself knows of."""
        self.silent_hosts: set[str] = set()
        """Hosts that do not answer on replication."""

    def adapter(self, vm: str, slot: int = 0) -> Row:
        """An adapter by the name of its VM."""
        found = next(row for row in self.vms.values() if row["name"] == vm)
        return next(nic for nic in found["adapters"] if nic["slot"] == slot)

    def vm(self, name: str) -> Row:
        return next(row for row in self.vms.values() if row["name"] == name)

    def place(self, network: str, subnet: str | None = None) -> tuple[str, str | None]:
        """Ids of a network and a subnet of it."""
        found = next(row for row in self.networks if row["name"] == network)
        below = (one["id"] for one in found["subnets"] if one["name"] == subnet)
        return found["id"], next(below, None)

    def cmdlets(self) -> dict[str, Cmdlet]:
        answers: dict[str, Callable[[Call], Iterable[Any]]] = {
            "Get-SCVMMServer": self._server,
            "Get-SCCloud": lambda call: [Thing(ID=c["id"], Name=c["name"]) for c in self.clouds],
            "Get-SCLogicalNetwork": self._carried,
            "Get-SCVMHost": lambda call: [Thing(ID=h["id"], Name=h["name"]) for h in self.hosts],
            "Get-SCVMHostNetworkAdapter": self._cards,
            "Get-SCVMNetwork": self._networks,
            "Get-SCStaticIPAddressPool": lambda call: self._pools(),
            "Get-SCIPAddress": self._granted,
            "Get-SCVirtualMachine": self._vms,
            "Read-SCVirtualMachine": lambda call: [self._vm(call.get("VM").get("ID"))],
            "Get-SCVirtualNetworkAdapter": self._nics,
            "Get-VMReplication": self._replication,
            "Set-SCVirtualNetworkAdapter": self._connect,
        }
        return {name: self._watched(name, answer) for name, answer in answers.items()}

    def _watched(self, name: str, answer: Cmdlet) -> Cmdlet:
        def ask(call: Call) -> Iterator[Any]:
            self.asked.append(name)
            for other in list(self.before.get(name, ())):
                other(call)
            yield from answer(call)

        return ask

    def _server(self, call: Call) -> Iterator[Thing]:
        yield Thing(Name="localhost", FullyQualifiedDomainName=f"{self.server['name']}.example.org")

    def _carried(self, call: Call) -> Iterator[Thing]:
        cloud = next(c for c in self.clouds if c["id"] == call.get("Cloud").get("ID"))
        yield from (Thing(Name=name) for name in cloud.get("logical_networks", ()))

    def _cards(self, call: Call) -> Iterator[Thing]:
        host = next(h for h in self.hosts if h["id"] == call.get("VMHost").get("ID"))
        for name in host.get("logical_networks", ()):
            yield Thing(LogicalNetworks=[Thing(Name=name)])

    def _network(self, row: Row) -> Thing:
        logical = row.get("logical_network")
        return Thing(
            ID=row["id"],
            Name=row["name"],
            LogicalNetwork=Thing(Name=logical) if logical else None,
            IsolationType=_choice(row.get("isolation"), ISOLATIONS),
            VMSubnet=[self._subnet(subnet, row) for subnet in row["subnets"]],
        )

    def _subnet(self, row: Row, network: Row) -> Thing:
        vlans = [
            Thing(Subnet=one["cidr"], VLanID=one.get("vlan", 0)) for one in row.get("ranges", ())
        ]
        return Thing(
            ID=row["id"],
            Name=row["name"],
            SubnetVLans=vlans,
            LogicalNetworkDefinition=_definition(network),
        )

    def _networks(self, call: Call) -> Iterator[Thing]:
        for row in self.networks:
            if _is_meant(call, row["id"]):
                yield self._network(row)

    def _pools(self) -> Iterator[Thing]:
        for network in self.networks:
            for subnet in network["subnets"]:
                for pool in subnet.get("pools", ()):
                    definition = _definition(network)
                    yield Thing(
                        VMSubnet=None if definition else self._subnet(subnet, network),
                        LogicalNetworkDefinition=definition,
                        Subnet=subnet["ranges"][0]["cidr"] if definition else None,
                        IPAddressRangeStart=pool["first"],
                        IPAddressRangeEnd=pool["last"],
                        IPAddressReservedSet=", ".join(pool.get("reserved", ())),
                        allocated=pool.get("allocated", ()),
                    )

    def _granted(self, call: Call) -> Iterator[Thing]:
        for one in call.get("StaticIPAddressPool").get("allocated"):
            yield Thing(Address=one["address"], AssignedToID=one.get("adapter"))

    def _vms(self, call: Call) -> Iterator[Thing]:
        for id in self.vms:
            if _is_meant(call, id):
                yield self._vm(id)

    def _vm(self, id: str) -> Thing:
        row = self.vms[id]
        cloud = row.get("cloud")
        return Thing(
            ID=row["id"],
            Name=row["name"],
            VMId=row.get("hyperv_id"),
            Cloud=Thing(Name=cloud) if cloud else None,
            HostName=row.get("host"),
            IsPrimaryVM=self.sure.get(id) == "primary",
            IsRecoveryVM=self.sure.get(id) == "replica",
            VirtualMachineState=POWERS.get(row.get("power", ""), "HostNotResponding"),
        )

    def _nics(self, call: Call) -> Iterator[Thing]:
        for nic in self.vms[call.get("VM").get("ID")]["adapters"]:
            network = next((n for n in self.networks if n["id"] == nic["network"]), None)
            subnets = network["subnets"] if network else ()
            subnet = next((s for s in subnets if s["id"] == nic.get("subnet")), None)
            yield Thing(
                ID=nic["id"],
                SlotID=nic["slot"],
                Name=nic.get("name"),
                MACAddress=nic.get("mac"),
                VMNetwork=self._network(network) if network else None,
                VMSubnet=self._subnet(subnet, network) if network and subnet else None,
                VirtualNetwork=None if nic.get("observed", True) else "a switch",
                IPv4Addresses=list(nic.get("addresses", ())),
                IPv4AddressType={"static": "Static", "dhcp": "Dynamic"}.get(
                    nic.get("addressing", "")
                ),
            )

    def _replication(self, call: Call) -> Iterator[Thing]:
        host = call.get("ComputerName")
        if host in self.silent_hosts:
            raise PsError(f"{host}: Access is denied.")
        for row in self.vms.values():
            mode = MODES.get(row.get("role", ""))
            if row.get("host") == host and mode:
                own, other = ("ReplicaServer", "PrimaryServer")
                if mode != "Primary":
                    own, other = other, own
                yield Thing(
                    VMId=row["hyperv_id"],
                    Mode=mode,
                    RelationshipType=Choice("Simple", 0),
                    State=_choice(row.get("replication_state"), STATES),
                    Health=_choice(row.get("replication_health"), HEALTHS),
                    **{own: row.get("partner_host"), other: host},
                )

    def _connect(self, call: Call) -> Iterator[Thing]:
        wanted = call.get("VirtualNetworkAdapter").get("ID")
        nic = next(n for vm in self.vms.values() for n in vm["adapters"] if n["id"] == wanted)
        if call.get("NoConnection"):
            assert call.get("NoLogicalNetwork") is True
            assert call.get("NoPortClassification") is True
            network = subnet = None
        else:
            target = call.get("VMNetwork")
            network = target.get("ID")
            subnet = call.get("VMSubnet").get("ID") if call.get("VMSubnet") else None
            if target.get("VMSubnet") and subnet is None:
                raise PsError("The virtual network adapter needs a VM subnet. (Error ID: 50022)")
        nic["network"], nic["subnet"] = network, subnet
        self.set.append((nic["id"], network, subnet))
        yield Thing(ID=nic["id"])


def _definition(network: Row) -> Thing | None:
    """Where VLANs isolate, subnets and pools are those of a site of the logical network."""
    if network.get("isolation") != "VLANNetwork":
        return None
    return Thing(ID=f"site-{network['id']}", Name=f"{network['name']}_0")


def _choice(name: str | None, names: tuple[str, ...]) -> Choice | None:
    """A value of an enumeration; one that is not listed comes after them."""
    if name is None:
        return None
    return Choice(name, names.index(name) if name in names else len(names))


def _is_meant(call: Call, id: str) -> bool:
    """Ids are GUIDs in VMM, which have no letter case."""
    wanted = call.get("ID")
    return wanted is None or str(wanted).lower() == id.lower()
