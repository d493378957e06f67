"""Taking inventories in: what is refused, what is said, and all or nothing."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import InventoryFault, NetmapError, Refused
from bot.importers.jsonl import lines_in_memory
from bot.usecases.importing.imports import Options
from bot.wiring.taking import take_in
from tests.builders import CH, MORNING, NY, Site, Town, on, place, protect, reverse, unchanged


class Estate:
    def __init__(self, folder: Path) -> None:
        self.town = Town(folder)
        self.ny, self.ch = Site(NY), Site(CH)
        for n in range(10):
            self.ny.net(f"Net{n}", "Web", "App")
        self.ch.net("DR", "Mgmt", "Web")
        for n in range(10):
            protect(self.ny, self.ch, f"vm{n}", on("Net0", "Web"), on(None))
        self.town.takes(self.ny, self.ch)

    def refused(self, *sites: Site, **over: Any) -> NetmapError:
        """Import what must be refused; nothing may change."""
        with unchanged(self.town), pytest.raises(NetmapError) as caught:
            self.town.takes(*sites, **over)
        return caught.value


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate(tmp_path)


def test_a_clock_that_was_ahead_is_blamed_and_not_the_newer_inventory(estate: Estate) -> None:
    estate.town.at -= timedelta(hours=7)

    refused = estate.refused(estate.ch)
    status = estate.town.says("status").text

    assert refused.hint == (
        "That one is dated ahead of the clock here: check both clocks; to take this one:"
        " import again with --force."
    )
    assert "! VMM-Chicago: inventory of 08:00 UTC (in the future): a clock is wrong" in status


# -- refusals ------------------------------------------------------------------------------


def test_an_older_inventory_is_refused_unless_forced(estate: Estate) -> None:
    older = MORNING - timedelta(days=1)

    error = estate.refused(estate.ny, collected_at=older)

    assert isinstance(error, Refused)
    assert "--force" in error.hint
    estate.town.takes(estate.ny, collected_at=older, force=True)
    [age] = [a for a in estate.town.does("status")["servers"] if a["server"] == NY]
    assert age["collected_at"].startswith("2026-11-21")


@pytest.mark.parametrize("known", [True, False])
def test_one_from_the_future_is_refused_and_five_minutes_are_not(
    estate: Estate, known: bool
) -> None:
    site = estate.ny if known else Site("VMM-Denver")
    at = estate.town.at + timedelta(hours=1)

    error = estate.refused(site, collected_at=at + timedelta(minutes=6))
    estate.town.at = at - timedelta(hours=1)
    estate.town.takes(site, collected_at=at + timedelta(minutes=4))

    assert "clock" in error.hint


@pytest.mark.parametrize(
    ("networks", "vms", "refused"), [(2, 2, False), (3, 0, True), (0, 3, True), (10, 10, True)]
)
def test_one_that_makes_more_than_a_fifth_vanish_is_refused(
    estate: Estate, networks: int, vms: int, refused: bool
) -> None:
    for n in range(networks):
        del estate.ny.networks[f"Net{9 - n}"]
    for n in range(vms):
        del estate.ny.vms[f"vm{9 - n}"]
    if networks == 10:
        estate.ny.vms.clear()

    if refused:
        assert "vanish" in estate.refused(estate.ny).message
    report = estate.town.takes(estate.ny, force=refused)

    assert report["vms_gone"] == vms
    assert [n["event"] for n in report["news"]] == ["gone"] * networks


def test_a_known_name_under_a_new_id_is_refused_unless_the_server_was_replaced(
    estate: Estate,
) -> None:
    estate.town.does("add Net0 to DR")
    anew = Site(NY, id="another")
    anew.networks, anew.vms = estate.ny.networks, estate.ny.vms

    error = estate.refused(anew)
    report = estate.town.takes(anew, replace_server=True)

    assert "--replace-server" in error.hint
    assert (report["first"], report["vms_gone"], report["news"]) == (False, 0, [])
    assert estate.town.does("show M1")["mappings"][0]["vms"] == 10
    assert len(estate.town.does("servers")["servers"]) == 2


@pytest.mark.parametrize("fault", ["twice", "cut", "dangling", "unknown key", "bad end"])
@pytest.mark.parametrize("kept", [True, False], ids=["unchanged VMs", "changed VMs"])
def test_a_faulty_file_changes_nothing(estate: Estate, fault: str, kept: bool) -> None:
    town = estate.town
    town.at += timedelta(hours=1)
    if not kept:
        for vm in estate.ny.vms.values():
            vm["power"] = "paused"
    rows = list(estate.ny.rows(town.at))
    if fault == "twice":
        rows.insert(-1, {"vm": {**rows[-2]["vm"]}})
        rows[-1]["end"]["vms"] += 1
    elif fault == "cut":
        rows.pop()
    elif fault == "dangling":
        rows = [row for row in rows if row.get("network", {}).get("name") != "Net0"]
        rows[-1]["end"]["networks"] -= 1
    elif fault == "unknown key":
        rows[-3]["vm"]["colour"] = "green"
    else:
        rows[-1]["end"]["hosts"] = 3
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()

    source = lines_in_memory(data, "ny.jsonl")

    with unchanged(town), pytest.raises(InventoryFault) as caught:
        take_in(town.house, [source], "local:ana", town.at, Options())

    assert caught.value.message
    assert town.takes(estate.ny)["vms_changed"] == (0 if kept else 10)


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ([], "the last line, `end`, is missing: the file was cut off"),
        (["as it is", {"vm": {}}], "stands after the last line, `end`"),
    ],
)
def test_a_faulty_line_is_told_beside_what_is_wrong_with_the_end(
    estate: Estate, end: list[Any], said: str
) -> None:
    estate.ny.vms["vm3"]["power"] = "tired"
    rows = list(estate.ny.rows(estate.town.at))
    rows[-1:] = [rows[-1] if row == "as it is" else row for row in end]
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    number = 1 + next(n for n, row in enumerate(rows) if row.get("vm", {}).get("name") == "vm3")

    with unchanged(estate.town), pytest.raises(InventoryFault) as caught:
        take_in(
            estate.town.house,
            [lines_in_memory(data, "ny.jsonl")],
            "local:ana",
            estate.town.at,
            Options(),
        )

    one, other = caught.value.facts
    assert one.startswith(f"line {number}, vm.power: Input should be")
    assert other.endswith(said)


# -- what is said --------------------------------------------------------------------------


def test_a_repeated_inventory_says_so_and_still_advances_the_age(estate: Estate) -> None:
    before = estate.town.does("status")["servers"]

    report = estate.town.takes(estate.ny)

    assert report["unchanged"]
    assert (report["vms_changed"], report["vms_new"], report["news"]) == (0, 0, [])
    after = estate.town.does("status")["servers"]
    assert before[0]["collected_at"] < after[0]["collected_at"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda site: site.cloud("New", "L1"), None),
        (lambda site: site.networks["Net1"].update(isolation="NoIsolation"), None),
        (lambda site: site.networks["Net1"].update(name="Net1b"), "news"),
        (lambda site: site.networks["Net1"]["subnets"].reverse(), "news"),
        (lambda site: site.vms["vm1"].update(power="paused"), "vms_changed"),
        (lambda site: site.vms["vm1"].update(name="vm1b"), "vms_renamed"),
        (lambda site: site.vms.pop("vm1"), "vms_gone"),
        (lambda site: site.vm("vm10", on("Net0", "Web")), "vms_new"),
    ],
)
def test_what_changed_is_never_called_unchanged(
    estate: Estate, change: Any, field: str | None
) -> None:
    change(estate.ny)

    report = estate.town.takes(estate.ny)

    assert not report["unchanged"]
    assert field is None or report[field]


def test_networks_and_subnets_come_go_and_are_renamed(estate: Estate) -> None:
    net = estate.ny.networks["Net1"]
    web = net["subnets"].pop(0)
    estate.ny.net("Net10", "Web")
    del estate.ny.networks["Net9"]

    first = estate.town.takes(estate.ny)
    net["subnets"].append(web)
    net["name"] = "Renamed"
    second = estate.town.takes(estate.ny)

    def said(report: Any) -> set[tuple[str, str, str]]:
        return {(n["network"], n["subnet"], n["event"]) for n in report["news"]}

    assert said(first) == {
        ("Net1", "Web", "gone"),
        ("Net10", "", "added"),
        ("Net9", "", "gone"),
    }
    assert said(second) == {("Renamed", "", "renamed"), ("Renamed", "Web", "back")}


def test_a_server_that_was_renamed_is_still_itself(estate: Estate) -> None:
    estate.town.does("add Net0 to DR")
    estate.ny.name = "VMM-Boston"

    report = estate.town.takes(estate.ny)

    assert report["server_renamed"] == NY
    assert estate.town.does("show M1")["mappings"][0]["mapping"]["on"] == "VMM-Boston"


@pytest.mark.parametrize("loser_first", [True, False])
def test_a_failover_and_coming_home_are_told(estate: Estate, loser_first: bool) -> None:
    """Whichever side's inventory comes first after it."""
    told = []
    for was, now in ((estate.ny, estate.ch), (estate.ch, estate.ny)):
        reverse("vm1", was, now)
        sites = (was, now) if loser_first else (now, was)
        reports = [estate.town.takes(site) for site in sites]
        told.append(
            [
                [name for report in reports for name in report[field]]
                for field in ("failed_over", "came_home")
            ]
        )

    assert told == [[["vm1"], []], [[], ["vm1"]]]


def test_who_never_went_away_does_not_come_home(estate: Estate) -> None:
    estate.ch.vms["vm1"] |= {"role": "primary", "power": "running"}  # both claim to be it
    reports = [estate.town.takes(site) for site in (estate.ch, estate.ny, estate.ch)]
    estate.ch.vms["vm1"] |= {"role": "replica", "power": "off"}

    reports += [estate.town.takes(site) for site in (estate.ch, estate.ny)]

    told = [report[field] for report in reports for field in ("failed_over", "came_home")]
    assert told == [[]] * 10


def test_a_vm_that_is_gone_is_in_no_answer_and_comes_back_as_it_was(estate: Estate) -> None:
    estate.town.does("add Net0 to DR")
    gone = estate.ny.vms.pop("vm1"), estate.ch.vms.pop("vm1")
    estate.town.takes(estate.ny, estate.ch)

    unknown = estate.town.says("vm vm1")
    estate.ny.vms["vm1"], estate.ch.vms["vm1"] = gone
    report = estate.town.takes(estate.ny, estate.ch)

    assert not unknown.ok
    assert report["vms_new"] == 1
    assert estate.town.goes("vm1") == ("DR / Web", "same_name")


# -- order of subnets ----------------------------------------------------------------------


def test_a_new_order_counts_only_once_adopted_and_new_subnets_go_last(estate: Estate) -> None:
    estate.town.does("add Net0 to DR")
    protect(estate.ny, estate.ch, "app1", on("Net0", "App"), on(None))
    estate.town.takes(estate.ny, estate.ch)
    subnets = estate.ch.networks["DR"]["subnets"]

    subnets.reverse()
    subnets.insert(0, {"id": "new", "name": "New"})
    report = estate.town.takes(estate.ch)
    before = estate.town.goes("app1")
    estate.town.takes(estate.ch)
    estate.town.does("adopt DR")

    events = {(n["subnet"], n["event"]) for n in report["news"]}
    assert events == {("New", "added"), ("", "reordered")}
    assert before == ("DR / Mgmt", "first_subnet")
    assert estate.town.goes("app1") == ("DR / New", "first_subnet")


def test_an_unchanged_file_is_recognised_line_by_line_whatever_stands_around(
    estate: Estate,
) -> None:
    estate.ny.vms["vm3"]["power"] = "paused"
    estate.ny.vms = dict(reversed(estate.ny.vms.items()))

    report = estate.town.takes(estate.ny)

    assert report["vms_changed"] == 1


# -- what clouds say -----------------------------------------------------------------------


def test_which_cloud_protects_which_says_where_home_is_even_when_told_later(
    tmp_path: Path,
) -> None:
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    ny.cloud("Gold")
    ch.cloud("Gold2")
    ny.net("Prod", "Web")
    ch.net("DR", "Web")
    ny.vm("web01", on("Prod", "Web"), role="replica", cloud="Gold")
    ch.vm("web01", on("DR", "Web"), cloud="Gold2")
    town.takes(ny, ch)
    [before] = town.does("vm web01")["pairs"]

    ny.clouds["Gold"]["protected_by"] = {"server": CH, "cloud": "Gold2"}
    town.takes(ny)

    [after] = town.does("vm web01")["pairs"]
    assert (before["home"], before["away"]) == (CH, False)
    assert (after["home"], after["away"]) == (NY, True)
    assert place(after["adapters"][0]["target"]) == "Prod / Web"


def test_a_cloud_or_host_set_up_anew_under_its_name_is_judged_as_it_is_now(
    tmp_path: Path,
) -> None:
    """The lines of its VMs are the same; what their names mean is not."""
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    ny.net("Prod", "Web", logical_network="L1")
    ch.net("DR", "Web", logical_network="L1")
    ch.cloud("Gold2", "L1", "L2")
    ch.host("hv2", "L1", cloud="Gold2")
    ny.vm("web01", on("Prod", "Web"))
    ch.vm("web01", on("DR", "Web"), role="replica", cloud="Gold2", host="hv2")
    town.takes(ny, ch)
    town.does("add Prod to DR")

    kinds: list[set[str]] = []
    for cloud, host in (("L1", "L2"), ("L2", "L2"), ("L1", "L1")):
        ch.clouds["Gold2"] = {"id": f"c{len(kinds)}", "name": "Gold2", "logical_networks": [cloud]}
        ch.hosts["hv2"] = {"id": f"h{len(kinds)}", "name": "hv2", "logical_networks": [host]}
        report = town.takes(ch)
        kinds.append(town.kinds() & {"unreachable_cloud", "unreachable_host"})
        assert report["vms_changed"] == 0

    assert kinds == [{"unreachable_host"}, {"unreachable_cloud"}, set()]


def test_names_of_clouds_that_change_places_take_their_vms_along(tmp_path: Path) -> None:
    town, ny = Town(tmp_path), Site(NY)
    ny.net("Prod", "Web")
    ny.cloud("Gold")
    ny.cloud("Silver")
    ny.vm("web01", on("Prod", "Web"), cloud="Gold")
    town.takes(ny)

    ny.clouds["Gold"]["id"], ny.clouds["Silver"]["id"] = (
        ny.clouds["Silver"]["id"],
        ny.clouds["Gold"]["id"],
    )
    town.takes(ny)

    assert town.does("vm web01")["pairs"][0]["cloud"] == "Gold"


def test_no_history_is_told_of_a_network_that_came_after_a_forgotten_one(estate: Estate) -> None:
    estate.town.does("add Net0 to DR")
    estate.town.does("remove Net0")
    estate.town.does(f"forget {CH}")
    denver = Site("VMM-Denver")
    denver.net("Den", "Web")

    estate.town.takes(denver)

    assert estate.town.does("history Den")["changes"] == []
    assert [c["kind"] for c in estate.town.does("history Net0")["changes"]][-2:] == [
        "remove",
        "add",
    ]


def test_an_admin_says_where_a_pair_is_at_home(estate: Estate) -> None:
    reverse("vm1", estate.ny, estate.ch)
    estate.ch.vms["vm1"]["adapters"][0].update(network="DR", subnet="Web")
    estate.town.takes(estate.ny, estate.ch)

    there = estate.town.does(f"home vm1 on {CH}")
    at_home = estate.town.goes("vm1")
    back = estate.town.does(f"home vm1 on {NY}")

    assert (there["before"], there["home"], back["home"]) == (NY, CH, NY)
    assert at_home == ("no opinion", "not_mapped")
    assert estate.town.goes("vm1") == ("Net0 / Web", "unchanged")


def test_the_newer_inventory_wins_where_both_sides_claim_to_be_primary(estate: Estate) -> None:
    estate.ch.vms["vm1"] |= {"role": "primary", "power": "running"}

    estate.town.takes(estate.ch)
    chicago = estate.town.does("vm vm1")["pairs"][0]
    estate.town.takes(estate.ny)
    new_york = estate.town.does("vm vm1")["pairs"][0]

    assert (chicago["active"], chicago["both_primary"]) == (CH, True)
    assert (new_york["active"], new_york["both_primary"]) == (NY, True)


def test_an_extended_replica_is_a_second_pair_of_the_name(estate: Estate) -> None:
    denver = Site("VMM-Denver")
    denver.net("Den", "Web")
    denver.vm("vm1", on(None), role="replica")

    estate.town.takes(denver)

    pairs = estate.town.does("vm vm1")["pairs"]
    assert {p["passive"] for p in pairs} == {CH, "VMM-Denver"}
    assert len(estate.town.does("vm vm1 on VMM-Denver")["pairs"]) == 1


def test_the_sample_is_set_aside_by_the_first_real_inventory(tmp_path: Path) -> None:
    town = Town(tmp_path, simulated=True)
    ny, ch = Site(NY), Site(CH)
    ny.net("Prod", "Web")
    ch.net("DR", "Web")
    protect(ny, ch, "web01", on("Prod", "Web"), on(None))
    town.takes(ny, ch)
    town.does("add Prod to DR")
    town.simulated = False

    report = town.takes(ny)

    assert report["set_aside"]
    assert report["vms_new"] == 1
    assert [s["name"] for s in town.does("servers")["servers"]] == [NY]
    assert town.does("status")["mappings"] == 0
    assert town.does("vm web01")["pairs"][0]["passive"] == ""


def test_a_server_is_not_renamed_to_what_another_is_called(tmp_path: Path) -> None:
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    ny.net("Prod", "Web")
    ch.net("DR", "Web")
    town.takes(ny, ch)
    ch.name = NY.lower()

    with unchanged(town), pytest.raises(Refused) as refused:
        town.takes(ch)
    forced = town.takes(ch, force=True)
    again = town.takes(ch)

    assert refused.value.message == (
        f"{CH} calls itself {NY.lower()} now, which is what another server is called"
        " (id-vmm-newyork)."
    )
    assert (forced["server_renamed"], again["server_renamed"]) == (CH, "")


def test_two_servers_that_changed_names_with_each_other_are_taken_in_when_told_to(
    tmp_path: Path,
) -> None:
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    ny.net("Prod", "Web")
    ch.net("DR", "Web")
    town.takes(ny, ch)
    town.does("add Prod to DR")
    ny.name, ch.name = ch.name, ny.name

    town.takes(ny, force=True)
    town.takes(ch)

    [ref] = [one["mapping"] for one in town.does("show Prod")["mappings"]]
    assert (ref["on"], ref["toward"]) == (CH, NY)
