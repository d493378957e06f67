"""Block Kit as plain dicts, within Slack's limits whatever the names in it are."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Any

from bot.domain.names import visible

Block = dict[str, Any]

MOST_BLOCKS = 50
MOST_TEXT = 10_000
"""Characters of all blocks together; Slack refuses somewhat more as `msg_blocks_too_long`."""
SECTION = 3_000
FIELDS, FIELD = 10, 2_000
HEADER = 150
CONTEXT = 1_500
ROWS, COLUMNS = 100, 20
CELL = 240
BUTTONS = 25

_APART = "\u200b"
"""Zero-width space: Slack sees no formatting across it, and our tokenizer drops it when pasted."""
_MARK = re.compile(r"`|[*_~](?:(?<![^\W_].)|(?![^\W_]))|:(?=[^\s:]+:)")
"""What formats at the edge of a word, and what opens an emoji."""
_QUOTE = re.compile(r"^(?=>)", re.MULTILINE)
_SPACE = re.compile(r"\s")
_CUT_ENTITY = re.compile(r"&[a-z]{0,3}$")


def tidy(text: str) -> str:
    """One line that shows as it reads: nothing invisible, no controls, no line ends."""
    if text.isprintable():
        return text  # as almost all is, and then none of it is in there
    text = _SPACE.sub(" ", visible(text))
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, an ellipsis where some are missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def clip_middle(text: str, limit: int) -> str:
    """At most `limit` characters; both ends of a name tell more than its middle."""
    if len(text) <= limit:
        return text
    head = (limit - 1) // 2 + (limit - 1) % 2
    return f"{text[:head]}…{text[len(text) - (limit - 1) // 2 :]}"


def escape(text: str) -> str:
    """The three characters that Slack wants as entities; no mention survives it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mrkdwn(text: str) -> str:
    """Text from outside for a mrkdwn object: it pings nobody, formats nothing, shows as it is."""
    if "`" in text or "*" in text or "_" in text or "~" in text or ":" in text:
        text = _MARK.sub(_apart, text)
    if ">" in text:
        text = _QUOTE.sub(_APART, text)
    return escape(text)


def _apart(mark: re.Match[str]) -> str:
    return mark[0] + _APART


def clip_mrkdwn(text: str, limit: int) -> str:
    """The same as `clip` for escaped text: no entity is cut in two."""
    return text if len(text) <= limit else _CUT_ENTITY.sub("", text[: limit - 1]) + "…"


def code(line: str) -> str:
    """A line to copy; in a code span unless a backtick in it would end that."""
    return mrkdwn(line) if "`" in line else f"`{escape(line)}`"


def prose(text: str) -> str:
    """A sentence of ours with names in backticks: those stay code spans where they pair up."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return mrkdwn(text)
    return "".join(
        f"`{escape(part)}`" if nth % 2 and part else mrkdwn(part) for nth, part in enumerate(parts)
    )


def said(text: str, limit: int = SECTION) -> Block:
    """A mrkdwn object, already escaped; hosts and channel names in it are not made links."""
    return {"type": "mrkdwn", "text": clip_mrkdwn(text, limit) or "–", "verbatim": True}


def plain(text: str, limit: int) -> Block:
    """A plain_text object."""
    return {"type": "plain_text", "text": clip(text, limit) or "–", "emoji": False}


def section(text: str) -> Block:
    """A paragraph of escaped mrkdwn."""
    return {"type": "section", "text": said(text)}


def fields(texts: Sequence[str]) -> Block:
    """Up to ten short escaped texts in two columns."""
    return {"type": "section", "fields": [said(text, FIELD) for text in texts[:FIELDS]]}


def header(text: str) -> Block:
    """A title, plain."""
    return {"type": "header", "text": plain(text, HEADER)}


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def context(text: str) -> Block:
    """The small print, escaped."""
    return {"type": "context", "elements": [said(text, CONTEXT)]}


def actions(elements: Sequence[Block]) -> Block:
    """Buttons and menus."""
    return {"type": "actions", "elements": list(elements[:BUTTONS])}


def table(rows: Sequence[Sequence[str]], whole: Collection[int] = ()) -> Block:
    """A table of plain cells, the first row its headings; Slack wants something in every cell.

    Args:
        rows: the headings first.
        whole: columns that are not broken over lines.
    """
    return {
        "type": "table",
        "rows": [[_cell(text) for text in row[:COLUMNS]] for row in rows[:ROWS]],
        "column_settings": [{"is_wrapped": n not in whole} for n in range(len(rows[0][:COLUMNS]))],
    }


def _cell(text: str) -> Block:
    return {"type": "raw_text", "text": clip(text, CELL).strip() or "–"}
