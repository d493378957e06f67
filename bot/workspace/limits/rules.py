"""Small rules that larger ones are made of: text, numbers, lists, objects.

A rule looks at a value, and where it is wrong adds a sentence with a JSON pointer, as Slack does:
`no more than 25 items allowed [json-pointer:/blocks/1/elements]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.workspace.nouns import Json

Faults = list[str]
Rule = Callable[[Any, str, Faults], None]

URL = re.compile(r"(https?://|slack://|mailto:)\S+", re.IGNORECASE)
PRIVATE_HOST = re.compile(
    r"https?://(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[::1\])", re.IGNORECASE
)


def fault(faults: Faults, at: str, sentence: str) -> None:
    """Add one sentence."""
    faults.append(f"{sentence} [json-pointer:{at or '/'}]")


def string(most: int, least: int = 1) -> Rule:
    """A text of at least `least` and at most `most` characters."""

    def check(value: Any, at: str, faults: Faults) -> None:
        if not isinstance(value, str):
            fault(faults, at, "must be a string")
        elif len(value) < least:
            fault(faults, at, f"must be more than {least - 1} characters")
        elif len(value) > most:
            fault(faults, at, f"must be less than {most + 1} characters")

    return check


def matching(pattern: str, what: str) -> Rule:
    """A text of a form, such as a date."""

    def check(value: Any, at: str, faults: Faults) -> None:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            fault(faults, at, f"must be {what}")

    return check


def url(value: Any, at: str, faults: Faults) -> None:
    """An address."""
    string(3000)(value, at, faults)
    if isinstance(value, str) and not URL.fullmatch(value):
        fault(faults, at, "invalid url")


def picture(value: Any, at: str, faults: Faults) -> None:
    """The address of an image, which Slack's servers must be able to fetch."""
    url(value, at, faults)
    if isinstance(value, str) and PRIVATE_HOST.match(value):
        fault(faults, at, "downloading image failed")


def number(least: int | None = None, most: int | None = None) -> Rule:
    """A whole number between bounds."""

    def check(value: Any, at: str, faults: Faults) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            fault(faults, at, "must be an integer")
        elif least is not None and value < least:
            fault(faults, at, f"must be greater than or equal to {least}")
        elif most is not None and value > most:
            fault(faults, at, f"must be less than or equal to {most}")

    return check


def boolean(value: Any, at: str, faults: Faults) -> None:
    """True or false."""
    if not isinstance(value, bool):
        fault(faults, at, "must be a boolean")


def anything(value: Any, at: str, faults: Faults) -> None:
    """Whatever it is."""


def choice(*allowed: str) -> Rule:
    """One of these words."""

    def check(value: Any, at: str, faults: Faults) -> None:
        if value not in allowed:
            fault(faults, at, f"must be one of: {', '.join(allowed)}")

    return check


def items(rule: Rule, most: int, least: int = 1) -> Rule:
    """A list whose items all keep `rule`."""

    def check(value: Any, at: str, faults: Faults) -> None:
        if not isinstance(value, list):
            fault(faults, at, "must be an array")
            return
        if len(value) > most:
            fault(faults, at, f"no more than {most} items allowed")
        if len(value) < least:
            fault(faults, at, f"no fewer than {least} items allowed")
        for index, item in enumerate(value):
            rule(item, f"{at}/{index}", faults)

    return check


def record(
    required: Mapping[str, Rule],
    optional: Mapping[str, Rule] | None = None,
    *more: Rule,
) -> Rule:
    """An object with these keys and no others; `more` looks at it as a whole."""
    known = {**(optional or {}), **required}

    def check(value: Any, at: str, faults: Faults) -> None:
        if not isinstance(value, dict):
            fault(faults, at, "must be an object")
            return
        for key in required:
            if value.get(key) is None:
                fault(faults, at, f"missing required field: {key}")
        for key, inner in value.items():
            if key not in known:
                fault(faults, at, f"invalid additional property: {key}")
            elif inner is not None or key not in required:
                known[key](inner, f"{at}/{key}", faults)
        for rule in more:
            rule(value, at, faults)

    return check


def typed(kinds: Mapping[str, Rule], allowed: frozenset[str] | None = None) -> Rule:
    """An object whose `type` decides what else is in it; `allowed` narrows the types."""

    def check(value: Any, at: str, faults: Faults) -> None:
        if not isinstance(value, dict):
            fault(faults, at, "must be an object")
            return
        kind = value.get("type")
        if kind is None:
            fault(faults, at, "missing required field: type")
        elif (
            not isinstance(kind, str)
            or kind not in kinds
            or (allowed is not None and kind not in allowed)
        ):
            fault(faults, f"{at}/type", f"unsupported type: {kind}")
        else:
            kinds[kind](value, at, faults)

    return check


def one_of(*keys: str) -> Rule:
    """Exactly one of these keys must be there."""

    def check(value: Json, at: str, faults: Faults) -> None:
        given = [key for key in keys if value.get(key) is not None]
        if len(given) != 1:
            fault(faults, at, f"must define exactly one of: {', '.join(keys)}")

    return check


def some_of(*keys: str) -> Rule:
    """At least one of these keys must be there."""

    def check(value: Json, at: str, faults: Faults) -> None:
        if not any(value.get(key) is not None for key in keys):
            names = " or ".join(f"`{key}`" for key in keys)
            fault(faults, at, f"must define either {names}")

    return check
