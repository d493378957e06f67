"""Who is working on a server outside this store; one at a time."""

import sqlite3
from datetime import datetime

from bot.domain.asking import Lease


class Leases:
    """A row per server while somebody reconnects replicas there."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def take(self, server: int, by: str, at: datetime, until: datetime) -> Lease | None:
        """Take the server, and give None; or give who holds it. One that has run out is free."""
        row = self._connection.execute(
            "SELECT by, at, until FROM lease WHERE server = ?", (server,)
        ).fetchone()
        if row is not None and datetime.fromisoformat(row[2]) > at:
            return Lease(row[0], datetime.fromisoformat(row[1]), datetime.fromisoformat(row[2]))
        self._connection.execute(
            "INSERT INTO lease (server, by, at, until) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (server) DO UPDATE SET by = excluded.by, at = excluded.at,"
            " until = excluded.until",
            (server, by, at.isoformat(), until.isoformat()),
        )
        return None

    def give_back(self, server: int) -> None:
        """Work there is over."""
        self._connection.execute("DELETE FROM lease WHERE server = ?", (server,))
