import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from bot import jobs, wiring
from tests.doors.bench import NOON


def made(**more: object) -> jobs.Beat:
    known = {"pid": os.getpid(), "at": NOON, "door": "socket", "connections": [True]}
    return jobs.Beat.model_validate(known | more)


def test_a_beat_is_read_back(tmp_path: Path) -> None:
    db = tmp_path / "netmap.db"
    found = made(connections=[True, False], inventories={"VMM-A": NOON})

    jobs.write_beat(db, found)

    assert jobs.read_beat(db) == found
    jobs.remove_beat(db)
    assert jobs.read_beat(db) is None


def test_the_heartbeat_of_another_process_outlives_this_one(tmp_path: Path) -> None:
    other = made(pid=os.getpid() + 1)
    jobs.write_beat(tmp_path / "netmap.db", other)

    jobs.remove_beat(tmp_path / "netmap.db")

    assert jobs.read_beat(tmp_path / "netmap.db") == other


def test_half_a_file_is_no_beat(tmp_path: Path) -> None:
    jobs.beat_file(tmp_path / "netmap.db").write_text('{"pid": 1,')

    assert jobs.read_beat(tmp_path / "netmap.db") is None


@pytest.mark.parametrize(
    ("beat", "says"),
    [
        (None, "not running"),
        (made(at=NOON - timedelta(minutes=5)), "hangs"),
        (made(at=NOON - timedelta(minutes=5), pid=2**22 + 1), "has gone"),
        (made(at=NOON + timedelta(days=1)), "86400 s ahead of the clock"),
        (made(connections=[False, False]), "No connection to Slack"),
        (made(connections=[]), "No connection to Slack"),
        (made(listening=False), "does not take connections"),
        (made(store="It is locked."), "It is locked."),
    ],
)
def test_what_is_wrong_is_said(beat: jobs.Beat | None, says: str) -> None:
    (line,) = jobs.ailments(beat, NOON)

    assert says in line


def test_one_connection_of_two_is_enough() -> None:
    assert jobs.ailments(made(connections=[True, False]), NOON) == []


def test_old_inventories_are_named() -> None:
    beat = made(inventories={"VMM-A": NOON - timedelta(hours=30), "VMM-B": NOON})

    assert jobs.stale(beat, NOON, 24) == ["The inventory of VMM-A is 30 h old."]


def test_a_beat_says_how_the_house_is(house: wiring.House) -> None:
    state = {"connections": [True], "listening": True}
    found = jobs.beat("socket", state, house.store, house.now, 7)

    assert (found.pid, found.store) == (7, "")
    assert set(found.inventories) == {"VMM-NewYork", "VMM-Chicago", "VMM-Denver"}


def test_a_job_runs_again_and_again_until_stopped() -> None:
    scheduler, ran = jobs.Jobs(), threading.Semaphore(0)

    scheduler.every(0.01, "tick", lambda: ran.release())
    scheduler.start()

    assert all(ran.acquire(timeout=5) for _ in range(3))
    scheduler.stop()
    scheduler.stop()
