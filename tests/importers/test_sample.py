"""The sample estate shows what it is meant to show."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.estate import Network, Subnet
from bot.domain.names import name_key
from bot.engine.placing import join
from bot.importers.sample import SampleDay, sample_days
from bot.importers.sample.machines import estate
from bot.importers.sample.story import FIRST_COMMANDS
from bot.ports import InventorySource
from tests.importers.build import read

NOW = datetime(2026, 11, 22, 8, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def days() -> list[SampleDay]:
    return sample_days(NOW)


class Seen:
    """One inventory, by name."""

    def __init__(self, source: InventorySource) -> None:
        rows = [(item.kind, line) for item, line in read(source)]
        self.networks = {line["id"]: line for kind, line in rows if kind == "network"}
        self.names = [line["name"] for kind, line in rows if kind == "vm"]
        self.vms: dict[str, Any] = {line["name"]: line for kind, line in rows if kind == "vm"}
        self.subnets = {
            subnet["id"]: subnet for n in self.networks.values() for subnet in n["subnets"]
        }

    def place(self, vm: str, slot: int = 0) -> str:
        nic = {nic["slot"]: nic for nic in self.vms[vm]["adapters"]}[slot]
        if nic["network"] is None:
            return ""
        network = self.networks[nic["network"]]["name"]
        return f"{network}/{self.subnets[nic['subnet']]['name']}" if nic["subnet"] else network

    def on(self, place: str) -> list[str]:
        return sorted(n for n in self.vms if self.vms[n]["adapters"] and self.place(n) == place)

    def network(self, name: str) -> Any:
        return next(n for n in self.networks.values() if n["name"] == name)


def test_the_same_moment_gives_the_same_estate(days: list[SampleDay]) -> None:
    again = sample_days(NOW)

    for day, other in zip(days, again, strict=True):
        assert day.commands == other.commands
        for one, two in zip(day.inventories, other.inventories, strict=True):
            assert one.header == two.header
            assert list(one.items()) == list(two.items())


def test_days_are_in_order_and_the_last_is_two_hours_old(days: list[SampleDay]) -> None:
    times = [day.at for day in days]

    assert times == sorted(times)
    assert times[-1] == datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
    for day in days:
        for source in day.inventories:
            assert timedelta(0) < day.at - source.header["collected_at"] < timedelta(minutes=15)


def test_denver_alone_is_stale(days: list[SampleDay]) -> None:
    last = {
        s.header["server"]["name"]: s.header["collected_at"] for d in days for s in d.inventories
    }

    assert [name for name, at in last.items() if NOW - at > timedelta(hours=24)] == ["VMM-Denver"]


def test_each_site_has_some_three_hundred_vms_a_dozen_to_a_network(days: list[SampleDay]) -> None:
    ny, chicago = (Seen(source) for source in days[0].inventories)
    counts = Counter(
        ny.networks[nic["network"]]["name"]
        for vm in ny.vms.values()
        for nic in vm["adapters"]
        if nic["network"]
    )

    assert 250 <= len(ny.names) <= 320
    assert 250 <= len(chicago.names) <= 320
    assert set(counts) == {network["name"] for network in ny.networks.values()}
    assert min(counts.values()) >= 12


def test_prod_web_is_left_for_the_first_command_of_a_newcomer(days: list[SampleDay]) -> None:
    ny, chicago = (Seen(source) for source in days[-1].inventories)
    webs = [n for n in ny.on("Prod-Web/Web") if ny.vms[n]["role"] == "primary"]
    running = [n for n in webs if chicago.vms[n]["power"] == "running"]
    dr_web = chicago.network("DR-Web")

    assert "Prod-Web" not in " ".join(command for day in days for command in day.commands)
    assert running == ["web04"]
    assert len(webs) - len(running) == 9
    assert len(ny.on("Prod-Web/Batch")) == 3
    assert [subnet["name"] for subnet in dr_web["subnets"]] == ["Mgmt", "Web", "App"]
    assert chicago.place("web01") == "DR-Old/Web"
    assert chicago.place("batch07") == ""
    assert [n for n in webs if ny.vms[n]["cloud"] == "SilverCloud1"] == ["web11", "web12"]
    assert ny.vms["web01"]["adapters"][0]["addresses"] == ["10.1.0.21"]
    [pool] = dr_web["subnets"][1]["pools"]
    granted = [str(grant["address"]) for grant in pool["allocated"]]
    assert granted == ["10.1.0.23", "10.1.0.22"]


def test_silvercloud2_lacks_the_second_logical_network(days: list[SampleDay]) -> None:
    clouds = {
        line["name"]: line["logical_networks"]
        for item, line in read(days[0].inventories[1])
        if item.kind == "cloud"
    }

    assert clouds == {
        "GoldCloud2": ["LogicalNetwork1-Chicago", "LogicalNetwork2-Chicago"],
        "SilverCloud2": ["LogicalNetwork1-Chicago"],
    }


def test_replicas_stand_on_their_placements_a_week_later(days: list[SampleDay]) -> None:
    before, after = Seen(days[0].inventories[1]), Seen(days[2].inventories[1])
    moved = {
        "app01": ("", "DR-App/App"),
        "mgmt01": ("", "DR-Mgmt/MGMT"),
        "job01": ("", "DR-Batch"),
        "bkp01": ("", "DR-Backup/Vault"),
        "file02": ("DR-Old/Db", "DR-File/Files"),
        "app10": ("", ""),  # power unknown
        "app11": ("", ""),  # has not replicated yet
        "sql05": ("DR-DB/Db", "DR-DB/Db"),  # never mapped
    }

    assert {name: (before.place(name), after.place(name)) for name in moved} == moved


def test_what_the_sample_wishes_is_what_the_rule_says() -> None:
    e = estate()
    mapped = dict(
        command.partition(" --")[0][4:].split(" to ", 1) for command in FIRST_COMMANDS[:10]
    )
    mapped |= dict(command.partition(" --")[0][4:].split(" to ") for command in FIRST_COMMANDS[11:])
    mapped["R&D to go"] = "O'Brien LAN"

    for name, pair in e.pairs.items():
        for slot, wish in pair.wishes.items():
            network, subnet = e.new_york.find(pair.home.nics[slot].place)
            assert network
            target = e.chicago.networks[mapped[network.name]]
            source = Subnet(0, "", subnet.name, name_key(subnet.name)) if subnet else None
            subnets = [
                Subnet(i + 2, "", s.name, name_key(s.name)) for i, s in enumerate(target.subnets)
            ]
            placed = join(source, Network(1, 1, "", target.name, "", 1, tuple(subnets)))
            names = {1: target.name} | {s.at: f"{target.name}/{s.name}" for s in subnets}
            assert names[placed.at] == wish, (name, slot)


def test_app03_runs_at_chicago_since_yesterday(days: list[SampleDay]) -> None:
    first_ny, first_chicago = (Seen(source) for source in days[0].inventories)
    ny, chicago = (Seen(source) for source in days[2].inventories)

    assert days[2].at.date() == NOW.date() - timedelta(days=1)
    assert first_ny.vms["app03"]["role"] == "primary"
    assert first_chicago.vms["app03"]["role"] == "replica"
    assert (chicago.vms["app03"]["role"], chicago.vms["app03"]["power"]) == ("primary", "running")
    assert (ny.vms["app03"]["role"], ny.vms["app03"]["power"]) == ("replica", "off")
    assert chicago.place("app03") == "DR-App/App"
    assert ny.place("app03") == "Prod-App/App"


def test_drift_is_there_this_morning(days: list[SampleDay]) -> None:
    before, after = Seen(days[2].inventories[1]), Seen(days[3].inventories[1])
    drifted = {
        "file04": ("DR-File/Files", "DR-Old/Web"),
        "file06": ("DR-File/Files", "DR-File/Archive"),
        "dev07": ("DR-Dev/Build", ""),
        "app05": ("DR-App/App", ""),
        "app06": ("DR-App/App", "DR-Old/Web"),
        "app07": ("DR-App/App", "DR-Mgmt/MGMT"),
        "edge01": ("DR-DMZ/EDGE", "DR-DMZ/Perimeter"),
        "voice01": ("DR-Voice/Calls", ""),
        "erp01": ("DR-ERP/Erp", ""),
        "erp03": ("DR-ERP/Erp", "DR-ERP/Erp"),  # it runs
        "erp05": ("DR-ERP/Erp", "DR-ERP/Erp"),  # its power was not known
    }

    assert {name: (before.place(name), after.place(name)) for name in drifted} == drifted
    assert [s["name"] for s in after.network("DR-Reports")["subnets"]] == ["West", "East"]
    assert after.vms.keys() - before.vms.keys() == {"app15", "app16", "app17"}
    assert before.vms.keys() - after.vms.keys() == {"job12"}


def test_oddities_are_there(days: list[SampleDay]) -> None:
    ny, chicago = (Seen(source) for source in days[3].inventories)
    slots = {name: len(ny.vms[name]["adapters"]) for name in ("vault01", "hub01", "hub02")}

    assert slots == {"vault01": 0, "hub01": 3, "hub02": 2}
    assert len(chicago.vms["hub02"]["adapters"]) == 1
    assert chicago.vms["gate02"]["adapters"][0]["observed"] is False
    assert ny.place("spare01") == ""
    assert "power" not in chicago.vms["app10"]
    assert "cloud" not in ny.vms["mgmt12"]
    assert len(ny.vms["app08"]["adapters"][0]["addresses"]) == 2
    assert {ny.vms["dual01"]["role"], chicago.vms["dual01"]["role"]} == {"primary"}
    assert ny.vms["solo01"]["partner_host"] == "hv41"
    assert chicago.vms["sql03 - Test"]["role"] == "test"
    assert ny.vms["web09"]["role"] == "none"
    assert Counter(ny.names)["intranet"] == 2
    assert sorted(n["name"] for n in ny.networks.values()).count("Lab") == 2
    assert ny.network("Legacy")["logical_network"] is None
    assert {"O'Hara on call", "build, nightly"} <= ny.vms.keys()


def test_denver_keeps_an_extended_replica_and_both_sides_of_its_own(days: list[SampleDay]) -> None:
    ny = Seen(days[0].inventories[0])
    denver = Seen(days[1].inventories[0])

    assert denver.vms["file01"]["hyperv_id"] == ny.vms["file01"]["hyperv_id"]
    assert Counter(denver.names)["den01"] == 2
