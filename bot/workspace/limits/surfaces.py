"""Whole messages, views and suggestions."""

from __future__ import annotations

import json
from typing import Any

from bot.workspace.limits.blocks import MARKDOWN_TEXT, check_blocks
from bot.workspace.limits.objects import GROUP, option, plain
from bot.workspace.limits.rules import (
    Faults,
    anything,
    boolean,
    choice,
    fault,
    items,
    one_of,
    record,
    string,
)
from bot.workspace.limits.tables import FAMILY, TABLE_TEXT, table_text
from bot.workspace.nouns import Json, SlackError

BLOCK_TEXT = 13_200
"""Characters of block text in one message; undocumented, seen as `msg_blocks_too_long`."""
UPDATE_TEXT = 4_000
VIEW_BYTES = 250_000
ATTACHMENTS = 100
METADATA_BYTES = 8_000


def check_message(args: Json) -> None:
    """Refuse a message that Slack would refuse.

    Raises:
        SlackError: `no_text`, `invalid_blocks`, `msg_blocks_too_long`, `invalid_attachments`,
            `markdown_text_conflict`, `invalid_metadata_format`.
    """
    blocks, attachments = args.get("blocks"), args.get("attachments")
    markdown = args.get("markdown_text")
    if markdown and (args.get("text") or blocks):
        raise SlackError("markdown_text_conflict")
    if markdown and len(str(markdown)) > MARKDOWN_TEXT:
        raise SlackError("msg_too_long")
    if not (args.get("text") or blocks or attachments or markdown):
        raise SlackError("no_text")
    if blocks:
        check_message_blocks(blocks)
    if attachments:
        check_attachments(attachments)
    if args.get("metadata"):
        check_metadata(args["metadata"])


def check_update(args: Json) -> None:
    """The same for an edit, whose text is shorter.

    Raises:
        SlackError: as `check_message`, and `msg_too_long`.
    """
    if len(str(args.get("text") or "")) > UPDATE_TEXT:
        raise SlackError("msg_too_long")
    check_message(args)


def check_message_blocks(blocks: Any) -> None:
    """The blocks of a message."""
    if not isinstance(blocks, list) or not all(isinstance(one, dict) for one in blocks):
        raise SlackError("invalid_blocks_format")
    faults: Faults = []
    check_blocks(blocks, "message", "/blocks", faults)
    family = [one for one in blocks if one.get("type") in FAMILY]
    if sum(table_text(one) for one in family) > TABLE_TEXT and len(family) > 1:
        fault(faults, "/blocks", f"must be less than {TABLE_TEXT + 1} characters in all tables")
    markdown = sum(len(str(one.get("text", ""))) for one in blocks if one.get("type") == "markdown")
    if markdown > MARKDOWN_TEXT:
        fault(faults, "/blocks", f"must be less than {MARKDOWN_TEXT + 1} characters of markdown")
    if faults:
        raise SlackError("invalid_blocks", faults)
    if len(family) > 1:
        raise SlackError("invalid_attachments", ["only_one_table_allowed"])
    plain_blocks = [one for one in blocks if one.get("type") not in (*FAMILY, "markdown")]
    if sum(map(shown_text, plain_blocks)) > BLOCK_TEXT:
        raise SlackError("msg_blocks_too_long")


def shown_text(node: Any) -> int:
    """Characters that a block puts on the screen."""
    if isinstance(node, list):
        return sum(map(shown_text, node))
    if not isinstance(node, dict):
        return 0
    own = node.get("text")
    inner = (value for key, value in node.items() if key != "confirm")
    return (len(own) if isinstance(own, str) else 0) + sum(map(shown_text, inner))


def check_attachments(attachments: Any) -> None:
    """Old-style attachments; their blocks keep the rules of messages."""
    if not isinstance(attachments, list) or len(attachments) > ATTACHMENTS:
        raise SlackError("invalid_attachments")
    for one in attachments:
        if not isinstance(one, dict):
            raise SlackError("invalid_attachments")
        if one.get("blocks"):
            check_message_blocks(one["blocks"])


def check_metadata(metadata: Any) -> None:
    """Message metadata: a type and a payload."""
    faults: Faults = []
    rule = record({"event_type": string(255), "event_payload": anything}, {"entities": anything})
    rule(metadata, "/metadata", faults)
    if not faults and not isinstance(metadata["event_payload"], dict):
        fault(faults, "/metadata/event_payload", "must be an object")
    if faults:
        raise SlackError("invalid_metadata_format", faults)
    if len(json.dumps(metadata)) > METADATA_BYTES:
        raise SlackError("metadata_too_large")


COMMON = {
    "blocks": anything,
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
MODAL = record(
    {"type": choice("modal"), "title": plain(24), "blocks": anything},
    {
        **COMMON,
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
HOME = record({"type": choice("home"), "blocks": anything}, COMMON)


def check_view(view: Any, kind: str | None = None) -> Json:
    """A sound view, parsed; `kind` is the type it must have.

    Raises:
        SlackError: `invalid_arguments`, `view_too_large`.
    """
    if isinstance(view, str):
        try:
            view = json.loads(view)
        except ValueError:
            raise SlackError("invalid_arguments", ["view is not JSON"]) from None
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", ["view must be an object"])
    kinds = {"modal": MODAL, "home": HOME}
    found = view.get("type")
    if found not in kinds or (kind is not None and found != kind):
        raise SlackError(
            "invalid_arguments", [f"unsupported type: {found} [json-pointer:/view/type]"]
        )
    faults: Faults = []
    kinds[found](view, "/view", faults)
    check_blocks(view.get("blocks", []), found, "/view/blocks", faults)
    if found == "modal" and view.get("submit") is None and has_input(view.get("blocks")):
        fault(faults, "/view", "missing required field: submit, as there is an input block")
    if faults:
        raise SlackError("invalid_arguments", faults)
    if len(json.dumps(view).encode()) > VIEW_BYTES:
        raise SlackError("view_too_large")
    made: Json = view
    return made


def has_input(blocks: Any) -> bool:
    """Whether an input block is among them."""
    there = blocks if isinstance(blocks, list) else []
    return any(isinstance(one, dict) and one.get("type") == "input" for one in there)


SUGGESTIONS = record(
    {},
    {"options": items(option(), 100, 0), "option_groups": items(GROUP, 100, 0)},
    one_of("options", "option_groups"),
)


def check_suggestions(answer: Json) -> Json:
    """The answer to a block_suggestion.

    Raises:
        SlackError: `invalid_options`; the person sees no result.
    """
    faults: Faults = []
    SUGGESTIONS(answer, "", faults)
    if faults:
        raise SlackError("invalid_options", faults)
    return answer
