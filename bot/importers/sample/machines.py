"""The VMs of the sample estate: groups that differ in their number only, and the odd ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.importers.sample.fabric import chicago, denver, new_york
from bot.importers.sample.nouns import Nic, Site, Vm, adapter_id, address

WAITING = ("InitialReplicationInProgress", "WaitingForInitialReplication")


@dataclass
class Pair:
    """A replicated VM: the object at home and its replica."""

    home: Vm
    replica: Vm
    wishes: dict[int, str]
    """Slot -> where the mappings of the sample put the replica; not mapped: not in it."""


@dataclass
class Estate:
    """All sites and all pairs between New York and Chicago, by the name of the VM."""

    new_york: Site = field(default_factory=new_york)
    chicago: Site = field(default_factory=chicago)
    denver: Site = field(default_factory=denver)
    pairs: dict[str, Pair] = field(default_factory=dict)

    def connect_replicas(self) -> None:
        """What the simulated applier has done by the next day: replicas stand where they belong."""
        for pair in self.pairs.values():
            replica = pair.replica
            if (
                replica.role == "replica"
                and replica.power == "off"
                and replica.state not in WAITING
            ):
                for slot, place in pair.wishes.items():
                    replica.nics[slot].place = place

    def fail_over(self, name: str, *, reverse: bool = True) -> None:
        """The VM runs at Chicago; with `reverse` it replicates back, and roles are swapped."""
        home, replica = self.pairs[name].home, self.pairs[name].replica
        home.power, replica.power = "off", "running"
        if not reverse:
            replica.state, home.health = "FailedOverWaitingCompletion", "Critical"
            return
        home.role, replica.role = "replica", "primary"
        for slot, nic in replica.nics.items():
            _, subnet = self.chicago.find(nic.place)
            if subnet:
                nic.addresses = [address(subnet, _distance(home.nics[slot]))]


class Group(NamedTuple):
    """VMs alike. `wish` is where the sample's mappings put their replicas; "" where unmapped."""

    prefix: str
    numbers: Sequence[int]
    source: str
    wish: str
    silver: bool = False
    addressing: str = "static"


GROUPS = (
    Group("web", range(1, 9), "Prod-Web/Web", ""),
    Group("web", (11, 12), "Prod-Web/Web", "", silver=True),
    Group("batch", (5, 6, 7), "Prod-Web/Batch", ""),
    Group("app", range(1, 15), "Prod-App/App", "DR-App/App"),
    Group("cache", (1, 2, 3), "Prod-App/Cache", "DR-App/Cache"),
    Group("sql", range(1, 13), "Prod-DB/Db", ""),
    Group("mgmt", range(1, 13), "Prod-Mgmt/Mgmt", "DR-Mgmt/MGMT"),
    Group("file", range(1, 13), "Prod-File/Files", "DR-File/Files"),
    Group("crm", range(1, 11), "Prod-CRM/Crm", "DR-CRM/Crm"),
    Group("crm", (11, 12), "Prod-CRM/Crm", "DR-CRM/Crm", silver=True),
    Group("pay", range(1, 13), "Prod-Pay/Pay", "DR-Pay/Pay"),
    Group("edge", range(1, 13), "DMZ/Edge", "DR-DMZ/EDGE"),
    Group("job", range(1, 13), "Batch/Jobs", "DR-Batch"),
    Group("vdi", range(1, 15), "VDI/Desktops", "DR-VDI/Desktops", addressing="dhcp"),
    Group("bkp", range(1, 13), "Backup", "DR-Backup/Vault"),
    Group("rnd", range(1, 13), "R&D to go/Bench top", "O'Brien LAN/Bench top"),
    Group("voice", range(1, 13), "Voice/Calls", "DR-Voice/Calls"),
    Group("rep", range(1, 13), "Reports/Nightly", "DR-Reports/East"),
    Group("kiosk", range(1, 13), "Kiosk/Stands", "DR-Kiosk/Stands"),
    Group("print", range(1, 13), "Print/Queues", "DR-Print/Queues", silver=True),
    Group("dev", range(1, 13), "Dev/Build", "DR-Dev/Build"),
    Group("iot", range(1, 13), "IoT/Sensors", "DR-Dev/Build", addressing="dhcp"),
    Group("erp", range(1, 13), "Old-ERP/Erp", "DR-ERP/Erp"),
    Group("legacy", range(1, 13), "Legacy", "DR-Legacy"),
    Group("lab", range(1, 13), "Lab/Bench", ""),
    Group("lab", range(13, 16), "Lab (2)/Bench", ""),
    Group("shop", range(1, 13), "VMNetwork1-NewYork/Shop", "VMNetwork1-Chicago/Shop"),
    Group("mail", range(1, 13), "VMNetwork2-NewYork/Mail", ""),
)


def estate() -> Estate:
    """Everything as it was before netmap: replicas unconnected, or connected by hand."""
    e = Estate()
    for group in GROUPS:
        for number in group.numbers:
            add_pair(
                e,
                f"{group.prefix}{number:02}",
                [group.source],
                [group.wish],
                number,
                silver=group.silver,
                addressing=group.addressing,
            )
    _odd_pairs(e)
    _odd_adapters(e)
    _odd_replication(e)
    _by_hand(e)
    _unreplicated(e)
    _denver(e)
    return e


def add_pair(
    e: Estate,
    name: str,
    sources: Sequence[str],
    wishes: Sequence[str],
    number: int,
    *,
    silver: bool = False,
    addressing: str = "static",
    key: str = "",
) -> Pair:
    """A VM at New York with an adapter per source, and its replica at Chicago without network."""
    kind = "SilverCloud" if silver else "GoldCloud"
    here = e.new_york.hosts_of(f"{kind}1")
    there = [host for host in e.chicago.hosts_of(f"{kind}2") if host.name != "hv24"]
    here_host, there_host = here[number % len(here)].name, there[number % len(there)].name
    nics = {
        slot: Nic(source, addressing, _addresses(e.new_york, source, number))
        for slot, source in enumerate(sources)
    }
    home = e.new_york.add(
        Vm(name, f"{kind}1", here_host, nics, "primary", partner_host=there_host), key
    )
    replica = e.chicago.add(
        Vm(
            name,
            f"{kind}2",
            there_host,
            {slot: Nic(addressing=addressing) for slot in nics},
            "replica",
            power="off",
            hyperv_id=home.hyperv_id,
            partner_host=here_host,
        ),
        key,
    )
    for vm in (home, replica):
        vm.state, vm.health = "Replicating", "Normal"
    pair = Pair(home, replica, {slot: wish for slot, wish in enumerate(wishes) if wish})
    e.pairs[key or name] = pair
    return pair


def _addresses(site: Site, place: str, number: int) -> list[str]:
    _, subnet = site.find(place)
    return [address(subnet, 20 + number)] if subnet else []


def _distance(nic: Nic) -> int:
    return int(nic.addresses[0].rpartition(".")[2]) if nic.addresses else 100


def _odd_pairs(e: Estate) -> None:
    app, mgmt = "Prod-App/App", "Prod-Mgmt/Mgmt"
    three = [app, mgmt, "DMZ/Edge"]
    add_pair(e, "hub01", three, ["DR-App/App", "DR-Mgmt/MGMT", "DR-DMZ/EDGE"], 41)
    short = add_pair(e, "hub02", [app, mgmt], ["DR-App/App"], 42)
    del short.replica.nics[1]  # the replica has fewer adapters
    add_pair(e, "gate01", [app, "Prod-DB/Db"], ["DR-App/App", ""], 43)  # mapped in part
    unseen = add_pair(e, "gate02", [app], [""], 44)
    unseen.replica.nics[0].observed = False
    add_pair(e, "vault01", [], [], 45)  # no adapter at all
    add_pair(e, "spare01", [""], [""], 46)  # disconnected at the source
    add_pair(e, "intranet", [mgmt], ["DR-Mgmt/MGMT"], 47)
    add_pair(e, "intranet", [app], ["DR-App/App"], 48, key="intranet (2)")
    add_pair(e, "build, nightly", ["Dev/Build"], ["DR-Dev/Build"], 49)
    add_pair(e, "dual01", [app], ["DR-App/App"], 51)
    add_pair(e, "O'Hara on call", [mgmt], ["DR-Mgmt/MGMT"], 50)


def _odd_adapters(e: Estate) -> None:
    pairs = e.pairs
    pairs["app08"].home.nics[0].addresses.append("10.1.1.128")  # only the first survives
    pairs["app09"].home.nics[0].addresses.append("fd00:1:1::29")  # guest IPv6
    for name in ("dev05", "dev11"):
        pairs[name].replica.host = "hv24"  # cannot reach DR-Dev
        pairs[name].home.partner_host = "hv24"
    pairs["mgmt12"].home.cloud = None  # which cloud was not listed
    # At DR-Web / Web web01 finds its address free, web02 taken, web03 kept for it.
    _, web = e.chicago.find("DR-Web/Web")
    if web:
        web.taken[23] = adapter_id(pairs["web03"].replica, 0)


def _odd_replication(e: Estate) -> None:
    pairs = e.pairs
    e.fail_over("web04", reverse=False)
    pairs["app10"].replica.power = None
    for name, state in zip(("app11", "app12"), WAITING, strict=True):
        pairs[name].home.state = pairs[name].replica.state = state
    pairs["app13"].home.health = pairs["app13"].replica.health = "Critical"
    for site, host, partner in ((e.new_york, "hv01", "hv41"), (e.chicago, "hv21", "hv42")):
        here = site is e.new_york
        cloud, place = ("GoldCloud1", "Prod-App/App") if here else ("GoldCloud2", "")
        role, power = ("primary", "running") if here else ("replica", "off")
        alone = Vm("solo01" if here else "solo02", cloud, host, {0: Nic(place)}, role, power)
        alone.partner_host, alone.state, alone.health = partner, "Replicating", "Normal"
        site.add(alone)  # its other side is at VMM-Boston, of which nothing is known
    test = Vm("sql03 - Test", "GoldCloud2", "hv22", {0: Nic("Test-Bubble")}, "test", "off")
    e.chicago.add(test)


def _by_hand(e: Estate) -> None:
    """Connections made before netmap, on networks that are not mapped."""
    for name in ("web01", "web02", "web03", "web04", "web05"):
        e.pairs[name].replica.nics[0].place = "DR-Old/Web"
    e.pairs["web04"].replica.nics[0].addresses = ["10.9.0.24"]
    for name in ("sql05", "sql06"):
        e.pairs[name].replica.nics[0].place = "DR-DB/Db"
    e.pairs["mail02"].replica.nics[0].place = "VMNetwork2-Chicago/Mail"
    e.pairs["file02"].replica.nics[0].place = "DR-Old/Db"


def _unreplicated(e: Estate) -> None:
    for name, number in (("web09", 9), ("web10", 10)):
        nic = Nic("Prod-Web/Web", addresses=_addresses(e.new_york, "Prod-Web/Web", number))
        e.new_york.add(Vm(name, "GoldCloud1", "hv01", {0: nic}))
    probe = Nic("DR-Web/Web", addresses=["10.1.0.22"])
    e.chicago.add(Vm("probe01", "GoldCloud2", "hv21", {0: probe}))
    places = ("DR-Mgmt/mgmt", "DR-Old/Db", "DR-App/App", "DR-DB/Db")
    for number in range(1, 13):
        place = places[number % len(places)]
        nic = Nic(place, addresses=_addresses(e.chicago, place, 150 + number))
        e.chicago.add(Vm(f"util{number:02}", "GoldCloud2", f"hv2{1 + number % 3}", {0: nic}))


def _denver(e: Estate) -> None:
    site = e.denver
    for number in range(1, 7):
        name = f"den{number:02}"
        nic = Nic("Den-Prod/Office", addresses=_addresses(site, "Den-Prod/Office", number))
        home = Vm(name, "PlatinumCloud", "hv31", {0: nic}, "primary", partner_host="hv32")
        replica = Vm(name, "BronzeCloud", "hv32", {0: Nic()}, "replica", "off", partner_host="hv31")
        replica.hyperv_id = site.add(home).hyperv_id
        site.add(replica, f"{name} at hv32")
    file01 = e.pairs["file01"]
    extended = Vm("file01", "BronzeCloud", "hv32", {0: Nic()}, "replica", "off")
    extended.hyperv_id, extended.partner_host = file01.home.hyperv_id, file01.replica.host
    site.add(extended)
    for vm in site.vms.values():
        vm.state, vm.health = "Replicating", "Normal"
