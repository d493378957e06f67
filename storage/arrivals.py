"""VMs on their way in: found among those known, compared, and at last taken over.

Looking is long and touches temporary tables only, so it is done before the lock; what is then
written are the rows that differ.
"""

import json
import sqlite3
from collections.abc import Sequence

from bot.domain.codes import VmRole
from bot.domain.pairs import Pair
from bot.domain.reports import Renamed, VmNews
from storage.drafts import NAME_THEM
from storage.groups import Staged
from storage.stage import Stage

_SHOWN = 100

_OF_OLD = "a.ns BETWEEN stage_old.n * 256 AND stage_old.n * 256 + 255"
_OTHER_NICS = f"""
    UPDATE temp.stage_old SET nics = 1 WHERE
      (SELECT count(*) FROM temp.stage_adapter a WHERE {_OF_OLD}) <>
      (SELECT count(*) FROM adapter b WHERE b.vm = stage_old.id)
      OR EXISTS (SELECT 1 FROM temp.stage_adapter a CROSS JOIN temp.stage_port p ON p.n = a.port
        LEFT JOIN adapter b ON b.vm = stage_old.id AND b.slot = a.ns & 255
        WHERE {_OF_OLD} AND (b.at IS NOT p.at OR b.guid <> a.guid OR b.name <> a.name
          OR b.mac <> a.mac OR b.addressing <> p.addressing OR b.addresses <> a.addresses))
"""
_OTHER_PAIRING = """
    UPDATE temp.stage_old SET pairing = 1 WHERE gone OR nics OR EXISTS (
      SELECT 1 FROM temp.stage_vm s CROSS JOIN vm v ON v.id = stage_old.id
        CROSS JOIN temp.stage_kind k ON k.n = s.kind
        WHERE s.n = stage_old.n AND (v.hyperv IS NOT s.hyperv OR v.name <> s.name
          OR v.role IS NOT k.role OR v.state IS NOT k.state OR v.power IS NOT k.power
          OR v.cloud <> k.cloud OR v.host <> k.host))
"""
"""What of a VM its pairs do not depend on may change without asking anew."""
_LONE = """
    INSERT INTO temp.stage_lone SELECT s.n, k.role, s.several
      FROM temp.stage_vm s CROSS JOIN temp.stage_kind k ON k.n = s.kind
      WHERE s.hyperv IS NOT NULL AND NOT EXISTS (SELECT 1 FROM temp.stage_old o WHERE o.n = s.n)
        AND NOT EXISTS
          (SELECT 1 FROM temp.stage_vm t WHERE t.hyperv = s.hyperv AND t.n <> s.n)
        AND NOT EXISTS (SELECT 1 FROM vm v WHERE v.hyperv = s.hyperv)
        AND NOT EXISTS (SELECT 1 FROM pair p WHERE p.hyperv = s.hyperv)
"""
_AFFECTED = (
    "SELECT s.hyperv FROM temp.stage_vm s WHERE s.hyperv IS NOT NULL"
    " AND s.n NOT IN (SELECT n FROM temp.stage_old UNION ALL SELECT n FROM temp.stage_lone)",
    "SELECT s.hyperv FROM temp.stage_old o JOIN temp.stage_vm s ON s.n = o.n"
    " WHERE o.pairing AND s.hyperv IS NOT NULL",
    "SELECT v.hyperv FROM temp.stage_old o CROSS JOIN vm v ON v.id = o.id"
    " WHERE o.pairing AND v.hyperv IS NOT NULL",
    "SELECT v.hyperv FROM temp.stage_gone g CROSS JOIN vm v ON v.id = g.id"
    " WHERE v.hyperv IS NOT NULL",
)
_RENAMED = """
    SELECT {what} FROM temp.stage_old o JOIN temp.stage_vm s ON s.n = o.n
      CROSS JOIN vm v ON v.id = o.id WHERE NOT o.plain AND NOT o.gone AND v.name <> s.name
"""
_LINE_UP = """
    INSERT INTO temp.stage_same SELECT o.id, k.cloud, k.host, k.role, k.partner, k.state, k.health,
      k.power, s.digest
      FROM temp.stage_old o CROSS JOIN temp.stage_vm s ON s.n = o.n
        CROSS JOIN temp.stage_kind k ON k.n = s.kind WHERE o.plain ORDER BY o.id
"""
_SAME_NAME = """
    UPDATE OR FAIL vm SET (cloud, host, role, partner_host, state, health, power, digest) =
      (SELECT cloud, host, role, partner, state, health, power, digest FROM temp.stage_same t
        WHERE t.id = vm.id)
    WHERE id IN (SELECT id FROM temp.stage_same)
"""
"""Names and ids are indexed; where they are as they were, no index is touched.

Seven times faster than `UPDATE vm … FROM`, which copies all of it first, and without `OR FAIL`,
which keeps every page as it was to take this statement back by itself: what is left of one that
fails goes with its transaction.
"""
_TAKE = """
    INSERT INTO vm (id, server, guid, hyperv, name, key, cloud, host, role, partner_host, state,
      health, power, digest)
    SELECT coalesce(o.id, ? + s.n), ?, s.guid, s.hyperv, s.name, s.key, k.cloud, k.host,
      k.role, k.partner, k.state, k.health, k.power, s.digest
    FROM temp.stage_vm s CROSS JOIN temp.stage_kind k ON k.n = s.kind
      LEFT JOIN temp.stage_old o ON o.n = s.n
    WHERE o.n IS NULL OR NOT o.plain ORDER BY s.n
    ON CONFLICT (id) DO UPDATE SET hyperv = excluded.hyperv, name = excluded.name,
      key = excluded.key, cloud = excluded.cloud, host = excluded.host, role = excluded.role,
      partner_host = excluded.partner_host, state = excluded.state, health = excluded.health,
      power = excluded.power, digest = excluded.digest, gone = 0
"""
_TAKE_NICS = """
    INSERT INTO adapter (vm, slot, guid, name, mac, at, addressing, addresses)
    SELECT coalesce(o.id, ? + (a.ns >> 8)), a.ns & 255, a.guid, a.name, a.mac, p.at,
      p.addressing, a.addresses
    FROM temp.stage_adapter a CROSS JOIN temp.stage_port p ON p.n = a.port
      LEFT JOIN temp.stage_old o ON o.n = a.ns >> 8
    WHERE o.n IS NULL OR o.nics ORDER BY a.ns
"""
_TAKE_LONE = """
    INSERT INTO pair (hyperv, active, passive, home, away, failed_over, home_set, faults, since)
    SELECT s.hyperv, ?1 * (?5 + s.n), ?2 * (?5 + s.n), ?3 * (?5 + s.n), 0, 0, 0, ?4, 0
    FROM temp.stage_lone l JOIN temp.stage_vm s ON s.n = l.n
    WHERE l.role IS ?6 AND l.several = ?7 ORDER BY l.n
"""


class Arrivals:
    """What the stage holds of one server, beside what is stored of it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, server: int, collected_at: str, stage: Stage, lists_vms: bool) -> VmNews:
        """See which of the staged VMs are known and what they bring; writes nothing but the stage.

        The pairs they bear on are affected in the stage's draft, but for those of VMs that are
        new and alone (`lone`).

        Args:
            collected_at: ISO 8601 UTC.
            lists_vms: what the file does not list is gone.
        """
        execute = self._connection.execute
        for table in ("stage_old", "stage_gone", "stage_lone", "stage_same"):
            execute(f"DELETE FROM temp.{table}")
        stage.draft.begin()
        (last_id,) = execute("SELECT coalesce(max(id), 0) FROM vm").fetchone()
        stage.staged_as = Staged(server, collected_at, last_id)
        if execute("SELECT 1 FROM vm WHERE server = ? LIMIT 1", (server,)).fetchone():
            execute(
                "INSERT INTO temp.stage_old (n, id, gone, plain) SELECT s.n, v.id, v.gone,"
                " v.gone = 0 AND v.name = s.name AND v.hyperv IS s.hyperv FROM temp.stage_vm s"
                " CROSS JOIN vm v ON v.server = ? AND v.guid = s.guid",
                (server,),
            )
            execute(_OTHER_NICS)
            execute(_OTHER_PAIRING)
            execute(_LINE_UP)
        if not lists_vms:
            return VmNews()
        present = {id for (id,) in execute("SELECT id FROM temp.stage_old WHERE gone = 0")}
        missing = self._missing(stage, present)
        self._connection.executemany(
            "INSERT INTO temp.stage_gone VALUES (?)", [(id,) for id in missing]
        )
        execute(_LONE)
        for select in _AFFECTED:
            execute(f"INSERT OR IGNORE INTO temp.affected {select}")
        renamed = execute(_RENAMED.format(what="v.name, s.name") + " LIMIT ?", (_SHOWN,)).fetchall()
        (other_name,) = execute(_RENAMED.format(what="count(*)")).fetchone()
        return VmNews(
            new=stage.staged - len(present),
            gone=len(missing),
            changed=len(present),
            renamed=[Renamed(was=was, now=now) for was, now in renamed],
            other_name=other_name,
            known=len(stage.known.vms) + len(stage.known.unread),
            twice=self._twice(stage, present),
        )

    @staticmethod
    def _missing(stage: Stage, present: set[int]) -> Sequence[int]:
        """VMs that were known and are not listed."""
        known = stage.known
        if len(stage.kept) + len(present) == len(known.vms) + len(known.unread) and (
            stage.kept.isdisjoint(present)
        ):
            return ()
        return sorted(known.unread.union(known.vms.values()) - stage.kept - present)

    def _twice(self, stage: Stage, present: set[int]) -> list[str]:
        """Names of VMs that the file lists both as they were and changed."""
        both = sorted(stage.kept & present)[:_SHOWN]
        rows = self._connection.execute(
            "SELECT v.name FROM json_each(?) b CROSS JOIN vm v ON v.id = b.value",
            (json.dumps(both),),
        )
        return [name for (name,) in rows]

    def pairs_as_before(self) -> int:
        """How many pairs with both sides the changed VMs have that are not derived anew."""
        (count,) = self._connection.execute(
            "SELECT count(*) FROM (SELECT s.hyperv FROM temp.stage_old o"
            " JOIN temp.stage_vm s ON s.n = o.n WHERE NOT o.pairing AND s.hyperv IS NOT NULL"
            " EXCEPT SELECT hyperv FROM temp.affected) h"
            " CROSS JOIN pair p ON p.hyperv = h.hyperv WHERE p.active <> 0 AND p.passive <> 0"
        ).fetchone()
        return int(count)

    def lone(self) -> list[tuple[VmRole | None, bool]]:
        """(role, whether an adapter has several addresses) of the new VMs that have no other side.

        There are hundreds of thousands when a server is first seen, and a handful of kinds.
        """
        rows = self._connection.execute("SELECT DISTINCT role, several FROM temp.stage_lone")
        return [(VmRole(role) if role else None, bool(several)) for role, several in rows]

    def put(self, stage: Stage) -> None:
        """Take the staged VMs in and mark gone those the file does not list."""
        execute, staged = self._connection.execute, stage.staged_as
        assert staged is not None
        execute("UPDATE vm SET gone = 1, digest = x'' WHERE id IN (SELECT id FROM temp.stage_gone)")
        execute(
            "DELETE FROM adapter WHERE vm IN (SELECT id FROM temp.stage_gone UNION ALL"
            " SELECT id FROM temp.stage_old WHERE nics)"
        )
        execute(_SAME_NAME)
        execute(_TAKE, (staged.last_id, staged.server))
        execute(_TAKE_NICS, (staged.last_id,))

    def put_lone(self, stage: Stage, role: VmRole | None, several: bool, pair: Pair) -> None:
        """Store the pairs of the new VMs of one kind that have no other side.

        Args:
            pair: as it would be if the VM's id were 1.
        """
        assert stage.staged_as is not None
        sides = (pair.active, pair.passive, pair.home)
        values = (*sides, int(pair.faults), stage.staged_as.last_id)
        execute = self._connection.execute
        (last,) = execute("SELECT coalesce(max(id), 0) FROM pair").fetchone()
        execute(_TAKE_LONE, (*values, role and role.value, int(several)))
        execute(NAME_THEM.format(pairs="(SELECT * FROM pair WHERE id > ?) p"), (last,))

    def dangling(self, server: int) -> list[tuple[str, str]]:
        """(VM, network) where an unchanged VM is on a network or subnet that is gone."""
        rows = self._connection.execute(
            "SELECT v.name, n.name FROM place p JOIN network n ON n.id = p.network"
            " CROSS JOIN adapter a ON a.at = p.id JOIN vm v ON v.id = a.vm"
            " WHERE n.server = ? AND (n.gone = 1 OR p.gone = 1) AND v.gone = 0 LIMIT 100",
            (server,),
        )
        return [(vm, network) for vm, network in rows]
