"""What waits for another person is decided once, by the word for it, and done as it was shown."""

from pathlib import Path

import pytest

from bot.domain.replies import Reply
from tests.builders import CH, NY, Site, Town, on, protect

ANA, BEN, CHLOE = "UANA", "UBEN", "UCHLOE"


class Board:
    """Two sites, and three editors of whom two have to agree."""

    def __init__(self, folder: Path) -> None:
        self.ny, self.ch = Site(NY), Site(CH)
        for name in ("Prod", "App"):
            self.ny.net(name, "Web")
        for name in ("DR", "DR-Old"):
            self.ch.net(name, "Web")
        protect(self.ny, self.ch, "web01", on("Prod", "Web"), on(None))
        self.town = Town(folder)
        self.town.takes(self.ny, self.ch)
        editors = {"approval": True, "editors": frozenset({ANA, BEN, CHLOE})}
        self.town.house.settings = self.town.house.settings.model_copy(update=editors)

    def says(self, by: str, line: str) -> Reply:
        return self.town.says(line, by)

    def waiting(self) -> list[str]:
        """What is not decided yet."""
        found = self.says(CHLOE, "pending").result["requests"]
        return [one["change"] or one["id"] for one in found]


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path)


def test_a_request_is_not_reviewed_away(board: Board) -> None:
    board.says(ANA, "add Prod to DR")

    refused = board.says(BEN, "review R1")

    assert refused.text.startswith("R1 is not done yet, so there is nothing to review.")
    assert refused.error is not None
    assert refused.error.commands == ["approve R1", "reject R1"]
    assert board.waiting() == ["R1"]
    assert board.says(BEN, "approve R1").ok


@pytest.mark.parametrize("line", ["approve C3", "approve R1", "approve R1 --dry-run", "reject C3"])
def test_what_went_through_is_not_approved_once_more(board: Board, line: str) -> None:
    board.says(ANA, "add Prod to DR --break-glass --reason fire")

    refused = board.says(BEN, line)

    assert refused.text.startswith("R1 is done already, as C3: it can be reviewed or undone.")
    assert board.waiting() == ["C3"]


def test_who_broke_the_glass_cannot_review_it_and_learns_how_to_take_it_back(board: Board) -> None:
    board.says(ANA, "add Prod to DR --break-glass --reason fire")

    refused = board.says(ANA, "review C3")

    assert refused.text.startswith("C3 is your own: nobody reviews what they did themselves.")
    assert refused.error is not None
    assert refused.error.commands == ["undo C3"]
    assert board.says(BEN, "review C3").ok
    assert board.says(CHLOE, "review C3").text.startswith("C3 was reviewed already.")


@pytest.mark.parametrize("source", ["App", "Prod"], ids=["nobody moves", "VMs move"])
def test_it_is_not_done_onto_another_network_that_bears_the_name_by_now(
    board: Board, source: str
) -> None:
    board.says(ANA, f"add {source} to DR")
    board.ch.networks["DR"]["name"] = "DR-Former"
    board.ch.net("DR", "Web", key="new")
    board.town.takes(board.ch)

    refused = board.says(BEN, "approve R1")

    assert "The plan of R1 is not the plan any more, so nothing was done." in refused.text
    assert not board.says(BEN, "list").result["mapped"]
    if source == "App":
        assert "The networks or the test network of the mapping are others by now." in refused.text


@pytest.mark.parametrize(("first", "then"), [("R1", "R2"), ("R2", "R1")])
def test_of_two_requests_for_one_network_the_first_that_is_approved_is_done(
    board: Board, first: str, then: str
) -> None:
    board.says(ANA, "add Prod to DR")
    board.says(BEN, "add Prod to DR-Old")
    target = {"R1": "DR", "R2": "DR-Old"}[first]

    assert board.says(CHLOE, f"approve {first}").ok
    refused = board.says(CHLOE, f"approve {then}")

    assert refused.text.startswith(f"Prod is mapped to {target} already (M1).")
    assert board.waiting() == [then]
