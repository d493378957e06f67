"""rich_text: sections, lists, quotes, preformatted text and what stands in them."""

from __future__ import annotations

from typing import Any

from bot.workspace.limits.objects import BLOCK_ID
from bot.workspace.limits.rules import (
    Faults,
    Rule,
    boolean,
    choice,
    items,
    number,
    record,
    string,
    typed,
    url,
)

STYLE = record(
    {},
    dict.fromkeys(
        (
            "bold",
            "italic",
            "strike",
            "code",
            "underline",
            "highlight",
            "client_highlight",
            "unlink",
        ),
        boolean,
    ),
)
MANY = 1000


def part(kind: str, required: dict[str, Rule], optional: dict[str, Rule] | None = None) -> Rule:
    """One inline element."""
    return record({"type": choice(kind), **required}, {"style": STYLE, **(optional or {})})


INLINE = typed(
    {
        "text": part("text", {"text": string(12_000)}),
        "link": part("link", {"url": url}, {"text": string(3000), "unsafe": boolean}),
        "emoji": part(
            "emoji", {"name": string(100)}, {"unicode": string(100), "skin_tone": number(1, 6)}
        ),
        "user": part("user", {"user_id": string(50)}),
        "usergroup": part("usergroup", {"usergroup_id": string(50)}),
        "channel": part("channel", {"channel_id": string(50)}),
        "team": part("team", {"team_id": string(50)}),
        "broadcast": part("broadcast", {"range": choice("here", "channel", "everyone")}),
        "color": part("color", {"value": string(7)}),
        "date": part(
            "date",
            {"timestamp": number(0), "format": string(300)},
            {"url": url, "fallback": string(300)},
        ),
    }
)

SECTION = record({"type": choice("rich_text_section"), "elements": items(INLINE, MANY, 0)}, {})

PARTS = typed(
    {
        "rich_text_section": SECTION,
        "rich_text_list": record(
            {
                "type": choice("rich_text_list"),
                "style": choice("bullet", "ordered"),
                "elements": items(typed({"rich_text_section": SECTION}), MANY),
            },
            {"indent": number(0, 8), "offset": number(0), "border": number(0, 1)},
        ),
        "rich_text_preformatted": record(
            {"type": choice("rich_text_preformatted"), "elements": items(INLINE, MANY)},
            {"border": number(0, 1), "language": string(50)},
        ),
        "rich_text_quote": record(
            {"type": choice("rich_text_quote"), "elements": items(INLINE, MANY)},
            {"border": number(0, 1)},
        ),
    }
)


def rich_text(value: Any, at: str, faults: Faults) -> None:
    """A rich_text block or table cell."""
    record({"type": choice("rich_text"), "elements": items(PARTS, MANY)}, {"block_id": BLOCK_ID})(
        value, at, faults
    )
