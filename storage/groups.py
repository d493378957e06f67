"""What is stored of the pairs that are to be derived anew, and of what is on its way in."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from bot.domain.codes import Power, VmRole
from bot.domain.pairs import Left, Pair, PairNic, VmNic, VmObject
from bot.domain.placements import SegmentKey
from storage.addresses import count_v4
from storage.rows import maker

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


class Groups:
    """Reads the groups of the Hyper-V ids in `temp.affected`.

    Args:
        segments: class -> its id; those that are met are added.
    """

    def __init__(self, connection: sqlite3.Connection, segments: dict[SegmentKey, int]) -> None:
        self._connection = connection
        self._segments = segments
        self._classes: dict[int, tuple[SegmentKey, int]] = {}

    def read(self, staged: Staged | None = None) -> Iterator[Group]:
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


def _by_id(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, _Rows]]:
    for hyperv, group in groupby(rows, itemgetter(0)):
        yield hyperv, list(group)


def _alone(rows: _Rows) -> Iterator[tuple[int, _Rows]]:
    for row in rows:
        yield row[1], [row]
