"""What somebody types who has read nothing: the answer says what would have been right."""

from pathlib import Path

import pytest

from tests.builders import CH, NY, Site, Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town(tmp_path)
    here, there = Site(NY), Site(CH)
    here.net("Prod")
    there.net("DR")
    town.takes(here, there)
    return town


def test_map_is_taken_for_what_it_was_meant_as(town: Town) -> None:
    reply = town.refuses("map Prod to DR")

    assert reply.error is not None
    assert reply.error.commands == ["add Prod to DR --dry-run"]
    assert town.does(reply.error.commands[0])["dry_run"]


@pytest.mark.parametrize("word", ["xyz", "R", "R²", "latest", "5f0c1a2"])
def test_what_is_no_plan_is_not_called_an_old_one(town: Town, word: str) -> None:
    reply = town.refuses(f"apply {word}")

    assert reply.error is not None
    assert reply.error.message == f"{word.lower()} is no plan."
    assert reply.error.commands == ["plan"]
