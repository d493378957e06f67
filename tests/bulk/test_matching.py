"""Pairs of networks with matching names are proposed, and mapped only when approved."""

from collections.abc import Iterator
from pathlib import Path

import pytest

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
