"""The mapping table: source network -> target network, per target server."""

import sqlite3
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from bot.domain.estate import Mapping
from storage.estates import Part
from storage.numbers import next_number

_COLUMNS = "id, source, target, server, test, by, at, change, removed"


class Mappings:
    """Rows are never deleted: a removed mapping still says where its replicas may stand."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        writing: Callable[[], object],
        stored: Callable[[Mapping], None],
        writes: Callable[[Part], None],
    ) -> None:
        self._connection = connection
        self._writing = writing
        self._stored = stored
        self._writes = writes

    def get(self, id: int) -> Mapping | None:
        """One mapping, in force or removed."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM mapping WHERE id = ?", (id,)
        ).fetchone()
        return _mapping(row) if row else None

    def of_server(self, server: int) -> list[Mapping]:
        """Those in force from or to this server."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM mapping WHERE removed = 0 AND (server = ? OR source IN"
            " (SELECT id FROM network WHERE server = ?)) ORDER BY id",
            (server, server),
        )
        return [_mapping(row) for row in rows]

    def put(self, mapping: Mapping) -> Mapping:
        """Store a mapping; id 0 gives it a new one."""
        self._writing()
        id = mapping.id or next_number(self._connection, "mapping")
        self._connection.execute(
            "INSERT INTO former SELECT source, server, target, ?1 FROM mapping"
            " WHERE id = ?2 AND removed = 0 AND (target <> ?3 OR ?4) ON CONFLICT DO UPDATE SET"
            " until = excluded.until",
            (mapping.change, mapping.id, mapping.target, int(mapping.removed)),
        )
        self._connection.execute(
            "INSERT INTO mapping (id, source, target, server, test, by, at, change, removed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET target = excluded.target, test = excluded.test,"
            " by = excluded.by, at = excluded.at, change = excluded.change,"
            " removed = excluded.removed",
            (
                id,
                mapping.source,
                mapping.target,
                mapping.server,
                mapping.test,
                mapping.by,
                mapping.at.isoformat(),
                mapping.change,
                int(mapping.removed),
            ),
        )
        mapping = replace(mapping, id=id)
        self._stored(mapping)
        return mapping

    def led_until(self, ends: Collection[tuple[int, int, int]], change: int) -> None:
        """Replicas were brought to these former targets as late as in this change.

        Args:
            ends: source network, server, former target.
        """
        if ends:
            self._writes(Part.MAPPINGS)
            self._connection.executemany(
                "UPDATE former SET until = ? WHERE source = ? AND server = ? AND network = ?",
                [(change, *end) for end in ends],
            )


def _mapping(row: tuple[int, int, int, int, int | None, str, str, int, int]) -> Mapping:
    id, source, target, server, test, by, at, change, removed = row
    return Mapping(
        id, source, target, server, test, by, datetime.fromisoformat(at), change, bool(removed)
    )
