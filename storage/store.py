"""Open the database file; hand out transactions.

A read sees one unchanging state; a write locks first, commits at the end of the block and rolls
back on any error. Each thread keeps one connection: opening one costs fifteen look-ups.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.domain.errors import StoreFault
from storage.inventories import Stage
from storage.tables import Cache, Tables
from storage.version import APPLICATION_ID, VERSION

_BUSY_MS = 5000


class Store:
    """One database file.

    Raises:
        StoreFault: it is not a netmap database, of a newer netmap, locked, read-only or full; the
            message says what to do.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._cache = Cache()
        with _explained(path):
            _prepare(path)
            self._connection()

    @contextmanager
    def read(self) -> Iterator[Tables]:
        """One snapshot of the whole store; nothing can be written in it."""
        with _explained(self.path):
            connection = self._connection()
            connection.execute("BEGIN")
            try:
                yield Tables(connection, self._cache, writes=False)
            finally:
                connection.execute("ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[Tables]:
        """Lock, then commit at the end of the block, or roll back."""
        with _explained(self.path):
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Tables(connection, self._cache, writes=True)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def stage(self) -> Iterator[Stage]:
        """Temporary tables for an inventory on its way in; they take no lock on the file."""
        with _explained(self.path):
            stage = Stage(self._connection())
            try:
                yield stage
            finally:
                stage.discard()

    def backup(self, to: Path) -> None:
        """Copy the whole store into a new file while it is in use.

        Raises:
            StoreFault: the file exists.
        """
        if to.exists():
            raise StoreFault(f"{to} exists already.", "Name a file that does not exist yet.")
        with _explained(self.path):
            target = sqlite3.connect(to)
            try:
                self._connection().backup(target)
            finally:
                target.close()

    def close(self) -> None:
        """Close every thread's connection; the store cannot be used afterwards."""
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
        self._kept = threading.local()

    def _connection(self) -> sqlite3.Connection:
        kept = getattr(self._kept, "connection", None)
        if kept is None:
            kept = _connect(self.path)
            self._kept.connection = kept
            with self._lock:
                self._all.append(kept)
        return kept


def restore(copy: Path, path: Path) -> Path | None:
    """Put a backup in the place of the database, keeping what was there.

    Returns:
        Where the replaced file was kept; None where there was none.
    """
    with _explained(copy):
        _check(copy)
    kept = None
    if path.exists():
        with _explained(path):
            _refuse_while_in_use(path)
            kept = _free_name(path, "before-restore")
            source, target = sqlite3.connect(path), sqlite3.connect(kept)
            source.backup(target)
            target.close()
            source.close()
    with _explained(path):
        source, target = sqlite3.connect(copy), sqlite3.connect(path)
        source.backup(target)
        target.close()
        source.close()
    return kept


def _free_name(path: Path, word: str) -> Path:
    for number in range(1, 10_000):
        found = path.with_name(f"{path.name}.{word}-{number}")
        if not found.exists():
            return found
    raise StoreFault(f"There are too many copies of {path} already.", "Delete some of them.")


def _refuse_while_in_use(path: Path) -> None:
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        raise StoreFault(
            f"{path} is in use.", "Stop the bot that uses it, then restore again."
        ) from error
    finally:
        connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, isolation_level=None, timeout=_BUSY_MS / 1000, check_same_thread=False
    )
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA temp_store=FILE")
    connection.execute("PRAGMA cache_size=-16000")
    return connection


def _check(path: Path) -> int:
    """The schema version of an existing file; 0 for an empty one."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    finally:
        connection.close()
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


def _prepare(path: Path) -> None:
    if path.is_dir():
        raise StoreFault(f"{path} is a folder.", "Set NETMAP_DB to a file.")
    if not path.parent.is_dir():
        raise StoreFault(f"The folder {path.parent} does not exist.", "Create it, then try again.")
    there = path.exists() and path.stat().st_size > 0
    version = _check(path) if there else 0
    if there and not os.access(path, os.W_OK):
        raise StoreFault(f"{path} cannot be written.", "Give the bot's user write access to it.")
    if version == VERSION:
        return
    _migrate(path, keep_copy=version > 0)


def _migrate(path: Path, keep_copy: bool) -> None:
    from sqlite_utils import Database  # 280 ms, and only a new or old file needs it

    from storage.migrations import migrations

    connection = sqlite3.connect(path, timeout=_BUSY_MS / 1000)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        if keep_copy:
            copy = sqlite3.connect(_free_name(path, "before-migration"))
            connection.backup(copy)
            copy.close()
        migrations.apply(Database(connection))
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={VERSION}")
        connection.commit()
    finally:
        connection.close()


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn SQLite's refusals into sentences."""
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "locked" in text or "busy" in text:
            raise StoreFault(
                f"{path} is locked by another program.",
                "Nothing was changed. Try again in a moment; if it stays, see who has it open.",
            ) from error
        if "readonly" in text or "read-only" in text:
            raise StoreFault(
                f"{path} is read-only.", "Give the bot's user write access to it and its folder."
            ) from error
        if "full" in text:
            raise StoreFault(
                f"The disk that holds {path} is full.", "Nothing was changed. Free some space."
            ) from error
        if "unable to open" in text:
            raise StoreFault(
                f"{path} cannot be opened.", "Check the path and its rights."
            ) from error
        raise
    except sqlite3.DatabaseError as error:
        text = str(error)
        if "not a database" in text or "malformed" in text or "encrypted" in text:
            raise StoreFault(
                f"{path} is not a database, or is damaged.",
                "Set NETMAP_DB to netmap's file, or restore a backup: netmap restore <file>.",
            ) from error
        raise
