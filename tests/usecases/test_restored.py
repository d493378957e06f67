"""A copy that was put back: what was done since is not in it, and nothing is taken for it."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.answers.kept import KeptAnswer
from bot.domain.digests import Step
from bot.domain.posts import Part, Post
from bot.settings import Settings
from bot.wiring import House
from storage.store import Store, restore
from tests.builders import CH, NY, Site, Town, obey, on, protect


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Yesterday's copy is put back; mapped meanwhile, and done in VMM: Prod to DR."""
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    for name in ("Prod", "App"):
        ny.net(name, "Web")
    for name in ("DR", "DR-Old"):
        ch.net(name, "Web")
    protect(ny, ch, "web01", on("Prod", "Web"), on(None))
    town.takes(ny, ch)
    town.does("add Prod to DR-Old")
    obey(town, ny, ch)
    town.takes(ny, ch)
    town.house.store.backup(tmp_path / "copy.db")
    town.does("change Prod to DR")
    obey(town, ny, ch)
    town.at += timedelta(hours=20)
    put_back(town, tmp_path / "copy.db")
    town.takes(ny, ch)
    return town


def put_back(town: Town, copy: Path) -> None:
    """The bot's host died: there is only the copy."""
    town.house.close()
    for end in ("", "-wal", "-shm"):
        Path(f"{town.path}{end}").unlink(missing_ok=True)
    restore(copy, town.path, town.at)
    town.house = House(Settings(db=town.path), now=lambda: town.at)


def test_what_counts_as_drifted_is_said_to_stand_where_it_may_have_been_mapped(
    town: Town,
) -> None:
    said = "Restored 06:00 UTC from a copy that ends with C5 (22 Nov 10:00 UTC):"

    assert town.nic("web01")["standing"] == "drifted"
    for line in ("drift", "plan"):
        assert said in town.says(line).text
        assert "what counts as drifted may stand where it was mapped" in town.says(line).text
    for line in ("status", "history"):
        assert said in town.says(line).text


def test_it_is_no_warning_for_ever_but_stays_in_the_history(town: Town) -> None:
    town.at += timedelta(days=8)

    assert "Restored" not in town.says("drift").text
    assert "Restored" not in town.says("plan").text
    assert "Restored" not in town.says("status").text
    assert "Restored" in town.says("history").text


def test_a_number_that_was_given_meanwhile_is_given_to_nothing_else(town: Town) -> None:
    added = town.does("add App to DR")

    assert added["change"] == "C1008"
    assert added["mappings"][0]["id"] == "M1002"
    refused = town.refuses("undo C6").text
    assert refused.startswith(
        "There is no change C6. If it is from before 2026-11-23 06:00 UTC, it was lost when a"
        " copy of the database was put back then; what it did in VMM stands."
    )
    assert "There is no request R1. If it is from before" in town.refuses("approve R1").text
    assert "There is no finding F900. If it is from before" in town.refuses("ack F900").text
    for line in ("show M900", "change M900 to DR", "remove M900", "history M900"):
        assert "There is no mapping M900. If it is from before" in town.refuses(line).text
    assert all(int(f["id"][1:]) > 1000 for f in town.findings("drifted"))


def test_a_request_of_the_copy_may_have_been_decided_meanwhile(town: Town, tmp_path: Path) -> None:
    town.house.settings = Settings(db=town.path, approval=True)
    town.does("add App to DR --reason CAB 7")
    town.house.store.backup(tmp_path / "asked.db")
    assert town.says("reject R1001", by="local:ben").ok

    put_back(town, tmp_path / "asked.db")

    assert "a request may have been decided meanwhile" in town.says("pending").text


def test_numbers_go_on_beyond_those_of_the_file_that_is_replaced(
    town: Town, tmp_path: Path
) -> None:
    town.does("add App to DR")
    town.house.close()
    (tmp_path / "copy.db.restored").unlink()

    kept, found = restore(tmp_path / "copy.db", town.path, town.at)

    assert kept is not None
    assert found.goes_on == "C1009"
    again = House(Settings(db=town.path), now=lambda: town.at)
    assert "C1009" in again.answer("add App to DR", "local:ana").text
    again.close()


def test_a_copy_that_is_put_back_once_more_gives_no_number_of_the_first_time(
    town: Town, tmp_path: Path
) -> None:
    assert town.does("add App to DR")["change"] == "C1008"

    put_back(town, tmp_path / "copy.db")

    added = town.does("add App to DR")
    assert (added["change"], added["mappings"][0]["id"]) == ("C2006", "M2002")


def test_a_folder_that_takes_no_note_keeps_nobody_from_putting_a_copy_back(
    town: Town, tmp_path: Path
) -> None:
    (tmp_path / "copy.db.restored").unlink()
    (tmp_path / "copy.db.restored").mkdir()

    put_back(town, tmp_path / "copy.db")

    assert town.does("add App to DR")["change"] == "C1006"


def test_nothing_goes_on_that_was_under_way_when_the_copy_was_made(
    town: Town, tmp_path: Path
) -> None:
    at = town.at
    with town.house.store.write() as tables:
        tables.requests.owe(5, "U1", at, "C1", [])
        tables.answers.keep(KeptAnswer(user="U1", body={"text": "Done."}, at=at), at)
        tables.leases.take(1, "U1", at, at + timedelta(hours=9))
        post = Post(step=Step.OPEN, digest="D1", channel="C1", owner="U1", due=at, at=at)
        tables.outbox.put(1, Part.PARENT, "C1", post, at)
        tables.outbox.put(1, Part.TABLE, "C1", post, at)
        tables.outbox.claim(1, at)
    town.house.store.backup(tmp_path / "under-way.db")
    town.house.close()

    _, found = restore(tmp_path / "under-way.db", town.path, at)

    assert (found.unsent, found.broken_off) == (3, ["C5"])
    with Store(town.path).write() as tables:
        assert tables.outbox.backlog() == (0, None)
        assert tables.answers.due(at) is None
        assert tables.requests.owed() == []
        assert tables.leases.take(1, "U2", at, at) is None


def test_what_is_left_of_a_damaged_database_is_kept_and_the_copy_takes_its_place(
    town: Town, tmp_path: Path
) -> None:
    town.house.close()
    rubble = os.urandom(40_000)
    town.path.write_bytes(rubble)
    Path(f"{town.path}-wal").write_bytes(b"of it")

    kept, _ = restore(tmp_path / "copy.db", town.path, town.at)

    assert kept is not None
    assert kept.read_bytes() == rubble
    assert Path(f"{kept}-wal").read_bytes() == b"of it"
    with Store(town.path).read() as tables:
        assert tables.changes.last() == 5
