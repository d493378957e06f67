"""Lay a page out as Block Kit, within what one message may hold.

The answer and the last line always fit. Facts get up to 6,000 characters, the table what is left;
what does not fit is counted. Slack takes one table a message, so a second one becomes lines.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.domain.replies import Step
from bot.render import blocks
from bot.render.blocks import Block, mrkdwn
from bot.render.phrases import more
from bot.render.pieces import Spelled

FACTS = 6_000
"""Characters of all facts together."""
_NOTICE = 60
"""Kept free for saying that something was left out."""
_PARAGRAPHS = 40
FACT = blocks.SECTION - _NOTICE
"""Characters of one fact."""


class Fact(NamedTuple):
    """A line."""

    line: Spelled
    warning: bool = False


class Table(NamedTuple):
    """Rows of cells; `left_out` counts those beyond them."""

    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    left_out: int
    lines: list[str]
    """The rows as text."""
    whole: frozenset[int] = frozenset()
    """Columns that are not broken over lines."""


class Break(NamedTuple):
    """What follows is a paragraph of its own."""

    menu: tuple[Step, ...] = ()
    """What can be done about just that."""


Item = Fact | Table | Break

Part = str | Table | Break
"""A fact written out, the one table, or the end of a paragraph."""


def lay_out(
    answer: Spelled, body: Sequence[Item], foot: Sequence[Spelled]
) -> tuple[list[Block], dict[int, list[Step]]]:
    """The blocks of a message, and the menus of some of them."""
    head = answer.mrkdwn
    small = _small_print(foot)
    room = blocks.MOST_TEXT - len(head) - len(small)
    parts = list(_within(_parts(body), min(FACTS, room)))
    room -= sum(len(part) + 1 for part in parts if isinstance(part, str))
    made = [blocks.section(head)]
    menus: dict[int, list[Step]] = {}
    menu: tuple[Step, ...] = ()
    paragraph = ""
    for part in [*parts, Break()]:
        joined = f"{paragraph}\n{part}" if paragraph else part
        if isinstance(joined, str) and isinstance(part, str) and len(joined) <= blocks.SECTION:
            paragraph = joined
            continue
        if paragraph:
            if menu:
                menus[len(made)] = list(menu)
            made.append(blocks.section(paragraph))
            menu = ()
        paragraph = part if isinstance(part, str) else ""
        if isinstance(part, Table):
            made += _table(part, room)
        elif isinstance(part, Break):
            menu = part.menu
    return [*made, *([blocks.context(small)] if small else [])], menus


def _parts(body: Sequence[Item]) -> Iterator[Part]:
    tabled = False
    breaks = 0
    for item in body:
        match item:
            case Fact(line, warning):
                yield f"⚠️ {line.mrkdwn}" if warning else line.mrkdwn
            case Table() if tabled:
                yield from map(mrkdwn, item.lines)
                if item.left_out:
                    yield more(item.left_out)
            case Table():
                tabled = True
                yield item
            case Break() if breaks < _PARAGRAPHS:
                breaks += 1
                yield item


def _within(parts: Iterator[Part], room: int) -> Iterator[Part]:
    """As many facts as there is room for, and how many more there are."""
    left = 0
    for part in parts:
        if not isinstance(part, str):
            yield part
        elif left or len(part) + 1 > room - _NOTICE:
            left += 1
        else:
            room -= len(part) + 1
            yield part
    if left:
        yield more(left, "line")


def _table(table: Table, room: int) -> list[Block]:
    shown = [table.headings]
    room -= sum(map(len, table.headings)) + _NOTICE
    for row in table.rows[: blocks.ROWS - 1]:
        room -= sum(min(len(cell), blocks.CELL) or 1 for cell in row)
        if room < 0:
            break
        shown.append(row)
    left_out = table.left_out + len(table.rows) - len(shown) + 1
    made = [blocks.table(shown, table.whole)] if len(shown) > 1 else []
    return made + [blocks.context(more(left_out))] * bool(left_out)


def _small_print(foot: Sequence[Spelled]) -> str:
    text = ""
    for part in foot:
        if len(text) + len(part.mrkdwn) + 3 <= blocks.CONTEXT:
            text = f"{text} · {part.mrkdwn}" if text else part.mrkdwn
    return text
