"""Confirm every reconnection at once: for the sample estate and rehearsals, never a real site."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bot.domain.estate import Server
from bot.domain.placements import Move


class Receipt(NamedTuple):
    """What became of one adapter."""

    move: Move
    done: bool
    said: str = ""


class SimulatedApplier:
    """Reaches the servers of a simulated estate and no other."""

    name = "simulated"

    def reaches(self, server: Server) -> bool:
        return server.simulated

    def apply(self, server: Server, moves: Iterable[Move]) -> Iterator[Receipt]:
        for move in moves:
            yield Receipt(move, done=True)
