"""The list of a change or an answer that goes to a person as a file, and what it may not cost."""

import re
import tempfile
from pathlib import Path

import pytest

from bot.wiring import House
from tests.doors.office import ANA, ONCALL, office

CHANGE = "change Prod-App to DR-Old"
"""Moves 20 adapters of the sample estate."""


@pytest.fixture
def no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes no temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "full"))


def test_the_list_of_a_change_is_in_a_file_and_nowhere_else(house: House, way: str) -> None:
    with office(house, way) as made:
        rooms = made.door.conversation.rooms
        assert rooms is not None

        reply = rooms.desk.answer(CHANGE, ANA)

        [file] = reply.files
        assert file.name == f"netmap-{reply.found.change}.csv"
        assert (file.text, file.data) == ("", b"")
        file.kept.seek(0)
        assert len(file.kept.readlines()) == 21


def test_a_disk_that_takes_no_list_takes_no_change_back(
    house: House, no_room: None, way: str
) -> None:
    with office(house, way) as desk:
        said = desk.private("ana", CHANGE)
        desk.settle()

        assert "is now mapped to DR-Old" in said.text
        assert "the list of all 20 could not be written: No such file or directory" in said.text
        assert "as a file" not in said.text
        assert desk.ws.world.files == {}


def test_a_list_that_is_asked_for_and_cannot_be_written_is_said(
    house: House, no_room: None, way: str
) -> None:
    with office(house, way) as desk:
        answer = desk.private("ana", "list")

        desk.press("ana", answer, "All as CSV")
        desk.settle()

        told = [one.text for one in desk.ws.ephemerals("ana", ONCALL)]
        assert told[-1] == (
            "The file could not be written where netmap runs: No such file or directory."
        )


def test_a_file_of_mappings_that_moves_many_brings_the_list_of_them(house: House, way: str) -> None:
    table = (
        b"source_server,source,target_server,target,test\r\n"
        b"VMM-NewYork,Prod-App,VMM-Chicago,DR-Old,\r\n"
    )
    with office(house, way, preview_over=1_000) as desk:
        said = desk.ws.upload(ANA, "@ana", "maps.csv", table, "apply change").reply()
        desk.settle()

        assert "all 20 sent as a file to who asked" in said.text
        [_handed, file] = desk.ws.world.files.values()
        [change] = re.findall(r"/netmap undo (C\d+)", said.text)
        assert file.body["name"] == f"netmap-{change}.csv"
        assert len(file.content.decode().splitlines()) == 21
