"""Sentences that can be read in one way only, at any hour."""

import csv
import io
import re

import pytest

from bot.render.sheets import Sheet
from bot.wiring import House


def test_a_network_that_only_receives_is_not_called_unmapped(house: House) -> None:
    said = house.answer("networks VMM-Chicago", "local:ana", page=None)

    facts = {one["name"]: one for one in said.result["networks"]}
    assert [m["id"] for m in facts["DR-Backup"]["mapped_here"]] == ["M14"]
    line = next(line for line in said.text.splitlines() if "DR-Backup" in line)
    assert line.endswith("mapped from Backup (VMM-NewYork)")
    line = next(line for line in said.text.splitlines() if "DR-Old" in line)
    assert line.endswith("not mapped")


@pytest.mark.parametrize("dash", ["--", "—", "–"])
def test_a_dry_run_ends_with_the_command_that_does_it(house: House, dash: str) -> None:
    said = house.answer(f"add Prod-DB to DR-DB {dash}dry-run", "local:ana")

    assert "to do it: /netmap add Prod-DB to DR-DB ·" in said.text


def test_the_connection_of_a_test_is_not_taken_for_that_of_a_failover(house: House) -> None:
    said = house.answer("vm app01 --test", "local:ana")

    assert "NIC 0  in a real failover: Prod-App / App → DR-App / App" in said.text


def test_mappings_that_need_a_look_are_counted_in_good_english(house: House) -> None:
    said = house.answer("map", "local:ana")

    assert re.match(r"\d+ mappings: \d+ well, \d+ need a look, ", said.text)


def test_what_is_said_of_a_network_is_not_cut(house: House) -> None:
    said = house.answer("networks VMM-Chicago", "local:ana", page=None).text

    assert " · mapped from Reports (VMM-NewYork) · subnets REORDERED in VMM" in said


def test_a_finding_in_a_file_can_be_acknowledged_by_its_number(house: House) -> None:
    out = io.StringIO(newline="")
    found = house.answer("drift", "local:ana", sheet=Sheet(out)).result["findings"]

    rows = list(csv.DictReader(io.StringIO(out.getvalue()[1:], newline="")))

    assert [row["Id"] for row in rows][: len(found)] == [one["id"] for one in found]
    assert re.fullmatch(r"F\d+", rows[0]["Id"])
    assert re.fullmatch(r"2\d{3}-\d\d-\d\d \d\d:\d\d", rows[0]["Since (UTC)"])
