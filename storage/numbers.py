"""The numbers by which people call things: C204, M12, R7. None is ever given twice.

A copy that is put back does not know what was numbered after it was made, while messages and
buttons still name it. So numbers leap then, and what they name is not taken for something else.
"""

import json
import sqlite3
from datetime import datetime

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


def restored(connection: sqlite3.Connection) -> Restored | None:
    """The last time that a copy was put back; None if never."""
    row = connection.execute("SELECT at, note FROM pulse WHERE name = ?", (RESTORED,)).fetchone()
    if row is None:
        return None
    note = json.loads(row[1])
    del note["passed"]
    return Restored(at=row[0], **note)
