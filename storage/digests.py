"""Subscriptions, what each told of, and its runs; a run is claimed before anything is posted."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from bot.domain.answers.digests import DigestRun
from bot.domain.codes import Severity
from bot.domain.digests import Digest, Step
from bot.domain.posts import Said


class Digests:
    """Digest D3 is the row 3; those that are off keep their rows."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, digest: Digest) -> Digest:
        """Store a new one; it gets its number."""
        cursor = self._connection.execute(
            "INSERT INTO digest (next_run, body) VALUES (NULL, ?)", ("{}",)
        )
        assert cursor.lastrowid is not None
        made = digest.model_copy(update={"id": cursor.lastrowid})
        self.put(made)
        return made

    def put(self, digest: Digest) -> None:
        """Store it as it is now."""
        self._connection.execute(
            "UPDATE digest SET next_run = ?, body = ? WHERE id = ?",
            (
                digest.next_run.isoformat() if digest.next_run else None,
                digest.model_dump_json(),
                digest.id,
            ),
        )

    def get(self, id: int) -> Digest | None:
        """One, on or off."""
        row = self._connection.execute("SELECT body FROM digest WHERE id = ?", (id,)).fetchone()
        return Digest.model_validate_json(row[0]) if row else None

    def all(self) -> list[Digest]:
        """Every one, those that are off included."""
        rows = self._connection.execute("SELECT body FROM digest ORDER BY id")
        return [Digest.model_validate_json(body) for (body,) in rows]

    def due(self, at: datetime) -> list[int]:
        """Those whose next run is now or was before."""
        rows = self._connection.execute(
            "SELECT id FROM digest WHERE next_run <= ? ORDER BY next_run, id", (at.isoformat(),)
        )
        return [id for (id,) in rows]

    def claim(self, id: int, due: datetime, at: datetime) -> bool:
        """Take this run; False: somebody has."""
        cursor = self._connection.execute(
            "INSERT OR IGNORE INTO digest_run (digest, due, at, step, findings)"
            " VALUES (?, ?, ?, ?, 0)",
            (id, due.isoformat(), at.isoformat(), Step.NOTHING),
        )
        return cursor.rowcount == 1

    def note(self, id: int, due: datetime, step: Step, findings: int) -> None:
        """Write down what a claimed run came to."""
        self._connection.execute(
            "UPDATE digest_run SET step = ?, findings = ? WHERE digest = ? AND due = ?",
            (step, findings, id, due.isoformat()),
        )

    def runs(self, id: int, limit: int) -> list[DigestRun]:
        """The newest first."""
        rows = self._connection.execute(
            "SELECT due, at, step, findings FROM digest_run WHERE digest = ?"
            " ORDER BY due DESC LIMIT ?",
            (id, limit),
        )
        return [
            DigestRun(
                due=datetime.fromisoformat(due),
                at=datetime.fromisoformat(at),
                step=Step(step),
                findings=findings,
            )
            for due, at, step, findings in rows
        ]

    def said(self, id: int) -> list[Said]:
        """What it told of, as of its last delivery."""
        rows = self._connection.execute(
            "SELECT life, since, adapters, severity, open, mentioned FROM digest_said"
            " WHERE digest = ? ORDER BY life",
            (id,),
        )
        return [
            Said(
                life,
                datetime.fromisoformat(since),
                adapters,
                Severity(severity),
                bool(is_open),
                bool(mentioned),
            )
            for life, since, adapters, severity, is_open, mentioned in rows
        ]

    def say(self, id: int, said: Iterable[Said]) -> None:
        """Replace what it told of."""
        self._connection.execute("DELETE FROM digest_said WHERE digest = ?", (id,))
        self._connection.executemany(
            "INSERT INTO digest_said (digest, life, since, adapters, severity, open, mentioned)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    id,
                    one.life,
                    one.since.isoformat(),
                    one.adapters,
                    one.severity,
                    int(one.open),
                    int(one.mentioned),
                )
                for one in said
            ],
        )

    def forget_after(self, at: datetime) -> None:
        """Forget runs of times that are still to come."""
        self._connection.execute("DELETE FROM digest_run WHERE due > ?", (at.isoformat(),))

    def forget_before(self, at: datetime) -> None:
        """Drop runs older than this."""
        self._connection.execute("DELETE FROM digest_run WHERE due < ?", (at.isoformat(),))
