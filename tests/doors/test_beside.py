"""Where a bot serves, inventories are taken in by processes of their own, which may die."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from bot.beside import Beside
from bot.domain.errors import InventoryFault, NetmapError, Stopped
from bot.domain.intake import Intake
from bot.wiring.taking import take_given, take_inbox
from bot.wiring.timed import scheduled
from tests.bulk.test_files import drop, held
from tests.doors.commandline import environment
from tests.psrp.sites import ENVIRON, NOW, THERE, Town, chicago, two_sites, write
from tests.psrp.test_remoting import description

MANY = 2000


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.fixture
def town(tmp_path: Path, inbox: Path) -> Iterator[Town]:
    town = Town(tmp_path, inbox=inbox)
    town.house.ports.beside = beside(town)
    yield town
    town.house.ports.beside.stop()
    town.house.close()


def beside(town: Town, **given: str) -> Beside:
    return Beside(town.settings.db, environment(**given), longest_s=300)


def broken(town: Town) -> Beside:
    """Its processes end before they have read what to do."""
    (town.folder / "click.py").write_text("raise SystemExit(3)")
    return beside(town, PYTHONPATH=str(town.folder))


def given(town: Town, path: Path) -> Intake:
    return Intake(paths=(path,), by="local:ana", at=town.clock.now)


def servers(town: Town) -> set[str]:
    return {row["name"] for row in town.does("servers")["servers"]}


@contextmanager
def locked(town: Town) -> Iterator[None]:
    """Nobody else can write meanwhile, so an import cannot come to its end."""
    with closing(sqlite3.connect(town.settings.db, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


class Asked(threading.Thread):
    """An import that somebody waits for, in a thread as the bot has them."""

    def __init__(self, by: Beside, intake: Intake) -> None:
        super().__init__()
        self._by, self._intake = by, intake
        self.error: NetmapError | None = None
        self.start()
        while by.pid is None and self.is_alive():
            time.sleep(0.001)

    def run(self) -> None:
        try:
            self._by.take(self._intake)
        except NetmapError as error:
            self.error = error

    def ended(self) -> NetmapError | None:
        self.join(timeout=300)
        assert not self.is_alive()
        return self.error


# -- as ever -----------------------------------------------------------------------------------


def test_it_says_what_an_import_in_this_process_says(tmp_path: Path, town: Town) -> None:
    (tmp_path / "plain").mkdir()
    plain = Town(tmp_path / "plain")
    data = "\n".join(town.there).encode()

    apart = take_given(town.house, [("chi.jsonl", data)], "local:ana")
    within = take_given(plain.house, [("chi.jsonl", data)], "local:ana")

    assert apart.ok, apart.text
    assert (apart.text, apart.result) == (within.text, within.result)
    assert town.does("history") == plain.does("history")
    plain.house.close()


def test_a_refusal_arrives_with_all_its_faults(tmp_path: Path, town: Town) -> None:
    (tmp_path / "plain").mkdir()
    plain = Town(tmp_path / "plain")
    faulty = "\n".join([*town.there[:3], "{}", "nonsense", *town.there[3:-1]]).encode()

    apart = take_given(town.house, [("chi.jsonl", faulty)], "local:ana")
    within = take_given(plain.house, [("chi.jsonl", faulty)], "local:ana")

    assert apart.error is not None
    assert len(apart.error.facts) >= 3
    assert apart.error == within.error
    plain.house.close()


def test_a_server_that_netmap_asks_is_taken_in_so_too(tmp_path: Path) -> None:
    (tmp_path / "apart").mkdir()
    with chicago() as server:
        town = Town(tmp_path / "apart", vmm=(description(server, refresh=30),))
        town.house.ports.beside = beside(town, **ENVIRON)
        server.now = town.clock

        report = town.does("refresh")["reports"][0]

        assert report["server"] == THERE
        assert report["vms"] == 3
        town.house.ports.beside = broken(town)
        [work] = [job for name, _, job in scheduled(town.house) if name.startswith("refresh")]
        work()
        assert "broke off: its process ended with code 3" in town.say("drift").text
        town.house.close()


def test_no_secret_of_slack_and_nothing_on_the_command_line(tmp_path: Path, town: Town) -> None:
    if not Path("/proc/self/environ").exists():
        pytest.skip("only Linux lets one look")
    secret = {"SLACK_BOT_TOKEN": "xoxb-secret", "NETMAP_VMM": "A host=b password=CHI_PASSWORD"}
    by = beside(town, **secret)
    with locked(town):
        asked = Asked(by, given(town, write(tmp_path / "chi.jsonl", town.there)))
        there = Path(f"/proc/{by.pid}")
        while "take-in" not in (words := (there / "cmdline").read_text()):
            time.sleep(0.001)
        environ = (there / "environ").read_text()
        by.stop()
        asked.ended()

    assert "xoxb" not in environ
    assert "CHI_PASSWORD" not in environ
    assert words.split("\0")[1:] == ["-m", "bot", "take-in", ""]


# -- when it dies ------------------------------------------------------------------------------


def test_a_process_that_is_killed_leaves_nothing_and_a_clear_word(
    tmp_path: Path, town: Town
) -> None:
    _, there = two_sites(MANY)
    by = beside(town)
    with locked(town):
        asked = Asked(by, given(town, write(tmp_path / "chi.jsonl", there)))
        assert by.pid is not None
        os.kill(by.pid, 9)
        error = asked.ended()

    assert isinstance(error, InventoryFault)
    assert error.message == (
        "The import of chi.jsonl broke off: its process was ended from outside (SIGKILL)."
    )
    assert THERE not in servers(town)


def test_killed_while_it_writes_it_leaves_all_or_nothing(tmp_path: Path, town: Town) -> None:
    _, there = two_sites(MANY)
    path = write(tmp_path / "chi.jsonl", there)
    by = beside(town)
    asked = Asked(by, given(town, path))
    with closing(sqlite3.connect(town.settings.db, isolation_level=None, timeout=0)) as watching:
        while asked.is_alive():
            try:
                watching.execute("BEGIN IMMEDIATE")
                watching.execute("ROLLBACK")
            except sqlite3.OperationalError:  # it has the lock
                pid = by.pid
                with suppress(ProcessLookupError):  # it may be through by now
                    if pid is not None:
                        os.kill(pid, 9)
                break
    asked.ended()

    if THERE in servers(town):
        assert town.does(f"vm web{MANY:03}")["pairs"] != []
    else:
        assert town.does("vm web001")["pairs"][0]["passive"] == ""
    report = beside(town).take(given(town, path))[0]
    assert report.vms == MANY


def test_a_process_that_fails_is_a_failed_import(town: Town, inbox: Path) -> None:
    town.house.ports.beside = broken(town)
    drop(write(inbox / "chi.jsonl", town.there))

    [reply] = take_inbox(town.house)

    assert reply.error is not None
    assert "its process ended with code 3; the log says more" in reply.error.message
    assert held(inbox / "failed") == [
        "20261122-060000-chi.jsonl",
        "20261122-060000-chi.jsonl.reason.txt",
    ]
    [finding] = [one for one in town.does("drift")["findings"] if one["kind"] == "import_failed"]
    assert "broke off" in str(finding)


def test_one_that_hangs_is_ended(tmp_path: Path, town: Town) -> None:
    by = Beside(town.settings.db, environment(), longest_s=0.01)
    with locked(town), pytest.raises(InventoryFault) as caught:
        by.take(given(town, write(tmp_path / "chi.jsonl", town.there)))

    assert "had not ended after 0 s" in caught.value.message


def test_when_the_bot_stops_its_import_does_and_the_file_stays(town: Town, inbox: Path) -> None:
    by = beside(town)
    town.house.ports.beside = by
    path = drop(write(inbox / "chi.jsonl", town.there))
    with locked(town):
        asked = Asked(by, given(town, path))
        by.stop()
        error = asked.ended()

    assert isinstance(error, Stopped)
    assert take_inbox(town.house) == []
    assert held(inbox) == ["chi.jsonl"]
    assert "import_failed" not in {one["kind"] for one in town.does("drift")["findings"]}
    assert town.clock.now >= NOW
