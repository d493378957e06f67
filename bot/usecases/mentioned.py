"""Find the VMs that a text names, as an incident's message does."""

import re
from typing import NamedTuple

from bot.domain.names import has_control, normal
from bot.ports import Ports

WORDS = 4
"""The longest name, in words."""
MOST_WORDS = 2_000

_WORD = re.compile(r"[^\s,;:!?()\[\]{}<>\"'`“”‘’|*~\ud800-\udfff]+")
_EDGES = ".-_/\\"


class Named(NamedTuple):
    """What a text names."""

    names: list[str]
    more: int = 0
    """Beyond those."""
    near: tuple[str, ...] = ()
    """Names like a word of it, where nothing is named."""


def vms_in(ports: Ports, text: str, most: int) -> Named:
    """The VMs a text names, in its order; the longest name that fits counts.

    Args:
        ports: the store.
        text: as it reads, without entities.
        most: how many to give.
    """
    words = [m[0] for m in _WORD.finditer(normal(text))][:MOST_WORDS]
    found: dict[str, None] = {}
    near: dict[str, None] = {}
    known: dict[str, str] = {}
    with ports.store.read() as tables:

        def name_of(candidate: str) -> str:
            if candidate not in known:
                usable = 1 < len(candidate) <= 200 and not has_control(candidate)
                rows = tables.vms.named(candidate) if usable else []
                known[candidate] = rows[0].name if rows else ""
            return known[candidate]

        at = 0
        while at < len(words):
            for length in range(min(WORDS, len(words) - at), 0, -1):
                said = " ".join(words[at : at + length])
                name = name_of(said) or name_of(said.strip(_EDGES))
                name = name or (name_of(said.split(".")[0]) if length == 1 else "")
                if name:
                    found.setdefault(name)
                    at += length
                    break
            else:
                at += 1
        if not found:
            for word in words[:100]:
                if any(c.isdigit() for c in word):
                    near |= dict.fromkeys(tables.vms.near(word, 1))
    names = list(found)
    return Named(names[:most], max(0, len(names) - most), tuple(near))
