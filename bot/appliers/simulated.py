"""Confirm every reconnection at once: for the sample estate and rehearsals, never a real site."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bot.domain.estate import Server

if TYPE_CHECKING:
    from bot.domain.orders import Receipt
    from bot.domain.placements import Move


class SimulatedApplier:
    """Reaches the servers of a simulated estate and no other."""

    name = "simulated"
    takes_time = False

    def reaches(self, server: Server) -> bool:
        return server.simulated

    def apply(self, server: Server, moves: Iterable["Move"]) -> Iterator["Receipt"]:
        from bot.domain.orders import Receipt

        for move in moves:
            yield Receipt(move)
