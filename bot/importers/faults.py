"""What is wrong with an inventory, said so that a person finds the place."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.domain.errors import InventoryFault
from bot.domain.inventory import MAX_FAULTS

_PLACE = re.compile(r"[a-z_]+(\.\w+)*: ")
_AT_LINE_1 = re.compile(r" at line 1 column (\d+)$")

_SENTENCES = {
    "missing": "is missing",
    "extra_forbidden": "is not a key of this format",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "string_pattern_mismatch": "holds control characters, or nothing that can be seen",
}


class Faults:
    """The first faults of one inventory.

    Args:
        names: the file or files, for the message.
        places: what to call each line, by its number; None where lines are what the person sees.
    """

    def __init__(self, names: str, places: Sequence[str] | None = None) -> None:
        self._names = names
        self._places = places
        self._texts: dict[tuple[int, str], None] = {}

    def add(self, number: int, text: str) -> None:
        """Keep `text`, either a sentence or `vm.adapters.0.slot: a sentence`."""
        if not self.full:
            self._texts[(number, text)] = None

    def add_all(self, number: int, error: ValidationError) -> None:
        """Keep all that pydantic found on a line."""
        for detail in error.errors(include_url=False, include_context=False):
            self.add(number, sentence(detail))

    @property
    def none(self) -> bool:
        """Whether nothing was found so far."""
        return not self._texts

    @property
    def full(self) -> bool:
        """Whether so many are kept that looking further helps nobody."""
        return len(self._texts) >= MAX_FAULTS

    def finish(self) -> None:
        """Raise InventoryFault if there is any."""
        if not self._texts:
            return
        count = f"the first {MAX_FAULTS} faults" if self.full else _count(len(self._texts))
        raise InventoryFault(
            f"{self._names} cannot be taken in: {count} found, nothing of it was imported.",
            facts=[self._fact(number, text) for number, text in sorted(self._texts)],
        )

    def _fact(self, number: int, text: str) -> str:
        known = self._places is not None and number <= len(self._places)
        place = self._places[number - 1] if self._places and known else f"line {number}"
        return f"{place}{', ' if _PLACE.match(text) else ': '}{text}"


def sentence(detail: ErrorDetails) -> str:
    """One finding of pydantic as `place: what is wrong (got the value)`."""
    place = ".".join(str(part) for part in detail["loc"])
    kind = detail["type"]
    if kind == "json_invalid":
        text = detail["msg"].replace("Invalid JSON: ", "is not valid JSON: ", 1)
        return _AT_LINE_1.sub(r" at column \1", text)
    text = _SENTENCES.get(kind, detail["msg"])
    got = "" if kind in ("missing", "extra_forbidden") else _got(detail["input"])
    return f"{place}: {text}{got}" if place else f"{text}{got}"


def _got(value: Any) -> str:
    if isinstance(value, dict):
        return " (got an object)"
    if isinstance(value, list):
        return " (got a list)"
    if isinstance(value, int) and abs(value) > 10**18:
        return " (got a number far too large)"
    shown = repr(value)
    return f" (got {shown if len(shown) <= 80 else shown[:77] + '…'})"


def _count(n: int) -> str:
    return "1 fault" if n == 1 else f"{n} faults"
