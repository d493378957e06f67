"""Composition objects: text, options, confirm dialogs, filters."""

from __future__ import annotations

from typing import Any

from bot.workspace.limits.rules import (
    Faults,
    Rule,
    boolean,
    choice,
    fault,
    items,
    one_of,
    record,
    string,
    typed,
    url,
)
from bot.workspace.nouns import Json

ACTION_ID = string(255)
BLOCK_ID = string(255)


def plain(most: int, least: int = 1) -> Rule:
    """A plain_text object."""
    return typed(
        {
            "plain_text": record(
                {"type": choice("plain_text"), "text": string(most, least)}, {"emoji": boolean}
            )
        }
    )


def text(most: int) -> Rule:
    """A plain_text or mrkdwn object."""
    return typed(
        {
            "plain_text": record(
                {"type": choice("plain_text"), "text": string(most)}, {"emoji": boolean}
            ),
            "mrkdwn": record(
                {"type": choice("mrkdwn"), "text": string(most)}, {"verbatim": boolean}
            ),
        }
    )


def option(rich: bool = False, with_url: bool = False) -> Rule:
    """An option; `rich` ones (radio buttons, checkboxes) may use mrkdwn."""
    kind = text if rich else plain
    optional: dict[str, Rule] = {"description": kind(75)}
    if with_url:
        optional["url"] = url
    return record({"text": kind(75), "value": string(150)}, optional)


GROUP = record({"label": plain(75), "options": items(option(), 100)})

CONFIRM = record(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": choice("primary", "danger")},
)

FILTER = record(
    {},
    {
        "include": items(choice("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)

DISPATCH = record(
    {},
    {"trigger_actions_on": items(choice("on_enter_pressed", "on_character_entered"), 2)},
)

SLACK_FILE = record({}, {"id": string(255), "url": url}, one_of("id", "url"))


def unique_values(element: Json, at: str, faults: Faults) -> None:
    """Options must differ in value, and an initial option must be one of them."""
    grouped = [one for group in lists(element, "option_groups") for one in lists(group, "options")]
    options = [one for one in [*lists(element, "options"), *grouped] if isinstance(one, dict)]
    values = [one.get("value") for one in options]
    if len(set(map(str, values))) != len(values):
        fault(faults, at, "option values must be unique")
    initial = [element.get("initial_option"), *lists(element, "initial_options")]
    for one in initial:
        if one is not None and not any(same(one, other) for other in options):
            fault(faults, at, "initial option must exactly match one of the options")


def same(one: Any, other: Json) -> bool:
    """Whether two options are one, text and value."""
    if not isinstance(one, dict) or not isinstance(one.get("text"), dict):
        return False
    texts = [one["text"].get("text"), other.get("text", {}).get("text")]
    return one.get("value") == other.get("value") and texts[0] == texts[1]


def lists(node: Any, key: str) -> list[Any]:
    """The list under `key`, empty where there is none."""
    found = node.get(key) if isinstance(node, dict) else None
    return found if isinstance(found, list) else []
