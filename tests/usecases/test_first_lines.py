"""The first line is the answer: what it claims is so, and nothing unknown is said to be fine."""

from pathlib import Path

import pytest

from tests.builders import CH, NY, Site, Town, on, protect, reverse


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def pairs_of_networks(town: Town, number: int) -> None:
    """So many networks at New York, as many of the same names at Chicago, all of them mapped."""
    ny, ch = Site(NY), Site(CH)
    for nth in range(number):
        ny.net(f"Net-{nth}", "Web")
        ch.net(f"Net-{nth}", "Web")
        protect(ny, ch, f"vm{nth}", on(f"Net-{nth}", "Web"), on(None))
    town.takes(ny, ch)
    shown = town.does(f"match {NY} to {CH}")
    town.does(f"match {NY} to {CH} --apply {shown['fingerprint']}")


@pytest.mark.parametrize("line", ["list", "networks", "servers", "drift", "plan", "map"])
def test_before_the_first_import_an_answer_says_that_there_was_none(town: Town, line: str) -> None:
    assert "o inventory was taken in" in town.says(line).text


@pytest.mark.parametrize("line", ["vm web01", "show Prod", "add Prod to DR", f"networks {NY}"])
def test_and_so_does_a_refusal(town: Town, line: str) -> None:
    reply = town.refuses(line)

    assert reply.text.startswith("I know no ")
    assert "no inventory was imported yet" in reply.text


def test_what_a_real_estate_is_told_of_reconnections_is_so(town: Town) -> None:
    pairs_of_networks(town, 1)

    status, plan = town.says("status"), town.says("plan")

    assert status.result["appliers"] == []
    assert "simulated" not in status.text
    assert "netmap reconnects nothing itself" in status.text
    assert f"netmap does not reconnect at {CH} itself" in plan.text


def test_the_sample_is_told_that_they_are_simulated(tmp_path: Path) -> None:
    town = Town(tmp_path, simulated=True)
    pairs_of_networks(town, 1)

    assert "Reconnections are only simulated." in town.says("status").text


def test_the_last_change_is_the_one_that_the_history_begins_with(tmp_path: Path) -> None:
    town = Town(tmp_path, simulated=True)
    pairs_of_networks(town, 1)
    town.does("remove M1")  # its reconnection is a part of it, with a number of its own

    last = town.does("history")["changes"][0]["id"]

    assert town.does("status")["last_change"] == last


def test_many_mappings_taken_back_are_counted(town: Town) -> None:
    pairs_of_networks(town, 5)
    change = town.does("history")["changes"][0]["id"]

    reply = town.says(f"undo {change} --dry-run")

    assert reply.text.startswith(
        f"Dry run, nothing is changed: {change} would be taken back: 5 networks would no longer"
        " be mapped (Net-0, Net-1, Net-2 and 2 more). "
    )


def test_a_network_that_others_lead_to_is_not_called_unmapped_alone(town: Town) -> None:
    pairs_of_networks(town, 1)

    reply = town.says("show Net-0 on VMM-Chicago")
    listed = town.says(f"networks {CH}")

    assert reply.text.startswith(
        "Net-0 (VMM-Chicago) is the target of 1 mapping and not mapped itself;"
    )
    assert listed.text.startswith(
        "1 VM network at VMM-Chicago; mappings lead from none of them and to 1."
    )


def test_networks_are_listed_as_one_looks_them_up(town: Town) -> None:
    ny, ch = Site(NY), Site(CH)
    for name in ("Zulu", "alpha", "Bravo"):
        ny.net(name, "Web")
        ch.net(f"DR-{name}", "Web")
        protect(ny, ch, f"vm-{name}", on(name, "Web"), on(None))
    town.takes(ny, ch)

    [group] = town.does("list")["groups"]

    assert [row["network"] for row in group["rows"]] == ["alpha", "Bravo", "Zulu"]


def test_a_change_that_waits_for_nobody_is_not_said_to_be_missing(town: Town) -> None:
    pairs_of_networks(town, 1)

    assert town.refuses("review C1").text.startswith("C1 waits for nobody.")
    assert town.refuses("review C999").text.startswith("There is no request C999.")


def test_of_one_that_runs_elsewhere_it_is_its_replica_that_is_connected(town: Town) -> None:
    ny, ch = Site(NY), Site(CH)
    ny.net("Prod", "Web")
    ch.net("DR", "Web")
    protect(ny, ch, "web01", on("Prod", "Web"), on("DR", "Web"))
    town.takes(ny, ch)
    before = town.says("vm web01").text
    reverse("web01", ny, ch)
    town.takes(ny, ch)

    after = town.says("vm web01").text

    assert "Its replica" not in before
    assert "web01 RUNS at VMM-Chicago on DR / Web" in after
    assert "Its replica at VMM-NewYork: connected there now." in after


@pytest.mark.parametrize("line", ["digest run D1", "digest test D1"])
def test_a_digest_that_nobody_brings_is_not_said_to_come_in_a_moment(town: Town, line: str) -> None:
    town.does("digest on <#C0ONCALL1|dr-oncall> daily 07:00")

    stands = town.says(line)
    with town.house.store.write() as tables:
        tables.lives.pulse("tick", town.at)
    runs = town.says(line)

    assert "nothing brings it there at present" in stands.text.splitlines()[0]
    assert stands.result["undelivered"]
    assert runs.text.splitlines()[0].endswith(" in a moment.")


def test_a_muted_digest_that_is_run_is_said_to_go_on(town: Town) -> None:
    town.does("digest on <#C0ONCALL1|dr-oncall> daily 07:00")
    town.does("digest mute D1 for 3d")

    assert town.says("digest run D1").text.startswith("D1 is due again now")
    assert town.says("digest run D1").text.startswith("D1 is due now")
