"""Pairs and their adapters: what pairing needs to see, and what it decided."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby

from bot.domain.codes import Power, VmRole
from bot.domain.pairs import Derived, KnownNic, KnownPair, Pair, PairFault, VmNic, VmObject
from bot.domain.placements import SegmentKey

_CHUNK = 1000

_NAME_THEM = """
    INSERT INTO pair_name (id, name) SELECT p.id, v.name FROM json_each(?) n
      CROSS JOIN pair p ON p.id = n.value
      CROSS JOIN vm v ON v.id = CASE WHEN p.passive THEN p.passive ELSE p.active END
      WHERE true ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE name <> excluded.name
"""
"""A VM may have another name although nothing else of its pair has changed."""

# What `_make` does, without its detour through Python: there are hundreds of thousands of each.
_nic: Callable[[tuple[object, ...]], VmNic] = partial(tuple.__new__, VmNic)
_object: Callable[[tuple[object, ...]], VmObject] = partial(tuple.__new__, VmObject)

_ROLES: dict[str | None, VmRole] = {role.value: role for role in VmRole}
_POWERS: dict[str | None, Power] = {power.value: power for power in Power}


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
        nics: dict[int, list[VmNic]] = defaultdict(list)
        for vm, slot, at, addressing, addresses in self._connection.execute(
            "SELECT a.vm, a.slot, a.at, a.addressing, a.addresses"
            " FROM vm v CROSS JOIN adapter a ON a.vm = v.id"
            f" WHERE v.hyperv IN ({marks}) AND v.gone = 0 ORDER BY a.vm, a.slot",
            hyperv,
        ):
            nics[vm].append(_nic((slot, at, addressing, _count_v4(addresses))))
        found: dict[str, list[VmObject]] = defaultdict(list)
        for id, vm, server, role, state, power, *rest in self._connection.execute(
            "SELECT v.hyperv, v.id, v.server, v.role, v.state, v.power, v.cloud,"
            " coalesce(h.reach, 0), s.collected_at"
            " FROM vm v JOIN server s ON s.id = v.server LEFT JOIN host h ON h.id = v.host"
            f" WHERE v.hyperv IN ({marks}) AND v.gone = 0 ORDER BY v.hyperv, v.id",
            hyperv,
        ):
            of_vm = (vm, server, _ROLES.get(role), state, _POWERS.get(power), *rest)
            found[id].append(_object((*of_vm, tuple(nics.get(vm, ())))))
        return found

    def _known(self, hyperv: Sequence[str]) -> dict[str, list[KnownPair]]:
        marks = ", ".join("?" * len(hyperv))
        rows = self._connection.execute(
            "SELECT p.hyperv, p.id, p.active, p.passive, p.home, p.away, p.home_set,"
            " p.failed_over, p.faults, pa.slot,"
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
            id, pair, active, passive, home, away, home_set, failed_over, faults, *_ = lines[0]
            found[id].append(
                KnownPair(
                    id=pair,
                    active=active,
                    passive=passive,
                    home=home,
                    away=bool(away),
                    home_set=bool(home_set),
                    nics=tuple(
                        KnownNic(line[9], SegmentKey(*line[10:18]), *line[18:22])
                        for line in lines
                        if line[9] is not None
                    ),
                    failed_over=bool(failed_over),
                    faults=faults,
                )
            )
        return found

    def replace(
        self, derived: Iterable[Derived], intern: Callable[[SegmentKey], int], change: int
    ) -> set[int]:
        """Store derived pairs in the place of those known; rows that stay as they are stay alone.

        Args:
            intern: a class -> its id.

        Returns:
            the segments that gained or lost adapters.
        """
        (last_id,) = self._connection.execute("SELECT coalesce(max(id), 0) FROM pair").fetchone()
        pairs: list[tuple[object, ...]] = []
        nics: list[tuple[int, ...]] = []
        lost_pairs: list[tuple[int]] = []
        lost_nics: list[tuple[int, int]] = []
        more: Counter[int] = Counter()
        named: list[int] = []
        for hyperv, known, found in derived:
            before = {old.id: old for old in known}
            for pair in found:
                old = before.pop(pair.id, None)
                id = pair.id
                if old is None:
                    id = last_id = last_id + 1
                named.append(id)
                row = _pair_row(pair)
                if old is None or _pair_row(old) != row:
                    pairs.append((id, hyperv, *row, change))
                seen = {nic.slot: nic for nic in old.nics} if old is not None else {}
                for nic in pair.nics:
                    was = seen.pop(nic.slot, None)
                    if was is not None and was[:5] == nic:
                        continue
                    segment = intern(nic.key)
                    nics.append((id, nic.slot, segment, *nic[2:]))
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
        many = self._connection.executemany
        many("DELETE FROM pair_adapter WHERE pair = ?", lost_pairs)
        many("DELETE FROM pair WHERE id = ?", lost_pairs)
        many("DELETE FROM pair_name WHERE id = ?", lost_pairs)
        many("DELETE FROM pair_adapter WHERE pair = ? AND slot = ?", lost_nics)
        many(
            "INSERT INTO pair (id, hyperv, active, passive, home, away, failed_over, home_set,"
            " faults, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET active = excluded.active,"
            " passive = excluded.passive, home = excluded.home, away = excluded.away,"
            " failed_over = excluded.failed_over, home_set = excluded.home_set,"
            " faults = excluded.faults,"
            " since = CASE WHEN active = excluded.active THEN since ELSE excluded.since END",
            pairs,
        )
        many(
            "INSERT INTO pair_adapter (pair, slot, segment, observed, observed_since, joined)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (pair, slot) DO UPDATE SET"
            " segment = excluded.segment, observed = excluded.observed,"
            " observed_since = excluded.observed_since, joined = excluded.joined",
            nics,
        )
        self._connection.execute(_NAME_THEM, [json.dumps(named)])
        many(
            "UPDATE segment SET adapters = adapters + ? WHERE id = ?",
            [(count, segment) for segment, count in more.items() if count],
        )
        return set(more)

    def set_home(self, pair: int, vm: int) -> None:
        """An admin's word on where a pair is at home."""
        self._connection.execute("UPDATE pair SET home = ?, home_set = 1 WHERE id = ?", (vm, pair))

    def disputed(self, server: int) -> list[str]:
        """Hyper-V ids of pairs with a side on this server that its age decides about."""
        rows = self._connection.execute(
            "SELECT hyperv FROM pair WHERE faults <> 0 AND faults & ? AND ? IN"
            " ((SELECT server FROM vm WHERE id = active),"
            " (SELECT server FROM vm WHERE id = passive))",
            (int(PairFault.BOTH_PRIMARY | PairFault.BOTH_REPLICA), server),
        )
        return [hyperv for (hyperv,) in rows]

    def all_of(self, server: int) -> Iterator[str]:
        """The Hyper-V id of every VM of a server."""
        for (hyperv,) in self._connection.execute(
            "SELECT DISTINCT hyperv FROM vm WHERE server = ? AND hyperv IS NOT NULL", (server,)
        ):
            yield hyperv


def _pair_row(pair: Pair | KnownPair) -> tuple[int, ...]:
    return (
        pair.active,
        pair.passive,
        pair.home,
        int(pair.away),
        int(pair.failed_over),
        int(pair.home_set),
        int(pair.faults),
    )


def _count_v4(addresses: str) -> int:
    if not addresses:
        return 0
    if ":" not in addresses:
        return addresses.count(" ") + 1
    return sum(":" not in address for address in addresses.split())
