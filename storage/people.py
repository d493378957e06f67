"""What people and groups are called, as Slack said last."""

import sqlite3
from datetime import datetime


class People:
    """Names by id."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def names(self) -> dict[str, str]:
        """Id -> name of everybody who is known."""
        return dict(self._connection.execute("SELECT id, name FROM person"))

    def call(self, id: str, name: str, at: datetime) -> None:
        """Keep what somebody is called now."""
        self._connection.execute(
            "INSERT INTO person (id, name, at) VALUES (?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name, at = excluded.at",
            (id, name, at.isoformat()),
        )
