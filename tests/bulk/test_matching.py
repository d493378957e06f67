"""Pairs of networks with matching names are proposed, and mapped only when approved."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import CH, NY, Site, Town, on, protect
from tests.bulk.towns import Twins
from tests.psrp.sites import HERE, THERE


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Twins]:
    town = Twins(tmp_path)
    yield town
    town.house.close()


def test_equal_names_are_proposed_and_nothing_is_mapped(town: Twins) -> None:
    reply = town.say(f"match {HERE} to {THERE}")

    assert reply.text.startswith(f"2 pairs of networks of {HERE} and {THERE} have matching names.")
    assert [pair[0].split()[0] for pair in reply.result["pairs"]] == ["DMZ", "Shared"]
    assert town.table() == []


def test_the_proposal_is_taken_as_it_was_shown(town: Twins) -> None:
    shown = town.does(f"match {HERE} to {THERE}")

    taken = town.does(f"match {HERE} to {THERE} --apply {shown['fingerprint']}")

    assert taken["added"] == 2
    assert town.mapped() == {"DMZ": "DMZ", "Shared": "Shared"}
    town.does(f"undo {taken['mapping']['change']}")
    assert town.table() == []


def test_the_command_it_offers_runs(town: Twins) -> None:
    text = town.say(f"match {HERE} to {THERE}").text
    line = next(part for part in text.splitlines() if "--apply" in part).partition("/netmap ")[2]

    assert town.say(line).ok


def test_a_proposal_that_is_outdated_is_refused(town: Twins) -> None:
    shown = town.does(f"match {HERE} to {THERE}")
    town.does(f"add DMZ on {HERE} to DMZ on {THERE}")

    reply = town.say(f"match {HERE} to {THERE} --apply {shown['fingerprint']}")

    assert not reply.ok
    assert "is not the proposal any more" in reply.text


def test_words_that_tell_the_sites_apart_are_learned_from_what_is_mapped(town: Twins) -> None:
    town.does("add Prod-Web to DR-Web")

    shown = town.does(f"match {HERE} to {THERE}")

    sources = [pair[0].split()[0] for pair in shown["pairs"]]
    assert sources == ["DMZ", "Shared", "Prod-DB"]


def test_what_matches_several_is_no_proposal(tmp_path: Path) -> None:
    town = Twins(tmp_path, ["Shared", "shared", "DMZ"])

    shown = town.does(f"match {HERE} to {THERE}")

    assert [pair[0].split()[0] for pair in shown["pairs"]] == ["DMZ"]
    assert shown["left"][0]["why"] == "several match: Shared and shared and Shared."
    town.house.close()


def test_one_server_has_nothing_to_compare(town: Twins) -> None:
    assert not town.say(f"match {HERE} to {HERE}").ok


def test_it_can_be_asked_for_as_a_way_of_adding(town: Twins) -> None:
    reply = town.say(f"add --matching {HERE} to {THERE}")

    assert reply.text == town.say(f"match {HERE} to {THERE}").text


@pytest.fixture
def anew(tmp_path: Path) -> tuple[Town, Site, Site]:
    """Three networks are mapped, two by names that no rule matches; then Chicago is set up anew."""
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    for name, target in (("Shop", "Kiosk"), ("Lab", "Lab"), ("Old", "Cellar")):
        ny.net(name, "Web")
        ch.net(target, "Web")
        protect(ny, ch, f"vm-{name}", on(name, "Web"), on(target, "Web"))
    ch.net("Trial")
    town.takes(ny, ch)
    town.does("add Shop to Kiosk --test Trial --both")
    town.does(f"add Lab on {NY} to Lab on {CH}")
    town.does("add Old to Cellar")
    built = Site(CH, id="built-anew")
    for name in ("Kiosk", "Lab", "Trial"):
        built.net(name, "Web")
    for vm in ("vm-Shop", "vm-Lab", "vm-Old"):
        built.vm(vm, on(None), role="replica")
    town.takes(built, force=True, replace_server=True)
    return town, ny, built


def test_what_is_gone_and_was_made_anew_by_its_name_is_proposed_in_its_place(
    anew: tuple[Town, Site, Site],
) -> None:
    town, *_ = anew
    shown = town.says(f"match {NY} to {CH}")

    taken = town.does(f"match {NY} to {CH} --apply {shown.result['fingerprint']}")

    assert shown.text.splitlines()[:4] == [
        f"2 pairs of networks of {NY} and {CH} have matching names.",
        "  2 mappings are to a network that is gone, and led to the one anew:",
        f"  Shop ({NY}) → Kiosk ({CH})",
        f"  Lab ({NY}) → Lab ({CH})",
    ]
    assert (taken["added"], taken["changed"]) == (0, 2)
    assert town.goes("vm-Shop") == ("Kiosk / Web", "same_name")
    assert town.goes("vm-Lab") == ("Lab / Web", "same_name")
    assert town.goes("vm-Old") == ("no opinion", "target_gone")
    assert [m["test"] for m in taken["mapping"]["mappings"]] == ["Trial", None]
    town.does(f"undo {taken['mapping']['change']}")
    assert town.goes("vm-Shop") == ("no opinion", "target_gone")


def test_so_is_the_way_back_of_which_the_source_is_gone(anew: tuple[Town, Site, Site]) -> None:
    town, *_ = anew

    shown = town.does(f"match {CH} to {NY}")
    town.does(f"match {CH} to {NY} --apply {shown['fingerprint']}")

    assert [(pair[0], pair[1]) for pair in shown["pairs"]] == [
        (f"Kiosk ({CH})", f"Shop ({NY})"),
        (f"Lab ({CH})", f"Lab ({NY})"),
    ]
    assert town.does("show Kiosk")["mappings"][0]["mapping"]["target"] == "Shop"


def test_a_finding_names_it_where_it_mends_and_no_longer_once_it_did(
    anew: tuple[Town, Site, Site],
) -> None:
    town, *_ = anew

    def fixes() -> dict[str, str]:
        lines = [line.strip() for line in town.says("drift", page=None).text.splitlines()]
        return {
            lines[n].partition("high: ")[2].partition(" (")[0]: lines[n + 1].partition("/")[2]
            for n in range(len(lines) - 1)
            if "that it needs is gone" in lines[n]
        }

    before = fixes()
    for ends in ((NY, CH), (CH, NY)):
        shown = town.does(f"match {ends[0]} to {ends[1]}")
        town.does(f"match {ends[0]} to {ends[1]} --apply {shown['fingerprint']}")

    assert before == {
        "Shop": f"netmap match {NY} to {CH}",
        "Lab": f"netmap match {NY} to {CH}",
        "Old": "netmap change M4 to <network>",
        "Kiosk": f"netmap match {CH} to {NY}",
    }
    assert fixes() == {"Old": "netmap change M4 to <network>"}


def test_what_is_mapped_anew_is_no_longer_mapped_as_what_is_gone(
    anew: tuple[Town, Site, Site],
) -> None:
    town, *_ = anew
    shown = town.says(f"match {CH} to {NY}")

    taken = town.does(f"match {CH} to {NY} --apply {shown.result['fingerprint']}")

    assert "M2, of the Kiosk that is gone, is removed with it" in shown.text
    assert (taken["added"], taken["changed"], taken["removed"]) == (2, 0, 1)
    kiosk, lab = (f"{name} on {CH}" for name in ("Kiosk", "Lab"))
    assert [len(town.does(f"show {name}")["mappings"]) for name in (kiosk, lab)] == [1, 1]
    assert not town.says("show M2").ok
    town.does(f"undo {taken['mapping']['change']}")
    assert town.says("show M2").ok
    assert town.says(f"match {CH} to {NY}").text == shown.text


def test_so_it_is_where_somebody_mapped_it_anew_by_hand(anew: tuple[Town, Site, Site]) -> None:
    town, *_ = anew
    town.does(f"match {NY} to {CH} --apply {town.does(f'match {NY} to {CH}')['fingerprint']}")
    town.does("add Kiosk to Shop")
    town.does(f"add Lab on {CH} to Lab on {NY}")

    shown = town.says(f"match {CH} to {NY}")
    [command] = [line for line in shown.text.splitlines() if "--apply" in line]
    taken = town.says(command.partition("/netmap ")[2])

    assert shown.text.splitlines()[:2] == [
        f"No names of {CH} and {NY} match that are not mapped.",
        "  M2, of the Kiosk that is gone, is removed with it, as the one made anew is mapped",
    ]
    assert taken.text.splitlines()[0] == f"1 mapping is removed ({CH} and {NY})."
    assert town.says(f"match {CH} to {NY}").text.count("\n") == 0


def test_of_two_new_ones_of_a_name_none_is_proposed(anew: tuple[Town, Site, Site]) -> None:
    town, _, built = anew
    built.net("Kiosk", "Web", key="another")
    town.takes(built, force=True)

    shown = town.does(f"match {NY} to {CH}")

    assert [pair[0] for pair in shown["pairs"]] == [f"Lab ({NY})"]


def test_who_maps_it_by_hand_hears_that_the_network_of_that_name_is_gone(
    anew: tuple[Town, Site, Site],
) -> None:
    town, *_ = anew

    refused = town.refuses("add Shop to Kiosk")

    assert refused.text.startswith("Shop is mapped to Kiosk, which is GONE from VMM, already (M1).")
    assert refused.text.endswith("/netmap change M1 to Kiosk")
    town.does("change M1 to Kiosk")
    assert town.goes("vm-Shop") == ("Kiosk / Web", "same_name")
