"""Pairs derived anew, kept in temporary tables until they are stored.

Temporary tables take no lock on the database file, so deriving, which is long, needs none either.
What is stored then are the rows that differ. New classes and baselines get the ids that are free
now: a draft holds as long as nobody else writes.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.domain.pairs import Derived, Pair
from bot.domain.placements import Baseline, SegmentKey
from storage.groups import Group, Groups, Staged

_TABLES = {
    "affected": "hyperv TEXT PRIMARY KEY) WITHOUT ROWID",
    "draft_pair": "id INTEGER PRIMARY KEY, hyperv TEXT, active INTEGER, passive INTEGER,"
    " home INTEGER, away INTEGER, failed_over INTEGER, home_set INTEGER, faults INTEGER,"
    " since INTEGER)",
    "draft_nic": "pair INTEGER, slot INTEGER, segment INTEGER, observed INTEGER,"
    " observed_since INTEGER, joined INTEGER)",
    "lost_pair": "pair INTEGER PRIMARY KEY)",
    "draft_left": "pair INTEGER, slot INTEGER, baseline INTEGER, passive INTEGER, observed INTEGER,"
    " observed_since INTEGER)",
    "other_left": "pair INTEGER PRIMARY KEY)",
    "lost_nic": "pair INTEGER, slot INTEGER)",
}

_RUNS = "CASE WHEN failed_over THEN passive ELSE active END"
"""The object of a stored pair that runs."""
_RUNS_NOW = "CASE WHEN excluded.failed_over THEN excluded.passive ELSE excluded.active END"

NAME_THEM = """
    INSERT INTO pair_name (id, name) SELECT p.id, v.name FROM {pairs}
      CROSS JOIN vm v ON v.id = CASE WHEN p.passive THEN p.passive ELSE p.active END
      WHERE true ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE name <> excluded.name
"""
"""A VM may have another name although nothing else of its pair has changed."""


class Draft:
    """Which pairs are to be derived, and what came of it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._segments: dict[SegmentKey, int] = {}
        self._new_segments: list[tuple[int, ...]] = []
        self._baselines: dict[Baseline, int] = {}
        self._new_baselines: dict[int, Baseline] = {}
        self._named: list[int] = []
        self._more: Counter[int] = Counter()
        self._last_pair = 0
        self.begin()

    def begin(self) -> None:
        """Nothing is affected yet."""
        self.discard()
        for table, columns in _TABLES.items():
            self._connection.execute(f"CREATE TEMP TABLE {table} ({columns}")
        self._segments.clear()
        self._groups = Groups(self._connection, self._segments)
        self._new_segments.clear()
        self._baselines.clear()
        self._new_baselines.clear()
        self._named.clear()
        self._more.clear()
        (self._last_pair,) = self._connection.execute(
            "SELECT coalesce(max(id), 0) FROM pair"
        ).fetchone()

    def discard(self) -> None:
        """Drop the temporary tables."""
        for table in _TABLES:
            self._connection.execute(f"DROP TABLE IF EXISTS temp.{table}")

    def affect(self, hyperv: Iterable[str]) -> None:
        """The pairs of these Hyper-V ids are to be derived."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO temp.affected VALUES (?)", ((id,) for id in hyperv)
        )

    def groups(self, staged: Staged | None = None) -> Iterator[Group]:
        """Hyper-V id, its VMM objects, its pairs as stored, in order of the id.

        Args:
            staged: of one server, the VMs that are on their way in.
        """
        return self._groups.read(staged)

    def put(self, derived: Iterable[Derived], change: int) -> None:
        """Keep what is to be stored; rows that stay as they are are left out."""
        last_id = self._last_pair
        intern, more = self._segment, self._more
        pairs: list[tuple[object, ...]] = []
        nics: list[tuple[int, ...]] = []
        lost_pairs: list[tuple[int]] = []
        lost_nics: list[tuple[int, int]] = []
        other_left: list[tuple[int]] = []
        left: list[tuple[int, ...]] = []
        for hyperv, known, found in derived:
            before = {old.id: old for old in known}
            for pair in found:
                old = before.pop(pair.id, None)
                id = pair.id
                if old is None:
                    id = last_id = last_id + 1
                self._named.append(id)
                row = _pair_row(pair)
                if old is None or _pair_row(old) != row:
                    pairs.append((id, hyperv, *row, change if old is not None else 0))
                if pair.left != (old.left if old is not None else ()):
                    other_left.append((id,))
                    left += [(id, *one) for one in pair.left]
                seen = {nic.slot: nic for nic in old.nics} if old is not None else {}
                for nic in pair.nics:
                    was = seen.pop(nic.slot, None)
                    if was is not None and was[:5] == nic[:5]:
                        continue
                    segment = intern(nic.key)
                    nics.append((id, nic.slot, segment, *nic[2:5]))
                    if was is None or was.key != nic.key:
                        more[segment] += 1
                        if was is not None:
                            more[intern(was.key)] -= 1
                for was in seen.values():
                    lost_nics.append((id, was.slot))
                    more[intern(was.key)] -= 1
            for old in before.values():
                lost_pairs.append((old.id,))
                for was in old.nics:
                    more[intern(was.key)] -= 1
        self._last_pair = last_id
        for table, rows in (
            ("draft_pair", pairs),
            ("draft_nic", nics),
            ("lost_pair", lost_pairs),
            ("lost_nic", lost_nics),
            ("other_left", other_left),
            ("draft_left", left),
        ):
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                self._connection.executemany(f"INSERT INTO temp.{table} VALUES ({marks})", rows)

    def numbers(self) -> set[int]:
        """The pair adapters that are to be stored: pair * 256 + slot."""
        rows = self._connection.execute("SELECT pair * 256 + slot FROM temp.draft_nic")
        return {number for (number,) in rows}

    def _segment(self, key: SegmentKey) -> int:
        """The id of this class; a new one has no opinion until the rule was asked."""
        id = self._segments.get(key)
        if id is None:
            row = self._connection.execute(
                "SELECT id FROM segment WHERE source = ? AND server = ? AND baseline = ? AND"
                " readiness = ? AND cloud = ? AND toward = ? AND reach = ? AND addressing = ?",
                key,
            ).fetchone()
            if row:
                (id,) = row
            else:
                id = self._next("segment", len(self._new_segments))
                self._new_segments.append((id, *key))
            self._segments[key] = id
        return id

    def baseline(self, id: int) -> Baseline | None:
        """What was frozen; None for 0."""
        row = self._connection.execute(
            "SELECT home, away, mapped FROM baseline WHERE id = ?", (id,)
        ).fetchone()
        return Baseline(*row) if row else self._new_baselines.get(id)

    def server_of(self, vm: int) -> int:
        """The server of a VM that is stored, gone or not; 0 where it is not."""
        row = self._connection.execute("SELECT server FROM vm WHERE id = ?", (vm,)).fetchone()
        return int(row[0]) if row else 0

    def intern_baseline(self, baseline: Baseline) -> int:
        """The id of this baseline, new if need be."""
        id = self._baselines.get(baseline)
        if id is None:
            row = self._connection.execute(
                "SELECT id FROM baseline WHERE home = ? AND away = ? AND mapped = ?", baseline
            ).fetchone()
            if row:
                (id,) = row
            else:
                id = self._next("baseline", len(self._new_baselines))
                self._new_baselines[id] = baseline
            self._baselines[baseline] = id
        return id

    def _next(self, table: str, taken: int) -> int:
        (last,) = self._connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()
        return int(last) + taken + 1

    def store(self) -> set[int]:
        """Take it over into the tables; the classes that gained or lost adapters."""
        execute, many = self._connection.execute, self._connection.executemany
        many(
            "INSERT INTO baseline (id, home, away, mapped) VALUES (?, ?, ?, ?)",
            [(id, *baseline) for id, baseline in self._new_baselines.items()],
        )
        many(
            "INSERT INTO segment (id, source, server, baseline, readiness, cloud, toward, reach,"
            " addressing, desired, rule, notes, former, since, adapters)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, -2, 'not_checked', '', 0, 0, 0)",
            self._new_segments,
        )
        lost = "SELECT pair FROM temp.lost_pair"
        execute(f"DELETE FROM pair_adapter WHERE pair IN ({lost})")
        execute(f"DELETE FROM pair WHERE id IN ({lost})")
        execute(
            f"DELETE FROM left_baseline WHERE pair IN"
            f" ({lost} UNION ALL SELECT pair FROM temp.other_left)"
        )
        execute(
            "INSERT INTO left_baseline (pair, slot, baseline, passive, observed, observed_since)"
            " SELECT * FROM temp.draft_left"
        )
        execute(f"DELETE FROM pair_name WHERE id IN ({lost})")
        execute(
            "DELETE FROM pair_adapter WHERE (pair, slot) IN (SELECT pair, slot FROM temp.lost_nic)"
        )
        execute(
            "INSERT INTO pair (id, hyperv, active, passive, home, away, failed_over, home_set,"
            " faults, since) SELECT * FROM temp.draft_pair WHERE true ORDER BY id"
            " ON CONFLICT (id) DO UPDATE SET active = excluded.active,"
            " passive = excluded.passive, home = excluded.home, away = excluded.away,"
            " failed_over = excluded.failed_over, home_set = excluded.home_set,"
            " faults = excluded.faults,"
            f" since = CASE WHEN {_RUNS} = {_RUNS_NOW} THEN since"
            " WHEN active = 0 OR passive = 0 THEN 0 ELSE excluded.since END"
        )
        execute(
            "INSERT INTO pair_adapter (pair, slot, segment, observed, observed_since, joined)"
            " SELECT * FROM temp.draft_nic WHERE true ON CONFLICT (pair, slot) DO UPDATE SET"
            " segment = excluded.segment, observed = excluded.observed,"
            " observed_since = excluded.observed_since, joined = excluded.joined"
        )
        pairs = "json_each(?) n CROSS JOIN pair p ON p.id = n.value"
        execute(NAME_THEM.format(pairs=pairs), [json.dumps(self._named)])
        many(
            "UPDATE segment SET adapters = adapters + ? WHERE id = ?",
            [(count, segment) for segment, count in self._more.items() if count],
        )
        return set(self._more)


def _pair_row(pair: Pair) -> tuple[int, ...]:
    return (
        pair.active,
        pair.passive,
        pair.home,
        int(pair.away),
        int(pair.failed_over),
        int(pair.home_set),
        int(pair.faults),
    )
