"""The raw output of VMM's cmdlets, with its oddities, becomes an inventory."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import InventoryFault
from bot.importers import open_inventory
from tests.importers.build import open_one, whole, write
from tests.importers.raw import (
    COLLECTED,
    SERVER,
    Object,
    connection,
    guid,
    lines_of,
    logical,
    network,
    nic,
    put,
    source_of,
    subnet,
    switch,
    vm,
)

FRONT = network(10, "front", subnet(11, "web"), subnet(12, "app", "10.4.1.0/24-41 10.4.1.0/24-42"))


def adapter_of(folder: Path, one: Object, *networks: Object) -> Any:
    source = source_of(folder, nets=networks or [FRONT], vms=[vm(20, "a", one)])
    [machine] = lines_of(source, "vm")
    return machine["adapters"][0]


def vm_of(folder: Path, **over: Any) -> Any:
    [machine] = lines_of(source_of(folder, nets=[FRONT], vms=vm(20, "a", **over)), "vm")
    return machine


def test_networks_keep_their_subnets_in_order_with_all_vlans(tmp_path: Path) -> None:
    [front, back] = lines_of(source_of(tmp_path, nets=[FRONT, network(13, "back")]), "network")

    assert front["id"] == guid(10)
    assert front["logical_network"] == "fabric"
    assert "isolation" not in front
    assert [(s["name"], s["ranges"]) for s in front["subnets"]] == [
        ("web", [{"cidr": "10.4.0.0/24", "vlan": 40}]),
        ("app", [{"cidr": "10.4.1.0/24", "vlan": 41}, {"cidr": "10.4.1.0/24", "vlan": 42}]),
    ]
    assert "pools" not in front["subnets"][0]
    assert back["subnets"] == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_one_object_without_a_list_is_a_list_of_one(tmp_path: Path, encoding: str) -> None:
    path = put(tmp_path, "net", FRONT, encoding)

    [front] = lines_of(open_one(path), "network")

    assert front["name"] == "front"


def test_a_list_may_be_wrapped_as_powershell_5_does(tmp_path: Path) -> None:
    source = source_of(tmp_path, nets={"value": [FRONT], "Count": 1})

    assert [line["name"] for line in lines_of(source, "network")] == ["front"]


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("NoIsolation", "NoIsolation"),
        ("windowsnetworkvirtualization", "WindowsNetworkVirtualization"),
        (2, None),  # its numbers are not documented
        (None, None),
    ],
)
def test_isolation_is_read_by_name(tmp_path: Path, printed: Any, expected: str | None) -> None:
    [front] = lines_of(source_of(tmp_path, nets=network(10, "x", IsolationType=printed)), "network")

    assert front.get("isolation") == expected


def test_a_network_without_logical_network_says_so(tmp_path: Path) -> None:
    plain = network(10, "x", LogicalNetwork=None)
    source = source_of(tmp_path, server="VMM7", nets=[plain])

    [line] = lines_of(source, "network")

    assert line["logical_network"] is None


@pytest.mark.parametrize(
    ("net", "sub", "expected"),
    [
        ("front", "app", (guid(10), guid(12), None)),
        ("front", None, (guid(10), None, None)),
        (None, None, (None, None, None)),
        ("", "", (None, None, None)),
        ("front", "elsewhere", (None, None, False)),
        ("unheard of", None, (None, None, False)),
        (
            {"Name": "front", "ID": guid(10)},
            {"Name": "x", "ID": guid(11)},
            (guid(10), guid(11), None),
        ),
        ({"Name": "front", "ID": guid(99)}, None, (None, None, False)),
    ],
)
def test_an_adapter_is_where_its_names_say(
    tmp_path: Path, net: Any, sub: Any, expected: tuple[str | None, str | None, bool | None]
) -> None:
    line = adapter_of(tmp_path, nic(1, net, sub))

    assert (line["network"], line["subnet"], line.get("observed")) == expected


def test_a_network_name_borne_twice_is_not_observed(tmp_path: Path) -> None:
    twice = [network(10, "front", subnet(11, "web")), network(13, "front", subnet(14, "web"))]
    source = source_of(tmp_path, nets=twice, vms=[vm(20, "a", nic(1, "front", "web"))])

    [machine] = lines_of(source, "vm")

    assert machine["adapters"][0]["observed"] is False
    assert machine["adapters"][0]["network"] is None
    assert any(note.startswith("Several networks are called front") for note in source.notes)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("", []),
        (None, []),
        ("169.254.7.7", ["169.254.7.7"]),
        ("10.4.0.9 10.4.0.10", ["10.4.0.9", "10.4.0.10"]),
        ("10.4.0.9, 10.4.0.10", ["10.4.0.9", "10.4.0.10"]),
        (["10.4.0.9", "10.4.0.10"], ["10.4.0.9", "10.4.0.10"]),
        ("not an address", []),
    ],
)
def test_addresses_are_one_string(tmp_path: Path, printed: Any, expected: list[str]) -> None:
    assert adapter_of(tmp_path, nic(1, IPv4Addresses=printed))["addresses"] == expected


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (0, "dhcp"),
        (1, "static"),
        ("Dynamic", "dhcp"),
        ("Static", "static"),
        (7, None),
        (True, None),
    ],
)
def test_addressing_is_a_number_or_a_name(
    tmp_path: Path, printed: Any, expected: str | None
) -> None:
    assert adapter_of(tmp_path, nic(1, IPv4AddressType=printed)).get("addressing") == expected


@pytest.mark.parametrize(
    ("state", "status", "expected"),
    [
        ("Running", "UnsupportedCluster", "running"),
        ("PowerOff", "IncompleteVMConfig", "off"),
        ("Saved", "Saved", "saved"),
        ("Paused", "Paused", "paused"),
        ("Stopped", "Stopped", "off"),
        (None, "Running", "running"),
        ("Starting", "Starting", None),
        ("PowerOff", "HostNotResponding", None),
        (1, 1, None),
    ],
)
def test_power_is_known_only_from_a_known_word(
    tmp_path: Path, state: Any, status: Any, expected: str | None
) -> None:
    machine = vm_of(tmp_path, VirtualMachineStateString=state, StatusString=status)

    assert machine.get("power") == expected


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({"VMId": guid(77).upper()}, guid(77)),
        ({}, guid(5020)),
        ({"VMId": "00000000-0000-0000-0000-000000000000"}, guid(5020)),
        ({"VMCPath": f"\\\\cluster.example\\{guid(3)}\\broken.xml"}, guid(5001)),
        ({"VMCPath": None, "VirtualNetworkAdapters": []}, None),
    ],
    ids=["own", "path", "zeros", "device", "nowhere"],
)
def test_the_hyperv_id_is_found_where_it_hides(
    tmp_path: Path, over: Object, expected: str | None
) -> None:
    machine = vm_of(tmp_path, **({"VirtualNetworkAdapters": [nic(1)]} | over))

    assert machine.get("hyperv_id") == expected


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        ({}, {}),
        ({"IsPrimaryVM": False, "IsRecoveryVM": False}, {"role": "none"}),
        (
            {
                "IsPrimaryVM": True,
                "IsRecoveryVM": False,
                "ReplicationStatus": {
                    "State": "Replicating",
                    "Health": "Normal",
                    "PrimaryServer": "hv7",
                    "ReplicaServer": "hv9",
                },
            },
            {
                "role": "primary",
                "replication_state": "Replicating",
                "replication_health": "Normal",
                "partner_host": "hv9",
            },
        ),
        (
            {"IsPrimaryVM": False, "IsRecoveryVM": True, "ReplicationStatus": "Replicating"},
            {"role": "replica", "replication_state": "Replicating"},
        ),
        ({"IsPrimaryVM": True, "IsRecoveryVM": True}, {}),
        ({"IsPrimaryVM": True, "IsRecoveryVM": False, "ReplicationStatus": 3}, {"role": "primary"}),
        ({"IsRecoveryVM": True, "IsTestReplicaVM": True}, {"role": "test"}),
    ],
)
def test_replication_is_said_as_far_as_it_is_printed(
    tmp_path: Path, over: Object, expected: Object
) -> None:
    machine = vm_of(tmp_path, **over)

    keys = ("role", "replication_state", "replication_health", "partner_host")
    assert {key: machine[key] for key in keys if key in machine} == expected


def test_hosts_are_known_from_their_virtual_switches(tmp_path: Path) -> None:
    switches = [switch("HV7.lab.example.org", "fabric", "other"), switch("hv7.lab.example.org")]
    source = source_of(tmp_path, nets=[FRONT], vms=[vm(20, "a", nic(1))], switches=switches)

    [host] = lines_of(source, "host")
    [machine] = lines_of(source, "vm")

    assert host == {
        "id": "hv7.lab.example.org",
        "name": "HV7.lab.example.org",
        "logical_networks": ["fabric", "other"],
    }
    assert machine["host"] == "HV7.lab.example.org"
    assert source.kinds == {"hosts", "networks", "vms"}


def test_a_host_that_is_not_given_is_not_named(tmp_path: Path) -> None:
    source = source_of(tmp_path, nets=[FRONT], vms=[vm(20, "a", nic(1), Cloud="Gold")])

    [machine] = lines_of(source, "vm")

    assert "host" not in machine
    assert "cloud" not in machine
    assert source.kinds == {"networks", "vms"}
    assert "Not in these files, so left as known: clouds, hosts." in source.notes


def test_clouds_and_hosts_that_are_given_are_named(tmp_path: Path) -> None:
    cloud = {"ID": guid(30), "Name": "Gold", "CloudCapacity": {}, "LogicalNetworks": "fabric"}
    host = {
        "ID": guid(31),
        "Name": "hv7.lab.example.org",
        "ComputerName": "hv7",
        "VMHostGroup": "All Hosts",
        "Cloud": "Gold",
    }
    card = {"VMHost": "hv7", "LogicalNetworks": [logical("fabric")], "ConnectionName": "Team"}
    machine = vm(20, "a", nic(1), HostName="HV7", Cloud={"Name": "gold", "ID": guid(30)})

    source = source_of(
        tmp_path, clouds=[cloud], hosts=[host], cards=[card], nets=[FRONT], vms=[machine]
    )

    assert lines_of(source, "cloud")[0]["logical_networks"] == ["fabric"]
    [listed] = lines_of(source, "host")
    assert (listed["id"], listed["cloud"], listed["logical_networks"]) == (
        guid(31),
        "Gold",
        ["fabric"],
    )
    [line] = lines_of(source, "vm")
    assert (line["cloud"], line["host"]) == ("Gold", "hv7.lab.example.org")
    assert source.kinds == {"clouds", "hosts", "networks", "vms"}


def pool(sub: Any, first: str = "10.4.0.20", last: str = "10.4.0.99", **over: Any) -> Object:
    return {
        "ID": guid(40),
        "Name": "pool",
        "VMSubnet": sub,
        "IPAddressRangeStart": first,
        "IPAddressRangeEnd": last,
        **over,
    }


def test_pools_belong_to_their_subnets(tmp_path: Path) -> None:
    reserved = "10.4.0.20, 10.4.0.97-10.4.0.120"
    pools = [pool("web", IPAddressReservedSet=reserved), pool(None, "10.9.0.1", "10.9.0.9")]

    [front] = lines_of(source_of(tmp_path, nets=[FRONT], pools=pools), "network")
    web, app = front["subnets"]

    assert [str(a) for a in web["pools"][0]["reserved"]] == [
        "10.4.0.20",
        "10.4.0.97",
        "10.4.0.98",
        "10.4.0.99",
    ]
    assert app["pools"] == []


def test_a_pool_that_reserves_half_the_world_is_refused_at_once(tmp_path: Path) -> None:
    wide = pool("web", "fd00::", "fd00::ffff:ffff:ffff", IPAddressReservedSet="fd00::1-fd01::")

    with pytest.raises(InventoryFault, match="reserves more than 65,536 addresses from fd00::1"):
        lines_of(source_of(tmp_path, nets=[FRONT], pools=[wide]), "network")


def test_a_pool_of_one_of_two_subnets_alike_is_told_by_its_range(tmp_path: Path) -> None:
    nets = [
        network(10, "one", subnet(11, "web", "10.4.0.0/24-1")),
        network(13, "two", subnet(14, "web", "10.5.0.0/24-1")),
    ]
    told = source_of(tmp_path, nets=nets, pools=[pool("web", Subnet="10.4.0.0/24")])
    [one, two] = lines_of(told, "network")

    assert len(one["subnets"][0]["pools"]) == 1
    assert two["subnets"][0]["pools"] == []

    unclear = source_of(tmp_path, nets=nets, pools=[pool("web")])

    assert all("pools" not in n["subnets"][0] for n in lines_of(unclear, "network"))
    assert any("Pools of web" in note for note in unclear.notes)


def test_a_pool_of_a_logical_networks_site_leaves_subnets_of_its_range_unchecked(
    tmp_path: Path,
) -> None:
    """Where VLANs isolate, VMM keeps pools so; a subnet without one would be said to have none."""
    nets = [
        network(10, "one", subnet(11, "web", "10.4.0.0/24-1")),
        network(13, "two", subnet(14, "app", "10.5.0.0/24-1")),
    ]
    of_site = pool("web", VMSubnet=None, Subnet="10.4.0.0/24")

    source = source_of(tmp_path, nets=nets, pools=[of_site])
    [one, two] = lines_of(source, "network")

    assert "pools" not in one["subnets"][0]
    assert two["subnets"][0]["pools"] == []
    assert any("Pools of web" in note for note in source.notes)


def test_subnets_may_be_printed_by_themselves(tmp_path: Path) -> None:
    flat = network(10, "front", VMSubnet="web app")
    other = network(13, "back", VMSubnet="")
    subnets = [
        subnet(11, "web", VMNetwork="front"),
        subnet(12, "app", [{"Subnet": "10.4.1.0/24", "VLanID": 41}], VMNetwork="front"),
    ]

    source = source_of(tmp_path, nets=[flat, other], subs=subnets)
    [front, back] = lines_of(source, "network")

    assert [s["name"] for s in front["subnets"]] == ["web", "app"]
    assert front["subnets"][1]["ranges"] == [{"cidr": "10.4.1.0/24", "vlan": 41}]
    assert back["subnets"] == []


def test_adapters_may_be_printed_by_themselves(tmp_path: Path) -> None:
    bare = vm(20, "a")
    del bare["VirtualNetworkAdapters"]
    other = {**vm(21, "b"), "VirtualNetworkAdapters": "Network Adapter"}
    nics = [
        nic(20, "front", "web"),
        nic(22, "front", SlotId=1, VirtualMachine={"Name": "b", "ID": guid(21)}),
    ]

    source = source_of(tmp_path, nets=[FRONT], vms=[bare, other], nics=nics)

    assert [[a["slot"] for a in line["adapters"]] for line in lines_of(source, "vm")] == [[0], [1]]


def test_the_server_is_read_from_its_file_and_the_connections(tmp_path: Path) -> None:
    source = source_of(tmp_path, nets=[FRONT], ems=SERVER)

    assert source.header["server"] == {"id": guid(1), "name": "VMM7"}
    assert source.notes[0] == (
        f"The server is VMM7, after the FQDN of its connection, with the id {guid(1)}."
    )


def test_a_connection_that_has_a_name_gives_it(tmp_path: Path) -> None:
    named = network(
        10, "x", LogicalNetwork=logical("f", ServerConnection=connection(name="VMM-NY"))
    )
    source = source_of(tmp_path, nets=[named])

    assert source.header["server"] == {"id": "vmm7.lab.example.org", "name": "VMM-NY"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("VMM-NY", {"id": guid(1), "name": "VMM-NY"}),
        ("VMM-NY=ABC", {"id": "abc", "name": "VMM-NY"}),
    ],
)
def test_the_server_that_is_said_wins(tmp_path: Path, said: str, expected: Object) -> None:
    source = source_of(tmp_path, server=said, nets=[FRONT], ems=SERVER)

    assert source.header["server"] == expected


def test_a_server_that_nobody_names_is_asked_for(tmp_path: Path) -> None:
    plain = network(10, "x", LogicalNetwork="fabric")

    with pytest.raises(InventoryFault) as caught:
        source_of(tmp_path, nets=[plain], ems=SERVER)

    assert "--server NAME" in caught.value.hint


def test_files_of_two_servers_are_refused(tmp_path: Path) -> None:
    far = logical("f", ServerConnection=connection("VMM8.lab.example.org"))

    with pytest.raises(InventoryFault, match="of several servers"):
        source_of(tmp_path, nets=[FRONT], more=[network(13, "y", LogicalNetwork=far)])


def test_the_time_is_that_of_the_oldest_file_or_what_is_said(tmp_path: Path) -> None:
    old, new = put(tmp_path, "nets", [FRONT]), put(tmp_path, "ems", SERVER)
    new.touch()

    source = open_one(old, new)
    said = open_one(old, new, collected_at=COLLECTED + timedelta(hours=1))

    assert source.header["collected_at"] == COLLECTED
    assert "2026-11-20 04:30 UTC, after the modification time of nets.json" in source.notes[1]
    assert said.header["collected_at"] == datetime(2026, 11, 20, 5, 30, tzinfo=UTC)
    assert "as `--collected-at` says" in said.notes[1]


def test_a_fault_names_the_object_of_the_file(tmp_path: Path) -> None:
    source = source_of(tmp_path, nets=[FRONT], vms=[vm(20, "a", nic(1, SlotId=999))])

    with pytest.raises(InventoryFault) as caught:
        lines_of(source, "vm")

    assert caught.value.facts == (
        "vms.json, object 1 (a), vm.adapters.0.slot: "
        "Input should be less than or equal to 255 (got 999)",
    )


def test_a_vm_printed_twice_is_a_fault(tmp_path: Path) -> None:
    source = source_of(tmp_path, nets=[FRONT], vms=[vm(20, "a"), vm(20, "a")])

    with pytest.raises(InventoryFault, match="cannot be taken in"):
        lines_of(source, "vm")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"vms": [vm(20, "a", nic(1))]}, "Give the output of Get-SCVMNetwork"),
        ({"subs": [subnet(11, "web", VMNetwork="front")]}, "Give that of Get-SCVMNetwork"),
        ({"pools": [pool("web")]}, "Give that of Get-SCVMNetwork"),
        ({"nics": [nic(1)]}, "Give that of Get-SCVirtualMachine"),
        ({"nets": [{**FRONT, "VMSubnet": "web app"}]}, "-Depth 4"),
        ({"nets": [FRONT], "vms": [{**vm(20, "a"), "VirtualNetworkAdapters": "x"}]}, "-Depth 4"),
        ({"nets": [FRONT], "vms": [vm(20, "a")], "nics": [nic(1)]}, "cannot be told"),
        ({"nets": [{**FRONT, "VMSubnet": "web"}], "subs": [subnet(1, "x", VMNetwork="y")]}, "told"),
        ({"ems": SERVER}, "hold no clouds, hosts, networks or VMs"),
    ],
)
def test_what_cannot_be_understood_alone_says_what_it_lacks(
    tmp_path: Path, files: dict[str, Any], words: str
) -> None:
    with pytest.raises(InventoryFault) as caught:
        source_of(tmp_path, server="VMM7", **files)

    assert words in f"{caught.value.message} {caught.value.hint}"


def test_raw_files_and_an_inventory_do_not_mix(tmp_path: Path) -> None:
    raw, ours = put(tmp_path, "nets", [FRONT]), write(tmp_path, whole())

    with pytest.raises(InventoryFault, match="is a whole inventory and"):
        open_inventory([raw, ours])


@pytest.mark.parametrize(
    "content",
    [
        '{"ems": {"Guid": "',
        '[{"VMSubnet": [}]',
        '[{"VMSubnet": 1}, 7]',
        '{"VMSubnet": ' + "[" * 9999,
    ],
)
def test_a_broken_document_is_a_fault(tmp_path: Path, content: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(content)

    with pytest.raises(InventoryFault):
        open_inventory([path], server="VMM7")


def test_a_document_of_another_kind_is_not_loaded_whole(tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    with path.open("wb") as file:
        file.write(b'{"a": "' + b"x" * 100)
        file.truncate(2_000_000_000)

    with pytest.raises(InventoryFault, match="of no kind"):
        open_inventory([path])


def test_the_name_of_a_file_tells_what_its_shape_does_not(tmp_path: Path) -> None:
    clouds = [{"ID": guid(30), "Name": "Gold", "LogicalNetworks": []}]

    with pytest.raises(InventoryFault, match="of no kind"):
        source_of(tmp_path, server="VMM7", stuff=clouds)
    source = open_one(put(tmp_path, "Get-SCCloud", clouds), server="VMM7")

    assert [line["name"] for line in lines_of(source, "cloud")] == ["Gold"]
