"""Segments: classes of pair adapters with one answer each, and what differs from it.

The differing adapters of a segment are two range seeks in (segment, observed): below and above the
wish. `<>` would walk the whole segment.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache

from bot.domain.codes import Note, Rule
from bot.domain.placements import (
    Astray,
    Baseline,
    Confirmed,
    Group,
    Move,
    Segment,
    SegmentKey,
)
from storage.rows import maker

_COLUMNS = (
    "s.id, s.source, s.server, s.baseline, s.readiness, s.cloud, s.toward, s.reach, s.addressing,"
    " s.desired, s.rule, s.notes, s.former, s.since, s.adapters"
)

_FORMER = """segment s CROSS JOIN place at ON at.id = s.source
      CROSS JOIN former f ON f.source = at.network AND f.server = s.server
      CROSS JOIN place p ON p.network = f.network"""
"""The places that the mappings of a segment ever led to."""

_LONGEST = timedelta(days=2)
"""No change takes longer to carry out."""

_EVER = 1 << 62
"""After the last change there will ever be."""

_MOVE = "pa.pair, pa.slot, s.id, pa.observed, {wish}, pa.observed_since <= max(s.since, pa.joined)"


def _out_of_place(columns: str, only: str = "") -> str:
    """Select from the pair adapters that are not where they belong, class by class.

    Args:
        columns: of `s`, the segment, and `pa`; `{wish}` is where they belong.
        only: narrows the segments.
    """
    wished, nowhere = columns.format(wish="s.desired"), columns.format(wish="0")
    return f"""
    SELECT {wished} FROM segment s CROSS JOIN pair_adapter pa
      ON pa.segment = s.id AND pa.observed >= 0 AND pa.observed < s.desired
      WHERE s.desired >= 0 {only}
    UNION ALL
    SELECT {wished} FROM segment s CROSS JOIN pair_adapter pa
      ON pa.segment = s.id AND pa.observed > s.desired
      WHERE s.desired >= 0 {only}
    UNION ALL
    SELECT {nowhere} FROM {_FORMER}
      CROSS JOIN pair_adapter pa ON pa.segment = s.id AND pa.observed = p.id
      WHERE s.former > 0 AND pa.observed_since <= f.until {only}
    """


_AMONG = "AND s.id IN (SELECT value FROM json_each(?1))"

GROUPS = f"""
    SELECT s.id, pa.observed, s.desired, {_EVER}, count(*) FROM segment s CROSS JOIN pair_adapter pa
      ON pa.segment = s.id AND pa.observed >= 0 AND pa.observed < s.desired
      WHERE s.desired >= 0 {_AMONG} GROUP BY s.id, pa.observed
    UNION ALL
    SELECT s.id, pa.observed, s.desired, {_EVER}, count(*) FROM segment s CROSS JOIN pair_adapter pa
      ON pa.segment = s.id AND pa.observed > s.desired
      WHERE s.desired >= 0 {_AMONG} GROUP BY s.id, pa.observed
    UNION ALL
    SELECT * FROM (
      SELECT s.id, p.id, 0, f.until, (SELECT count(*) FROM pair_adapter pa
          WHERE pa.segment = s.id AND pa.observed = p.id AND pa.observed_since <= f.until
        ) AS adapters FROM {_FORMER} WHERE s.former > 0 {_AMONG})
      WHERE adapters > 0
"""
"""The same of some segments, counted by place; the last part by seeks, as it would be sorted."""

ASTRAY = _out_of_place(
    "group_concat((s.id << 32 | pa.observed) << 1 | (pa.observed_since > max(s.since, pa.joined))),"
    " group_concat(pa.pair)"
)
"""All of them as two lists: a row for each class and place would take twice as long."""

CONNECTED = """
    SELECT j.value, pa.observed, count(*) FROM json_each(?) j CROSS JOIN pair_adapter pa
      ON pa.segment = j.value AND pa.observed > 0 GROUP BY j.value, pa.observed
"""

_SLOTS = 4
"""Few VMs have more adapters."""
_AT_ONCE = 50_000
_BY_SLOT = ", ".join(
    f"json_group_array(n.name) FILTER (WHERE pa.slot = {slot})" for slot in range(_SLOTS)
)

NAMES_AT = f"""
    SELECT {_BY_SLOT},
      json_group_array(json_array(pa.slot, n.name)) FILTER (WHERE pa.slot >= {_SLOTS})
      FROM pair_adapter pa CROSS JOIN pair_name n ON n.id = pa.pair
      WHERE pa.segment = ? AND pa.observed = ? AND pa.observed_since <= ?
        AND pa.pair BETWEEN ? AND ?
"""
"""Slot by slot as one text each: a row for every adapter would take three times as long."""


_key = maker(SegmentKey)
_segment = maker(Segment)
_move = maker(Move)

_RULES = {rule.value: rule for rule in Rule}


@cache
def _notes(text: str) -> frozenset[Note]:
    return frozenset(map(Note, text.split()))


class Kept:
    """All classes as of one change, from when somebody asked for them; for all threads."""

    def __init__(self) -> None:
        self.classes: list[Segment] | None = None
        self.by_id: dict[int, Segment] = {}


class Segments:
    """The classes and their wishes.

    Args:
        kept: those of the state that is read; None where they may be written.
    """

    def __init__(self, connection: sqlite3.Connection, kept: Kept | None) -> None:
        self._connection = connection
        self._kept = kept

    def all(self) -> list[Segment]:
        """Every segment, those without adapters left out."""
        kept = self._kept or Kept()
        if kept.classes is None:
            kept.classes = self._read("WHERE s.adapters > 0", ())
        return list(kept.classes)

    def of(self, network: int, server: int) -> list[Segment]:
        """Those with their source on this network and their passive side at this server."""
        return self._read(
            "JOIN place p ON p.id = s.source WHERE p.network = ? AND s.server = ?",
            (network, server),
        )

    def get(self, ids: Iterable[int]) -> dict[int, Segment]:
        """By id."""
        found = self._kept.by_id if self._kept is not None else {}
        wanted = set(ids)
        missing = sorted(id for id in wanted if id not in found)
        for start in range(0, len(missing), 500):
            some = missing[start : start + 500]
            marks = ", ".join("?" * len(some))
            for segment in self._read(f"WHERE s.id IN ({marks})", tuple(some)):
                found[segment.id] = segment
        return {id: found[id] for id in sorted(wanted) if id in found}

    def _read(self, where: str, values: tuple[int, ...]) -> list[Segment]:
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM segment s {where}", values)
        return [
            _segment((row[0], _key(row[1:9]), row[9], _RULES[row[10]], _notes(row[11]), *row[12:]))
            for row in rows
        ]

    def put(self, segments: Iterable[Segment]) -> None:
        """Store new wishes."""
        self._connection.executemany(
            "UPDATE segment SET desired = ?, rule = ?, notes = ?, former = ?, since = ?"
            " WHERE id = ?",
            [
                (s.desired, s.rule, " ".join(sorted(s.notes)), s.former, s.since, s.id)
                for s in segments
            ],
        )

    def baseline(self, id: int) -> Baseline | None:
        """What was frozen; None for 0."""
        row = self._connection.execute(
            "SELECT home, away, mapped FROM baseline WHERE id = ?", (id,)
        ).fetchone()
        return Baseline(*row) if row else None

    def moves(
        self,
        segments: Iterable[int] | None = None,
        limit: int | None = None,
        in_order: bool = False,
    ) -> Iterator[Move]:
        """Pair adapters that are not where they belong, whatever their readiness.

        Args:
            segments: only these; None: all.
            limit: at most so many.
            in_order: of pair and slot.
        """
        end = "ORDER BY 1, 2 " if in_order else ""
        end += "" if limit is None else f"LIMIT {limit}"
        only, values = ("", []) if segments is None else (_AMONG, [_json(segments)])
        return map(_move, self._connection.execute(_out_of_place(_MOVE, only) + end, values))

    def astray(self) -> Iterable[Astray]:
        """Those of all segments."""
        from pydantic_core import from_json  # reads thousands of numbers in half the time

        rows = self._connection.execute(ASTRAY).fetchall()
        where, pairs = [",".join(filter(None, texts)) for texts in zip(*rows, strict=True)]
        return zip(from_json(f"[{where}]"), from_json(f"[{pairs}]"), strict=True)

    def out_of_place(self, segments: Iterable[int]) -> list[Group]:
        """The same, counted by class and place."""
        return [Group(*row) for row in self._connection.execute(GROUPS, [_json(segments)])]

    def numbers(self, segments: Iterable[int]) -> list[int]:
        """The same as pair * 256 + slot each, in order."""
        # As one text: a row each would take three times as long.
        select = _out_of_place("pa.pair * 256 + pa.slot AS n", _AMONG)
        (text,) = self._connection.execute(
            f"SELECT group_concat(n) FROM ({select})", [_json(segments)]
        ).fetchone()
        return sorted(json.loads(f"[{text or ''}]"))

    def names_at(self, group: Group) -> Iterator[tuple[int, str]]:
        """Who a group is: (slot, names of VMs as a JSON array), a few ten thousand at a time."""
        where = (group.segment, group.observed, group.until)
        (last,) = self._connection.execute("SELECT coalesce(max(id), 0) FROM pair").fetchone()
        step = last // (1 + group.adapters // _AT_ONCE) + 1
        for start in range(0, last + 1, step):
            *common, others = self._connection.execute(
                NAMES_AT, (*where, start, start + step - 1)
            ).fetchone()
            yield from ((slot, names) for slot, names in enumerate(common) if names != "[]")
            for slot, name in json.loads(others):
                yield slot, json.dumps([name])

    def numbers_at(self, segment: int, at: int, after: int) -> list[int]:
        """The adapters of a class that came to a place after this change: pair * 256 + slot."""
        (text,) = self._connection.execute(
            "SELECT group_concat(pair * 256 + slot) FROM pair_adapter"
            " WHERE segment = ? AND observed = ? AND observed_since > ?",
            (segment, at, after),
        ).fetchone()
        return list(json.loads(f"[{text or ''}]"))

    def leave(self, numbers: Iterable[int], segments: Iterable[int], change: int) -> list[int]:
        """Let these adapters count as connected by hand as of a change; the pairs of those.

        Args:
            numbers: pair * 256 + slot; those that are in none of the segments are left out.
        """
        rows = self._connection.execute(
            "UPDATE pair_adapter SET observed_since = ?1 FROM json_each(?2) n"
            " WHERE pair = n.value >> 8 AND slot = n.value & 255 AND observed > 0"
            " AND segment IN (SELECT value FROM json_each(?3)) RETURNING pair",
            (change, json.dumps(list(numbers)), _json(segments)),
        )
        return [pair for (pair,) in rows]

    def open_count(self) -> int:
        """How many adapters could be reconnected now."""
        (count,) = self._connection.execute(
            f"SELECT sum(n) FROM ({_out_of_place('count(*) AS n', 'AND s.readiness = 0')})"
        ).fetchone()
        return int(count)

    def settled(self, ids: Iterable[int]) -> int:
        """How many adapters of these segments stand where they belong."""
        (count,) = self._connection.execute(
            "SELECT count(*) FROM segment s CROSS JOIN pair_adapter pa"
            " ON pa.segment = s.id AND pa.observed = s.desired"
            " WHERE s.id IN (SELECT value FROM json_each(?))",
            [_json(ids)],
        ).fetchone()
        return int(count)

    def standing(self, ids: Iterable[int]) -> dict[int, dict[int, int]]:
        """Segment -> observed place -> how many adapters."""
        found: dict[int, dict[int, int]] = {}
        for id in ids:
            found[id] = dict(
                self._connection.execute(
                    "SELECT observed, count(*) FROM pair_adapter WHERE segment = ?"
                    " GROUP BY observed",
                    (id,),
                )
            )
        return found

    def connected(self, ids: Iterable[int]) -> dict[int, dict[int, int]]:
        """Segment -> place -> how many adapters stand there, for those that stand anywhere."""
        found: dict[int, dict[int, int]] = {}
        for id, at, count in self._connection.execute(CONNECTED, [_json(ids)]):
            found.setdefault(id, {})[at] = count
        return found

    def pairs(self, ids: Iterable[int]) -> int:
        """How many pairs have an adapter in any of these segments."""
        wanted = sorted(set(ids))
        if not wanted:
            return 0
        found: set[int] = set()
        for start in range(0, len(wanted), 500):
            some = wanted[start : start + 500]
            found.update(
                pair
                for (pair,) in self._connection.execute(
                    "SELECT DISTINCT pair FROM pair_adapter WHERE segment IN"
                    f" ({', '.join('?' * len(some))})",
                    some,
                )
            )
        return len(found)

    def confirm(self, moves: Iterable[Move], change: int) -> int:
        """Record that these adapters were connected as wished; say how many still stood there."""
        count = 0
        for move in moves:
            cursor = self._connection.execute(
                "UPDATE pair_adapter SET observed = ?, observed_since = ?"
                " WHERE pair = ? AND slot = ? AND observed = ?",
                (move.wish, change, move.pair, move.slot, move.observed),
            )
            if cursor.rowcount:
                count += 1
                self._connect(move.pair, move.slot, move.wish)
        return count

    def _connect(self, pair: int, slot: int, at: int) -> None:
        """Note it of the replica too."""
        self._connection.execute(
            "UPDATE adapter SET at = ? WHERE slot = ? AND vm ="
            " (SELECT passive FROM pair WHERE id = ?)",
            (at, slot, pair),
        )
        self._connection.execute(  # so that the next inventory's line is read again
            "UPDATE vm SET digest = x'' WHERE id = (SELECT passive FROM pair WHERE id = ?)",
            (pair,),
        )

    def confirmed_after(self, server: int, at: datetime) -> list[Confirmed]:
        """Replica adapters of a server that stand where VMM said, after this moment, to have
        connected them."""
        changes = []
        for id, begun, seen in self._connection.execute(
            "SELECT id, at, json_extract(detail, '$.seen') FROM change ORDER BY id DESC"
        ):
            if datetime.fromisoformat(begun) < at - _LONGEST:
                break
            if seen is not None and datetime.fromisoformat(seen) > at:
                changes.append(id)
        if not changes:
            return []
        rows = self._connection.execute(
            "SELECT pa.pair, pa.slot, p.passive, pa.observed, pa.observed_since"
            " FROM segment s CROSS JOIN pair_adapter pa ON pa.segment = s.id"
            " CROSS JOIN pair p ON p.id = pa.pair WHERE s.server = ?"
            " AND pa.observed_since IN (SELECT value FROM json_each(?))",
            (server, _json(changes)),
        )
        return [Confirmed(*row) for row in rows]

    def confirm_again(self, those: Iterable[Confirmed]) -> int:
        """Record once more that these were connected, where something older said otherwise since;
        how many that were. One that is seen where it now belongs stays there."""
        count = 0
        for one in those:
            cursor = self._connection.execute(
                "UPDATE pair_adapter SET observed = ?1, observed_since = ?2"
                " WHERE pair = ?3 AND slot = ?4 AND observed >= 0 AND observed <> ?1"
                " AND observed <> (SELECT desired FROM segment WHERE id = segment)"
                " AND (SELECT passive FROM pair WHERE id = ?3) = ?5",
                (one.at, one.change, one.pair, one.slot, one.passive),
            )
            if cursor.rowcount:
                count += 1
                self._connect(one.pair, one.slot, one.at)
        return count


def _json(ids: Iterable[int]) -> str:
    return json.dumps(sorted(set(ids)))
