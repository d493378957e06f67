"""Two processes on one database: what one writes the other sees, and neither undoes the other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.wiring import House
from tests.builders import CH, NY, Site, Town, on, protect


class Both:
    """A town, and a second house on its file."""

    def __init__(self, folder: Path) -> None:
        self.town, self.ny, self.ch = Town(folder), Site(NY), Site(CH)
        self.ny.net("Prod", "Web")
        self.ch.net("DR", "Web")
        protect(self.ny, self.ch, "web01", on("Prod", "Web"), on(None))
        self.town.takes(self.ny, self.ch)
        self.other = House(Settings(db=self.town.path), now=lambda: self.town.at)

    def elsewhere(self, line: str) -> str:
        """What the other process answers."""
        reply = self.other.answer(line, "local:ben")
        assert reply.error is None or reply.error.code != "bug"
        return reply.text


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    made = Both(tmp_path)
    yield made
    made.other.close()


def test_a_change_of_one_is_seen_by_the_other_at_once(both: Both) -> None:
    assert "not mapped" in both.elsewhere("vm web01")
    both.town.does("add Prod to DR")
    assert "DR / Web" in both.elsewhere("vm web01")

    assert "Nothing changed" in both.elsewhere("add Prod to DR")
    both.elsewhere("remove M1")

    assert not both.town.refuses("show M1").ok


def test_an_import_of_one_is_seen_by_the_other_at_once(both: Both) -> None:
    both.elsewhere("list")
    both.ny.net("Lab", "Web")
    both.ny.networks["Prod"]["name"] = "Prod-2"
    both.town.takes(both.ny)

    assert "Lab" in both.elsewhere("networks")
    assert "is now mapped" in both.elsewhere("add Prod-2 to DR")
    both.town.does("undo C4")
    both.town.does(f"forget {CH}")
    assert CH not in both.elsewhere("servers")


def test_an_undo_rests_on_what_the_other_did(both: Both) -> None:
    both.town.does("add Prod to DR")
    both.elsewhere("remove M1")

    refused = both.town.refuses("undo C3")

    assert "C4" in refused.text
    assert "is taken back" in both.elsewhere("undo C4")
    assert both.town.does("undo C5")["undone"] == "C5"
