"""The PowerShell that netmap hands out: it parses, calls what it says, and does what it should.

There is no PowerShell here, so the scripts run in `tests.psrp.powershell`, against an estate.
"""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.domain.orders import Ids, Order, Outcome, read_answer
from bot.domain.placements import Move
from bot.importers import open_inventory
from bot.importers.sample.machines import estate as sample_estate
from bot.render.scripts import connect_script, export_script
from tests.psrp.estate import VmmEstate
from tests.psrp.powershell import (
    Call,
    Choice,
    PsError,
    Run,
    Thing,
    commands,
    faults,
    functions,
    parse,
)
from tests.psrp.sites import THERE, two_sites

READS = {
    "Get-SCVMMServer",
    "Get-SCCloud",
    "Get-SCLogicalNetwork",
    "Get-SCVMHost",
    "Get-SCVMHostNetworkAdapter",
    "Get-SCVMNetwork",
    "Get-SCStaticIPAddressPool",
    "Get-SCIPAddress",
    "Get-SCVirtualMachine",
    "Get-SCVirtualNetworkAdapter",
    "Read-SCVirtualMachine",
    "Get-VMReplication",
}
LANGUAGE = {
    "ConvertTo-Json",
    "ConvertFrom-Json",
    "ForEach-Object",
    "Where-Object",
    "Get-Date",
    "Import-Module",
    "Set-StrictMode",
    "Set-Content",
    "Move-Item",
    "Write-Warning",
}
EVIL = "O'Brien `$(Stop-Computer) \"LAN\" \u2019@ 'x \u2014 ; #> $env:x\n'@"


def order(estate: VmmEstate, vm: str, to: Ids, was: Ids | None = None, **over: Any) -> Order:
    row = estate.vm(vm)
    base = Order(
        Move(1, 0, 1, 0, 1, pending=True),
        row["id"],
        row["name"],
        row["adapters"][0]["id"],
        0,
        was or Ids(),
        to,
        "no network -> DR-Web / Web",
    )
    return base._replace(**over)


@pytest.fixture
def there() -> VmmEstate:
    return VmmEstate(two_sites(3)[1])


WEB = Ids("n-DR-Web", "s-DR-Web-Web")
OLD = Ids("n-DR-Old", "s-DR-Old-Web")


def carry_out(estate: VmmEstate, *orders: Order, **parameters: Any) -> list[tuple[Outcome, str]]:
    script = connect_script("5f0c1a2b", f"{THERE.lower()}.example.org", THERE, orders)
    lines = list(Run(estate.cmdlets()).script(script, **parameters))
    answers = [read_answer(line) for line in lines]
    return [(answer.outcome, answer.said) for answer in answers if answer is not None]


# What they are


def test_both_scripts_are_powershell_and_call_what_they_say(there: VmmEstate) -> None:
    connect = connect_script("5f0c1a2b", "id", THERE, [order(there, "web001", WEB)])

    for script, meant in (
        (export_script(), READS),
        (
            connect,
            (READS & set(re.findall(r"[GR]\w+-\w+", connect))) | {"Set-SCVirtualNetworkAdapter"},
        ),
    ):
        root = parse(script)
        called = set(commands(root)) - functions(root) - LANGUAGE

        assert faults(root) == []
        assert called == meant
        assert all(cmdlet in script.partition("#>")[0] for cmdlet in called), "the help lists them"


def test_the_one_cmdlet_that_writes_sets_network_and_subnet_together(there: VmmEstate) -> None:
    script = connect_script("5f0c1a2b", "id", THERE, [])
    calls = re.findall(r"Set-SCVirtualNetworkAdapter (-.+)", script)

    assert calls == [
        "-VirtualNetworkAdapter $nic -NoConnection -NoLogicalNetwork -NoPortClassification",
        "-VirtualNetworkAdapter $nic -VMNetwork $network -VMSubnet $subnet",
        "-VirtualNetworkAdapter $nic -VMNetwork $network",
    ]


def test_a_broken_script_would_be_noticed() -> None:
    assert faults(parse("foreach ($x in ) { 'never closed"))


@pytest.mark.parametrize("name", [EVIL, "plain", "'@", "@'\n'@", "\u201cquoted\u201d", "𝄞"])
def test_names_are_data_whatever_is_in_them(there: VmmEstate, name: str) -> None:
    there.vm("web001")["name"] = name
    script = connect_script(name, name, name, [order(there, name, WEB, does=name)])

    assert script.isascii()
    assert faults(parse(script)) == []
    assert set(commands(parse(script))) == set(commands(parse(connect_script("", "", "", []))))
    [about, answer, _] = Run(there.cmdlets()).script(script)
    assert json.loads(about)["plan"] == name
    assert json.loads(answer)["name"] == name
    assert json.loads(answer)["result"] == "connected"


@pytest.mark.parametrize("strict", [False, True])
def test_a_session_that_is_strict_changes_nothing(there: VmmEstate, strict: bool) -> None:
    """A profile may set it for all that follows; these scripts ask for what may be missing."""
    connect = connect_script("p", "id", THERE, [order(there, "web001", WEB)])
    outcomes = []
    for script in (export_script(), connect):
        run = Run(there.cmdlets())
        run.strict = strict
        outcomes.append([json.loads(line) for line in run.script(script)])

    assert [row["vm"]["adapters"][0]["network"] for row in outcomes[0] if "vm" in row] == [None] * 3
    assert outcomes[1][1]["result"] == "connected"


# Collecting


def lines_of(site: Any) -> list[str]:
    taken = site.inventory(datetime(2026, 11, 22, 6, tzinfo=UTC))
    rows = [taken._first, *(item.raw for item in taken.items())]
    counts = {
        kind: sum(raw.startswith(f'{{"{kind[:-1]}"'.encode()) for raw in rows) for kind in KINDS
    }
    return [raw.decode() for raw in rows] + [json.dumps({"end": counts})]


KINDS = ("clouds", "hosts", "networks", "vms")


def test_the_sample_estate_comes_out_as_it_is(tmp_path: Path) -> None:
    lines = lines_of(sample_estate().chicago)

    out = list(Run(VmmEstate(lines).cmdlets()).script(export_script()))

    (tmp_path / "out.jsonl").write_text("\n".join(out) + "\n", encoding="utf-8")
    [source] = open_inventory([tmp_path / "out.jsonl"])
    assert all(source.parse(item) is not None for item in source.items())
    source.finish()
    assert source.header["server"] == {"id": "vmm-chicago.example.org", "name": THERE}
    before, after = ([json.loads(line) for line in some] for some in (lines, out))
    assert [row["vm"] for row in after if "vm" in row] == [
        row["vm"] for row in before if "vm" in row
    ]
    assert [row["cloud"] for row in after if "cloud" in row] == [
        row["cloud"] for row in before if "cloud" in row
    ]
    for was, now in zip(
        (row["network"] for row in before if "network" in row),
        (row["network"] for row in after if "network" in row),
        strict=True,
    ):
        for subnet in was["subnets"]:
            subnet["ranges"] = [
                {"vlan": 0, **one} for one in subnet["ranges"]
            ]  # VMM's word for none
        assert now == was


def test_it_writes_a_file_that_is_whole_or_not_there(there: VmmEstate) -> None:
    run = Run(there.cmdlets())

    out = list(run.script(export_script(), Path="chi.jsonl"))

    assert out == []
    assert list(run.files) == ["chi.jsonl"]
    assert json.loads(run.files["chi.jsonl"][-1]) == {
        "end": {"clouds": 1, "hosts": 1, "networks": 3, "vms": 3, "unreadable": 0}
    }


def test_it_refreshes_every_vm_unless_told_not_to(there: VmmEstate) -> None:
    list(Run(there.cmdlets()).script(export_script()))
    refreshed = there.asked.count("Read-SCVirtualMachine")
    list(Run(there.cmdlets()).script(export_script(), SkipRefresh=True))

    assert refreshed == 3
    assert there.asked.count("Read-SCVirtualMachine") == 3


def vms(estate: VmmEstate, **parameters: Any) -> tuple[list[dict[str, Any]], list[str]]:
    run = Run(estate.cmdlets())
    rows = [json.loads(line) for line in run.script(export_script(), **parameters)]
    return [row["vm"] for row in rows if "vm" in row], run.warnings


def test_a_vm_that_cannot_be_refreshed_has_no_power_state(there: VmmEstate) -> None:
    def refuse(call: Call) -> None:
        if call.get("VM").get("Name") == "web002":
            raise PsError("VMM cannot contact the host. (Error ID: 2912)")

    there.before["Read-SCVirtualMachine"] = [refuse]

    found, warnings = vms(there)

    assert ["power" in vm for vm in found] == [True, False, True]
    assert warnings == [
        "web002 could not be refreshed: VMM cannot contact the host. (Error ID: 2912)"
    ]


def test_a_vm_that_cannot_be_read_is_named_and_the_others_are_there(
    there: VmmEstate, tmp_path: Path
) -> None:
    def refuse(call: Call) -> None:
        if call.get("VM").get("Name") == "web002":
            raise PsError("VMM cannot find the object. (Error ID: 801)")

    there.before["Get-SCVirtualNetworkAdapter"] = [refuse]
    run = Run(there.cmdlets())

    rows = list(run.script(export_script()))

    *_, two, three, end = map(json.loads, rows)
    why = "VMM cannot find the object. (Error ID: 801)"
    row = there.vm("web002")
    assert two == {"unreadable": {"id": row["id"], "name": "web002", "why": why}}
    assert three["vm"]["name"] == "web003"
    assert (end["end"]["vms"], end["end"]["unreadable"]) == (2, 1)
    assert run.warnings == [f"web002 could not be read: {why}"]
    path = tmp_path / "chi.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    [source] = open_inventory([path])
    assert [item.kind for item in source.items()][-3:] == ["vm", "unreadable", "vm"]


@pytest.mark.parametrize(("skip", "warned"), [(False, 1), (True, 0)])
def test_without_the_hosts_word_no_vm_is_called_unreplicated(
    there: VmmEstate, skip: bool, warned: int
) -> None:
    there.silent_hosts.add(f"hv-{THERE.lower()}")

    found, warnings = vms(there, SkipHosts=skip)

    assert [vm.get("role") for vm in found] == [None, None, None]
    assert len(warnings) == warned


def test_a_vm_its_host_does_not_replicate_is_known_to_be_unreplicated(there: VmmEstate) -> None:
    del there.vm("web003")["role"]

    found, _ = vms(there)

    assert [vm["role"] for vm in found] == ["replica", "replica", "none"]


def test_a_replication_that_is_disabled_is_said_to_be(there: VmmEstate) -> None:
    there.vm("web001").update(replication_state="Disabled", replication_health="NotApplicable")

    found, _ = vms(there)

    states = [(vm["replication_state"], vm["replication_health"]) for vm in found[:2]]
    assert states == [("Disabled", "NotApplicable"), ("Replicating", "Normal")]


def test_primary_and_replica_under_one_server_have_their_own_roles(there: VmmEstate) -> None:
    """They bear one Hyper-V id, so only their hosts tell them apart."""
    host = {"id": "h-2", "name": "hv-second", "logical_networks": []}
    primary = {**there.vm("web001"), "id": "v-primary", "host": "hv-second", "role": "primary"}
    there.hosts.append(host)
    there.vms["v-primary"] = primary

    found, _ = vms(there)

    roles = {vm["id"]: vm["role"] for vm in found if vm["name"] == "web001"}
    assert roles == {there.vm("web001")["id"]: "replica", "v-primary": "primary"}


def test_a_vm_that_moved_while_hosts_were_asked_is_not_called_unreplicated(
    there: VmmEstate,
) -> None:
    there.hosts.append({"id": "h-2", "name": "hv-second", "logical_networks": []})

    def move(call: Call) -> None:
        there.vm("web002")["host"] = "hv-second"

    there.before["Get-SCVirtualMachine"] = [move]
    del there.vm("web003")["role"]

    found, _ = vms(there)

    assert [vm.get("role") for vm in found] == ["replica", None, "none"]


def test_of_two_relationships_the_one_with_the_primary_counts(there: VmmEstate) -> None:
    plain = there.cmdlets()["Get-VMReplication"]

    def with_extended(call: Call) -> Any:
        for one in plain(call):
            extended = Thing(**dict(one.pairs()))
            extended.set("Mode", Choice("Primary", 1))
            extended.set("RelationshipType", Choice("Extended", 1))
            yield from (extended, one, extended)

    cmdlets = {**there.cmdlets(), "Get-VMReplication": with_extended}
    rows = [json.loads(line) for line in Run(cmdlets).script(export_script())]

    assert [row["vm"]["role"] for row in rows if "vm" in row] == ["replica"] * 3


def test_vms_without_a_hyper_v_id_are_no_pair(there: VmmEstate) -> None:
    there.vm("web001")["hyperv_id"] = "00000000-0000-0000-0000-000000000000"

    found, _ = vms(there, SkipHosts=True)

    assert ["hyperv_id" in vm for vm in found] == [False, True, True]


def test_reserved_ranges_are_spelt_out(there: VmmEstate) -> None:
    pool = {
        "first": "10.0.0.250",
        "last": "10.0.1.9",
        "reserved": ["10.0.0.251-10.0.0.252", "10.0.1.3"],
    }
    there.networks[0]["subnets"][0]["pools"] = [pool]

    rows = [json.loads(line) for line in Run(there.cmdlets()).script(export_script())]

    [found] = next(row for row in rows if "network" in row)["network"]["subnets"][0]["pools"]
    assert found["reserved"] == ["10.0.0.251", "10.0.0.252", "10.0.1.3"]


@pytest.mark.parametrize("isolation", ["VLANNetwork", "WindowsNetworkVirtualization"])
def test_pools_are_found_by_their_subnet_or_by_their_site(there: VmmEstate, isolation: str) -> None:
    """Where VLANs isolate, VMM keeps a pool with a site of the logical network."""
    pools = [{"first": f"10.{n}.0.9", "last": f"10.{n}.0.99"} for n in range(2)]
    network = there.networks[0]
    network["isolation"] = isolation
    for n, subnet in enumerate(network["subnets"]):
        cidr = f"10.{n}.0.0/24"
        subnet["ranges"] = [{"cidr": cidr, "vlan": 7}, {"cidr": cidr, "vlan": 8}]
        subnet["pools"] = [pools[n]]
    there.networks[2]["subnets"][0]["ranges"] = [{"cidr": "10.0.0.0/24", "vlan": 7}]

    rows = [json.loads(line) for line in Run(there.cmdlets()).script(export_script())]

    found = [
        [pool["first"] for pool in subnet["pools"]]
        for row in rows
        for subnet in row.get("network", {}).get("subnets", ())
    ]
    assert found == [["10.0.0.9"], ["10.1.0.9"], []]


# Reconnecting


def test_it_connects_network_and_subnet_and_does_nothing_twice(there: VmmEstate) -> None:
    first = carry_out(there, order(there, "web001", WEB))
    second = carry_out(there, order(there, "web001", WEB))

    assert first == [(Outcome.CONNECTED, "")]
    assert second == [(Outcome.ALREADY, "")]
    assert there.set == [(f"{THERE.lower()}-v1-0", *WEB)]


def test_it_disconnects(there: VmmEstate) -> None:
    there.adapter("web001").update(network="n-DR-Old", subnet="s-DR-Old-Web")

    assert carry_out(there, order(there, "web001", Ids(), OLD)) == [(Outcome.CONNECTED, "")]
    assert there.adapter("web001")["network"] is None


def test_a_network_without_subnets_is_enough(there: VmmEstate) -> None:
    answered = carry_out(there, order(there, "web001", Ids("n-DR-DB")))

    assert answered == [(Outcome.CONNECTED, "")]


def test_what_if_changes_nothing_and_says_what_would(there: VmmEstate) -> None:
    run = Run(there.cmdlets())
    script = connect_script("p", "id", THERE, [order(there, "web001", WEB)])

    lines = list(run.script(script, WhatIf=True))

    assert json.loads(lines[1])["result"] == "whatif"
    assert run.what_if == ["no network -> DR-Web / Web on web001, NIC 0"]
    assert there.set == []


@pytest.mark.parametrize(
    ("change", "outcome", "said"),
    [
        ({"power": "running"}, Outcome.RUNNING, "the VM is not turned off: Running"),
        ({"power": "saved"}, Outcome.RUNNING, "the VM is not turned off: Saved"),
        ({"power": None}, Outcome.RUNNING, "the VM is not turned off: HostNotResponding"),
        ({"role": "primary"}, Outcome.NOT_REPLICA, "the VM is no replica now"),
        ({"role": "test"}, Outcome.NOT_REPLICA, "the VM is no replica now"),
        ({"adapters": []}, Outcome.GONE, "the VM has no such adapter"),
    ],
)
def test_it_leaves_alone_what_it_must(
    there: VmmEstate, change: dict[str, Any], outcome: Outcome, said: str
) -> None:
    wanted = order(there, "web001", WEB)
    there.vm("web001").update(change)

    assert carry_out(there, wanted, order(there, "web002", WEB)) == [
        (outcome, said),
        (Outcome.CONNECTED, ""),
    ]


def test_an_adapter_that_somebody_moved_stays_where_they_put_it(there: VmmEstate) -> None:
    there.adapter("web001").update(network="n-DR-Old", subnet="s-DR-Old-Web")

    assert carry_out(there, order(there, "web001", WEB)) == [
        (Outcome.MOVED, "it is on DR-Old / Web now")
    ]


def test_a_vm_that_is_gone_is_said(there: VmmEstate) -> None:
    wanted = order(there, "web001", WEB)
    del there.vms[wanted.vm]

    assert carry_out(there, wanted) == [(Outcome.GONE, "VMM knows no VM of this id")]


def test_a_target_that_is_gone_is_said(there: VmmEstate) -> None:
    there.networks = [row for row in there.networks if row["name"] != "DR-Web"]

    assert carry_out(there, order(there, "web001", WEB)) == [
        (Outcome.FAILED, "VMM knows the network or subnet no longer")
    ]


def test_vmms_own_words_are_passed_on(there: VmmEstate) -> None:
    def refuse(call: Call) -> None:
        raise PsError("The logical switch refuses. (Error ID: 50022)")

    there.before["Set-SCVirtualNetworkAdapter"] = [refuse]

    assert carry_out(there, order(there, "web001", WEB)) == [
        (Outcome.FAILED, "The logical switch refuses. (Error ID: 50022)")
    ]


def test_an_adapter_whose_id_nobody_listed_is_found_by_its_slot(there: VmmEstate) -> None:
    wanted = order(there, "web001", WEB, adapter="")

    assert carry_out(there, wanted) == [(Outcome.CONNECTED, "")]


def test_either_vmm_or_the_host_must_say_that_it_is_a_replica(there: VmmEstate) -> None:
    there.silent_hosts.add(f"hv-{THERE.lower()}")
    there.sure = {there.vm("web002")["id"]: "replica", there.vm("web003")["id"]: "primary"}

    assert carry_out(there, *(order(there, f"web00{n}", WEB) for n in (1, 2, 3))) == [
        (Outcome.FAILED, f"hv-{THERE.lower()}: Access is denied."),
        (Outcome.CONNECTED, ""),
        (Outcome.FAILED, f"hv-{THERE.lower()}: Access is denied."),
    ]


def test_names_of_both_sites_are_no_mistake(there: VmmEstate) -> None:
    """Primary and replica bear one name; here the script goes by id."""
    both = VmmEstate(two_sites(1)[1])
    primary = json.loads(next(line for line in two_sites(1)[0] if line.startswith('{"vm"')))["vm"]
    both.vms = {primary["id"]: primary, **both.vms}
    wanted = order(both, "web001", WEB)._replace(
        vm=f"{THERE.lower()}-v1", adapter=f"{THERE.lower()}-v1-0"
    )

    assert carry_out(both, wanted) == [(Outcome.CONNECTED, "")]
    assert primary["adapters"][0]["network"] == "n-Prod-Web"
