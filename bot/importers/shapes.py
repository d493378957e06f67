"""Objects of JSON that one program wrote, taken apart by a pattern and not one by one.

Such objects have their keys in one order, though not every key is in each. That order is learned
from those that are met. The pattern that is made of it takes nothing but JSON, no key twice and no
key that is not known. What it does not take is left to others: a wrong order costs time only.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

_SHARED = '(?:"[^"]*+"|null|true|false)'


class Taken(NamedTuple):
    """What the objects on some lines say."""

    own: Mapping[str, Sequence[str]]
    """Key -> column; an empty text where an object does not have that key."""
    shared: Sequence[tuple[str, ...]]
    """Of each, the texts of what it may say as many others do."""


class Shape:
    """What objects of one sort look like, each on a line.

    Every `"` ends a text here: of what is taken with a `\\` in it, others have to make sure.

    Args:
        start: a pattern of what stands before the first key.
        end: of what stands after the last value.
        own: key -> pattern of its value, with one group of what to take.
        shared: keys of which many objects say the same.
        needed: keys that every object has.
    """

    def __init__(
        self,
        start: str,
        end: str,
        own: Mapping[str, str],
        shared: Collection[str],
        needed: Collection[str],
    ) -> None:
        self.gap = ""
        """What stands after each colon and comma: nothing, or a space."""
        self._start, self._end = start, end
        self._own, self._shared, self._needed = own, shared, needed
        self._order: list[str] = []
        self._groups: list[str] = []
        """Keys; empty for texts that may be shared."""
        self._pattern = re.compile("(?!)")

    def learn(self, keys: Collection[str], gap: str) -> bool:
        """Take up the order of one object's keys; False if there is nothing new about it."""
        if not self._order:
            self.gap = gap
        if set(self._order).issuperset(keys):
            return False
        known = len(self._order)
        place = 0
        for key in keys:
            if key in self._order:
                place = self._order.index(key) + 1
            elif key in self._own or key in self._shared:
                self._order.insert(place, key)
                place += 1
        if len(self._order) == known:
            return False
        if set(self._order).issuperset(self._needed):
            self._pattern = self._made()
        return True

    def _made(self) -> re.Pattern[str]:
        """The first key is always there; of the others, those that are needed."""
        pattern = self._start.replace(":", ":" + self.gap)
        self._groups.clear()
        for n, key in enumerate(self._order):
            pair = f'"{key}":{self.gap}{self._own.get(key, _SHARED)}'
            if n:
                pair = f",{self.gap}{pair}"
            if n and key not in self._needed:
                pair = f"(?:{pair}|)"
            if key in self._own:
                self._groups.append(key)
                pattern += pair
            elif self._groups[-1:] == [""]:
                pattern = f"{pattern[:-1]}{pair})"
            else:
                self._groups.append("")
                pattern += f"({pair})"
        return re.compile(f"\\n{pattern}{self._end}$", re.MULTILINE)

    def take(self, lines: str, count: int) -> Taken | None:
        """What so many lines say; None if any of them is of another shape."""
        found = self._pattern.findall("\n" + lines)  # `\n` is found faster than `^`
        if len(found) != count:
            return None
        own: dict[str, Sequence[str]] = dict.fromkeys(self._own, [""] * count)
        shared: list[Sequence[str]] = []
        for key, column in zip(self._groups, zip(*found, strict=True), strict=False):
            if key:
                own[key] = column
            else:
                shared.append(column)
        return Taken(own, list(zip(*shared, strict=True)) if shared else [()] * count)
