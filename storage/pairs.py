"""Pairs: what is asked of those stored. What derives and stores them is a draft."""

import json
import sqlite3
from collections.abc import Iterator

from bot.domain.pairs import PairFault
from storage.drafts import Draft

_ALL = 2 * max(PairFault)
_DISPUTED = PairFault.BOTH_PRIMARY | PairFault.BOTH_REPLICA


class Pairs:
    """Derived from the VM objects of both sides."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def draft(self) -> Draft:
        """To derive some of them anew."""
        return Draft(self._connection)

    def set_home(self, pair: int, vm: int) -> None:
        """An admin's word on where a pair is at home."""
        self._connection.execute("UPDATE pair SET home = ?, home_set = 1 WHERE id = ?", (vm, pair))

    def disputed(self, server: int) -> list[str]:
        """Hyper-V ids of pairs with a side on this server that its age decides about."""
        # Each value with such a bit, as a mask would look at every pair that has any fault.
        found = [value for value in range(1, _ALL) if value & _DISPUTED]
        rows = self._connection.execute(
            "SELECT hyperv FROM pair WHERE faults <> 0 AND faults IN"
            f" ({', '.join(map(str, found))}) AND ? IN"
            " ((SELECT server FROM vm WHERE id = active),"
            " (SELECT server FROM vm WHERE id = passive))",
            (server,),
        )
        return [hyperv for (hyperv,) in rows]

    def all_of(self, server: int) -> Iterator[str]:
        """The Hyper-V id of every VM of a server."""
        for (hyperv,) in self._connection.execute(
            "SELECT DISTINCT hyperv FROM vm WHERE server = ? AND hyperv IS NOT NULL", (server,)
        ):
            yield hyperv

    def on_hosts(self, server: int, hosts: set[int]) -> Iterator[str]:
        """The Hyper-V id of every VM on these hosts of a server."""
        for (hyperv,) in self._connection.execute(
            "SELECT hyperv FROM vm WHERE server = ? AND hyperv IS NOT NULL AND host IN"
            " (SELECT value FROM json_each(?))",
            (server, json.dumps(sorted(hosts))),
        ):
            yield hyperv
