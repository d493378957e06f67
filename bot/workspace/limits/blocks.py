"""The blocks, and on which surface each may stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.workspace.limits.elements import (
    ELEMENTS,
    IMAGE,
    IN_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    MODAL_INPUTS,
)
from bot.workspace.limits.objects import BLOCK_ID, SLACK_FILE, plain, text
from bot.workspace.limits.richtext import rich_text
from bot.workspace.limits.rules import (
    Faults,
    Rule,
    anything,
    boolean,
    choice,
    fault,
    items,
    number,
    one_of,
    picture,
    record,
    some_of,
    string,
    typed,
    url,
)
from bot.workspace.limits.tables import DATA_TABLE, DATA_VISUALIZATION, TABLE
from bot.workspace.nouns import Json

MARKDOWN_TEXT = 12_000


def block(
    kind: str, required: Mapping[str, Rule], optional: Mapping[str, Rule], *more: Rule
) -> Rule:
    """A rule for one block type; every one may have a block id."""
    return record({"type": choice(kind), **required}, {"block_id": BLOCK_ID, **optional}, *more)


def elements_of(allowed: frozenset[str]) -> Rule:
    """Any element of these types."""
    return typed(ELEMENTS, allowed)


def unique_actions(value: Json, at: str, faults: Faults) -> None:
    """An action id stands once in a block."""
    seen: set[str] = set()
    for index, one in enumerate(value.get("elements") or []):
        name = one.get("action_id") if isinstance(one, dict) else None
        if name in seen:
            fault(faults, f"{at}/elements/{index}/action_id", f"`action_id` {name} already exists")
        seen.add(str(name)) if name else None


CONTEXT_TEXT = text(3000)


def context_element(value: Any, at: str, faults: Faults) -> None:
    """An image or a text in a context block."""
    if isinstance(value, dict) and value.get("type") == "image":
        IMAGE(value, at, faults)
    else:
        CONTEXT_TEXT(value, at, faults)


CARD = block(
    "card",
    {},
    {
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "subtext": text(200),
        "icon": IMAGE,
        "slack_icon": anything,
        "hero_image": IMAGE,
        "actions": items(elements_of(frozenset({"button"})), 5),
    },
    some_of("title", "body", "hero_image", "actions"),
)

TASK = block(
    "task_card",
    {"task_id": string(255), "title": string(255)},
    {
        "status": choice("pending", "in_progress", "complete", "error"),
        "details": rich_text,
        "output": rich_text,
        "sources": items(anything, 100, 0),
    },
)

BLOCKS: dict[str, Rule] = {
    "section": block(
        "section",
        {},
        {
            "text": text(3000),
            "fields": items(text(2000), 10),
            "accessory": elements_of(IN_SECTION),
            "expand": boolean,
        },
        some_of("text", "fields"),
    ),
    "header": block("header", {"text": plain(150)}, {"level": number(1, 4)}),
    "divider": block("divider", {}, {}),
    "context": block("context", {"elements": items(context_element, 10)}, {}),
    "actions": block(
        "actions", {"elements": items(elements_of(IN_ACTIONS), 25)}, {}, unique_actions
    ),
    "context_actions": block(
        "context_actions",
        {"elements": items(elements_of(frozenset({"feedback_buttons", "icon_button"})), 5)},
        {},
        unique_actions,
    ),
    "image": block(
        "image",
        {"alt_text": string(2000)},
        {"image_url": picture, "slack_file": SLACK_FILE, "title": plain(2000)},
        one_of("image_url", "slack_file"),
    ),
    "input": block(
        "input",
        {"label": plain(2000), "element": elements_of(IN_INPUT)},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": rich_text,
    "markdown": block("markdown", {"text": string(MARKDOWN_TEXT)}, {}),
    "table": TABLE,
    "data_table": DATA_TABLE,
    "data_visualization": DATA_VISUALIZATION,
    "alert": block(
        "alert",
        {"text": text(3000)},
        {"level": choice("default", "info", "warning", "error", "success")},
    ),
    "card": CARD,
    "carousel": block("carousel", {"elements": items(typed({"card": CARD}), 10)}, {}),
    "task_card": TASK,
    "plan": block("plan", {"title": string(255)}, {"tasks": items(TASK, 50, 0)}),
    "file": block("file", {"external_id": string(255), "source": choice("remote")}, {}),
    "video": block(
        "video",
        {
            "alt_text": string(2000),
            "title": plain(199),
            "thumbnail_url": url,
            "video_url": url,
        },
        {
            "author_name": string(49),
            "description": plain(199),
            "provider_icon_url": url,
            "provider_name": string(100),
            "title_url": url,
        },
    ),
}
"""Block type -> rule; `container` is added below, as it holds blocks itself."""

IN_CONTAINER = frozenset(BLOCKS) - {"alert", "carousel", "card", "input", "file"}
BLOCKS["container"] = block(
    "container",
    {"child_blocks": items(typed(BLOCKS, IN_CONTAINER), 10)},
    {
        "title": plain(150),
        "rich_text_title": rich_text,
        "subtitle": plain(150),
        "width": choice("narrow", "standard", "wide", "full"),
        "icon": IMAGE,
        "is_collapsible": boolean,
        "default_collapsed": boolean,
        "has_header_divider": boolean,
    },
    some_of("title", "rich_text_title"),
)

ONLY_MODAL = frozenset({"alert"})
ONLY_MESSAGE = frozenset(
    {
        "table",
        "data_table",
        "data_visualization",
        "markdown",
        "card",
        "carousel",
        "task_card",
        "plan",
        "context_actions",
        "file",
        "container",
    }
)
SURFACES: dict[str, frozenset[str]] = {
    "message": frozenset(BLOCKS) - ONLY_MODAL,
    "modal": frozenset(BLOCKS) - ONLY_MESSAGE,
    "home": frozenset(BLOCKS) - ONLY_MESSAGE - ONLY_MODAL,
}
"""Surface -> the block types it takes."""
MOST = {"message": 50, "modal": 100, "home": 100}


def check_blocks(blocks: Any, surface: str, at: str, faults: Faults) -> None:
    """All blocks of a message or view."""
    items(typed(BLOCKS, SURFACES[surface]), MOST[surface], 0)(blocks, at, faults)
    if not isinstance(blocks, list):
        return
    seen: set[str] = set()
    focused = 0
    for index, one in enumerate(blocks):
        if not isinstance(one, dict):
            continue
        name = one.get("block_id")
        if name in seen:
            fault(faults, f"{at}/{index}/block_id", f"`block_id` {name} already exists")
        if isinstance(name, str):
            seen.add(name)
        field = one.get("element")
        if isinstance(field, dict):
            focused += field.get("focus_on_load") is True
            if field.get("type") in MODAL_INPUTS and surface != "modal":
                kind = field["type"]
                fault(faults, f"{at}/{index}/element/type", f"unsupported type: {kind}")
    if focused > 1:
        fault(faults, at, "only one element may have focus_on_load")
