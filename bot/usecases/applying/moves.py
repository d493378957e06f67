"""What a change moves: counted class by class, and listed only for those who need every adapter.

A change may move a hundred thousand adapters and still be told in a dozen lines, so the list is
made when somebody asks for it. That has to be in the transaction that counted.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from operator import rshift

from bot.domain.answers.shared import Tally
from bot.domain.asking import Sheet
from bot.domain.placements import Group, Move, Segment
from bot.ports import Tables
from bot.usecases.placing import (
    STATES,
    Outcome,
    in_names,
    rank,
    reconnection,
    spot,
    worst_first,
)

ROUGH = 20
"""So many times a page are named to choose the page from."""
_AT_ONCE = 1000


class Moves:
    """The adapters of some classes that do not stand where they belong.

    Args:
        segments: at least the classes meant, by id.
        ids: the classes.
    """

    def __init__(self, tables: Tables, segments: dict[int, Segment], ids: Iterable[int]) -> None:
        self._tables = tables
        self._segments = segments
        self._ids = frozenset(ids)
        self.groups: list[Group] = tables.segments.out_of_place(self._ids)
        self._adapters = Counter[int]()
        for group in self.groups:
            self._adapters[group.segment] += group.adapters
        self._numbers: dict[frozenset[int], Sequence[int]] = {}
        self._tallies: dict[frozenset[int], Tally] = {}
        self._listed: list[Move] | None = None

    def __len__(self) -> int:
        return self._adapters.total()

    def __iter__(self) -> Iterator[Move]:
        return iter(self.load())

    def load(self) -> list[Move]:
        """All of them; kept, so that they can be had after the transaction."""
        if self._listed is None:
            self._listed = list(self._tables.segments.moves(self._ids))
        return self._listed

    def tally(self, ids: Iterable[int]) -> Tally:
        """How many adapters of these classes move, and of how many VMs."""
        moving = frozenset(id for id in ids if self._adapters[id])
        if moving not in self._tallies:
            numbers = self.numbers(moving)
            vms = len(set(map(rshift, numbers, repeat(8))))
            self._tallies[moving] = Tally(vms=vms, adapters=len(numbers))
        return self._tallies[moving]

    def numbers(self, ids: Iterable[int] | None = None) -> Sequence[int]:
        """Pair and slot of each, of these classes or of all: pair * 256 + slot, in order."""
        moving = frozenset(
            id for id in (self._adapters if ids is None else ids) if self._adapters[id]
        )
        if moving not in self._numbers:
            self._numbers[moving] = self._tables.segments.numbers(moving)
        return self._numbers[moving]

    def vms(self, ids: Iterable[int]) -> int:
        """How many VMs have an adapter in these classes, whether it moves or not."""
        wanted = frozenset(id for id in ids if self._segments[id].adapters)
        if all(self._adapters[id] == self._segments[id].adapters for id in wanted):
            return self.tally(wanted).vms  # which is known, as those that move were counted
        return self._tables.segments.pairs(wanted)

    def first(self, page: int) -> list[Move]:
        """Those to choose a page from, worst classes first; all of them if they are not many."""
        if len(self) <= ROUGH * page:
            return self.load()
        found: list[Move] = []
        for id in sorted(self._ids, key=self._rank):
            if self._adapters[id]:
                left = ROUGH * page - len(found)
                found += self._tables.segments.moves([id], limit=left)
            if len(found) >= ROUGH * page:
                break
        return worst_first(found, self._segments, {})

    def write(
        self, tables: Tables, sheet: Sheet, outcome: Outcome, made: Sequence[Move] = ()
    ) -> None:
        """All of them in names, worst classes first.

        Args:
            tables: sees what the transaction saw that counted them; any, if they are listed.
            made: others that moved before, where these are listed.
        """
        if self._listed is not None:  # some may stand where they belong by now
            self._write_listed(tables, sheet, outcome, [*self._listed, *made])
            return
        estate = tables.estate()
        for group in sorted(self.groups, key=lambda g: (self._rank(g.segment), g.observed)):
            segment = self._segments[group.segment]
            way = spot(estate, group.observed), spot(estate, group.wish)
            told = STATES[segment.readiness], ""
            for slot, names in tables.segments.names_at(group):
                sheet.moves(reconnection(estate, segment, "", slot, way, told), names)

    def _write_listed(
        self, tables: Tables, sheet: Sheet, outcome: Outcome, moves: Sequence[Move]
    ) -> None:
        ordered = worst_first(moves, self._segments, {})
        for start in range(0, len(ordered), _AT_ONCE):
            found, _ = in_names(
                tables,
                tables.estate(),
                ordered[start : start + _AT_ONCE],
                self._segments,
                outcome,
                None,
            )
            for one in found:
                sheet.moves(one, json.dumps([one.vm]))

    def _rank(self, id: int) -> tuple[tuple[int, int], int]:
        wish = next((group.wish for group in self.groups if group.segment == id), 0)
        return rank(self._segments[id], wish), id
