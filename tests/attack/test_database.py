"""What can become of the database file, before and while it is used: nothing is lost unsaid."""

import os
import shutil
from pathlib import Path

import pytest

from bot.domain.errors import StoreFault
from bot.settings import Settings
from bot.wiring import House
from storage.store import Store
from tests.builders import NY, Site, Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town, site = Town(tmp_path), Site(NY)
    site.cloud("Gold")
    site.cloud("Silver")
    site.net("Prod", "Web")
    site.net("Dev", "Web")
    town.takes(site)
    return town


def refused(town: Town, line: str) -> str:
    """The reply to a line that cannot be answered now; never a bug."""
    reply = town.says(line)
    assert not reply.ok, reply.text
    assert reply.error is not None
    assert reply.error.code == "store"
    return reply.text


@pytest.mark.parametrize("line", ["list", "add Prod to Dev"])
def test_a_file_removed_meanwhile_is_said_and_nothing_goes_into_the_void(
    town: Town, line: str
) -> None:
    town.path.unlink()

    assert "was removed or replaced" in refused(town, line)
    assert not town.path.exists()


def test_a_file_replaced_meanwhile_is_said_and_left_alone(town: Town, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    town.house.store.backup(copy)
    before = copy.read_bytes()
    os.replace(copy, town.path)

    assert "start netmap again" in refused(town, "add Prod to Dev")
    assert town.path.read_bytes() == before


def test_a_file_moved_away_and_back_is_used_again(town: Town, tmp_path: Path) -> None:
    town.path.rename(tmp_path / "elsewhere.db")
    refused(town, "add Prod to Dev")
    (tmp_path / "elsewhere.db").rename(town.path)

    assert town.does("add Prod to Dev")["verb"] == "added"


def test_what_is_no_file_on_a_disk_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", Path("/dev/null"), tmp_path):
        with pytest.raises(StoreFault, match=r"is not a file|is a folder"):
            Store(path)


def test_a_name_too_long_for_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="cannot be opened"):
        Store(tmp_path / ("x" * 300))


def test_a_name_that_sqlite_takes_for_something_else_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    House(Settings(db=Path(":memory:"))).close()

    assert (tmp_path / ":memory:").is_file()


def test_a_copy_taken_as_a_file_is_a_database_too(town: Town, tmp_path: Path) -> None:
    town.house.close()
    copied = Path(shutil.copy(town.path, tmp_path / "copied.db"))

    house = House(Settings(db=copied))

    assert house.answer("servers", "local:ana").ok
    house.close()
