"""Findings from first sight to resolution, what happened at imports, and when things last ran."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import date, datetime

from bot.domain.answers.findings import Finding, finding_again
from bot.domain.answers.shared import Restored
from bot.domain.codes import FindingKind, Severity
from bot.domain.lives import Happening, Hush, ImportFailure, LastSeen, Life
from bot.domain.maps import DayCount
from bot.domain.names import name_key
from storage.numbers import restored
from storage.rows import maker

_COLUMNS = "id, finding, since, seen_at, change, hush, resolved_at, resolved_by, resolved_change"

CHANGED_OUTSIDE = """
    WITH last AS (
      SELECT n.network, n.server, max(n.change) AS change FROM change_network n
        JOIN change c ON c.id = n.change LEFT JOIN change u ON u.id = c.undoes
        WHERE n.server <> 0 AND c.kind IN ('add', 'change', 'remove', 'undo')
        AND u.kind IS NOT 'adopt' GROUP BY n.network, n.server),
    told AS MATERIALIZED (
      SELECT c.id AS change, json_extract(a.value, '$.source') AS source,
        json_extract(a.value, '$.server') AS server,
        json_extract(a.value, '$.target') AS target, json_extract(a.value, '$.test') AS test
        FROM change c, json_each(c.detail, '$.after') a
        WHERE c.id IN (SELECT change FROM last)
        AND json_extract(a.value, '$.removed') IS NOT 1),
    present AS (SELECT source, server, target, test FROM mapping WHERE removed = 0)
    SELECT l.network, l.server FROM last l
      LEFT JOIN told t
        ON t.change = l.change AND t.source = l.network AND t.server = l.server
      LEFT JOIN present p ON p.source = l.network AND p.server = l.server
      WHERE t.target IS NOT p.target OR t.test IS NOT p.test
    UNION
    SELECT source, server FROM present p WHERE NOT EXISTS
      (SELECT 1 FROM last l WHERE l.network = p.source AND l.server = p.server)
    ORDER BY 1, 2
"""
"""What the newest change of each mapping made of it beside what it is; each change is read once."""


_last_seen = maker(LastSeen)


class Lives:
    """Finding F7 is the row 7; the same finding keeps its number when it comes again."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def open(self) -> dict[str, Life]:
        """Key -> life of what was there at the last look."""
        return {life.finding.key: life for life in self._read("WHERE resolved_at IS NULL", ())}

    def get(self, id: int) -> Life | None:
        """One, resolved or not."""
        found = self._read("WHERE id = ?", (id,))
        return found[0] if found else None

    def begin(self, finding: Finding, at: datetime, change: int) -> Life:
        """It is there: a new one, or one that comes again."""
        (id,) = self._connection.execute(
            "INSERT INTO finding (key, finding, since, seen_at, change) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET finding = excluded.finding, since = excluded.since,"
            " seen_at = excluded.seen_at, change = excluded.change, hush = NULL,"
            " resolved_at = NULL, resolved_by = '', resolved_change = '' RETURNING id",
            (finding.key, finding.kept(), at.isoformat(), at.isoformat(), change),
        ).fetchone()
        found = self.get(id)
        assert found is not None
        return found

    def last_seen(self) -> dict[str, LastSeen]:
        """Key -> what is known of what was there at the last look, as it was kept."""
        rows = self._connection.execute(
            "SELECT id, finding, since, change, hush, key FROM finding WHERE resolved_at IS NULL"
        )
        return {row[5]: _last_seen(row[:5]) for row in rows}

    def see(self, those: Iterable[tuple[int, str]], at: datetime, change: int) -> None:
        """These (id, finding as JSON) are still there, and like this now."""
        self._connection.executemany(
            "UPDATE finding SET finding = ?, seen_at = ?, change = ? WHERE id = ?",
            [(finding, at.isoformat(), change, id) for id, finding in those],
        )

    def resolve(self, id: int, at: datetime, by: str, change: str) -> None:
        """It is gone."""
        self._connection.execute(
            "UPDATE finding SET resolved_at = ?, resolved_by = ?, resolved_change = ?,"
            " hush = NULL WHERE id = ?",
            (at.isoformat(), by, change, id),
        )

    def hush(self, id: int, hush: Hush | None) -> None:
        """Somebody knows of it; None: nobody does any more."""
        self._connection.execute(
            "UPDATE finding SET hush = ? WHERE id = ?",
            (hush.model_dump_json() if hush else None, id),
        )

    def _read(self, where: str, values: tuple[object, ...]) -> list[Life]:
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM finding {where}", values)
        return [
            Life(
                id=row[0],
                finding=finding_again(row[1]),
                since=datetime.fromisoformat(row[2]),
                seen_at=datetime.fromisoformat(row[3]),
                change=row[4],
                hush=Hush.model_validate_json(row[5]) if row[5] else None,
                resolved_at=datetime.fromisoformat(row[6]) if row[6] else None,
                resolved_by=row[7],
                resolved_change=row[8],
            )
            for row in rows
        ]

    # -- the trend -----------------------------------------------------------------------

    def count(self, day: date, counts: dict[str, int]) -> None:
        """How many are open on this day; the last word of the day counts."""
        self._connection.execute("DELETE FROM finding_day WHERE day = ?", (day.isoformat(),))
        self._connection.executemany(
            "INSERT INTO finding_day (day, severity, count) VALUES (?, ?, ?)",
            [(day.isoformat(), severity, count) for severity, count in counts.items()]
            or [(day.isoformat(), Severity.HIGH, 0)],
        )

    def trend(self, since: date) -> list[DayCount]:
        """Day by day, oldest first."""
        rows = self._connection.execute(
            "SELECT day, severity, count FROM finding_day WHERE day >= ? ORDER BY day, severity",
            (since.isoformat(),),
        )
        return [
            DayCount(date.fromisoformat(day), Severity(severity), count)
            for day, severity, count in rows
        ]

    # -- what happened at imports --------------------------------------------------------

    def happened(self, things: Iterable[Happening]) -> None:
        """Keep them."""
        self._connection.executemany(
            "INSERT INTO happening (kind, network, server, change, at, adapters, vms, examples,"
            " facts, before) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    one.kind,
                    one.network,
                    one.server,
                    one.change,
                    one.at.isoformat(),
                    one.adapters,
                    one.vms,
                    json.dumps(one.examples),
                    json.dumps(one.facts),
                    json.dumps(one.before),
                )
                for one in things
            ],
        )

    def happenings(self, since: datetime) -> list[Happening]:
        """Those since then, oldest first."""
        rows = self._connection.execute(
            "SELECT kind, network, server, change, at, adapters, vms, examples, facts, before"
            " FROM happening WHERE at >= ? ORDER BY id",
            (since.isoformat(),),
        )
        return [
            Happening(
                kind=FindingKind(kind),
                network=network,
                server=server,
                change=change,
                at=datetime.fromisoformat(at),
                adapters=adapters,
                vms=vms,
                examples=json.loads(examples),
                facts=json.loads(facts),
                before=json.loads(before),
            )
            for kind, network, server, change, at, adapters, vms, examples, facts, before in rows
        ]

    def import_failed(self, failure: ImportFailure) -> None:
        """The last try to import this server failed."""
        self._connection.execute(
            "INSERT INTO import_failure (key, server, at, message) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET at = excluded.at, message = excluded.message",
            (
                name_key(failure.server),
                failure.server,
                failure.at.isoformat(),
                failure.message,
            ),
        )

    def import_succeeded(self, server: str) -> None:
        """It was imported."""
        self._connection.execute("DELETE FROM import_failure WHERE key = ?", (name_key(server),))

    def failed_imports(self) -> list[ImportFailure]:
        """Servers whose last import failed."""
        rows = self._connection.execute(
            "SELECT server, at, message FROM import_failure ORDER BY key"
        )
        return [
            ImportFailure(server=server, at=datetime.fromisoformat(at), message=message)
            for server, at, message in rows
        ]

    def changed_outside(self) -> list[tuple[int, int]]:
        """(network, server) whose mapping, or want of one, is not what the history says."""
        return self._connection.execute(CHANGED_OUTSIDE).fetchall()

    # -- when things last ran ------------------------------------------------------------

    def pulse(self, name: str, at: datetime, note: str = "") -> None:
        """It ran now."""
        self._connection.execute(
            "INSERT INTO pulse (name, at, note) VALUES (?, ?, ?) ON CONFLICT (name)"
            " DO UPDATE SET at = excluded.at, note = excluded.note",
            (name, at.isoformat(), note),
        )

    def rest(self, name: str) -> None:
        """It does not run any more."""
        self._connection.execute("DELETE FROM pulse WHERE name = ?", (name,))

    def pulses(self) -> dict[str, tuple[datetime, str]]:
        """What ran -> when, and what it noted."""
        rows = self._connection.execute("SELECT name, at, note FROM pulse")
        return {name: (datetime.fromisoformat(at), note) for name, at, note in rows}

    def restored(self) -> Restored | None:
        """The last time that a copy was put in the place of the database."""
        return restored(self._connection)

    def forget_before(self, at: datetime) -> None:
        """Drop what is of no use any more."""
        self._connection.execute("DELETE FROM happening WHERE at < ?", (at.isoformat(),))
        self._connection.execute("DELETE FROM finding_day WHERE day < ?", (at.date().isoformat(),))

    def clear(self) -> None:
        """The estate is another one: nothing that was found holds."""
        for table in ("finding", "finding_day", "happening", "import_failure", "digest_said"):
            self._connection.execute(f"DELETE FROM {table}")
