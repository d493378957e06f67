"""The importer on what a real VMM server printed, where that is at hand.

`NETMAP_VMM_DATA` names the folder; without it a neighbour of this repository is tried.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from bot.ports import InventorySource
from tests.importers.build import open_one, read

FOLDER = Path(
    os.environ.get("NETMAP_VMM_DATA")
    or Path(__file__).parents[2].parent / "shared" / "data" / "vmm-2012r2"
)

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no real VMM output here; set NETMAP_VMM_DATA to its folder"
)


@pytest.fixture(scope="module")
def source() -> InventorySource:
    return open_one(*sorted(FOLDER.glob("*.json")))


@pytest.fixture(scope="module")
def lines(source: InventorySource) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {"host": [], "network": [], "vm": []}
    for item, line in read(source):
        found[item.kind].append(line)
    return found


def test_all_networks_with_their_subnets_in_order(lines: dict[str, list[Any]]) -> None:
    subnets = {line["name"]: [s["name"] for s in line["subnets"]] for line in lines["network"]}

    assert len(lines["network"]) == 8
    assert subnets["test-vm-network-1"] == ["vm-network-1-subnet-1", "vm-network-1-subnet-2"]
    assert subnets["rhq"] == []


def test_both_vlans_of_one_cidr(lines: dict[str, list[Any]]) -> None:
    [subnet] = next(line for line in lines["network"] if line["name"] == "dberger")["subnets"]

    assert subnet["name"] == "dbergersubnet"
    assert [vlan["vlan"] for vlan in subnet["ranges"]] == [399, 120]


def test_all_vms_with_where_their_adapters_are(lines: dict[str, list[Any]]) -> None:
    adapters = [adapter for vm in lines["vm"] for adapter in vm["adapters"]]

    assert len(lines["vm"]) == 28
    assert sum(adapter["network"] is None for adapter in adapters) == 1
    assert sum(adapter["subnet"] is not None for adapter in adapters) == 2
    assert all("observed" not in adapter for adapter in adapters)
    assert len({vm["hyperv_id"] for vm in lines["vm"]}) == 28
    assert all(vm["power"] in ("running", "off", "saved") for vm in lines["vm"])
    assert all("role" not in vm and "cloud" not in vm for vm in lines["vm"])


def test_hosts_with_the_networks_of_their_switches(lines: dict[str, list[Any]]) -> None:
    assert sorted(len(host["logical_networks"]) for host in lines["host"]) == [5, 6]
    assert {vm["host"] for vm in lines["vm"]} == {host["name"] for host in lines["host"]}


def test_the_server_is_found_and_nothing_is_claimed_of_clouds(source: InventorySource) -> None:
    assert source.header["server"]["name"] == "SCVMM2"
    assert source.kinds == {"hosts", "networks", "vms"}
