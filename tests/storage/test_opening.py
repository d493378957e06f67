"""Every file that cannot be used is refused with a sentence that says what to do."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.domain.codes import ChangeKind
from bot.domain.errors import StoreFault
from storage.migrations import migrations
from storage.store import Store
from storage.version import APPLICATION_ID, NAMES, VERSION
from tests.storage.build import stamp

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "netmap.db"


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that everybody can enter, unlike pytest's own."""
    made = Path(tempfile.mkdtemp())
    made.chmod(0o755)
    yield made
    made.chmod(0o755)
    shutil.rmtree(made)


@contextmanager
def not_as_root() -> Iterator[None]:
    """Rights mean nothing to root, who runs tests in many a container."""
    if os.geteuid() != 0:
        yield
        return
    os.setresgid(NOBODY, NOBODY, 0)
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)
        os.setresgid(0, 0, 0)


def test_a_new_file_is_a_netmap_database_of_the_present_schema(path: Path) -> None:
    Store(path).close()

    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        applied = [migration.name for migration in migrations.applied(Database(db))]
    assert tuple(applied) == NAMES


def test_every_table_is_strict(path: Path) -> None:
    Store(path).close()

    with closing(sqlite3.connect(path)) as db:
        loose = [
            name
            for _, name, kind, _, _, strict in db.execute("PRAGMA table_list")
            if kind == "table" and not strict and not name.startswith(("sqlite_", "_sqlite"))
        ]
    assert loose == []


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match=r"is a folder\.$") as refusal:
        Store(tmp_path)

    assert refusal.value.hint == "Set NETMAP_DB to a file."


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match=r"The folder .*nowhere does not exist"):
        Store(tmp_path / "nowhere" / "netmap.db")


def test_a_newer_file_is_refused_and_left_alone(path: Path) -> None:
    Store(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version={VERSION + 1}")
    before = path.read_bytes()

    with pytest.raises(StoreFault, match=r"was written by a newer netmap \(schema"):
        Store(path)

    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE bookmarks (url TEXT)")

    with pytest.raises(StoreFault, match="is a database of another program"):
        Store(path)


def test_a_text_file_is_refused(path: Path) -> None:
    path.write_text("This is no database, and longer than the header of one would be. " * 4)

    with pytest.raises(StoreFault, match="is not a database, or is damaged"):
        Store(path)


def test_a_damaged_file_is_explained(path: Path) -> None:
    Store(path).close()
    whole = bytearray(path.read_bytes())
    whole[4096:] = b"\xa5" * (len(whole) - 4096)
    path.write_bytes(whole)

    with pytest.raises(StoreFault, match="is not a database, or is damaged"):
        _look(path)


def test_an_empty_file_becomes_a_database(path: Path) -> None:
    path.touch()

    with Store(path).read() as tables:
        assert tables.changes.last() == 0


def test_a_file_that_cannot_be_written_is_refused(folder: Path) -> None:
    Store(folder / "netmap.db").close()
    (folder / "netmap.db").chmod(0o444)

    with (
        not_as_root(),
        pytest.raises(StoreFault, match=r"is read-only|cannot be written") as refusal,
    ):
        Store(folder / "netmap.db")

    assert refusal.value.hint.startswith("Give the bot's user write access to it")


def test_a_folder_that_cannot_be_written_is_refused(folder: Path) -> None:
    folder.chmod(0o555)

    with not_as_root(), pytest.raises(StoreFault, match="cannot be opened") as refusal:
        Store(folder / "netmap.db")

    assert refusal.value.hint == "Check the path and its rights."


def test_a_file_that_another_program_has_locked_is_explained(path: Path) -> None:
    Store(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(StoreFault, match="is locked by another program") as refusal:
            Store(path, patience_s=0.1)

    assert refusal.value.hint.startswith("Nothing was changed. Try again in a moment")


def test_a_write_beside_a_long_write_is_explained_and_reads_go_on(path: Path) -> None:
    one, other = Store(path), Store(path, patience_s=0.1)

    with one.write() as tables:
        tables.changes.begin(ChangeKind.ADD, stamp())
        with pytest.raises(StoreFault, match="is locked by another program"), other.write():
            pass
        with other.read() as tables:
            assert tables.changes.last() == 0


def test_a_full_disk_is_explained_and_changes_nothing(path: Path) -> None:
    store = Store(path)
    connection = store._connection()  # the only way to a full disk without filling one
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count={pages}")

    with pytest.raises(StoreFault, match=r"The disk that holds .* is full"):
        _write(store, 500)

    with store.read() as tables:
        assert tables.changes.last() == 0


def test_processes_that_open_a_new_file_at_once_all_succeed(path: Path) -> None:
    code = (
        f"from pathlib import Path; from storage.store import Store; Store(Path({str(path)!r}), 60)"
    )
    started = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]

    assert [process.wait() for process in started] == [0, 0, 0, 0]
    assert [found.name for found in path.parent.glob("*before*")] == []


def test_threads_that_open_a_new_file_at_once_all_succeed(path: Path) -> None:
    faults: list[Exception] = []
    together = threading.Barrier(8)

    def open_it() -> None:
        together.wait()
        try:
            Store(path, patience_s=30).close()  # the machine may have other things to do
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []


def test_a_file_that_somebody_writes_as_it_is_opened_is_waited_for(path: Path) -> None:
    sqlite3.connect(path).close()
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")  # SQLite waits for no other connection's switch of journal
        leave = threading.Timer(0.3, other.execute, ["ROLLBACK"])
        leave.start()

        Store(path, patience_s=30).close()

        leave.join()


@pytest.mark.parametrize("version", range(1, VERSION))
def test_a_migration_keeps_a_copy_of_what_was_there(path: Path, version: int) -> None:
    _make(path, version)
    before = _dump(path)

    Store(path).close()

    kept = path.with_name(f"{path.name}.before-migration-1")
    assert _dump(kept) == before
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)


KILLED = """
import os, sqlite3, sys
from pathlib import Path
from storage.copies import copy_into


class Source:
    def backup(self, target):
        target.execute("CREATE TABLE half (x)")  # what is there when it is killed
        os._exit(9)


copy_into(Source(), Path(sys.argv[1]))
"""


def test_a_copy_has_its_name_once_it_is_whole(tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    killed = subprocess.run([sys.executable, "-c", KILLED, copy], check=False)
    assert killed.returncode == 9
    assert not copy.exists()
    assert [left.name for left in tmp_path.iterdir()] == ["copy.db.half"]

    store = Store(tmp_path / "netmap.db")
    store.backup(copy)
    store.close()

    assert _dump(copy) == _dump(tmp_path / "netmap.db")
    assert not list(tmp_path.glob("*.half*"))


def test_since_when_a_vm_runs_after_a_failover_is_forgotten_where_it_is_not_known(
    path: Path,
) -> None:
    _make(path, NAMES.index("m013_since_when_it_runs_there"))
    rows = [(1, "failed over", 0, 1, 1), (2, "reversed", 1, 0, 44), (3, "at home", 0, 0, 1)]
    with closing(sqlite3.connect(path)) as db, db:
        db.executemany(
            "INSERT INTO pair (id, hyperv, active, passive, home, away, failed_over, home_set,"
            " since, faults) VALUES (?, ?, 8, 9, 8, ?, ?, 0, ?, 0)",
            rows,
        )

    Store(path).close()

    with closing(sqlite3.connect(path)) as db:
        found = db.execute("SELECT hyperv, since FROM pair ORDER BY id").fetchall()
    assert found == [("failed over", 0), ("reversed", 44), ("at home", 0)]


def test_an_old_file_that_cannot_be_migrated_stays_as_it_was(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        db.execute("CREATE TABLE change (id INTEGER)")  # in the way of the first migration
        db.commit()
    before = _dump(path)

    with pytest.raises(sqlite3.OperationalError):
        Store(path)

    assert _dump(path) == before


def _make(path: Path, version: int) -> None:
    """A file as the program of that schema left it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        stop = NAMES[version] if version < VERSION else None
        migrations.apply(Database(db), stop_before=stop)
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        db.execute(f"PRAGMA user_version={version}")


def _dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def _look(path: Path) -> None:
    with Store(path).read() as tables:
        tables.estate()


def _write(store: Store, rows: int) -> None:
    with store.write() as tables:
        for _ in range(rows):
            tables.changes.begin(ChangeKind.ADD, stamp(), reason="x" * 1000)
