"""The numbers by which people call things: C204, M12, R7. None is ever given twice.

A copy that is put back does not know what was numbered after it was made, while messages and
buttons still name it. So numbers leap then, and what they name is not taken for something else. How
far is noted beside the copy: it may be put back once more where nothing is left of the first time.
"""

import json
import sqlite3
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from bot.domain.answers.shared import Restored
from bot.domain.codes import RESTORED

LEAP = 1_000
"""More than is numbered between two backups; what the replaced file had given counts besides."""

_OURS = ("change", "mapping", "request")
"""Tables whose rows are numbered here; where SQLite numbers them itself it is told."""


def next_number(connection: sqlite3.Connection, table: str) -> int:
    """The number of the next change, mapping or request."""
    (number,) = connection.execute(
        f"SELECT 1 + max((SELECT coalesce(max(id), 0) FROM {table}), coalesce((SELECT"
        " json_extract(note, ?) FROM pulse WHERE name = ?), 0))",
        (f"$.passed.{table}", RESTORED),
    ).fetchone()
    return int(number)


def given(connection: sqlite3.Connection) -> dict[str, int]:
    """Table -> the highest number that was ever given to a row of it."""
    tables = dict(connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'"))
    found: dict[str, int] = {}
    if tables.keys() >= {"pulse", *_OURS}:
        found = {table: next_number(connection, table) - 1 for table in _OURS}
    counted = {table: 0 for table, sql in tables.items() if sql and "AUTOINCREMENT" in sql}
    if counted:
        found |= counted | dict(connection.execute("SELECT name, seq FROM sqlite_sequence"))
    return found


def noted(copy: Path) -> dict[str, int]:
    """Table -> the highest number that may have been given since this copy was put back before."""
    try:
        passed = json.loads(_note(copy).read_text(encoding="utf-8"))
        return {str(table): int(number) + LEAP for table, number in passed.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def note(copy: Path, connection: sqlite3.Connection) -> None:
    """Note beside a copy what `noted` reads; where that folder takes nothing, nothing is."""
    with suppress(OSError):
        _note(copy).write_text(json.dumps(given(connection)), encoding="utf-8")


def _note(copy: Path) -> Path:
    return copy.with_name(f"{copy.name}.restored")


def leap(connection: sqlite3.Connection, elsewhere: dict[str, int], at: datetime) -> Restored:
    """Let the numbers of a copy that was put back go on beyond all that may have been given.

    Args:
        connection: of the database as it is now.
        elsewhere: what the file had given that was there before.
        at: now.
    """
    passed = {
        table: max(last + LEAP, elsewhere.get(table, 0))
        for table, last in given(connection).items()
    }
    last = connection.execute("SELECT id, at FROM change ORDER BY id DESC LIMIT 1").fetchone()
    found = Restored(at=at)
    if last:
        found = Restored(at=at, last=f"C{last[0]}", last_at=datetime.fromisoformat(last[1]))
    found = found.model_copy(update=_leave(connection, at))
    if "change" not in passed:
        return found  # of a netmap so old that its pulse is kept nowhere
    found = found.model_copy(update={"goes_on": f"C{passed['change'] + 1}"})
    note = found.model_dump(mode="json", exclude={"at"}) | {"passed": passed}
    with connection:
        connection.execute(
            "INSERT OR REPLACE INTO pulse (name, at, note) VALUES (?, ?, ?)",
            (RESTORED, at.isoformat(), json.dumps(note)),
        )
        for table in passed.keys() - set(_OURS):
            connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
            connection.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (table, passed[table]))
    return found


def _leave(connection: sqlite3.Connection, at: datetime) -> dict[str, object]:
    """Let nothing go on that was under way when the copy was made; what that was.

    What waited to be said was said since, or is of another day; what was being reconnected is not
    to be where the estate is another by now.
    """
    tables = {
        name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type='table'")
    }
    unsent, broken_off = 0, list[str]()
    with connection:
        if "outbox" in tables:
            unsent += connection.execute(
                "UPDATE outbox SET claimed_at = NULL, done_at = ?, error = 'of a restored copy'"
                " WHERE done_at IS NULL",
                (at.isoformat(),),
            ).rowcount
        if "answer" in tables:
            unsent += connection.execute("DELETE FROM answer").rowcount
        if "owed" in tables:
            changes = connection.execute("SELECT change FROM owed ORDER BY change").fetchall()
            broken_off = [f"C{change}" for (change,) in changes]
            connection.execute("DELETE FROM owed")
        if "lease" in tables:
            connection.execute("DELETE FROM lease")
    return {"unsent": unsent, "broken_off": broken_off}


def restored(connection: sqlite3.Connection) -> Restored | None:
    """The last time that a copy was put back; None if never."""
    row = connection.execute("SELECT at, note FROM pulse WHERE name = ?", (RESTORED,)).fetchone()
    if row is None:
        return None
    note = json.loads(row[1])
    del note["passed"]
    return Restored(at=row[0], **note)
