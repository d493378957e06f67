"""Pairs derived anew, kept in temporary tables until they are stored.

Temporary tables take no lock on the database file, so deriving, which is long, needs none either.
What is stored then are the rows that differ. New classes and baselines get the ids that are free
now: a draft holds as long as nobody else writes.
"""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from bot.domain.codes import Power, VmRole
from bot.domain.pairs import Derived, Left, Pair, PairNic, VmNic, VmObject
from bot.domain.placements import Baseline, SegmentKey
from storage.addresses import count_v4
from storage.rows import maker

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

_nic = maker(VmNic)
_object = maker(VmObject)
_pair_nic = maker(PairNic)

_ROLES: dict[str | None, VmRole] = {role.value: role for role in VmRole}
_POWERS: dict[str | None, Power] = {power.value: power for power in Power}

_OBJECTS = """
    SELECT a.hyperv, v.id, v.server, v.role, v.state, v.power, v.cloud, coalesce(h.reach, 0),
      coalesce(u.as_of, s.collected_at), n.slot, n.at, n.addressing, n.addresses
    FROM temp.affected a CROSS JOIN vm v ON v.hyperv = a.hyperv
      CROSS JOIN server s ON s.id = v.server LEFT JOIN host h ON h.id = v.host
      LEFT JOIN unreadable u ON u.vm = v.id
      LEFT JOIN adapter n ON n.vm = v.id
    WHERE v.gone = 0 {only} ORDER BY a.hyperv, v.id, n.slot
"""
_NOT_STAGED = (
    "AND v.id NOT IN (SELECT id FROM temp.stage_old UNION ALL SELECT id FROM temp.stage_gone)"
)
_STAGED = """
    SELECT a.hyperv, coalesce(o.id, ?1 + v.n), ?2, k.role, k.state, k.power, k.cloud, k.reach,
      ?3, n.ns & 255, p.at, p.addressing, n.addresses
    FROM temp.affected a CROSS JOIN temp.stage_vm v ON v.hyperv = a.hyperv
      CROSS JOIN temp.stage_kind k ON k.n = v.kind
      LEFT JOIN temp.stage_old o ON o.n = v.n
      LEFT JOIN temp.stage_adapter n ON n.ns BETWEEN v.n * 256 AND v.n * 256 + 255
      LEFT JOIN temp.stage_port p ON p.n = n.port
    ORDER BY a.hyperv, v.n, n.ns
"""
_PAIRS = """
    SELECT a.hyperv, p.id, p.active, p.passive, p.home, p.away, p.home_set, p.failed_over, p.faults,
      n.slot, n.segment, n.observed, n.observed_since, n.joined
    FROM temp.affected a CROSS JOIN pair p ON p.hyperv = a.hyperv
      LEFT JOIN pair_adapter n ON n.pair = p.id
    ORDER BY a.hyperv, p.id, n.slot
"""

NAME_THEM = """
    INSERT INTO pair_name (id, name) SELECT p.id, v.name FROM {pairs}
      CROSS JOIN vm v ON v.id = CASE WHEN p.passive THEN p.passive ELSE p.active END
      WHERE true ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE name <> excluded.name
"""
"""A VM may have another name although nothing else of its pair has changed."""

_LEFT = """
    SELECT p.id, l.slot, l.baseline, l.passive, l.observed, l.observed_since FROM left_baseline l
      CROSS JOIN pair p ON p.id = l.pair CROSS JOIN temp.affected a ON a.hyperv = p.hyperv
"""
"""Few pairs have any, so they are looked for from their side."""

Group = tuple[str, list[VmObject], list[Pair]]
_Rows = list[tuple[Any, ...]]


class Staged(NamedTuple):
    """What stands in the temporary tables in place of one server's VMs."""

    server: int
    collected_at: str
    """ISO 8601 UTC."""
    last_id: int
    """New VMs get the ids after this one."""


class Draft:
    """Which pairs are to be derived, and what came of it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._segments: dict[SegmentKey, int] = {}
        self._classes: dict[int, tuple[SegmentKey, int]] = {}
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
        self._classes.clear()
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
        execute = self._connection.execute
        objects = execute(_OBJECTS.format(only=_NOT_STAGED if staged else ""))
        arriving = execute(_STAGED, (staged.last_id, *staged[:2])) if staged else iter(())
        streams = [_by_id(objects), _by_id(arriving), _by_id(execute(_PAIRS))]
        heads = [next(stream, None) for stream in streams]
        left: dict[int, list[Left]] = defaultdict(list)
        for pair, *kept in execute(_LEFT):
            left[pair].append(Left(*kept))
        for (hyperv,) in execute("SELECT hyperv FROM temp.affected ORDER BY hyperv"):
            here: list[_Rows] = []
            for n, stream in enumerate(streams):
                head = heads[n]
                if head is not None and head[0] == hyperv:
                    here.append(head[1])
                    heads[n] = next(stream, None)
                else:
                    here.append([])
            yield hyperv, self._objects(here[0], here[1], staged), self._pairs(here[2], left)

    @staticmethod
    def _objects(stored: _Rows, arriving: _Rows, staged: Staged | None) -> list[VmObject]:
        found = []
        for rows in (stored, arriving):
            for id, group in groupby(rows, itemgetter(1)) if len(rows) > 1 else _alone(rows):
                lines = list(group)
                _, _, server, role, state, power, cloud, reach, at, *_ = lines[0]
                if staged is not None and server == staged.server:
                    at = staged.collected_at
                nics = tuple(
                    _nic((slot, place, addressing, count_v4(addresses)))
                    for *_, slot, place, addressing, addresses in lines
                    if slot is not None
                )
                of_vm = (id, server, _ROLES.get(role), state, _POWERS.get(power), cloud, reach)
                found.append(_object((*of_vm, at, nics)))
        if stored and arriving:
            found.sort(key=itemgetter(0))
        return found

    def _pairs(self, rows: _Rows, left: dict[int, list[Left]]) -> list[Pair]:
        found = []
        for id, group in groupby(rows, itemgetter(1)):
            lines = list(group)
            _, _, active, passive, home, away, home_set, failed_over, faults, *_ = lines[0]
            nics = []
            for *_, slot, segment, observed, since, joined in lines:
                if slot is not None:
                    key, desired = self._class(segment)
                    nics.append(_pair_nic((slot, key, observed, since, joined, desired)))
            found.append(
                Pair(
                    id=id,
                    active=active,
                    passive=passive,
                    home=home,
                    away=bool(away),
                    home_set=bool(home_set),
                    nics=tuple(nics),
                    failed_over=bool(failed_over),
                    faults=faults,
                    left=tuple(sorted(left[id])) if id in left else (),
                )
            )
        return found

    def _class(self, id: int) -> tuple[SegmentKey, int]:
        """What a class is and its wish."""
        found = self._classes.get(id)
        if found is None:
            *key, desired = self._connection.execute(
                "SELECT source, server, baseline, readiness, cloud, toward, reach, addressing,"
                " desired FROM segment WHERE id = ?",
                (id,),
            ).fetchone()
            found = self._classes[id] = SegmentKey(*key), desired
            self._segments[found[0]] = id
        return found

    # -- what was derived --------------------------------------------------------------------

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


def _by_id(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, _Rows]]:
    for hyperv, group in groupby(rows, itemgetter(0)):
        yield hyperv, list(group)


def _alone(rows: _Rows) -> Iterator[tuple[int, _Rows]]:
    for row in rows:
        yield row[1], [row]


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
