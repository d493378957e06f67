"""Who serves a database, with real processes that hold it and are killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot import wiring
from bot.running import Beat, Seat, ailments, ills, serving, stale
from tests.doors.bench import NOON
from tests.doors.commandline import environment

SITS = """
import sys
from datetime import datetime
from pathlib import Path
from bot.running import Seat
seat = Seat(Path(sys.argv[1]), "socket", lambda: datetime.fromisoformat(sys.argv[2]))
print("sits", flush=True)
sys.stdin.read()
seat.leave()
"""


class Sitter:
    """Another process that serves a database."""

    def __init__(self, db: Path, at: datetime = NOON) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SITS, str(db), at.isoformat()],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "sits\n"

    def stop(self) -> None:
        self._process.communicate("")

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "netmap.db"


@pytest.fixture
def other(db: Path) -> Iterator[Sitter]:
    made = Sitter(db)
    yield made
    made.kill()


def seat(db: Path) -> Seat:
    return Seat(db, "socket", lambda: NOON)


def made(**more: object) -> Beat:
    known = {
        "pid": os.getpid(), "at": NOON, "since": NOON, "door": "socket", "connections": [True]
    }  # fmt: skip
    return Beat.model_validate(known | more)


def test_nobody_serves_a_database_that_nobody_opened(db: Path) -> None:
    assert serving(db) == []
    assert serving(db.parent / "none" / "netmap.db") == []
    (line,) = ailments(db, NOON)
    assert line == "netmap is not running on this database: it has left no heartbeat."


def test_two_who_serve_one_database_know_of_each_other(db: Path, other: Sitter) -> None:
    mine = seat(db)

    assert [beat.pid for beat in mine.others()] == [other.pid]
    assert [beat.pid for beat in serving(db)] == [other.pid, os.getpid()]
    mine.leave()
    assert [beat.pid for beat in serving(db)] == [other.pid]


def test_who_has_left_is_not_there(db: Path, other: Sitter) -> None:
    other.stop()

    assert serving(db) == []
    assert seat(db).others() == []
    assert [path.name for path in db.parent.iterdir() if path.name.endswith(".seat-2")] == []


def test_who_was_killed_is_not_there_and_stands_in_nobodys_way(db: Path, other: Sitter) -> None:
    other.kill()

    assert serving(db) == []
    (line,) = ailments(db, NOON + timedelta(seconds=5))
    assert line.endswith(f"process {other.pid} has gone, its last heartbeat is 5 s old.")
    mine = seat(db)
    assert mine.others() == []
    assert [beat.pid for beat in serving(db)] == [os.getpid()]
    mine.leave()
    assert list(db.parent.iterdir()) == []


def test_of_two_the_one_that_hangs_is_named(db: Path, other: Sitter, house: wiring.House) -> None:
    late = NOON + timedelta(minutes=5)
    mine = Seat(db, "http", lambda: late)
    mine.beat({"listening": True}, house.store)

    (hangs, unconnected) = ailments(db, late)

    assert hangs.startswith(f"Process {other.pid} hangs")
    assert "No connection to Slack" in unconnected
    mine.leave()


def test_half_a_heartbeat_is_none(db: Path) -> None:
    mine = seat(db)
    db.with_name("netmap.db.health.json").write_text('{"pid": 1,')

    assert serving(db) == []
    mine.leave()


@pytest.mark.parametrize(
    ("beat", "says"),
    [
        (made(at=NOON - timedelta(minutes=5)), "hangs"),
        (made(at=NOON + timedelta(days=1)), "86400 s ahead of the clock"),
        (made(connections=[False, False]), "No connection to Slack"),
        (made(connections=[]), "No connection to Slack"),
        (made(listening=False), "does not take connections"),
        (made(store="It is locked."), "It is locked."),
    ],
)
def test_what_is_wrong_is_said(beat: Beat, says: str) -> None:
    (line,) = ills(beat, NOON)

    assert says in line


def test_one_connection_of_two_is_enough() -> None:
    assert ills(made(connections=[True, False]), NOON) == []


def test_old_inventories_are_named() -> None:
    beat = made(inventories={"VMM-A": NOON - timedelta(hours=30), "VMM-B": NOON})

    assert stale([beat], NOON, 24) == ["The inventory of VMM-A is 30 h old."]


def test_a_beat_says_how_the_house_is(db: Path, house: wiring.House) -> None:
    mine = seat(db)

    found = mine.beat({"connections": [True], "listening": True}, house.store)

    assert serving(db) == [found]
    assert (found.pid, found.store, found.since) == (os.getpid(), "", NOON)
    assert set(found.inventories) == {"VMM-NewYork", "VMM-Chicago", "VMM-Denver"}
    mine.leave()


def test_status_names_who_serves(house: wiring.House) -> None:
    mine = seat(house.settings.db)

    reply = house.answer("status", "local:ana")

    assert f"Served by process {os.getpid()}, Socket Mode, since" in reply.text
    mine.leave()
    assert "Served by" not in house.answer("status", "local:ana").text
