"""VMs that the newest inventory of their server lists and could not read."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.answers.shared import UnreadableVm
from bot.domain.names import name_key

if TYPE_CHECKING:
    from bot.domain.inventory import UnreadableLine

_LONG = 300
"""Characters that are kept of why."""
_COLUMNS = "u.name, s.name, u.as_of, u.why"
_FROM = "unreadable u JOIN server s ON s.id = u.server"


class Unreadable:
    """What is known of each is in the rows of its VM, if it was ever read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def known(self, server: int, guids: Iterable[str]) -> dict[str, int]:
        """VMM id -> VM, of those that were read before and are not gone."""
        return dict(
            self._connection.execute(
                "SELECT v.guid, v.id FROM json_each(?) g CROSS JOIN vm v"
                " ON v.server = ? AND v.guid = g.value WHERE v.gone = 0",
                (json.dumps(list(guids)), server),
            )
        )

    def put(
        self, server: int, name: str, lines: Sequence["UnreadableLine"], before: datetime | None
    ) -> list[UnreadableVm]:
        """Replace those of a server; what cannot be counted on is not known of them any more.

        Args:
            before: when the inventory was collected that was taken in before this one.
        """
        execute = self._connection.execute
        since = dict(execute("SELECT guid, as_of FROM unreadable WHERE server = ?", (server,)))
        execute("DELETE FROM unreadable WHERE server = ?", (server,))
        if not lines:
            return []
        known = self.known(server, (line["id"] for line in lines))
        found, rows = [], []
        for line in lines:
            guid, why = line["id"], " ".join(line["why"].split())[:_LONG]
            vm = known.get(guid, 0)
            as_of = since.get(guid) or (before.isoformat() if vm and before else None)
            rows.append((server, guid, vm, line["name"], name_key(line["name"]), why, as_of))
            found.append(_made(line["name"], name, as_of, why))
        insert = "INSERT INTO unreadable VALUES (?, ?, ?, ?, ?, ?, ?)"
        self._connection.executemany(insert, rows)
        ids = json.dumps(list(known.values()))
        execute(
            "UPDATE vm SET power = NULL, digest = x'' WHERE id IN (SELECT value FROM json_each(?))",
            (ids,),
        )
        execute(
            "UPDATE adapter SET at = -1 WHERE vm IN (SELECT value FROM json_each(?)) AND at IN"
            " (SELECT p.id FROM network n JOIN place p ON p.network = n.id"
            " WHERE n.server = ? AND (n.gone OR p.gone))",
            (ids, server),
        )
        return found

    def hyperv(self, server: int) -> set[str]:
        """The Hyper-V ids of those that were read before."""
        rows = self._connection.execute(
            "SELECT v.hyperv FROM unreadable u JOIN vm v ON v.id = u.vm"
            " WHERE u.server = ? AND v.hyperv IS NOT NULL",
            (server,),
        )
        return {hyperv for (hyperv,) in rows}

    def of_server(self, server: int) -> list[UnreadableVm]:
        """Those of a server, by name."""
        return self._read("u.server = ? ORDER BY u.key, u.guid", (server,))

    def of_vms(self, vms: Iterable[int]) -> list[UnreadableVm]:
        """Those of these VMs that could not be read."""
        return self._read("u.vm IN (SELECT value FROM json_each(?))", (json.dumps(list(vms)),))

    def never_read(self, name: str) -> list[UnreadableVm]:
        """Those of this name of which nothing is known."""
        return self._read("u.vm = 0 AND u.key = ?", (name_key(name),))

    def _read(self, where: str, values: tuple[object, ...]) -> list[UnreadableVm]:
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM {_FROM} WHERE {where}", values)
        return [_made(*row) for row in rows]


def _made(name: str, server: str, as_of: str | None, why: str) -> UnreadableVm:
    moment = datetime.fromisoformat(as_of) if as_of else None
    return UnreadableVm(vm=name, server=server, as_of=moment, why=why)
