"""Removing and undoing move what netmap moved, and leave alone what people connected."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.appliers.simulated import SimulatedApplier
from bot.domain.estate import Server
from bot.domain.orders import Receipt
from bot.domain.placements import Move
from tests.builders import CH, NY, Site, Town, obey, on, place, protect


@pytest.fixture
def sites(tmp_path: Path) -> tuple[Town, Site, Site]:
    """web01 comes up with no network; lab01 and lab02 somebody connected by hand."""
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    ny.net("Prod", "Web")
    for name in ("A", "B", "Old"):
        ch.net(name, "Web")
    protect(ny, ch, "web01", on("Prod", "Web"), on(None))
    protect(ny, ch, "old01", on("Prod", "Web"), on("Old", "Web"))
    protect(ny, ch, "new01", on("Prod", "Web"), on("A", "Web"))
    town.takes(ny, ch)
    return town, ny, ch


def moves(town: Town, line: str = "plan") -> set[tuple[str, str]]:
    """(VM, where it is to go) of all reconnections."""
    found = town.says(line, page=None).result["moves"]
    return {(move["vm"], move["to"]["network"] or "no network") for move in found}


def stands(town: Town, vm: str) -> str:
    return str(town.nic(vm)["standing"])


def test_replicas_on_an_earlier_target_are_disconnected_with_the_mapping(
    sites: tuple[Town, Site, Site],
) -> None:
    town, _, ch = sites
    town.does("add Prod to A")
    assert obey(town, ch) == 2
    town.takes(ch)
    town.does("change Prod to B")  # and nobody reconnects them

    removed = town.does("remove Prod")

    assert removed["disconnects"]["adapters"] == 3
    assert moves(town) == {(vm, "no network") for vm in ("web01", "old01", "new01")}
    assert town.kinds() == {"disconnect_pending"}
    assert stands(town, "web01") == "disconnect_pending"


def test_the_same_where_it_was_mapped_anew_in_between(sites: tuple[Town, Site, Site]) -> None:
    town, _, ch = sites
    town.does("add Prod to A")
    obey(town, ch)
    town.takes(ch)
    town.does("remove Prod")
    town.does("add Prod to B")

    town.does("remove Prod")

    assert moves(town) == {(vm, "no network") for vm in ("web01", "old01", "new01")}


def test_who_was_connected_by_hand_after_the_mapping_led_elsewhere_stays(
    sites: tuple[Town, Site, Site],
) -> None:
    town, _, ch = sites
    town.does("add Prod to A")
    obey(town, ch)
    town.takes(ch)
    town.does("change Prod to B")
    obey(town, ch)
    town.takes(ch)
    ch.vms["web01"]["adapters"] = [on("A", "Web")]
    town.takes(ch)

    town.does("remove Prod")

    assert moves(town) == {("old01", "no network"), ("new01", "no network")}
    assert stands(town, "web01") == "by_hand"


def test_undoing_an_add_leaves_who_was_connected_before_it(sites: tuple[Town, Site, Site]) -> None:
    town, _, ch = sites
    added = town.does("add Prod to A")["change"]
    obey(town, ch)
    town.takes(ch)

    shown = town.says(f"undo {added} --dry-run")
    undone = town.does(f"undo {added}")

    assert undone["stays"] == {"vms": 2, "adapters": 2}
    assert "2 VMs that were connected before C3 stay where they are now" in shown.text
    assert moves(town) == {("web01", "no network")}
    assert (stands(town, "old01"), stands(town, "new01")) == ("by_hand", "by_hand")


def forget_who_stood(town: Town) -> None:
    """Make every change one of a netmap that did not note who was connected before it."""
    with closing(sqlite3.connect(town.path)) as connection, connection:
        connection.execute("UPDATE change SET stood = NULL")


def test_undoing_an_add_says_where_nobody_noted_who_was_connected_before_it(
    sites: tuple[Town, Site, Site],
) -> None:
    town, _, ch = sites
    added = town.does("add Prod to A")["change"]
    obey(town, ch)
    town.takes(ch)
    forget_who_stood(town)

    shown = town.says(f"undo {added} --dry-run")

    said = f"{added} was made by an older netmap, which did not note who was connected before it"
    assert f"! {said}: these 3 VMs lose their network, whoever connected them" in shown.text
    assert town.does(f"undo {added}")["disconnects"] == {"vms": 3, "adapters": 3}


def test_undoing_an_add_that_was_noted_says_nothing_of_older_ones(
    sites: tuple[Town, Site, Site],
) -> None:
    town, _, ch = sites
    change = town.does("add Prod to Old")["change"]
    ch.vms["web01"]["adapters"] = [on("Old", "Web")]
    town.takes(ch)

    assert "older netmap" not in town.says(f"undo {change}").text


def test_undoing_an_add_that_reconnected_nobody_yet_moves_nobody(
    sites: tuple[Town, Site, Site],
) -> None:
    town, *_ = sites
    added = town.does("add Prod to A")["change"]

    town.does(f"undo {added}")

    assert moves(town) == set()
    assert stands(town, "old01") == stands(town, "new01") == "by_hand"


def test_they_are_taken_along_once_it_is_added_again(sites: tuple[Town, Site, Site]) -> None:
    town, _, ch = sites
    added = town.does("add Prod to A")["change"]
    obey(town, ch)
    town.takes(ch)
    undone = town.does(f"undo {added}")["change"]

    town.does(f"undo {undone}")

    assert moves(town) == set()
    town.does("change Prod to B")
    assert moves(town) == {(vm, "B") for vm in ("web01", "old01", "new01")}


class Meanwhile(SimulatedApplier):
    """Somebody says something when all but the last were reconnected."""

    takes_time = True

    def __init__(self, town: Town, line: str) -> None:
        self.lines = [line]
        self._town = town

    def apply(self, server: Server, moves: Iterable[Move]) -> Iterator[Receipt]:
        *first, last = super().apply(server, moves)
        yield from first
        for line in self.lines[:]:
            self.lines.clear()
            self._town.does(line)
        yield last


@pytest.mark.parametrize("then", [[], ["remove Prod"]], ids=["removed", "changed, then removed"])
def test_so_are_those_that_netmap_went_on_to_connect(tmp_path: Path, then: list[str]) -> None:
    town, ny, ch = Town(tmp_path, simulated=True), Site(NY), Site(CH)
    ny.net("Prod", "Web")
    for name in ("A", "B"):
        ch.net(name, "Web")
    for vm in ("web01", "web02", "web03"):
        protect(ny, ch, vm, on("Prod", "Web"), on(None))
    town.takes(ny, ch)
    line = "change Prod to B" if then else "remove Prod"
    meanwhile = Meanwhile(town, line)
    town.house.ports.appliers = (meanwhile,)

    town.does("add Prod to A")
    town.house.ports.appliers = ()
    for line in then:
        town.does(line)

    assert {place(town.nic(vm)["now"]) for vm in ("web01", "web02", "web03")} == {"A / Web"}
    assert moves(town) == {(vm, "no network") for vm in ("web01", "web02", "web03")}


def test_an_import_or_a_server_that_was_forgotten_is_not_taken_back(tmp_path: Path) -> None:
    town, ny = Town(tmp_path), Site(NY)
    ny.net("Prod", "Web")
    town.takes(ny)
    forgot = town.does(f"forget {NY}")["change"]

    for change in ("C1", forgot):
        reply = town.refuses(f"undo {change}")

        assert "is no change of the mapping table" in reply.text
        assert "Import a newer inventory instead." in reply.text
    assert f"{forgot} (forgot {NY}" in reply.text
