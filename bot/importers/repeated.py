"""Keys that an object has twice: JSON lets the last of them win, and which was meant nobody knows.

Counted first, as a line without any is told by it: each key takes one `":`, unless there is white
space between, and more of them stand only in strings. Only a line that does not add up is read
again, key by key.
"""

import json
from collections.abc import Mapping
from typing import Any

_KEY = b'":'
_SPACED = (b" :", b"\t", b"\r")
"""One of them stands where there is white space between a key and its colon."""


def repeated(raw: bytes, line: Mapping[str, Any]) -> list[str]:
    """The keys that stand twice in one object of a JSON line.

    Args:
        line: what it says.
    """
    return [] if _has_keys(raw, _keys(line)) else _again(raw)


def repeated_of_vm(raw: bytes, vm: Mapping[str, Any]) -> list[str]:
    """The same of a VM's line; quick, for there are hundreds of thousands."""
    return [] if _has_keys(raw, 1 + len(vm) + sum(map(len, vm["adapters"]))) else _again(raw)


def _has_keys(raw: bytes, count: int) -> bool:
    """Whether JSON that says so many keys surely has no other: False may mean that it has not."""
    return raw.count(_KEY) == count and not any(map(raw.__contains__, _SPACED))


def _keys(value: object) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(_keys, value.values()))
    return sum(map(_keys, value)) if isinstance(value, list) else 0


def _again(raw: bytes) -> list[str]:
    found: dict[str, None] = {}

    def look(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                found[key] = None
            seen.add(key)

    json.loads(raw, object_pairs_hook=look)
    return list(found)
