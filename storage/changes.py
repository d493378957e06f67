"""The history: a row for every write, in the write's own transaction."""

from __future__ import annotations

import sqlite3
import zlib
from array import array
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.asking import Stamp
from bot.domain.codes import ChangeKind
from storage.numbers import next_number

if TYPE_CHECKING:
    from bot.domain.history import Change, Detail

_COLUMNS = (
    "c.id, c.kind, c.by, c.at, c.reason, c.command, c.part_of, c.undone_by, c.undoes, c.detail"
)


class Changes:
    """Change C204 is the row 204."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def last(self) -> int:
        """The number of the newest change; 0 before the first."""
        (last,) = self._connection.execute("SELECT coalesce(max(id), 0) FROM change").fetchone()
        return int(last)

    def begin(
        self,
        kind: ChangeKind,
        stamp: Stamp,
        reason: str = "",
        part_of: int = 0,
        undoes: int = 0,
    ) -> int:
        """A new change; its number is what the rows written under it refer to."""
        id = next_number(self._connection, "change")
        self._connection.execute(
            "INSERT INTO change (id, kind, by, at, reason, command, part_of, undoes, detail)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, '{}')",
            (id, kind, stamp.by, stamp.at.isoformat(), reason, stamp.command, part_of, undoes),
        )
        if undoes:
            self._connection.execute("UPDATE change SET undone_by = ? WHERE id = ?", (id, undoes))
        return id

    def finish(
        self,
        id: int,
        detail: Detail,
        networks: Iterable[tuple[int, int]] = (),
        affected: Iterable[int] = (),
        stood: Iterable[int] = (),
    ) -> None:
        """Write down what it did.

        Args:
            networks: (network, target server) it concerns.
            affected: pair * 256 + slot of the adapters that do not stand where they now belong.
            stood: the same of those that somebody had connected before a mapping came to them.
        """
        packed = pack(affected)
        self._connection.execute(
            "UPDATE change SET detail = ?, affected = ?, stood = ? WHERE id = ?",
            (detail.model_dump_json(exclude_defaults=True), packed, pack(stood) or b"", id),
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO change_network (network, server, change) VALUES (?, ?, ?)",
            [(network, server, id) for network, server in networks],
        )

    def get(self, id: int) -> Change | None:
        """One change."""
        found = self._read("WHERE c.id = ?", (id,))
        return found[0] if found else None

    def moment(self, id: int) -> datetime | None:
        """When a change was made."""
        row = self._connection.execute("SELECT at FROM change WHERE id = ?", (id,)).fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def recent(
        self,
        limit: int,
        networks: Iterable[int] = (),
        by: str | None = None,
        since: datetime | None = None,
        before: int | None = None,
        kinds: Iterable[ChangeKind] = (),
    ) -> list[Change]:
        """The newest first, of those before one; parts of another change left out."""
        where, values = ["c.part_of = 0"], list[object]()
        wanted = list(networks)
        if wanted:
            marks = ", ".join("?" * len(wanted))
            where.append(f"c.id IN (SELECT change FROM change_network WHERE network IN ({marks}))")
            values += wanted
        if by is not None:
            where.append("c.by = ?")
            values.append(by)
        if since is not None:
            where.append("c.at >= ?")
            values.append(since.isoformat())
        some = list(kinds)
        if some:
            where.append(f"c.kind IN ({', '.join('?' * len(some))})")
            values += some
        if before is not None:
            where.append("c.id < ?")
            values.append(before)
        return self._read(
            f"WHERE {' AND '.join(where)} ORDER BY c.id DESC LIMIT ?", (*values, limit)
        )

    def later(self, than: int, pairs: Iterable[tuple[int, int]]) -> Change | None:
        """The newest later change by a person of any of these (source network, target server).

        One that was taken back does not count, and neither does what took it back.
        """
        newest = 0
        for network, server in pairs:
            taken_back: set[int] = set()
            for id, undoes in self._connection.execute(
                "SELECT c.id, c.undoes FROM change_network n JOIN change c ON c.id = n.change"
                " WHERE n.network = ? AND n.server = ? AND c.id > ? AND c.part_of = 0 AND c.kind IN"
                " ('add', 'change', 'remove', 'undo', 'forget') ORDER BY c.id DESC",
                (network, server, than),
            ):
                if id in taken_back:
                    continue
                if undoes <= than:
                    newest = max(newest, id)
                    break
                taken_back.add(undoes)
        return self.get(newest) if newest else None

    def _read(self, where: str, values: Iterable[object]) -> list[Change]:
        from bot.domain.history import Change, Detail

        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM change c {where}", tuple(values)
        ).fetchall()
        return [
            Change(
                id=row[0],
                kind=ChangeKind(row[1]),
                by=row[2],
                at=datetime.fromisoformat(row[3]),
                reason=row[4],
                command=row[5],
                part_of=row[6],
                undone_by=row[7],
                undoes=row[8],
                detail=Detail.model_validate_json(row[9]),
            )
            for row in rows
        ]

    def affected(self, id: int) -> list[tuple[int, int]]:
        """(pair, slot) of the adapters a change concerned."""
        row = self._connection.execute("SELECT affected FROM change WHERE id = ?", (id,)).fetchone()
        return unpack(row[0]) if row and row[0] else []

    def stood(self, id: int) -> list[int] | None:
        """Pair * 256 + slot of those that were connected before a mapping came to them.

        None: that was not noted yet when the change was made.
        """
        row = self._connection.execute("SELECT stood FROM change WHERE id = ?", (id,)).fetchone()
        if row is None or row[0] is None:
            return None
        return [pair * 256 + slot for pair, slot in unpack(row[0])] if row[0] else []


def pack(adapters: Iterable[int]) -> bytes | None:
    """The adapters as one compressed blob: pair * 256 + slot in order, 4 bytes each, or 8.

    Its first byte says how many.
    """
    numbers = sorted(adapters)
    if not numbers:
        return None
    width = "I" if numbers[-1] < 1 << 32 else "Q"
    packed = array(width, numbers)
    return bytes([packed.itemsize]) + zlib.compress(packed.tobytes(), 1)


def unpack(blob: bytes) -> list[tuple[int, int]]:
    """The reverse of `pack`."""
    numbers = array("I" if blob[0] == 4 else "Q")
    numbers.frombytes(zlib.decompress(blob[1:]))
    return [divmod(number, 256) for number in numbers]
