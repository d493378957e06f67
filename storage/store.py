"""Open the database file; hand out transactions.

A read sees one unchanging state; a write locks first, commits at the end of the block and rolls
back on any error. Each thread keeps one connection: opening one costs fifteen look-ups.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.codes import IMPORTING
from bot.domain.errors import StoreFault
from storage import numbers
from storage.copies import copy_into, free_name, lock_out
from storage.explained import Explained
from storage.people import People
from storage.tables import Cache, Tables
from storage.version import APPLICATION_ID, VERSION

if TYPE_CHECKING:
    from bot.domain.answers.shared import Restored
    from storage.stage import Stage

PATIENCE_S = 5.0
"""How long to wait for another program's lock."""

_AGAIN_S = 0.01
"""How long until a refusal that SQLite does not wait for is tried again."""

_LOG_PAGES = 1000
"""SQLite's own measure of when the log is due to go into the file."""


class Store:
    """One database file.

    Raises:
        StoreFault: it is not a netmap database, of a newer netmap, locked, read-only or full; the
            message says what to do.
    """

    def __init__(self, path: Path, patience_s: float = PATIENCE_S) -> None:
        self.path = path
        self._name = os.fspath(path)
        self._patience_s = patience_s
        self._kept = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._cache = Cache()
        try:
            with Explained(path):
                _prepare(path, patience_s)
                self._file = _file(self._name)
                self._connection()
        except OSError as error:
            raise StoreFault(
                f"{path} cannot be opened: {error.strerror}.", "Check the path and its rights."
            ) from error

    @contextmanager
    def read(self, stages: bool = False) -> Iterator[Tables]:
        """One snapshot of the whole store; nothing can be written in it.

        Args:
            stages: what is put on a stage in it stays there.
        """
        with Explained(self.path):
            connection = self._connection()
            connection.execute("BEGIN")
            try:
                yield Tables(connection, self._cache, writes=False)
                if stages:
                    connection.execute("COMMIT")  # of temporary tables only
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def beside(self) -> Iterator[Tables]:
        """One snapshot beside a transaction of this thread: what that writes is not in it."""
        with (
            Explained(self.path),
            closing(_connect(self.path, self._patience_s)) as connection,
        ):
            connection.execute("BEGIN")
            yield Tables(connection, self._cache, writes=False)

    @contextmanager
    def write(self) -> Iterator[Tables]:
        """Lock, then commit at the end of the block, or roll back."""
        with Explained(self.path):
            connection = self._connection()
            _lock(connection)
            try:
                tables = Tables(connection, self._cache, writes=True)
                yield tables
                keep_estate = tables.keep_estate()
                connection.execute("COMMIT")
                keep_estate()
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def names(self) -> dict[str, str]:
        """Id -> name of people and groups; in a transaction that is under way, or in none."""
        with Explained(self.path):
            return People(self._connection()).names()

    @contextmanager
    def rehearse(self) -> Iterator[Tables]:
        """Lock, and take all of it back at the end of the block: to see what it would come to."""
        with Explained(self.path):
            connection = self._connection()
            _lock(connection)
            try:
                yield Tables(connection, self._cache, writes=True)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def stage(self) -> Iterator["Stage"]:
        """Temporary tables for an inventory on its way in; they take no lock on the file.

        What is written meanwhile goes from the log into the file at the end, when the lock is not
        held any more.
        """
        with Explained(self.path):
            from storage.stage import Stage

            connection = self._connection()
            stage = Stage(connection)
            connection.execute("PRAGMA wal_autocheckpoint=0")
            try:
                yield stage
            finally:
                stage.discard()
                connection.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")
                with suppress(sqlite3.OperationalError):  # whoever writes next will see to it
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def backup(self, to: Path) -> None:
        """Copy the whole store into a new file while it is in use.

        Raises:
            StoreFault: the file exists.
        """
        if to.exists():
            raise StoreFault(f"{to} exists already.", "Name a file that does not exist yet.")
        if not to.parent.is_dir():
            raise StoreFault(f"The folder {to.parent} does not exist.", "Create it first.")
        with Explained(to):
            copy_into(self._connection(), to)

    def close(self) -> None:
        """Close every thread's connection; the store cannot be used afterwards."""
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
        self._kept = threading.local()

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection.

        Raises:
            StoreFault: another file, or none, is in the place of the one that is open. What would
                be written into that one would be lost.
        """
        if _file(self._name) != self._file:
            raise StoreFault(
                f"{self.path} was removed or replaced while netmap runs.",
                "Put it back, or start netmap again to use what is there now.",
            )
        kept = getattr(self._kept, "connection", None)
        if kept is None:
            kept = _connect(self.path, self._patience_s)
            self._kept.connection = kept
            with self._lock:
                self._all.append(kept)
        return kept


def restore(copy: Path, path: Path, at: datetime) -> "tuple[Path | None, Restored]":
    """Put a backup in the place of the database, keeping what was there; numbers leap.

    What waited in it to be sent, or was being reconnected, does not go on.

    Args:
        copy: what `backup` wrote.
        path: the database, or what is left of it; there may be none.
        at: now.

    Returns:
        Where the replaced file was kept, None where there was none; what the copy holds.
    """
    with Explained(copy):
        if not copy.is_file():
            raise StoreFault(f"There is no file {copy}.", "Name a file that `backup` wrote.")
        if path.exists() and copy.samefile(path):
            raise StoreFault(f"{copy} is the database itself.", "Name a file that `backup` wrote.")
        if not _check(copy):
            raise StoreFault(f"{copy} is empty.", "Name a file that `backup` wrote.")
    kept, given = None, dict[str, int]()
    if path.exists():
        with Explained(path):
            kept, given = _keep(path)
    for table, number in numbers.noted(copy).items():
        given[table] = max(number, given.get(table, 0))
    with Explained(path), closing(sqlite3.connect(copy)) as source:
        copy_into(source, path)
        with closing(sqlite3.connect(path)) as target:
            found = numbers.leap(target, given, at)
            numbers.note(copy, target)
            return kept, found


def _keep(path: Path) -> tuple[Path, dict[str, int]]:
    """Keep what stands in the place of a database: where, and the numbers that it had given.

    What is damaged cannot be copied as a database is; it is moved as it stands.
    """
    kept = free_name(path, "before-restore")
    try:
        with closing(lock_out(path)) as present:
            copy_into(present, kept)
            return kept, numbers.given(present)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):  # locked, full, not readable
            raise
    for end in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).replace(kept.with_name(kept.name + end))
    return kept, {}


def _lock(connection: sqlite3.Connection) -> None:
    """Begin to write.

    Raises:
        StoreFault: an import holds the lock for longer than we have patience.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        row = connection.execute(
            "SELECT note, at FROM pulse WHERE name LIKE ? ORDER BY at DESC", (f"{IMPORTING}%",)
        ).fetchone()
        if "locked" not in str(error) or row is None:
            raise
        server, at = row
        raise StoreFault(
            f"An inventory of {server} is being taken in since {datetime.fromisoformat(at):%H:%M}"
            " UTC, and is written at this moment.",
            "Nothing was changed. Try again in a moment.",
        ) from error


def _is_plain(path: Path) -> bool:
    """Whether it keeps no write-ahead log, as the head of the file says."""
    with path.open("rb") as file:
        return file.read(20)[18:20] == b"\x01\x01"


def _file(path: str) -> tuple[int, int] | None:
    """Which file it is, whatever it is called; None where there is none."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _connect(path: Path, patience_s: float = PATIENCE_S) -> sqlite3.Connection:
    connection = sqlite3.connect(  # absolute, as SQLite takes `:memory:` for no file
        path.absolute(), isolation_level=None, timeout=patience_s, check_same_thread=False
    )
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA temp_store=FILE")
    connection.execute("PRAGMA secure_delete=OFF")  # some builds write zeros over what is gone
    connection.execute("PRAGMA temp.secure_delete=OFF")
    connection.execute("PRAGMA cache_size=-16000")
    return connection


def _check(path: Path, patience_s: float = PATIENCE_S) -> int:
    """The schema version of an existing file; 0 for an empty one."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with closing(
        sqlite3.connect(uri, uri=True, isolation_level=None, timeout=patience_s)
    ) as connection:
        connection.execute("BEGIN")  # all three of one state, should somebody be writing it
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if tables and application != APPLICATION_ID:
        raise StoreFault(
            f"{path} is a database of another program.",
            "Set NETMAP_DB to the file netmap should use; it makes a new one if there is none.",
        )
    if version > VERSION:
        raise StoreFault(
            f"{path} was written by a newer netmap (schema {version}, this one knows {VERSION}).",
            "Install that netmap again, or restore a backup from before it.",
        )
    return int(version) if tables else 0


def _prepare(path: Path, patience_s: float) -> None:
    if path.is_dir():
        raise StoreFault(f"{path} is a folder.", "Set NETMAP_DB to a file.")
    if not path.parent.is_dir():
        raise StoreFault(f"The folder {path.parent} does not exist.", "Create it, then try again.")
    if path.exists() and not path.is_file():
        raise StoreFault(f"{path} is not a file on a disk.", "Set NETMAP_DB to a file.")
    there = path.exists() and path.stat().st_size > 0
    version = _check(path, patience_s) if there else 0
    if there and not os.access(path, os.W_OK):
        raise StoreFault(f"{path} cannot be written.", "Give the bot's user write access to it.")
    if version < VERSION:
        _migrate(path, patience_s)
    elif _is_plain(path):  # a copy
        with closing(_connect(path, patience_s)) as connection:
            _keep_log(connection, patience_s)


def _keep_log(connection: sqlite3.Connection, patience_s: float) -> None:
    """Switch the file to a write-ahead log.

    Where two connections switch it at once, SQLite refuses one without waiting: each holds what
    the other needs. Tried again, it finds the log kept already.
    """
    until = time.monotonic() + patience_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
            time.sleep(_AGAIN_S)
        else:
            return


def _migrate(path: Path, patience_s: float) -> None:
    """Bring a new or old file to the present schema; of several who try, one does it.

    A copy of an old file is kept beside it.
    """
    from sqlite_utils import Database  # 280 ms, and only a new or old file needs it

    from storage.migrations import migrations

    with closing(_connect(path, patience_s)) as connection:
        _keep_log(connection, patience_s)
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version >= VERSION:
            return  # another process was faster
        if version > 0:
            with closing(_connect(path)) as present:
                copy_into(present, free_name(path, "before-migration"))
        migrations.apply(Database(connection))
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={VERSION}")
        connection.execute("COMMIT")
