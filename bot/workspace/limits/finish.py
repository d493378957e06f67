"""What Slack adds to blocks it accepts: missing ids, defaults of texts."""

from __future__ import annotations

import copy
from typing import Any

from bot.workspace.ids import token_of
from bot.workspace.nouns import Json

ACTING = (
    "button",
    "overflow",
    "checkboxes",
    "radio_buttons",
    "datepicker",
    "timepicker",
    "datetimepicker",
    "workflow_button",
    "icon_button",
    "feedback_buttons",
)


def finished(blocks: list[Json]) -> list[Json]:
    """A copy with every `block_id` and `action_id` filled in, and text defaults written out."""
    made = copy.deepcopy(blocks)
    for block in made:
        finish_block(block)
    return made


def finish_block(block: Json) -> None:
    """Fill in one block, and the blocks in it."""
    block.setdefault("block_id", token_of(5).lower())
    for inner in block.get("child_blocks", []):
        finish_block(inner)
    if block["type"] == "carousel":
        for inner in block["elements"]:
            finish_block(inner)
    walk({key: value for key, value in block.items() if key not in ("child_blocks",)})


def walk(node: Any) -> None:
    """Fill in elements and texts below `node`."""
    if isinstance(node, list):
        for item in node:
            walk(item)
    elif isinstance(node, dict):
        kind = str(node.get("type", ""))
        if kind in ACTING or kind.endswith(("_select", "_input")):
            node.setdefault("action_id", token_of(5).lower())
        if kind == "plain_text":
            node.setdefault("emoji", True)
        elif kind == "mrkdwn":
            node.setdefault("verbatim", False)
        for value in node.values():
            walk(value)
