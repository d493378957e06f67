"""Pairs and their adapters: what pairing needs to see, and what it decided."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bot.domain.codes import Power, VmRole
from bot.domain.pairs import KnownNic, KnownPair, Pair, PairFault, VmNic, VmObject
from bot.domain.placements import SegmentKey

_CHUNK = 1000


class Pairs:
    """Derived from the VM objects of both sides; an import writes those it touched."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def groups(
        self, hyperv: Iterable[str]
    ) -> Iterator[tuple[str, list[VmObject], list[KnownPair]]]:
        """Hyper-V id, its VMM objects, its pairs as stored; a thousand read at a time."""
        wanted = sorted(set(hyperv))
        for start in range(0, len(wanted), _CHUNK):
            some = wanted[start : start + _CHUNK]
            objects, known = self._objects(some), self._known(some)
            for id in some:
                yield id, objects.get(id, []), known.get(id, [])

    def _objects(self, hyperv: Sequence[str]) -> dict[str, list[VmObject]]:
        marks = ", ".join("?" * len(hyperv))
        rows = self._connection.execute(
            "SELECT v.hyperv, v.id, v.server, v.role, v.state, v.power, v.cloud,"
            " coalesce(h.reach, 0), s.collected_at, a.slot, a.at, a.addressing, a.addresses"
            " FROM vm v JOIN server s ON s.id = v.server LEFT JOIN host h ON h.id = v.host"
            " LEFT JOIN adapter a ON a.vm = v.id"
            f" WHERE v.hyperv IN ({marks}) AND v.gone = 0 ORDER BY v.hyperv, v.id, a.slot",
            hyperv,
        )
        found: dict[str, list[VmObject]] = defaultdict(list)
        for (id, *_), group in groupby(rows, key=lambda row: (row[0], row[1])):
            lines = list(group)
            _, vm, server, role, state, power, cloud, reach, collected_at, *_ = lines[0]
            found[id].append(
                VmObject(
                    id=vm,
                    server=server,
                    role=VmRole(role) if role else None,
                    state=state,
                    power=Power(power) if power else None,
                    cloud=cloud,
                    reach=reach,
                    collected_at=collected_at,
                    nics=tuple(
                        VmNic(slot, at, addressing, _count_v4(addresses))
                        for *_, slot, at, addressing, addresses in lines
                        if slot is not None
                    ),
                )
            )
        return found

    def _known(self, hyperv: Sequence[str]) -> dict[str, list[KnownPair]]:
        marks = ", ".join("?" * len(hyperv))
        rows = self._connection.execute(
            "SELECT p.hyperv, p.id, p.active, p.passive, p.home, p.away, p.home_set, pa.slot,"
            " s.source, s.server, s.baseline, s.readiness, s.cloud, s.toward, s.reach,"
            " s.addressing, pa.observed, pa.observed_since, pa.joined, s.desired"
            " FROM pair p LEFT JOIN pair_adapter pa ON pa.pair = p.id"
            " LEFT JOIN segment s ON s.id = pa.segment"
            f" WHERE p.hyperv IN ({marks}) ORDER BY p.hyperv, p.id, pa.slot",
            hyperv,
        )
        found: dict[str, list[KnownPair]] = defaultdict(list)
        for _, group in groupby(rows, key=lambda row: row[1]):
            lines = list(group)
            id, pair, active, passive, home, away, home_set, *_ = lines[0]
            found[id].append(
                KnownPair(
                    id=pair,
                    active=active,
                    passive=passive,
                    home=home,
                    away=bool(away),
                    home_set=bool(home_set),
                    nics=tuple(
                        KnownNic(line[7], SegmentKey(*line[8:16]), *line[16:20])
                        for line in lines
                        if line[7] is not None
                    ),
                )
            )
        return found

    def replace(
        self,
        hyperv: str,
        known: Sequence[KnownPair],
        pairs: Sequence[Pair],
        segment_ids: dict[SegmentKey, int],
        change: int,
    ) -> None:
        """Store the pairs of one Hyper-V id in the place of those known."""
        execute = self._connection.execute
        kept = {pair.id for pair in pairs if pair.id}
        for old in known:
            execute("DELETE FROM pair_adapter WHERE pair = ?", (old.id,))
            if old.id not in kept:
                execute("DELETE FROM pair WHERE id = ?", (old.id,))
        before = {old.id: old for old in known}
        for pair in pairs:
            old_pair = before.get(pair.id)
            since = change
            if old_pair is not None and old_pair.active == pair.active:
                (since,) = execute("SELECT since FROM pair WHERE id = ?", (pair.id,)).fetchone()
            cursor = execute(
                "INSERT INTO pair (id, hyperv, active, passive, home, away, failed_over, home_set,"
                " since, faults) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET active = excluded.active,"
                " passive = excluded.passive, home = excluded.home, away = excluded.away,"
                " failed_over = excluded.failed_over, home_set = excluded.home_set,"
                " since = excluded.since, faults = excluded.faults",
                (
                    pair.id or None,
                    hyperv,
                    pair.active,
                    pair.passive,
                    pair.home,
                    int(pair.away),
                    int(pair.failed_over),
                    int(pair.home_set),
                    since,
                    int(pair.faults),
                ),
            )
            id = pair.id or cursor.lastrowid
            self._connection.executemany(
                "INSERT INTO pair_adapter (pair, slot, segment, observed, observed_since, joined)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (id, n.slot, segment_ids[n.key], n.observed, n.observed_since, n.joined)
                    for n in pair.nics
                ],
            )

    def set_home(self, pair: int, vm: int) -> None:
        """An admin's word on where a pair is at home."""
        self._connection.execute("UPDATE pair SET home = ?, home_set = 1 WHERE id = ?", (vm, pair))

    def disputed(self, server: int) -> list[str]:
        """Hyper-V ids of pairs with a side on this server that its age decides about."""
        rows = self._connection.execute(
            "SELECT p.hyperv FROM pair p JOIN vm v ON v.id IN (p.active, p.passive)"
            " WHERE p.faults <> 0 AND p.faults & ? AND v.server = ?",
            (int(PairFault.BOTH_PRIMARY | PairFault.BOTH_REPLICA), server),
        )
        return [hyperv for (hyperv,) in rows]

    def all_of(self, server: int) -> Iterator[str]:
        """The Hyper-V id of every VM of a server."""
        for (hyperv,) in self._connection.execute(
            "SELECT DISTINCT hyperv FROM vm WHERE server = ? AND hyperv IS NOT NULL", (server,)
        ):
            yield hyperv


def _count_v4(addresses: str | None) -> int:
    return sum(":" not in address for address in addresses.split()) if addresses else 0
