"""What the static IP pools of a subnet say of one address."""

import sqlite3
from ipaddress import ip_address

from bot.domain.addresses import PoolView


class Pools:
    """Addresses are stored packed, so that they sort as numbers."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def view(self, place: int, address: str | None, adapter: str) -> PoolView:
        """The view of one adapter.

        Args:
            place: the target subnet.
            address: the adapter's IPv4 address now, if it has one.
            adapter: the VMM id of the replica's own adapter.
        """
        row = self._connection.execute("SELECT pools FROM place WHERE id = ?", (place,)).fetchone()
        if row is None or row[0] is None:
            return PoolView()
        ranges = self._connection.execute(
            "SELECT first, last FROM pool WHERE place = ? ORDER BY first", (place,)
        ).fetchall()
        holds = free = False
        if address is not None:
            packed = ip_address(address).packed
            holds = any(
                first <= packed <= last for first, last in ranges if len(first) == len(packed)
            )
            taken = self._connection.execute(
                "SELECT adapter, reserved FROM taken WHERE place = ? AND address = ?",
                (place, packed),
            ).fetchone()
            if taken is None:
                free = True
            elif taken[1]:
                holds = False
            else:
                free = bool(adapter) and taken[0] == adapter
        return PoolView(
            pools=row[0], holds=holds, free_or_own=free, next_free=self._next_free(place, ranges)
        )

    def _next_free(self, place: int, ranges: list[tuple[bytes, bytes]]) -> str | None:
        for first, last in ranges:
            if len(first) != 4:
                continue
            candidate = int.from_bytes(first)
            for (used,) in self._connection.execute(
                "SELECT address FROM taken WHERE place = ? AND address BETWEEN ? AND ?"
                " ORDER BY address",
                (place, first, last),
            ):
                number = int.from_bytes(used)
                if number > candidate:
                    break
                candidate = number + 1
            if candidate <= int.from_bytes(last):
                return str(ip_address(candidate))
        return None
