"""Files that come by a folder, or through a door."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.console import as_json
from bot.domain.errors import SetupFault
from bot.importers.inbox import deliveries
from bot.wiring.taking import take_given, take_inbox
from bot.wiring.timed import scheduled
from tests.bulk.towns import Twins
from tests.doors.commandline import netmap
from tests.psrp.sites import HERE, NOW, THERE, Town, write
from tests.storage.test_opening import not_as_root


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.fixture
def town(tmp_path: Path, inbox: Path) -> Iterator[Town]:
    town = Town(tmp_path, inbox=inbox)
    yield town
    town.house.close()


def drop(path: Path, age_s: float = 60) -> Path:
    """A file that was last written to so long ago."""
    when = NOW.timestamp() - age_s
    os.utime(path, (when, when))
    return path


def held(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_an_export_in_the_folder_is_taken_in_and_put_away(town: Town, inbox: Path) -> None:
    drop(write(inbox / "chi.jsonl", town.there))

    [reply] = take_inbox(town.house)

    assert reply.ok, reply.text
    assert [row["name"] for row in town.does("servers")["servers"]] == [THERE, HERE]
    assert held(inbox) == ["done"]
    assert held(inbox / "done") == [
        "20261122-060000-chi.jsonl",
        "20261122-060000-chi.jsonl.said.txt",
    ]
    assert take_inbox(town.house) == []


def test_what_cannot_be_taken_goes_to_failed_with_the_reason(town: Town, inbox: Path) -> None:
    drop(write(inbox / "chi.jsonl", town.there[:-1]), age_s=601)

    [reply] = take_inbox(town.house)

    assert not reply.ok
    reason = inbox / "failed" / "20261122-060000-chi.jsonl.reason.txt"
    assert "the last line, `end`, is missing" in reason.read_text(encoding="utf-8")


def test_a_file_that_still_grows_is_left(town: Town, inbox: Path) -> None:
    drop(write(inbox / "chi.jsonl", town.there), age_s=5)
    drop(write(inbox / "chi2.jsonl.part", town.there))
    drop(write(inbox / ".hidden", town.there))

    assert take_inbox(town.house) == []
    town.clock.tick()
    assert len(take_inbox(town.house)) == 1
    assert held(inbox) == [".hidden", "chi2.jsonl.part", "done"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_file_that_ends_in_the_middle_is_waited_for(
    town: Town, inbox: Path, encoding: str
) -> None:
    path = inbox / "chi.jsonl"
    for some in ([], town.there[:1], town.there[:-1], ["\n".join(town.there)[:-30]]):
        path.write_text("".join(f"{line}\n" for line in some), encoding=encoding)
        drop(path, age_s=500)
        assert take_inbox(town.house) == []
    path.write_text('[{"ID": "1", "Name": "fro', encoding=encoding)
    drop(path, age_s=500)
    assert take_inbox(town.house) == []
    assert held(inbox) == ["chi.jsonl"]

    path.write_text("\n".join(town.there), encoding=encoding)
    drop(path)

    [reply] = take_inbox(town.house)
    assert reply.ok, reply.text


def test_what_could_not_be_put_away_is_not_taken_in_for_ever(town: Town) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        drop(write(folder / "chi.jsonl", town.there))
        folder.chmod(0o555)

        with not_as_root(), pytest.raises(SetupFault, match="cannot be put away, so nothing of"):
            list(deliveries(folder, NOW))

        folder.chmod(0o755)
        assert len(list(deliveries(folder, NOW))) == 1


def test_the_oldest_comes_first_and_names_may_repeat(town: Town, inbox: Path) -> None:
    drop(write(inbox / "b.jsonl", town.there), 90)
    drop(write(inbox / "a.jsonl", town.there), 60)

    first, second = take_inbox(town.house)
    drop(write(inbox / "a.jsonl", town.there), 60)
    take_inbox(town.house)

    assert "for the first time" in first.text
    assert "is as it was" in second.text
    assert "20261122-060000-2-a.jsonl" in held(inbox / "done")


def test_raw_output_that_belongs_together_comes_as_a_folder(town: Town, inbox: Path) -> None:
    (inbox / "boston").mkdir()
    network = '[{"ID": "1", "Name": "front", "IsolationType": "NoIsolation", "VMSubnet": []}]'
    server = (
        '{"ems": {"Guid": "7"}, "clusters": [], "ServerConnection": {"FQDN": "bos.example.org"}}'
    )
    for name, text in (("Get-SCVMNetwork", network), ("Get-SCVMMServer", server)):
        (inbox / "boston" / f"{name}.json").write_text(text, encoding="utf-8")
        drop(inbox / "boston" / f"{name}.json")

    [reply] = take_inbox(town.house)

    assert reply.ok, reply.text
    assert (inbox / "done" / "20261122-060000-boston" / "Get-SCVMNetwork.json").exists()


def test_mappings_are_not_taken_unseen(town: Town, inbox: Path) -> None:
    (inbox / "maps.csv").write_text("source,target\nA,B\n", encoding="utf-8")
    drop(inbox / "maps.csv")

    [reply] = take_inbox(town.house)

    assert "somebody has to see what would change" in reply.text
    assert held(inbox / "failed") == [
        "20261122-060000-maps.csv",
        "20261122-060000-maps.csv.reason.txt",
    ]


def test_the_folder_is_looked_into_by_the_clock_even_if_it_goes(town: Town, inbox: Path) -> None:
    [work] = [job for name, _, job in scheduled(town.house) if name == "inbox"]
    assert f"ok    inbox         {inbox} is watched" in _checked(town, inbox)

    inbox.rmdir()
    work()

    assert f"TODO  inbox         {inbox} cannot be read" in _checked(town, inbox)


def _checked(town: Town, inbox: Path) -> str:
    done = netmap("check", cwd=inbox.parent, NETMAP_DB=town.settings.db, NETMAP_INBOX=inbox)
    return done.stdout


def test_a_file_that_came_through_a_door_is_called_by_its_own_name(tmp_path: Path) -> None:
    twins = Twins(tmp_path)
    data = b"source,target\nNothing,DR-Web\n"

    reply = take_given(twins.house, [("../../maps & more.csv", data)], "local:ana")

    assert not reply.ok
    assert "netmap-" not in as_json(reply)
    assert "_.._maps _ more.csv cannot be taken in" in reply.text
    twins.house.close()


def test_a_table_through_a_door_is_previewed_then_taken(tmp_path: Path) -> None:
    twins = Twins(tmp_path)
    data = f"source_server,source,target\n{HERE},Prod-Web,DR-Web\n".encode()

    seen = take_given(twins.house, [("maps.csv", data)], "local:ana", dry_run=True)
    assert twins.table() == []
    taken = take_given(twins.house, [("maps.csv", data)], "local:ana")

    assert seen.result["added"] == taken.result["added"] == 1
    assert twins.mapped() == {"Prod-Web": "DR-Web"}
    twins.house.close()


def test_only_editors_hand_in_files(town: Town) -> None:
    reply = take_given(town.house, [("chi.jsonl", "\n".join(town.there).encode())], "U0READER")

    assert not reply.ok
    assert "Only an editor may hand in files; you are a reader." in reply.text


def test_an_empty_name_and_an_empty_file_are_no_bug(town: Town) -> None:
    reply = take_given(town.house, [("..", b"")], "local:ana")

    assert not reply.ok
    assert reply.error is not None
    assert reply.error.code == "inventory"
