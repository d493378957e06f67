"""One VM that its server cannot read is no reason to go without the others, nor to guess."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import InventoryFault, Refused
from tests.builders import CH, NY, Row, Site, Town, on, protect, reverse

WHY = "VMM cannot find the object. (Error ID: 801)"


class Broken(Site):
    """A site that cannot read some of its VMs."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.broken: set[str] = set()

    def rows(self, at: datetime) -> Iterator[Row]:
        for row in super().rows(at):
            vm = row.get("vm")
            if vm is not None and vm["name"] in self.broken:
                yield {"unreadable": {"id": vm["id"], "name": vm["name"], "why": WHY}}
            elif "end" in row:
                vms = row["end"]["vms"] - len(self.broken)
                yield {"end": {**row["end"], "vms": vms, "unreadable": len(self.broken)}}
            else:
                yield row


@pytest.fixture
def sites(tmp_path: Path) -> tuple[Town, Site, Broken]:
    """Six replicated VMs on a network that is not mapped yet, their replicas on DR-Old."""
    town, ny, ch = Town(tmp_path), Site(NY), Broken(CH)
    ny.net("Prod", "Web")
    for name in ("DR", "DR-Old", "Spare"):
        ch.net(name, "Web")
    for n in range(1, 7):
        protect(ny, ch, f"web{n}", on("Prod", "Web"), on("DR-Old", "Web"))
    town.takes(ny, ch)
    return town, ny, ch


def answer(town: Town, vm: str = "web1") -> Any:
    [pair] = town.does(f"vm {vm}")["pairs"]
    return pair


def test_the_others_are_taken_in_and_what_was_known_is_kept(
    sites: tuple[Town, Site, Broken],
) -> None:
    town, _, ch = sites
    read = town.at
    ch.broken.add("web1")
    ch.vms["web2"]["adapters"] = [on("Spare", "Web")]

    report = town.takes(ch)

    assert [(one["vm"], one["why"]) for one in report["unreadable"]] == [("web1", WHY)]
    assert datetime.fromisoformat(report["unreadable"][0]["as_of"]) == read
    assert (report["vms_gone"], report["vms_new"]) == (0, 0)
    assert answer(town)["adapters"][0]["now"]["network"] == "DR-Old"
    assert answer(town, "web2")["adapters"][0]["now"]["network"] == "Spare"


def test_it_is_said_how_old_that_is(sites: tuple[Town, Site, Broken]) -> None:
    town, _, ch = sites
    ch.broken.add("web1")
    town.takes(ch)
    town.takes(ch)

    said = town.says("vm web1")

    assert f"! VMM-Chicago could not read web1 ({WHY}). What is said of it is as of" in said.text
    ages = {age["server"]: age["collected_at"] for age in answer(town)["ages"]}
    assert ages[CH] == "2026-11-22T08:00:00Z"
    [finding] = town.findings("vms_unreadable")
    assert (finding["vms"], finding["examples"]) == (1, ["web1"])
    assert finding["facts"] == {"why": WHY}


def test_nothing_touches_it_until_it_is_read_again(sites: tuple[Town, Site, Broken]) -> None:
    town, _, ch = sites
    ch.broken.add("web1")
    town.takes(ch)

    added = town.does("add Prod to DR")

    assert added["power_unknown"] == {"vms": 1, "adapters": 1}
    assert "web1" not in {move["vm"] for move in town.does("plan")["moves"]}

    ch.broken.clear()
    town.takes(ch)

    assert "web1" in {move["vm"] for move in town.does("plan")["moves"]}
    assert town.findings("vms_unreadable") == []
    assert answer(town)["unreadable"] == []


def test_a_connection_to_what_is_gone_is_not_claimed(sites: tuple[Town, Site, Broken]) -> None:
    town, _, ch = sites
    ch.vms["web1"]["adapters"] = [on("Spare", "Web")]
    town.takes(ch)
    ch.broken.add("web1")
    row = ch.vms["web1"]
    row["adapters"] = [on(None)]
    ch.networks["DR"]["subnets"].append({"id": "more", "name": "More"})
    ch.networks["Spare"]["subnets"] = []

    town.takes(ch)

    assert answer(town)["adapters"][0]["now"]["observed"] is False


def test_the_older_word_does_not_win_over_the_newer(sites: tuple[Town, Site, Broken]) -> None:
    town, ny, ch = sites
    ch.broken.add("web1")
    ny.vms["web1"] |= {"role": "replica", "power": "off", "replication_state": "Replicating"}
    town.takes(ny)
    town.takes(ch)  # later than the other, but what it says of web1 is older

    assert answer(town)["active"] == CH
    ny.vms["web1"] |= {"role": "primary", "power": "running"}
    town.takes(ny)
    assert answer(town)["active"] == NY


def test_one_that_was_failed_over_still_runs_there_and_its_home_is_not_forgotten(
    sites: tuple[Town, Site, Broken],
) -> None:
    town, ny, ch = sites
    ch.vms["web1"] |= {"power": "running", "replication_state": "Failed over"}
    town.takes(ch)
    ch.broken.add("web1")
    town.takes(ch)

    said = town.says("vm web1").text.splitlines()
    ny.vms["web1"] |= {"adapters": [on(None)], "power": "off"}
    town.takes(ny)
    ch.broken.clear()
    report = town.takes(ch)
    reverse("web1", ny, ch)
    town.takes(ch, ny)

    assert said[0].startswith("web1 RUNS at VMM-Chicago on DR-Old / Web (failed over 22 Nov,")
    assert "VMM-Chicago could not read web1" in said[-1]
    assert report["failed_over"] == []
    assert town.goes("web1") == ("Prod / Web", "unchanged")


def test_one_that_was_never_read_is_said_to_be_there(sites: tuple[Town, Site, Broken]) -> None:
    town, _, ch = sites
    ch.vm("new1", on("DR", "Web"))
    ch.broken.add("new1")

    report = town.takes(ch)

    assert report["unreadable"][0]["as_of"] is None
    assert f"VMM-Chicago lists new1 and could not read it: {WHY}" in town.says("vm new1").text
    assert town.findings("vms_unreadable")[0]["examples"] == ["new1"]


def test_too_many_are_refused_unless_somebody_insists(sites: tuple[Town, Site, Broken]) -> None:
    town, _, ch = sites
    ch.broken |= {"web1", "web2"}

    with pytest.raises(Refused, match="2 of the 6 VMs of VMM-Chicago could not be read"):
        town.takes(ch)

    assert len(town.takes(ch, force=True)["unreadable"]) == 2


def test_one_cannot_be_read_and_unread(sites: tuple[Town, Site, Broken]) -> None:
    town, _, ch = sites
    double = {"id": ch.vms["web1"]["id"], "name": "web1", "why": WHY}
    plain = ch.rows

    def rows(at: datetime) -> Iterator[Row]:
        for row in plain(at):
            if "end" in row:
                yield {"unreadable": double}
                yield {"end": {**row["end"], "unreadable": 1}}
            else:
                yield row

    ch.rows = rows  # type: ignore[method-assign]  # a file that contradicts itself
    with pytest.raises(InventoryFault) as caught:
        town.takes(ch)

    assert "lists a VM that was listed before" in caught.value.facts[0]


def test_forgetting_the_server_forgets_them(sites: tuple[Town, Site, Broken]) -> None:
    town, _, ch = sites
    ch.broken.add("web1")
    town.takes(ch)

    town.does("forget VMM-Chicago")

    assert town.dump()["unreadable"] == []
