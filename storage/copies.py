"""Copies of a database file, beside it or elsewhere."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.domain.errors import StoreFault


def copy_into(source: sqlite3.Connection, to: Path) -> None:
    """Write all of a database into a file, over what the file held.

    The copy keeps no journal beside it, so that looking at it leaves nothing behind; it gets one
    again when a store opens it. A new one gets its name when it is whole: half of a copy must not
    be taken for one, whatever ended it.
    """
    if to.exists():
        _copy(source, to)
        return
    half = to.with_name(f"{to.name}.half")
    _forget(half)
    try:
        _copy(source, half)
        half.replace(to)
    except BaseException:
        _forget(half)
        raise


def _copy(source: sqlite3.Connection, to: Path) -> None:
    with closing(sqlite3.connect(to)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")


def _forget(half: Path) -> None:
    half.unlink(missing_ok=True)
    half.with_name(f"{half.name}-journal").unlink(missing_ok=True)


def free_name(path: Path, word: str) -> Path:
    """Where a copy of the database can be kept beside it."""
    for number in range(1, 10_000):
        found = path.with_name(f"{path.name}.{word}-{number}")
        if not found.exists():
            return found
    raise StoreFault(f"There are too many copies of {path} already.", "Delete some of them.")


def lock_out(path: Path) -> sqlite3.Connection:
    """A connection beside which nobody else has the file open.

    Raises:
        StoreFault: somebody has.
    """
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        connection.close()
        if "locked" not in str(error):
            raise
        raise StoreFault(
            f"{path} is in use.", "Stop the bot that uses it, then restore again."
        ) from error
    return connection
