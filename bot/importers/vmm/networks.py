"""VM networks with their subnets and pools, and which of them a bare name means."""

from collections import defaultdict
from typing import Any, NamedTuple

from bot.domain.errors import InventoryFault
from bot.importers.vmm.documents import DEPTH, Documents, Object
from bot.importers.vmm.values import id_of, isolation, name_of, ranges, reserved, text, unwrap

Row = dict[str, Any]


class Connection(NamedTuple):
    """Where an adapter is; `observed` is false where its names fit nothing, or several things."""

    network: str | None
    subnet: str | None
    observed: bool = True


UNKNOWN = Connection(None, None, observed=False)


class Networks:
    """What Get-SCVMNetwork, Get-SCVMSubnet and Get-SCStaticIPAddressPool print.

    Raises:
        InventoryFault: subnets or pools without what they belong to.
    """

    def __init__(self, documents: Documents) -> None:
        self.notes: list[str] = []
        self.rows: list[tuple[str, Row]] = []
        self._given = "Get-SCVMNetwork" in documents
        self._by_name: dict[str, list[Row]] = defaultdict(list)
        self._by_id: dict[str, Row] = {}
        listed = _Subnets(documents)
        for place, thing in documents.of("Get-SCVMNetwork"):
            row = _network(thing, listed.of(place, thing))
            self.rows.append((place, row))
            self._by_name[str(row["name"])].append(row)
            self._by_id[str(row["id"]).lower()] = row
        for what in ("Get-SCVMSubnet", "Get-SCStaticIPAddressPool"):
            if what in documents and not self._given:
                raise _needs(what, "Get-SCVMNetwork")
        listed.finish()
        self._add_pools(documents)
        twice = sorted(name for name, rows in self._by_name.items() if len(rows) > 1)
        if twice:
            self.notes.append(
                "Several networks are called "
                f"{', '.join(twice)}: where an adapter names one, its network was not observed."
            )

    def connection(self, place: str, adapter: Object) -> Connection:
        """Where an adapter is, by the network and subnet it names.

        Raises:
            InventoryFault: it names one and no networks were given.
        """
        if "VMNetwork" not in adapter:
            return UNKNOWN
        wanted = adapter["VMNetwork"]
        if name_of(wanted) is None and id_of(wanted) is None:
            return Connection(None, None)
        if not self._given:
            raise InventoryFault(
                f"{place} names the network {name_of(wanted)}, and no file says which that is.",
                hint="Give the output of Get-SCVMNetwork with it.",
            )
        network = _pick(wanted, self._by_id, self._by_name.get(name_of(wanted) or "", []))
        if network is None:
            return UNKNOWN
        sub = adapter.get("VMSubnet")
        if name_of(sub) is None and id_of(sub) is None:
            return Connection(str(network["id"]), None)
        subnets = network["subnets"]
        by_id = {str(subnet["id"]).lower(): subnet for subnet in subnets}
        subnet = _pick(sub, by_id, [s for s in subnets if s["name"] == name_of(sub)])
        return Connection(str(network["id"]), str(subnet["id"])) if subnet else UNKNOWN

    def _add_pools(self, documents: Documents) -> None:
        """Where pools were given, a subnet without any has none; where not, they are unknown."""
        if "Get-SCStaticIPAddressPool" not in documents:
            return
        subnets = [subnet for _, row in self.rows for subnet in row["subnets"]]
        by_id = {str(subnet["id"]).lower(): subnet for subnet in subnets}
        for subnet in subnets:
            subnet["pools"] = []
        unclear: dict[str, None] = {}
        for _, thing in documents.of("Get-SCStaticIPAddressPool"):
            wanted = thing.get("VMSubnet")
            if name_of(wanted) is None and id_of(wanted) is None:
                # Of a site of a logical network, where VLANs isolate: which subnets are of it is
                # not printed, so what has its range may have this pool.
                for subnet in subnets:
                    if any(r.get("cidr") == thing.get("Subnet") for r in subnet["ranges"]):
                        unclear[str(subnet["name"])] = None
                        subnet.pop("pools", None)
                continue
            alike = [subnet for subnet in subnets if subnet["name"] == name_of(wanted)]
            if len(alike) > 1:
                cidr = thing.get("Subnet")
                by_range = [s for s in alike if any(r.get("cidr") == cidr for r in s["ranges"])]
                alike = by_range or alike
            found = _pick(wanted, by_id, alike)
            if found is not None and "pools" in found:
                found["pools"].append(_pool(thing))
            elif found is None:
                unclear[name_of(wanted) or str(id_of(wanted))] = None
                for subnet in alike:
                    subnet.pop("pools", None)
        if unclear:
            self.notes.append(
                f"Pools of {', '.join(unclear)} could not be told to a subnet: not checked there."
            )


class _Subnets:
    """Get-SCVMSubnet by network, for networks that were printed without theirs."""

    def __init__(self, documents: Documents) -> None:
        self._given = "Get-SCVMSubnet" in documents
        self._by_id: dict[str, Object] = {}
        self._by_network: dict[str, list[Object]] = defaultdict(list)
        self._used: set[str] = set()
        self._places: dict[str, str] = {}
        for place, thing in documents.of("Get-SCVMSubnet"):
            key = (text(thing.get("ID")) or "").lower()
            self._by_id[key], self._places[key] = thing, place
            owner = thing.get("VMNetwork")
            self._by_network[id_of(owner) or name_of(owner) or ""].append(thing)
        names = [name_of(thing) for _, thing in documents.of("Get-SCVMNetwork")]
        self._twice = {name for name in names if names.count(name) > 1}

    def of(self, place: str, network: Object) -> list[Object]:
        """The network's subnets in the order VMM printed them."""
        inside = unwrap(network.get("VMSubnet"))
        if "VMSubnet" in network and all(isinstance(one, dict) for one in inside):
            return [self._whole(one) for one in inside]
        if not self._given:
            raise InventoryFault(
                f"{place} does not show its subnets.",
                hint=f"{DEPTH} Or give the output of Get-SCVMSubnet with it.",
            )
        id, name = id_of(network), name_of(network)
        found = self._by_network.get(id or "", [])
        if not found and name not in self._twice:
            found = self._by_network.get(name or "", [])
        for subnet in found:
            self._used.add((text(subnet.get("ID")) or "").lower())
        return found

    def finish(self) -> None:
        """Raise InventoryFault if a subnet belongs to no network, or to one of two alike."""
        lost = [place for key, place in self._places.items() if key not in self._used]
        if lost:
            raise InventoryFault(
                f"{lost[0]} belongs to a network that cannot be told.",
                hint="Give Get-SCVMNetwork of the same server, with its subnets: "
                "`ConvertTo-Json -Depth 4`.",
            )

    def _whole(self, subnet: Object) -> Object:
        key = (text(subnet.get("ID")) or "").lower()
        self._used.add(key)
        return {**subnet, **self._by_id.get(key, {})}


def _network(thing: Object, subnets: list[Object]) -> Row:
    row: Row = {
        "id": thing.get("ID"),
        "name": thing.get("Name"),
        "subnets": [
            {"id": s.get("ID"), "name": s.get("Name"), "ranges": ranges(s.get("SubnetVLans"))}
            for s in subnets
        ],
    }
    if "LogicalNetwork" in thing:
        row["logical_network"] = name_of(thing["LogicalNetwork"])
    kind = isolation(thing.get("IsolationType"))
    if kind is not None:
        row["isolation"] = kind
    return row


def _pool(thing: Object) -> Row:
    first, last = thing.get("IPAddressRangeStart"), thing.get("IPAddressRangeEnd")
    held = reserved(thing.get("IPAddressReservedSet"), str(first), str(last))
    return {"first": first, "last": last, "reserved": held}


def _pick(wanted: Any, by_id: dict[str, Row], named: list[Row]) -> Row | None:
    """By id where it has one, else by name if that fits one only."""
    id = id_of(wanted)
    if id is not None:
        return by_id.get(id)
    return named[0] if len(named) == 1 else None


def _needs(given: str, missing: str) -> InventoryFault:
    return InventoryFault(
        f"The output of {given} cannot be understood by itself.",
        hint=f"Give that of {missing} with it.",
    )
