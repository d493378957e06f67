"""Changes that wait for somebody, and reconnections that are owed."""

import json
import sqlite3
import zlib
from array import array
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from bot.domain.placements import Move
from bot.domain.requests import Request, RequestKind, RequestState
from storage.numbers import next_number

_COLUMNS = (
    "id, kind, state, line, by, at, place, fingerprint, vms, adapters, disconnects, text, reason,"
    " change, decided_by, decided_at, said, channel, ts"
)


class Requests:
    """Request R12 is the row 12."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, request: Request, moves: Iterable[Move] = (), given: str = "") -> Request:
        """Keep a new one; gives it back with its id.

        Args:
            request: as it was shown.
            moves: the adapters it moves.
            given: what a file asked for, as no line says it again.
        """
        id = next_number(self._connection, "request")
        self._connection.execute(
            "INSERT INTO request (id, kind, state, line, by, at, place, fingerprint, vms, adapters,"
            " disconnects, text, reason, change, moves, given)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                id,
                request.kind,
                request.state,
                request.line,
                request.by,
                request.at.isoformat(),
                request.where,
                request.fingerprint,
                request.vms,
                request.adapters,
                request.disconnects,
                request.text,
                request.reason,
                request.change,
                _pack(moves),
                zlib.compress(given.encode()) if given else None,
            ),
        )
        return request.model_copy(update={"id": id})

    def get(self, id: int) -> Request | None:
        """One request."""
        found = self._read("WHERE id = ?", (id,))
        return found[0] if found else None

    def of_change(self, change: int) -> Request | None:
        """The one that went through with `--break-glass` as this change."""
        found = self._read("WHERE change = ? AND kind = 'glass'", (change,))
        return found[0] if found else None

    def open(self) -> list[Request]:
        """What waits for somebody else than who asked, the oldest first."""
        return self._read("WHERE state = 'open' AND kind IN ('approval', 'glass') ORDER BY id", ())

    def overdue(self, asked_until: datetime) -> list[Request]:
        """Those asked for until then that are still open and wait for agreement."""
        return self._read(
            "WHERE state = 'open' AND kind IN ('approval', 'look') AND at <= ? ORDER BY id",
            (asked_until.isoformat(),),
        )

    def expire(self, id: int, at: datetime) -> None:
        """Close one that nobody decided in time; one that somebody did decide stays so."""
        self._connection.execute(
            "UPDATE request SET state = ?, decided_at = ?, moves = NULL, given = NULL"
            " WHERE id = ? AND state = 'open'",
            (RequestState.EXPIRED, at.isoformat(), id),
        )

    def decide(
        self,
        id: int,
        state: RequestState,
        by: str,
        at: datetime,
        change: int = 0,
        said: str = "",
    ) -> None:
        """Write down what became of it; what it would have moved is forgotten."""
        self._connection.execute(
            "UPDATE request SET state = ?, decided_by = ?, decided_at = ?,"
            " change = max(change, ?), said = ?, moves = NULL, given = NULL WHERE id = ?",
            (state, by, at.isoformat(), change, said, id),
        )

    def hand_over(self, id: int) -> None:
        """It waits for another person from now on."""
        self._connection.execute("UPDATE request SET kind = 'approval' WHERE id = ?", (id,))

    def posted(self, id: int, channel: str, ts: str, state: RequestState) -> None:
        """Remember the message that shows it, and the state it shows."""
        self._connection.execute(
            "UPDATE request SET channel = ?, ts = ?, card = ? WHERE id = ?",
            (channel, ts, state, id),
        )

    def drawn(self, id: int, state: RequestState) -> None:
        """Its card shows this state now."""
        self._connection.execute("UPDATE request SET card = ? WHERE id = ?", (state, id))

    def first_seen_closed(self, id: int) -> bool:
        """Whether its card still says that it waits; from then on it counts as out of date."""
        cursor = self._connection.execute(
            "UPDATE request SET card = '' WHERE id = ? AND card = 'open'", (id,)
        )
        return cursor.rowcount == 1

    def out_of_date(self) -> list[Request]:
        """Those whose cards show another state than theirs."""
        return self._read("WHERE card <> state AND ts <> '' AND state <> 'open' ORDER BY id", ())

    def moves(self, id: int) -> set[tuple[int, int, int, int]]:
        """(pair, slot, observed, wish) of every adapter it was to move."""
        row = self._connection.execute("SELECT moves FROM request WHERE id = ?", (id,)).fetchone()
        return _unpack(row[0]) if row and row[0] else set()

    def given(self, id: int) -> str:
        """What a file asked for; empty where a line did."""
        row = self._connection.execute("SELECT given FROM request WHERE id = ?", (id,)).fetchone()
        return zlib.decompress(row[0]).decode() if row and row[0] else ""

    def first(self, key: str, at: datetime) -> bool:
        """Whether this key, such as a press, is seen for the first time."""
        cursor = self._connection.execute(
            "INSERT OR IGNORE INTO seen (id, at) VALUES (?, ?)", (key, at.isoformat())
        )
        return cursor.rowcount == 1

    def claim(self, key: str, at: datetime, lasts: timedelta) -> bool:
        """Whether nobody has this key, or has had it for too long; whoever asks has it now."""
        cursor = self._connection.execute(
            "INSERT INTO seen (id, at) VALUES (?, ?)"
            " ON CONFLICT (id) DO UPDATE SET at = excluded.at WHERE at <= ?",
            (key, at.isoformat(), (at - lasts).isoformat()),
        )
        return cursor.rowcount == 1

    def give_back(self, key: str) -> None:
        """Nobody has it any more."""
        self._connection.execute("DELETE FROM seen WHERE id = ?", (key,))

    def owe(self, change: int, by: str, at: datetime, where: str, moves: Collection[Move]) -> None:
        """The reconnections of a change are about to begin; `where` they are told of, if known."""
        self._connection.execute(
            "INSERT OR REPLACE INTO owed (change, by, at, adapters, channel, ts, moves)"
            " VALUES (?, ?, ?, ?, ?, '', ?)",
            (change, by, at.isoformat(), len(moves), where, _pack(moves)),
        )

    def owed(self) -> list[tuple[int, str, int, str, str]]:
        """(change, who, adapters, channel, ts) of those that are under way, or untold."""
        return self._connection.execute(
            "SELECT change, by, adapters, channel, ts FROM owed ORDER BY change"
        ).fetchall()

    def made(self, change: int) -> list[Move]:
        """Of reconnections that are owed, those that were made, from where they stood before."""
        row = self._connection.execute(
            "SELECT moves FROM owed WHERE change = ?", (change,)
        ).fetchone()
        stood = (
            {(pair, slot): at for pair, slot, at, _ in _unpack(row[0])} if row and row[0] else {}
        )
        numbers = [pair * 256 + slot for pair, slot in stood]
        found = self._connection.execute(
            "SELECT pa.pair, pa.slot, pa.segment, pa.observed FROM json_each(?) n"
            " CROSS JOIN pair_adapter pa ON pa.pair = n.value >> 8 AND pa.slot = n.value & 255"
            " WHERE pa.observed_since IN (SELECT id FROM change WHERE part_of = ?)",
            (json.dumps(numbers), change),
        )
        return [
            Move(pair, slot, segment, stood[pair, slot], at, pending=True)
            for pair, slot, segment, at in found
        ]

    def show_owed(self, change: int, channel: str, ts: str) -> None:
        """Remember the message that shows how far it is."""
        self._connection.execute(
            "UPDATE owed SET channel = ?, ts = ? WHERE change = ?", (channel, ts, change)
        )

    def settle(self, change: int) -> None:
        """They came to an end, and who asked knows."""
        self._connection.execute("DELETE FROM owed WHERE change = ?", (change,))

    def _read(self, where: str, values: Iterable[object]) -> list[Request]:
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM request {where}", tuple(values))
        return [
            Request(
                id=row[0],
                kind=RequestKind(row[1]),
                state=RequestState(row[2]),
                line=row[3],
                by=row[4],
                at=datetime.fromisoformat(row[5]),
                where=row[6],
                fingerprint=row[7],
                vms=row[8],
                adapters=row[9],
                disconnects=row[10],
                text=row[11],
                reason=row[12],
                change=row[13],
                decided_by=row[14],
                decided_at=datetime.fromisoformat(row[15]) if row[15] else None,
                said=row[16],
                channel=row[17],
                ts=row[18],
            )
            for row in rows
        ]


def _pack(moves: Iterable[Move]) -> bytes | None:
    numbers = array("q")
    for move in moves:
        numbers.extend((move.pair, move.slot, move.observed, move.wish))
    return zlib.compress(numbers.tobytes(), 1) if numbers else None


def _unpack(blob: bytes) -> set[tuple[int, int, int, int]]:
    numbers = array("q")
    numbers.frombytes(zlib.decompress(blob))
    columns = iter(numbers)
    return set(zip(columns, columns, columns, columns, strict=True))
