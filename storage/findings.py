"""Facts for findings, each read from rows that an index leads to."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable

from bot.domain.codes import Readiness

PAIRS = """
    SELECT j.value,
      (SELECT group_concat(pair) FROM pair_adapter WHERE segment = j.value AND observed > 0),
      (SELECT group_concat(pair) FROM pair_adapter WHERE segment = j.value AND observed <= 0)
      FROM json_each(?) j
"""

SOME_PAIRS = """
    SELECT j.value, (SELECT group_concat(pair) FROM
      (SELECT pair FROM pair_adapter WHERE segment = j.value LIMIT ?2))
      FROM json_each(?1) j
"""

_TWICE = """
    p.failed_over AND a.gone = 0 AND a.power = 'running' AND b.power = 'running'
      AND (a.server = b.server OR coalesce((SELECT as_of FROM unreadable WHERE vm = a.id),
          (SELECT collected_at FROM server WHERE id = a.server)) >
        (SELECT c.at FROM change c WHERE c.id = CASE WHEN p.since THEN p.since ELSE
          (SELECT min(joined) FROM pair_adapter WHERE pair = p.id) END))
"""
"""That both sides run: the side that was left is seen running since the failover was seen."""


class Findings:
    """Counts and examples; what they mean is said elsewhere."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def faulty(self) -> list[tuple[int, int, str, int]]:
        """(pair, its faults, the VM's name, its server) of every pair with a fault."""
        return self._connection.execute(
            "SELECT p.id, p.faults, v.name, v.server FROM pair p CROSS JOIN vm v ON v.id ="
            " CASE WHEN p.active THEN p.active ELSE p.passive END"
            " WHERE p.faults <> 0 ORDER BY v.key, p.id"
        ).fetchall()

    def running_twice(self) -> list[tuple[int, int, int, str]]:
        """(server left, server failed over to, pair, VM's name) of those that run at both sides."""
        # Those whose replica runs are of few classes, which spares a look at every pair.
        return self._connection.execute(
            "SELECT DISTINCT a.server, b.server, p.id, a.name FROM segment s"
            " CROSS JOIN pair_adapter n ON n.segment = s.id CROSS JOIN pair p ON p.id = n.pair"
            " CROSS JOIN vm a ON a.id = p.active CROSS JOIN vm b ON b.id = p.passive"
            f" WHERE s.readiness IN (?, ?) AND s.adapters > 0 AND {_TWICE}"
            " ORDER BY a.server, b.server, a.key, p.id",
            (Readiness.RUNNING, Readiness.FAILED_OVER),
        ).fetchall()

    def runs_twice(self, pair: int) -> bool:
        """Whether this one runs at both sides."""
        found = self._connection.execute(
            "SELECT 1 FROM pair p CROSS JOIN vm a ON a.id = p.active CROSS JOIN vm b"
            f" ON b.id = p.passive WHERE p.id = ? AND {_TWICE}",
            (pair,),
        )
        return found.fetchone() is not None

    def partner_hosts(self, pairs: Iterable[int]) -> list[tuple[str, int]]:
        """(partner host, how many) over half-known pairs."""
        wanted = list(pairs)
        found: dict[str, int] = {}
        for start in range(0, len(wanted), 500):
            some = wanted[start : start + 500]
            for host, count in self._connection.execute(
                "SELECT coalesce(v.partner_host, ''), count(*) FROM pair p CROSS JOIN vm v ON v.id"
                " = CASE WHEN p.active THEN p.active ELSE p.passive END"
                f" WHERE p.id IN ({', '.join('?' * len(some))}) GROUP BY 1",
                some,
            ):
                found[host] = found.get(host, 0) + count
        return sorted(found.items())

    def examples(self, segments: Iterable[int], limit: int) -> list[str]:
        """Names of a few VMs with an adapter in these segments."""
        wanted = sorted(set(segments))[:500]
        if not wanted:
            return []
        rows = self._connection.execute(
            "SELECT DISTINCT v.name FROM pair_adapter pa CROSS JOIN pair p ON p.id = pa.pair"
            " CROSS JOIN vm v ON v.id = p.passive"
            f" WHERE pa.segment IN ({', '.join('?' * len(wanted))}) LIMIT ?",
            (*wanted, limit),
        )
        return sorted(name for (name,) in rows)

    def pairs(self, segments: Iterable[int]) -> dict[int, tuple[list[int], list[int]]]:
        """Segment -> the pairs of its adapters that stand on a network, and of those that do not.

        Read as texts, since a row each would take five times as long.
        """
        rows = self._connection.execute(PAIRS, [json.dumps(sorted(segments))]).fetchall()
        ids, on, off = zip(*rows, strict=True) if rows else ((), (), ())
        return dict(zip(ids, zip(_numbers(on), _numbers(off), strict=True), strict=True))

    def some_pairs(self, segments: Iterable[int], limit: int) -> dict[int, list[int]]:
        """Segment -> the pairs of a few of its adapters."""
        rows = self._connection.execute(
            SOME_PAIRS, [json.dumps(sorted(segments)), limit]
        ).fetchall()
        ids, some = zip(*rows, strict=True) if rows else ((), ())
        return dict(zip(ids, _numbers(some), strict=True))

    def active_sides(
        self, segments: Iterable[int], limit: int
    ) -> list[tuple[int, int, list[int], list[str]]]:
        """(server, adapters, pairs, a few names) of the active sides in these segments."""
        adapters: Counter[int] = Counter()
        pairs: dict[int, dict[int, str]] = defaultdict(dict)
        for segment in segments:
            for pair, server, name in self._connection.execute(
                "SELECT p.id, v.server, v.name FROM pair_adapter pa"
                " CROSS JOIN pair p ON p.id = pa.pair CROSS JOIN vm v ON v.id = p.active"
                " WHERE pa.segment = ?",
                (segment,),
            ):
                adapters[server] += 1
                pairs[server][pair] = name
        return [
            (server, adapters[server], list(found), sorted(found.values())[:limit])
            for server, found in sorted(pairs.items())
        ]


def _numbers(texts: Iterable[str | None]) -> list[list[int]]:
    """The numbers in each of these, with commas between them; at once, as that is read in C."""
    lists = ",".join([f"[{text or ''}]" for text in texts])
    found: list[list[int]] = json.loads(f"[{lists}]")
    return found
