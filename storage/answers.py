"""Answers to changes that Slack did not take: drawn, and brought when it takes them."""

import json
import sqlite3
from datetime import datetime

from bot.domain.answers.kept import KeptAnswer

_COLUMNS = "id, user, channel, thread, ts, body, at, tries"


class Answers:
    """A row each, until it is brought or given up."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def keep(self, answer: KeptAnswer, not_before: datetime) -> int:
        """One more, to be brought from then on; its id."""
        cursor = self._connection.execute(
            "INSERT INTO answer (user, channel, thread, ts, body, at, not_before)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                answer.user,
                answer.channel,
                answer.thread,
                answer.ts,
                json.dumps(answer.body),
                answer.at.isoformat(),
                not_before.isoformat(),
            ),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def due(self, at: datetime) -> KeptAnswer | None:
        """The first that may be brought now."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM answer WHERE not_before <= ? ORDER BY not_before, id LIMIT 1",
            (at.isoformat(),),
        ).fetchone()
        if row is None:
            return None
        id, user, channel, thread, ts, body, kept_at, tries = row
        return KeptAnswer(
            id=id,
            user=user,
            channel=channel,
            thread=thread,
            ts=ts,
            body=json.loads(body),
            at=datetime.fromisoformat(kept_at),
            tries=tries,
        )

    def put_off(self, id: int, until: datetime) -> None:
        """Nobody brings it before then; it was tried once more."""
        self._connection.execute(
            "UPDATE answer SET not_before = ?, tries = tries + 1 WHERE id = ?",
            (until.isoformat(), id),
        )

    def drop(self, id: int) -> None:
        """It was brought, or given up."""
        self._connection.execute("DELETE FROM answer WHERE id = ?", (id,))
