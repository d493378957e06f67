"""Messages on their way out. A row is claimed, sent without any lock held, and then settled."""

import sqlite3
from datetime import datetime

from bot.domain.posts import Outgoing, Part, Post, Settle

_COLUMNS = (
    "id, digest, part, channel, post, settle, attempts, created_at, not_before, claimed_at, error"
)


class Outbox:
    """Rows in the order they were put; those that are done are kept for a while."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(
        self,
        digest: int,
        part: Part,
        channel: str,
        post: Post,
        at: datetime,
        settle: Settle | None = None,
    ) -> None:
        """One more message, to be sent as soon as those of its digest before it are."""
        self._connection.execute(
            "INSERT INTO outbox (digest, part, channel, post, settle, created_at, not_before)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                digest,
                part,
                channel,
                post.model_dump_json(),
                settle.model_dump_json() if settle else None,
                at.isoformat(),
                at.isoformat(),
            ),
        )

    def next(self, at: datetime) -> Outgoing | None:
        """The first message that may be sent now and has none of its digest before it."""
        found = self._read(
            "WHERE done_at IS NULL AND claimed_at IS NULL AND not_before <= ? AND NOT EXISTS"
            " (SELECT 1 FROM outbox e WHERE e.done_at IS NULL AND e.id < o.id AND"
            " e.digest = o.digest AND (e.part = 'direct') = (o.part = 'direct'))"
            " ORDER BY id LIMIT 1",
            (at.isoformat(),),
        )
        return found[0] if found else None

    def stuck(self, before: datetime) -> list[Outgoing]:
        """Messages somebody began to send before then, and never said what became of them."""
        return self._read(
            "WHERE done_at IS NULL AND claimed_at < ? ORDER BY id", (before.isoformat(),)
        )

    def waiting(self, digest: int) -> list[Outgoing]:
        """What is not delivered yet, to the owner aside."""
        return self._read(
            "WHERE done_at IS NULL AND digest = ? AND part <> 'direct' ORDER BY id", (digest,)
        )

    def last(self, digest: int) -> Post | None:
        """What the message of a digest says, or will once what waits is delivered."""
        found = self._read(
            "WHERE digest = ? AND part IN ('parent', 'edit') AND (done_at IS NULL OR error = '')"
            " ORDER BY id DESC LIMIT 1",
            (digest,),
        )
        return found[0].post if found else None

    def claim(self, id: int, at: datetime) -> bool:
        """Begin to send it; False: somebody else did."""
        cursor = self._connection.execute(
            "UPDATE outbox SET claimed_at = ?, attempts = attempts + 1"
            " WHERE id = ? AND claimed_at IS NULL AND done_at IS NULL",
            (at.isoformat(), id),
        )
        return cursor.rowcount == 1

    def again(self, id: int, not_before: datetime, error: str) -> None:
        """It was not taken: try again from then on."""
        self._connection.execute(
            "UPDATE outbox SET claimed_at = NULL, not_before = ?, error = ? WHERE id = ?",
            (not_before.isoformat(), error, id),
        )

    def done(self, id: int, at: datetime, error: str = "") -> None:
        """Delivered, or given up with this error."""
        self._connection.execute(
            "UPDATE outbox SET claimed_at = NULL, done_at = ?, error = ? WHERE id = ?",
            (at.isoformat(), error, id),
        )

    def hold(self, channel: str, until: datetime) -> None:
        """Nothing goes to this channel before then."""
        self._connection.execute(
            "UPDATE outbox SET not_before = ? WHERE done_at IS NULL AND channel = ?"
            " AND not_before < ?",
            (until.isoformat(), channel, until.isoformat()),
        )

    def none_after(self, at: datetime) -> None:
        """Nothing waits for longer than this, nor was begun later."""
        self._connection.execute(
            "UPDATE outbox SET not_before = min(not_before, ?1), claimed_at = min(claimed_at, ?1)"
            " WHERE done_at IS NULL",
            (at.isoformat(),),
        )

    def drop(self, digest: int, at: datetime, why: str) -> None:
        """Give up what waits for this digest, but for what people said and its owner is told."""
        self._connection.execute(
            "UPDATE outbox SET done_at = ?, error = ? WHERE digest = ? AND done_at IS NULL"
            " AND claimed_at IS NULL AND part NOT IN ('direct', 'test', 'notice', 'word')",
            (at.isoformat(), why, digest),
        )

    def spare(self, digest: int, at: datetime) -> None:
        """Give up what its owner was to be told: it passed by itself."""
        self._connection.execute(
            "UPDATE outbox SET done_at = ?, error = 'it passed' WHERE digest = ?"
            " AND done_at IS NULL AND claimed_at IS NULL AND part = 'direct'",
            (at.isoformat(), digest),
        )

    def backlog(self) -> tuple[int, datetime | None]:
        """How many messages wait, and since when the oldest does."""
        count, oldest = self._connection.execute(
            "SELECT count(*), min(created_at) FROM outbox WHERE done_at IS NULL"
        ).fetchone()
        return int(count), datetime.fromisoformat(oldest) if oldest else None

    def forget_before(self, at: datetime) -> None:
        """Drop what was done before then."""
        self._connection.execute("DELETE FROM outbox WHERE done_at < ?", (at.isoformat(),))

    def _read(self, where: str, values: tuple[object, ...]) -> list[Outgoing]:
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM outbox o {where}", values)
        return [
            Outgoing(
                id=row[0],
                digest=row[1],
                part=Part(row[2]),
                channel=row[3],
                post=Post.model_validate_json(row[4]),
                settle=Settle.model_validate_json(row[5]) if row[5] else None,
                attempts=row[6],
                created_at=datetime.fromisoformat(row[7]),
                not_before=datetime.fromisoformat(row[8]),
                claimed_at=datetime.fromisoformat(row[9]) if row[9] else None,
                error=row[10],
            )
            for row in rows
        ]
