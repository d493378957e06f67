"""A rehearsal is on a copy, reaches no site, and keeps being one."""

from pathlib import Path

import pytest

from bot.domain.errors import SetupFault
from bot.settings import Settings
from bot.wiring import House
from bot.wiring.copies import rehearsal
from tests.builders import CH, NY, Site, Town, on, protect


@pytest.fixture
def sites() -> tuple[Site, Site]:
    home, away = Site(NY), Site(CH)
    home.net("Prod", "Web")
    away.net("DR", "Web")
    protect(home, away, "web01", on("Prod", "Web"), on(None))
    return home, away


def rehearse(town: Town) -> Town:
    """The same town on a copy."""
    copy = Town.__new__(Town)
    copy.path = rehearsal(Settings(db=town.path))
    copy.at, copy.simulated = town.at, False
    copy.house = House(Settings(db=copy.path), now=lambda: copy.at)
    return copy


def test_there_a_mapping_reconnects_at_once_and_the_original_knows_nothing(
    tmp_path: Path, sites: tuple[Site, Site]
) -> None:
    town = Town(tmp_path)
    town.takes(*sites)
    before = town.dump()

    copy = rehearse(town)
    result = copy.does("add Prod to DR")

    assert result["reconnected"]["vms"] == 1
    assert copy.nic("web01")["standing"] == "connected"
    assert "rehearsal" in copy.says("status").text
    assert town.dump() == before
    assert town.does("add Prod to DR")["reconnected"]["vms"] == 0


def test_an_inventory_taken_in_there_leaves_it_a_rehearsal_with_its_mappings(
    tmp_path: Path, sites: tuple[Site, Site]
) -> None:
    town = Town(tmp_path)
    town.takes(*sites)
    copy = rehearse(town)
    copy.does("add Prod to DR")

    copy.takes(*sites)

    assert copy.does("status")["rehearsal"]
    assert copy.does("list")["mapped"] == 1


def test_nothing_to_copy_is_said(tmp_path: Path) -> None:
    with pytest.raises(SetupFault, match="no database"):
        rehearsal(Settings(db=tmp_path / "none.db"))
