"""From a reply to what Slack is sent."""

from typing import Any

from bot.domain.replies import Reply, Visibility
from bot.slack.buttons import with_buttons

Message = dict[str, Any]
"""Arguments common to acknowledgements, response URLs and chat methods: text and blocks."""

BESIDE_BLOCKS = 4_000
ALONE = 39_000
"""Slack cuts a text at 40,000 characters, without a word."""


def escape(text: str) -> str:
    """The text with Slack's three entities, so that no name can mention anybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def message(reply: Reply) -> Message:
    """The reply's text, for notifications and screen readers, and its blocks."""
    made: Message = {
        "text": cut(escape(reply.text), BESIDE_BLOCKS if reply.blocks else ALONE),
    }
    if reply.blocks:
        made["blocks"] = with_buttons(reply.blocks, reply.steps, reply.menus, reply.command)
    return made


def response(reply: Reply) -> Message:
    """The same for an acknowledgement or a response URL, which also say who may see it."""
    return {"response_type": visibility(reply), **message(reply)}


def visibility(reply: Reply) -> str:
    """`ephemeral` or `in_channel`; Slack advises always to say which."""
    return "in_channel" if reply.visibility is Visibility.IN_CHANNEL else "ephemeral"


def notice(text: str) -> Message:
    """A modal that only says something."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "netmap"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": cut(text, 3_000)}}],
    }


def cut(text: str, longest: int) -> str:
    """The text, ending in an ellipsis where it is too long; never in half an entity."""
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    start = kept.rfind("&", longest - 6)
    return (kept[:start] if start >= 0 and ";" not in kept[start:] else kept) + "…"
